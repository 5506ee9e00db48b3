//! The program `ringfence-control-plane`. Everything is in the library; this gives the exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    ExitCode::from(control_plane::cli::run(control_plane::cli::Arguments::parse()))
}
