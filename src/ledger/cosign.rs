//! Witnesses: other people's signatures on a checkpoint, as C2SP's tlog-cosignature has them (`cosignature/v1`).
//!
//! A witness signs `cosignature/v1`, the time, and the text of the checkpoint; its line stands in the note beside the log's own. It
//! says that the witness saw this state of the log at that time, and no other state that contradicts it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::entry::kind_of;
use super::merkle::sha256;
use super::note::{Checkpoint, NoteError, SIGNATURE_START, cut, signature_line};
use super::record::WitnessRecord;

/// The kind of signature in a witness's key id and in its public text.
const COSIGNATURE: u8 = 4;
/// Most characters of a witness's name.
const NAME_CHARS_MAX: usize = 100;

/// A witness: the name that it signs under, and its public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    pub name: String,
    pub key: VerifyingKey,
}

/// A witness's signature on a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Seconds since 1970, by the witness's clock.
    pub at: u64,
    pub signature: [u8; 64],
}

/// Gives the text that a witness signs.
pub fn cosigned_text(checkpoint: &Checkpoint, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{}", checkpoint.text())
}

impl Witness {
    /// Names a witness: 1 to 100 printed ASCII characters, none of them a blank, `+` or `~`.
    pub fn new(name: &str, key: VerifyingKey) -> Option<Witness> {
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '+' | '~');
        let is_name = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && name.chars().all(is_plain);
        is_name.then(|| Witness { name: name.to_string(), key })
    }

    /// Reads a key as [`Witness::text`] writes it.
    pub fn read(text: &str) -> Option<Witness> {
        let (name, rest) = text.split_once('+')?;
        let (_, encoded) = rest.split_once('+')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let key: &[u8; 32] = bytes.strip_prefix(&[COSIGNATURE])?.try_into().ok()?;
        let witness = Witness::new(name, VerifyingKey::from_bytes(key).ok()?)?;
        (witness.text() == text && !witness.key.is_weak()).then_some(witness)
    }

    /// Writes the key as other programs read it: `NAME+ID+BASE64(kind ‖ public key)`.
    pub fn text(&self) -> String {
        let key = [&[COSIGNATURE], &self.key.as_bytes()[..]].concat();
        format!("{}+{}+{}", self.name, hex::encode(self.key_id()), STANDARD.encode(key))
    }

    /// Gives the first bytes of SHA-256(name ‖ LF ‖ kind ‖ public key).
    fn key_id(&self) -> [u8; 4] {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &[COSIGNATURE], self.key.as_bytes()].concat());
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Checks a signature of this witness.
    pub fn signed(&self, checkpoint: &Checkpoint, by: &Cosignature) -> bool {
        let signature = Signature::from_bytes(&by.signature);
        self.key.verify_strict(cosigned_text(checkpoint, by.at).as_bytes(), &signature).is_ok()
    }

    /// Finds this witness's signature in a note; an error if there is one that does not fit, or none.
    pub fn cosignature_in(&self, note: &[u8]) -> Result<(Checkpoint, Cosignature), NoteError> {
        let (text, signatures) = cut(note).ok_or(NoteError::NotANote)?;
        let checkpoint = Checkpoint::parse(text).ok_or(NoteError::NotACheckpoint)?;
        let mut found = None;
        for line in signatures {
            let (name, key_id, bytes) = signature_line(line).ok_or(NoteError::NotANote)?;
            if name != self.name || key_id != self.key_id() {
                continue;
            }
            let bad = || NoteError::BadSignature { key: format!("{name}+{}", hex::encode(self.key_id())) };
            let (at, signature) = bytes.split_first_chunk::<8>().ok_or_else(bad)?;
            let by = Cosignature { at: u64::from_be_bytes(*at), signature: signature.try_into().map_err(|_| bad())? };
            found = Some(by).filter(|by| self.signed(&checkpoint, by));
            if found.is_none() {
                return Err(bad());
            }
        }
        found.map(|by| (checkpoint, by)).ok_or(NoteError::UnknownKey)
    }
}

