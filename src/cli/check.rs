//! `canaries check`

use std::path::PathBuf;

use serde_json::{Value, json};

use super::plant::tell_astray;
use super::wanted::positive;
use super::{Complaint, Ending, Out};
use crate::deed::{CheckOrder, Checked, Session, check};
use crate::holder::HolderId;
use crate::lang::Pair;
use crate::list::Meaning;
use crate::plant::hide::{AUC_MAX, Sign, Tell};

/// Signs that are told of.
const TOLD_MAX: usize = 12;

/// Say how well canaries would hide in a list, before anything is written
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries check births.csv --to szfy --count 100\n\nExit code 1 means that they would stand out."
)]
pub struct Args {
    /// The list: CSV, TSV or other delimited text, or an .xlsx workbook
    list: PathBuf,
    /// Who would get the copy
    #[arg(long = "to", value_name = "HOLDER")]
    to: HolderId,
    /// How many canaries
    #[arg(long, value_name = "N", value_parser = positive)]
    count: usize,
    /// The sheet that is the list (default: the first that looks like one)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What the columns mean, in TOML: `phone = "联系方式"`
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let Args { list, to, count, sheet, map } = args;
    let checked = check(session, &CheckOrder { list, holder: to, count, sheet, map })?;
    let is_good = checked.hiding.is_good() && checked.astray.is_empty();
    let ending = if is_good { Ending::Done } else { Ending::Nothing };
    if out.json {
        out.document(&document(&checked, count))?;
        return Ok(ending);
    }
    let (hiding, (low, high)) = (&checked.hiding, checked.hiding.auc_between);
    out.tell(Pair::new(
        format!(
            "A classifier that knows this program tells canaries with AUC {:.2} (95 %: {low:.2} to {high:.2}; 0.5 is blind; bad if all of this is above {AUC_MAX})",
            hiding.auc
        ),
        format!(
            "熟知本程序的分类器辨认蜜标的 AUC 为 {:.2}（95 % 区间 {low:.2}–{high:.2}；0.5 为盲猜，整个区间高于 {AUC_MAX} 为差）",
            hiding.auc
        ),
    ))?;
    out.tell(Pair::new(
        format!("Giving up 1 % of the rows, a thief would remove {:.0} % of the canaries", hiding.removed * 100.0),
        format!("窃取者放弃 1 % 的行，可剔除 {:.0} % 的蜜标", hiding.removed * 100.0),
    ))?;
    for tell in hiding.tells.iter().take(TOLD_MAX) {
        let (canaries, rows) = (tell.canaries * 100.0, tell.rows * 100.0);
        let column = match tell.column.as_str() {
            "" => Pair::new("the whole row", "整行"),
            column => Pair::new(column, column),
        };
        let sign = sign(tell.sign);
        let advice = advice(tell);
        out.tell(Pair::new(
            format!(
                "  {}: {} in {canaries:.1} % of the canaries, {rows:.1} % of the rows; {}",
                column.en, sign.en, advice.en
            ),
            format!("  {}：蜜标中 {canaries:.1} % {}，名单中 {rows:.1} %；{}", column.zh, sign.zh, advice.zh),
        ))?;
    }
    tell_astray(&checked.astray, out)?;
    out.tell(match ending {
        Ending::Nothing => Pair::new("They would stand out", "蜜标会显眼"),
        Ending::Done => Pair::new("They would hide, as far as so many can show", "就此数量所能显示的，蜜标不显眼"),
    })?;
    Ok(ending)
}

fn document(checked: &Checked, count: usize) -> Value {
    let hiding = &checked.hiding;
    let tells: Vec<Value> = hiding.tells.iter().map(tell_document).collect();
    json!({
        "hides": hiding.is_good() && checked.astray.is_empty(),
        "rows": checked.rows,
        "count": count,
        "second_numbers": checked.seconds,
        "auc": hiding.auc,
        "auc_between": [hiding.auc_between.0, hiding.auc_between.1],
        "removed_at_1_percent": hiding.removed,
        "rules": tells,
        "out_of_order": checked.astray,
    })
}

fn tell_document(tell: &Tell) -> Value {
    json!({
        "rule": sign(tell.sign).en,
        "column": tell.column,
        "canaries": tell.canaries,
        "rows": tell.rows,
        "lift": tell.lift,
        "advice": advice(tell).en,
    })
}

fn sign(sign: Sign) -> Pair {
    match sign {
        Sign::Blank => Pair::new("blank", "为空"),
        Sign::ValueAlone => Pair::new("a value that no other row has", "取值独有"),
        Sign::PlaceAlone => Pair::new("a beginning that no other row has", "开头独有"),
        Sign::WordsAlone => Pair::new("words that no other row has", "文字独有"),
        Sign::ShapeAlone => Pair::new("written as in no other row", "写法独有"),
        Sign::SegmentAlone => Pair::new("first digits that no other row has", "号段独有"),
        Sign::LacksAlone => Pair::new("blanks together as in hardly any other row", "空缺组合罕见"),
        Sign::NothingBlank => Pair::new("no blank cell", "没有空白单元格"),
        Sign::StepsBack => Pair::new("below the row above", "小于上一行"),
        Sign::NotNextAfter => Pair::new("not the next after the row above", "与上一行不相连"),
        Sign::NotNextBefore => Pair::new("not followed by the next", "与下一行不相连"),
        Sign::LastDigitNotRound => Pair::new("a last digit other than 0 and 5", "末位非 0 非 5"),
        Sign::Night => Pair::new("a time between midnight and six", "时间在零点至六点"),
    }
}

/// Says what would help.
fn advice(tell: &Tell) -> Pair {
    let alone = matches!(tell.sign, Sign::ValueAlone | Sign::PlaceAlone | Sign::WordsAlone | Sign::ShapeAlone);
    if alone && tell.meaning == Some(Meaning::IdNumber) {
        return Pair::new(
            "a canary's identity number is of a region withdrawn before the birth, so that it is nobody's, and this list knows hardly any: hide part of the numbers, or leave the column out, before planting",
            "蜜标的身份证号用出生前已撤销的区划，以免是真人的号码，而此名单几乎没有这类区划：请先对该列脱敏或去掉该列再投放",
        );
    }
    match tell.sign {
        Sign::SegmentAlone => Pair::new("add numbers of the segments that the list has", "请补充名单所用号段的号码"),
        Sign::Blank | Sign::NothingBlank | Sign::LacksAlone => Pair::new(
            "where it is a second phone add free numbers, else plant fewer",
            "若为第二电话，请补充空闲号码；否则请减少数量",
        ),
        Sign::NotNextAfter | Sign::NotNextBefore | Sign::StepsBack => Pair::new(
            "its order leaves little room: plant fewer; where it is a counter, or mint before numbers are issued",
            "该列的顺序余地小：请减少数量；若为编号，也可在编号发放前制备",
        ),
        Sign::ValueAlone | Sign::PlaceAlone | Sign::WordsAlone | Sign::ShapeAlone => Pair::new(
            "say what the column means in a map file, or plant fewer",
            "请在映射文件中说明该列含义，或减少数量",
        ),
        Sign::LastDigitNotRound | Sign::Night => Pair::new("plant fewer", "请减少数量"),
    }
}
