//! Settles which column has which meaning, from headings, contents and a map file.

use super::column_map::ColumnMap;
use super::contents::Contents;
use super::heading::{self, Claim, Strength};
use super::layout::seen;
use super::layout_error::{LayoutError, Seen};
use super::look::Look;
use super::meaning::Meaning;

/// A column of birth dates this much older than the newest dates is of mothers, not of babies: 12 years.
const GENERATION_DAYS: i64 = 12 * 365;

/// Birth dates that spread over more than this are of grown-ups: 8 years.
const COHORT_DAYS: i64 = 8 * 365;

struct Columns<'a> {
    names: &'a [String],
    contents: &'a [Contents],
    claims: Vec<Option<Claim>>,
    mapped: Vec<bool>,
}

/// Gives each column its meaning.
///
/// `names` are empty texts in a list without headings.
pub fn meanings(names: &[String], contents: &[Contents], map: &ColumnMap) -> Result<Vec<Meaning>, LayoutError> {
    let headless = names.iter().all(String::is_empty);
    let claims = names.iter().zip(contents).map(|(name, contents)| {
        if headless { guessed(contents) } else { heading::claim(name).or_else(|| telling(contents)) }
    });
    let mut columns = Columns { names, contents, claims: claims.collect(), mapped: vec![false; names.len()] };
    for (at, meaning) in map.resolve(names)? {
        columns.claims[at] = Some(Claim { meaning, strength: Strength::Sure });
        columns.mapped[at] = true;
    }
    columns.overrule()?;
    columns.part_dates();
    columns.part_names();
    columns.part_phones();
    columns.part_rest()?;
    columns.checked()
}

fn guessed(contents: &Contents) -> Option<Claim> {
    contents.guess().map(|(meaning, strength)| Claim { meaning, strength })
}

/// Takes from the contents of a column with an unknown heading only what cannot be anything else.
fn telling(contents: &Contents) -> Option<Claim> {
    guessed(contents).filter(|claim| matches!(claim.meaning, Meaning::Phone | Meaning::IdNumber | Meaning::Serial))
}

/// Meanings that a canary depends on: a heading that is wrong about one is an error.
fn must_fit(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Phone
            | Meaning::BirthDate
            | Meaning::MotherBirthDate
            | Meaning::DischargeDate
            | Meaning::MotherName
            | Meaning::Name
    )
}

/// Meanings whose cells are days.
fn is_dates(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::BirthDate | Meaning::MotherBirthDate | Meaning::DischargeDate)
}

/// Meanings of which the first column simply wins.
fn first_wins(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::RecordId
            | Meaning::Serial
            | Meaning::Ward
            | Meaning::District
            | Meaning::BirthTime
            | Meaning::Parity
            | Meaning::Area
            | Meaning::HukouType
            | Meaning::IdNumber
    )
}

