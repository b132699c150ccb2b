//! What has to be covered: each rule, alternative, override, threshold, date edge, default, gap, conflict and reading.

use serde::Serialize;

use crate::ir::{BuildError, Combine, DecisionId, InputId, Program, RuleId, TermId};

use super::moved::{edge_moved, sum_moved, tests};
use crate::analysis::finding::Evidence;
use crate::words::Sentence;

/// What a case has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A rule carries a decision.
    Carries(RuleId, DecisionId),
    /// A rule applies, and something hangs on it.
    Matters(RuleId),
    /// A rule applies by way of one alternative of its condition.
    Alternative(RuleId, usize),
    /// A condition has more alternatives than are listed.
    Unlisted(RuleId),
    /// A rule (first) is overridden by another.
    Overridden(RuleId, RuleId),
    /// The first value beyond a threshold of a number or date that a rule tests; or, `below`, the last one before it.
    Edge {
        /// The rule.
        rule: RuleId,
        /// The input.
        input: InputId,
        /// The threshold: the first value of the upper side.
        edge: i64,
        /// Which side.
        below: bool,
    },
    /// The same of a comparison of several inputs.
    Sum {
        /// The rule.
        rule: RuleId,
        /// The comparison.
        sum: TermId,
        /// Which side: where it fails, else where it holds.
        below: bool,
    },
    /// No rule speaks, so the default stands.
    Default(DecisionId),
    /// No rule speaks, and there is no default.
    Gap(DecisionId),
    /// Rules disagree.
    Conflict(DecisionId),
    /// A reading makes a difference.
    Reading(InputId, u32),
    /// A day that is named somewhere but on which no rule turns.
    Day(i64),
}

impl What {
    /// The rule that it is about.
    pub fn rule(&self) -> Option<RuleId> {
        match self {
            What::Carries(rule, _)
            | What::Matters(rule)
            | What::Alternative(rule, _)
            | What::Unlisted(rule)
            | What::Overridden(rule, _)
            | What::Edge { rule, .. }
            | What::Sum { rule, .. } => Some(*rule),
            _ => None,
        }
    }
}

/// How much a case shows of an obligation, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// An outcome would be another without it.
    Decides,
    /// Only the rules that carry an outcome would be others.
    Carries,
    /// The rule (or its override) turns on it, and no outcome does.
    Turns,
    /// It is so, and the rule would apply without it too.
    Holds,
}

/// What has become of an obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// Vectors show it.
    Covered {
        /// How much.
        strength: Strength,
        /// Of a comparison of several inputs: whether the sum itself is at the edge; otherwise one step of one input leads across it.
        exact: bool,
        /// Whether it is proved (by the diagram) that no case shows more; otherwise none was found.
        most: bool,
    },
    /// No case shows it, and who says so.
    Impossible(Vec<Evidence>),
    /// No case was found, and why it is not known that there is none.
    NotFound(Sentence),
}

/// A thing to be covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// What.
    pub what: What,
    /// What has become of it.
    pub met: Met,
    /// The vectors that show it, as places in [`super::Vectors::vectors`], rising.
    pub vectors: Vec<usize>,
}

/// In which way a rule is turned over to see what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// Whether it applies.
    Applies,
    /// Whether it is effective, whatever overrides it.
    Effective,
}

/// How an obligation is judged in a case.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The obligation.
    pub what: What,
    /// Terms of the extended program, the more telling first.
    pub triggers: Vec<TermId>,
    /// What hangs on the rule, if that is asked.
    pub turn: Option<Turn>,
    /// Which trigger with which strength, the best first.
    pub levels: Vec<(usize, Strength)>,
}

const PLAIN: [(usize, Strength); 3] = [(0, Strength::Decides), (0, Strength::Carries), (0, Strength::Turns)];

