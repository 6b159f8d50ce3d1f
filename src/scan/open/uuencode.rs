//! Files that old mail programs put into the text of a message (`begin 644 list.csv`), as `uuencode` writes them.
//!
//! A body that is cut short gives what is there. Format as in POSIX, `uuencode`, "Historical Algorithm".

/// Bytes of a line at most: its length, and four characters for every three bytes.
const LINE_BYTES_MAX: usize = 45;

/// Gives the files in a text, with their names.
pub(super) fn attachments(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    while let Some(line) = lines.next() {
        let Some(name) = name(line) else { continue };
        let mut bytes = Vec::new();
        let body = lines.by_ref().take_while(|line| *line != b"end");
        body.map_while(decoded).for_each(|line| bytes.extend(line));
        if !bytes.is_empty() {
            found.push((name, bytes));
        }
    }
    found
}

/// Reads the name in a first line: three or four octal digits before it say who may read the file.
fn name(line: &[u8]) -> Option<String> {
    let (mode, name) = std::str::from_utf8(line.strip_prefix(b"begin ")?).ok()?.split_once(' ')?;
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    is_mode.then(|| name.to_string())
}

/// Decodes a line; nothing where it is none of such a body.
fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    let value = |byte: &u8| byte.checked_sub(b' ').filter(|value| *value <= 64).map(|value| value & 63);
    let (first, rest) = line.split_first()?;
    let length = usize::from(value(first)?);
    if length > LINE_BYTES_MAX {
        return None;
    }
    // Blanks at the end, which stand for zeros, get lost on the way.
    let mut values: Vec<u8> = rest.iter().map(value).collect::<Option<_>>()?;
    values.resize(values.len().max(length.div_ceil(3) * 4), 0);
    let mut bytes = Vec::with_capacity(length + 2);
    for four in values.chunks_exact(4) {
        bytes.extend([four[0] << 2 | four[1] >> 4, four[1] << 4 | four[2] >> 2, four[2] << 6 | four[3]]);
    }
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_a_text_is_read_with_its_name_and_others_are_not() {
        let text =
            b"hello\nbegin 644 a b.csv\r\n#0V%T\r\n`\r\nend\nbegin the day\n#0V%T\nbegin 0755 x\n%,3,X,# \nend\n";
        let found = attachments(text);
        assert_eq!(found, [("a b.csv".to_string(), b"Cat".to_vec()), ("x".to_string(), b"13800".to_vec())]);
        assert_eq!(attachments(b"begin 644 x\nthis is a letter, in which nothing is encoded at all\n"), []);
        assert_eq!(attachments(b"begin 644 x\n#0V%T"), [("x".to_string(), b"Cat".to_vec())]);
    }
}
