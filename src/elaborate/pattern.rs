//! Patterns: a process or a property with roles becomes one of a regime that says who plays them. What plays a role stands in its place in the
//! tree, so what is checked afterwards is what somebody could have written.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::source::Span;
use crate::syntax::ast::{
    CastDecl, Claim, Effect, Expr, ExprKind, Name, Path, ProcessDecl, ProveDecl, QuantDomain, SetExpr, StepDecl, Type, TypeKind,
};

use super::Elaborator;

/// Who plays which role.
struct Casting<'a> {
    players: BTreeMap<&'a str, &'a Expr>,
    /// Roles that must be played by a name, and are not: the role, where it is needed.
    unnamed: Vec<(String, Span)>,
    /// Roles that stood somewhere.
    met: std::cell::RefCell<std::collections::BTreeSet<String>>,
}

impl Elaborator<'_> {
    /// Who plays the roles of a pattern, if all are played, each once.
    fn casting<'d>(&mut self, decl: &'d CastDecl, roles: &[Name], what: &str) -> Option<Casting<'d>> {
        let mut good = true;
        for (at, role) in roles.iter().enumerate() {
            if roles[..at].iter().any(|other| other.node == role.node) {
                let title = format!("the role `{}` is declared twice", role.node);
                self.error(Code::DuplicateName, title, role.span, "again here");
                good = false;
            }
        }
        let mut players: BTreeMap<&str, &Expr> = BTreeMap::new();
        for (role, player) in &decl.roles {
            if !roles.iter().any(|known| known.node == role.node) {
                let known = roles.iter().map(|known| known.node.clone()).collect();
                self.unknown("role", role, known);
                good = false;
            } else if players.insert(&role.node, player).is_some() {
                self.error(Code::DuplicateName, format!("the role `{}` is played twice", role.node), role.span, "again here");
                good = false;
            }
        }
        let missing: Vec<&str> = roles.iter().map(|role| role.node.as_str()).filter(|role| !players.contains_key(role)).collect();
        if !missing.is_empty() {
            let all = roles.iter().map(|role| format!("{} is …", role.node)).collect::<Vec<_>>().join(", ");
            let title = format!("nobody plays {} in `{}`", missing.join(", "), decl.name.node);
            self.error(Code::MissingValue, title, decl.name.span, "here")
                .help(format!("{what} {} is {} with {all}", decl.name.node, decl.pattern.node));
            good = false;
        }
        good.then_some(Casting { players, unnamed: Vec::new(), met: std::cell::RefCell::default() })
    }

    /// Says which roles must be played by a name, and are not; whether there is none.
    fn all_named(&mut self, decl: &CastDecl, casting: &mut Casting<'_>) -> bool {
        let unnamed = std::mem::take(&mut casting.unnamed);
        let mut good = unnamed.is_empty();
        // Nobody would notice what plays it.
        for (role, player) in &decl.roles {
            if !casting.met.borrow().contains(&role.node) {
                let title = format!("the role `{}` stands nowhere in `{}`", role.node, decl.pattern.node);
                self.error(Code::UnknownName, title, role.span, "so this plays nothing").also(player.span, "this");
                good = false;
            }
        }
        for (role, needed) in unnamed {
            let player = decl.roles.iter().find(|(name, _)| name.node == role).map_or(decl.name.span, |(_, player)| player.span);
            self.error(Code::WrongKind, format!("the role `{role}` is played by a name"), player, "this is none")
                .also(needed, "it stands here");
        }
        good
    }

    /// Says where a claim is to show another of the twelve than its pattern does.
    fn shows_the_same(&mut self, decl: &CastDecl, pattern: Option<&Name>) {
        if let (Some(own), Some(of)) = (&decl.shows, pattern)
            && own.node != of.node
        {
            let title = format!("`{}` shows {}, and not {}", decl.pattern.node, of.node, own.node);
            self.error(Code::WrongKind, title, own.span, "a ready-made claim shows what its pattern says")
                .help(format!("leave out `as {}`", own.node));
        }
    }

    /// The property that a regime gets by naming who plays the roles of a pattern.
    pub(super) fn cast_property(&mut self, decl: &CastDecl, pattern: &ProveDecl) -> Option<ProveDecl> {
        self.shows_the_same(decl, pattern.shows.as_ref());
        let mut casting = self.casting(decl, &pattern.roles, "prove")?;
        let claim = match &pattern.claim {
            Claim::EveryCase(body) => Claim::EveryCase(casting.expr(body)),
            Claim::Monotone { decision, tightens, input } => {
                Claim::Monotone { decision: casting.path(decision), tightens: *tightens, input: casting.path(input) }
            }
            Claim::Tiers { decision, input, from, to } => Claim::Tiers {
                decision: casting.path(decision),
                input: casting.path(input),
                from: casting.set(from),
                to: casting.set(to),
            },
            Claim::Blind { decision, input } => Claim::Blind { decision: casting.path(decision), input: casting.path(input) },
            Claim::Equals(a, b) => Claim::Equals(casting.path(a), casting.path(b)),
            Claim::AtLeastAsStrict(a, b) => Claim::AtLeastAsStrict(casting.path(a), casting.path(b)),
            Claim::NeverIn(process, bad) => Claim::NeverIn(casting.name(process), casting.expr(bad)),
        };
        let cast = ProveDecl {
            name: decl.name.clone(),
            cite: decl.cite.clone(),
            shows: decl.shows.clone().or_else(|| pattern.shows.clone()),
            roles: Vec::new(),
            claim,
            scope: pattern.scope.as_ref().map(|scope| casting.expr(scope)),
        };
        self.all_named(decl, &mut casting).then_some(cast)
    }

    /// The process that a regime gets by naming who plays the roles of a pattern.
    pub(super) fn cast(&mut self, decl: &CastDecl, pattern: &ProcessDecl) -> Option<ProcessDecl> {
        self.shows_the_same(decl, pattern.shows.as_ref());
        let mut casting = self.casting(decl, &pattern.roles, "process")?;
        let cast = casting.process(decl, pattern);
        self.all_named(decl, &mut casting).then_some(cast)
    }
}

