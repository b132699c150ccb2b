//! How commands get at a regime: compile it, say what there is to say, and stop if it cannot be used.

use crate::diagnostic::{Code, Diagnostic};
use crate::driver::Compilation;
use crate::ir::{Program, Value, date_day};
use crate::source::DiskLoader;

use super::output::{self, Stop, placeless, stop, stop_all};

/// Compiles a regime; its warnings are shown.
///
/// # Errors
/// [`Stop`] if there is an error; everything that is wrong has been shown.
pub fn compile(path: &str) -> Result<(Compilation, Program), Stop> {
    output::stage("compiling");
    settle(Compilation::load(&DiskLoader, path))
}

/// The files of a compilation, as far as they lie on the disk.
pub fn sources(compilation: &Compilation) -> Vec<std::path::PathBuf> {
    compilation.files.iter().map(|(_, file)| std::path::PathBuf::from(&*file.path)).collect()
}

fn settle(mut compilation: Compilation) -> Result<(Compilation, Program), Stop> {
    match compilation.program.take() {
        Some(program) if !compilation.failed() => {
            output::show(&compilation.files, &compilation.messages);
            Ok((compilation, program))
        }
        _ => Err(stop_all(&compilation.files, &compilation.messages)),
    }
}

/// The restriction to a reading and a day that the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// The reading.
    pub reading: Option<Value>,
    /// The day.
    pub day: Option<Value>,
}

/// Reads `--reading` and `--on`.
///
/// # Errors
/// [`Diagnostic`]s: the regime has no such reading, or does not reach to that day.
pub fn slice(program: &Program, reading: Option<&str>, day: Option<&str>) -> Result<Slice, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut slice = Slice::default();
    if let Some(reading) = reading {
        match program.reading {
            Some(input) => match crate::driver::value(program, input, &crate::driver::Given::Text(reading.to_owned())) {
                Ok(value) => slice.reading = value,
                Err(misfit) => wrong.push(misplaced("--reading", &misfit)),
            },
            // Without the input a regime is read by the letter.
            None if reading == "letter" => {}
            None => wrong.push(
                placeless(Code::BadArgument, format!("`--reading {reading}`: this regime has one reading, `letter`")).help(
                    "declare `input reading : Reading` (`use std/trade`) to tell the letter of the law from its enforcement",
                ),
            ),
        }
    }
    if let Some(day) = day {
        match program.date {
            Some(input) => match crate::driver::value(program, input, &crate::driver::Given::Text(day.to_owned())) {
                Ok(value) => slice.day = value,
                Err(misfit) => wrong.push(misplaced("--on", &misfit)),
            },
            None if date_day(day).is_none() => {
                wrong.push(placeless(Code::BadArgument, format!("`--on {day}`: not a day, written like 2025-01-13")));
            }
            None => wrong.push(
                placeless(Code::BadArgument, format!("`--on {day}`: this regime does not know of days"))
                    .help("declare `input date : date from … to …`"),
            ),
        }
    }
    if wrong.is_empty() { Ok(slice) } else { Err(wrong) }
}

/// What is wrong with the value of an option.
pub fn misplaced(option: &str, misfit: &crate::driver::Misfit) -> Diagnostic {
    misfit.told(placeless(Code::BadArgument, format!("`{option}`: {}", misfit.what)), "it")
}

/// Gives rayon its threads.
///
/// # Errors
/// [`Stop`] for a number of threads that cannot be had.
pub fn threads(jobs: Option<usize>) -> Result<(), Stop> {
    let Some(jobs) = jobs else { return Ok(()) };
    if !(1..=1024).contains(&jobs) {
        return Err(stop(placeless(Code::BadArgument, format!("`--jobs {jobs}`: from 1 to 1024"))));
    }
    // It may have been built already in a test of the library; the first wins.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(64 << 20).build_global();
    Ok(())
}
