//! Links, what is carried along them, nodes; and for the licence sections of product rules the property that jurisdiction comes first.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{self, Carried, Case, DecisionId, MemberSet, OutcomeTest, Program, Ranges, RuleId, Source, TermId, Value};
use crate::model::{Input, Policy, license_property};
use crate::source::Span;

use super::Lowering;
use super::conditions::Conditions;

impl Lowering<'_> {
    /// Links, carries, nodes.
    pub(super) fn chains(&mut self, program: &mut Program) {
        let policy = self.policy;
        for link in &policy.links {
            program.links.push(ir::Link {
                name: link.name.clone(),
                title: link.title.clone(),
                cite: link.cite.clone(),
                fields: link.fields.clone(),
                keeps: link.keeps.clone(),
                origin: self.origins.id(link.span),
            });
        }
        // What counts may ask about the fields of links, which stand behind the inputs.
        let real = program.inputs.len();
        let mut with_fields = policy.clone();
        for (link, declared) in policy.links.iter().zip(&program.links) {
            let inputs: Vec<ir::Input> = declared.inputs().collect();
            with_fields
                .inputs
                .extend(inputs.iter().map(|input| Input::plain(input.name.clone(), input.domain.clone(), link.span)));
            program.inputs.extend(inputs);
        }
        let mut conditions = Conditions::new(&with_fields, self.order);
        for carry in &policy.carries {
            let counts = conditions.term(&mut program.builder(), &carry.counts);
            let of = |source: Source| match source {
                Source::Decision(id) => Source::Decision(self.order.new[id.index()]),
                other => other,
            };
            let what = match carry.what {
                Carried::Includes(source) => Carried::Includes(of(source)),
                Carried::Adds(source, factor) => Carried::Adds(of(source), factor),
                Carried::Holds => Carried::Holds,
            };
            let origin = self.origins.id(carry.span);
            program.carries.push(ir::Carry { link: carry.link, counts, target: carry.target, what, origin });
        }
        self.finish(program, conditions);
        program.inputs.truncate(real);
        for node in &policy.nodes {
            let mut given = Case::unknown(program.inputs.len());
            for (input, value) in &node.given {
                given.set(*input, value.clone());
            }
            let (name, title, before) = (node.name.clone(), node.title.clone(), node.before.clone());
            program.nodes.push(ir::Node { name, title, given, before, origin: self.origins.id(node.span) });
        }
    }

    /// Jurisdiction first, licence second: for each rule that product rules name as their licence section, that it asks for nothing
    /// unless one of the decisions of these rules has come to what one of them says, or to something stricter. A rule that takes over
    /// what a section said is a section too.
    pub(super) fn licenses(&mut self, program: &mut Program) {
        let policy = self.policy;
        let mut sections: BTreeMap<RuleId, Vec<(DecisionId, Value)>> = BTreeMap::new();
        for rule in policy.rules.iter().filter(|rule| rule.regime == 0) {
            let mut todo = rule.license.clone();
            let mut seen: BTreeSet<RuleId> = BTreeSet::new();
            while let Some(section) = todo.pop() {
                if !seen.insert(section) {
                    continue;
                }
                todo.extend(policy.moves.iter().filter(|(old, ..)| *old == section).map(|(_, new, _)| *new));
                // What the section says itself is no jurisdiction.
                let own = &policy.rules[section.index()].conclusions;
                let says = rule.conclusions.iter().filter(|(of, _)| own.iter().all(|(other, _)| other != of));
                sections.entry(section).or_default().extend(says.map(|(of, value)| (self.order.new[of.index()], value.clone())));
            }
        }
        let mut properties: BTreeMap<String, (String, Span, Vec<TermId>, Vec<TermId>)> = BTreeMap::new();
        for (section, says) in sections {
            let rule = &policy.rules[section.index()];
            let tests: Vec<(DecisionId, Vec<OutcomeTest>)> =
                says.into_iter().map(|(of, value)| (of, at_least(policy, program, of, &value))).collect();
            let mut builder = program.builder();
            let asks = builder.effective(section);
            let mut brought: Vec<TermId> = Vec::new();
            for (of, tests) in tests {
                let all: Vec<TermId> = tests.into_iter().map(|test| builder.outcome(of, test)).collect();
                brought.push(builder.and(all));
            }
            let any = builder.or(brought);
            let free = builder.not(any);
            let violation = builder.and([asks, free]);
            // A rule with a varying value is one section.
            let name = license_property(rule.family.as_ref().unwrap_or(&rule.name));
            let entry = properties.entry(name).or_insert_with(|| (rule.cite.clone(), rule.span, Vec::new(), Vec::new()));
            entry.2.push(violation);
            entry.3.push(asks);
        }
        for (name, (cite, span, violations, asks)) in properties {
            let mut builder = program.builder();
            let (violation, scope) = (builder.or(violations), builder.or(asks));
            let (kind, origin) = (ir::PropertyKind::Never { violation }, self.origins.id(span));
            program.properties.push(ir::Property {
                name,
                cite,
                shows: Some(ir::Standard::JurisdictionTotal),
                kind,
                scope,
                origin,
            });
        }
    }
}

/// That a decision comes to a value, or to something stricter: all of these tests. Of a set it has all members.
fn at_least(policy: &Policy, program: &Program, of: DecisionId, value: &Value) -> Vec<OutcomeTest> {
    let decision = program.decision(of);
    let strict = !matches!(decision.combine, ir::Combine::LeastStrict);
    match (&decision.domain, value) {
        (ir::Domain::Enum(id), Value::Member(member)) => {
            let def = &policy.enums[id.index()];
            let last = if def.ordered && strict { def.size() } else { member + 1 };
            vec![OutcomeTest::Members(MemberSet::of(def.size(), *member..last))]
        }
        (_, Value::Bool(value)) => vec![OutcomeTest::Members(MemberSet::of(2, [u32::from(*value)]))],
        (_, Value::Set(set)) => set.iter().map(OutcomeTest::Has).collect(),
        (ir::Domain::Number(number), Value::Int(k)) => vec![OutcomeTest::Within(Ranges::closed(*k, number.hi.max(*k)))],
        (_, Value::Int(k)) => vec![OutcomeTest::Within(Ranges::closed(*k, *k))],
        (_, Value::Member(member)) => vec![OutcomeTest::Members(MemberSet::of(member + 1, [*member]))],
    }
}
