//! Journeys through the program, and the rules of the house.

mod answer_a_call;
mod bad_input;
mod bad_places;
mod carry_forward;
mod check_a_list;
mod docs;
mod faults;
mod holders_and_flows;
mod json_contract;
mod lists;
mod many_processes;
mod mint_for_a_system;
mod plan_the_numbers;
mod plant_a_list;
mod plant_a_workbook;
mod prove_it;
mod seal_the_ledger;
mod several_recipients;
mod stage;
mod strip_a_list;
mod the_ledger;
mod the_pool;
mod the_program;
mod tidy;
mod trace_worlds;
mod world;
