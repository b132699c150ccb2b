//! Status clauses to the days on which a provision is in force, in each reading.

use crate::diagnostic::Code;
use crate::ir::{Ranges, date_day};
use crate::model::{ALWAYS, InForce, Timeline};
use crate::syntax::ast::{self, StatusKind};

use super::Elaborator;

impl Elaborator<'_> {
    /// The day of a date literal.
    pub(super) fn day(&mut self, text: &ast::Text) -> Option<i64> {
        if let Some(day) = date_day(&text.node) {
            return Some(day);
        }
        self.error(Code::BadDate, format!("`{}` is not a day of the calendar", text.node), text.span, "no such day")
            .help("days are written year-month-day, as 2025-01-13");
        None
    }

    /// The timeline of status clauses; `None` after an error.
    pub(super) fn timeline(&mut self, what: &str, items: &[ast::StatusItem]) -> Option<Timeline> {
        if items.is_empty() {
            return Some(Timeline { letter: InForce::Always, enforced: InForce::Always, edges: Vec::new() });
        }
        let mut first = std::collections::BTreeMap::new();
        let (mut off, mut edges) = (Ranges::empty(), Vec::new());
        let mut last = ALWAYS.1;
        let mut failed = false;
        for item in items {
            let (Some(from), Ok(until)) = (self.day(&item.from), item.until.as_ref().map(|d| self.day(d).ok_or(())).transpose())
            else {
                failed = true;
                continue;
            };
            if let (Some(until), Some(text)) = (until, &item.until)
                && until < from
            {
                self.error(Code::BadPeriod, "a period that ends before it begins", text.span, "the end")
                    .also(item.from.span, "the beginning");
                failed = true;
                continue;
            }
            let says = match item.kind {
                StatusKind::Codified => "is codified",
                StatusKind::Effective => "takes effect",
                StatusKind::Compliance => "must be complied with",
                StatusKind::Suspended => "is suspended",
                StatusKind::NotEnforced => "is no longer enforced",
                StatusKind::Repealed => "is repealed",
                StatusKind::Until => "has ended",
            };
            let begins = if item.kind == StatusKind::Until { from + 1 } else { from };
            edges.push((begins, format!("{what} {says}"), item.span));
            match item.kind {
                StatusKind::Suspended | StatusKind::NotEnforced => {
                    off = off.union(&Ranges::closed(from, until.unwrap_or(ALWAYS.1)));
                    if let Some(until) = until {
                        edges.push((until + 1, format!("{what} is enforced again"), item.span));
                    }
                }
                StatusKind::Repealed => last = last.min(from - 1),
                StatusKind::Until => last = last.min(from),
                kind => {
                    if let Some((_, span)) = first.insert(kind, (from, item.span)) {
                        self.error(Code::RepeatedAssignment, "a date that is given twice", item.span, "again here")
                            .also(span, "first here");
                        failed = true;
                    }
                }
            }
        }
        if failed {
            return None;
        }
        let start = |kinds: &[StatusKind]| kinds.iter().find_map(|kind| first.get(kind)).map(|(day, _)| *day);
        let letter_from = start(&[StatusKind::Effective, StatusKind::Codified]).unwrap_or(ALWAYS.0);
        let enforced_from = start(&[StatusKind::Compliance]).unwrap_or(letter_from);
        if enforced_from < letter_from {
            let span = |kind| first.get(&kind).map_or(crate::source::Span::NOWHERE, |(_, span)| *span);
            let letter = if first.contains_key(&StatusKind::Effective) { StatusKind::Effective } else { StatusKind::Codified };
            let title = format!("{what} must be complied with before it is in force");
            self.error(Code::BadPeriod, title, span(StatusKind::Compliance), "compliance is due from this day")
                .also(span(letter), "and it begins only here")
                .help("did the two dates change places?");
            return None;
        }
        if letter_from > last || enforced_from > last {
            let span = items.last().map_or(crate::source::Span::NOWHERE, |item| item.span);
            self.error(Code::BadPeriod, format!("{what} ends before it begins"), span, "this is the end");
            return None;
        }
        let letter = Ranges::closed(letter_from, last);
        let enforced = Ranges::closed(enforced_from, last).intersection(&off.complement_in(ALWAYS.0, ALWAYS.1));
        Some(Timeline { letter: InForce::On(letter), enforced: InForce::On(enforced), edges })
    }
}
