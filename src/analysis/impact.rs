//! What changes: between two regimes of one program, between two days, or between two readings.
//!
//! Amended rules that can meet each other are one part of the change. For each part, each decision and each change of its outcome
//! one finding: in how many cases, carried by which rules, in whose favour, with one case.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::diagnostic::Code;
use crate::eval::{Atoms, possible};
use crate::ir::{Case, DecisionId, Domain, InputId, Outcome, OutcomeTest, Program, RuleId, TermId, Value};
use crate::words::{Sentence, say};

use super::Options;
use super::amended::{amended, parts, plain};
use super::finding::{Came, Evidence, Finding, Gain, Kind, Proof, Report, Shift, Undecided, Witness};
use super::lab::{Lab, with_the_same, with_the_same_chains};
use super::method::{Question, Verdict};
use super::recount::recounted;
use super::replay::came;
use super::specialise::twice;
use super::told::{Tests, Told, carriers_of, steps};

/// One change that is looked for.
struct Change {
    old: DecisionId,
    new: DecisionId,
    what: Sentence,
    question: Question,
    /// When each rule carries its decision's outcome.
    carriers: Vec<(RuleId, TermId)>,
}

/// The name of a decision without the prefix of a regime that is not the first.
fn plain_name(program: &Program, id: DecisionId) -> &str {
    let decision = program.decision(id);
    plain(&decision.name, decision.regime)
}

/// Two decisions of one name, and the parts of the change in which they are compared.
struct Pair {
    old: DecisionId,
    new: DecisionId,
    name: String,
    parts: Vec<(Told, Question)>,
}

/// Between two regimes of one program: decisions of one name are compared in every case.
pub fn between_regimes(lab: &mut Lab<'_>, old: u32, new: u32) -> Report {
    lab.regimes = vec![old, new];
    let mut report = Report::default();
    let mut pairs = Vec::new();
    for a in lab.program.decision_ids() {
        if lab.program.decision(a).regime != old {
            continue;
        }
        let name = plain_name(&lab.program, a).to_owned();
        let mut others = lab.program.decision_ids().filter(|id| lab.program.decision(*id).regime == new);
        let Some(b) = others.find(|b| plain_name(&lab.program, *b) == name) else { continue };
        if comparable(&lab.program, a, b) {
            pairs.push(Pair { old: a, new: b, name, parts: Vec::new() });
        } else {
            lab.undecided(
                say!("`{name}` is the same in both", name),
                vec![],
                say!("its values are of different kinds"),
                &mut report,
            );
        }
    }
    let everywhere = lab.program.builder().constant(true);
    let small = lab.program.rules.len() <= 2 * lab.options.direct;
    if small {
        // Ask outright; what is the same needs no looking into.
        for pair in &mut pairs {
            let told = Told::outright(lab, pair.old, pair.new, everywhere);
            let question = Question::one(told.differs(lab, pair.old, pair.new), pair.old.0);
            pair.parts.push((told, question));
        }
        pairs = asked(lab, pairs, &mut report);
    }
    let amended = amended(&lab.program, old, new);
    let places = parts(lab, &amended, old, new);
    let mut group = 0;
    for pair in &mut pairs {
        pair.parts.clear();
        let mut tell = Vec::new();
        if amended.decisions.contains(&pair.old) {
            tell.push(Told::outright(lab, pair.old, pair.new, everywhere));
        } else {
            for place in &places {
                tell.push(if small {
                    Told::outright(lab, pair.old, pair.new, place.here)
                } else {
                    Told::sliced(lab, pair.old, pair.new, place)
                });
            }
            if small {
                // Outside of all places nothing should change; if it does, it is found all the same.
                let mut build = lab.program.builder();
                let any = build.or(places.iter().map(|place| place.here));
                let outside = build.not(any);
                tell.push(Told::outright(lab, pair.old, pair.new, outside));
            }
        }
        for told in tell {
            group += 1;
            let question = Question::one(told.differs(lab, pair.old, pair.new), group);
            pair.parts.push((told, question));
        }
    }
    if !small {
        pairs = asked(lab, pairs, &mut report);
    }
    let mut changes = Vec::new();
    for pair in &pairs {
        for (told, question) in &pair.parts {
            single(lab, pair, told, *question, &mut changes);
        }
    }
    found(lab, changes, &mut report);
    report
}

