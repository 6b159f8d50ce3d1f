//! A carrier's bill of one number (详单): titles above the header, Chinese columns, Beijing time.
//!
//! Only rows of incoming calls and messages (被叫, 接收) are contacts, and calls that were never answered
//! are not on a bill at all. A word that tells neither incoming nor outgoing stops the reading: it may hide a hit. The bill names the other side only: whose bill it is stands in a title
//! (`本机号码:138…`) or in the column map.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeZone, Utc};
use serde::Deserialize;

use super::error::{CallError, Wrong};
use super::table::{Cells, Table};
use super::text::Text;
use super::{Intake, Reading, Seen, To, pairs_hash, times};
use crate::hit::contact::{ContactKind, bare, rfc3339};
use crate::phone::{Number, numbers_in};

/// Rows among which the header is looked for.
const TITLE_ROWS_MAX: usize = 60;
/// Beijing is ahead of UTC by this many seconds, all year.
const BEIJING_SECONDS: i32 = 8 * 3600;

const AT: [&str; 11] = [
    "起始时间",
    "通话时间",
    "呼叫时间",
    "通信时间",
    "开始时间",
    "通话开始时间",
    "通话起始时间",
    "发生时间",
    "时间",
    "日期时间",
    "start time",
];
const FROM: [&str; 9] =
    ["对方号码", "对端号码", "对方电话", "通话号码", "对方号码/信息", "号码", "对方", "呼叫号码", "other party"];
const DIRECTION: [&str; 9] =
    ["通信方式", "呼叫类型", "通话方式", "主被叫", "通话类型", "呼叫方式", "主叫/被叫", "收发类型", "direction"];
const SECONDS: [&str; 6] = ["通信时长", "通话时长", "时长", "通话时长(秒)", "通话时长(秒)", "duration"];
const KIND: [&str; 4] = ["通信类型", "业务类型", "信息类型", "类型"];
/// Parts of words for what came in; a call that was passed on came in first.
const INCOMING: [&str; 14] = [
    "被叫", "接收", "接听", "收信", "呼入", "来电", "来话", "接入", "转移", "转接", "收", "incoming", "inbound",
    "received",
];
const OUTGOING: [&str; 15] = [
    "主叫", "发送", "发信", "拨打", "拨出", "呼出", "去电", "去话", "外呼", "上行", "发", "outgoing", "outbound",
    "dialled", "sent",
];
/// Whole words for the same.
const IN: [&str; 3] = ["in", "mt", "call in"];
const OUT: [&str; 4] = ["out", "mo", "call out", "dialed"];

/// One name of a column, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// A column map, as TOML has it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Map {
    at: Option<Names>,
    to: Option<Names>,
    from: Option<Names>,
    direction: Option<Names>,
    kind: Option<Names>,
    seconds: Option<Names>,
    incoming: Option<Names>,
    number: Option<String>,
    year: Option<i32>,
}

/// Where the columns of this bill stand.
struct Columns {
    at: usize,
    from: usize,
    direction: usize,
    to: Option<usize>,
    seconds: Option<usize>,
    kind: Option<usize>,
}

/// Which way a call went.
enum Way {
    In,
    /// Outgoing, or no call at all.
    OutOrTotal,
}

/// What the titles and the map say about the whole bill.
struct Bill {
    map: Map,
    target: Option<Number>,
    year: Option<i32>,
    titled_days: Vec<NaiveDate>,
}

/// Reads the incoming rows of a bill.
pub fn read<E: From<CallError>>(text: Text<'_>, intake: &mut Intake<'_, E>) -> Result<(), E> {
    let map: Map = match intake.how.map {
        Some(toml) => toml::from_str(toml).map_err(|source| CallError::Map { source })?,
        None => Map::default(),
    };
    let mut bill = Bill::new(map, intake.how)?;
    let mut table = Table::open(text)?;
    let mut columns: Option<Columns> = None;
    let mut rows = 0;
    while let Some(row) = table.next_row()? {
        rows += 1;
        if let Some((found, names)) = bill.columns(&row) {
            columns = Some(found);
            table.name_columns(names.iter().map(String::as_str));
            continue;
        }
        match &columns {
            Some(columns) => match bill.way(&row, columns)? {
                Way::In => {
                    let seen = bill.seen(&row, columns, intake.how)?;
                    intake.take(seen)?;
                }
                Way::OutOrTotal => intake.pass_over(),
            },
            None if rows > TITLE_ROWS_MAX => break,
            None => bill.read_title(&row, intake.how),
        }
    }
    match (columns, rows) {
        (Some(_), _) => Ok(()),
        (None, 0) => Err(CallError::Empty.into()),
        (None, _) => Err(CallError::NoColumn { column: "起始时间 / 对方号码 / 通信方式".to_string() }.into()),
    }
}

