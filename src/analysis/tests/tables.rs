//! A table against the other methods: an honest one is never refused, and one that lies is.

use lexport_runtime::Answer;

use super::*;
use crate::analysis::{Tabled, tabled};
use crate::diagram::{Options as Limits, OwnedTable, Specialise, build_table};

fn table(program: &Program, only: &Specialise) -> OwnedTable {
    build_table(program, only, &Limits::default()).expect("a table")
}

#[test]
fn honest_tables_are_equal() {
    for seed in 0..20 {
        let program = random(seed);
        for only in [Specialise::default(), Specialise { reading: None, dates: Some((1, 1)) }] {
            let said = tabled(&program, &table(&program, &only), &Options::default());
            assert!(matches!(said, Tabled::Equal(_)), "seed {seed}: {said:?}");
        }
    }
}

#[test]
fn tables_that_lie_are_caught() {
    let (mut caught, mut lies) = (0, 0);
    for seed in 0..20 {
        let program = random(seed);
        let good = table(&program, &Specialise::default());
        let mut liars: Vec<OwnedTable> = Vec::new();
        for at in 0..good.nodes.len() {
            // Another outcome at one leaf.
            let (leaf, next) = (good.nodes[at], good.nodes[at] ^ 1);
            if leaf >> 30 == 2 && (next & 0x3fff_ffff) < good.outcomes.len() as u32 {
                let mut liar = good.clone();
                liar.nodes[at] = next;
                liars.push(liar);
            }
        }
        for at in 0..good.outcomes.len() {
            let mut liar = good.clone();
            match liar.outcomes[at].answer {
                Answer::Int(k) => liar.outcomes[at].answer = Answer::Int(k + 1),
                Answer::Member(member) => liar.outcomes[at].answer = Answer::Member((member + 1) % 3),
                Answer::Gap => liar.outcomes[at].answer = Answer::Member(0),
                _ => continue,
            }
            liars.push(liar);
        }
        for at in 0..good.carriers.len() {
            let mut liar = good.clone();
            liar.carriers[at] = (liar.carriers[at] + 1) % program.rules.len() as u32;
            liars.push(liar);
        }
        for at in 0..good.thresholds.len() {
            let mut liar = good.clone();
            liar.thresholds[at] += 1;
            liars.push(liar);
        }
        let step = liars.len().div_ceil(12).max(1);
        for liar in liars.into_iter().step_by(step) {
            if liar.as_table().check().is_err() {
                continue;
            }
            // What is no lie: an outcome that no decision reaches, a threshold beyond which nothing changes.
            let truth = completions(&program, &Case::unknown(program.inputs.len()))
                .iter()
                .all(|case| same_answers(&program, &good, &liar, case));
            let said = tabled(&program, &liar, &Options::default());
            if truth {
                assert!(matches!(said, Tabled::Equal(_)), "seed {seed}: {said:?}");
            } else {
                lies += 1;
                caught += usize::from(matches!(said, Tabled::Differs(..)));
            }
        }
    }
    assert!(lies > 80, "{lies}");
    assert_eq!(caught, lies);
}

/// Whether two tables give the same answers, carried by the same rules, in a case.
fn same_answers(program: &Program, a: &OwnedTable, b: &OwnedTable, case: &Case) -> bool {
    let sets: Vec<Vec<u64>> = case
        .values
        .iter()
        .map(|value| if let Some(Value::Set(set)) = value { crate::diagram::set_words(set) } else { Vec::new() })
        .collect();
    let values: Vec<_> = case
        .values
        .iter()
        .zip(&sets)
        .map(|(value, words)| crate::diagram::runtime_value(value.as_ref().expect("known"), words))
        .collect();
    let said = |table: &OwnedTable, decision: DecisionId| {
        let number = table.as_table().look_up(decision.0, &values).expect("an answer").expect("settled");
        let row = table.outcomes[number as usize];
        let mut rules = table.as_table().rules(row).to_vec();
        rules.sort_unstable();
        let outcome = table.outcome(row.answer, &program.decision(decision).domain);
        // Of a conflict Z3 is asked that it is one, and who carries it.
        (if let Outcome::Conflict(_) = outcome { Outcome::Conflict(Vec::new()) } else { outcome }, rules)
    };
    program.decision_ids().all(|decision| said(a, decision) == said(b, decision))
}
