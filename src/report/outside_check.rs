//! The last steps of the check of an evidence package: receipts and time stamps, as far as they need no other program.

use super::entry_check::Proven;
use super::json_lines::flat;
use super::proof_check::{Opened, PackageFault, PackageStep, fault};
use super::spelling::TIME;

/// A check that needs another program; the texts are names of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    Ssh { statement: String, signature: String, allowed: String },
    Openssl { statement: String, signature: String, public: String },
    Stamp { note: String, token: String, authority: String, at: String },
}

impl Opened<'_> {
    /// Checks that each receipt is about a file that is shown; the signatures are left.
    pub(super) fn receipts(&self, entries: &[Proven<'_>]) -> Result<Vec<Outside>, PackageFault> {
        let step = PackageStep::Receipts;
        let mut outside = Vec::new();
        for file in self.named("receipts/", ".json") {
            let bad = || fault(step, file);
            let said = flat(self.bytes(file, step)?).ok_or_else(bad)?;
            let says = |name: &str, value: &[u8]| {
                let wanted = [b"\"", value, b"\""].concat();
                said.iter().any(|(path, value)| path == name && *value == wanted)
            };
            let is_about = |entry: &&Proven<'_>| {
                entry.kind == b"sealed"
                    && says("planting", entry.line("planting"))
                    && says("sha256", entry.line("sha256"))
            };
            let name = file.strip_suffix(".json").unwrap_or(file);
            let [allowed, public, paper] = ["allowed", "pem", "paper"].map(|ending| format!("{name}.{ending}"));
            let is_signed = [&allowed, &public, &paper].into_iter().any(|beside| self.has(beside));
            entries.iter().find(is_about).filter(|_| is_signed).ok_or_else(bad)?;
            let (statement, signature) = (file.to_string(), format!("{name}.sig"));
            if self.has(&allowed) {
                outside.push(Outside::Ssh { statement: statement.clone(), signature: signature.clone(), allowed });
            }
            if self.has(&public) {
                outside.push(Outside::Openssl { statement, signature, public });
            }
        }
        Ok(outside)
    }

    /// Lists the stamps to be checked.
    pub(super) fn stamps(&self) -> Result<Vec<Outside>, PackageFault> {
        let step = PackageStep::Stamps;
        let stamp = |token: &str| {
            let name = token.strip_suffix(".tsr").unwrap_or(token);
            let of = name.strip_prefix("stamps/").and_then(|name| name.split('.').next()).unwrap_or_default();
            let at = self.spelt(&format!("{name}.time"), &TIME, step)?;
            let (note, token, authority) = (format!("{of}.note"), token.to_string(), format!("{name}.pem"));
            Ok(Outside::Stamp { note, token, authority, at: String::from_utf8_lossy(at).trim_end().to_string() })
        };
        self.named("stamps/", ".tsr").map(stamp).collect()
    }
}
