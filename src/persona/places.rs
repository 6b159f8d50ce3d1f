//! Finding out where a list is from, and what its addresses call roads and compounds there.
//!
//! A place name in a text is not always a place: `南京东路` is a road in Shanghai and `中山医院` a hospital
//! there. The place is where most of the texts are; a few rows from elsewhere do not matter.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::country::{COUNTRY, City, District, Named, bare, bare_district, by_code, name_at_start};
use super::id_number::RegionCode;
use super::words::{Heard, Words};

/// Share of the mentioned districts that one must have for a list to be that district's own.
const OWN_DISTRICT_SHARE: f64 = 0.8;

/// Share of mothers who come from the city they live in.
const HOME_SHARE: f64 = 0.6;

/// The city, and perhaps the district, that a list is from; or nothing known.
#[derive(Debug, Clone, Default)]
pub struct Place {
    city: Option<&'static City>,
    district: Quarter,
    heard: Arc<Heard>,
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
        Place { city: Some(city), district, heard: Arc::default() }
    }

    /// Finds the city, and the district, of a code of GB/T 2260 (`440300`, `440304`); a province's leaves the place unknown, unless it is
    /// a city's too.
    pub fn of_region(code: &str) -> Place {
        let Some(code) = RegionCode::parse(code.trim()) else { return Place::default() };
        if let Some((city, district)) = by_code(code) {
            return Place { city: Some(city), district: Quarter::Known(district), heard: Arc::default() };
        }
        let is_of = |city: &&City| {
            let has = |same: fn(RegionCode) -> u32| city.districts.iter().any(|one| same(one.code) == same(code));
            has(RegionCode::prefecture) || city.name == city.province && has(RegionCode::province)
        };
        Place { city: COUNTRY.cities.iter().find(is_of), ..Place::default() }
    }

    /// Learns the roads and compounds that the list's own addresses name, district by district.
    pub fn with_addresses<'a>(self, addresses: impl Iterator<Item = &'a str>) -> Place {
        Place { heard: Arc::new(Heard::listen(addresses)), ..self }
    }

    /// Gives the place with a district of its own, written `西湖区` or `西湖`; an unknown name is kept as it is.
    pub fn with_district(&self, name: &str) -> Place {
        let name = name.trim();
        let within = |city: &'static City| {
            city.districts.iter().find(|district| district.name == name || bare(district.name) == Some(name))
        };
        let elsewhere = || {
            let mut all = COUNTRY.cities.iter().filter_map(|city| within(city).map(|district| (city, district)));
            all.next().filter(|_| all.next().is_none())
        };
        let (city, district) = match self.city {
            _ if name.is_empty() => (self.city, Quarter::Any),
            Some(city) => (Some(city), within(city).map_or_else(|| Quarter::Named(name.to_string()), Quarter::Known)),
            None => match elsewhere() {
                Some((city, district)) => (Some(city), Quarter::Known(district)),
                None => (None, Quarter::Named(name.to_string())),
            },
        };
        Place { city, district, heard: Arc::clone(&self.heard) }
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

    /// Gives the words for an address in `district`, which stands under `name` in the list.
    pub(super) fn words(&self, district: Option<&'static District>, name: &str) -> Words<'_> {
        Words { district, heard: self.heard.of(name) }
    }

    /// Draws the code of a region somebody here comes from: mostly this city, else its province or anywhere.
    pub fn an_origin(&self, rng: &mut impl Rng) -> RegionCode {
        let all = &COUNTRY.card_codes;
        let of = |area: fn(RegionCode) -> u32, here: RegionCode| {
            let from = all.partition_point(|code| area(*code) < area(here));
            &all[from..all.partition_point(|code| area(*code) <= area(here))]
        };
        let codes = match self.city.map(|city| city.districts[0].code) {
            Some(here) if rng.random_bool(HOME_SHARE) => of(RegionCode::prefecture, here),
            Some(here) if rng.random_bool(0.5) => of(RegionCode::province, here),
            Some(_) | None => all,
        };
        codes.choose(rng).copied().unwrap_or(all[0])
    }
}

fn mentions(text: &str) -> Vec<&'static [Named]> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    if let Some(named) = bare_district(rest) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_holders_region_tells_its_city() {
        let told = |code: &str| {
            let place = Place::of_region(code);
            (place.city().to_string(), place.district().to_string())
        };
        assert_eq!(told("440300"), ("深圳市".to_string(), String::new()));
        assert_eq!(told("440304"), ("深圳市".to_string(), "福田区".to_string()));
        assert_eq!(told("310000"), ("上海市".to_string(), String::new()));
        assert_eq!(told("440000"), told("GB"));
        assert!(!Place::of_region("440000").is_known());
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
}
