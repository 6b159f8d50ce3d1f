//! Names in what was said: whole names, and a surname with a title.
//!
//! A name must be what this person is called: `王芳` is not heard in `王芳芳` nor in `国王芳`, and a
//! caller's own name (`我姓王`) is not the mother's.

use std::ops::Range;

use super::sounds;
use super::speech::{Speech, fold, is_han};
use super::whose;
use crate::persona::{COMPOUND_SURNAMES, surname_share};

/// Words that end in a surname, so that no name begins there.
const ENDING_IN_SURNAME: &str = "国王 女王 大王 天王 帝王 霸王 提高 最高 一张 紧张 夸张 主张 开张 扩张 一周 上周 下周 本周 每周 四周 满周 行李 罗马 \
    立马 人马 地方 对方 东方 官方 双方 北方 南方 基金 奖金 现金 黄金 资金 押金 定金 如何 任何 为何 子孙 长江 树林 森林 明白 非常 经常 正常 平常 日常 \
    完成 对于 关于 由于 一万 祝贺 道路 有关 相关 责任 省钱 多钱 价钱 不安 平安 上海 下海 工程 课程 过程 白云 多云 年龄 部门 专门 上门 部落 公司 机关";

/// What stands between such a word and the character it seems to share with a name (`机主|张欣`, `一下|周女士`).
const NOT_THE_WORD: &str = "机主张 户主张 业主张 车主张 房主张 货主张 店主张 一下周 晚上周 早上周 线上周 那对方 一对方";

/// Characters behind a two-character name that leave it whole; behind any other it goes on (`王芳菲`).
const MAY_FOLLOW: &str = "您你吗吧的是在家本不啊呀呢对好收之和与我请需有该这哦嗯么";
/// Words behind it that do so.
const WORDS_FOLLOW: [&str; 9] = ["先生", "老师", "宝宝", "同学", "名下", "爸爸", "产妇", "客户", "喜得"];
/// Words behind a two-character name that only sounds alike, where it can be nothing but a name.
const NAMED: [&str; 6] = ["吗", "是吗", "是吧", "本人", "您好", "你好"];

/// Titles that stand behind a mother's name.
pub(super) const TITLES: [&str; 12] =
    ["女士", "小姐", "妈妈", "太太", "夫人", "姐", "妈", "美女", "宝妈", "女仕", "妈咪", "阿姨"];
/// Titles before which a surname that only sounds alike is heard: before the others everyday words stand (`好妈妈`, `学姐`).
const TITLES_ALIKE: [&str; 5] = ["女士", "小姐", "太太", "夫人", "女仕"];
/// Words behind, and in front of, a baby's given name.
const BEHIND_BABY: [&str; 16] = [
    "家长",
    "爸爸",
    "该打",
    "的宝",
    "'s mum",
    "'s mom",
    "'s mother",
    "'s dad",
    "宝宝",
    "宝贝",
    "小朋友",
    "妈妈",
    "的妈妈",
    "妈咪",
    "小公主",
    "小王子",
];
const BEFORE_BABY: [&str; 12] =
    ["little ", "birth of ", "您家", "你家", "你们家", "宝宝", "宝贝", "小朋友", "孩子", "baby ", "son ", "daughter "];
const TITLES_EN: [&str; 12] = [
    "missus ",
    "last name ",
    "surname ",
    "family name ",
    "ms ",
    "ms. ",
    "mrs ",
    "mrs. ",
    "miss ",
    "madam ",
    "mr ",
    "mr. ",
];
const GREETINGS: [&str; 12] = [
    "morning ",
    "afternoon ",
    "evening ",
    "hi ",
    "hello ",
    "dear ",
    "hey ",
    "is this ",
    "is that ",
    "speak to ",
    "speak with ",
    "for ",
];

/// A name as a list writes it, folded and cut into surname and given name.
pub struct Name {
    full: Vec<String>,
    pub surname: String,
    pub given: String,
}

impl Name {
    /// Cuts a name; an empty or one-character text is no name.
    pub fn written(text: &str) -> Option<Name> {
        let full = fold(text).replace(['·', '.'], "");
        let full = full.trim();
        if full.chars().count() < 2 {
            return None;
        }
        if full.chars().all(is_han) {
            let compound = COMPOUND_SURNAMES.iter().any(|surname| full.starts_with(surname));
            let chars = if compound && full.chars().count() > 2 { 2 } else { 1 };
            let cut: usize = full.chars().take(chars).map(char::len_utf8).sum();
            let (surname, given) = full.split_at(cut);
            return Some(Name { full: vec![full.to_string()], surname: surname.into(), given: given.into() });
        }
        let (surname, given) = match full.split_once(',') {
            Some((surname, given)) => (surname.trim(), given.trim()),
            None => full.rsplit_once(' ').map(|(given, surname)| (surname, given))?,
        };
        let orders = vec![format!("{given} {surname}"), format!("{surname} {given}"), format!("{surname}, {given}")];
        let first = given.split(' ').next().unwrap_or(given);
        Some(Name { full: orders, surname: surname.to_string(), given: first.to_string() })
    }

