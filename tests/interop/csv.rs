//! The emitted CSV files, read by a program in Python that knows of them what `docs/targets/csv.md` says: in every case exactly one row fits,
//! with the outcome and the rules of the runtime. The emitted Markdown, read by a parser: as many tables, rows and cells.

use std::path::Path;
use std::process::Command;

use lexport::emit;
use lexport::ir::{Domain, Value};

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Known, Subject, compare, subjects};

/// As many rows as `lexport build` writes at the most.
const ROWS: usize = 100_000;

fn request(subject: &Subject, case: &Known) -> String {
    let value = |(input, value): (usize, &Value)| {
        let domain = &subject.table.inputs[input].domain;
        let text = subject.value_text(domain, value);
        let value = match (domain, value) {
            (Domain::Bool, Value::Bool(value)) => serde_json::json!(value),
            (Domain::Set(_), _) => {
                let names: Vec<&str> = text.trim_matches(['{', '}']).split(", ").filter(|name| !name.is_empty()).collect();
                serde_json::json!(names)
            }
            _ => serde_json::json!(text),
        };
        (subject.table.inputs[input].name.clone(), value)
    };
    serde_json::Value::Object(case.values.iter().enumerate().map(value).collect()).to_string()
}

/// The replies of the reader, and those that are expected of the decisions that have a file.
fn read(subject: &Subject, written: &emit::Readable, cases: &[Known]) -> (Vec<String>, Vec<String>, Result<String, String>) {
    let folder = tempfile::tempdir().expect("a folder");
    for artifact in &written.artifacts {
        std::fs::write(folder.path().join(&artifact.path), &artifact.bytes).expect("a file");
    }
    let left_out = |name: &str| {
        written.refused.iter().any(|error| matches!(error, emit::EmitError::TooManyRows { decision, .. } if decision == name))
    };
    let decisions: Vec<usize> =
        (0..subject.table.decisions.len()).filter(|at| !left_out(&subject.table.decisions[*at].name)).collect();
    assert!(!decisions.is_empty(), "{}: nothing is written", subject.name);
    let expected = cases.iter().map(|case| {
        let told = |decision: &usize| {
            let outcome = case.outcomes[*decision];
            format!("{}\t{}", subject.answer_text(*decision, outcome), subject.rules(outcome).join("; "))
        };
        decisions.iter().map(told).collect::<Vec<_>>().join("\t").trim_end().to_owned()
    });
    let requests: Vec<String> = cases.iter().map(|case| request(subject, case)).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/csv_reader.py");
    let regime = written.artifacts[0].path.strip_suffix(".inputs.csv").expect("the file of inputs").to_owned();
    let input = folder.path().join("cases");
    std::fs::write(&input, requests.join("\n") + "\n").expect("a file");
    let output = Command::new("python3")
        .arg(script)
        .arg(folder.path())
        .arg(regime)
        .stdin(std::fs::File::open(input).expect("a file"))
        .output()
        .expect("Python 3");
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let replies = if output.status.success() { Ok(said(output.stdout)) } else { Err(said(output.stderr)) };
    (requests, expected.collect(), replies)
}

#[test]
fn csv() {
    let version = format!("csv module of {}", consumer::version(Command::new("python3").arg("--version")));
    let only = std::env::var("LEXPORT_INTEROP_TABLE").ok();
    // The largest have a hundred thousand rows for a decision: they are read where all consumers are asked.
    let few = if consumer::all() { subjects().len() } else { 2 };
    for subject in subjects().iter().take(few).filter(|subject| only.as_ref().is_none_or(|only| only == subject.name)) {
        let written = emit::csv(&subject.table, ROWS).expect("files");
        let cases = subject.cases(consumer::cases());
        let (requests, expected, found) = read(subject, &written, &cases);
        let disagreements = match found {
            Ok(found) => compare(&requests, &expected, &found),
            Err(why) => vec![why],
        };
        Agreement { target: "csv", consumer: &version, table: subject.name, cases: cases.len(), open: 0, disagreements }
            .conclude();
    }
}

/// A file in which one outcome was changed is noticed, and one in which a row is missing.
#[test]
fn altered_rows_disagree() {
    let subject = &subjects()[0];
    let written = emit::csv(&subject.table, ROWS).expect("files");
    let cases = subject.cases(2_000);
    let altered = |change: fn(&str) -> Option<String>| {
        let mut altered = written.clone();
        let file = altered.artifacts.iter_mut().find(|file| file.path.ends_with(".usable.csv")).expect("a decision");
        let text = String::from_utf8(file.bytes.clone()).expect("text");
        file.bytes = text.split_inclusive("\r\n").filter_map(change).collect::<String>().into_bytes();
        read(subject, &altered, &cases)
    };
    let (requests, expected, found) = altered(|line| Some(line.replace("{NAC, ", "{ACA, ")));
    assert!(!compare(&requests, &expected, &found.expect("rows fit")).is_empty());
    let (_, _, found) = altered(|line| (!line.contains("{NAC, ")).then(|| line.to_owned()));
    assert!(found.expect_err("no row fits").contains("0 rows fit"));
}

#[test]
fn markdown() {
    if !consumer::all() {
        return;
    }
    let Some(python) = consumer::python("markdown_it") else { return skip("markdown", "markdown-it-py is not installed") };
    let version = "markdown-it-py 4.0.0";
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/markdown.py");
    for subject in subjects() {
        let (page, _) = emit::markdown(&subject.table, 2_000).expect("a page");
        let written = emit::csv(&subject.table, 2_000).expect("files");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("page.md"), &page.bytes).expect("a file");
        for artifact in &written.artifacts {
            std::fs::write(folder.path().join(&artifact.path), &artifact.bytes).expect("a file");
        }
        let output = Command::new(&python).arg(&script).arg(folder.path()).output().expect("Python");
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let disagreements =
            if output.status.success() { Vec::new() } else { vec![String::from_utf8_lossy(&output.stderr).into_owned()] };
        let cases = text.parse().unwrap_or(0);
        Agreement { target: "markdown (rows)", consumer: version, table: subject.name, cases, open: 0, disagreements }.conclude();
    }
}
