//! Works out the formulas that a list has in every row: texts put together, parts of a text, ages, sums of the own row.
//!
//! It knows the few functions such columns use and no others: what it does not know is not computed, never guessed.

use chrono::{Datelike, NaiveDate};

use super::compute_text::formatted;
use super::formula::{Reference, SheetName, Token, TokenKind, tokens};
use super::value::{day_number, day_of, serial_day};

/// What a cell holds or a formula gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Worth {
    Blank,
    Number(f64),
    Text(String),
    Flag(bool),
}

/// What a formula of one row sees.
pub(super) struct Surroundings<'a> {
    pub(super) row: u32,
    /// The cells of that row, by column; nothing for one that is not known.
    pub(super) cell: &'a dyn Fn(u32) -> Option<Worth>,
    /// What `TODAY()` says, if that is known.
    pub(super) today: Option<NaiveDate>,
    pub(super) from_1904: bool,
}

/// Works out a formula; nothing when it uses anything unknown or gives an error.
pub(super) fn compute(formula: &str, around: &Surroundings<'_>) -> Option<Worth> {
    let all: Vec<Token> =
        tokens(formula).into_iter().filter(|token| !formula[token.at.clone()].trim().is_empty()).collect();
    let mut reader = Reader { formula, rest: &all, around };
    let found = reader.comparison()?;
    if reader.rest.is_empty() { found } else { None }
}

/// Reads a formula from left to right. The outer nothing is a formula that cannot be read, the inner one a piece whose
/// worth is not known: `IF` may not need it.
struct Reader<'a> {
    formula: &'a str,
    rest: &'a [Token],
    around: &'a Surroundings<'a>,
}

type Read = Option<Option<Worth>>;

