//! The districts of China and their names, as tables that can be asked.
//!
//! A name alone does not say where: four cities have a `鼓楼区`. A bare city name (`南京`) may be part of a road
//! or of a hospital, and is then no place.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::id_number::RegionCode;
use super::tables::{COMPOUNDS, DIVISIONS, ROADS, rows};

/// Roads that nearly every Chinese town has.
const COMMON_ROADS: &str = "人民路 中山路 解放路 建设路 新华路 和平路 文化路 胜利路 光明路 团结路 幸福路 朝阳路 友谊路 青年路 \
    民主路 工农路 东风路 向阳路 健康路 学府路 迎宾大道 滨河路 公园路 站前路";

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

/// Gives the city and district that the numbers of a [`Named`] stand for.
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

/// Gives the districts a cell names without their rank: `西湖`.
pub(super) fn bare_district(text: &str) -> Option<&'static [Named]> {
    COUNTRY.bare_districts.get(text).map(Vec::as_slice)
}

fn begins_road(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['东', '西', '南', '北', '中', '一', '二', '三', '大']);
    ["路", "街", "道", "弄", "巷", "支路"].iter().any(|ending| rest.starts_with(ending))
}

/// Drops the word for its rank from a name of three characters or more: `西湖区` is `西湖`.
pub(super) fn bare(name: &str) -> Option<&str> {
    let short = ["地区", "市", "区", "县", "盟"].iter().find_map(|rank| name.strip_suffix(rank))?;
    (short.chars().count() >= 2).then_some(short)
}

struct Entry {
    name: String,
    is_bare: bool,
    named: Vec<Named>,
}

/// Everything the tables say, ready to be asked.
pub(super) struct Country {
    pub cities: Vec<City>,
    /// Words before the ending of compounds anywhere (`文鼎`), 2 or 3 characters.
    pub stems: Vec<&'static str>,
    /// Endings of compounds, repeats kept as frequencies.
    pub suffixes: Vec<&'static str>,
    /// The roads of all cities that are not named after a city.
    pub roads: Vec<&'static str>,
    pub common_roads: Vec<&'static str>,
    /// Codes that are on identity cards: those of development zones (`..71` on) are only for statistics.
    pub card_codes: Vec<RegionCode>,
    names: HashMap<char, Vec<Entry>>,
    bare_districts: HashMap<&'static str, Vec<Named>>,
    codes: BTreeMap<RegionCode, (usize, usize)>,
    endings: Vec<&'static str>,
}

pub(super) static COUNTRY: LazyLock<Country> = LazyLock::new(|| {
    let mut cities = cities();
    add_roads_and_compounds(&mut cities);
    let mut codes = BTreeMap::new();
    for (c, city) in cities.iter().enumerate() {
        for (d, district) in city.districts.iter().enumerate() {
            codes.insert(district.code, (c, d));
        }
    }
    let (mut stems, mut suffixes) = (Vec::new(), Vec::new());
    for [_, _, _, _, stem, suffix] in rows::<6>(COMPOUNDS) {
        if (2..=3).contains(&stem.chars().count()) && suffix != "里" && !is_misread(stem) {
            stems.push(stem);
            suffixes.push(suffix);
        }
    }
    let mut endings: Vec<&'static str> = rows::<6>(COMPOUNDS).map(|row| row[5]).collect();
    endings.sort_unstable();
    endings.dedup();
    let (names, bare_districts) = gazetteer(&cities);
    let is_of_a_city = |road: &str| {
        let names = road.chars().next().and_then(|first| names.get(&first));
        names.is_some_and(|names| names.iter().any(|entry| road.starts_with(&entry.name)))
    };
    let roads = rows::<3>(ROADS).map(|row| row[2]).filter(|road| !is_of_a_city(road)).collect();
    let common_roads = COMMON_ROADS.split(' ').collect();
    let card_codes = codes.keys().copied().filter(|code| code.is_on_cards()).collect();
    Country { cities, stems, suffixes, roads, common_roads, card_codes, names, bare_districts, codes, endings }
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
    let mut places: HashMap<(&str, &str), Vec<(usize, usize)>> = HashMap::new();
    for (c, city) in cities.iter().enumerate() {
        let Some(short) = bare(city.name) else { continue };
        for (d, district) in city.districts.iter().enumerate() {
            places.entry((short, district.name)).or_default().push((c, d));
        }
    }
    let mut find = |city: &'static str, name: &'static str, add: &dyn Fn(&mut District)| {
        let found = places.get(&(city, name)).into_iter().flatten();
        found.for_each(|&(city, district)| add(&mut cities[city].districts[district]));
    };
    for [city, district, road] in rows::<3>(ROADS) {
        find(city, district, &|found| found.roads.push(road));
    }
    for [city, district, street, compound] in rows::<4>(COMPOUNDS) {
        find(city, district, &|found| {
            if !is_misread(compound) {
                found.compounds.push(compound);
            }
            if found.streets.last() != Some(&street) {
                found.streets.push(street);
            }
        });
    }
}

/// Says whether a name would be read with the number before it (`12号` and `楼下新村`) or is a committee's.
fn is_misread(name: &str) -> bool {
    name.contains("社区") || name.starts_with(['楼', '院', '区', '期', '门', '社', '队', '房', '室'])
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

    #[test]
    fn the_longest_name_is_read_and_roads_named_after_cities_are_not() {
        let length = |text: &'static str| name_at_start(text).map(|(length, _)| &text[..length]);
        assert_eq!(length("上城区东坡路"), Some("上城区"));
        assert_eq!(length("浙江省杭州市"), Some("浙江省"));
        assert_eq!(length("杭州西湖区"), Some("杭州"));
        assert_eq!(length("南京东路1号"), None);
        assert_eq!(length("东坡路"), None);
    }

    #[test]
    fn a_city_without_districts_is_found_by_its_code() {
        let code = RegionCode::parse("419001").unwrap();
        let (city, district) = by_code(code).unwrap();
        assert_eq!((city.province, city.name, district.name), ("河南省", "济源市", "济源市"));
        let (city, _) = by_code(RegionCode::parse("310107").unwrap()).unwrap();
        assert_eq!((city.province, city.name), ("上海市", "上海市"));
    }

    #[test]
    fn roads_and_compounds_stand_in_their_districts() {
        let (_, district) = by_code(RegionCode::parse("310115").unwrap()).unwrap();
        assert!(district.roads.len() > 10 && district.compounds.len() > 100 && district.streets.len() > 10);
        let counted: usize = COUNTRY.cities.iter().flat_map(|city| &city.districts).map(|d| d.roads.len()).sum();
        assert_eq!(counted, rows::<3>(ROADS).count());
        assert!(COUNTRY.roads.len() > 700 && !COUNTRY.roads.contains(&"南京东路"), "{}", COUNTRY.roads.len());
    }
}
