//! Birth facts that fit each other: time, way of delivery, gestation, weight, length, stay.
//!
//! Each function draws one fact from those before it, so that a planter can draw some again and keep the
//! rest. Weights and lengths are read off a scale, and a scale has steps.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use rand::{Rng, RngExt};

use super::tables::{WEIGHTS, Weighted, normal, pick, rows};
use super::{Culture, Delivery, Sex};

/// Share of births by caesarean section (China, 40 to 45 % in recent surveys).
const CAESAREAN_SHARE: f64 = 0.43;

/// Share of births with forceps or vacuum.
const ASSISTED_SHARE: f64 = 0.02;

/// Share of caesarean sections that are done between 8 and 18 o'clock on a working day.
const DAYTIME_SHARE: f64 = 0.7;

/// Hours of a week that are between 8 and 18 o'clock on a working day, as a share.
const DAYTIME_HOURS: f64 = 50.0 / 168.0;

/// Boys born for each girl (China's birth registers, about 1.1).
const SEX_RATIO: f64 = 1.1;

/// What Chinese newborns weigh less than those the weight table was counted from, in grams.
const CHINESE_LIGHTER_G: f64 = 100.0;

/// Weeks for which the weight table has births enough; earlier ones follow the growth curve.
const TABLE_WEEKS: std::ops::RangeInclusive<u32> = 37..=42;

/// Draws the sex.
pub fn sex(rng: &mut impl Rng) -> Sex {
    if rng.random_bool(SEX_RATIO / (1.0 + SEX_RATIO)) { Sex::Male } else { Sex::Female }
}

/// Draws the way of delivery for a birth at a known time; midnight sharp counts as an unknown hour.
pub fn delivery(birth: NaiveDateTime, rng: &mut impl Rng) -> Delivery {
    let caesarean = if birth.time() == NaiveTime::MIN {
        CAESAREAN_SHARE
    } else {
        let (within, hours) = match is_daytime(birth) {
            true => (DAYTIME_SHARE, DAYTIME_HOURS),
            false => (1.0 - DAYTIME_SHARE, 1.0 - DAYTIME_HOURS),
        };
        let planned = CAESAREAN_SHARE * within;
        planned / (planned + (1.0 - CAESAREAN_SHARE) * hours)
    };
    let assisted = (1.0 - caesarean) * ASSISTED_SHARE / (1.0 - CAESAREAN_SHARE);
    let choices = [
        (Delivery::Caesarean, caesarean),
        (Delivery::Assisted, assisted),
        (Delivery::Vaginal, 1.0 - caesarean - assisted),
    ];
    pick(choices, rng)
}

