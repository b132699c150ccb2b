//! The command line: the only folder that prints, reads arguments and exits.
//!
//! In: arguments. Out: an exit code: 0 nothing at or above the denied level · 1 findings · 2 the input could not be used ·
//! 3 something stayed undecided, and nothing worse.

mod args;
mod ask;
mod build;
mod check;
mod decide;
mod diff;
mod explain;
mod fmt;
mod import;
mod input;
mod ir;
mod kept;
mod new;
mod output;
mod properties;
mod repair;
mod schema;
mod signing;
mod smt;
mod stage;
mod table;
mod test;
mod vectors;
mod waiting;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use output::Exit;

/// Runs the program.
pub fn main() -> ExitCode {
    output::catch_panics();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Input.into() } else { Exit::Fine.into() };
        }
    };
    output::speak(arguments.lang);
    // The deepest recursion is over the tree of one expression, whose depth is limited; the stack that a thread gets by default
    // is enough for it in release builds only.
    let run = std::thread::Builder::new().stack_size(256 << 20).spawn(move || dispatch(&arguments.command));
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        _ => Exit::Input.into(),
    }
}

fn dispatch(command: &Command) -> Exit {
    let result = match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Properties(arguments) => properties::run(arguments),
        Command::Repair(arguments) => repair::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Build(arguments) => build::run(arguments),
        Command::Vectors(arguments) => vectors::run(arguments),
        Command::Decide(arguments) => decide::run(arguments),
        Command::Ask(arguments) => ask::run(arguments),
        Command::Keygen(arguments) => signing::keygen(arguments),
        Command::Sign(arguments) => signing::sign(arguments),
        Command::Verify(arguments) => signing::verify(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Ir(arguments) => ir::run(arguments),
        Command::Smt(arguments) => smt::run(arguments),
        Command::Fmt(arguments) => fmt::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Worker => worker::run(),
    };
    output::end(result.unwrap_or_else(|stop| stop.exit))
}
