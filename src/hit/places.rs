//! Hospitals, addresses and districts in what was said.
//!
//! People say a hospital's short form (`妇幼` for 深圳市妇幼保健院). A short form that every city has
//! counts only where somebody was born or cared for in it, and never behind another city's name.

use std::ops::Range;

use super::hear::Rarity;
use super::homes::{self, Told};
use super::speech::{Speech, fold, is_han};

/// Endings of hospital names and what people say for them.
const ENDINGS: [(&str, &str); 16] = [
    ("妇幼保健计划生育服务中心", "妇幼"),
    ("妇幼保健服务中心", "妇幼"),
    ("妇幼健康服务中心", "妇幼"),
    ("妇幼保健院", "妇幼"),
    ("妇幼保健所", "妇幼"),
    ("妇女儿童医疗中心", "妇儿"),
    ("妇女儿童医院", "妇儿"),
    ("妇儿医院", "妇儿"),
    ("妇产科医院", "妇产"),
    ("妇产医院", "妇产"),
    ("妇婴保健院", "妇婴"),
    ("妇婴医院", "妇婴"),
    ("人民医院", "人民"),
    ("中心医院", "中心"),
    ("中医院", "中医"),
    ("医院", ""),
];
/// Universities as their hospitals name them, and what people say.
const UNIVERSITIES: [(&str, &str); 8] = [
    ("复旦大学", "复旦"),
    ("浙江大学", "浙大"),
    ("上海交通大学", "交大"),
    ("北京大学", "北大"),
    ("首都医科大学", "首医"),
    ("南方医科大学", "南医大"),
    ("中山大学", "中山"),
    ("四川大学", "川大"),
];
/// What stands in front of a short form where it means the hospital of this place.
const MAY_PRECEDE: &str = "在从到去是们咱我您你的由和于,。;:!?、\u{1}";
/// Cities that hospitals name without 市.
const CITIES: &str = "北京 上海 天津 重庆 深圳 广州 成都 武汉 南京 杭州 西安 苏州 长沙 郑州 东莞 佛山 宁波 青岛 合肥 厦门 福州 济南 沈阳 大连 昆明 \
    南昌 贵阳 南宁 太原 无锡 哈尔滨 长春 石家庄 兰州 海口 乌鲁木齐 珠海 惠州 中山 温州";
/// Verbs of a clause that make a bare short form the place of the birth.
const CARED_FOR: [&str; 9] = ["生", "出院", "住院", "分娩", "产检", "建档", "剖腹产", "顺产", "住"];
/// Words of English hospital names that tell nothing.
const COMMON_EN: [&str; 14] = [
    "hospital",
    "hospitals",
    "medical",
    "center",
    "centre",
    "maternity",
    "clinic",
    "general",
    "women's",
    "children's",
    "and",
    "the",
    "community",
    "regional",
];
const ROADS: [&str; 9] = ["大道", "胡同", "路", "街", "道", "巷", "弄", "里", "坊"];
const BUILDINGS: [&str; 6] = ["栋", "幢", "座", "号楼", "单元", "楼"];

/// Finds the hospital, in full or in a short form.
pub fn hospital_heard(speech: &Speech, name: &str) -> Option<Range<usize>> {
    let name = fold(name);
    let name = name.split('(').next().unwrap_or(&name).trim();
    if !name.chars().any(is_han) {
        let [whole, own] = english_forms(name);
        let whole = whole.iter().flat_map(|form| speech.places_of(form));
        let own =
            own.iter().flat_map(|form| speech.places_of(form)).filter(|place| homes::speaks_of_birth(speech, place));
        return first_of_births(speech, whole.chain(own));
    }
    let forms = HanForms::of(name);
    let may_precede = |place: &Range<usize>| speech.before(place).is_none_or(|c| !is_han(c) || MAY_PRECEDE.contains(c));
    let cared_for = |place: &Range<usize>| {
        let back = speech.clause_after(place.end);
        CARED_FOR.iter().any(|verb| back.contains(verb)) || speech.before(place) == Some('从')
    };
    let told_apart = forms.told_apart.iter().flat_map(|form| speech.places_of(form));
    let local = forms.local.iter().flat_map(|form| speech.places_of(form)).filter(may_precede);
    let bare = forms.bare.iter().flat_map(|form| speech.places_of(form)).filter(may_precede).filter(cared_for);
    first_of_births(speech, told_apart.chain(local).chain(bare))
}

