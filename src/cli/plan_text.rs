//! Tells a plan as text: a table of holders, what it rests on, the use of more numbers with a picture, and what to type.

use super::plan::{commands, to_buy};
use super::{Complaint, Out};
use crate::deed::{PlanOrder, Planned};
use crate::lang::{Lang, Pair};
use crate::plan::{Allotment, Outlook, after_years, quiet_after_days};

/// Characters of the longest bar of a picture.
const BAR_CHARS: usize = 40;
/// Holders that are named as confused with one.
const CONFUSED_MAX: usize = 3;
const DAYS_A_YEAR: f64 = 365.25;
const MONTHS_A_YEAR: f64 = 12.0;

/// Writes a chance: one decimal below a tenth and above 99 in a hundred.
pub fn percent(chance: f64) -> String {
    let hundredths = chance * 100.0;
    match chance {
        _ if hundredths == 0.0 => "0 %".to_string(),
        _ if hundredths < 0.01 => "< 0.01 %".to_string(),
        _ if hundredths < 9.95 => format!("{hundredths:.1} %"),
        _ if hundredths <= 99.0 || chance >= 1.0 => format!("{hundredths:.0} %"),
        _ => format!("{:.2} %", hundredths.min(99.99)),
    }
}

/// Gives the cost of a year: of the pool as it is, and of the numbers that a plan wants bought.
pub fn yearly(planned: &Planned, cost: f64) -> (f64, f64) {
    let year = |numbers: usize| numbers as f64 * cost * MONTHS_A_YEAR;
    (year(planned.pool.in_service), year(to_buy(planned)))
}

/// Prints the whole plan.
pub fn tell(planned: &Planned, order: &PlanOrder, cost: Option<f64>, out: &mut Out<'_>) -> Result<(), Complaint> {
    tell_holders(planned, out)?;
    tell_assumed(planned, order, out)?;
    if let Some(allotment) = &planned.allotment {
        out.line("")?;
        tell_allotment(planned, allotment, out)?;
    }
    tell_pool(planned, cost, out)
}

fn tell_holders(planned: &Planned, out: &mut Out<'_>) -> Result<(), Complaint> {
    let mut head = match out.lang {
        Lang::En => vec!["holder", "canaries", "in copy", "rows", "sample", "worked through", "seized", "told after"],
        Lang::Zh => vec!["持有方", "蜜标", "副本中", "行数", "样本", "逐行拨打", "查获", "首次说中"],
    };
    if planned.before.is_some() {
        head.push(out.say("named before", "原指认"));
    }
    head.extend([out.say("named", "指认"), out.say("confused with", "易混淆")]);
    let row = |one: &Outlook| {
        let days = one.first_told.map_or("-".to_string(), |first| match out.lang {
            Lang::En => format!("{:.1} days", first.days),
            Lang::Zh => format!("{:.1} 天", first.days),
        });
        let mut row = vec![
            one.holder.to_string(),
            one.canaries.to_string(),
            format!("{:.0}", one.in_copy),
            format!("{}{}", if one.rows_assumed { "~" } else { "" }, one.rows),
            percent(one.noticed.sample),
            percent(one.noticed.worked_through),
            percent(one.noticed.seized),
            days,
        ];
        if let Some(before) = &planned.before {
            let was = before.iter().find(|was| was.holder == one.holder);
            row.push(was.map_or("-".to_string(), |was| percent(was.named)));
        }
        let mut confused: Vec<&str> = one.confused_with.iter().take(CONFUSED_MAX).map(|id| id.as_str()).collect();
        if one.confused_with.len() > CONFUSED_MAX {
            confused.push("…");
        }
        row.extend([percent(one.named), confused.join(" ")]);
        row
    };
    let rows = planned.outlook.iter().map(row).collect();
    out.table(&head, rows)
}

