//! `build`: a regime as a table that is proved equal to it, in the forms that other tools read.

use std::path::Path;

use crate::analysis;
use crate::diagnostic::{Code, Diagnostic};
use crate::diagram::{Options, OwnedTable, Specialise, TableBuildError, build_table, prove_equal};
use crate::emit::{self, Artifact};
use crate::ir::{Program, Value};
use crate::words::{Sentence, say};

use super::args::{BuildArguments, Target};
use super::input::{Slice, compile, slice, sources, threads};
use super::output::{self, Exit, Outcome, Stop, apart, placeless, stop, stop_all, write};
use super::waiting::Waiting;

/// Rows that a spreadsheet of a decision may have.
const ROWS: usize = 100_000;
/// Rows that a page may have.
const PAGE: usize = 20_000;

/// Runs the command.
pub fn run(arguments: &BuildArguments) -> Outcome {
    threads(arguments.jobs)?;
    let mut wrong: Vec<Diagnostic> = Vec::new();
    let (compilation, program) = compile(&arguments.path)?;
    let slice = match slice(&program, arguments.reading.as_deref(), arguments.on.as_deref()) {
        Ok(slice) => slice,
        Err(more) => {
            wrong.extend(more);
            Slice::default()
        }
    };
    if !wrong.is_empty() {
        return Err(stop_all(&compilation.files, &wrong));
    }
    output::stage("building the table");
    let waiting = Waiting::begin();
    waiting.says(&say!("the table is being built"));
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
    let options = Options::default();
    let stop = |message: Diagnostic| {
        waiting.clear();
        stop(message)
    };
    let table = build_table(&program, &only, &options).map_err(|error| stop(no_table(&error)))?;
    output::stage("proving the table equal to the regime");
    waiting.says(&say!("the table is being proved equal to the regime, by the diagram"));
    if let Err(fault) = prove_equal(&program, &table, &options) {
        let title = format!("the table is not proved equal to `{}`: nothing is written", table.regime);
        return Err(stop(placeless(Code::TableUnequal, title).note(fault.to_string())));
    }
    if cfg!(feature = "solver") {
        waiting.says(&say!("the table is being proved equal to the regime, by Z3"));
    }
    let limits = analysis::Options { seconds: arguments.timeout, ..analysis::Options::default() };
    let (proof, exit) = match analysis::tabled(&program, &table, &limits) {
        analysis::Tabled::Equal(_) => (say!("proved equal to the regime by the diagram and by Z3"), Exit::Fine),
        analysis::Tabled::NotAsked => (say!("proved equal to the regime by the diagram only"), Exit::Fine),
        analysis::Tabled::Open(why) => {
            (say!("proved equal to the regime by the diagram only; undecided by Z3: {why}", why), Exit::Undecided)
        }
        analysis::Tabled::Differs(decision, witness) => {
            let title = format!("the table is not equal to `{}`: nothing is written", table.regime);
            let name = &program.decision(decision).name;
            let message = placeless(Code::TableUnequal, title)
                .note(format!("`{name}` differs for {}", witness_text(&program, &witness)))
                .note("the diagram says that they are equal: this is a mistake of Lexport; please report it");
            return Err(stop(message));
        }
    };
    drop(waiting);
    output::stage("writing the table");
    let (mut artifacts, mut refused) = (Vec::new(), Vec::new());
    for target in &arguments.to {
        artifacts.extend(emitted(&table, *target, &mut refused)?);
    }
    for artifact in &artifacts {
        readable(&table, artifact)?;
    }
    let reads = sources(&compilation);
    for artifact in &artifacts {
        apart(&arguments.output.join(&artifact.path), &reads)?;
    }
    for artifact in &artifacts {
        write(&arguments.output.join(&artifact.path), &artifact.bytes, &reads)?;
    }
    output::say(&summary(&table, &proof, &arguments.output, &artifacts));
    if refused.is_empty() {
        return Ok(exit);
    }
    // What is written is right, but not all that was asked for: no success.
    output::show(&compilation.files, &refused);
    Ok(exit.and(Exit::Findings))
}

fn witness_text(program: &Program, witness: &analysis::Witness) -> String {
    match witness {
        analysis::Witness::Case(case) | analysis::Witness::Pair(case, _) => analysis::case_text(program, case, None),
        // Of a table nothing is asked but single cases.
        analysis::Witness::Trace(_) => String::new(),
    }
}