/// The evidence that two decisions, of which not a word differs, come to the same in all cases; `None` if it is not so or stays
/// open, which is reported.
fn outright(lab: &mut Lab<'_>, pair: &Pair, property: &Sentence, report: &mut Report) -> Option<Vec<Evidence>> {
    let everywhere = lab.program.builder().constant(true);
    let told = Told::outright(lab, pair.old, pair.new, everywhere);
    let question = Question::one(told.differs(lab, pair.old, pair.new), pair.old.0);
    let mut evidence = None;
    for settled in lab.ask(&[question]) {
        lab.faults(&settled.faults, property, report);
        match settled.answer {
            Verdict::No => evidence = Some(settled.evidence),
            Verdict::Unknown(why) => lab.undecided(property.clone(), Vec::new(), why, report),
            Verdict::Yes(witness) => {
                let what = say!("outcomes differ where no rule was seen to differ");
                lab.faults(&[super::method::Fault { what, witness: Some(witness) }], property, report);
            }
        }
    }
    evidence
}

/// Asks of each pair whether its parts differ; keeps the pairs and parts that do, or may.
fn asked(lab: &mut Lab<'_>, pairs: Vec<Pair>, report: &mut Report) -> Vec<Pair> {
    let questions: Vec<Question> = pairs.iter().flat_map(|pair| pair.parts.iter().map(|(_, question)| *question)).collect();
    let mut answers = lab.ask(&questions).into_iter();
    let mut kept = Vec::new();
    for mut pair in pairs {
        let property = say!("`{name}` is the same in both", name = pair.name);
        let mut shared: Option<Vec<Evidence>> = None;
        let mut open = Vec::new();
        let mut parts = Vec::new();
        for part in std::mem::take(&mut pair.parts) {
            let Some(settled) = answers.next() else { break };
            lab.faults(&settled.faults, &property, report);
            match settled.answer {
                Verdict::No => {
                    shared = Some(match shared {
                        None => settled.evidence,
                        Some(all) => all.into_iter().filter(|one| settled.evidence.contains(one)).collect(),
                    });
                }
                Verdict::Unknown(why) => open.push(why),
                Verdict::Yes(_) => parts.push(part),
            }
        }
        let read = [pair.old, pair.new].into_iter().flat_map(|id| Atoms::of_decision(&lab.program, id).inputs);
        if let Some(why) = recounted(&lab.program, &read.collect()) {
            lab.undecided(property.clone(), Vec::new(), why, report);
            if parts.is_empty() {
                continue;
            }
        }
        let settled = parts.is_empty() && open.is_empty();
        for why in open {
            lab.undecided(property.clone(), Vec::new(), why, report);
        }
        if settled {
            // Without a part, not a word of what it rests on differs; whoever can say so of the whole is asked all the same.
            let evidence = match shared {
                Some(evidence) => evidence,
                None => match outright(lab, &pair, &property, report) {
                    Some(evidence) => evidence,
                    None => continue,
                },
            };
            let scope = with_the_same_chains(&lab.program, lab.scope());
            report.proved.push(Proof { property, scope, evidence, invariant: None, notes: Vec::new() });
        } else {
            pair.parts = parts;
            kept.push(pair);
        }
    }
    kept
}

