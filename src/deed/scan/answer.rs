//! From what was seen to a source: a list is weighed as a caller who knew all these rows at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rand::Rng;
use serde::Serialize;

use super::super::DeedError;
use super::super::evidence;
use super::super::hit::{Entered, Numbered, keep};
use super::FileScanned;
use super::matches::{FoundIn, Matches};
use super::needles::Known;
use crate::hit::{Caller, Contact, ContactKind};
use crate::ledger::{ContactRecord, sha256};
use crate::phone::Number;
use crate::store::{Reader, Store, StoreError};
use crate::trace::{Evidence, Finding, trace};

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
    sha256: Option<String>,
}

/// Makes contacts of what was seen; fills in what is only known now, of matches too.
pub(super) fn listed(known: &Known, files: &[FileScanned], found: &mut Matches, now: DateTime<Utc>) -> Vec<InList> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for FoundIn { file, best, controls, traps: _ } in &mut found.lists {
        let file = &files[*file];
        let name = match &file.sha256 {
            Some(sha256) => format!("list {}", &sha256[..NAME_DIGITS.min(sha256.len())]),
            None => format!("list {} (in part)", file.path),
        };
        for (number, listed) in best {
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
            all.push(InList { contact, sha256: file.sha256.clone() });
        }
    }
    all
}

/// Says whose copies the lists come from; nothing if no canary is in them. With `traps` in them, nobody is named.
pub(super) fn weigh(
    reader: &Reader<'_>,
    listed: &[InList],
    traps: &BTreeSet<Number>,
    now: DateTime<Utc>,
) -> Result<Option<Answer>, DeedError> {
    let weighed = listed.iter().map(|one| &one.contact).filter(|contact| !traps.contains(&contact.to));
    let weighed: Vec<Contact> = weighed.cloned().collect();
    if weighed.is_empty() {
        return Ok(None);
    }
    // Calls are another matter: a canary that was called and is not in the list is missing from it all the same.
    let evidence = evidence::called(reader, Numbered::of(weighed), &[], &|_, _| true, now)?;
    let finding = match trace(&evidence) {
        finding if traps.is_empty() => finding,
        finding => finding.after_ledger_was_read(traps.len()),
    };
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
