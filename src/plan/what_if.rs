//! What would be if: a flow or a holder more, numbers gone, more calls by chance. Nothing of it enters the ledger.

use super::{Known, PlanError};
use crate::holder::{Flow, FlowGraph, Holder, HolderId, Kind};

/// What is to be different.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    pub holders: Vec<HolderId>,
    /// Flows as if they had always run.
    pub flows: Vec<Flow>,
    /// So many planted numbers less, oldest first.
    pub retired: usize,
    /// Calls by chance, in times of what they are.
    pub background: f64,
}

impl Default for WhatIf {
    fn default() -> WhatIf {
        WhatIf { holders: Vec::new(), flows: Vec::new(), retired: 0, background: 1.0 }
    }
}

impl WhatIf {
    /// Tells whether all stays as it is.
    pub fn is_nothing(&self) -> bool {
        *self == WhatIf::default()
    }

    /// Gives what would be known then.
    pub fn apply(&self, known: &Known) -> Result<Known, PlanError> {
        let mut holders: Vec<Holder> = known.graph.holders().cloned().collect();
        for id in &self.holders {
            if holders.iter().any(|holder| holder.id == *id) {
                return Err(PlanError::HolderExists { id: id.clone() });
            }
            let (name, kind) = (id.to_string(), Kind::Agency);
            holders.push(Holder { id: id.clone(), name, kind, region: None, parent: None });
        }
        let mut flows = known.graph.flows().to_vec();
        for flow in &self.flows {
            let graph = FlowGraph::new(holders.clone(), Vec::new());
            for id in [&flow.from, &flow.to] {
                if graph.holder(id).is_none() {
                    return Err(PlanError::UnknownHolder { id: id.clone() });
                }
            }
            graph.check_flow(flow)?;
            flows.push(flow.clone());
        }
        let mut then = Known { graph: FlowGraph::new(holders, flows), ..known.clone() };
        then.chance_per_day *= self.background;
        then.retire(self.retired)?;
        Ok(then)
    }
}

impl Known {
    /// Takes numbers out of use, those planted first.
    fn retire(&mut self, count: usize) -> Result<(), PlanError> {
        let there: usize = self.planted.iter().map(|planted| planted.cohort.canaries).sum();
        if count > there {
            return Err(PlanError::TooFewPlanted { asked: count, there });
        }
        self.planted.sort_by_key(|planted| planted.cohort.planted_at);
        let mut left = count;
        for planted in &mut self.planted {
            let gone = left.min(planted.cohort.canaries);
            planted.cohort.canaries -= gone;
            planted.retired += gone;
            left -= gone;
        }
        Ok(())
    }
}
