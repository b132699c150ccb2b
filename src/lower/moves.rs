//! What moved must not be lost: a rule that took over what another said, and is then suspended or not enforced, leaves a hole
//! where the other stood.
//!
//! For every move a property is made: in no case in which the old rule would be effective had it not been moved does the
//! law now come to less. (It happened: in January 2025 the headquarters limb of 15 CFR 744.23(a)(3) moved into 742.6(a)(6)(iii)(A),
//! which was then not enforced, until the guidance of 31 May 2026.)

use crate::ir::{self, Domain, MemberSet, OutcomeTest, Program, Value};

use super::conditions::Conditions;
use super::{Lowering, in_force, on_days};

impl Lowering<'_> {
    /// A property for every move.
    pub(super) fn moves(&mut self, program: &mut Program) {
        let policy = self.policy;
        let mut conditions = Conditions::new(policy, self.order);
        for (old, new, span) in &policy.moves {
            let (before, after) = (&policy.rules[old.index()], &policy.rules[new.index()]);
            let Some((letter, enforced)) = &before.timeline.without_end else { continue };
            let domains: Vec<Domain> =
                before.conclusions.iter().map(|(of, _)| policy.decisions[of.index()].domain.clone()).collect();
            let mut builder = program.builder();
            let would = on_days(&mut builder, policy, &mut conditions, (letter, enforced), &before.timeline.lifted);
            let still = in_force(&mut builder, policy, &mut conditions, &before.timeline);
            let ended = builder.not(still);
            let condition = conditions.term(&mut builder, &before.condition);
            let mut lost = vec![would, ended, condition];
            for overriding in &before.overridden_by {
                let rule = &policy.rules[overriding.index()];
                let on = in_force(&mut builder, policy, &mut conditions, &rule.timeline);
                let own = conditions.term(&mut builder, &rule.condition);
                let defeats = builder.and([on, own]);
                lost.push(builder.not(defeats));
            }
            let mut kept = Vec::new();
            for ((of, value), domain) in before.conclusions.iter().zip(&domains) {
                let of = self.order.new[of.index()];
                let tests: Vec<OutcomeTest> = match (domain, value) {
                    (Domain::Enum(id), Value::Member(member)) => {
                        let def = &policy.enums[id.index()];
                        let most = if def.ordered { def.size() } else { member + 1 };
                        vec![OutcomeTest::Members(MemberSet::of(def.size(), *member..most))]
                    }
                    (Domain::Bool, Value::Bool(value)) => vec![OutcomeTest::Members(MemberSet::of(2, [u32::from(*value)]))],
                    (Domain::Set(_), Value::Set(members)) => members.iter().map(OutcomeTest::Has).collect(),
                    (Domain::Number(number), Value::Int(k)) => {
                        vec![OutcomeTest::Within(ir::Ranges::closed(*k, number.hi.max(*k)))]
                    }
                    _ => Vec::new(),
                };
                kept.extend(tests.into_iter().map(|test| builder.outcome(of, test)));
            }
            let kept = builder.and(kept);
            lost.push(builder.not(kept));
            let violation = builder.and(lost);
            let scope = builder.and([would, ended, condition]);
            let origin = self.origins.id(*span);
            let name = format!("{}_keeps_{}", after.name, before.name);
            let cite = format!("{} moved from {} to {}", before.name, before.cite, after.cite);
            program.properties.push(ir::Property { name, cite, kind: ir::PropertyKind::Never { violation }, scope, origin });
        }
        self.finish(program, conditions);
    }
}
