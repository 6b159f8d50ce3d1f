//! The personas that were used already, as far as they can be told.

use std::collections::HashSet;

use super::error::StoreError;
use super::lock::{Blind, Tag};
use super::read::Reader;

/// Identities of personas that were used, in clear or as tags.
pub struct People {
    /// Of the ledger, in order: a sorted list takes less room than a set.
    entered: Vec<i64>,
    added: HashSet<i64>,
    tags: Option<(Blind, HashSet<Tag>)>,
}

impl People {
    /// Tells whether a persona with this identity was used.
    pub fn contains(&self, identity: i64) -> bool {
        let is_tagged = |(blind, tags): &(Blind, HashSet<Tag>)| tags.contains(&blind.person(identity));
        self.entered.binary_search(&identity).is_ok()
            || self.added.contains(&identity)
            || self.tags.as_ref().is_some_and(is_tagged)
    }

    /// Adds personas that are about to be used.
    pub fn extend(&mut self, identities: impl Iterator<Item = i64>) {
        self.added.extend(identities);
    }
}

impl Reader<'_> {
    /// Gives the personas of all canaries that were ever made.
    pub fn people(&self) -> Result<People, StoreError> {
        let entered = self.many("SELECT identity FROM canary ORDER BY identity", [], |row| row.get(0))?;
        let tags = match self.lock.and_then(|lock| lock.blind_if_there()) {
            Some(blind) => {
                let tags = self.many("SELECT tag FROM main.used", [], |row| row.get(0))?;
                Some((blind, tags.into_iter().collect()))
            }
            None => None,
        };
        Ok(People { entered, added: HashSet::new(), tags })
    }
}
