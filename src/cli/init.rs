//! `canaries init`

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, init};
use crate::lang::Pair;

/// Make the ledger and its signing key
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries init\n  canaries --db /srv/canaries/city.db init\n  canaries init --investigator age1…"
)]
pub struct Args {
    /// Lock the ledger to whoever has the age identity to this public key; may be given several times
    #[arg(long, value_name = "PUBKEY")]
    investigator: Vec<String>,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let made = init(session, &args.investigator)?;
    if out.json {
        let mut document = json!({"ledger": made.ledger, "key": made.key, "public": made.public});
        if !made.investigators.is_empty() {
            document["investigators"] = json!(made.investigators);
        }
        out.document(&document)?;
    }
    let (ledger, key) = (made.ledger.display(), made.key.display());
    out.tell(Pair::new(
        format!("ledger  {ledger}\nkey     {key} (keep a copy apart from the ledger)"),
        format!("台账  {ledger}\n密钥  {key}（请另存一份，不与台账放在一处）"),
    ))?;
    for public in &made.investigators {
        out.tell(Pair::new(format!("locked  {public}"), format!("加锁  {public}")))?;
    }
    Ok(Ending::Done)
}
