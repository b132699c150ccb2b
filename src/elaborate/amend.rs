//! Amendments: the files of a law and of what amended it become the files of the law as amended.
//!
//! In: the layers of a regime, the oldest law first. Out: one list of files, in which acts (repeal, replace, move, stay …) have been
//! carried out: each rule knows its own timeline and the acts that end it. Nothing is lost: an earlier version of a rule stays,
//! for the days on which, and the reading in which, the act that ended it is not in force.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::date_day;
use crate::source::Span;
use crate::syntax::ast::{self, Expr, ExprKind, Extension, Item, ItemKind, StatusItem, StatusKind};

use super::message::did_you_mean;
use super::{ItemRef, Sources};

/// What acts have done to a declaration.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// The timeline: its own, or that of its amendment or regime.
    pub(super) status: Option<Vec<StatusItem>>,
    /// The acts that end it.
    pub(super) ended: Vec<Ended>,
    /// Of a version that is not the last: what it is called.
    pub(super) label: Option<String>,
    /// Of a group: its members before a day.
    pub(super) before: Option<(ast::SetExpr, ast::Text)>,
    /// Of words that moved: where they stood before.
    pub(super) continues: Option<ItemRef>,
    /// The rule that says now what this one said.
    pub(super) moved_to: Option<ItemRef>,
    /// Whether it stands in the law that is amended.
    pub(super) inherited: bool,
    /// Whether nothing of it is left.
    gone: bool,
}

/// The end of a provision by an act.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// What becomes of it: `is repealed`, `is replaced`, `has moved`.
    pub(super) how: &'static str,
    /// The act, if it is cited.
    pub(super) by: Option<ast::Text>,
    /// When the act is in force: the provision is not.
    pub(super) status: Vec<StatusItem>,
    /// Where.
    pub(super) span: Span,
}

/// The files as amended.
pub(super) struct Amended {
    pub(super) sources: Sources,
    /// Renamed rules, by regime: the old name and the new.
    pub(super) aliases: Vec<(usize, String, String)>,
    pub(super) history: FxHashMap<ItemRef, History>,
    pub(super) messages: Vec<Diagnostic>,
}

impl Amended {
    /// Whether a declaration still stands.
    pub(super) fn stands(&self, item: ItemRef) -> bool {
        !self.history.get(&item).is_some_and(|history| history.gone)
    }
}

/// Carries out the acts of all regimes.
pub(super) fn amend(sources: &Sources) -> Amended {
    let mut amended =
        Amended { sources: sources.clone(), aliases: Vec::new(), history: FxHashMap::default(), messages: Vec::new() };
    for regime in 0..sources.regimes.len() {
        let office = Office {
            out: &mut amended,
            regime,
            kept: Vec::new(),
            current: BTreeMap::new(),
            versions: BTreeMap::new(),
            acted: BTreeMap::new(),
            made: BTreeMap::new(),
        };
        office.run(sources);
    }
    amended
}

/// What carries out the acts of one regime.
struct Office<'a> {
    out: &'a mut Amended,
    regime: usize,
    kept: Vec<Kept>,
    /// All versions of each rule, the last one last.
    current: BTreeMap<String, Vec<ItemRef>>,
    /// How many versions of a rule a regime has.
    versions: BTreeMap<String, u32>,
    /// The layer and the day of the last act that ended a rule: a second one on that day has no order.
    acted: BTreeMap<String, (usize, i64)>,
    /// When a version was made by an act; another act of that day speaks of the versions before it.
    made: BTreeMap<ItemRef, (usize, i64)>,
}

/// A file that belongs to the law as amended.
struct Kept {
    /// Its position in the new list.
    module: usize,
    /// From which layer.
    layer: usize,
    /// The regime it was written for.
    regime: String,
    /// The timeline of what states none.
    status: Vec<StatusItem>,
    /// The act of its `amendment` line.
    cite: Option<ast::Text>,
}

