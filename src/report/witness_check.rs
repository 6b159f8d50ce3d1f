//! The step of the check of an evidence package about witnesses: their signatures on its checkpoints.

use ed25519_dalek::Signature;

use super::proof_check::{Opened, PackageFault, PackageStep, fault};
use super::spelling::TIME;
use crate::ledger::{checkpoint_in, cosigned_text, sha256};

/// A checkpoint that a witness saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `checkpoint` or `planting`: which note it is.
    pub note: String,
    /// Seconds since 1970, by the witness's clock.
    pub at: u64,
    /// SHA-256 of the 32 bytes of the witness's public key, in hex.
    pub key_sha256: String,
}

impl Opened<'_> {
    /// Checks every signature of a witness; whose the keys are must be known from elsewhere.
    pub(super) fn witnesses(&self) -> Result<Vec<Seen>, PackageFault> {
        let step = PackageStep::Witnesses;
        let seen = |file: &str| {
            let bad = || fault(step, file);
            let name = file.strip_suffix(".sig").unwrap_or(file);
            let note =
                name.strip_prefix("witnesses/").and_then(|name| name.split('.').next()).unwrap_or_default().to_string();
            let key = self.key(&format!("{name}.pem"), step)?;
            let at = self.spelt(&format!("{name}.time"), &TIME, step)?;
            let at = std::str::from_utf8(at).ok().and_then(|at| at.trim_end().parse().ok()).ok_or_else(bad)?;
            let checkpoint = checkpoint_in(self.bytes(&format!("{note}.note"), step)?).ok_or_else(bad)?;
            let signature = Signature::from_slice(self.bytes(file, step)?).map_err(|_| bad())?;
            key.verify_strict(cosigned_text(&checkpoint, at).as_bytes(), &signature).map_err(|_| bad())?;
            Ok(Seen { note, at, key_sha256: hex::encode(sha256(key.as_bytes())) })
        };
        self.named("witnesses/", ".sig").map(seen).collect()
    }
}
