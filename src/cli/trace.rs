//! `canaries trace`

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::tell_finding;
use super::print::time;
use super::selection::Selection;
use super::{Complaint, Ending, Out};
use crate::deed::{Asked, Session, Traced, TrapCalled, trace_hits};
use crate::lang::Pair;
use crate::list::Meaning;
use crate::phone::{Number, StateName};
use crate::trace::{Evidence, Finding, NotOurs, Reached, Story};

/// Say whose copy the data behind calls came from, and how sure that is
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries trace 13800138000\n  canaries trace --since 2026-11-01 --json\n  canaries trace --campaign K-0001\n\nExit code 1 means that none of the numbers is in the pool."
)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let question = args.selection.question(session)?;
    let (finding, asked, evidence, traps) = match trace_hits(session, &question)? {
        Traced::Found { finding, asked, evidence, unplanted, unknown, traps } => {
            tell_others(&unplanted, &unknown, out)?;
            (finding, asked, evidence, traps)
        }
        Traced::NotOurs => {
            if out.json {
                out.document(&NotOurs::new())?;
            }
            out.tell(Pair::new("not a canary: no such number in the pool", "不是蜜标：号码池中没有这个号码"))?;
            return Ok(Ending::Nothing);
        }
    };
    if out.json {
        out.document(&document(&finding, &asked, &traps))?;
        return Ok(Ending::Done);
    }
    for asked in &asked {
        tell_story(asked, &evidence, out)?;
    }
    tell_finding(&finding, &evidence, out)?;
    traps.iter().try_for_each(|trap| tell_trap(trap, out))?;
    Ok(Ending::Done)
}

/// Tells of a trap what a call to it means; nobody is named, since whoever can read the ledger can have made it.
fn tell_trap(TrapCalled { number, contacts }: &TrapCalled, out: &mut Out<'_>) -> Result<(), Complaint> {
    out.tell(match contacts {
        0 => Pair::new(
            format!("{number} is a trap: it stands in no list, only in the ledger; nobody has called it"),
            format!("{number} 是陷阱号码：不在任何名单中，只在台账中；尚无来电"),
        ),
        _ => Pair::new(
            format!(
                "{number} is a trap that stands in no list, only in the ledger, and was reached {contacts} times since it was set aside: whoever called it on purpose has read the ledger (a ring can be chance)"
            ),
            format!("陷阱号码 {number} 不在任何名单中，只在台账中，设为陷阱后却有 {contacts} 次来电：有意拨打者必定读过台账（仅响铃可能出于偶然）"),
        ),
    })
}

/// What `--json` prints: the finding, and what is known of the canaries that were asked about.
#[derive(Serialize)]
struct Document<'f> {
    #[serde(flatten)]
    finding: &'f Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    canary: Option<CanaryShown<'f>>,
    canaries: Vec<CanaryShown<'f>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    traps: &'f [TrapCalled],
}

#[derive(Serialize)]
struct CanaryShown<'f> {
    #[serde(flatten)]
    story: &'f Story,
    row: u64,
    fields: &'f BTreeMap<Meaning, String>,
    file: FileShown<'f>,
}

#[derive(Serialize)]
struct FileShown<'f> {
    input: Option<&'f str>,
    output: &'f str,
    sha256: Option<&'f str>,
    rows: Option<u64>,
}

fn document<'f>(finding: &'f Finding, asked: &'f [Asked], traps: &'f [TrapCalled]) -> Document<'f> {
    let canary = match asked {
        [one] => Some(shown(one)),
        [] | [_, _, ..] => None,
    };
    Document { finding, canary, canaries: asked.iter().map(shown).collect(), traps }
}

fn shown(asked: &Asked) -> CanaryShown<'_> {
    let planting = &asked.planting;
    let file = FileShown {
        input: planting.input_path.as_deref(),
        output: &planting.final_path,
        sha256: planting.output_sha256.as_deref(),
        rows: planting.output_rows,
    };
    CanaryShown { story: &asked.story, row: asked.row, fields: &asked.canary.record.fields, file }
}

/// Tells what is known of numbers that are no canary's.
fn tell_others(unplanted: &[(Number, StateName)], unknown: &[String], out: &mut Out<'_>) -> Result<(), Complaint> {
    for (number, state) in unplanted.iter().filter(|(_, state)| *state != StateName::Trap) {
        out.note(Pair::new(
            format!("{number} is in the pool but was never planted: {state}"),
            format!("{number} 在号码池中，但从未投放：{state}"),
        ))?;
    }
    for text in unknown {
        out.note(Pair::new(format!("`{text}` is not in the pool"), format!("`{text}` 不在号码池中")))?;
    }
    Ok(())
}

/// Tells who received one canary, in which file, and where it can have gone from there.
fn tell_story(asked: &Asked, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    let Asked { story, row, planting, .. } = asked;
    let name = |id| evidence.graph.holder(id).map_or(String::new(), |holder| holder.name.clone());
    let at = time(story.planted_at);
    out.tell(Pair::new(
        format!(
            "{}  {}  given to {} ({}) in {} at {at}",
            story.number,
            story.id,
            story.holder,
            name(&story.holder),
            story.planting
        ),
        format!(
            "{}  {}  于 {at} 通过 {} 交给 {}（{}）",
            story.number,
            story.id,
            story.planting,
            story.holder,
            name(&story.holder)
        ),
    ))?;
    out.tell(Pair::new(
        format!("  file        {}, row {row}", planting.final_path),
        format!("  文件        {}，第 {row} 行", planting.final_path),
    ))?;
    let ids =
        |reached: &[Reached]| reached.iter().map(|reached| reached.holder.to_string()).collect::<Vec<_>>().join(" ");
    if !story.received.is_empty() {
        let seen = ids(&story.received);
        out.tell(Pair::new(format!("  seen in     lists of {seen}"), format!("  曾见于      {seen} 的名单")))?;
    }
    let downstream = ids(&story.downstream);
    out.tell(match downstream.is_empty() {
        true => Pair::new("  downstream  nobody that is declared", "  下游        未声明"),
        false => Pair::new(format!("  downstream  {downstream}"), format!("  下游        {downstream}")),
    })
}
