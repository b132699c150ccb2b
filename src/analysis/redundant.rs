//! Redundant rules: without one of them every decision would come to the same in every case.
//!
//! A rule that is never effective is dead and not reported here again. For the others, a case in which the outcome would
//! be another is looked for first in the cases that are at hand; only where none is found the methods are asked.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Code;
use crate::eval::{Atoms, Eval, same};
use crate::ir::{Case, DecisionId, Program, RuleId, Term, TermId};
use crate::words::{Sentence, say};

use super::dead::Alive;
use super::finding::{Finding, Kind, Report};
use super::lab::Lab;
use super::local;
use super::method::{Question, Verdict, first, methods_agree};
use super::overlap::Overlaps;

/// All redundant rules among those that are alive.
pub fn redundant(lab: &mut Lab<'_>, overlaps: &Overlaps, alive: &Alive) -> Report {
    let mut report = Report::default();
    let reach = Reach::new(&lab.program, lab.base);
    // The whole program is asked while that costs as little as its neighbourhoods do.
    let small = lab.program.rules.len() <= lab.options.direct / 4;
    let program = &lab.program;
    let mut matters: Vec<bool> = alive
        .par_iter()
        .map(|(rule, witness)| {
            let case = first(witness);
            if small {
                reach.decisions(program, *rule).iter().any(|decision| differs(program, case, *decision, *rule))
            } else {
                local::matters(program, case, *rule, overlaps)
            }
        })
        .collect();
    if !reach.rests.is_empty() {
        in_scenarios(lab, &reach, alive, &mut matters);
    }
    let program = &lab.program;
    // The parts of a rule with a varying value exclude each other: it is redundant if each of them is.
    let needed: BTreeSet<&String> = alive
        .iter()
        .zip(&matters)
        .filter(|(_, matters)| **matters)
        .filter_map(|((rule, _), _)| program.rule(*rule).family.as_ref())
        .collect();
    let open: Vec<RuleId> = alive
        .iter()
        .zip(&matters)
        .filter(|((rule, _), matters)| !**matters && !program.rule(*rule).family.as_ref().is_some_and(|f| needed.contains(f)))
        .map(|((rule, _), _)| *rule)
        .collect();
    let mut asked: Vec<(RuleId, Question)> = Vec::new();
    let mut partly: BTreeSet<RuleId> = BTreeSet::new();
    for rule in &open {
        let group = lab.group_of(*rule);
        let local = if small { None } else { local::differs_without(lab, *rule, overlaps, |rule| reach.is_plain(rule)) };
        let goal = local.or_else(|| direct(lab, &reach, *rule));
        match goal {
            Some(goal) => asked.push((*rule, Question::one(goal, group))),
            // The totals of a sum are too many to list; where the rule alone defeats another one, they differ.
            None => {
                partly.insert(*rule);
                let goal = defeats_alone(lab, *rule);
                asked.push((*rule, Question::one(goal, group)));
            }
        }
    }
    let questions: Vec<Question> = asked.iter().map(|(_, question)| *question).collect();
    let answers = lab.ask(&questions);
    // A part that is needed, or may be, is a reason for the whole rule.
    let open: BTreeSet<String> = asked
        .iter()
        .zip(&answers)
        .filter(|(_, settled)| !matches!(settled.answer, Verdict::No))
        .filter_map(|((rule, _), _)| lab.program.rule(*rule).family.clone())
        .collect();
    let mut said: BTreeSet<String> = BTreeSet::new();
    for ((rule, _), settled) in asked.into_iter().zip(answers) {
        if let (Some(family), Verdict::No) = (lab.program.rule(rule).family.clone(), &settled.answer)
            && (open.contains(&family) || !said.insert(family))
        {
            continue;
        }
        let name =
            lab.program.rule(rule).family.as_ref().map_or_else(|| lab.rule_name(rule), |family| say!("`{name}`", name = family));
        let what = say!("{name} makes a difference", name);
        lab.faults(&settled.faults, &what, &mut report);
        let conclusions = lab.program.rule(rule).conclusions.len();
        match settled.answer {
            Verdict::Yes(witness) if partly.contains(&rule) => {
                let case = first(&witness);
                let decisions = reach.decisions(&lab.program, rule);
                if !decisions.iter().any(|decision| differs(&lab.program, case, *decision, rule)) {
                    lab.undecided(what, vec![rule], say!("its sums have too many totals"), &mut report);
                }
            }
            Verdict::No if partly.contains(&rule) && conclusions > 0 => {
                lab.undecided(what, vec![rule], say!("its sums have too many totals"), &mut report);
            }
            Verdict::Yes(_) => {}
            Verdict::Unknown(why) => lab.undecided(what, vec![rule], why, &mut report),
            Verdict::No if !methods_agree(lab.options, &settled.evidence) => {
                let only = settled.evidence.first().map_or_else(Sentence::default, |one| super::method::name(one.by));
                lab.undecided(what, vec![rule], say!("only {only} says that it does not", only), &mut report);
            }
            Verdict::No => {
                let title = say!("without {name} every decision would come to the same in every case", name);
                let mut finding = Finding::new(Code::RedundantRule, Kind::Redundant, title);
                finding.rules = vec![rule];
                let declared = lab.program.rule(rule);
                finding.about = declared.conclusions.iter().map(|(id, _)| lab.program.decision(*id).name.clone()).collect();
                finding.decisions = declared.conclusions.iter().map(|(id, _)| *id).collect();
                finding.origins = vec![declared.origin];
                finding.evidence = settled.evidence;
                if let Some((_, witness)) = alive.iter().find(|(other, _)| *other == rule) {
                    let effective = lab.program.builder().effective(rule);
                    let decisions = finding.decisions.clone();
                    lab.show(&mut finding, Question::one(effective, 0), witness, &decisions);
                    let others: BTreeSet<RuleId> =
                        finding.came.iter().flat_map(|came| came.because.iter().copied()).filter(|r| *r != rule).collect();
                    if !others.is_empty() {
                        let others: Vec<RuleId> = others.into_iter().collect();
                        finding.notes.push(say!("here {others} would still say so", others = lab.rule_names(&others)));
                        finding.shadows = others;
                    }
                }
                finding.fixes.push(say!("remove it, or narrow the rules that say the same"));
                lab.narrow(&mut finding);
                report.findings.push(finding);
            }
        }
    }
    report
}

