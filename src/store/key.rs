//! The signing key's file: an Ed25519 key in PKCS#8 PEM, readable by its owner only.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rand::Rng;

use super::error::StoreError;
use crate::ledger::sha256;

/// Gives the place of the key that belongs to the ledger at `ledger`: the same name, ending in `.key`.
pub fn key_path(ledger: &Path) -> PathBuf {
    ledger.with_extension("key")
}

/// Makes a key, writes it durably to a new file at `path`, and gives the public half in hex.
pub fn make_key(path: &Path, rng: &mut dyn Rng) -> Result<String, StoreError> {
    let failed = |source| StoreError::File { path: path.to_path_buf(), source };
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    let key = SigningKey::from_bytes(&secret);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(std::io::Error::other(error)))?;
    let mut file = super::create_private(path)?;
    let written = file.write_all(pem.as_bytes()).and_then(|()| file.sync_all());
    if let Err(source) = written {
        fs::remove_file(path).map_err(failed)?;
        return Err(failed(source));
    }
    Ok(hex::encode(key.verifying_key().to_bytes()))
}

/// Derives the key under which rows of lists are fingerprinted from the signing key beside the ledger.
pub fn anchor_key(ledger: &Path) -> Result<[u8; 32], StoreError> {
    let path = key_path(ledger);
    let failed = |source| StoreError::KeyUnreadable { path: path.clone(), source };
    let pem = fs::read_to_string(&path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => StoreError::KeyMissing { path: path.clone() },
        _ => failed(source),
    })?;
    let key = SigningKey::from_pkcs8_pem(&pem).map_err(|error| failed(std::io::Error::other(error)))?;
    Ok(sha256(&[b"canaries/anchor/1\n", &key.to_bytes()[..]].concat()))
}
