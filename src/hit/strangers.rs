//! A persona without its number, among strangers who share its name and its day: how likely one of them is taken for it.
//!
//! What a scan saw of all its lists is kept here, not what one file shows: a thousand innocent files hold a thousand times as many namesakes.
//! Nothing here takes a name for rare because it looks so: that it stands in a list at all says nothing, only that its own day stands beside it.

use std::fmt;

/// Share of a list that lives in one home or has another name of a person: as for callers, see [`super::Fact::commonness`].
const RARE_SHARE: f64 = 0.01;
/// Chance of as many personas as were found, above which they are strangers all: one innocent scan in a thousand may get past.
const SCAN_CHANCE_MAX: f64 = 0.001;
const MILLION: f64 = 1e6;

/// By what, beside its name, a persona was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    BirthDay,
    MotherDay,
    Home,
    /// The month, and the hospital, which a list mostly has in every row.
    Month,
}

/// What strangers share with a persona that was seen without its number, in all lists of one scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strangers {
    /// Rows in which one of its names stands, that in which it was seen included.
    pub namesakes: u64,
    pub told: Told,
    /// Other rows with a name of some canary that tell its day, or its month, and all that tell any.
    pub alike: (u64, u64),
    /// Facts beside the name and what is told that few share.
    pub rare_facts: u32,
    /// Personas that were seen so well, and how many of them strangers account for, in millionths.
    pub found: u64,
    pub due_millionths: u64,
}

impl Told {
    const ALL: [Told; 4] = [Told::BirthDay, Told::MotherDay, Told::Home, Told::Month];

    /// Gives the word that stands in the ledger.
    fn word(self) -> &'static str {
        match self {
            Told::BirthDay => "birth day",
            Told::MotherDay => "mother's day",
            Told::Home => "home",
            Told::Month => "month",
        }
    }

    /// Gives how many of them a list spreads over before anything is counted: it is of a month at least, mothers are of a dozen years and
    /// more, and who tells no day may tell any month.
    fn values(self) -> f64 {
        match self {
            Told::BirthDay => 30.0,
            Told::MotherDay => 365.0,
            Told::Home => 1.0 / RARE_SHARE,
            Told::Month => 12.0,
        }
    }

    /// Gives the share of a list's rows that tell the same, where so many of others do: Laplace's rule of succession, begun with one row for
    /// each value, or with one row in all for lists that are of fewer; whichever leaves more to chance.
    pub fn share(self, (alike, others): (u64, u64)) -> f64 {
        let (alike, others, values) = (alike as f64, others as f64, self.values());
        let evenly = (alike + 1.0) / (others + values);
        let at_once = (alike + 1.0 / values) / (others + 1.0);
        evenly.max(at_once).min(1.0)
    }
}

impl Strangers {
    /// Gives how many strangers are due that are taken for this very persona.
    pub fn due(&self) -> f64 {
        self.namesakes as f64 * self.told.share(self.alike) * RARE_SHARE.powi(self.rare_facts.min(4) as i32)
    }

    /// Gives the chance that a list has it without being a copy; certain unless all lists of the scan together hold more personas than strangers
    /// account for.
    pub fn chance(&self) -> f64 {
        let is_borne_out = self.told != Told::Month && self.is_beyond_chance();
        if is_borne_out { self.due().min(1.0) } else { 1.0 }
    }

    /// Tells whether so many personas are more than chance gives.
    pub fn is_beyond_chance(&self) -> bool {
        chance_of(self.found, self.due_millionths as f64 / MILLION) <= SCAN_CHANCE_MAX
    }
}

/// Gives how many of the strangers that share a name and what is told share a rare fact too, of so many kinds that are known of a persona.
pub fn rare_share(kinds: u32) -> f64 {
    (RARE_SHARE * f64::from(kinds)).min(1.0)
}

/// Gives a bound on the chance that as many are seen where so many are due: Chernoff's for the Poisson distribution (Mitzenmacher and Upfal,
/// Probability and Computing, 5.4).
pub fn chance_of(found: u64, due: f64) -> f64 {
    let found = found as f64;
    if found <= due {
        return 1.0;
    }
    let due = due.max(f64::MIN_POSITIVE);
    (found - due + found * (due / found).ln()).exp().min(1.0)
}

impl fmt::Display for Strangers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Strangers { namesakes, told, alike: (alike, others), rare_facts, found, due_millionths } = self;
        let told = told.word();
        write!(
            f,
            "{namesakes} namesakes; by {told} as {alike} of {others}; {rare_facts} rare; {found} found, {due_millionths} in a million due"
        )
    }
}

impl Strangers {
    /// Reads what [`fmt::Display`] wrote.
    pub(super) fn read(text: &str) -> Option<Strangers> {
        let mut parts = text.split("; ");
        let namesakes = parts.next()?.strip_suffix(" namesakes")?.parse().ok()?;
        let (word, alike) = parts.next()?.strip_prefix("by ")?.split_once(" as ")?;
        let told = Told::ALL.into_iter().find(|told| told.word() == word)?;
        let (alike, others) = alike.split_once(" of ")?;
        let alike = (alike.parse().ok()?, others.parse().ok()?);
        let rare_facts = parts.next()?.strip_suffix(" rare")?.parse().ok()?;
        let (found, due) = parts.next()?.split_once(" found, ")?;
        let due_millionths = due.strip_suffix(" in a million due")?.parse().ok()?;
        let found = found.parse().ok()?;
        parts.next().is_none().then_some(Strangers { namesakes, told, alike, rare_facts, found, due_millionths })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Strangers = Strangers {
        namesakes: 1,
        told: Told::BirthDay,
        alike: (0, 11),
        rare_facts: 0,
        found: 12,
        due_millionths: 350_000,
    };

    #[test]
    fn what_is_kept_comes_back() {
        for told in Told::ALL {
            let one = Strangers { told, ..ONE };
            assert_eq!(Strangers::read(&one.to_string()), Some(one));
        }
        assert_eq!(Strangers::read("2 namesakes"), None);
        assert_eq!(Strangers::read(&format!("{ONE}; more")), None);
    }

    #[test]
    fn a_name_that_stands_in_hundreds_of_rows_is_nobody() {
        assert_eq!(Strangers { namesakes: 521, alike: (12, 400), ..ONE }.chance(), 1.0);
        assert!(ONE.chance() < 0.05);
    }

    #[test]
    fn as_many_as_are_due_say_nothing_and_a_month_never_does() {
        assert_eq!(Strangers { found: 4, due_millionths: 2_000_000, ..ONE }.chance(), 1.0);
        assert_eq!(Strangers { found: 1, due_millionths: 33_000, ..ONE }.chance(), 1.0);
        assert_eq!(Strangers { told: Told::Month, ..ONE }.chance(), 1.0);
    }

    #[test]
    fn a_list_of_one_day_leaves_nothing_to_its_day() {
        assert!(Told::BirthDay.share((7, 7)) > 0.85);
        assert!((Told::BirthDay.share((0, 0)) - 1.0 / 30.0).abs() < 1e-9);
        assert!(Told::BirthDay.share((1, 39)) < 0.04);
    }

    #[test]
    fn the_bound_is_never_below_the_chance() {
        for (found, due) in [(1_u64, 0.01_f64), (3, 0.1), (4, 0.4), (12, 2.0), (40, 9.5)] {
            let mut term = (-due).exp();
            let mut below = 0.0;
            for count in 0..found {
                below += term;
                term *= due / (count + 1) as f64;
            }
            assert!(chance_of(found, due) >= 1.0 - below, "{found} {due}");
        }
        assert_eq!(chance_of(2, 3.0), 1.0);
    }
}