pub(super) fn no_table(error: &TableBuildError) -> Diagnostic {
    match error {
        TableBuildError::Specialise => placeless(Code::BadArgument, error.to_string()),
        TableBuildError::Diagram(_) | TableBuildError::TooLarge => placeless(Code::TableTooLarge, error.to_string())
            .help("build for one reading and one day (`--reading letter --on 2025-01-13`), or split the decision that grows"),
        TableBuildError::Hash(_) | TableBuildError::Table(_) => placeless(Code::Internal, error.to_string()),
    }
}

/// The files of a target; in `refused` what they leave out, and why.
fn emitted(table: &OwnedTable, target: Target, refused: &mut Vec<Diagnostic>) -> Result<Vec<Artifact>, Stop> {
    let large = |error: emit::EmitError| {
        stop(placeless(Code::TableTooLarge, error.to_string()).help("`--to json` and `--to rust` have no such limit"))
    };
    let internal = |error: String| stop(placeless(Code::Internal, format!("the table cannot be written: {error}")));
    let one = |artifact: Artifact| vec![artifact];
    match target {
        Target::Json => emit::json(table).map(one).map_err(internal),
        Target::Binary => emit::binary(table)
            .map(one)
            .map_err(|error| stop(placeless(Code::TableTooLarge, format!("the table cannot be written: {error}")))),
        Target::Rust => emit::rust(table).map(one).map_err(|error| internal(error.to_string())),
        Target::C => emit::c(table).map(one).map_err(|error| internal(error.to_string())),
        Target::Wasm => emit::wasm(table).map_err(large),
        Target::Python => emit::python(table).map(one).map_err(|error| internal(error.to_string())),
        Target::Sql => emit::sql(table).map_err(|error| stop(placeless(Code::BadArgument, format!("`--to sql`: {error}")))),
        Target::Datafusion => emit::datafusion(table).map(one).map_err(large),
        Target::Dmn => emit::dmn(table).map_err(large),
        Target::Xlsx => emit::xlsx(table).map(one).map_err(large),
        Target::Csv => {
            let written = emit::csv(table, ROWS).map_err(large)?;
            refused.extend(written.refused.iter().map(|error| left_out("csv", error)));
            Ok(written.artifacts)
        }
        Target::Markdown => {
            let (page, left) = emit::markdown(table, PAGE).map_err(large)?;
            refused.extend(left.iter().map(|error| left_out("markdown", error)));
            Ok(vec![page])
        }
    }
}

fn left_out(target: &str, error: &emit::EmitError) -> Diagnostic {
    placeless(Code::TableTooLarge, format!("--to {target}: {error}"))
        .note("its rows are not written; those of the other decisions are")
        .help("build for one reading and one day (`--reading letter --on 2025-01-13`); `--to json`, `rust` and `xlsx` carry all decisions")
}

/// What can be read back is read back, before anything is written: no table leaves that `decide` would refuse.
fn readable(table: &OwnedTable, artifact: &Artifact) -> Result<(), Stop> {
    let read = match artifact.path.as_str() {
        path if path.ends_with(".table.json") => emit::read_json(&artifact.bytes),
        path if path.ends_with(".lxt") => emit::read_binary(&artifact.bytes),
        _ => return Ok(()),
    };
    let why = match read {
        Ok(read) if read == *table => return Ok(()),
        Ok(_) => "it says something else".to_owned(),
        Err(error) => error.to_string(),
    };
    let title = format!("`{}` cannot be read back: nothing is written", artifact.path);
    Err(stop(placeless(Code::TableTooLarge, title).note(why).help("build for one reading and one day, or fewer decisions")))
}

fn summary(table: &OwnedTable, proof: &Sentence, folder: &Path, artifacts: &[Artifact]) -> String {
    let mut said = vec![say!(
        "{name}: a table of {words} words, {proof}; {vectors} check vectors",
        name = table.regime,
        words = table.nodes.len(),
        proof,
        vectors = table.vectors.len()
    )];
    said.extend(artifacts.iter().map(|artifact| {
        let path = folder.join(&artifact.path).display().to_string();
        say!("wrote {path}", path)
    }));
    said.iter().map(|said| said.in_language(output::language()) + "\n").collect()
}
