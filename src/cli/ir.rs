//! `ir`: the intermediate representation as JSON, for other tools.

use super::args::PathArguments;
use super::input::compile;
use super::output::{self, Exit, Outcome};

/// Runs the command.
pub fn run(arguments: &PathArguments) -> Outcome {
    let (_, program) = compile(&arguments.path)?;
    output::stage("writing the IR");
    output::print_with(|mut out| {
        serde_json::to_writer_pretty(&mut out, &program)?;
        out.write_all(b"\n")
    });
    Ok(Exit::Fine)
}
