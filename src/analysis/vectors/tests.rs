//! What the vectors claim, held against every case of small programs: a mutant that any case tells from the program is told by a vector,
//! and what is called impossible is so. The mutants are made here, from the documentation, and not by what makes the obligations.

use std::collections::BTreeSet;

use super::*;
use crate::diagram::{Options as TableOptions, Specialise, build_table};
use crate::eval::{Eval, decide, same, sample};
use crate::ir::{Builder, Domain, Ranges, RuleId, Term, TermId};

fn found(program: &Program) -> Vectors {
    let table = build_table(program, &Specialise::default(), &TableOptions::default()).expect("a table");
    let methods = vec![std::sync::Arc::new(crate::analysis::method::Diagrams) as _];
    let options = Options { methods, ..Options::default() };
    let found = vectors(program, &table, &options).expect("numbers in range");
    assert_eq!(found.differs, None, "the table says what the interpreter says");
    found
}

/// A mutant, and for which obligation it stands.
struct Mutant {
    what: What,
    program: Program,
}

/// A term with each test of an input put through `change`.
fn changed(program: &mut Program, term: TermId, change: &dyn Fn(&mut Builder<'_>, TermId) -> Option<TermId>) -> TermId {
    let parts = |program: &mut Program, all: Vec<TermId>| -> Vec<TermId> {
        all.into_iter().map(|one| changed(program, one, change)).collect()
    };
    match program.pool.get(term).clone() {
        Term::Not(inner) => {
            let inner = changed(program, inner, change);
            program.builder().not(inner)
        }
        Term::And(all) => {
            let all = parts(program, all);
            program.builder().and(all)
        }
        Term::Or(all) => {
            let all = parts(program, all);
            program.builder().or(all)
        }
        _ => change(&mut program.builder(), term).unwrap_or(term),
    }
}

/// The program with a rule that applies when a term holds.
fn applying(program: &Program, rule: RuleId, applies: TermId) -> Program {
    let mut mutant = program.clone();
    mutant.rules[rule.index()].applies = applies;
    mutant
}

fn mutants(program: &Program) -> Vec<Mutant> {
    let mut all = Vec::new();
    for rule in program.rule_ids() {
        let declared = program.rule(rule).clone();
        // Without the rule.
        let mut base = program.clone();
        let never = base.builder().constant(false);
        let gone = applying(&base, rule, never);
        all.push(Mutant { what: What::Matters(rule), program: gone });
        // Without a side of its `or`: these programs have one `or` in a rule, at the top.
        for at in 0..declared.alternatives.len() {
            let mut base = program.clone();
            let rest: Vec<TermId> =
                (0..declared.alternatives.len()).filter(|one| *one != at).map(|one| declared.alternatives[one].applies).collect();
            let rest = base.builder().or(rest);
            all.push(Mutant { what: What::Alternative(rule, at), program: applying(&base, rule, rest) });
        }
        // Without an override.
        for by in &declared.overridden_by {
            let mut mutant = program.clone();
            mutant.rules[rule.index()].overridden_by.retain(|other| other != by);
            all.push(Mutant { what: What::Overridden(rule, *by), program: mutant });
        }
        // With a threshold one step off, number by number.
        for input in program.input_ids() {
            let Some((lo, hi)) = program.input(input).domain.bounds() else { continue };
            for edge in lo + 1..=hi {
                for below in [false, true] {
                    let to = if below { edge - 1 } else { edge + 1 };
                    let mut base = program.clone();
                    let applies = changed(&mut base, declared.applies, &|build, term| match build.pool.get(term).clone() {
                        Term::Within { of, ranges } if of == input => {
                            // Read as a list of ends, one of which is moved.
                            let pairs = ranges.pairs().iter().map(|(first, last)| {
                                let first = if *first == edge { to } else { *first };
                                let last = if last + 1 == edge { to - 1 } else { *last };
                                (first, last)
                            });
                            Some(build.within(of, Ranges::from_pairs(pairs)).expect("a number"))
                        }
                        _ => None,
                    });
                    if applies != declared.applies {
                        let what = What::Edge { rule, input, edge, below };
                        all.push(Mutant { what, program: applying(&base, rule, applies) });
                    }
                }
            }
        }
    }
    all
}

/// Whether a case tells a mutant from the program: some outcome is another.
fn tells(program: &Program, mutant: &Program, case: &Case) -> bool {
    let (here, there) = (decide(program, case).expect("complete"), decide(mutant, case).expect("complete"));
    here.iter().zip(&there).any(|(here, there)| !same(&here.outcome, &there.outcome))
}

#[test]
fn a_mutant_that_any_case_tells_is_told_by_a_vector() {
    let (mut killed, mut equivalent) = (0, 0);
    for seed in 0..24 {
        let program = sample::random(seed);
        let found = found(&program);
        let cases = sample::completions(&program, &Case::unknown(program.inputs.len()));
        for mutant in mutants(&program) {
            let by_vector = found.vectors.iter().any(|vector| tells(&program, &mutant.program, &vector.case));
            if by_vector {
                killed += 1;
                continue;
            }
            let by_any = cases.iter().find(|case| tells(&program, &mutant.program, case));
            assert_eq!(by_any, None, "seed {seed}: no vector tells {:?}", mutant.what);
            equivalent += 1;
        }
    }
    assert!(killed > 300 && equivalent > 200, "{killed} killed, {equivalent} that no case tells");
}

#[test]
fn what_is_said_of_an_obligation_is_so_in_every_case() {
    let (mut impossible, mut weaker) = (0, 0);
    for seed in 100..116 {
        let program = sample::random(seed);
        let found = found(&program);
        let cases = sample::completions(&program, &Case::unknown(program.inputs.len()));
        for one in &found.obligations {
            let rules = |case: &Case| -> Option<bool> {
                let mut eval = Eval::new(&program, case).expect("complete");
                Some(match one.what {
                    What::Carries(rule, _) => eval.effective(rule),
                    What::Matters(rule) => eval.applies(rule),
                    What::Alternative(rule, at) => eval.holds(program.rule(rule).alternatives[at].applies),
                    What::Overridden(rule, by) => eval.applies(rule) && eval.effective(by),
                    What::Gap(id) | What::Default(id) => program.decision(id).rules.iter().all(|rule| !eval.effective(*rule)),
                    What::Conflict(id) => matches!(eval.decide(id).outcome, crate::ir::Outcome::Conflict(_)),
                    _ => return None,
                })
            };
            let so = |case: &Case| rules(case) == Some(true);
            match &one.met {
                Met::Covered { .. } => {
                    for at in &one.vectors {
                        assert!(rules(&found.vectors[*at].case) != Some(false), "seed {seed}: {:?} is not shown", one.what);
                    }
                    assert!(!one.vectors.is_empty());
                }
                Met::Impossible(_) => {
                    assert_eq!(cases.iter().find(|case| so(case)), None, "seed {seed}: {:?} is possible", one.what);
                    impossible += 1;
                }
                Met::NotFound(why) => assert!(!cases.iter().any(so), "seed {seed}: {:?} was not found: {why}", one.what),
            }
            // That a rule carries a decision and changes it nowhere.
            if let (What::Carries(rule, decision), Met::Covered { strength: Strength::Carries, most: true, .. }) =
                (one.what, &one.met)
            {
                weaker += 1;
                let decides = |case: &&Case| {
                    let mut eval = Eval::new(&program, case).expect("complete");
                    let with = eval.decide(decision).clone();
                    with.because.contains(&rule) && !same(&with.outcome, &eval.decide_without(decision, rule).outcome)
                };
                assert_eq!(cases.iter().find(decides), None, "seed {seed}: {:?} decides somewhere", one.what);
            }
        }
    }
    assert!(impossible > 20 && weaker > 3, "{impossible} impossible, {weaker} that only carry");
}

#[test]
fn no_vector_can_be_left_out_and_the_threads_do_not_matter() {
    for seed in 200..208 {
        let program = sample::random(seed);
        let found = found(&program);
        let mut alone = BTreeSet::new();
        for one in &found.obligations {
            if let [only] = one.vectors.as_slice() {
                alone.insert(*only);
            }
        }
        assert_eq!(alone.len(), found.vectors.len(), "seed {seed}: each shows something that no other shows");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        assert_eq!(pool.install(|| self::found(&program)), found, "seed {seed}");
    }
}

#[test]
fn what_matters_settles_everything() {
    for seed in 300..306 {
        let program = sample::random(seed);
        for vector in found(&program).vectors {
            let mut known = Case::unknown(program.inputs.len());
            for input in &vector.matter {
                known.set(*input, vector.case.get(*input).expect("known").clone());
            }
            for case in sample::completions(&program, &known) {
                assert_eq!(decide(&program, &case).expect("complete"), vector.decided, "seed {seed}");
            }
        }
    }
}

#[test]
fn both_sides_of_a_density_are_shown_to_the_last_step() {
    let mut small = sample::Small::new();
    let need = small.levels("need", crate::ir::Combine::Strictest, Some(0));
    // 2·tpp >= 3·area: at tpp 3, area 2 exactly; just below nothing is nearer than one less.
    let sum = [(sample::TPP, 2), (sample::AREA, -3)].into_iter().fold(crate::ir::Poly::constant(0), |sum, (input, times)| {
        let one = crate::ir::Poly::input(input).times_constant(times).expect("small");
        sum.plus(&one).expect("small")
    });
    let dense = small.build().at_least_zero(sum).expect("numbers");
    small.rule("dense", dense, &[(need, crate::ir::Value::Member(2))]);
    let found = found(&small.program);
    let sums: Vec<&Obligation> = found.obligations.iter().filter(|one| matches!(one.what, What::Sum { .. })).collect();
    assert_eq!(sums.len(), 2);
    for one in sums {
        let decisive = Met::Covered { strength: Strength::Decides, exact: true, most: true };
        assert_eq!(one.met, decisive, "{:?}", one.what);
        let What::Sum { below, .. } = one.what else { continue };
        let at = |vector: &usize| {
            let case = &found.vectors[*vector].case;
            2 * case.int(sample::TPP).expect("known") - 3 * case.int(sample::AREA).expect("known")
        };
        assert!(one.vectors.iter().all(|vector| at(vector) == if below { -1 } else { 0 }));
    }
    let inputs = small.program.inputs.iter().filter(|input| matches!(input.domain, Domain::Number(_))).count();
    assert_eq!(inputs, 2);
}
