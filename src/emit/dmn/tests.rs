//! The parts of a table, read row by row, say what the table says; exactly one row fits any case.

use lexport_runtime::{Answer, HEAD, LEAF};

use super::collect;
use super::decompose::decompose;
use super::part::{Adds, Column, Part, Row, Shape, What};
use super::test::{children, slice};
use crate::diagram::{Options, OwnedTable, Specialise, build_table};
use crate::driver::Compilation;
use crate::source::DiskLoader;

fn table(path: &str) -> OwnedTable {
    let compilation = Compilation::load(&DiskLoader, path);
    let program = compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages));
    build_table(&program, &Specialise::default(), &Options::default()).expect("a table")
}

/// The outcome that a combination of classes comes to.
fn outcome(table: &OwnedTable, decision: usize, classes: &[u32]) -> u32 {
    let mut at = table.roots[decision];
    while at & LEAF == 0 {
        let test = table.nodes[at as usize] & !HEAD;
        at = children(table, at)[classes[test as usize] as usize];
    }
    at & !HEAD
}

/// The class of a column.
fn class(table: &OwnedTable, column: &Column, classes: &[u32], parts: &[u32]) -> u32 {
    let answer = |part: &usize| table.outcomes[parts[*part] as usize].answer;
    match column {
        Column::Test(test) => classes[*test as usize],
        Column::Part(part) => parts[*part],
        Column::Answer(part, answers) => answers.iter().position(|one| *one == answer(part)).expect("an answer") as u32,
        Column::Has(part, member) => u32::from(collect::members(table, answer(part)).contains(member)),
        Column::Any(part) => u32::from(!collect::members(table, answer(part)).is_empty()),
    }
}

/// The value of a part; every part before it has one.
fn value(table: &OwnedTable, part: &Part, classes: &[u32], parts: &[u32]) -> u32 {
    match &part.shape {
        Shape::Rows { columns, rows } => {
            let now: Vec<u32> = columns.iter().map(|column| class(table, column, classes, parts)).collect();
            let fits =
                |row: &&Row| row.cells.iter().zip(&now).all(|(cell, class)| cell.as_ref().is_none_or(|all| all.contains(class)));
            let found: Vec<&Row> = rows.iter().filter(fits).collect();
            assert_eq!(found.len(), 1, "{:?}: {found:?}", part.what);
            found[0].value
        }
        Shape::Collected { rules, without } => {
            let What::Outcome { decision } = part.what else { panic!("a sum that is no decision") };
            let carrying: Vec<&(u32, usize, Adds)> = rules.iter().filter(|(_, part, _)| parts[*part] == 1).collect();
            if carrying.is_empty() {
                return without.expect("an outcome without rules");
            }
            let names: Vec<u32> = carrying.iter().map(|(rule, _, _)| *rule).collect();
            let steps: i64 = carrying.iter().map(|(_, _, adds)| if let Adds::Steps(steps) = adds { *steps } else { 0 }).sum();
            let mut members: Vec<u32> = carrying
                .iter()
                .flat_map(|(_, _, adds)| if let Adds::Members(all) = adds { all.clone() } else { Vec::new() })
                .collect();
            members.sort_unstable();
            members.dedup();
            let is = |outcome: &u32| {
                let row = table.outcomes[*outcome as usize];
                slice(&table.carriers, row.rules) == names
                    && match row.answer {
                        Answer::Int(all) => all == steps,
                        set @ Answer::Set(_) => collect::members(table, set) == members,
                        _ => false,
                    }
            };
            // Outcomes of other decisions may look alike: the one that this decision comes to is among them.
            let wanted = outcome(table, decision, classes);
            if is(&wanted) { wanted } else { (0..table.outcomes.len() as u32).find(is).expect("an outcome") }
        }
    }
}

/// Asks the parts in cases: those of the check vectors, and with one class after the other changed.
fn check(table: &OwnedTable) {
    let (parts, decisions) = decompose(table).expect("parts");
    for vector in &table.vectors {
        let words: Vec<Vec<u64>> = vector
            .values
            .iter()
            .map(|value| if let crate::ir::Value::Set(set) = value { crate::diagram::set_words(set) } else { Vec::new() })
            .collect();
        let values: Vec<_> =
            vector.values.iter().zip(&words).map(|(value, words)| crate::diagram::runtime_value(value, words)).collect();
        let mut base = vec![0; table.tests.len()];
        table.as_table().classify(&values, &mut base).expect("values");
        for changed in 0..=table.tests.len() {
            let mut classes = base.clone();
            if let Some(test) = table.tests.get(changed) {
                classes[changed] = (classes[changed] + 1) % super::test::classes(test);
            }
            let mut found: Vec<u32> = Vec::with_capacity(parts.len());
            for part in &parts {
                found.push(value(table, part, &classes, &found));
            }
            for (decision, part) in decisions.iter().enumerate() {
                assert_eq!(found[*part], outcome(table, decision, &classes), "{}", table.decisions[decision].name);
            }
        }
    }
}

#[test]
fn parts_say_what_the_table_says() {
    check(&table("tests/interop/everything.lxp"));
    check(&table("policies/us-2023-11"));
}

/// A decision of thousands of rows comes out as tables that a person can read.
#[test]
fn no_part_is_large() {
    let table = table("policies/us-2023-11");
    let (parts, _) = decompose(&table).expect("parts");
    let rows = |part: &Part| match &part.shape {
        Shape::Rows { rows, .. } => rows.len(),
        Shape::Collected { rules, .. } => rules.len(),
    };
    let largest = parts.iter().map(rows).max().unwrap_or(0);
    assert!(largest <= 48, "{largest}");
    assert!(parts.iter().map(rows).sum::<usize>() < 500);
}

/// What is written does not hang on anything but the table.
#[test]
fn the_same_table_gives_the_same_bytes() {
    let table = table("tests/interop/everything.lxp");
    let files = super::dmn(&table).expect("files");
    assert_eq!(files, super::dmn(&table).expect("files"));
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["everything.dmn", "everything.1_3.dmn"]);
    let text = String::from_utf8(files[0].bytes.clone()).expect("text");
    assert!(text.contains("<text>performance &gt;= 5.92 * area</text>"), "{text}");
    assert!(text.contains("hitPolicy=\"UNIQUE\""));
}
