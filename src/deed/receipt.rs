//! Receipts: what a holder signs, and its signature put on record.
//!
//! What is signed is made from the ledger alone, so a receipt whose statement differs by one byte from what the ledger says of that
//! planting is refused.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::files::{file_sha256, open_input};
use super::new_folder::write_folder;
use super::seal::signatories;
use super::tool::{Room, agrees};
use super::{DeedError, Session};
use crate::hit::rfc3339;
use crate::id::PlantingId;
use crate::lang::{Pair, Speak};
use crate::ledger::{Event, ReceiptRecord, SignedHow};
use crate::report::package::Files;
use crate::report::{ReceiptPage, receipt_page};
use crate::store::{PlantingState, Store, StoreError};

/// Most bytes of a statement, a signature or a key that are read.
const BYTES_MAX: u64 = 64 * 1024;
/// How an SSH signature begins.
const SSH_SIGNATURE: &str = "-----BEGIN SSH SIGNATURE-----";

/// Why a receipt is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReceiptError {
    #[error("there is no planting `{planting}` that was handed over")]
    NoPlanting { planting: PlantingId },
    #[error("`{planting}` is not open: it was handed over, or is void")]
    NotOpen { planting: PlantingId },
    #[error("the folder of `{path}` is in use by another planting")]
    InUse { path: PathBuf },
    #[error("`{path}` is not the statement of a receipt")]
    NotAStatement { path: PathBuf },
    #[error("`{path}` differs from what the ledger says of `{planting}`")]
    Differs { path: PathBuf, planting: PlantingId },
    #[error("the signature `{path}` does not fit the statement and the key")]
    BadSignature { path: PathBuf },
    #[error("the receipt for `{planting}` with this signature is on record already")]
    Known { planting: PlantingId },
    #[error("the signature `{path}` does not say with which key it was made")]
    NoKey { path: PathBuf },
}

impl Speak for ReceiptError {
    fn zh(&self) -> String {
        match self {
            ReceiptError::NoPlanting { planting } => format!("没有已交付的投放 `{planting}`"),
            ReceiptError::NotOpen { planting } => format!("`{planting}` 并非未了结：它已交付或已作废"),
            ReceiptError::InUse { path } => format!("`{}` 所在文件夹正被另一次投放使用", path.display()),
            ReceiptError::NotAStatement { path } => format!("`{}` 不是回执正文", path.display()),
            ReceiptError::Differs { path, planting } => {
                format!("`{}` 与台账中 `{planting}` 的记载不同", path.display())
            }
            ReceiptError::BadSignature { path } => format!("签名 `{}` 与正文及公钥不符", path.display()),
            ReceiptError::Known { planting } => format!("`{planting}` 的这份回执此前已记录"),
            ReceiptError::NoKey { path } => format!("签名 `{}` 没有写明所用的密钥", path.display()),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            ReceiptError::InUse { .. } => Pair::new("wait until it is done", "请等它完成"),
            ReceiptError::NoPlanting { .. } | ReceiptError::NotOpen { .. } => Pair::new(
                "`canaries holder show ID` lists a holder's plantings",
                "`canaries holder show 编号` 可列出其投放",
            ),
            ReceiptError::Known { .. } => Pair::new("nothing needs to be done", "无需再做任何事"),
            ReceiptError::NoKey { .. } => Pair::new(
                "give the holder's public key with --key; only signatures of `ssh-keygen -Y sign` carry theirs",
                "请用 --key 给出持有方的公钥；只有 `ssh-keygen -Y sign` 的签名自带公钥",
            ),
            ReceiptError::NotAStatement { .. } | ReceiptError::Differs { .. } | ReceiptError::BadSignature { .. } => {
                Pair::new(
                    "nothing was put on record; have the unchanged file of `canaries receipt request` signed again",
                    "未作记录；请让对方对 `canaries receipt request` 写出的原文件重新签名",
                )
            }
        })
    }
}

