//! Words of the trades that buy lists of newborns.
//!
//! Weddings are photographed and dogs vaccinated as well: words that other trades share count only where a baby is spoken of.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::speech::Speech;

/// The business of callers that use such lists, folded.
const TRADES: &str = "胎毛 胎发 胎毛笔 满月照 满月酒 百天照 百日照 百天 百岁照 周岁照 宝宝照 新生儿照 奶粉 配方奶 母乳 羊奶 辅食 月嫂 育婴 育儿 月子 坐月子 早教 早幼教 托育 托班 婴儿游泳 宝宝游泳 儿童保险 少儿保险 少儿险 宝宝保险 婴儿保险 新生儿保险 产后 产康 通乳 催乳 催奶 开奶 盆底 骨盆修复 妊娠纹 满月发汗 纸尿裤 尿不湿 尿布 脐带血 儿保 母婴 孕婴 婴儿车 婴儿床 手足印 脚印 生肖章 小儿推拿 恭喜您喜得 喜得贵子 喜得千金 新手妈妈 宝妈 通奶 孩子的保险 抓周 百日宴 百天宴 满月宴 满月头 婴儿抚触 抚触 新生儿洗澡 纸尿片 婴儿推车 吸奶器 宝宝理发 婴儿理发 满月汗 婴童 脐带 生的宝宝 生的孩子 生的娃 生宝宝 生孩子 刚生完 喜得 喜获 胎教 月子餐 小儿 儿童重疾 出生证 婴儿背带 婴幼儿 新生儿 亲子照 黄疸仪 少儿教育金";

/// The same in English, folded; each is one line entry.
const TRADES_EN: [&str; 54] = [
    "baby photo",
    "baby photos",
    "newborn photo",
    "newborn photos",
    "newborn photography",
    "baby photography",
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
    "newborn insurance",
    "baby insurance",
    "child insurance",
    "children's insurance",
    "early education",
    "early learning",
    "daycare",
    "childcare",
    "baby swimming",
    "stroller",
    "new mother",
    "new mum",
    "photo studio",
    "new mom",
    "newborn shoot",
    "newborn session",
    "newborn pictures",
    "baby photographer",
    "newborn photographer",
    "night nurse",
    "maternity nurse",
    "hand and foot casts",
    "baby massage",
    "pram",
    "prams",
    "cake smash",
    "childminder",
    "infant formula",
    "baby formula",
    "gave birth",
    "you delivered",
    "baby was born",
];

/// Trades that sell to others as well: of a newborn only where a baby is spoken of.
const SHARED: &str = "摄影 拍照 照相 影楼 写真 全家福 疫苗 预防针 保姆 起名 取名 纪念品 亲子 幼儿园 教育金 骨盆 干细胞 补钙 益生菌 安全座椅 绘本 童装";
const SHARED_EN: [&str; 11] = [
    "photo shoot",
    "photoshoot",
    "photo session",
    "portrait",
    "portraits",
    "formula",
    "stem cell",
    "stem cells",
    "education fund",
    "nursery",
    "pictures",
];
/// Words of a baby, or of its mother, that make such a trade one of those that use these lists.
const BABY: &str = "宝宝 宝贝 宝妈 婴 新生 孩子 小朋友 娃 儿童 满月 百天 百日 周岁 孕 产妇 产后 妈妈 喜得 生的 儿子 女儿 男宝 女宝 公主 王子 脐 胎";
const BABY_EN: [&str; 14] = [
    "baby",
    "baby's",
    "babies",
    "newborn",
    "newborns",
    "infant",
    "child",
    "little one",
    "son",
    "daughter",
    "boy",
    "girl",
    "maternity",
    "birth",
];
/// Words of other trades, though a word of these is in them.
const NOT_OF_BABIES: [&str; 9] = [
    "中老年奶粉",
    "成人奶粉",
    "老年奶粉",
    "老人奶粉",
    "亲子鉴定",
    "亲子酒店",
    "formula 1",
    "formula one",
    "幼儿园招聘",
];

/// Tells whether the caller speaks of a trade that uses such lists, or of a birth.
pub fn is_topic(speech: &Speech) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| all_of(TRADES.split_whitespace().chain(TRADES_EN)));
    static SHARED_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| all_of(SHARED.split_whitespace().chain(SHARED_EN)));
    static BABIES: LazyLock<AhoCorasick> = LazyLock::new(|| all_of(BABY.split_whitespace().chain(BABY_EN)));
    let other = || NOT_OF_BABIES.iter().any(|words| speech.has(words));
    any_said(&WORDS, speech) && !other() || any_said(&SHARED_WORDS, speech) && any_said(&BABIES, speech) && !other()
}

/// Prepares many words to be sought at once.
pub fn all_of<'w>(words: impl Iterator<Item = &'w str>) -> AhoCorasick {
    AhoCorasick::new(words).expect("a hundred short words are far below every limit")
}

pub fn any_said(words: &AhoCorasick, speech: &Speech) -> bool {
    words.find_overlapping_iter(speech.text()).any(|found| speech.is_whole(&found.range()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_of_newborns_is_a_topic_and_one_that_only_shares_its_words_is_not() {
        let topic = |said: &str| is_topic(&Speech::of(said));
        for said in [
            "宝宝摄影八折",
            "月嫂档期",
            "百日宴场地",
            "纸尿裤到货",
            "孩子的保险了解一下",
            "您在市医院生的宝宝对吧",
            "newborn photo shoot",
            "a night nurse for you",
            "your baby's portrait",
        ] {
            assert!(topic(said), "{said}");
        }
        for said in [
            "旅游摄影",
            "猫咪写真",
            "狂犬疫苗",
            "店铺起名",
            "成人奶粉",
            "亲子鉴定",
            "garden nursery",
            "Formula 1 tickets",
            "wedding portraits",
        ] {
            assert!(!topic(said), "{said}");
        }
    }
}
