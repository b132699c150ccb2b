//! The strongest test of the house: it needs no expected output. For generated regimes and for the real ones the interpreter,
//! the decision diagram, the solver, the packed table and the emitted Rust say the same of every case.
//!
//! `LEXPORT_AGREE_REGIMES` and `LEXPORT_AGREE_CASES` set how many regimes are generated and how many cases are asked in all
//! (`make agree` asks a million of more than two hundred).

#[path = "agree/emitted.rs"]
mod emitted;
#[path = "agree/generate.rs"]
mod generate;

use emitted::Emitted;
use generate::Cases;
use lexport::diagram::{
    Answer, Costs, Diagram, Options, OwnedFused, OwnedTable, Specialise, build_table, decide_columns, fuse, prove_equal,
    runtime_value, set_words,
};
use lexport::driver::Compilation;
use lexport::eval::{self, Decided};
use lexport::ir::{Case, DecisionId, Domain, MemberSet, Outcome, OutcomeTest, Program, Ranges, TermId, Value};
use lexport::source::{DiskLoader, MemoryLoader};

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn generated(seed: u64) -> Program {
    let text = generate::small(seed);
    let loader = MemoryLoader { files: [("small.lxp".to_owned(), text.clone())].into() };
    let compilation = Compilation::load(&loader, "small.lxp");
    let Some(program) = compilation.program else { panic!("seed {seed} does not compile: {:#?}\n{text}", compilation.messages) };
    program
}

fn real(path: &str) -> Program {
    let compilation = Compilation::load(&DiskLoader, path);
    assert!(compilation.program.is_some(), "{path}: {:#?}", compilation.messages);
    compilation.program.expect("it compiled")
}

/// What the packed table says of a case: outcome, rules, and the number of both, of each decision of the first regime.
fn by_table(program: &Program, table: &OwnedTable, forms: &[OwnedFused; 2], case: &Case) -> Vec<(Outcome, Vec<String>, u32)> {
    let words: Vec<Vec<u64>> = case.values.iter().map(|value| value.as_ref().map_or_else(Vec::new, words_of)).collect();
    let packed = table.as_table();
    let values: Vec<lexport_runtime::Value<'_>> = table
        .inputs
        .iter()
        .map(|input| {
            let id = program.find_input(&input.name).expect("an input of the table is one of the program");
            let value = case.get(id).expect("complete");
            runtime_value(value, &words[id.index()])
        })
        .collect();
    let mut classes = vec![0; packed.tests.len()];
    packed.classify(&values, &mut classes).expect("the case is within the domains");
    let row = forms[0].row(&values).expect("all is known");
    (0..table.decisions.len() as u32)
        .map(|decision| {
            let by_classes = packed.decide(decision, &classes).expect("a good table").expect("nothing is unknown");
            let by_values = packed.look_up(decision, &values).expect("a good table").expect("nothing is unknown");
            assert_eq!(by_classes, by_values, "the two ways through the table");
            for fused in forms {
                assert_eq!(fused.as_fused().decide(decision, &row), Ok(by_classes), "its levels fused, in {row:?}");
                let columns: Vec<&[i64]> = row.chunks(1).collect();
                let (mut by_columns, mut scratch) = ([u32::MAX], [0]);
                let done = decide_columns(&fused.as_fused(), decision, &columns, &mut by_columns, &mut scratch);
                assert_eq!((done, by_columns), (Ok(()), [by_classes]), "column by column, in {row:?}");
                let done = fused.as_fused().decide_columns(decision, &columns, &mut by_columns, &mut scratch);
                assert_eq!((done, by_columns), (Ok(()), [by_classes]), "the same for the least of processors, in {row:?}");
            }
            let row = packed.outcomes[by_classes as usize];
            let outcome = table.outcome(row.answer, &table.decisions[decision as usize].domain);
            let rules = packed.rules(row).iter().map(|rule| table.rules[*rule as usize].name.clone()).collect();
            (outcome, rules, by_classes)
        })
        .collect()
}

