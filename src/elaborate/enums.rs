//! Enumerations: listed, read from a CSV file, or written in place.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{Domain, EnumDef, EnumId, Heading, Member, MemberSet};
use crate::source::Span;
use crate::syntax::ast::{self, EnumBody, ItemKind};

use super::Elaborator;
use super::types::Ty;

/// The most members an enumeration can have.
const MAX_MEMBERS: usize = 100_000;

impl Elaborator<'_> {
    /// All enumerations of a regime.
    pub(super) fn enumerations(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (item, node) in items {
            let ItemKind::Enum(decl) = &node.kind else { continue };
            if self.enums.contains_key(&item) {
                continue;
            }
            let found = match &decl.body {
                EnumBody::Listed { ordered, members } => self.listed_enum(&decl.name, *ordered, members),
                EnumBody::Csv { path, key, label } => self.csv_enum(item.0, &decl.name, path, key, label.as_ref()),
            };
            if let Some(found) = found {
                // One that two regimes declare alike is one: else they could not be compared.
                let known = self.policy.enums.iter().position(|known| known.name == found.name && alike(known, &found));
                let id = EnumId(known.unwrap_or(self.policy.enums.len()) as u32);
                if known.is_none() {
                    self.policy.enums.push(found);
                }
                self.enums.insert(item, id);
            }
        }
    }

    fn listed_enum(&mut self, name: &ast::Name, ordered: bool, members: &[ast::MemberDecl]) -> Option<EnumDef> {
        let mut found: Vec<(Member, Span)> = Vec::new();
        let mut headings: Vec<(String, Vec<u32>, Span)> = Vec::new();
        let mut stack: Vec<(&ast::MemberDecl, Vec<usize>)> = members.iter().rev().map(|m| (m, Vec::new())).collect();
        let mut failed = false;
        while let Some((member, above)) = stack.pop() {
            let first = found
                .iter()
                .map(|(known, span)| (known.name.as_str(), *span))
                .chain(headings.iter().map(|(known, _, span)| (known.as_str(), *span)))
                .find(|(known, _)| *known == member.name.node)
                .map(|(_, span)| span);
            if let Some(first) = first {
                self.error(
                    Code::DuplicateName,
                    format!("the member `{}` stands twice in `{}`", member.name.node, name.node),
                    member.name.span,
                    "again here",
                )
                .also(first, "first here");
                failed = true;
                continue;
            }
            if member.children.is_empty() {
                let index = found.len() as u32;
                for heading in &above {
                    headings[*heading].1.push(index);
                }
                let label = member.label.as_ref().map_or(String::new(), |label| label.node.clone());
                found.push((Member { name: member.name.node.clone(), label }, member.name.span));
            } else {
                if ordered {
                    self.error(
                        Code::NotOrdered,
                        "a heading in an ordered enumeration",
                        member.name.span,
                        "an order has no headings",
                    );
                    failed = true;
                }
                let mut above = above;
                above.push(headings.len());
                headings.push((member.name.node.clone(), Vec::new(), member.name.span));
                stack.extend(member.children.iter().rev().map(|child| (child, above.clone())));
            }
        }
        if found.is_empty() {
            self.error(
                Code::MissingValue,
                format!("`{}` has no members", name.node),
                name.span,
                "an enumeration needs one at least",
            );
            failed = true;
        }
        if found.len() > MAX_MEMBERS {
            self.error(
                Code::TooLarge,
                format!("`{}` has too many members", name.node),
                name.span,
                format!("the limit is {MAX_MEMBERS}"),
            );
            failed = true;
        }
        if failed {
            return None;
        }
        let size = found.len() as u32;
        Some(EnumDef {
            name: name.node.clone(),
            members: found.into_iter().map(|(member, _)| member).collect(),
            ordered,
            headings: headings
                .into_iter()
                .map(|(name, members, _)| Heading { name, members: MemberSet::of(size, members) })
                .collect(),
        })
    }

    fn csv_enum(
        &mut self,
        module: usize,
        name: &ast::Name,
        path: &ast::Text,
        key: &ast::Name,
        label: Option<&ast::Name>,
    ) -> Option<EnumDef> {
        let table = self.csv(module, path)?;
        let key_column = self.column(&table, &key.node, key.span)?;
        let label_column = match label {
            Some(label) => Some(self.column(&table, &label.node, label.span)?),
            None => None,
        };
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        let mut members = Vec::new();
        for row in table.rows() {
            let member = row.cell(key_column).to_owned();
            if member.is_empty() {
                self.error(Code::BadCsv, format!("a line without a `{}`", key.node), row.span, "this cell is empty")
                    .also(path.span, "the file is named here");
                return None;
            }
            if let Some(first) = seen.insert(member.clone(), row.span) {
                self.error(Code::DuplicateName, format!("`{member}` stands twice"), row.span, "again here")
                    .also(first, "first here");
                return None;
            }
            let label = label_column.map_or(String::new(), |column| row.cell(column).to_owned());
            members.push(Member { name: member, label });
        }
        if members.is_empty() || members.len() > MAX_MEMBERS {
            self.error(Code::BadCsv, "a file with no lines, or too many", path.span, format!("from 1 to {MAX_MEMBERS} lines"));
            return None;
        }
        Some(EnumDef { name: name.node.clone(), members, ordered: false, headings: Vec::new() })
    }

    /// An enumeration declared in place: one with the same members in the same order is the same.
    pub(super) fn inline_enum(&mut self, name: &str, span: Span, ordered: bool, members: &[ast::MemberDecl]) -> Option<EnumId> {
        let found = self.listed_enum(&ast::Name::new(name.to_owned(), span), ordered, members)?;
        if let Some(index) = self.policy.enums.iter().position(|known| alike(known, &found)) {
            return Some(EnumId(index as u32));
        }
        self.policy.enums.push(found);
        Some(EnumId(self.policy.enums.len() as u32 - 1))
    }

    /// The enumeration of a name.
    pub(super) fn enum_of(&mut self, regime: usize, name: &ast::Name) -> Option<EnumId> {
        match self.named(regime, name)? {
            Ty::Scalar(Domain::Enum(id)) => Some(id),
            _ => {
                self.error(
                    Code::WrongKind,
                    format!("`{}` is not an enumeration", name.node),
                    name.span,
                    "an enumeration is needed",
                );
                None
            }
        }
    }
}

/// Whether two enumerations have the same members in the same order, under the same headings.
fn alike(a: &EnumDef, b: &EnumDef) -> bool {
    a.ordered == b.ordered && a.headings == b.headings && a.members.iter().map(|m| &m.name).eq(b.members.iter().map(|m| &m.name))
}
