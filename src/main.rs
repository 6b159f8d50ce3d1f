//! The program `canaries`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(canaries::cli::run(std::env::args_os(), &mut canaries::cli::World::real()))
}
