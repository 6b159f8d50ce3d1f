//! Tells a finding as text: the verdict, the reasons in order, what else it could be, what would decide it.

use super::hit::{table, word};
use super::{Complaint, Out};
use crate::hit::Hit;
use crate::holder::HolderId;
use crate::lang::{Lang, Pair};
use crate::report::{headline, reasons};
use crate::trace::{Evidence, Finding, Part, Source};

/// Most hits that are shown one by one; `--json` has all.
const HITS_MAX: usize = 40;
/// Most sources, origins and campaigns that are shown.
const SOURCES_MAX: usize = 12;
const CAMPAIGNS_MAX: usize = 12;
/// Least probability of a source or a campaign's source that is shown.
const PROBABILITY_MIN: f64 = 0.0005;

/// Prints the whole finding.
pub fn tell_finding(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    if finding.hits.is_empty() {
        return out.tell(Pair::new("no contact on record", "没有来电记录"));
    }
    out.line("")?;
    tell_hits(&finding.hits, out)?;
    out.line("")?;
    tell_answer(finding, evidence, out)
}

/// Prints the finding without its hits: the verdict, the reasons in order, what else it could be, what would decide it.
pub fn tell_answer(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    tell_verdict(finding, evidence, out)?;
    tell_reasons(finding, evidence, out)?;
    tell_sources(finding, evidence, out)?;
    tell_copy(finding, out)?;
    tell_campaigns(finding, out)?;
    for (head, told) in [
        (Pair::new("against:", "不利于此结论的事实："), finding.against.iter().map(|doubt| doubt.told()).collect()),
        (
            Pair::new("what would decide it:", "怎样才能确定："),
            finding.decides.iter().map(|decider| decider.told()).collect::<Vec<Pair>>(),
        ),
    ] {
        if !told.is_empty() {
            out.tell(head)?;
        }
        for pair in told {
            out.tell(Pair::new(format!("- {}", pair.en), format!("- {}", pair.zh)))?;
        }
    }
    Ok(())
}

/// Shows the weightiest hits, those with most facts first where there are too many.
fn tell_hits(hits: &[Hit], out: &mut Out<'_>) -> Result<(), Complaint> {
    if hits.len() <= HITS_MAX {
        return table(hits, out);
    }
    let mut shown: Vec<&Hit> = hits.iter().collect();
    shown.sort_by(|a, b| b.heard.level.cmp(&a.heard.level).then(a.heard.chance.total_cmp(&b.heard.chance)));
    let shown: Vec<Hit> = shown.into_iter().take(HITS_MAX).cloned().collect();
    table(&shown, out)?;
    let more = hits.len() - HITS_MAX;
    out.tell(Pair::new(format!("… and {more} more: see --json"), format!("……另有 {more} 条：见 --json")))
}

fn tell_verdict(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    headline(finding, evidence).into_iter().try_for_each(|line| out.tell(line))
}

fn tell_reasons(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    out.tell(Pair::new("why:", "理由："))?;
    for (at, reason) in (1..).zip(reasons(finding, evidence)) {
        out.tell(Pair::new(format!("{at}. {}", reason.en), format!("{at}. {}", reason.zh)))?;
    }
    Ok(())
}

fn tell_sources(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    let head = match out.lang {
        Lang::En => ["the data used derive from the copy of", "probability", "hits explained", "copied between"],
        Lang::Zh => ["所用数据来自下列副本", "概率", "可解释的命中", "复制时间"],
    };
    let shown = finding.sources.iter().filter(|source| source.probability >= PROBABILITY_MIN).take(SOURCES_MAX);
    let mut rows: Vec<Vec<String>> = shown.map(|source| source_row(source, evidence)).collect();
    let nobody = out.say("nobody: chance calls", "无：偶然来电").to_string();
    rows.push(vec![nobody, format!("{:.3}", finding.background), String::new(), String::new()]);
    out.table(&head, rows)
}

