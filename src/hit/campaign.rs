//! Campaigns: contacts that look like one caller's work.
//!
//! A caller's number is a lead, never proof: it can be forged, so it groups contacts and does not
//! weigh. The numbering follows the first contact of each group, so it is stable only when all
//! contacts of the ledger are grouped together, not a selection.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::contact::{Caller, Contact};
use super::speech::fold;
use crate::lang::{Pair, Speak};
use crate::phone::Number;

/// Fewest digits a campaign is shown with.
const DIGITS_MIN: usize = 4;

/// A campaign's number, counted from 1 in the order of first contacts; shown as `K-0001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CampaignId(pub u64);

/// Why a text is not the id of a campaign.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not the id of a campaign")]
pub struct NotACampaign {
    text: String,
}

impl Speak for NotACampaign {
    fn zh(&self) -> String {
        format!("`{}` 不是批次编号", self.text)
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new("an id looks like `K-0001`; see `hit list`", "编号形如 `K-0001`，见 `hit list`"))
    }
}

impl fmt::Display for CampaignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "K-{:0DIGITS_MIN$}", self.0)
    }
}

impl FromStr for CampaignId {
    type Err = NotACampaign;

    fn from_str(text: &str) -> Result<CampaignId, NotACampaign> {
        let refused = || NotACampaign { text: text.chars().take(32).collect() };
        let digits = text.trim().strip_prefix(['K', 'k']).and_then(|rest| rest.strip_prefix('-'));
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())).ok_or_else(refused)?;
        let number = digits.parse().map_err(|_| refused())?;
        if number == 0 { Err(refused()) } else { Ok(CampaignId(number)) }
    }
}

impl Serialize for CampaignId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the contacts of one campaign have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    SameCaller(Caller),
    SameWords(String),
    SilentTo(Number),
}

impl Bond {
    fn of(contact: &Contact) -> Bond {
        if let Some(caller) = &contact.from {
            return Bond::SameCaller(caller.clone());
        }
        match contact.said.as_deref().map(fold).filter(|words| !words.is_empty()) {
            Some(words) => Bond::SameWords(words),
            None => Bond::SilentTo(contact.to.clone()),
        }
    }
}

/// Gives each contact its campaign; the contacts come in the order in which they were put on record.
///
/// Contacts of one caller belong together; withheld ones by the same words; withheld and silent ones
/// by the number they reached. Numbered in the order of that record, so that an id once told stays what it is
/// whatever is put on record later.
pub fn campaigns<'c>(contacts: impl IntoIterator<Item = &'c Contact>) -> Vec<CampaignId> {
    let mut numbered: BTreeMap<Bond, CampaignId> = BTreeMap::new();
    let mut number = |contact: &Contact| {
        let next = CampaignId(numbered.len() as u64 + 1);
        *numbered.entry(Bond::of(contact)).or_insert(next)
    };
    contacts.into_iter().map(&mut number).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::super::contact::ContactKind;
    use super::*;
    use crate::phone::Region;

    fn contact(from: &str, day: u32, to: &str, said: Option<&str>) -> Contact {
        Contact {
            to: Number::parse(to, Region::default()).expect("a test number"),
            from: Caller::read(from, Region::default()),
            at: Utc.with_ymd_and_hms(2026, 11, day, 2, 0, 0).single().expect("a test day"),
            kind: ContactKind::Call,
            seconds: None,
            said: said.map(str::to_string),
        }
    }

    #[test]
    fn campaigns_are_numbered_as_they_come_on_record() {
        let contacts = [
            contact("8002", 9, "13800138000", None),
            contact("8001", 5, "13800138000", None),
            contact("8002", 3, "13900139000", None),
            contact("", 4, "13800138000", Some("胎毛笔 要吗")),
            contact("", 8, "13900139000", Some("胎毛笔要吗")),
            contact("", 8, "13900139000", None),
        ];
        let ids: Vec<u64> = campaigns(&contacts).iter().map(|id| id.0).collect();
        assert_eq!(ids, [1, 2, 1, 3, 3, 4]);
    }

    #[test]
    fn an_id_reads_back_as_it_was_shown() {
        assert_eq!(CampaignId(12).to_string(), "K-0012");
        assert_eq!("k-12".parse(), Ok(CampaignId(12)));
        for bad in ["", "K-", "K-0", "C-0001", "K-x", "K--1"] {
            assert!(bad.parse::<CampaignId>().is_err(), "{bad}");
        }
    }
}
