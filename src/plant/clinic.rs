//! Measures and words of a birth, written as a donor's are.

use rand::{Rng, RngExt};

use crate::list::Meaning;
use crate::list::profile::Profile;
use crate::persona::{Delivery, Sex};

/// Grams of a 两, the tenth of a 斤.
const LIANG_G: u32 = 50;

/// No newborn of a usual list weighs more kilograms; a higher number counts 斤.
const KILOGRAMS_MAX: f64 = 5.3;

/// Reads a word for a sex; nothing for a word that says neither or both.
pub fn sex_of(word: &str) -> Option<Sex> {
    let lower = word.trim().to_lowercase();
    let (male, female) = (lower.contains('男'), lower.contains('女'));
    if male != female {
        return Some(if male { Sex::Male } else { Sex::Female });
    }
    match lower.as_str() {
        "1" | "m" | "male" | "boy" | "b" => Some(Sex::Male),
        "2" | "f" | "female" | "girl" | "g" => Some(Sex::Female),
        _ => None,
    }
}

/// Writes a sex as the donor would.
pub fn sex_like(sex: Sex, donor: &str) -> String {
    const PAIRS: [(&str, &str); 11] = [
        ("男", "女"),
        ("1", "2"),
        ("male", "female"),
        ("Male", "Female"),
        ("MALE", "FEMALE"),
        ("boy", "girl"),
        ("Boy", "Girl"),
        ("BOY", "GIRL"),
        ("M", "F"),
        ("m", "f"),
        ("B", "G"),
    ];
    match (sex_of(donor), sex) {
        (None, _) | (Some(Sex::Male), Sex::Male) | (Some(Sex::Female), Sex::Female) => donor.to_string(),
        (Some(Sex::Male), Sex::Female) => {
            { PAIRS.iter().fold(None, |done: Option<String>, (from, to)| done.or_else(|| replaced(donor, from, to))) }
                .unwrap_or_else(|| donor.to_string())
        }
        (Some(Sex::Female), Sex::Male) => {
            { PAIRS.iter().fold(None, |done: Option<String>, (to, from)| done.or_else(|| replaced(donor, from, to))) }
                .unwrap_or_else(|| donor.to_string())
        }
    }
}

fn replaced(text: &str, from: &str, to: &str) -> Option<String> {
    text.contains(from).then(|| text.replace(from, to))
}

/// Reads a word for a way of delivery.
pub fn delivery_of(word: &str) -> Option<Delivery> {
    let lower = word.trim().to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if lower.is_empty() {
        None
    } else if has(&["剖", "caesar", "cesar", "section", "csec"]) || matches!(lower.as_str(), "cs" | "lscs") {
        Some(Delivery::Caesarean)
    } else if has(&["产钳", "胎吸", "吸引", "助产", "forceps", "vacuum", "ventouse", "instrument", "assisted"])
    {
        Some(Delivery::Assisted)
    } else {
        Some(Delivery::Vaginal)
    }
}

/// Writes a weight as the donor's: in g, kg, 斤 or 斤 and 两, with its decimals and its rounding.
///
/// A number without a unit has that of the heading, else the one in which it weighs as a newborn does.
pub fn weight_like(grams: u32, donor: &str, heading: &str, rng: &mut impl Rng) -> Option<String> {
    let (start, end) = number_span(donor)?;
    if let Some((liang, len)) = donor[end..].strip_prefix('斤').and_then(|rest| Some((rest, rest.find('两')?)))
        && liang[..len].parse::<u32>().is_ok()
    {
        let written = (grams + LIANG_G / 2) / LIANG_G;
        let rest = &liang[len..];
        return Some(format!("{}{}斤{}{rest}", &donor[..start], written / 10, written % 10));
    }
    let (number, unit) = (&donor[start..end], donor[end..].trim().to_lowercase());
    let value: f64 = number.parse().ok()?;
    let written = match decimals(number) {
        0 if value >= 300.0 => rounded(grams, value as u32, rng).to_string(),
        places => {
            let is_jin = |text: &str| text.contains('斤') && !text.contains("公斤");
            let bare_jin = unit.is_empty() && (is_jin(heading) || value > KILOGRAMS_MAX);
            let per_unit = if is_jin(&unit) || bare_jin { 500.0 } else { 1_000.0 };
            if unit == "g" || unit == "克" || value > 20.0 {
                return None;
            }
            format!("{:.places$}", f64::from(grams) / per_unit)
        }
    };
    Some(format!("{}{written}{}", &donor[..start], &donor[end..]))
}

