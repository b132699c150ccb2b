//! A table whose columns have types: every value is a whole number of its column.

use crate::analysis::boxes::Spans;
use crate::ir::Decimal;

use super::grid::Policy;

/// A decision table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What the file calls it.
    pub title: String,
    /// The name of its regime.
    pub name: String,
    /// The file.
    pub path: String,
    /// How rows combine.
    pub policy: Policy,
    /// What it asks for.
    pub inputs: Vec<Input>,
    /// What it concludes.
    pub outputs: Vec<Output>,
    /// The rows, in the order of the file.
    pub rows: Vec<Row>,
    /// Columns that no row asks anything of.
    pub unused: Vec<String>,
}

/// A column that is asked for.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name in the regime.
    pub name: String,
    /// What the file calls it.
    pub title: String,
    /// Its values.
    pub values: Values,
    /// Whether the least and the greatest value are assumed: one beyond what the rows name.
    pub assumed: (bool, bool),
    /// Of numbers of which any may lie between two: how many steps there are from one that can be written to the next.
    pub between: i64,
}

/// A column that is concluded.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name of its decision.
    pub name: String,
    /// What the file calls it.
    pub title: String,
    /// Its values.
    pub values: Values,
    /// Its value where no row applies.
    pub default: Option<Said>,
    /// Under PRIORITY its values, the highest first: as the file lists them, then what it does not list in the order of the rows.
    pub order: Vec<i64>,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// 0 is no, 1 is yes.
    Flag,
    /// Members by number.
    Members {
        /// Their names and labels.
        members: Vec<Member>,
        /// Whether later is stricter.
        ordered: bool,
    },
    /// Sets of members.
    Set {
        /// Their names and labels.
        members: Vec<Member>,
    },
    /// Steps.
    Number {
        /// Empty for plain numbers.
        unit: String,
        /// The size of a step.
        step: Decimal,
        /// The least.
        lo: i64,
        /// The greatest.
        hi: i64,
    },
    /// Days since 1970-01-01.
    Days {
        /// The first.
        lo: i64,
        /// The last.
        hi: i64,
    },
}

/// A member of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in the regime.
    pub name: String,
    /// What the file calls it, if that is something else.
    pub label: String,
}

impl Values {
    /// Least and greatest number that stands for a value; of a set those of each of its members.
    pub fn bounds(&self) -> (i64, i64) {
        match self {
            Values::Flag | Values::Set { .. } => (0, 1),
            Values::Members { members, .. } => (0, members.len() as i64 - 1),
            Values::Number { lo, hi, .. } | Values::Days { lo, hi } => (*lo, *hi),
        }
    }
}

/// What a row asks of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Nothing.
    Any,
    /// One of these values.
    Among(Spans),
    /// Members that a set must have, or must not have.
    Has(Vec<(u32, bool)>),
}

/// What a row concludes of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// A value.
    One(i64),
    /// A set.
    Set(Vec<u32>),
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number in the user's own file.
    pub number: usize,
    /// By input.
    pub tests: Vec<Test>,
    /// By output; several contradict each other.
    pub said: Vec<Vec<Said>>,
    /// The provision.
    pub cite: String,
    /// What else is written beside it.
    pub title: String,
    /// Columns of which it asks for a value that there is not, each with the words of its cell.
    pub nothing: Vec<(String, String)>,
}

impl Test {
    /// Whether some value meets it.
    pub fn is_met(&self) -> bool {
        match self {
            Test::Any => true,
            Test::Among(spans) => !spans.is_empty(),
            Test::Has(has) => !has.iter().any(|(member, with)| has.contains(&(*member, !with))),
        }
    }
}

impl Row {
    /// Whether some case meets it.
    pub fn is_met(&self) -> bool {
        self.tests.iter().all(Test::is_met)
    }
}

impl Table {
    /// The names of the rules of a row: one, or one for each of the values that contradict each other; none where no case meets
    /// the row, or it concludes nothing.
    pub fn rules(&self, row: &Row) -> Vec<String> {
        let nothing = |said: &Said| matches!(said, Said::Set(set) if set.is_empty());
        if !row.is_met() || row.said.iter().flatten().all(nothing) {
            return Vec::new();
        }
        let most = row.said.iter().map(Vec::len).max().unwrap_or(0);
        match most {
            0 => Vec::new(),
            1 => vec![format!("row_{}", row.number)],
            many => (1..=many).map(|at| format!("row_{}_{at}", row.number)).collect(),
        }
    }

    /// What a row concludes through one of its rules, by output.
    pub fn conclusions<'t>(&'t self, row: &'t Row, rule: usize) -> impl Iterator<Item = (usize, &'t Said)> {
        row.said
            .iter()
            .enumerate()
            .filter_map(move |(at, said)| Some((at, if said.len() == 1 { &said[0] } else { said.get(rule)? })))
    }

    /// The rules of a row that conclude an output.
    pub fn concluding(&self, row: &Row, output: usize) -> Vec<String> {
        let concludes = |rule: usize| self.conclusions(row, rule).any(|(at, _)| at == output);
        self.rules(row).into_iter().enumerate().filter(|(rule, _)| concludes(*rule)).map(|(_, name)| name).collect()
    }

    /// Rows in the order in which they are preferred: under PRIORITY the outputs that are listed first, else as in the file.
    pub fn preferred(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        if self.policy == Policy::Priority {
            let places: Vec<rustc_hash::FxHashMap<i64, usize>> =
                self.outputs.iter().map(|output| output.order.iter().copied().zip(0..).collect()).collect();
            order.sort_by_cached_key(|row| {
                let of = |(said, places): (&Vec<Said>, &rustc_hash::FxHashMap<i64, usize>)| match said.first() {
                    Some(Said::One(value)) => places.get(value).copied().unwrap_or(usize::MAX),
                    _ => usize::MAX,
                };
                self.rows[*row].said.iter().zip(&places).map(of).collect::<Vec<usize>>()
            });
        }
        order
    }

    /// Whether the preferred row decides by its place in a list, rather than by the order of its outputs.
    pub fn by_place(&self) -> bool {
        match self.policy {
            Policy::First => true,
            // The strictest member prevails by itself only if the file prefers what is stricter, too.
            Policy::Priority => match self.outputs.as_slice() {
                [Output { values: Values::Members { ordered: true, .. }, order, .. }] => !order.is_sorted_by(|a, b| a > b),
                _ => true,
            },
            _ => false,
        }
    }
}
