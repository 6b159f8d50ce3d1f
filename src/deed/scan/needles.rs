//! What is looked for: every number that was ever given to a canary, with its person, every control, and every trap.

use super::super::DeedError;
use crate::hit::birth_day;
use crate::id::CanaryId;
use crate::list::Meaning;
use crate::phone::Number;
use crate::scan::{Needle, Needles, Person};
use crate::store::Reader;

/// The needles, and what each of them is.
pub(super) struct Known {
    pub needles: Needles,
    canaries: Vec<CanaryId>,
    pub controls: Vec<Number>,
    traps: Vec<Number>,
}

/// What a needle is.
pub(super) enum Meant<'k> {
    Canary(CanaryId),
    Control(&'k Number),
    /// A number that stands only in the ledger.
    Trap(&'k Number),
}

impl Known {
    /// Reads them from the ledger.
    pub fn of(reader: &Reader<'_>) -> Result<Known, DeedError> {
        let (mut needles, mut canaries) = (Vec::new(), Vec::new());
        reader.each_canary::<DeedError>(&mut |id, number, _, record| {
            let field = |meaning| record.field(meaning).map(str::to_string).filter(|text| !text.trim().is_empty());
            let day = |meaning| record.field(meaning).and_then(birth_day);
            let person = Person {
                mother_name: field(Meaning::MotherName).or_else(|| field(Meaning::Name)),
                baby_name: field(Meaning::BabyName),
                father_name: field(Meaning::FatherName),
                birth_date: day(Meaning::BirthDate).or_else(|| day(Meaning::BirthTime)),
                mother_birth_date: day(Meaning::MotherBirthDate),
                hospital: field(Meaning::Hospital),
                address: field(Meaning::Address),
            };
            needles.push(Needle { number, person: Some(Box::new(person)) });
            canaries.push(id);
            Ok(())
        })?;
        let controls: Vec<Number> =
            reader.watches()?.into_iter().filter(|row| row.control).map(|row| row.number).collect();
        let traps: Vec<Number> = reader.traps()?.into_iter().map(|(number, _)| number).collect();
        let bare = controls.iter().chain(&traps);
        needles.extend(bare.map(|number| Needle { number: number.clone(), person: None }));
        Ok(Known { needles: Needles::of(needles), canaries, controls, traps })
    }

    /// Tells what a needle is.
    pub fn meant(&self, needle: u32) -> Option<Meant<'_>> {
        let at = needle as usize;
        if let Some(id) = self.canaries.get(at) {
            return Some(Meant::Canary(*id));
        }
        let at = at - self.canaries.len();
        match self.controls.get(at) {
            Some(number) => Some(Meant::Control(number)),
            None => self.traps.get(at - self.controls.len()).map(Meant::Trap),
        }
    }
}
