//! A canary that stood in a seized list: how it was found there, and how likely it would stand there by chance.
//!
//! The ledger keeps this as the words of a contact of the kind `list`. They are facts and no verdict, so that a better rule
//! can weigh an old list again. Numbers come and go: an old list of half a country holds the earlier owners of ours.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::hear::{Fact, Heard, Level};
use super::strangers::Strangers;
use crate::lang::{Pair, Speak};

/// Mobile lines in service in the country: 1.79 thousand million (MIIT, end of 2024).
const LINES: f64 = 1.8e9;
/// Numbers that one slip (a digit lost, swapped or misread) makes of one.
const SLIPS: f64 = 100.0;
/// Hidden digits beyond which a mask fits everybody.
const MASK_MAX: u32 = 11;
/// Chance at which a canary in a list says no more than that the trade's lists are about, and nothing.
const CONTENT_MAX: f64 = 0.001;
const TOPIC_MAX: f64 = 0.5;

/// By what a canary was found in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trail {
    Number,
    MaskedNumber,
    DamagedNumber,
    Persona,
}

/// How much of a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// Some part could not be read: what was not seen may stand there.
    InPart,
}

/// What the ledger keeps behind all else of a list that was read in part.
const IN_PART: &str = "read in part";

/// How a canary stood in a list of so many rows; `hidden` counts digits of its number that were masked, `facts` is what else
/// of its person stood beside it, as far as that was looked for, `controls` counts those found in the list and those there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub trail: Trail,
    pub row: u64,
    pub rows: u64,
    pub hidden: u32,
    pub facts: Vec<Fact>,
    pub controls: (u64, u64),
    /// For a persona what strangers share with it; none on records that were kept without.
    pub strangers: Option<Strangers>,
    pub extent: Extent,
}

/// Why a text does not say how a canary stood in a list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("what is kept of a canary in a list cannot be read")]
pub struct NotListed;

impl Speak for NotListed {
    fn zh(&self) -> String {
        "台账中关于名单中蜜标的记录无法读取".to_string()
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new("check the ledger with `canaries verify`", "请用 `canaries verify` 校验台账"))
    }
}

impl Trail {
    const ALL: [Trail; 4] = [Trail::Number, Trail::MaskedNumber, Trail::DamagedNumber, Trail::Persona];

    /// Gives the word that stands in the ledger and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Trail::Number => "number",
            Trail::MaskedNumber => "masked-number",
            Trail::DamagedNumber => "damaged-number",
            Trail::Persona => "persona",
        }
    }
}

impl Listed {
    /// Gives the chance that a list of this length has it without being a copy of a seeded one.
    ///
    /// Controls were given to nobody, so the share of them that stands in the list is the share of our numbers that gets
    /// into it by chance, whatever the reason: numbers in a row, an old owner, the pool itself.
    pub fn chance(&self) -> f64 {
        let chance = match (self.trail, &self.strangers) {
            (Trail::Number | Trail::MaskedNumber, _) => {
                self.by_number(10_f64.powi(self.hidden.min(MASK_MAX) as i32) / LINES)
            }
            (Trail::DamagedNumber, _) => self.by_number(SLIPS / LINES),
            (Trail::Persona, Some(strangers)) => strangers.chance(),
            (Trail::Persona, None) => 1.0,
        };
        let by_controls = match self.controls {
            (0, _) => 0.0,
            (found, all) => found as f64 / (all as f64 + 1.0),
        };
        chance.max(by_controls).min(1.0)
    }

    /// Gives the chance that some row has a number that this share of the country's lines fits, and these facts beside it.
    fn by_number(&self, share: f64) -> f64 {
        // Who knows the day knows the month.
        let is_told_twice = |fact: &Fact| *fact == Fact::BirthMonth && self.facts.contains(&Fact::BirthDate);
        let guess: f64 = self.facts.iter().filter(|fact| !is_told_twice(fact)).map(|fact| fact.commonness()).product();
        self.rows.max(1) as f64 * share.min(1.0) * guess
    }

    /// Makes of it what a caller's words would have been.
    pub fn heard(&self) -> Heard {
        let chance = self.chance();
        // Personas that are borne out are so together: each by itself may well be a stranger.
        let is_borne_out = self.trail == Trail::Persona && chance <= TOPIC_MAX && self.controls.0 == 0;
        let level = match chance {
            _ if chance <= CONTENT_MAX || is_borne_out => Level::Content,
            _ if chance <= TOPIC_MAX => Level::Topic,
            _ => Level::Ring,
        };
        Heard { level, facts: self.facts.clone(), chance }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Listed { trail, row, rows, hidden, facts, controls: (found, all), strangers, extent } = self;
        let facts: Vec<&str> = facts.iter().map(|fact| fact.word()).collect();
        let facts = if facts.is_empty() { "nothing".to_string() } else { facts.join(" ") };
        write!(
            f,
            "{}; row {row} of {rows}; {hidden} hidden; beside it {facts}; {found} of {all} controls",
            trail.word()
        )?;
        strangers.iter().try_for_each(|strangers| write!(f, "; {strangers}"))?;
        match extent {
            Extent::Whole => Ok(()),
            Extent::InPart => write!(f, "; {IN_PART}"),
        }
    }
}

