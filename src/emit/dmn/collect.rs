//! What the rules that carry a decision say of its outcome.

use lexport_runtime::Answer;

use super::part::{Adds, Column, Row, Shape};
use super::test::slice;
use crate::diagram::OwnedTable;
use crate::ir::Domain;

/// A decision that its rules tell apart.
pub(super) struct Marks {
    /// The rules, rising.
    pub rules: Vec<u32>,
    /// By rule: the value that it always comes to, in an ordered decision.
    strictness: Vec<Option<u32>>,
}

/// The rules of an outcome.
fn carriers(table: &OwnedTable, outcome: u32) -> &[u32] {
    slice(&table.carriers, table.outcomes[outcome as usize].rules)
}

/// The rules that carry some of these outcomes, rising.
pub(super) fn rules(table: &OwnedTable, outcomes: &[u32]) -> Vec<u32> {
    let mut rules: Vec<u32> = outcomes.iter().flat_map(|outcome| carriers(table, *outcome).iter().copied()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

impl Marks {
    /// Nothing if two outcomes have the same rules.
    pub fn new(table: &OwnedTable, decision: usize, outcomes: &[u32], rules: Vec<u32>) -> Option<Marks> {
        let mut all: Vec<&[u32]> = outcomes.iter().map(|outcome| carriers(table, *outcome)).collect();
        all.sort_unstable();
        if all.windows(2).any(|two| two[0] == two[1]) {
            return None;
        }
        let ordered = matches!(&table.decisions[decision].domain, Domain::Enum(id) if table.enums[id.index()].ordered);
        let strictness = rules
            .iter()
            .map(|rule| {
                let mut values = outcomes.iter().filter(|outcome| carriers(table, **outcome).contains(rule)).map(|outcome| {
                    match table.outcomes[*outcome as usize].answer {
                        Answer::Member(member) if ordered => Some(member),
                        _ => None,
                    }
                });
                let first = values.next().flatten();
                values.all(|value| value == first).then_some(first).flatten()
            })
            .collect();
        Some(Marks { rules, strictness })
    }

    /// Whether a rule (by its place) carries an outcome; nothing where a stricter value is carried, so that nobody asks.
    pub fn wanted(&self, table: &OwnedTable, outcome: u32, at: usize) -> Option<bool> {
        let carried = carriers(table, outcome);
        let stricter = match (table.outcomes[outcome as usize].answer, self.strictness[at]) {
            (Answer::Member(value), Some(own)) => !carried.is_empty() && self.all_strict(table, outcome, value) && value > own,
            _ => false,
        };
        if stricter { None } else { Some(carried.contains(&self.rules[at])) }
    }

    /// Whether the rules of an outcome all stand for its value alone.
    fn all_strict(&self, table: &OwnedTable, outcome: u32, value: u32) -> bool {
        carriers(table, outcome)
            .iter()
            .all(|rule| self.rules.binary_search(rule).is_ok_and(|at| self.strictness[at] == Some(value)))
    }

    /// A row for each outcome. Cells that no row needs to be told from the others are empty.
    pub fn rows(&self, table: &OwnedTable, outcomes: &[u32], parts: &[usize]) -> Shape {
        let mut rows: Vec<Row> = outcomes
            .iter()
            .map(|outcome| Row {
                cells: (0..parts.len())
                    .map(|at| self.wanted(table, *outcome, at).map(|carried| vec![u32::from(carried)]))
                    .collect(),
                value: *outcome,
            })
            .collect();
        rows.sort_by_key(|row| (carriers(table, row.value).len(), row.value));
        // What does not carry goes first: what remains reads as the reason.
        for carried in [0, 1] {
            for row in 0..rows.len() {
                for column in 0..parts.len() {
                    let cell = rows[row].cells[column].take();
                    let told = cell.as_ref() == Some(&vec![carried])
                        && (0..rows.len()).all(|other| other == row || apart(&rows[row], &rows[other]));
                    if !told {
                        rows[row].cells[column] = cell;
                    }
                }
            }
        }
        Shape::Rows { columns: parts.iter().map(|part| Column::Part(*part)).collect(), rows }
    }

    /// The rules listed and added up, if every outcome is the sum or the union of what its rules add.
    pub fn collected(&self, table: &OwnedTable, decision: usize, outcomes: &[u32], parts: &[usize]) -> Option<Shape> {
        // A few outcomes read better as rows.
        if outcomes.len() <= self.rules.len() + 1 || self.strictness.iter().any(Option::is_some) {
            return None;
        }
        let carrying: Vec<u32> = outcomes.iter().copied().filter(|outcome| !carriers(table, *outcome).is_empty()).collect();
        let adds: Vec<Adds> = match &table.decisions[decision].domain {
            Domain::Set(_) => {
                self.rules.iter().map(|rule| Some(Adds::Members(self.common(table, &carrying, *rule)?))).collect::<Option<_>>()?
            }
            Domain::Number(_) => self.weights(table, &carrying)?.into_iter().map(Adds::Steps).collect(),
            _ => return None,
        };
        for outcome in &carrying {
            let mine = carriers(table, *outcome);
            if mine.windows(2).any(|two| two[0] >= two[1]) {
                return None;
            }
            let mine: Vec<&Adds> =
                mine.iter().filter_map(|rule| self.rules.binary_search(rule).ok()).map(|at| &adds[at]).collect();
            let fits = match table.outcomes[*outcome as usize].answer {
                Answer::Int(steps) => {
                    let add = |sum: i128, one: &&Adds| if let Adds::Steps(steps) = one { sum + i128::from(*steps) } else { sum };
                    mine.iter().fold(0i128, add) == i128::from(steps)
                }
                answer @ Answer::Set(_) => {
                    let mut all: Vec<u32> = mine
                        .iter()
                        .flat_map(|one| if let Adds::Members(all) = one { all.as_slice() } else { &[] })
                        .copied()
                        .collect();
                    all.sort_unstable();
                    all.dedup();
                    all == members(table, answer)
                }
                _ => false,
            };
            if !fits {
                return None;
            }
        }
        let without = outcomes.iter().copied().find(|outcome| carriers(table, *outcome).is_empty());
        let rules = self.rules.iter().zip(parts).zip(adds).map(|((rule, part), adds)| (*rule, *part, adds)).collect();
        Some(Shape::Collected { rules, without })
    }

    /// The members that all sets with a rule have.
    fn common(&self, table: &OwnedTable, outcomes: &[u32], rule: u32) -> Option<Vec<u32>> {
        let mut sets = outcomes
            .iter()
            .filter(|outcome| carriers(table, **outcome).contains(&rule))
            .map(|outcome| table.outcomes[*outcome as usize].answer);
        let first = sets.next().map(|answer| members(table, answer))?;
        Some(sets.fold(first, |common, answer| {
            let set = members(table, answer);
            common.into_iter().filter(|member| set.contains(member)).collect()
        }))
    }

    /// What each rule adds, from outcomes in which all but one are known; nothing if some remain unknown.
    fn weights(&self, table: &OwnedTable, outcomes: &[u32]) -> Option<Vec<i64>> {
        let mut weights: Vec<Option<i64>> = vec![None; self.rules.len()];
        loop {
            let before = weights.iter().flatten().count();
            for outcome in outcomes {
                let Answer::Int(steps) = table.outcomes[*outcome as usize].answer else { return None };
                let places: Vec<usize> =
                    carriers(table, *outcome).iter().filter_map(|rule| self.rules.binary_search(rule).ok()).collect();
                let open: Vec<usize> = places.iter().copied().filter(|at| weights[*at].is_none()).collect();
                if let [one] = open[..] {
                    let known = places.iter().filter_map(|at| weights[*at]).try_fold(0i64, i64::checked_add)?;
                    weights[one] = Some(steps.checked_sub(known)?);
                }
            }
            let after = weights.iter().flatten().count();
            if after == weights.len() {
                return weights.into_iter().collect();
            }
            if after == before {
                return None;
            }
        }
    }
}

/// The members of a set.
pub(super) fn members(table: &OwnedTable, answer: Answer) -> Vec<u32> {
    let Answer::Set(span) = answer else { return Vec::new() };
    let words = slice(&table.words, span);
    (0..words.len() as u32 * 64).filter(|member| words[*member as usize / 64] >> (member % 64) & 1 == 1).collect()
}

/// Whether no case fits both rows.
fn apart(one: &Row, other: &Row) -> bool {
    one.cells.iter().zip(&other.cells).any(|cells| match cells {
        (Some(one), Some(other)) => one.iter().all(|class| !other.contains(class)),
        _ => false,
    })
}
