//! The lines of entries that prove something to others: receipts, time stamps, witnesses' signatures.
//!
//! A long secret text stands beside its SHA-256 in an open line, so that it can be asked for by that.

use super::entry::{Fields, LedgerError, Lines, bad_line};
use super::event::time_text;
use super::merkle::sha256;
use super::record::{ReceiptRecord, SignedHow, StampRecord, WitnessRecord};

/// Writes a holder's receipt.
pub(super) fn write_receipt(record: &ReceiptRecord, lines: &mut Lines<'_, '_>) {
    lines.open("planting", &record.planting.to_string()).open("how", record.how.word());
    lines.hash("statement-sha256", &hash_text(&record.statement)).secret("statement", &record.statement);
    lines.hash("signature-sha256", &hash_text(&record.signature)).secret("signature", &record.signature);
    lines.secret("key", &record.key);
}

/// Writes a time stamp.
pub(super) fn write_stamp(record: &StampRecord, lines: &mut Lines<'_, '_>) {
    lines.open("size", &record.size.to_string()).open("token-sha256", &hash_text(&record.token));
    lines.open("stamped-at", &time_text(record.stamped_at));
    lines.secret("token", &record.token).secret("authority", &record.authority);
}

/// Writes a witness's signature.
pub(super) fn write_witness(record: &WitnessRecord, lines: &mut Lines<'_, '_>) {
    lines.open("size", &record.size.to_string()).open("witness", &record.witness);
    lines.open("time", &record.at.to_string()).open("signature", &record.signature);
}

/// Reads a holder's receipt.
pub(super) fn read_receipt(fields: &Fields) -> Result<ReceiptRecord, LedgerError> {
    Ok(ReceiptRecord {
        planting: fields.parse("planting")?,
        how: SignedHow::from_word(fields.need("how")?).ok_or_else(|| bad_line("how"))?,
        statement: hashed(fields, "statement", "statement-sha256")?,
        signature: hashed(fields, "signature", "signature-sha256")?,
        key: fields.need("key")?.to_string(),
    })
}

/// Reads a time stamp.
pub(super) fn read_stamp(fields: &Fields) -> Result<StampRecord, LedgerError> {
    Ok(StampRecord {
        size: fields.parse("size")?,
        token: hashed(fields, "token", "token-sha256")?,
        authority: fields.need("authority")?.to_string(),
        stamped_at: fields.parse("stamped-at")?,
    })
}

/// Reads a witness's signature.
pub(super) fn read_witness(fields: &Fields) -> Result<WitnessRecord, LedgerError> {
    Ok(WitnessRecord {
        size: fields.parse("size")?,
        witness: fields.need("witness")?.to_string(),
        at: fields.parse("time")?,
        signature: fields.need("signature")?.to_string(),
    })
}

/// Gives a secret line whose hash stands in an open one.
fn hashed(fields: &Fields, name: &str, hash: &str) -> Result<String, LedgerError> {
    let text = fields.need(name)?;
    if fields.need(hash)? == hash_text(text) { Ok(text.to_string()) } else { Err(bad_line(hash)) }
}

fn hash_text(text: &str) -> String {
    hex::encode(sha256(text.as_bytes()))
}
