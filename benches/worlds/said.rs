//! What callers say, and what lists look like that canaries are made after.
//!
//! A caller who has the list speaks of what stands in it; speech that was written down by a machine has homophones,
//! and some ask for somebody else. A cold caller knows nothing and guesses.

use chrono::{Datelike, NaiveDate};
use rand::RngExt;

use super::chance::{Chance, one_of};

/// What stands in a list of a canary.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub mother: String,
    pub sex: String,
    pub birth: Option<NaiveDate>,
    pub hospital: Option<String>,
    pub address: String,
}

const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "谢", "宋",
];
const GIVEN: [&str; 24] = [
    "婷婷", "雪梅", "丽娟", "晓燕", "佳怡", "敏", "静", "海燕", "雨欣", "春兰", "思琪", "莉", "丹", "玉洁", "文静",
    "慧", "燕", "晓琳", "倩", "欣怡", "娜", "梦瑶", "佩珊", "月",
];
const HOMOPHONES: [(&str, &str); 12] = [
    ("陈", "程"),
    ("王", "汪"),
    ("李", "黎"),
    ("张", "章"),
    ("刘", "柳"),
    ("黄", "王"),
    ("吴", "武"),
    ("林", "凌"),
    ("徐", "许"),
    ("周", "邹"),
    ("何", "和"),
    ("余", "于"),
];
const TRADES: [&str; 12] = [
    "给宝宝拍满月照吗",
    "有没有做胎毛笔的打算",
    "我们这边是月嫂公司的",
    "进口奶粉做活动您了解一下",
    "产后修复体验课免费",
    "宝宝百天照有优惠",
    "需要育婴师吗",
    "婴儿游泳免费体验",
    "给孩子存教育金了解吗",
    "催乳通乳上门服务",
    "早教中心开业",
    "手足印纪念品上门制作",
];
const TRADES_EN: [&str; 4] = [
    "we do newborn photography",
    "are you looking for a postpartum nanny",
    "we have an offer on baby formula",
    "a baby swimming trial is free",
];
const OTHERS: [&str; 8] = [
    "您好,需要贷款吗",
    "您的快递到了",
    "这里是装修公司",
    "股票交流群了解一下",
    "尊敬的用户,您的套餐即将到期",
    "房子考虑出售吗",
    "信用卡提额",
    "hello, this is about your car warranty",
];

/// How much of what a caller with the list says is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talk {
    /// Six calls in ten are silent, one in ten tells of two facts.
    Usual,
    /// Somebody answers, and every caller tells of the row.
    Always,
}

/// Draw from which a caller tells of two facts.
const TELLS_FROM: f64 = 0.91;

/// Draws what a caller with the list says of one canary; nothing for silence.
pub fn by_one_who_knows(words: &Words, talk: Talk, rng: &mut Chance) -> Option<String> {
    let kind: f64 = match talk {
        Talk::Usual => rng.random(),
        Talk::Always => rng.random_range(TELLS_FROM..1.0),
    };
    if kind < 0.60 {
        return None;
    }
    let english = rng.random_bool(0.08);
    let trade = if english { one_of(&TRADES_EN, rng) } else { one_of(&TRADES, rng) };
    if kind < 0.74 {
        return Some(if english { format!("hello, {trade}") } else { format!("您好,{trade}") });
    }
    if kind < 0.78 {
        // Somebody else is asked for: the list was mixed up, or the number was typed wrongly.
        let other = format!("{}{}", one_of(&SURNAMES, rng), one_of(&GIVEN, rng));
        return Some(format!("请问是{other}吗,{trade}"));
    }
    let surname = surname(&words.mother).to_string();
    if kind < 0.86 {
        return Some(if english {
            format!("hello Ms {surname}, {trade}")
        } else {
            format!("{surname}女士您好,{trade}")
        });
    }
    let called = if rng.random_bool(0.15) { misheard(&words.mother, rng) } else { words.mother.clone() };
    if kind < TELLS_FROM {
        return Some(if english {
            format!("is that {called}? {trade}")
        } else {
            format!("请问是{called}吗?{trade}")
        });
    }
    Some(format!("请问是{called}吗?{}{trade}", more(words, rng)))
}