impl Names {
    fn list(names: Option<&Names>, usual: &[&str]) -> Vec<String> {
        match names {
            Some(Names::One(name)) => vec![name.clone()],
            Some(Names::Many(names)) => names.clone(),
            None => usual.iter().map(|name| name.to_string()).collect(),
        }
    }
}

impl Bill {
    fn new(map: Map, how: &Reading<'_>) -> Result<Bill, CallError> {
        let mapped = map.number.as_deref().map(|text| Number::parse(text, how.region));
        let mapped = mapped.transpose().map_err(|_| CallError::field(0, "number", Wrong::NotANumber))?;
        let year = how.year.or(map.year);
        Ok(Bill { map, target: how.target.clone().or(mapped), year, titled_days: Vec::new() })
    }

    /// Recognises the header.
    fn columns(&self, row: &Cells<'_>) -> Option<(Columns, Vec<String>)> {
        let names: Vec<String> = row.texts().map(|name| name.to_lowercase().replace(['\t', ' '], "")).collect();
        let place = |mapped: Option<&Names>, usual: &[&str]| {
            let wanted = Names::list(mapped, usual);
            let wanted = wanted.iter().map(|name| name.to_lowercase().replace(' ', ""));
            wanted.into_iter().find_map(|wanted| names.iter().position(|name| *name == wanted))
        };
        let columns = Columns {
            at: place(self.map.at.as_ref(), &AT)?,
            from: place(self.map.from.as_ref(), &FROM)?,
            direction: place(self.map.direction.as_ref(), &DIRECTION)?,
            to: self.map.to.as_ref().and_then(|to| place(Some(to), &[])),
            seconds: place(self.map.seconds.as_ref(), &SECONDS),
            kind: place(self.map.kind.as_ref(), &KIND),
        };
        Some((columns, names))
    }

    /// Learns from a title whose bill it is and which days it covers.
    fn read_title(&mut self, row: &Cells<'_>, how: &Reading<'_>) {
        let title: Vec<&str> = row.texts().collect();
        let title = title.join(" ");
        let names_owner = ["本机", "手机号", "用户号码", "电话号码", "业务号码", "客户号码", "查询号码"];
        if self.target.is_none() && names_owner.iter().any(|word| title.contains(word)) {
            self.target = numbers_in(&title, how.region).into_iter().next();
        }
        self.titled_days.extend(days_in(&title));
    }

    /// Tells which way a call went; a row of the table that bears no time is a total.
    fn way(&self, row: &Cells<'_>, columns: &Columns) -> Result<Way, CallError> {
        let Some(direction) = row.at(columns.direction).map(str::to_lowercase) else { return Ok(Way::OutOrTotal) };
        let has = |words: &[&str]| words.iter().any(|word| direction.contains(word));
        if let Some(incoming) = &self.map.incoming {
            let words = Names::list(Some(incoming), &[]);
            let is_in = words.iter().any(|word| direction.contains(&word.to_lowercase()));
            return Ok(if is_in { Way::In } else { Way::OutOrTotal });
        }
        if has(&INCOMING) || IN.contains(&direction.as_str()) {
            return Ok(Way::In);
        }
        let is_dated = row.at(columns.at).is_some_and(|at| at.chars().any(|c| c.is_ascii_digit()));
        match has(&OUTGOING) || OUT.contains(&direction.as_str()) || !is_dated {
            true => Ok(Way::OutOrTotal),
            false => Err(CallError::Direction { line: row.line }),
        }
    }

