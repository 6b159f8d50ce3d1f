//! Draws the person of a new row: whoever fits the place's dates, the hospital and the donor, and nobody real.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use rand::{Rng, RngExt};

use super::model::Model;
use super::site::Site;
use super::subject::{sex_in, subject_sex};
use super::{clinic, clock, kin};
use crate::list::Meaning;
use crate::list::moment::{DAY_SECONDS, Moment};
use crate::list::profile::{Direction, Key, Order, Place, Texts};
use crate::persona::{self, Delivery, Facts, Persona, RegionCode, Sex, newborn};

/// Days back from today within which a birth lies where the list has no dates.
const RECENT_DAYS: u64 = 45;

/// Births stand in no order if neighbours' are apart by more than this part of what any two are.
const NO_ORDER: f64 = 0.5;

/// Times a gestation is drawn again that is outside those of the list.
const GESTATION_TRIES: usize = 40;

/// Who a row is about, in a list of owners or parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Mother,
    Father,
}

/// Whether people are named as the list names its own, or as nobody there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    AsUsual,
    /// A list of few names has no other one left.
    New,
}

/// A persona with what only its row decides.
pub struct Drawn {
    pub persona: Persona,
    pub subject: Subject,
}

impl Drawn {
    /// Gives the sex of the one the row is about.
    pub fn sex(&self) -> Sex {
        match self.subject {
            Subject::Mother => Sex::Female,
            Subject::Father => Sex::Male,
        }
    }
}

/// Draws a persona for a site in the manner of a donor.
pub fn person<'p>(
    model: &Model<'p>,
    site: &Site<'_>,
    (donor, how): (&'p Texts, Naming),
    today: NaiveDate,
    rng: &mut impl Rng,
) -> Drawn {
    let delivery = model.profile.position(Meaning::DeliveryMode).and_then(|at| clinic::delivery_of(donor.cell(at)));
    let date = birth_date(model, site, donor, today, rng);
    let noon = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    let delivery = delivery.unwrap_or_else(|| newborn::delivery(noon, rng));
    let birth = date.and_time(birth_time(model, site, (delivery, donor), date, rng));
    let place = local_place(model, donor);
    let facts = Facts {
        culture: model.culture,
        place: &place,
        birth,
        sex: sex_in(model.profile, donor),
        delivery: Some(delivery),
        given_names: &[],
        surnames: &[],
        novelty: 1.0,
    };
    let mut persona = persona::make(&facts, rng);
    let usual = |persona: &Persona| {
        model.weeks.is_none_or(|(fewest, most)| (fewest..=most).contains(&(persona.gestation_days / 7)))
    };
    for _ in 0..GESTATION_TRIES {
        if !usual(&persona) {
            persona = persona::make(&facts, rng);
        }
    }
    let settled = site.stay.and_then(|days| u64::try_from(days).ok());
    if let Some(stay) = settled.or_else(|| stay(model, donor)) {
        persona.discharge = birth.date() + Days::new(stay);
    }
    if let Some(origin) = origin(model, donor) {
        persona.origin = origin;
    }
    let subject = match subject_sex(model.profile, donor) {
        Some(Sex::Male) => Subject::Father,
        Some(Sex::Female) => Subject::Mother,
        None if !model.is_of_births() && rng.random_bool(0.5) => Subject::Father,
        None => Subject::Mother,
    };
    kin::follow(model, donor, &mut persona, rng);
    match how {
        Naming::AsUsual => kin::name(model, donor, &mut persona, subject, rng),
        Naming::New => {}
    }
    Drawn { persona, subject }
}

/// Gives the donor's own city and district, where its row tells.
pub fn local_place(model: &Model<'_>, donor: &Texts) -> persona::Place {
    let cell = |meaning: Meaning| model.profile.position(meaning).map(|at| donor.cell(at));
    let own = persona::Place::find(cell(Meaning::Address).into_iter());
    let place = if own.is_known() { own } else { model.place.clone() };
    match cell(Meaning::District) {
        Some(district) if !district.trim().is_empty() => place.with_district(district),
        Some(_) | None => place,
    }
}

/// Turns the value of an ordered column of dates back into a day and a second of it.
pub fn moment_of(order: &Order, value: i64) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let value = match order.direction {
        Direction::Rising => value,
        Direction::Falling => -value,
    };
    let day = |days: i64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?);
    match order.key {
        Key::Counter { .. } => None,
        Key::Day => Some((day(value)?, None)),
        Key::Instant => {
            let second = u32::try_from(value.rem_euclid(DAY_SECONDS)).ok()?;
            let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?;
            Some((day(value.div_euclid(DAY_SECONDS))?, Some(time)))
        }
    }
}

fn day_in(model: &Model<'_>, row: &Texts, at: usize) -> Option<NaiveDate> {
    model.moment(row, at).and_then(|(moment, _)| moment.day())
}

/// Finds the day of birth: the column's own order, else another date in order and the donor's offset to it,
/// else a day of the neighbourhood.
fn birth_date(model: &Model<'_>, site: &Site<'_>, donor: &Texts, today: NaiveDate, rng: &mut impl Rng) -> NaiveDate {
    let Some(column) = model.birth else {
        return today - Days::new(rng.random_range(2..RECENT_DAYS));
    };
    let dated = |column: usize| {
        let order = model.profile.order(column)?;
        moment_of(order, *site.values.get(&column)?)
    };
    if let Some(day) = site.birth.or_else(|| dated(column).map(|(day, _)| day)) {
        return day;
    }
    if let Some(day) = nearly_in_order(model, site.place, column, rng) {
        return day;
    }
    for order in model.profile.orders.iter().filter(|order| order.column != column) {
        let Some((day, _)) = dated(order.column) else { continue };
        for row in [donor, site.place.host(), &site.place.at] {
            if let (Some(other), Some(birth)) = (day_in(model, row, order.column), day_in(model, row, column)) {
                return day + (birth - other);
            }
        }
    }
    // Where births stand in no order the rows around say nothing, and a number near the donor's goes with a day near its own.
    if is_in_no_order(model)
        && let Some(day) = day_in(model, donor, column)
    {
        return model.day_near(column, day, rng);
    }
    let place = site.place;
    let near = [Some(&place.above), Some(&place.at), place.below.as_ref()];
    let near: Vec<NaiveDate> = near.into_iter().flatten().filter_map(|row| day_in(model, row, column)).collect();
    if near.is_empty() {
        return today - Days::new(rng.random_range(2..RECENT_DAYS));
    }
    near[rng.random_range(0..near.len())]
}

