//! Usage errors in Chinese: what clap says in English about arguments that do not fit.
//!
//! Help and the version are also errors to clap; they are not told here.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::wanted::Wanted;

/// Tells a usage error with what to do; nothing for what is no error, or one that clap tells better.
pub fn told(error: &clap::Error) -> Option<String> {
    let context = |kind| error.get(kind).map(words).filter(|text| !text.is_empty());
    let arg = || context(ContextKind::InvalidArg).unwrap_or_default();
    let value = || context(ContextKind::InvalidValue).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {}", arg()),
        ErrorKind::UnknownArgument => format!("没有参数 {}", arg()),
        ErrorKind::InvalidSubcommand => {
            format!("没有子命令 {}", context(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::MissingSubcommand => "缺少子命令".to_string(),
        ErrorKind::InvalidValue if value().is_empty() => format!("参数 {} 缺少值", arg()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = wanted(error).map(|wanted| format!("：{}", wanted.zh())).unwrap_or_default();
            format!("{} 不能作为 {} 的值{why}", value(), arg())
        }
        ErrorKind::ArgumentConflict => match context(ContextKind::PriorArg) {
            Some(prior) => format!("参数 {} 不能与 {prior} 同时使用", arg()),
            None => format!("参数 {} 不能重复或同时使用", arg()),
        },
        ErrorKind::TooManyValues => format!("参数 {} 的值过多：{}", arg(), value()),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("参数 {} 的值的个数不对", arg()),
        ErrorKind::NoEquals => format!("参数 {} 的值须用 `=` 给出", arg()),
        ErrorKind::InvalidUtf8 => "参数不是有效的 UTF-8".to_string(),
        _ => return None,
    };
    let hint = hint(&context);
    Some(format!("canaries: {what}\n提示：{hint}\n"))
}

fn wanted(error: &clap::Error) -> Option<&Wanted> {
    error.source()?.downcast_ref()
}

fn hint(context: &dyn Fn(ContextKind) -> Option<String>) -> String {
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(meant) = meant.into_iter().find_map(context) {
        return format!("是否想用 {meant}？`--help` 可查看用法");
    }
    match context(ContextKind::ValidValue) {
        Some(valid) => format!("可选：{valid}"),
        None => "`--help` 可查看用法".to_string(),
    }
}

/// Writes a value of the context, several of them parted as Chinese does.
fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) if text.is_empty() => String::new(),
        ContextValue::String(text) => format!("`{text}`"),
        ContextValue::Strings(texts) => texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join("、"),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::help::command;
    use super::*;
    use crate::lang::Lang;

    fn said(line: &str) -> Option<String> {
        told(&command(Lang::Zh).try_get_matches_from(line.split(' ')).unwrap_err())
    }

    #[test]
    fn what_does_not_fit_is_told_in_chinese() {
        for (line, what) in [
            ("canaries holder ad", "没有子命令 `ad`\n提示：是否想用 `add`"),
            ("canaries holder add x", "缺少参数 `--name <TEXT>`"),
            ("canaries verify --fast", "没有参数 `--fast`"),
            ("canaries --lang fr verify", "`fr` 不能作为 `--lang <zh|en>` 的值\n提示：可选：`zh`、`en`"),
            ("canaries number control --count x", "`x` 不能作为 `--count <N>` 的值"),
            ("canaries plan --numbers 999999999999", "`--numbers <N>` 的值：须为不大于 1000000 的整数"),
            ("canaries plan --with-flow a-b", "的值：须为`来源:去向` 或"),
            ("canaries -q -v verify", "不能与 `--verbose` 同时使用"),
            ("canaries plant a.csv --to x -o b.csv", "缺少参数"),
            ("canaries number control --count", "参数 `--count <N>` 缺少值"),
        ] {
            let told = said(line).unwrap_or_else(|| panic!("nothing is said of {line}"));
            assert!(told.starts_with("canaries: ") && told.contains(what), "{line}: {told}");
        }
    }

    #[test]
    fn help_is_no_error() {
        assert_eq!(said("canaries --help"), None);
        assert_eq!(said("canaries holder"), None);
    }
}
