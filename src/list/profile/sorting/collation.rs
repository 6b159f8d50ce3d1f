//! Ways in which programs sort cells: by code, as a spreadsheet, as a Chinese dictionary, as numbers, as moments.
//!
//! A cell becomes bytes that compare as the program would compare the cells. One list may be sorted in several of these ways
//! at once, because none of its cells tells them apart.

use std::sync::LazyLock;

use encoding_rs::GB18030;
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::locale;

use crate::list::contents::unguarded;
use crate::list::digits;
use crate::list::moment::{self, Reading};

/// How cells are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    /// As moments.
    Moment(Reading),
    /// As one number, with decimals or without.
    Decimal,
    /// As the national digits of their first phone.
    Phone,
    /// By the code of each character.
    Code,
    /// The same, capitals as small letters.
    Folded,
    /// Runs of digits within a text as whole numbers.
    Natural,
    /// By their bytes in GB 18030: first the common characters by sound, then the rare ones by radical.
    Gb18030,
    /// By sound, as the Unicode tables for Chinese say (CLDR `zh-u-co-pinyin`).
    Pinyin,
    /// By strokes (CLDR `zh-u-co-stroke`).
    Strokes,
}

/// Fewest digits of a phone.
const PHONE_DIGITS_MIN: usize = 7;

/// An order of Unicode; nothing where the program was built without it, and then no list is sorted so.
type Table = Option<CollatorBorrowed<'static>>;

static PINYIN: LazyLock<Table> = LazyLock::new(|| table(locale!("zh-u-co-pinyin").into()));

static STROKES: LazyLock<Table> = LazyLock::new(|| table(locale!("zh-u-co-stroke").into()));

impl Collation {
    /// Lists the ways in which a column of dates may be sorted by, most special first.
    pub fn all(reading: Reading) -> [Collation; 9] {
        [
            Collation::Moment(reading),
            Collation::Decimal,
            Collation::Phone,
            Collation::Code,
            Collation::Folded,
            Collation::Natural,
            Collation::Gb18030,
            Collation::Pinyin,
            Collation::Strokes,
        ]
    }

    /// Gives the bytes that stand for a cell; nothing for an empty cell, or one that cannot be read so.
    pub fn key(self, cell: &str) -> Option<Vec<u8>> {
        let cell = unguarded(cell);
        if cell.is_empty() {
            return None;
        }
        match self {
            Collation::Moment(reading) => {
                moment::parse(cell, reading).map(|(moment, _)| rising(moment.seconds()).to_vec())
            }
            Collation::Decimal => cell.parse().ok().filter(|number: &f64| number.is_finite()).map(decimal),
            Collation::Phone => {
                let group = digits::groups(cell).into_iter().next().filter(|group| group.digits >= PHONE_DIGITS_MIN)?;
                digits::national_forms(group).next().map(|digits| digits.to_be_bytes().to_vec())
            }
            Collation::Code => Some(cell.as_bytes().to_vec()),
            Collation::Folded => Some(cell.to_lowercase().into_bytes()),
            Collation::Natural => Some(natural(cell)),
            Collation::Gb18030 => Some(GB18030.encode(cell).0.into_owned()),
            Collation::Pinyin => by_table(&PINYIN, cell),
            Collation::Strokes => by_table(&STROKES, cell),
        }
    }
}

fn table(wanted: CollatorPreferences) -> Table {
    Collator::try_new(wanted, CollatorOptions::default()).ok()
}

fn by_table(table: &Table, cell: &str) -> Option<Vec<u8>> {
    let table = table.as_ref()?;
    let mut key = Vec::new();
    let Ok(()) = table.write_sort_key_to(cell, &mut key);
    Some(key)
}

/// Gives bytes that compare as whole numbers do, negative ones included.
pub fn rising(number: i64) -> [u8; 8] {
    (number ^ i64::MIN).to_be_bytes()
}

fn decimal(number: f64) -> Vec<u8> {
    let bits = number.to_bits();
    let flipped = if number.is_sign_negative() { !bits } else { bits | 1 << 63 };
    flipped.to_be_bytes().to_vec()
}

/// Writes runs of digits so that a longer one is behind a shorter one.
fn natural(cell: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(cell.len() + 8);
    let mut rest = cell;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number = rest[..end].trim_start_matches('0');
            key.extend([b'0', u8::try_from(number.len()).unwrap_or(u8::MAX)]);
            key.extend(number.bytes());
            rest = &rest[end..];
        } else {
            let (head, tail) = rest.split_at(first.len_utf8());
            key.extend(head.bytes());
            rest = tail;
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::moment::DayOrder;

    fn sorted(collation: Collation, cells: &[&str]) -> Vec<String> {
        let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_string()).collect();
        cells.sort_by_key(|cell| collation.key(cell));
        cells
    }

    #[test]
    fn each_way_sorts_as_its_programs_do() {
        let names = ["张伟", "阿娟", "王芳", "一丁", "丁一"];
        assert_eq!(sorted(Collation::Pinyin, &names), ["阿娟", "丁一", "王芳", "一丁", "张伟"]);
        assert_eq!(sorted(Collation::Gb18030, &names), ["阿娟", "丁一", "王芳", "一丁", "张伟"]);
        assert_eq!(sorted(Collation::Strokes, &names), ["一丁", "丁一", "王芳", "张伟", "阿娟"]);
        assert_eq!(sorted(Collation::Code, &names), ["一丁", "丁一", "张伟", "王芳", "阿娟"]);
        assert_eq!(sorted(Collation::Folded, &["Zoe", "amy", "Ben"]), ["amy", "Ben", "Zoe"]);
        assert_eq!(sorted(Collation::Natural, &["10栋2室", "9栋11室", "9栋2室"]), ["9栋2室", "9栋11室", "10栋2室"]);
        assert_eq!(sorted(Collation::Decimal, &["3200", "-1.5", "990", "0"]), ["-1.5", "0", "990", "3200"]);
        assert_eq!(
            sorted(Collation::Phone, &["139-0013-8000", "+86 13800138000", "=\"15000138000\""]),
            ["+86 13800138000", "139-0013-8000", "=\"15000138000\""]
        );
        let reading = Reading { order: DayOrder::DayFirst, year: 2026 };
        assert_eq!(
            sorted(Collation::Moment(reading), &["1990/11/2", "1990/2/11", "1989/12/31"]),
            ["1989/12/31", "1990/2/11", "1990/11/2"]
        );
    }
}
