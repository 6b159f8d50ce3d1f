//! A finding as one page of HTML: nothing is fetched, nothing runs, and it prints on paper.
//!
//! Everything that comes from outside (names, words of callers) is escaped; a policy in the page forbids scripts besides.

use super::Finding;
use super::sheet::{Block, sheet};
use crate::lang::{Lang, by_number, is_unseen};

/// Layout for screen and paper; no fonts are fetched.
const STYLE: &str = include_str!("page.css");

/// Writes the page in one language.
pub fn html(finding: &Finding, lang: Lang) -> String {
    let mut out = String::with_capacity(16 * 1024);
    let (code, title) = match lang {
        Lang::En => ("en", "Finding"),
        Lang::Zh => ("zh-CN", "溯源报告"),
    };
    out += &format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    sheet(finding, lang).iter().for_each(|block| write(block, &mut out));
    out + "</body>\n</html>\n"
}

fn write(block: &Block, out: &mut String) {
    match block {
        Block::Title(text) => line("h1", text, out),
        Block::Made(text) => line("p class=\"made\"", text, out),
        Block::Verdict(text) => line("p class=\"verdict\"", text, out),
        Block::Claim(text) => line("p class=\"claim\"", text, out),
        Block::Heading(text) => line("h2", text, out),
        Block::Items(items) => {
            *out += "<ol>\n";
            items.iter().for_each(|item| line("li", item, out));
            *out += "</ol>\n";
        }
        Block::Table { head, rows } => {
            *out += "<table>\n<thead><tr>";
            head.iter().for_each(|word| line("th", word, out));
            *out += "</tr></thead>\n<tbody>\n";
            for row in rows {
                *out += "<tr>";
                row.iter().for_each(|cell| line("td", cell, out));
                *out += "</tr>\n";
            }
            *out += "</tbody>\n</table>\n";
        }
        Block::Picture(picture) => *out += &picture.svg(),
    }
}

/// Writes one element; `tag` may have attributes, which are ours.
fn line(tag: &str, text: &str, out: &mut String) {
    let name = tag.split(' ').next().unwrap_or(tag);
    out.extend(["<", tag, ">", &escaped(text), "</", name, ">\n"]);
}

/// Writes text so that it is text in HTML, in attributes as well; what cannot be seen is written by its number.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if is_unseen(c) => out += &by_number(c),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_up_comes_in_from_outside() {
        assert_eq!(escaped("<img src=x onerror='a()'>&\""), "&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;&quot;");
        assert_eq!(escaped("王女士 😀\n"), "王女士 😀\n");
        assert_eq!(escaped("\u{202E}a\u{7}"), "[U+202E]a[U+0007]");
    }
}