/// Looks for a difference in the author's own cases, where a rule made none in the case in which it was seen alive.
fn in_scenarios(lab: &Lab<'_>, reach: &Reach, alive: &Alive, matters: &mut [bool]) {
    let program = &lab.program;
    let Some((_, witness)) = alive.first() else { return };
    let fixed = |case: &Case| lab.options.fixed.iter().all(|(input, value)| case.get(*input) == Some(value));
    // What a scenario leaves open is as in some other case; any case will do.
    let cases: Vec<Case> = program
        .scenarios
        .iter()
        .map(|scenario| {
            let mut case = first(witness).clone();
            for (input, value) in program.input_ids().filter_map(|input| Some((input, scenario.given.get(input)?.clone()))) {
                case.set(input, value);
            }
            case
        })
        .filter(fixed)
        .collect();
    let open: Vec<usize> = (0..alive.len()).filter(|at| !matters[*at]).collect();
    let found: Vec<Vec<usize>> = cases
        .par_iter()
        .map(|case| {
            let Ok(mut eval) = Eval::new(program, case) else { return Vec::new() };
            open.iter().copied().filter(|at| eval.effective(alive[*at].0)).collect()
        })
        .collect();
    for at in open {
        let rule = alive[at].0;
        let own = cases.iter().zip(&found).filter(|(_, effective)| effective.contains(&at)).map(|(case, _)| case);
        let decisions = reach.decisions(program, rule);
        matters[at] = own.take(64).any(|case| decisions.iter().any(|decision| differs(program, case, *decision, rule)));
    }
}

/// Whether a decision comes to something else in a case without a rule.
fn differs(program: &Program, case: &Case, decision: DecisionId, rule: RuleId) -> bool {
    let Ok(mut eval) = Eval::new(program, case) else { return false };
    let with = eval.decide(decision).outcome.clone();
    !same(&with, &eval.decide_without(decision, rule).outcome)
}

/// That a rule is effective and it alone defeats some other rule that applies.
fn defeats_alone(lab: &mut Lab<'_>, rule: RuleId) -> TermId {
    let defeated: Vec<(TermId, Vec<RuleId>)> = lab
        .program
        .rules
        .iter()
        .filter(|other| other.overridden_by.contains(&rule))
        .map(|other| (other.applies, other.overridden_by.iter().copied().filter(|by| *by != rule).collect()))
        .collect();
    let mut build = lab.program.builder();
    let own = build.effective(rule);
    let mut any = Vec::new();
    for (applies, others) in defeated {
        let mut all = vec![own, applies];
        for other in others {
            let effective = build.effective(other);
            all.push(build.not(effective));
        }
        any.push(build.and(all));
    }
    build.or(any)
}

