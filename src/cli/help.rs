//! Help and usage errors in the reader's language.
//!
//! The definitions are English; [`command`] exchanges each text for its Chinese twin.

use std::io::Write;

use super::World;
use crate::lang::Lang;

/// Gives the definition of the command line with its texts in `lang`.
pub fn command(lang: Lang) -> clap::Command {
    let command = super::definition();
    match lang {
        Lang::En => command,
        Lang::Zh => in_chinese(command),
    }
}

fn in_chinese(mut command: clap::Command) -> clap::Command {
    if let Some(zh) = command.get_about().and_then(|about| twin(&about.to_string())) {
        command = command.about(zh).long_about(None);
    }
    if let Some(after) = command.get_after_help().map(|after| after.to_string()) {
        command = command.after_help(after.replacen("Examples:", "示例:", 1));
    }
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_string()).collect();
    for name in names {
        command = command.mut_subcommand(name, in_chinese);
    }
    command.mut_args(|arg| match arg.get_help().and_then(|help| twin(&help.to_string())) {
        Some(zh) => arg.help(zh).long_help(None),
        None => arg,
    })
}

/// Finds the Chinese wording of one help text.
fn twin(en: &str) -> Option<&'static str> {
    let first = en.lines().next().unwrap_or_default().trim_end_matches('.');
    TWINS.iter().find(|(known, _)| *known == first).map(|(_, zh)| *zh)
}

const TWINS: &[(&str, &str)] = &[];

/// Shows help (exit code 0) or a usage error (exit code 2).
pub fn show(error: &clap::Error, world: &mut World) -> u8 {
    let text = error.render().to_string();
    let stream: &mut dyn Write = if error.use_stderr() { &mut world.stderr } else { &mut world.stdout };
    // A closed pipe here means that the reader has seen enough.
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Ok(()) | Err(_) => u8::from(error.use_stderr()) * 2,
    }
}