impl FromStr for Listed {
    type Err = NotListed;

    fn from_str(text: &str) -> Result<Listed, NotListed> {
        let (text, extent) = match text.strip_suffix(IN_PART).and_then(|text| text.strip_suffix("; ")) {
            Some(text) => (text, Extent::InPart),
            None => (text, Extent::Whole),
        };
        let mut parts = text.splitn(6, "; ");
        let mut part = |before: &str, behind: &str| {
            let part = parts.next().and_then(|part| part.strip_prefix(before)?.strip_suffix(behind));
            part.ok_or(NotListed)
        };
        let count = |text: &str| text.parse::<u64>().map_err(|_| NotListed);
        let pair = |text: &str| {
            let (one, all) = text.split_once(" of ").ok_or(NotListed)?;
            Ok((count(one)?, count(all)?))
        };
        let word = part("", "")?;
        let trail = Trail::ALL.into_iter().find(|trail| trail.word() == word).ok_or(NotListed)?;
        let (row, rows) = pair(part("row ", "")?)?;
        let hidden = part("", " hidden")?.parse().map_err(|_| NotListed)?;
        let facts = match part("beside it ", "")? {
            "nothing" => Vec::new(),
            words => words.split(' ').map(|word| Fact::of_word(word).ok_or(NotListed)).collect::<Result<_, _>>()?,
        };
        let controls = pair(part("", " controls")?)?;
        let strangers = parts.next().map(|kept| Strangers::read(kept).ok_or(NotListed)).transpose()?;
        Ok(Listed { trail, row, rows, hidden, facts, controls, strangers, extent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(rows: u64) -> Listed {
        let (facts, controls, extent) = (Vec::new(), (0, 4), Extent::Whole);
        Listed { trail: Trail::Number, row: 18, rows, hidden: 0, facts, controls, strangers: None, extent }
    }

    #[test]
    fn what_the_ledger_keeps_comes_back() {
        for trail in Trail::ALL {
            let bare = Listed { trail, hidden: 4, ..listed(230) };
            let told = Listed { facts: vec![Fact::MotherName, Fact::BirthDate], ..bare.clone() };
            let strangers = "1 namesakes; by home as 0 of 3; 0 rare; 2 found, 10 in a million due";
            let among = Listed { strangers: Strangers::read(strangers), ..told.clone() };
            assert!(among.strangers.is_some());
            let in_part = Listed { extent: Extent::InPart, ..told.clone() };
            let both = Listed { extent: Extent::InPart, ..among.clone() };
            for one in [bare, told, among, in_part, both] {
                assert_eq!(one.to_string().parse(), Ok(one));
            }
        }
        for text in ["", "number", "fax; row 1 of 2; 0 hidden; beside it nothing; 0 of 0 controls"] {
            assert_eq!(text.parse::<Listed>(), Err(NotListed), "{text}");
        }
    }

    #[test]
    fn a_number_in_a_short_list_is_no_chance_and_in_half_a_country_it_is() {
        assert!(listed(230).chance() < 1e-6 && listed(230).heard().level == Level::Content);
        assert!(listed(400_000_000).chance() > 0.2 && listed(400_000_000).heard().level == Level::Topic);
        assert_eq!(listed(u64::MAX).chance(), 1.0);
    }

    #[test]
    fn a_month_says_nothing_beside_its_day() {
        let told = |facts: &[Fact]| {
            Listed { trail: Trail::MaskedNumber, hidden: 4, facts: facts.to_vec(), ..listed(230) }.chance()
        };
        let day = [Fact::MotherName, Fact::BirthDate];
        assert_eq!(told(&[day[0], day[1], Fact::BirthMonth]), told(&day));
        assert!(told(&[day[0], Fact::BirthMonth]) < told(&day[..1]));
    }

    #[test]
    fn a_control_in_the_list_takes_the_weight_of_all_that_is_in_it() {
        let one = Listed { controls: (1, 4), ..listed(230) };
        assert!((one.chance() - 0.2).abs() < 1e-9);
    }

    #[test]
    fn a_persona_of_which_nothing_was_counted_says_nothing() {
        let old = Listed { trail: Trail::Persona, facts: vec![Fact::MotherName, Fact::BirthDate], ..listed(230) };
        assert_eq!((old.chance(), old.heard().level), (1.0, Level::Ring));
    }

    #[test]
    fn a_mask_that_fits_many_says_little_and_a_name_beside_it_much() {
        let masked = Listed { trail: Trail::MaskedNumber, hidden: 4, ..listed(20_000) };
        assert!(masked.chance() > CONTENT_MAX, "{}", masked.chance());
        let named = Listed { facts: vec![Fact::MotherName], ..masked };
        assert!(named.chance() < 1e-4, "{}", named.chance());
    }
}
