//! What withholds a name, however likely a source is.

use std::collections::BTreeSet;

use super::evidence::{Evidence, Standing};
use super::{Doubt, Finding, Verdict};
use crate::hit::{Hit, Level};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};

impl Finding {
    /// Names nobody where a caller told of a canary of a list that came to nothing: then a copy is out that the ledger does not know.
    pub(super) fn unless_void_told(self, evidence: &Evidence) -> Finding {
        let void: BTreeSet<CanaryId> =
            evidence.canaries.iter().filter(|fact| fact.standing == Standing::Void).map(|fact| fact.id).collect();
        let tells = |hit: &&Hit| {
            hit.heard.level == Level::Content
                && hit.planted.as_ref().is_some_and(|planted| void.contains(&planted.canary))
        };
        if evidence.hits.iter().any(|hit| tells(&hit)) { self.naming_nobody() } else { self }
    }

    /// Names nobody: who called canaries also called `traps` numbers that stand in the ledger alone.
    pub fn after_ledger_was_read(mut self, traps: usize) -> Finding {
        self.against.insert(0, Doubt::LedgerRead { traps });
        self.naming_nobody()
    }

    /// Names nobody: nothing on record says that the copy, of which all that was called may be, was handed over.
    pub fn after_open_copy(mut self, holder: HolderId, planting: PlantingId) -> Finding {
        self.against.insert(0, Doubt::OpenCopy { holder, planting });
        self.naming_nobody()
    }

    fn naming_nobody(mut self) -> Finding {
        self.verdict = self.verdict.min(Verdict::Inconclusive);
        self.named.clear();
        self.campaigns.iter_mut().for_each(|campaign| campaign.verdict = campaign.verdict.min(Verdict::Inconclusive));
        self
    }
}