/// Finds the first place where a hospital is one of births; none within a longer form of its name that is not.
fn first_of_births(speech: &Speech, places: impl Iterator<Item = Range<usize>>) -> Option<Range<usize>> {
    let mut refused: Vec<Range<usize>> = Vec::new();
    for place in places {
        if refused.iter().any(|longer| longer.start <= place.start && place.end <= longer.end) {
            continue;
        }
        if !speech.denied(&place) && homes::gives_birth(speech, &place) {
            return Some(place);
        }
        refused.push(place);
    }
    None
}

/// The forms of a Chinese hospital's name, by how well they tell it from others; longest first.
#[derive(Default)]
struct HanForms {
    told_apart: Vec<String>,
    local: Vec<String>,
    bare: Vec<String>,
}

impl HanForms {
    /// Gives the forms of a name, of it without its campus (`东院`), and of what stands behind its university's.
    fn of(name: &str) -> HanForms {
        let mut forms = HanForms::of_whole(name);
        let main = without_campus(name);
        if main != name {
            let of_main = HanForms::of_whole(main);
            forms.told_apart.extend(of_main.told_apart);
            forms.local.extend(of_main.local);
            forms.bare.extend(of_main.bare);
        }
        if let Some((owner, core)) = main.split_once("附属") {
            if let Some((_, short)) = UNIVERSITIES.iter().find(|(whole, _)| owner.starts_with(whole)) {
                let department = core.strip_suffix("医院").filter(|it| it.chars().count() > 2).unwrap_or(core);
                for core in [core, department] {
                    forms.told_apart.extend([format!("{short}附属{core}"), format!("{short}{core}")]);
                }
            }
            let own = core.strip_suffix("医院").filter(|stem| stem.chars().count() > 1 && shortened(core).1.is_empty());
            if let Some(own) = own.filter(|own| !own.starts_with('第')) {
                forms.told_apart.push(core.to_string());
                forms.bare.push(own.to_string());
            }
        }
        if let Some((short, rest)) = UNIVERSITIES.iter().find_map(|(whole, it)| Some((it, main.strip_prefix(whole)?))) {
            forms.told_apart.push(format!("{short}{rest}"));
        }
        if let Some((_, core)) = main.split_once("福利会") {
            forms.told_apart.extend(HanForms::of_whole(core).told_apart);
        }
        for list in [&mut forms.told_apart, &mut forms.local, &mut forms.bare] {
            list.sort_by_key(|form| std::cmp::Reverse(form.len()));
        }
        forms
    }

