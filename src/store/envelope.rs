//! What a locked ledger keeps in place of openings: envelopes that only those they are meant for can open.
//!
//! Each transaction has a key of its own for each audience. The first envelope under it carries it as an age file; the
//! nonce is the entry's index, so no key ever sees a nonce twice.

use age::x25519::Recipient;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use rand::Rng;

use super::error::StoreError;
use super::lock::Lock;
use crate::ledger::{Audience, Entry, LedgerError, kind_of};

/// What an envelope begins with: no opening does.
const FORMAT: u8 = 1;
/// Openings are filled up to a multiple of so many bytes, for their length to tell less.
const PAD_BYTES: usize = 64;
/// Openings that grow with the canaries of a file are filled up to a power of two, at least so many bytes.
const PAD_CANARIES_BYTES: usize = 32 * 1024;
/// Bytes before the age file: format, audience, index of the entry with the key, length of the age file.
const HEAD_BYTES: usize = 14;

/// A key and the index of the entry whose envelope carries it.
type DataKey = (u64, [u8; 32]);

/// The keys of one transaction, for each audience once it is needed.
#[derive(Default)]
pub(super) struct Encloser {
    planter: Option<DataKey>,
    investigator: Option<DataKey>,
}

impl Encloser {
    /// Gives what is stored in place of the openings of `entry`, the one at `index`; nothing for no openings.
    pub(super) fn enclose(
        &mut self,
        lock: &Lock,
        (index, entry): (u64, &Entry),
        audience: Audience,
        rng: &mut dyn Rng,
    ) -> Result<Vec<u8>, StoreError> {
        if entry.openings.is_empty() {
            return Ok(Vec::new());
        }
        let (slot, letter, recipients) = match audience {
            Audience::Planter => (&mut self.planter, b'p', lock.all_recipients()),
            Audience::Investigator => (&mut self.investigator, b'i', lock.investigators()),
        };
        let mut age_file = Vec::new();
        let (carrier, key) = match slot {
            Some(known) => *known,
            None => {
                let mut key = [0; 32];
                rng.fill_bytes(&mut key);
                age_file = wrapped(&key, &recipients, index)?;
                *slot.insert((index, key))
            }
        };
        let mut envelope = vec![FORMAT, letter];
        envelope.extend(carrier.to_be_bytes());
        envelope.extend((age_file.len() as u32).to_be_bytes());
        envelope.extend(age_file);
        let mut padded = entry.openings.clone();
        padded.resize(filled(&entry.body, padded.len()), b'\n');
        let payload = Payload { msg: &padded, aad: &entry.body };
        let closed = cipher(&key).encrypt(&nonce(index), payload).map_err(|_| bad(index))?;
        envelope.extend(closed);
        Ok(envelope)
    }
}

/// Opens envelopes in the order of the log.
pub(super) struct Opener<'l> {
    lock: &'l Lock,
    planter: Option<DataKey>,
    investigator: Option<DataKey>,
}

impl<'l> Opener<'l> {
    pub(super) fn new(lock: &'l Lock) -> Opener<'l> {
        Opener { lock, planter: None, investigator: None }
    }

    /// Gives the openings of the entry at `index`; nothing if they are for others.
    pub(super) fn open(&mut self, index: u64, body: &[u8], stored: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if stored.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let broken = || bad(index);
        let (head, rest) = stored.split_at_checked(HEAD_BYTES).ok_or_else(broken)?;
        let (audience, slot) = match head[..2] {
            [FORMAT, b'p'] => (Audience::Planter, &mut self.planter),
            [FORMAT, b'i'] => (Audience::Investigator, &mut self.investigator),
            _ => return Err(broken()),
        };
        if !self.lock.opens(audience) {
            return Ok(None);
        }
        let carrier = u64::from_be_bytes(head[2..10].try_into().expect("eight bytes"));
        let length = u32::from_be_bytes(head[10..].try_into().expect("four bytes")) as usize;
        let (age_file, closed) = rest.split_at_checked(length).ok_or_else(broken)?;
        if carrier == index {
            let key = self.lock.unwrap(age_file).and_then(|key| key.try_into().ok()).ok_or_else(broken)?;
            *slot = Some((index, key));
        }
        let (_, key) = slot.filter(|(known, _)| *known == carrier).ok_or_else(broken)?;
        let payload = Payload { msg: closed, aad: body };
        let mut openings = cipher(&key).decrypt(&nonce(index), payload).map_err(|_| broken())?;
        let end = openings.iter().rposition(|byte| *byte != b'\n').map_or(0, |last| last + 2);
        openings.truncate(end);
        Ok(Some(openings))
    }
}

/// Gives how long openings are made, so that their length does not tell how many canaries they are of.
fn filled(body: &[u8], length: usize) -> usize {
    match kind_of(body) {
        Some("made" | "sealed") => length.next_power_of_two().max(PAD_CANARIES_BYTES),
        Some(_) | None => length.next_multiple_of(PAD_BYTES),
    }
}

fn bad(index: u64) -> StoreError {
    StoreError::Entry { index, source: LedgerError::BadEnvelope }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*key))
}

fn nonce(index: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    Nonce::from(nonce)
}

/// Encrypts a key to all recipients, as a binary age file.
fn wrapped(key: &[u8; 32], recipients: &[&Recipient], index: u64) -> Result<Vec<u8>, StoreError> {
    let mut file = Vec::new();
    let all = recipients.iter().map(|recipient| *recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).map_err(|_| bad(index))?;
    let written = encryptor.wrap_output(&mut file).and_then(|mut out| {
        std::io::Write::write_all(&mut out, key)?;
        out.finish()
    });
    written.map_err(|_| bad(index))?;
    Ok(file)
}
