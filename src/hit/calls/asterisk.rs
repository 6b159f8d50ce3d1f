//! Asterisk's `Master.csv` (cdr-csv), with or without a header.
//!
//! Times are local. One call can leave several rows with one `uniqueid` when it is passed on, so the
//! id of a contact is `uniqueid` and `dst` together.

use super::error::CallError;
use super::table::{Cells, Table};
use super::text::Text;
use super::{Intake, Reading, Seen, To, times};
use crate::hit::contact::ContactKind;

/// The columns in the order cdr-csv writes them.
const COLUMNS: [&str; 18] = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
];

/// Reads calls.
pub fn read<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let mut table = Table::open(text)?;
    table.name_columns(COLUMNS);
    let first = table.next_row()?.ok_or(CallError::Empty)?;
    let names: Vec<String> = first.texts().map(str::to_lowercase).collect();
    if ["src", "dst", "start"].iter().all(|name| names.iter().any(|column| column == name)) {
        table.name_columns(names.iter().map(String::as_str));
    } else {
        let seen = seen(&first, intake.how)?;
        intake.take(seen)?;
    }
    while let Some(row) = table.next_row()? {
        let seen = seen(&row, intake.how)?;
        intake.take(seen)?;
    }
    Ok(())
}

fn seen<'t>(row: &'t Cells<'_>, how: &Reading<'_>) -> Result<Seen<'t>, CallError> {
    row.check_width()?;
    let dst = row.get("dst").unwrap_or_default();
    let at = times::time(row.need("start")?, how).map_err(|wrong| CallError::field(row.line, "start", wrong))?;
    let seconds = row.get("billsec").map(times::seconds).transpose();
    let hash = row.hash();
    Ok(Seen {
        line: row.line,
        to: To::Text(dst),
        diverted_from: None,
        from: row.get("src").or_else(|| row.get("clid")),
        at,
        kind: ContactKind::Call,
        seconds: seconds.map_err(|wrong| CallError::field(row.line, "billsec", wrong))?,
        said: None,
        id: row.get("uniqueid").map(|uniqueid| format!("{uniqueid}/{dst}")),
        raw_hash: hash,
        row: hash,
    })
}
