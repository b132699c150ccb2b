//! What a rule does to the outcomes of its decisions, told from the rules that can meet it alone. So a question about one
//! rule among ten thousand stays as small as its neighbourhood.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::eval::{Eval, combine, same};
use crate::ir::{Builder, Case, Combine, DecisionId, Domain, Program, RuleId, TermId, Value};

use super::lab::Lab;
use super::overlap::Overlaps;

/// Partial totals of a sum beyond this many are not followed.
const SUMS: usize = 256;

/// Overrides are followed backwards this deep; beyond, the question is asked of the whole program.
const DEPTH: usize = 200;

/// The rules that a rule overrides, directly and through others, with the decisions they conclude; only those that can
/// meet it. `None` if they are too many levels deep.
fn affected(program: &Program, rule: RuleId, overlaps: &Overlaps) -> Option<(BTreeSet<RuleId>, BTreeSet<DecisionId>)> {
    let near = overlaps.of(rule);
    let mut all: BTreeSet<RuleId> = BTreeSet::from([rule]);
    for _ in 0..DEPTH {
        let overridden = |other: &&RuleId| program.rule(**other).overridden_by.iter().any(|by| all.contains(by));
        let more: Vec<RuleId> = near.iter().filter(|other| !all.contains(other)).filter(overridden).copied().collect();
        if more.is_empty() {
            let decisions = all.iter().flat_map(|rule| program.rule(*rule).conclusions.iter().map(|(id, _)| *id));
            let decisions = decisions.filter(|id| program.decision(*id).regime == 0).collect();
            return Some((all, decisions));
        }
        all.extend(more);
    }
    None
}

/// The rules of a decision that can be effective where a rule applies, in the order of the decision.
fn participants(program: &Program, decision: DecisionId, rule: RuleId, overlaps: &Overlaps) -> Vec<(RuleId, Value)> {
    let declared = program.decision(decision);
    let mut near: Vec<RuleId> = overlaps.of(rule).to_vec();
    near.push(rule);
    let mut out: Vec<(RuleId, Value)> =
        near.into_iter().filter_map(|near| Some((near, program.conclusion(near, decision)?.clone()))).collect();
    out.sort_by_key(|(rule, _)| *rule);
    if declared.combine == Combine::First {
        let by_id: BTreeMap<RuleId, Value> = out.into_iter().collect();
        out = declared.rules.iter().filter_map(|rule| Some((*rule, by_id.get(rule)?.clone()))).collect();
    }
    out
}

/// Whether a decision that a rule concludes, or whose rules it overrides, comes to something else in a case without it.
pub fn matters(program: &Program, case: &Case, rule: RuleId, overlaps: &Overlaps) -> bool {
    let Ok(mut eval) = Eval::new(program, case) else { return false };
    let Some((_, decisions)) = affected(program, rule, overlaps) else { return false };
    decisions.into_iter().any(|id| {
        let rules = participants(program, id, rule, overlaps);
        let mut outcome = |without: bool| {
            let effective: Vec<(RuleId, &Value)> = rules
                .iter()
                .filter(|(other, _)| if without { eval.effective_without(*other, rule) } else { eval.effective(*other) })
                .map(|(other, value)| (*other, value))
                .collect();
            combine(program, program.decision(id), &effective).outcome
        };
        !same(&outcome(false), &outcome(true))
    })
}

/// That a decision which a rule can touch comes to something else without it. Only for rules at which no condition
/// looks, and whose victims no condition looks at. `None` if that cannot be said locally.
pub fn differs_without(lab: &mut Lab<'_>, rule: RuleId, overlaps: &Overlaps, plain: impl Fn(RuleId) -> bool) -> Option<TermId> {
    let (victims, decisions) = affected(&lab.program, rule, overlaps)?;
    if !victims.iter().all(|victim| plain(*victim)) {
        return None;
    }
    let here = lab.program.builder().effective(rule);
    let mut sides = Vec::new();
    for id in decisions {
        let rules = participants(&lab.program, id, rule, overlaps);
        let mut with = Vec::new();
        let mut without = Vec::new();
        let mut memo = FxHashMap::default();
        for (other, value) in rules {
            with.push((value.clone(), lab.program.builder().effective(other)));
            without.push((value, effective_without(lab, other, rule, &victims, &mut memo)));
        }
        let (with, without) = (outcomes(lab, id, here, with)?, outcomes(lab, id, here, without)?);
        let keys: BTreeSet<&Key> = with.keys().chain(without.keys()).collect();
        let mut build = lab.program.builder();
        let never = build.constant(false);
        for key in keys {
            let (a, b) = (with.get(key).copied().unwrap_or(never), without.get(key).copied().unwrap_or(never));
            let (not_a, not_b) = (build.not(a), build.not(b));
            sides.push(build.and([a, not_b]));
            sides.push(build.and([not_a, b]));
        }
    }
    Some(lab.program.builder().or(sides))
}