/// An expression with others put in the place of names.
#[must_use]
pub fn put(expr: &Expr, instead: &[(String, Expr)]) -> Expr {
    let players = instead.iter().map(|(name, by)| (name.as_str(), by)).collect();
    Casting { players, unnamed: Vec::new(), met: std::cell::RefCell::default() }.expr(expr)
}

/// A process as its pattern has it, by whoever plays the roles; what is wrong with that is said elsewhere.
#[must_use]
pub fn played(decl: &CastDecl, pattern: &ProcessDecl) -> ProcessDecl {
    let players = decl.roles.iter().map(|(role, player)| (role.node.as_str(), player)).collect();
    Casting { players, unnamed: Vec::new(), met: std::cell::RefCell::default() }.process(decl, pattern)
}

impl<'a> Casting<'a> {
    fn process(&mut self, decl: &CastDecl, pattern: &ProcessDecl) -> ProcessDecl {
        ProcessDecl {
            name: decl.name.clone(),
            cite: decl.cite.clone().or_else(|| pattern.cite.clone()),
            title: decl.title.clone().or_else(|| pattern.title.clone()),
            shows: decl.shows.clone().or_else(|| pattern.shows.clone()),
            roles: Vec::new(),
            keeps: pattern.keeps.iter().map(|path| self.path(path)).chain(decl.keeps.iter().cloned()).collect(),
            time: pattern.time,
            state: pattern.state.iter().map(|(name, ty)| (name.clone(), self.ty(ty))).collect(),
            start: self.expr(&pattern.start),
            steps: pattern.steps.iter().map(|step| self.step(step)).collect(),
            never: pattern.never.as_ref().map(|never| self.expr(never)),
        }
    }

