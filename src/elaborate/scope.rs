//! The names of a regime, by kind, each declared once.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{DecisionId, RuleId};
use crate::model::Regime;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

use super::message::did_you_mean;
use super::{Elaborator, ItemRef};

/// What a name in an expression can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An input, or the record that it is one field of.
    Input,
    /// A definition.
    Define,
    /// A decision.
    Decision,
    /// A constant.
    Constant,
    /// A group.
    Group,
    /// A cap.
    Cap,
    /// A link of a chain.
    Link,
}

impl Meaning {
    pub(super) fn name(self) -> &'static str {
        match self {
            Meaning::Input => "an input",
            Meaning::Define => "a definition",
            Meaning::Decision => "a decision",
            Meaning::Constant => "a constant",
            Meaning::Group => "a group",
            Meaning::Cap => "a cap",
            Meaning::Link => "a link",
        }
    }
}

/// Where a name is declared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    pub(super) meaning: Meaning,
    pub(super) item: ItemRef,
    pub(super) span: Span,
}

/// The names of one regime.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Names of expressions.
    pub(super) values: BTreeMap<String, Declared>,
    /// Enumerations and records.
    pub(super) types: BTreeMap<String, (ItemRef, Span)>,
    /// Units.
    pub(super) units: BTreeMap<String, Span>,
    /// Bases of scenarios.
    pub(super) bases: BTreeMap<String, (ItemRef, Span)>,
    /// Nodes of chains.
    pub(super) nodes: BTreeMap<String, (ItemRef, Span)>,
    /// Processes.
    pub(super) processes: BTreeMap<String, (ItemRef, Span)>,
    /// Properties with roles.
    pub(super) properties: BTreeMap<String, (ItemRef, Span)>,
    /// Decisions.
    pub(super) decisions: BTreeMap<String, DecisionId>,
    /// Rules, each with all its versions, the one that stands last first.
    pub(super) rules: BTreeMap<String, Vec<(RuleId, Span)>>,
    /// How many rules there are.
    pub(super) rule_count: u32,
    /// Whether it has a status of its own for rules without one.
    pub(super) status: Vec<ast::StatusItem>,
}

