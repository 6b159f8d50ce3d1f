//! Campaigns: contacts that look like one caller's work.
//!
//! A caller's number is a lead, never proof: it can be forged, so it groups contacts and does not
//! weigh. The numbering follows the first contact of each group, so it holds only when all
//! contacts of the ledger are grouped together, not a selection.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use foldhash::fast::RandomState;
use serde::{Serialize, Serializer};

use super::contact::{Contact, ContactKind};
use super::roster::Roster;
use super::speech::{fold, is_han};
use crate::lang::{Pair, Speak};
use crate::phone::Number;

/// Longest silence within one campaign: numbers of callers are given to others after half a year.
const APART: TimeDelta = TimeDelta::days(180);
/// Shortest script by which different callers are taken for one campaign, in characters.
const SCRIPT_CHARS_MIN: usize = 16;
/// Characters of a name before its title.
const NAME_CHARS: usize = 3;
/// Fewest digits a campaign is shown with.
const DIGITS_MIN: usize = 4;

/// A campaign's number, that of its first contact on record; shown as `K-0001`.
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

/// Contacts that may belong together.
struct Groups {
    above: Vec<usize>,
}

impl Groups {
    fn root(&mut self, mut at: usize) -> usize {
        while self.above[at] != at {
            self.above[at] = self.above[self.above[at]];
            at = self.above[at];
        }
        at
    }

    /// Joins two contacts' groups; the earlier on record names it.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (first, last) = (one.min(other), one.max(other));
        self.above[last] = first;
    }
}

/// Gives the places of contacts in the order of time; those at one time stay in order.
pub fn in_order(contacts: &[Contact]) -> Vec<usize> {
    let mut order: Vec<(i64, u32, usize)> =
        contacts.iter().map(|contact| (contact.at.timestamp(), contact.at.timestamp_subsec_nanos(), 0)).collect();
    order.iter_mut().enumerate().for_each(|(place, key)| key.2 = place);
    order.sort_unstable();
    order.into_iter().map(|(_, _, place)| place).collect()
}

/// Gives each contact its campaign; the contacts come in the order in which they were put on record, and `by_time` has
/// their places [`in_order`] of time.
///
/// Contacts of one caller, or canaries of one seized list, belong together, and those of any callers with the same script, unless [`APART`] lies
/// between two of them; withheld and silent ones by the number they reached. A campaign
/// bears the number of its first contact on record; one that a later contact joins to an earlier one goes on under the
/// earlier number.
pub fn campaigns(contacts: &[Contact], roster: &Roster, by_time: &[usize]) -> Vec<CampaignId> {
    let mut groups = Groups { above: (0..contacts.len()).collect() };
    let mut scripts = Scripts::default();
    let mut by_caller: Vec<Option<usize>> = vec![None; roster.callers()];
    let (mut by_words, mut by_number): (Vec<Option<usize>>, HashMap<&Number, usize, RandomState>) = Default::default();
    for at in by_time.iter().copied() {
        let contact = &contacts[at];
        let mut bind = |before: Option<usize>| {
            if let Some(before) = before.filter(|before| contact.at - contacts[*before].at <= APART) {
                groups.join(before, at);
            }
        };
        // What is kept of a list is how it was found, and the same of many lists.
        let said = contact.said.as_deref().filter(|_| contact.kind != ContactKind::List);
        let words = said.and_then(|said| scripts.of(said));
        by_words.resize(scripts.by_words.len(), None);
        match (roster.caller(at), words) {
            (Some(caller), words) => {
                bind(by_caller[caller as usize].replace(at));
                if let Some(words) = words.filter(|words| words.long) {
                    bind(by_words[words.place].replace(at));
                }
            }
            (None, Some(words)) => bind(by_words[words.place].replace(at)),
            (None, None) => bind(by_number.insert(&contact.to, at)),
        }
    }
    (0..contacts.len()).map(|at| CampaignId(groups.root(at) as u64 + 1)).collect()
}

/// Scripts by number; each text is read once.
#[derive(Default)]
struct Scripts<'c> {
    by_text: HashMap<&'c str, Option<Words>, RandomState>,
    by_words: HashMap<String, usize, RandomState>,
}

#[derive(Clone, Copy)]
struct Words {
    place: usize,
    /// Whether these words alone make a campaign of different callers.
    long: bool,
}

impl<'c> Scripts<'c> {
    fn of(&mut self, said: &'c str) -> Option<Words> {
        if let Some(known) = self.by_text.get(said) {
            return *known;
        }
        let words = Some(script(said)).filter(|words| !words.is_empty()).map(|words| {
            let long = words.chars().count() >= SCRIPT_CHARS_MIN;
            let next = self.by_words.len();
            Words { place: *self.by_words.entry(words).or_insert(next), long }
        });
        self.by_text.insert(said, words);
        words
    }
}

/// Gives what was said without digits and without the name before a title: what a script says to everybody.
pub fn script(said: &str) -> String {
    let mut words: String = fold(said).chars().filter(|c| !c.is_numeric() && !c.is_whitespace()).collect();
    for title in ["女士", "小姐", "妈妈", "太太"] {
        while let Some(at) = words.find(title) {
            let name: usize =
                words[..at].chars().rev().take_while(|c| is_han(*c)).take(NAME_CHARS).map(char::len_utf8).sum();
            words.replace_range(at - name..at + title.len(), "\u{1}");
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::super::contact::Caller;
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

    fn numbers(contacts: &[Contact]) -> Vec<u64> {
        campaigns(contacts, &Roster::of(contacts), &in_order(contacts)).iter().map(|id| id.0).collect()
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
        assert_eq!(numbers(&contacts), [1, 2, 1, 4, 4, 6]);
    }

    #[test]
    fn one_script_is_one_campaign_whoever_calls_and_half_a_year_later_is_another() {
        let script = |name: &str| format!("{name}女士您好，我们摄影馆有新生儿满月照活动送您一套");
        let (wang, li) = (script("王"), script("李"));
        let mut late = contact("8001", 5, "13800138000", None);
        late.at += TimeDelta::days(200);
        let contacts = [
            contact("8001", 5, "13800138000", Some(&wang)),
            contact("8002", 6, "13900139000", Some(&li)),
            contact("8003", 6, "13900139000", Some("您好")),
            contact("8004", 6, "13800138000", Some("您好")),
            late,
        ];
        assert_eq!(numbers(&contacts), [1, 1, 3, 4, 5]);
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
