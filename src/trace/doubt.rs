//! Facts that speak against the first source, told in both languages.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::background::Background;
use super::evidence::{Evidence, Standing, WatchKind};
use super::list_doubt::ListDoubt;
use super::presence::Presence;
use super::verdict::{Judged, is_only_listed, own_are_missing};
use super::{Case, Source};
use crate::hit::{Hit, Level};
use crate::holder::HolderId;
use crate::id::PlantingId;
use crate::lang::{Lang, Pair, with_noun};
use crate::phone::Number;

/// Canaries called below which a finding says that they are few.
const CANARIES_ENOUGH: usize = 3;

/// A fact that speaks against the first source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    NothingCalled,
    FewCanaries {
        called: usize,
    },
    NoContent,
    NoControls,
    ControlsCalled {
        contacts: u64,
    },
    Dialler {
        callers: usize,
    },
    /// Numbers that stand in the ledger alone were reached by those who called canaries.
    LedgerRead {
        traps: usize,
    },
    /// A crash left the planting open, and its file is gone: nothing says that it was handed over.
    OpenCopy {
        holder: HolderId,
        planting: PlantingId,
    },
    /// The planting came to nothing, and its file may have been taken all the same.
    VoidCopy {
        holder: HolderId,
        planting: PlantingId,
    },
    SameCanaries {
        first: HolderId,
        others: Vec<HolderId>,
    },
    /// Their copies have all that was told of, and too little besides among the same rows that its silence would speak against them.
    AlsoHad {
        others: Vec<HolderId>,
    },
    /// Callers who knew rows of these called canaries too that none of them ever had; the copies of `had_by` have all of it.
    Elsewhere {
        holders: Vec<HolderId>,
        canaries: usize,
        had_by: Vec<HolderId>,
    },
    Silent {
        holder: HolderId,
        silent: usize,
        called: usize,
    },
    Unexplained {
        holder: HolderId,
        hits: usize,
    },
    BeforePlanting {
        hits: usize,
    },
    VoidCanaries {
        hits: usize,
    },
    Expected {
        hits: usize,
    },
    /// They came after their number was retired.
    Retired {
        hits: usize,
    },
    /// Not only some hits, all together.
    Whole(WholeDoubt),
    OwnSilent {
        holder: HolderId,
    },
    Listed(ListDoubt),
}

/// What all hits together say beside those that were asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WholeDoubt {
    /// They speak for another holder.
    Other { holder: HolderId },
    /// They speak for the same holder, less surely.
    Less,
}

impl WholeDoubt {
    fn told(&self) -> Pair {
        match self {
            WholeDoubt::Other { holder } => Pair::new(
                format!("all hits together, not only those asked about, speak for `{holder}`"),
                format!("全部命中（不只是所问的）合起来指向 `{holder}`"),
            ),
            WholeDoubt::Less => Pair::new(
                "all hits together, not only those asked about, are less sure of it",
                "全部命中（不只是所问的）合起来不足以得出这一结论",
            ),
        }
    }
}

fn ledger_read(traps: usize) -> Pair {
    Pair::new(
        format!(
            "who called canaries also called {} of the ledger, in no list: the ledger itself may have been read, so nobody is named",
            with_noun(traps, "trap", "traps")
        ),
        format!("拨打蜜标者还拨打了 {traps} 个只在台账中、不在任何名单中的陷阱号码：台账可能被读过，故不指认任何人"),
    )
}

fn open_copy(holder: &HolderId, planting: PlantingId) -> Pair {
    Pair::new(
        format!(
            "a crash left {planting} open: that the copy was given to `{holder}` is not on record, and the data may come from its file, so nobody is named"
        ),
        format!("{planting} 因中断而未了结：没有记录表明该副本已交给 `{holder}`，数据可能来自该文件，故不指认任何人"),
    )
}

