//! Acts on rules, definitions, groups and inputs: repeal, replace, move, rename, stay, reinstate.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::date_day;
use crate::source::Span;
use crate::syntax::ast::{self, Item, ItemKind, StatusItem, StatusKind};

use super::super::ItemRef;
use super::super::message::did_you_mean;
use super::status::{carried_over, pauses, since, starts};
use super::{Ended, Office};

/// An act on a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Repeal,
    Replace,
    Move,
    MovedFrom,
    Stay,
}

impl Act {
    /// What becomes of the rule.
    fn how(self) -> &'static str {
        match self {
            Act::Repeal => "is repealed",
            Act::Replace => "is replaced",
            Act::Move | Act::MovedFrom => "has moved",
            Act::Stay => "is stayed",
        }
    }

    /// Whether it matters which of two acts on one day comes first. (That words moved, and what the rule says instead, are two
    /// sides of one act.)
    fn clashes_with(self, other: Act) -> bool {
        use Act::{Move, MovedFrom, Repeal, Replace, Stay};
        let one_way = |a: Act, b: Act| {
            matches!((a, b), (Repeal | Replace | Move, Repeal | Replace | Move) | (Move, MovedFrom) | (Stay, Replace | Move))
        };
        one_way(self, other) || one_way(other, self)
    }
}