    fn of_whole(name: &str) -> HanForms {
        let mut forms = HanForms { told_apart: vec![name.to_string()], ..HanForms::default() };
        let after_province = cut(name, '省', 3).map_or(name, |(_, rest)| rest);
        let bare_city = || {
            let city = CITIES.split_whitespace().find(|city| after_province.starts_with(city))?;
            Some((city, &after_province[city.len()..]))
        };
        let city = cut(after_province, '市', 4).or_else(bare_city);
        let (city, rest) = city.map_or((None, after_province), |(city, rest)| (Some(city), rest));
        let district = cut(rest, '区', 3).or_else(|| cut(rest, '县', 3));
        let (place, unit, core) = match district {
            Some((place, core)) => (Some(place), "区", core),
            None => (city, "市", rest),
        };
        let (stem, short) = shortened(core);
        let mut short_forms = vec![core.to_string()];
        if !short.is_empty() && !matches!(short, "人民" | "中心" | "中医") {
            short_forms.push(format!("{stem}{short}"));
            short_forms.push(format!("{}{short}", stem.trim_start_matches('第')));
        }
        if core.ends_with("妇幼保健院") {
            short_forms.extend([format!("{stem}妇保院"), format!("{stem}妇保")]);
        }
        if let Some(ordinal) = stem.strip_prefix('第').filter(|_| matches!(short, "人民" | "")) {
            short_forms.extend([format!("第{ordinal}医院"), format!("{ordinal}医院"), format!("{ordinal}院")]);
        }
        let own_name = stem.chars().count() >= 2 && !stem.starts_with('第') && stem != "大学";
        if own_name {
            forms.told_apart.extend(short_forms.iter().cloned());
            forms.told_apart.push(stem.to_string());
        }
        for short in short_forms {
            if let Some(place) = place {
                forms.told_apart.extend([format!("{place}{unit}{short}"), format!("{place}{short}")]);
                forms.local.push(format!("{unit}{short}"));
            }
            forms.bare.push(short);
        }
        forms.bare.retain(|form| form != "医院" && form.chars().count() >= 2);
        if let (Some((place, _)), "人民") = (district, short) {
            forms.bare.extend([format!("{place}医院"), format!("{place}人民"), format!("{place}区医院")]);
        }
        forms
    }
}

/// Cuts off the campus of a hospital's name.
fn without_campus(name: &str) -> &str {
    let main = |ending: &str| name.find(ending).map(|at| &name[..at + ending.len()]);
    let endings = ENDINGS.iter().filter_map(|(ending, _)| main(ending));
    let campus = name.ends_with('院') || name.ends_with("院区") || name.ends_with("分部");
    endings.max_by_key(|main| main.len()).filter(|_| campus).unwrap_or(name)
}

/// Cuts `第二人民医院` into `第二` and what people say for the rest.
fn shortened(core: &str) -> (&str, &'static str) {
    ENDINGS
        .iter()
        .find_map(|(ending, short)| core.strip_suffix(ending).map(|stem| (stem, *short)))
        .unwrap_or((core, ""))
}

/// Cuts behind a unit such as `市` that stands after 2 to `chars_max` characters: name, rest.
fn cut(text: &str, unit: char, chars_max: usize) -> Option<(&str, &str)> {
    let (at, _) = text.char_indices().take(chars_max + 1).skip(2).find(|(_, c)| *c == unit)?;
    let rest = &text[at + unit.len_utf8()..];
    (!rest.is_empty()).then_some((&text[..at], rest))
}

/// Gives the whole name with what is nearly it, and its own words alone, which other places may bear too.
fn english_forms(name: &str) -> [Vec<String>; 2] {
    let words: Vec<&str> = name.split(' ').collect();
    let common = |word: &&&str| COMMON_EN.contains(word);
    let front = words.iter().take_while(common).count();
    let back = words.iter().rev().take_while(common).count();
    let mut whole = vec![name.to_string()];
    let before_and: Vec<&str> = words.iter().take_while(|word| **word != "and").copied().collect();
    if before_and.len() < words.len() && before_and.iter().filter(|word| !COMMON_EN.contains(word)).count() > 1 {
        whole.push(before_and.join(" "));
    }
    let own = words.get(front..words.len().saturating_sub(back)).map(|own| own.join(" "));
    let own = own.filter(|own| own.chars().count() >= 4).into_iter().collect();
    [whole, own]
}

/// Finds the address, and tells how rare the part is that was said.
///
/// A compound, a road with its number, or a building with its room is rare; a road alone is not.
pub fn address_heard(speech: &Speech, address: &str) -> Option<(Rarity, Range<usize>)> {
    let parts = Parts::of(&fold(address));
    let first = |words: &[String]| {
        let mut places = words.iter().flat_map(|word| speech.places_of(word));
        places.find(|place| !speech.denied(place) && homes::told(speech, place) != Told::Others)
    };
    if let Some(place) = first(&parts.rare) {
        let rarity = if homes::told(speech, &place) == Told::Home { Rarity::Rare } else { Rarity::Common };
        return Some((rarity, place));
    }
    if let (Some(building), Some(room)) = (&parts.building, &parts.room) {
        let built = BUILDINGS.iter().find_map(|unit| speech.places_of(&format!("{building}{unit}")).into_iter().next());
        let roomed = speech.places_of(room).into_iter().next();
        if let (Some(place), Some(_)) = (built, roomed) {
            return Some((Rarity::Rare, place));
        }
    }
    first(&parts.common).map(|place| (Rarity::Common, place))
}

