//! Processes and their steps.

use super::declaration::{clauses, listed};
use super::expression::*;
use super::layout::{Doc, word};
use crate::syntax::ast::*;

/// `process NAME "cite" keeps … state … start when … step …`
pub fn process(decl: &ProcessDecl) -> Doc {
    let mut head = vec![word("process "), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    head.extend(shows(decl.shows.as_ref()));
    let mut lines = Vec::new();
    if !decl.roles.is_empty() {
        lines.push(listed("with ", decl.roles.iter().map(name)));
    }
    if !decl.keeps.is_empty() {
        lines.push(listed("keeps ", decl.keeps.iter().map(path)));
    }
    if decl.time.is_some() {
        lines.push(word("time passes"));
    }
    lines.extend(decl.state.iter().map(|(field, kind)| Doc::All(vec![word("state "), name(field), word(" : "), ty(kind)])));
    lines.push(Doc::All(vec![word("start when "), Doc::Align(Box::new(expr(&decl.start, Chain::Flush)))]));
    lines.extend(decl.steps.iter().map(step));
    if let Some(never) = &decl.never {
        lines.push(Doc::All(vec![word("never "), Doc::Align(Box::new(expr(never, Chain::Flush)))]));
    }
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), lines)
}

/// `process NAME "cite" is PATTERN with ROLE is E, …`, and the same of `prove`
pub fn cast(what: &'static str, decl: &CastDecl) -> Doc {
    let mut head = vec![word(what), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    head.extend(shows(decl.shows.as_ref()));
    head.extend([Doc::Line(0), word("is "), name(&decl.pattern)]);
    let roles = decl.roles.iter().map(|(role, player)| Doc::All(vec![name(role), word(" is "), expr(player, Chain::Flush)]));
    let mut lines = Vec::new();
    if !decl.keeps.is_empty() {
        lines.push(listed("keeps ", decl.keeps.iter().map(path)));
    }
    lines.push(listed("with ", roles));
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), lines)
}

/// ` as PROPERTY`
pub fn shows(shows: Option<&Name>) -> Vec<Doc> {
    shows.map_or_else(Vec::new, |shows| vec![Doc::Line(0), word("as "), name(shows)])
}

fn step(decl: &StepDecl) -> Doc {
    let mut head = vec![word("step "), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    let mut lines = Vec::new();
    if let Some(when) = &decl.when {
        lines.push(Doc::All(vec![word("when "), expr(when, Chain::Hanging)]));
    }
    if !decl.then.is_empty() {
        lines.push(listed("then ", decl.then.iter().map(effect)));
    }
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), lines)
}

fn effect(effect: &Effect) -> Doc {
    match effect {
        Effect::Is(target, value) => Doc::All(vec![path(target), word(" is "), expr(value, Chain::Flush)]),
        Effect::Adds(target, value) => Doc::All(vec![path(target), word(" adds "), expr(value, Chain::Flush)]),
        Effect::Includes(target, value) => Doc::All(vec![path(target), word(" includes "), expr(value, Chain::Flush)]),
        Effect::Counts(cap) => Doc::All(vec![word("counts toward "), name(cap)]),
    }
}