fn also_had(others: &[HolderId]) -> Pair {
    let (en, zh) = listed(others);
    Pair::new(
        format!(
            "every canary that was told of is in the copies of {en} too, and what these have besides among the same rows (of the same days and hospitals) is too little, or was called too, so that no silence speaks against them"
        ),
        format!(
            "所有被说出内容的蜜标也都在 {zh} 的副本中，而这些副本在相同的行（同一段日期、同样的医院）中另有的蜜标太少，或同样接到来电，没有足够的静默可以排除它们"
        ),
    )
}

fn elsewhere(holders: &[HolderId], canaries: usize, had_by: &[HolderId]) -> Pair {
    let ((en, zh), (by_en, by_zh)) = (listed(holders), listed(had_by));
    let reached = with_noun(canaries, "canary", "canaries");
    let (mut en, mut zh) = (
        format!("callers who knew rows, or told of them, reached {reached} that {en} never had"),
        format!("知道行内容的来电方还打到 {zh} 从未持有的 {canaries} 条蜜标"),
    );
    if !had_by.is_empty() {
        en += &format!("; the copies of {by_en} have all that they reached");
        zh += &format!("；{by_zh} 的副本包含他们打到的全部蜜标");
    }
    Pair::new(en, zh)
}

fn listed(holders: &[HolderId]) -> (String, String) {
    let holders: Vec<&str> = holders.iter().map(HolderId::as_str).collect();
    (holders.join(", "), holders.join("、"))
}

fn retired(hits: usize) -> Pair {
    Pair::new(
        format!("{hits} contacts came after their number was retired"),
        format!("有 {hits} 次联系发生在号码停用之后"),
    )
}

fn void_copy(holder: &HolderId, planting: PlantingId) -> Pair {
    Pair::new(
        format!(
            "{planting} came to nothing, so `{holder}` never got its file, but somebody may have taken it and the data may come from it, so nobody is named"
        ),
        format!(
            "{planting} 已作废，`{holder}` 从未得到其文件，但该文件可能被人取走，数据可能来自该文件，故不指认任何人"
        ),
    )
}

impl Doubt {
    /// Tells the fact.
    pub fn told(&self) -> Pair {
        match self {
            Doubt::Listed(doubt) => doubt.told(),
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
                format!("contacts to control numbers, which nobody was given: {contacts}"),
                format!("从未给过任何人的对照号码接到来电 {contacts} 次"),
            ),
            Doubt::Dialler { callers } => Pair::new(
                format!(
                    "{} reached numbers nobody was given, or ran through neighbouring ones",
                    with_noun(*callers, "caller calls anybody: it", "callers call anybody: they")
                ),
                format!("其中 {callers} 个来电方逢号就打：它们拨打过从未给出的号码，或顺着相邻号码拨打"),
            ),
            Doubt::LedgerRead { traps } => ledger_read(*traps),
            Doubt::OpenCopy { holder, planting } => open_copy(holder, *planting),
            Doubt::VoidCopy { holder, planting } => void_copy(holder, *planting),
            Doubt::SameCanaries { first, others } => {
                let others: Vec<&str> = others.iter().map(HolderId::as_str).collect();
                Pair::new(
                    format!("the canaries that speak for `{first}` are in the copies of {} too", others.join(", ")),
                    format!("指向 `{first}` 的蜜标也在 {} 的副本中", others.join("、")),
                )
            }
            Doubt::AlsoHad { others } => also_had(others),
            Doubt::Elsewhere { holders, canaries, had_by } => elsewhere(holders, *canaries, had_by),
            Doubt::Silent { holder, silent, called } => {
                let (quiet, rung) = (with_noun(*silent, "canary", "canaries"), with_noun(*called, "was", "were"));
                Pair::new(
                    format!("{quiet} in the copy of `{holder}` stayed silent or rang as by chance, {rung} called"),
                    format!("`{holder}` 的副本中有 {silent} 条蜜标没有来电或只有偶然来电，{called} 条有来电"),
                )
            }
            Doubt::Unexplained { holder, hits } => Pair::new(
                format!("{} to canaries that `{holder}` never had", with_noun(*hits, "hit is", "hits are")),
                format!("有 {hits} 次来电打到 `{holder}` 从未持有的蜜标"),
            ),
            Doubt::BeforePlanting { hits } => Pair::new(
                format!("{} came before the number was planted", with_noun(*hits, "contact", "contacts")),
                format!("有 {hits} 次来电早于号码投放"),
            ),
            Doubt::VoidCanaries { hits } => Pair::new(
                format!("contacts to canaries of a list that was never handed over: {hits}"),
                format!("有 {hits} 次来电打到从未交付的名单中的蜜标"),
            ),
            Doubt::Retired { hits } => retired(*hits),
            Doubt::Whole(whole) => whole.told(),
            Doubt::OwnSilent { holder } => Pair::new(
                format!("none of the canaries made for `{holder}` itself was called, though others of its copy were"),
                format!("专为 `{holder}` 制作的蜜标无一接到来电，而其副本中的其他蜜标有来电"),
            ),
            Doubt::Expected { hits } => Pair::new(
                format!("contacts from lines that a holder declared as its own, which never count: {hits}"),
                format!("有 {hits} 次来电来自持有方自己申报的线路，不计入"),
            ),
        }
    }
}

