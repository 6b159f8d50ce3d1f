//! `canaries trace`

use serde_json::{Value, json};

use super::print::time;
use super::time::read_time;
use super::{Complaint, Ending, Out};
use crate::deed::{Asked, Question, Session, Traced, trace_hits};
use crate::hit::CampaignId;
use crate::lang::{Lang, Pair};
use crate::phone::{Number, Region, StateName};
use crate::trace::{Evidence, Finding, NotOurs, Reached, Source, Verdict};

/// Say whose copy the data behind calls came from, and how sure that is
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries trace 13800138000\n  canaries trace --since 2026-11-01 --json\n  canaries trace --campaign K-0001\n\nExit code 1 means that none of the numbers is in the pool."
)]
pub struct Args {
    /// Numbers that were called (default: all hits)
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
    /// Only contacts from this time on
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only contacts up to this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only contacts of this caller
    #[arg(long, value_name = "CALLER")]
    from: Option<String>,
    /// Only contacts of this campaign
    #[arg(long, value_name = "ID")]
    campaign: Option<CampaignId>,
    /// Region whose habits the numbers' spelling follows
    #[arg(long, default_value = "CN", value_name = "CODE")]
    region: Region,
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let read = |text: Option<String>| text.map(|text| read_time(&text, session)).transpose();
    let question = Question {
        since: read(args.since)?,
        until: read(args.until)?,
        numbers: args.numbers,
        region: args.region,
        from: args.from,
        campaign: args.campaign,
    };
    let (finding, asked, evidence) = match trace_hits(session, &question)? {
        Traced::Found { finding, asked, evidence, unplanted, unknown } => {
            tell_others(&unplanted, &unknown, out)?;
            (finding, asked, evidence)
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
        out.document(&document(&finding, &asked)?)?;
        return Ok(Ending::Done);
    }
    for asked in &asked {
        tell_story(asked, &evidence, out)?;
    }
    tell_finding(&finding, &evidence, out)?;
    Ok(Ending::Done)
}

fn document(finding: &Finding, asked: &[Asked]) -> Result<Value, Complaint> {
    let value = |value: serde_json::Result<Value>| value.map_err(|error| Complaint::Output(error.into()));
    let mut document = value(serde_json::to_value(finding))?;
    let mut canaries = Vec::new();
    for one in asked {
        let mut canary = value(serde_json::to_value(&one.story))?;
        canary["row"] = json!(one.row);
        canary["fields"] = json!(one.record.fields);
        canary["file"] = json!({
            "input": one.planting.input_path,
            "output": one.planting.final_path,
            "sha256": one.planting.output_sha256,
            "rows": one.planting.output_rows,
        });
        canaries.push(canary);
    }
    if let [one] = canaries.as_slice() {
        document["canary"] = one.clone();
    }
    document["canaries"] = json!(canaries);
    Ok(document)
}

/// Tells what is known of numbers that are no canary's.
fn tell_others(unplanted: &[(Number, StateName)], unknown: &[String], out: &mut Out<'_>) -> Result<(), Complaint> {
    for (number, state) in unplanted {
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
            "{}  {}  于 {at} 通过 {} 交给 {}({})",
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

fn tell_finding(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    if finding.hits.is_empty() {
        return out.tell(Pair::new("no contact on record", "没有来电记录"));
    }
    out.line("")?;
    super::hit::table(&finding.hits, out)?;
    out.line("")?;
    let word = super::hit::word(&finding.verdict);
    let zh = match finding.verdict {
        Verdict::Inconclusive => "证据不足",
        Verdict::NotACanary => "并非蜜标",
    };
    out.tell(Pair::new(format!("verdict: {word}"), format!("结论：{zh}（{word}）")))?;
    let head = match out.lang {
        Lang::En => ["the data used derive from the copy of", "probability", "hits explained", "copied between"],
        Lang::Zh => ["所用数据来自下列副本", "概率", "可解释的命中", "复制时间"],
    };
    let mut rows: Vec<Vec<String>> = finding.sources.iter().map(|source| source_row(source, evidence)).collect();
    let nobody = out.say("nobody: chance calls", "无：偶然来电").to_string();
    rows.push(vec![nobody, format!("{:.3}", finding.background), String::new(), String::new()]);
    out.table(&head, rows)?;
    if !finding.against.is_empty() {
        out.tell(Pair::new("against:", "不利于此结论的事实："))?;
    }
    for doubt in &finding.against {
        let told = doubt.told();
        out.tell(Pair::new(format!("- {}", told.en), format!("- {}", told.zh)))?;
    }
    Ok(())
}

fn source_row(source: &Source, evidence: &Evidence) -> Vec<String> {
    let name = evidence.graph.holder(&source.holder).map_or("", |holder| &holder.name);
    let between = source.copied_between.map(|(from, to)| format!("{from} … {to}"));
    vec![
        format!("{} ({name})", source.holder),
        format!("{:.3}", source.probability),
        source.hits_explained.to_string(),
        between.unwrap_or_default(),
    ]
}
