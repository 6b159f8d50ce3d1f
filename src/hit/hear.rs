//! What the caller knew: the facts of a persona found in what was said, and the level they make.
//!
//! A wrong fact is not heard at all, and neither is one that is denied. One common fact is no
//! `content`: a seventh of China is called 王, 李 or 张.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde::Serialize;

use super::clues::Clues;
use super::names::Name;
use super::sexes::{Sex, sex_said};
use super::speech::{Speech, fold};
use super::{births, places, trades};

/// Most texts that are kept to be heard again.
const SCRIPTS_MAX: usize = 50_000;
/// Facts at and above which a contact is `content`.
const FACTS_FOR_CONTENT: usize = 2;

/// How much a contact says about a leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No words known, silence, or nothing that has to do with a birth.
    Ring,
    /// The business is one that uses such lists.
    Topic,
    /// Two facts of this canary's persona, or one rare one.
    Content,
}

/// A fact of a persona that a caller knew, named like the meaning of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    MotherName,
    /// The whole name, heard as one that sounds like it.
    MotherNameAlike,
    Surname,
    /// The surname, heard as one that sounds like it (陈 as 程).
    SurnameAlike,
    GivenName,
    FatherName,
    BabyName,
    BabySex,
    BirthDate,
    BirthMonth,
    Hospital,
    Address,
    District,
    IdNumber,
}

/// Whether one fact alone tells this person from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rarity {
    Common,
    Rare,
}

/// What was written about a persona, as far as a caller could know it; texts as the list has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'p> {
    pub mother_name: Option<&'p str>,
    pub father_name: Option<&'p str>,
    pub baby_name: Option<&'p str>,
    pub baby_sex: Option<&'p str>,
    pub birth_date: Option<&'p str>,
    pub hospital: Option<&'p str>,
    pub address: Option<&'p str>,
    pub district: Option<&'p str>,
    pub id_number: Option<&'p str>,
}

/// The level of a contact and the facts behind it, each once.
///
/// `chance` is how likely somebody who knows nothing of this person gets all of these facts right.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub level: Level,
    pub facts: Vec<Fact>,
    pub chance: f64,
}

impl Fact {
    /// Facts that people of one list often share, so that how often is counted.
    pub(super) const COUNTED: [Fact; 9] = [
        Fact::Surname,
        Fact::GivenName,
        Fact::BabyName,
        Fact::BabySex,
        Fact::BirthDate,
        Fact::BirthMonth,
        Fact::Hospital,
        Fact::Address,
        Fact::District,
    ];

    /// Gives the word that stands in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Fact::MotherName => "mother_name",
            Fact::MotherNameAlike => "mother_name_alike",
            Fact::Surname => "surname",
            Fact::SurnameAlike => "surname_alike",
            Fact::GivenName => "given_name",
            Fact::FatherName => "father_name",
            Fact::BabyName => "baby_name",
            Fact::BabySex => "baby_sex",
            Fact::BirthDate => "birth_date",
            Fact::BirthMonth => "birth_month",
            Fact::Hospital => "hospital",
            Fact::Address => "address",
            Fact::District => "district",
            Fact::IdNumber => "id_number",
        }
    }

    /// Finds the fact that a word stands for, of those that a list can have beside a number.
    pub(super) fn of_word(word: &str) -> Option<Fact> {
        const LISTED: [Fact; 7] = [
            Fact::MotherName,
            Fact::FatherName,
            Fact::BabyName,
            Fact::BirthDate,
            Fact::BirthMonth,
            Fact::Hospital,
            Fact::Address,
        ];
        LISTED.into_iter().find(|fact| fact.word() == word)
    }

    /// Gives the share of other people of the same lists for whom a guess would be right as well.
    ///
    /// Surname: sum of squared shares of the Ministry of Public Security's surname table, about 1 in 25;
    /// sex 1/2, month 1/12, day 1/365; the last four digits of an identity number 1/10,000. A newborn's given name may be one
    /// that a hundredth of them bear, and a home lie in an estate of a hundredth of the list; a list is mostly of one hospital.
    /// The others are set for a city of a dozen districts and for whole names that one in ten thousand shares at most.
    pub fn commonness(self) -> f64 {
        match self {
            Fact::MotherName | Fact::FatherName | Fact::IdNumber => 1e-4,
            Fact::MotherNameAlike => 1e-3,
            Fact::Surname => 0.04,
            Fact::SurnameAlike => 0.2,
            Fact::GivenName | Fact::BabyName | Fact::Address => 0.01,
            Fact::BabySex => 0.5,
            Fact::BirthDate => 1.0 / 365.0,
            Fact::BirthMonth => 1.0 / 12.0,
            Fact::Hospital => 0.5,
            Fact::District => 0.1,
        }
    }

    /// Tells whether only somebody who speaks of a birth would know it.
    fn is_of_birth(self) -> bool {
        match self {
            Fact::BabyName | Fact::BabySex | Fact::BirthDate | Fact::BirthMonth | Fact::Hospital => true,
            Fact::MotherName
            | Fact::MotherNameAlike
            | Fact::Surname
            | Fact::SurnameAlike
            | Fact::GivenName
            | Fact::FatherName
            | Fact::Address
            | Fact::District
            | Fact::IdNumber => false,
        }
    }
}

