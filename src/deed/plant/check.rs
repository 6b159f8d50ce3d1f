//! Rehearses a planting and judges how well its canaries would hide; nothing is reserved, nothing is written.

use std::path::PathBuf;

use super::super::{DeedError, Session};
use super::learn;
use super::order::{Amount, PlantOrder, Relation, RowTree};
use crate::holder::HolderId;
use crate::plant::hide::{Hiding, judge};
use crate::plant::{Astray, astray};
use crate::store::Access;

/// A planting to be rehearsed.
#[derive(Debug, Clone)]
pub struct CheckOrder {
    pub list: PathBuf,
    pub holder: HolderId,
    pub count: usize,
    pub sheet: Option<String>,
    pub map: Option<PathBuf>,
}

/// What the rehearsal showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Data rows of the list.
    pub rows: u64,
    pub hiding: Hiding,
    /// Rows that would have a second number of the pool.
    pub seconds: usize,
    /// Columns out of whose order canaries would stand, because they find no place in it.
    pub astray: Vec<Astray>,
}

/// Plans the canaries as planting would and judges them.
pub fn check(session: &mut Session, order: &CheckOrder) -> Result<Checked, DeedError> {
    let store = session.open()?;
    if store.read().holder(&order.holder)?.is_none() {
        return Err(DeedError::UnknownHolder { id: order.holder.clone() });
    }
    let planting = PlantOrder {
        list: order.list.clone(),
        holders: vec![order.holder.clone()],
        amount: Amount::Count(order.count),
        shared: 0,
        output: PathBuf::new(),
        sheet: order.sheet.clone(),
        map: order.map.clone(),
        rows: RowTree::WhereQuick,
        // Nothing comes of it, so what cannot be read does no harm.
        relation: match store.access() {
            Access::Planter => Relation::Unrelated,
            Access::Clear | Access::Investigator | Access::Nobody => Relation::Unknown,
        },
    };
    let mut learnt = learn::learn(session, &store, &planting)?;
    let planned = learn::rehearse(session, &store, &mut learnt, &planting)?;
    let seconds = planned.iter().filter(|canary| !canary.others.is_empty()).count();
    let hiding = judge(&learnt.profile, &planned, &mut session.rng);
    let astray = astray(&learnt.profile, &planned);
    Ok(Checked { rows: learnt.list.input.rows, hiding, seconds, astray })
}