impl Columns<'_> {
    fn meaning(&self, at: usize) -> Meaning {
        self.claims[at].map_or(Meaning::Other, |claim| claim.meaning)
    }

    fn all(&self, meaning: Meaning) -> Vec<usize> {
        (0..self.claims.len()).filter(|at| self.meaning(*at) == meaning).collect()
    }

    fn set(&mut self, at: usize, meaning: Meaning) {
        if !self.mapped[at] {
            self.claims[at] = Some(Claim { meaning, strength: Strength::Usual });
        }
    }

    fn error_columns(&self) -> Vec<Seen> {
        let meanings: Vec<Meaning> = (0..self.claims.len()).map(|at| self.meaning(at)).collect();
        seen(self.names, &meanings)
    }

    /// Lets contents overrule headings.
    fn overrule(&mut self) -> Result<(), LayoutError> {
        for at in 0..self.claims.len() {
            let Some(claim) = self.claims[at] else { continue };
            if self.mapped[at] {
                if is_dates(claim.meaning) && !self.contents[at].fit(claim.meaning) {
                    return Err(LayoutError::UnreadDates { column: self.error_columns()[at].clone() });
                }
                continue;
            }
            if let Some(corrected) = self.corrected(at, claim.meaning) {
                self.claims[at] = Some(corrected);
                continue;
            }
            let contents = &self.contents[at];
            if contents.fit(claim.meaning) || claim.meaning == Meaning::Phone2 {
                continue;
            }
            if is_dates(claim.meaning) && self.is_read_elsewhere(at, claim.meaning) {
                self.claims[at] = None;
                continue;
            }
            if claim.strength > Strength::Weak && must_fit(claim.meaning) {
                let seen = self.error_columns();
                let column = seen[at].clone();
                return Err(match is_dates(claim.meaning) {
                    true => LayoutError::UnreadDates { column },
                    false => LayoutError::Mismatch { column, seen },
                });
            }
            let guess = guessed(contents).filter(|guess| guess.meaning != Meaning::MotherName);
            self.claims[at] = guess.filter(|_| claim.strength == Strength::Weak);
        }
        Ok(())
    }

    /// Tells whether another column of the same dates can be read: a lunar calendar's stands beside the solar one.
    fn is_read_elsewhere(&self, at: usize, meaning: Meaning) -> bool {
        let others = self.all(meaning).into_iter().filter(|other| *other != at);
        others.into_iter().any(|other| self.contents[other].filled > 0 && self.contents[other].fit(meaning))
    }

    /// Tells a date from a time and a counted row from a record's number, whatever the heading says.
    fn corrected(&self, at: usize, meaning: Meaning) -> Option<Claim> {
        let contents = &self.contents[at];
        let mostly = |look: Look| contents.share(look) >= 0.5;
        // A serial may be renumbered, and a person's number never: only a heading that says serial may begin anywhere.
        let loose = self.claims[at].is_some_and(|claim| claim.strength == Strength::Weak);
        let counts = match loose {
            true => contents.counts_rows_from_one(),
            false => contents.counts_rows() || contents.counts_down(),
        };
        if meaning == Meaning::BirthDate && mostly(Look::TimeOfDay) {
            Some(Claim { meaning: Meaning::BirthTime, strength: Strength::Usual })
        } else if meaning == Meaning::BirthTime && mostly(Look::Day) {
            Some(Claim { meaning: Meaning::BirthDate, strength: Strength::Weak })
        } else if meaning == Meaning::Serial && contents.filled > 1 && !counts {
            Some(Claim { meaning: Meaning::RecordId, strength: Strength::Weak })
        } else if meaning == Meaning::RecordId
            && self.all(Meaning::Serial).is_empty()
            && contents.counts_rows_from_one()
        {
            // Bare 1, 2, 3 … down the list is nobody's number, whatever it is called.
            Some(Claim { meaning: Meaning::Serial, strength: Strength::Usual })
        } else {
            None
        }
    }

    /// Parts the mother's date of birth from the baby's; a heading that says whose it is, and a map, are believed.
    fn part_dates(&mut self) {
        let births = self.all(Meaning::BirthDate);
        let newest = (0..self.claims.len()).filter_map(|at| self.contents[at].middle_day()).max().unwrap_or(0);
        let is_doubtful = |at: &usize| self.claims[*at].is_some_and(|claim| claim.strength != Strength::Sure);
        let doubtful: Vec<usize> = births.into_iter().filter(is_doubtful).collect();
        for at in &doubtful {
            let old = self.contents[*at].middle_day().is_some_and(|day| newest - day > GENERATION_DAYS);
            let grown_up = self.contents[*at].day_spread().is_some_and(|days| days > COHORT_DAYS);
            if old || grown_up {
                let taken = !self.all(Meaning::MotherBirthDate).is_empty();
                self.set(*at, if taken { Meaning::Other } else { Meaning::MotherBirthDate });
            }
        }
        if self.names.iter().all(String::is_empty) {
            for at in self.all(Meaning::BirthDate).into_iter().skip(1) {
                self.set(at, Meaning::Other);
            }
        }
    }

    /// Decides whose a bare 姓名 is.
    fn part_names(&mut self) {
        let loose = |columns: &Columns<'_>, at: usize| {
            columns.claims[at].is_some_and(|claim| claim.strength == Strength::Weak) && !columns.mapped[at]
        };
        let mothers = self.all(Meaning::MotherName);
        let sure: Vec<usize> = mothers.iter().copied().filter(|at| !loose(self, *at)).collect();
        let of_births = (0..self.claims.len()).any(|at| {
            let sex_alone = self.meaning(at) == Meaning::BabySex && heading::folded(&self.names[at]) == "性别";
            self.meaning(at).is_of_birth() && !sex_alone && !(mothers.contains(&at) && loose(self, at))
        });
        let of_owners = !self.all(Meaning::Name).is_empty();
        let mut taken = !sure.is_empty();
        for at in mothers.into_iter().filter(|at| !sure.contains(at)) {
            let meaning = if taken && self.all(Meaning::BabyName).is_empty() && !self.names[at].is_empty() {
                Meaning::BabyName
            } else if taken || of_owners {
                Meaning::Other
            } else if of_births {
                Meaning::MotherName
            } else {
                Meaning::Name
            };
            self.set(at, meaning);
            taken = true;
        }
    }

    /// Makes every further column of phone numbers a `phone2`: no number is ever made up.
    fn part_phones(&mut self) {
        let phones = self.all(Meaning::Phone);
        let strength = |at: &usize| self.claims[*at].map(|claim| claim.strength);
        let filled = |at: &usize| self.contents[*at].filled > 0;
        // Whoever is in the list is rung where most rows have a number, and on a mobile rather than on a landline.
        let is_full = |at: &usize| self.contents[*at].filled * 2 >= self.contents[*at].rows;
        let is_mobile = |at: &usize| self.contents[*at].share(Look::Mobile) >= 0.5;
        let rank = |at: &usize| (self.mapped[*at], filled(at), is_full(at), strength(at), is_mobile(at));
        let best = phones.iter().copied().rev().max_by_key(rank);
        for at in phones {
            if Some(at) != best {
                self.set(at, Meaning::Phone2);
            }
        }
    }

    /// Leaves each remaining meaning to one column, or reports that none of several wins.
    fn part_rest(&mut self) -> Result<(), LayoutError> {
        for meaning in Meaning::ALL {
            if matches!(meaning, Meaning::Other | Meaning::Phone2) {
                continue;
            }
            let claimants = self.all(meaning);
            if claimants.len() < 2 {
                continue;
            }
            let rank = |at: usize| {
                (self.mapped[at], self.contents[at].filled > 0, self.claims[at].map(|claim| claim.strength))
            };
            let best = claimants.iter().map(|at| rank(*at)).max();
            let winners: Vec<usize> = claimants.iter().copied().filter(|at| Some(rank(*at)) == best).collect();
            if winners.len() > 1 && !first_wins(meaning) {
                let seen = self.error_columns();
                let columns = winners.iter().map(|at| seen[*at].clone()).collect();
                return Err(LayoutError::Disputed { meaning, columns, seen });
            }
            for at in claimants.into_iter().filter(|at| *at != winners[0]) {
                self.set(at, Meaning::Other);
            }
        }
        Ok(())
    }

    /// Finds a column besides `but` whose cells could be phones.
    fn phone_like(&self, but: usize, seen: &[Seen]) -> Option<Seen> {
        let could = |at: &usize| {
            self.meaning(*at) == Meaning::Other
                && self.contents[*at].filled > 0
                && self.contents[*at].share(Look::Phone) >= 0.5
        };
        (0..self.claims.len()).filter(|at| *at != but).find(could).map(|at| seen[at].clone())
    }

    fn checked(self) -> Result<Vec<Meaning>, LayoutError> {
        let seen = self.error_columns();
        let Some(phone) = self.all(Meaning::Phone).first().copied() else {
            return Err(LayoutError::NoPhone { other: self.phone_like(usize::MAX, &seen), seen });
        };
        if self.contents[phone].filled == 0 {
            return Err(LayoutError::EmptyPhone {
                column: seen[phone].clone(),
                other: self.phone_like(phone, &seen).map(Box::new),
            });
        }
        Ok((0..self.claims.len()).map(|at| self.meaning(at)).collect())
    }
}
