//! Whether a place that was said is where the called person lives or gave birth, or somebody's shop.
//!
//! `南山区新楼盘` names a district, and `妇幼保健院附近学区房` a hospital, of which the caller knows nothing but the map.

use std::ops::Range;

use super::names::TITLES;
use super::speech::{Speech, is_han};

/// Words with which a clause speaks of somebody's home, or to somebody.
const OF_HOME: &str = "您 你 住 家在 家住 老家 住址 地址 户籍 小区是 是吧 对吧 对吗 女士 太太 \u{1}";
/// Words behind a place whose people are spoken of.
const PEOPLE: &str = "宝妈 妈妈 业主 住户 居民 家长 产妇 孕妇 户主 准妈妈 新手妈妈";
/// Words of a clause that make a place an advertiser's, an office's or a parcel's.
const OF_OTHERS: &str = "急售 急租 新开 分店 加盟 楼盘 开盘 出售 出租 转让 均价 房源 一套 精装 二手房 学区房 学位房 首付 写字楼 商铺 门口 驿站 快递柜 自提 营业部 营业厅 公安 派出所 法院 \
    检察 传票 税务 社保 政府 街道办 交警 暴雨 天气 封路 施工 绕行 地铁 位于 本店 我店 新店 开业 旗舰店 有限公司 招聘 招募 招租 灯会 公园 停水 停电 店庆 招生";
/// Words behind a place whose name it is part of then.
const INSTITUTIONS: &str = "医院 诊所 妇幼 妇产 妇保 中医 卫生 学校 小学 中学 大学";
/// Words of a clause about a hospital that has to do with no birth.
const NO_BIRTH: &str = "附近 学区 楼盘 口腔 牙 义诊 体检 眼科 男科 美容 整形 招聘 招募 停车 挂号 急诊 门诊费 骨科 皮肤 会诊 书店 保险 公园 法院 养生馆 人寿 \
    billing dental hiring flats apartments parking shopping coins sale jobs vacancy vacancies";
/// Words of a clause that speaks of a birth after all.
const OF_BIRTH: &str = "生的 生完 出生 生了 分娩 顺产 剖 产检 建档 出院 产科 产妇 宝宝 新生儿 月子 生孩子 born birth delivered maternity baby newborn \
    arrived ward";
const OF_HOME_EN: [&str; 9] =
    ["you", "your", "you're", "live", "home", "resident", "address", "deliver to", "still at"];
const OF_OTHERS_EN: [&str; 14] = [
    "house prices",
    "prices",
    "for sale",
    "to let",
    "opening",
    "valuation",
    "cafe",
    "shop",
    "store",
    "branch",
    "police",
    "court",
    "our office",
    "we are on",
];

/// What a clause says of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is the called person's.
    Home,
    /// It is said, of nobody.
    Bare,
    /// It is somebody else's.
    Others,
}

/// Tells whose home a place is said to be.
pub fn told(speech: &Speech, place: &Range<usize>) -> Told {
    let (front, back) = (speech.clause_before(place.start), speech.clause_after(place.end));
    let either = |words: &str| words.split_whitespace().any(|word| front.contains(word) || back.contains(word));
    if !speech.text()[place.clone()].chars().any(is_han) {
        let has = |words: &[&str]| words.iter().any(|word| Speech::of(front).has(word) || Speech::of(back).has(word));
        let near_name = front.contains('\u{1}') || back.contains('\u{1}') || speech.text().contains('\u{1}');
        return match (has(&OF_OTHERS_EN), has(&OF_HOME_EN) || near_name) {
            (true, _) => Told::Others,
            (false, true) => Told::Home,
            (false, false) => Told::Bare,
        };
    }
    let own =
        speech.of_caller(place) || ["我们在", "我们店在", "我是", "我在"].iter().any(|word| front.ends_with(word));
    if own || either(OF_OTHERS) {
        return Told::Others;
    }
    let near: String = back.chars().take(8).collect();
    if INSTITUTIONS.split_whitespace().any(|word| near.find(word).is_some_and(|at| !near[..at].contains('的'))) {
        return Told::Others;
    }
    // `松江宝妈福利群` is for everybody there.
    let behind = back.strip_prefix('的');
    let greeted = |word: &&str| back.strip_prefix(*word).is_some_and(|rest| rest.starts_with(['您', '你', '吗']));
    let mut people = PEOPLE.split_whitespace().chain(TITLES);
    let named = back.starts_with('\u{1}')
        || behind.is_some_and(|behind| behind.starts_with('\u{1}') || people.any(|word| behind.starts_with(word)))
        || PEOPLE.split_whitespace().any(|word| greeted(&word));
    if named || either(OF_HOME) { Told::Home } else { Told::Bare }
}

/// Tells whether a hospital at a place is spoken of as one for births, or at least as no other.
pub fn gives_birth(speech: &Speech, place: &Range<usize>) -> bool {
    let (front, back) = (speech.clause_before(place.start), speech.clause_after(place.end));
    let either = |words: &str| words.split_whitespace().any(|word| front.contains(word) || back.contains(word));
    // One of several guesses (`妇幼还是人民医院`) is no knowledge.
    let guessed = [front, back].iter().any(|part| part.contains("还是") && part.contains('院'));
    !guessed && (either(OF_BIRTH) || !either(NO_BIRTH))
}

/// Tells whether the clause of a place speaks of a birth.
pub fn speaks_of_birth(speech: &Speech, place: &Range<usize>) -> bool {
    let (front, back) = (speech.clause_before(place.start), speech.clause_after(place.end));
    OF_BIRTH.split_whitespace().chain(["hospital"]).any(|word| front.contains(word) || back.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(said: &str, name: &str) -> Told {
        let speech = Speech::of(said);
        let place = speech.places_of(name).remove(0);
        told(&speech, &place)
    }

    #[test]
    fn a_place_is_a_home_where_one_speaks_to_who_lives_there() {
        for said in ["您住白塔区是吧", "白塔区的宝妈福利", "地址白塔区", "你家在白塔区"] {
            assert_eq!(of(said, "白塔区"), Told::Home, "{said}");
        }
        assert_eq!(of("you live in Ashford", "ashford"), Told::Home);
        assert_eq!(of("白塔区明天", "白塔区"), Told::Bare);
        assert_eq!(of("白塔宝妈福利群", "白塔"), Told::Bare);
    }

    #[test]
    fn an_advertisers_or_an_offices_place_is_no_home() {
        for said in [
            "您在白塔区妇产诊所看过",
            "白塔区新楼盘等您来",
            "您的包裹到了白塔区营业部",
            "我是白塔区的家政",
            "白塔区法院传票请您查收",
        ] {
            assert_eq!(of(said, "白塔区"), Told::Others, "{said}");
        }
        assert_eq!(of("house prices in Ashford are up for you", "ashford"), Told::Others);
    }

    #[test]
    fn a_hospital_is_spoken_of_for_its_births() {
        let births = |said: &str| {
            let speech = Speech::of(said);
            let place = speech.places_of("白塔医院").remove(0);
            gives_birth(&speech, &place)
        };
        assert!(births("白塔医院合作单位"));
        assert!(births("白塔医院附近生的宝宝"));
        assert!(!births("白塔医院附近学区房"));
        assert!(!births("白塔医院口腔科义诊"));
        assert!(!births("在白塔医院还是一院生的"));
    }
}
