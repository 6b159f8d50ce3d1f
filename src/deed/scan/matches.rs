//! What was seen, as the ledger knows it: whose canary, from which planting.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::super::DeedError;
use super::FileScanned;
use super::needles::{Known, Meant};
use super::slot::Contents;
use crate::hit::{Fact, Listed, Trail};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;
use crate::scan::{self, MatchedBy, Sighting};
use crate::store::{CanaryRow, Reader};

/// Canaries' people that may be expected in a list by chance, from which on one that is seen may be a stranger.
const COINCIDENCES_MAX: f64 = 0.5;
/// Times as many as are expected that say something: names are not equally common.
const TIMES_EXPECTED_MIN: f64 = 5.0;

/// One place where a canary, or a control, was seen; `text` is the number or the name as it stands there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// None for a control.
    pub canary: Option<CanaryId>,
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
    /// For each number how it is best seen; controls are filled in when all is counted.
    pub best: BTreeMap<Number, Listed>,
    /// Controls that stand in it.
    pub controls: BTreeSet<Number>,
}

/// Looks up what each sighting is.
pub(super) fn matches(
    reader: &Reader<'_>,
    known: &Known,
    files: &[FileScanned],
    contents: &[(usize, Box<Contents>)],
) -> Result<Matches, DeedError> {
    let mut all = Matches { matches: Vec::new(), left_out: 0, coincidences: 0, lists: Vec::new() };
    let mut canaries: HashMap<CanaryId, Option<CanaryRow>> = HashMap::new();
    let mut received: HashMap<CanaryId, BTreeSet<HolderId>> = HashMap::new();
    let mut holders: HashMap<PlantingId, Option<HolderId>> = HashMap::new();
    for (at, contents) in contents {
        let file = &files[*at];
        let first = all.matches.len();
        let (mut best, mut controls): (BTreeMap<Number, Listed>, BTreeSet<Number>) = Default::default();
        for found in contents.found() {
            let sighting = &found.sighting;
            let Some(meant) = known.meant(sighting.needle) else { continue };
            let (number, canary) = match meant {
                Meant::Control(number) => (number.clone(), None),
                Meant::Canary(id) => {
                    if let std::collections::hash_map::Entry::Vacant(place) = canaries.entry(id) {
                        place.insert(reader.canary(id)?);
                        received.insert(id, reader.received_of(id)?.into_iter().map(|row| row.holder).collect());
                    }
                    let Some(Some(row)) = canaries.get(&id) else { continue };
                    (row.number.clone(), Some((row.id, row.planting)))
                }
            };
            if let Some((_, planting)) = canary
                && let std::collections::hash_map::Entry::Vacant(place) = holders.entry(planting)
            {
                place.insert(reader.planting(planting)?.map(|row| row.holder));
            }
            let listed = listed(sighting, (file.rows, known.controls.len() as u64));
            if canary.is_none() && sighting.by == MatchedBy::Number {
                controls.insert(number.clone());
            }
            // A mask that fits several canaries tells none of them.
            if sighting.fits <= 1 || !sighting.facts.is_empty() {
                let better = best.get(&number).is_none_or(|known| listed.chance() < known.chance());
                if better {
                    best.insert(number.clone(), listed.clone());
                }
            }
            all.matches.push(Match {
                canary: canary.map(|(id, _)| id),
                number,
                holder: canary.and_then(|(_, planting)| holders.get(&planting).cloned().flatten()),
                planting: canary.map(|(_, planting)| planting),
                received_by: canary.and_then(|(id, _)| received.get(&id).cloned()).unwrap_or_default(),
                file: file.path.clone(),
                line: sighting.line,
                place: found.place.clone(),
                matched_by: listed.trail,
                text: sighting.text.clone(),
                facts: listed.facts,
                fits: sighting.fits,
                people: 10_u64.saturating_pow(sighting.hidden),
            });
        }
        all.leave_out_strangers(first, &mut best, known.people());
        all.left_out += contents.left_out;
        all.lists.push(FoundIn { file: *at, best, controls });
    }
    Ok(all)
}

impl Matches {
    /// Takes out who is as likely a stranger of what was seen in one file, whose matches begin at a place.
    fn leave_out_strangers(&mut self, first: usize, best: &mut BTreeMap<Number, Listed>, people: u64) {
        let strangers = coincidences(best, people);
        best.retain(|number, _| !strangers.contains(number));
        let of_file = self.matches.split_off(first);
        let is_kept = |one: &Match| one.matched_by != Trail::Persona || !strangers.contains(&one.number);
        self.matches.extend(of_file.into_iter().filter(is_kept));
        self.coincidences += strangers.len() as u64;
    }
}

/// Lists the numbers whose people, seen without them, are no more than a list of this length has by chance: many women
/// share a name, and some of those a day. As many as are expected among all canaries say nothing; many more do.
fn coincidences(best: &BTreeMap<Number, Listed>, people: u64) -> BTreeSet<Number> {
    let seen = || best.iter().filter(|(_, listed)| listed.trail == Trail::Persona);
    let count = seen().count() as f64;
    let is_chance = |listed: &Listed| {
        let expected = listed.chance() * people as f64;
        expected > COINCIDENCES_MAX && count < TIMES_EXPECTED_MIN * expected
    };
    seen().filter(|(_, listed)| is_chance(listed)).map(|(number, _)| number.clone()).collect()
}

fn listed(sighting: &Sighting, (rows, controls): (u64, u64)) -> Listed {
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
    Listed { trail, row: sighting.line, rows, hidden: sighting.hidden, facts: facts.collect(), controls: (0, controls) }
}
