//! What the tests of a table are about: their inputs, their classes, and which of them belong together.

use lexport_runtime::{HEAD, Span, Test};

use crate::diagram::OwnedTable;
use crate::ir::Domain;

/// Part of one of the table's arrays.
pub(super) fn slice<T>(all: &[T], span: Span) -> &[T] {
    all.get(span.first as usize..(span.first + span.count) as usize).unwrap_or(&[])
}

/// How many classes a test has.
pub(super) fn classes(test: &Test) -> u32 {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => *classes,
        _ => 2,
    }
}

/// The children of a node of a table that was checked.
pub(super) fn children(table: &OwnedTable, word: u32) -> &[u32] {
    let test = (table.nodes[word as usize] & !HEAD) as usize;
    let first = word as usize + 1;
    &table.nodes[first..first + classes(&table.tests[test]) as usize]
}

/// The inputs of a test, each once.
pub(super) fn inputs(table: &OwnedTable, test: &Test) -> Vec<usize> {
    let mut inputs: Vec<usize> = match test {
        Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => {
            vec![*input as usize]
        }
        Test::Same { a, b } => vec![*a as usize, *b as usize],
        Test::AtLeastZero { monomials, .. } => slice(&table.monomials, *monomials)
            .iter()
            .flat_map(|monomial| slice(&table.factors, monomial.factors).iter().map(|input| *input as usize))
            .collect(),
    };
    inputs.sort_unstable();
    inputs.dedup();
    inputs
}

/// By test what it is about: the first part of the name of that of its inputs which the fewest tests ask for.
pub(super) fn subjects(table: &OwnedTable) -> Vec<String> {
    let mut asked = vec![0usize; table.inputs.len()];
    for test in &table.tests {
        inputs(table, test).into_iter().for_each(|input| asked[input] += 1);
    }
    let subject = |test: &Test| {
        let rarest = inputs(table, test).into_iter().min_by_key(|input| (asked[*input], *input));
        let name = rarest.map_or("", |input| table.inputs[input].name.as_str());
        name.split('.').next().unwrap_or_default().to_owned()
    };
    table.tests.iter().map(subject).collect()
}

/// Whether a test asks for the regime's own date, or for the reading: what most rules hang on beside their subject.
pub(super) fn is_context(table: &OwnedTable, test: &Test) -> bool {
    inputs(table, test).iter().all(|input| match &table.inputs[*input].domain {
        Domain::Date { lo, hi } => table.dates == Some((*lo, *hi)),
        Domain::Enum(id) => {
            let names = table.enums[id.index()].members.iter().map(|member| member.name.as_str());
            !table.readings.is_empty() && table.readings.iter().all(|reading| names.clone().any(|name| name == reading))
        }
        _ => false,
    })
}
