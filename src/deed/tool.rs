//! Runs the public programs that others check with: `openssl` and `ssh-keygen`. Only deeds that name them do so.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{DeedError, ProofError};

/// A private folder that goes when it is no longer needed.
pub(super) struct Room(TempDir);

impl Room {
    pub(super) fn new() -> Result<Room, DeedError> {
        let failed = |source| DeedError::Folder { path: std::path::PathBuf::from("temporary folder"), source };
        TempDir::with_prefix("canaries-").map(Room).map_err(failed)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, in place of an earlier one of that name.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), DeedError> {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).map_err(|source| DeedError::Write { path, source })
    }
}

/// Most bytes of what a program says that are told.
const SAID_MAX: usize = 300;

/// How a program ended.
pub(super) enum Ended {
    /// With what it printed.
    Well(Vec<u8>),
    /// With what it said was wrong.
    Refused(String),
}

/// Runs a program in `folder` with `input` as its standard input.
pub(super) fn run(program: &'static str, args: &[&str], folder: &Path, input: &[u8]) -> Result<Ended, DeedError> {
    let failed = |source: std::io::Error| -> DeedError {
        match source.kind() {
            ErrorKind::NotFound => ProofError::NoTool { program }.into(),
            _ => ProofError::Tool { program, source }.into(),
        }
    };
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env("LC_ALL", "C");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that has seen enough closes its end; what it made of it is what counts.
        match stdin.write_all(input) {
            Err(source) if source.kind() != ErrorKind::BrokenPipe => return Err(failed(source)),
            Ok(()) | Err(_) => {}
        }
    }
    let done = child.wait_with_output().map_err(failed)?;
    if done.status.success() {
        return Ok(Ended::Well(done.stdout));
    }
    let said = String::from_utf8_lossy(if done.stderr.is_empty() { &done.stdout } else { &done.stderr }).into_owned();
    Ok(Ended::Refused(said.trim().chars().take(SAID_MAX).collect()))
}

/// Tells whether a program that checks found all well; one that is not there is an error.
pub(super) fn agrees(program: &'static str, args: &[&str], folder: &Path, input: &[u8]) -> Result<bool, DeedError> {
    Ok(matches!(run(program, args, folder, input)?, Ended::Well(_)))
}
