//! What changes: between two regimes of one program, between two days, or between two readings.
//!
//! For each decision and each change of its outcome one finding: in how many cases, carried by which rules, in whose
//! favour, with one case.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::diagnostic::Code;
use crate::ir::{Combine, DecisionId, Domain, InputId, Outcome, OutcomeTest, Program, RuleId, TermId, Value};

use super::Options;
use super::amended::{Amended, amended, plain};
use super::finding::{Came, Finding, Gain, Kind, Proof, Report, Shift, Undecided, Witness};
use super::lab::Lab;
use super::local::{self, Key};
use super::method::{Question, Verdict};
use super::overlap::Overlaps;
use super::replay::came;
use super::specialise::twice;

/// Pairs of outcomes of one decision that are asked about one by one.
const PAIRS: usize = 1_024;

/// Rules of one decision whose part in a change is told apart.
const CARRYING: usize = 64;

/// One change that is looked for.
struct Change {
    old: DecisionId,
    new: DecisionId,
    what: String,
    question: Question,
    /// When each rule carries its decision's outcome.
    carriers: Vec<(RuleId, TermId)>,
}

/// The name of a decision without the prefix of a regime that is not the first.
fn plain_name(program: &Program, id: DecisionId) -> &str {
    let decision = program.decision(id);
    plain(&decision.name, decision.regime)
}

/// How outcomes are told: outright, or from the rules that can meet what an amendment touches, and only there.
struct Told {
    tables: Option<[BTreeMap<Key, TermId>; 2]>,
    here: TermId,
    /// The rules that may carry an outcome, of both decisions.
    rules: [Vec<(RuleId, Value)>; 2],
}

impl Told {
    fn new(lab: &mut Lab<'_>, a: DecisionId, b: DecisionId, sliced: Option<&(Amended, Overlaps)>) -> Self {
        let all = |lab: &Lab<'_>, id: DecisionId| -> Vec<(RuleId, Value)> {
            let rules = lab.program.decision(id).rules.iter();
            rules.filter_map(|rule| Some((*rule, lab.program.conclusion(*rule, id)?.clone()))).collect()
        };
        let everywhere = lab.program.builder().constant(true);
        let outright = |lab: &Lab<'_>| Told { tables: None, here: everywhere, rules: [all(lab, a), all(lab, b)] };
        let Some((amended, overlaps)) = sliced else { return outright(lab) };
        if amended.decisions.contains(&a) {
            return outright(lab);
        }
        let mut near: BTreeSet<RuleId> = amended.rules.iter().copied().collect();
        near.extend(amended.rules.iter().flat_map(|rule| overlaps.of(*rule).iter().copied()));
        let here = {
            let mut build = lab.program.builder();
            let applying: Vec<TermId> = amended.rules.iter().map(|rule| build.applies(*rule)).collect();
            build.or(applying)
        };
        let side = |lab: &mut Lab<'_>, id: DecisionId| {
            let mut rules = all(lab, id);
            rules.retain(|(rule, _)| near.contains(rule));
            let effective = rules.iter().map(|(rule, value)| (value.clone(), lab.program.builder().effective(*rule))).collect();
            Some((local::outcomes(lab, id, effective)?, rules))
        };
        match (side(lab, a), side(lab, b)) {
            (Some((old, old_rules)), Some((new, new_rules))) => {
                Told { tables: Some([old, new]), here, rules: [old_rules, new_rules] }
            }
            _ => outright(lab),
        }
    }

    /// That one of the two decisions passes a test.
    fn test(&self, lab: &mut Lab<'_>, side: usize, decision: DecisionId, test: &OutcomeTest) -> TermId {
        let Some(tables) = &self.tables else { return lab.program.builder().outcome(decision, test.clone()) };
        let is_bool = matches!(lab.program.decision(decision).domain, Domain::Bool);
        let key = match test {
            OutcomeTest::Gap => Key::Fallback,
            OutcomeTest::Conflict => Key::Conflict,
            OutcomeTest::Has(member) => Key::Has(*member),
            OutcomeTest::Members(set) if is_bool => Key::Value(Value::Bool(set.contains(1))),
            OutcomeTest::Members(set) => Key::Value(Value::Member(set.first().unwrap_or(0))),
            OutcomeTest::Within(ranges) => Key::Value(Value::Int(ranges.first().unwrap_or(0))),
        };
        tables[side].get(&key).copied().unwrap_or_else(|| lab.program.builder().constant(false))
    }

    /// That the two decisions come to something else.
    fn differs(&self, lab: &mut Lab<'_>, a: DecisionId, b: DecisionId) -> TermId {
        let Some([old, new]) = &self.tables else {
            let mut build = lab.program.builder();
            let same = build.same_outcome(a, b);
            return build.not(same);
        };
        let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
        let mut build = lab.program.builder();
        let never = build.constant(false);
        let mut sides = Vec::new();
        for key in keys {
            let (x, y) = (old.get(key).copied().unwrap_or(never), new.get(key).copied().unwrap_or(never));
            let (not_x, not_y) = (build.not(x), build.not(y));
            sides.extend([build.and([x, not_y]), build.and([not_x, y])]);
        }
        let differs = build.or(sides);
        build.and([self.here, differs])
    }
}

/// Between two regimes of one program: decisions of one name are compared in every case.
pub fn between_regimes(lab: &mut Lab<'_>, old: u32, new: u32) -> Report {
    let mut report = Report::default();
    let mut changes = Vec::new();
    let large = lab.program.rules.len() > 2 * lab.options.direct;
    let sliced = large.then(|| {
        let amended = amended(&lab.program, old, new);
        let both = |rule: &RuleId| [old, new].contains(&lab.program.rule(*rule).regime);
        let rules: Vec<RuleId> = lab.program.rule_ids().filter(both).collect();
        let overlaps = Overlaps::of_some(&lab.program, &rules, &amended.rules);
        (amended, overlaps)
    });
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
        let told = Told::new(lab, a, b, sliced.as_ref());
        compare(lab, (a, b), &name, &told, &mut changes, &mut report);
    }
    found(lab, changes, &mut report);
    report
}