/// Tells whether the rows around a place say nothing of the day of birth there.
pub fn is_in_no_order(model: &Model<'_>) -> bool {
    model.apart.is_some_and(|part| part > NO_ORDER)
}

/// Gives the day of a column of dates in order at a site, and the donor's day there.
pub fn beside_order(model: &Model<'_>, site: &Site<'_>, donor: &Texts) -> Option<(NaiveDate, NaiveDate)> {
    model.profile.orders.iter().find_map(|order| {
        let (day, _) = moment_of(order, *site.values.get(&order.column)?)?;
        Some((day, day_in(model, donor, order.column)?))
    })
}

/// Draws a day between those of the rows around where births nearly stand in order, but not so that all may rely on it.
fn nearly_in_order(model: &Model<'_>, place: &Place, column: usize, rng: &mut impl Rng) -> Option<NaiveDate> {
    let (above, at) = (day_in(model, &place.above, column)?, day_in(model, &place.at, column)?);
    if !model.is_nearly_in_order() || above > at {
        return None;
    }
    Some(above + Days::new(rng.random_range(0..=(at - above).num_days().unsigned_abs())))
}

/// Gives the share of neighbours of whom the lower was born on an earlier day.
pub fn steps_back(model: &Model<'_>) -> Option<f64> {
    let column = model.birth?;
    let days = |place: &Place| Some((day_in(model, &place.above, column)?, day_in(model, &place.at, column)?));
    let pairs: Vec<_> = model.profile.places.iter().filter_map(days).collect();
    let back = pairs.iter().filter(|(above, at)| above > at).count();
    (!pairs.is_empty()).then(|| back as f64 / pairs.len() as f64)
}

/// Gives by how much neighbours' days of birth are apart, as a part of what those of rows far from each other are: about 1 in a
/// list sorted by name, next to nothing in one that follows the births.
pub fn apart(model: &Model<'_>) -> Option<f64> {
    let column = model.birth?;
    let places = &model.profile.places;
    let far = places.iter().cycle().skip(places.len() / 2);
    let days = |above: &Texts, below: &Texts| {
        Some((day_in(model, above, column)? - day_in(model, below, column)?).num_days().abs())
    };
    let [near, far] = [
        places.iter().filter_map(|place| days(&place.above, &place.at)).collect(),
        places.iter().zip(far).filter_map(|(place, other)| days(&place.above, &other.at)).collect(),
    ]
    .map(|mut days: Vec<i64>| {
        days.sort_unstable();
        days.get(days.len() / 2).copied()
    });
    Some(near? as f64 / (far? as f64).max(1.0))
}

fn birth_time(
    model: &Model<'_>,
    site: &Site<'_>,
    (delivery, donor): (Delivery, &Texts),
    date: NaiveDate,
    rng: &mut impl Rng,
) -> NaiveTime {
    let ordered = model.birth.and_then(|column| {
        let (_, time) = moment_of(model.profile.order(column)?, *site.values.get(&column)?)?;
        let (above, _) = model.moment(site.place.host(), column)?;
        matches!(above, Moment::DayTime(..)).then_some(time).flatten()
    });
    ordered
        .or_else(|| clock::between(model, site, date, rng))
        .or_else(|| near_donors(model, donor, rng))
        .unwrap_or_else(|| newborn::birth_time(delivery, date, rng))
}

/// Gives the donor's hour, which goes with its way of delivery, and the minute of somebody else.
fn near_donors(model: &Model<'_>, donor: &Texts, rng: &mut impl Rng) -> Option<NaiveTime> {
    let columns = [model.birth, model.profile.position(Meaning::BirthTime)];
    let time = |row: &Texts| {
        let mut times = columns.into_iter().flatten().filter_map(|at| model.moment(row, at)?.0.time());
        times.find(|time| *time != NaiveTime::MIN)
    };
    let (hour, minute) = (time(donor)?, time(model.another(donor, rng)).or_else(|| time(donor))?);
    minute.with_hour(hour.hour())
}

/// Reads the donor's days in hospital.
fn stay(model: &Model<'_>, donor: &Texts) -> Option<u64> {
    let discharge = day_in(model, donor, model.profile.position(Meaning::DischargeDate)?)?;
    let birth = day_in(model, donor, model.birth?)?;
    u64::try_from((discharge - birth).num_days()).ok()
}

/// Reads the region of the donor's identity number.
fn origin(model: &Model<'_>, donor: &Texts) -> Option<RegionCode> {
    model.regions.as_ref()?;
    RegionCode::parse(donor.cell(model.profile.position(Meaning::IdNumber)?).trim().get(..6)?)
}

/// Names who a persona is, for the rule that nobody is planted twice.
pub fn identity(persona: &Persona) -> String {
    let birth: NaiveDateTime = persona.birth;
    format!("{}|{}", persona.mother.full(persona.culture), birth.date())
}
