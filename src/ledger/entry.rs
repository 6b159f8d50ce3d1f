//! The bytes of one entry of the ledger.
//!
//! The body is text, one `name value` a line, and may be shown to anybody. A value that identifies somebody
//! stands in it only as a commitment, `name =hex`, where hex is SHA-256("canaries/commitment/1\n" ‖ name ‖ LF ‖ salt ‖ value);
//! salt and value are in the openings, one `name salt value` a line. Released bytes never change.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand::Rng;
use sha2::{Digest, Sha256};

use super::merkle::Hash;
use crate::lang::{Pair, Speak};

/// First line of every body: the format and its version.
const FORMAT: &str = "canaries/entry/1";
/// What a commitment's hash begins with, so that it can be mistaken for no other hash.
const COMMITMENT: &str = "canaries/commitment/1\n";
/// Length of a salt in bytes.
const SALT_BYTES: usize = 32;
/// Room for the body or the openings of most entries.
const ROOM_BYTES: usize = 1024;

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub body: Vec<u8>,
    pub openings: Vec<u8>,
}

impl Entry {
    /// Gives the openings of some secret lines, in the order of the body.
    pub fn opened(&self, names: &[&str]) -> String {
        let all = String::from_utf8_lossy(&self.openings);
        let wanted = |line: &&str| names.contains(&line.split(' ').next().unwrap_or_default());
        all.lines().filter(wanted).flat_map(|line| [line, "\n"]).collect()
    }

    /// Gives the lines that anybody may read.
    pub fn open_lines(&self) -> Result<BTreeMap<String, String>, LedgerError> {
        let plain = lines_of(&self.body)?.into_iter().filter(|(_, value)| !value.starts_with('='));
        Ok(plain.map(|(name, value)| (name.to_string(), unescape(value))).collect())
    }
}

/// Gives the kind of an entry, by its body alone.
pub fn kind_of(body: &[u8]) -> Option<&str> {
    let rest = body.strip_prefix(FORMAT.as_bytes())?.strip_prefix(b"\nkind ")?;
    std::str::from_utf8(rest.split(|byte| *byte == b'\n').next()?).ok()
}

/// Gives a secret value from the openings of an entry, as it stands there and unchecked.
pub fn opening_of<'o>(openings: &'o [u8], name: &str) -> Option<&'o str> {
    let lines = std::str::from_utf8(openings).ok()?.lines();
    let rest = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).next()?;
    rest.split_once(' ').map(|(_, value)| value)
}

/// Gives the lines of a body by name, values as they stand.
fn lines_of(body: &[u8]) -> Result<BTreeMap<&str, &str>, LedgerError> {
    let body = std::str::from_utf8(body).map_err(|_| LedgerError::UnknownFormat)?;
    let body = body.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix('\n')).ok_or(LedgerError::UnknownFormat)?;
    let mut lines = BTreeMap::new();
    for line in body.split_terminator('\n') {
        let (name, value) = line.split_once(' ').ok_or_else(|| bad_line(line))?;
        if lines.insert(name, value).is_some() {
            return Err(bad_line(name));
        }
    }
    Ok(lines)
}

/// Reads a line of openings: its name, its value as it stands, and the commitment in hex.
fn open_line(line: &str) -> Result<(&str, &str, String), LedgerError> {
    let (name, rest) = line.split_once(' ').ok_or_else(|| bad_line(line))?;
    let (salt, value) = rest.split_once(' ').ok_or_else(|| bad_line(name))?;
    // A longer salt could swallow the beginning of the value.
    let is_plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let salt = hex::decode(salt).ok().filter(|bytes| bytes.len() == SALT_BYTES && salt.bytes().all(is_plain));
    let salt = salt.ok_or_else(|| bad_line(name))?;
    Ok((name, value, hex::encode(commitment(name.as_bytes(), &salt, value.as_bytes()))))
}

/// Why an entry cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LedgerError {
    #[error("the entry is not in a format this program knows")]
    UnknownFormat,
    #[error("line `{name}` is missing or cannot be read")]
    BadLine { name: String },
    #[error("`{name}` does not open its commitment")]
    WrongOpening { name: String },
    #[error("there is no kind of entry `{kind}`")]
    NoSuchKind { kind: String },
    #[error("the envelope around the entry's openings does not open")]
    BadEnvelope,
}