fn tell_assumed(planned: &Planned, order: &PlanOrder, out: &mut Out<'_>) -> Result<(), Complaint> {
    let assumed = &order.assumed;
    let (told, rate) = (percent(assumed.told), planned.chance_per_day);
    out.line("")?;
    out.tell(Pair::new(
        "These are chances if the copy leaks and the following holds, no promises:",
        "以下为该副本泄露且下列假设成立时的概率，并非承诺：",
    ))?;
    for line in [
        Pair::new(
            format!("sample: {} rows of it are called (--sample-calls)", assumed.sample_calls),
            format!("样本：拨打其中 {} 行（--sample-calls）", assumed.sample_calls),
        ),
        Pair::new(
            format!(
                "worked through: {} calls a day for {} days (--calls-a-day, --days)",
                assumed.calls_a_day, assumed.days
            ),
            format!("逐行拨打：每天 {} 通，共 {} 天（--calls-a-day、--days）", assumed.calls_a_day, assumed.days),
        ),
        Pair::new(
            format!("seized: {} rows of it are found (--seized-rows)", assumed.seized_rows),
            format!("查获：找到其中 {} 行（--seized-rows）", assumed.seized_rows),
        ),
        Pair::new(
            format!(
                "told: {told} of calls tell of the row, the others count as silence (--told); told after: mean wait for the first, if the whole list is called"
            ),
            format!(
                "说中：{told} 的来电说中该行内容，其余视为未响（--told）；首次说中：整份名单打完时，首次说中的平均等待"
            ),
        ),
        Pair::new(
            format!(
                "named: `trace` gives at least `supported` to the right holder; {rate:.3} calls a day reach a number by chance"
            ),
            format!("指认：`trace` 对真正的来源至少给出 supported；每个号码每天偶然来电 {rate:.3} 次"),
        ),
        Pair::new(
            format!("~ rows: no list seen, {} assumed (--list-rows)", assumed.list_rows),
            format!("~ 行数：未见过名单，按 {} 行计（--list-rows）", assumed.list_rows),
        ),
    ] {
        out.tell(Pair::new(format!("- {}", line.en), format!("- {}", line.zh)))?;
    }
    Ok(())
}

/// Says how the allocation was found, and how near to the best it is at least.
fn how_found(guaranteed: Option<f64>) -> Pair {
    let Some(share) = guaranteed else {
        return Pair::new(
            "Found by adding canaries in blocks where they lower a bound of the misses most: copies share canaries with too many others to try them one by one, so nothing is promised of how near to the best it is.",
            "成批加在最能降低漏判上界之处：各副本之间共有蜜标过多，无法逐条尝试，故不保证与最优分配的差距。",
        );
    };
    let (percent, slack) = (percent(share), if share < 0.63 { "1 − e^−0.9" } else { "1 − 1/e" });
    Pair::new(
        format!(
            "Found by adding one canary at a time where it lowers a bound of the misses most: at least {percent} ({slack}) of the gain that the best allocation has on that bound."
        ),
        format!("逐条加在最能降低漏判上界之处：在该上界上，所得收益不低于最优分配的 {percent}（{slack}）。"),
    )
}

fn tell_allotment(planned: &Planned, allotment: &Allotment, out: &mut Out<'_>) -> Result<(), Complaint> {
    let given: usize = allotment.gives.iter().map(|give| give.add).sum();
    let (mean, least) = (percent(allotment.chance), percent(allotment.chance_least));
    let (months, controls) = (allotment.months, allotment.controls);
    let (over_en, over_zh) = match months {
        1 => (String::new(), String::new()),
        _ => (format!(" over {months} months"), format!("（分 {months} 个月）")),
    };
    out.tell(Pair::new(
        format!("{given} more canaries{over_en} and {controls} more controls: the right source is named in {mean} of leaks, in {least} for the worst placed holder"),
        format!("增加 {given} 条蜜标{over_zh}和 {controls} 个对照号码：{mean} 的泄露可指认真正来源，最不利的持有方为 {least}"),
    ))?;
    if months > 1 {
        out.tell(Pair::new(
            "a leak is taken to hold the rows of one month; canaries of earlier lists are not counted",
            "假定泄露的是某一个月的行；此前名单中的蜜标不计入",
        ))?;
    }
    if allotment.useful < given {
        let useful = allotment.useful;
        out.tell(Pair::new(
            format!("after {useful} canaries more gain nothing that can be measured: keep those numbers in reserve"),
            format!("{useful} 条之后再增加已无可测的收益：其余号码可留作备用"),
        ))?;
    }
    let head = match out.lang {
        Lang::En => ["holder", "add", "each month"],
        Lang::Zh => ["持有方", "增加", "各月"],
    };
    let by_month = |months: &[usize]| months.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
    let rows = allotment.gives.iter();
    let rows = rows.map(|give| vec![give.holder.to_string(), give.add.to_string(), by_month(&give.by_month)]);
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        out.line("")?;
        out.table(&head, rows)?;
    }
    tell_curve(allotment, out)?;
    out.tell(how_found(allotment.guaranteed))?;
    let buy = to_buy(planned);
    if buy > 0 {
        let free = planned.pool.free;
        out.note(Pair::new(
            format!("{free} numbers are free: {buy} more must be bought and imported"),
            format!("空闲号码 {free} 个：还须购买并导入 {buy} 个"),
        ))?;
    }
    tell_commands(planned, out)
}

