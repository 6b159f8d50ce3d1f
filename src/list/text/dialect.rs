//! Tells how a text list is written from its first bytes.
//!
//! The delimiter is the one that cuts the records evenly, the header included; counting characters
//! would be fooled by titles, by commas in Chinese addresses and by decimal commas.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::cut::{Cut, Cutter};
use crate::list::encoding::{Certainty, Encoding, Extent};
use crate::list::row::{LineEnd, Span};

/// Delimiters that are tried; the first of equals is taken.
const DELIMITERS: [u8; 4] = [b'\t', b'|', b';', b','];

/// Records that are cut for the guess.
const RECORDS_SAMPLED: usize = 300;

/// Least share of the records that have the delimiter's usual number of cells.
const SUPPORT_MIN: f64 = 0.3;

/// How a text list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub encoding: Encoding,
    pub certainty: Certainty,
    /// Whether the file begins with the encoding's byte order mark.
    pub bom: bool,
    pub delimiter: u8,
    /// The most usual line end; LF in a file without any.
    pub line_end: LineEnd,
    pub spacing: Spacing,
}

/// What usually stands between a delimiter and an opening quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    Tight,
    Spaced,
}

/// The first records as one delimiter cuts them.
struct Trial {
    delimiter: u8,
    /// Cells of each record that is not blank.
    cells: Vec<usize>,
    lf: usize,
    crlf: usize,
    cr: usize,
    tight: usize,
    spaced: usize,
}

/// How evenly a delimiter cuts.
struct Fit {
    usual: usize,
    /// The first record with the usual number of cells.
    first: usize,
    /// Share of the records from there on that have it.
    support: f64,
}

impl Dialect {
    /// Guesses the dialect of a file that begins with `head`; nothing when it is not text.
    pub(in crate::list) fn guess(head: &[u8], extent: Extent) -> Option<Dialect> {
        let (text, encoding, certainty) = readable(head, extent)?;
        let narrow = if encoding.is_wide() { Encoding::Utf8 } else { encoding };
        let bom = !encoding.mark().is_empty() && head.starts_with(encoding.mark());
        let trials = DELIMITERS.map(|delimiter| Trial::run(&text, extent, delimiter, narrow));
        let best = best(&trials);
        Some(Dialect {
            encoding,
            certainty,
            bom,
            delimiter: best.delimiter,
            line_end: best.line_end(),
            spacing: if best.spaced > best.tight { Spacing::Spaced } else { Spacing::Tight },
        })
    }
}

/// Gives the text behind the mark, UTF-16 turned into UTF-8, and its encoding; nothing for binary data.
pub(in crate::list) fn readable(head: &[u8], extent: Extent) -> Option<(Cow<'_, [u8]>, Encoding, Certainty)> {
    let marked = Encoding::of_mark(head);
    let unmarked = &head[marked.map_or(0, |encoding| encoding.mark().len())..];
    let zeros = || if unmarked.contains(&0) { Encoding::of_zeros(unmarked) } else { None };
    let (encoding, certainty) = match marked.or_else(zeros) {
        Some(encoding) => (encoding, Certainty::Settled),
        None => Encoding::of_text(unmarked, extent),
    };
    let text = if encoding.is_wide() {
        Cow::Owned(encoding.decode(unmarked).into_owned().into_bytes())
    } else {
        Cow::Borrowed(unmarked)
    };
    let odd = text.iter().filter(|byte| matches!(byte, 0x01..=0x08 | 0x0E..=0x19 | 0x1C..=0x1F | 0x7F)).count();
    let is_text = !text.contains(&0) && odd * 50 <= text.len();
    is_text.then_some((text, encoding, certainty))
}

impl Trial {
    fn run(text: &[u8], extent: Extent, delimiter: u8, encoding: Encoding) -> Trial {
        let cutter = Cutter::new(delimiter, encoding);
        let mut trial = Trial { delimiter, cells: Vec::new(), lf: 0, crlf: 0, cr: 0, tight: 0, spaced: 0 };
        let mut spans = Vec::new();
        let mut rest = text;
        while trial.cells.len() < RECORDS_SAMPLED && !rest.is_empty() {
            spans.clear();
            // A fault is for the reader to report, with its record.
            let Ok(Cut::Record { len, next, line_end }) = cutter.cut(rest, extent, &mut spans) else { break };
            trial.note(&rest[..len], &spans, line_end);
            rest = &rest[next..];
        }
        trial
    }

    fn note(&mut self, record: &[u8], spans: &[Span], line_end: LineEnd) {
        match line_end {
            LineEnd::Lf => self.lf += 1,
            LineEnd::CrLf => self.crlf += 1,
            LineEnd::Cr => self.cr += 1,
            LineEnd::None => {}
        }
        if !record.trim_ascii().is_empty() {
            self.cells.push(spans.len());
        }
        for span in spans.iter().skip(1).filter(|span| span.quoted) {
            match record[span.start as usize - 2] {
                b' ' => self.spaced += 1,
                _ => self.tight += 1,
            }
        }
    }

