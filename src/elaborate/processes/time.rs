//! Time that passes, as a step that nobody writes: the day becomes a later one, and windows end.

use crate::ir::{InputId, Window};
use crate::model::{Cond, CondKind, NumKind, ProcessStep, Rational, Relation, node};
use crate::source::Span;
use crate::syntax::ast;

use super::super::Elaborator;
use super::super::compare::choose;
use super::{Balance, Reading, TIME, begins_within, compare, constant, equal};

impl Elaborator<'_> {
    /// The day becomes a later one; windows that have ended count from nothing.
    pub(super) fn time_passes(&mut self, reading: &Reading, decl: &ast::ProcessDecl) -> ProcessStep {
        let span = decl.time.unwrap_or(decl.name.span);
        let mut effects = Vec::new();
        let date = reading.date.unwrap_or(InputId(0));
        let later = reading.next(date).unwrap_or(date);
        let (day, then) = (node(NumKind::Input(date), span), node(NumKind::Input(later), span));
        for (now, next) in &reading.variables {
            let kept = self.same(*now, *next, span);
            let balance = reading.balances.iter().find(|balance| balance.used == *now);
            effects.push(match balance.map(|balance| (balance, self.policy.caps[balance.cap].window)) {
                _ if *now == date => node(CondKind::Compare(Relation::Less, day.clone(), then.clone()), span),
                Some((_, Window::CalendarYear)) => self.unless_ended(*next, kept, self.same_period(date, later, 1, span), span),
                Some((_, Window::CalendarQuarter)) => {
                    self.unless_ended(*next, kept, self.same_period(date, later, 4, span), span)
                }
                Some((Balance { since: Some(since), .. }, Window::Rolling(days))) => {
                    let lasts = begins_within(*since, &then, days, span);
                    let part = compare(Relation::LessOrEqual, *next, *now, span);
                    let none = equal(NumKind::Input(*next), Rational::from_integer(0), span);
                    choose(&lasts, kept, choose(&begins_within(date, &then, days, span), part, none, span), span)
                }
                _ => match reading.balances.iter().find(|balance| balance.since == Some(*now)) {
                    Some(Balance { cap, .. }) => match self.policy.caps[*cap].window {
                        Window::Rolling(days) => {
                            let lasts = begins_within(*now, &then, days, span);
                            let anew = begins_within(*next, &then, days, span);
                            let counted = compare(Relation::LessOrEqual, *next, date, span);
                            let rest = node(CondKind::And(vec![anew, counted]), span);
                            choose(&lasts, kept.clone(), choose(&begins_within(date, &then, days, span), rest, kept, span), span)
                        }
                        _ => kept,
                    },
                    None => kept,
                },
            });
        }
        ProcessStep {
            name: TIME.to_owned(),
            title: String::new(),
            cite: String::new(),
            guard: node(CondKind::Const(true), span),
            effects,
            counts: Vec::new(),
            renews: Vec::new(),
            entries: Vec::new(),
            span,
        }
    }

    fn unless_ended(&self, next: InputId, kept: Cond, lasts: Cond, span: Span) -> Cond {
        choose(&lasts, kept, equal(NumKind::Input(next), Rational::from_integer(0), span), span)
    }

    /// Two days of one calendar year, or of one of so many parts of it.
    fn same_period(&self, a: InputId, b: InputId, parts: i64, span: Span) -> Cond {
        let (lo, hi) = self.policy.inputs[a.index()].domain.bounds().unwrap_or((0, 0));
        let mut alike = Vec::new();
        for (first, last) in crate::ir::calendar_periods(lo, hi, parts) {
            let inside = |input: InputId| {
                let day = node(NumKind::Input(input), span);
                let from = node(CondKind::Compare(Relation::LessOrEqual, constant(i128::from(first), span), day.clone()), span);
                let to = node(CondKind::Compare(Relation::LessOrEqual, day, constant(i128::from(last), span)), span);
                [from, to]
            };
            alike.push(node(CondKind::And(inside(a).into_iter().chain(inside(b)).collect()), span));
        }
        node(CondKind::Or(alike), span)
    }
}
