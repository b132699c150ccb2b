//! Scenarios: named cases with their expected outcomes, run by the interpreter; and what they leave untouched.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::Serialize;

use crate::diagnostic::Code;
use crate::eval::{Eval, Fault, Possible, Resolved, Status, certain, explain, fault_text, passes, possible, resolve};
use crate::ir::{Case, DecisionId, Domain, Expectation, Expected, Outcome, OutcomeTest, Program, RuleId, Scenario, Value};
use crate::words::{Sentence, list, say};

use super::finding::{By, Came, Evidence, Finding, Kind, Witness};

/// How one scenario went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Which of [`Program::scenarios`].
    pub scenario: usize,
    /// What is not as expected, one sentence for each expectation; empty if all is.
    pub failures: Vec<Failure>,
}

/// An expectation that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Which of [`Scenario::expect`].
    pub expectation: usize,
    /// What was expected, and what came.
    pub said: Sentence,
}

/// What all scenarios together reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Rules that are effective in no scenario.
    pub rules: Vec<RuleId>,
    /// Alternatives by way of which a rule applies in no scenario: the rule, and which of its alternatives.
    pub alternatives: Vec<(RuleId, usize)>,
    /// How many rules there are to reach.
    pub of_rules: usize,
    /// How many alternatives there are to reach.
    pub of_alternatives: usize,
}

/// What the scenarios of a program say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// Each scenario, in order.
    pub runs: Vec<Run>,
    /// A finding for each that fails, and one note for what none reaches.
    pub findings: Vec<Finding>,
    /// What they reach.
    pub coverage: Coverage,
}

/// Runs all scenarios.
pub fn scenarios(program: &Program) -> Tested {
    let stood = stood(program);
    let (program, faults) = (&*stood.program, &stood.faults);
    let runs: Vec<Run> = program
        .scenarios
        .par_iter()
        .enumerate()
        .map(|(at, scenario)| match faults.get(at).and_then(|faults| faults.first()) {
            // Of a chain that cannot be followed nothing is known.
            Some(fault) => {
                let said = fault_text(program, &program.nodes, fault);
                Run { scenario: at, failures: vec![Failure { expectation: 0, said }] }
            }
            None => Run { scenario: at, failures: run(program, scenario) },
        })
        .collect();
    let coverage = coverage(program, &stood.before);
    let mut findings: Vec<Finding> = runs
        .iter()
        .filter(|run| !run.failures.is_empty())
        .map(|run| failing(program, &program.scenarios[run.scenario], run))
        .collect();
    if !program.scenarios.is_empty() {
        findings.extend(uncovered(program, &coverage));
    }
    Tested { runs, findings, coverage }
}

/// The scenarios with what follows from what stands before them.
struct Stood<'p> {
    /// The program, with the cases of its scenarios filled in.
    program: Cow<'p, Program>,
    /// What could not be followed, by scenario.
    faults: Vec<Vec<Fault>>,
    /// The cases that stand before them.
    before: Vec<Case>,
}

fn stood(program: &Program) -> Stood<'_> {
    if program.scenarios.iter().all(|scenario| scenario.before.is_empty()) {
        return Stood { program: Cow::Borrowed(program), faults: Vec::new(), before: Vec::new() };
    }
    let resolved: Vec<Resolved> = program
        .scenarios
        .par_iter()
        .map(|scenario| resolve(program, &scenario.given, &scenario.before, &program.nodes))
        .collect();
    let mut own = program.clone();
    let (mut faults, mut before) = (Vec::new(), Vec::new());
    for (scenario, resolved) in own.scenarios.iter_mut().zip(resolved) {
        scenario.given = resolved.case;
        faults.push(resolved.faults);
        before.extend(resolved.stations.into_iter().skip(1).map(|station| station.case));
    }
    before.sort();
    before.dedup();
    Stood { program: Cow::Owned(own), faults, before }
}

fn run(program: &Program, scenario: &Scenario) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (at, expectation) in scenario.expect.iter().enumerate() {
        let answer = possible(program, &scenario.given, expectation.decision);
        if let Some(said) = unmet(program, scenario, expectation, &answer) {
            failures.push(Failure { expectation: at, said });
        }
    }
    failures
}

