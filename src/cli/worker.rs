//! `worker`: answers one question about a process, for a `check` that started this program again. Not for people.

use super::output::{Outcome, placeless, stop};
use crate::diagnostic::Code;

/// Runs the command.
pub fn run() -> Outcome {
    served().map(|()| super::output::Exit::Fine).map_err(|why| {
        stop(
            placeless(Code::BadArgument, format!("`worker` was given no task: {why}"))
                .help("`check` starts it by itself; there is nothing to run by hand"),
        )
    })
}

#[cfg(feature = "solver")]
fn served() -> Result<(), String> {
    crate::smt::worker::serve(std::io::stdin().lock(), std::io::stdout().lock())
}

#[cfg(not(feature = "solver"))]
fn served() -> Result<(), String> {
    Err("this program was built without the solver".to_owned())
}
