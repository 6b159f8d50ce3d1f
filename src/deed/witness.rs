//! Witnesses: other people who sign that they saw a checkpoint, each on a machine of their own, and what they signed, put on record.
//!
//! A witness signs only what goes on from what it signed last. What that was lies beside its key and is written before the signature
//! is given away, so that a killed witness does not sign two histories.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::files::open_input;
use super::folder::{Folder, create_private, remove};
use super::new_folder::{check_new, write_file, write_folder};
use super::receipt::read_bytes;
use super::seal::signatories;
use super::witness_error::WitnessError;
use super::{DeedError, ProofError, Session};
use crate::ledger::{
    Checkpoint, Event, Hash, NoteError, Signatory, Witness, WitnessRecord, checkpoint_in, consistency_proof, cosign,
    is_consistent, leaf_hash, open_note,
};
use crate::report::package::{Files, proof_text, read_proof};
use crate::store::{StoreError, new_key_pem, read_key_pem};

/// How a witness's key file begins.
const KEY_START: &str = "canaries-witness ";

/// What a witness is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAsked {
    pub size: u64,
    /// The size that the proof begins with; 0 if there is no proof.
    pub since: u64,
}

/// What a witness signs, and what it has to go by.
pub struct WitnessOrder {
    pub note: PathBuf,
    /// The witness's key.
    pub key: PathBuf,
    /// The log's key, as `seal` tells it; needed the first time and after a change of the key.
    pub log: Option<String>,
    pub proof: Option<PathBuf>,
    pub output: PathBuf,
}

/// A checkpoint that a witness signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    pub witness: String,
    pub size: u64,
    /// Seconds since 1970.
    pub at: u64,
}

/// Makes a witness's key; gives the public half as other programs read it.
pub fn make_witness_key(session: &mut Session, name: &str, output: &Path) -> Result<String, DeedError> {
    check_new(output)?;
    let (key, pem) = new_key_pem(&mut session.rng)?;
    let bad = || WitnessError::BadName { name: name.to_string() };
    let witness = Witness::new(name, key.verifying_key()).ok_or_else(bad)?;
    write_file(session, output, format!("{KEY_START}{name}\n{pem}").as_bytes())?;
    Ok(witness.text())
}

/// Writes what a witness needs into a new folder: the newest checkpoint, and the proof that it goes on from an earlier size.
pub fn request_witness(session: &mut Session, since: u64, folder: &Path) -> Result<WitnessAsked, DeedError> {
    let store = session.open()?;
    let reader = store.read();
    let seal = reader.last_seal()?.ok_or(ProofError::NoCheckpoint)?;
    let mut files = Files::from([("checkpoint.note".to_string(), seal.note.clone().into_bytes())]);
    if since > 0 && since < seal.size {
        let mut leaves: Vec<Hash> = Vec::new();
        reader.each_entry::<StoreError>(&mut |_, body, _| {
            leaves.push(leaf_hash(body));
            Ok(())
        })?;
        leaves.truncate(seal.size as usize);
        let proof = consistency_proof(&leaves, since).ok_or(StoreError::BadHead)?;
        files.insert("consistency.proof".to_string(), proof_text((since, seal.size), &proof));
    }
    if since > seal.size {
        return Err(WitnessError::Beyond { since, size: seal.size }.into());
    }
    let asked = WitnessAsked { size: seal.size, since: if files.len() > 1 { since } else { 0 } };
    write_folder(session, folder, &files)?;
    Ok(asked)
}

/// Signs a checkpoint as a witness, if it goes on from the one that was signed last; needs no ledger.
pub fn sign_as_witness(session: &mut Session, order: &WitnessOrder) -> Result<Witnessed, DeedError> {
    check_new(&order.output)?;
    let bad_key = || DeedError::from(WitnessError::NotAKey { path: order.key.clone() });
    let text = String::from_utf8(read_bytes(&order.key)?).map_err(|_| bad_key())?;
    let (name, pem) = text.strip_prefix(KEY_START).and_then(|rest| rest.split_once('\n')).ok_or_else(bad_key)?;
    let key = read_key_pem(pem).ok_or_else(bad_key)?;
    let witness = Witness::new(name, key.verifying_key()).ok_or_else(bad_key)?;
    let refused = |source| WitnessError::NotOfTheLog { path: order.note.clone(), source };
    let note = String::from_utf8(read_bytes(&order.note)?).map_err(|_| refused(NoteError::NotANote))?;
    let origin = checkpoint_in(note.as_bytes()).map(|checkpoint| checkpoint.origin);
    let origin = origin.ok_or_else(|| refused(NoteError::NotACheckpoint))?;
    let state = state_path(&order.key, &origin);
    let folder = Folder::lock(&state)?;
    let (mut known, last) = read_state(&state)?;
    let trusted = known.len();
    if let Some(log) = &order.log {
        let new = Signatory::read(log).filter(|by| by.name == origin);
        let new = new.ok_or_else(|| WitnessError::BadLogKey { key: log.clone() })?;
        if !known.contains(&new) {
            known.push(new);
        }
    }
    if known.is_empty() {
        return Err(WitnessError::NoLogKey { origin }.into());
    }
    let (checkpoint, signed) = open_note(note.as_bytes(), &known).map_err(refused)?;
    // A key that is new to the witness counts once a key that it knew signs beside it.
    if trusted > 0 && known.len() > trusted && !signed.iter().any(|place| *place < trusted) {
        return Err(WitnessError::KeyUnproven { path: order.note.clone() }.into());
    }
    if let Some(last) = &last {
        let proof = order.proof.as_deref().map(|path| read_bytes(path).map(|bytes| (path, bytes))).transpose()?;
        goes_on(last, &checkpoint, proof.as_ref().map(|(path, bytes)| (*path, bytes.as_slice())))?;
    }
    let at = session.now().timestamp().unsigned_abs();
    write_state(&folder, &state, &known, &checkpoint)?;
    drop(folder);
    write_file(session, &order.output, cosign(&note, &checkpoint, name, &key, at).as_bytes())?;
    Ok(Witnessed { witness: witness.text(), size: checkpoint.size, at })
}

