//! The ladder of claims C1 to C6: each rung says what is claimed, and what shows it or what is lacking.
//!
//! A rung that nothing shows stands all the same, and says so: a report that leaves it out would claim more than it may.

use serde::{Serialize, Serializer};

use super::{Copy, Finding, HandedOver};
use crate::hit::{Hit, rfc3339};
use crate::lang::Pair;
use crate::trace::WatchKind;

/// The claims, in the order in which each needs the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Step {
    /// The record is made up, and its number ours.
    C1,
    /// It was in the planting before a time.
    C2,
    /// The holder received that file.
    C3,
    /// Nobody else was given the record.
    C4,
    /// What callers said.
    C5,
    /// Other explanations.
    C6,
}

/// How far a claim is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// By something that a stranger can check.
    Checkable,
    /// By the operator's ledger alone.
    OperatorOnly,
    NotShown,
}

/// One claim, and what it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rung {
    pub step: Step,
    pub shown: Shown,
    #[serde(serialize_with = "both")]
    pub claim: Pair,
    #[serde(serialize_with = "both")]
    pub ground: Pair,
}

/// Gives the whole ladder.
pub(super) fn ladder(finding: &Finding) -> Vec<Rung> {
    vec![ours(finding), planted(finding), received(finding), nobody_else(finding), said(finding), otherwise(finding)]
}

fn rung(step: Step, shown: Shown, claim: Pair, ground: Pair) -> Rung {
    Rung { step, shown, claim, ground }
}

fn ours(finding: &Finding) -> Rung {
    let since = finding.canaries.iter().map(|canary| canary.number_since).max();
    let since = since.map_or_else(|| "-".to_string(), |at| rfc3339(&at));
    rung(
        Step::C1,
        Shown::OperatorOnly,
        Pair::new(
            format!("the people called are made up, and their numbers were the operator's since {since} at the latest"),
            format!("被联系的人均为虚构，其号码最迟自 {since} 起由操作方掌握"),
        ),
        Pair::new(
            "the ledger's entries of the numbers; the carrier's contract is not in it and is to be shown beside",
            "台账中号码的条目；运营商合同不在台账内，须另行出示",
        ),
    )
}

fn planted(finding: &Finding) -> Rung {
    let (copies, _) = handed_over(finding);
    let plantings = list(copies.into_iter().map(|copy| copy.planting.to_string()));
    let claim = |when: &Pair| {
        Pair::new(
            format!("they stood in {plantings} before {}", when.en),
            format!("在 {} 之前，他们已在 {plantings} 中", when.zh),
        )
    };
    let Some(cover) = &finding.cover else {
        return rung(
            Step::C2,
            Shown::NotShown,
            claim(&Pair::new("a time that nothing fixes", "（无从确定的时间）")),
            Pair::new(
                "no signed checkpoint covers the planting: only the ledger itself says when it was",
                "没有检查点包含该投放：时间仅见于台账自身",
            ),
        );
    };
    let (size, root) = (cover.size, &cover.root);
    match cover.stamped_at {
        Some(at) => {
            let at = rfc3339(&at);
            rung(
                Step::C2,
                Shown::Checkable,
                claim(&Pair::new(at.clone(), at)),
                Pair::new(
                    format!("a neutral authority stamped the checkpoint over {size} entries, root {root}"),
                    format!("第三方时间戳机构为 {size} 条的检查点（根 {root}）盖了时间戳"),
                ),
            )
        }
        None if !cover.witnesses.is_empty() => {
            let at = cover.witnesses.iter().map(|seen| seen.at).min().unwrap_or(cover.at);
            let at = rfc3339(&at);
            let who = list(cover.witnesses.iter().map(|seen| format!("{} {}", seen.witness, rfc3339(&seen.at))));
            rung(
                Step::C2,
                Shown::Checkable,
                claim(&Pair::new(at.clone(), at)),
                Pair::new(
                    format!(
                        "witnesses signed, by their own clocks, that they saw the checkpoint over {size} entries, root {root}: {who}; it weighs as much as they are independent of the operator"
                    ),
                    format!(
                        "见证方按各自的时钟签名，表明见过 {size} 条的检查点（根 {root}）：{who}；其分量取决于他们与操作方是否相互独立"
                    ),
                ),
            )
        }
        None => {
            let at = rfc3339(&cover.at);
            rung(
                Step::C2,
                Shown::OperatorOnly,
                claim(&Pair::new(at.clone(), at)),
                Pair::new(
                    format!(
                        "the operator's clock only: the checkpoint over {size} entries, root {root}, bears no neutral time stamp"
                    ),
                    format!("仅有操作方的时钟：{size} 条的检查点（根 {root}）没有第三方时间戳"),
                ),
            )
        }
    }
}