/// That some decision of the regime comes to something else without the rule.
fn direct(lab: &mut Lab<'_>, reach: &Reach, rule: RuleId) -> Option<TermId> {
    let mut any = Vec::new();
    for decision in reach.nearest(&lab.program, rule) {
        any.push(lab.differs_without(decision, rule)?);
    }
    Some(lab.program.builder().or(any))
}

/// What rules can have an effect on.
struct Reach {
    /// Of each decision of the regime, the rules it rests on.
    rests: Vec<(DecisionId, BTreeSet<RuleId>)>,
    /// Rules that conditions name, and the rules of decisions that conditions test.
    tested: BTreeSet<RuleId>,
    /// Of each rule, those that it overrides, and those whose conditions name it.
    touches: FxHashMap<RuleId, Vec<RuleId>>,
}

impl Reach {
    fn new(program: &Program, terms: usize) -> Self {
        let mut tested = BTreeSet::new();
        let mut decisions = BTreeSet::new();
        for (_, term) in program.pool.iter().take(terms) {
            match term {
                Term::Applies(rule) | Term::Effective(rule) => {
                    tested.insert(*rule);
                }
                Term::Outcome { decision, .. } => {
                    decisions.insert(*decision);
                }
                Term::SameOutcome(a, b) => decisions.extend([*a, *b]),
                _ => {}
            }
        }
        let rests = if program.rules.len() <= 2_000 {
            let ids = program.decision_ids().filter(|id| program.decision(*id).regime == 0);
            ids.map(|id| (id, Atoms::of_decision(program, id).rules)).collect()
        } else {
            Vec::new()
        };
        for decision in decisions {
            tested.extend(program.decision(decision).rules.iter().copied());
        }
        let mut touches: FxHashMap<RuleId, Vec<RuleId>> = FxHashMap::default();
        for id in program.rule_ids() {
            let rule = program.rule(id);
            for other in rule.overridden_by.iter().copied().chain(named(program, rule.applies)) {
                touches.entry(other).or_default().push(id);
            }
        }
        Reach { rests, tested, touches }
    }

    /// The decisions that may come to something else without a rule; its own first.
    fn decisions(&self, program: &Program, rule: RuleId) -> Vec<DecisionId> {
        let mut out: Vec<DecisionId> = program.rule(rule).conclusions.iter().map(|(id, _)| *id).collect();
        out.retain(|id| program.decision(*id).regime == 0);
        if self.rests.is_empty() {
            return program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
        }
        for (id, rules) in &self.rests {
            if rules.contains(&rule) && !out.contains(id) {
                out.push(*id);
            }
        }
        out
    }

    /// Decisions of which one comes to something else without a rule if any does: what is concluded by the rule, by those that it
    /// overrides, by those whose conditions name one of them, and so on. All that lies behind is a function of these outcomes.
    fn nearest(&self, program: &Program, rule: RuleId) -> Vec<DecisionId> {
        let (mut touched, mut stack) = (BTreeSet::from([rule]), vec![rule]);
        while let Some(next) = stack.pop() {
            let more = self.touches.get(&next).into_iter().flatten();
            stack.extend(more.filter(|other| touched.insert(**other)));
        }
        let concluded: BTreeSet<DecisionId> =
            touched.iter().flat_map(|rule| program.rule(*rule).conclusions.iter().map(|(id, _)| *id)).collect();
        // What a decision of another regime comes to is not compared, but one of this may rest on it.
        if concluded.iter().any(|id| program.decision(*id).regime != 0) {
            return self.decisions(program, rule);
        }
        concluded.into_iter().collect()
    }

    /// Whether no condition looks at the rule or at what it concludes.
    fn is_plain(&self, rule: RuleId) -> bool {
        !self.tested.contains(&rule)
    }
}

/// The rules that a condition names.
fn named(program: &Program, condition: TermId) -> BTreeSet<RuleId> {
    let (mut seen, mut stack) = (FxHashSet::from_iter([condition]), vec![condition]);
    let mut out = BTreeSet::new();
    while let Some(term) = stack.pop() {
        match program.pool.get(term) {
            Term::Not(inner) | Term::Second(inner) => stack.extend(seen.insert(*inner).then_some(*inner)),
            Term::And(all) | Term::Or(all) => stack.extend(all.iter().copied().filter(|one| seen.insert(*one))),
            Term::Applies(rule) | Term::Effective(rule) | Term::Outcome { without: Some(rule), .. } => {
                out.insert(*rule);
            }
            _ => {}
        }
    }
    out
}
