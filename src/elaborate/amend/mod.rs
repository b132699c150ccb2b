//! Amendments: the files of a law and of what amended it become the files of the law as amended.
//!
//! In: the layers of a regime, the oldest law first. Out: one list of files, in which acts (repeal, replace, move, stay …) have been
//! carried out: each rule knows its own timeline and the acts that end it. Nothing is lost: an earlier version of a rule stays,
//! for the days on which, and the reading in which, the act that ended it is not in force.

mod acts;
mod extend;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, Item, ItemKind, StatusItem};

use super::{ItemRef, Sources};
pub(super) use status::{begins, known_from};
use status::{day_of_act, rule_status};

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
    /// The rules that say now what this one said.
    pub(super) moved_to: Vec<ItemRef>,
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
    /// The name that a rule of a regime has after all renaming.
    pub(super) fn known_as(&self, regime: usize, name: &str) -> String {
        let mut name = name;
        while let Some((_, _, to)) = self.aliases.iter().find(|(of, from, _)| *of == regime && from == name) {
            name = to;
        }
        name.to_owned()
    }

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
            later: BTreeMap::new(),
            acted: BTreeMap::new(),
            made: BTreeMap::new(),
        };
        office.run(sources);
    }
    amended
}

/// An act, with its layer and its day.
type Acted = (acts::Act, (usize, i64));

/// What carries out the acts of one regime.
struct Office<'a> {
    out: &'a mut Amended,
    regime: usize,
    kept: Vec<Kept>,
    /// All versions of each rule, the last one last.
    current: BTreeMap<String, Vec<ItemRef>>,
    /// How many versions of a rule a regime has.
    versions: BTreeMap<String, u32>,
    /// Rules that are enacted under a name that another had before them.
    later: BTreeMap<String, Vec<ItemRef>>,
    /// The acts on each rule, each with its layer and day.
    acted: BTreeMap<String, Vec<Acted>>,
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
        let mut todo: Vec<(usize, i64, u8, usize, usize)> = Vec::new();
        for (at, kept) in self.kept.iter().enumerate() {
            for (index, item) in self.out.sources.modules[kept.module].unit.items.iter().enumerate() {
                if is_act(&item.kind) || moves(&item.kind) {
                    // Of the acts of one day those that give names come first, then those that end a stay: a new one may follow.
                    let turn = match item.kind {
                        ItemKind::Rename(_) => 0,
                        ItemKind::Reinstate(_) => 1,
                        _ => 2,
                    };
                    todo.push((kept.layer, day_of_act(&item.kind, &kept.status), turn, at, index));
                }
            }
        }
        todo.sort_unstable();
        self.declared();
        for (layer, day, _, at, index) in todo {
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
            let out =
                header.as_ref().is_some_and(|header| choice.leaves_out(&header.name.node, known_from(&header.status), number));
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
                if amendment.is_some_and(|decl| choice.leaves_out(&decl.name.node, known_from(&decl.status), number)) {
                    // Its `regime` line is that of the law, not of the act.
                    let mut header = original.clone();
                    header.unit.items.retain(|item| matches!(item.kind, ItemKind::Regime(_)));
                    if !header.unit.items.is_empty() {
                        let place = self.out.sources.modules.len();
                        self.out.sources.modules.push(header);
                        let (regime, status, cite) = (name.clone(), status.clone(), cite.clone());
                        self.kept.push(Kept { module: place, layer: number, regime, status, cite });
                    }
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
                    } else {
                        self.later.entry(rule.name.node.clone()).or_default().push((kept.module, index));
                    }
                }
            }
        }
    }

    fn item(&self, (module, index): ItemRef) -> &Item {
        &self.out.sources.modules[module].unit.items[index]
    }
}

/// Whether a rule takes over what another said.
fn moves(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Rule(rule) if rule.overrides.iter().any(|clause| clause.kind == ast::OverrideKind::MovedFrom))
}

fn about_itself(kind: &ItemKind) -> bool {
    use ItemKind::{Accept, Base, Compare, Node, Prove, ProveCast, Regime, Scenario, ScenarioTable};
    matches!(
        kind,
        Regime(_) | Compare(_) | Prove(_) | ProveCast(_) | Accept(_) | Base(_) | Node(_) | Scenario(_) | ScenarioTable(_)
    )
}