/// Draws the chance against the numbers.
fn tell_curve(allotment: &Allotment, out: &mut Out<'_>) -> Result<(), Complaint> {
    out.line("")?;
    out.tell(Pair::new(
        "canaries added, and the chance that the right source is named",
        "增加的蜜标数，与指认真正来源的概率",
    ))?;
    let widest = allotment.curve.iter().map(|point| point.numbers.to_string().len()).max().unwrap_or(1);
    for point in &allotment.curve {
        let full = (point.chance * BAR_CHARS as f64).round() as usize;
        let bar = format!("{}{}", "█".repeat(full), "·".repeat(BAR_CHARS.saturating_sub(full)));
        out.line(format!("{:>widest$}  {bar}  {}", point.numbers, percent(point.chance)))?;
    }
    out.line("")
}

fn tell_commands(planned: &Planned, out: &mut Out<'_>) -> Result<(), Complaint> {
    let commands = commands(planned);
    if commands.is_empty() {
        return Ok(());
    }
    let unseen = planned.allotment.iter().flat_map(|allotment| &allotment.gives);
    if unseen.clone().any(|give| !planned.lists.contains_key(&give.holder)) {
        out.note(Pair::new(
            "holders without a list so far: put theirs in place as HOLDER.csv first",
            "尚无名单的持有方：请先把其名单存为 持有方编号.csv",
        ))?;
    }
    out.line("")?;
    commands.iter().try_for_each(|command| out.line(command))
}

fn tell_pool(planned: &Planned, cost: Option<f64>, out: &mut Out<'_>) -> Result<(), Complaint> {
    let pool = &planned.pool;
    out.line("")?;
    let (wanted, rings) = (planned.controls_wanted, planned.chance_per_day);
    out.tell(Pair::new(
        format!("pool: {} numbers in service, {} free, {} controls ({wanted} would tell {rings:.3} calls a day to within 30 %)", pool.in_service, pool.free, pool.controls),
        format!("号码池：在用 {} 个，空闲 {} 个，对照 {} 个（{wanted} 个可将每天 {rings:.3} 次的偶然来电测准到 30 % 以内）", pool.in_service, pool.free, pool.controls),
    ))?;
    if let Some(cost) = cost {
        let (now, more) = yearly(planned, cost);
        out.tell(Pair::new(
            format!("cost: {now:.2} a year for the pool, {more:.2} more for the numbers to buy"),
            format!("费用：号码池每年 {now:.2}，待购号码另需 {more:.2}"),
        ))?;
    }
    let years = quiet_after_days() / DAYS_A_YEAR;
    let left = after_years();
    let left = |lang: Lang| {
        let one = left.iter().map(|reuse| match lang {
            Lang::En if reuse.years == 1 => format!("1 year {}", percent(reuse.old_call)),
            Lang::En => format!("{} years {}", reuse.years, percent(reuse.old_call)),
            Lang::Zh => format!("{} 年 {}", reuse.years, percent(reuse.old_call)),
        });
        one.collect::<Vec<_>>()
    };
    let quiet = pool.quiet;
    out.tell(Pair::new(
        format!("reuse: a number may go to another persona (in another ledger, after quarantine) {years:.1} years after planting; {quiet} are so far. Chance that a leak of the old list calls only after: {}", left(Lang::En).join(", ")),
        format!("再用：投放 {years:.1} 年后，号码可（静置后，在另一台账中）配给另一虚拟身份；现有 {quiet} 个已满。此后旧名单的泄露才首次来电的概率：{}", left(Lang::Zh).join("、")),
    ))
}
