//! Bounds in the text: of rules, and of what the rules call by a name.
//!
//! How far a bound is moved is not decided here: the trial looks for the nearest with which the claim is proved.

use std::collections::BTreeSet;

use crate::ir::{Domain, RuleId};
use crate::syntax::ast::{CompareOp, DefineDecl, Expr, ExprKind, Item, ItemKind, NumberLit, Path};
use crate::syntax::path_text;
use crate::words::{Sentence, say};

use super::Edit;
use super::candidate::{Candidate, Piece, Reading, mentions};

/// A bound in the text, and how far it could be moved.
pub struct Bound {
    /// The file.
    pub path: String,
    /// Where in it the bound stands.
    pub range: std::ops::Range<usize>,
    /// The rule or definition.
    pub rule: String,
    /// The input that is bounded.
    pub of: String,
    /// What that can be.
    pub domain: Domain,
    /// What stands behind the number.
    pub unit: String,
    /// Where it stands.
    pub stood: i64,
    /// Where it would be strictest.
    pub end: i64,
}

impl Bound {
    /// The edit that moves it.
    pub fn edit(&self, at: i64) -> Edit {
        Edit { path: self.path.clone(), range: self.range.clone(), with: format!("{}{}", self.number(at), self.unit) }
    }

    /// The edit in words.
    pub fn says(&self, at: i64) -> Sentence {
        let (rule, of) = (self.rule.as_str(), self.of.as_str());
        let (from, to) = (self.number(self.stood), self.number(at));
        say!("in `{rule}` the bound of `{of}` is moved from {from} to {to}", rule, of, from, to)
    }

    fn number(&self, at: i64) -> String {
        match &self.domain {
            Domain::Number(number) => number.text(at),
            _ => crate::ir::date_text(at),
        }
    }
}

impl<'a> Reading<'a> {
    /// The bounds of a condition moved: outward, or (of what lets a step pass) inward.
    pub(super) fn bounds(&mut self, at: usize, name: &str, condition: &'a Expr, lets_pass: &[bool]) {
        let mut compared = Vec::new();
        bounds(condition, &mut compared);
        for (of, op, number) in compared {
            for lets_pass in lets_pass {
                self.bound(at, name, of, op, number, *lets_pass);
            }
        }
    }

    /// The bounds of definitions that rules ask, both ways: what a name stands for may let a step pass here and bar it there. What a
    /// claim or a process asks too is not touched: it would be another claim.
    pub(super) fn definitions(&mut self, rules: &[RuleId]) {
        let defined: Vec<(usize, &'a DefineDecl)> = self
            .items()
            .filter_map(|(at, item)| match &item.kind {
                ItemKind::Define(decl) => Some((at, decl)),
                _ => None,
            })
            .collect();
        let reached = |begin: &dyn Fn(&str) -> bool| {
            let mut reached: BTreeSet<&'a str> =
                defined.iter().map(|(_, decl)| decl.name.node.as_str()).filter(|name| begin(name)).collect();
            loop {
                let next = |name: &str| {
                    defined.iter().any(|(_, by)| reached.contains(by.name.node.as_str()) && mentions(&by.body, &[name]))
                };
                let more: Vec<&'a str> = defined
                    .iter()
                    .map(|(_, decl)| decl.name.node.as_str())
                    .filter(|name| !reached.contains(name) && next(name))
                    .collect();
                if more.is_empty() {
                    return reached;
                }
                reached.extend(more);
            }
        };
        let whens: Vec<&Expr> =
            rules.iter().filter_map(|rule| self.rule(&self.program.rule(*rule).name)?.1.when.as_ref()).collect();
        let asked = reached(&|name| whens.iter().any(|when| mentions(when, &[name])));
        let all = self.compilation.sources.modules.iter().flat_map(|module| &module.unit.items);
        let claims: Vec<&'a str> = all.filter(|item| claims(item)).map(|item| self.text(item.span)).collect();
        let claimed = reached(&|name| claims.iter().any(|text| words(text).any(|word| word == name)));
        for (at, decl) in defined.iter().filter(|(_, decl)| asked.contains(decl.name.node.as_str())) {
            if !claimed.contains(decl.name.node.as_str()) {
                self.bounds(*at, &decl.name.node, &decl.body, &[false, true]);
            }
        }
    }

    /// A bound of a rule moved: outward if the rule should reach what passed, inward if it let it pass.
    fn bound(&mut self, at: usize, rule: &str, of: &Path, op: CompareOp, literal: &NumberLit, lets_pass: bool) {
        let name = path_text(of);
        let Some(input) = self.input(&name) else { return };
        let domain = self.program.input(input).domain.clone();
        let Domain::Number(number) = &domain else { return };
        let unit = literal.unit.clone().unwrap_or_default();
        if unit != number.unit || literal.negative {
            return;
        }
        let Some(stood) = number.parse(&literal.digits.replace('_', "")) else { return };
        let least = matches!(op, CompareOp::GreaterOrEqual | CompareOp::Greater);
        // `at least` reaches more with a lower bound.
        let end = if least == lets_pass { number.hi } else { number.lo };
        let unit = self.text(literal.span).trim_start_matches(|c: char| c.is_ascii_digit() || "_.e".contains(c)).to_owned();
        let range = literal.span.start as usize..literal.span.end as usize;
        let bound = Bound { path: self.path(at), range, rule: rule.to_owned(), of: name, domain, unit, stood, end };
        self.out.push(Candidate { what: Sentence::default(), pieces: Piece::Bound(bound), balance: false });
    }
}

/// Whether something says what must or must never be.
fn claims(item: &Item) -> bool {
    matches!(
        item.kind,
        ItemKind::Prove(_) | ItemKind::ProveCast(_) | ItemKind::Property(_) | ItemKind::Process(_) | ItemKind::Cast(_)
    )
}

/// The names in a text, and of a name with dots each beginning: `3A090.a` may be a name, and `party.hq` one of a field.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).filter(|name| !name.is_empty());
    names.flat_map(|name| {
        let dots = name.match_indices('.').map(|(at, _)| &name[..at]);
        dots.chain([name, name.trim_end_matches('.')])
    })
}

/// The comparisons of inputs with numbers in a condition, outside of negations.
fn bounds<'e>(expr: &'e Expr, out: &mut Vec<(&'e Path, CompareOp, &'e NumberLit)>) {
    match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| bounds(part, out)),
        ExprKind::Compare(op, a, b) => {
            if let (ExprKind::Path(of), ExprKind::Number(number)) = (&a.kind, &b.kind)
                && !matches!(op, CompareOp::Is | CompareOp::IsNot)
            {
                out.push((of, *op, number));
            }
        }
        _ => {}
    }
}
