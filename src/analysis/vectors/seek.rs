//! Cases for obligations: asked of the methods, strongest showing first; what they find is made ordinary and judged by the interpreter.
//!
//! What hangs on a rule is asked of the program in which the rule always applies (or is always effective): there the outcome with the rule
//! and the outcome without it stand beside each other, and whether the rule applies as it stands is a term.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::eval::Atoms;
use crate::ir::{Case, DecisionId, InputId, MemberSet, Program, RuleId, Term, TermId, Value};
use crate::words::{Sentence, say};

use super::judge::Judge;
use super::obligation::{Judged, Strength, Turn, What};
use super::plain::plain;
use crate::analysis::Options;
use crate::analysis::finding::{Evidence, Witness};
use crate::analysis::lab::Lab;
use crate::analysis::method::{Diagrams, Question, Verdict, methods_agree, settle};
use crate::analysis::tabled::carriers;

/// Cases from which others are made by moving one input.
const VARIED: usize = 48;

/// Words and paths that a question may take in a diagram before the last one about an obligation: what is not settled by then hardly ever is.
const NODES: usize = 1 << 20;
const STEPS: usize = 1 << 16;

/// What was found out about one level of an obligation.
#[derive(Clone, Debug)]
pub enum Said {
    /// No case, and who says so.
    No(Vec<Evidence>),
    /// Not known whether there is one.
    Open(Sentence),
    /// A case was found, or it was not asked because a better one was.
    Found,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Sought {
    /// Cases, in the order in which they were found.
    pub cases: Vec<Case>,
    /// By obligation, what was said of each level, in order, until one was found.
    pub said: BTreeMap<usize, Vec<Said>>,
}

/// Looks for cases for all obligations. The result does not depend on the number of threads.
pub fn seek(program: &Program, obligations: &[Judged], options: &Options) -> Sought {
    let mut pieces: BTreeMap<Piece, Vec<usize>> = BTreeMap::new();
    for (at, one) in obligations.iter().enumerate() {
        let piece = match (one.what.rule(), one.turn, one.what) {
            (Some(rule), Some(turn), _) => Piece::Turned(rule, turn),
            (_, _, What::Reading(..)) => Piece::Readings,
            (_, _, What::Default(id) | What::Gap(id) | What::Conflict(id)) => Piece::Decision(id),
            _ => continue,
        };
        pieces.entry(piece).or_default().push(at);
    }
    let depends = depends(program);
    let atoms = everything(program);
    let pieces: Vec<(Piece, Vec<usize>)> = pieces.into_iter().collect();
    let found: Vec<Sought> = pieces
        .par_iter()
        .map(|(piece, mine)| {
            let mut seeker = Seeker {
                judge: Judge::new(program, obligations),
                program,
                obligations,
                options,
                atoms: &atoms,
                fixed: options.fixed.iter().map(|(input, _)| *input).collect(),
                sought: Sought::default(),
            };
            seeker.piece(*piece, mine, &depends);
            seeker.sought
        })
        .collect();
    let mut all = Sought::default();
    for one in found {
        all.cases.extend(one.cases);
        all.said.extend(one.said);
    }
    all
}

/// Questions that are asked of one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Turned(RuleId, Turn),
    Decision(DecisionId),
    Readings,
}

/// By decision of the first regime, the rules on which it depends.
fn depends(program: &Program) -> Vec<(DecisionId, BTreeSet<RuleId>)> {
    let own = program.decision_ids().filter(|id| program.decision(*id).regime == 0);
    own.map(|id| (id, Atoms::of_decision(program, id).rules)).collect()
}

/// The tests of everything that decides in the first regime, to choose values by.
fn everything(program: &Program) -> Atoms {
    let mut program = program.clone();
    let rules: Vec<RuleId> = program.rule_ids().filter(|rule| program.rule(*rule).regime == 0).collect();
    let mut build = program.builder();
    let effective: Vec<TermId> = rules.into_iter().map(|rule| build.effective(rule)).collect();
    let all = build.or(effective);
    Atoms::of_term(&program, all)
}

