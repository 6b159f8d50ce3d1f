//! Canaries without a place: rows to key into a system, or to load there.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{Days, NaiveDate, NaiveTime, Timelike};
use rand::{Rng, RngExt};

use super::draw::identity;
use super::model::Model;
use super::numbers::RowNumbers;
use super::{DRAWS_MAX, PlantError, Used, Wish, canary, numbers, site};
use crate::list::Meaning;
use crate::list::profile::Profile;
use crate::persona::address::StartAt;
use crate::persona::{self, Culture, Delivery, Facts, Persona, Place, Sex};
use crate::phone::Number;

/// The columns of a list made from nothing.
pub const DEFAULT_COLUMNS: [Meaning; 10] = [
    Meaning::MotherName,
    Meaning::BabyName,
    Meaning::BabySex,
    Meaning::BirthDate,
    Meaning::GestationWeeks,
    Meaning::DeliveryMode,
    Meaning::BirthWeight,
    Meaning::Phone,
    Meaning::Address,
    Meaning::DischargeDate,
];

/// Days back from today within which births lie.
const RECENT_DAYS: u64 = 21;

/// A canary of no list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeRow {
    pub number: Number,
    pub persona: Persona,
    /// One for each column asked for.
    pub cells: Vec<String>,
    pub fields: BTreeMap<Meaning, String>,
}

/// Makes canaries one by one in a plain style of their culture; columns the persona says nothing about stay empty.
pub fn free_rows<'a, R: Rng>(
    columns: &'a [Meaning],
    (culture, place): (Culture, &'a Place),
    wish: &'a Wish<'a>,
    rng: &'a mut R,
) -> Result<impl Iterator<Item = Result<FreeRow, PlantError>> + use<'a, R>, PlantError> {
    let local: Vec<Number> = wish.numbers.iter().filter(|number| is_local(number, culture)).cloned().collect();
    // Too few are written with the code of their country, as strangers' numbers are.
    let numbers = numbers::choose(&local, (wish.count, 0), None, rng)
        .or_else(|_| numbers::choose(wish.numbers, (wish.count, 0), None, rng))?
        .single();
    let mut people = HashSet::new();
    Ok((1..).zip(numbers).map(move |(row, number)| {
        let made = (0..DRAWS_MAX).find_map(|_| {
            let persona = recent(culture, place, wish.today, rng);
            let id = identity(&persona);
            let cells: Vec<String> = columns.iter().map(|column| plain(*column, &persona, &number)).collect();
            let is_new = !(wish.taken)(&id) && cells.iter().all(|cell| (wish.encodable)(cell));
            (is_new && people.insert(hash(&id))).then_some((persona, cells))
        });
        let (persona, cells) = made.ok_or(PlantError::NobodyNew { row })?;
        Ok(FreeRow { fields: super::fields(columns, &cells), number, persona, cells })
    }))
}

/// Makes canaries one by one in the manner of a list, born of late; counters and serial numbers stay empty.
pub fn free_rows_like<'a, R: Rng>(
    profile: &'a Profile,
    wish: &'a Wish<'a>,
    rng: &'a mut R,
) -> Result<impl Iterator<Item = Result<FreeRow, PlantError>> + use<'a, R>, PlantError> {
    let model = Model::for_numbers(profile, wish.numbers);
    let meanings: Vec<Meaning> = profile.layout.columns.iter().map(|column| column.meaning).collect();
    let mut used = Used::default();
    let fitting = model.writable(wish.numbers)?;
    Ok(numbers::choose(&fitting, (wish.count, 0), Some(profile), rng)?.single().map(move |number| {
        let day = wish.today - Days::new(rng.random_range(1..=RECENT_DAYS));
        let site = site::unplaced(&model, day, rng).ok_or(PlantError::TooFewPlaces { needs: wish.count, has: 0 })?;
        let numbers = RowNumbers { first: number.clone(), others: Vec::new() };
        let made = canary(&model, &site, &numbers, wish, (&used, rng))?;
        used.note(&model, &made.drawn, &made.cells);
        let fields = super::fields(&meanings, &made.cells);
        Ok(FreeRow { number, persona: made.drawn.persona, cells: made.cells, fields })
    }))
}

/// Tells whether people of a culture would have such a number.
fn is_local(number: &Number, culture: Culture) -> bool {
    match culture {
        Culture::Chinese => number.is_chinese_mobile(),
        Culture::English => true,
    }
}

