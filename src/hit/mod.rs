//! A contact becomes a hit: what the caller knew, which campaign it belongs to, whose canary rang.
//!
//! Every contact to a number of the pool is a hit, also one to a control (it has no canary) and one
//! from before the planting (it measures the background).

mod births;
pub mod calls;
mod campaign;
mod clues;
mod commonness;
mod contact;
mod dates;
mod dialler;
mod hear;
mod homes;
mod listed;
mod names;
mod places;
mod roster;
mod sexes;
mod sounds;
mod speech;
mod strangers;
mod trades;
mod whose;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

pub use campaign::{CampaignId, NotACampaign, campaigns, in_order, script};
pub use commonness::Commonness;
pub use contact::{Caller, Contact, ContactKind, NoSuchKind, NotACaller, rfc3339};
pub use dates::written as birth_day;
pub use dialler::{NEIGHBOURS, diallers};
pub use hear::{Ears, Fact, Heard, Known, Level, hear};
pub use listed::{Extent, Listed, NotListed, Trail};
pub use roster::Roster;
pub use strangers::{Strangers, Told, chance_of, rare_share};

use contact::Shown as Time;

use crate::holder::HolderId;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;

/// The canary a number stood for, and the copy it was planted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    pub canary: CanaryId,
    pub holder: HolderId,
    pub planting: PlantingId,
    pub planted_at: DateTime<Utc>,
    /// Other holders in whose lists it stands as well, in order.
    pub others: Vec<HolderId>,
}

impl Planted {
    /// Gives all holders in whose lists it stands, that of the copy first.
    pub fn holders(&self) -> impl Iterator<Item = &HolderId> {
        std::iter::once(&self.holder).chain(&self.others)
    }
}

/// A contact to a number of the pool; `planted` is empty for a control or a number not yet planted, and one for all contacts
/// to one canary.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub contact: Contact,
    pub heard: Heard,
    pub campaign: CampaignId,
    pub planted: Option<Arc<Planted>>,
    /// The holder one of whose own lines it came from; such a contact never counts.
    pub expected: Option<HolderId>,
}

impl Hit {
    /// Tells whether the canary stood in a seized list; nobody reached its number then.
    pub fn is_listed(&self) -> bool {
        self.contact.kind == ContactKind::List
    }
}

impl Serialize for Hit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'h> {
            number: &'h Number,
            from: Option<&'h Caller>,
            at: Time<'h>,
            kind: ContactKind,
            seconds: Option<u32>,
            said: Option<&'h str>,
            level: Level,
            facts: &'h [Fact],
            campaign: CampaignId,
            canary: Option<CanaryId>,
            holder: Option<&'h HolderId>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            holders: Vec<&'h HolderId>,
            planting: Option<PlantingId>,
            planted_at: Option<Time<'h>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            expected: Option<&'h HolderId>,
        }
        let planted = self.planted.as_ref();
        Shown {
            number: &self.contact.to,
            from: self.contact.from.as_ref(),
            at: Time(&self.contact.at),
            kind: self.contact.kind,
            seconds: self.contact.seconds,
            said: self.contact.said.as_deref(),
            level: self.heard.level,
            facts: &self.heard.facts,
            campaign: self.campaign,
            canary: planted.map(|planted| planted.canary),
            holder: planted.map(|planted| &planted.holder),
            holders: planted.map(|planted| planted.holders().collect()).unwrap_or_default(),
            planting: planted.map(|planted| planted.planting),
            planted_at: planted.map(|planted| Time(&planted.planted_at)),
            expected: self.expected.as_ref(),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_on_a_control_has_no_canary_in_json() {
        let hit = Hit {
            contact: Contact {
                to: Number::from_e164("+8613800138000").expect("a test number"),
                from: None,
                at: DateTime::from_timestamp(1_795_288_002, 0).expect("a test time"),
                kind: ContactKind::Call,
                seconds: None,
                said: None,
            },
            heard: hear("", &Known::default()),
            campaign: CampaignId(1),
            planted: None,
            expected: None,
        };
        let json = serde_json::to_value(&hit).expect("a hit is plain data");
        assert_eq!(json["canary"], serde_json::Value::Null);
        assert_eq!(json["level"], "ring");
        assert_eq!(json["campaign"], "K-0001");
        assert_eq!(json["at"], "2026-11-21T19:06:42Z");
    }
}
