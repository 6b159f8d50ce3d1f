//! What would decide it: which silence or call would tell the likely holders apart, and what is missing.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::doubt::Doubt;
use super::explain::Weighed;
use super::presence::Presence;
use crate::holder::HolderId;
use crate::lang::{Lang, Pair};

/// Rivals of the first source that are compared with it.
const RIVALS_MAX: usize = 3;

/// Something that would make the finding surer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decider {
    /// Silent canaries that one holder has and the other has not: a call to one of them speaks for the first of the two.
    Wait {
        speaks_for: HolderId,
        against: HolderId,
        canaries: usize,
    },
    /// No canary tells the two apart.
    Plant {
        holder: HolderId,
        beside: HolderId,
    },
    /// Only silence among the same rows speaks against this holder's copy, and there is too little of it.
    PlantAmong {
        holder: HolderId,
    },
    AskCallers,
    SetControls,
}

impl Decider {
    /// Tells it.
    pub fn told(&self) -> Pair {
        match self {
            Decider::Wait { speaks_for, against, canaries } => Pair::new(
                format!(
                    "a call to one of the {canaries} silent canaries that `{speaks_for}` has and `{against}` has not would speak for `{speaks_for}`"
                ),
                format!(
                    "`{speaks_for}` 有而 `{against}` 没有的 {canaries} 条未响蜜标中，任何一条接到来电都将指向 `{speaks_for}`"
                ),
            ),
            Decider::Plant { holder, beside } => Pair::new(
                format!("no canary tells `{holder}` from `{beside}`: plant some that only `{holder}` gets"),
                format!("没有蜜标能区分 `{holder}` 与 `{beside}`：请投放只给 `{holder}` 的蜜标"),
            ),
            Decider::PlantAmong { holder } => Pair::new(
                format!(
                    "only canaries that `{holder}` has besides among the same rows (of the same days and hospitals) can rule `{holder}` out by their silence: plant more of them"
                ),
                format!(
                    "只有 `{holder}` 在相同的行（同一段日期、同样的医院）中另有的蜜标保持静默才能排除 `{holder}`：请多投放这样的蜜标"
                ),
            ),
            Decider::AskCallers => Pair::new(
                "let the next caller talk, and note every word: name, hospital, birth date",
                "请让下一位来电者多说，并逐字记录：姓名、医院、出生日期",
            ),
            Decider::SetControls => Pair::new(
                "set numbers of the same blocks aside: `number control --count 20`",
                "请在相同号段预留对照号码：`number control --count 20`",
            ),
        }
    }
}

impl Serialize for Decider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.told().in_lang(Lang::En))
    }
}

/// Finds what would decide between the first source and its rivals.
pub fn deciders(presence: &Presence<'_>, weighed: &Weighed, rivals: &[usize], doubts: &[Doubt]) -> Vec<Decider> {
    let mut deciders = Vec::new();
    if doubts.contains(&Doubt::NoContent) {
        deciders.push(Decider::AskCallers);
    }
    if let Some((first, _)) = weighed.sources.first() {
        deciders.extend(rivals.iter().take(RIVALS_MAX).flat_map(|rival| between(presence, *first, *rival)));
    }
    for doubt in doubts {
        if let Doubt::AlsoHad { others } = doubt {
            let others = others.iter().take(RIVALS_MAX).cloned();
            deciders.extend(others.map(|holder| Decider::PlantAmong { holder }));
        }
    }
    if doubts.contains(&Doubt::NoControls) {
        deciders.push(Decider::SetControls);
    }
    deciders
}

fn between(presence: &Presence<'_>, first: usize, rival: usize) -> Vec<Decider> {
    let mut only: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for class in &presence.classes {
        let silent = class.silent.iter().map(|silent| silent.canaries).sum::<usize>();
        match (class.reach.contains_key(&first), class.reach.contains_key(&rival)) {
            (true, false) => *only.entry((first, rival)).or_default() += silent,
            (false, true) => *only.entry((rival, first)).or_default() += silent,
            (true, true) | (false, false) => {}
        }
    }
    let holder = |place: usize| presence.holder(place).clone();
    let waits = only.iter().filter(|(_, canaries)| **canaries > 0).map(|((has, not), canaries)| Decider::Wait {
        speaks_for: holder(*has),
        against: holder(*not),
        canaries: *canaries,
    });
    let waits: Vec<Decider> = waits.collect();
    match waits.is_empty() {
        true => vec![Decider::Plant { holder: holder(rival), beside: holder(first) }],
        false => waits,
    }
}
