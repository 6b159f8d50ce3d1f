//! `canaries witness`

use std::path::PathBuf;

use serde_json::json;

use super::print::time;
use super::{Complaint, Ending, Out};
use crate::deed::{Session, WitnessOrder, Witnessed, add_witness, make_witness_key, request_witness, sign_as_witness};
use crate::lang::Pair;

/// Other people's signatures that they saw a checkpoint (C2SP cosignature/v1)
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a witness's key, on the witness's own machine
    #[command(after_help = "Examples:\n  canaries witness key notary.example/one -o witness.key")]
    Key(Key),
    /// Write what a witness needs into a new folder: the newest checkpoint, and the proof that it goes on from the last one
    #[command(
        after_help = "Examples:\n  canaries witness request -o for-notary\n  canaries witness request --since 120 -o for-notary"
    )]
    Request(Request),
    /// Sign a checkpoint as a witness; refused if it does not go on from the one that was signed last
    #[command(
        after_help = "Examples:\n  canaries witness sign checkpoint.note --key witness.key --log 'canaries/…+…+…' -o signed.note\n  canaries witness sign checkpoint.note --key witness.key --proof consistency.proof -o signed.note"
    )]
    Sign(Sign),
    /// Put a witness's signature on record
    #[command(after_help = "Examples:\n  canaries witness add signed.note --witness 'notary.example/one+…+…'")]
    Add(Add),
}

#[derive(Debug, clap::Args)]
pub struct Key {
    /// The witness's name, as it stands in the signature
    name: String,
    /// The new file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct Request {
    /// Entries of the checkpoint that the witness signed last
    #[arg(long, value_name = "ENTRIES", default_value_t = 0)]
    since: u64,
    /// The new folder
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The checkpoint
    note: PathBuf,
    /// The witness's key; what was signed last is kept beside it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The log's key, as `canaries seal --json` tells it; needed the first time
    #[arg(long, value_name = "KEY")]
    log: Option<String>,
    /// The proof that the checkpoint goes on from the one that was signed last
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// The new file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct Add {
    /// The checkpoint with the witness's signature
    file: PathBuf,
    /// The witness's public key, as `canaries witness key` printed it
    #[arg(long, value_name = "KEY")]
    witness: String,
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Key(args) => {
            let witness = make_witness_key(session, &args.name, &args.output)?;
            match out.json {
                true => out.document(&json!({"path": args.output, "witness": witness}))?,
                false => out.line(&witness)?,
            }
        }
        Command::Request(args) => {
            let asked = request_witness(session, args.since, &args.output)?;
            let (path, size, since) = (args.output.display(), asked.size, asked.since);
            if out.json {
                out.document(&json!({"path": args.output, "size": size, "since": since}))?;
            }
            out.tell(Pair::new(
                format!("{path}: the checkpoint of {size} entries, with a proof from {since} on"),
                format!("{path}：{size} 条的检查点，附从 {since} 条起的证明"),
            ))?;
        }
        Command::Sign(Sign { note, key, log, proof, output }) => {
            let done = sign_as_witness(session, &WitnessOrder { note, key, log, proof, output })?;
            tell(&done, out)?;
        }
        Command::Add(args) => tell(&add_witness(session, &args.file, &args.witness)?, out)?,
    }
    Ok(Ending::Done)
}

fn tell(done: &Witnessed, out: &mut Out<'_>) -> Result<(), Complaint> {
    let Witnessed { witness, size, at } = done;
    let at = i64::try_from(*at).ok().and_then(|at| chrono::DateTime::from_timestamp(at, 0)).map(time);
    let at = at.unwrap_or_default();
    if out.json {
        out.document(&json!({"witness": witness, "size": size, "seen_at": at}))?;
    }
    out.tell(Pair::new(
        format!("{witness} saw the checkpoint of {size} entries at {at}"),
        format!("{witness} 在 {at} 见到 {size} 条的检查点"),
    ))
}
