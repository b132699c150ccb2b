//! What changes: between two regimes of one program, between two days, or between two readings.
//!
//! For each decision and each change of its outcome one finding: in how many cases, carried by which rules, in whose
//! favour, with one case.

use rayon::prelude::*;

use crate::diagnostic::Code;
use crate::ir::{Combine, DecisionId, Domain, InputId, MemberSet, Outcome, OutcomeTest, Program, RuleId, TermId, Value};

use super::cliff::between;
use super::finding::{Came, Finding, Gain, Kind, Proof, Report, Shift};
use super::lab::Lab;
use super::method::{Question, Verdict};

/// Pairs of outcomes of one decision that are asked about one by one.
const PAIRS: usize = 1_024;

/// One change that is looked for.
struct Change {
    old: DecisionId,
    new: DecisionId,
    what: String,
    question: Question,
    /// Whether the second case of a pair is the state before.
    turned: bool,
    /// When each rule carries its decision's outcome.
    carriers: Vec<(RuleId, TermId)>,
}

/// The name of a decision without the name that its regime is compared under.
fn plain_name(program: &Program, id: DecisionId) -> &str {
    let name = &program.decision(id).name;
    name.rsplit_once("::").map_or(name, |(_, plain)| plain)
}

/// Between two regimes of one program: decisions of one name are compared in every case.
pub fn between_regimes(lab: &mut Lab<'_>, old: u32, new: u32) -> Report {
    let mut report = Report::default();
    let mut changes = Vec::new();
    for a in lab.program.decision_ids() {
        if lab.program.decision(a).regime != old {
            continue;
        }
        let name = plain_name(&lab.program, a).to_owned();
        let mut others = lab.program.decision_ids().filter(|id| lab.program.decision(*id).regime == new);
        let Some(b) = others.find(|b| plain_name(&lab.program, *b) == name) else { continue };
        if !comparable(&lab.program, a, b) {
            lab.undecided(format!("`{name}` is the same in both"), vec![], "its values are of different kinds", &mut report);
            continue;
        }
        let differs = {
            let mut build = lab.program.builder();
            let same = build.same_outcome(a, b);
            build.not(same)
        };
        compare(lab, (a, b), &name, differs, None, &mut changes, &mut report);
    }
    found(lab, changes, &mut report);
    report
}

/// Between two days, or two readings: each decision of the checked regime is compared with itself. `from` is the state
/// before; it need not be the lesser value.
pub fn between_values(lab: &mut Lab<'_>, input: InputId, from: &Value, to: &Value) -> Report {
    let mut report = Report::default();
    let mut changes = Vec::new();
    // Pairs are asked about with the lesser value first; the answer is turned round where that is the later state.
    let turned = to < from;
    let (low, high) = if turned { (to, from) } else { (from, to) };
    if low == high {
        return report;
    }
    for id in lab.decisions() {
        let name = lab.program.decision(id).name.clone();
        let Some(differs) = lab.differs_in_second(id) else {
            lab.undecided(format!("`{name}` is the same in both"), vec![], "it has too many totals", &mut report);
            continue;
        };
        let Some(at) = at_values(lab, input, low, high, differs) else { continue };
        compare(lab, (id, id), &name, at, Some((input, turned)), &mut changes, &mut report);
    }
    found(lab, changes, &mut report);
    report
}

/// That something holds of a pair whose cases have these two values.
fn at_values(lab: &mut Lab<'_>, input: InputId, low: &Value, high: &Value, goal: TermId) -> Option<TermId> {
    match (low, high) {
        (Value::Int(a), Value::Int(b)) => between(lab, input, *a, *b, goal),
        (Value::Member(a), Value::Member(b)) => {
            let Domain::Enum(id) = lab.program.input(input).domain else { return None };
            let size = lab.program.enumeration(id).size();
            let mut build = lab.program.builder();
            let before = build.member(input, MemberSet::of(size, (*a < size).then_some(*a))).ok()?;
            let after = build.member(input, MemberSet::of(size, (*b < size).then_some(*b))).ok()?;
            let after = build.second(after);
            Some(build.and([before, after, goal]))
        }
        (Value::Bool(false), Value::Bool(true)) => Some(goal),
        _ => None,
    }
}

fn comparable(program: &Program, a: DecisionId, b: DecisionId) -> bool {
    match (&program.decision(a).domain, &program.decision(b).domain) {
        (Domain::Number(a), Domain::Number(b)) => a.unit == b.unit && a.step == b.step,
        (a, b) => a == b,
    }
}