/// Finds what a caller knew of a persona in `said`, free text in Chinese or English.
///
/// The chance is the country's; [`Commonness`](super::Commonness) gives the list's own.
pub fn hear(said: &str, known: &Known<'_>) -> Heard {
    Ears::default().hear(said, known)
}

/// Hears many texts; those of one script are taken in once.
#[derive(Debug, Default)]
pub struct Ears {
    texts: HashMap<String, Text, RandomState>,
}

/// A text that was taken in: folded, what it could tell, and whether it is about the trade.
#[derive(Debug, Clone)]
struct Text {
    speech: Speech,
    clues: Clues,
    topic: bool,
}

impl Ears {
    /// Finds what a caller knew, as [`hear`] does.
    pub fn hear(&mut self, said: &str, known: &Known<'_>) -> Heard {
        if said.is_empty() {
            return Heard { level: Level::Ring, facts: Vec::new(), chance: 1.0 };
        }
        if let Some(text) = self.texts.get(said) {
            return text.heard(known);
        }
        let text = Text::of(said);
        let heard = text.heard(known);
        if self.texts.len() < SCRIPTS_MAX {
            self.texts.insert(said.to_string(), text);
        }
        heard
    }
}

impl Text {
    fn of(said: &str) -> Text {
        let speech = Speech::of(said);
        Text { clues: Clues::of(&speech), topic: trades::is_topic(&speech), speech }
    }

    fn heard(&self, known: &Known<'_>) -> Heard {
        if self.clues.could_tell(&self.speech, known) {
            return heard_whole(self.speech.clone(), self.topic, known);
        }
        let level = if self.topic { Level::Topic } else { Level::Ring };
        Heard { level, facts: Vec::new(), chance: 1.0 }
    }
}

/// Goes through a speech for every fact of a persona.
pub(super) fn heard_whole(mut speech: Speech, topic: bool, known: &Known<'_>) -> Heard {
    let mut found: Vec<(Fact, Rarity)> = Vec::new();
    hear_names(&mut speech, known, &mut found);
    hear_places(&mut speech, known, &mut found);
    if known.id_number.is_some_and(|id| knows_id(&speech, id)) {
        found.push((Fact::IdNumber, Rarity::Rare));
    }
    match known.birth_date.and_then(|birth| births::birth_said(&speech, birth)) {
        Some(births::Precision::Day) => found.push((Fact::BirthDate, Rarity::Common)),
        Some(births::Precision::Month) => found.push((Fact::BirthMonth, Rarity::Common)),
        None => {}
    }
    let sex = known.baby_sex.and_then(Sex::written);
    if sex.is_some() && sex_said(&speech) == sex {
        found.push((Fact::BabySex, Rarity::Common));
    }
    found.sort();
    found.dedup_by_key(|(fact, _)| *fact);
    let content = found.len() >= FACTS_FOR_CONTENT || found.iter().any(|(_, rarity)| *rarity == Rarity::Rare);
    let level = if content {
        Level::Content
    } else if topic || found.iter().any(|(fact, _)| fact.is_of_birth()) {
        Level::Topic
    } else {
        Level::Ring
    };
    let facts: Vec<Fact> = found.into_iter().map(|(fact, _)| fact).collect();
    let chance = facts.iter().map(|fact| fact.commonness()).product();
    Heard { level, facts, chance }
}