/// How a receipt was signed, and where the signature is.
pub enum SignatureFile {
    /// A file of `ssh-keygen -Y sign` or `openssl pkeyutl -sign`, and the public key it is checked with (the first kind carries its own).
    Key { signature: PathBuf, key: Option<PathBuf> },
    /// A scan of the page that was signed by hand.
    Paper { scan: PathBuf },
}

/// A receipt that is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptAdded {
    pub planting: PlantingId,
    pub how: SignedHow,
    /// The fingerprint of the key, see [`fingerprint`].
    pub key: Option<String>,
    /// Whether the holder signed another receipt with another key.
    pub is_other_key: bool,
}

/// Writes what the holder of a planting signs into a new folder: as JSON, and as a page.
pub fn request_receipt(session: &mut Session, planting: PlantingId, folder: &Path) -> Result<(), DeedError> {
    let store = session.open()?;
    let page = page(&store, planting)?;
    let files = Files::from([
        ("receipt.json".to_string(), page.statement().into_bytes()),
        ("RECEIPT.html".to_string(), receipt_page(&page).into_bytes()),
    ]);
    write_folder(session, folder, &files)
}

/// Checks a signed statement against the ledger and its signature against the key, and puts both on record.
pub fn add_receipt(session: &mut Session, file: &Path, by: &SignatureFile) -> Result<ReceiptAdded, DeedError> {
    let text = read_text(file)?;
    let not_ours = || ReceiptError::NotAStatement { path: file.to_path_buf() };
    let said: serde_json::Value = serde_json::from_str(&text).map_err(|_| not_ours())?;
    let planting: PlantingId = said["planting"].as_str().and_then(|id| id.parse().ok()).ok_or_else(not_ours)?;
    let mut store = session.open()?;
    if page(&store, planting)?.statement() != text {
        return Err(ReceiptError::Differs { path: file.to_path_buf(), planting }.into());
    }
    let (how, signature, key) = match by {
        SignatureFile::Paper { scan } => (SignedHow::Paper, file_sha256(scan)?, String::new()),
        SignatureFile::Key { signature, key } => checked(&text, signature, key.as_deref())?,
    };
    let earlier = store.read().receipts_for(planting)?;
    if earlier.iter().any(|row| row.record.signature == signature) {
        return Err(ReceiptError::Known { planting }.into());
    }
    let record = ReceiptRecord { planting, how, statement: text, signature, key };
    let key = fingerprint(&record);
    let others = earlier.iter().filter_map(|row| fingerprint(&row.record));
    let is_other_key = key.is_some() && others.into_iter().any(|other| Some(other) != key);
    let now = session.now();
    store.write::<_, StoreError>(now, &mut session.rng, |writing| writing.append(&Event::Receipt(record)))?;
    Ok(ReceiptAdded { planting, how, key, is_other_key })
}

/// Gives the fingerprint of the key of a receipt, as `ssh-keygen -lf` shows it, or the SHA-256 of the key in DER for a PEM file; none for
/// paper.
pub(super) fn fingerprint(record: &ReceiptRecord) -> Option<String> {
    let der = match record.how {
        SignedHow::Paper => return None,
        SignedHow::Ssh => record.key.split_whitespace().next_back()?.to_string(),
        SignedHow::Openssl => record.key.lines().filter(|line| !line.starts_with("-----")).collect(),
    };
    let hash = Sha256::digest(STANDARD.decode(der).ok()?);
    Some(match record.how {
        SignedHow::Ssh => format!("SHA256:{}", STANDARD_NO_PAD.encode(hash)),
        SignedHow::Openssl | SignedHow::Paper => hex::encode(hash),
    })
}