/// All cases at once, so that the loops that take many rows in one instruction are met: each row says what it says alone.
fn by_columns(program: &Program, table: &OwnedTable, forms: &[OwnedFused; 2], cases: &[(Case, Vec<Decided>)]) {
    let ids: Vec<_> =
        table.inputs.iter().map(|input| program.find_input(&input.name).expect("an input of the program")).collect();
    let row = |case: &Case| {
        let sets: Vec<Vec<u64>> = case.values.iter().map(|value| value.as_ref().map_or_else(Vec::new, words_of)).collect();
        let values: Vec<_> = ids.iter().map(|id| runtime_value(case.get(*id).expect("complete"), &sets[id.index()])).collect();
        forms[0].row(&values).expect("all is known")
    };
    let rows: Vec<Vec<i64>> = cases.iter().map(|(case, _)| row(case)).collect();
    let Some(first) = rows.first() else { return };
    let columns: Vec<Vec<i64>> = (0..first.len()).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let columns: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
    for fused in forms.iter().map(OwnedFused::as_fused) {
        for decision in 0..table.decisions.len() as u32 {
            let alone: Vec<u32> = rows.iter().map(|row| fused.decide(decision, row).expect("a good row")).collect();
            let (mut together, mut scratch) = (vec![u32::MAX; rows.len()], vec![0; rows.len()]);
            assert_eq!(decide_columns(&fused, decision, &columns, &mut together, &mut scratch), Ok(()));
            assert_eq!(together, alone, "column by column, as fast as this processor can");
            together.fill(u32::MAX);
            assert_eq!(fused.decide_columns(decision, &columns, &mut together, &mut scratch), Ok(()));
            assert_eq!(together, alone, "column by column, for the least of processors");
        }
    }
}

fn words_of(value: &Value) -> Vec<u64> {
    if let Value::Set(set) = value { set_words(set) } else { Vec::new() }
}

/// The table with its levels fused: by steps alone, and with bit sets where decisions are some.
fn fused(table: &OwnedTable) -> [OwnedFused; 2] {
    let levels = fuse(table, &Costs::default()).expect("levels that can be fused");
    let steps = OwnedFused::pack(table, &levels).expect("levels that can be packed");
    [steps, OwnedFused::new(table, &Costs::default()).expect("a table that can be fused")]
}

fn own_decisions(program: &Program) -> Vec<DecisionId> {
    program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect()
}

/// Compares interpreter and table on cases; the first disagreement is told in full.
fn table_agrees(program: &Program, table: &OwnedTable, cases: &[(Case, Vec<Decided>)]) -> Result<(), String> {
    let fused = fused(table);
    by_columns(program, table, &fused, cases);
    for (case, decided) in cases {
        let answers = by_table(program, table, &fused, case);
        for id in own_decisions(program) {
            let name = &program.decision(id).name;
            let at = table.decisions.iter().position(|decision| decision.name == *name).ok_or("a decision is missing")?;
            let mut rules: Vec<String> =
                decided[id.index()].because.iter().map(|rule| program.rule(*rule).name.clone()).collect();
            let mut found = answers[at].1.clone();
            rules.sort();
            found.sort();
            if answers[at].0 != decided[id.index()].outcome || found != rules {
                return Err(format!("{name}: interpreter {:?}, table {:?} in {case:?}", decided[id.index()], answers[at]));
            }
        }
    }
    Ok(())
}

/// The test that exactly this outcome passes (a set: a member that tells it from most others).
fn test_of(program: &Program, id: DecisionId, outcome: &Outcome) -> Vec<(OutcomeTest, bool)> {
    let domain = &program.decision(id).domain;
    match (domain, outcome) {
        (_, Outcome::Gap) => vec![(OutcomeTest::Gap, true)],
        (_, Outcome::Conflict(_)) => vec![(OutcomeTest::Conflict, true)],
        (_, Outcome::Value(Value::Bool(value))) => vec![(OutcomeTest::Members(MemberSet::of(2, [u32::from(*value)])), true)],
        (Domain::Enum(of), Outcome::Value(Value::Member(member))) => {
            vec![(OutcomeTest::Members(MemberSet::of(program.enumeration(*of).size(), [*member])), true)]
        }
        (_, Outcome::Value(Value::Int(int))) => vec![(OutcomeTest::Within(Ranges::closed(*int, *int)), true)],
        (_, Outcome::Value(Value::Set(set))) => {
            (0..set.size()).map(|member| (OutcomeTest::Has(member), set.contains(member))).collect()
        }
        (_, outcome) => panic!("{outcome:?} of a decision that cannot have it"),
    }
}

