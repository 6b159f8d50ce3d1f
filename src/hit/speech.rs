//! What was said, folded so that two spellings compare equal, with what was understood taken out.
//!
//! A span is taken out once it became a fact, so that 南山 in the hospital's name is not heard a second
//! time as the district.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Longest text that is listened to, in characters; the rest of a longer one is not heard.
const SAID_CHARS_MAX: usize = 2_000;
/// Stands for text that already became a fact.
const TAKEN: char = '\u{1}';

/// Traditional characters of common names and of the trades' words, each before its simplified one.
const SIMPLIFIED: &str = "劉刘陳陈張张黃黄吳吴趙赵孫孙馬马楊杨許许鄭郑謝谢韓韩馮冯蕭萧葉叶蘇苏呂吕盧卢鄧邓羅罗寶宝媽妈婦妇醫医產产兒儿歲岁滿满攝摄嬰婴號号區区龍龙華华東东廣广麗丽鳳凤蘭兰雲云靜静潔洁瑩莹穎颖豔艳紅红國国\
    偉伟傑杰軍军貝贝險险為为這这個个們们嗎吗說说問问請请電电話话紙纸褲裤臍脐帶带親亲護护師师課课樂乐遊游戲戏園园縣县鎮镇鄉乡樓楼棟栋單单門门錢钱鐘钟鍾钟範范齊齐賈贾鄒邹閻阎譚谭賴赖龔龚萬万嚴严顧顾\
    湯汤聶聂瓊琼燁烨軒轩諾诺語语夢梦詩诗瑤瑶慶庆陽阳歐欧諸诸爾尔銘铭澤泽錦锦鈺钰曉晓筆笔發发髮发復复後后幾几紀纪學学習习養养體体檢检湊凑麥麦優优預预約约爺爷剛刚過过裡里裏里\
    專专業业叢丛豐丰烏乌喬乔書书於于亞亚餘余儲储黨党關关興兴農农況况凱凯勞劳衛卫厲厉聽听啓启嘯啸婁娄嬌娇嫺娴寧宁實实宮宫賓宾\
    堯尧嶼屿嵐岚嶽岳峯峰鞏巩帥帅幹干莊庄應应龐庞強强彥彦恆恒悅悦戰战時时晉晋暉晖樸朴權权來来檸柠樹树慄栗欒栾歡欢畢毕塗涂濤涛\
    淵渊溫温瀟潇靈灵愛爱暢畅蓋盖盤盘竇窦簡简練练繼继維维繆缪羣群藝艺蘆芦蒼苍荊荆榮荣蔣蒋藍蓝藺蔺蘊蕴見见計计證证誠诚談谈諶谌\
    謙谦費费賀贺車车輝辉邊边遠远連连遲迟遙遥鄺邝鄔邬鬱郁釗钊銀银鋒锋銳锐長长閉闭間间閔闵聞闻闕阙闞阚陰阴際际陸陆韋韦韜韬項项\
    顏颜風风飛飞饒饶馳驰駒驹驍骁駱骆騫骞魯鲁鮑鲍鮮鲜鴻鸿鵬鹏鶴鹤鷺鹭";

/// Words right before a name that deny it.
const DENIALS: [&str; 42] = [
    "不是",
    "不是叫",
    "不是找",
    "不叫",
    "不姓",
    "不找",
    "不认识",
    "没有",
    "并非",
    "没在",
    "没有在",
    "不在",
    "不是在",
    "不住",
    "不住在",
    "不是住",
    "不是住在",
    "没住",
    "没住在",
    "不是从",
    "没生",
    "不是生",
    "not ",
    "isn't ",
    "not called ",
    "no ",
    "don't know ",
    "not for ",
    "don't have a ",
    "not a ",
    "n't live at ",
    "n't live on ",
    "n't live in ",
    "n't born at ",
    "n't born in ",
    "n't give birth at ",
    "n't deliver at ",
    "n't born on ",
    "n't born on the ",
    "not born on ",
    "not born on the ",
    "not at ",
];
/// Words with which a caller takes back what he asked.
const TAKEN_BACK: [&str; 6] = ["弄错", "搞错", "搬走", "记错", "看错", "不是啊"];