/// "Effective as if `gone` were not there": written out for those it overrides, the plain term for all others.
fn effective_without(
    lab: &mut Lab<'_>,
    rule: RuleId,
    gone: RuleId,
    victims: &BTreeSet<RuleId>,
    memo: &mut FxHashMap<RuleId, TermId>,
) -> TermId {
    if let Some(known) = memo.get(&rule) {
        return *known;
    }
    let term = if rule == gone {
        lab.program.builder().constant(false)
    } else if victims.contains(&rule) {
        let mut all = vec![lab.program.builder().applies(rule)];
        for other in lab.program.rule(rule).overridden_by.clone() {
            let effective = effective_without(lab, other, gone, victims, memo);
            all.push(lab.program.builder().not(effective));
        }
        lab.program.builder().and(all)
    } else {
        lab.program.builder().effective(rule)
    };
    memo.insert(rule, term);
    term
}

/// What can be told of an outcome: two outcomes are the same exactly if all of these agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// This value.
    Value(Value),
    /// The set has this member.
    Has(u32),
    /// Rules disagree.
    Conflict,
    /// No rule, and no default.
    Fallback,
}

/// When each key holds in a part of the cases, given which rules are effective. Everything is cut down to the part before it
/// is combined, and what must not be is joined before it is denied: so a diagram of it never grows beyond the part.
pub(super) fn outcomes(
    lab: &mut Lab<'_>,
    id: DecisionId,
    here: TermId,
    rules: Vec<(Value, TermId)>,
) -> Option<BTreeMap<Key, TermId>> {
    let (combine, default, domain) = {
        let decision = lab.program.decision(id);
        (decision.combine.clone(), decision.default.clone(), decision.domain.clone())
    };
    let mut build = lab.program.builder();
    let mut out: BTreeMap<Key, Vec<TermId>> = BTreeMap::new();
    let mut rules: Vec<(Value, TermId)> = rules.into_iter().map(|(value, when)| (value, build.and([here, when]))).collect();
    let none = but_none(&mut build, here, rules.iter().map(|(_, when)| *when).collect());
    match combine {
        Combine::Strictest | Combine::LeastStrict | Combine::First => {
            match combine {
                Combine::Strictest => rules.sort_by(|a, b| b.0.cmp(&a.0)),
                Combine::LeastStrict => rules.sort_by(|a, b| a.0.cmp(&b.0)),
                _ => {}
            }
            let mut before = build.constant(false);
            for (value, when) in rules {
                out.entry(Key::Value(value)).or_default().push(but_none(&mut build, when, vec![before]));
                before = build.or([before, when]);
            }
        }
        Combine::ExactlyOne => {
            let mut groups: BTreeMap<Value, Vec<TermId>> = BTreeMap::new();
            for (value, when) in rules {
                groups.entry(value).or_default().push(when);
            }
            let groups: Vec<(Value, TermId)> = groups.into_iter().map(|(value, when)| (value, build.or(when))).collect();
            for (at, (value, when)) in groups.iter().enumerate() {
                let other = |(place, (_, term)): (usize, &(Value, TermId))| (place != at).then_some(*term);
                let others: Vec<TermId> = groups.iter().enumerate().filter_map(other).collect();
                out.entry(Key::Value(value.clone())).or_default().push(but_none(&mut build, *when, others));
                let others = build.or(groups[at + 1..].iter().map(|(_, term)| *term));
                out.entry(Key::Conflict).or_default().push(build.and([*when, others]));
            }
        }
        Combine::All => {
            for (value, when) in rules {
                if let Value::Set(set) = value {
                    for member in set.iter() {
                        out.entry(Key::Has(member)).or_default().push(when);
                    }
                }
            }
        }
        Combine::Sum => {
            let mut totals: BTreeMap<Option<i64>, TermId> = BTreeMap::from([(None, here)]);
            for (value, when) in rules {
                let Value::Int(k) = value else { return None };
                let mut next: BTreeMap<Option<i64>, Vec<TermId>> = BTreeMap::new();
                for (total, reached) in totals {
                    next.entry(total).or_default().push(but_none(&mut build, reached, vec![when]));
                    let more = Some(total.unwrap_or(0).checked_add(k)?);
                    next.entry(more).or_default().push(build.and([reached, when]));
                }
                if next.len() > SUMS {
                    return None;
                }
                totals = next.into_iter().map(|(total, when)| (total, build.or(when))).collect();
            }
            for (total, when) in totals {
                if let Some(total) = total {
                    out.entry(Key::Value(Value::Int(total))).or_default().push(when);
                }
            }
        }
    }
    // Without an effective rule it is the default, which may be a value that rules conclude too.
    let fallback = match (default, combine, domain) {
        (Some(Value::Set(set)), ..) => {
            for member in set.iter() {
                out.entry(Key::Has(member)).or_default().push(none);
            }
            None
        }
        (Some(value), ..) => Some(Key::Value(value)),
        (None, Combine::All, Domain::Set(_)) => None,
        (None, ..) => Some(Key::Fallback),
    };
    if let Some(key) = fallback {
        out.entry(key).or_default().push(none);
    }
    Some(out.into_iter().map(|(key, when)| (key, build.or(when))).collect())
}

/// The first, and none of the others.
fn but_none(build: &mut Builder<'_>, first: TermId, others: Vec<TermId>) -> TermId {
    let any = build.or(others);
    let none = build.not(any);
    build.and([first, none])
}
