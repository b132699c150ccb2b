//! Interviews about random regimes, driven by whole cases, against the plainest evaluator there is: every case that fits what was said is looked at.

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;

use super::*;
use crate::diagram::testing::{Dice, all_cases, plain, random_program};
use crate::diagram::{Options, Specialise, build_table};
use crate::ir::{Case, DecisionId, Outcome, Program, RuleId};

/// As many cases of one regime are looked at, at the most.
const MOST: usize = 5_000;

/// A regime with the outcome of every decision in every case.
struct Known {
    program: Program,
    cases: Vec<Case>,
    /// By case, by decision.
    truth: Vec<Vec<(Outcome, Vec<RuleId>)>>,
}

impl Known {
    fn new(seed: u64, keep: impl Fn(&Case) -> bool) -> Option<Known> {
        let program = random_program(seed);
        let mut cases = all_cases(&program);
        cases.retain(keep);
        if cases.len() > MOST {
            return None;
        }
        let truth =
            cases.iter().map(|case| program.decision_ids().map(|id| plain(&program, case).outcome(id)).collect()).collect();
        Some(Known { program, cases, truth })
    }

    /// The cases that fit what was said.
    fn fitting(&self, interview: &Interview<'_>) -> Vec<usize> {
        let fits = |case: &Case| {
            (0..interview.schema.inputs.len() as u32).all(|input| match interview.said(input) {
                Some(Said::Known(value)) => case.get(InputId(input)) == Some(value),
                _ => true,
            })
        };
        (0..self.cases.len()).filter(|at| fits(&self.cases[*at])).collect()
    }

    fn answers(&self, fitting: &[usize], decision: u32) -> BTreeSet<String> {
        fitting.iter().map(|at| format!("{:?}", self.truth[*at][decision as usize].0)).collect()
    }

    /// Whether two of these cases that differ in this input alone have different answers.
    fn tells(&self, fitting: &[usize], input: u32, decision: u32) -> bool {
        let mut seen: HashMap<Case, &Outcome> = HashMap::new();
        fitting.iter().any(|at| {
            let mut rest = self.cases[*at].clone();
            rest.values[input as usize] = None;
            let outcome = &self.truth[*at][decision as usize].0;
            *seen.entry(rest).or_insert(outcome) != outcome
        })
    }
}

fn shown(interview: &Interview<'_>, decision: u32, outcomes: &[u32]) -> BTreeSet<String> {
    let domain = &interview.schema.decision(DecisionId(decision)).domain;
    let outcome = |of: &u32| format!("{:?}", interview.table.outcome(interview.table.outcomes[*of as usize].answer, domain));
    outcomes.iter().map(outcome).collect()
}

/// What must hold of a question, or of its absence.
fn hold(known: &Known, interview: &Interview<'_>, question: Option<&Question>) -> Result<(), TestCaseError> {
    let fitting = known.fitting(interview);
    for decision in 0..interview.schema.decisions.len() as u32 {
        let standing = interview.standing(decision).unwrap();
        let (said, true_ones) = (shown(interview, decision, &standing.possible), known.answers(&fitting, decision));
        prop_assert!(said.is_superset(&true_ones), "an answer that is possible is left out: {:?} {:?}", said, true_ones);
        prop_assert!(!standing.exact || said == true_ones, "{:?} {:?}", said, true_ones);
        // Rules: what carries it in all cases that are left, and what does in some.
        let rules: Vec<BTreeSet<u32>> =
            fitting.iter().map(|at| known.truth[*at][decision as usize].1.iter().map(|rule| rule.0).collect()).collect();
        for carried in &standing.carried {
            prop_assert!(rules.iter().all(|rules| rules.contains(carried)));
        }
        let named: BTreeSet<u32> = standing.carried.iter().chain(&standing.perhaps).copied().collect();
        prop_assert!(rules.iter().all(|rules| rules.is_subset(&named)));
    }
    let Some(question) = question else { return Ok(()) };
    prop_assert!(interview.said(question.input).is_none(), "asked twice");
    prop_assert!(question.possible.len() > 1, "asked although it is settled");
    // What an answer can rule out is left by some answer to this question in no case: counted over the values of the input.
    let (sees, rules_of) = (&known.cases, |at: &usize| &known.truth[*at][question.decision as usize].1);
    let mut left: HashMap<Option<&Value>, BTreeSet<u32>> = HashMap::new();
    for at in &fitting {
        let value = sees[*at].get(InputId(question.input));
        left.entry(value).or_default().extend(rules_of(at).iter().map(|rule| rule.0));
    }
    let all: BTreeSet<u32> = left.values().flatten().copied().collect();
    let ruled: BTreeSet<u32> = all.iter().copied().filter(|rule| left.values().any(|rules| !rules.contains(rule))).collect();
    let listed: BTreeSet<u32> = question.rules.iter().flatten().copied().collect();
    let of_set = matches!(interview.schema.input(InputId(question.input)).domain, Domain::Set(_));
    if question.exact
        && Residual::new(interview.table, question.decision, &interview.values(), Leaves::Outcomes)
            .unwrap()
            .exact(interview.table)
    {
        // Of a set one class of one test at a time is looked at, not all its members together.
        prop_assert!(listed.is_subset(&ruled) && (of_set || listed == ruled), "{:?} {:?}", listed, ruled);
        prop_assert!(ruled.iter().all(|rule| listed.contains(rule) || question.together.contains(rule)));
    }
    // What stands before it in the order of the table was said, or does not matter any more.
    let order = &interview.table.decisions[question.decision as usize].ask;
    let at = order.iter().position(|input| *input == question.input);
    prop_assert!(at.is_some(), "the table's order lacks {}", question.input);
    if question.exact {
        prop_assert!(known.answers(&fitting, question.decision).len() > 1, "asked although it is settled");
        prop_assert!(known.tells(&fitting, question.input, question.decision), "asked although it changes nothing");
        for before in &order[..at.unwrap_or(0)] {
            let open = interview.said(*before).is_none() && known.tells(&fitting, *before, question.decision);
            prop_assert!(!open, "{} is more telling than {}", before, question.input);
        }
    }
    Ok(())
}