/// Whether an item is an act on something else.
fn is_act(kind: &ItemKind) -> bool {
    use ItemKind::{Extend, Move, Reinstate, Rename, Repeal, Replace, Stay};
    matches!(kind, Repeal(_) | Replace(_) | Move(_) | Rename(_) | Stay(_) | Reinstate(_) | Extend(_))
}

/// The first day on which a timeline is in force by the letter.
pub(super) fn begins(status: &[StatusItem]) -> Option<i64> {
    let day = |kind| status.iter().find(|line| line.kind == kind).and_then(|line| date_day(&line.from.node));
    day(StatusKind::Effective).or_else(|| day(StatusKind::Codified))
}

/// The first day that a timeline knows of: what was announced before a day is part of the law as of that day.
fn known_from(status: &[StatusItem]) -> Option<i64> {
    let days = status.iter().filter(|line| matches!(line.kind, StatusKind::Effective | StatusKind::Codified));
    days.filter_map(|line| date_day(&line.from.node)).min()
}

impl Office<'_> {
    fn run(mut self, sources: &Sources) {
        let files = &sources.regimes[self.regime];
        let single = files.layers.len() < 2;
        let acts = |module: &usize| {
            let items = &sources.modules[*module].unit.items;
            items.iter().any(|item| is_act(&item.kind) || matches!(item.kind, ItemKind::Amendment(_)) || moves(&item.kind))
        };
        if single && !files.modules.iter().any(acts) {
            return;
        }
        self.keep(sources);
        self.out.sources.regimes[self.regime].modules = self.kept.iter().map(|kept| kept.module).collect();
        let mut todo: Vec<(usize, i64, usize, usize)> = Vec::new();
        for (at, kept) in self.kept.iter().enumerate() {
            for (index, item) in self.out.sources.modules[kept.module].unit.items.iter().enumerate() {
                if is_act(&item.kind) || moves(&item.kind) {
                    todo.push((kept.layer, day_of_act(&item.kind, &kept.status), at, index));
                }
            }
        }
        todo.sort_unstable();
        self.declared();
        for (layer, day, at, index) in todo {
            self.act(at, index, (layer, day));
        }
    }

    /// Chooses the files, copies them, and gives every rule its timeline.
    fn keep(&mut self, sources: &Sources) {
        let files = &sources.regimes[self.regime];
        let choice = &files.selection;
        let mut seen = BTreeSet::new();
        let mut layers: Vec<(usize, Option<ast::Regime>)> = Vec::new();
        for (number, layer) in files.layers.iter().enumerate() {
            let header = layer.iter().find_map(|module| {
                sources.modules[*module].unit.items.iter().find_map(|item| match &item.kind {
                    ItemKind::Regime(regime) => Some(regime.clone()),
                    _ => None,
                })
            });
            let out = header.as_ref().is_some_and(|header| choice.leaves_out(&header.name.node, known_from(&header.status)));
            // The oldest law is what everything else amends.
            if number == 0 || !out {
                layers.push((number, header));
            }
        }
        let Some(top) = layers.last().map(|(number, _)| *number) else { return };
        for (number, header) in layers {
            let (name, cite, status) =
                header.map_or_else(Default::default, |header| (header.name.node, header.cite, header.status));
            for module in &files.layers[number] {
                let original = &sources.modules[*module];
                if !seen.insert(*module) {
                    continue;
                }
                if original.path.starts_with("std/") {
                    self.kept.push(Kept {
                        module: *module,
                        layer: number,
                        regime: String::new(),
                        status: Vec::new(),
                        cite: None,
                    });
                    continue;
                }
                let mut amendments = original.unit.items.iter().filter_map(|item| match &item.kind {
                    ItemKind::Amendment(decl) => Some(decl),
                    _ => None,
                });
                let amendment = amendments.next();
                if let (Some(first), Some(second)) = (amendment, amendments.next()) {
                    self.out.messages.push(
                        Diagnostic::new(Code::BadAmendment, "two `amendment` lines in one file", second.name.span, "the second")
                            .also(first.name.span, "the first is here")
                            .help("put each act into a file of its own"),
                    );
                }
                if amendment.is_some_and(|decl| choice.leaves_out(&decl.name.node, known_from(&decl.status))) {
                    continue;
                }
                let mut copy = original.clone();
                if number != top {
                    // What a law was tested with, and what it was compared with, is about that law.
                    copy.unit.items.retain(|item| !about_itself(&item.kind));
                }
                let own = amendment.map(|decl| decl.status.clone()).filter(|own| !own.is_empty());
                let own_cite = amendment.map(|decl| decl.cite.clone());
                let (status, cite) = (own.unwrap_or_else(|| status.clone()), own_cite.unwrap_or_else(|| cite.clone()));
                let place = self.out.sources.modules.len();
                for (index, item) in copy.unit.items.iter().enumerate() {
                    let history = self.out.history.entry((place, index)).or_default();
                    history.inherited = number != top;
                    history.status = rule_status(&item.kind, &status);
                }
                self.out.sources.modules.push(copy);
                self.kept.push(Kept { module: place, layer: number, regime: name.clone(), status, cite });
            }
        }
    }

    /// The rules as they were first enacted.
    fn declared(&mut self) {
        for kept in &self.kept {
            for (index, item) in self.out.sources.modules[kept.module].unit.items.iter().enumerate() {
                if let ItemKind::Rule(rule) = &item.kind {
                    let versions = self.current.entry(rule.name.node.clone()).or_default();
                    if versions.is_empty() {
                        versions.push((kept.module, index));
                    }
                }
            }
        }
    }

    fn item(&self, (module, index): ItemRef) -> &Item {
        &self.out.sources.modules[module].unit.items[index]
    }

    fn act(&mut self, at: usize, index: usize, when: (usize, i64)) {
        let place = (self.kept[at].module, index);
        let item = self.item(place).clone();
        match &item.kind {
            ItemKind::Repeal(decl) => {
                let (status, by) = (self.status(at, &decl.status), decl.cite.clone().or_else(|| self.kept[at].cite.clone()));
                for name in &decl.rules {
                    self.end_all(name, "is repealed", by.as_ref(), &status, when);
                    if status.is_empty() {
                        self.current.remove(&name.node);
                    }
                }
            }
            ItemKind::Rule(decl) => self.moved_from(at, place, decl, when),
            ItemKind::Replace(decl) => self.replace(at, place, &decl.with, when),
            ItemKind::Move(decl) => {
                let status = self.status(at, &decl.status);
                self.relocate(at, &decl.rule, &decl.to, &status, when);
            }
            ItemKind::Rename(decl) => self.rename(decl),
            ItemKind::Stay(decl) => {
                for name in &decl.rules {
                    for rule in self.rule(name) {
                        let history = self.out.history.entry(rule).or_default();
                        history.status.get_or_insert_default().push(decl.line.clone());
                    }
                }
            }
            ItemKind::Reinstate(decl) => {
                for name in &decl.rules {
                    self.reinstate(name, &decl.from);
                }
            }
            ItemKind::Extend(decl) => self.extend(decl),
            _ => {}
        }
    }

    fn rename(&mut self, decl: &ast::RenameDecl) {
        let versions = self.rule(&decl.from);
        if versions.is_empty() {
            return;
        }
        if self.current.contains_key(&decl.to.node) {
            self.say(&decl.to, format!("there is a rule `{}` already", decl.to.node), "the new name is taken")
                .help_last("give it another name, or repeal that rule first");
            return;
        }
        self.current.insert(decl.to.node.clone(), versions);
        self.out.aliases.push((self.regime, decl.from.node.clone(), decl.to.node.clone()));
    }

    /// Ends all versions of a rule: what an act ends stays ended, whatever becomes of a version in between.
    fn end_all(
        &mut self,
        name: &ast::Name,
        how: &'static str,
        by: Option<&ast::Text>,
        status: &[StatusItem],
        when: (usize, i64),
    ) -> Vec<ItemRef> {
        let mut versions = self.rule(name);
        versions.retain(|version| self.made.get(version) != Some(&when));
        // That its words moved, and what it says instead, are two sides of one act.
        let moved = how == "has moved";
        if !versions.is_empty() && !moved && self.acted.insert(self.known_as(&name.node), when) == Some(when) {
            self.say(name, format!("two acts end `{}` on one day", name.node), "nothing says which of them comes first")
                .help_last("give one of them another day, or say both in one act");
        }
        for version in &versions {
            self.end(*version, how, by.cloned(), status.to_vec(), name.span);
        }
        versions
    }

    /// The name that a rule has now.
    fn known_as(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while let Some((_, _, to)) =
            self.out.aliases.iter().find(|(regime, from, to)| *regime == self.regime && *from == name && *to != name)
        {
            name = to.clone();
        }
        name
    }

    /// `moved from`: what was said there ends where this begins, whatever becomes of this later.
    fn moved_from(&mut self, at: usize, place: ItemRef, decl: &ast::RuleDecl, when: (usize, i64)) {
        let status = self.status(at, &decl.status);
        let start: Vec<StatusItem> = status.into_iter().filter(|line| starts(line.kind)).collect();
        for clause in decl.overrides.iter().filter(|clause| clause.kind == ast::OverrideKind::MovedFrom) {
            for name in &clause.rules {
                if name.node == decl.name.node {
                    self.say(name, "a rule cannot move from itself", "the same rule")
                        .help_last("to give it another place: move NAME to \"…\"");
                    continue;
                }
                for version in self.end_all(name, "has moved", decl.cite.as_ref(), &start, when) {
                    self.out.history.entry(version).or_default().moved_to = Some(place);
                }
            }
        }
    }

    fn status(&self, at: usize, own: &[StatusItem]) -> Vec<StatusItem> {
        if own.is_empty() { self.kept[at].status.clone() } else { own.to_vec() }
    }

    /// All versions of a rule; none after a message.
    fn rule(&mut self, name: &ast::Name) -> Vec<ItemRef> {
        if let Some(versions) = self.current.get(&self.known_as(&name.node)) {
            return versions.clone();
        }
        let guess = did_you_mean(&name.node, self.current.keys().map(String::as_str)).map(str::to_owned);
        let title = format!("there is no rule `{}` that this could change", name.node);
        let mut message = Diagnostic::new(Code::UnknownName, title, name.span, "no rule of the law so far has this name");
        message = match guess {
            Some(guess) => message.replace(format!("did you mean `{guess}`?"), name.span, guess),
            None => message.note("an act changes rules of the regime that is amended, or of an earlier amendment"),
        };
        self.out.messages.push(message);
        Vec::new()
    }

    fn say(&mut self, name: &ast::Name, title: impl Into<String>, label: impl Into<String>) -> &mut Self {
        self.out.messages.push(Diagnostic::new(Code::BadAmendment, title, name.span, label));
        self
    }

    fn help_last(&mut self, help: &str) {
        if let Some(last) = self.out.messages.pop() {
            self.out.messages.push(last.help(help));
        }
    }

    fn end(&mut self, rule: ItemRef, how: &'static str, by: Option<ast::Text>, status: Vec<StatusItem>, span: Span) {
        let history = self.out.history.entry(rule).or_default();
        if status.is_empty() {
            history.gone = true;
        } else {
            history.ended.push(Ended { how, by, status, span });
        }
    }

    /// Names a version that is no longer the last by the law it was written in.
    fn label(&mut self, rule: ItemRef, name: &str) {
        let own = self.kept.iter().find(|kept| kept.module == rule.0).map_or("", |kept| kept.regime.as_str());
        let mut label = format!("{name}@{own}");
        let count = self.versions.entry(label.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            label = format!("{label}.{count}");
        }
        self.out.history.entry(rule).or_default().label = Some(label);
    }

    fn replace(&mut self, at: usize, place: ItemRef, with: &ItemKind, when: (usize, i64)) {
        let mut with = with.clone();
        match &mut with {
            ItemKind::Rule(rule) => {
                let status = self.status(at, &rule.status);
                let by = self.kept[at].cite.clone().or_else(|| rule.cite.clone());
                let name = rule.name.clone();
                let ended = self.end_all(&name, "is replaced", by.as_ref(), &status, when);
                match ended.last() {
                    None => self.help_last("a rule that is new is only declared: `rule NAME …`"),
                    Some(last) => {
                        self.label(*last, &name.node);
                        let known = self.known_as(&name.node);
                        self.current.entry(known).or_default().push(place);
                        self.made.insert(place, when);
                        self.out.history.entry(place).or_default().status = Some(status);
                        let rule = rule.clone();
                        self.moved_from(at, place, &rule, when);
                    }
                }
            }
            ItemKind::Define(define) => {
                let Some(old) = self.declaration(place, &define.name) else {
                    return self.no_such(place, &define.name.clone(), with);
                };
                let ItemKind::Define(before) = self.item(old).kind.clone() else { return };
                self.out.history.entry(old).or_default().gone = true;
                let names = |list: &[(ast::Name, ast::Type)]| list.iter().map(|(name, _)| name.node.clone()).collect::<Vec<_>>();
                if names(&before.params) != names(&define.params) {
                    let title = format!("`{}` is replaced by a definition with other parameters", define.name.node);
                    self.say(&define.name, title, "this list")
                        .help_last("a definition keeps its parameters; give a new one a name of its own");
                    return;
                }
                let prefix = self.out.sources.regimes[self.regime].prefix.clone();
                let reading = self.declares_input("reading");
                if let Some(since) = since(&self.kept[at].status, define.name.span, prefix, reading) {
                    define.body = since.choose(define.body.clone(), before.body);
                }
            }
            ItemKind::Group(group) => {
                let Some(old) = self.declaration(place, &group.name) else {
                    return self.no_such(place, &group.name.clone(), with);
                };
                let ItemKind::Group(before) = self.item(old).kind.clone() else { return };
                let earlier = self.out.history.entry(old).or_default();
                earlier.gone = true;
                if earlier.before.is_some() {
                    self.say(&group.name, "a group that is replaced twice", "the second time")
                        .help_last("write the changes as periods of its members: { AE until 2026-07-09 }");
                    return;
                }
                let of = |kind| self.kept[at].status.iter().find(|line| line.kind == kind);
                let day = of(StatusKind::Effective).or_else(|| of(StatusKind::Codified)).map(|line| line.from.clone());
                if let Some(day) = day {
                    self.out.history.entry(place).or_default().before = Some((before.set, day));
                }
            }
            ItemKind::Input(input) => {
                for name in input.names.clone() {
                    match self.declaration(place, &name) {
                        Some(old) => self.forget(old, &name.node),
                        None => return self.no_such(place, &name, with),
                    }
                }
            }
            _ => {}
        }
        self.out.sources.modules[place.0].unit.items[place.1].kind = with;
    }

    fn declares_input(&self, name: &str) -> bool {
        let items = self.kept.iter().flat_map(|kept| &self.out.sources.modules[kept.module].unit.items);
        items
            .into_iter()
            .any(|item| matches!(&item.kind, ItemKind::Input(input) if input.names.iter().any(|own| own.node == name)))
    }

    /// Takes one name of an input away.
    fn forget(&mut self, old: ItemRef, name: &str) {
        let ItemKind::Input(input) = &mut self.out.sources.modules[old.0].unit.items[old.1].kind else { return };
        input.names.retain(|other| other.node != name);
        if input.names.is_empty() {
            self.out.history.entry(old).or_default().gone = true;
        }
    }

    fn no_such(&mut self, place: ItemRef, name: &ast::Name, with: ItemKind) {
        let title = format!("there is no `{}` that this could replace", name.node);
        self.out.messages.push(
            Diagnostic::new(Code::UnknownName, title, name.span, "nothing of this kind has this name")
                .help("what is new is only declared, without `replace`"),
        );
        self.out.sources.modules[place.0].unit.items[place.1].kind = with;
    }

    /// The declaration that an act replaces: of the same kind and name, the last before it.
    fn declaration(&self, act: ItemRef, name: &ast::Name) -> Option<ItemRef> {
        let ItemKind::Replace(decl) = &self.item(act).kind else { return None };
        let mut found = None;
        for kept in &self.kept {
            for (index, item) in self.out.sources.modules[kept.module].unit.items.iter().enumerate() {
                let here = (kept.module, index);
                let same = match (&*decl.with, &item.kind) {
                    (ItemKind::Define(_), ItemKind::Define(other)) => other.name.node == name.node,
                    (ItemKind::Group(_), ItemKind::Group(other)) => other.name.node == name.node,
                    (ItemKind::Input(_), ItemKind::Input(other)) => other.names.iter().any(|other| other.node == name.node),
                    _ => false,
                };
                if same && here != act && self.out.stands(here) {
                    found = Some(here);
                }
            }
        }
        found
    }

    /// A rule with the same words in another place of the code.
    fn relocate(&mut self, at: usize, name: &ast::Name, to: &ast::Text, status: &[StatusItem], when: (usize, i64)) {
        let Some(old) = self.rule(name).last().copied() else { return };
        let ItemKind::Rule(mut rule) = self.item(old).kind.clone() else { return };
        let span = self.item(old).span;
        rule.cite = Some(to.clone());
        let history = self.out.history.get(&old).cloned().unwrap_or_default();
        let before = history.status.clone().unwrap_or_default();
        let timeline = if status.is_empty() { before } else { carried_over(status, before) };
        // What ended it before goes on to end it.
        let ended = history.ended.clone();
        self.end_all(name, "has moved", Some(to), status, when);
        self.label(old, &name.node);
        let module = self.kept[at].module;
        let place = (module, self.out.sources.modules[module].unit.items.len());
        self.out.sources.modules[module].unit.items.push(Item { kind: ItemKind::Rule(rule), span });
        let new = self.out.history.entry(place).or_default();
        new.status = Some(timeline);
        new.ended = ended;
        new.continues = Some(old);
        let known = self.known_as(&name.node);
        self.current.entry(known).or_default().push(place);
        self.made.insert(place, when);
    }

    fn reinstate(&mut self, name: &ast::Name, from: &ast::Text) {
        let versions = self.rule(name);
        let Some(day) = date_day(&from.node) else {
            let title = format!("`{}` is not a day of the calendar", from.node);
            self.out.messages.push(Diagnostic::new(Code::BadDate, title, from.span, "no such day"));
            return;
        };
        let before = ast::Text::new(crate::ir::date_text(day - 1), from.span);
        let mut lifted = versions.is_empty();
        for version in versions {
            let lines = self.out.history.entry(version).or_default().status.get_or_insert_default();
            lines.retain_mut(|line| {
                let ends = line.until.as_ref().and_then(|until| date_day(&until.node));
                let begins = date_day(&line.from.node);
                if !pauses(line.kind) || begins.is_none_or(|begins| begins > day) || ends.is_some_and(|ends| ends < day) {
                    return true;
                }
                lifted = true;
                line.until = Some(before.clone());
                // A stay that is lifted on its first day never was.
                begins != Some(day)
            });
        }
        if !lifted {
            let title = format!("`{}` is in force on {}: there is nothing to reinstate", name.node, from.node);
            self.say(name, title, "no stay, suspension or non-enforcement of it is open on that day");
        }
    }

    fn extend(&mut self, decl: &ast::ExtendDecl) {
        let modules: Vec<usize> = self.kept.iter().map(|kept| kept.module).collect();
        let (mut ordered, mut found, mut kind) = (false, false, "enumeration");
        for module in modules {
            // The library is everybody's: an extension of it would reach other regimes.
            let shared = self.out.sources.modules[module].path.starts_with("std/");
            if shared && !self.declares(module, decl) {
                continue;
            }
            let module = if shared { self.own_copy(module) } else { module };
            for item in &mut self.out.sources.modules[module].unit.items {
                match (&mut item.kind, &decl.by) {
                    (ItemKind::Enum(of), Extension::Enum(more)) if of.name.node == decl.name.node => {
                        found = true;
                        match &mut of.body {
                            ast::EnumBody::Listed { ordered: false, members } => members.extend(more.iter().cloned()),
                            _ => ordered = true,
                        }
                    }
                    (ItemKind::Decision(of), Extension::Decision(more)) if of.name.node == decl.name.node => {
                        found = true;
                        match inline(&mut of.ty) {
                            Some(members) => members.extend(more.iter().cloned()),
                            None => ordered = true,
                        }
                    }
                    (ItemKind::Record(of), Extension::Record(more)) if of.name.node == decl.name.node => {
                        found = true;
                        of.fields.extend(more.iter().cloned());
                    }
                    (_, Extension::Decision(_)) => kind = "decision",
                    (_, Extension::Record(_)) => kind = "record",
                    _ => {}
                }
            }
        }
        if ordered {
            self.say(
                &decl.name,
                format!("`{}` cannot be extended", decl.name.node),
                "its members have an order, or stand in a file",
            )
            .help_last("where a new member would stand in an order only its declaration can say");
        } else if !found {
            let title = format!("there is no {kind} `{}` to extend", decl.name.node);
            self.out.messages.push(Diagnostic::new(Code::UnknownName, title, decl.name.span, "nothing has this name"));
        }
    }

    fn declares(&self, module: usize, decl: &ast::ExtendDecl) -> bool {
        self.out.sources.modules[module].unit.items.iter().any(|item| match (&item.kind, &decl.by) {
            (ItemKind::Enum(of), Extension::Enum(_)) => of.name.node == decl.name.node,
            (ItemKind::Record(of), Extension::Record(_)) => of.name.node == decl.name.node,
            _ => false,
        })
    }

    /// A copy of a file of the library for this regime alone.
    fn own_copy(&mut self, module: usize) -> usize {
        let copy = self.out.sources.modules[module].clone();
        let place = self.out.sources.modules.len();
        self.out.sources.modules.push(copy);
        for kept in self.kept.iter_mut().filter(|kept| kept.module == module) {
            kept.module = place;
        }
        self.out.sources.regimes[self.regime].modules = self.kept.iter().map(|kept| kept.module).collect();
        place
    }
}

