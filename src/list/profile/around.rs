//! What stands around the values of a column: blanks, tabs, and a width that all its cells are filled up to.
//!
//! A width may be counted in characters, in places on a screen or in bytes: the list's own cells tell which.

use std::collections::HashMap;

/// Share of the filled cells that must keep a width.
const KEPT_MIN: f64 = 0.97;

/// How a column's cells stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    width: Option<Width>,
    /// What most filled cells have in front of their value and behind it.
    usual: (String, String),
    /// How most cells without a value are written.
    blank: String,
}

/// The width of a column that is filled up with blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Width {
    measure: Measure,
    size: usize,
    side: Side,
    /// Whether some cell is wider.
    overflows: bool,
}

/// What a width counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// Places on a screen: a Chinese sign takes two.
    Places,
    Characters,
    Bytes,
}

/// Where blanks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

impl Measure {
    fn of(self, text: &str) -> usize {
        match self {
            // GBK has one byte for a narrow sign and two for a wide one.
            Measure::Places if text.is_ascii() => text.len(),
            Measure::Places => encoding_rs::GBK.encode(text).0.len(),
            Measure::Characters => text.chars().count(),
            Measure::Bytes => text.len(),
        }
    }
}

impl Around {
    /// Learns from the cells of a column as they stand, untrimmed.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Around {
        let cells: Vec<&str> = cells.collect();
        let (filled, empty): (Vec<&str>, Vec<&str>) = cells.into_iter().partition(|cell| !cell.trim().is_empty());
        if filled.iter().chain(&empty).all(|cell| cell.trim().len() == cell.len()) {
            return Around::default();
        }
        let width = width(&filled);
        let usual = most(filled.iter().map(|cell| parted(cell)));
        let blank = most(empty.iter().copied()).map(str::to_string);
        let to_width = || width.map_or_else(String::new, |width| " ".repeat(width.size));
        Around {
            blank: blank.unwrap_or_else(to_width),
            usual: usual.map_or_else(Default::default, |(before, behind)| (before.to_string(), behind.to_string())),
            width,
        }
    }

    /// Gives a value what stands around that of another cell, or fills it up to the column's width.
    ///
    /// None where the value is wider than any of the column.
    pub fn dressed(&self, value: &str, like: &str) -> Option<String> {
        let bare = value.trim();
        if bare.is_empty() {
            let is_blank = like.trim().is_empty() && !like.is_empty();
            return Some(if is_blank { like } else { &self.blank }.to_string());
        }
        if let Some(width) = self.width {
            let missing = width.size.checked_sub(width.measure.of(bare));
            let blanks = " ".repeat(missing.or(width.overflows.then_some(0))?);
            return Some(match width.side {
                Side::Before => format!("{blanks}{bare}"),
                Side::Behind => format!("{bare}{blanks}"),
            });
        }
        if bare.len() != value.len() {
            return Some(value.to_string());
        }
        let (before, behind) = match like.trim().is_empty() {
            true => (self.usual.0.as_str(), self.usual.1.as_str()),
            false => parted(like),
        };
        Some(format!("{before}{bare}{behind}"))
    }
}

/// Gives what stands in front of a cell's value and behind it.
fn parted(cell: &str) -> (&str, &str) {
    let (start, end) = (cell.len() - cell.trim_start().len(), cell.trim_end().len());
    (&cell[..start], &cell[end..])
}

fn most<T: Eq + Ord + Copy + std::hash::Hash>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    counts.into_iter().max_by_key(|(one, count)| (*count, *one)).map(|(one, _)| one)
}

/// Finds the width that the cells are filled up to with blanks; nothing where the blanks go with no width.
fn width(filled: &[&str]) -> Option<Width> {
    let is_padded = |cell: &&&str| cell.trim().len() != cell.len();
    let padded: Vec<&str> = filled.iter().filter(is_padded).copied().collect();
    let sides = padded.iter().map(|cell| match parted(cell) {
        ("", behind) if behind.bytes().all(|b| b == b' ') => Some(Side::Behind),
        (before, "") if before.bytes().all(|b| b == b' ') => Some(Side::Before),
        (_, _) => None,
    });
    let sides: Vec<Side> = sides.collect::<Option<_>>()?;
    let side = *sides.first().filter(|first| sides.iter().all(|side| side == *first))?;
    let kept = |count: usize, all: usize| count as f64 >= KEPT_MIN * all as f64;
    [Measure::Places, Measure::Characters, Measure::Bytes].into_iter().find_map(|measure| {
        let size = most(padded.iter().map(|cell| measure.of(cell)))?;
        let full = filled.iter().filter(|cell| measure.of(cell) >= size).count();
        let same = padded.iter().filter(|cell| measure.of(cell) == size).count();
        let mut values = padded.iter().map(|cell| measure.of(cell.trim()));
        let first = values.next()?;
        let is_width = kept(full, filled.len()) && kept(same, padded.len()) && values.any(|value| value != first);
        let overflows = filled.iter().any(|cell| measure.of(cell) > size);
        is_width.then_some(Width { measure, size, side, overflows })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dressed(cells: &[&str], value: &str, like: &str) -> Option<String> {
        Around::of(cells.iter().copied()).dressed(value, like)
    }

    #[test]
    fn a_value_stands_as_the_one_it_is_made_like() {
        for (like, expected) in
            [("张三\t", "王小五\t"), (" 张三", " 王小五"), ("\u{3000}张三 ", "\u{3000}王小五 "), ("张三", "王小五")]
        {
            assert_eq!(dressed(&[like, like, "李小四\t"], "王小五", like).as_deref(), Some(expected));
        }
        assert_eq!(dressed(&["张三\t", "李四\t", ""], "王五", "").as_deref(), Some("王五\t"));
        assert_eq!(dressed(&["张三", " ", " "], "", "").as_deref(), Some(" "));
        assert_eq!(dressed(&["张三", " ", "\t"], "", "\t").as_deref(), Some("\t"));
        assert_eq!(dressed(&["张三", ""], "", "").as_deref(), Some(""));
    }

    #[test]
    fn a_column_of_one_width_is_filled_up_as_the_list_counts() {
        let padded = |names: [&'static str; 3], size: usize, measure: Measure| {
            names.map(|name| format!("{name}{}", " ".repeat(size - measure.of(name))))
        };
        for measure in [Measure::Places, Measure::Characters, Measure::Bytes] {
            let cells = padded(["张三", "李小四", "欧阳小五"], 14, measure);
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let written = dressed(&cells, "王五", cells[1]).expect("a value that fits");
            assert_eq!((measure.of(&written), written.trim()), (14, "王五"), "{measure:?}");
            assert_eq!(dressed(&cells, &"王".repeat(15), cells[1]), None, "wider than any");
        }
        let right = dressed(&["   7", "  12", " 100", "1000"], "85", "   7");
        assert_eq!(right.as_deref(), Some("  85"));
        assert_eq!(dressed(&["7   ", "12  ", "100 ", "10000"], "200000", "7   ").as_deref(), Some("200000"));
    }
}
