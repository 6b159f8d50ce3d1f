//! `canaries holder`

use std::path::PathBuf;

use serde_json::json;

use super::{Complaint, Ending, Out};
use crate::deed::{HolderShown, Session, add_holder, add_lines, import_holders, list_holders, show_holder};
use crate::holder::{Holder, HolderId, Kind};
use crate::lang::{Lang, Pair};
use crate::phone::Region;
use crate::store::{PlantingRow, PlantingState};

/// Who receives lists
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a holder; a person is a holder whose parent is the organisation
    #[command(
        after_help = "Examples:\n  canaries holder add szfy --name 深圳市妇幼保健院 --kind hospital --region 440300\n  canaries holder add clerk-a --name 'Clerk A' --kind person --parent agency"
    )]
    Add {
        /// Short name: letters, digits, `-`, `_`, `.`
        id: HolderId,
        /// Full name
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// hospital, agency, registry, company or person
        #[arg(long, default_value = "company")]
        kind: Kind,
        /// Region code, such as 440300
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
        /// The organisation it belongs to; data flows from parent to child by itself
        #[arg(long, value_name = "ID")]
        parent: Option<HolderId>,
    },
    /// Add the holders of a CSV file: id, name, kind, region, parent
    #[command(after_help = "Examples:\n  canaries holder import holders.csv")]
    Import { file: PathBuf },
    /// Declare lines from which a holder calls its own people: contacts from them never count
    #[command(after_help = "Examples:\n  canaries holder line szfy 0755-88881234 12320")]
    Line {
        id: HolderId,
        /// Numbers as the called ones see them
        #[arg(required = true, value_name = "NUMBER")]
        lines: Vec<String>,
        /// Region whose habits the numbers' spelling follows
        #[arg(long, default_value = "CN", value_name = "CODE")]
        region: Region,
    },
    /// List all holders
    List,
    /// Show one holder: who feeds it, whom it feeds, what it was given
    #[command(after_help = "Examples:\n  canaries holder show szfy")]
    Show { id: HolderId },
}

/// Runs the command.
pub fn run(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    match command {
        Command::Add { id, name, kind, region, parent } => {
            let holder = Holder { id, name, kind, region, parent };
            add_holder(session, holder.clone())?;
            if out.json {
                out.document(&holder)?;
            }
            let line = format!("{} {}", holder.id, holder.name);
            out.tell(Pair::new(line.clone(), line))?;
        }
        Command::Import { file } => {
            let added = import_holders(session, &file)?;
            if out.json {
                out.document(&json!({"holders": added}))?;
            }
            out.tell(Pair::new(format!("{added} holders added"), format!("已添加 {added} 个持有方")))?;
        }
        Command::Line { id, lines, region } => {
            let added = add_lines(session, &id, &lines, region)?;
            if out.json {
                out.document(&json!({"holder": id, "lines": added}))?;
            }
            out.tell(Pair::new(format!("{added} lines of {id} declared"), format!("已申报 {id} 的 {added} 条线路")))?;
        }
        Command::List => list(session, out)?,
        Command::Show { id } => show(&show_holder(session, &id)?, out)?,
    }
    Ok(Ending::Done)
}

fn list(session: &Session, out: &mut Out<'_>) -> Result<(), Complaint> {
    let holders = list_holders(session)?;
    if out.json {
        return out.document(&holders);
    }
    let rows = holders.iter().map(|holder| {
        vec![
            holder.id.to_string(),
            holder.name.clone(),
            holder.kind.word().to_string(),
            holder.region.clone().unwrap_or_default(),
            holder.parent.as_ref().map(|id| id.to_string()).unwrap_or_default(),
        ]
    });
    let head = match out.lang {
        Lang::En => ["id", "name", "kind", "region", "parent"],
        Lang::Zh => ["编号", "名称", "类型", "地区", "上级"],
    };
    out.table(&head, rows.collect())
}

fn show(shown: &HolderShown, out: &mut Out<'_>) -> Result<(), Complaint> {
    if out.json {
        let plantings: Vec<_> = shown.plantings.iter().map(planting_json).collect();
        return out.document(&json!({
            "id": shown.holder.id, "name": shown.holder.name, "kind": shown.holder.kind,
            "region": shown.holder.region, "parent": shown.holder.parent,
            "receives_from": shown.receives_from, "downstream": shown.downstream, "plantings": plantings,
        }));
    }
    let ids = |ids: &[HolderId]| ids.iter().map(HolderId::as_str).collect::<Vec<_>>().join(" ");
    out.line(format!("{}  {}  ({})", shown.holder.id, shown.holder.name, shown.holder.kind.word()))?;
    let (from, to) = (ids(&shown.receives_from), ids(&shown.downstream));
    out.tell(Pair::new(format!("receives from: {from}"), format!("来源：{from}")))?;
    out.tell(Pair::new(format!("downstream: {to}"), format!("下游：{to}")))?;
    let rows = shown.plantings.iter().map(|planting| {
        vec![
            planting.id.to_string(),
            state_word(&planting.state).to_string(),
            planting.reserved_at.format("%Y-%m-%d %H:%M").to_string(),
            planting.final_path.clone(),
        ]
    });
    let head = match out.lang {
        Lang::En => ["planting", "state", "time (UTC)", "file"],
        Lang::Zh => ["投放", "状态", "时间 (UTC)", "文件"],
    };
    out.table(&head, rows.collect())
}

fn planting_json(planting: &PlantingRow) -> serde_json::Value {
    json!({
        "planting": planting.id, "state": state_word(&planting.state), "reserved_at": planting.reserved_at,
        "input": planting.input_path, "output": planting.final_path,
        "sha256": planting.output_sha256, "rows": planting.output_rows,
    })
}

fn state_word(state: &PlantingState) -> &'static str {
    match state {
        PlantingState::Reserved => "reserved",
        PlantingState::Sealed => "sealed",
        PlantingState::Planted { .. } => "planted",
        PlantingState::Void => "void",
    }
}
