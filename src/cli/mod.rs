//! The command line: arguments become one deed, and what it gives is printed.
//!
//! Data goes to standard output and everything else to standard error. Exit codes are grep's: 0 done or found,
//! 1 nothing found or the check failed, 2 any error.

mod backup;
mod check;
mod complaint;
mod completions;
mod demo;
mod finding;
mod flow;
mod help;
mod help_zh;
mod hit;
mod holder;
mod init;
mod mint;
mod number;
mod plan;
mod plan_text;
mod plant;
mod print;
mod progress;
mod receipt;
mod report;
mod scan;
mod seal;
mod selection;
mod stamp;
mod strip;
mod time;
mod trace;
mod usage_zh;
mod verify;
mod wanted;
mod witness;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::deed::{IdentityFile, Session, Unlocking};
use crate::lang::{Lang, Pair};
use complaint::Complaint;
use print::Out;

/// Looks up an environment variable.
pub type Environment = Box<dyn Fn(&str) -> Option<String>>;

/// The outside world as the program sees it.
pub struct World {
    pub env: Environment,
    pub stdout: Box<dyn Write>,
    pub stderr: Box<dyn Write>,
    /// Whether standard error is a terminal, where progress may be drawn.
    pub terminal: bool,
    /// Makes the session that a command runs in, for the ledger at a path.
    pub session: Box<dyn Fn(PathBuf) -> Session>,
}

impl World {
    /// Gives the world of the running program.
    pub fn real() -> World {
        World {
            env: Box::new(|name| std::env::var(name).ok()),
            stdout: Box::new(std::io::stdout()),
            stderr: Box::new(std::io::stderr()),
            terminal: std::io::IsTerminal::is_terminal(&std::io::stderr()),
            session: Box::new(Session::real),
        }
    }
}

/// How a command that met no error ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Done, or found.
    Done,
    /// Nothing was found, or the check failed.
    Nothing,
}

/// Plants made-up mother/newborn records with phone numbers you own in data holders' lists,
/// and names the copy that leaked.
#[derive(Debug, Parser)]
#[command(name = "canaries", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Global {
    /// The ledger
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "CANARIES_DB",
        default_value = "canaries.db",
        hide_env_values = true
    )]
    db: PathBuf,
    /// The investigator's age identity file, to look into a locked ledger
    #[arg(long, global = true, value_name = "FILE", env = "CANARIES_IDENTITY", hide_env_values = true)]
    identity: Option<PathBuf>,
    /// Who looks into a locked ledger (default: the user of the system)
    #[arg(long = "as", global = true, value_name = "NAME")]
    asker: Option<String>,
    /// For which case somebody looks into a locked ledger
    #[arg(long, global = true, value_name = "TEXT")]
    case: Option<String>,
    /// Language of messages (default: from LANG)
    #[arg(long, global = true, value_name = "zh|en", value_parser = ["zh", "en"])]
    lang: Option<String>,
    /// Print JSON for programs
    #[arg(long, global = true)]
    json: bool,
    /// Say less: no progress and no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: also what each column was taken to mean
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Demo(demo::Args),
    #[command(subcommand)]
    Holder(holder::Command),
    #[command(subcommand)]
    Flow(flow::Command),
    #[command(subcommand)]
    Number(number::Command),
    Plan(plan::Args),
    Check(check::Args),
    Plant(plant::Args),
    Mint(mint::Args),
    Strip(strip::Args),
    #[command(subcommand)]
    Hit(hit::Command),
    Trace(trace::Args),
    Scan(scan::Args),
    Report(report::Args),
    Seal(seal::Args),
    #[command(subcommand)]
    Stamp(stamp::Command),
    #[command(subcommand)]
    Receipt(receipt::Command),
    #[command(subcommand)]
    Witness(witness::Command),
    Verify(verify::Args),
    Backup(backup::Args),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
}