impl<'a> Reader<'a> {
    fn next_is(&self, marks: &[&str]) -> Option<&'a str> {
        let first = self.rest.first().filter(|token| token.kind == TokenKind::Mark)?;
        let text = &self.formula[first.at.clone()];
        marks.contains(&text).then_some(text)
    }

    fn take(&mut self, marks: &[&str]) -> Option<&'a str> {
        let found = self.next_is(marks)?;
        self.rest = &self.rest[1..];
        Some(found)
    }

    fn comparison(&mut self) -> Read {
        let mut left = self.joined()?;
        while let Some(mark) = self.take(&["=", "<", ">"]) {
            let mark = match (mark, self.take(&["=", ">"])) {
                ("<", Some("=")) => "<=",
                ("<", Some(">")) => "<>",
                (">", Some("=")) => ">=",
                (one, None) => one,
                _ => return None,
            };
            let right = self.joined()?;
            left = left.zip(right).and_then(|(left, right)| compared(&left, mark, &right)).map(Worth::Flag);
        }
        Some(left)
    }

    fn joined(&mut self) -> Read {
        let mut left = self.sum()?;
        while self.take(&["&"]).is_some() {
            let right = self.sum()?;
            left = left.zip(right).map(|(left, right)| Worth::Text(left.text() + &right.text()));
        }
        Some(left)
    }

    fn sum(&mut self) -> Read {
        let mut left = self.product()?;
        while let Some(mark) = self.take(&["+", "-"]) {
            let right = self.product()?;
            left = self.numbers(left, right, |a, b| Some(if mark == "+" { a + b } else { a - b }));
        }
        Some(left)
    }

    fn product(&mut self) -> Read {
        let mut left = self.signed()?;
        while let Some(mark) = self.take(&["*", "/"]) {
            let right = self.signed()?;
            left = self.numbers(left, right, |a, b| if mark == "*" { Some(a * b) } else { (b != 0.0).then(|| a / b) });
        }
        Some(left)
    }

    fn signed(&mut self) -> Read {
        match self.take(&["-", "+"]) {
            Some("-") => {
                let worth = self.signed()?;
                Some(self.numbers(Some(Worth::Number(0.0)), worth, |a, b| Some(a - b)))
            }
            Some(_) => self.signed(),
            None => self.piece(),
        }
    }

    fn piece(&mut self) -> Read {
        let (first, rest) = self.rest.split_first()?;
        let text = &self.formula[first.at.clone()];
        self.rest = rest;
        match &first.kind {
            TokenKind::Number => Some(text.parse().ok().map(Worth::Number)),
            TokenKind::Text => {
                let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))?;
                Some(Some(Worth::Text(inner.replace("\"\"", "\""))))
            }
            TokenKind::Reference(reference) => Some(match self.columns(reference)?.as_slice() {
                [one] => (self.around.cell)(*one),
                _ => None,
            }),
            TokenKind::Function => self.call(&text.to_ascii_uppercase()),
            TokenKind::Mark if text == "(" => {
                let inner = self.comparison()?;
                self.take(&[")"]).map(|_| inner)
            }
            TokenKind::Other => match text.to_ascii_uppercase().as_str() {
                "TRUE" => Some(Some(Worth::Flag(true))),
                "FALSE" => Some(Some(Worth::Flag(false))),
                _ => None,
            },
            TokenKind::Mark => None,
        }
    }

    /// Gives the columns of a reference into the own row.
    fn columns(&self, reference: &Reference) -> Option<Vec<u32>> {
        let to = reference.to.as_ref().unwrap_or(&reference.from);
        let rows = [&reference.from, to].map(|corner| corner.row.as_ref().map(|row| row.number));
        if reference.sheet != SheetName::Own || rows != [Some(self.around.row); 2] {
            return None;
        }
        let (from, to) = (reference.from.column.as_ref()?.number, to.column.as_ref()?.number);
        Some((from.min(to)..=from.max(to)).take(64).collect())
    }

    fn call(&mut self, name: &str) -> Read {
        self.take(&["("])?;
        if name == "ROW" {
            let own = match self.rest.first().map(|token| &token.kind) {
                Some(TokenKind::Reference(reference)) => {
                    self.rest = &self.rest[1..];
                    reference.to.is_none() && self.columns(reference).is_some()
                }
                _ => true,
            };
            self.take(&[")"])?;
            return Some(own.then(|| Worth::Number(self.around.row.into())));
        }
        if matches!(name, "SUM" | "MAX" | "MIN" | "COUNT" | "COUNTA" | "AVERAGE") {
            return self.over_cells(name);
        }
        let mut arguments = Vec::new();
        while self.take(&[")"]).is_none() {
            let omitted = self.next_is(&[",", ")"]).is_some();
            arguments.push(if omitted { Some(Worth::Blank) } else { self.comparison()? });
            if self.next_is(&[")"]).is_none() {
                self.take(&[","])?;
            }
        }
        Some(self.called(name, &arguments))
    }

    /// Takes numbers together; texts in cells do not count.
    fn over_cells(&mut self, name: &str) -> Read {
        let (mut cells, mut unknown) = (Vec::new(), false);
        while self.take(&[")"]).is_none() {
            if let Some(Token { kind: TokenKind::Reference(reference), .. }) = self.rest.first() {
                let columns = self.columns(reference)?;
                let found = columns.iter().map(|column| (self.around.cell)(*column));
                found.for_each(|worth| worth.map_or_else(|| unknown = true, |worth| cells.push(worth)));
                self.rest = &self.rest[1..];
            } else {
                self.comparison()?.map_or_else(|| unknown = true, |worth| cells.push(worth));
            }
            if self.next_is(&[")"]).is_none() {
                self.take(&[","])?;
            }
        }
        let numbers: Vec<f64> = cells
            .iter()
            .filter_map(|worth| if let Worth::Number(number) = worth { Some(*number) } else { None })
            .collect();
        let sum: f64 = numbers.iter().sum();
        let filled = cells.iter().filter(|worth| **worth != Worth::Blank).count();
        let number = match name {
            "SUM" => Some(sum),
            "COUNT" => Some(numbers.len() as f64),
            "COUNTA" => Some(filled as f64),
            "AVERAGE" => (!numbers.is_empty()).then(|| sum / numbers.len() as f64),
            "MAX" => Some(numbers.iter().copied().reduce(f64::max).unwrap_or(0.0)),
            _ => Some(numbers.iter().copied().reduce(f64::min).unwrap_or(0.0)),
        };
        Some(number.filter(|_| !unknown).map(Worth::Number))
    }

    fn numbers(&self, a: Option<Worth>, b: Option<Worth>, with: impl Fn(f64, f64) -> Option<f64>) -> Option<Worth> {
        with(self.number(&a?)?, self.number(&b?)?).map(Worth::Number)
    }

    fn number(&self, worth: &Worth) -> Option<f64> {
        match worth {
            Worth::Blank => Some(0.0),
            Worth::Number(number) => Some(*number),
            Worth::Flag(flag) => Some(f64::from(u8::from(*flag))),
            Worth::Text(text) => {
                let plain = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
                plain.or_else(|| serial_day(text, self.around.from_1904)?.parse().ok())
            }
        }
    }

    fn day(&self, worth: &Worth) -> Option<NaiveDate> {
        day_of(self.number(worth)?, self.around.from_1904)
    }

    fn called(&self, name: &str, arguments: &[Option<Worth>]) -> Option<Worth> {
        if name == "IF" {
            let chosen = if self.number(arguments.first()?.as_ref()?)? != 0.0 { 1 } else { 2 };
            return arguments.get(chosen).cloned().unwrap_or(Some(Worth::Flag(chosen == 1)));
        }
        let known: Vec<&Worth> = arguments.iter().map(Option::as_ref).collect::<Option<_>>()?;
        let number = |at: usize| known.get(at).and_then(|worth| self.number(worth));
        let count = |at: usize| number(at).filter(|count| *count >= 0.0).map(|count| count as usize);
        let text = |at: usize| known.get(at).map(|worth| worth.text());
        let flags =
            || known.iter().map(|worth| self.number(worth).map(|number| number != 0.0)).collect::<Option<Vec<_>>>();
        let cut = |from: usize, many: usize| Some(Worth::Text(text(0)?.chars().skip(from).take(many).collect()));
        let or_one = |at: usize| if known.len() > at { count(at) } else { Some(1) };
        let date = |part: fn(&NaiveDate) -> f64| Some(Worth::Number(part(&self.day(known.first()?)?)));
        match name {
            "IFERROR" => known.first().map(|worth| (*worth).clone()),
            "AND" => Some(Worth::Flag(flags()?.into_iter().all(|flag| flag))),
            "OR" => Some(Worth::Flag(flags()?.into_iter().any(|flag| flag))),
            "NOT" => Some(Worth::Flag(number(0)? == 0.0)),
            "ISBLANK" => Some(Worth::Flag(**known.first()? == Worth::Blank)),
            "LEFT" => cut(0, or_one(1)?),
            "RIGHT" => cut(text(0)?.chars().count().saturating_sub(or_one(1)?), usize::MAX),
            "MID" => cut(count(1)?.checked_sub(1)?, count(2)?),
            "LEN" => Some(Worth::Number(text(0)?.chars().count() as f64)),
            "TRIM" => {
                Some(Worth::Text(text(0)?.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")))
            }
            "CONCATENATE" | "CONCAT" | "_XLFN.CONCAT" => {
                Some(Worth::Text(known.iter().map(|worth| worth.text()).collect()))
            }
            "REPT" => Some(Worth::Text(text(0)?.repeat(count(1)?.min(64)))),
            "SUBSTITUTE" if known.len() == 3 => Some(Worth::Text(text(0)?.replace(&text(1)?, &text(2)?))),
            "REPLACE" => {
                let (whole, from, many) = (text(0)?, count(1)?.checked_sub(1)?, count(2)?);
                let head: String = whole.chars().take(from).collect();
                let tail: String = whole.chars().skip(from + many).collect();
                Some(Worth::Text(head + &text(3)? + &tail))
            }
            "TEXT" => formatted(number(0)?, &text(1)?, self.around.from_1904).map(Worth::Text),
            "VALUE" => number(0).map(Worth::Number),
            "INT" => number(0).map(|number| Worth::Number(number.floor())),
            "ROUND" => {
                let by = 10f64.powi(count(1)?.min(12) as i32);
                Some(Worth::Number((number(0)? * by).round() / by))
            }
            "MOD" => {
                let (number, by) = (number(0)?, number(1)?);
                (by != 0.0).then(|| Worth::Number(number - by * (number / by).floor()))
            }
            "YEAR" => date(|day| day.year().into()),
            "MONTH" => date(|day| day.month().into()),
            "DAY" => date(|day| day.day().into()),
            "TODAY" => Some(Worth::Number(day_number(self.around.today?, self.around.from_1904))),
            "DATE" => {
                let day = NaiveDate::from_ymd_opt(number(0)? as i32, count(1)? as u32, count(2)? as u32)?;
                Some(Worth::Number(day_number(day, self.around.from_1904)))
            }
            "DATEDIF" => between(self.day(known.first()?)?, self.day(known.get(1)?)?, &text(2)?).map(Worth::Number),
            _ => None,
        }
    }
}

impl Worth {
    /// Writes it as `&` joins it.
    pub(super) fn text(&self) -> String {
        match self {
            Worth::Blank => String::new(),
            Worth::Number(number) => number.to_string(),
            Worth::Text(text) => text.clone(),
            Worth::Flag(flag) => if *flag { "TRUE" } else { "FALSE" }.to_string(),
        }
    }
}

fn compared(left: &Worth, mark: &str, right: &Worth) -> Option<bool> {
    let text = |worth: &Worth| worth.text().to_lowercase();
    let order = match (left, right) {
        (Worth::Number(_) | Worth::Blank, Worth::Number(_) | Worth::Blank) => {
            let number = |worth: &Worth| if let Worth::Number(number) = worth { *number } else { 0.0 };
            number(left).partial_cmp(&number(right))?
        }
        (Worth::Text(_) | Worth::Blank, Worth::Text(_) | Worth::Blank) => text(left).cmp(&text(right)),
        (Worth::Flag(left), Worth::Flag(right)) => left.cmp(right),
        // Numbers come before texts, texts before truths.
        (Worth::Number(_) | Worth::Blank, _) | (Worth::Text(_), Worth::Flag(_)) => std::cmp::Ordering::Less,
        (Worth::Text(_) | Worth::Flag(_), _) => std::cmp::Ordering::Greater,
    };
    Some(match mark {
        "=" => order.is_eq(),
        "<>" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    })
}

/// Counts whole years, months or days between two days, as `DATEDIF` does.
fn between(from: NaiveDate, to: NaiveDate, unit: &str) -> Option<f64> {
    if from > to {
        return None;
    }
    let months =
        (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32 - i32::from(to.day() < from.day());
    Some(match unit.to_ascii_uppercase().as_str() {
        "Y" => (months / 12).into(),
        "M" => months.into(),
        "YM" => (months % 12).into(),
        "D" => (to - from).num_days() as f64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(formula: &str) -> Option<String> {
        let cell = |column: u32| {
            Some(match column {
                0 => Worth::Number(7.0),
                1 => Worth::Text("王 小雀".to_string()),
                2 => Worth::Text("13800138000".to_string()),
                3 => Worth::Number(34_000.0), // 1993-01-31
                4 => Worth::Blank,
                5 => Worth::Number(13_800_138_000.0),
                _ => return None,
            })
        };
        let today = NaiveDate::from_ymd_opt(2026, 1, 30);
        compute(formula, &Surroundings { row: 12, cell: &cell, today, from_1904: false }).map(|worth| worth.text())
    }

    #[test]
    fn columns_of_lists_are_worked_out() {
        for (formula, expected) in [
            ("B12&\"(\"&C12&\")\"", "王 小雀(13800138000)"),
            ("LEFT(C12,3)&\"****\"&RIGHT(C12,4)", "138****8000"),
            ("REPLACE($F12,4,4,\"****\")", "138****8000"),
            ("MID(F12,3,2)*2+1", "161"),
            ("DATEDIF(D12,TODAY(),\"Y\")", "32"),
            ("YEAR(TODAY())-YEAR(D12)", "33"),
            ("TEXT(D12,\"yyyy-mm-dd\")&TEXT(A12,\"000\")", "1993-01-31007"),
            ("IF(E12=\"\",\"无\",E12/0)", "无"),
            ("IF(AND(A12>=7,A12<>8),SUM(A12:E12),Z12)", "34007"),
            ("ROW()-2", "10"),
            ("CONCATENATE(\"NO.\",TEXT(ROW(A12)-2,\"0000\"))", "NO.0010"),
            ("(A12+1)/2-ROUND(1.25*2,0)", "1"),
            ("LEN(B12)&TRIM(\"  a  b \")&SUBSTITUTE(C12,\"8\",\"*\")", "4a b13*0013*000"),
            ("IFERROR(-A12,\"\")", "-7"),
        ] {
            assert_eq!(shown(formula).as_deref(), Some(expected), "{formula}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for formula in [
            "A11+1",
            "VLOOKUP(B12,字典!A:B,2,0)",
            "Z12&\"\"",
            "A12/0",
            "A12:B12",
            "[@姓名]",
            "RAND()",
            "A12+",
            "\"a\"+1",
            "(A12",
            "",
        ] {
            assert_eq!(shown(formula), None, "{formula}");
        }
    }
}
