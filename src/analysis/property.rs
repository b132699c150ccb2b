//! Properties that the source claims: each is proved, refuted by a case, or left open, and said to be so.

use std::collections::BTreeSet;

use crate::diagnostic::Code;
use crate::eval::Atoms;
use crate::ir::{DecisionId, Direction, Program, Property, PropertyKind, TermId};
use crate::words::say;

use super::finding::{Claimed, Finding, Kind, Proof, Report, Standing};
use super::lab::Lab;
use super::method::{Question, Verdict, settle};
use super::recount::recounted;

/// The properties whose scope holds in no case: what is true of nothing is no proof, and most likely a slip. Each is a finding.
fn scopes(lab: &mut Lab<'_>, report: &mut Report) -> BTreeSet<usize> {
    let properties = lab.program.properties.clone();
    let mut questions = Vec::new();
    for (at, property) in properties.iter().enumerate() {
        questions.push(match property.kind.pair() {
            None => Question::one(property.scope, at as u32),
            // Both cases of the pair must be in it.
            Some(input) => {
                let mut build = lab.program.builder();
                let there = build.second(property.scope);
                let mut all = vec![property.scope, there];
                if let PropertyKind::Tiers { from, to, .. } = property.kind {
                    all.push(either_way(&mut build, from, to));
                }
                Question::two(build.and(all), input, at as u32)
            }
        });
    }
    let mut empty = BTreeSet::new();
    for ((at, property), settled) in properties.iter().enumerate().zip(lab.ask(&questions)) {
        let name = lab.property_name(at);
        lab.faults(&settled.faults, &name, report);
        match settled.answer.clone() {
            Verdict::Yes(_) => {}
            Verdict::Unknown(why) => lab.undecided(say!("{name} is about some case", name), Vec::new(), why, report),
            Verdict::No if !lab.agreed(&settled) => {
                let why = say!("only one method says that it is not");
                lab.undecided(say!("{name} is about some case", name), Vec::new(), why, report);
            }
            Verdict::No => {
                empty.insert(at);
                let mut finding = Finding::new(Code::Vacuous, Kind::Property, say!("the property {name} is about no case", name));
                lab.narrow(&mut finding);
                finding.about = vec![property.name.clone()];
                finding.origins = vec![property.origin];
                finding.evidence = settled.evidence;
                finding.notes.push(say!(
                    "nothing (of a comparison: no pair of cases) meets its `where` in {scope}: it holds, and says nothing",
                    scope = lab.scope()
                ));
                report.findings.push(finding);
            }
        }
    }
    empty
}

/// Whether a term asks about the decisions of a compared regime.
fn compares(lab: &Lab<'_>, term: crate::ir::TermId) -> bool {
    Atoms::of_term(&lab.program, term).decisions.iter().any(|id| lab.program.decision(*id).regime > 0)
}

/// In one case one thing, and the other in the other.
fn either_way(build: &mut crate::ir::Builder<'_>, a: TermId, b: TermId) -> TermId {
    let (a_there, b_there) = (build.second(a), build.second(b));
    let (one, other) = (build.and([a, b_there]), build.and([b, a_there]));
    build.or([one, other])
}

/// What came of a claim that shows one of the twelve properties.
fn claimed(property: &Property, came: Standing, report: &mut Report) {
    if let Some(shows) = property.shows {
        report.claims.push(Claimed { shows, claim: property.name.clone(), came });
    }
}

/// Of each property that is about pairs, what breaks it: both cases are in its scope, the first is less in its input. `None` for others, and
/// where the decision can come to too many totals. The terms are added to the program.
pub fn violations(program: &mut Program) -> Vec<Option<TermId>> {
    let options = super::Options::default();
    let mut lab = Lab::new(program, &options);
    let all = (0..lab.program.properties.len()).map(|at| broken(&mut lab, at)).collect();
    let whole = lab.program.clone();
    drop(lab);
    *program = whole;
    all
}

/// What breaks a property that is about pairs.
fn broken(lab: &mut Lab<'_>, at: usize) -> Option<TermId> {
    let property = lab.program.properties[at].clone();
    let goes = match property.kind {
        PropertyKind::Never { .. } => return None,
        PropertyKind::Monotone { decision, never, .. } => lab.falls_in_second(decision, never == Direction::Tightens)?,
        PropertyKind::Tiers { decision, from, to, .. } => {
            // The first case of a pair is the lesser one, which may be of either tier.
            let (falls, rises) = (lab.falls_in_second(decision, false)?, lab.falls_in_second(decision, true)?);
            let mut build = lab.program.builder();
            let (from_there, to_there) = (build.second(from), build.second(to));
            let (up, down) = (build.and([from, to_there, falls]), build.and([to, from_there, rises]));
            build.or([up, down])
        }
        PropertyKind::Blind { decision, .. } => lab.differs_in_second(decision)?,
    };
    let mut build = lab.program.builder();
    let there = build.second(property.scope);
    Some(build.and([goes, property.scope, there]))
}

