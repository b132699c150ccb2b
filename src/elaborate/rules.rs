//! Decisions, rules, overrides; and that they need each other in no circle.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Combine, DecisionId, Domain, MemberSet, RuleId, RuleKind, Value};
use crate::model::{Cond, CondKind, Decision, InForce, Rule, Timeline, node};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, OverrideKind};

use super::operand::Env;
use super::scope::Meaning;
use super::types::Ty;
use super::varying::Instance;
use super::{Elaborator, ItemRef};

impl Elaborator<'_> {
    /// A name with the prefix of its regime.
    pub(super) fn prefixed(&self, regime: usize, name: &str) -> String {
        match self.sources.regimes[regime].prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}::{name}"),
        }
    }

    /// The decisions of a regime.
    pub(super) fn decisions(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        for (_, node_) in items {
            let ItemKind::Decision(decl) = &node_.kind else { continue };
            let Some(ty) = self.ty(regime, &decl.name.node, &decl.ty, true) else { continue };
            let domain = match ty {
                Ty::Scalar(domain) if !matches!(domain, Domain::Date { .. }) => domain,
                _ => {
                    self.error(
                        Code::WrongKind,
                        "a decision cannot have this type",
                        decl.ty.span,
                        "true or false, a member, a set, or a number",
                    );
                    continue;
                }
            };
            let mut combine = match &decl.combine.node {
                ast::Combine::ExactlyOne => Combine::ExactlyOne,
                ast::Combine::Strictest => Combine::Strictest,
                ast::Combine::LeastStrict => Combine::LeastStrict,
                ast::Combine::Sum => Combine::Sum,
                ast::Combine::All => Combine::All,
                ast::Combine::First(_) => Combine::First,
            };
            if !self.combination_fits(&combine, &domain) {
                let help = match combine {
                    Combine::Strictest | Combine::LeastStrict => {
                        "this needs an order: `ordered { low < high }`, a number, or bool"
                    }
                    Combine::Sum => "only numbers have a sum",
                    _ => "only sets can be taken together: `set of { … }`",
                };
                self.error(
                    Code::BadCombination,
                    "a way to combine that does not fit the type",
                    decl.combine.span,
                    "this combination",
                )
                .also(decl.ty.span, "of this type")
                .help(help);
                // Declared all the same, so that its uses are not reported too.
                combine = Combine::ExactlyOne;
            }
            let default = match &decl.otherwise {
                Some(value) => match self.value(regime, value, &domain) {
                    Some(value) => Some(value),
                    None => continue,
                },
                None => None,
            };
            let id = DecisionId(self.policy.decisions.len() as u32);
            let title = decl.title.as_ref().map_or(String::new(), |title| title.node.clone());
            let name = self.prefixed(regime, &decl.name.node);
            let span = decl.name.span;
            let regime_ = regime as u32;
            self.policy.decisions.push(Decision {
                name,
                title,
                domain,
                combine,
                order: Vec::new(),
                default,
                regime: regime_,
                span,
            });
            self.scopes[regime].decisions.insert(decl.name.node.clone(), id);
        }
    }

    /// Between an old and a new regime (`diff`), a decision that only one of them takes is not compared: it is said.
    fn one_sided(&mut self, regime: usize, other: usize, words: &str) {
        let only: Vec<(String, Span)> = self.scopes[regime]
            .decisions
            .iter()
            .filter(|(name, _)| !self.scopes[other].decisions.contains_key(*name))
            .map(|(name, id)| (name.clone(), self.policy.decisions[id.index()].span))
            .collect();
        for (name, span) in only {
            let title = format!("only the {words} regime takes the decision `{name}`");
            let mut message = Diagnostic::new(Code::IncompatibleRegimes, title, span, "it has nothing to be compared with")
                .note("what it comes to is not part of the comparison");
            message.severity = crate::diagnostic::Severity::Note;
            self.sink.push(message);
        }
    }

    /// See [`Self::one_sided`].
    pub(super) fn decisions_on_one_side(&mut self) {
        let old = self.sources.regimes.iter().skip(1).position(|regime| regime.span == Span::NOWHERE);
        if let Some(old) = old {
            self.one_sided(0, old + 1, "new");
            self.one_sided(old + 1, 0, "old");
        }
    }

    /// Gives every rule of a regime its number.
    pub(super) fn rule_names(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        let amended = self.amended;
        let mut next = self.scopes[..regime].iter().map(|scope| scope.rule_count).sum::<u32>();
        let first = next;
        for (item, node_) in items {
            let ItemKind::Rule(decl) = &node_.kind else { continue };
            let history = self.amended.history.get(&item);
            let version = history.is_some_and(|history| history.label.is_some());
            let known = self.scopes[regime].rules.get(&amended.known_as(regime, &decl.name.node));
            let last = known.and_then(|known| known.iter().find(|(id, _)| !self.versions.contains(id)));
            if let (Some((_, first)), false) = (last, version) {
                let first = *first;
                self.error(
                    Code::DuplicateName,
                    format!("the rule `{}` stands twice", decl.name.node),
                    decl.name.span,
                    "again here",
                )
                .also(first, "first here")
                .help("give each rule a name of its own, for example with the paragraph it encodes; a new text of an old rule is `replace rule …`");
                continue;
            }
            let instances = self.instances(regime, decl);
            let ids: Vec<RuleId> = (0..instances.len().max(1) as u32).map(|index| RuleId(next + index)).collect();
            let versions = self.scopes[regime].rules.entry(amended.known_as(regime, &decl.name.node)).or_default();
            let at = if version { versions.len() } else { 0 };
            versions.splice(at..at, ids.iter().map(|id| (*id, decl.name.span)));
            if version {
                self.versions.extend(&ids);
            }
            next += ids.len() as u32;
            self.instances.insert((regime, item), instances);
            self.rule_items.insert((regime, item), ids);
        }
        // A renamed rule is known by both names.
        for (_, from, _) in amended.aliases.iter().filter(|(of, ..)| *of == regime) {
            if let Some(versions) = self.scopes[regime].rules.get(&amended.known_as(regime, from)).cloned() {
                self.scopes[regime].rules.insert(from.clone(), versions);
            }
        }
        self.scopes[regime].rule_count = next - first;
    }

    /// The rules of a regime.
    pub(super) fn rules(&mut self, regime: usize) {
        let items: Vec<_> = self.items(regime).collect();
        let mut overrides: Vec<(RuleId, RuleId)> = Vec::new();
        for (item, node_) in &items {
            let ItemKind::Rule(decl) = &node_.kind else { continue };
            let Some(ids) = self.rule_items.get(&(regime, *item)).cloned() else { continue };
            self.overrides(regime, &ids, decl, &mut overrides);
            let mut rule = self.rule(regime, *item, decl);
            if decl.kind == ast::RuleKind::Exception {
                let excepted = decl.overrides.iter().filter(|clause| clause.kind == OverrideKind::To);
                let names = excepted.flat_map(|clause| &clause.rules);
                let versions = names.filter_map(|name| self.scopes[regime].rules.get(&name.node));
                rule.exception_to = versions.flatten().map(|(rule, _)| *rule).collect();
            }
            let moved_to = self.amended.history.get(item).map_or(&[][..], |history| &history.moved_to);
            let taking = moved_to.iter().filter_map(|item| self.rule_items.get(&(regime, *item))?.first().copied());
            for new in taking.filter(|_| regime == 0) {
                self.policy.moves.extend(ids.iter().map(|id| (*id, new, decl.name.span)));
            }
            debug_assert_eq!(Some(self.policy.rules.len()), ids.first().map(|id| id.index()));
            match self.instances.remove(&(regime, *item)).filter(|instances| !instances.is_empty()) {
                None => self.policy.rules.push(rule),
                Some(instances) => self.policy.rules.extend(instances.into_iter().map(|instance| varied(&rule, instance))),
            }
        }
        for (stronger, weaker) in overrides {
            let list = &mut self.policy.rules[weaker.index()].overridden_by;
            if let Err(place) = list.binary_search(&stronger) {
                list.insert(place, stronger);
            }
        }
        for (_, node_) in &items {
            let ItemKind::Decision(decl) = &node_.kind else { continue };
            let Some(id) = self.scopes[regime].decisions.get(&decl.name.node).copied() else { continue };
            if let ast::Combine::First(names) = &decl.combine.node {
                self.first_of(regime, id, names, decl.combine.span);
            }
        }
    }

    fn first_of(&mut self, regime: usize, id: DecisionId, names: &[ast::Name], span: Span) {
        let mut order: Vec<RuleId> = Vec::new();
        for name in names {
            let versions = self.rules_of(regime, name);
            if versions.iter().any(|rule| order.contains(rule)) {
                self.error(
                    Code::RepeatedAssignment,
                    format!("`{}` stands twice in one order", name.node),
                    name.span,
                    "again here",
                );
                continue;
            }
            let concludes = |rule: &&RuleId| self.policy.rules[rule.index()].conclusions.iter().any(|(of, _)| *of == id);
            let concluding: Vec<RuleId> = versions.iter().filter(concludes).copied().collect();
            if let ([], Some(rule)) = (concluding.as_slice(), versions.first()) {
                let at = self.policy.rules[rule.index()].span;
                self.error(
                    Code::WrongKind,
                    format!("`{}` does not conclude this decision", name.node),
                    name.span,
                    "so it has no place in the order",
                )
                .also(at, "the rule");
            }
            order.extend(concluding);
        }
        let concluding: Vec<(String, RuleId, Span)> = self
            .policy
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.conclusions.iter().any(|(of, _)| *of == id))
            .map(|(index, rule)| (rule.name.clone(), RuleId(index as u32), rule.span))
            .collect();
        for (name, rule, at) in concluding {
            if !order.contains(&rule) {
                self.error(
                    Code::MissingValue,
                    format!("`{name}` is missing from the order"),
                    span,
                    "every rule that concludes it needs a place",
                )
                .also(at, "this rule");
            }
        }
        self.policy.decisions[id.index()].order = order;
    }

    fn overrides(&mut self, regime: usize, ids: &[RuleId], decl: &ast::RuleDecl, found: &mut Vec<(RuleId, RuleId)>) {
        // Where a rule came from is no matter of rank.
        for clause in ranks(decl) {
            for name in &clause.rules {
                for other in self.rules_of(regime, name) {
                    if ids.contains(&other) {
                        let title = format!("`{}` overrides itself", name.node);
                        self.error(Code::CyclicOverride, title, name.span, "the same rule");
                        break;
                    }
                    found.extend(ids.iter().map(|id| match clause.kind {
                        OverrideKind::SubjectTo => (other, *id),
                        _ => (*id, other),
                    }));
                }
            }
        }
    }

    fn rule(&mut self, regime: usize, item: ItemRef, decl: &ast::RuleDecl) -> Rule {
        let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |text| text.node.clone());
        let env = Env::of(regime);
        let nothing = || -> Cond { node(CondKind::Const(true), decl.name.span) };
        let limbed = self.limbed(decl);
        let condition = match limbed.as_ref().or(decl.when.as_ref()) {
            Some(expr) => match self.condition(&env, expr) {
                Some(condition) => condition,
                None => {
                    if !self.sink.has_errors() && !self.unreadable {
                        let title = "a condition that could not be read, and no message says why";
                        self.error(Code::Internal, title, expr.span, "please report this");
                    }
                    nothing()
                }
            },
            None => nothing(),
        };
        let varying: Vec<DecisionId> = self
            .instances
            .get(&(regime, item))
            .and_then(|list| list.first())
            .map_or_else(Vec::new, |one| one.values.iter().map(|(id, _)| *id).collect());
        let conclusions = self.conclusions(regime, decl, &varying);
        if decl.kind == ast::RuleKind::Restriction && ranks(decl).next().is_none() {
            self.error(Code::MissingValue, "a restriction that restricts nothing", decl.name.span, "it overrides no rule")
                .help("say which: restriction NAME overrides a, b when …");
        } else if decl.kind != ast::RuleKind::Restriction && decl.then.is_empty() && ranks(decl).next().is_none() {
            self.error(Code::MissingValue, "a rule without a conclusion", decl.name.span, "nothing follows from it")
                .help("say what follows: then DECISION is VALUE");
        }
        let amended = self.amended;
        let history = amended.history.get(&item);
        let of_regime = self.scopes[regime].status.clone();
        let items = match history.and_then(|history| history.status.as_deref()) {
            Some(status) => status,
            None if decl.status.is_empty() => of_regime.as_slice(),
            None => &decl.status,
        };
        let named = amended.known_as(regime, &decl.name.node);
        let named = history.and_then(|history| history.label.clone()).unwrap_or(named);
        let what = format!("rule {named}");
        let ended = history.map_or(&[][..], |history| &history.ended);
        let timeline = self.timeline(regime, &what, items, ended).unwrap_or(Timeline {
            letter: InForce::Always,
            enforced: InForce::Always,
            lifted: Vec::new(),
            sunset: Vec::new(),
            without_end: None,
            edges: Vec::new(),
        });
        self.status_without_reading(regime, items);
        let since = self.began(item, &timeline);
        let dated = items.iter().any(|line| line.kind != ast::StatusKind::Sunset);
        if dated && self.policy.date.is_none() && !self.scopes[regime].values.contains_key("date") {
            self.error(Code::NoDateInput, "a period in a regime without a date", items[0].span, "nothing says which day it is")
                .help("declare: input date : date from 2022-10-07 to 2027-12-31");
        }
        let mark = decl.mark.as_ref().map_or(String::new(), |mark| {
            let kind = match mark.kind {
                ast::MarkKind::Recalled => "recalled",
                ast::MarkKind::Inferred => "inferred",
            };
            mark.note.as_ref().map_or(kind.to_owned(), |note| format!("{kind}: {}", note.node))
        });
        Rule {
            name: self.prefixed(regime, &named),
            title: text(&decl.title),
            cite: text(&decl.cite),
            family: None,
            kind: match decl.kind {
                ast::RuleKind::Rule => RuleKind::Rule,
                ast::RuleKind::Exception => RuleKind::Exception,
                ast::RuleKind::Restriction => RuleKind::Restriction,
            },
            regime: regime as u32,
            condition,
            limbs: self.limbs(&env, decl),
            license: self.license_of(regime, decl),
            conclusions,
            overridden_by: Vec::new(),
            exception_to: Vec::new(),
            timeline,
            since,
            mark,
            span: decl.name.span,
        }
    }

    /// The first day on which the words of a rule are in force by the letter, wherever they stood then.
    fn began(&self, mut item: ItemRef, timeline: &Timeline) -> Option<i64> {
        let mut first = match &timeline.letter {
            InForce::Always => return None,
            InForce::On(days) => days.first().filter(|day| *day > crate::model::ALWAYS.0),
        };
        while let Some(before) = self.amended.history.get(&item).and_then(|history| history.continues) {
            let status = self.amended.history.get(&before).and_then(|history| history.status.as_deref()).unwrap_or_default();
            first = first.min(super::amend::begins(status));
            item = before;
        }
        first
    }

    /// A line that only the reading `enforced` knows, in a regime that has no reading.
    fn status_without_reading(&mut self, regime: usize, items: &[ast::StatusItem]) {
        use ast::StatusKind::{Compliance, Enjoined, NotEnforced, Suspended};
        let silent = |line: &&ast::StatusItem| matches!(line.kind, Compliance | Enjoined | NotEnforced | Suspended);
        let known = self.policy.reading.is_some() || self.scopes[regime].values.contains_key("reading");
        if let (Some(line), false) = (items.iter().find(silent), known || regime > 0) {
            let title = "a status that no reading asks for";
            self.sink.push(
                Diagnostic::new(Code::NoReadingInput, title, line.span, "only the reading `enforced` knows of this")
                    .note("without an input `reading` a regime is read by the letter, and this line changes nothing")
                    .help("use std/trade, and declare: input reading : Reading"),
            );
        }
    }

    fn conclusions(&mut self, regime: usize, decl: &ast::RuleDecl, varying: &[DecisionId]) -> Vec<(DecisionId, Value)> {
        let mut found: Vec<(DecisionId, Value)> = Vec::new();
        for conclusion in &decl.then {
            let Some(id) = self.decision_of(regime, &conclusion.decision) else { continue };
            self.mark_used(regime, &conclusion.decision.node);
            let domain = self.policy.decisions[id.index()].domain.clone();
            if varying.contains(&id) {
                if conclusion.includes {
                    self.error(Code::NotConstant, "`includes` with a value that varies", conclusion.decision.span, "of a set");
                }
                continue;
            }
            // A value that varies, and could not: that was said.
            if varying.is_empty() && self.varies(regime, &conclusion.value, &domain) {
                continue;
            }
            let value = match (&domain, conclusion.includes) {
                (Domain::Set(of), true) => match &conclusion.value {
                    ast::Value::Path(path) if path.parts.len() == 1 => {
                        let size = self.policy.enums[of.index()].size();
                        self.member(*of, &path.parts[0]).map(|member| Value::Set(MemberSet::of(size, [member])))
                    }
                    value => self.value(regime, value, &domain),
                },
                (_, true) => {
                    self.error(
                        Code::TypeMismatch,
                        format!("`{}` is not a set", conclusion.decision.node),
                        conclusion.decision.span,
                        "it cannot include anything",
                    )
                    .help("write `is` instead of `includes`");
                    None
                }
                (_, false) => self.value(regime, &conclusion.value, &domain),
            };
            let Some(value) = value else { continue };
            if let (Value::Set(more), true) = (&value, conclusion.includes)
                && let Some((_, Value::Set(known))) = found.iter_mut().find(|(of, _)| *of == id)
            {
                *known = known.union(more);
                continue;
            }
            if found.iter().any(|(of, _)| *of == id) {
                self.error(
                    Code::RepeatedAssignment,
                    format!("`{}` is concluded twice", conclusion.decision.node),
                    conclusion.decision.span,
                    "again here",
                );
                continue;
            }
            found.push((id, value));
        }
        found
    }

    /// Decisions and rules need each other in no circle; the circle is shown.
    pub(super) fn order(&mut self) {
        // Rules are numbered after decisions.
        let decisions = self.policy.decisions.len();
        let count = decisions + self.policy.rules.len();
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); count];
        let tested_by_rules = self.policy.tested_by_rules();
        for (index, rule) in self.policy.rules.iter().enumerate() {
            for (decision, _) in &rule.conclusions {
                needs[decision.index()].push(decisions + index);
            }
            needs[decisions + index].extend(rule.overridden_by.iter().map(|other| decisions + other.index()));
            let tested = &tested_by_rules[index];
            needs[decisions + index].extend(tested.iter().map(|decision| decision.index()));
        }
        let Some(circle) = find_circle(&needs) else { return };
        let name = |node: usize| match node.checked_sub(decisions) {
            None => (self.policy.decisions[node].name.clone(), self.policy.decisions[node].span),
            Some(rule) => (self.policy.rules[rule].name.clone(), self.policy.rules[rule].span),
        };
        let parts: Vec<(String, Span)> = circle.iter().map(|node| name(*node)).collect();
        let code = if circle.iter().all(|node| *node >= decisions) { Code::CyclicOverride } else { Code::CyclicDecision };
        let words: Vec<String> = parts.iter().map(|(name, _)| format!("`{name}`")).collect();
        let title = match code {
            Code::CyclicOverride => "rules that override each other in a circle",
            _ => "decisions that need each other in a circle",
        };
        let mut message = Diagnostic::new(code, title, parts[0].1, "it begins and ends here");
        for (name, span) in &parts[1..] {
            message = message.also(*span, format!("by way of `{name}`"));
        }
        let first = &words[0];
        self.sink.push(message.note(format!("the circle: {} → {first}", words.join(" → "))));
    }

    /// Declarations of the checked regime's own files that nothing uses.
    pub(super) fn unused(&mut self) {
        if self.sink.has_errors() {
            return;
        }
        let own = self.scopes[0].values.clone();
        for (name, declared) in own {
            let library = self.sources.modules[declared.item.0].path.starts_with("std/");
            let counted = matches!(declared.meaning, Meaning::Define | Meaning::Group);
            let inherited = self.amended.history.get(&declared.item).is_some_and(|history| history.inherited);
            if counted && !library && !inherited && !self.used.contains(&(0, name.clone())) {
                let title = format!("{} `{name}` is never used", declared.meaning.name());
                self.sink.push(Diagnostic::new(Code::UnusedDeclaration, title, declared.span, "nothing refers to it"));
            }
        }
    }
}