/// Gives what many homes share of an address: the estate, or else the road.
pub fn estate_or_road(address: &str) -> Option<String> {
    let parts = Parts::of(&fold(address));
    let estate = parts.rare.into_iter().find(|part| !part.contains(|c: char| c.is_ascii_digit()));
    estate.or_else(|| parts.common.into_iter().next())
}

/// The parts of an address that can be said alone.
#[derive(Default)]
struct Parts {
    rare: Vec<String>,
    common: Vec<String>,
    building: Option<String>,
    room: Option<String>,
}

impl Parts {
    fn of(address: &str) -> Parts {
        if !address.chars().any(is_han) {
            return Parts::english(address);
        }
        let mut parts = Parts::default();
        let mut rest = address;
        for (unit, chars_max) in [('省', 3), ('市', 4), ('区', 4), ('县', 4), ('镇', 5), ('乡', 5)] {
            rest = cut(rest, unit, chars_max).map_or(rest, |(_, rest)| rest);
        }
        rest = rest.find("街道").map_or(rest, |at| &rest[at + "街道".len()..]);
        let begins = |text: &str| text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let head = &rest[..begins(rest)];
        let road = ROADS.iter().filter_map(|unit| head.find(unit).map(|at| at + unit.len())).max();
        if let Some(end) = road.filter(|end| head[..*end].chars().count() >= 3) {
            parts.common.push(head[..end].to_string());
            let behind = &rest[end..];
            let number: String = behind.chars().take_while(char::is_ascii_digit).collect();
            if !number.is_empty() {
                parts.rare.push(format!("{}{number}", &head[..end]));
                rest = behind[number.len()..].trim_start_matches(['号', '弄', '院', '-', ' ']);
            } else {
                rest = behind;
            }
        }
        let compound = rest[..begins(rest)].trim_matches(|c: char| !is_han(c));
        let unit_only = BUILDINGS.iter().any(|unit| compound.starts_with(unit));
        if compound.chars().count() >= 3 && !unit_only {
            parts.rare.push(compound.to_string());
        }
        let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
        parts.building = numbers.next().map(str::to_string);
        parts.room = numbers.next_back().filter(|room| room.len() >= 3).map(str::to_string);
        parts
    }

    fn english(address: &str) -> Parts {
        let mut parts = Parts::default();
        let line = address.split([',', ';']).next().unwrap_or(address).trim();
        let road = line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '/'));
        if road.contains(' ') {
            if road != line {
                parts.rare.push(line.to_string());
            }
            parts.common.push(road.to_string());
        }
        parts
    }
}

/// Finds the district (`南山区` or `南山`), given by itself or within an address.
pub fn district_heard(speech: &Speech, district: &str) -> Option<Range<usize>> {
    let folded = fold(district);
    let behind_city = cut(&folded, '市', 7).map_or(folded.as_str(), |(_, rest)| rest);
    let (short, whole) = match cut_end(behind_city, '区').or_else(|| cut_end(behind_city, '县')) {
        Some(cut) => cut,
        None if behind_city.chars().any(is_han) => return None,
        None => (behind_city, behind_city),
    };
    let road_follows = |place: &Range<usize>| ROADS.iter().any(|road| speech.clause_after(place.end).starts_with(road));
    let shorts = speech.places_of(short).into_iter().filter(|place| !road_follows(place));
    let mut places = speech.places_of(whole).into_iter().chain(shorts);
    places.find(|place| !speech.denied(place) && homes::told(speech, place) == Told::Home)
}