/// A term that holds exactly in one of the cases whose outcomes are not as decided: so it must never hold.
fn some_case_differs(program: &mut Program, cases: &[(Case, Vec<Decided>)]) -> TermId {
    let decisions = own_decisions(program);
    let mut violations = Vec::new();
    for (case, decided) in cases {
        let expected: Vec<_> = decisions.iter().map(|id| (*id, test_of(program, *id, &decided[id.index()].outcome))).collect();
        let inputs: Vec<_> = program.input_ids().map(|input| (input, program.input(input).domain.clone())).collect();
        let sizes: Vec<u32> = program.enums.iter().map(|def| def.size()).collect();
        let mut builder = program.builder();
        let mut pins = Vec::new();
        for (input, domain) in inputs {
            let pin = match (case.get(input).expect("complete"), domain) {
                (Value::Bool(value), _) => {
                    let flag = builder.flag(input).expect("a flag");
                    if *value { flag } else { builder.not(flag) }
                }
                (Value::Member(member), Domain::Enum(of)) => {
                    builder.member(input, MemberSet::of(sizes[of.index()], [*member])).expect("a member")
                }
                (Value::Int(int), _) => builder.within(input, Ranges::closed(*int, *int)).expect("a number"),
                (Value::Set(set), _) => {
                    let bits: Vec<_> = (0..set.size())
                        .map(|member| {
                            let has = builder.has(input, member).expect("a set");
                            if set.contains(member) { has } else { builder.not(has) }
                        })
                        .collect();
                    builder.and(bits)
                }
                (value, domain) => panic!("{value:?} in {domain:?}"),
            };
            pins.push(pin);
        }
        let mut as_expected = Vec::new();
        for (id, tests) in expected {
            for (test, holds) in tests {
                let outcome = builder.outcome(id, test);
                as_expected.push(if holds { outcome } else { builder.not(outcome) });
            }
        }
        let all = builder.and(as_expected);
        let differs = builder.not(all);
        violations.push(builder.and(pins.into_iter().chain([differs])));
    }
    program.builder().or(violations)
}

fn diagram_agrees(program: &Program, cases: &[(Case, Vec<Decided>)]) -> Result<(), String> {
    let mut program = program.clone();
    let goal = some_case_differs(&mut program, cases);
    let options = Options::default();
    let mut diagram = Diagram::build(&program, &[goal], &options).map_err(|error| error.to_string())?;
    match diagram.exists(goal).map_err(|error| error.to_string())? {
        Answer::No => Ok(()),
        other => Err(format!("the diagram differs: {other:?}")),
    }
}

#[cfg(feature = "solver")]
fn solver_agrees(program: &Program, cases: &[(Case, Vec<Decided>)]) -> Result<(), String> {
    use lexport::smt::{Answer as Solved, Limits, Query, Session};
    let mut program = program.clone();
    let goal = some_case_differs(&mut program, cases);
    let mut session = Session::new(&program, Limits::default()).map_err(|error| error.to_string())?;
    match session.ask(&Query::never(goal)) {
        Solved::Holds => Ok(()),
        other => Err(format!("the solver differs: {other:?}")),
    }
}

#[cfg(not(feature = "solver"))]
fn solver_agrees(_: &Program, _: &[(Case, Vec<Decided>)]) -> Result<(), String> {
    Ok(())
}

fn cases(program: &Program, seed: u64, count: usize) -> Vec<(Case, Vec<Decided>)> {
    let mut source = Cases::of(program, seed);
    (0..count)
        .map(|_| {
            let case = source.next();
            let decided = eval::decide(program, &case).expect("the case is within the domains");
            (case, decided)
        })
        .collect()
}

