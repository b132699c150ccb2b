//! Amendments, the acts in them, caps and authorities.

use super::declaration::{clauses, fields, listed, mark, names, of_kind, status, status_line};
use super::expression::*;
use super::layout::{Doc, word};
use crate::syntax::ast::*;

/// `amendment NAME "cite" "title" status …`
pub fn amendment(decl: &AmendmentDecl) -> Doc {
    let mut head = vec![word("amendment "), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    clauses(Doc::Nest(2, Box::new(Doc::Fill(head))), status(&decl.status))
}

/// `repeal a, b "cite" status …`
pub fn repeal(decl: &RepealDecl) -> Doc {
    let mut head = vec![names("repeal ", &decl.rules)];
    if let Some(cite) = &decl.cite {
        head.extend([word(" "), text(cite)]);
    }
    clauses(Doc::All(head), status(&decl.status))
}

/// `replace …`
pub fn replace(decl: &ReplaceDecl) -> Doc {
    Doc::All(vec![word("replace "), of_kind(&decl.with)])
}

/// `move a to "cite" status …`
pub fn moved(decl: &MoveDecl) -> Doc {
    let head = vec![word("move "), name(&decl.rule), word(" to "), text(&decl.to)];
    clauses(Doc::All(head), status(&decl.status))
}

/// `stay a from D until D by "…"`
pub fn stay(decl: &StayDecl) -> Doc {
    clauses(names("stay ", &decl.rules), vec![status_line("from ", &decl.line)])
}

/// `reinstate a from D by "…"`
pub fn reinstate(decl: &ReinstateDecl) -> Doc {
    let mut line = vec![word("from "), day(&decl.from)];
    if let Some(by) = &decl.by {
        line.extend([word(" by "), text(by)]);
    }
    clauses(names("reinstate ", &decl.rules), vec![Doc::All(line)])
}

/// `extend enum NAME { … }` and its kin.
pub fn extend(decl: &ExtendDecl) -> Doc {
    let members = |lead: &'static str, members: &[MemberDecl]| {
        Doc::All(vec![word(lead), name(&decl.name), word(" "), members_in_braces(false, members)])
    };
    match &decl.by {
        Extension::Enum(list) => members("extend enum ", list),
        Extension::Decision(list) => members("extend decision ", list),
        Extension::Record(list) => fields(Doc::All(vec![word("extend record "), name(&decl.name)]), list),
    }
}

/// `cap NAME "cite" counts … per … at most …`
pub fn cap(decl: &CapDecl) -> Doc {
    let mut head = vec![word("cap "), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    if let Some(sure) = &decl.mark {
        head.extend([Doc::Line(0), mark(sure)]);
    }
    let counts = if decl.stock { "installed base counts " } else { "counts " };
    let mut lines = vec![Doc::All(vec![word(counts), expr(&decl.counts, Chain::Flush)])];
    if let Some(when) = &decl.when {
        lines.push(Doc::All(vec![word("when "), expr(when, Chain::Hanging)]));
    }
    if !decl.keys.is_empty() {
        lines.push(listed("per ", decl.keys.iter().map(path)));
    }
    if !decl.reporters.is_empty() {
        lines.push(listed("reported by ", decl.reporters.iter().map(path)));
    }
    match &decl.window.node {
        Window::CalendarYear => lines.push(word("per calendar year")),
        Window::CalendarQuarter => lines.push(word("per calendar quarter")),
        Window::Rolling(days) => lines.push(Doc::All(vec![word("in any "), number(days)])),
        Window::Between(a, b) => lines.push(Doc::All(vec![word("from "), day(a), word(" to "), day(b)])),
        Window::Lifetime => {}
    }
    lines.push(limits(&decl.limits));
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), lines)
}

fn limits(limits: &[Limit]) -> Doc {
    let limits = limits.iter().map(|limit| {
        let mut words = vec![expr(&limit.most, Chain::Flush)];
        if let Some(from) = &limit.from {
            words.extend([word(" from "), day(from)]);
        }
        Doc::All(words)
    });
    listed("at most ", limits)
}

/// `authority NAME "cite" "title" at most RATE for N days status …`
pub fn authority(decl: &AuthorityDecl) -> Doc {
    let mut head = vec![word("authority "), name(&decl.name)];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    let mut lines = Vec::new();
    if !decl.limits.is_empty() {
        lines.push(limits(&decl.limits));
    }
    if let Some(days) = &decl.days {
        lines.push(Doc::All(vec![word("for "), number(days)]));
    }
    lines.extend(status(&decl.status));
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), lines)
}