/// Stands for a person in little room; two people with one hash only mean that the second is drawn again.
fn hash(person: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    person.hash(&mut hasher);
    hasher.finish()
}

fn recent(culture: Culture, place: &Place, today: NaiveDate, rng: &mut impl Rng) -> Persona {
    let date = today - Days::new(rng.random_range(1..=RECENT_DAYS));
    let delivery = persona::newborn::delivery(date.and_time(NaiveTime::MIN), rng);
    let time = persona::newborn::birth_time(delivery, date, rng);
    let facts = Facts {
        culture,
        place,
        birth: date.and_time(time),
        sex: None,
        delivery: Some(delivery),
        given_names: &[],
        surnames: &[],
        novelty: 1.0,
    };
    persona::make(&facts, rng)
}

/// Writes one fact of a persona in a plain style.
fn plain(meaning: Meaning, persona: &Persona, number: &Number) -> String {
    let culture = persona.culture;
    let chosen = |zh: &str, en: &str| match culture {
        Culture::Chinese => zh.to_string(),
        Culture::English => en.to_string(),
    };
    match meaning {
        Meaning::MotherName | Meaning::Name => persona.mother.full(culture),
        Meaning::FatherName => persona.father.full(culture),
        Meaning::BabyName => persona.baby.full(culture),
        Meaning::BabySex => match persona.sex {
            Sex::Male => chosen("男", "M"),
            Sex::Female => chosen("女", "F"),
        },
        Meaning::BirthDate => persona.birth.date().to_string(),
        Meaning::BirthTime => format!("{:02}:{:02}", persona.birth.hour(), persona.birth.minute()),
        Meaning::MotherBirthDate => persona.mother_birth.to_string(),
        Meaning::MotherAge => {
            persona.birth.date().years_since(persona.mother_birth).map_or_else(String::new, |age| age.to_string())
        }
        Meaning::Phone => match culture {
            Culture::Chinese if number.is_chinese_mobile() => number.national(),
            Culture::Chinese | Culture::English => number.to_string(),
        },
        Meaning::Address => persona.home.text(culture, StartAt::District),
        Meaning::District => persona.home.district.clone(),
        Meaning::BirthWeight => (persona.weight_g / 10 * 10).to_string(),
        Meaning::BirthLength => persona.length_cm.to_string(),
        Meaning::GestationWeeks => format!("{}+{}", persona.gestation_days / 7, persona.gestation_days % 7),
        Meaning::Parity => persona.parity.to_string(),
        Meaning::DeliveryMode => match persona.delivery {
            Delivery::Vaginal => chosen("顺产", "vaginal"),
            Delivery::Caesarean => chosen("剖宫产", "caesarean"),
            Delivery::Assisted => chosen("产钳", "assisted"),
        },
        Meaning::DischargeDate => persona.discharge.to_string(),
        Meaning::RecordId
        | Meaning::Serial
        | Meaning::IdNumber
        | Meaning::Phone2
        | Meaning::Hospital
        | Meaning::Ward
        | Meaning::HukouType
        | Meaning::PlateNumber
        | Meaning::Area
        | Meaning::WaybillNumber
        | Meaning::Other => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    use super::*;
    use crate::phone::Region;

    #[test]
    fn a_million_people_are_all_different() {
        const PEOPLE: u64 = 1_000_000;
        let blocks = (0..PEOPLE)
            .map(|n| if n < 900_000 { 13_000_000_000 + n * 1_003 } else { 15_000_000_000 + (n - 900_000) * 1_003 });
        let numbers: Vec<Number> =
            blocks.map(|n| Number::parse(&n.to_string(), Region::default()).expect("a number")).collect();
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
        let count = numbers.len();
        let wish = Wish { numbers: &numbers, count, spare: 0, today, encodable: &|_| true, taken: &|_| false };
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let columns = [Meaning::MotherName, Meaning::BirthDate, Meaning::Address, Meaning::Phone];
        let place = Place::default();
        let rows = free_rows(&columns, (Culture::Chinese, &place), &wish, &mut rng).expect("numbers enough");
        let mut people = HashSet::new();
        for row in rows {
            let row = row.expect("somebody new");
            assert!(people.insert(hash(&format!("{}|{}", row.cells[0], row.cells[1]))), "{:?} came twice", row.cells);
        }
        assert_eq!(people.len(), count);
    }
}
