//! Links, what is carried along them, and the limbs of product rules.

use super::declaration::{clauses, listed};
use super::expression::*;
use super::layout::{Doc, word};
use crate::syntax::ast::*;

/// `link NAME "cite" (FIELD : TYPE) keeps …`
pub fn link(decl: &LinkDecl) -> Doc {
    let mut head = vec![word("link "), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    if !decl.fields.is_empty() {
        let fields = decl.fields.iter().map(|(field, kind)| Doc::All(vec![name(field), word(" : "), ty(kind)]));
        head.extend([Doc::Line(0), word("("), commas(fields), word(")")]);
    }
    let keeps = if decl.keeps.is_empty() { Vec::new() } else { vec![listed("keeps ", decl.keeps.iter().map(path))] };
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), keeps)
}

/// `along LINK when … then …`
pub fn along(decl: &AlongDecl) -> Doc {
    let mut lines = Vec::new();
    if let Some(when) = &decl.when {
        lines.push(Doc::All(vec![word("when "), expr(when, Chain::Hanging)]));
    }
    let carried = decl.then.iter().map(|one| {
        let target = path(&one.target);
        match &one.what {
            Carries::Includes(source) => Doc::All(vec![target, word(" includes "), path(source)]),
            Carries::Adds(source) => Doc::All(vec![target, word(" adds "), path(source)]),
            Carries::Holds => Doc::All(vec![target, word(" is true")]),
        }
    });
    lines.push(listed("then ", carried));
    clauses(Doc::All(vec![word("along "), name(&decl.link)]), lines)
}

/// One limb of a product rule.
pub fn limb(limb: &Limb) -> Doc {
    let lead = match limb.kind {
        LimbKind::Scope => "scope ",
        LimbKind::Technology => "by technology ",
        LimbKind::Plant => "by plant ",
        LimbKind::Contents => "by contents ",
        LimbKind::Reach => "reach ",
        LimbKind::Knowledge => "knowing ",
    };
    Doc::All(vec![word(lead), Doc::Align(Box::new(expr(&limb.body, Chain::Flush)))])
}
