//! Diagrams and tables against the plain meaning, on random programs, case by case.

use std::collections::BTreeMap;

use lexport_runtime::{Answer as Packed, HEAD, LEAF, TableError};
use num_bigint::BigUint;
use proptest::prelude::*;

use super::testing::{Dice, Plain, all_cases, plain, random_program, random_term};
use super::*;
use crate::ir::{Case, Domain, InputId, Outcome, RuleId, Term, TermId, Value};

fn question(program: &mut crate::ir::Program, seed: u64) -> TermId {
    let inputs = program.inputs.clone();
    let decisions: Vec<_> = program.decision_ids().collect();
    let rules = program.rules.len() as u32;
    random_term(&mut Dice::new(seed.wrapping_mul(77)), &mut program.builder(), &inputs, 2, &decisions, rules)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn questions_are_answered_as_by_hand(seed in any::<u64>()) {
        let mut program = random_program(seed);
        let goal = question(&mut program, seed);
        let cases = all_cases(&program);
        let holding = cases.iter().filter(|case| plain(&program, case).term(goal)).count();
        let mut diagram = Diagram::build(&program, &[goal], &Options::default()).unwrap();
        prop_assert_eq!(diagram.total(), BigUint::from(cases.len()));
        prop_assert_eq!(diagram.count(goal).unwrap(), Some(BigUint::from(holding)));
        match diagram.exists(goal).unwrap() {
            Answer::No => prop_assert_eq!(holding, 0),
            Answer::Yes(case) => prop_assert!(case.is_complete() && plain(&program, &case).term(goal)),
            Answer::Unknown(why) => prop_assert!(false, "{}", why),
        }
    }

    #[test]
    fn regions_are_a_partition(seed in any::<u64>()) {
        let mut program = random_program(seed);
        let care = question(&mut program, seed);
        let rules: Vec<RuleId> = program.rule_ids().collect();
        let mut by_hand: BTreeMap<Vec<RuleId>, u32> = BTreeMap::new();
        for case in all_cases(&program) {
            let plain = plain(&program, &case);
            if plain.term(care) {
                *by_hand.entry(rules.iter().copied().filter(|rule| plain.applies(*rule)).collect()).or_default() += 1;
            }
        }
        let roots: Vec<TermId> = program.rules.iter().map(|rule| rule.applies).chain([care]).collect();
        let mut diagram = Diagram::build(&program, &roots, &Options::default()).unwrap();
        let regions = diagram.applies_partition(&rules, care).unwrap();
        for region in &regions {
            let Answer::Yes(case) = &region.witness else { panic!("{region:?}") };
            let plain = plain(&program, case);
            prop_assert!(plain.term(care) && rules.iter().all(|rule| plain.applies(*rule) == region.applying.contains(rule)));
        }
        let counted: BTreeMap<_, _> = regions.into_iter().map(|region| (region.applying, region.count)).collect();
        let by_hand: BTreeMap<_, _> = by_hand.into_iter().map(|(rules, n)| (rules, Some(BigUint::from(n)))).collect();
        prop_assert_eq!(counted, by_hand);
    }

    #[test]
    fn pairs_are_found_as_by_hand(seed in any::<u64>(), which in 0u32..6) {
        let mut program = random_program(seed);
        let input = InputId(which);
        prop_assume!(!matches!(program.input(input).domain, Domain::Set(_)));
        let (one, two) = (question(&mut program, seed), question(&mut program, seed ^ 1));
        let mut build = program.builder();
        let (second, not) = (build.second(two), build.not(two));
        let goal = build.and([one, second, not]);
        let cases = all_cases(&program);
        let rank = |case: &Case| match case.get(input) {
            Some(Value::Int(int)) => *int,
            Some(Value::Member(member)) => (*member).into(),
            Some(Value::Bool(value)) => (*value).into(),
            _ => 0,
        };
        let holds = |a: &Case, b: &Case| Plain { program: &program, cases: [a, b], without: vec![] }.term(goal);
        let options = Options { pair: Some(input), ..Options::default() };
        let mut diagram = Diagram::build(&program, &[goal], &options).unwrap();
        match diagram.exists_pair(goal).unwrap() {
            Answer::Yes((a, b)) => {
                let mut other = a.clone();
                other.values[input.index()] = b.values[input.index()].clone();
                prop_assert!(other == b && rank(&a) < rank(&b) && holds(&a, &b), "{:?} {:?}", a, b);
            }
            Answer::No => {
                let mut values: Vec<_> = cases.iter().map(|case| case.values[input.index()].clone()).collect();
                values.sort();
                values.dedup();
                for a in cases.iter().filter(|a| plain(&program, a).term(one)) {
                    for value in &values {
                        let mut b = a.clone();
                        b.values[input.index()] = value.clone();
                        prop_assert!(rank(a) >= rank(&b) || !holds(a, &b), "{:?} {:?}", a, b);
                    }
                }
            },
            Answer::Unknown(why) => prop_assert!(false, "{}", why),
        }
    }

    #[test]
    fn tables_decide_as_by_hand(seed in any::<u64>()) {
        let program = random_program(seed);
        let table = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
        prop_assert_eq!(prove_equal(&program, &table, &Options::default()), Ok(()));
        let packed = table.as_table();
        for case in all_cases(&program) {
            let plain = plain(&program, &case);
            with_values(&case, |values| {
                let mut classes = vec![0; packed.classes_len()];
                packed.classify(values, &mut classes).unwrap();
                for decision in program.decision_ids() {
                    let outcome = packed.decide(decision.0, &classes).unwrap().unwrap();
                    assert_eq!(packed.look_up(decision.0, values), Ok(Some(outcome)));
                    let row = packed.outcomes[outcome as usize];
                    let rules: Vec<RuleId> = packed.rules(row).iter().map(|rule| RuleId(*rule)).collect();
                    let answer = table.outcome(row.answer, &program.decision(decision).domain);
                    assert_eq!((answer, rules), plain.outcome(decision));
                }
            });
        }
    }

    #[test]
    fn unknown_inputs_leave_what_is_possible(seed in any::<u64>()) {
        let program = random_program(seed);
        let table = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
        let packed = table.as_table();
        let dice = &mut Dice::new(seed ^ 5);
        let cases = all_cases(&program);
        let mut partial = cases[dice.roll(cases.len() as u64) as usize].clone();
        for value in &mut partial.values {
            if dice.roll(2) == 0 { *value = None }
        }
        let fits = |case: &&Case| case.values.iter().zip(&partial.values).all(|(a, b)| b.is_none() || a == b);
        let mut classes = vec![0; packed.classes_len()];
        let mut marks = vec![0; packed.marks_len()];
        for decision in program.decision_ids() {
            let mut by_hand: Vec<(Outcome, Vec<RuleId>)> =
                cases.iter().filter(fits).map(|case| plain(&program, case).outcome(decision)).collect();
            by_hand.sort();
            by_hand.dedup();
            let (open, settled) = with_values(&partial, |values| {
                packed.classify(values, &mut classes).unwrap();
                (packed.open(decision.0, values, &classes, &mut marks).unwrap(), packed.decide(decision.0, &classes).unwrap())
            });
            let mut possible: Vec<(Outcome, Vec<RuleId>)> = (0..packed.outcomes.len())
                .filter(|bit| marks[bit / 64] >> (bit % 64) & 1 == 1)
                .map(|bit| {
                    let row = packed.outcomes[bit];
                    let rules = packed.rules(row).iter().map(|rule| RuleId(*rule)).collect();
                    (table.outcome(row.answer, &program.decision(decision).domain), rules)
                })
                .collect();
            possible.sort();
            prop_assert_eq!(possible.len(), open.possible as usize);
            prop_assert!(by_hand.iter().all(|outcome| possible.contains(outcome)));
            prop_assert!(!open.exact || by_hand == possible);
            prop_assert_eq!(settled.is_none(), open.ask.is_some());
            if let Some(ask) = open.ask {
                prop_assert!(partial.values[ask as usize].is_none());
            }
        }
    }

    #[test]
    fn a_specialised_table_is_good_for_its_cases_only(seed in any::<u64>()) {
        let program = random_program(seed);
        let only = Specialise { reading: Some(1), dates: Some((101, 102)) };
        let table = build_table(&program, &only, &Options::default()).unwrap();
        prop_assert_eq!(prove_equal(&program, &table, &Options::default()), Ok(()));
        prop_assert_eq!((&table.readings[..], table.dates), (&["R1".to_owned()][..], Some((101, 102))));
        let packed = table.as_table();
        for case in all_cases(&program) {
            let inside = case.get(InputId(0)) == Some(&Value::Member(1)) && matches!(case.int(InputId(1)), Some(101..=102));
            with_values(&case, |values| {
                let mut classes = vec![0; packed.classes_len()];
                let classified = packed.classify(values, &mut classes);
                assert_eq!(classified.is_ok(), inside);
                for decision in program.decision_ids().filter(|_| inside) {
                    let row = packed.outcomes[packed.look_up(decision.0, values).unwrap().unwrap() as usize];
                    let answer = table.outcome(row.answer, &program.decision(decision).domain);
                    assert_eq!(answer, plain(&program, &case).outcome(decision).0);
                }
                if case.get(InputId(0)) == Some(&Value::Member(0)) {
                    assert_eq!(packed.look_up(0, values), Err(TableError::Input(0)));
                }
            });
        }
    }

    #[test]
    fn a_damaged_table_is_refused_or_harmless(seed in any::<u64>(), at in any::<usize>(), word in any::<u32>()) {
        let program = random_program(seed);
        let good = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
        let mut table = good.clone();
        match at % 4 {
            0 if !table.nodes.is_empty() => { let n = table.nodes.len(); table.nodes[at / 4 % n] ^= 1 << (word % 32) }
            1 if !table.maps.is_empty() => { let n = table.maps.len(); table.maps[at / 4 % n] ^= 1 << (word % 3) }
            2 if !table.thresholds.is_empty() => { let n = table.thresholds.len(); table.thresholds[at / 4 % n] += 1 }
            _ if !table.roots.is_empty() => { let n = table.roots.len(); table.roots[at / 4 % n] ^= word % 8 }
            _ => {}
        }
        // Whatever was done: no panic and no endless walk; and what passes for equal is equal.
        let proved = prove_equal(&program, &table, &Options::default()).is_ok();
        for case in all_cases(&program).iter().step_by(7) {
            with_values(case, |values| {
                let mut classes = vec![0; table.tests.len()];
                let mut marks = vec![0; table.as_table().marks_len()];
                let _ = table.as_table().classify(values, &mut classes);
                for decision in 0..table.roots.len() as u32 {
                    let _ = table.as_table().open(decision, values, &classes, &mut marks);
                    let got = table.as_table().look_up(decision, values);
                    if proved {
                        assert_eq!(got.map(|row| said(&table, row)), good.as_table().look_up(decision, values).map(|row| said(&good, row)));
                    }
                }
            });
        }
    }
}

