//! Questions about the hospitals that canaries' records name.

use super::error::StoreError;
use super::read::Reader;
use super::rows::{CohortRow, cohort};
use crate::holder::HolderId;
use crate::id::CanaryId;

impl Reader<'_> {
    /// Gives the hospital in a canary's record, as it is written in the list.
    pub fn hospital_of(&self, canary: CanaryId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT record ->> '$.fields.hospital' FROM canary WHERE id = ?1";
        Ok(self.one(sql, [canary.0 as i64], |row| row.get::<_, Option<String>>(0))?.flatten())
    }

    /// Counts the same canaries as [`Reader::cohorts_of`], by the hospital in their record too.
    pub fn cohorts_by_hospital(&self, holder: &HolderId) -> Result<Vec<(CohortRow, String)>, StoreError> {
        self.many(
            "SELECT p.id, coalesce(planted.at, p.at), count(*),
               coalesce(c.record ->> '$.fields.birth_date', c.record ->> '$.fields.birth_time', '') AS dated,
               coalesce(c.record ->> '$.fields.hospital', '') AS hospital
             FROM planting p LEFT JOIN planting_step planted ON planted.planting = p.id AND planted.step = 'planted'
             JOIN canary c ON c.planting = p.id WHERE p.holder = ?1 AND c.record ->> '$.beside' IS NULL
             AND NOT EXISTS (SELECT 1 FROM planting_step void WHERE void.planting = p.id AND void.step = 'void')
             GROUP BY p.id, dated, hospital",
            [holder.as_str()],
            |row| Ok((cohort(row)?, row.get(4)?)),
        )
    }
}
