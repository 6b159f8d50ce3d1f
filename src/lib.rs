//! Canary records for newborn registries: plant them, and name the copy that leaked.
//!
//! The modules stand in the order of the story: a number gets a persona, the two are planted into a
//! list, the ledger remembers it, a hit comes in, and trace says whose copy it was. A module uses
//! only what stands above it; `tests/it/tidy.rs` keeps that order.

pub mod lang;

pub mod id;

pub mod phone;

pub mod holder;

pub mod persona;

pub mod list;

pub mod plant;

pub mod ledger;

pub mod hit;

pub mod scan;

pub mod trace;

pub mod plan;

pub mod report;

pub mod store;

pub mod deed;

pub mod cli;
