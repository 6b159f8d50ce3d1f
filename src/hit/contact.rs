//! A contact: somebody called, wrote to or visited a number.
//!
//! A withheld caller is `None`, never a text such as `anonymous`; a caller whose number is not valid
//! (an extension, a masked number of a bill) is kept as the text it came in.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use serde::{Serialize, Serializer};

use crate::lang::{Pair, Speak};
use crate::phone::{Number, Region};

/// Longest text of a caller that is kept, in characters.
const CALLER_CHARS_MAX: usize = 64;

/// Words that stand where a withheld caller's number would.
const WITHHELD: [&str; 31] = [
    "anonymous",
    "withheld",
    "private",
    "restricted",
    "unknown",
    "unavailable",
    "blocked",
    "none",
    "null",
    "<null>",
    "asserted",
    "<unknown>",
    "-",
    "匿名",
    "未知",
    "未知号码",
    "隐藏",
    "隐藏号码",
    "无",
    "无号码",
    "无来电显示",
    "未显示",
    "不显示",
    "保密",
    "保密号码",
    "私人号码",
    "no number",
    "no caller id",
    "caller id blocked",
    "not available",
    "n/a",
];

/// How somebody got in touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    Call,
    Sms,
    Visit,
    /// The number stood in a list that was seized; nobody reached it.
    List,
}

/// Who got in touch: a valid number, or the text that stood in its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Caller {
    Number(Number),
    Text(String),
}

/// One contact to one number; `seconds` is the time talked, `said` free text in Chinese or English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub to: Number,
    pub from: Option<Caller>,
    pub at: DateTime<Utc>,
    pub kind: ContactKind,
    pub seconds: Option<u32>,
    pub said: Option<String>,
}

/// Why a word is not a kind of contact.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{word}` is not a kind of contact")]
pub struct NoSuchKind {
    word: String,
}

/// Why a text that somebody typed is no caller.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is neither a caller's number nor a word for a withheld one")]
pub struct NotACaller {
    text: String,
}

impl Speak for NotACaller {
    fn zh(&self) -> String {
        format!("`{}` 既不是来电号码，也不是表示号码被隐藏的词", self.text)
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new(
            "write the number as the telephone showed it (`0755-8888 6666`, `138****8000`), or `anonymous` if it showed none",
            "请照电话显示的写（`0755-8888 6666`、`138****8000`）；没有显示号码时写 `匿名`",
        ))
    }
}

impl Speak for NoSuchKind {
    fn zh(&self) -> String {
        format!("没有 `{}` 这种联系方式", self.word)
    }

    fn hint(&self) -> Option<Pair> {
        Some(Pair::new("kinds are call, sms, visit", "类型有 call、sms、visit"))
    }
}

impl ContactKind {
    /// All kinds in which somebody gets in touch, in the order help texts show them.
    pub const ALL: [ContactKind; 3] = [ContactKind::Call, ContactKind::Sms, ContactKind::Visit];

    /// Gives the word used on the command line and in files.
    pub fn word(self) -> &'static str {
        match self {
            ContactKind::Call => "call",
            ContactKind::Sms => "sms",
            ContactKind::Visit => "visit",
            ContactKind::List => "list",
        }
    }

    /// Takes back a word that the ledger kept: a seized list is no kind that anybody types.
    pub fn from_kept(word: &str) -> Result<ContactKind, NoSuchKind> {
        if word == ContactKind::List.word() { Ok(ContactKind::List) } else { word.parse() }
    }

    fn words_too(self) -> &'static [&'static str] {
        match self {
            ContactKind::Call => &["voice", "电话", "来电", "语音", "通话"],
            ContactKind::Sms => &["mms", "message", "短信", "彩信"],
            ContactKind::Visit => &["上门", "来访", "拜访"],
            ContactKind::List => &[],
        }
    }
}

impl FromStr for ContactKind {
    type Err = NoSuchKind;

    fn from_str(word: &str) -> Result<ContactKind, NoSuchKind> {
        if let Some(kind) = ContactKind::ALL.into_iter().find(|kind| kind.word() == word) {
            return Ok(kind);
        }
        let asked = word.trim().to_lowercase();
        ContactKind::ALL
            .into_iter()
            .find(|kind| kind.word() == asked || kind.words_too().contains(&asked.as_str()))
            .ok_or_else(|| NoSuchKind { word: word.chars().take(CALLER_CHARS_MAX).collect() })
    }
}

impl Caller {
    /// Reads a caller in any spelling; nothing, or a word for "withheld", is `None`.
    pub fn read(text: &str, region: Region) -> Option<Caller> {
        let bare = bare(text);
        let lower = bare.to_lowercase();
        if bare.is_empty() || WITHHELD.contains(&lower.as_str()) || lower.starts_with("anonymous") {
            return None;
        }
        match Number::parse(bare, region) {
            Ok(number) => Some(Caller::Number(number)),
            Err(_) => Some(Caller::Text(bare.chars().take(CALLER_CHARS_MAX).collect())),
        }
    }

    /// Reads what somebody typed as [`Caller::read`] does; a text of letters, or of too few digits, is an error.
    pub fn typed(text: &str, region: Region) -> Result<Option<Caller>, NotACaller> {
        const DIGITS_MIN: usize = 3;
        let caller = Caller::read(text, region);
        if let Some(Caller::Text(kept)) = &caller {
            let digits = kept.chars().filter(|c| c.is_numeric()).count();
            if digits < DIGITS_MIN || kept.chars().any(|c| c.is_alphabetic() && !matches!(c, 'x' | 'X')) {
                return Err(NotACaller { text: kept.clone() });
            }
        }
        Ok(caller)
    }

