//! Foreign-direct-product rules: limbs in, one condition out. An item is caught that is in the scope, by one of its routes, within the
//! reach, and with the knowledge that is asked for (15 CFR 734.9(a)).

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{LimbKind, RuleId};
use crate::model::Cond;
use crate::source::Span;
use crate::syntax::ast::{self, Expr, ExprKind};

use super::Elaborator;
use super::operand::Env;

impl Elaborator<'_> {
    /// The condition of a product rule; `None` for another rule.
    pub(super) fn limbed(&mut self, decl: &ast::RuleDecl) -> Option<Expr> {
        let (first, last) = (decl.limbs.first()?, decl.limbs.last()?);
        let span = first.span.to(last.span);
        let mut seen: BTreeMap<LimbKind, Span> = BTreeMap::new();
        for limb in &decl.limbs {
            if let Some(before) = seen.insert(kind(limb.kind), limb.span) {
                self.error(Code::BadProductRule, "a limb that stands twice", limb.span, "again here")
                    .also(before, "first here")
                    .help("join the two with `and`, or a route with `or`");
            }
        }
        let name = &decl.name.node;
        if !seen.keys().any(|kind| kind.is_route()) {
            self.error(Code::BadProductRule, format!("`{name}` has no route"), decl.name.span, "by what is an item caught?")
                .help("give one or more of: by technology …, by plant …, by contents …");
        }
        if !seen.contains_key(&LimbKind::Reach) {
            self.error(Code::BadProductRule, format!("`{name}` has no reach"), decl.name.span, "where, to whom, for what?")
                .note("A product rule needs both scopes: which product, and which destination, end user or end use.")
                .help("give it: reach CONDITION, as in `reach destination in (D:1 + D:5)`");
        }
        let of = |wanted: &dyn Fn(LimbKind) -> bool| {
            decl.limbs.iter().filter(move |limb| wanted(kind(limb.kind))).map(|limb| limb.body.clone()).collect::<Vec<_>>()
        };
        let mut parts = of(&|kind| kind == LimbKind::Scope);
        let mut routes = of(&LimbKind::is_route);
        match routes.len() {
            0 => {}
            1 => parts.append(&mut routes),
            _ => {
                let places = decl.limbs.iter().filter(|limb| kind(limb.kind).is_route()).map(|limb| limb.span);
                let whole = places.reduce(Span::to).unwrap_or(span);
                parts.push(Expr { kind: ExprKind::Or(routes), span: whole });
            }
        }
        parts.extend(of(&|kind| matches!(kind, LimbKind::Reach | LimbKind::Knowledge)));
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(Expr { kind: ExprKind::And(parts), span }),
        }
    }

    /// The rules that ask for the licence.
    pub(super) fn license_of(&mut self, regime: usize, decl: &ast::RuleDecl) -> Vec<RuleId> {
        let mut found = Vec::new();
        for name in &decl.license {
            if name.node == decl.name.node {
                let title = format!("`{}` is named as its own licence section", name.node);
                self.error(Code::BadProductRule, title, name.span, "the same rule")
                    .note("A product rule says what is subject; another rule asks for the licence.");
                continue;
            }
            found.extend(self.rules_of(regime, name));
        }
        found
    }

    /// The limbs one by one, for explanations. One that needs what an earlier limb guards (a division) is left out.
    pub(super) fn limbs(&mut self, env: &Env, decl: &ast::RuleDecl) -> Vec<(LimbKind, Cond)> {
        let one = |this: &mut Self, limb: &ast::Limb| Some((kind(limb.kind), this.condition(env, &limb.body)?));
        self.quietly(|this| decl.limbs.iter().filter_map(|limb| one(this, limb)).collect())
    }
}

fn kind(kind: ast::LimbKind) -> LimbKind {
    match kind {
        ast::LimbKind::Scope => LimbKind::Scope,
        ast::LimbKind::Technology => LimbKind::Technology,
        ast::LimbKind::Plant => LimbKind::Plant,
        ast::LimbKind::Contents => LimbKind::Contents,
        ast::LimbKind::Reach => LimbKind::Reach,
        ast::LimbKind::Knowledge => LimbKind::Knowledge,
    }
}
