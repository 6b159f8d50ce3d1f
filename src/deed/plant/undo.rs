//! What the ledger keeps to undo a seeded workbook: never what may be somebody's name or number.

use crate::list::book::{Lost, Seeded};

/// Digits in a row that no small number of a formula has, but a phone or a record's number.
const TELLING_DIGITS: usize = 7;
/// What a formula showed and is no smaller may be such a number; counts, means and dates are smaller.
const TELLING_VALUE: f64 = 1e6;

/// Leaves out the cells whose formula names, or showed, what may be a person's; stripping leaves those without a value.
pub(super) fn fit_for_the_ledger(seeded: &Seeded) -> Seeded {
    let lost = seeded.lost.iter().filter(|cell| !may_tell(cell)).cloned().collect();
    Seeded { lost, ..*seeded }
}

fn may_tell(cell: &Lost) -> bool {
    let value = between(&cell.raw, "<v", "</v>");
    let is_small = value.parse::<f64>().is_ok_and(|value| value.abs() < TELLING_VALUE);
    let formula = between(&cell.raw, "<f", "</f>").replace("&quot;", "\"");
    let long = formula.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= TELLING_DIGITS);
    // Every second piece is a text in quotes.
    let names = formula.split('"').skip(1).step_by(2).any(|literal| literal.chars().any(char::is_alphabetic));
    !is_small || long || names
}

/// Gives what stands in the first element that begins like this; nothing if it is empty or missing.
fn between<'r>(raw: &'r str, begin: &str, end: &str) -> &'r str {
    let inside = raw.split_once(begin).and_then(|(_, rest)| rest.split_once('>'));
    inside.and_then(|(_, rest)| rest.split_once(end)).map_or("", |(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_and_no_number_of_a_person_is_kept() {
        let cell = |raw: &str| Lost { part: "x".to_string(), cell: "B9".to_string(), raw: raw.to_string() };
        for (raw, tells) in [
            ("<c r=\"B9\"><f>SUM('6月'!B2:B8)/3</f><v>41.5</v></c>", false),
            ("<c r=\"B9\"><f>IF(A2=&quot;&quot;,&quot;&quot;,RANK(B2,B:B))</f><v>46000</v></c>", false),
            ("<c r=\"B9\" t=\"str\"><f>INDEX(C:C,3)</f><v>王芳</v></c>", true),
            ("<c r=\"B9\"><f>AVERAGE(D3:D5)</f><v>3280.3333333333335</v></c>", false),
            ("<c r='B9' t='str'><f>INDEX(C:C,3)</f><v>Li</v></c>", true),
            ("<c r=\"B9\"><f>INDEX(D:D,3)</f><v>13800138000</v></c>", true),
            ("<c r=\"B9\"><f>VLOOKUP(13800138000,A:D,2)</f><v>7</v></c>", true),
            ("<c r=\"B9\"><f>MATCH(&quot;王芳&quot;,C:C,0)</f><v>7</v></c>", true),
        ] {
            assert_eq!(may_tell(&cell(raw)), tells, "{raw}");
        }
    }
}
