//! Facts that speak against the first source, told in both languages.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::evidence::{Evidence, Standing};
use super::presence::Presence;
use super::weigh::{Background, Weighed};
use crate::hit::{Hit, Level};
use crate::holder::HolderId;
use crate::id::CanaryId;
use crate::lang::{Lang, Pair};

/// Canaries called below which a finding says that they are few.
const CANARIES_ENOUGH: usize = 3;

/// A fact that speaks against the first source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    NothingCalled,
    FewCanaries { called: usize },
    NoContent,
    NoControls,
    ControlsCalled { contacts: u64 },
    Dialler { campaigns: usize },
    SameCanaries { first: HolderId, others: Vec<HolderId> },
    Silent { holder: HolderId, silent: usize, called: usize },
    Unexplained { holder: HolderId, hits: usize },
    BeforePlanting { hits: usize },
    VoidCanaries { hits: usize },
}

impl Doubt {
    /// Tells the fact.
    pub fn told(&self) -> Pair {
        match self {
            Doubt::NothingCalled => Pair::new("no canary was called", "没有蜜标接到来电"),
            Doubt::FewCanaries { called: 1 } => Pair::new("only 1 canary was called", "只有 1 条蜜标接到来电"),
            Doubt::FewCanaries { called } => {
                Pair::new(format!("only {called} canaries were called"), format!("只有 {called} 条蜜标接到来电"))
            }
            Doubt::NoContent => Pair::new(
                "no caller is known to have known two facts of a canary, or a rare one",
                "没有记录表明来电者知道蜜标的两项信息或一项罕见信息",
            ),
            Doubt::NoControls => Pair::new(
                "there are no control numbers, so chance calls are assumed, not measured",
                "没有对照号码，偶然来电的频率只是假定而非实测",
            ),
            Doubt::ControlsCalled { contacts } => Pair::new(
                format!("control numbers, which nobody was given, were contacted {contacts} times"),
                format!("从未给过任何人的对照号码被联系了 {contacts} 次"),
            ),
            Doubt::Dialler { campaigns } => Pair::new(
                format!("{campaigns} of the campaigns also reached control numbers"),
                format!("其中 {campaigns} 个批次也联系了对照号码"),
            ),
            Doubt::SameCanaries { first, others } => {
                let others: Vec<&str> = others.iter().map(HolderId::as_str).collect();
                Pair::new(
                    format!("the canaries that speak for `{first}` are in the copies of {} too", others.join(", ")),
                    format!("指向 `{first}` 的蜜标也在 {} 的副本中", others.join("、")),
                )
            }
            Doubt::Silent { holder, silent, called } => Pair::new(
                format!("{silent} canaries in the copy of `{holder}` stayed silent, {called} were called"),
                format!("`{holder}` 的副本中有 {silent} 条蜜标没有来电，{called} 条有来电"),
            ),
            Doubt::Unexplained { holder, hits } => Pair::new(
                format!("{hits} hits are to canaries that `{holder}` never had"),
                format!("有 {hits} 次联系针对 `{holder}` 从未持有的蜜标"),
            ),
            Doubt::BeforePlanting { hits } => Pair::new(
                format!("{hits} contacts came before the number was planted"),
                format!("有 {hits} 次联系早于号码投放"),
            ),
            Doubt::VoidCanaries { hits } => Pair::new(
                format!("{hits} contacts are to canaries whose list was never handed over"),
                format!("有 {hits} 次联系针对从未交付名单中的蜜标"),
            ),
        }
    }
}

impl Serialize for Doubt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.told().in_lang(Lang::En))
    }
}

/// Finds what speaks against the first source, the weightiest first.
pub fn doubts(evidence: &Evidence, presence: &Presence<'_>, background: &Background, weighed: &Weighed) -> Vec<Doubt> {
    let after_planting = |hit: &&Hit| hit.planted.as_ref().is_some_and(|planted| planted.planted_at <= hit.contact.at);
    let counted: Vec<&Hit> = evidence.hits.iter().filter(after_planting).collect();
    let called: BTreeSet<CanaryId> = counted.iter().filter_map(|hit| Some(hit.planted.as_ref()?.canary)).collect();
    let mut doubts = Vec::new();
    match called.len() {
        0 => doubts.push(Doubt::NothingCalled),
        few if few < CANARIES_ENOUGH => doubts.push(Doubt::FewCanaries { called: few }),
        _ => {}
    }
    if let Some((first, _)) = weighed.sources.first() {
        doubts.extend(against_first(presence, *first, weighed, &counted));
    }
    if !called.is_empty() && !counted.iter().any(|hit| hit.heard.level == Level::Content) {
        doubts.push(Doubt::NoContent);
    }
    let on_controls: u64 = evidence.controls.iter().map(|control| control.contacts).sum();
    match (evidence.controls.is_empty(), on_controls) {
        (true, _) => doubts.push(Doubt::NoControls),
        (false, 0) => {}
        (false, contacts) => doubts.push(Doubt::ControlsCalled { contacts }),
    }
    let diallers: BTreeSet<_> =
        counted.iter().map(|hit| hit.campaign).filter(|campaign| background.diallers.contains(campaign)).collect();
    if !diallers.is_empty() {
        doubts.push(Doubt::Dialler { campaigns: diallers.len() });
    }
    let early = evidence.hits.iter().filter(|hit| hit.planted.is_some() && !after_planting(hit)).count();
    if early > 0 {
        doubts.push(Doubt::BeforePlanting { hits: early });
    }
    let void: BTreeSet<CanaryId> = evidence
        .canaries
        .iter()
        .filter(|fact| fact.standing == Standing::Void && called.contains(&fact.id))
        .map(|fact| fact.id)
        .collect();
    let on_void = counted.iter().filter(|hit| hit.planted.as_ref().is_some_and(|p| void.contains(&p.canary))).count();
    if on_void > 0 {
        doubts.push(Doubt::VoidCanaries { hits: on_void });
    }
    doubts
}

fn against_first(presence: &Presence<'_>, first: usize, weighed: &Weighed, counted: &[&Hit]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let holder = presence.holder(first).clone();
    let explained: BTreeSet<CanaryId> = counted.iter().filter_map(|hit| presence.explained_by(first, hit)).collect();
    let others = weighed.sources.iter().map(|(place, _)| *place).filter(|place| *place != first);
    let has_all = |place: &usize| explained.iter().all(|canary| presence.share(*canary, *place).is_some());
    let others: Vec<HolderId> = others.filter(has_all).map(|place| presence.holder(place).clone()).collect();
    if !others.is_empty() {
        doubts.push(Doubt::SameCanaries { first: holder.clone(), others });
    }
    let newest = explained.iter().filter_map(|canary| presence.planted_at(*canary)).max();
    let silent = newest.map_or(0, |newest| presence.silent(first, newest).iter().map(|(_, count)| count).sum());
    if silent > 0 {
        doubts.push(Doubt::Silent { holder: holder.clone(), silent, called: explained.len() });
    }
    let unexplained = counted.iter().filter(|hit| presence.explained_by(first, hit).is_none()).count();
    if unexplained > 0 {
        doubts.push(Doubt::Unexplained { holder, hits: unexplained });
    }
    doubts
}