struct Seeker<'a> {
    judge: Judge<'a>,
    program: &'a Program,
    obligations: &'a [Judged],
    options: &'a Options,
    atoms: &'a Atoms,
    fixed: Vec<InputId>,
    sought: Sought,
}

impl Seeker<'_> {
    fn piece(&mut self, piece: Piece, mine: &[usize], depends: &[(DecisionId, BTreeSet<RuleId>)]) {
        let mut asked = self.program.clone();
        if let Piece::Turned(rule, turn) = piece {
            let always = asked.builder().constant(true);
            let own = &mut asked.rules[rule.index()];
            own.applies = always;
            if turn == Turn::Effective {
                own.overridden_by.clear();
            }
        }
        let mut lab = Lab::new(&asked, self.options);
        // What stands near a case that is known is tried before anything is asked: most thresholds are met so, and of products the methods
        // may not be able to tell.
        let nearness = |at: &usize| match self.obligations[*at].what {
            What::Sum { .. } => 2,
            What::Edge { .. } => 1,
            _ => 0,
        };
        let mut mine = mine.to_vec();
        mine.sort_by_key(nearness);
        let parts: Vec<Vec<usize>> = mine.chunk_by(|a, b| nearness(a) == nearness(b)).map(<[usize]>::to_vec).collect();
        for mut open in parts {
            for level in 0.. {
                open.retain(|at| level < self.obligations[*at].levels.len() && !self.is_found(*at) && !self.vary(*at, level));
                if open.is_empty() {
                    break;
                }
                self.level(&mut lab, piece, level, &open, depends);
            }
        }
    }

    /// Looks for a level of a threshold among the cases that are known, with one input moved to where it turns.
    fn vary(&mut self, at: usize, level: usize) -> bool {
        let (program, atoms) = (self.program, self.atoms);
        let inputs = match self.obligations[at].what {
            What::Edge { input, .. } => vec![input],
            What::Sum { sum, .. } => match program.pool.get(sum) {
                Term::AtLeastZero(poly) => poly.inputs(),
                _ => Vec::new(),
            },
            _ => return false,
        };
        let known: Vec<Case> = self.sought.cases.iter().take(VARIED).cloned().collect();
        for case in known {
            for input in inputs.iter().copied().filter(|input| !self.fixed.contains(input)) {
                let values = match self.obligations[at].what {
                    What::Edge { edge, below, .. } => vec![edge - i64::from(below)],
                    _ => atoms.boundaries(program, &case, input),
                };
                for value in values {
                    let mut tried = case.clone();
                    tried.set(input, Value::Int(value));
                    if self.judge.level(at, &tried).is_ok_and(|now| now.is_some_and(|now| now <= level)) {
                        let said = self.take(at, level, &Witness::Case(tried));
                        self.say(at, said);
                        return true;
                    }
                }
            }
        }
        false
    }

    fn is_found(&self, at: usize) -> bool {
        self.sought.said.get(&at).is_some_and(|said| matches!(said.last(), Some(Said::Found)))
    }

    fn say(&mut self, at: usize, said: Said) {
        self.sought.said.entry(at).or_default().push(said);
    }

    /// Asks one level of several obligations.
    fn level(
        &mut self,
        lab: &mut Lab<'_>,
        piece: Piece,
        level: usize,
        open: &[usize],
        depends: &[(DecisionId, BTreeSet<RuleId>)],
    ) {
        let mut goals = Vec::new();
        for at in open {
            goals.push(self.goal(lab, piece, *at, level, depends));
        }
        let questions: Vec<Question> = goals.iter().map(|goal| goal.question).collect();
        // A proof that there is no case at all is worth every method; that there is no better one is worth the diagram.
        let last = |at: &usize| level + 1 == self.obligations[*at].levels.len();
        let (nodes, steps) = (self.options.nodes.min(NODES), self.options.steps.min(STEPS));
        let diagram = Options { methods: vec![Arc::new(Diagrams)], nodes, steps, ..self.options.clone() };
        let quick = settle(&lab.program, &questions, &diagram);
        let unmet: Vec<usize> =
            (0..open.len()).filter(|place| last(&open[*place]) && !matches!(quick[*place].answer, Verdict::Yes(_))).collect();
        let again: Vec<Question> = unmet.iter().map(|place| questions[*place]).collect();
        let thorough = settle(&lab.program, &again, self.options);
        for (place, at) in open.iter().enumerate() {
            let (settled, methods) = match unmet.iter().position(|one| *one == place) {
                Some(found) => (&thorough[found], self.options),
                None => (&quick[place], &diagram),
            };
            let said = match &settled.answer {
                Verdict::Yes(witness) => self.take(*at, level, witness),
                Verdict::No if goals[place].exact && methods_agree(methods, &settled.evidence) && settled.faults.is_empty() => {
                    Said::No(settled.evidence.clone())
                }
                Verdict::No => Said::Open(say!("it was not asked in full")),
                Verdict::Unknown(why) => Said::Open(why.clone()),
            };
            self.say(*at, said);
        }
    }

    /// Keeps a case that a method found, made ordinary.
    fn take(&mut self, at: usize, level: usize, witness: &Witness) -> Said {
        let found: Vec<Case> = match witness {
            Witness::Case(case) => vec![case.clone()],
            Witness::Pair(first, second) => vec![first.clone(), second.clone()],
            Witness::Trace(_) => Vec::new(),
        };
        let mut kept = false;
        let good =
            |judge: &mut Judge<'_>, case: &Case| judge.level(at, case).is_ok_and(|now| now.is_some_and(|now| now <= level));
        // What another obligation was met with may do here too.
        for case in &self.sought.cases {
            if good(&mut self.judge, case) {
                return Said::Found;
            }
        }
        for case in found {
            let mut case = case;
            // What a method found is complete but for what it was not asked about.
            for input in self.program.input_ids() {
                if case.get(input).is_none()
                    && let Some(value) = super::plain::ordinary(self.program, input)
                {
                    case.set(input, value);
                }
            }
            if !good(&mut self.judge, &case) {
                continue;
            }
            kept = true;
            let judge = &mut self.judge;
            let case = plain(self.program, self.atoms, &self.fixed, case, &mut |case| good(judge, case));
            self.sought.cases.extend(twin(self.program, self.obligations[at].what, &case));
            self.sought.cases.push(case);
        }
        if kept { Said::Found } else { Said::Open(say!("the case that was found shows something else")) }
    }

    /// That a level of an obligation is shown.
    fn goal(&self, lab: &mut Lab<'_>, piece: Piece, at: usize, level: usize, depends: &[(DecisionId, BTreeSet<RuleId>)]) -> Goal {
        let one = &self.obligations[at];
        let (trigger, strength) = one.levels[level];
        let trigger = one.triggers[trigger];
        // Moved comparisons are further tests: a diagram has those of one obligation only.
        let group = if matches!(one.what, What::Sum { .. }) { at as u32 + 1 } else { 0 };
        let plainly = |goal: TermId, exact: bool| Goal { question: Question::one(goal, group), exact };
        match (piece, strength) {
            (Piece::Readings, Strength::Decides) => {
                if let What::Reading(input, member) = one.what {
                    return readings(lab, input, member, depends);
                }
                plainly(trigger, false)
            }
            (Piece::Turned(rule, _), Strength::Decides) => {
                let (mut sides, mut exact) = (Vec::new(), true);
                for (id, rules) in depends.iter().filter(|(_, rules)| rules.contains(&rule)) {
                    if matches!(one.what, What::Carries(_, of) if of != *id) {
                        continue;
                    }
                    match lab.differs_without(*id, rule) {
                        Some(differs) => sides.push(differs),
                        None => {
                            exact = false;
                            sides.push(moves_sum(lab, *id, rule, rules));
                        }
                    }
                }
                let mut parts = vec![trigger, lab.program.builder().or(sides)];
                if let What::Carries(_, id) = one.what {
                    parts.push(carrying(lab, rule, id));
                }
                plainly(lab.program.builder().and(parts), exact)
            }
            (Piece::Turned(rule, _), Strength::Carries) => {
                let ids: Vec<DecisionId> = match one.what {
                    What::Carries(_, id) => vec![id],
                    _ => lab.program.rule(rule).conclusions.iter().map(|(id, _)| *id).collect(),
                };
                let sides: Vec<TermId> = ids.into_iter().map(|id| carrying(lab, rule, id)).collect();
                // What a rule does to the names of others is not asked.
                let exact = matches!(one.what, What::Carries(..));
                let any = lab.program.builder().or(sides);
                plainly(lab.program.builder().and([trigger, any]), exact)
            }
            // That a reading changes only names is not asked.
            (Piece::Readings, Strength::Carries) => plainly(lab.program.builder().constant(false), false),
            _ => plainly(trigger, true),
        }
    }
}