    fn is_han(&self) -> bool {
        self.surname.chars().all(is_han)
    }

    /// Finds the whole name.
    pub fn heard_whole(&self, speech: &Speech) -> Option<Range<usize>> {
        self.full.iter().flat_map(|full| speech.places_of(full)).find(|place| {
            let short = self.is_han() && self.given.chars().count() == 1;
            let whole = !short || ends_here(speech, place.end);
            whole
                && begins_here(speech, place, &self.surname)
                && meant(speech, place)
                && !whose::of_another(speech, place)
        })
    }

    /// Finds the surname with a title (`王女士`, `Mrs Carter`), or `姓王`.
    pub fn surname_heard(&self, speech: &Speech) -> Option<Range<usize>> {
        let found = |place: &Range<usize>| begins_here(speech, place, &self.surname) && meant(speech, place);
        if self.is_han() {
            let titled = titled(speech, &self.surname);
            let named = speech.places_of(&format!("姓{}", self.surname)).into_iter();
            let called = named.map(|place| place.start + '姓'.len_utf8()..place.end);
            let mut called = called.filter(|_| !speech.has("免贵"));
            return titled
                .into_iter()
                .find(|place| found(place) && whose::is_called(speech, place))
                .or_else(|| called.find(found));
        }
        let titled = TITLES_EN.iter().flat_map(|title| speech.places_of(&format!("{title}{}", self.surname)));
        let families = ["family", "household", "residence"].iter();
        let families = families.flat_map(|word| speech.places_of(&format!("{} {word}", self.surname)));
        titled.chain(families).find(|place| {
            let article = place.start.saturating_sub("the ".len());
            let from = if speech.text().get(article..place.start) == Some("the ") { article } else { place.start };
            found(place) && whose::is_called(speech, &(from..place.end))
        })
    }

    /// Finds the whole name as one that sounds like it (`陈静` as `程静`), where it can only be a name.
    pub fn heard_alike(&self, speech: &Speech) -> Option<Range<usize>> {
        let whole = self.full.first().filter(|_| self.is_han())?;
        let alike = sounds::places_alike(speech, whole).into_iter().find(|place| {
            let back = &speech.text()[place.end..];
            let titled = TITLES.iter().any(|title| back.starts_with(title));
            let turned = whose::turned_to(speech, place.start);
            let long = whole.chars().count() > 2;
            let named = long || NAMED.iter().any(|word| back.trim_start_matches(',').starts_with(word));
            (titled && (long || turned) || turned && named)
                && (self.begins_alike(speech, place) || titled && answers(speech, place.end))
                && meant(speech, place)
                && !whose::of_another(speech, place)
        });
        alike.or_else(|| self.spelled(speech))
    }

    /// Tells whether what sounds like the name begins with its own surname or with another that people bear.
    fn begins_alike(&self, speech: &Speech, place: &Range<usize>) -> bool {
        let said = &speech.text()[place.clone()];
        said.starts_with(&self.surname) || is_surname(said)
    }

    /// Finds the whole name spelled in Latin letters, in either order.
    fn spelled(&self, speech: &Speech) -> Option<Range<usize>> {
        let places = sounds::places_spelled(speech, &self.surname, &self.given);
        places.into_iter().find(|place| meant(speech, place) && !whose::of_another(speech, place))
    }

    /// Finds the surname with a title as one that sounds like it (`陈女士` as `程女士`), or spelled in Latin letters.
    pub fn surname_heard_alike(&self, speech: &Speech) -> Option<Range<usize>> {
        let places = self.is_han().then(|| sounds::places_alike(speech, &self.surname))?;
        let alike = places.into_iter().find_map(|place| {
            let title = TITLES_ALIKE.iter().find(|title| speech.text()[place.end..].starts_with(**title))?;
            let whole = place.start..place.end + title.len();
            let own = is_surname(&speech.text()[place.clone()]) || answers(speech, place.end);
            let found = own
                && addressed(speech, whole.end)
                && begins_here(speech, &place, &speech.text()[place.clone()])
                && meant(speech, &place)
                && whose::is_called(speech, &whole);
            found.then_some(place)
        });
        let spelled = || {
            let spelling = sounds::spelling(&self.surname)?;
            let english = TITLES_EN.iter().map(|title| format!("{title}{spelling}"));
            let chinese = TITLES_ALIKE.iter().map(|title| format!("{spelling}{title}"));
            let mut places = english.chain(chinese).flat_map(|words| speech.places_of(&words));
            places.find(|place| meant(speech, place) && whose::is_called(speech, place))
        };
        alike.or_else(spelled)
    }

