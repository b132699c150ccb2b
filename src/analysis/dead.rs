//! Dead rules, exceptions and alternatives: they are never effective, and this is what shadows them.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{RuleId, RuleKind, TermId};
use crate::words::{Sentence, say};

use super::finding::{Finding, Kind, Proof, Report, Witness};
use super::lab::Lab;
use super::method::{Question, Verdict, methods_agree};

/// What an alive rule was seen alive in.
pub type Alive = Vec<(RuleId, Witness)>;

/// All dead rules and alternatives; and for each living rule a case in which it is effective.
pub fn dead(lab: &mut Lab<'_>) -> (Report, Alive) {
    let mut report = Report::default();
    let mut alive = Alive::new();
    let rules = lab.rules();
    let mut asked: Vec<(RuleId, Option<usize>, Question)> = Vec::new();
    for rule in &rules {
        let group = lab.group_of(*rule);
        let effective = lab.program.builder().effective(*rule);
        asked.push((*rule, None, Question::one(effective, group)));
        let alternatives: Vec<TermId> = lab.program.rule(*rule).alternatives.iter().map(|side| side.applies).collect();
        for (at, side) in alternatives.into_iter().enumerate() {
            let goal = lab.program.builder().and([side, effective]);
            asked.push((*rule, Some(at), Question::one(goal, group)));
        }
    }
    let questions: Vec<Question> = asked.iter().map(|(_, _, question)| *question).collect();
    let answers = lab.ask(&questions);
    let mut living = true;
    let mut proofs = Vec::new();
    let mut last_dead = None;
    for rule in rules.iter().filter(|rule| !lab.program.rule(**rule).all_alternatives) {
        living = false;
        let what = say!("every alternative of {rule} can be effective", rule = lab.rule_name(*rule));
        let looked_at = lab.program.rule(*rule).alternatives.len();
        let why = say!("its condition has more than {looked_at} alternatives; those beyond were not looked at", looked_at);
        lab.undecided(what, vec![*rule], why, &mut report);
    }
    for ((rule, side, question), settled) in asked.into_iter().zip(answers) {
        let name = lab.rule_name(rule);
        let what = match side {
            None => say!("{name} can be effective", name),
            Some(at) => say!("alternative {number} of {name} can be effective", number = at + 1, name),
        };
        lab.faults(&settled.faults, &what, &mut report);
        match settled.answer {
            Verdict::Yes(witness) => {
                if side.is_none() {
                    alive.push((rule, witness));
                }
            }
            Verdict::Unknown(why) => {
                living = false;
                lab.undecided(what, vec![rule], why, &mut report);
            }
            // Of a dead rule every alternative is dead; one finding says so.
            Verdict::No if last_dead == Some(rule) => {}
            Verdict::No if !methods_agree(lab.options, &settled.evidence) => {
                living = false;
                let only = settled.evidence.first().map_or_else(Sentence::default, |one| super::method::name(one.by));
                lab.undecided(what, vec![rule], say!("only {only} says that it cannot", only), &mut report);
            }
            Verdict::No => {
                living &= lab.program.rule(rule).family.is_some();
                if side.is_none() {
                    last_dead = Some(rule);
                }
                proofs.push((rule, side, question, settled.evidence));
            }
        }
    }
    let families = dead_families(lab, &rules, &proofs);
    proofs.retain(|(rule, side, ..)| match &lab.program.rule(*rule).family {
        // Of a rule with a varying value one value that never comes out is no defect of the rule.
        Some(family) => families.get(&(family.clone(), *side)) == Some(rule),
        None => true,
    });
    living &= families.is_empty();
    let reasons = nevers(lab, &proofs.iter().filter(|(_, side, ..)| side.is_none()).map(|(rule, ..)| *rule).collect::<Vec<_>>());
    for (rule, side, question, evidence) in proofs {
        let mut finding = match side {
            None => dead_rule(lab, rule, reasons.get(&rule).copied().unwrap_or_default()),
            Some(at) => dead_side(lab, rule, at, question.goal),
        };
        finding.evidence = evidence;
        report.findings.push(finding);
    }
    if living && !rules.is_empty() {
        let evidence = vec![super::finding::Evidence::new(super::finding::By::Interpreter, say!("replayed a case for each"))];
        let property = say!("every rule, and every alternative in a condition, can be effective");
        report.proved.push(Proof { property, scope: lab.scope(), evidence, invariant: None, notes: Vec::new() });
    }
    (report, alive)
}

/// The rules with a varying value of which no part is alive, and the alternatives by way of which no part is; each with the
/// first part.
fn dead_families<T>(
    lab: &Lab<'_>,
    rules: &[RuleId],
    proofs: &[(RuleId, Option<usize>, Question, T)],
) -> BTreeMap<(String, Option<usize>), RuleId> {
    let is_dead = |rule: &RuleId, at: Option<usize>| proofs.iter().any(|(other, side, ..)| other == rule && *side == at);
    let mut families: BTreeMap<String, Vec<RuleId>> = BTreeMap::new();
    for rule in rules {
        if let Some(family) = &lab.program.rule(*rule).family {
            families.entry(family.clone()).or_default().push(*rule);
        }
    }
    let mut dead = BTreeMap::new();
    for (family, parts) in families {
        let Some(first) = parts.first().copied() else { continue };
        if parts.iter().all(|part| is_dead(part, None)) {
            dead.insert((family, None), first);
            continue;
        }
        // Of a part that is dead as a whole its alternatives are not asked about.
        for at in 0..lab.program.rule(first).alternatives.len() {
            if parts.iter().all(|part| is_dead(part, None) || is_dead(part, Some(at))) {
                let witness = parts.iter().find(|part| is_dead(part, Some(at))).copied().unwrap_or(first);
                dead.insert((family.clone(), Some(at)), witness);
            }
        }
    }
    dead
}