/// Cuts at a unit: the name without and with it.
fn cut_end(text: &str, unit: char) -> Option<(&str, &str)> {
    let (short, _) = cut(text, unit, 6).or_else(|| text.strip_suffix(unit).map(|short| (short, "")))?;
    (short.chars().count() >= 2).then(|| (short, &text[..short.len() + unit.len_utf8()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hospital(name: &str, said: &str) -> bool {
        hospital_heard(&Speech::of(said), name).is_some()
    }

    #[test]
    fn a_hospital_is_known_by_its_short_forms() {
        let name = "深圳市妇幼保健院";
        for said in [
            "深圳市妇幼保健院",
            "深圳妇幼",
            "您在市妇幼生的吧",
            "在妇幼保健院生的宝宝",
            "从妇幼出院",
            "深圳市婦幼保健院",
        ] {
            assert!(hospital(name, said), "{said}");
        }
        for said in ["在医院生的", "妇幼用品", "在广州市妇幼保健院生的", "妇幼保健院附近开店", "不是深圳妇幼"]
        {
            assert!(!hospital(name, said), "{said}");
        }
        assert!(hospital("上海市第一妇婴保健院", "您在市一妇婴生的吧"));
        assert!(hospital("北京协和医院", "协和住院"));
        assert!(hospital("深圳市第二人民医院", "在二院生的"));
        assert!(hospital("深圳市南山区妇幼保健院", "南山妇幼"));
        assert!(!hospital("深圳市南山区妇幼保健院", "福田妇幼"));
        assert!(hospital("白塔大学附属新河医院", "您在新河生的吧"));
        assert!(hospital("白塔市第一妇婴保健院东院", "在白塔一妇婴住院"));
        assert!(hospital("复旦大学附属眼耳鼻喉科医院", "复旦眼耳鼻喉科"));
        assert!(hospital("深圳市妇幼保健院", "市妇保出院的"));
        assert!(hospital("北京大学滨城医院", "北大滨城医院出院的"));
        assert!(!hospital("复旦大学附属妇产科医院", "复旦大学附属妇产科医院附近学区房"));
        assert!(!hospital("白塔大学附属新河医院", "新河书店"));
        assert!(!hospital("深圳市妇幼保健院", "深圳市妇幼保健院附近学区房"));
        assert!(hospital("Avon First Maternity and Infant Hospital", "you delivered at Avon First Maternity"));
        assert!(!hospital("St Mary's Hospital", "St Mary's coins"));
        assert!(hospital("St Mary's Hospital", "born at st mary’s"));
        assert!(!hospital("St Mary's Hospital", "from the hospital"));
    }

    #[test]
    fn a_compound_or_a_numbered_road_is_rare_and_a_road_is_not() {
        let address = "广东省深圳市南山区粤海街道海德三道123号海岸城花园3栋2单元1502室";
        let heard = |said: &str| address_heard(&Speech::of(said), address).map(|(rarity, _)| rarity);
        assert_eq!(heard("您住海岸城花园吧"), Some(Rarity::Rare));
        assert_eq!(heard("您在海德三道123号吧"), Some(Rarity::Rare));
        assert_eq!(heard("海德三道123号"), Some(Rarity::Common));
        assert_eq!(heard("海岸城花园精装三房出售"), None);
        assert_eq!(heard("3栋1502的王女士"), Some(Rarity::Rare));
        assert_eq!(heard("在海德三道那边"), Some(Rarity::Common));
        assert_eq!(heard("2栋1502"), None);
        assert_eq!(heard("粤海"), None);
        assert_eq!(
            address_heard(&Speech::of("are you at 12 Oak Street"), "12 Oak Street, Springfield").map(|f| f.0),
            Some(Rarity::Rare)
        );
    }

    #[test]
    fn a_district_is_known_short_but_not_as_a_road() {
        let heard = |said: &str| district_heard(&Speech::of(said), "深圳市南山区").is_some();
        assert!(heard("您住南山区"));
        assert!(heard("南山的宝妈"));
        assert!(!heard("您好,南山大道"));
        assert!(!heard("南山区今天"));
        assert!(!heard("福田区"));
    }
}
