//! The things a person can ask for, one file each.
//!
//! A deed opens what it needs, calls the steps, and writes the ledger. Clock and randomness enter here,
//! through the [`Session`], and nowhere below.

mod backup;
mod call_file;
mod check_package;
mod copies;
mod earlier_error;
mod error;
mod evidence;
mod files;
mod folder;
mod font;
mod free_numbers;
mod gathered;
mod heard;
mod hit;
mod holder;
mod hospitals;
mod import;
mod init;
mod learn_list;
mod list_fault;
mod listener;
mod mint;
mod new_folder;
mod number;
mod package;
mod plan;
mod plant;
mod planting_done;
mod proof_error;
mod publish;
mod push;
mod read_ahead;
mod receipt;
mod recover;
mod report;
mod scan;
mod seal;
mod sealed_copy;
mod source;
mod stamp;
mod stream_hash;
mod strip;
mod tool;
mod trace;
mod unconfirmed;
mod unlock;
mod unseen;
mod verify;
mod watch;
mod watched;
mod weighed;
mod withdraw;
mod witness;
mod witness_error;

use std::path::PathBuf;

use chrono::{DateTime, Local, NaiveDateTime, SubsecRound, TimeZone, Utc};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

pub use backup::{Backup, backup};
pub use call_file::{CallFile, Imported, import_hits};
pub use check_package::check_package;
pub use copies::CopyOf;
pub use earlier_error::EarlierError;
pub use error::DeedError;
pub use hit::{NewContact, Noted, add_hit, list_hits};
pub use holder::{
    HolderShown, add_flow, add_holder, add_lines, canaries_in, canaries_of, import_flows, import_holders, list_flows,
    list_holders, show_holder,
};
pub use init::{Initialised, init};
pub use list_fault::ListFault;
pub use mint::{MintOrder, Minted, mint};
pub use number::{
    NewNumber, NumberListed, add_number, choose_controls, choose_traps, import_numbers, list_numbers, retire_number,
};
pub use plan::{ListGiven, PlanOrder, Planned, PoolCount, plan};
pub use plant::{Amount, CheckOrder, Checked, PlantOrder, Relation, RowTree, check, plant};
pub use planting_done::PlantingDone;
pub use proof_error::ProofError;
pub use push::Elsewhere;
pub use receipt::{ReceiptAdded, ReceiptError, SignatureFile, add_receipt, request_receipt};
pub use recover::{Recovered, RecoveredAs};
pub use report::{ReportForm, ReportOrder, Reported, report};
pub use scan::{
    FileScanned, Layout, Match, Pictures, Recorded, Recording, ScanError, ScanOrder, Scanned, UnreadFile, scan,
};
pub use seal::{Rotation, Sealed, seal};
pub use stamp::{Stamped, add_stamp, request_stamp};
pub use strip::{StripOrder, Stripped, strip};
pub use trace::{Asked, Question, Traced, TrapCalled, trace_hits};
pub use unlock::{IdentityFile, Unlocking};
pub use verify::verify;
pub use withdraw::withdraw;
pub use witness::{
    WitnessAsked, WitnessOrder, Witnessed, add_witness, make_witness_key, request_witness, sign_as_witness,
};
pub use witness_error::WitnessError;

/// What long work is doing, for those who watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bytes of the list that have been read.
    Reading,
    /// Bytes of the list that have been written.
    Writing,
    /// Bytes of the new file that have been read again.
    Checking,
    /// Entries of the ledger that have been checked.
    Verifying,
    /// Rows of a call-record file.
    Importing,
    /// Bytes of seized files that have been scanned.
    Scanning,
}

/// Is told how far a stage has come: done so far, and all there is where that is known.
pub type Watcher = Box<dyn FnMut(Stage, u64, Option<u64>)>;

/// What the outside world gives a deed.
pub struct Session {
    /// Where the ledger lies.
    pub db: PathBuf,
    /// Tells the time.
    pub clock: Box<dyn Fn() -> DateTime<Utc>>,
    /// The only source of chance.
    pub rng: ChaCha20Rng,
    /// Reads a time of the local clock; nothing in the hour that a clock change skips.
    pub local: Box<dyn Fn(NaiveDateTime) -> Option<DateTime<Utc>>>,
    /// Watches long work.
    pub watcher: Watcher,
    /// What earlier crashes had left and this session has ended.
    pub recovered: Vec<Recovered>,
    /// How a locked ledger is opened.
    pub unlocking: Unlocking,
}

impl Session {
    /// Makes a session on the real clock with fresh randomness, watched by nobody.
    pub fn real(db: PathBuf) -> Session {
        Session {
            db,
            clock: Box::new(Utc::now),
            rng: rand::make_rng(),
            local: Box::new(|at| Local.from_local_datetime(&at).earliest().map(|at| at.to_utc())),
            watcher: Box::new(|_, _, _| {}),
            recovered: Vec::new(),
            unlocking: Unlocking::default(),
        }
    }

    /// Tells the time, to the microsecond that the ledger keeps.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)().trunc_subsecs(6)
    }

    /// Gives a source of chance of its own to a step that runs while the session's is in use.
    fn fork(&mut self) -> ChaCha20Rng {
        ChaCha20Rng::from_rng(&mut self.rng)
    }
}
