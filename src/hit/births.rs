//! Dates that are said to be the birth's.
//!
//! Callers speak of many days, and one in 365 of them is the birth's by chance: an order's, a bill's, a lecture's. So a
//! date counts only where it is bound to a birth (`3月5号生的`, `born on 5 March`), or where nothing but it is asked of
//! the baby (`宝宝是3月5号的吧`).

use chrono::{Datelike, NaiveDate};

use super::dates::{self, Mention};
use super::speech::Speech;

/// Words behind a date that make it the day of a birth.
const BORN: &str = "生的 生了 生宝 生孩 生下 生男 生女 生个 生娃 生产 出生 出世 降生 诞生 生日 分娩 剖腹 剖宫 顺产 喜得 喜获 产下 产男 产女 \
    产子 添丁 落地 生日的 生吧 生对";
/// Words in front of a date that do so.
const BORN_BEFORE: &str = "出生 生日 生于 分娩 降生 诞生 生产时间 生产日";
/// Words between a date and a birth, or behind the date, that give it to something else.
const EVENTS: &str = "活动 优惠 截止 促销 店庆 讲座 开业 开张 到期 发货 送达 快递 账单 缴费 下单 订单 之前 以前 之后 以后 前 后 起 派对 生日会 生日宴 \
    生日趴 直播 打针 接种 打第 体检 复查 开课 上课 举行 举办 来 去 开 截";
/// Words of a baby.
const BABY: [&str; 18] = [
    "宝宝",
    "宝贝",
    "孩子",
    "小朋友",
    "儿子",
    "女儿",
    "男宝",
    "女宝",
    "公主",
    "王子",
    "千金",
    "娃",
    "男孩",
    "女孩",
    "公子",
    "闺女",
    "男婴",
    "女婴",
];
/// Characters between a date and the birth, at most; the name of a hospital stands there.
const BETWEEN_CHARS_MAX: usize = 22;
/// The same in English.
const BORN_EN: [&str; 5] = ["born", "birth", "birthday", "dob", "birthdate"];
/// Words of arriving, said of babies and of parcels.
const ARRIVED_EN: [&str; 6] = ["arrived", "delivered", "came", "welcomed", "had", "gave"];
const BABY_EN: [&str; 12] = [
    "baby",
    "child",
    "son",
    "daughter",
    "boy",
    "girl",
    "little one",
    "newborn",
    "twins",
    "infant",
    "you delivered",
    "gave birth",
];
const EVENTS_EN: [&str; 14] = [
    "parcel",
    "order",
    "sale",
    "offer ends",
    "event",
    "appointment",
    "fair",
    "launch",
    "open day",
    "bill",
    "flight",
    "clothes",
    "party",
    "class",
];

/// How exactly a birth date was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    Day,
    Month,
}

/// Tells how exactly a birth is said that a list dates so.
pub fn birth_said(speech: &Speech, written: &str) -> Option<Precision> {
    let mut mentions = dates::mentions(speech.text());
    if mentions.is_empty() {
        return None;
    }
    let births = dates::readings(written);
    mentions.retain(|mention| births.iter().any(|birth| fits(mention, *birth)) && of_birth(speech, mention));
    if mentions.iter().any(|mention| mention.day.is_some()) {
        return Some(Precision::Day);
    }
    (!mentions.is_empty()).then_some(Precision::Month)
}

fn fits(mention: &Mention, birth: NaiveDate) -> bool {
    mention.month == birth.month()
        && mention.day.is_none_or(|day| day == birth.day())
        && mention.year.is_none_or(|year| year == birth.year())
}

/// Tells whether a date is said to be that of a birth.
fn of_birth(speech: &Speech, mention: &Mention) -> bool {
    if speech.denied(&(mention.at..mention.end)) {
        return false;
    }
    let front = speech.clause_before(mention.at);
    let back = speech.clause_after(mention.end);
    born_behind(back, mention)
        || born_before(speech, mention, front, back)
        || asked_of_baby(mention, front, back)
        || born_in_english(front, back)
}

/// Tells whether a birth follows in the clause before any event does.
fn born_behind(back: &str, mention: &Mention) -> bool {
    let first = |words: &str| words.split_whitespace().filter_map(|word| back.find(word)).min();
    let Some(born) = first(BORN) else {
        // `3月的男宝`
        let of = back.trim_start_matches('份').strip_prefix('的');
        return mention.day.is_none() && of.is_some_and(|of| BABY.iter().any(|word| of.starts_with(word)));
    };
    let between = &back[..born];
    let chars_max = if mention.loose { 1 } else { BETWEEN_CHARS_MAX };
    let party = ["生日会", "生日宴", "生日派", "生日趴", "生日聚"].iter().any(|word| back[born..].starts_with(word));
    between.chars().count() <= chars_max && first(EVENTS).is_none_or(|event| event >= born) && !party
}

