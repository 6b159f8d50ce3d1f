//! Words that tell a baby's sex.
//!
//! `女士` tells nothing about a baby, `千金` is a brand of medicine, and `我儿子` is the caller's: only a child of the one
//! who was called counts.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::speech::{Speech, is_han};
use super::trades::{all_of, any_said};

const BOY: &str = "男宝 男宝宝 男孩 男娃 男婴 男童 男生 儿子 小王子 小公子 公子 贵子 之子 大胖小子 胖小子 小子 小帅哥 小少爷 少爷 小男生 小伙子 带把的";
const BOY_EN: [&str; 7] = ["boy", "son", "little prince", "little man", "little guy", "little fella", "little lad"];
const BOY_LABELS: [&str; 5] = ["性别男", "性别:男", "宝宝男", "宝宝是男", "宝贝男"];
const GIRL: &str =
    "女宝 女宝宝 女孩 女娃 女婴 女童 女生 女儿 千金 小公主 小棉袄 闺女 丫头 之女 小女生 小美女 小姑娘 小仙女 囡囡";
const GIRL_EN: [&str; 6] = ["girl", "daughter", "little princess", "little lady", "little miss", "little lass"];
const GIRL_LABELS: [&str; 5] = ["性别女", "性别:女", "宝宝女", "宝宝是女", "宝贝女"];

/// Words that hold a word for a child but speak of none.
const NOT_A_CHILD: [&str; 20] = [
    "妇女儿童",
    "女儿童",
    "幼儿子",
    "婴儿子",
    "办公子",
    "千金难",
    "千金不",
    "千金片",
    "一诺千金",
    "花花公子",
    "女儿红",
    "男女宝宝",
    "男童装",
    "女童装",
    "男童鞋",
    "女童鞋",
    "男生女生",
    "girl scout",
    "girl scouts",
    "oh boy",
];
/// Words that speak of nobody but a newborn, whoever else is spoken of.
const OF_NEWBORNS: &str = "男宝 女宝 男婴 女婴 贵子 之子 之女 性别 宝宝 宝贝";
/// Words of a clause that speaks of the called person's child.
const OF_YOUR_CHILD: &str = "您 你 恭喜 祝贺 喜 生 宝宝 宝贝 满月 百天 百日 吧 吗 \u{1} 妈";
/// Words after which a child is somebody else's, and those after which it is the called person's.
const OTHERS: &str = "我 咱 隔壁 人家 别人 邻居 朋友 同事 老师 亲戚 像 老王家";
const YOURS: &str = "您 你 恭喜 祝贺 喜 生 宝宝 宝贝 \u{1}";
const YOURS_EN: [&str; 12] = [
    "your",
    "you",
    "you've",
    "congratulations",
    "congrats",
    "baby",
    "newborn",
    "born",
    "birth",
    "arrival",
    "mother of",
    "mum of",
];
/// Words right before a child that make it somebody else's.
const OTHERS_EN: [&str; 9] = ["my", "our", "his", "her", "their", "and", "oh", "hey", "the"];

/// A baby's sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Boy,
    Girl,
}

impl Sex {
    /// Reads what a list writes: 男, 女, 1, 2, M, F, boy, girl and the like; anything else is unknown.
    pub fn written(text: &str) -> Option<Sex> {
        let text = super::speech::fold(text);
        match text.as_str() {
            "1" | "m" | "male" | "b" | "boy" => Some(Sex::Boy),
            "2" | "f" | "female" | "g" | "girl" => Some(Sex::Girl),
            text if text.starts_with('男') => Some(Sex::Boy),
            text if text.starts_with('女') => Some(Sex::Girl),
            _ => None,
        }
    }
}

