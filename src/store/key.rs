//! The signing keys' file: Ed25519 keys in PKCS#8 PEM, one after the other, readable by its owner only.
//!
//! The first key is the one the ledger was made with; what is derived from it must stay the same for ever. A key that is
//! changed stays in the file, and the ledger says which of them signs. Of a locked ledger, an age identity stands before them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rand::Rng;

use super::error::StoreError;
use crate::ledger::sha256;

/// How a key begins in the file.
const KEY_START: &str = "-----BEGIN PRIVATE KEY-----";

/// Gives the place of the key that belongs to the ledger at `ledger`: the same name, ending in `.key`.
pub fn key_path(ledger: &Path) -> PathBuf {
    ledger.with_extension("key")
}

/// Makes a key, writes it durably to a new file at `path`, and gives the public half in hex.
pub fn make_key(path: &Path, rng: &mut dyn Rng) -> Result<String, StoreError> {
    let key = drawn(rng);
    write_new(path, &pem(&key, path)?)?;
    Ok(hex::encode(key.verifying_key().to_bytes()))
}

/// Makes a key as [`make_key`] does, with an age identity for the planting machine before it; gives both public halves.
pub fn make_locked_key(path: &Path, rng: &mut dyn Rng) -> Result<(String, String), StoreError> {
    let (key, identity) = (drawn(rng), Identity::generate());
    let secret = identity.to_string();
    write_new(path, &format!("{}\n{}", secret.expose_secret(), pem(&key, path)?))?;
    Ok((hex::encode(key.verifying_key().to_bytes()), identity.to_public().to_string()))
}

/// Makes a key that is not the ledger's; gives it and its PEM.
pub fn new_key_pem(rng: &mut dyn Rng) -> Result<(SigningKey, String), StoreError> {
    let key = drawn(rng);
    pem(&key, Path::new("key")).map(|pem| (key, pem))
}

/// Reads such a key.
pub fn read_key_pem(pem: &str) -> Option<SigningKey> {
    SigningKey::from_pkcs8_pem(pem).ok()
}

/// Reads the planting machine's age identity, if there is one before the signing keys.
pub(super) fn planter_identity(path: &Path) -> Result<Option<Identity>, StoreError> {
    Ok(read(path)?.lines().find_map(|line| line.trim().parse().ok()))
}

/// Derives the key of the tags from the first signing key.
pub(super) fn blind_key(path: &Path) -> Result<[u8; 32], StoreError> {
    derived(path, b"canaries/blind/1\n")
}

/// Makes a further key, adds it to the file in one step, and gives it.
pub fn add_key(ledger: &Path, rng: &mut dyn Rng) -> Result<SigningKey, StoreError> {
    let path = key_path(ledger);
    let key = drawn(rng);
    let all = read(&path)? + &pem(&key, &path)?;
    let failed = |source| StoreError::File { path: path.clone(), source };
    let mut tail = [0; 8];
    rng.fill_bytes(&mut tail);
    let temp = path.with_extension(format!("key.{}", hex::encode(tail)));
    write_new(&temp, &all)?;
    fs::rename(&temp, &path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(key)
}

/// Finds the key in the file whose public half, in hex, is `public`.
pub fn signing_key(ledger: &Path, public: &str) -> Result<SigningKey, StoreError> {
    let path = key_path(ledger);
    let found = keys(&path)?.into_iter().find(|key| hex::encode(key.verifying_key().to_bytes()) == public);
    found.ok_or(StoreError::KeyForeign { path })
}

/// Writes a public key as PEM.
pub fn public_pem(public: &VerifyingKey) -> String {
    public.to_public_key_pem(LineEnding::LF).expect("a key of 32 bytes always has a PEM form")
}

/// Signs bytes; gives 64 bytes.
pub fn sign_bytes(key: &SigningKey, bytes: &[u8]) -> Vec<u8> {
    key.sign(bytes).to_bytes().to_vec()
}

/// Derives the key under which rows of lists are fingerprinted from the first signing key beside the ledger.
pub fn anchor_key(ledger: &Path) -> Result<[u8; 32], StoreError> {
    derived(&key_path(ledger), b"canaries/anchor/1\n")
}

fn derived(path: &Path, label: &[u8]) -> Result<[u8; 32], StoreError> {
    let keys = keys(path)?;
    let first = keys.first().ok_or_else(|| StoreError::KeyForeign { path: path.to_path_buf() })?;
    Ok(sha256(&[label, &first.to_bytes()[..]].concat()))
}

fn drawn(rng: &mut dyn Rng) -> SigningKey {
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    SigningKey::from_bytes(&secret)
}

fn pem(key: &SigningKey, path: &Path) -> Result<String, StoreError> {
    // Without the public half, which older OpenSSL does not read.
    let bare = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    let made = bare.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string());
    made.map_err(|error| StoreError::File { path: path.to_path_buf(), source: std::io::Error::other(error) })
}

fn write_new(path: &Path, text: &str) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.to_path_buf(), source };
    let mut file = super::create_private(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if let Err(source) = written {
        fs::remove_file(path).map_err(failed)?;
        return Err(failed(source));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, StoreError> {
    fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => StoreError::KeyMissing { path: path.to_path_buf() },
        _ => StoreError::KeyUnreadable { path: path.to_path_buf(), source },
    })
}

fn keys(path: &Path) -> Result<Vec<SigningKey>, StoreError> {
    let failed = |source| StoreError::KeyUnreadable { path: path.to_path_buf(), source };
    let text = read(path)?;
    let starts: Vec<usize> = text.match_indices(KEY_START).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let pieces = starts.iter().zip(ends).map(|(from, to)| text[*from..to].trim_end());
    if starts.is_empty() {
        return Err(failed(std::io::ErrorKind::InvalidData.into()));
    }
    pieces.map(|pem| SigningKey::from_pkcs8_pem(pem).map_err(|error| failed(std::io::Error::other(error)))).collect()
}
