//! Texts that SQL dumps write in hexadecimal: `0x3133…` (MySQL, SQL Server) and `X'3133…'` (the standard).
//!
//! Only those are read that can be a phone number by their first digit and their length: dumps are full of others.

use std::ops::Range;

/// Characters before the text's first.
const BEGIN_CHARS: usize = 2;
/// Characters of a text that may be a number.
const TEXT_CHARS: std::ops::RangeInclusive<usize> = 8..=24;

/// Hands each literal that begins in `range`, as told by its letter, to `see`, with the text it stands for.
pub(super) fn each_literal(bytes: &[u8], range: Range<usize>, mut see: impl FnMut(Range<usize>, &[u8])) {
    let mut text = Vec::new();
    for found in memchr::memchr2_iter(b'x', b'X', &bytes[range.clone()]) {
        let letter = range.start + found;
        let begin = match (letter.checked_sub(1).map(|before| bytes[before]), bytes.get(letter + 1)) {
            (_, Some(b'\'')) => letter,
            (Some(b'0'), Some(b'2' | b'3')) => letter - 1,
            _ => continue,
        };
        if let Some(end) = read(bytes, begin, &mut text) {
            see(begin..end, &text);
        }
    }
}

/// Reads the literal at a place; gives where it ends, if it stands alone and is long enough.
fn read(bytes: &[u8], at: usize, text: &mut Vec<u8>) -> Option<usize> {
    text.clear();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric();
    if at.checked_sub(1).is_some_and(|before| is_part(&bytes[before])) {
        return None;
    }
    let hex = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut end = at + BEGIN_CHARS;
    while let Some([high, low]) = bytes.get(end..end + 2)
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        let character = high << 4 | low;
        let is_of_numbers = matches!(character, b'0'..=b'9' | b'+' | b'-' | b' ' | b'(' | b')');
        if !is_of_numbers || text.len() == *TEXT_CHARS.end() {
            return None;
        }
        text.push(character);
        end += 2;
    }
    let next = bytes.get(end);
    let is_closed = match bytes[at + 1] {
        b'\'' => next == Some(&b'\''),
        _ => !next.is_some_and(is_part),
    };
    (is_closed && TEXT_CHARS.contains(&text.len())).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, range: Range<usize>) -> Vec<(usize, String)> {
        let mut seen = Vec::new();
        each_literal(text.as_bytes(), range, |span, text| {
            seen.push((span.start, String::from_utf8(text.to_vec()).unwrap()));
        });
        seen
    }

    #[test]
    fn literals_of_both_kinds_are_read_and_others_are_not() {
        let number = hex::encode("13800138000");
        let text = format!("(1,0x{number}),(X'{number}',x'{}')", hex::encode("+86 138-0013"));
        let seen: Vec<String> = read(&text, 0..text.len()).into_iter().map(|(_, text)| text).collect();
        assert_eq!(seen, ["13800138000", "13800138000", "+86 138-0013"]);
        for other in [
            format!("a0x{number}"),
            format!("0x{number}a1"),
            format!("0x{number}z"),
            format!("X'{number}"),
            "0x31".to_string(),
            format!("0x{}", number.repeat(3)),
            "0x3133a0ff31323334".to_string(),
        ] {
            assert_eq!(read(&other, 0..other.len()), [], "{other}");
        }
    }

    #[test]
    fn a_literal_is_seen_once_wherever_the_range_is_cut() {
        let text = format!("abc 0x{} xyz", hex::encode("13800138000"));
        for cut in 0..text.len() {
            assert_eq!(read(&text, 0..cut).len() + read(&text, cut..text.len()).len(), 1, "{cut}");
        }
    }
}
