//! Words of the trades that buy lists of newborns, and words that tell a baby's sex.
//!
//! `女士` tells nothing about a baby and `男科医院` nothing about anybody: only words for children count.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::speech::Speech;

/// The business of callers that use such lists, folded.
const TRADES: &str = "胎毛 胎发 胎毛笔 摄影 拍照 照相 影楼 写真 满月照 满月酒 百天照 百日照 百天 百岁照 周岁照 宝宝照 新生儿照 奶粉 配方奶 母乳 \
    羊奶 辅食 月嫂 育婴 育儿 保姆 月子 坐月子 早教 早幼教 托育 托班 幼儿园 亲子 婴儿游泳 宝宝游泳 儿童保险 少儿保险 少儿险 宝宝保险 婴儿保险 \
    新生儿保险 教育金 产后 产康 通乳 催乳 催奶 开奶 盆底 骨盆 骨盆修复 妊娠纹 满月发汗 纸尿裤 尿不湿 尿布 脐带血 干细胞 疫苗 儿保 母婴 孕婴 \
    婴儿车 婴儿床 童装 手足印 脚印 起名 取名 生肖章 纪念品 小儿推拿 补钙 益生菌 恭喜您喜得 喜得贵子 喜得千金 新手妈妈 宝妈";

/// The same in English, folded; each is one line entry.
const TRADES_EN: [&str; 44] = [
    "baby photo",
    "baby photos",
    "newborn photo",
    "newborn photos",
    "newborn photography",
    "baby photography",
    "photo shoot",
    "photoshoot",
    "photo studio",
    "photo session",
    "portrait",
    "portraits",
    "formula",
    "milk powder",
    "baby food",
    "nanny",
    "nannies",
    "doula",
    "confinement",
    "postpartum",
    "postnatal",
    "lactation",
    "breastfeeding",
    "breast pump",
    "diaper",
    "diapers",
    "nappy",
    "nappies",
    "cord blood",
    "stem cell",
    "stem cells",
    "newborn insurance",
    "baby insurance",
    "child insurance",
    "children's insurance",
    "education fund",
    "early education",
    "early learning",
    "daycare",
    "nursery",
    "childcare",
    "baby swimming",
    "stroller",
    "new mother",
];

const BOY: &str =
    "男宝 男宝宝 男孩 男娃 男婴 男童 男生宝宝 儿子 小王子 小公子 公子 贵子 之子 大胖小子 胖小子 小帅哥 小少爷 小男生";
const BOY_EN: [&str; 5] = ["boy", "boys", "son", "sons", "little prince"];
const BOY_LABELS: [&str; 3] = ["性别男", "性别:男", "宝宝男"];
const GIRL: &str = "女宝 女宝宝 女孩 女娃 女婴 女童 女生宝宝 女儿 千金 小公主 小棉袄 闺女 丫头 之女 小女生 小美女";
const GIRL_EN: [&str; 5] = ["girl", "girls", "daughter", "daughters", "little princess"];
const GIRL_LABELS: [&str; 3] = ["性别女", "性别:女", "宝宝女"];

/// Words that hold a word for a child but speak of none.
const NOT_A_CHILD: [&str; 9] =
    ["妇女儿童", "女儿童", "幼儿子", "婴儿子", "办公子", "千金难", "千金不", "女儿红", "男女宝宝"];

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

/// Tells whether the caller speaks of a trade that uses such lists.
pub fn is_topic(speech: &Speech) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| all_of(TRADES.split_whitespace().chain(TRADES_EN)));
    any_said(&WORDS, speech)
}

/// Prepares many words to be sought at once.
fn all_of<'w>(words: impl Iterator<Item = &'w str>) -> AhoCorasick {
    AhoCorasick::new(words).expect("a hundred short words are far below every limit")
}

fn any_said(words: &AhoCorasick, speech: &Speech) -> bool {
    words.find_overlapping_iter(speech.text()).any(|found| speech.is_whole(&found.range()))
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
            speech.take(place);
        }
    }
    let said = |han: &str, latin: &[&str], labels: [&str; 3]| {
        let mut words = han.split_whitespace().chain(latin.iter().copied()).chain(labels);
        words.any(|word| speech.places_of(word).iter().any(|place| !speech.denied(place)))
    };
    let boy = said(BOY, &BOY_EN, BOY_LABELS);
    let girl = said(GIRL, &GIRL_EN, GIRL_LABELS);
    match (boy, girl) {
        (true, false) => Some(Sex::Boy),
        (false, true) => Some(Sex::Girl),
        (true, true) | (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sex_is_heard_only_of_a_child_and_only_when_it_is_one() {
        let sex = |said: &str| sex_said(&Speech::of(said));
        assert_eq!(sex("恭喜您喜得千金"), Some(Sex::Girl));
        assert_eq!(sex("您家男宝宝满月了"), Some(Sex::Boy));
        assert_eq!(sex("congratulations on your baby boy"), Some(Sex::Boy));
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
    fn what_lists_write_is_read() {
        assert_eq!(Sex::written("男"), Some(Sex::Boy));
        assert_eq!(Sex::written(" F "), Some(Sex::Girl));
        assert_eq!(Sex::written("男婴"), Some(Sex::Boy));
        assert_eq!(Sex::written("未知"), None);
    }
}
