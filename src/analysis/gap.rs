//! Gaps: cases in which a decision has no value.

use crate::diagnostic::Code;
use crate::eval::Atoms;
use crate::ir::{Case, Combine, Domain, InputId, OutcomeTest, Ranges, RuleId, TermId, Value};
use crate::words::{Sentence, list, say};

use super::finding::{Finding, Kind, Proof, Report, Witness};
use super::lab::Lab;
use super::method::{Question, Verdict};
use super::replay::replays;
use super::trial::{Seen, tried};

/// Rules whose being defeated is listed as a class of a gap.
const CLASSED: usize = 24;

/// All gaps. A decision with a default, or that takes all, has none by its declaration, and nothing is said of it.
pub fn gaps(lab: &mut Lab<'_>, cases: &[Seen]) -> Report {
    let mut report = Report::default();
    let decisions: Vec<_> = lab.decisions().into_iter().filter(|id| lab.may_gap(*id)).collect();
    let questions: Vec<Question> =
        decisions.iter().map(|id| Question::one(lab.program.builder().outcome(*id, OutcomeTest::Gap), id.0)).collect();
    for ((id, question), settled) in decisions.iter().zip(&questions).zip(tried(lab, &questions, cases)) {
        let name = lab.program.decision(*id).name.clone();
        let property = say!("`{name}` always has a value", name);
        lab.faults(&settled.faults, &property, &mut report);
        match settled.answer {
            Verdict::No => report.proved.push(Proof {
                property,
                scope: lab.scope(),
                evidence: settled.evidence,
                invariant: None,
                notes: Vec::new(),
            }),
            Verdict::Unknown(why) => lab.undecided(property, Vec::new(), why, &mut report),
            Verdict::Yes(witness) => {
                let mut finding = Finding::new(Code::Gap, Kind::Gap, say!("`{name}` can be without a value", name));
                finding.decisions = vec![*id];
                finding.about = vec![name];
                finding.origins = vec![lab.program.decision(*id).origin];
                finding.evidence = settled.evidence;
                let rules = lab.program.decision(*id).rules.clone();
                let applying: Vec<(RuleId, TermId)> = if rules.len() <= CLASSED {
                    rules.iter().map(|rule| (*rule, lab.program.builder().applies(*rule))).collect()
                } else {
                    Vec::new()
                };
                (finding.count, finding.classes) = lab.measure(*question, &applying);
                lab.show(&mut finding, *question, &witness, &[*id]);
                if let Some(Witness::Case(case)) = finding.witness.clone() {
                    let confined = confined(lab, question.goal, &case);
                    if !confined.is_empty() {
                        let given: Vec<Sentence> = confined.iter().map(|(input, value)| lab.given_text(*input, value)).collect();
                        finding.notes.push(say!("only where {given}", given = list!(" and ", given)));
                    }
                    finding.inputs = confined.into_iter().map(|(input, _)| input).collect();
                }
                finding.fixes.push(say!("add a rule for these cases, or an `otherwise` value to the decision"));
                report.findings.push(finding);
            }
        }
    }
    report
}

/// Sums that leave the range their decision declares: an outcome that the decision cannot have.
pub fn sums(lab: &mut Lab<'_>, cases: &[Seen]) -> Report {
    let mut report = Report::default();
    for id in lab.decisions() {
        let decision = lab.program.decision(id).clone();
        let (Combine::Sum, Some((lo, hi))) = (&decision.combine, decision.domain.bounds()) else { continue };
        let concluded = decision.rules.iter().filter_map(|rule| match lab.program.conclusion(*rule, id) {
            Some(Value::Int(k)) => Some(*k),
            _ => None,
        });
        let (least, most) =
            concluded.fold((0i64, 0i64), |(least, most), k| (least.saturating_add(k.min(0)), most.saturating_add(k.max(0))));
        if least >= lo.min(0) && most <= hi {
            continue;
        }
        let outside = Ranges::from_pairs([(i64::MIN, lo.saturating_sub(1)), (hi.saturating_add(1), i64::MAX)]);
        let goal = lab.program.builder().outcome(id, OutcomeTest::Within(outside));
        let question = Question::one(goal, id.0);
        let property = say!("`{name}` stays within its declared range", name = decision.name);
        for settled in tried(lab, &[question], cases) {
            lab.faults(&settled.faults, &property, &mut report);
            match settled.answer {
                Verdict::No => report.proved.push(Proof {
                    property: property.clone(),
                    scope: lab.scope(),
                    evidence: settled.evidence,
                    invariant: None,
                    notes: Vec::new(),
                }),
                Verdict::Unknown(why) => lab.undecided(property.clone(), Vec::new(), why, &mut report),
                Verdict::Yes(witness) => {
                    let title = say!("`{name}` can leave its declared range", name = decision.name);
                    let mut finding = Finding::new(Code::SumOutOfRange, Kind::Gap, title);
                    finding.decisions = vec![id];
                    finding.about = vec![decision.name.clone()];
                    finding.origins = vec![decision.origin];
                    finding.evidence = settled.evidence;
                    lab.show(&mut finding, question, &witness, &[id]);
                    finding.fixes.push(say!("widen the range of the decision, or make the rules exclude each other"));
                    report.findings.push(finding);
                }
            }
        }
    }
    report
}

/// The inputs that have one and the same value wherever the goal holds: a gap of one day, of one threshold.
fn confined(lab: &mut Lab<'_>, goal: TermId, case: &Case) -> Vec<(InputId, Value)> {
    let mut asked = Vec::new();
    let atoms = Atoms::of_term(&lab.program, goal);
    for input in atoms.inputs.iter().copied() {
        if lab.options.fixed.iter().any(|(fixed, _)| *fixed == input) {
            continue;
        }
        let Some(value) = case.get(input).cloned() else { continue };
        // Mostly another value will do as well, and that is soon seen.
        let otherwise = |other: &Value| {
            let mut changed = case.clone();
            changed.set(input, other.clone());
            replays(&lab.program, Question::one(goal, 0), &Witness::Case(changed), lab.options)
        };
        if atoms.instead(&lab.program, case, input).iter().any(otherwise) {
            continue;
        }
        let domain = lab.program.input(input).domain.clone();
        let size = if let Domain::Enum(id) = &domain { lab.program.enumeration(*id).size() } else { 0 };
        let mut build = lab.program.builder();
        let here = match &value {
            Value::Int(k) => build.within(input, crate::ir::Ranges::closed(*k, *k)),
            Value::Member(member) => build.member(input, crate::ir::MemberSet::of(size, (*member < size).then_some(*member))),
            _ => continue,
        };
        let Ok(here) = here else { continue };
        let elsewhere = build.not(here);
        let goal = build.and([goal, elsewhere]);
        asked.push((input, value, Question::one(goal, 0)));
    }
    let questions: Vec<Question> = asked.iter().map(|(_, _, question)| *question).collect();
    let answers = lab.ask(&questions);
    let held = asked.into_iter().zip(answers).filter(|(_, settled)| lab.agreed(settled));
    held.map(|((input, value, _), _)| (input, value)).collect()
}