impl Elaborator<'_> {
    /// Declares all names of a regime, and adds the regime to the policy.
    pub(super) fn declare(&mut self, regime: usize) -> Scope {
        let mut scope = Scope::default();
        let mut header: Option<(Span, Regime)> = None;
        let items: Vec<_> = self.items(regime).collect();
        for (item, node) in items {
            match &node.kind {
                ItemKind::Regime(decl) => {
                    if let Some((first, _)) = &header {
                        let first = *first;
                        self.error(Code::TwoRegimes, "two `regime` lines in one regime", decl.name.span, "the second")
                            .also(first, "the first is here")
                            .help("put each regime into a folder of its own, or take one of the lines away");
                        continue;
                    }
                    let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |t| t.node.clone());
                    let found = Regime {
                        name: format!("{}{}", decl.name.node, self.sources.regimes[regime].selection),
                        title: text(&decl.title),
                        cite: text(&decl.cite),
                        span: decl.name.span,
                    };
                    header = Some((decl.name.span, found));
                    scope.status = decl.status.clone();
                }
                ItemKind::UnitDecl(decl) => {
                    self.once(&mut scope.units, &decl.name, decl.name.span, |span| *span, "unit");
                }
                ItemKind::Enum(decl) => {
                    self.once(&mut scope.types, &decl.name, (item, decl.name.span), |(_, span)| *span, "type");
                }
                ItemKind::Record(decl) => {
                    self.once(&mut scope.types, &decl.name, (item, decl.name.span), |(_, span)| *span, "type");
                }
                ItemKind::Base(decl) => {
                    self.once(&mut scope.bases, &decl.name, (item, decl.name.span), |(_, span)| *span, "base");
                }
                ItemKind::Input(decl) => {
                    for name in &decl.names {
                        self.value_name(&mut scope, name, Meaning::Input, item);
                    }
                }
                ItemKind::Define(decl) => self.value_name(&mut scope, &decl.name, Meaning::Define, item),
                ItemKind::Decision(decl) => self.value_name(&mut scope, &decl.name, Meaning::Decision, item),
                ItemKind::Constant(decl) => self.value_name(&mut scope, &decl.name, Meaning::Constant, item),
                ItemKind::Group(decl) => self.value_name(&mut scope, &decl.name, Meaning::Group, item),
                ItemKind::Cap(decl) => self.value_name(&mut scope, &decl.name, Meaning::Cap, item),
                ItemKind::Link(decl) => self.value_name(&mut scope, &decl.name, Meaning::Link, item),
                ItemKind::Process(decl) => {
                    self.once(&mut scope.processes, &decl.name, (item, decl.name.span), |(_, span)| *span, "process");
                }
                ItemKind::Cast(decl) => {
                    self.once(&mut scope.processes, &decl.name, (item, decl.name.span), |(_, span)| *span, "process");
                }
                ItemKind::Property(decl) => {
                    self.once(&mut scope.properties, &decl.name, (item, decl.name.span), |(_, span)| *span, "property");
                }
                ItemKind::Node(decl) => {
                    self.once(&mut scope.nodes, &decl.name, (item, decl.name.span), |(_, span)| *span, "node");
                }
                _ => {}
            }
        }
        let found = header.map(|(_, regime)| regime).unwrap_or_else(|| {
            let first = self.sources.regimes[regime].modules.first().map(|module| self.sources.modules[*module].file);
            let span = first.map_or(Span::NOWHERE, |file| Span::new(file, 0, 0));
            self.error(Code::NoRegime, "no `regime` line", span, "none of the files of this regime has one")
                .help("begin with a line such as: regime my_regime \"My export controls\"");
            Regime { name: String::new(), title: String::new(), cite: String::new(), span }
        });
        self.policy.regimes.push(found);
        scope
    }

    fn once<T>(&mut self, map: &mut BTreeMap<String, T>, name: &ast::Name, value: T, place: impl Fn(&T) -> Span, kind: &str) {
        if let Some(first) = map.get(&name.node) {
            let first = place(first);
            self.error(Code::DuplicateName, format!("the {kind} `{}` is declared twice", name.node), name.span, "again here")
                .also(first, "first here");
            return;
        }
        map.insert(name.node.clone(), value);
    }

    fn value_name(&mut self, scope: &mut Scope, name: &ast::Name, meaning: Meaning, item: ItemRef) {
        let declared = Declared { meaning, item, span: name.span };
        if let Some(first) = scope.values.get(&name.node) {
            let (first_span, first_meaning) = (first.span, first.meaning.name());
            self.error(Code::DuplicateName, format!("`{}` is declared twice", name.node), name.span, "again here")
                .also(first_span, format!("first here, as {first_meaning}"))
                .help("give one of them another name");
            return;
        }
        scope.values.insert(name.node.clone(), declared);
    }

    /// Marks a declaration as used.
    pub(super) fn mark_used(&mut self, regime: usize, name: &str) {
        self.used.insert((regime, name.to_owned()));
    }

    /// Reports a name that nothing declares.
    pub(super) fn unknown(&mut self, what: &str, name: &ast::Name, known: Vec<String>) -> super::Reported<'_> {
        let guess = did_you_mean(&name.node, known.iter().map(String::as_str)).map(str::to_owned);
        let report =
            self.error(Code::UnknownName, format!("there is no {what} `{}`", name.node), name.span, "nothing has this name");
        match guess {
            Some(guess) => report.replace(format!("did you mean `{guess}`?"), name.span, guess),
            None if !known.is_empty() && known.len() <= 40 => {
                report.note(format!("known here: {}", super::message::list(known.iter().map(String::as_str))))
            }
            None => report,
        }
    }

    /// The rule of a name: all its versions; empty after an error.
    pub(super) fn rules_of(&mut self, regime: usize, name: &ast::Name) -> Vec<RuleId> {
        if let Some(versions) = self.scopes[regime].rules.get(&name.node) {
            return versions.iter().map(|(rule, _)| *rule).collect();
        }
        let known = self.scopes[regime].rules.keys().cloned().collect();
        self.unknown("rule", name, known);
        Vec::new()
    }

    /// The decision of a name.
    pub(super) fn decision_of(&mut self, regime: usize, name: &ast::Name) -> Option<DecisionId> {
        if let Some(decision) = self.scopes[regime].decisions.get(&name.node) {
            return Some(*decision);
        }
        let known = self.scopes[regime].decisions.keys().cloned().collect();
        self.unknown("decision", name, known);
        None
    }
}