impl WitnessRecord {
    /// Notes down a signature.
    pub fn of(size: u64, witness: &Witness, by: &Cosignature) -> WitnessRecord {
        WitnessRecord { size, witness: witness.text(), at: by.at, signature: STANDARD.encode(by.signature) }
    }

    /// Gives the witness and its signature; nothing if that is no key or no signature.
    pub fn read(&self) -> Option<(Witness, Cosignature)> {
        let signature = STANDARD.decode(&self.signature).ok()?.try_into().ok()?;
        Some((Witness::read(&self.witness)?, Cosignature { at: self.at, signature }))
    }

    /// Tells whether the body of an entry is this record.
    pub fn is_in(&self, body: &[u8]) -> bool {
        let has = |line: &str| body.split(|byte| *byte == b'\n').any(|one| one == line.as_bytes());
        kind_of(body) == Some("witness") && has(&format!("signature {}", self.signature))
    }
}

/// Adds a witness's line to a note, which must end with its signature lines.
pub fn cosign(note: &str, checkpoint: &Checkpoint, name: &str, key: &SigningKey, at: u64) -> String {
    let witness = Witness { name: name.to_string(), key: key.verifying_key() };
    let signature = key.sign(cosigned_text(checkpoint, at).as_bytes()).to_bytes();
    let line = [&witness.key_id()[..], &at.to_be_bytes(), &signature].concat();
    format!("{note}{SIGNATURE_START}{name} {}\n", STANDARD.encode(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Signatory, open_note};

    /// Frozen: made by another Ed25519, from its secret of 32 bytes `03`, over the good note of the log at 1795288002.
    const COSIGNED: &[u8] = include_bytes!("../../tests/fixtures/notes/good_cosigned.note");
    const GOOD: &str = include_str!("../../tests/fixtures/notes/good.note");

    fn witness() -> (SigningKey, Witness) {
        let key = SigningKey::from_bytes(&[3; 32]);
        let witness = Witness::new("witness.example/w1", key.verifying_key()).expect("a good name");
        (key, witness)
    }

    #[test]
    fn the_frozen_cosigned_note_is_what_is_signed_today_and_still_the_logs() {
        let (key, witness) = witness();
        let (checkpoint, by) = witness.cosignature_in(COSIGNED).expect("frozen");
        assert_eq!((checkpoint.size, by.at), (5, 1_795_288_002));
        assert_eq!(cosign(GOOD, &checkpoint, &witness.name, &key, by.at).as_bytes(), COSIGNED);
        let log = Signatory { name: checkpoint.origin.clone(), key: SigningKey::from_bytes(&[1; 32]).verifying_key() };
        assert_eq!(open_note(COSIGNED, &[log]).map(|(opened, _)| opened), Ok(checkpoint));
    }

    #[test]
    fn no_changed_byte_of_a_cosigned_note_is_passed_over() {
        let (_, witness) = witness();
        let start = GOOD.find("\n\n").expect("a note") + 2;
        let own = GOOD.len();
        for at in (0..start).chain(own..COSIGNED.len()) {
            for bit in 0..8 {
                let mut note = COSIGNED.to_vec();
                note[at] ^= 1 << bit;
                assert!(witness.cosignature_in(&note).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_witness_is_known_by_its_text_and_by_no_other_spelling() {
        let (_, witness) = witness();
        let text = witness.text();
        assert_eq!(Witness::read(&text), Some(witness.clone()));
        for bad in [
            text.replacen("w1", "w2", 1),
            format!("{text} "),
            text.replace('+', " "),
            String::new(),
            "a+b+c".to_string(),
        ] {
            assert_eq!(Witness::read(&bad), None, "{bad}");
        }
        assert_eq!(Witness::new("a b", witness.key), None);
        assert_eq!(Witness::new("王", witness.key), None);
        let other =
            Witness::new("witness.example/w1", SigningKey::from_bytes(&[4; 32]).verifying_key()).expect("a name");
        assert_eq!(other.cosignature_in(COSIGNED), Err(NoteError::UnknownKey));
    }
}
