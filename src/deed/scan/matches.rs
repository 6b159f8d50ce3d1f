//! What was seen, as the ledger knows it: whose canary, from which planting.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::super::DeedError;
use super::super::copies::copies;
use super::FileScanned;
use super::crowd::{Crowd, is_stranger};
use super::needles::{Known, Meant};
use super::slot::Contents;
use crate::hit::{Extent, Fact, Listed, Trail};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;
use crate::scan::{self, MatchedBy, Namesakes, Sighting};
use crate::store::{CanaryRow, Reader};

/// One place where a canary, or a control, was seen; `text` is the number or the name as it stands there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// None for a control or a trap.
    pub canary: Option<CanaryId>,
    /// Whether it is a trap: a number that stands only in the ledger.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trap: bool,
    pub number: Number,
    pub holder: Option<HolderId>,
    pub planting: Option<PlantingId>,
    /// Holders in whose own lists it was seen besides.
    pub received_by: BTreeSet<HolderId>,
    pub file: String,
    /// Line of the text, or row of the sheet or table.
    pub line: u64,
    /// Where within the file, if it is a container: `a.xlsx!Sheet1!C17`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    pub matched_by: Trail,
    pub text: String,
    /// Facts of the canary's person beside it, looked for where the number is masked, damaged or missing.
    pub facts: Vec<Fact>,
    /// Canaries that a masked number can mean.
    pub fits: u32,
    /// Numbers of the country that a masked number can mean.
    pub people: u64,
    /// For a persona without its number, how many strangers with its name and these facts are due in what was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strangers_due: Option<f64>,
    /// For such a persona, whether it says anything of where the list comes from: not where all of them are no more than chance gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighs: Option<bool>,
}

/// All matches, and for each file the best of each number.
pub(super) struct Matches {
    pub matches: Vec<Match>,
    pub left_out: u64,
    /// People seen who are as likely strangers: not among the matches.
    pub coincidences: u64,
    pub lists: Vec<FoundIn>,
}

/// What counts of one file, by its place among the files.
pub(super) struct FoundIn {
    pub file: usize,
    /// For each number how it is best seen; controls, and how much was read, are filled in when all is counted.
    pub best: BTreeMap<Number, Listed>,
    /// Controls that stand in it.
    pub controls: BTreeSet<Number>,
    /// Traps that stand in it.
    pub traps: BTreeSet<Number>,
}

/// Looks up what each sighting is.
pub(super) fn matches(
    reader: &Reader<'_>,
    known: &Known,
    files: &[FileScanned],
    (contents, namesakes): (&[(usize, Box<Contents>)], &Namesakes),
) -> Result<Matches, DeedError> {
    let mut all = Matches { matches: Vec::new(), left_out: 0, coincidences: 0, lists: Vec::new() };
    let crowd = Crowd::of(known, namesakes, contents);
    let mut strangers = BTreeSet::new();
    let mut canaries: HashMap<CanaryId, Option<Whose>> = HashMap::new();
    for (at, contents) in contents {
        let file = &files[*at];
        let mut best: BTreeMap<Number, Listed> = BTreeMap::new();
        let (mut controls, mut traps) = (BTreeSet::new(), BTreeSet::new());
        for found in contents.found() {
            let sighting = &found.sighting;
            let Some(meant) = known.meant(sighting.needle) else { continue };
            let is_trap = matches!(meant, Meant::Trap(_));
            // What is no canary's has no person by whom it could be known without its whole number.
            if is_trap && sighting.by != MatchedBy::Number {
                continue;
            }
            let whose = match meant {
                Meant::Control(number) | Meant::Trap(number) => Whose::nobodys(number),
                Meant::Canary(id) => match Whose::of(reader, &mut canaries, id)? {
                    Some(whose) => whose,
                    None => continue,
                },
            };
            let Whose { number, canary, holder, planting, received_by } = whose;
            let listed = listed(sighting, file.rows, &crowd);
            if listed.strangers.as_ref().is_some_and(is_stranger) {
                strangers.insert(number);
                continue;
            }
            if canary.is_none() && sighting.by == MatchedBy::Number {
                (if is_trap { &mut traps } else { &mut controls }).insert(number.clone());
            }
            // A mask that fits several canaries tells none of them.
            let is_told_better = listed.trail == Trail::Persona && crowd.has_number(sighting.needle);
            let is_one = !is_told_better && (sighting.fits <= 1 || !sighting.facts.is_empty());
            if is_one && best.get(&number).is_none_or(|known| listed.chance() < known.chance()) {
                best.insert(number.clone(), listed.clone());
            }
            all.matches.push(Match {
                canary,
                trap: is_trap,
                number,
                holder,
                planting,
                received_by,
                file: file.path.clone(),
                line: sighting.line,
                place: found.place.clone(),
                matched_by: listed.trail,
                text: sighting.text.clone(),
                facts: listed.facts,
                fits: sighting.fits,
                people: 10_u64.saturating_pow(sighting.hidden),
                strangers_due: listed.strangers.map(|strangers| strangers.due()),
                weighs: listed.strangers.map(|strangers| strangers.chance() < 1.0),
            });
        }
        all.left_out += contents.left_out;
        all.lists.push(FoundIn { file: *at, best, controls, traps });
    }
    all.coincidences = strangers.len() as u64;
    all.tell_personas_once();
    Ok(all)
}

