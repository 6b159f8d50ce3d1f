//! The districts of China, and finding out where a list is from.
//!
//! A place name in a text is not always a place: `南京东路` is a road in Shanghai and `中山医院` a hospital
//! there, so a bare city name counts only where no road or hospital follows it.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::id_number::RegionCode;
use super::tables::{COMPOUNDS, DIVISIONS, ROADS, rows};

/// Roads that nearly every Chinese town has.
const COMMON_ROADS: [&str; 24] = [
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "新华路",
    "和平路",
    "文化路",
    "胜利路",
    "光明路",
    "团结路",
    "幸福路",
    "朝阳路",
    "友谊路",
    "青年路",
    "民主路",
    "工农路",
    "东风路",
    "向阳路",
    "健康路",
    "学府路",
    "迎宾大道",
    "滨河路",
    "公园路",
    "站前路",
];

/// Share of the mentioned districts that one must have for a list to be that district's own.
const OWN_DISTRICT_SHARE: f64 = 0.8;

/// A city or prefecture and its districts; a municipality such as Shanghai is its own province.
#[derive(Debug)]
pub(super) struct City {
    pub name: &'static str,
    pub province: &'static str,
    pub districts: Vec<District>,
}

/// A district or county, with what the tables know of its roads and compounds.
#[derive(Debug)]
pub(super) struct District {
    pub name: &'static str,
    pub code: RegionCode,
    pub roads: Vec<&'static str>,
    pub compounds: Vec<&'static str>,
    pub streets: Vec<&'static str>,
}

/// What a name in a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Province,
    City { city: usize },
    District { city: usize, district: usize },
}

/// The city, and perhaps the district, that a list is from; or nothing known.
#[derive(Debug, Clone, Default)]
pub struct Place {
    city: Option<&'static City>,
    district: Quarter,
}

#[derive(Debug, Clone, Default)]
enum Quarter {
    #[default]
    Any,
    Known(&'static District),
    Named(String),
}

impl Place {
    /// Finds the city most of the texts mention, and its district if nearly all mention the same one.
    ///
    /// Texts are addresses, hospital names and district cells; without a mention the place is unknown.
    pub fn find<'a>(texts: impl Iterator<Item = &'a str>) -> Place {
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        let mut districts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for text in texts {
            for named in mentions(text) {
                // A district name that k cities have speaks for each of them by 1/k.
                let share = 1.0 / named.len().max(1) as f64;
                for one in named {
                    match one {
                        Named::Province => {}
                        Named::City { city } => *scores.entry(*city).or_default() += share,
                        Named::District { city, district } => {
                            *scores.entry(*city).or_default() += share;
                            *districts.entry((*city, *district)).or_default() += share;
                        }
                    }
                }
            }
        }
        let most = scores.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((city, _)) = most else { return Place::default() };
        let of_city: Vec<_> = districts.into_iter().filter(|((of, _), _)| *of == city).collect();
        let sum: f64 = of_city.iter().map(|(_, score)| score).sum();
        let own = of_city.iter().find(|(_, score)| *score >= OWN_DISTRICT_SHARE * sum);
        let city = &COUNTRY.cities[city];
        let district = own.map_or(Quarter::Any, |((_, district), _)| Quarter::Known(&city.districts[*district]));
        Place { city: Some(city), district }
    }

