//! The program `ringfence-agent`. Everything is in the library; this gives the exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match agent::cli::run(agent::cli::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads standard error any more when this fails.
            let _ = writeln!(std::io::stderr(), "ringfence-agent: {error:#}");
            ExitCode::from(agent::cli::exit_code(&error))
        }
    }
}