/// Refuses a checkpoint that does not go on from the last one.
fn goes_on(last: &Checkpoint, new: &Checkpoint, proof: Option<(&Path, &[u8])>) -> Result<(), WitnessError> {
    let (seen, size) = (last.size, new.size);
    if size < seen {
        return Err(WitnessError::Rollback { seen, size });
    }
    if size == seen {
        return if last.root == new.root { Ok(()) } else { Err(WitnessError::Fork { seen, size }) };
    }
    let (path, bytes) = proof.ok_or(WitnessError::NoProof { seen, size })?;
    let (sizes, hashes) = read_proof(bytes).ok_or_else(|| WitnessError::NotAProof { path: path.to_path_buf() })?;
    if sizes != (seen, size) {
        return Err(WitnessError::OtherProof { path: path.to_path_buf(), seen, size });
    }
    match seen == 0 || is_consistent((seen, &last.root), (size, &new.root), &hashes) {
        true => Ok(()),
        false => Err(WitnessError::Fork { seen, size }),
    }
}

/// Puts a witness's signature on record: refused if it is not over a checkpoint of this ledger, or not of this witness.
pub fn add_witness(session: &mut Session, file: &Path, key: &str) -> Result<Witnessed, DeedError> {
    let witness = Witness::read(key).ok_or_else(|| WitnessError::BadWitness { key: key.to_string() })?;
    let note = read_bytes(file)?;
    let refused = |source| WitnessError::NotOfTheLog { path: file.to_path_buf(), source };
    let mut store = session.open()?;
    let keys = store.read().log_keys()?;
    let (known, _) = signatories(&keys, store.path())?;
    open_note(&note, &known).map_err(refused)?;
    let (checkpoint, by) = witness.cosignature_in(&note).map_err(refused)?;
    let size = checkpoint.size;
    let seal = store.read().seal_of(size)?;
    if seal.is_none_or(|seal| checkpoint_in(seal.note.as_bytes()) != Some(checkpoint)) {
        return Err(WitnessError::OtherCheckpoint { path: file.to_path_buf(), size }.into());
    }
    let record = WitnessRecord::of(size, &witness, &by);
    let mut is_known = false;
    store.read().each_entry::<DeedError>(&mut |_, body, _| {
        is_known = is_known || record.is_in(body);
        Ok(())
    })?;
    if is_known {
        return Err(WitnessError::Known { size }.into());
    }
    let now = session.now();
    store.write::<_, StoreError>(now, &mut session.rng, |writing| writing.append(&Event::Witness(record)))?;
    Ok(Witnessed { witness: witness.text(), size, at: by.at })
}

/// Gives the place of what a witness saw last of a log: beside its key, one file for each log.
fn state_path(key: &Path, origin: &str) -> PathBuf {
    let log: String = origin.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = key.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    key.with_file_name(format!("{name}.{log}.seen"))
}

/// Reads the log's keys that a witness knows, and what it signed last.
fn read_state(path: &Path) -> Result<(Vec<Signatory>, Option<Checkpoint>), DeedError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), None)),
        Ok(_) | Err(_) => drop(open_input(path)?),
    }
    let bad = || DeedError::from(WitnessError::NotAState { path: path.to_path_buf() });
    let text = String::from_utf8(read_bytes(path)?).map_err(|_| bad())?;
    let (keys, last) = text.split_once("\n\n").ok_or_else(bad)?;
    let known = keys.lines().map(|line| Signatory::read(line).ok_or_else(bad)).collect::<Result<_, _>>()?;
    Ok((known, Some(Checkpoint::parse(last).ok_or_else(bad)?)))
}

fn write_state(folder: &Folder, path: &Path, known: &[Signatory], last: &Checkpoint) -> Result<(), DeedError> {
    let keys: Vec<String> = known.iter().map(Signatory::text).collect();
    let temp = path.with_extension("seen.tmp");
    let failed = |source| DeedError::Write { path: path.to_path_buf(), source };
    remove(&temp)?;
    let mut file = create_private(&temp)?;
    let text = format!("{}\n\n{}", keys.join("\n"), last.text());
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&temp, path).map_err(failed)?;
    folder.sync()
}