fn hear_names(speech: &mut Speech, known: &Known<'_>, found: &mut Vec<(Fact, Rarity)>) {
    let mother = known.mother_name.and_then(Name::written);
    let father = known.father_name.and_then(Name::written);
    let after_mother = |baby: &&str| !known.mother_name.is_some_and(|mother| fold(baby).starts_with(&fold(mother)));
    let baby = known.baby_name.filter(after_mother).and_then(Name::written);
    for (fact, name) in [(Fact::BabyName, &baby), (Fact::MotherName, &mother), (Fact::FatherName, &father)] {
        if let Some(place) = name.as_ref().and_then(|name| name.heard_whole(speech)) {
            speech.take(place);
            found.push((fact, Rarity::Rare));
        }
    }
    if let Some(place) = baby.as_ref().and_then(|name| name.baby_heard(speech)) {
        speech.take(place);
        found.push((Fact::BabyName, Rarity::Rare));
    }
    if found.iter().any(|(fact, _)| *fact == Fact::MotherName) {
        return;
    }
    if let Some(place) = mother.as_ref().and_then(|name| name.heard_alike(speech)) {
        speech.take(place);
        found.push((Fact::MotherNameAlike, Rarity::Common));
        return;
    }
    if let Some(place) = mother.as_ref().and_then(|name| name.surname_heard(speech)) {
        speech.take(place);
        found.push((Fact::Surname, Rarity::Common));
    } else if let Some(place) = mother.as_ref().and_then(|name| name.surname_heard_alike(speech)) {
        speech.take(place);
        found.push((Fact::SurnameAlike, Rarity::Common));
    }
    if let Some(place) = mother.as_ref().and_then(|name| name.given_heard(speech)) {
        speech.take(place);
        found.push((Fact::GivenName, Rarity::Common));
    }
}

fn hear_places(speech: &mut Speech, known: &Known<'_>, found: &mut Vec<(Fact, Rarity)>) {
    if let Some(place) = known.hospital.and_then(|hospital| places::hospital_heard(speech, hospital)) {
        speech.take(place);
        found.push((Fact::Hospital, Rarity::Common));
    }
    if let Some((rarity, place)) = known.address.and_then(|address| places::address_heard(speech, address)) {
        speech.take(place);
        found.push((Fact::Address, rarity));
    }
    let district = known.district.or(known.address);
    if let Some(place) = district.and_then(|district| places::district_heard(speech, district)) {
        speech.take(place);
        found.push((Fact::District, Rarity::Common));
    }
}

/// Tells whether an id number was said whole, or its last four characters as such (`尾号1234`).
fn knows_id(speech: &Speech, id: &str) -> bool {
    let id = fold(id);
    let Some(tail) = id.len().checked_sub(4).filter(|at| id.is_char_boundary(*at)).map(|at| &id[at..]) else {
        return false;
    };
    id.len() >= 8 && (speech.has(&id) || speech.has(&format!("身份证尾号{tail}")))
}

#[cfg(test)]
mod tests {
    use super::Fact::*;
    use super::Level::*;
    use super::*;

