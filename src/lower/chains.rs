//! Links, what is carried along them, nodes; and for the licence sections of product rules the property that jurisdiction comes first.

use std::collections::BTreeMap;

use crate::ir::{self, Carried, Case, DecisionId, Program, RuleId, Source, TermId};
use crate::model::{Input, license_property};
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
            with_fields.inputs.extend(inputs.iter().map(|input| Input {
                name: input.name.clone(),
                domain: input.domain.clone(),
                preferred: Vec::new(),
                capability: false,
                regime: 0,
                span: link.span,
            }));
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

    /// Jurisdiction first, licence second: for each rule that a product rule names as its licence section, that it never asks for
    /// anything where nothing has decided any of what these product rules decide.
    pub(super) fn licenses(&mut self, program: &mut Program) {
        let mut sections: BTreeMap<RuleId, (Vec<DecisionId>, Span)> = BTreeMap::new();
        for rule in self.policy.rules.iter().filter(|rule| rule.regime == 0) {
            for section in &rule.license {
                let (decisions, _) = sections.entry(*section).or_insert_with(|| (Vec::new(), rule.span));
                for (of, _) in &rule.conclusions {
                    let of = self.order.new[of.index()];
                    if !decisions.contains(&of) {
                        decisions.push(of);
                    }
                }
            }
        }
        for (section, (decisions, span)) in sections {
            let deciding: Vec<RuleId> = decisions.iter().flat_map(|of| program.decision(*of).rules.clone()).collect();
            let (name, cite) = (self.policy.rules[section.index()].name.clone(), self.policy.rules[section.index()].cite.clone());
            let mut builder = program.builder();
            let asks = builder.effective(section);
            let decided: Vec<TermId> = deciding.iter().map(|rule| builder.effective(*rule)).collect();
            let any = builder.or(decided);
            let nothing = builder.not(any);
            let violation = builder.and([asks, nothing]);
            let scope = builder.constant(true);
            let kind = ir::PropertyKind::Never { violation };
            let origin = self.origins.id(span);
            program.properties.push(ir::Property { name: license_property(&name), cite, kind, scope, origin });
        }
    }
}
