//! Signed checkpoints: what the ledger's key says the log was, as C2SP's signed-note and tlog-checkpoint have it.
//!
//! A checkpoint is three lines, origin, size and root in base64; an empty line and one signature line or more follow:
//! `— NAME BASE64(key id ‖ signature)`. A line of a key that is not asked about is passed over, one of a known key that does not
//! verify spoils the whole note. Signatures are checked strictly: no second form of one is accepted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::merkle::{Hash, Tree, sha256};
use crate::lang::{Pair, Speak};

/// What begins a signature line: an em dash and a space.
pub(super) const SIGNATURE_START: &str = "\u{2014} ";
/// The kind of signature in a key's id and in its public text: Ed25519.
const ED25519: u8 = 1;
/// Bytes of a key's id.
const KEY_ID_BYTES: usize = 4;
/// Most bytes of a note that is read; ours have less than 1 KiB.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Most signatures of a note that is read.
const SIGNATURES_MAX: usize = 16;

/// The state of a log: how many entries, and the root over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// A public key and the name that it signs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    pub name: String,
    pub key: VerifyingKey,
}

/// Why a note is not taken for a checkpoint of the log.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum NoteError {
    #[error("it is not a signed note")]
    NotANote,
    #[error("its text is not a checkpoint: origin, size and root, one a line")]
    NotACheckpoint,
    #[error("the signature of key {key} does not fit it")]
    BadSignature { key: String },
    #[error("no key that is known has signed it")]
    UnknownKey,
    #[error("it is of another log, `{origin}`")]
    OtherLog { origin: String },
}

impl Speak for NoteError {
    fn zh(&self) -> String {
        match self {
            NoteError::NotANote => "不是带签名的检查点".to_string(),
            NoteError::NotACheckpoint => "正文不是检查点：应为来源、条数和根，各占一行".to_string(),
            NoteError::BadSignature { key } => format!("密钥 {key} 的签名与正文不符"),
            NoteError::UnknownKey => "没有已知密钥的签名".to_string(),
            NoteError::OtherLog { origin } => format!("属于另一个台账 `{origin}`"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new("give the file that `canaries seal` wrote, unchanged", "请给出 `canaries seal` 写出的原文件"))
    }
}

/// Names the log whose first key is `public`: the same for ever, whatever keys follow.
pub fn origin_of(public: &VerifyingKey) -> String {
    format!("canaries/{}", hex::encode(&sha256(public.as_bytes())[..8]))
}

/// Reads a public key in hex, as `key` entries have it.
pub fn public_key(text: &str) -> Option<VerifyingKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}

impl Checkpoint {
    /// Describes a tree.
    pub fn of(origin: &str, tree: &Tree) -> Checkpoint {
        Checkpoint { origin: origin.to_string(), size: tree.size(), root: tree.root() }
    }

    /// Writes the text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads the text that is signed; there is one spelling of each checkpoint.
    pub fn parse(text: &str) -> Option<Checkpoint> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root: Hash = STANDARD.decode(root).ok()?.try_into().ok()?;
        let made = Checkpoint { origin: origin.to_string(), size: size.parse().ok()?, root };
        (lines.next().is_none() && !origin.is_empty() && made.text() == text).then_some(made)
    }

    /// Signs with each key under the log's name.
    pub fn sign(&self, keys: &[&SigningKey]) -> String {
        let text = self.text();
        let lines = keys.iter().map(|key| {
            let by = Signatory { name: self.origin.clone(), key: key.verifying_key() };
            by.line(&key.sign(text.as_bytes()))
        });
        format!("{text}\n{}", lines.collect::<String>())
    }
}