    /// Gives the place with a district of its own, written `西湖区` or `西湖`; an unknown name is kept as it is.
    pub fn with_district(&self, name: &str) -> Place {
        let name = name.trim();
        if name.is_empty() {
            return Place { city: self.city, district: Quarter::Any };
        }
        let within = |city: &'static City| {
            city.districts.iter().find(|district| district.name == name || bare(district.name) == Some(name))
        };
        if let Some(known) = self.city.and_then(within) {
            return Place { city: self.city, district: Quarter::Known(known) };
        }
        let mut elsewhere = COUNTRY.cities.iter().filter_map(|city| within(city).map(|district| (city, district)));
        match (self.city, elsewhere.next(), elsewhere.next()) {
            (None, Some((city, district)), None) => Place { city: Some(city), district: Quarter::Known(district) },
            _ => Place { city: self.city, district: Quarter::Named(name.to_string()) },
        }
    }

    /// Says whether a city is known.
    pub fn is_known(&self) -> bool {
        self.city.is_some()
    }

    /// Names the province, `浙江省`; empty if unknown.
    pub fn province(&self) -> &str {
        self.city.map_or("", |city| city.province)
    }

    /// Names the city, `杭州市`; empty if unknown.
    pub fn city(&self) -> &str {
        self.city.map_or("", |city| city.name)
    }

    /// Names the district the place is narrowed to; empty if it is a whole city.
    pub fn district(&self) -> &str {
        match &self.district {
            Quarter::Any => "",
            Quarter::Known(district) => district.name,
            Quarter::Named(name) => name,
        }
    }

    /// Gives a district of the place: its own, or any of the city; none if unknown to the tables.
    pub(super) fn a_district(&self, rng: &mut impl Rng) -> Option<&'static District> {
        match (&self.district, self.city) {
            (Quarter::Known(district), _) => Some(district),
            (Quarter::Any, Some(city)) => city.districts.choose(rng),
            (Quarter::Any, None) | (Quarter::Named(_), _) => None,
        }
    }

    /// Gives the code of a region somebody here comes from: mostly this city, else anywhere.
    pub fn an_origin(&self, rng: &mut impl Rng) -> RegionCode {
        let anywhere = || &COUNTRY.cities[0];
        let home = self.city.filter(|_| rng.random_bool(0.6));
        let city = match (home, self.city) {
            (Some(city), _) => city,
            (None, Some(here)) if rng.random_bool(0.5) => a_city_of(here.province, rng),
            (None, _) => COUNTRY.cities.choose(rng).unwrap_or_else(anywhere),
        };
        let other = || RegionCode::parse("110101").expect("the text is six digits");
        city.districts.choose(rng).map_or_else(other, |district| district.code)
    }
}

/// Gives a road of the district, or one of those every town has.
pub(super) fn a_road(district: Option<&District>, rng: &mut impl Rng) -> &'static str {
    let own = district.map_or(&[][..], |district| &district.roads);
    let index = rng.random_range(0..own.len() + if own.len() < 12 { COMMON_ROADS.len() / 4 } else { 0 });
    own.get(index).copied().unwrap_or_else(|| COMMON_ROADS[rng.random_range(0..COMMON_ROADS.len())])
}

/// Gives a compound of the district, or one put together from the words of others.
pub(super) fn a_compound(district: Option<&District>, rng: &mut impl Rng) -> String {
    let own = district.map_or(&[][..], |district| &district.compounds);
    if own.len() > 3 && rng.random_bool(0.6) {
        return own[rng.random_range(0..own.len())].to_string();
    }
    let stem = COUNTRY.stems.choose(rng).copied().unwrap_or("新华");
    let suffix = COUNTRY.suffixes.choose(rng).copied().unwrap_or("花园");
    format!("{stem}{suffix}")
}

/// Says whether the text ends as compounds do (`新村`, `花园`, `苑`).
pub(super) fn ends_as_compound(text: &str) -> bool {
    COUNTRY.endings.iter().any(|ending| text.ends_with(ending))
}

/// Gives the city and district that have the code today.
pub(super) fn by_code(code: RegionCode) -> Option<(&'static City, &'static District)> {
    let (city, district) = COUNTRY.codes.get(&code)?;
    let city = &COUNTRY.cities[*city];
    Some((city, &city.districts[*district]))
}

/// Gives the place and district numbers of [`Named`] stand for.
pub(super) fn district_of(city: usize, district: usize) -> Option<(&'static City, &'static District)> {
    let city = COUNTRY.cities.get(city)?;
    Some((city, city.districts.get(district)?))
}

/// Finds the longest place name the text starts with: its length in bytes and what it may stand for.
pub(super) fn name_at_start(text: &str) -> Option<(usize, &'static [Named])> {
    let names = COUNTRY.names.get(&text.chars().next()?)?;
    let entry = names.iter().find(|entry| text.starts_with(&entry.name))?;
    let rest = &text[entry.name.len()..];
    let is_place = !entry.is_bare || (!begins_road(rest) && !rest.starts_with("医院") && !rest.starts_with("新村"));
    is_place.then_some((entry.name.len(), &entry.named))
}

fn begins_road(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['东', '西', '南', '北', '中', '一', '二', '三', '大']);
    ["路", "街", "道", "弄", "巷", "支路"].iter().any(|ending| rest.starts_with(ending))
}