    const WANG: Known<'static> = Known {
        mother_name: Some("王芳"),
        father_name: Some("李建国"),
        baby_name: Some("李子轩"),
        baby_sex: Some("男"),
        birth_date: Some("2026-03-05"),
        hospital: Some("深圳市妇幼保健院"),
        address: Some("深圳市南山区海德三道123号海岸城花园3栋1502"),
        district: Some("南山区"),
        id_number: Some("440305199001011234"),
    };

    const CARTER: Known<'static> = Known {
        mother_name: Some("Emily Carter"),
        father_name: None,
        baby_name: Some("Oliver Carter"),
        baby_sex: Some("F"),
        birth_date: Some("2026-03-05"),
        hospital: Some("St Mary's Hospital"),
        address: Some("12 Oak Street, Springfield"),
        district: Some("Springfield"),
        id_number: None,
    };

    #[test]
    fn sentences_in_chinese() {
        let table: &[(&str, Level, &[Fact])] = &[
            ("", Ring, &[]),
            ("您好", Ring, &[]),
            ("您好,贷款需要吗", Ring, &[]),
            ("王女士您好,需要贷款吗", Ring, &[Surname]),
            ("您好,我们是做胎毛笔的", Topic, &[]),
            ("新生兒攝影免費體驗", Topic, &[]),
            ("请问需要月嫂吗", Topic, &[]),
            ("王女士,满月照了解一下", Topic, &[Surname]),
            ("李女士,满月照了解一下", Topic, &[]),
            ("您是在妇幼生的吧", Topic, &[Hospital]),
            ("妇幼用品促销", Ring, &[]),
            ("这里是男科医院", Ring, &[]),
            ("请问是王芳吗", Content, &[MotherName]),
            ("王芳女士,您好", Content, &[MotherName]),
            ("王芳芳女士,您好", Ring, &[]),
            ("我不是王芳", Ring, &[]),
            ("您是不是王芳", Content, &[MotherName]),
            ("我是王芳,做早教的", Topic, &[]),
            ("我姓王,做通乳的", Topic, &[]),
            ("恭喜王女士喜得贵子", Content, &[Surname, BabySex]),
            ("恭喜王女士喜得千金", Topic, &[Surname]),
            ("您家男宝宝要满月了", Topic, &[BabySex]),
            ("您家儿子还是女儿呢", Ring, &[]),
            ("子轩妈妈您好", Content, &[BabyName]),
            ("李子轩小朋友的疫苗", Content, &[BabyName]),
            ("李建国先生在吗", Content, &[FatherName]),
            ("宝宝3月5号出生的对吧", Topic, &[BirthDate]),
            ("宝宝三月五号在深圳妇幼出生", Content, &[BirthDate, Hospital]),
            ("宝宝是3月份生的", Topic, &[BirthMonth]),
            ("3月5号下午有活动", Ring, &[]),
            ("宝宝3月6号出生的", Ring, &[]),
            ("王女士3月5号在市妇幼生的男孩", Content, &[Surname, BabySex, BirthDate, Hospital]),
            ("您住海岸城花园吧", Content, &[Address]),
            ("您住海德三道那边吧", Ring, &[Address]),
            ("南山区的宝妈福利", Topic, &[District]),
            ("南山妇幼的宝宝", Ring, &[]),
            ("王女士,您在南山区吧", Content, &[Surname, District]),
            ("身份证尾号1234的王女士", Content, &[Surname, IdNumber]),
            ("妇女儿童医院义诊", Ring, &[]),
            ("上周二给您打过电话", Ring, &[]),
            ("劉女士,寶寶滿月了嗎", Ring, &[]),
            ("王太太,想了解奶粉吗", Topic, &[Surname]),
            ("國王女士的店", Ring, &[]),
            ("王芳之子的脐带血", Content, &[MotherName, BabySex]),
        ];
        for (said, level, facts) in table {
            let heard = hear(said, &WANG);
            assert_eq!((heard.level, heard.facts.as_slice()), (*level, *facts), "{said}");
        }
    }

    #[test]
    fn sentences_in_english() {
        let table: &[(&str, Level, &[Fact])] = &[
            ("hello, is this a good time", Ring, &[]),
            ("we offer newborn photography", Topic, &[]),
            ("may I speak to Emily Carter", Content, &[MotherName]),
            ("Mrs. Carter, about baby formula", Topic, &[Surname]),
            ("hi Emily, your car warranty", Ring, &[GivenName]),
            ("this is Emily from the photo studio", Topic, &[]),
            ("I'm not Emily Carter", Ring, &[]),
            ("congratulations on your little girl, Mrs Carter", Content, &[Surname, BabySex]),
            ("congratulations on your little boy, Mrs Carter", Ring, &[Surname]),
            ("your baby was born on 5 March at St Mary's", Content, &[BirthDate, Hospital]),
            ("your baby was born in March", Topic, &[BirthMonth]),
            ("are you at 12 Oak Street", Content, &[Address]),
            ("we are on Oak Street", Ring, &[]),
            ("do you live on Oak Street", Ring, &[Address]),
            ("how is Baby Oliver", Content, &[BabyName]),
            ("boys and girls clothes", Ring, &[]),
            ("the hospital said so", Ring, &[]),
        ];
        for (said, level, facts) in table {
            let heard = hear(said, &CARTER);
            assert_eq!((heard.level, heard.facts.as_slice()), (*level, *facts), "{said}");
        }
    }

    #[test]
    fn nothing_is_heard_of_a_persona_that_says_nothing() {
        let heard = hear("王芳女士,您儿子3月5号在妇幼生的", &Known::default());
        assert_eq!(heard, Heard { level: Ring, facts: vec![], chance: 1.0 });
    }
}
