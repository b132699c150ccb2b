//! The order held against plain counting: every combination of classes, every input left out, asked of the runtime.

use lexport_runtime::{NONE, Value};
use num_bigint::BigUint;
use proptest::prelude::*;

use super::super::residual::{Leaves, Residual, read_by};
use super::super::testing::random_program;
use super::super::{DiagramError, Options, OwnedTable, Specialise, TableBuildError, build_table};
use super::{influence, most_telling_first};

fn table(seed: u64) -> OwnedTable {
    build_table(&random_program(seed), &Specialise::default(), &Options::default()).unwrap()
}

/// The answers that the runtime holds possible with these classes, told apart by how they are written.
fn possible(table: &OwnedTable, decision: u32, classes: &[u32]) -> Vec<String> {
    let packed = table.as_table();
    let values = vec![Value::Unknown; table.inputs.len()];
    let mut marks = vec![0; packed.marks_len()];
    packed.open(decision, &values, classes, &mut marks).unwrap();
    let domain = &table.decisions[decision as usize].domain;
    let mut all: Vec<String> = (0..table.outcomes.len())
        .filter(|outcome| marks[outcome / 64] >> (outcome % 64) & 1 == 1)
        .map(|outcome| format!("{:?}", table.outcome(table.outcomes[outcome].answer, domain)))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Every combination of classes of some tests; the others have none.
fn combinations(table: &OwnedTable, tests: &[u32]) -> Option<Vec<Vec<u32>>> {
    let mut all = vec![vec![NONE; table.tests.len()]];
    for test in tests {
        let count = super::classes(table.tests[*test as usize]);
        if all.len() * count as usize > 6_000 {
            return None;
        }
        let with = |row: &Vec<u32>, class: u32| {
            let mut row = row.clone();
            row[*test as usize] = class;
            row
        };
        all = all.iter().flat_map(|row| (0..count).map(move |class| with(row, class))).collect();
    }
    Some(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn influence_is_what_counting_gives(seed in any::<u64>()) {
        let table = table(seed);
        let unknown = vec![Value::Unknown; table.inputs.len()];
        for decision in 0..table.decisions.len() as u32 {
            let tests = Residual::new(&table, decision, &unknown, Leaves::Answers).unwrap().tests();
            let Some(rows) = combinations(&table, &tests) else { continue };
            let mut counted = Vec::new();
            for input in 0..table.inputs.len() as u32 {
                let open = |row: &&Vec<u32>| {
                    let mut row = (*row).clone();
                    (0..).zip(&mut row).filter(|(test, _)| read_by(&table, *test).contains(&input)).for_each(|(_, class)| *class = NONE);
                    possible(&table, decision, &row).len() > 1
                };
                counted.push(BigUint::from(rows.iter().filter(open).count()));
            }
            let found = influence(&table, decision, usize::MAX).unwrap();
            for (input, telling) in &found {
                prop_assert_eq!(telling, &counted[*input as usize], "decision {}, input {}", decision, input);
            }
            // What is not in the order makes no difference in any combination, and what is makes one in some.
            let order = most_telling_first(&table, decision, usize::MAX).unwrap();
            prop_assert_eq!(&order, &table.decisions[decision as usize].ask);
            for input in 0..table.inputs.len() as u32 {
                prop_assert_eq!(order.contains(&input), counted[input as usize] > BigUint::from(0u32));
            }
            let falls = |pair: &[u32]| {
                let [one, next] = [pair[0], pair[1]].map(|input| &counted[input as usize]);
                one > next || (one == next && pair[0] < pair[1])
            };
            prop_assert!(order.windows(2).all(falls));
        }
    }
}

/// By hand: of the eight cases of `a and (b or c)`, `a` makes a difference in the six in which `b or c` holds, `b` in the two with `a` and without
/// `c`, and `c` in the two with `a` and without `b`.
#[test]
fn what_every_way_needs_is_asked_first() {
    use crate::diagram::testing::{add_decision, add_rule, empty_program};
    use crate::ir::{Combine, Domain, InputId, Value};
    let inputs = ["b", "c", "a"].map(|name| (name, Domain::Bool));
    let mut program = empty_program(Vec::new(), inputs.to_vec());
    let decision = add_decision(&mut program, "licence", Domain::Bool, Combine::ExactlyOne, Some(Value::Bool(false)));
    let mut build = program.builder();
    let [b, c, a] = [0, 1, 2].map(|input| build.flag(InputId(input)).unwrap());
    let either = build.or([b, c]);
    let when = build.and([a, either]);
    add_rule(&mut program, "r", when, Some((decision, Value::Bool(true))), Vec::new());
    let table = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
    assert_eq!(table.decisions[0].ask, [2, 0, 1]);
    let counts: Vec<(u32, u32)> = vec![(0, 2), (1, 2), (2, 6)];
    let counts: Vec<(u32, BigUint)> = counts.into_iter().map(|(input, count)| (input, BigUint::from(count))).collect();
    assert_eq!(influence(&table, 0, usize::MAX).unwrap(), counts);
    assert_eq!(most_telling_first(&table, 0, 1), Err(TableBuildError::Diagram(DiagramError::Nodes(1))));
}
