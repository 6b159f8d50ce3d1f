//! `canaries completions` and `canaries man`: both from the definitions that parse the arguments.

use clap_complete::Shell;

use super::{Complaint, Ending, Out, help};

/// Print shell completions
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  canaries completions bash > /etc/bash_completion.d/canaries")]
pub struct CompletionsArgs {
    shell: Shell,
}

/// Print the manual page
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  canaries man | man -l -")]
pub struct ManArgs {}

/// Prints completions for one shell.
pub fn completions(args: CompletionsArgs, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::definition(), "canaries", &mut text);
    out.bytes(&text)?;
    Ok(Ending::Done)
}

/// Prints the manual: the program, then each command.
pub fn man(_: ManArgs, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    let mut text = Vec::new();
    let mut root = help::command(out.lang);
    root.build();
    clap_mangen::Man::new(root.clone()).render(&mut text).map_err(Complaint::Output)?;
    pages(&root, &mut text)?;
    out.bytes(&text)?;
    Ok(Ending::Done)
}

fn pages(command: &clap::Command, text: &mut Vec<u8>) -> Result<(), Complaint> {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        clap_mangen::Man::new(inner.clone()).render(text).map_err(Complaint::Output)?;
        pages(inner, text)?;
    }
    Ok(())
}
