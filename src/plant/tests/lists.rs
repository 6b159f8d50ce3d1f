//! Made-up lists of two common shapes, and their parts.

use rand::rngs::ChaCha20Rng;
use rand::{RngExt, SeedableRng};

use super::today;

pub const NAMES: [&str; 12] =
    ["王芳", "李娜", "张敏", "刘静", "陈丽", "杨艳", "赵秀英", "黄丽娟", "周桂英", "吴敏", "徐静", "孙洁"];

pub fn mobile(rng: &mut ChaCha20Rng) -> String {
    format!("13{}", rng.random_range(100_000_000..1_000_000_000_u64))
}

pub fn address(rng: &mut ChaCha20Rng) -> String {
    let (road, number) = (["文一路", "登云路", "孙家弄"][rng.random_range(0..3)], rng.random_range(1..999));
    format!("杭州市西湖区{road}{number}号{}栋{}室", rng.random_range(1..40), rng.random_range(1..30) * 100 + 1)
}

/// A hospital's upload: serial, growing hospital number, times within days, second phone now and then.
pub fn upload(rows: u32, step: u32, seed: u64) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut text = String::from(
        "序号,住院号,产妇姓名,年龄,分娩时间,孕周,分娩方式,新生儿性别,体重(g),联系电话,配偶电话,家庭住址,出院日期\n",
    );
    let mut id = 268_000;
    for n in 0..rows {
        id += rng.random_range(1..=step);
        let day = today() - chrono::Days::new(u64::from(300 - n / 4));
        let spouse = if rng.random_bool(0.4) { mobile(&mut rng) } else { String::new() };
        text += &format!(
            "{},ZY{id},{},{},{day} {:02}:{:02},{}+{},{},{},{},{},{spouse},{},{}\n",
            n + 1,
            NAMES[rng.random_range(0..NAMES.len())],
            rng.random_range(22..40),
            rng.random_range(0..24),
            rng.random_range(0..60),
            rng.random_range(37..42),
            rng.random_range(0..7),
            ["顺产", "剖宫产"][rng.random_range(0..2)],
            ["男", "女"][rng.random_range(0..2)],
            rng.random_range(250..400) * 10,
            mobile(&mut rng),
            address(&mut rng),
            day + chrono::Days::new(rng.random_range(2..6)),
        );
    }
    text
}

/// A registry: a common counter behind a hospital code, each hospital with numbers of its own.
pub fn registry(rows: u32, seed: u64) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut text =
        String::from("登记编号,报告日期,助产机构,住院号,产妇姓名,身份证号,联系电话,分娩日期,新生儿性别,备注\n");
    let mut own = [1_507_680_u64, 26_607_749, 104_696];
    let mut counter = 260_101;
    for n in 0..rows {
        let hospital = rng.random_range(0..3_usize);
        own[hospital] += rng.random_range(1..9);
        counter += if rng.random_bool(0.15) { rng.random_range(2..4) } else { 1 };
        let reported = today() - chrono::Days::new(u64::from(300 - n / 5));
        text += &format!(
            "31000{hospital}26{counter:07},{reported},第{hospital}人民医院,{},{},310101{}0101{:04},{},{},{},{}\n",
            own[hospital],
            NAMES[rng.random_range(0..NAMES.len())],
            rng.random_range(1_985..2_002),
            rng.random_range(0..10_000),
            mobile(&mut rng),
            reported - chrono::Days::new(rng.random_range(1..9)),
            ["男", "女"][rng.random_range(0..2)],
            if rng.random_bool(0.1) { "高龄" } else { "" },
        );
    }
    text
}
