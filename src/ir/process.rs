//! Processes: a state, steps that relate it to the next, and what must never be. After the usual picture of a transition system
//! (Manna and Pnueli, "The Temporal Logic of Reactive and Concurrent Systems", 1992, chapter 1).
//!
//! A process stands in a world of its own: the program with further inputs for what is remembered (now, and next). A case of that
//! world is a state, a transaction of the regime in it, and the state after it; so a step is a term like any other, its guard asks
//! the regime's own decisions, and every reading of terms reads processes.

use serde::{Deserialize, Serialize};

use super::{InputId, OriginId, Program, Standard, TermId, Window};

/// What an adversary may do, one permitted step after another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// The provision; may be empty.
    pub cite: String,
    /// The program with the state as further inputs. It has no properties, scenarios or processes of its own.
    pub world: Program,
    /// Inputs that are the same in every step.
    pub rigid: Vec<InputId>,
    /// What is remembered.
    pub variables: Vec<Variable>,
    /// The variables that are balances of caps.
    pub balances: Vec<Balance>,
    /// Where it begins: about variables, now, and what is the same in every step.
    pub start: TermId,
    /// The steps. Inputs that are neither remembered nor the same are chosen anew in each.
    pub steps: Vec<ProcessStep>,
    /// What must never be.
    pub goals: Vec<Goal>,
    /// Where.
    pub origin: OriginId,
}

/// Something remembered from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its value before a step: an input of the world, or of the program (a balance, a day that passes).
    pub now: InputId,
    /// Its value after it.
    pub next: InputId,
}

/// A variable that is the balance of a cap: of everybody, or of one member of an enumeration by which it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Its value before a step.
    pub used: InputId,
    /// Over what time it counts.
    pub window: Window,
    /// Of a rolling window in a process in which time passes: the input that stands for what a step adds. No relation names it.
    pub added: Option<InputId>,
}

/// What a step adds to a rolling balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The input that stands for it.
    pub added: InputId,
    /// That it is as much.
    pub is: TermId,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessStep {
    /// Its name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// The provision; may be empty.
    pub cite: String,
    /// When it can be taken.
    pub guard: TermId,
    /// The balances to which it adds.
    pub counts: Vec<InputId>,
    /// The balances that begin anew with it, because they are another's.
    pub renews: Vec<InputId>,
    /// What it adds to rolling balances.
    pub entries: Vec<Entry>,
    /// The guard, and what holds between the state before and after it, of every variable.
    pub relation: TermId,
    /// Where.
    pub origin: OriginId,
}

/// What must never be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The name of the claim that it never is.
    pub name: String,
    /// Why; may be empty.
    pub cite: String,
    /// Which of the twelve it shows, if any.
    pub shows: Option<Standard>,
    /// What must never be: about a state, and any case that goes with it.
    pub bad: TermId,
    /// Where.
    pub origin: OriginId,
}

impl Process {
    /// Whether an input is a variable before a step.
    pub fn is_now(&self, input: InputId) -> bool {
        self.variables.iter().any(|variable| variable.now == input)
    }

    /// Whether an input is a variable after a step.
    pub fn is_next(&self, input: InputId) -> bool {
        self.variables.iter().any(|variable| variable.next == input)
    }

    /// Whether an input is chosen anew in each step.
    pub fn is_chosen(&self, input: InputId) -> bool {
        !self.rigid.contains(&input) && !self.is_now(input) && !self.is_next(input)
    }
}

impl Process {
    /// The process as a solver sees it: without titles, citations, places, and what else only people read.
    #[must_use]
    pub fn without_words(&self) -> Process {
        let nowhere = OriginId::NOWHERE;
        let mut out = self.clone();
        for text in [&mut out.title, &mut out.cite] {
            text.clear();
        }
        out.origin = nowhere;
        for step in &mut out.steps {
            (step.title, step.cite, step.origin) = (String::new(), String::new(), nowhere);
        }
        for goal in &mut out.goals {
            (goal.cite, goal.shows, goal.origin) = (String::new(), None, nowhere);
        }
        let world = &mut out.world;
        world.origins.clear();
        world.properties.clear();
        world.scenarios.clear();
        world.acceptances.clear();
        world.processes.clear();
        world.date_edges.clear();
        world.words.clear();
        world.titles.clear();
        world.regimes.iter_mut().for_each(|one| (one.title, one.cite, one.origin) = (String::new(), String::new(), nowhere));
        world.inputs.iter_mut().for_each(|one| one.origin = nowhere);
        world.decisions.iter_mut().for_each(|one| (one.title, one.origin) = (String::new(), nowhere));
        for rule in &mut world.rules {
            (rule.title, rule.cite, rule.mark, rule.origin) = (String::new(), String::new(), String::new(), nowhere);
            rule.alternatives.iter_mut().for_each(|side| side.origin = nowhere);
        }
        out
    }
}

/// The calendar years (one part) or quarters (four) that touch some days, as first and last day.
pub fn calendar_periods(lo: i64, hi: i64, parts: i64) -> Vec<(i64, i64)> {
    let Ok(epoch) = jiff::civil::Date::new(1970, 1, 1) else { return Vec::new() };
    let date = |day: i64| epoch.checked_add(jiff::Span::new().try_days(i32::try_from(day).ok()?).ok()?).ok();
    let day = |date: jiff::civil::Date| Some(i64::from(epoch.until(date).ok()?.get_days()));
    let (Some(first), Some(last)) = (date(lo), date(hi)) else { return vec![(lo, hi)] };
    let months = 12 / parts;
    let mut periods = Vec::new();
    for year in first.year()..=last.year() {
        for part in 0..parts {
            let from = jiff::civil::Date::new(year, (part * months + 1) as i8, 1).ok();
            let until = from.and_then(|from| from.checked_add(jiff::Span::new().try_months(months).ok()?).ok());
            let (Some(from), Some(until)) = (from.and_then(day), until.and_then(day)) else { continue };
            if from <= hi && until > lo {
                periods.push((from.max(lo), (until - 1).min(hi)));
            }
        }
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{date_day, date_text};

    #[test]
    fn periods_of_the_calendar() {
        let (lo, hi) = (date_day("2024-11-15").unwrap(), date_day("2026-02-03").unwrap());
        let text = |parts| -> Vec<String> {
            calendar_periods(lo, hi, parts).into_iter().map(|(a, b)| format!("{} {}", date_text(a), date_text(b))).collect()
        };
        assert_eq!(text(1), ["2024-11-15 2024-12-31", "2025-01-01 2025-12-31", "2026-01-01 2026-02-03"]);
        assert_eq!(text(4)[1..3], ["2025-01-01 2025-03-31", "2025-04-01 2025-06-30"]);
        assert_eq!(text(4).len(), 6);
    }
}