/// An interview with somebody who knows a case, but for some inputs.
fn interviewed(known: &Known, table: &OwnedTable, case: usize, skipped: &[u32]) -> Result<(), TestCaseError> {
    let mut interview = Interview::new(table, (0..table.decisions.len() as u32).collect());
    let mut steps = 0;
    loop {
        let question = interview.next().unwrap();
        hold(known, &interview, question.as_ref())?;
        let Some(question) = question else { break };
        steps += 1;
        prop_assert!(steps <= table.inputs.len(), "it does not end");
        // Whoever takes an answer back is asked for it again.
        let value = known.cases[case].get(InputId(question.input)).cloned().unwrap();
        let mut other = interview.clone();
        other.answer(question.clone(), Said::Known(value.clone()));
        prop_assert_eq!(other.back(), Some(question.input));
        prop_assert_eq!(other.next().unwrap(), Some(question.clone()));
        let said = if skipped.contains(&question.input) { Said::Skipped } else { Said::Known(value) };
        interview.answer(question, said);
    }
    for decision in 0..table.decisions.len() as u32 {
        let standing = interview.standing(decision).unwrap();
        let (outcome, rules) = &known.truth[case][decision as usize];
        if skipped.is_empty() {
            let truth = BTreeSet::from([format!("{outcome:?}")]);
            prop_assert_eq!(shown(&interview, decision, &standing.possible), truth, "not the answer of the case");
            prop_assert!(standing.carried.iter().all(|rule| rules.contains(&RuleId(*rule))));
        } else if standing.possible.len() > 1 {
            prop_assert!(!standing.hangs_on.is_empty());
            prop_assert!(standing.hangs_on.iter().all(|input| skipped.contains(input)));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn an_interview_asks_what_matters_and_ends_with_the_answer(seed in any::<u64>()) {
        let Some(known) = Known::new(seed, |_| true) else { return Ok(()) };
        let table = build_table(&known.program, &Specialise::default(), &Options::default()).unwrap();
        let mut dice = Dice::new(seed);
        for round in 0..3 {
            let case = dice.roll(known.cases.len() as u64) as usize;
            let skipped: Vec<u32> =
                (0..table.inputs.len() as u32).filter(|_| round == 2 && dice.roll(3) == 0).collect();
            interviewed(&known, &table, case, &skipped)?;
        }
    }

    /// What a table is built for is not asked about.
    #[test]
    fn what_is_settled_by_the_table_is_not_asked(seed in any::<u64>()) {
        let (reading, day) = (Value::Member(1), Value::Int(102));
        let keep = |case: &Case| case.get(InputId(0)) == Some(&reading) && case.get(InputId(1)) == Some(&day);
        let Some(known) = Known::new(seed, keep) else { return Ok(()) };
        let only = Specialise { reading: Some(1), dates: Some((102, 102)) };
        let table = build_table(&known.program, &only, &Options::default()).unwrap();
        prop_assert!(table.decisions.iter().all(|decision| !decision.ask.contains(&0) && !decision.ask.contains(&1)));
        let case = Dice::new(seed).roll(known.cases.len() as u64) as usize;
        interviewed(&known, &table, case, &[])?;
        let interview = Interview::new(&table, vec![0]);
        prop_assert!(interview.unfit(0, &Value::Member(0)).is_none() == (known.guards(&table) == 0));
        prop_assert!(interview.unfit(1, &Value::Int(101)).is_some());
    }
}

impl Known {
    /// How many tests of a table do nothing but refuse.
    fn guards(&self, table: &OwnedTable) -> usize {
        table.tests.iter().filter(|test| matches!(test, lexport_runtime::Test::Member { classes: 1, .. })).count()
    }
}