impl Signatory {
    /// Gives the first bytes of SHA-256(name ‖ LF ‖ kind ‖ public key), by which a signature line names its key.
    pub fn key_id(&self) -> [u8; KEY_ID_BYTES] {
        let parts = [self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()];
        let hash = parts.into_iter().fold(Sha256::new(), Digest::chain_update).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Writes the key as other programs read it: `NAME+ID+BASE64(kind ‖ public key)`.
    pub fn text(&self) -> String {
        let key = [&[ED25519], &self.key.as_bytes()[..]].concat();
        format!("{}+{}+{}", self.name, hex::encode(self.key_id()), STANDARD.encode(key))
    }

    /// Reads a key as [`Signatory::text`] writes it.
    pub fn read(text: &str) -> Option<Signatory> {
        let (name, rest) = text.split_once('+')?;
        let bytes = STANDARD.decode(rest.split_once('+')?.1).ok()?;
        let key: &[u8; 32] = bytes.strip_prefix(&[ED25519])?.try_into().ok()?;
        let read = Signatory { name: name.to_string(), key: VerifyingKey::from_bytes(key).ok()? };
        (read.text() == text).then_some(read)
    }

    fn line(&self, signature: &Signature) -> String {
        let signed = [&self.key_id()[..], &signature.to_bytes()].concat();
        format!("{SIGNATURE_START}{} {}\n", self.name, STANDARD.encode(signed))
    }
}

/// Opens a checkpoint that one of `known` has signed; gives it and the places in `known` of all who have.
pub fn open_note(note: &[u8], known: &[Signatory]) -> Result<(Checkpoint, Vec<usize>), NoteError> {
    let (text, signatures) = cut(note).ok_or(NoteError::NotANote)?;
    let mut signed = Vec::new();
    for line in signatures {
        let (name, key_id, signature) = signature_line(line).ok_or(NoteError::NotANote)?;
        let Some(place) = known.iter().position(|by| by.name == name && by.key_id()[..] == key_id) else { continue };
        let by = &known[place];
        let bad = || NoteError::BadSignature { key: format!("{}+{}", by.name, hex::encode(by.key_id())) };
        let signature = Signature::from_slice(&signature).map_err(|_| bad())?;
        by.key.verify_strict(text.as_bytes(), &signature).map_err(|_| bad())?;
        if !signed.contains(&place) {
            signed.push(place);
        }
    }
    let checkpoint = Checkpoint::parse(text).ok_or(NoteError::NotACheckpoint)?;
    match known.iter().any(|by| by.name == checkpoint.origin) {
        true if signed.is_empty() => Err(NoteError::UnknownKey),
        true => Ok((checkpoint, signed)),
        false => Err(NoteError::OtherLog { origin: checkpoint.origin }),
    }
}

/// Reads the checkpoint in a note whoever signed it; to be trusted only once [`open_note`] has opened it.
pub fn checkpoint_in(note: &[u8]) -> Option<Checkpoint> {
    cut(note).and_then(|(text, _)| Checkpoint::parse(text))
}

/// Parts the text, which ends in LF, from the signature lines.
pub(super) fn cut(note: &[u8]) -> Option<(&str, Vec<&str>)> {
    let note = std::str::from_utf8(note).ok().filter(|note| note.len() <= NOTE_BYTES_MAX)?;
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return None;
    }
    let end = note.rfind("\n\n")?;
    let (text, signatures) = (&note[..end + 1], note[end + 2..].strip_suffix('\n')?);
    let lines: Vec<&str> = signatures.split('\n').collect();
    (lines.len() <= SIGNATURES_MAX).then_some((text, lines))
}