/// The random damage rarely meets a gap; here every leaf is made to name every other answer, also those of other types.
#[test]
fn a_leaf_that_names_another_answer_is_refused_or_harmless() {
    for seed in (0..12).chain([3_806_727_732_219_721_856]) {
        let program = random_program(seed);
        let good = build_table(&program, &Specialise::default(), &Options::default()).unwrap();
        let leaves = (0..good.nodes.len()).filter(|word| good.nodes[*word] & HEAD == LEAF);
        for (word, row) in leaves.flat_map(|word| (0..good.outcomes.len() as u32).map(move |row| (word, row))) {
            let mut table = good.clone();
            table.nodes[word] = LEAF | row;
            if prove_equal(&program, &table, &Options::default()).is_err() {
                continue;
            }
            for case in all_cases(&program) {
                with_values(&case, |values| {
                    for decision in 0..table.roots.len() as u32 {
                        let (was, is) = (good.as_table().look_up(decision, values), table.as_table().look_up(decision, values));
                        assert_eq!(was.map(|row| said(&good, row)), is.map(|row| said(&table, row)), "{seed} {word} {row}");
                    }
                });
            }
        }
    }
}

/// What the runtime says by a row, as the words stand: nothing that is read by a type, which a damaged table may belie.
fn said(table: &OwnedTable, row: Option<u32>) -> Option<(String, Vec<u32>)> {
    let packed = table.as_table();
    let row = packed.outcomes[row? as usize];
    let one = |answer: Packed| match answer {
        Packed::Set(span) => format!("{:?}", packed.set_words(span)),
        plain => format!("{plain:?}"),
    };
    let answer = match row.answer {
        Packed::Conflict(span) => packed.conflict_values(span).iter().map(|answer| one(*answer)).collect(),
        plain => one(plain),
    };
    Some((answer, packed.rules(row).to_vec()))
}

