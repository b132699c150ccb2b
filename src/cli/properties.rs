//! `properties`: the twelve properties of many regimes, reading by reading, as one page.

use crate::analysis::{self, Options, Report};
use crate::driver::Compilation;
use crate::report::properties::{Answered, page};
use crate::source::DiskLoader;

use super::args::PropertiesArguments;
use super::input::{slice, sources, threads};
use super::kept::Opening;
use super::output::{self, Exit, Outcome, write};
use super::waiting::Waiting;

/// A regime by its path, and what was found out about it in each reading.
type Checked<'p> = (&'p str, Compilation, Vec<(String, Report)>);

/// Runs the command.
pub fn run(arguments: &PropertiesArguments) -> Outcome {
    threads(arguments.jobs)?;
    let store = Opening::begin(&arguments.kept).end();
    let mut all: Vec<Checked<'_>> = Vec::new();
    for path in &arguments.paths {
        output::stage("compiling");
        let compilation = Compilation::load(&DiskLoader, path);
        let Some(program) = compilation.program.as_ref().filter(|_| !compilation.failed()) else {
            output::show(&compilation.files, &compilation.messages);
            return Ok(Exit::Input);
        };
        let readings = match program.reading.map(|input| program.input(input).domain.clone()) {
            Some(crate::ir::Domain::Enum(of)) => {
                program.enumeration(of).members.iter().map(|member| member.name.clone()).collect()
            }
            _ => vec![String::new()],
        };
        let mut reports = Vec::new();
        for reading in readings {
            output::stage("checking");
            let waiting = Waiting::begin();
            let asked = (!reading.is_empty()).then_some(reading.as_str());
            let Ok(slice) = slice(program, asked, None) else { continue };
            let options = Options {
                fixed: program.reading.zip(slice.reading).into_iter().collect(),
                listener: Some(waiting.listener()),
                today: output::today(),
                seconds: arguments.timeout,
                depth: arguments.depth,
                worker: super::kept::program(),
                cache: store.clone(),
                ..Options::default()
            };
            reports.push((reading, analysis::check(program, &options)));
        }
        all.push((path, compilation, reports));
    }
    let answered: Vec<Answered<'_>> = all
        .iter()
        .flat_map(|(path, compilation, reports)| {
            let program = compilation.program.as_ref();
            reports.iter().filter_map(move |(reading, report)| {
                let program = program?;
                Some(Answered { path, name: &program.regimes[0].name, reading, program, report })
            })
        })
        .collect();
    let text = page(&answered, output::language_for_tools());
    match &arguments.output {
        Some(path) => {
            let reads: Vec<_> = all.iter().flat_map(|(_, compilation, _)| sources(compilation)).collect();
            write(path, text.as_bytes(), &reads)?;
        }
        None => output::print(&text),
    }
    let open = answered.iter().any(|one| !one.report.undecided.is_empty());
    Ok(if open { Exit::Undecided } else { Exit::Fine })
}