/// Reads a weight in grams, in any of the ways [`weight_like`] writes one.
pub fn grams_of(cell: &str, heading: &str) -> Option<u32> {
    let (start, end) = number_span(cell)?;
    let value: f64 = cell[start..end].parse().ok()?;
    let unit = cell[end..].trim().to_lowercase();
    if let Some(liang) = unit.strip_prefix('斤') {
        let liang: f64 = liang.split('两').next().and_then(|liang| liang.trim().parse().ok()).unwrap_or(0.0);
        return Some((value * 500.0 + liang * f64::from(LIANG_G)) as u32);
    }
    let is_jin = heading.contains('斤') && !heading.contains("公斤") || unit.is_empty() && value > KILOGRAMS_MAX;
    let grams = if value >= 300.0 {
        value
    } else if is_jin {
        value * 500.0
    } else {
        value * 1_000.0
    };
    (300.0..7_000.0).contains(&grams).then_some(grams as u32)
}

/// Reads a gestation in days, `39+4` or `39周4天`.
pub fn gestation_of(cell: &str) -> Option<u32> {
    let mut numbers = cell.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    let weeks: u32 = numbers.next()?.parse().ok().filter(|weeks| (20..=45).contains(weeks))?;
    let days: u32 = numbers.next().and_then(|days| days.parse().ok()).filter(|days| *days < 7).unwrap_or(0);
    Some(weeks * 7 + days)
}

/// Rounds to tens or fives where the donor's number is.
fn rounded(grams: u32, donor: u32, rng: &mut impl Rng) -> u32 {
    if donor.is_multiple_of(10) {
        (grams + 5) / 10 * 10
    } else if donor.is_multiple_of(5) {
        grams / 10 * 10 + 5
    } else {
        grams / 10 * 10 + rng.random_range(1..10)
    }
}

/// Finds the fewest and the most weeks of gestation in the sampled rows.
pub fn weeks_between(profile: &Profile) -> Option<(u32, u32)> {
    let at = profile.position(Meaning::GestationWeeks)?;
    let weeks = profile.donors().filter_map(|row| {
        let (start, end) = number_span(row.cell(at))?;
        row.cell(at)[start..end].split('.').next()?.parse().ok().filter(|weeks| (20..=45).contains(weeks))
    });
    weeks.fold(None, |so_far: Option<(u32, u32)>, weeks| {
        let (fewest, most) = so_far.unwrap_or((weeks, weeks));
        Some((fewest.min(weeks), most.max(weeks)))
    })
}

fn number_span(text: &str) -> Option<(usize, usize)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let len = text[start..].find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len() - start);
    Some((start, start + len))
}

fn decimals(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn measures_keep_unit_decimals_and_rounding() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut weight = |donor: &str| weight_like(3_284, donor, "体重", &mut rng);
        assert_eq!(weight("3580").as_deref(), Some("3280"));
        assert_eq!(weight("3245").as_deref(), Some("3285"));
        assert_eq!(weight("3.58").as_deref(), Some("3.28"));
        assert_eq!(weight("3.5kg").as_deref(), Some("3.3kg"));
        assert_eq!(weight("6.8斤").as_deref(), Some("6.6斤"));
        assert_eq!(weight("6斤9两").as_deref(), Some("6斤6两"));
        assert_eq!(weight("6.8").as_deref(), Some("6.6"));
        assert_eq!(weight("3580克").as_deref(), Some("3280克"));
        assert_eq!(weight("不详"), None);
        assert_eq!(weight_like(3_284, "4.9", "体重(斤)", &mut rng).as_deref(), Some("6.6"));
    }

    #[test]
    fn measures_are_read_in_every_manner() {
        for (cell, days) in [("41+1", 288), ("41周+3", 290), ("38W3D", 269), ("40周6天", 286), ("40", 280), ("足月", 0)]
        {
            assert_eq!(gestation_of(cell).unwrap_or(0), days, "{cell}");
        }
        for (cell, grams) in
            [("3280", 3280), ("3.28", 3280), ("3.3kg", 3300), ("6.6斤", 3300), ("6斤6两", 3300), ("不详", 0)]
        {
            assert_eq!(grams_of(cell, "体重").unwrap_or(0), grams, "{cell}");
        }
    }

    #[test]
    fn sexes_are_read_and_written_in_every_manner() {
        for (male, female) in
            [("男", "女"), ("男宝", "女宝"), ("1", "2"), ("M", "F"), ("Male", "Female"), ("boy", "girl")]
        {
            assert_eq!((sex_of(male), sex_of(female)), (Some(Sex::Male), Some(Sex::Female)), "{male}");
            assert_eq!(sex_like(Sex::Female, male), female);
            assert_eq!(sex_like(Sex::Male, female), male);
            assert_eq!(sex_like(Sex::Male, male), male);
        }
        assert_eq!(sex_of("龙凤胎"), None);
    }

    #[test]
    fn ways_of_delivery_are_read() {
        assert_eq!(delivery_of("子宫下段剖宫产"), Some(Delivery::Caesarean));
        assert_eq!(delivery_of("产钳助产"), Some(Delivery::Assisted));
        assert_eq!(delivery_of("阴道分娩"), Some(Delivery::Vaginal));
        assert_eq!(delivery_of("LSCS"), Some(Delivery::Caesarean));
        assert_eq!(delivery_of(""), None);
    }
}
