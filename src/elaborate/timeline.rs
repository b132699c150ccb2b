//! Status clauses to the days on which a provision is in force, in each reading.

use crate::diagnostic::Code;
use crate::ir::{Ranges, date_day};
use crate::model::{ALWAYS, InForce, Timeline};
use crate::syntax::ast::{self, StatusKind};

use super::Elaborator;
use super::amend::Ended;
use super::operand::Env;

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

    /// The timeline of status clauses, less what acts have ended; `None` after an error.
    pub(super) fn timeline(&mut self, regime: usize, what: &str, items: &[ast::StatusItem], ended: &[Ended]) -> Option<Timeline> {
        let mut timeline = self.own_timeline(regime, what, items)?;
        timeline.without_end = (!ended.is_empty()).then(|| (timeline.letter.clone(), timeline.enforced.clone()));
        for end in ended {
            let act = self.own_timeline(regime, what, &end.status)?;
            if !act.lifted.is_empty() || !act.sunset.is_empty() {
                self.error(
                    Code::BadAmendment,
                    "an end that holds for some cases only",
                    end.span,
                    "its status has a `where` or a `sunset`",
                )
                .help("put the cases into the `when` of the rule that takes its place");
                return None;
            }
            let days = |in_force: &InForce| match in_force {
                InForce::Always => Ranges::closed(ALWAYS.0, ALWAYS.1),
                InForce::On(days) => days.clone(),
            };
            let by = end.by.as_ref().map_or(String::new(), |by| format!(" by {}", by.node));
            let mut changes = std::collections::BTreeSet::new();
            for (own, off) in [(&mut timeline.letter, days(&act.letter)), (&mut timeline.enforced, days(&act.enforced))] {
                for (lo, hi) in off.pairs() {
                    changes.insert((*lo, format!("{what} {}{by}", end.how)));
                    if *hi < ALWAYS.1 {
                        changes.insert((*hi + 1, format!("{what} is in force again: what ended it is not")));
                    }
                }
                *own = InForce::On(days(own).intersection(&off.complement_in(ALWAYS.0, ALWAYS.1)));
            }
            timeline.edges.extend(changes.into_iter().map(|(day, what)| (day, what, end.span)));
        }
        Some(timeline)
    }

    fn own_timeline(&mut self, regime: usize, what: &str, items: &[ast::StatusItem]) -> Option<Timeline> {
        let always = || InForce::Always;
        let (mut lifted, mut sunset) = (Vec::new(), Vec::new());
        if items.is_empty() {
            let (letter, enforced) = (always(), always());
            return Some(Timeline { letter, enforced, lifted, sunset, edges: Vec::new(), without_end: None });
        }
        let mut first = std::collections::BTreeMap::new();
        let (mut off, mut edges) = (Ranges::empty(), Vec::new());
        let mut last = ALWAYS.1;
        let mut failed = false;
        for item in items {
            if item.kind == StatusKind::Sunset {
                match item.scope.as_ref().and_then(|event| self.condition(&Env::of(regime), event)) {
                    Some(event) => sunset.push(event),
                    None => failed = true,
                }
                continue;
            }
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
                StatusKind::Enjoined => "is enjoined",
                StatusKind::Repealed => "is repealed",
                StatusKind::Until | StatusKind::Sunset => "has ended",
            };
            let begins = if item.kind == StatusKind::Until { from + 1 } else { from };
            edges.push((begins, format!("{what} {says}"), item.span));
            match item.kind {
                StatusKind::Suspended | StatusKind::NotEnforced | StatusKind::Enjoined => {
                    let days = Ranges::closed(from, until.unwrap_or(ALWAYS.1));
                    match &item.scope {
                        None => off = off.union(&days),
                        Some(scope) => match self.condition(&Env::of(regime), scope) {
                            Some(scope) => lifted.push((days, scope)),
                            None => failed = true,
                        },
                    }
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
        // An event alone says nothing of days.
        let days = |ranges: Ranges| if edges.is_empty() { InForce::Always } else { InForce::On(ranges) };
        let (letter, enforced) = (days(letter), days(enforced));
        Some(Timeline { letter, enforced, lifted, sunset, edges, without_end: None })
    }
}