impl Speak for LedgerError {
    fn zh(&self) -> String {
        match self {
            LedgerError::UnknownFormat => "条目格式不是本程序所认识的".to_string(),
            LedgerError::BadLine { name } => format!("缺少 `{name}` 行或无法读取"),
            LedgerError::WrongOpening { name } => format!("`{name}` 与其承诺值不符"),
            LedgerError::NoSuchKind { kind } => format!("没有 `{kind}` 这种条目"),
            LedgerError::BadEnvelope => "条目原文的密封无法打开".to_string(),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new(
            "the ledger was altered or written by a newer version; run `canaries verify`, and restore a backup if it fails",
            "台账被改动过，或由更新的版本写成；请运行 `canaries verify`，如不通过请恢复备份",
        ))
    }
}

/// Makes the salts of commitments.
pub struct Salter<'a>(pub &'a mut dyn Rng);

/// Writes the lines of an entry.
pub(super) struct Lines<'a, 'b> {
    body: String,
    openings: String,
    salter: &'a mut Salter<'b>,
    hashes: Hashes,
}

/// How hashes are written of what has so few possible values that it could be found by trying them.
#[derive(Clone, Copy, PartialEq)]
enum Hashes {
    Open,
    Secret,
}

impl<'a, 'b> Lines<'a, 'b> {
    /// Begins an entry of `kind`.
    pub(super) fn new(kind: &str, salter: &'a mut Salter<'b>) -> Self {
        let mut body = String::with_capacity(ROOM_BYTES);
        body.extend([FORMAT, "\nkind ", kind, "\n"]);
        Lines { body, openings: String::with_capacity(ROOM_BYTES), salter, hashes: Hashes::Open }
    }

    /// Begins an entry of `kind` in which hashes of what could be guessed are secret.
    pub(super) fn with_secret_hashes(kind: &str, salter: &'a mut Salter<'b>) -> Self {
        Lines { hashes: Hashes::Secret, ..Lines::new(kind, salter) }
    }

    /// Adds the hash of something that could be guessed.
    pub(super) fn hash(&mut self, name: &str, value: &str) -> &mut Self {
        match self.hashes {
            Hashes::Open => self.open(name, value),
            Hashes::Secret => self.secret(name, value),
        }
    }

    /// Adds a line that anybody may read.
    pub(super) fn open(&mut self, name: &str, value: &str) -> &mut Self {
        self.body.extend([name, " ", &escape(value), "\n"]);
        self
    }

    /// Adds a line that only commits to `value`.
    pub(super) fn secret(&mut self, name: &str, value: &str) -> &mut Self {
        let mut salt = [0; SALT_BYTES];
        self.salter.0.fill_bytes(&mut salt);
        let value = escape(value);
        let mut hex = [0; 2 * SALT_BYTES];
        self.body.extend([name, " =", hex_text(&commitment(name.as_bytes(), &salt, value.as_bytes()), &mut hex), "\n"]);
        self.openings.extend([name, " ", hex_text(&salt, &mut hex), " ", &value, "\n"]);
        self
    }

    /// Adds a secret line if there is something to keep.
    pub(super) fn secret_if(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.secret(name, value),
            None => self,
        }
    }

    /// Ends the entry.
    pub(super) fn end(self) -> Entry {
        Entry { body: self.body.into_bytes(), openings: self.openings.into_bytes() }
    }
}

/// The lines of an entry by name, commitments opened and checked.
pub(super) struct Fields {
    pub(super) kind: String,
    values: BTreeMap<String, String>,
}

