//! `canaries plan`

use serde_json::{Value, json};

use super::plan_text;
use super::wanted::{Wanted, number, positive, share};
use super::{Complaint, Ending, Out};
use crate::deed::{ListGiven, PlanOrder, Planned, Session, plan};
use crate::holder::{Flow, HolderId};
use crate::lang::Pair;
use crate::plan::{Assumptions, WhatIf, Wish, after_years, chance_called, quiet_after_days};

/// Most months that numbers are spread over.
const MONTHS_MAX: u64 = 120;
/// Most numbers that are given out in one plan.
const NUMBERS_MAX: usize = 1_000_000;

/// Say how likely a leak is noticed and its source named, and where more numbers do most
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  canaries plan\n  canaries plan --numbers 50 --months 12 --cost 15\n  canaries plan --chance 0.95\n  canaries plan --with-holder lab --with-flow szfy:lab:0.5\n  canaries plan --rows 230 --canaries 3 --calls 5"
)]
pub struct Args {
    /// The best use of so many more numbers, controls among them
    #[arg(long, value_name = "N", value_parser = numbers, conflicts_with = "chance")]
    numbers: Option<usize>,
    /// The fewest numbers with which the right source is named so often, on average
    #[arg(long, value_name = "P", value_parser = below_one)]
    chance: Option<f64>,
    /// Months over whose lists the numbers are spread
    #[arg(long, default_value_t = 1, value_name = "M", value_parser = clap::value_parser!(u64).range(1..=MONTHS_MAX))]
    months: u64,
    /// What a number costs a month
    #[arg(long, value_name = "PRICE", value_parser = price)]
    cost: Option<f64>,
    #[command(flatten)]
    calculator: Calculator,
    #[command(flatten)]
    assumed: Assumed,
    #[command(flatten)]
    what_if: WhatIfs,
}

#[derive(Debug, clap::Args)]
struct Calculator {
    /// A calculator, without a ledger: the rows of a list
    #[arg(long, value_name = "R", requires_all = ["canaries", "calls"], conflicts_with_all = ["numbers", "chance"])]
    rows: Option<u64>,
    /// The canaries in it
    #[arg(long, value_name = "K", requires = "rows")]
    canaries: Option<u64>,
    /// The rows that are called
    #[arg(long, value_name = "C", requires = "rows")]
    calls: Option<u64>,
}

#[derive(Debug, clap::Args)]
struct Assumed {
    /// Calls to the rows of a sample
    #[arg(long, default_value_t = Assumptions::default().sample_calls, value_name = "N")]
    sample_calls: u64,
    /// Calls a day of somebody who works through a list
    #[arg(long, default_value_t = Assumptions::default().calls_a_day, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    calls_a_day: u64,
    /// Days for which that goes on
    #[arg(long, default_value_t = Assumptions::default().days, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    days: u64,
    /// Rows of a list that is seized
    #[arg(long, default_value_t = Assumptions::default().seized_rows, value_name = "N")]
    seized_rows: u64,
    /// Share of calls that tell of the row
    #[arg(long, default_value_t = Assumptions::default().told, value_name = "SHARE", value_parser = share)]
    told: f64,
    /// Rows of a list that was never seen
    #[arg(long, default_value_t = Assumptions::default().list_rows, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    list_rows: u64,
}

#[derive(Debug, clap::Args)]
struct WhatIfs {
    /// As if there were this holder too; repeat for several
    #[arg(long, value_name = "ID")]
    with_holder: Vec<HolderId>,
    /// As if this flow ran too, such as szfy:futian or szfy:futian:0.5; repeat for several
    #[arg(long, value_name = "FROM:TO[:SHARE]", value_parser = flow)]
    with_flow: Vec<Flow>,
    /// As if so many planted numbers, the oldest, were retired
    #[arg(long, default_value_t = 0, value_name = "N")]
    retired: usize,
    /// As if so many times as many calls came by chance
    #[arg(long, default_value_t = 1.0, value_name = "TIMES", value_parser = times)]
    background: f64,
}