    /// Finds a mother's given name alone, where somebody is spoken to (`晓燕姐`, `Hi Emily`).
    pub fn given_heard(&self, speech: &Speech) -> Option<Range<usize>> {
        if self.is_han() {
            let long = self.given.chars().count() >= 2;
            let titled = TITLES.iter().flat_map(|title| speech.places_of(&format!("{}{title}", self.given)));
            let mut titled = titled.filter(|_| long);
            return titled.find(|place| meant(speech, place) && whose::is_called(speech, place));
        }
        speech.places_of(&self.given).into_iter().find(|place| {
            let front = speech.clause_before(place.start);
            let greeted = front.is_empty() || GREETINGS.iter().any(|greeting| front.ends_with(greeting));
            let goes_on = speech.text()[place.end..].trim_start().starts_with(&self.surname);
            greeted && !goes_on && meant(speech, place) && !whose::of_another(speech, place)
        })
    }

    /// Finds a baby's given name alone, where a baby is spoken of (`子轩宝宝`, `your son Oliver`).
    pub fn baby_heard(&self, speech: &Speech) -> Option<Range<usize>> {
        let long = !self.is_han() || self.given.chars().count() >= 2;
        speech.places_of(&self.given).into_iter().filter(|_| long).find(|place| {
            let front = speech.clause_before(place.start);
            let back = speech.clause_after(place.end);
            let framed = BEFORE_BABY.iter().any(|word| front.ends_with(word))
                || BEHIND_BABY.iter().any(|word| back.starts_with(word));
            framed && meant(speech, place)
        })
    }
}

/// Tells whether the name is neither denied nor the caller's own.
fn meant(speech: &Speech, place: &Range<usize>) -> bool {
    !speech.denied(place) && !speech.of_caller(place)
}

/// Finds a surname with each title behind it.
fn titled(speech: &Speech, surname: &str) -> Vec<Range<usize>> {
    let mut titles: Vec<&str> = TITLES.to_vec();
    titles.sort_by_key(|title| std::cmp::Reverse(title.len()));
    titles.into_iter().flat_map(|title| speech.places_of(&format!("{surname}{title}"))).collect()
}

/// Tells whether a text begins with a surname that people bear.
fn is_surname(text: &str) -> bool {
    let first = text.chars().next().map_or(0, char::len_utf8);
    surname_share(&text[..first]).is_some() || COMPOUND_SURNAMES.iter().any(|surname| text.starts_with(surname))
}

/// Tells whether a title stands at `at` and somebody is greeted or asked for behind it, so that a name stands before it.
fn answers(speech: &Speech, at: usize) -> bool {
    let back = &speech.text()[at..];
    let behind = TITLES_ALIKE.iter().find_map(|title| back.strip_prefix(title));
    behind.is_some_and(|behind| NAMED.iter().any(|word| behind.trim_start_matches(',').starts_with(word)))
}

/// Tells whether somebody is spoken to, or of, behind a title that ends at `at`; not `女士包`.
fn addressed(speech: &Speech, at: usize) -> bool {
    speech.text()[at..].chars().next().is_none_or(|c| !is_han(c) || "您你好吗吧是在啊呀对本的方请恭我".contains(c))
}

/// Tells whether a name can begin here: what stands before is not part of the same word.
fn begins_here(speech: &Speech, place: &Range<usize>, surname: &str) -> bool {
    let Some(before) = speech.before(place).filter(|c| is_han(*c)) else {
        return true;
    };
    let first = surname.chars().next().map_or(0, char::len_utf8);
    let front = &speech.text()[..place.start + first];
    if NOT_THE_WORD.split_whitespace().any(|words| front.ends_with(words)) {
        return true;
    }
    let joined: String = std::iter::once(before).chain(surname.chars().take(1)).collect();
    let mut words = ENDING_IN_SURNAME.split_whitespace().chain(COMPOUND_SURNAMES);
    !words.any(|word| word == joined)
}

