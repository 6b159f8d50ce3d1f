//! The entries of the log that concern the canaries of a report, and all its leaves.
//!
//! Of plantings that only entered a canary, and gave it to nobody that the finding speaks of, nothing but the root is wanted.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::DeedError;
use super::copies::CopyOf;
use super::trace::Asked;
use crate::hit::Hit;
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::ledger::{
    ContactRecord, Entry, Event, Hash, Looked, LookupRecord, SealedRows, WitnessRecord, kind_of, leaf_hash, opening_of,
};
use crate::phone::Number;
use crate::report::{Copy, HandedOver, LookedAt, RawRecord, spoken_of};
use crate::store::{Reader, StoreError};
use crate::trace::Finding as Traced;

/// An entry that concerns the canaries in question, with what it tells.
pub(super) struct Found {
    pub(super) index: u64,
    pub(super) entry: Entry,
    pub(super) event: Event,
}

/// The log's leaves, and the entries that concern the canaries in question.
pub(super) struct Gathered {
    pub(super) leaves: Vec<Hash>,
    pub(super) found: Vec<Found>,
    /// What witnesses signed.
    pub(super) witnessed: Vec<WitnessRecord>,
    /// Looks into the ledger that can have shown the canaries in question, by their places in the log.
    looks: Vec<(u64, LookedAt)>,
}

/// Last digits of a number by which it is known again in what was asked.
const NUMBER_END: usize = 7;

/// What is wanted of the log.
struct Wanted {
    numbers: HashSet<String>,
    canaries: HashSet<CanaryId>,
    /// Plantings that entered the canaries, whoever they were for.
    made_in: HashSet<PlantingId>,
    /// Copies that the finding speaks of and that were handed over for certain.
    copies: HashSet<PlantingId>,
    /// Who has these, and who is named without one: by which ways data went there is wanted.
    holders: HashSet<HolderId>,
    reached: Vec<HolderId>,
}

impl Wanted {
    fn of(traced: &Traced, asked: &[Asked]) -> Wanted {
        let told: Vec<Vec<Copy>> = asked.iter().map(|asked| asked.copies.iter().map(CopyOf::told).collect()).collect();
        let copies = told.iter().flat_map(|told| spoken_of(traced, told));
        let copies: Vec<&Copy> = copies.filter(|copy| copy.handed_over == HandedOver::Yes).collect();
        let holders: HashSet<HolderId> = copies.iter().map(|copy| copy.holder.clone()).collect();
        let reached = traced.named.iter().filter(|holder| !holders.contains(*holder)).cloned().collect();
        Wanted {
            holders,
            reached,
            numbers: asked.iter().map(|asked| asked.canary.number.to_string()).collect(),
            canaries: asked.iter().map(|asked| asked.canary.id).collect(),
            made_in: asked.iter().map(|asked| asked.canary.planting).collect(),
            copies: copies.iter().map(|copy| copy.planting).collect(),
        }
    }

    fn has(&self, event: &Event) -> bool {
        match event {
            Event::Number(record) => self.numbers.contains(record.number.as_str()),
            Event::Contact(record) => self.numbers.contains(record.number.as_str()),
            Event::Mint { canary, .. } => self.canaries.contains(canary),
            Event::Reserved(record) => self.has_file(record.planting),
            Event::Sealed { planting, .. } => self.has_file(*planting),
            Event::Planted { planting } => self.copies.contains(planting),
            Event::Receipt(record) => self.copies.contains(&record.planting),
            Event::Received { canary, planting, .. } => {
                self.canaries.contains(canary) && self.copies.contains(planting)
            }
            Event::Met(record) => {
                self.numbers.contains(record.number.as_str()) && self.copies.contains(&record.planting)
            }
            Event::Flow(_) => !self.reached.is_empty(),
            Event::Holder(holder) => !self.reached.is_empty() && holder.parent.is_some(),
            Event::Key { .. }
            | Event::Lock(_)
            | Event::Line { .. }
            | Event::Control { .. }
            | Event::Trap { .. }
            | Event::Retired { .. }
            | Event::Made { .. }
            | Event::Known { .. }
            | Event::Void { .. }
            | Event::Stray { .. }
            | Event::Backup { .. }
            | Event::Seal { .. }
            | Event::Stamp(_)
            | Event::Witness(_)
            | Event::Lookup(_) => false,
        }
    }

