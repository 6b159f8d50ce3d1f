//! Times as people type them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::Complaint;
use crate::deed::Session;
use crate::lang::Pair;

/// Reads RFC 3339, or `YYYY-MM-DD[ HH:MM[:SS]]` in local time (midnight when only a day is given).
pub fn read_time(text: &str, session: &Session) -> Result<DateTime<Utc>, Complaint> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)));
    local.and_then(|at| (session.local)(at)).ok_or_else(|| Complaint::Usage {
        what: Pair::new(format!("`{text}` is not a time"), format!("`{text}` 不是时间")),
        hint: Pair::new(
            "write it as `2026-11-21 10:30`, or as RFC 3339 such as `2026-11-21T02:30:00Z`",
            "请写成 `2026-11-21 10:30`，或 RFC 3339 格式如 `2026-11-21T02:30:00Z`",
        ),
    })
}
