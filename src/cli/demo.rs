//! `canaries demo`: the whole story in a folder of its own, each command shown before it runs.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Complaint, Ending, Out, run as run_program};
use crate::deed::{DeedError, Session, canaries_of};
use crate::holder::HolderId;
use crate::lang::{Lang, Pair};
use crate::list::Meaning;
use crate::store::CanaryRow;

/// Play the whole story on made-up lists, in a new folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  canaries demo\n  canaries demo /tmp/story --lang zh")]
pub struct Args {
    /// The folder; must be new or empty
    #[arg(default_value = "demo")]
    dir: PathBuf,
}

/// The lists and import files that the story begins with. All made up: no row is a person.
const FILES: [(&str, &[u8]); 6] = [
    ("holders.csv", include_bytes!("demo_lists/holders.csv")),
    ("flows.csv", include_bytes!("demo_lists/flows.csv")),
    ("numbers.csv", include_bytes!("demo_lists/numbers.csv")),
    ("renmin.csv", include_bytes!("demo_lists/renmin.csv")),
    ("fuyou.tsv", include_bytes!("demo_lists/fuyou.tsv")),
    ("daily.xlsx", include_bytes!("demo_lists/daily.xlsx")),
];

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    make_folder(&args.dir)?;
    let failed = |source| DeedError::Write { path: args.dir.clone(), source };
    std::env::set_current_dir(&args.dir).map_err(failed)?;
    session.db = PathBuf::from("canaries.db");
    let mut story = Story { out };
    story.tell(
        "A city: two hospitals report to a district, the district to the city; a confinement company has two clerks.",
        "一座城市：两家医院上报区，区上报市；一家月子服务公司有两名职员。",
    )?;
    story.act(&["init"])?;
    story.act(&["holder", "import", "holders.csv"])?;
    story.act(&["flow", "import", "flows.csv"])?;
    story.tell(
        "Numbers that we own (made up here). Some are kept as controls.",
        "自有号码（此处为虚构），其中一部分作对照。",
    )?;
    story.act(&["number", "import", "numbers.csv"])?;
    story.act(&["number", "control", "--count", "4"])?;
    story.tell(
        "Each hospital's upload is seeded; the clerks each get their own copy of the daily summary.",
        "两家医院的上报名单分别投放；两名职员各得一份不同的日报。",
    )?;
    story.act(&["plant", "renmin.csv", "--to", "renmin", "--count", "8", "-o", "renmin-out.csv"])?;
    story.act(&["plant", "fuyou.tsv", "--to", "fuyou", "--count", "8", "-o", "fuyou-out.tsv"])?;
    story.act(&[
        "plant",
        "daily.xlsx",
        "--to",
        "clerk-a",
        "--to",
        "clerk-b",
        "--count",
        "4",
        "-o",
        "daily-{holder}.xlsx",
    ])?;
    let called = called(session)?;
    fs::write("calls.csv", calls(&called, session.now()))
        .map_err(|source| DeedError::Write { path: "calls.csv".into(), source })?;
    story.tell(
        "Later a photo studio rings three numbers and knows too much; a stranger rings a fourth and says nothing.",
        "后来：一家影楼拨打了三个号码，知道得太多；另有陌生人拨打第四个号码，一言不发。",
    )?;
    story.act(&["hit", "import", "calls.csv"])?;
    story.act(&["trace", called[0].number.as_str()])?;
    story.act(&["trace"])?;
    fs::write("seized.csv", seized(&called))
        .map_err(|source| DeedError::Write { path: "seized.csv".into(), source })?;
    story.tell(
        "Then a broker's laptop is seized. His list has names and phones only, masked, in his own order; whose copy was it?",
        "随后缴获一名贩子的电脑。他的名单只有姓名和打码的电话，顺序也变了：出自谁的副本？",
    )?;
    story.act(&["scan", "seized.csv", "--record"])?;
    prove(&mut story)?;
    story.tell("A clean copy for statistics, and a check of the whole ledger.", "为统计去除蜜标，并校验整个台账。")?;
    story.act(&["strip", "renmin-out.csv", "-o", "renmin-clean.csv"])?;
    story.act(&["verify"])?;
    let dir = args.dir.display();
    story.tell(
        &format!("Everything is in {dir}: play on with `cd {dir}`."),
        &format!("所有文件都在 {dir} 中，可 `cd {dir}` 继续试用。"),
    )?;
    Ok(Ending::Done)
}

