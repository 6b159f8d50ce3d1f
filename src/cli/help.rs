//! Help and usage errors in the reader's language.
//!
//! The definitions are English; [`command`] exchanges each text for its Chinese twin. What clap itself adds
//! (headings, defaults, the help of `--help`) is exchanged as well, so the command is built before.

use std::io::Write;

use super::help_zh::TWINS;
use super::{World, usage_zh};
use crate::lang::Lang;

/// How a help text is laid out; the headings below the usage come from the arguments.
const TEMPLATE_ZH: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// Gives the definition of the command line with its texts in `lang`.
pub fn command(lang: Lang) -> clap::Command {
    let mut command = super::definition();
    match lang {
        Lang::En => command,
        Lang::Zh => {
            command.build();
            in_chinese(command)
        }
    }
}

fn in_chinese(mut command: clap::Command) -> clap::Command {
    if let Some(zh) = command.get_about().and_then(|about| twin(&about.to_string())) {
        command = command.about(zh).long_about(None);
    }
    if let Some(after) = command.get_after_help().map(|after| after.to_string()) {
        command = command.after_help(after_in_chinese(&after));
    }
    command = command.help_template(TEMPLATE_ZH).subcommand_help_heading("命令");
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_string()).collect();
    for name in names {
        command = command.mut_subcommand(name, in_chinese);
    }
    command.mut_args(arg_in_chinese)
}

fn arg_in_chinese(arg: clap::Arg) -> clap::Arg {
    let mut text = arg.get_help().and_then(|help| twin(&help.to_string())).unwrap_or_default().to_string();
    if let Some(variable) = arg.get_env() {
        text += &format!(" [环境变量：{}]", variable.to_string_lossy());
    }
    let list = |words: Vec<String>| words.join("、");
    let defaults = arg.get_default_values().iter().map(|word| word.to_string_lossy().into_owned());
    let takes_value = arg.get_action().takes_values();
    if takes_value && arg.get_default_values().iter().any(|word| !word.is_empty()) {
        text += &format!(" [默认：{}]", list(defaults.collect()));
    }
    let choices = arg.get_possible_values().into_iter().map(|value| value.get_name().to_string());
    if takes_value && !arg.get_possible_values().is_empty() {
        text += &format!(" [可选：{}]", list(choices.collect()));
    }
    let heading = if arg.is_positional() { "参数" } else { "选项" };
    let arg = arg.help_heading(heading).hide_env(true).hide_default_value(true).hide_possible_values(true);
    arg.help(text.trim_start().to_string()).long_help(None)
}

/// Exchanges what stands around the examples of a help text.
fn after_in_chinese(after: &str) -> String {
    let lines = after.lines().map(|line| match line {
        "Examples:" => "示例：",
        other => twin(other).unwrap_or(other),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Finds the Chinese wording of one help text.
fn twin(en: &str) -> Option<&'static str> {
    let first = en.lines().next().unwrap_or_default().trim_end_matches('.');
    TWINS.iter().find(|(known, _)| *known == first).map(|(_, zh)| *zh)
}

/// Shows help (exit code 0) or a usage error (exit code 2).
pub fn show(error: &clap::Error, lang: Lang, world: &mut World) -> u8 {
    let in_chinese = match lang {
        Lang::En => None,
        Lang::Zh => usage_zh::told(error),
    };
    let text = in_chinese.unwrap_or_else(|| error.render().to_string());
    let stream: &mut dyn Write = if error.use_stderr() { &mut world.stderr } else { &mut world.stdout };
    // A closed pipe here means that the reader has seen enough.
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Ok(()) | Err(_) => u8::from(error.use_stderr()) * 2,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// All help texts of a command and of those below it, as they are looked up.
    fn texts(command: &clap::Command, into: &mut BTreeSet<String>) {
        let first = |text: &str| text.lines().next().unwrap_or_default().trim_end_matches('.').to_string();
        into.extend(command.get_about().map(|about| first(&about.to_string())));
        into.extend(command.get_arguments().filter_map(|arg| arg.get_help()).map(|help| first(&help.to_string())));
        if let Some(after) = command.get_after_help() {
            let prose = |line: &&str| !line.is_empty() && !line.starts_with("  ") && *line != "Examples:";
            into.extend(after.to_string().lines().filter(prose).map(first));
        }
        for inner in command.get_subcommands() {
            texts(inner, into);
        }
    }

    fn english() -> BTreeSet<String> {
        let mut command = super::super::definition();
        command.build();
        let mut found = BTreeSet::new();
        texts(&command, &mut found);
        found
    }

    #[test]
    fn every_help_text_has_a_chinese_twin() {
        let bare: Vec<String> = english().into_iter().filter(|text| twin(text).is_none()).collect();
        assert!(bare.is_empty(), "no Chinese for {bare:#?}");
    }

    #[test]
    fn every_twin_belongs_to_a_help_text_and_stands_once() {
        let english = english();
        let stale: Vec<&str> = TWINS.iter().map(|(en, _)| *en).filter(|en| !english.contains(*en)).collect();
        assert!(stale.is_empty(), "nothing says {stale:#?}");
        let distinct: BTreeSet<&str> = TWINS.iter().map(|(en, _)| *en).collect();
        assert_eq!(distinct.len(), TWINS.len());
    }

    #[test]
    fn chinese_help_has_no_english_heading_left() {
        let mut command = command(Lang::Zh);
        let mut found = BTreeSet::new();
        texts(&command, &mut found);
        let plain = |text: &&String| text.is_ascii() && text.contains(' ');
        assert_eq!(found.iter().filter(plain).collect::<Vec<_>>(), Vec::<&String>::new());
        let help = command.render_help().to_string();
        for word in ["Usage", "Options", "Commands", "[default", "[env", "[possible"] {
            assert!(!help.contains(word), "{word}: {help}");
        }
        for word in ["用法：", "选项:", "命令:", "[默认：", "[环境变量：", "[可选："] {
            assert!(help.contains(word), "{word}: {help}");
        }
    }
}
