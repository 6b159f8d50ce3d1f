//! `canaries receipt`

use std::path::PathBuf;

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{Session, SignatureFile, add_receipt, request_receipt, withdraw};
use crate::id::PlantingId;
use crate::lang::Pair;

/// A holder's signed word that it got a file
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write what the holder signs into a new folder: receipt.json, and a page to be signed by hand
    #[command(after_help = "Examples:\n  canaries receipt request P-000001 -o for-szfy")]
    Request(Request),
    /// Check a signed statement and put it on record; refused when anything differs
    #[command(
        after_help = "Examples:\n  canaries receipt add receipt.json --sig receipt.json.sig\n  canaries receipt add receipt.json --sig receipt.sig --key holder.pem\n  canaries receipt add receipt.json --paper scan.pdf"
    )]
    Add(Add),
    /// Put on record that nobody received the file of a planting that a crash left open; it becomes void
    #[command(after_help = "Examples:\n  canaries receipt none P-000003")]
    None(Nobody),
}

#[derive(Debug, clap::Args)]
pub struct Nobody {
    /// The planting that is open and whose file is gone
    #[arg(value_name = "PLANTING")]
    planting: PlantingId,
}

#[derive(Debug, clap::Args)]
pub struct Request {
    /// The planting whose file was handed over
    #[arg(value_name = "PLANTING")]
    planting: PlantingId,
    /// The new folder
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct Add {
    /// The statement, unchanged
    file: PathBuf,
    /// The signature, of `ssh-keygen -Y sign` or `openssl pkeyutl -sign`
    #[arg(long, value_name = "FILE", required_unless_present = "paper")]
    sig: Option<PathBuf>,
    /// The holder's public key: an SSH key, or PEM (default: the one that an SSH signature carries)
    #[arg(long, value_name = "FILE", requires = "sig")]
    key: Option<PathBuf>,
    /// A scan of the page that was signed by hand; its SHA-256 is kept
    #[arg(long, value_name = "FILE", conflicts_with = "sig")]
    paper: Option<PathBuf>,
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Request(args) => {
            request_receipt(session, args.planting, &args.output)?;
            if out.json {
                out.document(&json!({"planting": args.planting.to_string(), "path": args.output}))?;
            }
            let path = args.output.display();
            out.tell(Pair::new(
                format!("{path}: receipt.json to sign with a key, RECEIPT.html to print and sign by hand"),
                format!("{path}：receipt.json 供密钥签署，RECEIPT.html 供打印后手签"),
            ))?;
        }
        Command::None(args) => {
            let planting = args.planting;
            withdraw(session, planting)?;
            if out.json {
                out.document(&json!({"planting": planting.to_string(), "state": "void"}))?;
            }
            out.tell(Pair::new(
                format!("{planting}: void, as nobody received its file"),
                format!("{planting}：已作废，因无人收到其文件"),
            ))?;
        }
        Command::Add(args) => {
            let by = match (args.sig, args.key, args.paper) {
                (Some(signature), key, _) => SignatureFile::Key { signature, key },
                (None, _, Some(scan)) => SignatureFile::Paper { scan },
                (None, _, None) => {
                    return Err(Complaint::Usage {
                        what: Pair::new("a receipt needs --sig or --paper", "回执须有 --sig 或 --paper"),
                        hint: Pair::new("see `canaries receipt add --help`", "见 `canaries receipt add --help`"),
                    });
                }
            };
            let added = add_receipt(session, &args.file, &by)?;
            let (planting, how) = (added.planting, added.how.word());
            if out.json {
                out.document(&json!({"planting": planting.to_string(), "how": how, "key": added.key}))?;
            }
            if let Some(key) = &added.key {
                out.note(Pair::new(
                    format!("key {key}: ask the holder whether it is theirs; nothing here can tell"),
                    format!("密钥 {key}：请向持有方核实是否为其所有，本程序无从得知"),
                ))?;
            }
            if added.is_other_key {
                out.note(Pair::new(
                    "this is another key than that of an earlier receipt for this planting",
                    "该密钥与本次投放此前回执的密钥不同",
                ))?;
            }
            out.tell(Pair::new(
                format!("{planting}: receipt on record ({how})"),
                format!("{planting}：回执已记录（{how}）"),
            ))?;
        }
    }
    Ok(Ending::Done)
}
