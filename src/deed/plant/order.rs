//! What is asked of a planting.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::super::DeedError;
use crate::holder::HolderId;
use crate::plant::PlantError;

/// What stands for the holder's id in the name of an output.
const HOLDER_PLACE: &str = "{holder}";

/// How many canaries a copy gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    Count(usize),
    /// Canaries for each data row of the list; at least one.
    Density(f64),
}

/// What is known of a list and earlier ones with the same columns for the same recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It may hold their rows.
    Unknown,
    /// Somebody says that it has no row in common with them: they are not looked at.
    Unrelated,
}

/// A list to be seeded, and for whom.
#[derive(Debug, Clone)]
pub struct PlantOrder {
    pub list: PathBuf,
    pub holders: Vec<HolderId>,
    pub amount: Amount,
    /// Canaries that a random part of the holders get each, beside those that only one gets.
    pub shared: usize,
    /// The file to write; `{holder}` in it stands for the holder's id.
    pub output: PathBuf,
    pub sheet: Option<String>,
    pub map: Option<PathBuf>,
    pub rows: RowTree,
    pub relation: Relation,
}

/// Whether a tree is grown over the rows of each copy, so that a canary's row can be shown as one of the file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowTree {
    /// Unless the list is so long that it would slow planting.
    WhereQuick,
    Always,
}

impl Amount {
    /// Gives the number of canaries for a list of `rows` data rows.
    pub(super) fn of(self, rows: u64) -> usize {
        match self {
            Amount::Count(count) => count,
            Amount::Density(density) => ((rows as f64 * density).round() as usize).max(1),
        }
    }
}

/// Gives each holder's output; refuses one file for two holders, and one that is there already.
pub(super) fn outputs(order: &PlantOrder) -> Result<Vec<PathBuf>, DeedError> {
    let pattern = order.output.to_str().ok_or_else(|| DeedError::BadOutput { path: order.output.clone() })?;
    if order.holders.len() > 1 && !pattern.contains(HOLDER_PLACE) {
        return Err(DeedError::OneOutputForMany { path: order.output.clone() });
    }
    if order.shared > 0 && order.holders.len() < 2 {
        let source = PlantError::NobodyToShare { count: order.shared };
        return Err(DeedError::Plant { path: order.list.clone(), source });
    }
    let mut seen = HashSet::new();
    for holder in &order.holders {
        if !seen.insert(holder) {
            return Err(DeedError::HolderTwice { id: holder.clone() });
        }
    }
    let named = order.holders.iter().map(|holder| PathBuf::from(pattern.replace(HOLDER_PLACE, holder.as_str())));
    named.map(|path| if is_file_name(&path) { Ok(path) } else { Err(DeedError::BadOutput { path }) }).collect()
}

fn is_file_name(path: &Path) -> bool {
    path.file_name().is_some() && path != Path::new("-") && !path.as_os_str().to_string_lossy().ends_with('/')
}