fn kind_of(lab: &Lab<'_>, rule: RuleId) -> Sentence {
    match lab.program.rule(rule).kind {
        RuleKind::Rule => say!("rule"),
        RuleKind::Exception => say!("exception"),
        RuleKind::Restriction => say!("restriction"),
    }
}

/// Of each rule whether its period, its condition, and both together hold in no case; all asked in one go, because beginning to
/// ask costs more than most of these questions.
fn nevers(lab: &Lab<'_>, rules: &[RuleId]) -> BTreeMap<RuleId, [bool; 3]> {
    let terms = |rule: RuleId| {
        let rule = lab.program.rule(rule);
        [rule.in_force, rule.condition, rule.applies]
    };
    let questions: Vec<Question> =
        rules.iter().flat_map(|rule| terms(*rule).map(|term| Question::one(term, lab.group_of(*rule)))).collect();
    let answers: Vec<bool> = lab.ask(&questions).iter().map(|settled| lab.agreed(settled)).collect();
    rules.iter().zip(answers.chunks(3)).map(|(rule, three)| (*rule, [three[0], three[1], three[2]])).collect()
}

/// A finding about a rule that is never effective.
fn dead_rule(lab: &mut Lab<'_>, rule: RuleId, [no_period, no_condition, no_case]: [bool; 3]) -> Finding {
    let (name, kind) = (lab.rule_name(rule), kind_of(lab, rule));
    let name = lab.program.rule(rule).family.as_ref().map_or(name, |family| say!("`{name}`", name = family));
    let mut finding = Finding::new(Code::DeadRule, Kind::Dead, say!("the {kind} {name} can never be effective", kind, name));
    finding.rules = vec![rule];
    finding.about = decision_names(lab, rule);
    finding.origins = vec![lab.program.rule(rule).origin];
    let declared = lab.program.rule(rule).clone();
    lab.narrow(&mut finding);
    if no_period {
        finding.notes.push(match (lab.options.fixed.is_empty(), lab.program.date) {
            (true, Some(date)) => {
                let declared = lab.program.input(date);
                let (lo, hi) = declared.domain.bounds().unwrap_or((0, 0));
                let (lo, hi) = (crate::ir::date_text(lo), crate::ir::date_text(hi));
                say!(
                    "it is in force on no day from {lo} to {hi}, which is all that `{name}` can be",
                    lo,
                    hi,
                    name = declared.name
                )
            }
            _ => say!("it is not in force in {scope}", scope = lab.scope()),
        });
    } else if no_condition && declared.kind == RuleKind::Exception {
        finding.notes.push(say!(
            "an exception applies only where a rule that it is an exception to does, and no case of the declared ranges meets both conditions"
        ));
    } else if no_condition {
        finding.notes.push(say!("no case of the declared ranges meets its condition"));
    } else if no_case {
        finding.notes.push(say!("its condition is not met on any day of its period"));
    } else {
        shadowed(lab, &mut finding, declared.applies, &declared.overridden_by);
    }
    finding
}

fn decision_names(lab: &Lab<'_>, rule: RuleId) -> Vec<String> {
    lab.program.rule(rule).conclusions.iter().map(|(id, _)| lab.program.decision(*id).name.clone()).collect()
}

/// A finding about an alternative by way of which its rule is never effective.
fn dead_side(lab: &mut Lab<'_>, rule: RuleId, at: usize, goal: TermId) -> Finding {
    let name = lab.rule_name(rule);
    let title = say!("alternative {number} in the condition of {name} can never be effective", number = at + 1, name);
    let mut finding = Finding::new(Code::DeadAlternative, Kind::Dead, title);
    let declared = lab.program.rule(rule).clone();
    finding.rules = vec![rule];
    finding.about = decision_names(lab, rule);
    finding.origins = vec![declared.alternatives[at].origin, declared.origin];
    lab.narrow(&mut finding);
    if lab.never(declared.alternatives[at].applies) {
        finding.notes.push(say!("together with the rest of the condition and the period it is never met"));
    } else {
        let _ = goal;
        shadowed(lab, &mut finding, declared.alternatives[at].applies, &declared.overridden_by);
    }
    finding
}

/// The least set of overriders that together leave nothing of a term: each is dropped that is not needed.
fn shadowed(lab: &mut Lab<'_>, finding: &mut Finding, applies: TermId, overriders: &[RuleId]) {
    let mut needed: Vec<RuleId> = overriders.to_vec();
    for rule in overriders {
        let fewer: Vec<RuleId> = needed.iter().copied().filter(|other| other != rule).collect();
        let mut build = lab.program.builder();
        let mut all = vec![applies];
        for other in &fewer {
            let effective = build.effective(*other);
            all.push(build.not(effective));
        }
        let left = build.and(all);
        if lab.never(left) {
            needed = fewer;
        }
    }
    let names = lab.rule_names(&needed);
    let count = needed.len();
    finding.notes.push(say!("wherever it applies, {names} {count:overrides|override} it", names, count));
    finding.origins.extend(needed.iter().map(|rule| lab.program.rule(*rule).origin));
    finding.shadows = needed;
}
