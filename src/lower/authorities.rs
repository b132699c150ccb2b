//! Every live duty has a live authority: for each authority a property that no duty under it is set while it gives no power, at a rate
//! beyond it, or for longer than it allows.

use crate::ir::{self, Domain, Program, Ranges, Value};
use crate::model::{ALWAYS, Authority, Rational, Rule, authority_property};

use super::conditions::Conditions;
use super::{Lowering, in_force};

impl Lowering<'_> {
    /// A property for every authority.
    pub(super) fn authorities(&mut self, program: &mut Program) {
        let policy = self.policy;
        let mut conditions = Conditions::new(policy, self.order);
        for authority in &policy.authorities {
            let mut builder = program.builder();
            let power = in_force(&mut builder, policy, &mut conditions, &authority.timeline);
            let (mut scope, mut violations) = (Vec::new(), Vec::new());
            for id in &authority.rules {
                let rule = &policy.rules[id.index()];
                let live = builder.effective(*id);
                let mut allowed = vec![power];
                if let Some(date) = policy.date {
                    let days = allowed_days(authority, rate(policy, rule), rule);
                    allowed.push(builder.within(date, days).unwrap_or(power));
                } else if authority.limits.iter().any(|(_, most)| *most < rate(policy, rule)) {
                    allowed.push(builder.constant(false));
                }
                let allowed = builder.and(allowed);
                let beyond = builder.not(allowed);
                violations.push(builder.and([live, beyond]));
                scope.push(live);
            }
            let violation = builder.or(violations);
            let scope = builder.or(scope);
            let origin = self.origins.id(authority.span);
            let name = authority_property(&authority.name);
            let cite = authority.cite.clone();
            program.properties.push(ir::Property {
                name,
                cite,
                shows: Some(ir::Standard::TariffSane),
                kind: ir::PropertyKind::Never { violation },
                scope,
                origin,
            });
        }
        self.finish(program, conditions);
    }
}

/// The greatest rate that a rule sets, in percent.
fn rate(policy: &crate::model::Policy, rule: &Rule) -> Rational {
    let rates = rule.conclusions.iter().filter_map(|(of, value)| match (&policy.decisions[of.index()].domain, value) {
        (Domain::Number(number), Value::Int(k)) if number.unit == "%" => {
            let power = 10i128.checked_pow(number.step.scale)?;
            Some(Rational::new(i128::from(*k) * i128::from(number.step.mantissa), power))
        }
        _ => None,
    });
    rates.max().unwrap_or_else(|| Rational::from_integer(0))
}

/// The days on which an authority allows a rate, for as long as it allows a measure to last.
fn allowed_days(authority: &Authority, rate: Rational, rule: &Rule) -> Ranges {
    let mut days = if authority.limits.is_empty() { Ranges::closed(ALWAYS.0, ALWAYS.1) } else { Ranges::empty() };
    for (index, (from, most)) in authority.limits.iter().enumerate() {
        let until = authority.limits.get(index + 1).map_or(ALWAYS.1, |(next, _)| next - 1);
        if *most >= rate {
            days = days.union(&Ranges::closed(*from, until));
        }
    }
    // Elaboration has seen to it that a measure under such an authority has a first day.
    if let (Some(most), Some(begins)) = (authority.days, rule.since) {
        days = days.intersection(&Ranges::closed(begins, begins + i64::from(most) - 1));
    }
    days
}
