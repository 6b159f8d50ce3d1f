//! The pool: all numbers, each in one state at a time.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::id::PlantingId;
use crate::lang::{Pair, Speak};

/// What a number of the pool is being used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits until its earlier owner is forgotten.
    Quarantined {
        until: DateTime<Utc>,
    },
    Free,
    Planted {
        planting: PlantingId,
    },
    /// Is never planted; measures background calls.
    Control,
    /// Stands in no list, only in the ledger: whoever calls it has read that.
    Trap,
    Retired,
}

/// A state without its facts, to choose by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateName {
    Quarantined,
    Free,
    Planted,
    Control,
    Trap,
    Retired,
}

/// Says that a word names no state.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{word}` is not a state of a number")]
pub struct NoSuchState {
    word: String,
}

impl Speak for NoSuchState {
    fn zh(&self) -> String {
        format!("`{}` 不是号码的状态", self.word)
    }

    fn hint(&self) -> Option<Pair> {
        let words = StateName::ALL.map(StateName::word).join(", ");
        Some(Pair::new(format!("states are {words}"), format!("状态有 {words}")))
    }
}

impl State {
    /// Names the state.
    pub fn name(&self) -> StateName {
        match self {
            State::Quarantined { .. } => StateName::Quarantined,
            State::Free => StateName::Free,
            State::Planted { .. } => StateName::Planted,
            State::Control => StateName::Control,
            State::Trap => StateName::Trap,
            State::Retired => StateName::Retired,
        }
    }
}

impl StateName {
    /// All states, in the order of a number's life.
    pub const ALL: [StateName; 6] = [
        StateName::Quarantined,
        StateName::Free,
        StateName::Planted,
        StateName::Control,
        StateName::Trap,
        StateName::Retired,
    ];

    /// Gives the word used on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            StateName::Quarantined => "quarantined",
            StateName::Free => "free",
            StateName::Planted => "planted",
            StateName::Control => "control",
            StateName::Trap => "trap",
            StateName::Retired => "retired",
        }
    }
}

impl FromStr for StateName {
    type Err = NoSuchState;

    fn from_str(word: &str) -> Result<StateName, NoSuchState> {
        StateName::ALL.into_iter().find(|name| name.word() == word).ok_or(NoSuchState { word: word.to_string() })
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
