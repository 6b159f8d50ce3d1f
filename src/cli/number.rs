//! `canaries number`

use std::path::PathBuf;

use serde_json::json;

use super::wanted::positive;
use super::{Complaint, Ending, Out};
use crate::deed::{
    NewNumber, NumberListed, Session, add_number, choose_controls, choose_traps, import_numbers, list_numbers,
    retire_number,
};
use crate::lang::{Lang, Pair};
use crate::phone::{Region, State, StateName};

/// The pool of numbers that you own
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add the numbers of a CSV file: number, provider, kind, since, until, address, note
    #[command(
        after_help = "Examples:\n  canaries number import numbers.csv\n  canaries number import uk.csv --region GB --quarantine 90"
    )]
    Import {
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Add one number
    #[command(after_help = "Examples:\n  canaries number add '+86 138 0013 8000' --quarantine 90")]
    Add {
        number: String,
        #[command(flatten)]
        how: How,
        /// Who rents it out
        #[arg(long, value_name = "TEXT")]
        provider: Option<String>,
        /// mobile, landline or voip
        #[arg(long, value_name = "KIND", value_parser = ["mobile", "landline", "voip"])]
        kind: Option<String>,
        /// Anything worth keeping
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// List the pool
    #[command(after_help = "Examples:\n  canaries number list --state free")]
    List {
        /// Only numbers in this state: quarantined, free, planted, control, trap or retired
        #[arg(long)]
        state: Option<StateName>,
    },
    /// Make free numbers controls: never planted, they measure background calls
    #[command(after_help = "Examples:\n  canaries number control --count 5")]
    Control {
        /// How many, chosen by chance
        #[arg(long, value_name = "N", value_parser = positive)]
        count: usize,
    },
    /// Make free numbers traps: they stand in no list, so whoever calls one has read the ledger
    #[command(after_help = "Examples:\n  canaries number trap --count 3")]
    Trap {
        /// How many, chosen by chance
        #[arg(long, value_name = "N", value_parser = positive)]
        count: usize,
    },
    /// Take a number out of use for good; hits on it still resolve
    #[command(after_help = "Examples:\n  canaries number retire 13800138000")]
    Retire {
        number: String,
        /// Region whose habits its spelling follows
        #[arg(long, default_value = "CN", value_name = "CODE")]
        region: Region,
    },
}

#[derive(Debug, clap::Args)]
pub struct How {
    /// Region whose habits the spelling follows
    #[arg(long, default_value = "CN", value_name = "CODE")]
    region: Region,
    /// Days until it may be planted
    #[arg(long, default_value_t = 0, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(..=36_500))]
    quarantine: u32,
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Import { file, how } => {
            let added = import_numbers(session, &file, how.region, how.quarantine)?;
            if out.json {
                out.document(&json!({"numbers": added}))?;
            }
            out.tell(Pair::new(format!("{added} numbers added"), format!("已添加 {added} 个号码")))?;
        }
        Command::Add { number, how, provider, kind, note } => {
            let new = NewNumber { text: number, provider, kind, note, ..NewNumber::default() };
            let number = add_number(session, new, how.region, how.quarantine)?;
            one(&number, out)?;
        }
        Command::List { state } => {
            let rows = list_numbers(session, state)?;
            list(&rows, out)?;
        }
        Command::Control { count } => {
            let chosen = choose_controls(session, count)?;
            if out.json {
                out.document(&json!({"controls": chosen}))?;
            } else {
                for number in &chosen {
                    out.line(number.as_str())?;
                }
            }
        }
        Command::Trap { count } => {
            // Which ones is for the ledger to know: `number list` tells those who may read it.
            let traps = choose_traps(session, count)?.len();
            if out.json {
                out.document(&json!({"traps": traps}))?;
            }
            out.tell(Pair::new(format!("{traps} traps set"), format!("已设 {traps} 个陷阱号码")))?;
        }
        Command::Retire { number, region } => {
            let number = retire_number(session, &number, region)?;
            one(&number, out)?;
        }
    }
    Ok(Ending::Done)
}

fn one(number: &crate::phone::Number, out: &mut Out<'_>) -> Result<(), Complaint> {
    if out.json {
        return out.document(&json!({"number": number}));
    }
    out.line(number.as_str())
}

fn list(rows: &[NumberListed], out: &mut Out<'_>) -> Result<(), Complaint> {
    if out.json {
        let rows: Vec<_> = rows.iter().map(number_json).collect();
        return out.document(&rows);
    }
    let head = match out.lang {
        Lang::En => ["number", "state", "contacts", "by chance", "a day", "provider", "added"],
        Lang::Zh => ["号码", "状态", "来电数", "偶然来电", "每日预期", "提供方", "入池"],
    };
    let lines = rows.iter().map(|NumberListed { row, chance_per_day, by_chance }| {
        vec![
            row.number.to_string(),
            row.state.name().to_string(),
            row.contacts.to_string(),
            by_chance.to_string(),
            format!("{chance_per_day:.3}"),
            row.provider.clone().unwrap_or_default(),
            row.added_at.format("%Y-%m-%d").to_string(),
        ]
    });
    out.table(&head, lines.collect())
}

fn number_json(NumberListed { row, chance_per_day, by_chance }: &NumberListed) -> serde_json::Value {
    let mut json = json!({
        "number": row.number, "state": row.state.name().word(), "contacts": row.contacts,
        "provider": row.provider, "kind": row.kind, "added_at": super::print::time(row.added_at),
        "contacts_by_chance": by_chance, "chance_per_day": chance_per_day,
    });
    match row.state {
        State::Quarantined { until } => json["quarantined_until"] = json!(super::print::time(until)),
        State::Planted { planting } => json["planting"] = json!(planting),
        State::Free | State::Control | State::Trap | State::Retired => {}
    }
    json
}