/// Gives the copies that were handed over, and those that a crash left open; the open ones first where there are no others.
fn handed_over(finding: &Finding) -> (Vec<&Copy>, Vec<&Copy>) {
    let (given, open): (Vec<&Copy>, Vec<&Copy>) =
        finding.copies().into_iter().partition(|copy| copy.handed_over == HandedOver::Yes);
    if given.is_empty() { (open.clone(), open) } else { (given, open) }
}

fn received(finding: &Finding) -> Rung {
    let (copies, open) = handed_over(finding);
    let has = |copy: &&&Copy| finding.acknowledged.iter().any(|one| one.planting == copy.planting);
    let signed = copies.iter().filter(has).count();
    let holders = list(copies.iter().map(|copy| given_to(copy)));
    if copies.first().is_some_and(|copy| copy.handed_over == HandedOver::Open) {
        let open = list(open.iter().map(|copy| given_to(copy)));
        return rung(
            Step::C3,
            Shown::NotShown,
            Pair::new(format!("the copies were handed over: {holders}"), format!("副本已交付：{holders}")),
            Pair::new(
                format!("a crash left {open} open: the file is gone, and nothing says that it was handed over"),
                format!("{open} 因中断而未了结：文件已不在，没有记录表明已交付"),
            ),
        );
    }
    let claim = Pair::new(format!("the copies were handed over: {holders}"), format!("副本已交付：{holders}"));
    if signed == 0 {
        let ground = Pair::new("delivered, not acknowledged: no receipt is on record", "已交付，未签收：没有回执");
        return rung(Step::C3, Shown::NotShown, claim, beside_open(ground, &open));
    }
    let receipts = list(finding.acknowledged.iter().map(|one| match &one.key {
        Some(key) => format!("{} {} ({key})", one.planting, rfc3339(&one.at)),
        None => format!("{} {} ({})", one.planting, rfc3339(&one.at), one.how),
    }));
    let all = signed == copies.len();
    let shown = if all { Shown::Checkable } else { Shown::OperatorOnly };
    let (en, zh) = if all { ("", "") } else { ("; the others are not acknowledged", "；其余未签收") };
    rung(
        Step::C3,
        shown,
        claim,
        beside_open(
            Pair::new(
                format!("receipts: {receipts}{en}; whose keys and hands signed them the holders must be asked"),
                format!("回执：{receipts}{zh}；密钥与手签归谁所有，须向持有方核实"),
            ),
            &open,
        ),
    )
}

/// Says of copies that a crash left open that they are not among those that were handed over.
fn beside_open(ground: Pair, open: &[&Copy]) -> Pair {
    if open.is_empty() {
        return ground;
    }
    let open = list(open.iter().map(|copy| given_to(copy)));
    Pair::new(
        format!("{}; a crash left {open} open: nothing says that it was handed over", ground.en),
        format!("{}；{open} 因中断而未了结，没有记录表明已交付", ground.zh),
    )
}

fn nobody_else(finding: &Finding) -> Rung {
    let seen: Vec<String> = finding
        .canaries
        .iter()
        .flat_map(|canary| {
            canary.story.received.iter().map(move |reached| format!("{} → {}", canary.story.id, reached.holder))
        })
        .collect();
    let down: std::collections::BTreeSet<String> = finding
        .canaries
        .iter()
        .flat_map(|canary| canary.story.downstream.iter().map(|reached| reached.holder.to_string()))
        .collect();
    let none = |empty: bool, text: String, none: &str| if empty { none.to_string() } else { text };
    let (seen_en, seen_zh) = (
        none(seen.is_empty(), list(seen.iter().cloned()), "none"),
        none(seen.is_empty(), list(seen.iter().cloned()), "无"),
    );
    let (down_en, down_zh) = (
        none(down.is_empty(), list(down.iter().cloned()), "nobody"),
        none(down.is_empty(), list(down.iter().cloned()), "无"),
    );
    let claim = match seen.is_empty() {
        true => Pair::new(
            "the operator gave each of these records to that one holder only",
            "上述每条记录，操作方只给过该持有方",
        ),
        false => Pair::new(
            "the operator gave these records to that holder, and some of them to the others that are named here",
            "上述记录，操作方给过该持有方，其中一些还给过此处列出的其他持有方",
        ),
    };
    rung(
        Step::C4,
        Shown::OperatorOnly,
        claim,
        Pair::new(
            format!(
                "the ledger gives a number to one planting only; that there is no second ledger, an auditor must confirm who opens all entries. Also in the lists of: {seen_en}. Declared downstream: {down_en}"
            ),
            format!(
                "台账中一个号码只属于一次投放；是否另有台账，须由审计人开启全部条目确认。另见于名单：{seen_zh}。已声明的下游：{down_zh}"
            ),
        ),
    )
}

