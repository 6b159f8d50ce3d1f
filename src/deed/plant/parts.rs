//! Compares two workbooks part by part, whatever way each part is packed.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read, Result};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::list::book::Seeded;

/// Tells whether two books have the same parts with the same bytes.
///
/// A part with a cell that could not be kept only has to be there.
pub(super) fn same_parts(stripped: &mut File, input: &mut File, seeded: &Seeded) -> Result<bool> {
    let (stripped, input) = (hashes(stripped)?, hashes(input)?);
    let excused: HashSet<&str> = seeded.lost.iter().map(|cell| cell.part.as_str()).collect();
    let same = input.iter().all(|(name, hash)| match stripped.get(name) {
        Some(other) => other == hash || excused.contains(name.as_str()),
        None => false,
    });
    Ok(same && stripped.len() == input.len())
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