    /// Tells whether a look can have shown one of the canaries: all but those at other numbers.
    fn can_show(&self, look: &LookupRecord) -> bool {
        let end = |number: &str| number[number.len().saturating_sub(NUMBER_END)..].to_string();
        let digits: String = look.asked.chars().filter(char::is_ascii_digit).collect();
        match look.what {
            Looked::Plan => false,
            Looked::Hits | Looked::Numbers | Looked::Holder | Looked::Scan => true,
            Looked::Trace | Looked::Report => {
                look.asked == "all"
                    || look.asked.contains(['-', ' '])
                    || self.numbers.iter().any(|number| digits.contains(&end(number)))
            }
        }
    }

    fn has_file(&self, planting: PlantingId) -> bool {
        self.made_in.contains(&planting) || self.copies.contains(&planting)
    }

    /// Tells by the text alone whether an entry is worth reading: most of a long log are not.
    fn may_have(&self, body: &[u8], openings: &[u8]) -> bool {
        let number = || opening_of(openings, "number").is_some_and(|number| self.numbers.contains(number));
        let of_planting = || {
            let lines = std::str::from_utf8(body).unwrap_or_default().lines();
            let mut plantings = lines.filter_map(|line| line.strip_prefix("planting ")?.parse().ok());
            plantings.any(|planting| self.has_file(planting))
        };
        match kind_of(body) {
            Some("number" | "contact" | "mint") => number(),
            Some("met") => number() && of_planting(),
            Some("reserved" | "sealed" | "planted" | "receipt" | "received") => of_planting(),
            Some("witness" | "lookup") => true,
            Some("flow" | "holder") => !self.reached.is_empty(),
            Some(_) | None => false,
        }
    }
}

/// Gives from whom to whom data goes by an entry.
fn way_of(event: &Event) -> Option<(&HolderId, &HolderId)> {
    match event {
        Event::Flow(flow) => Some((&flow.from, &flow.to)),
        Event::Holder(holder) => holder.parent.as_ref().map(|parent| (parent, &holder.id)),
        Event::Key { .. }
        | Event::Lock(_)
        | Event::Line { .. }
        | Event::Number(_)
        | Event::Control { .. }
        | Event::Trap { .. }
        | Event::Retired { .. }
        | Event::Reserved(_)
        | Event::Mint { .. }
        | Event::Made { .. }
        | Event::Sealed { .. }
        | Event::Known { .. }
        | Event::Planted { .. }
        | Event::Void { .. }
        | Event::Received { .. }
        | Event::Contact(_)
        | Event::Stray { .. }
        | Event::Backup { .. }
        | Event::Seal { .. }
        | Event::Receipt(_)
        | Event::Stamp(_)
        | Event::Witness(_)
        | Event::Lookup(_)
        | Event::Met(_) => None,
    }
}

/// Leaves of the ways only those by which each holder that is named without a copy is reached from one who has one, the fewest.
fn keep_ways(found: &mut Vec<Found>, wanted: &Wanted) {
    let mut come_by: HashMap<HolderId, usize> = HashMap::new();
    let (mut newest, mut met) = (wanted.holders.clone(), wanted.holders.clone());
    while !newest.is_empty() {
        let mut next = HashSet::new();
        for (at, (from, to)) in found.iter().enumerate().filter_map(|(at, found)| Some((at, way_of(&found.event)?))) {
            if newest.contains(from) && met.insert(to.clone()) {
                come_by.insert(to.clone(), at);
                next.insert(to.clone());
            }
        }
        newest = next;
    }
    let mut kept: HashSet<u64> = HashSet::new();
    for holder in &wanted.reached {
        let mut at = holder;
        while let Some(way) = come_by.get(at).map(|way| &found[*way]) {
            kept.insert(way.index);
            at = way_of(&way.event).map_or(holder, |(from, _)| from);
        }
    }
    found.retain(|found| way_of(&found.event).is_none() || kept.contains(&found.index));
}