/// All obligations of the first regime, in the order of its rules and then of its decisions; the program gains the terms that they need.
///
/// # Errors
/// If a sum with another constant leaves the range of numbers.
pub fn obligations(program: &mut Program, fixed: &[InputId]) -> Result<Vec<Judged>, BuildError> {
    let mut all = Vec::new();
    let rules: Vec<RuleId> = program.rule_ids().filter(|rule| program.rule(*rule).regime == 0).collect();
    let mut days = Vec::new();
    for rule in rules {
        of_rule(program, rule, &mut all)?;
        let applies = program.rule(rule).applies;
        let found = tests(program, applies);
        for (input, edge) in found.edges.into_iter().filter(|(input, _)| !fixed.contains(input)) {
            if Some(input) == program.date {
                days.push(edge);
            }
            for below in [true, false] {
                let moved = edge_moved(program, applies, input, edge, below)?;
                let trigger = differ(program, applies, moved);
                let what = What::Edge { rule, input, edge, below };
                all.push(Judged { what, triggers: vec![trigger], turn: Some(Turn::Applies), levels: PLAIN.to_vec() });
            }
        }
        for sum in found.sums {
            for below in [true, false] {
                let Some(moved) = sum_moved(program, applies, sum, below)? else { continue };
                let exact = differ(program, applies, moved.term);
                let turned = differ(program, applies, moved.turned);
                let exact = program.builder().and([exact, moved.holds]);
                let near = program.builder().and([moved.near, turned]);
                let levels = PLAIN.iter().flat_map(|(_, strength)| [(0, *strength), (1, *strength)]).collect();
                let what = What::Sum { rule, sum, below };
                all.push(Judged { what, triggers: vec![exact, near], turn: Some(Turn::Applies), levels });
            }
        }
    }
    let decisions: Vec<DecisionId> = program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
    for id in decisions {
        let decision = program.decision(id).clone();
        let mut build = program.builder();
        let silent: Vec<TermId> = decision.rules.iter().map(|rule| build.effective(*rule)).collect();
        let silent: Vec<TermId> = silent.into_iter().map(|effective| build.not(effective)).collect();
        let silent = build.and(silent);
        let defaults = decision.default.is_some() || decision.combine == Combine::All;
        let what = if defaults { What::Default(id) } else { What::Gap(id) };
        all.push(Judged { what, triggers: vec![silent], turn: None, levels: vec![(0, Strength::Decides)] });
        if decision.combine == Combine::ExactlyOne {
            let conflict = build.outcome(id, crate::ir::OutcomeTest::Conflict);
            let levels = vec![(0, Strength::Decides)];
            all.push(Judged { what: What::Conflict(id), triggers: vec![conflict], turn: None, levels });
        }
    }
    if let Some(input) = program.reading.filter(|input| !fixed.contains(input)) {
        let size = match program.input(input).domain {
            crate::ir::Domain::Enum(id) => program.enumeration(id).size(),
            _ => 0,
        };
        for member in 0..size {
            let trigger = program.builder().member(input, crate::ir::MemberSet::of(size, [member]))?;
            all.push(Judged { what: What::Reading(input, member), triggers: vec![trigger], turn: None, levels: PLAIN.to_vec() });
        }
    }
    let dated = program.date.is_some_and(|date| !fixed.contains(&date));
    let mut named: Vec<i64> = program.date_edges.iter().filter(|_| dated).map(|edge| edge.day).collect();
    named.dedup();
    for day in named.into_iter().filter(|day| !days.contains(day)) {
        all.push(Judged { what: What::Day(day), triggers: Vec::new(), turn: None, levels: Vec::new() });
    }
    Ok(all)
}

/// That exactly one of two terms holds.
fn differ(program: &mut Program, a: TermId, b: TermId) -> TermId {
    let mut build = program.builder();
    let same = build.iff(a, b);
    build.not(same)
}

fn of_rule(program: &mut Program, rule: RuleId, all: &mut Vec<Judged>) -> Result<(), BuildError> {
    let declared = program.rule(rule).clone();
    // Its own condition stands there too: the methods ask of a program in which the rule always applies.
    let effective = program.builder().effective(rule);
    let effective = program.builder().and([declared.applies, effective]);
    let turn = Some(Turn::Applies);
    for (decision, _) in &declared.conclusions {
        let what = What::Carries(rule, *decision);
        all.push(Judged { what, triggers: vec![effective], turn, levels: PLAIN.to_vec() });
    }
    // Where a rule carries nothing, another may still look at whether it applies.
    let what = What::Matters(rule);
    all.push(Judged { what, triggers: vec![declared.applies], turn, levels: PLAIN.to_vec() });
    // Without a side the rule applies by the other sides of its `or`, or by what it applies by without the side that this `or` stands in.
    let mut without: Vec<TermId> = Vec::new();
    for (at, side) in declared.alternatives.iter().enumerate() {
        let others = declared.alternatives.iter().enumerate();
        let others = others.filter(|(other, one)| *other != at && one.junction == side.junction).map(|(_, one)| one.applies);
        let around = side.within.and_then(|within| without.get(within as usize).copied());
        let mut build = program.builder();
        let left = build.or(others.chain(around));
        without.push(left);
        let not = build.not(left);
        let alone = build.and([side.applies, not]);
        let mut levels = PLAIN.to_vec();
        levels.push((1, Strength::Holds));
        all.push(Judged { what: What::Alternative(rule, at), triggers: vec![alone, side.applies], turn, levels });
    }
    if !declared.all_alternatives {
        all.push(Judged { what: What::Unlisted(rule), triggers: Vec::new(), turn: None, levels: Vec::new() });
    }
    for by in &declared.overridden_by {
        let mut build = program.builder();
        let mut parts = vec![declared.applies, build.effective(*by)];
        let loose = build.and(parts.clone());
        for other in declared.overridden_by.iter().filter(|other| *other != by) {
            let effective = build.effective(*other);
            parts.push(build.not(effective));
        }
        let alone = build.and(parts);
        let mut levels = PLAIN.to_vec();
        levels.push((1, Strength::Holds));
        let what = What::Overridden(rule, *by);
        all.push(Judged { what, triggers: vec![alone, loose], turn: Some(Turn::Effective), levels });
    }
    Ok(())
}
