//! `diff`: the cases whose outcome changes between two regimes, two days or two readings.

use crate::analysis::{self, Options, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::driver::Compilation;
use crate::ir::{InputId, Program, Value};
use crate::source::DiskLoader;
use crate::words::say;

use super::args::DiffArguments;
use super::check::{Examined, report};
use super::input::{misplaced, threads};
use super::output::{self, Exit, Outcome, placeless, stop, stop_all};

/// Runs the command.
pub fn run(arguments: &DiffArguments) -> Outcome {
    threads(arguments.jobs)?;
    let mut options = Options { seconds: arguments.timeout, ..Options::default() };
    options.today = output::today();
    output::stage("compiling");
    let sides = match (arguments.between.as_slice(), arguments.readings.as_slice()) {
        ([from, to], _) => Some(("date", "--between", from, to)),
        (_, [from, to]) => Some(("reading", "--readings", from, to)),
        _ => None,
    };
    let (path, mut compilation) = match (arguments.paths.as_slice(), &sides) {
        ([path], Some(_)) => (path, Compilation::load(&DiskLoader, path)),
        ([old, new], None) => (new, Compilation::load_pair(&DiskLoader, new, old)),
        ([_], None) => {
            let message = placeless(Code::BadArgument, "one regime alone has no difference");
            return Err(stop(message.help("name two regimes, or say `--between DATE DATE` or `--readings letter enforced`")));
        }
        _ => {
            let message = placeless(Code::BadArgument, "two regimes, and two days or readings, are two questions");
            return Err(stop(message.help("leave one of them out")));
        }
    };
    let mut found = Report::default();
    if let Some(program) = compilation.program.as_ref().filter(|_| !compilation.failed()) {
        output::stage("comparing");
        match sides {
            None => {
                let old = program.regimes.len().min(2) as u32 - 1;
                found = analysis::diff(program, old, 0, &options);
            }
            Some((name, option, from, to)) => match ends(program, name, option, from, to) {
                Ok((input, from, to)) => found = analysis::diff_between(program, input, &from, &to, &options),
                Err(wrong) => compilation.messages.extend(wrong),
            },
        }
    }
    if compilation.failed() {
        return Err(stop_all(&compilation.files, &compilation.messages));
    }
    let reading = String::new();
    let all = [Examined { path: path.clone(), compilation, report: found, reading }];
    output::stage("reporting");
    let exit = report(&all, arguments.format, arguments.deny);
    if all[0].report.findings.is_empty() && all[0].report.undecided.is_empty() {
        let said = match all[0].compilation.messages.is_empty() {
            true => say!("no outcome changes"),
            false => say!("no outcome changes where both can be compared"),
        };
        output::say(&format!("{}\n", said.in_language(output::language())));
    }
    Ok(exit.and(Exit::Fine))
}

type Ends = (InputId, Value, Value);

fn ends(program: &Program, name: &str, option: &str, from: &str, to: &str) -> Result<Ends, Vec<Diagnostic>> {
    let input = if name == "date" { program.date } else { program.reading };
    let Some(input) = input else {
        let title = format!("`{option}`: this regime has no input `{name}`");
        return Err(vec![placeless(Code::BadArgument, title)]);
    };
    let read = |text: &str| crate::driver::value(program, input, &crate::driver::Given::Text(text.to_owned()));
    match (read(from), read(to)) {
        (Ok(Some(from)), Ok(Some(to))) => Ok((input, from, to)),
        (from, to) => Err([from, to].into_iter().filter_map(Result::err).map(|misfit| misplaced(option, &misfit)).collect()),
    }
}