/// The properties of single cases that hold whatever the rules say.
fn free_of_rules(lab: &Lab<'_>) -> BTreeSet<usize> {
    let never = |(at, property): (usize, &Property)| match property.kind {
        PropertyKind::Never { violation } => Some((at, violation)),
        _ => None,
    };
    let (places, goals): (Vec<usize>, Vec<TermId>) = lab.program.properties.iter().enumerate().filter_map(never).unzip();
    let Ok((open, goals)) = lab.program.open(&goals) else { return BTreeSet::new() };
    let questions: Vec<Question> = places.iter().zip(goals).map(|(at, goal)| Question::one(goal, *at as u32)).collect();
    let settled = settle(&open, &questions, lab.options);
    places.into_iter().zip(&settled).filter(|(_, one)| lab.agreed(one)).map(|(at, _)| at).collect()
}

/// All properties of the program.
pub fn properties(lab: &mut Lab<'_>) -> Report {
    let mut report = Report::default();
    let mut asked: Vec<(usize, Option<DecisionId>, Question)> = Vec::new();
    for (at, property) in lab.program.properties.clone().into_iter().enumerate() {
        match property.kind {
            PropertyKind::Never { violation } => asked.push((at, None, Question::one(violation, at as u32))),
            ref kind => {
                let (Some(input), Some(goal)) = (kind.pair(), broken(lab, at)) else {
                    let why = say!("the decision has no order, or too many totals");
                    lab.undecided(lab.property_name(at), Vec::new(), why, &mut report);
                    claimed(&property, Standing::Open, &mut report);
                    continue;
                };
                asked.push((at, kind.decision(), Question::two(goal, input, at as u32)));
            }
        }
    }
    let questions: Vec<Question> = asked.iter().map(|(_, _, question)| *question).collect();
    let empty = scopes(lab, &mut report);
    let free = free_of_rules(lab);
    for ((at, decision, question), settled) in asked.into_iter().zip(lab.ask(&questions)) {
        let property = lab.program.properties[at].clone();
        let name = lab.property_name(at);
        lab.faults(&settled.faults, &name, &mut report);
        // What two laws count differently is the same only in a single case.
        let apart = match property.kind {
            PropertyKind::Never { violation } if settled.answer == Verdict::No && compares(lab, violation) => {
                let atoms = Atoms::of_term(&lab.program, violation);
                let below = atoms.decisions.iter().flat_map(|id| Atoms::of_decision(&lab.program, *id).inputs);
                recounted(&lab.program, &below.chain(atoms.inputs.iter().copied()).collect())
            }
            _ => None,
        };
        if let Some(why) = apart {
            claimed(&property, Standing::Open, &mut report);
            lab.undecided(name, Vec::new(), why, &mut report);
            continue;
        }
        let came = match &settled.answer {
            Verdict::No if empty.contains(&at) => Standing::Empty,
            Verdict::No if free.contains(&at) => Standing::WithoutRules,
            Verdict::No if !lab.agreed(&settled) => Standing::OneMethod,
            Verdict::No => Standing::Holds,
            Verdict::Yes(_) => Standing::Fails,
            Verdict::Unknown(_) => Standing::Open,
        };
        claimed(&property, came, &mut report);
        match settled.answer {
            Verdict::No if empty.contains(&at) => {}
            Verdict::No => {
                let scope = match property.kind {
                    PropertyKind::Monotone { input, .. }
                    | PropertyKind::Tiers { input, .. }
                    | PropertyKind::Blind { input, .. } => lab.scope_of_pairs(input),
                    // Of two laws: a chain may come to something else under each.
                    PropertyKind::Never { violation } if compares(lab, violation) => {
                        super::lab::with_the_same_chains(&lab.program, lab.scope())
                    }
                    PropertyKind::Never { .. } => lab.scope(),
                };
                let notes = free.contains(&at).then(super::loophole::whatever).into_iter().collect();
                report.proved.push(Proof { property: name, scope, evidence: settled.evidence, invariant: None, notes });
            }
            Verdict::Unknown(why) => lab.undecided(name, Vec::new(), why, &mut report),
            Verdict::Yes(witness) => {
                let title = say!("the property {name} does not hold", name);
                let mut finding = Finding::new(Code::PropertyViolated, Kind::Property, title);
                finding.evidence = settled.evidence;
                finding.about = vec![property.name.clone()];
                match decision {
                    Some(decision) => {
                        super::cliff::pair(lab, &mut finding, question, &witness, decision);
                        finding.inputs = question.pair.into_iter().collect();
                    }
                    None => {
                        let atoms = Atoms::of_term(&lab.program, question.goal);
                        let decisions: Vec<DecisionId> = atoms.decisions.into_iter().collect();
                        lab.show(&mut finding, question, &witness, &decisions);
                        finding.decisions = decisions;
                        let mut rules: Vec<_> = finding.came.iter().flat_map(|came| came.because.clone()).collect();
                        rules.sort_unstable();
                        rules.dedup();
                        finding.origins = rules.iter().map(|rule| lab.program.rule(*rule).origin).collect();
                        finding.rules = rules;
                        finding.count = lab.measure(question, &[]).0;
                    }
                }
                finding.origins.insert(0, property.origin);
                if !property.cite.is_empty() {
                    finding.notes.push(say!("it rests on {cite}", cite = property.cite));
                }
                report.findings.push(finding);
            }
        }
    }
    report
}
