//! Journeys through the program, and the rules of the house.

mod docs;
mod faults;
mod stage;
mod tidy;