fn inline(ty: &mut ast::Type) -> Option<&mut Vec<ast::MemberDecl>> {
    match &mut ty.kind {
        ast::TypeKind::Inline { ordered: false, members } => Some(members),
        ast::TypeKind::Set(of) => inline(of),
        _ => None,
    }
}

/// Whether a rule takes over what another said.
fn moves(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Rule(rule) if rule.overrides.iter().any(|clause| clause.kind == ast::OverrideKind::MovedFrom))
}

fn about_itself(kind: &ItemKind) -> bool {
    use ItemKind::{Accept, Base, Compare, Prove, Regime, Scenario, ScenarioTable};
    matches!(kind, Regime(_) | Compare(_) | Prove(_) | Accept(_) | Base(_) | Scenario(_) | ScenarioTable(_))
}

/// The day of an act: acts are carried out in the order of their days.
fn day_of_act(kind: &ItemKind, of_file: &[StatusItem]) -> i64 {
    let line = match kind {
        ItemKind::Stay(decl) => date_day(&decl.line.from.node),
        ItemKind::Reinstate(decl) => date_day(&decl.from.node),
        kind => begins(act_status(kind).filter(|own| !own.is_empty()).unwrap_or(of_file)),
    };
    line.unwrap_or(i64::MIN)
}

/// The timeline of words that moved: that of the move, with what still holds of their own.
fn carried_over(of_move: &[StatusItem], own: Vec<StatusItem>) -> Vec<StatusItem> {
    let has = |kind| of_move.iter().any(|line| line.kind == kind);
    let start = begins(of_move);
    let mut timeline = of_move.to_vec();
    for line in own {
        let later = date_day(&line.from.node) > start;
        let keeps = match line.kind {
            StatusKind::Codified | StatusKind::Effective => false,
            // What need not be complied with yet need not be because it moved.
            StatusKind::Compliance => !has(StatusKind::Compliance) && later,
            _ => true,
        };
        if keeps {
            timeline.push(line);
        }
    }
    timeline
}