impl Office<'_> {
    pub(super) fn act(&mut self, at: usize, index: usize, when: (usize, i64)) {
        let place = (self.kept[at].module, index);
        let item = self.item(place).clone();
        match &item.kind {
            ItemKind::Repeal(decl) => {
                let (status, by) = (self.status(at, &decl.status), decl.cite.clone().or_else(|| self.kept[at].cite.clone()));
                for name in &decl.rules {
                    self.end_all(name, Act::Repeal, by.as_ref(), &status, when);
                    if status.is_empty() {
                        self.forget_rule(&name.node);
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
                    self.acts_on(name, Act::Stay, when);
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

    pub(super) fn rename(&mut self, decl: &ast::RenameDecl) {
        let versions = self.rule(&decl.from);
        if versions.is_empty() {
            return;
        }
        if self.current.contains_key(&decl.to.node) {
            self.say(&decl.to, format!("there is a rule `{}` already", decl.to.node), "the new name is taken")
                .help_last("give it another name, or repeal that rule first");
            return;
        }
        // A rule that was renamed before is meant by its earlier names too.
        let known = self.known_as(&decl.from.node);
        self.current.insert(decl.to.node.clone(), versions);
        self.out.aliases.push((self.regime, known, decl.to.node.clone()));
    }

    /// A rule that is gone on all days leaves its name to one that is enacted later.
    fn forget_rule(&mut self, name: &str) {
        let known = self.known_as(name);
        self.current.remove(&known);
        if let Some(later) = self.later.get_mut(name).filter(|later| !later.is_empty()) {
            self.current.insert(name.to_owned(), vec![later.remove(0)]);
        }
    }

    /// Two acts on one rule on one day, in one law, must come to the same in either order.
    fn acts_on(&mut self, name: &ast::Name, act: Act, when: (usize, i64)) {
        let known = self.known_as(&name.node);
        self.acts_on_known(known, name, act, when);
    }

    /// The same, of something by a name that nothing else has.
    fn acts_on_known(&mut self, known: String, name: &ast::Name, act: Act, when: (usize, i64)) {
        let acts = self.acted.entry(known).or_default();
        let clash = acts.iter().any(|(other, day)| *day == when && act.clashes_with(*other));
        acts.push((act, when));
        if clash {
            let title = format!("two acts on `{}` on one day, and it matters which comes first", name.node);
            self.say(name, title, "nothing says which of them does")
                .help_last("give one of them another day, or say both in one act");
        }
    }

    /// Ends all versions of a rule: what an act ends stays ended, whatever becomes of a version in between.
    pub(super) fn end_all(
        &mut self,
        name: &ast::Name,
        act: Act,
        by: Option<&ast::Text>,
        status: &[StatusItem],
        when: (usize, i64),
    ) -> Vec<ItemRef> {
        let mut versions = self.rule(name);
        versions.retain(|version| self.made.get(version) != Some(&when));
        self.acts_on(name, act, when);
        for version in &versions {
            self.end(*version, act.how(), by.cloned(), status.to_vec(), name.span);
        }
        versions
    }

    /// The name that a rule has now.
    fn known_as(&self, name: &str) -> String {
        self.out.known_as(self.regime, name)
    }

    /// `moved from`: what was said there ends where this begins, whatever becomes of this later.
    pub(super) fn moved_from(&mut self, at: usize, place: ItemRef, decl: &ast::RuleDecl, when: (usize, i64)) {
        let status = self.status(at, &decl.status);
        let start: Vec<StatusItem> = status.into_iter().filter(|line| starts(line.kind)).collect();
        for clause in decl.overrides.iter().filter(|clause| clause.kind == ast::OverrideKind::MovedFrom) {
            for name in &clause.rules {
                if name.node == decl.name.node {
                    self.say(name, "a rule cannot move from itself", "the same rule")
                        .help_last("to give it another place: move NAME to \"…\"");
                    continue;
                }
                for version in self.end_all(name, Act::MovedFrom, decl.cite.as_ref(), &start, when) {
                    self.out.history.entry(version).or_default().moved_to.push(place);
                }
            }
        }
    }

    pub(super) fn status(&self, at: usize, own: &[StatusItem]) -> Vec<StatusItem> {
        if own.is_empty() { self.kept[at].status.clone() } else { own.to_vec() }
    }

    /// All versions of a rule; none after a message.
    pub(super) fn rule(&mut self, name: &ast::Name) -> Vec<ItemRef> {
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

    pub(super) fn say(&mut self, name: &ast::Name, title: impl Into<String>, label: impl Into<String>) -> &mut Self {
        self.out.messages.push(Diagnostic::new(Code::BadAmendment, title, name.span, label));
        self
    }

    pub(super) fn help_last(&mut self, help: &str) {
        if let Some(last) = self.out.messages.pop() {
            self.out.messages.push(last.help(help));
        }
    }

    pub(super) fn end(&mut self, rule: ItemRef, how: &'static str, by: Option<ast::Text>, status: Vec<StatusItem>, span: Span) {
        let history = self.out.history.entry(rule).or_default();
        if status.is_empty() {
            history.gone = true;
        } else {
            history.ended.push(Ended { how, by, status, span });
        }
    }

    /// Names a version that is no longer the last by the law it was written in.
    pub(super) fn label(&mut self, rule: ItemRef, name: &str) {
        let own = self.kept.iter().find(|kept| kept.module == rule.0).map_or("", |kept| kept.regime.as_str());
        let mut label = format!("{name}@{own}");
        let count = self.versions.entry(label.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            label = format!("{label}.{count}");
        }
        self.out.history.entry(rule).or_default().label = Some(label);
    }

    pub(super) fn replace(&mut self, at: usize, place: ItemRef, with: &ItemKind, when: (usize, i64)) {
        let mut with = with.clone();
        match &mut with {
            ItemKind::Rule(rule) => {
                let status = self.status(at, &rule.status);
                let by = self.kept[at].cite.clone().or_else(|| rule.cite.clone());
                let name = rule.name.clone();
                let ended = self.end_all(&name, Act::Replace, by.as_ref(), &status, when);
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
                self.acts_on_known(format!("define {}", define.name.node), &define.name, Act::Replace, when);
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
                self.only_begins(at, &define.name.clone());
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
                self.only_begins(at, &group.name.clone());
                let of = |kind| self.kept[at].status.iter().find(|line| line.kind == kind);
                let day = of(StatusKind::Effective).or_else(|| of(StatusKind::Codified)).map(|line| line.from.clone());
                if let Some(day) = day {
                    self.out.history.entry(place).or_default().before = Some((before.set, day));
                }
            }
            ItemKind::Cap(cap) => {
                self.acts_on_known(format!("cap {}", cap.name.node), &cap.name, Act::Replace, when);
                let Some(old) = self.declaration(place, &cap.name) else {
                    return self.no_such(place, &cap.name.clone(), with);
                };
                let ItemKind::Cap(before) = self.item(old).kind.clone() else { return };
                self.out.history.entry(old).or_default().gone = true;
                self.new_limits(at, cap, &before);
            }
            ItemKind::Input(input) => {
                for name in input.names.clone() {
                    self.acts_on_known(format!("input {}", name.node), &name, Act::Replace, when);
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

    /// A cap keeps what it counts, and gets other limits from the day of the act on.
    fn new_limits(&mut self, at: usize, cap: &mut ast::CapDecl, before: &ast::CapDecl) {
        let bare = |cap: &ast::CapDecl| {
            let limits = Vec::new();
            let cap = ast::CapDecl { limits, cite: None, title: None, mark: None, reporters: Vec::new(), ..cap.clone() };
            let item = Item { kind: ItemKind::Cap(cap), span: Span::NOWHERE };
            crate::syntax::print(&ast::Unit { items: vec![item], ..ast::Unit::default() }, "")
        };
        if bare(cap) != bare(before) {
            let title = format!("`{}` would count something else", cap.name.node);
            self.say(&cap.name, title, "only its limits can be replaced").help_last(
                "keep what it counts, for whom and over what time; a cap that counts something else has a name of its own",
            );
            return;
        }
        self.only_begins(at, &cap.name.clone());
        let of = |kind| self.kept[at].status.iter().find(|line| line.kind == kind);
        let Some(day) = of(StatusKind::Effective).or_else(|| of(StatusKind::Codified)).map(|line| line.from.clone()) else {
            return;
        };
        if of(StatusKind::Compliance).is_some_and(|line| line.from.node != day.node) {
            let title = format!("the limits of `{}` would not change on the same day in both readings", cap.name.node);
            self.say(&cap.name, title, "the act takes effect on one day and binds from another")
                .help_last("give the limits their days in the cap itself: at most 10 TPP from 2025-01-13");
            return;
        }
        let mut limits = before.limits.clone();
        limits.retain(|limit| limit.from.as_ref().is_none_or(|from| date_day(&from.node) < date_day(&day.node)));
        for limit in &mut cap.limits {
            limit.from.get_or_insert_with(|| day.clone());
        }
        limits.append(&mut cap.limits);
        cap.limits = limits;
    }

    /// Another meaning of a word begins on a day; that it ends again, or only for some, is not carried out.
    fn only_begins(&mut self, at: usize, name: &ast::Name) {
        let Some(line) = self.kept[at].status.iter().find(|line| !starts(line.kind)) else { return };
        let span = line.span;
        let title = format!("the new meaning of `{}` would end or pause with its act", name.node);
        self.out.messages.push(
            Diagnostic::new(Code::BadAmendment, title, name.span, "a word has one meaning from a day on")
                .also(span, "by this line")
                .help("put what ends or pauses into the rules that use it, or into an act of its own"),
        );
    }

    pub(super) fn declares_input(&self, name: &str) -> bool {
        let items = self.kept.iter().flat_map(|kept| &self.out.sources.modules[kept.module].unit.items);
        items
            .into_iter()
            .any(|item| matches!(&item.kind, ItemKind::Input(input) if input.names.iter().any(|own| own.node == name)))
    }

    /// Takes one name of an input away.
    pub(super) fn forget(&mut self, old: ItemRef, name: &str) {
        let ItemKind::Input(input) = &mut self.out.sources.modules[old.0].unit.items[old.1].kind else { return };
        input.names.retain(|other| other.node != name);
        if input.names.is_empty() {
            self.out.history.entry(old).or_default().gone = true;
        }
    }

    pub(super) fn no_such(&mut self, place: ItemRef, name: &ast::Name, with: ItemKind) {
        let title = format!("there is no `{}` that this could replace", name.node);
        self.out.messages.push(
            Diagnostic::new(Code::UnknownName, title, name.span, "nothing of this kind has this name")
                .help("what is new is only declared, without `replace`"),
        );
        self.out.sources.modules[place.0].unit.items[place.1].kind = with;
    }

    /// The declaration that an act replaces: of the same kind and name, the last before it.
    pub(super) fn declaration(&self, act: ItemRef, name: &ast::Name) -> Option<ItemRef> {
        let ItemKind::Replace(decl) = &self.item(act).kind else { return None };
        let mut found = None;
        for kept in &self.kept {
            for (index, item) in self.out.sources.modules[kept.module].unit.items.iter().enumerate() {
                let here = (kept.module, index);
                let same = match (&*decl.with, &item.kind) {
                    (ItemKind::Define(_), ItemKind::Define(other)) => other.name.node == name.node,
                    (ItemKind::Group(_), ItemKind::Group(other)) => other.name.node == name.node,
                    (ItemKind::Cap(_), ItemKind::Cap(other)) => other.name.node == name.node,
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
    pub(super) fn relocate(&mut self, at: usize, name: &ast::Name, to: &ast::Text, status: &[StatusItem], when: (usize, i64)) {
        let Some(old) = self.rule(name).last().copied() else { return };
        let ItemKind::Rule(mut rule) = self.item(old).kind.clone() else { return };
        let span = self.item(old).span;
        rule.cite = Some(to.clone());
        let history = self.out.history.get(&old).cloned().unwrap_or_default();
        let before = history.status.clone().unwrap_or_default();
        let timeline = if status.is_empty() { before } else { carried_over(status, before) };
        // What ended it before goes on to end it.
        let (ended, gone) = (history.ended.clone(), history.gone);
        self.end_all(name, Act::Move, Some(to), status, when);
        self.label(old, &name.node);
        let module = self.kept[at].module;
        let place = (module, self.out.sources.modules[module].unit.items.len());
        self.out.sources.modules[module].unit.items.push(Item { kind: ItemKind::Rule(rule), span });
        let new = self.out.history.entry(place).or_default();
        new.status = Some(timeline);
        new.ended = ended;
        new.gone = gone;
        new.continues = Some(old);
        let known = self.known_as(&name.node);
        self.current.entry(known).or_default().push(place);
        self.made.insert(place, when);
    }

    pub(super) fn reinstate(&mut self, name: &ast::Name, from: &ast::Text) {
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
}
