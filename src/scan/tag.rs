//! Tags of HTML that part nothing: a number may be written across them (`138<b>0013</b>8000`).

use super::text::Text;

/// Tags that begin no new line, cell or block.
const INLINE: [&str; 26] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "code", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "s",
    "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];

/// Longest tag with its attributes, and longest name, in characters.
const TAG_CHARS_MAX: usize = 160;
const NAME_CHARS_MAX: usize = 6;

/// Gives the bytes of an inline tag that begins at a byte.
pub fn inline_tag(text: Text<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    let mut name = String::new();
    let mut is_named = false;
    for count in 0..TAG_CHARS_MAX {
        let (c, bytes, _) = text.character(end)?;
        end += bytes;
        match c {
            '<' if count == 0 => {}
            '/' if count == 1 => {}
            '>' => return INLINE.contains(&name.as_str()).then_some(end - at),
            '<' | '\n' => return None,
            c if !is_named && c.is_ascii_alphabetic() && name.len() < NAME_CHARS_MAX => {
                name.push(c.to_ascii_lowercase())
            }
            ' ' | '/' | '\t' if !name.is_empty() => is_named = true,
            _ if is_named => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::text::Reading;
    use super::*;

    #[test]
    fn inline_tags_are_told_from_others() {
        let tag = |tag: &str| inline_tag(Text { bytes: tag.as_bytes(), reading: Reading::Bytes }, 0);
        for inline in ["<b>", "</b>", "<WBR>", "<wbr/>", "<span class=\"x y\">", "</span >"] {
            assert_eq!(tag(&format!("{inline}0013")), Some(inline.len()), "{inline}");
        }
        for other in
            ["<td>", "</tr>", "<br>", "<p>", "< 3", "<spanner>", "<", "<b", "<b\n>", "x<b>", "<<b>", "<!-- -->"]
        {
            assert_eq!(tag(other), None, "{other}");
        }
    }
}