fn mentions(text: &str) -> Vec<&'static [Named]> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    if let Some(named) = COUNTRY.bare_districts.get(rest) {
        return vec![named];
    }
    while let Some(first) = rest.chars().next() {
        match name_at_start(rest) {
            Some((length, named)) => {
                found.push(named);
                rest = &rest[length..];
            }
            None => rest = &rest[first.len_utf8()..],
        }
    }
    found
}

/// Drops the word for its rank from a name of three characters or more: `西湖区` is `西湖`.
fn bare(name: &str) -> Option<&str> {
    let short = ["地区", "市", "区", "县", "盟"].iter().find_map(|rank| name.strip_suffix(rank))?;
    (short.chars().count() >= 2).then_some(short)
}

fn a_city_of(province: &str, rng: &mut impl Rng) -> &'static City {
    let from = COUNTRY.cities.partition_point(|city| city.districts[0].code.province() < province_code(province));
    let to = COUNTRY.cities.partition_point(|city| city.districts[0].code.province() <= province_code(province));
    COUNTRY.cities[from..to].choose(rng).unwrap_or(&COUNTRY.cities[0])
}

fn province_code(province: &str) -> u32 {
    COUNTRY.provinces.get(province).copied().unwrap_or(11)
}

struct Entry {
    name: String,
    is_bare: bool,
    named: Vec<Named>,
}

/// Everything the tables say, ready to be asked.
struct Country {
    cities: Vec<City>,
    provinces: BTreeMap<&'static str, u32>,
    names: HashMap<char, Vec<Entry>>,
    bare_districts: HashMap<&'static str, Vec<Named>>,
    codes: BTreeMap<RegionCode, (usize, usize)>,
    stems: Vec<&'static str>,
    suffixes: Vec<&'static str>,
    endings: Vec<&'static str>,
}

static COUNTRY: LazyLock<Country> = LazyLock::new(|| {
    let mut cities = cities();
    add_roads_and_compounds(&mut cities);
    let mut provinces = BTreeMap::new();
    let mut codes = BTreeMap::new();
    for (c, city) in cities.iter().enumerate() {
        for (d, district) in city.districts.iter().enumerate() {
            provinces.insert(city.province, district.code.province());
            codes.insert(district.code, (c, d));
        }
    }
    let (mut stems, mut suffixes) = (Vec::new(), Vec::new());
    for [_, _, _, _, stem, suffix] in rows::<6>(COMPOUNDS) {
        if (2..=3).contains(&stem.chars().count()) && suffix != "里" {
            stems.push(stem);
            suffixes.push(suffix);
        }
    }
    let mut endings: Vec<&'static str> = rows::<6>(COMPOUNDS).map(|row| row[5]).collect();
    endings.sort_unstable();
    endings.dedup();
    let (names, bare_districts) = gazetteer(&cities);
    Country { cities, provinces, names, bare_districts, codes, stems, suffixes, endings }
});

fn cities() -> Vec<City> {
    let mut cities: Vec<City> = Vec::new();
    for [code, district, city, province] in rows::<4>(DIVISIONS) {
        let Some(code) = RegionCode::parse(code) else { continue };
        let name = match city {
            "市辖区" | "县" => province,
            _ if city.contains("直辖") => district,
            _ => city,
        };
        if cities.last().is_none_or(|last| last.name != name || last.province != province) {
            cities.push(City { name, province, districts: Vec::new() });
        }
        if let Some(last) = cities.last_mut() {
            let (roads, compounds, streets) = (Vec::new(), Vec::new(), Vec::new());
            last.districts.push(District { name: district, code, roads, compounds, streets });
        }
    }
    cities
}

fn add_roads_and_compounds(cities: &mut [City]) {
    let mut find = |city: &str, name: &str, add: &dyn Fn(&mut District)| {
        let of_city = cities.iter_mut().filter(|other| bare(other.name) == Some(city));
        of_city.flat_map(|city| &mut city.districts).filter(|district| district.name == name).for_each(add);
    };
    for [city, district, road] in rows::<3>(ROADS) {
        find(city, district, &|found| found.roads.push(road));
    }
    for [city, district, street, compound] in rows::<4>(COMPOUNDS) {
        find(city, district, &|found| {
            found.compounds.push(compound);
            if found.streets.last() != Some(&street) {
                found.streets.push(street);
            }
        });
    }
}

