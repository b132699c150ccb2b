//! The paths of a table as rows for people: disjoint boxes of cases, exactly one row for every case.
//!
//! Classes that lead on to the same node are one condition. Rows that the classes on their path already contradict are left
//! out; a row may still be met by no case where several arithmetic conditions contradict each other.

use std::collections::BTreeMap;

use lexport_runtime::{HEAD, LEAF, Span, Test};
use rustc_hash::FxHashMap;

use super::artifact::EmitError;
use super::text;
use crate::diagram::OwnedTable;
use crate::ir::{Domain, date_text};

/// The rows of one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// The names of the columns: inputs, then arithmetic and same-member conditions.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// By column; empty where anything goes.
    pub conditions: Vec<String>,
    pub outcome: String,
    /// Name and citation of each rule.
    pub rules: Vec<(String, String)>,
}

impl Row {
    /// The rules as `name [citation]`.
    pub fn cited(&self) -> String {
        let one = |(name, cite): &(String, String)| if cite.is_empty() { name.clone() } else { format!("{name} [{cite}]") };
        self.rules.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

struct Walk<'t> {
    table: &'t OwnedTable,
    decision: usize,
    limit: usize,
    /// By test: the classes that the path allows; empty where it does not ask.
    path: Vec<Vec<u32>>,
    column_of: Vec<usize>,
    /// By input: the least and the greatest value of a number on this path.
    hulls: Vec<(i128, i128)>,
    /// What is told of tests and their classes: rows share most of their cells.
    told: FxHashMap<Vec<(usize, Vec<u32>)>, String>,
    out: Rows,
}

/// The rows of a decision, in the order of the diagram.
pub(crate) fn rows(table: &OwnedTable, decision: usize, limit: usize) -> Result<Rows, EmitError> {
    table.as_table().check().map_err(|error| EmitError::Malformed(format!("{error:?}")))?;
    let mut columns: Vec<String> = table.inputs.iter().map(|input| input.name.clone()).collect();
    let mut column_of = Vec::new();
    for test in &table.tests {
        column_of.push(match test {
            Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => {
                *input as usize
            }
            test => {
                columns.push(tie(table, test));
                columns.len() - 1
            }
        });
    }
    let out = Rows { columns, rows: Vec::new() };
    let bounds = |input: &crate::diagram::TableInput| input.domain.bounds().unwrap_or((0, 0));
    let hulls = table.inputs.iter().map(bounds).map(|(lo, hi)| (i128::from(lo), i128::from(hi))).collect();
    let path = vec![Vec::new(); table.tests.len()];
    let mut walk = Walk { table, decision, limit, path, column_of, hulls, told: FxHashMap::default(), out };
    walk.below(table.roots[decision])?;
    let mut out = walk.out;
    // Columns that no row uses only hide the others.
    let used: Vec<bool> = (0..out.columns.len()).map(|at| out.rows.iter().any(|row| !row.conditions[at].is_empty())).collect();
    let keep = |all: &mut Vec<String>| {
        let mut at = 0;
        all.retain(|_| {
            at += 1;
            used[at - 1]
        });
    };
    keep(&mut out.columns);
    out.rows.iter_mut().for_each(|row| keep(&mut row.conditions));
    Ok(out)
}

fn slice<T>(all: &[T], span: Span) -> &[T] {
    &all[span.first as usize..(span.first + span.count) as usize]
}

/// What two rows of rising ranges have in common.
fn meet(one: &[(i64, i64)], other: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let both = one.iter().flat_map(|(a, b)| other.iter().map(|(c, d)| ((*a).max(*c), (*b).min(*d))));
    both.filter(|(lo, hi)| lo <= hi).collect()
}

/// An arithmetic or same-member test in words.
pub(crate) fn tie(table: &OwnedTable, test: &Test) -> String {
    let name = |input: u32| table.inputs[input as usize].name.as_str();
    match test {
        Test::Same { a, b } => format!("{} = {}", name(*a), name(*b)),
        Test::AtLeastZero { monomials, constant } => {
            let mut out = String::from("in steps: ");
            for (index, monomial) in slice(&table.monomials, *monomials).iter().enumerate() {
                let factors: Vec<&str> = slice(&table.factors, monomial.factors).iter().map(|input| name(*input)).collect();
                let sign = match (index, monomial.coefficient < 0) {
                    (0, false) => "",
                    (0, true) => "-",
                    (_, false) => " + ",
                    (_, true) => " - ",
                };
                out += &format!("{sign}{}·{}", monomial.coefficient.unsigned_abs(), factors.join("·"));
            }
            if *constant < 0 {
                // Σ - c ≥ 0 reads better as Σ ≥ c.
                return format!("{out} ≥ {}", constant.unsigned_abs());
            }
            if *constant > 0 { format!("{out} ≥ -{constant}") } else { format!("{out} ≥ 0") }
        }
        _ => String::new(),
    }
}

impl Walk<'_> {
    fn below(&mut self, word: u32) -> Result<(), EmitError> {
        if word & LEAF != 0 {
            return self.row((word & !HEAD) as usize);
        }
        let number = (self.table.nodes[word as usize] & !HEAD) as usize;
        let test = self.table.tests[number];
        let classes = match test {
            Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
            _ => 2,
        };
        let mut ways: Vec<(u32, Vec<u32>)> = Vec::new();
        for class in 0..classes {
            let child = self.table.nodes[word as usize + 1 + class as usize];
            match ways.iter_mut().find(|(to, _)| *to == child) {
                Some((_, all)) => all.push(class),
                None => ways.push((child, vec![class])),
            }
        }
        for (child, classes) in ways {
            if self.contradicted(&test, &classes) {
                continue;
            }
            let before = match test {
                Test::Interval { input, .. } => {
                    let (at, (lo, hi)) = (input as usize, self.hulls[input as usize]);
                    let pieces = self.pieces(&test, &classes);
                    let least = pieces.first().map_or(lo, |(first, _)| lo.max(i128::from(*first)));
                    let most = pieces.last().map_or(hi, |(_, last)| hi.min(i128::from(*last)));
                    if least > most {
                        continue;
                    }
                    self.hulls[at] = (least, most);
                    Some((at, (lo, hi)))
                }
                _ => None,
            };
            self.path[number] = classes;
            self.below(child)?;
            self.path[number].clear();
            if let Some((at, hull)) = before {
                self.hulls[at] = hull;
            }
        }
        Ok(())
    }