fn numbers(text: &str) -> Result<usize, Wanted> {
    match positive(text)? {
        count if count <= NUMBERS_MAX => Ok(count),
        _ => Err(Wanted::new(format!("at most {NUMBERS_MAX}"), format!("不大于 {NUMBERS_MAX} 的整数"))),
    }
}

fn below_one(text: &str) -> Result<f64, Wanted> {
    number(text, |chance| chance > 0.0 && chance < 1.0, ("a number above 0 and below 1", "大于 0、小于 1 的数"))
}

fn price(text: &str) -> Result<f64, Wanted> {
    number(text, |price| (0.0..=1e9).contains(&price), ("a price of at least 0", "不小于 0 的价格"))
}

fn times(text: &str) -> Result<f64, Wanted> {
    let wanted = ("a number from 0.001 to 1000", "0.001 到 1000 之间的数");
    number(text, |times| (0.001..=1000.0).contains(&times), wanted)
}

fn flow(text: &str) -> Result<Flow, Wanted> {
    let parts: Vec<&str> = text.split(':').collect();
    let (from, to, share_text) = match parts[..] {
        [from, to] => (from, to, "1"),
        [from, to, share] => (from, to, share),
        _ => return Err(Wanted::new("FROM:TO or FROM:TO:SHARE", "`来源:去向` 或 `来源:去向:比例`")),
    };
    let id = |text: &str| text.parse::<HolderId>().map_err(|error| Wanted::said(&error));
    Ok(Flow { from: id(from)?, to: id(to)?, share: share(share_text)?, since: None, until: None })
}

/// Runs the command.
pub fn run(args: Args, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    if let Calculator { rows: Some(rows), canaries: Some(canaries), calls: Some(calls) } = args.calculator {
        return calculate(rows, canaries, calls, out);
    }
    let Assumed { sample_calls, calls_a_day, days, seized_rows, told, list_rows } = args.assumed;
    let WhatIfs { with_holder, with_flow, retired, background } = args.what_if;
    let order = PlanOrder {
        assumed: Assumptions { sample_calls, calls_a_day, days, seized_rows, told, list_rows },
        what_if: WhatIf { holders: with_holder, flows: with_flow, retired, background },
        wish: args.numbers.map(Wish::Numbers).or(args.chance.map(Wish::Chance)),
        months: args.months as usize,
    };
    let planned = plan(session, &order)?;
    if out.json {
        out.document(&document(&planned, &order, args.cost))?;
        return Ok(Ending::Done);
    }
    plan_text::tell(&planned, &order, args.cost, out)?;
    Ok(Ending::Done)
}

fn calculate(rows: u64, canaries: u64, calls: u64, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let chance = chance_called(rows, canaries, calls).map_err(crate::deed::DeedError::from)?;
    if out.json {
        out.document(&json!({"chance": chance, "rows": rows, "canaries": canaries, "calls": calls}))?;
        return Ok(Ending::Done);
    }
    let shown = plan_text::percent(chance);
    out.tell(Pair::new(
        format!("{shown}: at least one of {canaries} canaries in {rows} rows is called in {calls} calls to rows drawn by chance"),
        format!("{shown}：{rows} 行中有 {canaries} 条蜜标，随机拨打 {calls} 行，至少打到一条的概率"),
    ))?;
    Ok(Ending::Done)
}

/// Gives the commands that carry out what is to be done first: controls, and the lists of the first month.
pub(super) fn commands(planned: &Planned) -> Vec<String> {
    let Some(allotment) = &planned.allotment else { return Vec::new() };
    let mut commands = Vec::new();
    if allotment.controls > 0 {
        commands.push(format!("canaries number control --count {}", allotment.controls));
    }
    for give in allotment.gives.iter().filter(|give| give.by_month[0] > 0) {
        let (holder, count) = (&give.holder, give.by_month[0]);
        let (input, plantings) = match planned.lists.get(holder) {
            Some(ListGiven { input, plantings }) => (input.display().to_string(), *plantings),
            None => (format!("{holder}.csv"), 0),
        };
        let ending = input.rsplit_once('.').map_or("csv", |(_, ending)| ending);
        let output = format!("{holder}-{}.{ending}", plantings + 1);
        commands.push(format!(
            "canaries plant {} --to {holder} --count {count} -o {}",
            quoted(&input),
            quoted(&output)
        ));
    }
    commands
}

