//! Addresses nobody lives at, in the style of the list.
//!
//! Road, house number and compound are each drawn on their own, so that together they name no real door
//! though each part exists. [`like`] is for lists with a style to follow; [`home`] starts from nothing.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::tables::pick;
use super::{Culture, Place, rewrite_en, rewrite_zh};

/// An address in its parts; a part the list or the place does not have is empty or 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    pub province: String,
    pub city: String,
    pub district: String,
    pub road: String,
    pub number: u32,
    pub compound: String,
    pub building: u32,
    /// Room; in an English address the flat.
    pub room: u32,
}

/// The part an address text begins with; parts above it are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    Province,
    City,
    District,
    Road,
}

impl Address {
    /// Writes the address out: `西湖区东山弄569号文鼎苑12栋1101室`; `12 Oak Street, Flat 3` then district, city.
    pub fn text(&self, culture: Culture, start: StartAt) -> String {
        let above = match start {
            StartAt::Province => [self.province.as_str(), &self.city, &self.district],
            StartAt::City => ["", &self.city, &self.district],
            StartAt::District => ["", "", &self.district],
            StartAt::Road => ["", "", ""],
        };
        let mut above: Vec<&str> = above.into_iter().filter(|part| !part.is_empty()).collect();
        // Shanghai is its own province, and a city without districts its own district.
        above.dedup();
        match culture {
            Culture::Chinese => {
                let (road, compound) = (&self.road, &self.compound);
                format!("{}{road}{}号{compound}{}栋{}室", above.concat(), self.number, self.building, self.room)
            }
            Culture::English => {
                let flat = if self.room == 0 { String::new() } else { format!(", Flat {}", self.room) };
                let street = format!("{} {}{flat}", self.number, self.road);
                let parts: Vec<&str> = std::iter::once(street.as_str()).chain(above.into_iter().rev()).collect();
                parts.join(", ")
            }
        }
    }
}

/// Draws a home in the place; an unknown place gives roads that every town has, and no city.
pub fn home(culture: Culture, place: &Place, rng: &mut impl Rng) -> Address {
    let quarter = place.a_district(rng);
    let district = quarter.map_or(place.district(), |quarter| quarter.name).to_string();
    let (province, city) = (place.province().to_string(), place.city().to_string());
    match culture {
        Culture::Chinese => {
            let words = place.words(quarter, &district);
            let floor = up_to([(6, 0.5), (32, 0.5)], rng);
            Address {
                province,
                city,
                district,
                road: words.road(rng),
                number: up_to([(99, 0.3), (999, 0.7)], rng),
                compound: words.compound(rng),
                building: up_to([(12, 0.6), (38, 0.4)], rng),
                room: floor * 100 + rng.random_range(1..=4),
            }
        }
        Culture::English => Address {
            province,
            city,
            district,
            road: rewrite_en::a_street(rng),
            number: rng.random_range(1..=180),
            compound: String::new(),
            building: 0,
            room: if rng.random_bool(0.35) { rng.random_range(1..=24) } else { 0 },
        },
    }
}

fn up_to(most: [(u32, f64); 2], rng: &mut impl Rng) -> u32 {
    let most = pick(most, rng);
    rng.random_range(1..=most)
}

/// Times a rewritten address is made again when it came out as the donor.
const REWRITES_MAX: usize = 8;

