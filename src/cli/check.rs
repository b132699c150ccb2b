//! `check`: everything that can be found out about a regime, with the evidence.

use crate::analysis::{self, Options, Report};
use crate::diagnostic::Severity;
use crate::driver::Compilation;
use crate::report::{Checked, json, junit, sarif, story};
use crate::source::DiskLoader;
use crate::words::Language;

use super::args::{CheckArguments, Deny, Format};
use super::input::{slice, threads};
use super::kept::Opening;
use super::output::{self, Exit, Outcome};
use super::waiting::Waiting;

/// One regime and what was found.
pub struct Examined {
    /// The path as it was given.
    pub path: String,
    /// The compilation; its program stays in it.
    pub compilation: Compilation,
    /// What the analyses said.
    pub report: Report,
    /// The reading that was asked for.
    pub reading: String,
}

impl Examined {
    /// For the reports.
    pub fn checked(&self, language: Language) -> Checked<'_> {
        Checked {
            path: &self.path,
            files: &self.compilation.files,
            messages: &self.compilation.messages,
            program: self.compilation.program.as_ref(),
            report: &self.report,
            reading: &self.reading,
            language,
        }
    }
}

/// Runs the command.
pub fn run(arguments: &CheckArguments) -> Outcome {
    if let Some(stage) = &arguments.stage {
        return super::stage::dump(stage, &arguments.paths);
    }
    threads(arguments.jobs)?;
    second(arguments.confirm.as_deref())?;
    let mut all = Vec::new();
    let mut exit = Exit::Fine;
    let (mut opening, mut store) = (Some(Opening::begin(&arguments.kept)), None);
    for path in &arguments.paths {
        output::stage("compiling");
        let mut compilation = Compilation::load(&DiskLoader, path);
        let mut report = Report::default();
        if let Some(program) = compilation.program.as_ref().filter(|_| !compilation.failed()) {
            match slice(program, arguments.reading.as_deref(), arguments.on.as_deref()) {
                Ok(slice) => {
                    output::stage("checking");
                    let waiting = Waiting::begin();
                    store = opening.take().map_or(store, Opening::end);
                    let fixed = [(program.reading, slice.reading), (program.date, slice.day)];
                    let options = Options {
                        fixed: fixed.into_iter().filter_map(|(input, value)| Some((input?, value?))).collect(),
                        today: output::today(),
                        seconds: arguments.timeout,
                        depth: arguments.depth,
                        confirm: arguments.confirm.clone(),
                        worker: super::kept::program(),
                        cache: store.clone(),
                        listener: Some(waiting.listener()),
                        ..Options::default()
                    };
                    report = analysis::check(program, &options);
                }
                Err(wrong) => compilation.messages.extend(wrong),
            }
        }
        if compilation.failed() {
            exit = Exit::Input;
        }
        let reading = arguments.reading.clone().unwrap_or_default();
        all.push(Examined { path: path.clone(), compilation, report, reading });
    }
    output::stage("reporting");
    Ok(exit.and(report(&all, arguments.format, arguments.deny)))
}

/// A second solver that does not answer the simplest question would confirm nothing, and that is better said at once.
#[cfg(feature = "solver")]
fn second(program: Option<&std::path::Path>) -> Result<(), output::Stop> {
    use crate::diagnostic::Code;
    use crate::smt::{Second, confirmed};
    let Some(program) = program else { return Ok(()) };
    match confirmed(program, "(set-logic ALL)\n(assert false)\n(check-sat)\n", std::time::Duration::from_secs(10)) {
        Second::Never => Ok(()),
        other => {
            let said = match other {
                Second::Unknown(why) => why,
                Second::Possible | Second::Never => "it says that the false is true".to_owned(),
            };
            let title = format!("`--confirm {}` is no solver that can be asked: {said}", program.display());
            Err(output::stop(output::placeless(Code::BadArgument, title).help(
                "name a program that reads SMT-LIB 2 on standard input, as cvc5 does; `make second` puts one at .solver/cvc5",
            )))
        }
    }
}

/// Without the solver there is nothing to confirm.
#[cfg(not(feature = "solver"))]
fn second(_: Option<&std::path::Path>) -> Result<(), output::Stop> {
    Ok(())
}

/// The severity that is denied.
pub fn denied(deny: Deny) -> Severity {
    match deny {
        Deny::Error => Severity::Error,
        Deny::Warning => Severity::Warning,
        Deny::Note => Severity::Note,
    }
}

/// Prints the reports of regimes and says how the command ends.
pub fn report(all: &[Examined], format: Format, deny: Deny) -> Exit {
    let denied = denied(deny);
    let language = if format == Format::Text { output::language() } else { output::language_for_tools() };
    let checked: Vec<Checked<'_>> = all.iter().map(|one| one.checked(language)).collect();
    match format {
        Format::Text => {
            for one in &checked {
                output::show(one.files, one.messages);
                output::print(&story::report(one, output::style_out()));
            }
        }
        // The document says it all; what is wrong with the input is said to people too.
        Format::Json => {
            speak(&checked);
            output::print(&format!("{:#}\n", json::findings(&checked)));
        }
        Format::Sarif => {
            speak(&checked);
            output::print(&format!("{:#}\n", sarif::log(&checked, env!("CARGO_PKG_VERSION"))));
        }
        Format::Junit => {
            speak(&checked);
            let suites: Vec<junit::Suite> = checked.iter().map(|one| junit::suite(one, denied)).collect();
            output::print(&junit::document(&suites));
        }
    }
    let found = checked.iter().any(|one| one.program.is_some() && one.worst().is_some_and(|worst| worst <= denied));
    let open = checked.iter().any(|one| !one.report.undecided.is_empty());
    match (found, open) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::Undecided,
        (false, false) => Exit::Fine,
    }
}

fn speak(checked: &[Checked<'_>]) {
    for one in checked.iter().filter(|one| one.program.is_none()) {
        output::show(one.files, one.messages);
    }
}
