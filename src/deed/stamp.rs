//! Time stamps of a neutral authority (RFC 3161) over checkpoints, made and checked by `openssl ts`.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};

use super::new_folder::write_file;
use super::receipt::{read_bytes, read_text};
use super::tool::{Ended, Room, agrees, run};
use super::{DeedError, ProofError, Session};
use crate::ledger::{Event, StampRecord};
use crate::store::StoreError;

/// Newest checkpoints that a stamp may be of.
const SEALS_MAX: usize = 100;
/// How `openssl ts -reply -text` begins the line with the time.
const TIME_LINE: &str = "Time stamp: ";

/// A stamp that is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// Of the checkpoint.
    pub size: u64,
    pub stamped_at: DateTime<Utc>,
}

/// Writes a request over the newest checkpoint, to be sent to an authority; gives the checkpoint's size.
pub fn request_stamp(session: &mut Session, output: &Path) -> Result<u64, DeedError> {
    let store = session.open()?;
    let seal = store.read().last_seal()?.ok_or(ProofError::NoCheckpoint)?;
    let room = Room::new()?;
    room.put("note", seal.note.as_bytes())?;
    match run("openssl", &["ts", "-query", "-data", "note", "-sha256", "-cert"], room.path(), b"")? {
        Ended::Well(query) => write_file(session, output, &query)?,
        Ended::Refused(said) => return Err(ProofError::StampRefused { path: output.to_path_buf(), said }.into()),
    }
    Ok(seal.size)
}

/// Checks an authority's response against the checkpoints and the authority's certificates, and puts it on record.
pub fn add_stamp(session: &mut Session, response: &Path, authority: &Path) -> Result<Stamped, DeedError> {
    let (token, certificates) = (read_bytes(response)?, read_text(authority)?);
    let room = Room::new()?;
    room.put("tsr", &token)?;
    room.put("ca.pem", certificates.as_bytes())?;
    let refused = |said: String| DeedError::from(ProofError::StampRefused { path: response.to_path_buf(), said });
    let text = match run("openssl", &["ts", "-reply", "-in", "tsr", "-text"], room.path(), b"")? {
        Ended::Well(text) => String::from_utf8_lossy(&text).into_owned(),
        Ended::Refused(said) => return Err(refused(said)),
    };
    let stamped_at = time_of(&text).ok_or_else(|| refused("no time in it".to_string()))?;
    let attime = stamped_at.timestamp().to_string();
    let mut store = session.open()?;
    for seal in store.read().newest_seals(SEALS_MAX)? {
        room.put("note", seal.note.as_bytes())?;
        // What counts is that the certificate was good when it stamped, not that it still is.
        let args = ["ts", "-verify", "-data", "note", "-in", "tsr", "-CAfile", "ca.pem", "-attime", &attime];
        if agrees("openssl", &args, room.path(), b"")? {
            let (size, now) = (seal.size, session.now());
            let record = StampRecord { size, token: STANDARD.encode(&token), authority: certificates, stamped_at };
            store.write::<_, StoreError>(now, &mut session.rng, |writing| writing.append(&Event::Stamp(record)))?;
            return Ok(Stamped { size, stamped_at });
        }
    }
    Err(refused("it is over no checkpoint of this ledger, or not signed under these certificates".to_string()))
}

/// Reads the time that `openssl` prints of a token.
fn time_of(text: &str) -> Option<DateTime<Utc>> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(TIME_LINE))?;
    let at = NaiveDateTime::parse_from_str(line.trim().strip_suffix(" GMT")?, "%b %e %H:%M:%S%.f %Y").ok()?;
    Some(at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_token_is_read() {
        let read =
            |line: &str| time_of(&format!("Version: 1\n{line}\nAccuracy: unspecified\n")).map(|at| at.to_rfc3339());
        assert_eq!(read("Time stamp: Nov  2 08:30:01 2026 GMT").as_deref(), Some("2026-11-02T08:30:01+00:00"));
        assert_eq!(read("Time stamp: Nov 22 08:30:01.25 2026 GMT").as_deref(), Some("2026-11-22T08:30:01.250+00:00"));
        assert_eq!(read("Time stamp: unknown"), None);
    }
}