    /// Takes back a text that the ledger kept.
    pub fn from_kept(text: &str) -> Caller {
        match Number::from_e164(text) {
            Ok(number) => Caller::Number(number),
            Err(_) => Caller::Text(text.to_string()),
        }
    }

    /// Gives the E.164 number, or the text.
    pub fn as_str(&self) -> &str {
        match self {
            Caller::Number(number) => number.as_str(),
            Caller::Text(text) => text,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Caller {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Cuts `"Studio" <sip:+86138…;npdi@host;user=phone>` down to the user part `+86138…`.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside = match (text.rfind('<'), text.rfind('>')) {
        (Some(open), Some(close)) if open + 1 < close && text != "<null>" && text != "<unknown>" => {
            &text[open + 1..close]
        }
        _ => text,
    };
    let lower = inside.to_ascii_lowercase();
    let scheme = ["sips:", "sip:", "tel:"].into_iter().find(|scheme| lower.starts_with(scheme));
    let user = scheme.map_or(inside, |scheme| &inside[scheme.len()..]);
    user.split(['@', ';']).next().unwrap_or(user).trim()
}

/// Writes a time as the interface does: RFC 3339 in UTC with a `Z`.
pub fn rfc3339(at: &DateTime<Utc>) -> String {
    match whole_seconds(at) {
        Some(text) => String::from_utf8_lossy(&text).into_owned(),
        None => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    }
}

/// Writes a time of whole seconds, as most are, without a text of its own: a million of them are written at a time.
fn whole_seconds(at: &DateTime<Utc>) -> Option<[u8; 20]> {
    let year = u32::try_from(at.year()).ok().filter(|year| *year <= 9999 && at.timestamp_subsec_nanos() == 0)?;
    let mut text = *b"0000-00-00T00:00:00Z";
    let day = [(0, year / 100), (2, year % 100), (5, at.month()), (8, at.day())];
    let clock = [(11, at.hour()), (14, at.minute()), (17, at.second())];
    for (place, value) in day.into_iter().chain(clock) {
        text[place] += (value / 10) as u8;
        text[place + 1] += (value % 10) as u8;
    }
    Some(text)
}

/// A time that is written as [`rfc3339`] does.
pub(super) struct Shown<'t>(pub &'t DateTime<Utc>);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match whole_seconds(self.0).as_ref().map(|text| std::str::from_utf8(text)) {
            Some(Ok(text)) => serializer.serialize_str(text),
            Some(Err(_)) | None => serializer.serialize_str(&rfc3339(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(text: &str) -> Option<String> {
        Caller::read(text, Region::default()).map(|caller| caller.to_string())
    }

    #[test]
    fn a_caller_is_read_from_any_header() {
        for text in [
            "+8613800138000",
            "013800138000",
            "tel:+8613800138000",
            "<tel:+8613800138000>",
            "\"Studio\" <sip:+8613800138000@192.0.2.1;user=phone>",
            "sip:+8613800138000;npdi;rn=+8613900139000@example.org",
            "\"张三\" <13800138000>",
        ] {
            assert_eq!(caller(text).as_deref(), Some("+8613800138000"), "{text}");
        }
    }

    #[test]
    fn withheld_is_nobody_and_an_extension_is_its_text() {
        for text in ["", " ", "anonymous", "sip:anonymous@anonymous.invalid", "<null>", "Restricted", "未知", "-"] {
            assert_eq!(caller(text), None, "{text}");
        }
        assert_eq!(caller("138****8000").as_deref(), Some("138****8000"));
        assert_eq!(caller("8001").as_deref(), Some("8001"));
    }

    #[test]
    fn what_is_typed_is_a_number_or_a_word_for_none() {
        for text in ["13800138000", "138****8000", "8001", "0755-8888 6666", "1380013xxxx", "10086"] {
            assert!(matches!(Caller::typed(text, Region::default()), Ok(Some(_))), "{text}");
        }
        for text in ["", "匿名", "Anonymous", "无号码", "private", "blocked", "未知", "No Caller ID"] {
            assert_eq!(Caller::typed(text, Region::default()), Ok(None), "{text}");
        }
        for text in ["abc", "张三", "12", "tel:abc", "hospital 12345"] {
            assert!(Caller::typed(text, Region::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_is_written_as_chrono_writes_it() {
        let seconds = [0, 951_826_154, 1_795_000_000, -86_401, -62_167_219_200, 253_402_300_799, 253_402_300_800];
        for at in seconds.into_iter().flat_map(|seconds| [(seconds, 0), (seconds, 500_000_000)]) {
            let at = DateTime::<Utc>::from_timestamp(at.0, at.1).expect("a test time");
            assert_eq!(rfc3339(&at), at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        }
    }

    #[test]
    fn kinds_are_read_in_both_languages() {
        assert_eq!("SMS".parse(), Ok(ContactKind::Sms));
        assert_eq!("来电".parse(), Ok(ContactKind::Call));
        assert!("fax".parse::<ContactKind>().is_err());
    }

    #[test]
    fn a_list_is_a_kind_that_the_ledger_keeps_and_nobody_types() {
        assert_eq!(ContactKind::from_kept("list"), Ok(ContactKind::List));
        assert!("list".parse::<ContactKind>().is_err() && ContactKind::from_kept("fax").is_err());
    }
}