/// Between two days, or two readings: the regime is put beside itself with one input set to each, and the cases found are
/// taken back to the regime as it is.
pub fn between_values(program: &Program, input: InputId, from: &Value, to: &Value, options: &Options) -> Report {
    let Some(twice) = twice(program, input, from, to) else {
        let question = format!("what changes with `{}`", program.input(input).name);
        let reasons = vec!["a set has no single values to compare".to_owned()];
        return Report { undecided: vec![Undecided { question, rules: Vec::new(), reasons }], ..Report::default() };
    };
    // The input no longer matters; counted is with one value of it.
    let mut fixed = options.fixed.clone();
    fixed.retain(|(other, _)| *other != input);
    fixed.push((input, from.clone()));
    let inner = Options { fixed, ..options.clone() };
    let mut lab = Lab::new(&twice.program, &inner);
    let mut report = between_regimes(&mut lab, 0, twice.copy);
    let domain = &program.input(input).domain;
    let text = |value: &Value| program.value_text(domain, value);
    for proof in &mut report.proved {
        proof.scope = format!("{} from {} to {}", program.input(input).name, text(from), text(to));
    }
    for finding in &mut report.findings {
        finding.inputs = vec![input];
        finding.rules = finding.rules.iter().map(|rule| twice.rule(*rule)).collect();
        finding.rules.sort_unstable();
        finding.rules.dedup();
        finding.decisions = finding.decisions.iter().map(|id| twice.decision(*id)).collect();
        finding.decisions.dedup();
        for class in &mut finding.classes {
            class.rules = class.rules.iter().map(|rule| twice.rule(*rule)).collect();
        }
        let back = |came: &Came| Came {
            decision: twice.decision(came.decision),
            outcome: came.outcome.clone(),
            because: came.because.iter().map(|rule| twice.rule(*rule)).collect(),
        };
        let Some(shift) = finding.shift.as_mut() else { continue };
        (shift.old, shift.new) = (back(&shift.old), back(&shift.new));
        let Some(Witness::Case(case)) = &finding.witness else { continue };
        let (mut before, mut after) = (case.clone(), case.clone());
        before.set(input, from.clone());
        after.set(input, to.clone());
        let witness = Witness::Pair(before, after);
        finding.came = came(program, &witness, &finding.decisions);
        if finding.came != [shift.old.clone(), shift.new.clone()] {
            let title = "bug in Lexport: a change that does not replay".to_owned();
            *finding = Finding { witness: Some(witness), ..Finding::new(Code::Internal, Kind::Internal, title) };
            continue;
        }
        finding.witness = Some(witness);
    }
    report
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
    told: &Told,
    changes: &mut Vec<Change>,
    report: &mut Report,
) {
    let differs = told.differs(lab, a, b);
    let whole = Question::one(differs, a.0);
    let property = format!("`{name}` is the same in both");
    let settled = lab.ask(&[whole]).pop();
    let Some(settled) = settled else { return };
    lab.faults(&settled.faults, &property, report);
    match settled.answer {
        Verdict::No => report.proved.push(Proof { property, scope: lab.scope(), evidence: settled.evidence }),
        Verdict::Unknown(why) => lab.undecided(property, Vec::new(), &why, report),
        Verdict::Yes(_) => {
            let mut carriers = carriers_of(lab, a, &told.rules[0]);
            carriers.extend(carriers_of(lab, b, &told.rules[1]));
            let steps = steps(lab, a, b);
            if steps.is_none() {
                let change = Change { old: a, new: b, what: format!("`{name}` changes"), question: whole, carriers: carriers.clone() };
                changes.push(change);
            }
            for (what, before, after) in steps.into_iter().flatten() {
                let side = |lab: &mut Lab<'_>, at: usize, tests: &Tests, decision: DecisionId| {
                    let mut terms = Vec::new();
                    for (test, holds) in tests {
                        let term = told.test(lab, at, decision, test);
                        terms.push(if *holds { term } else { lab.program.builder().not(term) });
                    }
                    lab.program.builder().and(terms)
                };
                let (old, new) = (side(lab, 0, &before, a), side(lab, 1, &after, b));
                let mut build = lab.program.builder();
                let goal = build.and([old, new, differs]);
                let question = Question::one(goal, a.0);
                changes.push(Change { old: a, new: b, what: format!("`{name}` {what}"), question, carriers: carriers.clone() });
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
fn carriers_of(lab: &mut Lab<'_>, id: DecisionId, rules: &[(RuleId, Value)]) -> Vec<(RuleId, TermId)> {
    let combine = lab.program.decision(id).combine.clone();
    if rules.len() > CARRYING {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (at, (rule, value)) in rules.iter().enumerate() {
        let mut build = lab.program.builder();
        let mut all = vec![build.effective(*rule)];
        for (place, (other, stronger)) in rules.iter().enumerate() {
            let wins = match combine {
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
            let decisions = vec![change.old, change.new];
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
            finding.shift = shift(lab, &finding);
            finding
        })
        .collect();
    report.findings.extend(findings);
}

/// Before and after in the witness.
fn shift(lab: &Lab<'_>, finding: &Finding) -> Option<Shift> {
    let [first, second] = finding.came.as_slice() else { return None };
    let (old, new) = (first.clone(), second.clone());
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