/// Reads a signature line: its name, the key's id, and the signature.
pub(super) fn signature_line(line: &str) -> Option<(&str, Vec<u8>, Vec<u8>)> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_START)?.split_once(' ')?;
    let mut key_id = STANDARD.decode(encoded).ok()?;
    if name.is_empty() || name.contains('+') || name.contains(char::is_whitespace) || key_id.len() <= KEY_ID_BYTES {
        return None;
    }
    let signature = key_id.split_off(KEY_ID_BYTES);
    Some((name, key_id, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: checkpoints as files, each named after what is wrong with it.
    macro_rules! vector {
        ($name:literal) => {
            include_bytes!(concat!("../../tests/fixtures/notes/", $name, ".note"))
        };
    }

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 32])
    }

    fn log() -> (Checkpoint, [Signatory; 2]) {
        let origin = origin_of(&key(1).verifying_key());
        let mut tree = Tree::default();
        (0..5u8).for_each(|leaf| tree.push(super::super::merkle::leaf_hash(&[leaf])));
        let by = |byte| Signatory { name: origin.clone(), key: key(byte).verifying_key() };
        (Checkpoint::of(&origin, &tree), [by(1), by(2)])
    }

    #[test]
    fn the_frozen_good_notes_are_what_is_signed_today() {
        let (checkpoint, known) = log();
        assert_eq!(checkpoint.sign(&[&key(1)]).as_bytes(), vector!("good"));
        assert_eq!(open_note(vector!("good"), &known), Ok((checkpoint.clone(), vec![0])));
        assert_eq!(checkpoint.sign(&[&key(1), &key(2)]).as_bytes(), vector!("good_two_keys"));
        assert_eq!(open_note(vector!("good_two_keys"), &known), Ok((checkpoint.clone(), vec![0, 1])));
        assert_eq!(open_note(vector!("good_stranger_too"), &known), Ok((checkpoint, vec![0])));
    }

    #[test]
    fn the_frozen_bad_notes_are_refused_for_what_is_wrong_with_them() {
        let (_, known) = log();
        let bad = || NoteError::BadSignature { key: "canaries/34750f98bd59fcfc+8a53b955".to_string() };
        let vectors: &[(&str, &[u8], NoteError)] = &[
            ("other root", vector!("bad_root"), bad()),
            ("other size", vector!("bad_size"), bad()),
            ("flipped signature", vector!("bad_signature"), bad()),
            ("cut signature", vector!("bad_short_signature"), bad()),
            ("second form of the signature", vector!("bad_malleable"), bad()),
            ("one good and one bad signature", vector!("bad_second_signature"), bad()),
            ("only a stranger's signature", vector!("bad_stranger"), NoteError::UnknownKey),
            ("key id of a stranger", vector!("bad_key_id"), NoteError::UnknownKey),
            ("no signature", vector!("bad_unsigned"), NoteError::NotANote),
            ("no empty line", vector!("bad_no_gap"), NoteError::NotANote),
            ("hyphen for the dash", vector!("bad_dash"), NoteError::NotANote),
            ("carriage returns", vector!("bad_crlf"), NoteError::NotANote),
            ("text after the signatures", vector!("bad_tail"), NoteError::NotANote),
            ("no last line feed", vector!("bad_no_end"), NoteError::NotANote),
            ("not base64", vector!("bad_base64"), NoteError::NotANote),
            ("no UTF-8", vector!("bad_utf8"), NoteError::NotANote),
            ("nothing", b"", NoteError::NotANote),
            ("zero before the size, signed", vector!("bad_padded_size"), NoteError::NotACheckpoint),
            ("sign before the size, signed", vector!("bad_plus_size"), NoteError::NotACheckpoint),
            ("root of 31 bytes, signed", vector!("bad_short_root"), NoteError::NotACheckpoint),
            ("fourth line, signed", vector!("bad_extension"), NoteError::NotACheckpoint),
            ("two lines, signed", vector!("bad_two_lines"), NoteError::NotACheckpoint),
            (
                "another log, signed",
                vector!("bad_other_log"),
                NoteError::OtherLog { origin: "canaries/0000000000000000".to_string() },
            ),
        ];
        for (what, note, error) in vectors {
            assert_eq!(open_note(note, &known), Err(error.clone()), "{what}");
        }
    }

    #[test]
    fn no_changed_byte_of_a_note_is_passed_over() {
        let (checkpoint, known) = log();
        let good = checkpoint.sign(&[&key(1)]).into_bytes();
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut note = good.clone();
                note[at] ^= 1 << bit;
                assert!(open_note(&note, &known).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}
