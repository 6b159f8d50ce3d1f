//! Facts that speak against a source that is named because of seized lists, told in both languages.

use crate::holder::HolderId;
use crate::lang::{Pair, with_noun};

/// A fact that speaks against a source, where nobody called and canaries stood in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListDoubt {
    /// A list holds numbers that nobody was ever given.
    Controls {
        controls: usize,
    },
    Few {
        found: usize,
    },
    /// Canaries that were in this copy by then are not in the lists.
    Missing {
        holder: HolderId,
        missing: usize,
        found: usize,
    },
    OwnMissing {
        holder: HolderId,
    },
    /// Parts of so many lists could not be read.
    InPart {
        lists: usize,
    },
    /// So many lists, of which parts could not be read, are not weighed.
    InPartSetAside {
        lists: usize,
    },
    /// Numbers that stand in the ledger alone are in some of the lists.
    LedgerRead {
        traps: usize,
    },
}

impl ListDoubt {
    /// Tells the fact.
    pub fn told(&self) -> Pair {
        match self {
            ListDoubt::Controls { controls } => Pair::new(
                format!(
                    "{controls} control numbers, which nobody was given, are in the lists: these have numbers from elsewhere"
                ),
                format!("名单中有 {controls} 个从未给过任何人的对照号码：其中有来自别处的号码"),
            ),
            ListDoubt::Few { found: 1 } => Pair::new("only 1 canary is in the lists", "名单中只有 1 条蜜标"),
            ListDoubt::Few { found } => {
                Pair::new(format!("only {found} canaries are in the lists"), format!("名单中只有 {found} 条蜜标"))
            }
            ListDoubt::Missing { holder, missing, found } => Pair::new(
                format!("{missing} canaries in the copy of `{holder}` are missing from the lists, {found} are in them"),
                format!("`{holder}` 的副本中有 {missing} 条蜜标不在名单里，{found} 条在"),
            ),
            ListDoubt::OwnMissing { holder } => Pair::new(
                format!(
                    "none of the canaries made for `{holder}` itself is in the lists, though others of its copy are"
                ),
                format!("专为 `{holder}` 制作的蜜标无一在名单里，而其副本中的其他蜜标在"),
            ),
            ListDoubt::InPart { lists } => Pair::new(
                format!(
                    "parts of {} could not be read: what was not seen may stand there, so no canary counts as missing",
                    with_noun(*lists, "list", "lists")
                ),
                format!("有 {lists} 份名单只读到一部分：未见到的蜜标可能在未读部分，故没有蜜标算作缺失"),
            ),
            ListDoubt::InPartSetAside { lists } => Pair::new(
                format!(
                    "{} of which parts could not be read: they are not weighed, and what was seen in them alone is neither silent nor called",
                    with_noun(*lists, "list", "lists")
                ),
                format!("有 {lists} 份名单只读到一部分：它们未参与权衡，只见于其中的蜜标既不算静默也不算来电"),
            ),
            ListDoubt::LedgerRead { traps } => Pair::new(
                format!(
                    "files with {} of the ledger, in no list: whoever made them may have read the ledger itself, so they name nobody",
                    with_noun(*traps, "trap", "traps")
                ),
                format!(
                    "有文件含 {traps} 个只在台账中、不在任何名单中的陷阱号码：其制作者可能读过台账，故不据这些文件指认任何人"
                ),
            ),
        }
    }
}
