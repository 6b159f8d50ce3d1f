//! Lays copies of a checkpoint elsewhere: into folders, to web addresses by `curl`, into mailboxes by `sendmail`.
//!
//! What is sent is the note and nothing else. Where it goes is the operator's to say, and answers for it too.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::folder::{Folder, create_private, remove};
use super::tool::{Ended, run};
use super::{DeedError, ProofError, Sealed};
use crate::lang::{Pair, Speak};
use crate::ledger::Checkpoint;

/// Seconds that a web address may take.
const SECONDS_MAX: &str = "60";
/// Where Debian has the mail program, which is in nobody's path but root's.
const SENDMAIL: [&str; 2] = ["sendmail", "/usr/sbin/sendmail"];

/// Where a copy goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    Folder(PathBuf),
    /// Gets the note as the body of a POST.
    Url(String),
    /// Gets the note as the text of a mail.
    Mailbox(String),
}

impl Elsewhere {
    /// Reads `http://…`, `https://…`, `mailto:…` or the path of a folder.
    pub fn read(text: &OsStr) -> Result<Elsewhere, DeedError> {
        let plain = text.to_str().unwrap_or_default();
        let bad = || DeedError::from(ProofError::BadTarget { target: text.to_string_lossy().into_owned() });
        if plain.strip_prefix("http://").is_some_and(|rest| !is_here(rest)) {
            return Err(ProofError::PlainHttp { target: plain.to_string() }.into());
        }
        if ["http://", "https://"].iter().any(|start| plain.starts_with(start)) {
            let is_sound = !plain.contains(|c: char| c.is_control() || c.is_whitespace());
            return is_sound.then(|| Elsewhere::Url(plain.to_string())).ok_or_else(bad);
        }
        match plain.strip_prefix("mailto:") {
            Some(mailbox) if is_mailbox(mailbox) => Ok(Elsewhere::Mailbox(mailbox.to_string())),
            Some(_) => Err(bad()),
            // An unset variable, or an address of a kind that is not known, is no folder.
            None if text.is_empty() || plain.contains("://") => Err(bad()),
            None => Ok(Elsewhere::Folder(PathBuf::from(text))),
        }
    }
}

/// Tells whether what follows `http://` is this machine itself: nobody else reads or changes on the way what goes there.
fn is_here(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = |text: &str| text.strip_prefix(':').is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let hosts = ["localhost", "127.0.0.1", "[::1]"];
    hosts
        .iter()
        .filter_map(|here| host.strip_prefix(here))
        .any(|port| (port.is_empty() || port.starts_with(':')) && is_port(port))
}

/// Tells whether a text is one address and cannot be more: no second header, no list, no option.
fn is_mailbox(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "._+-=@".contains(c);
    let parts = text.split_once('@').filter(|(who, at)| !who.is_empty() && !at.is_empty() && !at.contains('@'));
    parts.is_some() && text.chars().all(is_plain) && !text.starts_with('-')
}

/// Lays a copy at every place, whatever becomes of the others; gives where they lie, and which places have none and why.
pub(super) fn lay_all(sealed: &Sealed, places: &[Elsewhere]) -> (Vec<String>, Vec<Pair>) {
    let (mut laid, mut failed) = (Vec::new(), Vec::new());
    for elsewhere in places {
        match lay(sealed, elsewhere) {
            Ok(place) => laid.push(place),
            Err(error) => failed.push(told(&error)),
        }
    }
    (laid, failed)
}

/// Says in both languages what failed and why.
fn told(error: &DeedError) -> Pair {
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    Pair::new(format!("{error}{cause}"), format!("{}{cause}", error.zh()))
}

