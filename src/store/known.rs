//! What is kept of the rows of lists that were planted into.

use super::error::StoreError;
use super::read::Reader;
use crate::id::PlantingId;

impl Reader<'_> {
    /// Gives what is kept of the rows of the list that a planting was made from, if anything is.
    pub fn known_rows(&self, id: PlantingId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT undo FROM planting_step WHERE step = 'known' AND planting = ?1";
        Ok(self.one(sql, [id.0 as i64], |row| row.get::<_, Option<String>>(0))?.flatten())
    }
}