/// Gathers what the ledger says of a planting that was handed over.
fn page(store: &Store, planting: PlantingId) -> Result<ReceiptPage, DeedError> {
    let reader = store.read();
    let none = || ReceiptError::NoPlanting { planting };
    let row = reader.planting(planting)?.ok_or_else(none)?;
    let (PlantingState::Planted { at }, Some(sha256), Some(rows)) = (&row.state, row.output_sha256, row.output_rows)
    else {
        return Err(none().into());
    };
    let holder = reader.holder(&row.holder)?.ok_or_else(none)?;
    let keys = reader.log_keys()?;
    let (known, _) = signatories(&keys, store.path())?;
    let file = Path::new(&row.final_path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(ReceiptPage {
        planting,
        sha256,
        rows,
        file,
        holder: holder.id,
        holder_name: holder.name,
        handed_over: rfc3339(at),
        log: known[0].name.clone(),
    })
}

/// Has the signature checked by the program that makes such ones.
fn checked(text: &str, signature: &Path, key: Option<&Path>) -> Result<(SignedHow, String, String), DeedError> {
    let bad = || DeedError::from(ReceiptError::BadSignature { path: signature.to_path_buf() });
    let bytes = read_bytes(signature)?;
    let key = match key {
        Some(key) => read_text(key)?,
        None => key_within(&bytes).ok_or_else(|| ReceiptError::NoKey { path: signature.to_path_buf() })?,
    };
    let room = Room::new()?;
    room.put("receipt.json", text.as_bytes())?;
    if bytes.starts_with(SSH_SIGNATURE.as_bytes()) {
        let armoured = String::from_utf8(bytes).map_err(|_| bad())?;
        let words: Vec<&str> = key.split_whitespace().take(2).collect();
        let allowed = format!("holder namespaces=\"canaries-receipt@v1\" {}\n", words.join(" "));
        room.put("allowed", allowed.as_bytes())?;
        room.put("sig", armoured.as_bytes())?;
        let args = ["-Y", "verify", "-f", "allowed", "-I", "holder", "-n", "canaries-receipt@v1", "-s", "sig"];
        return match agrees("ssh-keygen", &args, room.path(), text.as_bytes())? {
            true => Ok((SignedHow::Ssh, armoured, allowed)),
            false => Err(bad()),
        };
    }
    room.put("key.pem", key.as_bytes())?;
    room.put("sig", &bytes)?;
    let raw = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "receipt.json", "-sigfile", "sig"];
    let digest = ["dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "receipt.json"];
    match agrees("openssl", &raw, room.path(), b"")? || agrees("openssl", &digest, room.path(), b"")? {
        true => Ok((SignedHow::Openssl, STANDARD.encode(&bytes), key)),
        false => Err(bad()),
    }
}

/// Gives the public key that an SSH signature carries, as it stands in a `.pub` file.
///
/// Layout: OpenSSH, PROTOCOL.sshsig: `SSHSIG`, a version of four bytes, then the key as a string; the key begins with its kind.
fn key_within(signature: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(signature).ok().filter(|text| text.starts_with(SSH_SIGNATURE))?;
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let bytes = STANDARD.decode(body.trim()).ok()?;
    let key = ssh_string(bytes.strip_prefix(b"SSHSIG")?.get(4..)?)?;
    let kind = std::str::from_utf8(ssh_string(key)?).ok()?;
    Some(format!("{kind} {}", STANDARD.encode(key)))
}

/// Gives the string at the start of `bytes`: its length in four bytes, then itself.
fn ssh_string(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.get(..u32::from_be_bytes(*len) as usize)
}

/// Reads a small file.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, DeedError> {
    let mut bytes = Vec::new();
    let read = open_input(path)?.take(BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|source| DeedError::Read { path: path.to_path_buf(), source })?;
    Ok(bytes)
}

/// Reads a small file of text.
pub(super) fn read_text(path: &Path) -> Result<String, DeedError> {
    let bytes = read_bytes(path)?;
    String::from_utf8(bytes).map_err(|_| ReceiptError::NotAStatement { path: path.to_path_buf() }.into())
}