    fn contradicted(&self, test: &Test, classes: &[u32]) -> bool {
        let Test::AtLeastZero { monomials, constant } = test else { return false };
        let (mut least, mut most) = (Some(*constant), Some(*constant));
        for monomial in slice(&self.table.monomials, *monomials) {
            let mut range = Some((monomial.coefficient, monomial.coefficient));
            for input in slice(&self.table.factors, monomial.factors) {
                let (a, b) = self.hulls[*input as usize];
                range = range.and_then(|(lo, hi)| {
                    let corners = [lo.checked_mul(a)?, lo.checked_mul(b)?, hi.checked_mul(a)?, hi.checked_mul(b)?];
                    Some((*corners.iter().min()?, *corners.iter().max()?))
                });
            }
            least = least.zip(range).and_then(|(sum, (lo, _))| sum.checked_add(lo));
            most = most.zip(range).and_then(|(sum, (_, hi))| sum.checked_add(hi));
        }
        (classes == [0] && least.is_some_and(|least| least >= 0)) || (classes == [1] && most.is_some_and(|most| most < 0))
    }

    /// The closed ranges of classes of an interval test, neighbours joined.
    fn pieces(&self, test: &Test, classes: &[u32]) -> Vec<(i64, i64)> {
        let Test::Interval { input, thresholds, map, .. } = test else { return Vec::new() };
        let (lo, hi) = self.table.inputs[*input as usize].domain.bounds().unwrap_or((0, 0));
        let thresholds = slice(&self.table.thresholds, *thresholds);
        let mut out: Vec<(i64, i64)> = Vec::new();
        for (piece, class) in slice(&self.table.maps, *map).iter().enumerate() {
            if classes.contains(class) {
                let first = piece.checked_sub(1).map_or(lo, |before| thresholds[before]);
                let last = thresholds.get(piece).map_or(hi, |next| next - 1);
                match out.last_mut() {
                    Some(before) if before.1 + 1 == first => before.1 = last,
                    _ => out.push((first, last)),
                }
            }
        }
        out
    }