/// Draws what a framer says, who wants the call to count.
pub fn by_one_who_frames(words: &Words, rng: &mut Chance) -> String {
    format!("请问是{}吗?{}{}", words.mother, more(words, rng), one_of(&TRADES, rng))
}

/// Draws what a stranger says, who now and then is in the trade; `topic` is the share of those.
pub fn by_a_stranger(topic: f64, rng: &mut Chance) -> Option<String> {
    let kind: f64 = rng.random();
    let trade = one_of(&TRADES, rng);
    if kind < topic {
        return Some(match rng.random_range(0..10) {
            0 => format!("{}女士您好,{trade}", one_of(&SURNAMES, rng)),
            1 => format!("您家{}出生了吧,{trade}", one_of(&["小公子", "小公主"], rng)),
            _ => format!("您好,{trade}"),
        });
    }
    if kind < topic + 0.01 {
        return Some(format!("{}女士您好,{}", one_of(&SURNAMES, rng), one_of(&OTHERS, rng)));
    }
    (kind < topic + 0.35).then(|| one_of(&OTHERS, rng).to_string())
}

/// Draws what somebody says who looks for the number's last owner.
pub fn by_an_old_friend(rng: &mut Chance) -> Option<String> {
    rng.random_bool(0.4).then(|| format!("{}{}在吗", one_of(&SURNAMES, rng), one_of(&GIVEN, rng)))
}

/// Draws the one sentence of an automatic dialler.
pub fn by_a_machine(rng: &mut Chance) -> Option<String> {
    match rng.random_range(0..3) {
        0 => None,
        1 => Some(format!("您好,{}", one_of(&TRADES, rng))),
        _ => Some(one_of(&OTHERS, rng).to_string()),
    }
}

/// Makes a hospital's small list, for canaries to be made like it.
pub fn list_of_hospital(name: &str, day: NaiveDate, rng: &mut Chance) -> String {
    let mut list = "产妇姓名,新生儿性别,出生日期,分娩医院,联系电话,家庭住址\n".to_string();
    for _ in 0..60 {
        let (surname, given) = (one_of(&SURNAMES, rng), one_of(&GIVEN, rng));
        let birth = day - chrono::Days::new(rng.random_range(0..30));
        let phone = format!("13{}{:08}", rng.random_range(5..10), rng.random_range(0..100_000_000));
        let (road, house) = (one_of(&["人民", "海德", "深南", "新安", "解放", "宝民"], rng), rng.random_range(1..200));
        let (sex, block, flat) = (one_of(&["男", "女"], rng), rng.random_range(1..20), rng.random_range(101..2500));
        list += &format!(
            "{surname}{given},{sex},{birth},{name},{phone},深圳市{}{road}路{house}号{block}栋{flat}\n",
            one_of(&["南山区", "福田区", "罗湖区", "宝安区"], rng),
        );
    }
    list
}

fn more(words: &Words, rng: &mut Chance) -> String {
    let birth = words.birth.map(|birth| format!("{}月{}号出生的,", birth.month(), birth.day()));
    let baby = match words.sex.as_str() {
        "男" => Some("您家男宝宝,".to_string()),
        "女" => Some("您家女宝宝,".to_string()),
        _ => None,
    };
    let hospital = words.hospital.as_ref().map(|hospital| format!("在{hospital}生的,"));
    let address = (!words.address.is_empty()).then(|| format!("住在{}吧,", words.address));
    let known: Vec<String> = [birth, baby, hospital, address].into_iter().flatten().collect();
    if known.is_empty() {
        return String::new();
    }
    let first = rng.random_range(0..known.len());
    let second = rng.random_range(0..known.len());
    if first == second { known[first].clone() } else { format!("{}{}", known[first], known[second]) }
}

fn surname(name: &str) -> &str {
    name.char_indices().nth(1).map_or(name, |(end, _)| &name[..end])
}

fn misheard(name: &str, rng: &mut Chance) -> String {
    let heard = HOMOPHONES.iter().find(|(right, _)| name.starts_with(right));
    match heard {
        Some((right, wrong)) => name.replacen(right, wrong, 1),
        None => {
            let mut letters: Vec<char> = name.chars().collect();
            let last = letters.len() - 1;
            letters[last] = one_of(&['霞', '婷', '丽', '芬'], rng).to_owned();
            letters.into_iter().collect()
        }
    }
}