    fn seen<'t>(&self, row: &'t Cells<'_>, columns: &Columns, how: &Reading<'_>) -> Result<Seen<'t>, CallError> {
        let line = row.line;
        let to = match columns.to.and_then(|to| row.at(to)) {
            Some(text) => {
                Number::parse(bare(text), how.region).map_err(|_| CallError::field(line, "to", Wrong::NotANumber))?
            }
            None => self.target.clone().ok_or(CallError::NoTarget)?,
        };
        let stamp = row.at(columns.at).ok_or_else(|| CallError::field(line, "at", Wrong::Missing))?;
        let at = self.time(stamp).map_err(|wrong| CallError::field(line, "at", wrong))?;
        let texts = [columns.kind, Some(columns.direction)].map(|column| column.and_then(|column| row.at(column)));
        let is_message = texts.iter().flatten().any(|text| text.contains("短信") || text.contains("彩信"));
        let kind = if is_message || texts[1] == Some("接收") { ContactKind::Sms } else { ContactKind::Call };
        let length = columns.seconds.and_then(|column| row.at(column)).filter(|_| kind == ContactKind::Call);
        let seconds = length.map(times::seconds).transpose();
        let raw_hash = row.hash();
        let whole = [("row", hex::encode(raw_hash)), ("to", to.to_string()), ("at", rfc3339(&at))];
        let row_hash = pairs_hash(whole.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(Seen {
            line,
            to: To::Number(to),
            diverted_from: None,
            from: row.at(columns.from),
            at,
            kind,
            seconds: seconds.map_err(|wrong| CallError::field(line, "seconds", wrong))?,
            said: None,
            id: None,
            raw_hash,
            row: row_hash,
        })
    }

    /// Reads Beijing time, with or without its year.
    fn time(&self, text: &str) -> Result<DateTime<Utc>, Wrong> {
        let naive = match times::naive(text) {
            Some(naive) => naive,
            None => {
                let (day, hour) = text.split_once(' ').ok_or(Wrong::NotATime)?;
                let hour = times::hour_of(hour.trim()).ok_or(Wrong::NotATime)?;
                let parts: Vec<&str> =
                    day.trim_end_matches('日').split(['-', '/', '月', '.']).filter(|part| !part.is_empty()).collect();
                let &[month, day] = parts.as_slice() else {
                    return Err(Wrong::NotATime);
                };
                let [month, day] = [month, day].map(|part| part.parse::<u32>().map_err(|_| Wrong::NotATime));
                let (month, day) = (month?, day?);
                let year = self.year_of(month).ok_or(Wrong::NoYear)?;
                NaiveDate::from_ymd_opt(year, month, day).ok_or(Wrong::NotATime)?.and_time(hour)
            }
        };
        let beijing = FixedOffset::east_opt(BEIJING_SECONDS).and_then(|zone| zone.from_local_datetime(&naive).single());
        beijing.map(|at| at.with_timezone(&Utc)).ok_or(Wrong::NotATime)
    }

    /// Gives the year of a month: as told, or the one the titles cover (a bill spans six months at most,
    /// so over the turn of a year the later half of the months is the earlier year's).
    fn year_of(&self, month: u32) -> Option<i32> {
        if self.year.is_some() {
            return self.year;
        }
        let first = self.titled_days.iter().map(Datelike::year).min()?;
        let last = self.titled_days.iter().map(Datelike::year).max()?;
        match last - first {
            0 => Some(first),
            1 => Some(if month > 6 { first } else { last }),
            _ => None,
        }
    }
}

/// Finds days and months with their year in a title (`2026年11月`, `2026-11-01至2026-11-30`, `202611`).
fn days_in(title: &str) -> Vec<NaiveDate> {
    let numbers: Vec<(u32, usize)> = title
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty() && digits.len() <= 8)
        .filter_map(|digits| Some((digits.parse().ok()?, digits.len())))
        .collect();
    let day = |year: u32, month: u32| {
        let year = i32::try_from(year).ok().filter(|year| (2000..2100).contains(year))?;
        NaiveDate::from_ymd_opt(year, month, 1)
    };
    let joined = numbers.iter().filter_map(|(number, digits)| match digits {
        6 => day(number / 100, number % 100),
        8 => day(number / 10_000, number / 100 % 100),
        _ => None,
    });
    let apart = numbers.windows(2).filter(|pair| pair[0].1 == 4).filter_map(|pair| day(pair[0].0, pair[1].0));
    joined.chain(apart).collect()
}
