//! `canaries plant`

use std::path::PathBuf;

use serde_json::{Value, json};

use super::print::time;
use super::wanted::{positive, share, whole};
use super::{Complaint, Ending, Out};
use crate::deed::{
    Amount, PlantOrder, PlantingDone, Recovered, RecoveredAs, Relation, RowTree, Session, canaries_in, plant,
};
use crate::holder::HolderId;
use crate::lang::Pair;
use crate::plant::{Astray, Lacking, Unfilled};
use crate::store::CanaryRow;

/// Write a copy of a list with canaries in it for a recipient
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("amount").required(true).args(["count", "density"]),
    after_help = "Examples:\n  canaries plant births.csv --to szfy --count 12 -o seeded.csv\n  canaries plant daily.xlsx --to clerk-a --to clerk-b --count 3 -o 'out/{holder}.xlsx'\n  canaries plant births.csv --to a --to b --to c --count 6 --shared 40 -o 'out/{holder}.csv'\n  canaries plant july.xlsx --to city --density 0.002 --sheet 7月 --map columns.toml -o july-city.xlsx"
)]
pub struct Args {
    /// The list: CSV, TSV or other delimited text, or an .xlsx workbook
    list: PathBuf,
    /// Who gets the copy; repeat it for one differently seeded copy each
    #[arg(long = "to", required = true, value_name = "HOLDER")]
    to: Vec<HolderId>,
    /// How many new canaries; 0 only puts those of earlier copies back
    #[arg(long, value_name = "N", value_parser = whole)]
    count: Option<usize>,
    /// Canaries for each row of the list, such as 0.01
    #[arg(long, value_name = "P", value_parser = share)]
    density: Option<f64>,
    /// More canaries, each for a random half of the recipients: they name two who delete all that differs between them
    #[arg(long, value_name = "M", value_parser = positive)]
    shared: Option<usize>,
    /// The file to write; `{holder}` in it stands for the holder's id
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// The sheet that is the list (default: the first that looks like one)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What the columns mean, in TOML: `phone = "联系方式"`
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Make the tree over the rows of a text list of more than 10,000 rows too, which shows a row without the file
    #[arg(long)]
    prove_rows: bool,
    /// This list has no row in common with earlier ones for these recipients: their canaries are not put back
    #[arg(long)]
    unrelated: bool,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let amount = match (args.count, args.density) {
        (Some(count), _) => Amount::Count(count),
        (None, Some(density)) => Amount::Density(density),
        (None, None) => unreachable!("the argument parser wants one of the two"),
    };
    let several = args.to.len() > 1;
    let rows = if args.prove_rows { RowTree::Always } else { RowTree::WhereQuick };
    let relation = if args.unrelated { Relation::Unrelated } else { Relation::Unknown };
    let shared = args.shared.unwrap_or(0);
    let Args { list, to: holders, output, sheet, map, .. } = args;
    let order = PlantOrder { list, holders, amount, shared, output, sheet, map, rows, relation };
    let done = plant(session, &order)?;
    if out.json {
        let documents = done.iter().map(|done| document(session, done)).collect::<Result<Vec<Value>, _>>()?;
        match documents.as_slice() {
            [one] if !several => out.document(one)?,
            all => out.document(&all)?,
        }
        return Ok(Ending::Done);
    }
    for planting in &done {
        show(planting, out)?;
    }
    if let Some(planting) = done.first() {
        tell_columns(planting, out)?;
    }
    Ok(Ending::Done)
}

/// Gives the JSON of a planting, with its canaries unless the ledger is locked.
pub fn document(session: &Session, done: &PlantingDone) -> Result<Value, Complaint> {
    let one = |canary: &CanaryRow| json!({"id": canary.id, "number": canary.number, "row": canary.row, "fields": canary.record.fields});
    let is_shared = |canary: &CanaryRow| done.shared.iter().any(|shared| shared.id == canary.id);
    let canaries: Option<Vec<Value>> = canaries_in(session, done.planting)?.map(|canaries| {
        let firsts = canaries.iter().filter(|canary| canary.record.beside.is_none() && !is_shared(canary));
        firsts.map(one).collect()
    });
    let shared = canaries.as_ref().map(|_| &done.shared);
    Ok(json!({
        "planting": done.planting,
        "holder": done.holder,
        "planted_at": time(done.planted_at),
        "input": done.input,
        "output": done.output,
        "carried": done.carried,
        "kept": done.kept,
        "left_out": done.left_out,
        "out_of_order": done.astray,
        "unfilled": done.unfilled,
        "canaries": canaries,
        "shared": shared,
    }))
}

/// Says what each column was taken to mean, to those who want to know more.
fn tell_columns(done: &PlantingDone, out: &mut Out<'_>) -> Result<(), Complaint> {
    for (name, meaning) in &done.columns {
        let line = format!("  {name} = {}", meaning.word());
        out.detail(Pair::new(line.clone(), line))?;
    }
    Ok(())
}

