//! The program `canaries`; everything is in the library.

use std::io;
use std::process::ExitCode;

use signal_hook::consts::SIGXFSZ;

fn main() -> io::Result<ExitCode> {
    // A file that outgrows its limit is a write that failed, told like any other; unheard, the signal would end the program.
    signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default())?;
    Ok(ExitCode::from(canaries::cli::run(std::env::args_os(), &mut canaries::cli::World::real())))
}