/// What a rule overrides, or is overridden by.
fn ranks(decl: &ast::RuleDecl) -> impl Iterator<Item = &ast::Override> {
    decl.overrides.iter().filter(|clause| !matches!(clause.kind, OverrideKind::MovedFrom | OverrideKind::Under))
}

/// One of the rules that a rule with a varying value stands for.
fn varied(rule: &Rule, instance: Instance) -> Rule {
    let mut rule = rule.clone();
    rule.family = Some(rule.name.clone());
    rule.name = format!("{}[{}]", rule.name, instance.text);
    let span = rule.condition.span;
    rule.condition = node(CondKind::And(vec![rule.condition, instance.condition]), span);
    rule.conclusions.extend(instance.values);
    rule
}

/// A circle in a graph, if there is one: depth first, without recursion.
fn find_circle(needs: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut state = vec![0u8; needs.len()];
    for root in 0..needs.len() {
        if state[root] != 0 {
            continue;
        }
        let mut path = vec![(root, 0)];
        state[root] = 1;
        while let Some((at, next)) = path.last_mut() {
            match needs[*at].get(*next) {
                None => {
                    state[*at] = 2;
                    path.pop();
                }
                Some(&to) => {
                    *next += 1;
                    match state[to] {
                        0 => {
                            state[to] = 1;
                            path.push((to, 0));
                        }
                        1 => return Some(path.iter().map(|(node, _)| *node).skip_while(|node| *node != to).collect()),
                        _ => {}
                    }
                }
            }
        }
    }
    None
}