fn act_status(kind: &ItemKind) -> Option<&[StatusItem]> {
    match kind {
        ItemKind::Repeal(decl) => Some(&decl.status),
        ItemKind::Move(decl) => Some(&decl.status),
        ItemKind::Rule(decl) => Some(&decl.status),
        ItemKind::Replace(decl) => act_status(&decl.with),
        _ => None,
    }
}

fn rule_status(kind: &ItemKind, of_file: &[StatusItem]) -> Option<Vec<StatusItem>> {
    let ItemKind::Rule(rule) = kind else { return None };
    Some(if rule.status.is_empty() { of_file.to_vec() } else { rule.status.clone() })
}

fn starts(kind: StatusKind) -> bool {
    matches!(kind, StatusKind::Codified | StatusKind::Effective | StatusKind::Compliance)
}

fn pauses(kind: StatusKind) -> bool {
    matches!(kind, StatusKind::Suspended | StatusKind::NotEnforced | StatusKind::Enjoined)
}

/// The days from which the text of an amendment counts, in each reading.
struct Since {
    letter: String,
    enforced: String,
    span: Span,
    /// Of the regime: a parameter of the definition may be called `date`.
    prefix: String,
}

fn since(status: &[StatusItem], span: Span, prefix: String, reading: bool) -> Option<Since> {
    let day = |kind| status.iter().find(|line| line.kind == kind).map(|line| line.from.node.clone());
    let letter = day(StatusKind::Effective).or_else(|| day(StatusKind::Codified))?;
    let enforced = day(StatusKind::Compliance).filter(|_| reading).unwrap_or_else(|| letter.clone());
    Some(Since { letter, enforced, span, prefix })
}

impl Since {
    /// The new words from the day on, the old ones before it.
    fn choose(&self, new: Expr, old: Expr) -> Expr {
        let span = self.span;
        let expr = |kind| Expr { kind, span };
        let name = |regime: Option<&str>, name: &str| {
            let parts = vec![ast::Name::new(name.to_owned(), span)];
            let regime = regime.map(|prefix| ast::Name::new(prefix.to_owned(), span));
            expr(ExprKind::Path(ast::Path { regime, parts, span }))
        };
        let own = Some(self.prefix.as_str());
        let compare = |op, a, b| expr(ExprKind::Compare(op, Box::new(a), Box::new(b)));
        let from = |day: &str| compare(ast::CompareOp::GreaterOrEqual, name(own, "date"), expr(ExprKind::Date(day.to_owned())));
        let since = if self.letter == self.enforced {
            from(&self.letter)
        } else {
            let enforced = compare(ast::CompareOp::Is, name(own, "reading"), name(None, "enforced"));
            expr(ExprKind::If(Box::new(enforced), Box::new(from(&self.enforced)), Box::new(from(&self.letter))))
        };
        expr(ExprKind::If(Box::new(since), Box::new(new), Box::new(old)))
    }
}
