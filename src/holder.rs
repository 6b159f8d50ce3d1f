//! Holders of data, and who passes data on to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lang::{Pair, Speak, by_number, is_unseen};

/// Longest holder id, in characters.
const ID_CHARS_MAX: usize = 64;

/// A holder's short name; safe as a file name.
///
/// A trace holds one for each of a million hits, so copies share the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HolderId(Arc<str>);

/// What sort of holder it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Hospital,
    Agency,
    Registry,
    Company,
    Person,
}

/// An organisation, or a person within one, that keeps data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub id: HolderId,
    pub name: String,
    pub kind: Kind,
    pub region: Option<String>,
    pub parent: Option<HolderId>,
}

/// FROM passes a share of its rows on to TO, from `since` to `until` (both days included).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    pub from: HolderId,
    pub to: HolderId,
    pub share: f64,
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// How a row that a planting entered came into another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Came {
    /// It was made for both at once, by one command.
    AtOnce,
    /// It stood in the list already that the other was made of, or was put back from an earlier export.
    Along,
}

/// Why a holder or a flow is refused.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum HolderError {
    #[error("`{id}` cannot be a holder id")]
    BadId { id: String },
    #[error("`{kind}` is not a kind of holder")]
    NoSuchKind { kind: String },
    #[error("holder `{id}` has no name that can be shown")]
    NoName { id: HolderId },
    #[error("the name of holder `{id}` has a character that cannot be seen, {character}")]
    UnseenInName { id: HolderId, character: String },
    #[error("person `{parent}` cannot be the parent of organisation `{child}`")]
    PersonAboveOrganisation { parent: HolderId, child: HolderId },
    #[error("holder `{id}` would be its own ancestor")]
    OwnAncestor { id: HolderId },
    #[error("a flow from `{id}` to itself says nothing")]
    FlowToItself { id: HolderId },
    #[error("share {share} is not between 0 and 1")]
    ShareOutOfRange { share: f64 },
    #[error("the flow ends on {until}, before it begins on {since}")]
    EndsBeforeItBegins { since: NaiveDate, until: NaiveDate },
    #[error("`{line}` is no line that calls could come from")]
    NoLine { line: String },
    #[error("`{line}` is a number of the pool, not a line of `{id}`")]
    LineInPool { line: String, id: HolderId },
    #[error("`{line}` is declared as a line of `{id}` already")]
    LineOfOther { line: String, id: HolderId },
}

impl Speak for HolderError {
    fn zh(&self) -> String {
        match self {
            HolderError::BadId { id } => format!("`{id}` 不能用作持有方编号"),
            HolderError::NoSuchKind { kind } => format!("没有 `{kind}` 这种持有方类型"),
            HolderError::NoName { id } => format!("持有方 `{id}` 没有可显示的名称"),
            HolderError::UnseenInName { id, character } => {
                format!("持有方 `{id}` 的名称含有看不见的字符 {character}")
            }
            HolderError::PersonAboveOrganisation { parent, child } => {
                format!("个人 `{parent}` 不能是机构 `{child}` 的上级")
            }
            HolderError::OwnAncestor { id } => format!("持有方 `{id}` 会成为自己的上级"),
            HolderError::FlowToItself { id } => format!("`{id}` 流向自身没有意义"),
            HolderError::ShareOutOfRange { share } => format!("比例 {share} 不在 0 到 1 之间"),
            HolderError::EndsBeforeItBegins { since, until } => format!("流向的结束日 {until} 早于开始日 {since}"),
            HolderError::NoLine { line } => format!("`{line}` 不是可以外呼的线路"),
            HolderError::LineInPool { line, id } => format!("`{line}` 是号码池中的号码，不是 `{id}` 的线路"),
            HolderError::LineOfOther { line, id } => format!("`{line}` 已申报为 `{id}` 的线路"),
        }
    }