/// Lays a copy; gives where it lies.
fn lay(sealed: &Sealed, elsewhere: &Elsewhere) -> Result<String, DeedError> {
    match elsewhere {
        Elsewhere::Folder(folder) => lay_into(sealed, folder).map(|path| path.display().to_string()),
        Elsewhere::Url(url) => {
            let kind = "Content-Type: text/plain; charset=utf-8";
            let first = ["--disable", "--globoff", "--fail", "--silent", "--show-error", "--max-time", SECONDS_MAX];
            let answer = ["--output", "/dev/null", "--write-out", "%{http_code}"];
            let proto = if url.starts_with("https:") { "=https" } else { "=http" };
            let what = ["--proto", proto, "--header", kind, "--data-binary", "@-", "--", url];
            let args = [&first[..], &answer, &what].concat();
            match run("curl", &args, Path::new("/"), sealed.note.as_bytes())? {
                // What sends elsewhere has taken nothing, and is not followed: only the operator says where a copy goes.
                Ended::Well(code) if !code.starts_with(b"2") => {
                    sent(url, Ended::Refused(format!("HTTP {}", String::from_utf8_lossy(&code))))
                }
                ended => sent(url, ended),
            }
        }
        Elsewhere::Mailbox(mailbox) => {
            let Checkpoint { origin, size, .. } = &sealed.checkpoint;
            let head = format!(
                "To: {mailbox}\nSubject: {origin} checkpoint {size}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            );
            let mail = [head.as_bytes(), sealed.note.as_bytes()].concat();
            let [usual, debian] = SENDMAIL;
            let ended = match run(usual, &["-i", "-t"], Path::new("/"), &mail) {
                Err(DeedError::Proof(ProofError::NoTool { .. })) => run(debian, &["-i", "-t"], Path::new("/"), &mail)?,
                other => other?,
            };
            sent(mailbox, ended)
        }
    }
}

fn sent(target: &str, ended: Ended) -> Result<String, DeedError> {
    match ended {
        Ended::Well(_) => Ok(target.to_string()),
        Ended::Refused(said) => Err(ProofError::Declined { target: target.to_string(), said }.into()),
    }
}

/// Lays a copy into a folder, under a name that says which checkpoint it is; one that lies there already is left.
fn lay_into(sealed: &Sealed, folder: &Path) -> Result<PathBuf, DeedError> {
    let Sealed { checkpoint: Checkpoint { origin, size, root }, note, .. } = sealed;
    let log = origin.rsplit('/').next().unwrap_or(origin);
    let target = folder.join(format!("{log}-{size:010}-{}.note", &hex::encode(root)[..16]));
    if let Ok(there) = std::fs::read(&target)
        && there == note.as_bytes()
    {
        return Ok(target);
    }
    let held = Folder::lock(&target)?;
    let temp = target.with_extension("tmp");
    remove(&temp)?;
    let failed = |source| DeedError::Write { path: temp.clone(), source };
    let mut file = create_private(&temp)?;
    file.write_all(note.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    if let Err(why) = held.publish(&temp, &target) {
        remove(&temp)?;
        return Err(why);
    }
    held.sync()?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Elsewhere> {
        Elsewhere::read(OsStr::new(text)).ok()
    }

    #[test]
    fn a_folder_an_address_and_a_mailbox_are_told_apart() {
        assert_eq!(read("/mnt/notary"), Some(Elsewhere::Folder("/mnt/notary".into())));
        assert_eq!(read("https://a.example/x?y"), Some(Elsewhere::Url("https://a.example/x?y".to_string())));
        assert_eq!(read("mailto:notary@a.example"), Some(Elsewhere::Mailbox("notary@a.example".to_string())));
    }

    #[test]
    fn a_copy_goes_in_clear_to_this_machine_only() {
        for good in ["http://localhost/x", "http://127.0.0.1:8080/x", "http://[::1]:80", "http://localhost"] {
            assert_eq!(read(good), Some(Elsewhere::Url(good.to_string())));
        }
        for bad in [
            "http://a.example/x",
            "http://localhost.a.example/",
            "http://127.0.0.1@a.example/",
            "http://localhost:80@a.example/",
            "http://127.0.0.10/",
            "http://user@localhost/",
            "http://",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_second_header_no_second_mailbox_and_no_option_comes_in() {
        for bad in [
            "mailto:a@b\nBcc: c@d",
            "mailto:a@b,c@d",
            "mailto:-oQ/tmp@b",
            "mailto:",
            "mailto:a",
            "mailto:a@",
            "mailto:a@b@c",
            "https://a b",
            "http://a\r\nX: y",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