/// What is wrong with an answer, if anything.
fn unmet(program: &Program, scenario: &Scenario, expectation: &Expectation, answer: &Possible) -> Option<Sentence> {
    let id = expectation.decision;
    let name = &program.decision(id).name;
    let came = || outcomes_text(program, id, &answer.outcomes);
    if !answer.exact {
        return Some(say!("`{name}` could not be worked out with so much unknown", name));
    }
    match &expectation.expected {
        Expected::Test(test) => {
            let expected = test_text(program, id, test);
            match answer.settled() {
                None if answer.ask.is_empty() => {
                    return Some(say!("`{name}` should be {expected} and is open: {came}", name, expected, came = came()));
                }
                None => {
                    let ask =
                        list!(", ", answer.ask.iter().take(6).map(|input| say!("`{name}`", name = program.input(*input).name)));
                    return Some(say!(
                        "`{name}` should be {expected} and is open: {came}; it depends on {ask}",
                        name,
                        expected,
                        came = came(),
                        ask
                    ));
                }
                Some(outcome) if !passes(test, outcome) => {
                    return Some(say!("`{name}` should be {expected} and is {came}", name, expected, came = came()));
                }
                Some(_) => {}
            }
        }
        Expected::Set(value) => {
            if answer.settled() != Some(&Outcome::Value(value.clone())) {
                let expected = program.value_text(&program.decision(id).domain, value);
                return Some(say!("`{name}` should be {expected} and is {came}", name, expected, came = came()));
            }
        }
        Expected::Open { possible, asking } => {
            let expected: BTreeSet<Outcome> = possible.iter().cloned().map(Outcome::Value).collect();
            let found: BTreeSet<Outcome> = answer.outcomes.iter().cloned().collect();
            if expected != found {
                let expected = outcomes_text(program, id, &expected.into_iter().collect::<Vec<_>>());
                return Some(say!("`{name}` should be open between {expected} and can be {came}", name, expected, came = came()));
            }
            if !asking.is_empty() && !answer.ask.first().is_some_and(|first| asking.contains(first)) {
                let name_of = |input: &crate::ir::InputId| say!("`{name}`", name = program.input(*input).name);
                let wanted: Vec<Sentence> = asking.iter().map(name_of).collect();
                let first = answer.ask.first().map_or_else(|| say!("nothing"), name_of);
                let wanted = list!(" or ", wanted);
                return Some(say!("`{name}` should ask for {wanted} first and asks for {first}", name, wanted, first));
            }
        }
    }
    let mut missing: Vec<Vec<RuleId>> = expectation.because.clone();
    missing.retain(|versions| !versions.iter().any(|rule| answer.because.contains(rule)));
    if !missing.is_empty() {
        // A restriction carries nothing; that it is the reason shows in what it defeats.
        let reports = explain(program, &scenario.given, id).rules;
        let decides = |rule: &RuleId| {
            program.rule(*rule).kind == crate::ir::RuleKind::Restriction
                && reports
                    .iter()
                    .any(|report| report.rule == *rule && report.status == Status::Effective && !report.defeats.is_empty())
        };
        missing.retain(|versions| !versions.iter().any(decides));
    }
    if missing.is_empty() {
        return None;
    }
    let name_of = |rule: &RuleId| say!("`{name}`", name = program.rule(*rule).name);
    let wanted = list!(", ", missing.iter().filter_map(|versions| Some(name_of(versions.first()?))));
    let carried: Vec<Sentence> = answer.because.iter().map(name_of).collect();
    let by = if carried.is_empty() { say!("no rule") } else { list!(", ", carried) };
    Some(say!("`{name}` should be carried by {wanted} and is carried by {by}", name, wanted, by))
}

fn outcomes_text(program: &Program, id: DecisionId, outcomes: &[Outcome]) -> Sentence {
    let domain = &program.decision(id).domain;
    let text = |outcome: &Outcome| match outcome {
        Outcome::Value(value) => program.value_text(domain, value).into(),
        Outcome::Gap => say!("without a value"),
        Outcome::Conflict(values) => {
            let values: Vec<String> = values.iter().map(|value| program.value_text(domain, value)).collect();
            if values.is_empty() { say!("in conflict") } else { say!("in conflict ({values})", values = list!(" and ", values)) }
        }
    };
    list!(" or ", outcomes.iter().map(text))
}

fn test_text(program: &Program, id: DecisionId, test: &OutcomeTest) -> Sentence {
    let domain = &program.decision(id).domain;
    let text = |value: Value| program.value_text(domain, &value);
    match (test, domain) {
        (OutcomeTest::Gap, _) => say!("without a value"),
        (OutcomeTest::Conflict, _) => say!("in conflict"),
        (OutcomeTest::Members(set), Domain::Bool) => {
            list!(" or ", set.iter().map(|member| text(Value::Bool(member == 1))))
        }
        (OutcomeTest::Members(set), _) => list!(" or ", set.iter().map(|member| text(Value::Member(member)))),
        (OutcomeTest::Has(member), Domain::Set(of)) => {
            let members = &program.enumeration(*of).members;
            say!("a set with {member}", member = members.get(*member as usize).map_or("?", |member| &member.name))
        }
        (OutcomeTest::Has(_), _) => say!("a set"),
        (OutcomeTest::Within(ranges), _) => {
            let part = |(lo, hi): &(i64, i64)| match lo == hi {
                true => text(Value::Int(*lo)).into(),
                false => say!("{from} to {to}", from = text(Value::Int(*lo)), to = text(Value::Int(*hi))),
            };
            list!(" or ", ranges.pairs().iter().map(part))
        }
    }
}