/// Tells whether a date is told as the birth's by the words in front of it (`出生日期:3月5号`, `生日是3月5号`).
fn born_before(speech: &Speech, mention: &Mention, front: &str, back: &str) -> bool {
    let label = speech.text()[..mention.at].trim_end_matches([':', ' ', ',']);
    let label = label.strip_suffix(['是', '为', '在', '于']).unwrap_or(label);
    let labelled = ["出生日期", "出生年月", "出生时间", "出生", "生日", "出生日", "生于", "分娩日期", "dob"];
    if labelled.iter().any(|word| label.ends_with(word)) {
        return true;
    }
    let near: String = front.chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
    let eventful = EVENTS.split_whitespace().any(|event| back.contains(event) || near.contains(event));
    !mention.loose && !eventful && BORN_BEFORE.split_whitespace().any(|word| near.contains(word))
}

/// Tells whether nothing but this day is asked of a baby (`您家女宝是3月5号的吧`).
fn asked_of_baby(mention: &Mention, front: &str, back: &str) -> bool {
    let rest = back.trim_start_matches(['的', '那', '天']);
    let asked = rest.is_empty() || ["吧", "吗", "对", "是吧", "是吗", "没错"].iter().any(|word| rest.starts_with(word));
    let of_baby = BABY.iter().any(|word| front.contains(word));
    let eventful = EVENTS.split_whitespace().filter(|event| event.len() > 3).any(|event| front.contains(event));
    let nothing_else = front.ends_with('是') || BABY.iter().any(|word| front.ends_with(word));
    !mention.loose && mention.day.is_some() && asked && of_baby && nothing_else && !eventful
}

fn born_in_english(front: &str, back: &str) -> bool {
    let has = |text: &str, words: &[&str]| {
        words.iter().any(|word| {
            text.match_indices(word).any(|(at, _)| {
                let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
                !letter(text[..at].chars().next_back()) && !letter(text[at + word.len()..].chars().next())
            })
        })
    };
    let denied = ["n't born", "not born", "n't give birth", "n't arrive"].iter().any(|word| front.contains(word));
    let near = &front[front.char_indices().rev().nth(40).map_or(0, |(at, _)| at)..];
    let behind = &back[..back.char_indices().nth(28).map_or(back.len(), |(at, _)| at)];
    let eventful = has(near, &EVENTS_EN) || has(behind, &EVENTS_EN) && !has(near, &BORN_EN);
    let born = has(near, &BORN_EN) || has(behind, &["born", "birth"]);
    let arrived = has(near, &ARRIVED_EN) && has(front, &BABY_EN);
    let months =
        [" baby", " boy", " girl", " newborn"].iter().any(|word| back.starts_with(word)) && near.contains("your");
    !denied && !eventful && (born || arrived || months)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Precision> {
        birth_said(&Speech::of(text), "2026-03-05")
    }

    #[test]
    fn one_birth_in_many_spellings_is_one() {
        for text in [
            "3月5号生的",
            "三月五号出生对吗",
            "3月5日凌晨在市里医院剖腹产",
            "出生日期:2026年3月5日",
            "26年三月五日喜得千金",
            "03-05生的",
            "宝宝生日2026-03-05",
            "2026/3/5出生",
            "20260305出生的",
            "0305生的",
            "3.5出生",
            "3月份5号生的",
            "您家宝宝是3月5号的吧",
            "二〇二六年三月五日生的",
            "宝宝3月5号出生了吧我们周末有活动",
            "3月5号下午出生的宝宝",
            "born on 5 March",
            "your baby arrived on March 5th",
            "born on the 5th of March 2026",
            "date of birth Mar 5",
            "born March the 5th",
            "born on the fifth of March",
            "DOB 05/03/2026",
        ] {
            assert_eq!(said(text), Some(Precision::Day), "{text}");
        }
    }

    #[test]
    fn other_days_counts_and_events_are_not_the_birth() {
        for text in [
            "3月6号生的",
            "2025年3月5日出生",
            "3月15号生的",
            "3-5个月的宝宝",
            "3月5号下午有活动",
            "您3月5号的包裹到了",
            "账期2026-03-05",
            "宝宝3月5号打疫苗",
            "3月5号之前出生的宝宝送礼",
            "宝宝生日会3月5号举行",
            "出生体重3.5公斤",
            "宝宝不是3月5号出生的",
            "3月5号,宝宝出生率讲座",
            "流水号20260305",
            "you may 5",
            "120260305出生",
            "the sale ends March 5",
            "your parcel arrived on March 5",
            "your baby wasn't born on March 5",
            "our baby fair is on March 5",
            "your baby's birthday party is on March 5",
        ] {
            assert_ne!(said(text), Some(Precision::Day), "{text}");
        }
        assert_eq!(said("3-5个月的宝宝"), None);
    }

    #[test]
    fn a_month_counts_where_it_is_the_births() {
        assert_eq!(said("宝宝是3月份生的吧"), Some(Precision::Month));
        assert_eq!(said("三月份的女宝"), Some(Precision::Month));
        assert_eq!(said("your baby was born in March"), Some(Precision::Month));
        assert_eq!(said("三月份搬家"), None);
        assert_eq!(said("宝宝三月份上课"), None);
        assert_eq!(said("宝宝四月出生"), None);
    }

    #[test]
    fn days_first_and_months_first_are_both_heard_of_a_list_that_may_mean_either() {
        let either = |text: &str| birth_said(&Speech::of(text), "05/09/2026");
        assert_eq!(either("born on 5 September"), Some(Precision::Day));
        assert_eq!(either("born on 9 May"), Some(Precision::Day));
        assert_eq!(either("born on 6 May"), None);
    }
}
