//! The words of a verdict and its reasons, as the command line and a report both have them.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;

use crate::hit::{Hit, Level};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::lang::{Pair, with_noun};
use crate::phone::Number;
use crate::trace::{Evidence, Finding, How, Source, Standing, Verdict, WatchKind};

/// Gives the word that stands for a value in JSON.
pub fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

/// Gives the word for a verdict.
pub fn verdict_word(verdict: Verdict) -> Pair {
    let (en, zh) = match verdict {
        Verdict::Inconclusive => ("inconclusive", "证据不足"),
        Verdict::NotACanary => ("not-a-canary", "并非蜜标"),
        Verdict::Supported => ("supported", "有证据支持"),
        Verdict::StronglySupported => ("strongly-supported", "有有力证据支持"),
    };
    Pair::new(format!("verdict: {en}"), format!("结论：{zh}（{en}）"))
}

/// Gives what may be claimed: the verdict, and for each holder that it names whose copy the data used derive from.
pub fn headline(finding: &Finding, evidence: &Evidence) -> Vec<Pair> {
    let mut lines = vec![verdict_word(finding.verdict)];
    let called: HashSet<&Number, RandomState> = match finding.named.is_empty() {
        true => HashSet::default(),
        false => finding.hits.iter().map(|hit| &hit.contact.to).collect(),
    };
    for holder in &finding.named {
        let name = evidence.graph.holder(holder).map_or("", |holder| &holder.name);
        let (mut en, mut zh) = (
            format!("the data used derive from the copy given to {holder} ({name})"),
            format!("所用数据来自交给 {holder}（{name}）的副本"),
        );
        let plantings = plantings_called(&called, evidence, holder);
        if !plantings.is_empty() {
            en += &format!(" in {}", plantings.join(", "));
            zh += &format!("（{}）", plantings.join("、"));
        }
        let source = finding.sources.iter().find(|source| source.holder == *holder);
        if let Some((from, to)) = source.and_then(|source| source.copied_between) {
            en += &format!(", copied between {from} and {to}");
            zh += &format!("，复制于 {from} 至 {to} 之间");
        }
        lines.push(Pair::new(en, zh));
    }
    lines
}

/// Names the plantings for a holder whose canaries were called; one that got its data from others may have none.
fn plantings_called(called: &HashSet<&Number, RandomState>, evidence: &Evidence, holder: &HolderId) -> Vec<String> {
    let of = evidence
        .canaries
        .iter()
        .filter(|fact| fact.holder == *holder && fact.standing == Standing::Planted && called.contains(&fact.number));
    let ids = evidence.canaries.iter().filter(|fact| called.contains(&fact.number)).map(|fact| fact.id);
    let ids: HashSet<CanaryId, RandomState> = ids.collect();
    let got = evidence.received.iter().filter(|got| got.seen.holder == *holder && ids.contains(&got.canary));
    let plantings = of.map(|fact| fact.planting).chain(got.map(|got| got.planting));
    let handed_over = plantings.filter(|planting| !evidence.open.contains(planting));
    handed_over.collect::<BTreeSet<_>>().iter().map(PlantingId::to_string).collect()
}

/// Gives the reasons in order: what was known or found, which canaries, what is missing, what chance does, who else.
pub fn reasons(finding: &Finding, evidence: &Evidence) -> Vec<Pair> {
    let mut reasons = match finding.hits.iter().all(Hit::is_listed) {
        true => reasons_of_lists(finding, evidence),
        false => reasons_of_calls(finding, evidence),
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
        let probability = several.probability;
        reasons.push(match several.how {
            How::Apart => Pair::new(
                format!("the data used derive from several copies, those given to {en}: probability {probability:.3}"),
                format!("所用数据来自交给 {zh} 的多份副本的概率：{probability:.3}"),
            ),
            How::RowsInCommon => Pair::new(
                format!("the data used are the rows that the copies given to {en} have in common: probability {probability:.3}"),
                format!("所用数据为交给 {zh} 的各副本共有之行的概率：{probability:.3}"),
            ),
        });
    }
    reasons
}

/// Gives the first reasons for a finding from seized lists, in the order of those for one from calls.
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
            format!(
                "{} in the copy of `{holder}`; {} in it missing",
                with_noun(*canaries_called, "canary that was found is", "canaries that were found are"),
                with_noun(*canaries_silent, "other is", "others are")
            ),
            format!(
                "找到的蜜标中有 {canaries_called} 条在 `{holder}` 的副本里；该副本另有 {canaries_silent} 条不在名单中"
            ),
        ));
    }
    reasons.push(Pair::new(
        format!(
            "{}, which nobody was given: {listed} in the lists",
            with_noun(controls, "control number", "control numbers")
        ),
        format!("从未给过任何人的 {controls} 个对照号码中，有 {listed} 个在名单里"),
    ));
    reasons
}

/// Gives the first reasons for a finding from calls: what was known, which canaries, what stayed silent, what chance does.
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
                "{} in the copy of `{holder}`; {} in it stayed silent or rang as by chance",
                with_noun(*canaries_called, "canary that was called is", "canaries that were called are"),
                with_noun(*canaries_silent, "other", "others")
            ),
            format!(
                "接到来电的蜜标中有 {canaries_called} 条在 `{holder}` 的副本里；该副本另有 {canaries_silent} 条未响或只有偶然来电"
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