pub(crate) fn with_values<T>(case: &Case, run: impl FnOnce(&[lexport_runtime::Value<'_>]) -> T) -> T {
    let words: Vec<Vec<u64>> =
        case.values.iter().map(|v| if let Some(Value::Set(set)) = v { set_words(set) } else { vec![] }).collect();
    let values: Vec<_> = case
        .values
        .iter()
        .zip(&words)
        .map(|(v, words)| v.as_ref().map_or(lexport_runtime::Value::Unknown, |v| runtime_value(v, words)))
        .collect();
    run(&values)
}

#[test]
fn limits_are_errors_and_the_same_each_time() {
    let program = random_program(3);
    let roots: Vec<TermId> = program.rules.iter().map(|rule| rule.applies).collect();
    let options = Options { node_limit: 5, ..Options::default() };
    let ask = || {
        let mut diagram = Diagram::build(&program, &roots, &options).unwrap();
        program.decision_ids().map(|decision| diagram.carried(decision)).collect::<Vec<_>>()
    };
    assert_eq!(ask(), ask());
    assert!(ask().contains(&Err(DiagramError::Nodes(5))));
}

#[test]
fn what_was_not_foreseen_is_refused() {
    let mut program = random_program(3);
    let date = program.builder().within(InputId(1), crate::ir::Ranges::closed(101, 101)).unwrap();
    let always = program.builder().constant(true);
    let mut diagram = Diagram::build(&program, &[always], &Options::default()).unwrap();
    assert_eq!(diagram.exists(date), Err(DiagramError::NotCovered(date)));
    assert!(matches!(program.pool.get(date), Term::Within { .. }));
}
