//! Whose births the row of a canary is among, for a trace that asks whether the rows of one hospital were taken.
//!
//! Only hospitals of which callers told are told apart; all others are others. Who gave the list is no sign of the hospital: lists go on.

use std::collections::{BTreeMap, BTreeSet};

use super::DeedError;
use super::listener::Listener;
use crate::hit::{Hit, Level};
use crate::id::CanaryId;
use crate::trace::Rows;

/// Hospitals that are told apart, at most: those most told of.
const HOSPITALS_MAX: usize = 8;

/// The hospitals of which callers told.
pub(super) struct Hospitals {
    told: Vec<String>,
}

impl Hospitals {
    /// Finds the hospitals of the canaries that these hits tell of.
    pub(super) fn told(listener: &mut Listener<'_>, hits: &[Hit]) -> Result<Hospitals, DeedError> {
        let told = hits.iter().filter(|hit| hit.heard.level == Level::Content).filter_map(|hit| hit.planted.as_ref());
        let told: BTreeSet<CanaryId> = told.map(|planted| planted.canary).collect();
        let mut canaries: BTreeMap<String, usize> = BTreeMap::new();
        for canary in told {
            let written = listener.hospital(canary)?;
            if let Some(hospital) = written.as_deref().map(plain).filter(|hospital| !hospital.is_empty()) {
                *canaries.entry(hospital).or_default() += 1;
            }
        }
        let mut most: Vec<(String, usize)> = canaries.into_iter().collect();
        most.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(Hospitals { told: most.into_iter().map(|(hospital, _)| hospital).take(HOSPITALS_MAX).collect() })
    }

    /// Tells whether any is told apart.
    pub(super) fn are_known(&self) -> bool {
        !self.told.is_empty()
    }

    /// Says among whose rows a canary is whose row names this hospital.
    pub(super) fn rows(&self, written: &str) -> Rows {
        let hospital = plain(written);
        if hospital.is_empty() || !self.are_known() {
            return Rows::Unknown;
        }
        let place = self.told.iter().position(|told| *told == hospital);
        place.map_or(Rows::Other, |place| Rows::Hospital(place as u8))
    }

    /// Says among whose rows a canary is.
    pub(super) fn rows_of(&self, listener: &mut Listener<'_>, canary: CanaryId) -> Result<Rows, DeedError> {
        match self.are_known() {
            true => Ok(listener.hospital(canary)?.map_or(Rows::Unknown, |written| self.rows(&written))),
            false => Ok(Rows::Unknown),
        }
    }
}

/// Leaves out what is written in one list so and in the next otherwise: blanks.
fn plain(hospital: &str) -> String {
    hospital.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hospitals_that_nobody_told_of_are_others_and_none_is_unknown() {
        let hospitals = Hospitals { told: vec!["妇幼保健院".to_string(), "人民医院".to_string()] };
        assert_eq!(hospitals.rows("妇幼 保健院"), Rows::Hospital(0));
        assert_eq!(hospitals.rows("人民医院"), Rows::Hospital(1));
        assert_eq!(hospitals.rows("中医院"), Rows::Other);
        assert_eq!(hospitals.rows(" "), Rows::Unknown);
    }
}
