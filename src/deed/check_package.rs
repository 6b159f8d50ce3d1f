//! Checks an evidence package with the steps of the `verify.sh` in it; needs no ledger.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::files::open_input;
use super::tool::agrees;
use super::{DeedError, ProofError};
use crate::report::package::Files;
use crate::report::{Checked, Outside, PackageFault, PackageStep, check, is_folder};

/// Most files of a package, and most bytes of all of them.
const FILES_MAX: usize = 10_000;
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Checks the package in a folder; gives what it shows, or the first step that fails.
pub fn check_package(folder: &Path) -> Result<Result<Checked, PackageFault>, DeedError> {
    let files = match read_package(folder)? {
        Ok(files) => files,
        Err(fault) => return Ok(Err(fault)),
    };
    let checked = match check(&files) {
        Ok(checked) => checked,
        Err(fault) => return Ok(Err(fault)),
    };
    for outside in &checked.outside {
        if let Some(fault) = run_outside(outside, &files, folder)? {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(checked))
}

fn run_outside(outside: &Outside, files: &Files, folder: &Path) -> Result<Option<PackageFault>, DeedError> {
    let (good, step, file) = match outside {
        Outside::Ssh { statement, signature, allowed } => {
            let args = ["-Y", "verify", "-f", allowed, "-I", "holder", "-n", "canaries-receipt@v1", "-s", signature];
            let input = files.get(statement).map_or(&[][..], Vec::as_slice);
            (agrees("ssh-keygen", &args, folder, input)?, PackageStep::Receipts, statement)
        }
        Outside::Openssl { statement, signature, public } => {
            let raw =
                ["pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", statement, "-sigfile", signature];
            let digest = ["dgst", "-sha256", "-verify", public, "-signature", signature, statement];
            let good = agrees("openssl", &raw, folder, b"")? || agrees("openssl", &digest, folder, b"")?;
            (good, PackageStep::Receipts, statement)
        }
        Outside::Stamp { note, token, authority, at } => {
            let args = ["ts", "-verify", "-data", note, "-in", token, "-CAfile", authority, "-attime", at];
            (agrees("openssl", &args, folder, b"")?, PackageStep::Stamps, token)
        }
    };
    Ok((!good).then(|| PackageFault { step, file: file.clone() }))
}

/// Reads all files of a folder and of the folders in it; a link, a device or a folder further down is a fault.
fn read_package(folder: &Path) -> Result<Result<Files, PackageFault>, DeedError> {
    let not = || DeedError::from(ProofError::NotAPackage { path: folder.to_path_buf() });
    if !folder.is_dir() {
        return Err(not());
    }
    let (mut files, mut room) = (Files::new(), BYTES_MAX);
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((inner, prefix)) = folders.pop() {
        let failed = |source| DeedError::Read { path: inner.clone(), source };
        for found in fs::read_dir(&inner).map_err(failed)? {
            let found = found.map_err(failed)?;
            let name = format!("{prefix}{}", found.file_name().to_string_lossy());
            let foreign = |file| Ok(Err(PackageFault { step: PackageStep::Files, file }));
            let kind = found.file_type().map_err(failed)?;
            if kind.is_dir() && prefix.is_empty() && is_folder(&name) {
                folders.push((found.path(), format!("{name}/")));
                continue;
            }
            if !kind.is_file() || files.len() >= FILES_MAX {
                return foreign(name);
            }
            let mut bytes = Vec::new();
            let read = open_input(&found.path())?.take(room + 1).read_to_end(&mut bytes).map_err(failed)?;
            let Some(left) = room.checked_sub(read as u64) else { return foreign(name) };
            room = left;
            files.insert(name, bytes);
        }
    }
    Ok(Ok(files))
}
