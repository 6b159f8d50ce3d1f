//! A progress bar on standard error for long work; only ever on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::deed::{Stage, Watcher};
use crate::lang::Lang;

/// Work that ends sooner than this is not shown.
const QUIET_FOR: Duration = Duration::from_millis(300);

/// Makes a watcher that draws one bar a stage.
pub fn bar(lang: Lang) -> Watcher {
    let mut shown: Option<(Stage, ProgressBar)> = None;
    let begun = std::time::Instant::now();
    Box::new(move |stage, done, total| {
        if begun.elapsed() < QUIET_FOR {
            return;
        }
        if shown.as_ref().is_none_or(|(at, _)| *at != stage) {
            if let Some((_, bar)) = shown.take() {
                bar.finish_and_clear();
            }
            shown = Some((stage, new_bar(stage, total, lang)));
        }
        if let Some((_, bar)) = &shown {
            bar.set_position(done);
        }
    })
}

fn new_bar(stage: Stage, total: Option<u64>, lang: Lang) -> ProgressBar {
    let word = match (stage, lang) {
        (Stage::Reading, Lang::En) => "reading",
        (Stage::Reading, Lang::Zh) => "读取",
        (Stage::Writing, Lang::En) => "writing",
        (Stage::Writing, Lang::Zh) => "写入",
        (Stage::Checking, Lang::En) => "checking",
        (Stage::Checking, Lang::Zh) => "核对",
        (Stage::Verifying, Lang::En) => "verifying",
        (Stage::Verifying, Lang::Zh) => "校验",
        (Stage::Importing, Lang::En) => "importing",
        (Stage::Importing, Lang::Zh) => "导入",
        (Stage::Scanning, Lang::En) => "scanning",
        (Stage::Scanning, Lang::Zh) => "扫描",
    };
    let counts = match stage {
        Stage::Reading | Stage::Writing | Stage::Checking | Stage::Scanning => "{bytes}/{total_bytes} ({eta})",
        Stage::Verifying | Stage::Importing => "{human_pos}/{human_len}",
    };
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::no_length(),
    };
    let style = ProgressStyle::with_template(&format!("{{msg}} {{wide_bar}} {counts}"));
    bar.set_style(style.expect("the template is one of the two above"));
    bar.with_message(word)
}