/// Words after which callers speak of themselves.
const OF_MYSELF: [&str; 19] = [
    "我是",
    "我叫",
    "我姓",
    "这边是",
    "这里是",
    "本人",
    "敝姓",
    "叫我",
    "i'm ",
    "i am ",
    "this is ",
    "my name is ",
    "my name's ",
    "it's ",
    "you're speaking with ",
    "you are speaking with ",
    "you're speaking to ",
    "you're through to ",
    "call me ",
];
/// Words after which callers speak of the one they called.
const OF_YOU: [&str; 18] = [
    "您",
    "你",
    "请问",
    "找",
    "you",
    "speak to ",
    "speak with ",
    "am i speaking with ",
    "am i speaking to ",
    "about ",
    "looking for ",
    "calling for ",
    "message for ",
    "gift for ",
    "parcel for ",
    "is this ",
    "is that ",
    "给",
];

/// Folded text; spans that became facts are taken out.
#[derive(Debug, Clone)]
pub struct Speech {
    text: String,
}

/// Folds full-width forms, letter case, common traditional characters and spaces beside Chinese text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space_due = false;
    let plain = text.nfkc().take(SAID_CHARS_MAX).filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}'));
    for c in plain.flat_map(char::to_lowercase) {
        if c.is_whitespace() && c != '\n' {
            space_due = true;
            continue;
        }
        let c = match c {
            '\n' | TAKEN => ';',
            '\u{2019}' | '\u{2018}' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => simplified(c),
        };
        let beside_han = is_han(c) || folded.chars().next_back().is_none_or(is_han);
        if space_due && !beside_han {
            folded.push(' ');
        }
        space_due = false;
        folded.push(c);
    }
    folded
}

/// Gives the simplified form of a common traditional character, any other as it is.
pub fn simplified(c: char) -> char {
    static PAIRS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let mut chars = SIMPLIFIED.chars().filter(|c| !c.is_whitespace());
        std::iter::from_fn(|| Some((chars.next()?, chars.next()?))).collect()
    });
    /// Bits of the characters that are in the table: few of a text are.
    static MARKS: LazyLock<[u64; 64]> = LazyLock::new(|| {
        let mut marks = [0; 64];
        PAIRS.keys().for_each(|c| marks[*c as usize >> 6 & 63] |= 1 << (*c as u32 & 63));
        marks
    });
    if MARKS[c as usize >> 6 & 63] >> (c as u32 & 63) & 1 == 0 {
        return c;
    }
    PAIRS.get(&c).copied().unwrap_or(c)
}

/// Tells whether a character is a Chinese one.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{3007}' | '\u{20000}'..='\u{2ffff}')
}

impl Speech {
    /// Listens to a text.
    pub fn of(said: &str) -> Speech {
        Speech { text: fold(said) }
    }

    /// Gives what is left, folded.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether a folded word is in what is left.
    pub fn has(&self, word: &str) -> bool {
        !self.places_of(word).is_empty()
    }

    /// Finds a folded word; one in Latin letters only as a whole word.
    pub fn places_of(&self, word: &str) -> Vec<Range<usize>> {
        if word.is_empty() {
            return Vec::new();
        }
        self.text.match_indices(word).map(|(at, _)| at..at + word.len()).filter(|place| self.is_whole(place)).collect()
    }

