//! From what was seen to a source: a list is weighed as a caller who knew all these rows at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rand::Rng;
use serde::Serialize;

use super::super::DeedError;
use super::super::hit::{Entered, Numbered, keep};
use super::super::weighed::Weighing;
use super::matches::{FoundIn, Matches};
use super::needles::Known;
use super::{FileScanned, UnreadFile};
use crate::hit::{Caller, Contact, ContactKind, Extent};
use crate::ledger::{ContactRecord, sha256};
use crate::phone::Number;
use crate::store::{Reader, Store, StoreError};
use crate::trace::{Evidence, Finding};

/// Hex digits of a list's hash by which it is called.
const NAME_DIGITS: usize = 16;

/// What the lists come to, and what that stands on.
pub type Answer = (Box<Finding>, Box<Evidence>);

/// What became of a scan in the ledger: canaries and controls that are on record now, and that were before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recorded {
    pub kept: u64,
    pub known: u64,
}

/// One canary in one list, as a contact; with what the ledger needs to keep it, if the list was read to its end.
pub(super) struct InList {
    contact: Contact,
    /// Traps in the same list.
    traps: usize,
    sha256: Option<String>,
}

/// Makes contacts of what was seen; fills in what is only known now, of matches too.
pub(super) fn listed(
    known: &Known,
    (files, unread): (&[FileScanned], &[UnreadFile]),
    found: &mut Matches,
    now: DateTime<Utc>,
) -> Vec<InList> {
    let has_unread: BTreeSet<&str> = unread.iter().map(|one| one.path.as_str()).collect();
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for FoundIn { file, best, controls, traps } in &mut found.lists {
        let file = &files[*file];
        let name = match &file.sha256 {
            Some(sha256) => format!("list {}", &sha256[..NAME_DIGITS.min(sha256.len())]),
            None => format!("list {} (in part)", file.path),
        };
        let is_whole = file.sha256.is_some() && !has_unread.contains(file.path.as_str());
        for (number, listed) in best {
            listed.extent = if is_whole { Extent::Whole } else { Extent::InPart };
            listed.controls = (controls.len() as u64, known.controls.len() as u64);
            if !seen.insert((name.clone(), number.clone())) {
                continue;
            }
            let contact = Contact {
                to: number.clone(),
                from: Some(Caller::Text(name.clone())),
                at: now,
                kind: ContactKind::List,
                seconds: None,
                said: Some(listed.to_string()),
            };
            all.push(InList { contact, traps: traps.len(), sha256: file.sha256.clone() });
        }
    }
    all
}

/// Says whose copies the lists come from; nothing if no canary is in them. Lists with `traps` in them name nobody.
pub(super) fn weigh(
    reader: &Reader<'_>,
    listed: &[InList],
    traps: &BTreeSet<Number>,
    now: DateTime<Utc>,
) -> Result<Option<Answer>, DeedError> {
    let all = listed.iter().filter(|one| !traps.contains(&one.contact.to));
    let (read, clean): (Vec<&InList>, Vec<&InList>) = all.partition(|one| one.traps > 0);
    let contacts = |of: &[&InList]| of.iter().map(|one| one.contact.clone()).collect::<Vec<Contact>>();
    if read.is_empty() {
        return weigh_lists(reader, &contacts(&clean), now);
    }
    if let Some((finding, evidence)) = weigh_lists(reader, &contacts(&clean), now)?
        && !finding.named.is_empty()
    {
        return Ok(Some((Box::new(finding.beside_traps_in_lists(traps.len())), evidence)));
    }
    let answer = weigh_lists(reader, &[contacts(&clean), contacts(&read)].concat(), now)?;
    Ok(answer.map(|(finding, evidence)| (Box::new(finding.after_traps_in_lists(traps.len())), evidence)))
}

fn weigh_lists(reader: &Reader<'_>, weighed: &[Contact], now: DateTime<Utc>) -> Result<Option<Answer>, DeedError> {
    if weighed.is_empty() {
        return Ok(None);
    }
    // Calls are another matter: a canary that was called and is not in the list is missing from it all the same.
    let record = || Ok(Numbered::of(weighed.to_vec()));
    let weighing = Weighing { reader, record: &record, numbers: &[], is_asked: &|_, _| true, now };
    let (finding, evidence) = weighing.weigh(record()?)?;
    Ok(Some((Box::new(finding), Box::new(evidence))))
}

/// Puts what was seen on record; what is there already stays as it is.
pub(super) fn record(
    store: &mut Store,
    rng: &mut dyn Rng,
    listed: &[InList],
    now: DateTime<Utc>,
) -> Result<Recorded, DeedError> {
    let whole = listed.iter().filter_map(|one| Some((&one.contact, one.sha256.as_deref()?)));
    let records: Vec<ContactRecord> = whole.map(|(contact, sha256)| kept(contact, sha256)).collect();
    let recorded = store.write(now, rng, |writing| {
        let mut recorded = Recorded::default();
        for record in &records {
            match keep(writing, record)? {
                Entered::New => recorded.kept += 1,
                Entered::Known => recorded.known += 1,
                Entered::Stray => {}
            }
        }
        Ok::<_, StoreError>(recorded)
    })?;
    Ok(recorded)
}

/// Gives what the ledger keeps: which list by its hash, which canary, and how it stood there.
fn kept(contact: &Contact, list: &str) -> ContactRecord {
    ContactRecord {
        number: contact.to.clone(),
        from: contact.from.as_ref().map(|caller| caller.as_str().to_string()),
        at: contact.at,
        kind: contact.kind.word().to_string(),
        seconds: None,
        said: contact.said.clone(),
        source: "scan".to_string(),
        key: hex::encode(sha256(format!("list\n{list}\n{}", contact.to.as_str()).as_bytes())),
        raw_sha256: list.to_string(),
    }
}
