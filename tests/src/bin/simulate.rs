//! Runs many seeds of both planes in one process and says which promise was broken; see `e2e::simulator`.
//!
//! A seed decides everything but the ids that the planes draw for tasks and submissions. Where the order of
//! those ids matters, a seed may have to be run a few times until it fails again.

use std::io::Write;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use e2e::simulator::{Tally, run};
use proto_ids::Clock;
use proto_program::SystemClock;

/// Fifty annotators with crashes, cut lines and lost replies: no slot is held by two, nobody gets a task
/// twice, no gold repeats, no work is lost.
#[derive(Debug, Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Threads, each with one seed at a time; as many as there are processors when it is not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Steps of each seed.
    #[arg(long, default_value_t = 350)]
    steps: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let began = SystemClock.now();
    let (line, code) = match run_all(&arguments) {
        Ok(tally) => (summary(&arguments, &tally), ExitCode::SUCCESS),
        Err(error) => (format!("{error:#}"), ExitCode::FAILURE),
    };
    let seconds = SystemClock.now().millis_since(began) as f64 / 1000.0;
    // Nobody reads it if standard output is gone.
    drop(writeln!(std::io::stdout(), "{line}, {seconds:.1} seconds"));
    code
}

fn summary(arguments: &Arguments, tally: &Tally) -> String {
    let Tally { grants, submissions, gold, late, versions, accepted, resolved, disputed, .. } = tally;
    let Tally { lost, agent_crashes, control_plane_crashes, .. } = tally;
    format!(
        "{} seeds: {grants} grants, {gold} of them gold, {submissions} submissions, {late} late operations, \
         {versions} leases moved to a newer version, {accepted} tasks accepted, {resolved} resolved, \
         {disputed} disputed, {agent_crashes} crashes of the agent, {control_plane_crashes} of the control \
         plane, {lost} lost replies",
        arguments.seeds,
    )
}

fn run_all(arguments: &Arguments) -> Result<Tally> {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.unwrap_or(available).max(1);
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        let mut tally = Tally::default();
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= arguments.seeds {
                break;
            }
            let seed = arguments.first + number;
            let ran = catch_unwind(|| run(seed, arguments.steps)).unwrap_or_else(|_| Err(anyhow!("a panic")));
            match ran {
                Ok(one) => tally += one,
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    return Err(error.context(format!("seed {seed}")));
                }
            }
        }
        Ok(tally)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut tally = Tally::default();
        for worker in workers {
            tally += worker.join().map_err(|_| anyhow!("a panic")).context("a thread ended")??;
        }
        Ok(tally)
    })
}