/// Whose a number is: which canary's, and in whose lists that stands.
#[derive(Clone)]
struct Whose {
    number: Number,
    canary: Option<CanaryId>,
    holder: Option<HolderId>,
    planting: Option<PlantingId>,
    received_by: BTreeSet<HolderId>,
}

impl Whose {
    fn nobodys(number: &Number) -> Whose {
        Whose { number: number.clone(), canary: None, holder: None, planting: None, received_by: BTreeSet::new() }
    }

    /// Looks a canary up, once.
    fn of(
        reader: &Reader<'_>,
        known: &mut HashMap<CanaryId, Option<Whose>>,
        id: CanaryId,
    ) -> Result<Option<Whose>, DeedError> {
        if let Entry::Vacant(place) = known.entry(id) {
            let found = reader.canary(id)?.map(|row| Whose::read(reader, &row)).transpose()?;
            place.insert(found);
        }
        Ok(known.get(&id).cloned().flatten())
    }

    /// Reads in whose lists a canary stands; one whose only list came to nothing is still of that planting.
    fn read(reader: &Reader<'_>, row: &CanaryRow) -> Result<Whose, DeedError> {
        let mut copies = copies(reader, row)?.into_iter().map(|copy| copy.planting);
        let first = match copies.next() {
            Some(first) => Some(first),
            None => reader.planting(row.planting)?,
        };
        Ok(Whose {
            number: row.number.clone(),
            canary: Some(row.id),
            holder: first.as_ref().map(|planting| planting.holder.clone()),
            planting: first.map(|planting| planting.id),
            received_by: copies.map(|planting| planting.holder).collect(),
        })
    }
}

impl Matches {
    /// Counts the canaries of each planting that were seen in a file.
    pub fn canaries_by_planting(&self, file: &str) -> BTreeMap<PlantingId, usize> {
        let mut canaries: BTreeMap<PlantingId, BTreeSet<CanaryId>> = BTreeMap::new();
        for one in self.matches.iter().filter(|one| one.file == file) {
            if let (Some(planting), Some(canary)) = (one.planting, one.canary) {
                canaries.entry(planting).or_default().insert(canary);
            }
        }
        canaries.into_iter().map(|(planting, canaries)| (planting, canaries.len())).collect()
    }

    /// Keeps each persona in the list that tells it best: several lists with one stranger in them are one chance.
    fn tell_personas_once(&mut self) {
        let mut told: BTreeMap<Number, (f64, usize)> = BTreeMap::new();
        for (at, list) in self.lists.iter().enumerate() {
            for (number, listed) in list.best.iter().filter(|(_, listed)| listed.trail == Trail::Persona) {
                let due = listed.strangers.map_or(f64::INFINITY, |strangers| strangers.due());
                let best = told.entry(number.clone()).or_insert((due, at));
                if due < best.0 {
                    *best = (due, at);
                }
            }
        }
        for (at, list) in self.lists.iter_mut().enumerate() {
            list.best.retain(|number, listed| {
                listed.trail != Trail::Persona || told.get(number).is_none_or(|(_, best)| *best == at)
            });
        }
    }
}

/// Says how a sighting stood in a file of so many rows; its controls are counted elsewhere.
fn listed(sighting: &Sighting, rows: u64, crowd: &Crowd<'_>) -> Listed {
    let trail = match sighting.by {
        MatchedBy::Number => Trail::Number,
        MatchedBy::MaskedNumber => Trail::MaskedNumber,
        MatchedBy::DamagedNumber => Trail::DamagedNumber,
        MatchedBy::Persona => Trail::Persona,
    };
    let facts = sighting.facts.iter().filter_map(|fact| match fact {
        scan::Fact::MotherName => Some(Fact::MotherName),
        scan::Fact::BabyName => Some(Fact::BabyName),
        scan::Fact::FatherName => Some(Fact::FatherName),
        scan::Fact::BirthDate => Some(Fact::BirthDate),
        scan::Fact::BirthMonth => Some(Fact::BirthMonth),
        scan::Fact::MotherBirthDate => None,
        scan::Fact::Hospital => Some(Fact::Hospital),
        scan::Fact::Address => Some(Fact::Address),
    });
    let (row, hidden, facts) = (sighting.line, sighting.hidden, facts.collect());
    let (strangers, extent) = (crowd.around(sighting), Extent::Whole);
    Listed { trail, row, rows, hidden, facts, controls: (0, 0), strangers, extent }
}