    fn hint(&self) -> Option<Pair> {
        Some(match self {
            HolderError::BadId { .. } => Pair::new(
                "use 1 to 64 letters, digits, `-`, `_` or `.`, a letter or digit first",
                "请用 1 到 64 个字母、数字、`-`、`_` 或 `.`，以字母或数字开头",
            ),
            HolderError::NoSuchKind { .. } => Pair::new(
                "kinds are hospital, agency, registry, company, person",
                "类型有 hospital、agency、registry、company、person",
            ),
            HolderError::NoName { .. } => {
                Pair::new("give it one line of text with --name", "请用 --name 给出一行文字作名称")
            }
            HolderError::UnseenInName { .. } => Pair::new(
                "type the name anew: such characters turn text around or make two names look alike",
                "请重新键入名称：这类字符会颠倒文字方向，或使两个名称看起来相同",
            ),
            HolderError::PersonAboveOrganisation { .. } => Pair::new(
                "declare the flow from the organisation the person works for",
                "请从该人所在的机构声明数据流向",
            ),
            HolderError::OwnAncestor { .. } => Pair::new("choose another parent", "请另选上级"),
            HolderError::FlowToItself { .. } => Pair::new("name two different holders", "请写两个不同的持有方"),
            HolderError::ShareOutOfRange { .. } => {
                Pair::new("0.25 means a quarter of the rows", "0.25 表示四分之一的行")
            }
            HolderError::EndsBeforeItBegins { .. } => {
                Pair::new("swap --since and --until", "请对调 --since 与 --until")
            }
            HolderError::NoLine { .. } => Pair::new(
                "write the number that the called ones see, such as 0755-88881234",
                "请写被叫方看到的号码，如 0755-88881234",
            ),
            HolderError::LineInPool { .. } => {
                Pair::new("a number of the pool never calls; check the number", "号码池中的号码从不外呼，请核对号码")
            }
            HolderError::LineOfOther { .. } => {
                Pair::new("a line that several holders use cannot be told apart", "多方共用的线路无法区分归属")
            }
        })
    }
}

impl HolderId {
    /// Gives the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HolderId {
    type Err = HolderError;

    fn from_str(id: &str) -> Result<HolderId, HolderError> {
        let well_begun = id.chars().next().is_some_and(char::is_alphanumeric);
        let well_made = id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if well_begun && well_made && id.chars().count() <= ID_CHARS_MAX {
            return Ok(HolderId(id.into()));
        }
        Err(HolderError::BadId { id: id.chars().take(ID_CHARS_MAX).collect() })
    }
}

impl Serialize for HolderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HolderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HolderId, D::Error> {
        Ok(HolderId(String::deserialize(deserializer)?.into()))
    }
}

impl fmt::Display for HolderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Kind {
    /// All kinds, in the order help texts show them.
    pub const ALL: [Kind; 5] = [Kind::Hospital, Kind::Agency, Kind::Registry, Kind::Company, Kind::Person];

    /// Gives the word used on the command line and in files.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Hospital => "hospital",
            Kind::Agency => "agency",
            Kind::Registry => "registry",
            Kind::Company => "company",
            Kind::Person => "person",
        }
    }
}

impl FromStr for Kind {
    type Err = HolderError;

    fn from_str(word: &str) -> Result<Kind, HolderError> {
        let word = word.trim().to_ascii_lowercase();
        Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or(HolderError::NoSuchKind { kind: word })
    }
}

impl Holder {
    /// Refuses a name that is empty, or that shows otherwise than it is written.
    pub fn check_name(&self) -> Result<(), HolderError> {
        if self.name.trim().is_empty() {
            return Err(HolderError::NoName { id: self.id.clone() });
        }
        match self.name.chars().find(|c| is_unseen(*c)) {
            Some(c) => Err(HolderError::UnseenInName { id: self.id.clone(), character: by_number(c) }),
            None => Ok(()),
        }
    }
}

impl Flow {
    /// Checks what can be checked without knowing the holders.
    pub fn check(&self) -> Result<(), HolderError> {
        if self.from == self.to {
            return Err(HolderError::FlowToItself { id: self.from.clone() });
        }
        if !(0.0..=1.0).contains(&self.share) {
            return Err(HolderError::ShareOutOfRange { share: self.share });
        }
        match (self.since, self.until) {
            (Some(since), Some(until)) if until < since => Err(HolderError::EndsBeforeItBegins { since, until }),
            _ => Ok(()),
        }
    }
}

/// Holders and the flows between them; a parent's data flows to its children by itself.
#[derive(Debug, Clone, Default)]
pub struct FlowGraph {
    holders: BTreeMap<HolderId, Holder>,
    flows: Vec<Flow>,
}

impl FlowGraph {
    /// Takes holders and flows that are known to fit each other.
    pub fn new(holders: Vec<Holder>, flows: Vec<Flow>) -> FlowGraph {
        FlowGraph { holders: holders.into_iter().map(|holder| (holder.id.clone(), holder)).collect(), flows }
    }

    /// Finds a holder.
    pub fn holder(&self, id: &HolderId) -> Option<&Holder> {
        self.holders.get(id)
    }

    /// Walks over all holders, by id.
    pub fn holders(&self) -> impl Iterator<Item = &Holder> {
        self.holders.values()
    }

