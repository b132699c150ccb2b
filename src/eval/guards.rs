//! A decision as guarded values over unknown inputs, in a form that depends only on what can still happen.

use crate::ir::{Combine, DecisionId, Outcome, TermId, Value};

use super::decide::fallback;
use super::residual::{Residual, added, by_precedence};

/// What a decision may still come to. Two states with the same future are, as far as their terms tell, the same state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Guards {
    /// The first value whose guard holds, else the outcome at the end.
    First(Vec<(Value, TermId)>, Outcome),
    /// The only value whose guard holds; a conflict if there are more; else the outcome at the end.
    One(Vec<(Value, TermId)>, Outcome),
    /// All values whose guards hold, added to what is certain; without any, the outcome at the end.
    Add(Option<Value>, Vec<(Value, TermId)>, Outcome),
}

/// Beyond so many open guards the sums and unions are not enumerated in advance.
const OPEN: usize = 6;

impl Guards {
    /// The state of a decision.
    pub(super) fn of(residual: &mut Residual<'_>, id: DecisionId) -> Self {
        let decision = residual.program.decision(id);
        let otherwise = fallback(residual.program, decision).map_or(Outcome::Gap, Outcome::Value);
        let rows: Vec<(Value, TermId)> = residual.rules(id, None).into_iter().map(|(_, value, when)| (value, when)).collect();
        let guards = match decision.combine {
            Combine::Strictest | Combine::LeastStrict | Combine::First => {
                Guards::First(by_precedence(&decision.combine, rows.into_iter()), otherwise)
            }
            Combine::ExactlyOne => Guards::One(by_precedence(&Combine::Strictest, rows.into_iter()), otherwise),
            Combine::Sum => Guards::Add(None, rows, otherwise),
            Combine::All => Guards::Add(None, by_precedence(&Combine::Strictest, rows.into_iter()), otherwise),
        };
        guards.normal(residual)
    }

    /// The same state in its normal form: guards that cannot hold are gone, values that cannot win too.
    pub(super) fn normal(self, residual: &mut Residual<'_>) -> Self {
        let always = residual.build().constant(true);
        let never = residual.build().constant(false);
        let joined = |residual: &mut Residual<'_>, rows: Vec<(Value, TermId)>| {
            let mut out: Vec<(Value, TermId)> = Vec::with_capacity(rows.len());
            for (value, when) in rows.into_iter().filter(|(_, when)| *when != never) {
                match out.last_mut() {
                    Some((last, any)) if *last == value => *any = residual.build().or([*any, when]),
                    _ => out.push((value, when)),
                }
            }
            out
        };
        match self {
            Guards::First(rows, otherwise) => {
                let mut rows = joined(residual, rows);
                match rows.iter().position(|(_, when)| *when == always) {
                    Some(at) => {
                        let (value, _) = rows[at].clone();
                        rows.truncate(at);
                        // Whatever ends in the same value anyway need not be asked.
                        while rows.last().is_some_and(|(last, _)| *last == value) {
                            rows.pop();
                        }
                        Guards::First(rows, Outcome::Value(value))
                    }
                    None => {
                        while rows.last().is_some_and(|(last, _)| Outcome::Value(last.clone()) == otherwise) {
                            rows.pop();
                        }
                        Guards::First(rows, otherwise)
                    }
                }
            }
            Guards::One(rows, otherwise) => {
                let rows = joined(residual, rows);
                if rows.iter().filter(|(_, when)| *when == always).count() > 1 {
                    return Guards::First(Vec::new(), Outcome::Conflict(Vec::new()));
                }
                Guards::One(rows, otherwise)
            }
            Guards::Add(mut certain, rows, otherwise) => {
                // A sum counts every rule; a union counts each set once.
                let is_set = rows.iter().any(|(value, _)| matches!(value, Value::Set(_)));
                let rows = if is_set { joined(residual, rows) } else { rows };
                let mut open = Vec::new();
                for (value, when) in rows {
                    if when == always {
                        certain = Some(added(certain.as_ref(), &value));
                    } else if when != never {
                        open.push((value, when));
                    }
                }
                if let Some(Value::Set(all)) = &certain {
                    open.retain(|(value, _)| !matches!(value, Value::Set(set) if set.is_subset(all)));
                }
                if !is_set && certain.is_some() {
                    open.retain(|(value, _)| *value != Value::Int(0));
                }
                Guards::Add(certain, open, otherwise)
            }
        }
    }

    /// The guards.
    pub(super) fn terms(&self) -> impl Iterator<Item = TermId> + '_ {
        let (Guards::First(rows, _) | Guards::One(rows, _) | Guards::Add(_, rows, _)) = self;
        rows.iter().map(|(_, when)| *when)
    }

    /// The state after each guard was replaced.
    pub(super) fn map(&self, residual: &mut Residual<'_>, mut to: impl FnMut(TermId) -> TermId) -> Self {
        let mut rows = |rows: &[(Value, TermId)]| rows.iter().map(|(value, when)| (value.clone(), to(*when))).collect();
        let mapped = match self {
            Guards::First(all, otherwise) => Guards::First(rows(all), otherwise.clone()),
            Guards::One(all, otherwise) => Guards::One(rows(all), otherwise.clone()),
            Guards::Add(certain, all, otherwise) => Guards::Add(certain.clone(), rows(all), otherwise.clone()),
        };
        mapped.normal(residual)
    }

    /// Every outcome that the form of the state leaves open, whatever its guards say; `None` if they are too many to list.
    pub(super) fn conceivable(&self, always: TermId) -> Option<Vec<Outcome>> {
        let value = |value: &Value| Outcome::Value(value.clone());
        match self {
            Guards::First(rows, otherwise) => Some(rows.iter().map(|(v, _)| value(v)).chain([otherwise.clone()]).collect()),
            Guards::One(rows, otherwise) => {
                let certain = rows.iter().find(|(_, when)| *when == always);
                let mut out: Vec<Outcome> = match certain {
                    Some((only, _)) => vec![value(only)],
                    None => rows.iter().map(|(v, _)| value(v)).chain([otherwise.clone()]).collect(),
                };
                if rows.len() > 1 {
                    out.push(Outcome::Conflict(Vec::new()));
                }
                Some(out)
            }
            Guards::Add(certain, rows, otherwise) => {
                if rows.len() > OPEN {
                    return None;
                }
                let mut sums = vec![certain.clone()];
                for (v, _) in rows {
                    let more: Vec<_> = sums.iter().map(|sum| Some(added(sum.as_ref(), v))).collect();
                    sums.extend(more);
                }
                Some(sums.into_iter().map(|sum| sum.map_or_else(|| otherwise.clone(), Outcome::Value)).collect())
            }
        }
    }
}