type Gazetteer = (HashMap<char, Vec<Entry>>, HashMap<&'static str, Vec<Named>>);

fn gazetteer(cities: &[City]) -> Gazetteer {
    let mut all: BTreeMap<(&'static str, bool), Vec<Named>> = BTreeMap::new();
    let mut bare_districts: HashMap<&'static str, Vec<Named>> = HashMap::new();
    for (c, city) in cities.iter().enumerate() {
        if city.province != city.name {
            all.insert((city.province, false), vec![Named::Province]);
        }
        all.entry((city.name, false)).or_default().push(Named::City { city: c });
        if let Some(short) = bare(city.name) {
            all.entry((short, true)).or_default().push(Named::City { city: c });
        }
        for (d, district) in city.districts.iter().enumerate().filter(|(_, district)| district.name != city.name) {
            let named = Named::District { city: c, district: d };
            all.entry((district.name, false)).or_default().push(named);
            if let Some(short) = bare(district.name) {
                bare_districts.entry(short).or_default().push(named);
            }
        }
    }
    let mut names: HashMap<char, Vec<Entry>> = HashMap::new();
    for ((name, is_bare), named) in all {
        if let Some(first) = name.chars().next() {
            names.entry(first).or_default().push(Entry { name: name.to_string(), is_bare, named });
        }
    }
    names.values_mut().for_each(|entries| entries.sort_by_key(|entry| std::cmp::Reverse(entry.name.len())));
    (names, bare_districts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn the_city_most_mentioned_is_the_place() {
        let addresses = ["西湖区东山弄5号", "余杭区人民路1号", "上城区东坡路2号", "建德市人民路3号", "南京东路4号"];
        let place = Place::find(addresses.into_iter());
        assert_eq!((place.province(), place.city(), place.district()), ("浙江省", "杭州市", ""));
    }

    #[test]
    fn a_road_or_hospital_named_after_a_city_is_no_mention() {
        let texts = ["南京东路100号", "北京西路7弄", "中山医院", "徐汇区宜山路9号"];
        assert_eq!(Place::find(texts.into_iter()).city(), "上海市");
        assert!(!Place::find(["南京东路100号", "中山医院", "某某路"].into_iter()).is_known());
    }

    #[test]
    fn a_list_of_one_district_is_of_that_district() {
        let place = Place::find(["龙华区大布巷1号", "深圳市龙华区中医院", "龙华"].into_iter());
        assert_eq!((place.city(), place.district()), ("深圳市", "龙华区"));
        assert_eq!(Place::find(["龙华区", "罗湖区", "深圳"].into_iter()).district(), "");
    }

    #[test]
    fn every_district_of_the_country_is_found_under_its_city() {
        let mut count = 0;
        for city in &COUNTRY.cities {
            for district in &city.districts {
                let text = format!("{}{}{}", city.province, city.name, district.name);
                let place = Place::find([text.as_str()].into_iter());
                assert_eq!((place.province(), place.city()), (city.province, city.name), "{text}");
                count += 1;
            }
        }
        assert_eq!(count, 2978);
    }

    #[test]
    fn a_district_can_be_set_with_or_without_its_rank() {
        let hangzhou = Place::find(["杭州市"].into_iter());
        assert_eq!(hangzhou.with_district("西湖").district(), "西湖区");
        assert_eq!(hangzhou.with_district("西湖区").city(), "杭州市");
        assert_eq!(hangzhou.with_district("新区").district(), "新区");
        assert_eq!(Place::default().with_district("拱墅区").city(), "杭州市");
        assert_eq!(Place::default().with_district("鼓楼区").city(), "");
    }

    #[test]
    fn roads_and_compounds_are_those_of_the_district() {
        let mut rng = ChaCha20Rng::seed_from_u64(4);
        let place = Place::find(["上海市浦东新区"].into_iter());
        let district = place.a_district(&mut rng).unwrap();
        let own = (0..200).filter(|_| district.roads.contains(&a_road(Some(district), &mut rng))).count();
        assert!(own > 120, "{own} of {} roads", district.roads.len());
        let own = (0..200).filter(|_| district.compounds.contains(&&*a_compound(Some(district), &mut rng))).count();
        assert!((80..160).contains(&own), "{own}");
        assert!(COMMON_ROADS.contains(&a_road(None, &mut rng)));
    }
}