    /// Tells whether a place that is not empty cuts no word in Latin letters.
    pub fn is_whole(&self, place: &Range<usize>) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
        let word = &self.text[place.clone()];
        let (first, last) = (word.chars().next(), word.chars().next_back());
        !(letter(self.before(place)) && letter(first)) && !(letter(self.after(place)) && letter(last))
    }

    /// Gives the character in front of a place.
    pub fn before(&self, place: &Range<usize>) -> Option<char> {
        self.text[..place.start].chars().next_back()
    }

    /// Gives the character behind a place.
    pub fn after(&self, place: &Range<usize>) -> Option<char> {
        self.text[place.end..].chars().next()
    }

    /// Gives the words of the same clause in front of a place.
    pub fn clause_before(&self, at: usize) -> &str {
        let front = &self.text[..at];
        let start = front.char_indices().rev().find(|(i, c)| ends_clause(front, *i, *c));
        &front[start.map_or(0, |(i, c)| i + c.len_utf8())..]
    }

    /// Gives the words of the same clause behind a place.
    pub fn clause_after(&self, at: usize) -> &str {
        let back = &self.text[at..];
        let end = back.char_indices().find(|(i, c)| ends_clause(&self.text, at + i, *c));
        &back[..end.map_or(back.len(), |(i, _)| i)]
    }

    /// Tells whether a name at this place is said not to be right (`不是王芳`, but not `是不是王芳`).
    pub fn denied(&self, place: &Range<usize>) -> bool {
        // A road is denied with its number in front of it.
        let front = self.clause_before(place.start);
        let digits = front.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ').len();
        let front = if digits < front.trim_end().len() { &front[..(digits + 1).min(front.len())] } else { front };
        let back = &self.text[place.end..];
        let asked = self.clause_after(place.end).contains('吗') && !TAKEN_BACK.iter().any(|word| back.contains(word));
        DENIALS.iter().any(|denial| {
            front.strip_suffix(denial).is_some_and(|rest| !rest.ends_with('是') && !rest.ends_with('有')) && !asked
        })
    }

    /// Tells whether a name at this place is the caller's own (`我是小王`, `this is Emily`).
    pub fn of_caller(&self, place: &Range<usize>) -> bool {
        let front = self.clause_before(place.start);
        let last = |words: &[&str]| words.iter().filter_map(|word| Some(front.rfind(word)? + word.len())).max();
        match (last(&OF_MYSELF), last(&OF_YOU)) {
            (Some(myself), Some(you)) => myself >= you,
            (myself, _) => myself.is_some(),
        }
    }

    /// Cuts a place out that means something else; no word reaches across it.
    pub fn blank(&mut self, place: Range<usize>) {
        self.text.replace_range(place, "_");
    }

    /// Takes a place out, once it became a fact.
    pub fn take(&mut self, place: Range<usize>) {
        self.text.replace_range(place, TAKEN.encode_utf8(&mut [0; 4]));
    }
}

/// Tells whether a clause ends with the character at `at`; a point after `mrs` or in `3.5` ends none.
fn ends_clause(text: &str, at: usize, c: char) -> bool {
    match c {
        '.' => {
            let titled = ["mr", "mrs", "ms", "dr", "st"].iter().any(|title| text[..at].ends_with(title));
            !titled && text[at + 1..].chars().next().is_none_or(char::is_whitespace)
        }
        c => matches!(c, ',' | '。' | '!' | '?' | ';' | '、' | ':' | '…'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_fold_to_one() {
        assert_eq!(fold("王　芳 女士，ＯＫ"), "王芳女士,ok");
        assert_eq!(fold("劉女士 寶寶"), "刘女士宝宝");
        assert_eq!(fold("Mrs.  Carter’s  boy"), "mrs. carter's boy");
    }

    #[test]
    fn the_table_of_characters_is_made_of_pairs() {
        let count = SIMPLIFIED.chars().filter(|c| !c.is_whitespace()).count();
        assert_eq!(count % 2, 0);
        assert_eq!(simplified('裏'), '里');
        assert_eq!(simplified('醫'), '医');
        assert_eq!(fold("寧強誠"), "宁强诚");
    }

    #[test]
    fn a_latin_word_is_found_only_whole() {
        let speech = Speech::of("cowboy boy's boyhood");
        assert_eq!(speech.places_of("boy"), vec![7..10]);
    }

    #[test]
    fn a_question_is_no_denial() {
        let denied = |said: &str| {
            let speech = Speech::of(said);
            let place = speech.places_of("王芳").remove(0);
            speech.denied(&place)
        };
        assert!(denied("我不是王芳"));
        assert!(denied("这里没有王芳"));
        assert!(denied("您没在王芳"));
        assert!(denied("不是王芳吗,哦搞错了"));
        assert!(!denied("您是不是王芳"));
        assert!(!denied("您不是王芳吗"));
        assert!(!denied("不是吧,王芳"));
    }
}
