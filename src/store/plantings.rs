//! Questions about plantings.

use super::error::StoreError;
use super::read::Reader;
use super::rows::{PlantingRow, planting};
use crate::holder::HolderId;
use crate::id::PlantingId;

const PLANTINGS: &str =
    "SELECT p.id, p.holder, p.at, p.input_path, p.input_sha256, p.final_path, p.temp_path, p.header,
   sealed.sha256, sealed.rows, planted.at, void.at, p.input_rows
   FROM planting p
   LEFT JOIN planting_step sealed ON sealed.planting = p.id AND sealed.step = 'sealed'
   LEFT JOIN planting_step planted ON planted.planting = p.id AND planted.step = 'planted'
   LEFT JOIN planting_step void ON void.planting = p.id AND void.step = 'void'";

impl Reader<'_> {
    /// Finds what undoing a copy with this SHA-256 needs besides the file.
    pub fn undo_of(&self, sha256: &str) -> Result<Option<String>, StoreError> {
        let found =
            self.one("SELECT undo FROM planting_step WHERE step = 'sealed' AND sha256 = ?1", [sha256], |row| {
                row.get::<_, Option<String>>(0)
            })?;
        Ok(found.flatten())
    }

    /// Finds a planting.
    pub fn planting(&self, id: PlantingId) -> Result<Option<PlantingRow>, StoreError> {
        self.one(&format!("{PLANTINGS} WHERE p.id = ?1"), [id.0 as i64], planting)
    }

    /// Finds the planting that wrote a copy with this SHA-256.
    pub fn planting_of_copy(&self, sha256: &str) -> Result<Option<PlantingRow>, StoreError> {
        self.one(&format!("{PLANTINGS} WHERE sealed.sha256 = ?1"), [sha256], planting)
    }

    /// Lists all plantings, oldest first.
    pub fn plantings(&self) -> Result<Vec<PlantingRow>, StoreError> {
        self.many(&format!("{PLANTINGS} ORDER BY p.id"), [], planting)
    }

    /// Lists what was planted for one holder, oldest first.
    pub fn plantings_for(&self, holder: &HolderId) -> Result<Vec<PlantingRow>, StoreError> {
        self.many(&format!("{PLANTINGS} WHERE p.holder = ?1 ORDER BY p.id"), [holder.as_str()], planting)
    }

    /// Lists plantings that are neither planted nor void.
    pub fn open_plantings(&self) -> Result<Vec<PlantingRow>, StoreError> {
        self.many(&format!("{PLANTINGS} WHERE planted.at IS NULL AND void.at IS NULL ORDER BY p.id"), [], planting)
    }

    /// Lists the hidden files of plantings that came to nothing, most of which are gone.
    pub fn void_files(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT p.temp_path FROM planting p JOIN planting_step v ON v.planting = p.id AND v.step = 'void'";
        self.many(sql, [], |row| row.get(0))
    }
}