fn said(finding: &Finding) -> Rung {
    let told = |hit: &Hit| format!("{} {} {}", rfc3339(&hit.contact.at), hit.contact.to, super::word(&hit.heard.level));
    let hits = &finding.traced.hits;
    let some = list(hits.iter().take(HITS_MAX).map(told));
    let more = hits.len().saturating_sub(HITS_MAX);
    let (en, zh) = match more {
        0 => (String::new(), String::new()),
        more => (format!(" … and {more} more"), format!(" ……另有 {more} 条")),
    };
    let shown = if hits.is_empty() { Shown::NotShown } else { Shown::OperatorOnly };
    rung(
        Step::C5,
        shown,
        Pair::new(format!("contacts reached these numbers: {some}{en}"), format!("这些号码接到联系：{some}{zh}")),
        Pair::new(
            "what was said is as it was noted down or imported; the raw records have the SHA-256 in the appendix. A caller's number can be forged and is a lead only",
            "所说内容以录入或导入为准；原始记录的 SHA-256 见附录。来电号码可以伪造，只能作线索",
        ),
    )
}

/// Most contacts that stand in a rung.
const HITS_MAX: usize = 12;

fn otherwise(finding: &Finding) -> Rung {
    let controls = finding.evidence.watches.iter().filter(|watch| watch.kind == WatchKind::Control);
    let (controls, contacts) = controls.fold((0, 0), |(count, sum), watch| (count + 1, sum + watch.contacts));
    let silent = finding.traced.sources.first().map_or(0, |source| source.canaries_silent);
    let looked = looked(finding);
    rung(
        Step::C6,
        Shown::OperatorOnly,
        Pair::new("other explanations were looked at", "已考察其他解释"),
        Pair::new(
            format!(
                "{controls} controls were contacted {contacts} times; {silent} other canaries of the first source stayed silent or rang as by chance; probability of chance alone {:.3}. {} Who planted them, and whoever read the ledger's file by other means, can know these numbers; who dialled for a test is not on record",
                finding.traced.background, looked.en
            ),
            format!(
                "{controls} 个对照号码共被联系 {contacts} 次；首要来源另有 {silent} 条蜜标未响或只有偶然来电；纯属偶然的概率 {:.3}。{}投放者以及以其他方式读取台账文件者均可能知道这些号码；谁拨打过测试电话没有记录",
                finding.traced.background, looked.zh
            ),
        ),
    )
}

/// Most looks that are told one by one.
const LOOKS_MAX: usize = 5;

/// Says who had looked at these canaries before anybody called them, as far as that is on record.
fn looked(finding: &Finding) -> Pair {
    let all = finding.looked.len();
    if all == 0 {
        return Pair::new(
            "No look into the ledger that can have shown these canaries is on record before the first contact.",
            "首次联系之前，没有可能显示这些蜜标的台账查看记录。",
        );
    }
    let first = finding.looked.iter().take(LOOKS_MAX);
    let some = list(first.map(|look| format!("{} {} ({})", rfc3339(&look.at), look.by, look.what)));
    let (en, zh) = if all > LOOKS_MAX { (" and others", "等") } else { ("", "") };
    Pair::new(
        format!(
            "{all} looks into the ledger that can have shown these canaries are on record before the first contact: {some}{en}."
        ),
        format!("首次联系之前，可能显示这些蜜标的台账查看共有记录 {all} 次：{some}{zh}。"),
    )
}

/// Names a copy and who it was for.
pub(super) fn given_to(copy: &Copy) -> String {
    format!("{} → {}", copy.planting, copy.holder)
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn both<S: Serializer>(pair: &Pair, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Both<'p> {
        en: &'p str,
        zh: &'p str,
    }
    Both { en: &pair.en, zh: &pair.zh }.serialize(serializer)
}
