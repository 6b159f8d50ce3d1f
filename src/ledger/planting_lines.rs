//! The lines of a planting's first and its `sealed` entry.
//!
//! How many canaries a file has stands in secret lines only; so does how many rows its list had, which would tell it beside the
//! rows of the copy. Older entries have that in an open line, and tell of older canaries by entries of their own.

use super::entry::{Fields, LedgerError, Lines};
use super::event::{file, from_json, json};
use super::record::{CanaryRange, PlantingRecord, SealedRoots, SealedRows};

/// Writes what is settled before a copy is written.
pub(super) fn write_reserved(record: &PlantingRecord, lines: &mut Lines<'_, '_>) {
    lines.open("planting", &record.planting.to_string()).secret("holder", record.holder.as_str());
    lines.secret("final", &record.final_path).secret("temp", &record.temp_path);
    lines.secret("header", &json(&record.header)).secret_if("authority", record.authority.as_deref());
    if let Some(input) = &record.input {
        lines.secret("input", &input.path).open("input-sha256", &input.sha256);
        lines.secret("input-rows", &input.rows.to_string());
    }
    if let Some(CanaryRange { first, count }) = record.canaries {
        lines.secret("first-canary", &first.to_string()).secret("count", &count.to_string());
    }
}

/// Writes what a sealed planting commits to besides its file.
pub(super) fn write_roots(roots: &SealedRoots, lines: &mut Lines<'_, '_>) {
    lines.secret("holder", roots.holder.as_str()).open("canaries-root", &roots.canaries_root);
    lines.secret("canaries-key", &roots.canaries_key).secret("came", &json(&roots.came));
    if let Some(rows) = &roots.rows {
        lines.open("rows-root", &rows.root).secret("rows-key", &rows.key).secret("rows-proofs", &json(&rows.proofs));
    }
}

/// Reads what is settled before a copy is written.
pub(super) fn read_reserved(fields: &Fields) -> Result<PlantingRecord, LedgerError> {
    Ok(PlantingRecord {
        planting: fields.parse("planting")?,
        holder: fields.parse("holder")?,
        input: match fields.maybe("input") {
            Some(_) => Some(file(fields, ["input", "input-sha256", "input-rows"])?),
            None => None,
        },
        final_path: fields.need("final")?.to_string(),
        temp_path: fields.need("temp")?.to_string(),
        header: from_json(fields, "header")?,
        authority: fields.maybe("authority"),
        canaries: match fields.parse_maybe("first-canary")? {
            Some(first) => Some(CanaryRange { first, count: fields.parse("count")? }),
            None => None,
        },
    })
}

/// Reads what a sealed planting commits to; older entries have nothing of it, or not all.
pub(super) fn read_roots(fields: &Fields) -> Result<Option<SealedRoots>, LedgerError> {
    if fields.maybe("canaries-root").is_none() {
        return Ok(None);
    }
    let rows = match fields.maybe("rows-root") {
        Some(root) => {
            let (key, proofs) = (fields.need("rows-key")?.to_string(), from_json(fields, "rows-proofs")?);
            Some(SealedRows { root, key, proofs })
        }
        None => None,
    };
    Ok(Some(SealedRoots {
        rows,
        holder: fields.parse("holder")?,
        canaries_root: fields.need("canaries-root")?.to_string(),
        canaries_key: fields.need("canaries-key")?.to_string(),
        came: match fields.maybe("came") {
            Some(_) => from_json(fields, "came")?,
            None => Vec::new(),
        },
    }))
}
