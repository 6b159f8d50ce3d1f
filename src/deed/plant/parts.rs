//! Compares two workbooks part by part, whatever way each part is packed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Result};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

/// Tells whether two books have the same parts with the same bytes.
pub(super) fn same_parts(stripped: &mut File, input: &mut File) -> Result<bool> {
    Ok(hashes(stripped)? == hashes(input)?)
}

fn hashes(file: &mut File) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut book = ZipArchive::new(file)?;
    let mut found = BTreeMap::new();
    let mut chunk = vec![0; 1 << 16];
    for index in 0..book.len() {
        let mut part = book.by_index(index)?;
        let mut hasher = Sha256::new();
        loop {
            match part.read(&mut chunk)? {
                0 => break,
                n => hasher.update(&chunk[..n]),
            }
        }
        found.insert(part.name()?.into_owned(), hasher.finalize().to_vec());
    }
    Ok(found)
}