impl Serialize for Doubt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.told().in_lang(Lang::En))
    }
}

/// Tells because of whose copies nobody is named, or not more strongly.
pub fn withheld(judged: &Judged, name: &dyn Fn(&[usize]) -> Vec<HolderId>) -> Vec<Doubt> {
    let also_had = || Doubt::AlsoHad { others: name(&judged.not_excluded) };
    let elsewhere = judged.elsewhere.iter().map(|elsewhere| {
        let (holders, had_by) = (name(&elsewhere.places), name(&elsewhere.had_by));
        Doubt::Elsewhere { holders, canaries: elsewhere.canaries, had_by }
    });
    elsewhere.chain((!judged.not_excluded.is_empty()).then(also_had)).collect()
}

/// Finds what speaks against the first source, the weightiest first.
pub fn doubts(
    evidence: &Evidence,
    presence: &Presence<'_>,
    background: &Background<'_>,
    sources: &[Source],
    case: &Case<'_>,
) -> Vec<Doubt> {
    let (counted, called) = (&case.counted, &case.called);
    let mut doubts = Vec::new();
    if evidence.hits.is_empty() {
        return vec![Doubt::NothingCalled];
    }
    match called.len() {
        0 => doubts.push(Doubt::NothingCalled),
        few if few < CANARIES_ENOUGH => doubts.push(match is_only_listed(case) {
            true => Doubt::Listed(ListDoubt::Few { found: few }),
            false => Doubt::FewCanaries { called: few },
        }),
        _ => {}
    }
    if let Some(first) = sources.first() {
        doubts.extend(against_first(presence, first, sources, case));
        if presence.place(&first.holder).is_some_and(|place| own_are_missing(presence, place, &case.tally)) {
            let holder = first.holder.clone();
            doubts.push(match is_only_listed(case) {
                true => Doubt::Listed(ListDoubt::OwnMissing { holder }),
                false => Doubt::OwnSilent { holder },
            });
        }
    }
    if !called.is_empty() && !counted.iter().any(|(_, hit)| hit.heard.level == Level::Content) {
        doubts.push(Doubt::NoContent);
    }
    if !evidence.in_part.is_empty() {
        doubts.push(Doubt::Listed(ListDoubt::InPart { lists: evidence.in_part.len() }));
    }
    doubts.extend(of_chance(evidence, background, case));
    let of_planted = evidence.hits.iter().filter_map(|hit| Some((hit, hit.planted.as_ref()?)));
    let early = of_planted.clone().filter(|(hit, planted)| hit.contact.at < planted.planted_at).count();
    if early > 0 {
        doubts.push(Doubt::BeforePlanting { hits: early });
    }
    let void: BTreeSet<_> =
        evidence.canaries.iter().filter(|fact| fact.standing == Standing::Void).map(|fact| fact.id).collect();
    let on_void =
        of_planted.filter(|(hit, planted)| void.contains(&planted.canary) && planted.planted_at <= hit.contact.at);
    match on_void.count() {
        0 => {}
        hits => doubts.push(Doubt::VoidCanaries { hits }),
    }
    let is_retired = |hit: &Hit| evidence.retired.get(&hit.contact.to).is_some_and(|at| *at <= hit.contact.at);
    match evidence.hits.iter().filter(|hit| !hit.is_listed() && is_retired(hit)).count() {
        0 => {}
        hits => doubts.push(Doubt::Retired { hits }),
    }
    match evidence.hits.iter().filter(|hit| hit.expected.is_some()).count() {
        0 => {}
        hits => doubts.push(Doubt::Expected { hits }),
    }
    doubts
}