/// Asks whether anything changes; if so, collects the single changes.
fn compare(
    lab: &mut Lab<'_>,
    (a, b): (DecisionId, DecisionId),
    name: &str,
    differs: TermId,
    pair: Option<(InputId, bool)>,
    changes: &mut Vec<Change>,
    report: &mut Report,
) {
    let whole = Question { goal: differs, pair: pair.map(|(input, _)| input), group: a.0 };
    let property = format!("`{name}` is the same in both");
    let settled = lab.ask(&[whole]).pop();
    let Some(settled) = settled else { return };
    lab.faults(&settled.faults, &property, report);
    match settled.answer {
        Verdict::No => report.proved.push(Proof { property, scope: lab.scope(), evidence: settled.evidence }),
        Verdict::Unknown(why) => lab.undecided(property, Vec::new(), &why, report),
        Verdict::Yes(_) => {
            let carriers = if pair.is_none() {
                let mut all = carriers(lab, a);
                all.extend(carriers(lab, b));
                all
            } else {
                Vec::new()
            };
            let steps = steps(lab, a, b);
            if steps.is_none() {
                let change = Change { old: a, new: b, what: format!("`{name}` changes"), question: whole, turned: pair.is_some_and(|(_, turned)| turned), carriers: carriers.clone() };
                changes.push(change);
            }
            for (what, before, after) in steps.into_iter().flatten() {
                // Of a pair the first case has the lesser value, which is the earlier state unless turned round.
                let turned = pair.is_some_and(|(_, turned)| turned);
                let mut build = lab.program.builder();
                let mut side = |tests: &[(OutcomeTest, bool)], decision: DecisionId| {
                    let terms: Vec<TermId> = tests
                        .iter()
                        .map(|(test, holds)| {
                            let term = build.outcome(decision, test.clone());
                            if *holds { term } else { build.not(term) }
                        })
                        .collect();
                    build.and(terms)
                };
                let (old, new) = (side(&before, a), side(&after, b));
                let mut build = lab.program.builder();
                let both = match (pair, turned) {
                    (None, _) => [old, new],
                    (Some(_), false) => [old, build.second(new)],
                    (Some(_), true) => [new, build.second(old)],
                };
                let goal = build.and([both[0], both[1], differs]);
                let question = Question { goal, ..whole };
                changes.push(Change { old: a, new: b, what: format!("`{name}` {what}"), question, turned, carriers: carriers.clone() });
            }
        }
    }
}

/// Tests of an outcome, with whether each is to hold.
type Tests = Vec<(OutcomeTest, bool)>;

/// The single changes: from one value to another; of sets, a member more or less. `None` if they are too many.
fn steps(lab: &Lab<'_>, a: DecisionId, b: DecisionId) -> Option<Vec<(String, Tests, Tests)>> {
    let (old, new) = (lab.tests(a)?, lab.tests(b)?);
    let text = |id: DecisionId, test: &OutcomeTest| test_text(lab, id, test);
    let mut out = Vec::new();
    if matches!(lab.program.decision(a).domain, Domain::Set(_)) {
        let has = |tests: &[OutcomeTest]| tests.iter().filter(|t| matches!(t, OutcomeTest::Has(_))).cloned().collect::<Vec<_>>();
        let others = |tests: &[OutcomeTest]| tests.iter().filter(|t| !matches!(t, OutcomeTest::Has(_))).cloned().collect::<Vec<_>>();
        let valued = |tests: &[OutcomeTest]| others(tests).into_iter().map(|test| (test, false)).collect::<Tests>();
        for test in has(&old) {
            let (mut with, mut without) = (valued(&old), valued(&new));
            with.push((test.clone(), true));
            without.push((test.clone(), false));
            out.push((format!("loses {}", text(a, &test)), with, without));
            let (mut with, mut without) = (valued(&new), valued(&old));
            with.push((test.clone(), true));
            without.push((test.clone(), false));
            out.push((format!("gains {}", text(a, &test)), without, with));
        }
        for test in others(&old) {
            out.push((format!("no longer {}", text(a, &test)), vec![(test.clone(), true)], vec![(test, false)]));
        }
        for test in others(&new) {
            out.push((format!("is now {}", text(b, &test)), vec![(test.clone(), false)], vec![(test, true)]));
        }
        return Some(out);
    }
    if old.len() * new.len() > PAIRS {
        return None;
    }
    for before in &old {
        for after in &new {
            if before != after {
                let what = format!("changes from {} to {}", text(a, before), text(b, after));
                out.push((what, vec![(before.clone(), true)], vec![(after.clone(), true)]));
            }
        }
    }
    Some(out)
}

