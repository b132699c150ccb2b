//! The emitted workbook in LibreOffice: it calculates the check vectors when it opens the file, then random cases in their place, then
//! cases with unknown inputs on the sheet that a lawyer uses.

use std::path::{Path, PathBuf};
use std::process::Command;

use lexport::diagram::{CheckVector, OwnedTable};
use lexport::emit;
use lexport::ir::{Domain, Value};

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Known, Opened, Subject, compare, subjects};

/// As many cases are calculated at a time.
const BATCH: usize = 1_000;
/// As many random cases are asked: a workbook answers some hundreds in a second.
const CASES: usize = 20_000;
/// A double, and what a person types, holds fifteen digits.
const DIGITS: u64 = 1_000_000_000_000_000;

/// LibreOffice and its Python bridge.
fn office() -> Option<PathBuf> {
    let python = PathBuf::from("/usr/bin/python3");
    let bridge = Command::new(&python).args(["-c", "import uno"]).output().is_ok_and(|output| output.status.success());
    (bridge && consumer::find("soffice").is_some()).then_some(python)
}

/// A value as `xlsx.py` reads it.
fn field(subject: &Subject, input: usize, value: Option<&Value>) -> String {
    let domain = &subject.table.inputs[input].domain;
    match value {
        None => String::new(),
        Some(Value::Set(_)) => {
            let text = subject.value_text(domain, value.expect("a value"));
            format!("S{}", text.trim_matches(['{', '}']).replace(", ", ","))
        }
        Some(Value::Int(day)) if matches!(domain, Domain::Date { .. }) => format!("D{}", day + 25_569),
        Some(value @ Value::Int(steps)) => {
            let kind = if steps.unsigned_abs() < DIGITS { 'N' } else { 'T' };
            format!("{kind}{}", subject.value_text(domain, value))
        }
        Some(value @ Value::Bool(_)) => format!("B{}", subject.value_text(domain, value)),
        Some(value) => format!("M{}", subject.value_text(domain, value)),
    }
}

fn line<'v>(subject: &Subject, values: impl Iterator<Item = Option<&'v Value>>) -> String {
    values.enumerate().map(|(input, value)| field(subject, input, value)).collect::<Vec<_>>().join("\t")
}

/// What a cell says of an outcome.
fn said(subject: &Subject, decision: usize, outcome: u32) -> String {
    format!("{} | {}", answer(subject, decision, outcome), rules(subject, outcome))
}

fn answer(subject: &Subject, decision: usize, outcome: u32) -> String {
    let answer = subject.answer_text(decision, outcome);
    match &subject.table.decisions[decision].domain {
        Domain::Number(number) if !number.unit.is_empty() && !answer.starts_with('(') => format!("{answer} {}", number.unit),
        _ => answer,
    }
}

fn rules(subject: &Subject, outcome: u32) -> String {
    let rules = subject.rules(outcome);
    match (rules.is_empty(), subject.table.outcomes[outcome as usize].answer) {
        (false, _) => rules.join("; "),
        (true, lexport_runtime::Answer::Gap) => "no rule speaks, and there is no default".into(),
        (true, _) => "the default: no rule speaks".into(),
    }
}

/// What the sheet says where inputs are unknown.
fn left(subject: &Subject, opened: &Opened) -> String {
    let one = |(decision, left): (usize, &super::subject::Left)| {
        let answers: std::collections::BTreeSet<String> =
            left.possible.iter().map(|outcome| answer(subject, decision, *outcome)).collect();
        match (left.possible.as_slice(), answers.first()) {
            ([outcome], _) => said(subject, decision, *outcome),
            (_, Some(answer)) if answers.len() == 1 => {
                format!("{answer} | the answer is settled; which rules carry it hangs on what is unknown")
            }
            _ => {
                let ask = left.ask.map_or("", |ask| subject.table.inputs[ask as usize].name.as_str());
                format!("open: needs {ask} | ")
            }
        }
    };
    opened.answers.iter().enumerate().map(one).collect::<Vec<_>>().join("\t").trim_end().to_owned()
}

/// Of a set a member is asked for: that is left out, as the runtime names the set.
fn without_members(replies: &str) -> String {
    let cell = |cell: &str| match cell.split_once(" has ") {
        Some((before, after)) if cell.starts_with("open: ") => {
            format!("{before} |{}", after.split_once(" |").map_or("", |(_, rest)| rest))
        }
        _ => cell.to_owned(),
    };
    replies.lines().map(|line| line.split('\t').map(cell).collect::<Vec<_>>().join("\t")).collect::<Vec<_>>().join("\n")
}

/// Asks a workbook; the version, the number of its check vectors, how many of them differ, and the replies.
fn ask(python: &Path, folder: &Path, table: &OwnedTable, known: &[String], open: &[String]) -> (String, usize, usize, String) {
    let (book, requests, replies) = (folder.join("table.xlsx"), folder.join("requests.tsv"), folder.join("replies.tsv"));
    std::fs::write(&book, emit::xlsx(table).expect("a workbook").bytes).expect("a file");
    let names: Vec<&str> = table.inputs.iter().map(|input| input.name.as_str()).collect();
    let asked: Vec<&str> = known.iter().map(String::as_str).chain(["case"]).chain(open.iter().map(String::as_str)).collect();
    std::fs::write(&requests, format!("{}\n{}", names.join("\t"), asked.join("\n"))).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/xlsx.py");
    consumer::run(Command::new(python).arg(script).args([&book, &requests, &replies]));
    let said = std::fs::read_to_string(replies).expect("replies");
    let (version, rest) = said.split_once('\n').expect("a version");
    let (counts, rest) = rest.split_once('\n').expect("counts");
    let (vectors, differences) = counts.split_once('\t').expect("two counts");
    (version.to_owned(), vectors.parse().expect("a number"), differences.parse().expect("a number"), rest.to_owned())
}

