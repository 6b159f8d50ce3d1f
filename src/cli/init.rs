//! `canaries init`

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, init};
use crate::lang::Pair;

/// Make the ledger and its signing key
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  canaries init\n  canaries --db /srv/canaries/city.db init")]
pub struct Args {}

/// Runs the command.
pub fn run(_: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let made = init(session)?;
    if out.json {
        out.document(&json!({"ledger": made.ledger, "key": made.key, "public": made.public}))?;
    }
    let (ledger, key) = (made.ledger.display(), made.key.display());
    out.tell(Pair::new(
        format!("ledger  {ledger}\nkey     {key} (keep a copy apart from the ledger)"),
        format!("台账  {ledger}\n密钥  {key}（请另存一份，不与台账放在一处）"),
    ))?;
    Ok(Ending::Done)
}
