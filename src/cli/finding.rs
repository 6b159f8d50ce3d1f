//! Tells a finding as text: the verdict, the reasons in order, what else it could be, what would decide it.

use super::hit::{table, word};
use super::{Complaint, Out};
use crate::hit::{Hit, Level};
use crate::holder::HolderId;
use crate::lang::{Lang, Pair, with_noun};
use crate::trace::{Evidence, Finding, Part, Source, Verdict, WatchKind};

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
    let word = word(&finding.verdict);
    let zh = match finding.verdict {
        Verdict::Inconclusive => "证据不足",
        Verdict::NotACanary => "并非蜜标",
        Verdict::Supported => "有证据支持",
        Verdict::StronglySupported => "有有力证据支持",
    };
    out.tell(Pair::new(format!("verdict: {word}"), format!("结论：{zh}（{word}）")))?;
    for holder in &finding.named {
        let name = name(holder, evidence);
        let (mut en, mut zh) = (
            format!("the data used derive from the copy given to {holder} ({name})"),
            format!("所用数据来自交给 {holder}（{name}）的副本"),
        );
        let source = finding.sources.iter().find(|source| source.holder == *holder);
        if let Some((from, to)) = source.and_then(|source| source.copied_between) {
            en += &format!(", copied between {from} and {to}");
            zh += &format!("，复制于 {from} 至 {to} 之间");
        }
        out.tell(Pair::new(en, zh))?;
    }
    Ok(())
}

/// How a finding's canaries came to light.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Called,
    /// They stood in seized lists, and nobody called.
    Listed,
}

impl Manner {
    fn of(finding: &Finding) -> Manner {
        match finding.hits.iter().all(Hit::is_listed) {
            true => Manner::Listed,
            false => Manner::Called,
        }
    }
}

/// Gives the first reasons for a finding from lists, in the order of those for one from calls.
fn reasons_of_lists(finding: &Finding, evidence: &Evidence) -> Vec<Pair> {
    let found = finding.hits.iter().filter(|hit| hit.planted.is_some());
    let (all, sure) =
        found.fold((0, 0), |(all, sure), hit| (all + 1, sure + usize::from(hit.heard.level == Level::Content)));
    let controls = evidence.watches.iter().filter(|watch| watch.kind == WatchKind::Control).count();
    let listed = finding.hits.len() - all;
    let mut reasons = vec![Pair::new(
        format!("{sure} of {all} canaries found are not in lists of this length by chance"),
        format!("找到的 {all} 条蜜标中有 {sure} 条不会偶然出现在这样长的名单里"),
    )];
    if let Some(Source { holder, canaries_called, canaries_silent, .. }) = finding.sources.first() {
        reasons.push(Pair::new(
            format!("{canaries_called} canaries that were found are in the copy of `{holder}`; {canaries_silent} others in it are missing"),
            format!("找到的蜜标中有 {canaries_called} 条在 `{holder}` 的副本里；该副本另有 {canaries_silent} 条不在名单中"),
        ));
    }
    reasons.push(Pair::new(
        format!("{controls} control numbers, which nobody was given: {listed} are in the lists"),
        format!("从未给过任何人的 {controls} 个对照号码中，有 {listed} 个在名单里"),
    ));
    reasons
}

/// Gives the reasons: what was known, which canaries, what stayed silent, what chance does.
fn reasons_of_calls(finding: &Finding, evidence: &Evidence) -> Vec<Pair> {
    let contents = finding.hits.iter().filter(|hit| hit.heard.level == Level::Content && hit.planted.is_some()).count();
    let controls = evidence.watches.iter().filter(|watch| watch.kind == WatchKind::Control);
    let (controls, contacts) = controls.fold((0, 0), |(count, sum), watch| (count + 1, sum + watch.contacts));
    let mut reasons = vec![Pair::new(
        format!("{contents} of {} contacts knew facts of the row they called", finding.hits.len()),
        format!("{} 次来电中有 {contents} 次说中了所拨号码那一行的事实", finding.hits.len()),
    )];
    if let Some(Source { holder, canaries_called, canaries_silent, .. }) = finding.sources.first() {
        reasons.push(Pair::new(
            format!(
                "{} in the copy of `{holder}`; {} in it stayed silent",
                with_noun(*canaries_called, "canary that was called is", "canaries that were called are"),
                with_noun(*canaries_silent, "other", "others")
            ),
            format!(
                "接到来电的蜜标中有 {canaries_called} 条在 `{holder}` 的副本里；该副本另有 {canaries_silent} 条未响"
            ),
        ));
    }
    reasons.push(Pair::new(
        format!(
            "contacts to {}, which nobody was given: {contacts}",
            with_noun(controls, "control number", "control numbers")
        ),
        format!("{controls} 个从未给过任何人的对照号码共接到来电 {contacts} 次"),
    ));
    reasons
}

fn tell_reasons(finding: &Finding, evidence: &Evidence, out: &mut Out<'_>) -> Result<(), Complaint> {
    let mut reasons = match Manner::of(finding) {
        Manner::Called => reasons_of_calls(finding, evidence),
        Manner::Listed => reasons_of_lists(finding, evidence),
    };
    if !finding.alike.is_empty() {
        let alike = finding.alike.iter().map(HolderId::as_str);
        let (en, zh) = (alike.clone().collect::<Vec<_>>().join(", "), alike.collect::<Vec<_>>().join("、"));
        reasons.push(Pair::new(
            format!("the evidence cannot tell apart from it: {en}"),
            format!("现有证据无法与之区分的持有方：{zh}"),
        ));
    }
    for several in &finding.together {
        let holders = several.holders.iter().map(HolderId::as_str);
        let (en, zh) = (holders.clone().collect::<Vec<_>>().join(" + "), holders.collect::<Vec<_>>().join(" + "));
        reasons.push(Pair::new(
            format!("several leaks at once, {en}: probability {:.3}", several.probability),
            format!("多处同时泄露（{zh}）的概率：{:.3}", several.probability),
        ));
    }
    out.tell(Pair::new("why:", "理由："))?;
    for (at, reason) in (1..).zip(reasons) {
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
    let manner = Manner::of(finding);
    let count = |part: &Part| {
        let (called, all) = (part.called, part.called + part.silent);
        match manner {
            Manner::Called => (format!("{called} of {all} called"), format!("{all} 条中 {called} 条有来电")),
            Manner::Listed => (format!("{called} of {all} found"), format!("{all} 条中找到 {called} 条")),
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
