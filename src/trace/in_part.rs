//! Lists that were read in part, beside a finding that leaves them out: whether what was seen in them speaks against it.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::Evidence;
use super::presence::Presence;
use super::verdict::tells;
use crate::hit::{Caller, Hit};
use crate::holder::HolderId;

/// Tells whether a list that was read in part has rows of these holders' copies among others that they never had: then it is of a larger
/// copy, and what was called of the smaller one may be too.
pub fn mixes_others_in(evidence: &Evidence, hits: &[Hit], holders: &[HolderId]) -> bool {
    let presence = Presence::of(evidence);
    let places: Vec<usize> = holders.iter().filter_map(|holder| presence.place(holder)).collect();
    let mut rows: BTreeMap<&Caller, BTreeSet<usize>> = BTreeMap::new();
    for hit in hits.iter().filter(|hit| hit.is_listed() && tells(hit)) {
        let Some(list) = hit.contact.from.as_ref().filter(|list| evidence.in_part.contains(*list)) else { continue };
        let listed = hit.planted.as_ref().and_then(|planted| presence.find(planted.canary));
        rows.entry(list).or_default().extend(listed);
    }
    let had = |listed: &&usize| places.iter().any(|place| presence.share(**listed, *place).is_some());
    rows.values().any(|rows| {
        let known = rows.iter().filter(had).count();
        known > 0 && rows.len() > known
    })
}