/// Between two days, or two readings: the regime is put beside itself with one input set to each, and the cases found are
/// taken back to the regime as it is.
pub fn between_values(program: &Program, input: InputId, from: &Value, to: &Value, options: &Options) -> Report {
    let Some(twice) = twice(program, input, from, to) else {
        let question = say!("what changes with `{name}`", name = program.input(input).name);
        let reasons = vec![say!("a set has no single values to compare")];
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
        let scope = say!("{name} from {from} to {to}", name = program.input(input).name, from = text(from), to = text(to));
        proof.scope = with_the_same(program, input, scope);
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
            freed_by: came.freed_by.iter().map(|rule| twice.rule(*rule)).collect(),
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
            let title = say!("bug in Lexport: a change that does not replay");
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

/// The single changes of a pair in one part.
fn single(lab: &mut Lab<'_>, pair: &Pair, told: &Told, whole: Question, changes: &mut Vec<Change>) {
    let (a, b, name) = (pair.old, pair.new, &pair.name);
    let mut carriers = carriers_of(lab, a, told.here, &told.rules[0]);
    carriers.extend(carriers_of(lab, b, told.here, &told.rules[1]));
    let change = |what: Sentence, question| Change { old: a, new: b, what, question, carriers: carriers.clone() };
    let Some(steps) = steps(lab, a, b) else {
        match directions(lab, told, a, b) {
            Some([up, down]) => {
                let both = lab.program.builder().or([up, down]);
                let neither = lab.program.builder().not(both);
                let sides = [
                    (say!("`{name}` rises", name), up),
                    (say!("`{name}` falls", name), down),
                    (say!("`{name}` changes otherwise", name), neither),
                ];
                for (what, way) in sides {
                    let goal = lab.program.builder().and([way, whole.goal]);
                    changes.push(change(what, Question { goal, ..whole }));
                }
            }
            None => changes.push(change(say!("`{name}` changes", name), whole)),
        }
        return;
    };
    for (what, before, after) in steps {
        let side = |lab: &mut Lab<'_>, at: usize, tests: &Tests, decision: DecisionId| {
            let mut terms = Vec::new();
            for (test, holds) in tests {
                let term = told.test(lab, at, decision, test);
                terms.push(if *holds { term } else { lab.program.builder().not(term) });
            }
            lab.program.builder().and(terms)
        };
        let (old, new) = (side(lab, 0, &before, a), side(lab, 1, &after, b));
        let never = lab.program.builder().constant(false);
        let goal = lab.program.builder().and([old, new, whole.goal]);
        if goal != never {
            changes.push(change(say!("`{name}` {what}", name, what), Question { goal, ..whole }));
        }
    }
}

/// Of numbers of which too many pairs could be told apart: that the second is greater, and that it is less.
fn directions(lab: &mut Lab<'_>, told: &Told, a: DecisionId, b: DecisionId) -> Option<[TermId; 2]> {
    let value = |test: &OutcomeTest| match test {
        OutcomeTest::Within(ranges) => ranges.first(),
        _ => None,
    };
    let mut steps: Vec<(i64, usize, OutcomeTest)> = Vec::new();
    for (side, id) in [(0, a), (1, b)] {
        steps.extend(lab.tests(id)?.into_iter().filter_map(|test| Some((value(&test)?, side, test))));
    }
    if !matches!(lab.program.decision(a).domain, Domain::Number(_)) {
        return None;
    }
    steps.sort_by_key(|(value, side, _)| (*value, *side));
    // Of two values the lesser stands first: what came before it, on the other side, is less.
    let never = lab.program.builder().constant(false);
    let (mut below, mut ways) = ([never, never], [Vec::new(), Vec::new()]);
    let mut at = 0;
    while at < steps.len() {
        let end = at + steps[at..].iter().take_while(|step| step.0 == steps[at].0).count();
        let terms: Vec<(usize, TermId)> =
            steps[at..end].iter().map(|(_, side, test)| (*side, told.test(lab, *side, [a, b][*side], test))).collect();
        for (side, term) in &terms {
            // The new value is here and the old one was below: it rises. The old one is here, and the new one below: it falls.
            let way = 1 - side;
            let both = lab.program.builder().and([*term, below[1 - side]]);
            ways[way].push(both);
        }
        for (side, term) in terms {
            below[side] = lab.program.builder().or([below[side], term]);
        }
        at = end;
    }
    let [up, down] = ways;
    Some([lab.program.builder().or(up), lab.program.builder().or(down)])
}

/// Which changes do happen, each as a finding.
fn found(lab: &mut Lab<'_>, changes: Vec<Change>, report: &mut Report) {
    let questions: Vec<Question> = changes.iter().map(|change| change.question).collect();
    let mut shown = Vec::new();
    for (change, settled) in changes.into_iter().zip(lab.ask(&questions)) {
        lab.faults(&settled.faults, &change.what, report);
        match settled.answer {
            Verdict::Yes(witness) => shown.push((change, (witness, settled.evidence))),
            Verdict::No => {}
            Verdict::Unknown(why) => lab.undecided(change.what, Vec::new(), why, report),
        }
    }
    let lab: &Lab<'_> = lab;
    let findings: Vec<Finding> = shown
        .into_par_iter()
        .map(|(change, (witness, evidence))| {
            let mut finding = Finding::new(Code::Impact, Kind::Impact, change.what.clone());
            finding.evidence = evidence;
            finding.about = vec![plain_name(&lab.program, change.old).to_owned()];
            let decisions = vec![change.old, change.new];
            (finding.count, finding.classes) = lab.measure(change.question, &change.carriers);
            // Those that carry what was before come first.
            let regime = lab.program.decision(change.old).regime;
            for class in &mut finding.classes {
                let (old, new): (Vec<RuleId>, Vec<RuleId>) =
                    class.rules.iter().partition(|rule| lab.program.rule(**rule).regime == regime);
                class.before = old.len();
                class.rules = [old, new].concat();
            }
            lab.show(&mut finding, change.question, &witness, &decisions);
            finding.suffices = suffices(&lab.program, &finding);
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

/// Facts of the witness that suffice for what changes in it: without any of the others both decisions still come to the same.
fn suffices(program: &Program, finding: &Finding) -> Vec<InputId> {
    let Some(Witness::Case(witness)) = &finding.witness else { return Vec::new() };
    let same = |outcome: &Outcome, expected: &Outcome| {
        outcome == expected || matches!((outcome, expected), (Outcome::Conflict(_), Outcome::Conflict(_)))
    };
    let holds = |case: &Case| {
        finding
            .came
            .iter()
            .all(|came| possible(program, case, came.decision).settled().is_some_and(|one| same(one, &came.outcome)))
    };
    // What the rules that speak do not test is left out at once.
    let speaking = finding.came.iter().flat_map(|came| came.because.iter().chain(&came.freed_by));
    let tested: BTreeSet<InputId> =
        speaking.flat_map(|rule| Atoms::of_term(program, program.rule(*rule).applies).inputs).collect();
    let mut case = witness.clone();
    for input in program.input_ids().filter(|input| !tested.contains(input)) {
        case.values[input.index()] = None;
    }
    if !holds(&case) {
        case = witness.clone();
    }
    if !holds(&case) {
        return Vec::new();
    }
    let known: Vec<InputId> = program.input_ids().filter(|input| case.get(*input).is_some()).collect();
    for input in known.iter().rev() {
        let mut without = case.clone();
        without.values[input.index()] = None;
        if holds(&without) {
            case = without;
        }
    }
    program.input_ids().filter(|input| case.get(*input).is_some()).collect()
}

/// Before and after in the witness.
fn shift(lab: &Lab<'_>, finding: &Finding) -> Option<Shift> {
    let [first, second] = finding.came.as_slice() else { return None };
    let (old, new) = (first.clone(), second.clone());
    let gain = match (&old.outcome, &new.outcome) {
        (Outcome::Value(a), Outcome::Value(b)) if lab.ordered_by_declaration(old.decision) => match b.cmp(a) {
            std::cmp::Ordering::Less => Gain::Looser,
            std::cmp::Ordering::Greater => Gain::Stricter,
            std::cmp::Ordering::Equal => Gain::Other,
        },
        _ => Gain::Other,
    };
    Some(Shift { old, new, gain })
}
