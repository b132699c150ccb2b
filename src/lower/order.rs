//! The order of decisions: each after those it needs.

use std::collections::BTreeSet;

use crate::ir::DecisionId;
use crate::model::Policy;

/// Old and new numbers of decisions.
#[derive(Debug)]
pub(super) struct Order {
    /// The new number of each old one.
    pub(super) new: Vec<DecisionId>,
    /// The old ones in the new order.
    pub(super) old: Vec<DecisionId>,
}

/// Sorts the decisions of a policy; elaboration has shown that there is no circle.
pub(super) fn decisions(policy: &Policy) -> Order {
    let count = policy.decisions.len();
    let tested: Vec<BTreeSet<usize>> =
        policy.tested_by_rules().into_iter().map(|tested| tested.into_iter().map(DecisionId::index).collect()).collect();
    // A rule needs what its condition tests, and what the rules that override it need.
    let mut rule_needs: Vec<Option<BTreeSet<usize>>> = vec![None; policy.rules.len()];
    for root in 0..policy.rules.len() {
        let mut stack = vec![root];
        while let Some(&rule) = stack.last() {
            if rule_needs[rule].is_some() {
                stack.pop();
                continue;
            }
            let open: Vec<usize> =
                policy.rules[rule].overridden_by.iter().map(|r| r.index()).filter(|r| rule_needs[*r].is_none()).collect();
            if open.is_empty() {
                let mut all = tested[rule].clone();
                for other in &policy.rules[rule].overridden_by {
                    all.extend(rule_needs[other.index()].iter().flatten().copied());
                }
                rule_needs[rule] = Some(all);
                stack.pop();
            } else {
                stack.extend(open);
            }
        }
    }
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for (rule, all) in policy.rules.iter().zip(&rule_needs) {
        for (decision, _) in &rule.conclusions {
            needs[decision.index()].extend(all.iter().flatten().copied());
        }
    }
    let mut order = Order { new: vec![DecisionId(0); count], old: Vec::new() };
    let mut done = vec![false; count];
    while order.old.len() < count {
        let ready = (0..count).find(|index| !done[*index] && needs[*index].iter().all(|need| done[*need] || need == index));
        // Without a circle one is always ready.
        let next = ready.or_else(|| (0..count).find(|index| !done[*index])).unwrap_or(0);
        done[next] = true;
        order.new[next] = DecisionId(order.old.len() as u32);
        order.old.push(DecisionId(next as u32));
    }
    order
}