    /// What the path asks of one column, in the words of `docs/targets/csv.md`. Several tests of one input are one condition.
    fn condition(&self, tests: &[usize]) -> String {
        let test = &self.table.tests[tests[0]];
        match test {
            Test::Flag { .. } | Test::Same { .. } | Test::AtLeastZero { .. } => {
                (if self.path[tests[0]] == [1] { "yes" } else { "no" }).to_owned()
            }
            Test::Has { input, .. } => {
                let Domain::Set(id) = &self.table.inputs[*input as usize].domain else { return String::new() };
                let one = |number: &usize| {
                    let Test::Has { member, .. } = self.table.tests[*number] else { return String::new() };
                    let name = text::member_name(self.table, id.index(), member);
                    if self.path[*number] == [1] { format!("has {name}") } else { format!("without {name}") }
                };
                tests.iter().map(one).collect::<Vec<_>>().join(", ")
            }
            Test::Member { input, .. } => {
                let Domain::Enum(id) = &self.table.inputs[*input as usize].domain else { return String::new() };
                let size = self.table.enums[id.index()].members.len() as u32;
                let allowed = |member: &u32| {
                    tests.iter().all(|number| match &self.table.tests[*number] {
                        Test::Member { map, .. } => self.path[*number].contains(&slice(&self.table.maps, *map)[*member as usize]),
                        _ => true,
                    })
                };
                let inside: Vec<u32> = (0..size).filter(allowed).collect();
                let outside: Vec<u32> = (0..size).filter(|member| !inside.contains(member)).collect();
                let (word, all) = if outside.len() < inside.len() { ("not ", &outside) } else { ("", &inside) };
                let names: Vec<String> = all.iter().map(|m| text::member_name(self.table, id.index(), *m)).collect();
                format!("{word}{}", names.join(", "))
            }
            Test::Interval { input, .. } => {
                let domain = &self.table.inputs[*input as usize].domain;
                let (lo, hi) = domain.bounds().unwrap_or((0, 0));
                let show = |value: i64| match domain {
                    Domain::Number(number) => number.text(value),
                    _ => date_text(value),
                };
                let of = |number: &usize| self.pieces(&self.table.tests[*number], &self.path[*number]);
                let pieces = tests.iter().map(of).reduce(|all, more| meet(&all, &more)).unwrap_or_default();
                let pieces = pieces.into_iter().map(|(a, b)| match (a == lo, b == hi) {
                    _ if a == b => format!("= {}", show(a)),
                    (true, _) => format!("≤ {}", show(b)),
                    (_, true) => format!("≥ {}", show(a)),
                    _ => format!("{} to {}", show(a), show(b)),
                });
                pieces.collect::<Vec<_>>().join(" or ")
            }
        }
    }

    fn row(&mut self, outcome: usize) -> Result<(), EmitError> {
        if self.out.rows.len() == self.limit {
            let decision = self.table.decisions[self.decision].name.clone();
            return Err(EmitError::TooManyRows { decision, limit: self.limit });
        }
        let mut conditions = vec![String::new(); self.out.columns.len()];
        let asked = self.path.iter().enumerate().filter(|(_, classes)| !classes.is_empty());
        let mut by_column: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, _) in asked {
            by_column.entry(self.column_of[number]).or_default().push(number);
        }
        for (column, tests) in by_column {
            let key: Vec<(usize, Vec<u32>)> = tests.iter().map(|number| (*number, self.path[*number].clone())).collect();
            let known = self.told.get(&key).cloned();
            let condition = known.unwrap_or_else(|| self.condition(&tests));
            self.told.entry(key).or_insert_with(|| condition.clone());
            conditions[column] = condition;
        }
        let row = self.table.outcomes[outcome];
        let domain = &self.table.decisions[self.decision].domain;
        let rules = self.table.as_table().rules(row).iter().filter_map(|rule| self.table.rules.get(*rule as usize));
        let rules = rules.map(|rule| (rule.name.clone(), rule.cite.clone()));
        self.out.rows.push(Row {
            conditions,
            outcome: text::outcome(self.table, domain, &self.table.outcome(row.answer, domain)),
            rules: rules.collect(),
        });
        Ok(())
    }
}