/// A question, and whether its answer "no" is one.
struct Goal {
    question: Question,
    exact: bool,
}

/// When a rule carries a decision, in the program in which it always applies.
fn carrying(lab: &mut Lab<'_>, rule: RuleId, id: DecisionId) -> TermId {
    let rules: Vec<(RuleId, Value)> = {
        let declared = lab.program.decision(id).rules.clone();
        declared.into_iter().filter_map(|rule| Some((rule, lab.program.conclusion(rule, id)?.clone()))).collect()
    };
    let found = carriers(lab, id, &rules).into_iter().find(|(one, _)| *one == rule);
    found.map_or_else(|| lab.program.builder().constant(false), |(_, carries)| carries)
}

/// That a rule moves a sum with too many totals to tell apart, as far as that shows at once: it adds something itself, or takes away a rule that does.
fn moves_sum(lab: &mut Lab<'_>, id: DecisionId, rule: RuleId, among: &BTreeSet<RuleId>) -> TermId {
    let adds = |lab: &Lab<'_>, rule: RuleId| lab.program.conclusion(rule, id).is_some_and(|value| *value != Value::Int(0));
    let mut sides = Vec::new();
    if adds(lab, rule) {
        sides.push(lab.program.builder().effective(rule));
    }
    let defeated: Vec<RuleId> = among
        .iter()
        .copied()
        .filter(|other| adds(lab, *other) && lab.program.rule(*other).overridden_by.contains(&rule))
        .collect();
    for other in defeated {
        let overriders = lab.program.rule(other).overridden_by.clone();
        let mut build = lab.program.builder();
        let mut parts = vec![build.applies(other), build.effective(rule)];
        for by in overriders.into_iter().filter(|by| *by != rule) {
            let effective = build.effective(by);
            parts.push(build.not(effective));
        }
        sides.push(build.and(parts));
    }
    lab.program.builder().or(sides)
}