    /// Gives the flows that were declared (not those from parent to child).
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// Refuses a person above an organisation, and a holder that is its own ancestor.
    pub fn check_parent(&self, child: &Holder) -> Result<(), HolderError> {
        let mut above = child.parent.as_ref();
        if let Some(parent) = above.and_then(|id| self.holders.get(id)) {
            Self::check_order(parent, child)?;
        }
        let mut steps = 0;
        while let Some(id) = above {
            steps += 1;
            if *id == child.id || steps > self.holders.len() {
                return Err(HolderError::OwnAncestor { id: child.id.clone() });
            }
            above = self.holders.get(id).and_then(|holder| holder.parent.as_ref());
        }
        Ok(())
    }

    /// Refuses a flow from a person to an organisation: people pass data on, but only organisations feed organisations.
    pub fn check_flow(&self, flow: &Flow) -> Result<(), HolderError> {
        flow.check()?;
        match (self.holders.get(&flow.from), self.holders.get(&flow.to)) {
            (Some(from), Some(to)) => Self::check_order(from, to),
            _ => Ok(()),
        }
    }

    fn check_order(upper: &Holder, lower: &Holder) -> Result<(), HolderError> {
        if upper.kind == Kind::Person && lower.kind != Kind::Person {
            return Err(HolderError::PersonAboveOrganisation { parent: upper.id.clone(), child: lower.id.clone() });
        }
        Ok(())
    }

    /// Lists who gets data straight from `id`: declared flows, then children.
    pub fn receivers(&self, id: &HolderId) -> Vec<&HolderId> {
        let declared = self.flows.iter().filter(|flow| flow.from == *id).map(|flow| &flow.to);
        let children =
            self.holders.values().filter(|holder| holder.parent.as_ref() == Some(id)).map(|holder| &holder.id);
        declared.chain(children).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Lists everybody whom data of `id` can reach, without `id` itself, nearest first.
    pub fn downstream(&self, id: &HolderId) -> Vec<HolderId> {
        let mut reached = vec![id.clone()];
        let mut at = 0;
        while at < reached.len() {
            for next in self.receivers(&reached[at]).into_iter().cloned().collect::<Vec<_>>() {
                if !reached.contains(&next) {
                    reached.push(next);
                }
            }
            at += 1;
        }
        reached.split_off(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> HolderId {
        text.parse().expect("a test id")
    }

    #[test]
    fn an_id_is_plain_text_in_json() {
        let json = serde_json::to_string(&id("szfy")).expect("plain data");
        assert_eq!(json, "\"szfy\"");
        assert_eq!(serde_json::from_str::<HolderId>(&json).expect("its own json"), id("szfy"));
    }

    fn holder(name: &str, kind: Kind, parent: Option<&str>) -> Holder {
        Holder { id: id(name), name: name.to_string(), kind, region: None, parent: parent.map(id) }
    }

    fn flow(from: &str, to: &str) -> Flow {
        Flow { from: id(from), to: id(to), share: 1.0, since: None, until: None }
    }

    #[test]
    fn data_reaches_flows_and_children_even_in_a_circle() {
        let graph = FlowGraph::new(
            vec![
                holder("a", Kind::Hospital, None),
                holder("b", Kind::Agency, None),
                holder("clerk", Kind::Person, Some("b")),
            ],
            vec![flow("a", "b"), flow("b", "a")],
        );
        assert_eq!(graph.downstream(&id("a")), [id("b"), id("clerk")]);
    }

    #[test]
    fn a_person_feeds_no_organisation() {
        let graph =
            FlowGraph::new(vec![holder("clerk", Kind::Person, None), holder("firm", Kind::Company, None)], vec![]);
        let expected = HolderError::PersonAboveOrganisation { parent: id("clerk"), child: id("firm") };
        assert_eq!(graph.check_flow(&flow("clerk", "firm")), Err(expected));
        assert!(graph.check_parent(&holder("desk", Kind::Agency, Some("clerk"))).is_err());
        assert!(graph.check_flow(&flow("firm", "clerk")).is_ok());
    }

    #[test]
    fn a_name_that_shows_otherwise_than_it_is_written_is_refused() {
        let named = |name: &str| Holder { name: name.to_string(), ..holder("a", Kind::Hospital, None) }.check_name();
        for name in ["市\u{202E}妇幼", "市妇\u{200B}幼", "a\nb", "\u{FEFF}a"] {
            assert!(matches!(named(name), Err(HolderError::UnseenInName { .. })), "{name:?}");
        }
        assert_eq!(named("  "), Err(HolderError::NoName { id: id("a") }));
        assert_eq!(named("市妇幼（总院）"), Ok(()));
    }

    #[test]
    fn ids_are_safe_as_file_names() {
        for bad in ["", ".", "..", "a/b", "-x", "a b", "a\0", &"x".repeat(65)] {
            assert!(bad.parse::<HolderId>().is_err(), "{bad:?}");
        }
        assert!("市一妇婴".parse::<HolderId>().is_ok());
    }
}
