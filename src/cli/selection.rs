//! Which hits are asked about: the switches that `trace` and `report` share.

use super::Complaint;
use super::time::read_time;
use crate::deed::{Question, Session};
use crate::hit::CampaignId;
use crate::phone::Region;

/// Which hits are asked about; nothing set means all.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Numbers that were called (default: all hits)
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
    /// Only contacts from this time on
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only contacts up to this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only contacts of this caller
    #[arg(long, value_name = "CALLER")]
    from: Option<String>,
    /// Only contacts of this campaign
    #[arg(long, value_name = "ID")]
    campaign: Option<CampaignId>,
    /// Region whose habits the numbers' spelling follows
    #[arg(long, default_value = "CN", value_name = "CODE")]
    region: Region,
}

impl Selection {
    /// Makes a question of it; times are read as the session's local ones.
    pub fn question(self, session: &Session) -> Result<Question, Complaint> {
        let read = |text: Option<String>| text.map(|text| read_time(&text, session)).transpose();
        Ok(Question {
            since: read(self.since)?,
            until: read(self.until)?,
            numbers: self.numbers,
            region: self.region,
            from: self.from,
            campaign: self.campaign,
        })
    }
}
