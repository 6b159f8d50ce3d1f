//! A map file: the operator's own word on what columns mean.
//!
//! TOML, one line a column: `phone = "联系电话"`, a heading, or `phone = 4`, the fourth column from the left.
//! A meaning that several columns may have (`other`, `phone2`) takes a list. What the file names is believed;
//! everything else is recognised as usual.

use super::heading;
use super::layout_error::LayoutError;
use super::meaning::Meaning;

/// Where a map file says a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointer {
    Heading(String),
    /// Counted from 1.
    Number(usize),
}

/// The columns a map file names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap {
    entries: Vec<(Meaning, Pointer)>,
}

impl ColumnMap {
    /// Makes a map that gives one column (from 0) its meaning.
    pub fn of(meaning: Meaning, column: usize) -> ColumnMap {
        ColumnMap { entries: vec![(meaning, Pointer::Number(column + 1))] }
    }

    /// Reads the text of a map file.
    pub fn parse(text: &str) -> Result<ColumnMap, LayoutError> {
        let table: toml::Table =
            toml::from_str(text).map_err(|cause| LayoutError::MapUnreadable { cause: Box::new(cause) })?;
        let mut entries = Vec::new();
        for (word, value) in table {
            let meaning: Meaning = word.parse().map_err(|_| LayoutError::NoSuchMeaning { word: word.clone() })?;
            let values = match value {
                toml::Value::Array(values) => values,
                single => vec![single],
            };
            for value in values {
                entries.push((meaning, pointer(meaning, value)?));
            }
        }
        Ok(ColumnMap { entries })
    }

    /// Finds the columns named among the headings: (index from 0, meaning).
    pub fn resolve(&self, names: &[String]) -> Result<Vec<(usize, Meaning)>, LayoutError> {
        let mut resolved: Vec<(usize, Meaning)> = Vec::new();
        for (meaning, pointer) in &self.entries {
            let at = find(names, pointer)?;
            if resolved.iter().any(|(taken, _)| *taken == at) {
                return Err(LayoutError::ColumnTwice { column: pointer.to_string() });
            }
            let repeats = matches!(meaning, Meaning::Other | Meaning::Phone2);
            if !repeats && resolved.iter().any(|(_, taken)| taken == meaning) {
                return Err(LayoutError::MeaningTwice { meaning: *meaning });
            }
            resolved.push((at, *meaning));
        }
        Ok(resolved)
    }
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pointer::Heading(heading) => f.write_str(heading),
            Pointer::Number(number) => write!(f, "{number}"),
        }
    }
}

fn pointer(meaning: Meaning, value: toml::Value) -> Result<Pointer, LayoutError> {
    let wrong = || LayoutError::MapValue { meaning };
    match value {
        toml::Value::String(heading) => Ok(Pointer::Heading(heading)),
        toml::Value::Integer(number) => match usize::try_from(number) {
            Ok(number) if number > 0 => Ok(Pointer::Number(number)),
            Ok(_) | Err(_) => Err(wrong()),
        },
        toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => Err(wrong()),
    }
}

fn find(names: &[String], pointer: &Pointer) -> Result<usize, LayoutError> {
    let missing = || LayoutError::NoSuchColumn { column: pointer.to_string(), names: names.to_vec() };
    let heading = match pointer {
        Pointer::Number(number) if *number <= names.len() => return Ok(number - 1),
        Pointer::Number(_) => return Err(missing()),
        Pointer::Heading(heading) => heading,
    };
    let matching = |same: &dyn Fn(&str) -> bool| {
        names.iter().enumerate().filter(|(_, name)| same(name)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let exact = matching(&|name| name.trim() == heading.trim());
    let found = if exact.is_empty() {
        let wanted = heading::folded(heading);
        matching(&|name| !wanted.is_empty() && heading::folded(name) == wanted)
    } else {
        exact
    };
    match found.as_slice() {
        [] => Err(missing()),
        [at] => Ok(*at),
        [_, _, ..] => Err(LayoutError::HeadingTwice { column: heading.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["姓名", "联系电话", "日期", "日期"].map(String::from).to_vec()
    }

    #[test]
    fn headings_and_numbers_point_at_columns() {
        let map = ColumnMap::parse("phone = \"联系 电话\"\nname = 1\nother = [3, 4]").expect("a map");
        let mut resolved = map.resolve(&names()).expect("columns");
        resolved.sort_unstable();
        assert_eq!(resolved, [(0, Meaning::Name), (1, Meaning::Phone), (2, Meaning::Other), (3, Meaning::Other)]);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let refused = |text: &str| ColumnMap::parse(text).and_then(|map| map.resolve(&names())).err();
        assert!(matches!(refused("telephone = 1"), Some(LayoutError::NoSuchMeaning { .. })));
        assert!(matches!(refused("phone = \"电邮\""), Some(LayoutError::NoSuchColumn { .. })));
        assert!(matches!(refused("phone = 5"), Some(LayoutError::NoSuchColumn { .. })));
        assert!(matches!(refused("phone = 0"), Some(LayoutError::MapValue { .. })));
        assert!(matches!(refused("phone = true"), Some(LayoutError::MapValue { .. })));
        assert!(matches!(refused("phone = 1\nname = 1"), Some(LayoutError::ColumnTwice { .. })));
        assert!(matches!(refused("phone = [1, 2]"), Some(LayoutError::MeaningTwice { .. })));
        assert!(matches!(refused("birth_date = \"日期\""), Some(LayoutError::HeadingTwice { .. })));
        assert!(matches!(refused("phone ="), Some(LayoutError::MapUnreadable { .. })));
    }
}
