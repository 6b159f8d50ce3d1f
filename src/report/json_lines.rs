//! Reads a JSON document that has one value a line, as `verify.sh` reads it with awk.
//!
//! A name that stands twice, two values on a line, or another indentation is refused: of what is taken here, every reader of
//! JSON reads the same.

use std::collections::BTreeSet;

use super::spelling::{FIELD, VALUE};

/// The values by their paths (`finding.named.0`), in order and as they stand, strings in quotes.
pub(super) type Values<'d> = Vec<(String, &'d [u8])>;

/// An object or list that is not closed yet.
struct Open {
    close: u8,
    prefix: String,
    next: usize,
}

/// Reads the document; nothing, if it is laid out otherwise.
pub(super) fn flat(document: &[u8]) -> Option<Values<'_>> {
    let lines = document.strip_suffix(b"\n").unwrap_or(document).split(|byte| *byte == b'\n');
    let (mut open, mut seen, mut values): (Vec<Open>, BTreeSet<String>, Values<'_>) = Default::default();
    let mut is_done = false;
    for line in lines {
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        let rest = &line[indent..];
        let is_close = matches!(rest, b"]" | b"}" | b"]," | b"},");
        let depth = open.len().checked_sub(usize::from(is_close))?;
        if is_done || indent != 2 * depth {
            return None;
        }
        if is_close {
            let closed = open.pop()?;
            if rest[0] != closed.close {
                return None;
            }
            is_done = open.is_empty();
            continue;
        }
        let (path, rest) = match open.last_mut() {
            Some(inner) => named(inner, rest)?,
            None => (String::new(), rest),
        };
        let prefix = if open.is_empty() { String::new() } else { format!("{path}.") };
        if !seen.insert(path.clone()) {
            return None;
        }
        match rest {
            b"{" => open.push(Open { close: b'}', prefix, next: 0 }),
            b"[" => open.push(Open { close: b']', prefix, next: 0 }),
            value if !open.is_empty() && VALUE.is_line(value) => {
                values.push((path, value.strip_suffix(b",").unwrap_or(value)));
            }
            _ => return None,
        }
    }
    is_done.then_some(values)
}

/// Gives the path of the next value in an object or list, and what follows its name.
fn named<'d>(inner: &mut Open, line: &'d [u8]) -> Option<(String, &'d [u8])> {
    let at = inner.next;
    inner.next += 1;
    if inner.close == b']' {
        return Some((format!("{}{at}", inner.prefix), line));
    }
    let end = line.windows(3).position(|part| part == b"\": ").filter(|_| FIELD.is_line(line))?;
    Some((format!("{}{}", inner.prefix, String::from_utf8_lossy(&line[1..end])), &line[end + 3..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(String, String)>> {
        let values = flat(text.as_bytes())?.into_iter();
        Some(values.map(|(path, value)| (path, String::from_utf8(value.to_vec()).expect("UTF-8"))).collect())
    }

    #[test]
    fn values_are_read_by_their_paths() {
        let document = serde_json::json!({
            "a": [1, {"b": "x, \"y\"", "c": null}, []], "d": {}, "e": true, "f": {"g": 2e-37}
        });
        let found = read(&format!("{document:#}\n"));
        let told = [
            ("a.0", "1"),
            ("a.1.b", "\"x, \\\"y\\\"\""),
            ("a.1.c", "null"),
            ("a.2", "[]"),
            ("d", "{}"),
            ("e", "true"),
            ("f.g", "2e-37"),
        ];
        assert_eq!(found, Some(told.iter().map(|(path, value)| (path.to_string(), value.to_string())).collect()));
    }

    #[test]
    fn what_readers_could_read_differently_is_refused() {
        for bad in [
            "",
            "{}",
            "{\n  \"a\": 1,\n  \"a\": 2\n}",
            "{\n  \"a\": 1, \"b\": 2\n}",
            "{\n \"a\": 1\n}",
            "{\n  \"a\": 1\n}\n{\n}",
            "{\n  \"a\\u0062\": 1\n}",
            "{\n  \"a\": \"x\n}",
            "{\n  \"a\": 1\n]",
            "{\n  \"a\": 1\n",
            "{\n  \"a\": 1\n}\n\n",
            "{\r\n}",
            "{\n\t\"a\": 1\n}",
            "{\n  \"a\":1\n}",
            "{\n  1\n}",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read("{\n}"), Some(Vec::new()));
    }
}