impl Fields {
    /// Reads an entry and checks that each opening fits its commitment.
    pub(super) fn read(entry: &Entry) -> Result<Fields, LedgerError> {
        let body = std::str::from_utf8(&entry.body).map_err(|_| LedgerError::UnknownFormat)?;
        let openings = std::str::from_utf8(&entry.openings).map_err(|_| LedgerError::UnknownFormat)?;
        let body =
            body.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix('\n')).ok_or(LedgerError::UnknownFormat)?;
        let mut values = BTreeMap::new();
        let mut sealed = BTreeMap::new();
        for line in body.lines() {
            let (name, value) = line.split_once(' ').ok_or_else(|| bad_line(line))?;
            match value.strip_prefix('=') {
                Some(hash) => sealed.insert(name, hash),
                None => {
                    values.insert(name.to_string(), unescape(value));
                    continue;
                }
            };
        }
        for line in openings.lines() {
            let (name, value, hash) = open_line(line)?;
            if sealed.remove(name) != Some(hash.as_str()) {
                return Err(LedgerError::WrongOpening { name: name.to_string() });
            }
            values.insert(name.to_string(), unescape(value));
        }
        match sealed.keys().next() {
            Some(name) => Err(LedgerError::WrongOpening { name: name.to_string() }),
            None => Ok(Fields { kind: values.remove("kind").ok_or_else(|| bad_line("kind"))?, values }),
        }
    }

    /// Gives a line that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&str, LedgerError> {
        self.values.get(name).map(String::as_str).ok_or_else(|| bad_line(name))
    }

    /// Gives a line that may be missing.
    pub(super) fn maybe(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    /// Parses a line that must be there.
    pub(super) fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<T, LedgerError> {
        self.need(name)?.parse().map_err(|_| bad_line(name))
    }

    /// Parses a line that may be missing; one that is there must be well formed.
    pub(super) fn parse_maybe<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, LedgerError> {
        self.values.get(name).map(|value| value.parse().map_err(|_| bad_line(name))).transpose()
    }
}

/// Names the line that cannot be read, but not what stands in it.
pub(super) fn bad_line(name: &str) -> LedgerError {
    LedgerError::BadLine { name: bad_name(name) }
}

fn bad_name(line: &str) -> String {
    line.split(' ').next().unwrap_or_default().chars().take(32).collect()
}

/// Writes 32 bytes, a salt or a hash, as hexadecimal text into `room`.
fn hex_text<'r>(bytes: &[u8; 32], room: &'r mut [u8; 64]) -> &'r str {
    hex::encode_to_slice(bytes, room).expect("each byte takes two digits");
    std::str::from_utf8(room).expect("hexadecimal digits are ASCII")
}

/// Commits to a value as it stands in the openings, under 32 bytes of salt.
pub fn commitment(name: &[u8], salt: &[u8], value: &[u8]) -> Hash {
    let parts = [COMMITMENT.as_bytes(), name, b"\n", salt, value];
    parts.into_iter().fold(Sha256::new(), Digest::chain_update).finalize().into()
}

/// Writes a value on one line that does not begin with `=`.
pub(super) fn escape(value: &str) -> Cow<'_, str> {
    if !value.starts_with('=') && !value.contains(['\\', '\n', '\r']) {
        return Cow::Borrowed(value);
    }
    let first = if value.starts_with('=') { "\\" } else { "" };
    Cow::Owned(format!("{first}{}", value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")))
}

pub(super) fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn entry(value: &str) -> Entry {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut salter = Salter(&mut rng);
        let mut lines = Lines::new("test", &mut salter);
        lines.open("plain", value).secret("hidden", value);
        lines.end()
    }

    proptest! {
        #[test]
        fn any_text_comes_back(value in "\\PC*|[\\n\\r\\\\= ]*") {
            let fields = Fields::read(&entry(&value)).unwrap();
            prop_assert_eq!(fields.need("plain").unwrap(), &value);
            prop_assert_eq!(fields.need("hidden").unwrap(), &value);
        }
    }

    #[test]
    fn the_body_does_not_show_what_is_secret() {
        let entry = entry("13800138000");
        let body = String::from_utf8(entry.body).unwrap();
        assert_eq!(body.matches("13800138000").count(), 1, "only the open line shows it: {body}");
    }

    #[test]
    fn a_changed_opening_is_noticed() {
        let mut entry = entry("13800138000");
        let last = entry.openings.len() - 2;
        entry.openings[last] ^= 1;
        assert_eq!(Fields::read(&entry).err(), Some(LedgerError::WrongOpening { name: "hidden".to_string() }));
        entry.openings.clear();
        assert_eq!(Fields::read(&entry).err(), Some(LedgerError::WrongOpening { name: "hidden".to_string() }));
    }
}