/// Rewrites a real address of the list into a new one of the same style.
///
/// The administrative prefix stays (a district of its own in `place` replaces the donor's); road, house
/// number, compound, building, unit and room change. Separators, widths and the signs of building and
/// room stay. None if the donor cannot be read as an address or holds a phone number; never the donor.
pub fn like(donor: &str, place: &Place, rng: &mut impl Rng) -> Option<String> {
    let is_chinese = donor.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    for _ in 0..REWRITES_MAX {
        let rewritten =
            if is_chinese { rewrite_zh::rewrite(donor, place, rng)? } else { rewrite_en::rewrite(donor, rng)? };
        if rewritten != donor {
            return Some(rewritten);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    /// Turns digits into 0 and drops all else but separators and the signs right after a digit.
    fn style(text: &str) -> String {
        let mut style = String::new();
        let mut before = ' ';
        for letter in text.chars() {
            let is_sign =
                before.is_numeric() || (before == '号' && letter == '楼') || (before == '单' && letter == '元');
            match letter {
                '0'..='9' => style.push('0'),
                '０'..='９' => style.push('０'),
                _ if is_sign || " ，()-#".contains(letter) => style.push(letter),
                _ => {}
            }
            before = letter;
        }
        style
    }

    fn hangzhou() -> Place {
        Place::find(["杭州市"].into_iter())
    }

    const DONORS: [&str; 24] = [
        "西湖区东山弄569号文鼎苑12栋1101室",
        "人民路393号西塘雅苑23栋705房",
        "上海市杨浦区军工路1810弄九龙仓玺园12号303室",
        "拱墅区灯芯巷261号28#1308",
        "深圳市龙华区大布巷378号36幢1502房",
        "桐庐县横村镇方埠村3组",
        "横村镇方埠村3组12号",
        "浙江省杭州市上城区东坡路 658号 近江西园 14幢 3001",
        "西湖区文三路４７８号华星时代１２幢５０１室",
        "文鼎苑12-3-501",
        "江通苑5号302室",
        "杭州西湖区文二路391号2号楼3单元0602",
        "余杭区良渚街道古墩路1899号良渚文化村12幢2单元1101室",
        "松江区方松街道黑鱼弄3812弄21号103室",
        "城西路183号503",
        "军工路1810弄7号1004室",
        "上海市浦东新区江通苑5号302室",
        "上海市平望街564号9栋2206",
        "常州市溧阳市县前街650号濑江新村19#3202房",
        "深圳市人民路43号34号楼1817室",
        "临安区锦城街道(农林大学旁)衣锦街88号A座1203",
        "西湖区，天目山路，176号，8幢，302室",
        "河东路5号",
        "滨江区江南大道 588 号",
    ];

    #[test]
    fn a_rewritten_address_has_the_style_of_its_donor_and_is_another() {
        let mut rng = ChaCha20Rng::seed_from_u64(50);
        let place = hangzhou();
        for donor in DONORS {
            for _ in 0..200 {
                let rewritten = like(donor, &place, &mut rng).unwrap();
                assert_ne!(rewritten, donor);
                assert_eq!(style(&rewritten), style(donor), "{donor} became {rewritten}");
                assert!(!rewritten.contains("文鼎苑") || !donor.contains("文鼎苑"), "{rewritten}");
                let longer = rewritten.chars().count().abs_diff(donor.chars().count());
                assert!(longer <= 5, "{donor} became {rewritten}");
            }
        }
    }

    #[test]
    fn the_regions_of_the_donor_stay_and_the_roads_are_of_its_district() {
        let mut rng = ChaCha20Rng::seed_from_u64(51);
        for _ in 0..200 {
            let rewritten = like("上海市浦东新区高桥镇云端路203弄12号301室", &hangzhou(), &mut rng).unwrap();
            assert!(rewritten.starts_with("上海市浦东新区高桥镇"), "{rewritten}");
            assert!(!rewritten.contains("云端路"), "{rewritten}");
        }
    }

    #[test]
    fn a_place_with_its_own_district_moves_the_address_there() {
        let mut rng = ChaCha20Rng::seed_from_u64(52);
        let place = hangzhou().with_district("拱墅区");
        for _ in 0..100 {
            let rewritten = like("杭州市西湖区三墩镇文三路9号", &place, &mut rng).unwrap();
            assert!(rewritten.starts_with("杭州市拱墅区") && !rewritten.contains("三墩镇"), "{rewritten}");
        }
    }

    #[test]
    fn names_of_the_list_come_back_in_their_own_district() {
        let mut rng = ChaCha20Rng::seed_from_u64(53);
        let list = ["岳麓区银盆路7号咸嘉新村3栋501室", "岳麓区桐梓坡路9号咸嘉新村4栋502室", "雨花区圭塘路1号"];
        let place = Place::find(list.into_iter()).with_addresses(list.into_iter());
        assert_eq!(place.city(), "长沙市");
        let rewritten: Vec<String> = (0..400).filter_map(|_| like(list[0], &place, &mut rng)).collect();
        let known = rewritten.iter().filter(|text| text.contains("桐梓坡路")).count();
        assert!((200..398).contains(&known), "{known}");
        assert!(!rewritten.iter().any(|text| text.contains("圭塘路") || text.contains("银盆路7号")));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let mut rng = ChaCha20Rng::seed_from_u64(54);
        for donor in ["", "不详", "同上", "上海市", "浙江省杭州市西湖区", "文三路1号 13800138000", "unknown", " "]
        {
            assert_eq!(like(donor, &hangzhou(), &mut rng), None, "{donor}");
        }
    }

    #[test]
    fn a_district_of_another_city_is_not_put_into_the_donors() {
        let mut rng = ChaCha20Rng::seed_from_u64(57);
        let place = hangzhou().with_district("拱墅区");
        let rewritten = like("上海市徐汇区宜山路9号", &place, &mut rng).unwrap();
        assert!(rewritten.starts_with("上海市徐汇区"), "{rewritten}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_rewritten_or_refused(donor in "[0-3１-３A-C路号弄栋室村镇区市王家西湖杭州 #，-]{0,24}", seed: u64) {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            proptest::prop_assert_ne!(like(&donor, &hangzhou(), &mut rng), Some(donor));
        }
    }

    #[test]
    fn a_home_is_written_from_the_part_asked_for() {
        let mut rng = ChaCha20Rng::seed_from_u64(55);
        let home = home(Culture::Chinese, &hangzhou().with_district("西湖区"), &mut rng);
        let road = home.text(Culture::Chinese, StartAt::Road);
        assert!(road.starts_with(&home.road) && road.ends_with('室'), "{road}");
        assert_eq!(home.text(Culture::Chinese, StartAt::District), format!("西湖区{road}"));
        assert_eq!(home.text(Culture::Chinese, StartAt::Province), format!("浙江省杭州市西湖区{road}"));
        let shanghai = super::home(Culture::Chinese, &Place::find(["上海市"].into_iter()), &mut rng);
        assert!(shanghai.text(Culture::Chinese, StartAt::Province).starts_with("上海市"));
        assert!(!shanghai.text(Culture::Chinese, StartAt::Province).contains("上海市上海市"));
    }

    #[test]
    fn an_english_donor_is_rewritten_too() {
        let mut rng = ChaCha20Rng::seed_from_u64(56);
        let rewritten = like("12 Oak Street, Flat 3", &Place::default(), &mut rng).unwrap();
        assert!(rewritten.contains(" Street, Flat ") && rewritten != "12 Oak Street, Flat 3", "{rewritten}");
    }
}
