//! The emitted Rust file, compiled by rustc with warnings as errors: the table, and the straight-line code.

use std::path::Path;
use std::process::Command;

use lexport::emit;

use super::agreement::Agreement;
use super::consumer;
use super::subject::{Subject, bit_sets, compare, subjects};

/// Reads requests, writes replies.
const MAIN: &str = r#"
#[allow(dead_code, reason = "it asks what it needs")]
mod table;
use std::io::{BufRead, Write};
use table::TABLE;
use table::runtime::Value;

fn main() {
    let mode = std::env::args().nth(1);
    let (open, fast) = (mode.as_deref() == Some("open"), mode.as_deref() == Some("fast"));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let fields: Vec<&str> = line.split(' ').collect();
        let words: Vec<Vec<u64>> = fields
            .iter()
            .map(|field| field.strip_prefix('S').map_or(Vec::new(), |list| {
                list.split(',').filter(|word| !word.is_empty()).map(|word| word.parse().unwrap()).collect()
            }))
            .collect();
        let values: Vec<Value<'_>> = fields
            .iter()
            .zip(&words)
            .map(|(field, words)| match field.split_at(1) {
                ("?", _) => Value::Unknown,
                ("B", text) => Value::Bool(text == "1"),
                ("M", text) => Value::Member(text.parse().unwrap()),
                ("I", text) => Value::Int(text.parse().unwrap()),
                _ => Value::Set(words),
            })
            .collect();
        if fast {
            let row = table::fast::Row::from_values(&values).unwrap();
            let all = table::fast::all(&row).unwrap();
            for (decision, outcome) in table::fast::DECISIONS.iter().zip(all) {
                assert_eq!(decision(&row), Ok(outcome));
            }
            writeln!(out, "{}", all.map(|outcome| outcome.to_string()).join(" ")).unwrap();
            continue;
        }
        let mut classes = vec![0; TABLE.classes_len()];
        TABLE.classify(&values, &mut classes).unwrap();
        for decision in 0..TABLE.roots.len() as u32 {
            if decision > 0 {
                write!(out, " ").unwrap();
            }
            if open {
                let mut marks = vec![0; TABLE.marks_len()];
                let left = TABLE.open(decision, &values, &classes, &mut marks).unwrap();
                let possible: Vec<String> = (0..TABLE.outcomes.len())
                    .filter(|outcome| marks[outcome / 64] >> (outcome % 64) & 1 == 1)
                    .map(|outcome| outcome.to_string())
                    .collect();
                let ask = left.ask.map_or("-".to_owned(), |ask| ask.to_string());
                write!(out, "{}/{ask}/{}", possible.join(","), u8::from(left.exact)).unwrap();
            } else {
                write!(out, "{}", TABLE.decide(decision, &classes).unwrap().unwrap()).unwrap();
            }
        }
        writeln!(out).unwrap();
    }
}
"#;

fn compile(subject: &Subject, folder: &Path) {
    std::fs::write(folder.join("table.rs"), emit::rust(&subject.table).expect("a good table").bytes).expect("a file");
    std::fs::write(folder.join("main.rs"), MAIN).expect("a file");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let options = ["--edition", "2024", "-D", "warnings", "-C", "opt-level=1", "-o"];
    consumer::run(Command::new(rustc).args(options).arg(folder.join("run")).arg(folder.join("main.rs")));
}

#[test]
fn rust() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = consumer::version(Command::new(rustc).arg("--version"));
    for subject in subjects() {
        let folder = tempfile::tempdir().expect("a folder");
        compile(subject, folder.path());
        let (known, open) = (subject.cases(consumer::cases()), subject.open_cases(consumer::cases() / 10));
        let run = folder.path().join("run");
        let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
        let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
        let mut disagreements = compare(&requests, &expected, &consumer::ask(&mut Command::new(&run), &requests));
        disagreements.extend(compare(&requests, &expected, &consumer::ask(Command::new(&run).arg("fast"), &requests)));
        let requests: Vec<String> = open.iter().map(|case| case.request()).collect();
        let expected: Vec<String> = open.iter().map(|case| case.reply()).collect();
        disagreements.extend(compare(&requests, &expected, &consumer::ask(Command::new(&run).arg("open"), &requests)));
        let (cases, open) = (known.len(), open.len());
        Agreement { target: "rust", consumer: &version, table: subject.name, cases, open, disagreements }.conclude();
    }
}

/// Bit sets and grids, which none of the other tables needs.
#[test]
fn rust_of_bit_sets() {
    let subject = bit_sets();
    let text = String::from_utf8(emit::rust(&subject.table).expect("a good table").bytes).expect("text");
    let ways = ["let boxes =", "(u64::from((row.weight.clamp(", ".get(cell).is_some_and(|limit| value >= *limit)"];
    assert!(ways.iter().all(|way| text.contains(way)), "no bit sets, no even thresholds or no grid");
    let folder = tempfile::tempdir().expect("a folder");
    compile(&subject, folder.path());
    let known = subject.cases(consumer::cases());
    let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
    let found = consumer::ask(Command::new(folder.path().join("run")).arg("fast"), &requests);
    assert_eq!(compare(&requests, &expected, &found), Vec::<String>::new());
}