/// Two cases that differ only in the reading, one of them this reading, with another outcome.
fn readings(lab: &mut Lab<'_>, input: InputId, member: u32, depends: &[(DecisionId, BTreeSet<RuleId>)]) -> Goal {
    let (mut sides, mut exact) = (Vec::new(), true);
    for (id, _) in depends {
        match lab.differs_in_second(*id) {
            Some(differs) => sides.push(differs),
            None => exact = false,
        }
    }
    let size = match lab.program.input(input).domain {
        crate::ir::Domain::Enum(id) => lab.program.enumeration(id).size(),
        _ => 0,
    };
    let mut build = lab.program.builder();
    let Ok(is) = build.member(input, MemberSet::of(size, [member])) else {
        return Goal { question: Question::one(build.constant(false), 0), exact: false };
    };
    let second = build.second(is);
    let one = build.or([is, second]);
    let any = build.or(sides);
    Goal { question: Question::two(build.and([one, any]), input, 0), exact }
}

/// The case on the other side of a threshold.
fn twin(program: &Program, what: What, case: &Case) -> Option<Case> {
    let What::Edge { input, edge, below, .. } = what else { return None };
    let other = if below { edge } else { edge - 1 };
    let (lo, hi) = program.input(input).domain.bounds()?;
    (lo <= other && other <= hi).then(|| {
        let mut twin = case.clone();
        twin.set(input, Value::Int(other));
        twin
    })
}