fn source_row(source: &Source, evidence: &Evidence) -> Vec<String> {
    let between = source.copied_between.map(|(from, to)| format!("{from} … {to}"));
    vec![
        format!("{} ({})", source.holder, name(&source.holder, evidence)),
        format!("{:.3}", source.probability),
        source.hits_explained.to_string(),
        between.unwrap_or_default(),
    ]
}

/// Draws what flowed into the first source's copy, with what was called of it.
fn tell_copy(finding: &Finding, out: &mut Out<'_>) -> Result<(), Complaint> {
    let Some(first) = finding.sources.first().filter(|_| !finding.copy.is_empty()) else { return Ok(()) };
    let is_listed = finding.hits.iter().all(Hit::is_listed);
    let count = |part: &Part| {
        let (called, all) = (part.called, part.called + part.silent);
        match is_listed {
            false => (format!("{called} of {all} called"), format!("{all} 条中 {called} 条有来电")),
            true => (format!("{called} of {all} found"), format!("{all} 条中找到 {called} 条")),
        }
    };
    let (own, others): (Vec<&Part>, Vec<&Part>) = finding.copy.iter().partition(|part| part.origin == first.holder);
    let (en, zh) = own
        .first()
        .map_or_else(|| ("no canary of its own".to_string(), "没有自己的蜜标".to_string()), |part| count(part));
    out.tell(Pair::new(format!("{}   its own: {en}", first.holder), format!("{}   自己的：{zh}", first.holder)))?;
    let width = others.iter().take(SOURCES_MAX).map(|part| part.origin.as_str().chars().count()).max().unwrap_or(0);
    for (at, part) in others.iter().take(SOURCES_MAX).enumerate() {
        let branch = if at + 1 == others.len() { "└─◄" } else { "├─◄" };
        let holder = part.origin.as_str();
        let gap = " ".repeat(width - holder.chars().count());
        let (en, zh) = count(part);
        out.tell(Pair::new(format!("{branch} {holder}{gap}   {en}"), format!("{branch} {holder}{gap}   {zh}")))?;
    }
    if let Some(more) = others.len().checked_sub(SOURCES_MAX).filter(|more| *more > 0) {
        out.tell(Pair::new(format!("└─◄ {more} more"), format!("└─◄ 另有 {more} 个")))?;
    }
    Ok(())
}

fn tell_campaigns(finding: &Finding, out: &mut Out<'_>) -> Result<(), Complaint> {
    if finding.campaigns.len() + finding.campaigns_left_out < 2 {
        return Ok(());
    }
    let head = match out.lang {
        Lang::En => ["campaign", "contacts", "callers", "by itself it points to", "verdict"],
        Lang::Zh => ["批次", "来电次数", "来电方", "单独看指向", "结论"],
    };
    let mut shown: Vec<_> = finding.campaigns.iter().collect();
    shown.sort_by_key(|campaign| (std::cmp::Reverse(campaign.verdict), std::cmp::Reverse(campaign.hits), campaign.id));
    let rows = shown.into_iter().take(CAMPAIGNS_MAX).map(|campaign| {
        let first = campaign.sources.first().filter(|source| source.probability >= campaign.background);
        let nobody = || format!("{} {:.3}", out.say("chance", "偶然"), campaign.background);
        let to = first.map_or_else(nobody, |source| format!("{} {:.3}", source.holder, source.probability));
        let callers = campaign.callers.len().to_string();
        vec![campaign.id.to_string(), campaign.hits.to_string(), callers, to, word(&campaign.verdict)]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let more = finding.campaigns.len() + finding.campaigns_left_out - rows.len();
    out.table(&head, rows)?;
    if more > 0 {
        out.tell(Pair::new(format!("… and {more} more campaigns"), format!("……另有 {more} 个批次")))?;
    }
    Ok(())
}

fn name<'e>(holder: &HolderId, evidence: &'e Evidence) -> &'e str {
    evidence.graph.holder(holder).map_or("", |holder| &holder.name)
}