fn failing(program: &Program, scenario: &Scenario, run: &Run) -> Finding {
    let title = say!("the scenario \"{name}\" does not come out as it says", name = scenario.name);
    let mut finding = Finding::new(Code::ScenarioFails, Kind::Scenario, title);
    finding.origins.extend(run.failures.iter().map(|failure| scenario.expect[failure.expectation].origin));
    finding.origins.push(scenario.origin);
    finding.about.push(scenario.name.clone());
    for failure in &run.failures {
        let decision = scenario.expect[failure.expectation].decision;
        finding.notes.push(failure.said.clone());
        if !finding.decisions.contains(&decision) {
            finding.decisions.push(decision);
        }
    }
    for decision in finding.decisions.clone() {
        let answer = possible(program, &scenario.given, decision);
        if let Some(outcome) = answer.settled() {
            let (outcome, because) = (outcome.clone(), answer.because.clone());
            finding.came.push(Came { decision, outcome, because, freed_by: Vec::new() });
        }
        finding.rules.extend(answer.because);
    }
    finding.rules.sort_unstable();
    finding.rules.dedup();
    finding.witness = Some(Witness::Case(scenario.given.clone()));
    finding.evidence = vec![Evidence::new(By::Interpreter, say!("ran it"))];
    if !scenario.cite.is_empty() {
        finding.notes.push(say!("the scenario rests on {cite}", cite = scenario.cite));
    }
    finding
}

/// What one scenario reaches: rules, and alternatives of rules.
type Reached = (BTreeSet<RuleId>, BTreeSet<(RuleId, usize)>);

/// What the scenarios reach: one with unknown inputs what it reaches for certain.
fn coverage(program: &Program, before: &[Case]) -> Coverage {
    let rules: Vec<RuleId> = program.rule_ids().filter(|rule| program.rule(*rule).regime == 0).collect();
    let cases: Vec<&Case> = program.scenarios.iter().map(|scenario| &scenario.given).chain(before).collect();
    let reached: Vec<Reached> = cases
        .par_iter()
        .map(|case| {
            let Ok(mut eval) = Eval::new(program, case) else {
                return certain(program, case, &rules);
            };
            let (mut seen, mut sides) = (BTreeSet::new(), BTreeSet::new());
            for rule in &rules {
                if eval.effective(*rule) {
                    seen.insert(*rule);
                }
                for (at, side) in program.rule(*rule).alternatives.iter().enumerate() {
                    if eval.holds(side.applies) {
                        sides.insert((*rule, at));
                    }
                }
            }
            (seen, sides)
        })
        .collect();
    let seen: BTreeSet<RuleId> = reached.iter().flat_map(|(rules, _)| rules.iter().copied()).collect();
    let sides: BTreeSet<(RuleId, usize)> = reached.iter().flat_map(|(_, sides)| sides.iter().copied()).collect();
    // A rule with a varying value is reached if one of its parts is.
    let family = |rule: &RuleId| program.rule(*rule).family.as_ref();
    let reached: BTreeSet<&String> = seen.iter().filter_map(family).collect();
    let mut named: BTreeSet<&String> = BTreeSet::new();
    let rules: Vec<RuleId> = rules.into_iter().filter(|rule| family(rule).is_none_or(|name| named.insert(name))).collect();
    let all: Vec<(RuleId, usize)> =
        rules.iter().flat_map(|rule| (0..program.rule(*rule).alternatives.len()).map(move |at| (*rule, at))).collect();
    let sides: BTreeSet<(Option<&String>, RuleId, usize)> = sides
        .iter()
        .map(|(rule, at)| match family(rule) {
            Some(name) => (Some(name), RuleId(0), *at),
            None => (None, *rule, *at),
        })
        .collect();
    let passed = |(rule, at): &(RuleId, usize)| match family(rule) {
        Some(name) => sides.contains(&(Some(name), RuleId(0), *at)),
        None => sides.contains(&(None, *rule, *at)),
    };
    let unseen = |rule: &RuleId| !seen.contains(rule) && !family(rule).is_some_and(|name| reached.contains(name));
    Coverage {
        of_rules: rules.len(),
        of_alternatives: all.len(),
        rules: rules.into_iter().filter(unseen).collect(),
        alternatives: all.into_iter().filter(|side| !passed(side)).collect(),
    }
}

/// One note for all rules that no scenario reaches.
fn uncovered(program: &Program, coverage: &Coverage) -> Option<Finding> {
    if coverage.rules.is_empty() && coverage.alternatives.is_empty() {
        return None;
    }
    let title = say!(
        "the scenarios reach {rules} of {of_rules} rules and {sides} of {of_sides} alternatives in conditions",
        rules = coverage.of_rules - coverage.rules.len(),
        of_rules = coverage.of_rules,
        sides = coverage.of_alternatives - coverage.alternatives.len(),
        of_sides = coverage.of_alternatives
    );
    let mut finding = Finding::new(Code::Uncovered, Kind::Scenario, title);
    finding.rules = coverage.rules.clone();
    finding.origins = coverage.rules.iter().map(|rule| program.rule(*rule).origin).collect();
    for (rule, at) in &coverage.alternatives {
        finding.origins.push(program.rule(*rule).alternatives[*at].origin);
    }
    finding.evidence = vec![Evidence::new(By::Interpreter, say!("ran every scenario"))];
    Some(finding)
}
