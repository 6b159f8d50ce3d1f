//! A stream of JSON objects: one per line, one after the other, or in an array; one at a time in memory.

use std::io::{BufRead, BufReader};

use super::error::CallError;
use super::text::{Spent, Text};

/// Cuts a text into its objects.
pub struct Objects<'a> {
    text: BufReader<Text<'a>>,
    spent: Spent,
    line: u64,
}

/// One object with the line it begins on and its text.
pub struct Object {
    pub line: u64,
    pub bytes: Vec<u8>,
    pub value: serde_json::Value,
}

impl<'a> Objects<'a> {
    /// Reads objects from a text.
    pub fn new(text: Text<'a>) -> Objects<'a> {
        Objects { spent: text.spent(), text: BufReader::new(text), line: 1 }
    }

    /// Reads the next object; `None` at the end.
    pub fn next_object(&mut self) -> Result<Option<Object>, CallError> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut begun_on = self.line;
        let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
        loop {
            let ready = self.text.fill_buf().map_err(CallError::reading)?;
            if ready.is_empty() {
                return if bytes.is_empty() { Ok(None) } else { Err(CallError::CutOff { line: begun_on }) };
            }
            let mut used = 0;
            let mut complete = false;
            for byte in ready {
                used += 1;
                self.line += u64::from(*byte == b'\n');
                match *byte {
                    b'{' if !in_string => {
                        if depth == 0 {
                            begun_on = self.line;
                        }
                        depth += 1;
                    }
                    b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' if depth == 0 => continue,
                    _ if depth == 0 => return Err(CallError::Stray { line: self.line }),
                    b'}' if !in_string => depth -= 1,
                    b'"' if !escaped => in_string = !in_string,
                    _ => {}
                }
                escaped = in_string && *byte == b'\\' && !escaped;
                bytes.push(*byte);
                if depth == 0 {
                    complete = true;
                    break;
                }
            }
            self.text.consume(used);
            if complete {
                self.spent.record_ends();
                let value = serde_json::from_slice(&bytes);
                let value = value.map_err(|source| CallError::NotJson { line: begun_on, source })?;
                return Ok(Some(Object { line: begun_on, bytes, value }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut text: &[u8]) -> Result<Vec<u64>, CallError> {
        let mut objects = Objects::new(Text::new(&mut text));
        let mut lines = Vec::new();
        while let Some(object) = objects.next_object()? {
            lines.push(object.line);
        }
        Ok(lines)
    }

    #[test]
    fn lines_arrays_and_runs_of_objects_are_read_alike() {
        assert_eq!(lines(b"{\"a\":1}\n{\"a\":\"}\\\"{\"}\n").ok(), Some(vec![1, 2]));
        assert_eq!(lines(b"[{\"a\":{\"b\":1}},\n{\"a\":2}]").ok(), Some(vec![1, 2]));
        assert_eq!(lines(b"{}{}\n\n{\n}").ok(), Some(vec![1, 1, 3]));
    }

    #[test]
    fn broken_objects_name_their_line() {
        assert!(matches!(lines(b"{}\n{\"a\":"), Err(CallError::CutOff { line: 2 })));
        assert!(matches!(lines(b"{}\n{a}"), Err(CallError::NotJson { line: 2, .. })));
        assert!(matches!(lines(b"{}\nabc"), Err(CallError::Stray { line: 2 })));
    }
}
