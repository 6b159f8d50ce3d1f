//! `canaries stamp`

use std::path::PathBuf;

use serde_json::json;

use super::print::time;
use super::{Complaint, Ending, Out};
use crate::deed::{Session, add_stamp, request_stamp};
use crate::lang::Pair;

/// A neutral authority's time stamp (RFC 3161) over a checkpoint, by `openssl ts`
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write a request over the newest checkpoint, to be sent to the authority
    #[command(after_help = "Examples:\n  canaries stamp request -o checkpoint.tsq")]
    Request(Request),
    /// Check the authority's response and put it on record
    #[command(after_help = "Examples:\n  canaries stamp add checkpoint.tsr --authority chain.pem")]
    Add(Add),
}

#[derive(Debug, clap::Args)]
pub struct Request {
    /// The new file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct Add {
    /// The response
    file: PathBuf,
    /// The authority's certificates in PEM
    #[arg(long, value_name = "FILE")]
    authority: PathBuf,
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Request(args) => {
            let size = request_stamp(session, &args.output)?;
            let path = args.output.display();
            if out.json {
                out.document(&json!({"path": args.output, "size": size}))?;
            }
            out.tell(Pair::new(
                format!("{path}: request over the checkpoint of {size} entries"),
                format!("{path}：针对 {size} 条检查点的请求"),
            ))?;
        }
        Command::Add(args) => {
            let stamped = add_stamp(session, &args.file, &args.authority)?;
            let (size, at) = (stamped.size, time(stamped.stamped_at));
            if out.json {
                out.document(&json!({"size": size, "stamped_at": at}))?;
            }
            out.tell(Pair::new(
                format!("the checkpoint of {size} entries was there at {at}"),
                format!("{size} 条的检查点在 {at} 已存在"),
            ))?;
        }
    }
    Ok(Ending::Done)
}