/// A table in which one word of the diagram was changed is noticed: the comparison can fail.
#[test]
fn an_altered_table_disagrees() {
    let mut altered = Subject { name: "altered", table: subjects()[0].table.clone() };
    let known = altered.cases(2_000);
    let outcomes = altered.table.outcomes.len() as u32;
    let leaf = altered.table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.table.nodes[leaf] & !lexport_runtime::HEAD;
    altered.table.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    // Against its check vectors it would not be written at all.
    assert!(emit::rust(&altered.table).is_err());
    altered.table.vectors.clear();
    let folder = tempfile::tempdir().expect("a folder");
    compile(&altered, folder.path());
    let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
    for mode in ["", "fast"] {
        let found = consumer::ask(Command::new(folder.path().join("run")).arg(mode), &requests);
        assert!(!compare(&requests, &expected, &found).is_empty(), "{mode}");
    }
}

/// What is outside its domain is refused by straight-line code too, with the input.
#[test]
fn fast_code_refuses_what_is_outside() {
    const MAIN: &str = r#"
#[allow(dead_code, reason = "it asks what it needs")]
mod table;
use table::fast::{self, Country, Item, Row};
use table::runtime::TableError;

fn main() {
    let good = Row {
        date: 19272, item: Item::EAR99, destination: Country::CN, origin: Country::NL, headquarters: Country::CN, performance: 1,
        area: 1, price: 1, quantity: 1, balance: 1, datacenter: true, import: false, asked: [3],
    };
    assert!(good.check().is_ok() && fast::all(&good).is_ok());
    for (number, name, row) in [
        (0, fast::desk as fn(&Row) -> _, Row { date: 19271, ..good }),
        (0, fast::desk, Row { date: i64::MAX, ..good }),
        (5, fast::class, Row { performance: -1, ..good }),
        (5, fast::duty, Row { performance: i64::MIN, ..good }),
        (8, fast::allowed, Row { quantity: 1_000_000_001, ..good }),
        (9, fast::duty, Row { balance: i64::MAX, ..good }),
        (12, fast::usable, Row { asked: [16], ..good }),
    ] {
        let refused = TableError::Input(number);
        assert_eq!(name(&row), Err(refused));
        assert_eq!(fast::all(&row).err(), Some(refused));
        assert_eq!(row.check(), Err(refused));
    }
    // A decision does not look at what it cannot hang on.
    assert!(fast::class(&Row { asked: [16], ..good }).is_ok());
}
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::rust(&subjects()[0].table).expect("a good table");
    std::fs::write(folder.path().join("table.rs"), artifact.bytes).expect("a file");
    std::fs::write(folder.path().join("main.rs"), MAIN).expect("a file");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let options = ["--edition", "2024", "-D", "warnings", "-o"];
    consumer::run(Command::new(rustc).args(options).arg(folder.path().join("run")).arg(folder.path().join("main.rs")));
    consumer::run(&mut Command::new(folder.path().join("run")));
}

/// A table for one reading refuses the others in straight-line code too.
#[test]
fn rust_of_one_reading() {
    const MAIN: &str = r"
mod refusals {
    use super::TABLE;
    use super::fast::{self, Row};
    use super::runtime::{TableError, Value};

    #[test]
    fn the_other_reading_is_refused() {
        let mut values = [Value::Member(0); 17];
        for (input, value) in [(0, 19850), (5, 1), (6, 0), (7, 0), (8, 0), (9, 0)] {
            values[input] = Value::Int(value);
        }
        values[10] = Value::Bool(false);
        assert_eq!(Row::from_values(&values), Err(TableError::Input(1)));
        assert!(TABLE.look_up(1, &values).is_err());
        values[1] = Value::Member(1);
        let row = Row::from_values(&values).unwrap();
        assert!(fast::requirement(&row).is_ok());
        let other = Row { reading: fast::Reading::LETTER, ..row };
        assert_eq!(fast::requirement(&other), Err(TableError::Input(1)));
        assert_eq!(fast::all(&other), Err(TableError::Input(1)));
        assert_eq!(fast::requirement(&Row { date: 19799, ..row }), Err(TableError::Input(0)));
    }
}
";
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::rust(&super::c::of_one_reading()).expect("a good table");
    let text = String::from_utf8(artifact.bytes).expect("text") + &MAIN.replacen("mod refusals", "#[cfg(test)]\nmod refusals", 1);
    std::fs::write(folder.path().join("table.rs"), text).expect("a file");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let run = folder.path().join("run");
    let options = ["--edition", "2024", "-D", "warnings", "--test", "-o"];
    consumer::run(Command::new(rustc).args(options).arg(&run).arg(folder.path().join("table.rs")));
    consumer::run(&mut Command::new(&run));
}

/// The program of the page does what the page says.
#[test]
fn the_page_of_rust_is_so() {
    let (example, output) = super::c::page_example(include_str!("../../docs/targets/rust.md"));
    let subject = subjects().iter().find(|subject| subject.name == "us-2023-11").expect("a subject");
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::rust(&subject.table).expect("a good table");
    std::fs::write(folder.path().join(artifact.path), artifact.bytes).expect("a file");
    std::fs::write(folder.path().join("main.rs"), example).expect("a file");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let run = folder.path().join("run");
    let options = ["--edition", "2024", "-D", "warnings", "-o"];
    consumer::run(Command::new(rustc).args(options).arg(&run).arg(folder.path().join("main.rs")));
    assert_eq!(String::from_utf8(consumer::run(&mut Command::new(run)).stdout).expect("text"), output);
}
