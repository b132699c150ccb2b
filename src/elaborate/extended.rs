//! Two regimes that are compared: decisions that one of them has extended get the longer list of values in both; chains that differ are
//! said not to be compared.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Domain, EnumId, MemberSet, Value};
use crate::syntax::ast::{ItemKind, TypeKind};

use super::Elaborator;

impl Elaborator<'_> {
    /// Of two decisions of one name whose values are listed in place, and the one list begins with the other (`extend decision`), both
    /// get the longer one. What is added comes out of no rule of the shorter.
    pub(super) fn extended_decisions(&mut self) {
        for other in 1..self.scopes.len() {
            let shared: Vec<String> = self.scopes[0]
                .decisions
                .keys()
                .filter(|name| self.scopes[other].decisions.contains_key(*name))
                .cloned()
                .collect();
            for name in shared {
                if self.listed_in_place(0, &name) && self.listed_in_place(other, &name) {
                    self.lengthen(other, &name);
                }
            }
        }
    }

    /// Links and what counts along them are those of the checked regime; what the other one says of them is not compared.
    pub(super) fn chains_on_one_side(&mut self) {
        for other in 1..self.scopes.len() {
            let (own, theirs) = (self.chain_texts(0), self.chain_texts(other));
            let differs = theirs.iter().find(|(text, _)| own.iter().all(|(other, _)| other != text));
            let Some((_, span)) = differs.or_else(|| own.iter().find(|(text, _)| theirs.iter().all(|(other, _)| other != text)))
            else {
                continue;
            };
            let title = "what counts along a chain is not the same in both regimes";
            let mut message = Diagnostic::new(Code::IncompatibleRegimes, title, *span, "it stands in one of them only").note(
                "Compared are cases with what follows from chains taken as given, the same in both; what else would follow is no part of it.",
            );
            message.severity = crate::diagnostic::Severity::Note;
            self.sink.push(message);
        }
    }

    fn chain_texts(&self, regime: usize) -> Vec<(String, crate::source::Span)> {
        let text = |span: crate::source::Span| {
            let text = span.file.map(|file| self.files.get(file).text.clone()).unwrap_or_default();
            let own = text.get(span.start as usize..span.end as usize).unwrap_or_default();
            own.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let of_chains = |kind: &ItemKind| matches!(kind, ItemKind::Link(_) | ItemKind::Along(_));
        self.items(regime).filter(|(_, item)| of_chains(&item.kind)).map(|(_, item)| (text(item.span), item.span)).collect()
    }

    fn listed_in_place(&self, regime: usize, name: &str) -> bool {
        let inline = |kind: &TypeKind| matches!(kind, TypeKind::Inline { .. });
        self.items(regime).any(|(_, item)| match &item.kind {
            ItemKind::Decision(decl) if decl.name.node == name => match &decl.ty.kind {
                TypeKind::Set(inner) => inline(&inner.kind),
                kind => inline(kind),
            },
            _ => false,
        })
    }

    fn lengthen(&mut self, other: usize, name: &str) {
        let (own, theirs) = (self.scopes[0].decisions[name], self.scopes[other].decisions[name]);
        let domain = |id: crate::ir::DecisionId| &self.policy.decisions[id.index()].domain;
        let (a, b) = match (domain(own), domain(theirs)) {
            (Domain::Enum(a), Domain::Enum(b)) | (Domain::Set(a), Domain::Set(b)) if a != b => (*a, *b),
            _ => return,
        };
        let begins = |short: EnumId, long: EnumId| {
            let (short, long) = (&self.policy.enums[short.index()], &self.policy.enums[long.index()]);
            let names = short.members.iter().zip(&long.members).all(|(a, b)| a.name == b.name);
            names && short.size() < long.size() && !short.ordered && !long.ordered
        };
        let (short, long) = if begins(a, b) {
            (own, b)
        } else if begins(b, a) {
            (theirs, a)
        } else {
            return;
        };
        let size = self.policy.enums[long.index()].size();
        let decision = &mut self.policy.decisions[short.index()];
        decision.domain = match decision.domain {
            Domain::Set(_) => Domain::Set(long),
            _ => Domain::Enum(long),
        };
        if let Some(Value::Set(set)) = &decision.default {
            decision.default = Some(Value::Set(MemberSet::of(size, set.iter())));
        }
    }
}
