//! Decimal numbers of a column (fees, measures): a new one lies among those near the donor's, with as many decimals.
//!
//! Whoever sorts by them, or looks at their last digits, sees no more than in the list: none beyond the rest, and no closing zero
//! where the list's program leaves them out.

use rand::{Rng, RngExt};

/// Share of filled cells that must be numbers.
const NUMBERS_MIN: f64 = 0.95;

/// Different numbers from which a column has some to be among.
const DISTINCT_MIN: usize = 8;

/// How many ranks a number is moved at most, either way.
const REACH: usize = 3;

/// Times a number is drawn again that would end in a zero.
const TRIES: usize = 30;

/// Most decimals that are written.
const DECIMALS_MAX: usize = 12;

/// The numbers of a column.
#[derive(Debug)]
pub struct Amounts {
    sorted: Vec<f64>,
    /// Whether a fraction may end in a zero.
    keeps_zeros: bool,
}

impl Amounts {
    /// Learns a column; nothing if it holds other things, or whole numbers only.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Option<Amounts> {
        let (mut sorted, mut filled, mut keeps_zeros, mut fractions) = (Vec::new(), 0_usize, false, false);
        for cell in cells.filter(|cell| !cell.is_empty()) {
            filled += 1;
            let Some((_, number, _)) = parts(cell) else { continue };
            let Ok(value) = number.replace(',', "").parse::<f64>() else { continue };
            fractions |= number.contains('.');
            keeps_zeros |= number.contains('.') && number.ends_with('0');
            sorted.push(value);
        }
        let numbers = sorted.len();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let is_one = fractions && numbers as f64 >= NUMBERS_MIN * filled as f64 && sorted.len() >= DISTINCT_MIN;
        is_one.then_some(Amounts { sorted, keeps_zeros })
    }

    /// Draws a number near the donor's, written as that is.
    pub fn near(&self, donor: &str, rng: &mut impl Rng) -> Option<String> {
        let (before, number, behind) = parts(donor)?;
        let own: f64 = number.replace(',', "").parse().ok()?;
        let rank = self.sorted.partition_point(|other| *other < own);
        let (low, high) = (rank.saturating_sub(REACH), (rank + REACH).min(self.sorted.len() - 1));
        let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let zeros = if decimals == 0 { closing_zeros(number) } else { 0 };
        let mut drawn = (0..TRIES).filter_map(|_| {
            let value = rng.random_range(self.sorted[low]..=self.sorted[high]);
            let unit = 10_f64.powi(zeros);
            let value = if zeros > 0 { (value / unit).round() * unit } else { value };
            let text = format!("{value:.decimals$}");
            let is_fine = decimals == 0 || self.keeps_zeros || !text.ends_with('0');
            is_fine.then(|| if number.contains(',') { grouped(&text) } else { text })
        });
        drawn.next().map(|text| format!("{before}{text}{behind}"))
    }
}

fn closing_zeros(number: &str) -> i32 {
    let zeros = number.bytes().rev().take_while(|b| *b == b'0').count();
    i32::try_from(zeros.min(number.len() - 1)).unwrap_or(0)
}

/// Puts a comma in front of each three digits of the whole part.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::new();
    for (nth, digit) in whole.chars().enumerate() {
        if nth > 0 && (whole.len() - nth).is_multiple_of(3) && digit.is_ascii_digit() {
            text.push(',');
        }
        text.push(digit);
    }
    rest.map_or(text.clone(), |rest| format!("{text}.{rest}"))
}

/// Cuts a cell around its one number; nothing for a cell with several, with a leading zero or with many decimals.
fn parts(cell: &str) -> Option<(&str, &str, &str)> {
    let start = cell.find(|c: char| c.is_ascii_digit())?;
    let rest = &cell[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches(['.', ',']);
    let behind = &rest[number.len()..];
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let has_lead = whole.len() > 1 && whole.starts_with('0');
    let one = !behind.contains(|c: char| c.is_ascii_digit()) && !decimals.contains(['.', ',']);
    (one && !has_lead && decimals.len() <= DECIMALS_MAX).then_some((&cell[..start], number, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn amounts(cells: &[String]) -> Option<Amounts> {
        Amounts::of(cells.iter().map(String::as_str))
    }

    #[test]
    fn new_amounts_lie_among_real_ones_and_end_as_they_do() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let real: Vec<String> =
            (0..300_u32).map(|n| format!("{}", f64::from(400_000 + n * 4_567 % 1_400_000) / 100.0)).collect();
        let known = amounts(&real).expect("amounts");
        for donor in &real {
            let made = known.near(donor, &mut rng).expect("an amount");
            let value: f64 = made.parse().expect("a number");
            assert!((4_000.0..18_000.0).contains(&value) && value.to_string() == made, "{made}");
        }
    }

    #[test]
    fn closing_zeros_commas_and_signs_are_the_lists() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let real: Vec<String> =
            (0..50).map(|n| format!("¥{},{:03}.{:02}元", 1 + n % 9, n * 17, n * 10 % 100)).collect();
        let known = amounts(&real).expect("amounts");
        for donor in &real {
            let made = known.near(donor, &mut rng).expect("an amount");
            assert!(made.starts_with('¥') && made.ends_with('元') && made.len() == donor.len(), "{made} like {donor}");
        }
        assert!((0..200).any(|_| known.near("¥2,000.10元", &mut rng).is_some_and(|made| made.ends_with("0元"))));
    }

    #[test]
    fn other_columns_are_no_amounts() {
        for cells in [
            ["好", "差"].map(String::from).to_vec(),
            (0..50).map(|n| format!("{n}/7")).collect(),
            (0..50).map(|n| n.to_string()).collect(),
        ] {
            assert!(amounts(&cells).is_none(), "{cells:?}");
        }
    }
}