/// Draws the time of day of a birth: sections mostly 8 to 18 o'clock on working days, others at any hour.
pub fn birth_time(delivery: Delivery, date: NaiveDate, rng: &mut impl Rng) -> NaiveTime {
    let planned = match delivery {
        Delivery::Caesarean => !is_weekend(date) && rng.random_bool(0.76),
        Delivery::Vaginal | Delivery::Assisted => false,
    };
    let minute = if planned { rng.random_range(8 * 60..18 * 60) } else { rng.random_range(1..24 * 60) };
    NaiveTime::MIN + chrono::TimeDelta::minutes(minute)
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn is_daytime(birth: NaiveDateTime) -> bool {
    !is_weekend(birth.date()) && (8..18).contains(&birth.hour())
}

/// Draws the gestation of a single birth in days, 28 weeks to 42: mean about 39 weeks, 6 to 7 % before 37.
pub fn gestation_days(rng: &mut impl Rng) -> u32 {
    let week = pick(
        [
            (39, 0.305),
            (40, 0.235),
            (38, 0.205),
            (37, 0.092),
            (41, 0.092),
            (36, 0.033),
            (35, 0.014),
            (34, 0.009),
            (33, 0.004),
            (32, 0.003),
            (31, 0.002),
            (30, 0.0015),
            (29, 0.001),
            (28, 0.0005),
            (42, 0.003),
        ],
        rng,
    );
    week * 7 + rng.random_range(0..7)
}

/// Draws the weight in grams that fits the gestation and the sex, in the steps of a scale.
pub fn weight(culture: Culture, gestation_days: u32, sex: Sex, rng: &mut impl Rng) -> u32 {
    let lighter = match culture {
        Culture::Chinese => CHINESE_LIGHTER_G,
        Culture::English => 0.0,
    };
    let week = (gestation_days + rng.random_range(0..7) - 3) / 7;
    let grams = match counted_weight(week, sex, rng) {
        Some(grams) => grams,
        None => growth_curve_weight(f64::from(gestation_days) / 7.0, rng),
    };
    let step = pick([(10.0, 0.5), (50.0, 0.45), (5.0, 0.05)], rng);
    let on_scale = ((grams - lighter) / step).round() * step;
    on_scale.clamp(600.0, 5500.0) as u32
}

/// Draws a length in centimetres that fits the weight; hospitals write 50 more often than they measure it.
pub fn length(weight_g: u32, rng: &mut impl Rng) -> u32 {
    let weight = f64::from(weight_g);
    if (2700..=4000).contains(&weight_g) && rng.random_bool(0.45) {
        return 50;
    }
    let mean = if weight < 3300.0 { 50.0 * (weight / 3300.0).cbrt() } else { 50.0 + (weight - 3300.0) / 380.0 };
    normal(mean, 0.8, rng).round().clamp(28.0, 56.0) as u32
}

/// Draws the days from birth to discharge: 2 to 4, after a caesarean section 4 to 6.
pub fn stay_days(delivery: Delivery, rng: &mut impl Rng) -> u32 {
    match delivery {
        Delivery::Vaginal => pick([(2, 0.35), (3, 0.5), (4, 0.15)], rng),
        Delivery::Assisted => pick([(3, 0.6), (4, 0.3), (2, 0.1)], rng),
        Delivery::Caesarean => pick([(4, 0.45), (5, 0.4), (6, 0.15)], rng),
    }
}

/// Draws the mother's age in full years, 18 to 46, mean about 30.
pub fn mother_age(rng: &mut impl Rng) -> u32 {
    loop {
        let age = normal(30.2, 4.6, rng).floor();
        if (18.0..=46.0).contains(&age) {
            return age as u32;
        }
    }
}

/// Draws how many children the mother has had, this one counted, as fits her age: 1 to 3.
pub fn parity(mother_age: u32, rng: &mut impl Rng) -> u8 {
    let age = f64::from(mother_age);
    let another = ((age - 18.0) / 26.0).clamp(0.04, 0.72);
    let third = ((age - 23.0) / 120.0).clamp(0.0, 0.12);
    pick([(1, 1.0 - another), (2, another - another * third), (3, another * third)], rng)
}

fn counted_weight(week: u32, sex: Sex, rng: &mut impl Rng) -> Option<f64> {
    if week < *TABLE_WEEKS.start() {
        return None;
    }
    let row = (week.min(*TABLE_WEEKS.end()) - TABLE_WEEKS.start()) as usize;
    let bin = COUNTED[usize::from(sex == Sex::Male)].get(row)?.draw(rng)?;
    Some(f64::from(*bin) + rng.random_range(0.0..100.0))
}

/// Hadlock, Harrist and Martinez-Poyer (1991): ln of the median weight in grams by week, deviation 12.7 %.
fn growth_curve_weight(weeks: f64, rng: &mut impl Rng) -> f64 {
    let median = (0.578 + 0.332 * weeks - 0.00354 * weeks * weeks).exp();
    normal(median, 0.127 * median, rng)
}

/// Weight bins by week of [`TABLE_WEEKS`], of girls and of boys. Births misdated by a month are left out.
static COUNTED: LazyLock<[Vec<Weighted<u32>>; 2]> = LazyLock::new(|| {
    ["F", "M"].map(|sex| {
        let of_week = |week: u32| {
            let births = rows::<4>(WEIGHTS).filter(|row| row[1] == sex).filter_map(|[weeks, _, bin, count]| {
                Some((weeks.parse::<u32>().ok()?, bin.parse::<u32>().ok()?, count.parse::<f64>().ok()?))
            });
            let near = births.filter(|(weeks, bin, _)| {
                let counts = *weeks == week || (week == *TABLE_WEEKS.end() && *weeks + 1 == week);
                counts && (2000..=4900).contains(bin)
            });
            Weighted::new(near.map(|(_, bin, count)| (bin, count)))
        };
        TABLE_WEEKS.map(of_week).collect()
    })
});

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn mean(values: impl Iterator<Item = u32>) -> f64 {
        let values: Vec<f64> = values.map(f64::from).collect();
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[test]
    fn gestation_is_about_39_weeks_with_a_tail_before_37() {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let days: Vec<u32> = (0..10_000).map(|_| gestation_days(&mut rng)).collect();
        assert!((272.0..280.0).contains(&mean(days.iter().copied())));
        let early = days.iter().filter(|days| **days < 37 * 7).count();
        assert!((550..850).contains(&early), "{early}");
        assert!(days.iter().all(|days| (196..=300).contains(days)));
    }

    #[test]
    fn weight_grows_with_gestation_and_differs_by_sex_and_culture() {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let mut at = |culture, weeks: u32, sex| mean((0..4000).map(|_| weight(culture, weeks * 7 + 3, sex, &mut rng)));
        let by_week: Vec<f64> = [29, 32, 35, 37, 39, 41].map(|weeks| at(Culture::Chinese, weeks, Sex::Female)).into();
        assert!(by_week.is_sorted(), "{by_week:?}");
        assert!(at(Culture::Chinese, 39, Sex::Male) > by_week[4] + 50.0);
        let lighter = at(Culture::English, 39, Sex::Female) - by_week[4];
        assert!((60.0..140.0).contains(&lighter), "{lighter}");
        assert!((3150.0..3400.0).contains(&by_week[4]), "{by_week:?}");
    }

    #[test]
    fn weights_stand_on_the_steps_of_a_scale() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let weights: Vec<u32> = (0..10_000).map(|_| weight(Culture::Chinese, 275, Sex::Male, &mut rng)).collect();
        assert!(weights.iter().all(|grams| grams % 5 == 0));
        let to_fifty = weights.iter().filter(|grams| **grams % 50 == 0).count();
        assert!((4500..6500).contains(&to_fifty), "{to_fifty}");
    }

    #[test]
    fn sections_are_at_daytime_and_the_rest_at_any_hour() {
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        let monday = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let mut daytime = |delivery| {
            let births = (0..4000).map(|_| monday.and_time(birth_time(delivery, monday, &mut rng)));
            births.filter(|birth| is_daytime(*birth)).count()
        };
        assert!(daytime(Delivery::Caesarean) > 3000);
        assert!((1500..1850).contains(&daytime(Delivery::Vaginal)));
    }

    #[test]
    fn the_share_of_sections_follows_the_hour() {
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let monday = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let mut share = |hour: u32| {
            let birth = monday.and_hms_opt(hour, 0, 0).unwrap();
            (0..10_000).filter(|_| delivery(birth, &mut rng) == Delivery::Caesarean).count()
        };
        assert!((4150..4450).contains(&share(0)));
        assert!(share(10) > 6000);
        assert!(share(3) < 2800);
    }

    #[test]
    fn older_mothers_have_more_children() {
        let mut rng = ChaCha20Rng::seed_from_u64(10);
        let mut at = |age| mean((0..4000).map(|_| u32::from(parity(age, &mut rng))));
        assert!(at(20) < 1.15);
        assert!(at(26) < at(33) && at(33) < at(40));
        let ages: Vec<u32> = (0..10_000).map(|_| mother_age(&mut rng)).collect();
        assert!(ages.iter().all(|age| (18..=46).contains(age)));
        assert!((29.0..31.0).contains(&mean(ages.into_iter())));
    }
}