fn table(program: &Program) -> OwnedTable {
    let table = build_table(program, &Specialise::default(), &Options::default()).expect("a table");
    prove_equal(program, &table, &Options::default()).expect("a table that is equal to its program");
    table.as_table().check().expect("a table that is well formed");
    table
}

/// Asks `count` cases of each program, in all readings; the solver and the diagram in batches, for as many of them as `pinned`.
fn agree(programs: &[Program], count: usize, pinned: usize) {
    let tables: Vec<OwnedTable> = programs.iter().map(table).collect();
    let emitted = Emitted::compile(&tables.iter().collect::<Vec<_>>());
    for (number, (program, table)) in programs.iter().zip(&tables).enumerate() {
        let mut asked = 0;
        let levels = fused(table);
        while asked < count {
            let batch = cases(program, (number as u64) << 32 | asked as u64, (count - asked).min(20_000));
            table_agrees(program, table, &batch).unwrap_or_else(|error| panic!("regime {number}: {error}"));
            let answers = emitted.ask(number, table, program, batch.iter().map(|(case, _)| case.clone()));
            for ((case, _), outcomes) in batch.iter().zip(answers) {
                let expected: Vec<u32> =
                    by_table(program, table, &levels, case).into_iter().map(|(_, _, outcome)| outcome).collect();
                assert_eq!(outcomes, expected, "regime {number}: emitted Rust and the table, in {case:?}");
            }
            if asked == 0 {
                for part in batch[..pinned.min(batch.len())].chunks(40) {
                    diagram_agrees(program, part).unwrap_or_else(|error| panic!("regime {number}: {error}"));
                    solver_agrees(program, part).unwrap_or_else(|error| panic!("regime {number}: {error}"));
                }
            }
            asked += batch.len();
        }
    }
}

#[test]
fn generated_regimes() {
    let regimes = setting("LEXPORT_AGREE_REGIMES", 40);
    let each = setting("LEXPORT_AGREE_CASES", 40_000) / 2 / regimes;
    let programs: Vec<Program> = (0..regimes as u64).map(generated).collect();
    agree(&programs, each, 40);
    println!("{regimes} generated regimes, {} cases, 0 disagreements; the solver and the diagram on 40 of each", each * regimes);
}

const REAL: [&str; 5] =
    ["policies/us-2022-10", "policies/us-2023-11", "policies/bilateral-2025", "policies/us-tariffs", "policies/cn-mofcom-61"];

#[test]
fn real_regimes() {
    let each = setting("LEXPORT_AGREE_CASES", 40_000) / (2 * REAL.len());
    // An amended one, one with many decisions, one with rates that vary and a sum, one with suspensions.
    let programs = REAL.map(real);
    agree(&programs, each, 400);
    let (count, cases) = (REAL.len(), each * REAL.len());
    println!("{count} real regimes, {cases} cases, 0 disagreements; the solver and the diagram on 400 of each");
}

/// The test can fail: with one threshold moved by one step in what the table or the question is made of, it is caught.
#[test]
fn a_moved_threshold_is_caught() {
    let program = real("policies/us-2022-10");
    let moved = {
        let text = serde_json::to_string(&program).expect("a program is serialisable");
        // 4800 TPP in steps of 0.01.
        let moved = text.replace("[480000,", "[480001,");
        assert_ne!(text, moved, "there is a threshold to move");
        serde_json::from_str::<Program>(&moved).expect("still a program")
    };
    let batch = cases(&program, 7, 4000);
    assert!(table_agrees(&program, &table(&program), &batch).is_ok());
    assert!(table_agrees(&program, &table(&moved), &batch).is_err(), "the table of the moved threshold");
    let differing: Vec<_> = batch
        .iter()
        .filter(|(case, decided)| eval::decide(&moved, case).expect("within the domains") != *decided)
        .cloned()
        .collect();
    assert!(!differing.is_empty(), "a boundary case tells them apart");
    let part = &differing[..1];
    assert!(diagram_agrees(&program, part).is_ok() && diagram_agrees(&moved, part).is_err());
    if cfg!(feature = "solver") {
        assert!(solver_agrees(&program, part).is_ok() && solver_agrees(&moved, part).is_err());
    }
}