fn prove(story: &mut Story<'_, '_>) -> Result<(), Complaint> {
    story.tell(
        "The finding as a page, and as a folder that a stranger can check without this program (`sh evidence/verify.sh`).",
        "写出溯源报告，并生成他人无需本程序即可核验的证据包（`sh evidence/verify.sh`）。",
    )?;
    story.act(&["report", "-o", "finding.html"])?;
    story.act(&["report", "-o", "evidence"])?;
    story.act(&["verify", "evidence"])
}

fn make_folder(dir: &PathBuf) -> Result<(), DeedError> {
    let failed = |source| DeedError::Write { path: dir.clone(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    if fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(DeedError::OutputExists { path: dir.clone() });
    }
    FILES.iter().try_for_each(|(name, bytes)| {
        let path = dir.join(name);
        fs::write(&path, bytes).map_err(|source| DeedError::Write { path, source })
    })
}

/// Gives the canaries that are called: three of clerk-b's, one of a hospital's.
fn called(session: &mut Session) -> Result<Vec<CanaryRow>, DeedError> {
    let mut of = |id: &str| -> Result<Vec<CanaryRow>, DeedError> { canaries_of(session, &id.parse::<HolderId>()?) };
    Ok(of("clerk-b")?.into_iter().take(3).chain(of("renmin")?.into_iter().take(1)).collect())
}

fn calls(canaries: &[CanaryRow], now: DateTime<Utc>) -> String {
    let mut file = String::from("to,from,at,kind,seconds,said\n");
    for (day, canary) in canaries.iter().enumerate() {
        let field = |meaning| canary.record.fields.get(&meaning).map_or("", String::as_str);
        let [name, hospital, born] = [Meaning::MotherName, Meaning::Hospital, Meaning::BirthDate].map(field);
        let said = match day {
            3 => String::new(),
            _ => format!("{name}女士您好,您{born}在{hospital}生的宝宝,免费拍满月照"),
        };
        let caller = if day == 3 { "02158880000" } else { "057188880000" };
        let (number, seconds) = (&canary.number, if day == 3 { 0 } else { 41 });
        let at = (now + TimeDelta::minutes(day as i64)).to_rfc3339();
        file.push_str(&format!("{number},{caller},{at},call,{seconds},\"{said}\"\n"));
    }
    file
}

/// Makes what a broker kept of clerk-b's copy: rows that were sold, two columns, phones as he shows them to buyers.
fn seized(canaries: &[CanaryRow]) -> String {
    let mut file = String::from("客户,手机,备注\n陈小姐,139****1276,已成交\n");
    for canary in canaries.iter().take(3).rev() {
        let name = canary.record.fields.get(&Meaning::MotherName).map_or("", String::as_str);
        let number = canary.number.as_str().trim_start_matches("+86");
        let (head, tail) = number.split_at(number.len().min(3));
        let tail = &tail[tail.len().saturating_sub(4)..];
        file.push_str(&format!("{name},{head}****{tail},待联系\n"));
    }
    file + "刘女士,136-2217-0098,无人接听\n"
}

/// Tells the story: words between the commands, and the commands themselves.
struct Story<'a, 'w> {
    out: &'a mut Out<'w>,
}

impl Story<'_, '_> {
    fn tell(&mut self, en: &str, zh: &str) -> Result<(), Complaint> {
        self.out.line("")?;
        let text = Pair::new(format!("# {en}"), format!("# {zh}"));
        let line = text.in_lang(self.out.lang).to_string();
        self.out.line(line)
    }

    fn act(&mut self, command: &[&str]) -> Result<(), Complaint> {
        let shown: Vec<String> = command.iter().map(|word| shell_word(word)).collect();
        self.out.line(format!("\n$ canaries {}", shown.join(" ")))?;
        let lang = match self.out.lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        let global = ["canaries", "--db", "canaries.db", "--lang", lang];
        let words = global.iter().chain(command).map(OsString::from);
        match run_program(words, self.out.world()) {
            0 => Ok(()),
            code => Err(Complaint::Usage {
                what: Pair::new(
                    format!("`{}` ended with {code}", command.join(" ")),
                    format!("`{}` 以 {code} 结束", command.join(" ")),
                ),
                hint: Pair::new("this is a fault of the program: please report it", "这是程序的错误，请报告"),
            }),
        }
    }
}

fn shell_word(word: &str) -> String {
    match word.contains(['{', ' ']) {
        true => format!("'{word}'"),
        false => word.to_string(),
    }
}
