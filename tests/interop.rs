//! Emitted tables in the tools that they are for: each answers the check vectors and many random cases as the runtime does, decision by
//! decision and rule by rule.
//!
//! `make test` runs what needs no more than Rust, Python 3 and a C compiler, on a few thousand cases. `make interop` installs the other
//! consumers, asks 100,000 cases of each, and prints what agreed with what; a consumer that is absent is told as skipped, never
//! counted. `LEXPORT_INTEROP=1` asks for all consumers, `LEXPORT_INTEROP_CASES` sets the number of random cases.

#[path = "interop/agreement.rs"]
mod agreement;
#[path = "interop/c.rs"]
mod c;
#[path = "interop/consumer.rs"]
mod consumer;
#[path = "interop/csv.rs"]
mod csv;
#[path = "interop/datafusion.rs"]
mod datafusion;
#[path = "interop/dmn.rs"]
mod dmn;
#[path = "agree/numbers.rs"]
mod numbers;
#[path = "interop/python.rs"]
mod python;
#[path = "interop/readers.rs"]
mod readers;
#[path = "interop/rust.rs"]
mod rust;
#[path = "interop/sql.rs"]
mod sql;
#[path = "interop/subject.rs"]
mod subject;
#[path = "interop/wasm.rs"]
mod wasm;
#[path = "interop/xlsx.rs"]
mod xlsx;

use subject::subjects;

/// The cases are worth asking: they come to most outcomes of every table, and unknown inputs leave some of them open.
#[test]
fn cases_reach_the_outcomes() {
    for subject in subjects() {
        let cases = subject.cases(5_000);
        let mut reached: Vec<u32> = cases.iter().flat_map(|case| case.outcomes.iter().copied()).collect();
        reached.sort_unstable();
        reached.dedup();
        let all = subject.table.outcomes.len();
        assert!(reached.len() * 10 >= all * 9, "{}: {} of {all} outcomes", subject.name, reached.len());
        let open = subject.open_cases(500);
        assert!(open.iter().flat_map(|case| &case.answers).any(|answer| answer.possible.len() > 1), "{}", subject.name);
        assert!(open.iter().flat_map(|case| &case.answers).any(|answer| answer.possible.len() == 1), "{}", subject.name);
    }
}

/// Outcomes are told in words as case files write them: a conflict by its values, a gap as one.
#[test]
fn outcomes_are_told_in_words() {
    let subject = subjects().iter().find(|subject| subject.name == "everything").expect("a subject");
    let said: std::collections::BTreeSet<String> = subject
        .cases(2_000)
        .iter()
        .flat_map(|case| case.outcomes.iter().enumerate().map(|(decision, outcome)| subject.answer_text(decision, *outcome)))
        .collect();
    for answer in ["(conflict: -2, 12.5)", "(gap)", "{NAC, LPP, lambda}", "3A090.a", "true", "12.5"] {
        assert!(said.contains(answer), "{answer} in {said:?}");
    }
    let rules: Vec<&str> = (0..subject.table.outcomes.len() as u32).flat_map(|outcome| subject.rules(outcome)).collect();
    assert!(rules.contains(&"owing") && rules.contains(&"later"));
}