/// Tells of a finished planting.
pub fn show(done: &PlantingDone, out: &mut Out<'_>) -> Result<(), Complaint> {
    let (planting, holder, path) = (done.planting, &done.holder, &done.output.path);
    let (count, rows) = (done.canaries, done.output.rows);
    out.tell(Pair::new(
        format!("{planting}  {path}: {rows} rows, {count} canaries for {holder}"),
        format!("{planting}  {path}：共 {rows} 行，为 {holder} 投放 {count} 条蜜标"),
    ))?;
    if !done.shared.is_empty() {
        let shared = done.shared.len();
        out.tell(Pair::new(
            format!("          {shared} more that other recipients have too"),
            format!("          另有 {shared} 条与其他接收人共有"),
        ))?;
    }
    if done.kept > 0 {
        out.tell(Pair::new(
            format!("          {} canaries of earlier copies of this list kept their places", done.kept),
            format!("          此前各期的 {} 条蜜标保留原位", done.kept),
        ))?;
    }
    if done.left_out > 0 {
        let left_out = done.left_out;
        out.tell(Pair::new(
            format!(
                "          {left_out} canaries of the last copy are left out: the rows beside them are gone or were corrected"
            ),
            format!("          上一期的 {left_out} 条蜜标未放回：其相邻各行已不在名单中或已更正"),
        ))?;
    }
    if done.came_before {
        out.tell(Pair::new(
            "          a copy of this very list was planted before: whoever has both copies sees the new canaries by comparing them",
            "          这份名单以前投放过：同时持有两份副本的人一比较就能看出新增的蜜标",
        ))?;
    }
    tell_astray(&done.astray, out)?;
    tell_unfilled(&done.unfilled, out)?;
    if done.carried > 0 {
        out.tell(Pair::new(
            format!("          {} canaries of other plantings were in the list already", done.carried),
            format!("          名单中已有其他投放的 {} 条蜜标", done.carried),
        ))?;
    }
    Ok(())
}

/// Warns of canaries that stand out of the order that a list is sorted in.
pub(super) fn tell_astray(astray: &[Astray], out: &mut Out<'_>) -> Result<(), Complaint> {
    for Astray { column, rows } in astray {
        out.tell(Pair::new(
            format!(
                "          {rows} canaries stand out of the order of column `{column}`, by which the list is sorted: whoever looks finds them; add numbers that fall among the list's, plant fewer, or plant into the list sorted by date"
            ),
            format!(
                "          名单按列 `{column}` 排序，有 {rows} 条蜜标不合此顺序，细看即可发现：请补充号段与名单相近的号码、减少数量，或先按日期排序再投放"
            ),
        ))?;
    }
    Ok(())
}

/// Warns of columns that canaries leave empty, because no number of the pool could stand there or no value could be made.
fn tell_unfilled(unfilled: &[Unfilled], out: &mut Out<'_>) -> Result<(), Complaint> {
    for Unfilled { column, rows, lacking } in unfilled {
        out.tell(match lacking {
            Lacking::Phones => Pair::new(
                format!(
                    "          {rows} canaries have nothing in column `{column}`, where most rows have a phone: add numbers of that kind to the pool"
                ),
                format!("          有 {rows} 条蜜标的 `{column}` 列为空，而名单中多数行有电话：请向号码池补充同类号码"),
            ),
            Lacking::Values => Pair::new(
                format!(
                    "          all {rows} canaries have nothing in column `{column}`, where nearly every row has something: whoever looks for that finds them; say in a map file what the column means (--map), or leave it out of the list"
                ),
                format!(
                    "          全部 {rows} 条蜜标的 `{column}` 列为空，而名单中几乎每行都有内容，据此即可找出蜜标：请用映射文件（--map）说明该列含义，或从名单中去掉该列"
                ),
            ),
        })?;
    }
    Ok(())
}

/// Tells what became of a planting that was interrupted.
pub(super) fn tell_recovered(earlier: &Recovered, out: &mut Out<'_>) -> Result<(), Complaint> {
    let (planting, path) = (earlier.planting, &earlier.path);
    out.note(match earlier.ending {
        RecoveredAs::Planted => Pair::new(
            format!("{planting}, interrupted earlier, is finished: {path}"),
            format!("此前中断的 {planting} 已完成：{path}"),
        ),
        RecoveredAs::Void => Pair::new(
            format!("{planting}, interrupted earlier, is void: nothing was written to {path}"),
            format!("此前中断的 {planting} 已作废：未写出 {path}"),
        ),
        RecoveredAs::Gone => Pair::new(
            format!(
                "{planting}, interrupted earlier, stays open: its copy {path} is gone, and may have been handed over (put it back to confirm that, or say `canaries receipt none {planting}` if nobody received it)"
            ),
            format!("此前中断的 {planting} 仍未了结：其副本 {path} 已不在，可能已经交付（放回原处即可确认交付；若无人收到，请运行 `canaries receipt none {planting}`）"),
        ),
        RecoveredAs::VoidForeignFile => Pair::new(
            format!("{planting}, interrupted earlier, is void: {path} is another file and was left alone"),
            format!("此前中断的 {planting} 已作废：{path} 是别的文件，未作改动"),
        ),
    })
}
