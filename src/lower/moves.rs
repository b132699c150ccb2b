//! What moved must not be lost: a rule that took over what another said, and is then suspended or not enforced, leaves a hole
//! where the other stood.
//!
//! For every move a property is made: in no case in which the old rule would be effective had it not been moved does the
//! law now come to less. (It happened: in January 2025 the headquarters limb of 15 CFR 744.23(a)(3) moved into 742.6(a)(6)(iii)(A),
//! which was then not enforced, until the guidance of 31 May 2026.) Days on which an act has ended the new rule on purpose are no
//! part of it.

use std::collections::BTreeMap;

use crate::ir::{self, Combine, Domain, MemberSet, OutcomeTest, Program, RuleId, TermId, Value};
use crate::model::{ALWAYS, InForce, Policy, move_property};

use super::conditions::Conditions;
use super::{Lowering, in_force, in_force_on, on_days};

impl Lowering<'_> {
    /// A property for every move.
    pub(super) fn moves(&mut self, program: &mut Program) {
        let policy = self.policy;
        let mut conditions = Conditions::new(policy, self.order);
        for (old, new, span) in &policy.moves {
            let (before, after) = (&policy.rules[old.index()], &policy.rules[new.index()]);
            if before.timeline.without_end.is_none() {
                continue;
            }
            let mut builder = program.builder();
            let mut unmoved = Unmoved { policy, old: *old, applies: BTreeMap::new(), effective: BTreeMap::new() };
            let would = unmoved.effective(&mut builder, &mut conditions, *old);
            let still = in_force(&mut builder, policy, &mut conditions, &before.timeline);
            let ended = builder.not(still);
            let on_purpose = ended_on_purpose(&mut builder, policy, &mut conditions, *new);
            let meant = builder.not(on_purpose);
            let scope = builder.and([would, ended, meant]);
            let kept = self.kept(&mut builder, *old, *new);
            let lost = builder.not(kept);
            let violation = builder.and([scope, lost]);
            let origin = self.origins.id(*span);
            let name = move_property(&after.name, &before.name);
            let place = |cite: &str| if cite.is_empty() { String::new() } else { format!(" ({cite})") };
            let cite = format!("`{}`{} moved to `{}`{}", before.name, place(&before.cite), after.name, place(&after.cite));
            program.properties.push(ir::Property {
                name,
                cite,
                shows: Some(ir::Standard::AmendmentRefines),
                kind: ir::PropertyKind::Never { violation },
                scope,
                origin,
            });
        }
        self.finish(program, conditions);
    }

    /// That the law comes to no less than what the old rule said.
    fn kept(&self, builder: &mut ir::Builder<'_>, old: RuleId, new: RuleId) -> TermId {
        let policy = self.policy;
        let (before, after) = (&policy.rules[old.index()], &policy.rules[new.index()]);
        let stands = builder.effective(new);
        let mut kept = Vec::new();
        for (of, value) in &before.conclusions {
            let decision = &policy.decisions[of.index()];
            let id = self.order.new[of.index()];
            let own = after.conclusions.iter().find(|(other, _)| other == of).map(|(_, value)| value);
            match (&decision.domain, value) {
                // In a total others may make up for it: the new rule itself must add as much.
                (Domain::Number(_), Value::Int(k)) if decision.combine == Combine::Sum => {
                    let as_much = matches!(own, Some(Value::Int(own)) if own >= k);
                    kept.push(if as_much { stands } else { builder.constant(false) });
                }
                (Domain::Enum(of), Value::Member(member)) => {
                    let def = &policy.enums[of.index()];
                    let most = if def.ordered { def.size() } else { member + 1 };
                    kept.push(builder.outcome(id, OutcomeTest::Members(MemberSet::of(def.size(), *member..most))));
                }
                (Domain::Bool, Value::Bool(value)) => {
                    kept.push(builder.outcome(id, OutcomeTest::Members(MemberSet::of(2, [u32::from(*value)]))));
                }
                (Domain::Set(_), Value::Set(members)) => {
                    for member in members.iter() {
                        kept.push(builder.outcome(id, OutcomeTest::Has(member)));
                    }
                }
                (Domain::Number(number), Value::Int(k)) => {
                    kept.push(builder.outcome(id, OutcomeTest::Within(ir::Ranges::closed(*k, number.hi.max(*k)))));
                }
                _ => {}
            }
        }
        // What it kept from having effect, something must keep from it now.
        for (index, rule) in policy.rules.iter().enumerate() {
            if rule.overridden_by.contains(&old) {
                let effective = builder.effective(RuleId(index as u32));
                kept.push(builder.not(effective));
            }
        }
        builder.and(kept)
    }
}

/// The law as it would be had one rule not been ended: which rules apply, and which are effective. Overrides have no circle.
struct Unmoved<'a> {
    policy: &'a Policy,
    old: RuleId,
    applies: BTreeMap<RuleId, TermId>,
    effective: BTreeMap<RuleId, TermId>,
}

impl Unmoved<'_> {
    fn applies(&mut self, builder: &mut ir::Builder<'_>, conditions: &mut Conditions<'_>, rule: RuleId) -> TermId {
        if let Some(known) = self.applies.get(&rule) {
            return *known;
        }
        let policy = self.policy;
        let declared = &policy.rules[rule.index()];
        let on = match &declared.timeline.without_end {
            Some((letter, enforced)) if rule == self.old => {
                in_force_on(builder, policy, conditions, (letter, enforced), &declared.timeline)
            }
            _ => in_force(builder, policy, conditions, &declared.timeline),
        };
        let own = conditions.term(builder, &declared.condition);
        let mut all = vec![on, own];
        if !declared.exception_to.is_empty() {
            let excepted: Vec<TermId> =
                declared.exception_to.iter().map(|rule| self.applies(builder, conditions, *rule)).collect();
            all.push(builder.or(excepted));
        }
        let applies = builder.and(all);
        self.applies.insert(rule, applies);
        applies
    }

    fn effective(&mut self, builder: &mut ir::Builder<'_>, conditions: &mut Conditions<'_>, rule: RuleId) -> TermId {
        if let Some(known) = self.effective.get(&rule) {
            return *known;
        }
        let mut all = vec![self.applies(builder, conditions, rule)];
        for over in &self.policy.rules[rule.index()].overridden_by {
            let defeats = self.effective(builder, conditions, *over);
            all.push(builder.not(defeats));
        }
        let effective = builder.and(all);
        self.effective.insert(rule, effective);
        effective
    }
}

/// On these days an act has ended a rule that would else be in force.
fn ended_on_purpose(builder: &mut ir::Builder<'_>, policy: &Policy, conditions: &mut Conditions<'_>, rule: RuleId) -> TermId {
    let timeline = &policy.rules[rule.index()].timeline;
    let Some((letter, enforced)) = &timeline.without_end else { return builder.constant(false) };
    let days = |in_force: &InForce| match in_force {
        InForce::Always => ir::Ranges::closed(ALWAYS.0, ALWAYS.1),
        InForce::On(days) => days.clone(),
    };
    let gone = |before: &InForce, after: &InForce| days(before).intersection(&days(after).complement_in(ALWAYS.0, ALWAYS.1));
    let (letter, enforced) = (gone(letter, &timeline.letter), gone(enforced, &timeline.enforced));
    on_days(builder, policy, conditions, (&InForce::On(letter), &InForce::On(enforced)), &[])
}
