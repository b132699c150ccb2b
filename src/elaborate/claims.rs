//! Claims: what a regime is said to be, of every case or of pairs of cases; and which of the twelve properties each shows.
//!
//! In: `prove`, plain or by the roles of a ready-made property. Out: the claims of the model.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{Combine, DecisionId, Direction, Domain, Standard};
use crate::model::{Claim, Property};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

use super::Elaborator;
use super::operand::{Env, Operand};

impl Elaborator<'_> {
    /// The properties of the checked regime.
    pub(super) fn properties(&mut self) {
        let items: Vec<_> = self.items(0).collect();
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        for (_, node) in items {
            if let ItemKind::Property(ast::ProveDecl { claim: ast::Claim::NeverIn(process, _), name, .. }) = &node.kind {
                let title = format!("`{}` is about a process, so it is no property with roles", name.node);
                self.error(Code::BadProcess, title, process.span, "a property with roles is about cases")
                    .help("give the process the roles: process NAME with ROLE, … start when … step … never …");
                continue;
            }
            let said = self.sink.said();
            let cast = self.played(&node.kind);
            let decl = match (&node.kind, &cast) {
                (ItemKind::Prove(decl), _) => decl,
                (ItemKind::ProveCast(_), Some(decl)) => decl,
                _ => continue,
            };
            if let Some(first) = names.insert(decl.name.node.clone(), decl.name.span) {
                self.error(
                    Code::DuplicateName,
                    format!("the property `{}` stands twice", decl.name.node),
                    decl.name.span,
                    "again here",
                )
                .also(first, "first here");
            }
            let env = Env::of(0);
            let scope = match decl.scope.as_ref().map(|scope| self.condition(&env, scope).ok_or(())).transpose() {
                Ok(scope) => scope,
                Err(()) => {
                    self.played_here(said, decl.name.span);
                    continue;
                }
            };
            let mut inner = env.clone();
            if let Some(scope) = &decl.scope {
                inner.positive = self.positive(&env, scope);
            }
            let claim = match &decl.claim {
                // Of processes: `processes.rs`.
                ast::Claim::NeverIn(..) => {
                    self.playing = None;
                    continue;
                }
                ast::Claim::EveryCase(expr) => self.condition(&inner, expr).map(Claim::EveryCase),
                ast::Claim::Monotone { decision, tightens, input } => self.monotone(decision, *tightens, input),
                ast::Claim::Tiers { decision, input, from, to } => self.tiers(decision, input, from, to),
                ast::Claim::Blind { decision, input } => self.blind(decision, input),
                ast::Claim::Equals(a, b) => self.two_decisions(a, b, false).map(|(a, b)| Claim::Equals(a, b)),
                ast::Claim::AtLeastAsStrict(a, b) => self.two_decisions(a, b, true).map(|(a, b)| Claim::AtLeastAsStrict(a, b)),
            };
            self.played_here(said, decl.name.span);
            let cite = decl.cite.as_ref().map_or(String::new(), |cite| cite.node.clone());
            if let Some(claim) = claim {
                let name = decl.name.node.clone();
                let shows = self.shows(decl.shows.as_ref()).or_else(|| self.plainly(&claim));
                self.policy.properties.push(Property { name, cite, shows, claim, scope, span: decl.name.span });
            }
        }
    }

    fn decision_path(&mut self, path: &ast::Path) -> Option<DecisionId> {
        let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
        match self.operand(&Env::of(0), &expr, None)? {
            Operand::Decision(id) => Some(id),
            other => {
                let what = self.describe(&other);
                self.error(Code::WrongKind, "a decision is needed here", path.span, format!("this is {what}"));
                None
            }
        }
    }

    fn is_ordered(&self, id: DecisionId) -> bool {
        let decision = &self.policy.decisions[id.index()];
        match decision.domain {
            // Whether true is the stricter only the way to combine says: of a permission it is not.
            Domain::Bool => matches!(decision.combine, Combine::Strictest | Combine::LeastStrict),
            _ => self.combination_fits(&Combine::Strictest, &decision.domain),
        }
    }

    fn monotone(&mut self, decision: &ast::Path, tightens: bool, input: &ast::Path) -> Option<Claim> {
        let (decision_id, input_id) = (self.decision_path(decision), self.input(input));
        let (id, input_id) = (decision_id?, input_id?);
        if !self.is_ordered(id) {
            self.error(Code::NotOrdered, "this decision has no order", decision.span, "nothing can loosen or tighten");
            return None;
        }
        if self.policy.inputs[input_id.index()].domain.bounds().is_none() {
            self.error(Code::NotOrdered, "this input cannot grow", input.span, "a number or a date is needed");
            return None;
        }
        let never = if tightens { Direction::Tightens } else { Direction::Loosens };
        Some(Claim::Monotone { decision: id, input: input_id, never })
    }

    /// `DECISION never loosens from PATH in SET to SET`
    fn tiers(&mut self, decision: &ast::Path, input: &ast::Path, from: &ast::SetExpr, to: &ast::SetExpr) -> Option<Claim> {
        let (decision_id, input_id) = (self.decision_path(decision), self.input(input));
        let (id, input_id) = (decision_id?, input_id?);
        if !self.is_ordered(id) {
            self.error(Code::NotOrdered, "this decision has no order", decision.span, "nothing can loosen or tighten");
            return None;
        }
        let mut within = |set: &ast::SetExpr| {
            let of = Box::new(ast::Expr { kind: ast::ExprKind::Path(input.clone()), span: input.span });
            let kind = ast::ExprKind::In { of, negated: false, set: set.clone() };
            self.condition(&Env::of(0), &ast::Expr { kind, span: input.span })
        };
        let (from, to) = (within(from), within(to));
        Some(Claim::Tiers { decision: id, input: input_id, from: from?, to: to? })
    }

    /// `DECISION never depends on PATH`
    fn blind(&mut self, decision: &ast::Path, input: &ast::Path) -> Option<Claim> {
        let (decision_id, input_id) = (self.decision_path(decision), self.input(input));
        let (id, input_id) = (decision_id?, input_id?);
        if matches!(self.policy.inputs[input_id.index()].domain, Domain::Set(_)) {
            self.error(Code::WrongKind, "nothing is asked about sets here", input.span, "this input is a set")
                .help("ask about each member: every case where … has A satisfies …");
            return None;
        }
        Some(Claim::Blind { decision: id, input: input_id })
    }

    /// Which of the twelve properties a name is.
    pub(super) fn shows(&mut self, name: Option<&ast::Name>) -> Option<Standard> {
        let name = name?;
        let found = Standard::named(&name.node);
        if found.is_none() {
            self.unknown("one of the twelve properties", name, Standard::ALL.iter().map(|one| one.name().to_owned()).collect());
        }
        found
    }

    /// Which of the twelve properties a claim shows by its form.
    fn plainly(&self, claim: &Claim) -> Option<Standard> {
        let compared = |id: &DecisionId| self.policy.decisions[id.index()].regime > 0;
        match claim {
            Claim::Monotone { .. } => Some(Standard::Monotone),
            Claim::Tiers { .. } => Some(Standard::TierOrder),
            Claim::Equals(a, b) | Claim::AtLeastAsStrict(a, b) if compared(a) || compared(b) => Some(Standard::AmendmentRefines),
            Claim::EveryCase(_) | Claim::Blind { .. } | Claim::Equals(..) | Claim::AtLeastAsStrict(..) => None,
        }
    }

    /// The property that `prove NAME is PATTERN with …` stands for. While it is read, its words are those of the players.
    fn played(&mut self, kind: &ItemKind) -> Option<ast::ProveDecl> {
        let ItemKind::ProveCast(decl) = kind else { return None };
        let Some((place, _)) = self.scopes[0].properties.get(&decl.pattern.node).copied() else {
            let known: Vec<String> = self.scopes[0].properties.keys().cloned().collect();
            if self.scopes[0].processes.contains_key(&decl.pattern.node) {
                let title = format!("`{}` is a pattern of processes", decl.pattern.node);
                self.error(Code::WrongKind, title, decl.pattern.span, "a property with roles is needed here")
                    .help(format!("process {} is {} with …", decl.name.node, decl.pattern.node));
            } else {
                self.unknown("property with roles", &decl.pattern, known)
                    .help("ready-made ones are in the library: use std/properties");
            }
            return None;
        };
        let ItemKind::Property(pattern) = &self.item(place).kind else { return None };
        let made = self.cast_property(decl, pattern)?;
        self.playing = pattern.name.span.file.map(|file| {
            let words = |span: Span| self.words(&Env::of(0), span);
            (file, decl.roles.iter().map(|(role, player)| (role.node.clone(), words(player.span))).collect())
        });
        Some(made)
    }

    /// Behind a cast that was read: what was said from some number on about its pattern, in another file, is said about who plays it.
    pub(super) fn played_here(&mut self, said: usize, name: Span) {
        if let Some((file, _)) = self.playing.take()
            && name.file != Some(file)
        {
            self.sink.brought_about(said, file, name, "who plays the roles here does not fit");
        }
    }

    fn two_decisions(&mut self, a: &ast::Path, b: &ast::Path, ordered: bool) -> Option<(DecisionId, DecisionId)> {
        let (x, y) = (self.decision_path(a), self.decision_path(b));
        let (x, y) = (x?, y?);
        let (dx, dy) = (&self.policy.decisions[x.index()].domain, &self.policy.decisions[y.index()].domain);
        let same = match (dx, dy) {
            (Domain::Number(p), Domain::Number(q)) => p.unit == q.unit && p.step == q.step,
            (p, q) => p == q,
        };
        if !same {
            self.error(Code::TypeMismatch, "two decisions of different types", a.span, "this one").also(b.span, "and this one");
            return None;
        }
        if ordered && (!matches!(dx, Domain::Enum(_) | Domain::Bool) || !self.is_ordered(x)) {
            self.error(
                Code::NotOrdered,
                "these decisions have no order of members",
                a.span,
                "an ordered enumeration or bool is needed",
            );
            return None;
        }
        Some((x, y))
    }
}