/// Tells what speaks for chance: controls that are missing or were called, diallers.
fn of_chance(evidence: &Evidence, background: &Background<'_>, case: &Case<'_>) -> Vec<Doubt> {
    let (counted, mut doubts) = (&case.counted, Vec::new());
    let is_control =
        |number: &Number| evidence.watches.iter().any(|w| w.kind == WatchKind::Control && w.number == *number);
    let listed = evidence.hits.iter().filter(|hit| hit.is_listed() && hit.planted.is_none());
    let listed: BTreeSet<&Number> = listed.map(|hit| &hit.contact.to).filter(|number| is_control(number)).collect();
    if !listed.is_empty() {
        doubts.push(Doubt::Listed(ListDoubt::Controls { controls: listed.len() }));
    }
    let controls = evidence.watches.iter().filter(|watch| watch.kind == WatchKind::Control);
    match (background.has_controls(), controls.map(|watch| watch.contacts).sum()) {
        (false, _) if is_only_listed(case) => {}
        (false, _) => doubts.push(Doubt::NoControls),
        (true, 0) => {}
        (true, contacts) => doubts.push(Doubt::ControlsCalled { contacts }),
    }
    let dialled = counted.iter().filter(|(_, hit)| evidence.is_dialled(hit));
    let callers: BTreeSet<_> = dialled.filter_map(|(_, hit)| hit.contact.from.as_ref()).collect();
    if !callers.is_empty() {
        doubts.push(Doubt::Dialler { callers: callers.len() });
    }
    doubts
}

fn against_first(presence: &Presence<'_>, first: &Source, sources: &[Source], case: &Case<'_>) -> Vec<Doubt> {
    let (counted, mut doubts) = (&case.counted, Vec::new());
    let has = |holder: &HolderId, listed: usize| {
        let share = |place| presence.share(listed, place);
        presence.place(holder).and_then(share).is_some()
    };
    let explained: BTreeSet<usize> = case.called.keys().copied().filter(|listed| has(&first.holder, *listed)).collect();
    // Canaries of one class are in the same copies.
    let classes: BTreeSet<usize> = explained.iter().filter_map(|listed| presence.listed[*listed].class).collect();
    let in_all = |holder: &HolderId| {
        let place = presence.place(holder);
        place.is_some_and(|place| classes.iter().all(|class| presence.classes[*class].reach.contains_key(&place)))
    };
    let others = sources.iter().skip(1).map(|source| &source.holder);
    let mut others: Vec<HolderId> = others.filter(|holder| in_all(holder)).cloned().collect();
    others.sort();
    if !explained.is_empty() && !others.is_empty() {
        doubts.push(Doubt::SameCanaries { first: first.holder.clone(), others });
    }
    let holder = first.holder.clone();
    if first.canaries_silent > 0 {
        let (silent, called, holder) = (first.canaries_silent, first.canaries_called, holder.clone());
        doubts.push(match is_only_listed(case) {
            true => Doubt::Listed(ListDoubt::Missing { holder, missing: silent, found: called }),
            false => Doubt::Silent { holder, silent, called },
        });
    }
    let mut is_explained = vec![false; presence.listed.len()];
    explained.iter().for_each(|listed| is_explained[*listed] = true);
    let unexplained = counted.iter().filter(|(listed, _)| !is_explained[*listed]).count();
    if unexplained > 0 {
        doubts.push(Doubt::Unexplained { holder, hits: unexplained });
    }
    doubts
}