fn test_text(lab: &Lab<'_>, id: DecisionId, test: &OutcomeTest) -> String {
    let value = match test {
        OutcomeTest::Gap => return "no value".to_owned(),
        OutcomeTest::Conflict => return "a conflict".to_owned(),
        OutcomeTest::Has(member) => match &lab.program.decision(id).domain {
            Domain::Set(of) => {
                let members = &lab.program.enumeration(*of).members;
                return members.get(*member as usize).map_or_else(String::new, |member| member.name.clone());
            }
            _ => return String::new(),
        },
        OutcomeTest::Members(set) => match (&lab.program.decision(id).domain, set.first()) {
            (Domain::Bool, member) => Value::Bool(member == Some(1)),
            (_, member) => Value::Member(member.unwrap_or(0)),
        },
        OutcomeTest::Within(ranges) => Value::Int(ranges.first().unwrap_or(0)),
    };
    lab.value_text(id, &value)
}

/// When each rule of a decision carries its outcome.
fn carriers(lab: &mut Lab<'_>, id: DecisionId) -> Vec<(RuleId, TermId)> {
    let decision = lab.program.decision(id).clone();
    let rules: Vec<(RuleId, Value)> =
        decision.rules.iter().filter_map(|rule| Some((*rule, lab.program.conclusion(*rule, id)?.clone()))).collect();
    let mut out = Vec::new();
    for (at, (rule, value)) in rules.iter().enumerate() {
        let mut build = lab.program.builder();
        let mut all = vec![build.effective(*rule)];
        for (place, (other, stronger)) in rules.iter().enumerate() {
            let wins = match decision.combine {
                Combine::Strictest => stronger > value,
                Combine::LeastStrict => stronger < value,
                Combine::First => place < at,
                _ => false,
            };
            if wins {
                let effective = build.effective(*other);
                all.push(build.not(effective));
            }
        }
        out.push((*rule, build.and(all)));
    }
    out
}

/// Which changes do happen, each as a finding.
fn found(lab: &mut Lab<'_>, changes: Vec<Change>, report: &mut Report) {
    let questions: Vec<Question> = changes.iter().map(|change| change.question).collect();
    let answers = super::method::sight(&lab.program, &questions, lab.options);
    let shown: Vec<_> = changes.into_iter().zip(answers).filter_map(|(change, answer)| Some((change, answer?))).collect();
    let lab: &Lab<'_> = lab;
    let findings: Vec<Finding> = shown
        .into_par_iter()
        .map(|(change, (witness, evidence))| {
            let mut finding = Finding::new(Code::Impact, Kind::Impact, change.what.clone());
            finding.evidence = evidence;
            finding.about = vec![plain_name(&lab.program, change.old).to_owned()];
            let decisions = if change.old == change.new { vec![change.old] } else { vec![change.old, change.new] };
            (finding.count, finding.classes) = lab.measure(change.question, &change.carriers);
            lab.show(&mut finding, change.question, &witness, &decisions);
            finding.decisions = decisions;
            let mut rules: Vec<RuleId> = finding.came.iter().flat_map(|came| came.because.clone()).collect();
            rules.extend(finding.classes.iter().flat_map(|class| class.rules.iter().copied()));
            rules.sort_unstable();
            rules.dedup();
            finding.rules = rules;
            finding.origins = vec![lab.program.decision(change.new).origin];
            finding.origins.extend(finding.rules.iter().map(|rule| lab.program.rule(*rule).origin));
            finding.shift = shift(lab, &finding, change.turned);
            finding
        })
        .collect();
    report.findings.extend(findings);
}

/// Before and after in the witness: of regimes the two decisions, of a pair the two cases.
fn shift(lab: &Lab<'_>, finding: &Finding, turned: bool) -> Option<Shift> {
    let [first, second] = finding.came.as_slice() else { return None };
    let (old, new): (Came, Came) = if turned { (second.clone(), first.clone()) } else { (first.clone(), second.clone()) };
    let gain = match (&old.outcome, &new.outcome) {
        (Outcome::Value(a), Outcome::Value(b)) if lab.ordered(old.decision) => match b.cmp(a) {
            std::cmp::Ordering::Less => Gain::Looser,
            std::cmp::Ordering::Greater => Gain::Stricter,
            std::cmp::Ordering::Equal => Gain::Other,
        },
        _ => Gain::Other,
    };
    Some(Shift { old, new, gain })
}
