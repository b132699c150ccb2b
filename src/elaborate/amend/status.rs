//! Timelines as acts see them: when one begins, what goes on when words move, and from when a definition says something else.

use crate::ir::date_day;
use crate::source::Span;
use crate::syntax::ast::{self, Expr, ExprKind, ItemKind, StatusItem, StatusKind};

/// The first day on which a timeline is in force by the letter.
pub(in crate::elaborate) fn begins(status: &[StatusItem]) -> Option<i64> {
    let day = |kind| status.iter().find(|line| line.kind == kind).and_then(|line| date_day(&line.from.node));
    day(StatusKind::Effective).or_else(|| day(StatusKind::Codified))
}

/// The first day that a timeline knows of: what was announced before a day is part of the law as of that day.
pub(in crate::elaborate) fn known_from(status: &[StatusItem]) -> Option<i64> {
    let days = status.iter().filter(|line| matches!(line.kind, StatusKind::Effective | StatusKind::Codified));
    days.filter_map(|line| date_day(&line.from.node)).min()
}

/// The day of an act: acts are carried out in the order of their days.
pub(super) fn day_of_act(kind: &ItemKind, of_file: &[StatusItem]) -> i64 {
    let line = match kind {
        ItemKind::Stay(decl) => date_day(&decl.line.from.node),
        ItemKind::Reinstate(decl) => date_day(&decl.from.node),
        kind => begins(act_status(kind).filter(|own| !own.is_empty()).unwrap_or(of_file)),
    };
    line.unwrap_or(i64::MIN)
}

/// The timeline of words that moved: that of the move, with what still holds of their own.
pub(super) fn carried_over(of_move: &[StatusItem], own: Vec<StatusItem>) -> Vec<StatusItem> {
    let has = |kind| of_move.iter().any(|line| line.kind == kind);
    let start = begins(of_move);
    let mut timeline = of_move.to_vec();
    for line in own {
        let later = date_day(&line.from.node) > start;
        let keeps = match line.kind {
            StatusKind::Codified | StatusKind::Effective => false,
            // What need not be complied with yet need not be because it moved.
            StatusKind::Compliance => !has(StatusKind::Compliance) && later,
            _ => true,
        };
        if keeps {
            timeline.push(line);
        }
    }
    timeline
}

pub(super) fn act_status(kind: &ItemKind) -> Option<&[StatusItem]> {
    match kind {
        ItemKind::Repeal(decl) => Some(&decl.status),
        ItemKind::Move(decl) => Some(&decl.status),
        ItemKind::Rule(decl) => Some(&decl.status),
        ItemKind::Replace(decl) => act_status(&decl.with),
        _ => None,
    }
}

pub(super) fn rule_status(kind: &ItemKind, of_file: &[StatusItem]) -> Option<Vec<StatusItem>> {
    let ItemKind::Rule(rule) = kind else { return None };
    Some(if rule.status.is_empty() { of_file.to_vec() } else { rule.status.clone() })
}

pub(super) fn starts(kind: StatusKind) -> bool {
    matches!(kind, StatusKind::Codified | StatusKind::Effective | StatusKind::Compliance)
}

pub(super) fn pauses(kind: StatusKind) -> bool {
    matches!(kind, StatusKind::Suspended | StatusKind::NotEnforced | StatusKind::Enjoined)
}

/// The days from which the text of an amendment counts, in each reading.
pub(super) struct Since {
    letter: String,
    enforced: String,
    span: Span,
    /// Of the regime: a parameter of the definition may be called `date`.
    prefix: String,
}

pub(super) fn since(status: &[StatusItem], span: Span, prefix: String, reading: bool) -> Option<Since> {
    let day = |kind| status.iter().find(|line| line.kind == kind).map(|line| line.from.node.clone());
    let letter = day(StatusKind::Effective).or_else(|| day(StatusKind::Codified))?;
    let enforced = day(StatusKind::Compliance).filter(|_| reading).unwrap_or_else(|| letter.clone());
    Some(Since { letter, enforced, span, prefix })
}

impl Since {
    /// The new words from the day on, the old ones before it.
    pub(super) fn choose(&self, new: Expr, old: Expr) -> Expr {
        let span = self.span;
        let expr = |kind| Expr { kind, span };
        let name = |regime: Option<&str>, name: &str| {
            let parts = vec![ast::Name::new(name.to_owned(), span)];
            let regime = regime.map(|prefix| ast::Name::new(prefix.to_owned(), span));
            expr(ExprKind::Path(ast::Path { regime, parts, span }))
        };
        let own = Some(self.prefix.as_str());
        let compare = |op, a, b| expr(ExprKind::Compare(op, Box::new(a), Box::new(b)));
        let from = |day: &str| compare(ast::CompareOp::GreaterOrEqual, name(own, "date"), expr(ExprKind::Date(day.to_owned())));
        let since = if self.letter == self.enforced {
            from(&self.letter)
        } else {
            let enforced = compare(ast::CompareOp::Is, name(own, "reading"), name(None, "enforced"));
            expr(ExprKind::If(Box::new(enforced), Box::new(from(&self.enforced)), Box::new(from(&self.letter))))
        };
        expr(ExprKind::If(Box::new(since), Box::new(new), Box::new(old)))
    }
}
