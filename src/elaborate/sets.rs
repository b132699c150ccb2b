//! Members, headings, groups and their algebra, over time.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{EnumId, MemberSet};
use crate::model::TimedSet;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, SetExpr};
use crate::words::say;

use super::Elaborator;
use super::scope::Meaning;

/// A group on its way.
#[derive(Clone, Debug)]
pub(super) enum GroupState {
    /// Being computed: a second visit is a circle.
    Open,
    /// Computed; `None` after an error.
    Done(Option<(EnumId, TimedSet)>),
}

impl Elaborator<'_> {
    /// A member of an enumeration, or an error.
    pub(super) fn member(&mut self, of: EnumId, name: &ast::Name) -> Option<u32> {
        let def = &self.policy.enums[of.index()];
        if let Some(member) = def.member(&name.node) {
            return Some(member);
        }
        if def.headings.iter().any(|heading| heading.name == name.node) {
            let text = format!("`{}` is a heading of `{}`, not one value", name.node, def.name);
            self.error(Code::WrongKind, text, name.span, "a heading").help(format!("write `in {}`", name.node));
            return None;
        }
        let by_label = def.by_label(&name.node).map(str::to_owned);
        let what = format!("member of {}", def.name);
        let known: Vec<String> = def.members.iter().map(|member| member.name.clone()).collect();
        match by_label {
            Some(meant) => {
                self.error(Code::UnknownName, format!("there is no {what} `{}`", name.node), name.span, "nothing has this name")
                    .replace(format!("did you mean `{meant}`?"), name.span, meant);
            }
            None => drop(self.unknown(&what, name, known)),
        }
        None
    }

    /// A set expression over an enumeration.
    pub(super) fn set(&mut self, regime: usize, of: EnumId, expr: &SetExpr) -> Option<TimedSet> {
        match expr {
            SetExpr::Union(a, b) => Some(self.set(regime, of, a)?.union(&self.set(regime, of, b)?)),
            SetExpr::Difference(a, b) => Some(self.set(regime, of, a)?.difference(&self.set(regime, of, b)?)),
            SetExpr::Intersection(a, b) => Some(self.set(regime, of, a)?.intersection(&self.set(regime, of, b)?)),
            SetExpr::Listed(members, _) => {
                let mut set = TimedSet::empty(self.policy.enums[of.index()].size());
                let mut failed = false;
                for member in members {
                    let from = member.from.as_ref().map(|day| self.day(day).ok_or(())).transpose();
                    let until = member.until.as_ref().map(|day| self.day(day).ok_or(())).transpose();
                    let (Ok(from), Ok(until)) = (from, until) else {
                        failed = true;
                        continue;
                    };
                    if let (Some(lo), Some(hi)) = (from, until)
                        && lo > hi
                    {
                        self.error(Code::BadPeriod, "a period that ends before it begins", member.name.span, "for this member");
                        failed = true;
                        continue;
                    }
                    match self.listed_members(of, &member.name) {
                        Some(members) => members.iter().for_each(|index| set.add(index, from, until)),
                        None => failed = true,
                    }
                }
                (!failed).then_some(set)
            }
            SetExpr::Named(path) => self.named_set(regime, of, path),
        }
    }

    /// A name in braces: a member, or a heading for all below it.
    fn listed_members(&mut self, of: EnumId, name: &ast::Name) -> Option<MemberSet> {
        let def = &self.policy.enums[of.index()];
        if let Some(heading) = def.headings.iter().find(|heading| heading.name == name.node) {
            return Some(heading.members.clone());
        }
        let size = def.size();
        self.member(of, name).map(|member| MemberSet::of(size, [member]))
    }

    fn named_set(&mut self, regime: usize, of: EnumId, path: &ast::Path) -> Option<TimedSet> {
        let regime = match &path.regime {
            None => regime,
            Some(prefix) => self.regime_of(prefix)?,
        };
        let [name] = path.parts.as_slice() else {
            self.error(Code::WrongKind, "not a group", path.span, "a group, a heading or { … } is needed");
            return None;
        };
        let def = &self.policy.enums[of.index()];
        let size = def.size();
        if let Some(heading) = def.headings.iter().find(|heading| heading.name == name.node) {
            return Some(TimedSet::always(&heading.members));
        }
        if let Some((id, set)) = self.group(regime, &name.node)? {
            if id != of {
                let (group_of, expected) =
                    (self.policy.enums[id.index()].name.clone(), self.policy.enums[of.index()].name.clone());
                self.error(
                    Code::TypeMismatch,
                    format!("`{}` is a group of {group_of}, not of {expected}", name.node),
                    name.span,
                    "this group",
                );
                return None;
            }
            return Some(set);
        }
        let def = &self.policy.enums[of.index()];
        if let Some(member) = def.member(&name.node) {
            return Some(TimedSet::always(&MemberSet::of(size, [member])));
        }
        if def.name == name.node {
            return Some(TimedSet::always(&MemberSet::full(size)));
        }
        let mut known: Vec<String> = self.groups.keys().filter(|(r, _)| *r == regime).map(|(_, name)| name.clone()).collect();
        let scope = &self.scopes[regime].values;
        known.extend(scope.iter().filter(|(_, d)| d.meaning == Meaning::Group).map(|(name, _)| name.clone()));
        known.extend(def.headings.iter().map(|heading| heading.name.clone()));
        known.extend(def.members.iter().map(|member| member.name.clone()));
        known.sort();
        known.dedup();
        self.unknown("group", name, known);
        None
    }

    /// The group of a name: `None` after an error, `Some(None)` if there is none.
    #[expect(clippy::option_option, reason = "an error and an absent group are different")]
    fn group(&mut self, regime: usize, name: &str) -> Option<Option<(EnumId, TimedSet)>> {
        let key = (regime, name.to_owned());
        let declared = self.scopes[regime].values.get(name).filter(|d| d.meaning == Meaning::Group).copied();
        match self.groups.get(&key) {
            Some(GroupState::Done(group)) => {
                let group = group.clone();
                self.mark_used(regime, name);
                return group.map(Some);
            }
            Some(GroupState::Open) => {
                let span = declared.map_or(Span::NOWHERE, |declared| declared.span);
                self.error(Code::CyclicDefinition, format!("the group `{name}` needs itself"), span, "in a circle");
                return None;
            }
            None => {}
        }
        let Some(declared) = declared else { return Some(None) };
        let ItemKind::Group(decl) = &self.item(declared.item).kind else { return Some(None) };
        self.groups.insert(key.clone(), GroupState::Open);
        let group = self.enum_of(regime, &decl.of).and_then(|of| {
            let set = self.set(regime, of, &decl.set)?;
            Some((of, self.since_amended(regime, of, declared.item, set)?))
        });
        self.groups.insert(key, GroupState::Done(group.clone()));
        if let Some((of, set)) = &group {
            // An act names its day itself.
            let amended = self.amended.history.get(&declared.item).is_some_and(|history| history.before.is_some());
            let own = MemberEdges { cited: decl.cite.is_some() || amended, span: decl.name.span };
            if amended || matches!(decl.set, SetExpr::Listed(..)) {
                self.membership_edges(name, *of, set, &own);
            }
            if set.is_empty() && regime == 0 {
                self.sink.push(
                    Diagnostic::new(
                        Code::Dangling,
                        format!("the group `{name}` is empty"),
                        decl.name.span,
                        "nobody is ever in it",
                    )
                    .note("every test of membership in it fails"),
                );
            }
        }
        self.mark_used(regime, name);
        group.map(Some)
    }

    /// A group that an amendment replaces has other members before its day.
    fn since_amended(&mut self, regime: usize, of: EnumId, item: super::ItemRef, set: TimedSet) -> Option<TimedSet> {
        let Some((before, day)) = self.amended.history.get(&item).and_then(|history| history.before.clone()) else {
            return Some(set);
        };
        let (before, day) = (self.set(regime, of, &before)?, self.day(&day)?);
        let mut from = TimedSet::empty(set.size());
        set.ever().iter().for_each(|member| from.add(member, Some(day), None));
        let mut until = TimedSet::empty(set.size());
        before.ever().iter().for_each(|member| until.add(member, None, Some(day - 1)));
        Some(before.intersection(&until).union(&set.intersection(&from)))
    }

    fn membership_edges(&mut self, group: &str, of: EnumId, set: &TimedSet, from: &MemberEdges) {
        for (day, member, enters) in set.edges() {
            let member = &self.policy.enums[of.index()].members[member as usize].name;
            let what = if enters {
                say!("{member} enters {group}", member, group)
            } else {
                say!("{member} leaves {group}", member, group)
            };
            self.policy.membership_edges.push((day, what, from.cited, from.span));
        }
    }

    /// All groups of a regime: those of files first, then the declared ones.
    pub(super) fn all_groups(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (item, node) in &items {
            if let ItemKind::Groups(decl) = &node.kind {
                self.groups_of_file(regime, item.0, decl);
            }
        }
        for (_, node) in items {
            if let ItemKind::Group(decl) = &node.kind {
                let used = self.used.contains(&(regime, decl.name.node.clone()));
                self.group(regime, &decl.name.node);
                if !used {
                    self.used.remove(&(regime, decl.name.node.clone()));
                }
            }
        }
    }

    fn groups_of_file(&mut self, regime: usize, module: usize, decl: &ast::GroupsDecl) {
        let Some(of) = self.enum_of(regime, &decl.of) else { return };
        let Some(table) = self.csv(module, &decl.path) else { return };
        let (Some(group), Some(member)) =
            (self.column(&table, "group", decl.path.span), self.column(&table, "member", decl.path.span))
        else {
            return;
        };
        let allowed = ["group", "member", "from", "until", "cite", "mark"];
        for column in table.columns().iter().filter(|column| !allowed.contains(&column.as_str())) {
            let close = super::message::did_you_mean(&column.to_lowercase(), allowed);
            if let Some(close) = close {
                self.error(Code::BadCsv, format!("a column `{column}` that is not read"), decl.path.span, "in this file")
                    .help(format!("did you mean `{close}`?"));
            }
        }
        let (from, until, cite) = (table.find("from"), table.find("until"), table.find("cite"));
        let size = self.policy.enums[of.index()].size();
        let mut found: std::collections::BTreeMap<String, TimedSet> = std::collections::BTreeMap::new();
        for row in table.rows() {
            let mut day = |column: Option<usize>| match column.map(|column| row.cell(column)).filter(|cell| !cell.is_empty()) {
                None => Some(None),
                Some(cell) => self.day(&ast::Text::new(cell.to_owned(), row.span)).map(Some),
            };
            let (Some(lo), Some(hi)) = (day(from), day(until)) else { continue };
            if let (Some(lo), Some(hi)) = (lo, hi)
                && lo > hi
            {
                self.error(Code::BadPeriod, "a period that ends before it begins", row.span, "in this line");
                continue;
            }
            let name = ast::Name::new(row.cell(member).to_owned(), row.span);
            let Some(member) = self.member(of, &name) else { continue };
            let group = row.cell(group).to_owned();
            let mut one = TimedSet::empty(size);
            one.add(member, lo, hi);
            let own = MemberEdges { cited: cite.is_some_and(|column| !row.cell(column).is_empty()), span: row.span };
            if regime == 0 {
                self.membership_edges(&group, of, &one, &own);
            }
            let set = found.entry(group).or_insert_with(|| TimedSet::empty(size));
            *set = set.union(&one);
        }
        for (name, set) in found {
            if let Some(declared) = self.scopes[regime].values.get(&name) {
                let (span, meaning) = (declared.span, declared.meaning.name());
                self.error(Code::DuplicateName, format!("`{name}` is declared twice"), span, format!("here as {meaning}"))
                    .also(decl.path.span, "and as a group in this file");
                continue;
            }
            if let Some(GroupState::Done(Some((known_of, known)))) = self.groups.get(&(regime, name.clone())) {
                if *known_of != of || *known != set {
                    self.error(
                        Code::DuplicateName,
                        format!("the group `{name}` stands in two files"),
                        decl.path.span,
                        "the second, with other members",
                    )
                    .help("give one of them another name");
                }
                continue;
            }
            self.groups.insert((regime, name), GroupState::Done(Some((of, set))));
        }
    }
}

/// Where the changes of a membership are stated, and whether a provision is cited for them.
struct MemberEdges {
    cited: bool,
    span: Span,
}