/// Tells whether a two-character name ends at `at` rather than go on as a longer one or as another word.
fn ends_here(speech: &Speech, at: usize) -> bool {
    let back = &speech.text()[at..];
    back.chars().next().is_none_or(|next| !is_han(next) || MAY_FOLLOW.contains(next))
        || TITLES.iter().chain(&WORDS_FOLLOW).any(|word| back.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(name: &str, said: &str) -> bool {
        Name::written(name).is_some_and(|name| name.heard_whole(&Speech::of(said)).is_some())
    }

    fn surname(name: &str, said: &str) -> bool {
        Name::written(name).is_some_and(|name| name.surname_heard(&Speech::of(said)).is_some())
    }

    #[test]
    fn a_whole_name_is_nobody_elses() {
        assert!(whole("王芳", "请问是王芳女士吗"));
        assert!(whole("王芳", "王 芳 在家吗"));
        assert!(whole("劉曉燕", "刘晓燕您好"));
        assert!(whole("Emily Carter", "May I speak to Carter, Emily?"));
        for said in ["王芳芳女士", "王芳丽您好", "国王芳香", "不是王芳", "我是王芳", "王 方"] {
            assert!(!whole("王芳", said), "{said}");
        }
        assert!(!whole("Emily Carter", "Emily Cartera"));
    }

    #[test]
    fn a_name_that_sounds_alike_is_heard_where_it_can_only_be_a_name() {
        let alike = |name: &str, said: &str| {
            let (name, speech) = (Name::written(name).unwrap(), Speech::of(said));
            (name.heard_alike(&speech).is_some(), name.surname_heard_alike(&speech).is_some())
        };
        assert_eq!(alike("陈静", "程静女士您好"), (true, false));
        assert_eq!(alike("陈静", "程女士您好"), (false, true));
        assert_eq!(alike("陈静", "陈女士您好"), (false, false), "that is the surname itself");
        assert_eq!(alike("张敏", "章敏，您好"), (true, false));
        assert_eq!(alike("陈静", "您好，我是程女士"), (false, false));
        assert_eq!(alike("陈静", "王女士您好"), (false, false));
        assert_eq!(alike("陈静", "这个行程静悄悄的"), (false, false));
    }

    #[test]
    fn a_longer_name_or_a_word_is_no_two_character_name() {
        for said in ["何敏悦女士吗", "何敏华", "何敏蛋糕店"] {
            assert!(!whole("何敏", said), "{said}");
        }
        for said in ["何敏女士", "何敏吗", "您是何敏", "机主何敏在吗", "何敏家"] {
            assert!(whole("何敏", said), "{said}");
        }
        assert!(whole("张岚", "请问机主张岚在吗"));
        assert!(!whole("张岚", "我主张岚色"));
    }

    #[test]
    fn everyday_words_are_no_names_that_sound_alike() {
        let alike = |name: &str, said: &str| {
            let (name, speech) = (Name::written(name).unwrap(), Speech::of(said));
            name.heard_alike(&speech).is_some() || name.surname_heard_alike(&speech).is_some()
        };
        for (name, said) in [
            ("徐瑶", "需要贷款吗"),
            ("黄莹", "欢迎光临"),
            ("魏敏", "各位女士您好"),
            ("何敏", "宝宝和妈妈"),
            ("薛敏", "学姐您好"),
            ("肖敏", "小姐您好"),
            ("宋敏", "送女士围巾"),
            ("高欣", "高兴地通知您"),
        ] {
            assert!(!alike(name, said), "{name} {said}");
        }
        assert!(alike("魏敏", "卫女士您好"));
        assert!(alike("宋敏", "送女士,您好"));
        assert!(alike("韦玉兰", "Hello Ms Wei"));
        assert!(alike("韦玉兰", "is that Yulan Wei"));
        assert!(!alike("韦玉兰", "Wei Yulan here from the bank"));
    }

    #[test]
    fn a_surname_needs_a_title_and_is_not_the_callers() {
        assert!(surname("王芳", "王女士您好"));
        assert!(surname("王芳", "您姓王吧"));
        assert!(surname("欧阳晓", "欧阳小姐"));
        assert!(surname("Emily Carter", "Hello Mrs. Carter"));
        for said in ["女王小姐", "我姓王", "我是摄影店的王小姐", "老王", "不姓王"] {
            assert!(!surname("王芳", said), "{said}");
        }
        assert!(!surname("阳光", "欧阳女士"));
        assert!(!surname("周静", "上周妈妈班"));
    }
}
