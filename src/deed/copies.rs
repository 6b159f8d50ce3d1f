//! The lists that have a canary and were, or may have been, handed over.

use super::DeedError;
use crate::holder::Came;
use crate::report::{Copy, Given, HandedOver};
use crate::store::{CanaryRow, PlantingRow, PlantingState, Reader};

/// A list that has a canary.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyOf {
    pub planting: PlantingRow,
    /// Data row of the list, from 1.
    pub row: u64,
    pub given: Given,
}

/// Gives the lists that have a canary, that of the planting that entered it first; none that came to nothing.
pub(super) fn copies(reader: &Reader<'_>, canary: &CanaryRow) -> Result<Vec<CopyOf>, DeedError> {
    let mut all: Vec<CopyOf> = Vec::new();
    let mut add = |planting: Option<PlantingRow>, row: u64, given: Given| {
        let handed = planting.filter(|planting| planting.state != PlantingState::Void);
        if let Some(planting) = handed.filter(|new| all.iter().all(|known| known.planting.id != new.id)) {
            all.push(CopyOf { planting, row, given });
        }
    };
    add(reader.planting(canary.planting)?, canary.row, Given::Made);
    for seen in reader.received_of(canary.id)? {
        let given = match seen.came {
            Came::AtOnce => Given::AtOnce,
            Came::Along => Given::Along,
        };
        add(reader.planting(seen.planting)?, seen.row, given);
    }
    Ok(all)
}

impl CopyOf {
    /// Says it in the words of a report.
    pub(super) fn told(&self) -> Copy {
        let CopyOf { planting, row, given } = self;
        let (handed_over, at) = match planting.state {
            PlantingState::Planted { at } => (HandedOver::Yes, at),
            PlantingState::Reserved | PlantingState::Sealed | PlantingState::Void => {
                (HandedOver::Open, planting.reserved_at)
            }
        };
        Copy {
            planting: planting.id,
            holder: planting.holder.clone(),
            at,
            handed_over,
            given: *given,
            row: *row,
            file_sha256: planting.output_sha256.clone(),
            file_rows: planting.output_rows,
        }
    }
}
