//! `ir`: the intermediate representation as JSON, for other tools.

use std::io::{BufWriter, Write as _};

use super::args::PathArguments;
use super::input::compile;
use super::output::{self, Exit, Outcome};

/// Runs the command.
pub fn run(arguments: &PathArguments) -> Outcome {
    let (_, program) = compile(&arguments.path)?;
    output::stage("writing the IR");
    let mut out = BufWriter::new(std::io::stdout().lock());
    // A reader that went away (`| head`) is no error.
    let _ = serde_json::to_writer_pretty(&mut out, &program).map_err(std::io::Error::from).and_then(|()| out.write_all(b"\n"));
    let _ = out.flush();
    Ok(Exit::Fine)
}
