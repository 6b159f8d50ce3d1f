//! What withholds a name, however likely a source is.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Standing};
use super::{Doubt, Finding, ListDoubt, Verdict};
use crate::hit::{CampaignId, Level};
use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};

/// Canaries of lists that came to nothing which callers of one campaign, who spoke of the trade, do not reach by chance.
const VOID_SPOKEN_MIN: usize = 2;

impl Finding {
    /// Names nobody where a caller told of a canary of a list that came to nothing, or spoke of the trade to several: then a
    /// copy is out that the ledger does not know.
    pub(super) fn unless_void_told(self, evidence: &Evidence) -> Finding {
        let void: BTreeSet<CanaryId> =
            evidence.canaries.iter().filter(|fact| fact.standing == Standing::Void).map(|fact| fact.id).collect();
        if void.is_empty() {
            return self;
        }
        let mut spoken: BTreeMap<CampaignId, BTreeSet<CanaryId>> = BTreeMap::new();
        for hit in evidence.hits.iter().filter(|hit| hit.expected.is_none() && hit.heard.level >= Level::Topic) {
            let Some(planted) = hit.planted.as_ref().filter(|planted| void.contains(&planted.canary)) else { continue };
            if hit.heard.level == Level::Content {
                return self.naming_nobody();
            }
            if !evidence.is_dialled(hit) {
                spoken.entry(hit.campaign).or_default().insert(planted.canary);
            }
        }
        let is_told = spoken.values().any(|canaries| canaries.len() >= VOID_SPOKEN_MIN);
        if is_told { self.naming_nobody() } else { self }
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

    /// Names nobody: a copy that came to nothing holds what was called of it too, and may have been taken all the same.
    pub fn after_void_copy(mut self, holder: HolderId, planting: PlantingId) -> Finding {
        self.against.insert(0, Doubt::VoidCopy { holder, planting });
        self.naming_nobody()
    }

    /// Names nobody: all lists that canaries stand in have `traps` too, which stand in the ledger alone.
    pub fn after_traps_in_lists(self, traps: usize) -> Finding {
        self.beside_traps_in_lists(traps).naming_nobody()
    }

    /// Says that other lists, which are not weighed, have `traps`.
    pub fn beside_traps_in_lists(mut self, traps: usize) -> Finding {
        self.against.insert(0, Doubt::Listed(ListDoubt::LedgerRead { traps }));
        self
    }

    /// Says that `lists`, of which parts could not be read, are not weighed.
    pub fn beside_lists_in_part(mut self, lists: usize) -> Finding {
        self.against.insert(0, Doubt::Listed(ListDoubt::InPartSetAside { lists }));
        self
    }

    /// Makes no verdict stronger than that of a finding on less.
    pub fn no_surer_than(mut self, less: &Finding) -> Finding {
        self.verdict = self.verdict.min(less.verdict);
        for campaign in &mut self.campaigns {
            let same = less.campaigns.iter().find(|other| other.id == campaign.id);
            let most = same.map_or(Verdict::Inconclusive, |other| other.verdict);
            campaign.verdict = campaign.verdict.min(most);
        }
        self
    }

    fn naming_nobody(mut self) -> Finding {
        self.verdict = self.verdict.min(Verdict::Inconclusive);
        self.named.clear();
        self.campaigns.iter_mut().for_each(|campaign| campaign.verdict = campaign.verdict.min(Verdict::Inconclusive));
        self
    }
}
