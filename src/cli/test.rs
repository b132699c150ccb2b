//! `test`: the worked examples of a regime, and what none of them reaches.

use std::fmt::Write as _;

use serde_json::json;

use crate::analysis::{Kind, Report, Tested, scenarios};
use crate::diagnostic::{Code, Severity};
use crate::ir::Program;
use crate::report::terminal::Style;
use crate::report::{self, junit, story};
use crate::words::{Sentence, say};

use super::args::{Format, TestArguments};
use super::check::Examined;
use super::output::{self, Exit, Outcome, placeless, stop};

/// Runs the command.
pub fn run(arguments: &TestArguments) -> Outcome {
    if arguments.format == Format::Sarif {
        let message = placeless(Code::BadArgument, "`--format sarif`: a test is not a finding in a text");
        return Err(stop(message.help("use text, json or junit")));
    }
    let mut all = Vec::new();
    let mut exit = Exit::Fine;
    for path in &arguments.paths {
        output::stage("compiling");
        let compilation = crate::driver::Compilation::load(&crate::source::DiskLoader, path);
        output::show(&compilation.files, &compilation.messages);
        if compilation.failed() {
            exit = Exit::Input;
            continue;
        }
        output::stage("running the scenarios");
        let Some(program) = &compilation.program else { continue };
        let tested = scenarios(program);
        if tested.findings.iter().any(|finding| finding.kind == Kind::Scenario && finding.severity == Severity::Error) {
            exit = exit.and(Exit::Findings);
        }
        all.push((path.clone(), compilation, tested));
    }
    output::stage("reporting");
    let style = output::style_out();
    match arguments.format {
        Format::Junit => {
            let suites: Vec<junit::Suite> =
                all.iter().filter_map(|(_, compilation, tested)| Some(suite(compilation.program.as_ref()?, tested))).collect();
            output::print(&junit::document(&suites));
        }
        Format::Json => {
            let (mut coverage, mut examined) = (Counts::default(), Vec::new());
            for (path, compilation, tested) in all {
                coverage.add(&tested);
                let report = Report { findings: tested.findings, ..Report::default() };
                examined.push(Examined { path, compilation, report, reading: String::new() });
            }
            let language = output::language_for_tools();
            let checked: Vec<report::Checked<'_>> = examined.iter().map(|one| one.checked(language)).collect();
            let mut document = report::json::findings(&checked);
            document["coverage"] = coverage.json();
            output::print(&format!("{document:#}\n"));
        }
        _ => {
            for (path, compilation, tested) in all {
                let summary = compilation.program.as_ref().map(|program| text(program, &tested, style)).unwrap_or_default();
                let report = Report { findings: tested.findings, ..Report::default() };
                let examined = Examined { path, compilation, report, reading: String::new() };
                let checked = examined.checked(style.language);
                if let Some(program) = checked.program {
                    // What none reaches is listed below, in fewer words.
                    for finding in examined.report.findings.iter().filter(|finding| finding.code != Code::Uncovered) {
                        output::print(&story::story(&checked, program, finding, style));
                    }
                }
                output::print(&summary);
            }
        }
    }
    Ok(exit)
}

#[derive(Default)]
struct Counts {
    scenarios: usize,
    passed: usize,
    rules: usize,
    reached: usize,
    alternatives: usize,
    taken: usize,
}

impl Counts {
    fn add(&mut self, tested: &Tested) {
        self.scenarios += tested.runs.len();
        self.passed += tested.runs.iter().filter(|run| run.failures.is_empty()).count();
        self.rules += tested.coverage.of_rules;
        self.reached += tested.coverage.of_rules - tested.coverage.rules.len();
        self.alternatives += tested.coverage.of_alternatives;
        self.taken += tested.coverage.of_alternatives - tested.coverage.alternatives.len();
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "scenarios": self.scenarios,
            "passed": self.passed,
            "rules": self.rules,
            "rules_reached": self.reached,
            "alternatives": self.alternatives,
            "alternatives_reached": self.taken,
        })
    }
}

fn text(program: &Program, tested: &Tested, style: Style) -> String {
    let mut counts = Counts::default();
    counts.add(tested);
    let mut out = String::new();
    let mut line = |said: Sentence| {
        let _ = writeln!(out, "{}", said.in_language(style.language));
    };
    line(say!(
        "{name}: {passed} of {scenarios} scenarios pass; they reach {reached} of {rules} rules and {taken} of {sides} alternatives",
        name = program.regimes[0].name,
        passed = counts.passed,
        scenarios = counts.scenarios,
        reached = counts.reached,
        rules = counts.rules,
        taken = counts.taken,
        sides = counts.alternatives
    ));
    if !tested.coverage.rules.is_empty() || !tested.coverage.alternatives.is_empty() {
        line(say!("note[{code}]: a rule that no scenario reaches", code = Code::Uncovered.name()));
    }
    let names = |ids: Vec<String>| report::text::wrap(&ids.join(", "), style.width, "    ", "    ");
    if !tested.coverage.rules.is_empty() {
        let rules = tested.coverage.rules.iter().map(|id| program.rule(*id).name.clone()).collect();
        let head = say!("rules that none reaches:").in_language(style.language);
        let _ = writeln!(out, "  {head}\n{}", names(rules));
    }
    if !tested.coverage.alternatives.is_empty() {
        let _ = writeln!(out, "  {}", say!("alternatives that none takes:").in_language(style.language));
        for (rule, at) in &tested.coverage.alternatives {
            let rule = program.rule(*rule);
            let Some(alternative) = rule.alternatives.get(*at) else { continue };
            let origin = program.origin(alternative.origin);
            let line = format!("{}: `{}` ({}:{})", rule.name, origin.words, origin.file, origin.line);
            let _ = writeln!(out, "{}", report::text::wrap(&line, style.width, "    ", "      "));
        }
    }
    out
}

fn suite(program: &Program, tested: &Tested) -> junit::Suite {
    let cases = tested.runs.iter().map(|run| {
        let scenario = &program.scenarios[run.scenario];
        let language = output::language_for_tools();
        let said: Vec<String> = run.failures.iter().map(|failure| failure.said.in_language(language)).collect();
        junit::Case {
            name: scenario.name.clone(),
            class: if scenario.cite.is_empty() { program.regimes[0].name.clone() } else { scenario.cite.clone() },
            verdict: match said.first() {
                None => junit::Verdict::Passed,
                Some(first) => junit::Verdict::Failed(first.clone(), said.join("\n")),
            },
        }
    });
    junit::Suite { name: program.regimes[0].name.clone(), cases: cases.collect() }
}
