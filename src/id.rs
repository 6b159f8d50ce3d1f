//! The numbers the ledger gives to what it keeps, as people read them: `C-000001`, `P-000001`.
//!
//! Six digits are a floor, not a limit: the millionth canary is `C-1000000`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::lang::{Pair, Speak};

/// Fewest digits an id is shown with.
const DIGITS_MIN: usize = 6;

/// A canary's number in the ledger, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanaryId(pub u64);

/// A planting's number in the ledger, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlantingId(pub u64);

/// Why a text is not an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IdError {
    #[error("`{text}` is not the id of a canary")]
    NotACanary { text: String },
    #[error("`{text}` is not the id of a planting")]
    NotAPlanting { text: String },
}

impl Speak for IdError {
    fn zh(&self) -> String {
        match self {
            IdError::NotACanary { text } => format!("`{text}` 不是蜜标编号"),
            IdError::NotAPlanting { text } => format!("`{text}` 不是投放编号"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            IdError::NotACanary { .. } => Pair::new("an id looks like `C-000001`", "编号形如 `C-000001`"),
            IdError::NotAPlanting { .. } => Pair::new("an id looks like `P-000001`", "编号形如 `P-000001`"),
        })
    }
}

impl fmt::Display for CanaryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C-{:0DIGITS_MIN$}", self.0)
    }
}

impl fmt::Display for PlantingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P-{:0DIGITS_MIN$}", self.0)
    }
}

impl FromStr for CanaryId {
    type Err = IdError;

    /// Reads `C-000001`; fewer or more zeros in front are the same id.
    fn from_str(text: &str) -> Result<CanaryId, IdError> {
        after(text, 'C').map(CanaryId).ok_or_else(|| IdError::NotACanary { text: shown(text) })
    }
}

impl FromStr for PlantingId {
    type Err = IdError;

    /// Reads `P-000001`; fewer or more zeros in front are the same id.
    fn from_str(text: &str) -> Result<PlantingId, IdError> {
        after(text, 'P').map(PlantingId).ok_or_else(|| IdError::NotAPlanting { text: shown(text) })
    }
}

impl Serialize for CanaryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for PlantingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads the number behind `letter` and a hyphen; 0 is nobody's.
fn after(text: &str, letter: char) -> Option<u64> {
    let (head, digits) = text.trim().split_once('-')?;
    let mut head = head.chars();
    let right_letter = head.next().is_some_and(|c| c.eq_ignore_ascii_case(&letter)) && head.next().is_none();
    if !right_letter || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|number| *number > 0)
}

/// Cuts a text for an error message.
fn shown(text: &str) -> String {
    text.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_shown() {
        for number in [1, 999_999, 1_000_000, u64::MAX] {
            assert_eq!(CanaryId(number).to_string().parse(), Ok(CanaryId(number)));
            assert_eq!(PlantingId(number).to_string().parse(), Ok(PlantingId(number)));
        }
        assert_eq!(CanaryId(1).to_string(), "C-000001");
        assert_eq!(PlantingId(1_234_567).to_string(), "P-1234567");
        assert_eq!("c-1".parse(), Ok(CanaryId(1)));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for bad in ["", "C", "C-", "C-0", "P-000001", "CC-1", "C-+1", "C--1", "C-1x", "C-99999999999999999999", "1"] {
            assert!(bad.parse::<CanaryId>().is_err(), "{bad}");
        }
        assert!("C-000001".parse::<PlantingId>().is_err());
    }

    #[test]
    fn json_holds_the_id_as_text() {
        assert_eq!(
            serde_json::to_string(&(CanaryId(7), PlantingId(8))).ok().as_deref(),
            Some(r#"["C-000007","P-000008"]"#)
        );
    }
}