/// Runs the program with `args` (the program's name first) and gives its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let lang = choose_lang(&args, world);
    let matches = match help::command(lang).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return help::show(&error, lang, world),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return help::show(&error, lang, world),
    };
    let mut session = (world.session)(cli.global.db.clone());
    session.unlocking = Unlocking {
        identity: cli.global.identity.clone().map(|path| match matches.value_source("identity") {
            Some(ValueSource::EnvVariable) => IdentityFile::AtHand(path),
            Some(_) | None => IdentityFile::Named(path),
        }),
        by: cli.global.asker.clone().or_else(|| (world.env)("USER")).unwrap_or_default(),
        case: cli.global.case.clone(),
    };
    if world.terminal && !cli.global.quiet {
        session.watcher = progress::bar(lang);
    }
    let mut out = Out::new(world, lang, &cli.global);
    let done = perform(cli.command, &mut session, &mut out);
    session.watcher = Box::new(|_, _, _| {});
    // Whether the command was done or not, the ledger and a folder are no longer what they were.
    let told = session.recovered.iter().try_for_each(|earlier| plant::tell_recovered(earlier, &mut out));
    let code = match done.and_then(|ending| told.map(|()| ending)) {
        Ok(Ending::Done) => 0,
        Ok(Ending::Nothing) => 1,
        // Whoever reads our output has seen enough: `canaries number list | head` is not an error.
        Err(Complaint::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(complaint) => out.complain(&complaint),
    };
    out.finish(code)
}

fn perform(command: Command, session: &mut Session, out: &mut Out<'_>) -> Result<Ending, Complaint> {
    // An address may hold a password, so it is not shown.
    if session.db.to_string_lossy().contains("://") {
        return Err(Complaint::Usage {
            what: Pair::new("--db is the address of a server", "--db 是服务器地址"),
            hint: Pair::new("give a file: ledgers are kept in SQLite", "请给出文件：台账保存在 SQLite 文件中"),
        });
    }
    match command {
        Command::Demo(args) => demo::run(args, session, out),
        Command::Init(args) => init::run(args, session, out),
        Command::Holder(command) => holder::run(command, session, out),
        Command::Flow(command) => flow::run(command, session, out),
        Command::Number(command) => number::run(command, session, out),
        Command::Plan(args) => plan::run(args, session, out),
        Command::Check(args) => check::run(args, session, out),
        Command::Plant(args) => plant::run(args, session, out),
        Command::Mint(args) => mint::run(args, session, out),
        Command::Strip(args) => strip::run(args, session, out),
        Command::Hit(command) => hit::run(command, session, out),
        Command::Trace(args) => trace::run(args, session, out),
        Command::Scan(args) => scan::run(args, session, out),
        Command::Report(args) => report::run(args, session, out),
        Command::Stamp(command) => stamp::run(command, session, out),
        Command::Receipt(command) => receipt::run(command, session, out),
        Command::Witness(command) => witness::run(command, session, out),
        Command::Seal(args) => seal::run(args, session, out),
        Command::Verify(args) => verify::run(args, session, out),
        Command::Backup(args) => backup::run(args, session, out),
        Command::Completions(args) => completions::completions(args, out),
        Command::Man(args) => completions::man(args, out),
    }
}

/// Finds the language before the arguments are parsed, because their errors are told in it.
fn choose_lang(args: &[OsString], world: &World) -> Lang {
    let asked = args.iter().enumerate().find_map(|(i, arg)| match arg.to_str()? {
        "--lang" => args.get(i + 1)?.to_str(),
        other => other.strip_prefix("--lang="),
    });
    let set = |name| (world.env)(name).filter(|value| !value.is_empty());
    let from_env = || set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
    let word = asked.map(str::to_string).or_else(from_env).unwrap_or_default();
    if word.to_ascii_lowercase().starts_with("zh") { Lang::Zh } else { Lang::En }
}

/// Gives the definition of the command line, without translations.
fn definition() -> clap::Command {
    Cli::command()
}