/// Tells which sex the caller gives the baby; both, or neither, is nothing known.
pub fn sex_said(speech: &Speech) -> Option<Sex> {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let (boys, girls) = (BOY.split_whitespace().chain(BOY_EN), GIRL.split_whitespace().chain(GIRL_EN));
        all_of(boys.chain(girls).chain(BOY_LABELS).chain(GIRL_LABELS))
    });
    if !any_said(&WORDS, speech) {
        return None;
    }
    let mut speech = speech.clone();
    for word in NOT_A_CHILD {
        while let Some(place) = speech.places_of(word).into_iter().next() {
            speech.blank(place);
        }
    }
    let said = |han: &str, latin: &[&str], labels: [&str; 5]| {
        let mut words = han.split_whitespace().chain(latin.iter().copied()).chain(labels);
        words.any(|word| {
            speech.places_of(word).iter().any(|place| !speech.denied(place) && of_your_child(&speech, place))
        })
    };
    let boy = said(BOY, &BOY_EN, BOY_LABELS);
    let girl = said(GIRL, &GIRL_EN, GIRL_LABELS);
    match (boy, girl) {
        (true, false) => Some(Sex::Boy),
        (false, true) => Some(Sex::Girl),
        (true, true) | (false, false) => None,
    }
}

/// Tells whether the child at a place is the called person's.
fn of_your_child(speech: &Speech, place: &Range<usize>) -> bool {
    let (front, back) = (speech.clause_before(place.start), speech.clause_after(place.end));
    let word = &speech.text()[place.clone()];
    if !word.chars().any(is_han) {
        let last = front.trim_end().rsplit([' ', ';']).next().unwrap_or_default();
        let words = |text: &str| YOURS_EN.iter().any(|yours| Speech::of(text).has(yours));
        return !OTHERS_EN.contains(&last) && (words(front) || words(back));
    }
    let last = |words: &str| words.split_whitespace().filter_map(|word| front.rfind(word)).max();
    let others = last(OTHERS);
    if others.is_some() && others > last(YOURS) {
        return false;
    }
    let own = OF_NEWBORNS.split_whitespace().any(|newborn| word.contains(newborn));
    own || OF_YOUR_CHILD.split_whitespace().any(|word| front.contains(word) || back.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sex(said: &str) -> Option<Sex> {
        sex_said(&Speech::of(said))
    }

    #[test]
    fn a_sex_is_heard_only_of_a_child_and_only_when_it_is_one() {
        assert_eq!(sex("恭喜您喜得千金"), Some(Sex::Girl));
        assert_eq!(sex("您家男宝宝满月了"), Some(Sex::Boy));
        assert_eq!(sex("生了个小姑娘吧"), Some(Sex::Girl));
        assert_eq!(sex("宝宝是男的吧"), Some(Sex::Boy));
        assert_eq!(sex("congratulations on your baby boy"), Some(Sex::Boy));
        assert_eq!(sex("how is your little man doing"), Some(Sex::Boy));
        for said in [
            "王女士您好",
            "这里是男科医院",
            "妇女儿童医院",
            "不管儿子还是女儿",
            "cowboy show",
            "女儿童装打折",
            "办公子公司",
        ] {
            assert_eq!(sex(said), None, "{said}");
        }
    }

    #[test]
    fn brands_and_other_peoples_children_tell_nothing() {
        for said in [
            "千金片一盒三十",
            "公子主题餐厅",
            "聪明女孩编程营",
            "我女儿也用这款",
            "您就像我儿子一样",
            "邻居家女儿考上了",
            "my daughter works here",
            "Miller and son plumbers",
            "hey girl, call me",
            "oh boy, your offer is here",
        ] {
            assert_eq!(sex(said), None, "{said}");
        }
    }

    #[test]
    fn what_lists_write_is_read() {
        assert_eq!(Sex::written("男"), Some(Sex::Boy));
        assert_eq!(Sex::written(" F "), Some(Sex::Girl));
        assert_eq!(Sex::written("男婴"), Some(Sex::Boy));
        assert_eq!(Sex::written("未知"), None);
    }
}
