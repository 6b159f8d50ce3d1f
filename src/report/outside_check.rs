//! The last steps of the check of an evidence package: receipts and time stamps, as far as they need no other program.

use super::proof_check::{Opened, PackageFault, PackageStep, Proven, fault, of_planting};

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
            let text = self.text(file, step)?;
            let statement: serde_json::Value = serde_json::from_str(text).map_err(|_| bad())?;
            let planting = statement["planting"].as_str().ok_or_else(bad)?;
            let sealed = of_planting(entries, "sealed", planting).ok_or_else(bad)?;
            let sha256 = sealed.body.get("sha256").ok_or_else(bad)?;
            // As readers of lines see it as well, who know no JSON.
            let said = format!("  \"planting\": \"{planting}\",\n  \"sha256\": \"{sha256}\",\n");
            let lines: String = text.split_inclusive('\n').skip(3).take(2).collect();
            if statement["sha256"].as_str() != Some(sha256) || lines != said {
                return Err(bad());
            }
            let name = file.trim_end_matches(".json");
            let (allowed, public) = (format!("{name}.allowed"), format!("{name}.pem"));
            let (statement, signature) = (file.to_string(), format!("{name}.sig"));
            if self.has(&allowed) {
                outside.push(Outside::Ssh { statement, signature, allowed });
            } else if self.has(&public) {
                outside.push(Outside::Openssl { statement, signature, public });
            }
        }
        Ok(outside)
    }

    /// Lists the stamps to be checked.
    pub(super) fn stamps(&self) -> Result<Vec<Outside>, PackageFault> {
        let stamp = |token: &str| {
            let bad = || fault(PackageStep::Stamps, token);
            let name = token.trim_end_matches(".tsr");
            let of = name.trim_start_matches("stamps/").split_once('.').map(|(of, _)| of);
            let of = of.filter(|of| ["checkpoint", "planting"].contains(of)).ok_or_else(bad)?;
            let at = self.text(&format!("{name}.time"), PackageStep::Stamps)?.trim_end();
            let at = at.parse::<i64>().map_err(|_| bad())?.to_string();
            Ok(Outside::Stamp {
                note: format!("{of}.note"),
                token: token.to_string(),
                authority: format!("{name}.pem"),
                at,
            })
        };
        self.named("stamps/", ".tsr").map(stamp).collect()
    }
}
