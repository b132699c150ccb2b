//! Inputs, flattened to scalar attributes, and what members carry.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{Domain, Value};
use crate::model::{Attribute, Input};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

use super::Elaborator;
use super::types::Ty;

/// What an input is called by a program, and by a person.
#[derive(Clone, Copy)]
struct Called<'a> {
    name: &'a str,
    title: &'a str,
}

impl Elaborator<'_> {
    /// The inputs of a regime; records become one input for each field.
    pub(super) fn inputs(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (_, node) in items {
            let ItemKind::Input(decl) = &node.kind else { continue };
            let Some(ty) = self.ty(regime, &decl.names[0].node, &decl.ty, true) else { continue };
            let (preferred, capability) = self.options(regime, &ty, &decl.options);
            let title = decl.title.as_ref().map_or("", |title| &title.node);
            for name in &decl.names {
                self.flatten(regime, Called { name: &name.node, title }, name.span, &ty, &preferred, capability);
            }
        }
    }

    fn flatten(&mut self, regime: usize, called: Called, span: Span, ty: &Ty, preferred: &[Value], capability: bool) {
        let Called { name, title } = called;
        match ty {
            Ty::Record(record) => {
                for field in self.records[*record].fields.clone() {
                    let name = format!("{name}.{}", field.name);
                    let parts: Vec<&str> = [title, &field.title].into_iter().filter(|part| !part.is_empty()).collect();
                    let called = Called { name: &name, title: &parts.join(": ") };
                    self.flatten(regime, called, span, &field.ty, &field.preferred, field.capability);
                }
            }
            Ty::Scalar(domain) => {
                let found = Input {
                    name: name.to_owned(),
                    title: title.to_owned(),
                    domain: domain.clone(),
                    preferred: preferred.to_vec(),
                    capability,
                    regime: regime as u32,
                    span,
                };
                self.add_input(regime, found);
            }
            Ty::Number(_) => {}
        }
    }

    /// Declares an input; regimes that are compared share those of the same name.
    pub(super) fn add_input(&mut self, regime: usize, found: Input) {
        match self.input_of(&found.name) {
            None => self.policy.inputs.push(found),
            Some(known) => self.unify(regime, known, &found),
        }
    }

    /// Two regimes that are compared speak of the same input. What is checked keeps its own domain, so a comparison cannot
    /// narrow a check: the other regime must allow as much. Between an old and a new regime (`diff`) it is what both allow.
    fn unify(&mut self, regime: usize, known: crate::ir::InputId, found: &Input) {
        let asked = self.sources.regimes[regime].span;
        let own = &self.policy.inputs[known.index()];
        let same_kind = match (&own.domain, &found.domain) {
            (Domain::Number(a), Domain::Number(b)) => a.unit == b.unit && a.step == b.step,
            (Domain::Date { .. }, Domain::Date { .. }) => true,
            (a, b) => a == b,
        };
        let other = own.span;
        let (Some((lo, hi)), Some((from, to)), true) = (own.domain.bounds(), found.domain.bounds(), same_kind) else {
            if !same_kind {
                let told = self.only_in_one(known, found);
                let message = self
                    .error(
                        Code::IncompatibleRegimes,
                        format!("the input `{}` is not the same in both regimes", found.name),
                        found.span,
                        "here it is one thing",
                    )
                    .also(other, "here another")
                    .also(asked, "they are compared here")
                    .help("give it the same type, unit and step in both; what both name can stand in a file that both `use`");
                if let Some(told) = told {
                    message.note(told);
                }
            }
            return;
        };
        let (least, most) = (lo.max(from), hi.min(to));
        if (least, most) == (lo, hi) {
            return;
        }
        if asked != Span::NOWHERE || least > most {
            self.error(
                Code::IncompatibleRegimes,
                format!("the other regime does not speak of all values of `{}`", found.name),
                found.span,
                "its range is narrower",
            )
            .also(other, "than the range here")
            .also(asked, "they are compared here")
            .help("widen the range in the other regime, or narrow it here");
            return;
        }
        let (least_text, most_text) = match &own.domain {
            Domain::Number(number) => (number.text(least), number.text(most)),
            _ => (crate::ir::date_text(least), crate::ir::date_text(most)),
        };
        let title = format!("`{}` is compared from {least_text} to {most_text}, where both regimes speak", found.name);
        let mut message = crate::diagnostic::Diagnostic::new(Code::IncompatibleRegimes, title, other, "the range here")
            .also(found.span, "the range there");
        message.severity = crate::diagnostic::Severity::Warning;
        self.sink.push(message);
        match &mut self.policy.inputs[known.index()].domain {
            Domain::Number(number) => (number.lo, number.hi) = (least, most),
            Domain::Date { lo, hi } => (*lo, *hi) = (least, most),
            _ => {}
        }
    }

    /// Names the members that only one of two enumerations has.
    fn only_in_one(&self, known: crate::ir::InputId, found: &Input) -> Option<String> {
        let def = |domain: &Domain| match domain {
            Domain::Enum(of) | Domain::Set(of) => Some(self.policy.enums[of.index()].clone()),
            _ => None,
        };
        let own = &self.policy.inputs[known.index()];
        let (a, b) = (def(&own.domain)?, def(&found.domain)?);
        let missing = |a: &crate::ir::EnumDef, b: &crate::ir::EnumDef| -> Vec<String> {
            a.members.iter().filter(|member| b.member(&member.name).is_none()).map(|member| member.name.clone()).collect()
        };
        let (gone, added) = (missing(&a, &b), missing(&b, &a));
        Some(match (gone.is_empty(), added.is_empty()) {
            (true, true) => "the members are the same, in another order or under other headings".to_owned(),
            _ => [(gone, "only in the first"), (added, "only in the second")]
                .into_iter()
                .filter(|(names, _)| !names.is_empty())
                .map(|(names, which)| format!("{which}: {}", super::message::list(names.iter().map(String::as_str))))
                .collect::<Vec<_>>()
                .join("; "),
        })
    }

    /// Attributes of members.
    pub(super) fn attributes(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (item, node) in items {
            let ItemKind::Attribute(decl) = &node.kind else { continue };
            let Some(of) = self.enum_of(regime, &decl.of) else { continue };
            if self.policy.attributes.iter().any(|known| known.regime == regime && known.of == of && known.name == decl.name.node)
            {
                self.error(
                    Code::DuplicateName,
                    format!("the attribute `{}` is declared twice", decl.name.node),
                    decl.name.span,
                    "again here",
                );
                continue;
            }
            let Some(Ty::Scalar(domain)) = self.ty(regime, &decl.name.node, &decl.ty, true) else { continue };
            let size = self.policy.enums[of.index()].members.len();
            let mut values = vec![None; size];
            match &decl.source {
                ast::AttributeSource::Listed(assignments) => {
                    for assignment in assignments {
                        let name = &assignment.path.parts[0];
                        if assignment.path.parts.len() > 1 {
                            self.error(Code::WrongKind, "a member is needed here", assignment.path.span, "this has parts");
                            continue;
                        }
                        let Some(member) = self.member(of, name) else { continue };
                        if let Some(value) = &assignment.value {
                            if values[member as usize].is_some() {
                                self.error(
                                    Code::RepeatedAssignment,
                                    format!("`{}` is given twice", name.node),
                                    name.span,
                                    "again here",
                                );
                            }
                            values[member as usize] = self.value(regime, value, &domain);
                        }
                    }
                }
                ast::AttributeSource::Csv { path, key, column } => {
                    let Some(table) = self.csv(item.0, path) else { continue };
                    let (Some(key), Some(at)) =
                        (self.column(&table, &key.node, key.span), self.column(&table, &column.node, column.span))
                    else {
                        continue;
                    };
                    let mut seen: BTreeMap<u32, Span> = BTreeMap::new();
                    for row in table.rows() {
                        let name = ast::Name::new(row.cell(key).to_owned(), row.span);
                        let Some(member) = self.member(of, &name) else { continue };
                        if let Some(first) = seen.insert(member, row.span) {
                            self.error(Code::DuplicateName, format!("`{}` stands twice", name.node), row.span, "again here")
                                .also(first, "first here");
                            continue;
                        }
                        if !row.cell(at).is_empty() {
                            values[member as usize] = self.cell_value(row.cell(at), row.span, &domain);
                        }
                    }
                }
            }
            let missing: Vec<&str> = self.policy.enums[of.index()]
                .members
                .iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(member, _)| member.name.as_str())
                .collect();
            if !missing.is_empty() && regime == 0 {
                let title = format!("`{}` has no value for {} of {size} members", decl.name.node, missing.len());
                let mut message = crate::diagnostic::Diagnostic::new(
                    Code::MissingValue,
                    title,
                    decl.name.span,
                    "every comparison of it fails for them",
                )
                .note(format!("without a value: {}", super::message::list(missing)));
                message.severity = crate::diagnostic::Severity::Warning;
                self.sink.push(message);
            }
            self.policy.attributes.push(Attribute { name: decl.name.node.clone(), regime, of, domain, values });
        }
    }

    fn cell_value(&mut self, text: &str, span: Span, domain: &Domain) -> Option<Value> {
        let value = match domain {
            Domain::Bool => match text {
                "true" | "1" | "yes" => Some(Value::Bool(true)),
                "false" | "0" | "no" => Some(Value::Bool(false)),
                _ => None,
            },
            Domain::Enum(id) => self.policy.enums[id.index()].member(text).map(Value::Member),
            Domain::Number(number) => number.parse(text).filter(|k| (number.lo..=number.hi).contains(k)).map(Value::Int),
            Domain::Date { lo, hi } => crate::ir::date_day(text).filter(|day| (lo..=hi).contains(&day)).map(Value::Int),
            Domain::Set(_) => None,
        };
        if value.is_none() {
            self.error(Code::BadCsv, format!("`{text}` is not a value of this attribute"), span, "in this line");
        }
        value
    }
}