    fn player(&self, path: &Path) -> Option<&'a Expr> {
        let player = path.regime.is_none().then(|| self.players.get(path.parts[0].node.as_str()).copied()).flatten();
        if player.is_some() {
            self.met.borrow_mut().insert(path.parts[0].node.clone());
        }
        player
    }

    fn path(&mut self, path: &Path) -> Path {
        let Some(player) = self.player(path) else { return path.clone() };
        let ExprKind::Path(played) = &player.kind else {
            self.unnamed.push((path.parts[0].node.clone(), path.span));
            return path.clone();
        };
        let mut played = played.clone();
        played.parts.extend(path.parts[1..].iter().cloned());
        played
    }

    fn name(&mut self, name: &Name) -> Name {
        let path = self.path(&Path { regime: None, parts: vec![name.clone()], span: name.span });
        Name::new(path.parts.iter().map(|part| part.node.as_str()).collect::<Vec<_>>().join("."), path.span)
    }

    fn ty(&mut self, ty: &Type) -> Type {
        let kind = match &ty.kind {
            TypeKind::Named(name) => TypeKind::Named(self.name(name)),
            TypeKind::Set(inner) => TypeKind::Set(Box::new(self.ty(inner))),
            other => other.clone(),
        };
        Type { kind, span: ty.span }
    }

    fn step(&mut self, step: &StepDecl) -> StepDecl {
        let then = step.then.iter().map(|effect| match effect {
            Effect::Is(path, value) => Effect::Is(self.path(path), self.expr(value)),
            Effect::Adds(path, value) => Effect::Adds(self.path(path), self.expr(value)),
            Effect::Includes(path, value) => Effect::Includes(self.path(path), self.expr(value)),
            Effect::Counts(cap) => Effect::Counts(self.name(cap)),
        });
        let then = then.collect();
        StepDecl { when: step.when.as_ref().map(|when| self.expr(when)), then, ..step.clone() }
    }

    fn set(&mut self, set: &SetExpr) -> SetExpr {
        let both = |it: &mut Self, a: &SetExpr, b: &SetExpr| (Box::new(it.set(a)), Box::new(it.set(b)));
        match set {
            SetExpr::Named(path) => match self.player(path).map(|player| &player.kind) {
                Some(ExprKind::Set(set)) if path.parts.len() == 1 => set.clone(),
                _ => SetExpr::Named(self.path(path)),
            },
            SetExpr::Listed(members, span) => {
                let mut members = members.clone();
                for member in &mut members {
                    member.name = self.name(&member.name);
                }
                SetExpr::Listed(members, *span)
            }
            SetExpr::Union(a, b) => {
                let (a, b) = both(self, a, b);
                SetExpr::Union(a, b)
            }
            SetExpr::Difference(a, b) => {
                let (a, b) = both(self, a, b);
                SetExpr::Difference(a, b)
            }
            SetExpr::Intersection(a, b) => {
                let (a, b) = both(self, a, b);
                SetExpr::Intersection(a, b)
            }
        }
    }

    fn expr(&mut self, expr: &Expr) -> Expr {
        let all = |it: &mut Self, parts: &[Expr]| parts.iter().map(|part| it.expr(part)).collect::<Vec<Expr>>();
        let kind = match &expr.kind {
            ExprKind::Path(path) if path.parts.len() == 1 => match self.player(path) {
                Some(player) => return player.clone(),
                None => ExprKind::Path(path.clone()),
            },
            ExprKind::Path(path) => ExprKind::Path(self.path(path)),
            ExprKind::Not(inner) => ExprKind::Not(Box::new(self.expr(inner))),
            ExprKind::And(parts) => ExprKind::And(all(self, parts)),
            ExprKind::Or(parts) => ExprKind::Or(all(self, parts)),
            ExprKind::Implies(a, b) => ExprKind::Implies(Box::new(self.expr(a)), Box::new(self.expr(b))),
            ExprKind::Compare(op, a, b) => ExprKind::Compare(*op, Box::new(self.expr(a)), Box::new(self.expr(b))),
            ExprKind::In { of, negated, set } => {
                ExprKind::In { of: Box::new(self.expr(of)), negated: *negated, set: self.set(set) }
            }
            ExprKind::Has(of, member) => ExprKind::Has(Box::new(self.expr(of)), self.path(member)),
            ExprKind::Arith(op, a, b) => ExprKind::Arith(*op, Box::new(self.expr(a)), Box::new(self.expr(b))),
            ExprKind::Negative(inner) => ExprKind::Negative(Box::new(self.expr(inner))),
            ExprKind::If(condition, a, b) => {
                ExprKind::If(Box::new(self.expr(condition)), Box::new(self.expr(a)), Box::new(self.expr(b)))
            }
            ExprKind::WithinCap(cap) => ExprKind::WithinCap(self.name(cap)),
            ExprKind::Call(name, arguments) => ExprKind::Call(name.clone(), all(self, arguments)),
            ExprKind::Quantified { every, var, over, body } => {
                let over = match over {
                    QuantDomain::Listed(parts) => QuantDomain::Listed(all(self, parts)),
                    QuantDomain::Set(set) => QuantDomain::Set(self.set(set)),
                };
                // The variable stands before a role of the same name.
                let hidden = self.players.remove_entry(var.node.as_str());
                let body = Box::new(self.expr(body));
                self.players.extend(hidden);
                ExprKind::Quantified { every: *every, var: var.clone(), over, body }
            }
            ExprKind::Set(set) => ExprKind::Set(self.set(set)),
            ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Date(_) | ExprKind::Error => expr.kind.clone(),
        };
        Expr { kind, span: expr.span }
    }
}
