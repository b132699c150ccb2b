//! `vectors`: a small set of cases that covers what a regime says, with what must come out.

use crate::analysis::{self, vectors};
use crate::diagnostic::Code;
use crate::diagram::{Options, Specialise, build_table, prove_equal};
use crate::ir::{Program, Value};
use crate::report::vectors::{Page, cells, json, markdown, text};

use super::args::{VectorFormat, VectorsArguments};
use super::build::no_table;
use super::input::{compile, slice, sources, threads};
use super::output::{self, Exit, Outcome, placeless, stop, stop_all, untaken, write};
use super::waiting::Waiting;

/// Runs the command.
pub fn run(arguments: &VectorsArguments) -> Outcome {
    threads(arguments.jobs)?;
    let (compilation, program) = compile(&arguments.path)?;
    let slice = match slice(&program, arguments.reading.as_deref(), arguments.on.as_deref()) {
        Ok(slice) => slice,
        Err(wrong) => return Err(stop_all(&compilation.files, &wrong)),
    };
    let scope: Vec<String> = [(program.reading, &slice.reading), (program.date, &slice.day)]
        .into_iter()
        .filter_map(|(input, value)| Some(program.value_text(&program.input(input?).domain, value.as_ref()?)))
        .collect();
    output::stage("building the table");
    let only = Specialise {
        reading: match slice.reading {
            Some(Value::Member(member)) => Some(member),
            _ => None,
        },
        dates: match slice.day {
            Some(Value::Int(day)) => Some((day, day)),
            _ => None,
        },
    };
    let table = build_table(&program, &only, &Options::default()).map_err(|error| stop(no_table(&error)))?;
    if let Err(fault) = prove_equal(&program, &table, &Options::default()) {
        let title = format!("the table is not proved equal to `{}`: no vector is held against it", table.regime);
        return Err(stop(placeless(Code::TableUnequal, title).note(fault.to_string())));
    }
    output::stage("looking for cases");
    let waiting = Waiting::begin();
    let fixed = program.reading.zip(slice.reading).into_iter().chain(program.date.zip(slice.day)).collect();
    let options = analysis::Options {
        fixed,
        seconds: arguments.timeout,
        listener: Some(waiting.listener()),
        ..analysis::Options::default()
    };
    let found = vectors::vectors(&program, &table, &options);
    drop(waiting);
    let found =
        found.map_err(|error| stop(placeless(Code::TooBig, format!("a threshold cannot be moved by one step: {error}"))))?;
    if let Some((vector, decision)) = found.differs {
        let title = format!("the table is not equal to `{}`: no vectors are written", table.regime);
        let case = analysis::case_text(&program, &found.vectors[vector].case, None);
        let message = placeless(Code::TableUnequal, title)
            .note(format!("`{}` differs for {case}", program.decision(decision).name))
            .note("this is a mistake of Lexport; please report it");
        return Err(stop(message));
    }
    output::stage("writing the vectors");
    let people = matches!(arguments.format, VectorFormat::Text | VectorFormat::Markdown);
    let language = if people { output::language() } else { output::language_for_tools() };
    let inputs = table.inputs.len();
    let page = Page { program: &program, vectors: &found, inputs, source: &table.source, scope: &scope, language };
    let written = match arguments.format {
        VectorFormat::Text => text(&page, output::style_out()),
        VectorFormat::Json => format!("{:#}\n", json(&page)),
        VectorFormat::Markdown => markdown(&page),
        VectorFormat::Csv => csv(&program, &page)?,
    };
    match &arguments.output {
        Some(path) => write(path, written.as_bytes(), &sources(&compilation))?,
        None => output::print(&written),
    }
    if arguments.output.is_some() {
        output::say(&format!("{}\n", page.summary().in_language(output::language())));
    }
    let open = found.obligations.iter().any(|one| matches!(one.met, vectors::Met::NotFound(_)));
    Ok(if open { Exit::Undecided } else { Exit::Fine })
}

/// Rows that `decide` takes as they are; what is expected stands in columns that it carries along.
fn csv(program: &Program, page: &Page<'_>) -> Result<String, output::Stop> {
    let fail = |error: String| stop(placeless(Code::Internal, format!("the vectors cannot be written: {error}")));
    let mut out = csv::Writer::from_writer(Vec::new());
    let names: Vec<String> = page.inputs().map(|input| program.input(input).name.clone()).collect();
    // An input is called as it is called, whatever else there is.
    let is_input = |name: &str| names.iter().any(|input| input == name);
    let expected = page.vectors.decisions.iter().map(|id| format!("expected_{}", program.decision(*id).name));
    let expected: Vec<String> = expected.map(|name| untaken(&name, is_input)).collect();
    let free = |name: &str| untaken(name, |name| is_input(name) || expected.iter().any(|other| other == name));
    let last = ["expected_because", "expected_open", "covers"].map(free);
    let head = std::iter::once(free("vector")).chain(names.clone()).chain(expected.clone()).chain(last);
    out.write_record(head).map_err(|error| fail(error.to_string()))?;
    for (at, vector) in page.vectors.vectors.iter().enumerate() {
        let (outcomes, because, open) = cells(page, vector);
        let given = page.inputs().map(|input| {
            vector.case.get(input).map(|value| program.value_text(&program.input(input).domain, value)).unwrap_or_default()
        });
        let covers: Vec<String> = vector.covers.iter().map(|at| (at + 1).to_string()).collect();
        let row = std::iter::once((at + 1).to_string()).chain(given).chain(outcomes).chain([because, open, covers.join(" ")]);
        out.write_record(row).map_err(|error| fail(error.to_string()))?;
    }
    let bytes = out.into_inner().map_err(|error| fail(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| fail(error.to_string()))
}