/// Reads the whole log once.
pub(super) fn gather(reader: &Reader<'_>, traced: &Traced, asked: &[Asked]) -> Result<Gathered, DeedError> {
    let wanted = Wanted::of(traced, asked);
    let (mut leaves, mut found, mut witnessed, mut looks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    reader.each_entry::<DeedError>(&mut |index, body, openings| {
        leaves.push(leaf_hash(body));
        if wanted.may_have(body, openings) {
            let entry = Entry { body: body.to_vec(), openings: openings.to_vec() };
            let (at, event) = Event::read(&entry).map_err(|source| StoreError::Entry { index, source })?;
            if let Event::Witness(record) = event {
                witnessed.push(record);
            } else if let Event::Lookup(record) = event {
                looks.extend(wanted.can_show(&record).then(|| (index, LookedAt::of(at, record))));
            } else if wanted.has(&event) {
                found.push(Found { index, entry, event });
            }
        }
        Ok(())
    })?;
    keep_ways(&mut found, &wanted);
    Ok(Gathered { leaves, found, witnessed, looks })
}

impl Gathered {
    /// Lists the looks that stand in the log before the first contact in question.
    pub(super) fn looked_before(&self) -> Vec<LookedAt> {
        let contacts = self.found.iter().filter(|found| matches!(found.event, Event::Contact(_)));
        let first = contacts.map(|found| found.index).min().unwrap_or_default();
        self.looks.iter().filter(|(index, _)| *index < first).map(|(_, look)| look.clone()).collect()
    }

    fn contacts(&self) -> impl Iterator<Item = &ContactRecord> {
        self.found.iter().filter_map(
            |found| {
                if let Event::Contact(record) = &found.event { Some(record) } else { None }
            },
        )
    }

    /// Gives the raw record of each hit that is on record.
    pub(super) fn raw(&self, hits: &[Hit]) -> Vec<RawRecord> {
        let mut records: HashMap<(&Number, DateTime<Utc>), Vec<&ContactRecord>> = HashMap::new();
        for record in self.contacts() {
            records.entry((&record.number, record.at)).or_default().push(record);
        }
        let of = |hit: &Hit| {
            let record = records.get(&(&hit.contact.to, hit.contact.at))?.iter().find(|record| is_of(record, hit))?;
            Some(RawRecord { source: record.source.clone(), sha256: record.raw_sha256.clone() })
        };
        hits.iter().filter_map(of).collect()
    }

    /// Tells whether the finding speaks of a planting's copy, and it was handed over for certain.
    pub(super) fn is_copy(&self, planting: PlantingId) -> bool {
        self.found.iter().any(|found| matches!(found.event, Event::Planted { planting: of } if of == planting))
    }

    /// Gives what is kept of the tree over the rows of a planting's file.
    pub(super) fn rows_of(&self, planting: PlantingId) -> Option<&SealedRows> {
        self.found.iter().find_map(|found| {
            let Event::Sealed { planting: of, roots: Some(roots), .. } = &found.event else { return None };
            if *of == planting { roots.rows.as_ref() } else { None }
        })
    }

    /// Tells whether a planting has a root over its canaries.
    pub(super) fn has_root(&self, planting: PlantingId) -> bool {
        self.found
            .iter()
            .any(|found| matches!(&found.event, Event::Sealed { planting: of, roots: Some(_), .. } if *of == planting))
    }
}

pub(super) fn is_of(record: &ContactRecord, hit: &Hit) -> bool {
    let contact = &hit.contact;
    record.number == contact.to
        && record.at == contact.at
        && record.said == contact.said
        && record.seconds == contact.seconds
        && record.from.as_deref() == contact.from.as_ref().map(|caller| caller.as_str())
}