/// Quotes a word for the shell where it needs that.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+:@%".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_string();
    }
    let word = if word.starts_with('-') { format!("./{word}") } else { word.to_string() };
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Counts the numbers that are missing for an allotment.
pub(super) fn to_buy(planned: &Planned) -> usize {
    let wanted = planned
        .allotment
        .as_ref()
        .map_or(0, |allotment| allotment.controls + allotment.gives.iter().map(|give| give.add).sum::<usize>());
    wanted.saturating_sub(planned.pool.free)
}

fn document(planned: &Planned, order: &PlanOrder, cost: Option<f64>) -> Value {
    let before = |holder: &HolderId| {
        let all = planned.before.as_ref()?;
        all.iter().find(|one| one.holder == *holder).map(|one| one.named)
    };
    let holders = planned.outlook.iter().map(|one| {
        let mut shown = json!({
            "holder": one.holder, "canaries": one.canaries, "in_copy": one.in_copy,
            "rows": one.rows, "rows_assumed": one.rows_assumed,
            "chance_noticed": one.noticed.worked_through, "noticed": one.noticed,
            "chance_told": one.first_told.map_or(0.0, |first| first.chance),
            "told_after_days": one.first_told.map(|first| first.days),
            "chance_named": one.named, "chance_named_error": one.named_error, "confused_with": one.confused_with,
        });
        if planned.before.is_some() {
            shown["chance_named_before"] = json!(before(&one.holder));
        }
        shown
    });
    let pool = &planned.pool;
    let mut document = json!({
        "holders": holders.collect::<Vec<_>>(),
        "allocation": [],
        "commands": commands(planned),
        "pool": {"in_service": pool.in_service, "free": pool.free, "controls": pool.controls, "to_buy": to_buy(planned)},
        "controls_wanted": planned.controls_wanted,
        "assumptions": order.assumed,
        "chance_calls_a_day": planned.chance_per_day,
        "reuse": {
            "quiet_after_days": quiet_after_days(), "quiet_now": pool.quiet,
            "next_quiet": pool.next_quiet.map(super::print::time), "after": after_years(),
        },
    });
    if let Some(allotment) = &planned.allotment
        && let Value::Object(fields) = json!(allotment)
    {
        fields.into_iter().for_each(|(name, value)| document[name] = value);
    }
    if let Some(cost) = cost {
        let (now, more) = plan_text::yearly(planned, cost);
        document["yearly_cost"] = json!({"pool": now, "to_buy": more});
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_shell_are_quoted_where_they_must_be() {
        assert_eq!(quoted("lists/births.csv"), "lists/births.csv");
        assert_eq!(quoted("七月 名单.xlsx"), "'七月 名单.xlsx'");
        assert_eq!(quoted("it's.csv"), r"'it'\''s.csv'");
        assert_eq!(quoted("-rf.csv"), "'./-rf.csv'");
    }

    #[test]
    fn more_numbers_than_can_be_given_out_are_refused() {
        assert_eq!(numbers("1000000"), Ok(1_000_000));
        for bad in ["0", "-1", "1000001", "999999999999", "x"] {
            assert!(numbers(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_flow_is_read_with_and_without_its_share() {
        let read = |text| flow(text).map(|flow| (flow.from.to_string(), flow.to.to_string(), flow.share));
        assert_eq!(read("a:b"), Ok(("a".to_string(), "b".to_string(), 1.0)));
        assert_eq!(read("a:b:0.25"), Ok(("a".to_string(), "b".to_string(), 0.25)));
        for bad in ["a", "a:b:2", "a:b:0", "a:b:x", "a:b:1:1", ":b"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