/// The same table with other check vectors: these cases.
fn with_vectors(table: &OwnedTable, cases: &[Known]) -> OwnedTable {
    let vector = |case: &Known| CheckVector { values: case.values.clone(), outcomes: case.outcomes.clone() };
    OwnedTable { vectors: cases.iter().map(vector).collect(), ..table.clone() }
}

fn lines(subject: &Subject, cases: &[Known]) -> (Vec<String>, Vec<String>) {
    let requests = cases.iter().map(|case| line(subject, case.values.iter().map(Some))).collect();
    let expected = cases.iter().map(|case| {
        let cells = case.outcomes.iter().enumerate().map(|(decision, outcome)| said(subject, decision, *outcome));
        cells.collect::<Vec<_>>().join("\t")
    });
    (requests, expected.collect())
}

#[test]
fn xlsx() {
    if !consumer::all() {
        return;
    }
    let Some(python) = office() else { return skip("xlsx", "LibreOffice or its Python bridge is not installed") };
    let only = std::env::var("LEXPORT_INTEROP_TABLE").ok();
    for subject in subjects().iter().filter(|subject| only.as_ref().is_none_or(|only| only == subject.name)) {
        let folder = tempfile::tempdir().expect("a folder");
        // Random cases by the same formulas, where the check vectors stand; they are the first of them.
        let known = subject.cases(consumer::cases().min(CASES));
        let (mut requests, mut expected) = lines(subject, &known);
        let together = known.len().min(BATCH.max(subject.table.vectors.len()));
        let batch = with_vectors(&subject.table, &known[..together]);
        // Then cases with unknown inputs on the sheet for people.
        let open = subject.open_cases((consumer::cases() / 50).min(1_000));
        let opened: Vec<String> = open.iter().map(|case| line(subject, case.values.iter().map(Option::as_ref))).collect();
        expected.extend(open.iter().map(|case| left(subject, case)));
        let (version, vectors, differences, found) = ask(&python, folder.path(), &batch, &requests, &opened);
        requests.extend(opened);
        let mut disagreements = compare(&requests, &expected, &without_members(&found));
        if (vectors, differences) != (together, 0) {
            disagreements.push(format!("{differences} of {vectors} check vectors differ, {together} were written"));
        }
        let (cases, open) = (known.len(), open.len());
        Agreement { target: "xlsx", consumer: &version, table: subject.name, cases, open, disagreements }.conclude();
    }
}

/// A workbook of a table in which one word of the diagram was changed is noticed, by its own count and by the comparison.
#[test]
fn an_altered_workbook_disagrees() {
    if !consumer::all() {
        return;
    }
    let Some(python) = office() else { return skip("xlsx", "LibreOffice or its Python bridge is not installed") };
    let subject = &subjects()[0];
    let known = subject.cases(BATCH);
    let mut altered = with_vectors(&subject.table, &known);
    let outcomes = altered.outcomes.len() as u32;
    let leaf = altered.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.nodes[leaf] & !lexport_runtime::HEAD;
    altered.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    let (requests, expected) = lines(subject, &known);
    let folder = tempfile::tempdir().expect("a folder");
    let (_, _, differences, found) = ask(&python, folder.path(), &altered, &requests, &[]);
    assert!(differences > 0 && !compare(&requests, &expected, &found).is_empty());
}

/// An input that no two parts hold exactly is refused by name, not rounded.
#[test]
fn what_cells_cannot_hold_is_refused() {
    let mut table = subjects()[0].table.clone();
    let price = table.inputs.iter_mut().find(|input| input.name == "price").expect("an input");
    let Domain::Number(number) = &mut price.domain else { panic!("a number") };
    number.step.mantissa = 3;
    let refused = emit::xlsx(&table).expect_err("no workbook").to_string();
    assert!(refused.contains("input price goes from 0 to 270000000000000 in steps of 0.03"), "{refused}");
}

/// Same table, same bytes; every formula is one that Excel 2007 has; openpyxl finds the sheets, lists and protection.
#[test]
fn a_workbook_is_well_formed() {
    let subject = &subjects()[0];
    let bytes = emit::xlsx(&subject.table).expect("a workbook").bytes;
    assert_eq!(bytes, emit::xlsx(&subject.table).expect("a workbook").bytes);
    if !consumer::all() {
        return;
    }
    let Some(python) = consumer::python("openpyxl") else { return skip("xlsx", "openpyxl is not installed") };
    let folder = tempfile::tempdir().expect("a folder");
    let book = folder.path().join("table.xlsx");
    std::fs::write(&book, bytes).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/workbook.py");
    consumer::run(Command::new(python).arg(script).arg(book).args(subject.table.decisions.iter().map(|it| it.name.as_str())));
}
