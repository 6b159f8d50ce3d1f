//! The personas that were used already, as far as they can be told.

use std::collections::HashSet;

use super::error::StoreError;
use super::lock::{Blind, Tag};
use super::read::Reader;

/// Identities of personas that were used, in clear or as tags.
pub struct People {
    known: HashSet<i64>,
    tags: Option<(Blind, HashSet<Tag>)>,
}

impl People {
    /// Tells whether a persona with this identity was used.
    pub fn contains(&self, identity: i64) -> bool {
        let is_tagged = |(blind, tags): &(Blind, HashSet<Tag>)| tags.contains(&blind.person(identity));
        self.known.contains(&identity) || self.tags.as_ref().is_some_and(is_tagged)
    }

    /// Adds personas that are about to be used.
    pub fn extend(&mut self, identities: impl Iterator<Item = i64>) {
        self.known.extend(identities);
    }
}

impl Reader<'_> {
    /// Gives the personas of all canaries that were ever made.
    pub fn people(&self) -> Result<People, StoreError> {
        let known = self.many("SELECT identity FROM canary", [], |row| row.get(0))?.into_iter().collect();
        let tags = match self.lock.and_then(|lock| lock.blind_if_there()) {
            Some(blind) => {
                let tags = self.many("SELECT tag FROM main.used", [], |row| row.get(0))?;
                Some((blind, tags.into_iter().collect()))
            }
            None => None,
        };
        Ok(People { known, tags })
    }
}