    fn fit(&self) -> Option<Fit> {
        let several = self.cells.iter().copied().filter(|cells| *cells > 1);
        let usual = several.max_by_key(|cells| (self.cells.iter().filter(|other| *other == cells).count(), *cells))?;
        let first = self.cells.iter().position(|cells| *cells == usual)?;
        let from = &self.cells[first..];
        let support = from.iter().filter(|cells| **cells == usual).count() as f64 / from.len() as f64;
        (support >= SUPPORT_MIN).then_some(Fit { usual, first, support })
    }

    fn line_end(&self) -> LineEnd {
        let counts = [(LineEnd::Lf, self.lf), (LineEnd::CrLf, self.crlf), (LineEnd::Cr, self.cr)];
        counts.into_iter().min_by_key(|(_, count)| Reverse(*count)).map_or(LineEnd::Lf, |(line_end, _)| line_end)
    }
}

/// Takes the trial that cuts evenly into many cells; a comma when none cuts at all.
fn best(trials: &[Trial; DELIMITERS.len()]) -> &Trial {
    let [.., comma] = trials;
    let fits: Vec<(&Trial, Fit)> = trials.iter().filter_map(|trial| Some((trial, trial.fit()?))).collect();
    let header = fits.iter().filter(|(_, fit)| fit.support > 0.5).map(|(_, fit)| fit.first).min().unwrap_or_default();
    let score = |fit: &Fit| {
        let late = if fit.first > header { 0.5 } else { 1.0 };
        late * fit.support.powi(3) * (fit.usual as f64).ln_1p()
    };
    let mut best: Option<(&Trial, f64)> = None;
    for (trial, fit) in &fits {
        if best.is_none_or(|(_, highest)| score(fit) > highest) {
            best = Some((trial, score(fit)));
        }
    }
    best.map_or(comma, |(trial, _)| trial)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(text: &str) -> Dialect {
        Dialect::guess(text.as_bytes(), Extent::Whole).unwrap()
    }

    #[test]
    fn each_delimiter_is_found() {
        for delimiter in [',', ';', '\t', '|'] {
            let text =
                "序号,姓名,电话\r\n1,张三,13800138000\r\n2,李四,13900139000\r\n".replace(',', &delimiter.to_string());
            let dialect = guess(&text);
            assert_eq!(dialect.delimiter, delimiter as u8, "{text}");
            assert_eq!(dialect.line_end, LineEnd::CrLf);
        }
    }

    #[test]
    fn titles_above_and_commas_in_addresses_do_not_mislead() {
        let text = "某市新生儿登记表\n填报单位:第一医院,第二医院\n姓名;电话;住址\n张三;13800138000;人民路1号,2栋\n\
            李四;13900139000;解放路3号\n王五;13700137000;建设路5号,6栋,7室\n合计;3;\n";
        assert_eq!(guess(text).delimiter, b';');
    }

    #[test]
    fn decimal_commas_do_not_mislead() {
        let text = "name;kg;cm\nanna;3,5;50,2\nbert;3,1;49,0\nclara;2,9;48,5\n";
        assert_eq!(guess(text).delimiter, b';');
    }

    #[test]
    fn commas_in_quotes_are_not_counted() {
        let text = "name|address\nanna|\"a, b, c\"\nbert|\"d, e, f\"\n";
        assert_eq!(guess(text).delimiter, b'|');
    }

    #[test]
    fn one_column_is_a_comma_list() {
        assert_eq!(guess("电话\n13800138000\n13900139000\n").delimiter, b',');
        assert_eq!(guess("x").delimiter, b',');
    }

    #[test]
    fn spaces_before_quotes_are_noticed() {
        assert_eq!(guess("\"a\", \"b\"\n\"1\", \"2\"\n").spacing, Spacing::Spaced);
        assert_eq!(guess("\"a\",\"b\"\n\"1\",\"2\"\n").spacing, Spacing::Tight);
    }

    #[test]
    fn a_mark_is_seen_and_utf16_needs_none() {
        assert!(guess("\u{feff}a,b\n").bom);
        assert!(!guess("a,b\n").bom);
        let wide = Encoding::Utf16Be.encode("医院\t手机\r\n某院\t13800138000\r\n").unwrap();
        let dialect = Dialect::guess(&wide, Extent::Whole).unwrap();
        assert_eq!((dialect.encoding, dialect.bom, dialect.delimiter), (Encoding::Utf16Be, false, b'\t'));
    }

    #[test]
    fn binary_data_is_not_text() {
        assert_eq!(Dialect::guess(b"a,b\n\0\0\0\0,1\n", Extent::Whole), None);
        assert_eq!(Dialect::guess(&[1, 2, 3, 4, 5, 6, 7, 200, 201], Extent::Whole), None);
    }
}
