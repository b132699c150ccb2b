//! A regime as Lexport's table: built and fused with the time that takes, rows of words for it, and its batch by column.

use std::hint::black_box;
use std::time::Instant;

use lexport::diagram::{Costs, Options, OwnedFused, OwnedTable, Specialise, build_table, decide_columns, runtime_value};
use lexport::driver::Compilation;
use lexport::emit;
use lexport::ir::Value;
use lexport::source::Loader;
use lexport_runtime::fused::Fused;
use lexport_runtime::{LEAF, Test};

use crate::timing::{PLACED, Spread, Times, batch, time};

/// Rows that are decided at a time in a batch, as `lexport decide` takes them.
const ROWS: usize = 32_768;

/// A table with its levels fused.
pub struct Tabled {
    /// The table.
    pub table: OwnedTable,
    /// As it is evaluated.
    pub fused: OwnedFused,
    /// Milliseconds from the text to the table that is evaluated; the proof is not in it.
    pub built: f64,
    /// Bytes of the binary form.
    pub file: usize,
}

fn fused(table: &OwnedTable) -> OwnedFused {
    OwnedFused::new(table, &Costs::default()).expect("a table that can be fused")
}

impl Tabled {
    /// Of a regime.
    pub fn of(loader: &impl Loader, path: &str) -> Tabled {
        let start = Instant::now();
        let program = Compilation::load(loader, path).program.expect("a regime that compiles");
        let options = Options { node_limit: 1 << 26, ..Options::default() };
        let table = build_table(&program, &Specialise::default(), &options).expect("a table");
        let fused = fused(&table);
        let built = 1e3 * start.elapsed().as_secs_f64();
        let file = emit::binary(&table).expect("a table that is written").bytes.len();
        Tabled { table, fused, built, file }
    }

    /// A row of words.
    pub fn row(&self, values: &[Value]) -> Vec<i64> {
        let sets: Vec<Vec<u64>> = values.iter().map(words_of).collect();
        let values: Vec<_> = values.iter().zip(&sets).map(|(value, words)| runtime_value(value, words)).collect();
        self.fused.row(&values).expect("everything is known")
    }

    /// The outcome of the walk through the diagram, which knows nothing of what is fused.
    pub fn walk(&self, decision: u32, values: &[Value]) -> u32 {
        let sets: Vec<Vec<u64>> = values.iter().map(words_of).collect();
        let values: Vec<_> = values.iter().zip(&sets).map(|(value, words)| runtime_value(value, words)).collect();
        self.table.as_table().look_up(decision, &values).expect("values that fit").expect("everything is known")
    }

    /// Which words of a row a decision looks at, rising.
    pub fn words_of(&self, decision: u32) -> Vec<usize> {
        let (mut stack, mut seen) = (vec![self.table.roots[decision as usize]], std::collections::HashSet::new());
        let mut words = std::collections::BTreeSet::new();
        let first = self.fused.as_fused().words;
        while let Some(node) = stack.pop() {
            if node & LEAF != 0 || !seen.insert(node) {
                continue;
            }
            let test = self.table.tests[(self.table.nodes[node as usize] & !lexport_runtime::HEAD) as usize];
            let mut input = |input: u32| words.insert(first[input as usize] as usize);
            let classes = match test {
                Test::Flag { input: at } => (input(at), 2).1,
                Test::Member { input: at, classes, .. } | Test::Interval { input: at, classes, .. } => (input(at), classes).1,
                Test::Has { input: at, member } => (words.insert((first[at as usize] + member / 64) as usize), 2).1,
                Test::Same { a, b } => (input(a), input(b), 2).2,
                Test::AtLeastZero { monomials, .. } => {
                    for monomial in &self.table.monomials[monomials.first as usize..][..monomials.count as usize] {
                        let factors = &self.table.factors[monomial.factors.first as usize..][..monomial.factors.count as usize];
                        factors.iter().for_each(|at| _ = input(*at));
                    }
                    2
                }
            };
            stack.extend(&self.table.nodes[node as usize + 1..][..classes as usize]);
        }
        words.into_iter().collect()
    }

    /// The table at several places in memory, and the rows beside it: the times of single decisions.
    pub fn single<R: Clone>(&self, rows: &[R], requests: usize, decide: impl Fn(&Fused<'_>, &R) -> u8) -> Times {
        let placed: Vec<(OwnedFused, Vec<R>)> = (0..PLACED).map(|_| (fused(&self.table), rows.to_vec())).collect();
        let times = placed.iter().map(|(table, rows)| {
            let fused = table.as_fused();
            time(requests, |at| decide(&fused, &rows[at]))
        });
        Times::across(&times.collect::<Vec<_>>())
    }

    /// The outcomes of some decisions for all rows, and the times that takes with the table at several places in memory, and the columns beside it.
    pub fn batch(&self, decisions: &[u32], columns: &[Vec<i64>]) -> (Vec<Vec<u32>>, Spread) {
        let placed: Vec<(OwnedFused, Vec<Vec<i64>>)> = (0..PLACED).map(|_| (fused(&self.table), columns.to_vec())).collect();
        let all: Vec<(Vec<Vec<u32>>, Spread)> =
            placed.iter().map(|(table, columns)| Self::batch_of(&table.as_fused(), decisions, columns)).collect();
        assert!(all.iter().all(|one| one.0 == all[0].0), "the same answers wherever it lies");
        let times: Vec<Spread> = all.iter().map(|one| one.1).collect();
        let outcomes = all.into_iter().next().map(|one| one.0).unwrap_or_default();
        (outcomes, Spread::across(&times))
    }

    fn batch_of(fused: &Fused<'_>, decisions: &[u32], columns: &[Vec<i64>]) -> (Vec<Vec<u32>>, Spread) {
        let rows = columns[0].len();
        let mut outcomes = vec![vec![0; rows]; decisions.len()];
        let mut scratch = vec![0; ROWS];
        let times = batch(rows, || {
            for from in (0..rows).step_by(ROWS) {
                let to = rows.min(from + ROWS);
                let columns: Vec<&[i64]> = columns.iter().map(|column| &column[from..to]).collect();
                for (decision, outcomes) in decisions.iter().zip(&mut outcomes) {
                    let (outcomes, scratch) = (&mut outcomes[from..to], &mut scratch[..to - from]);
                    decide_columns(fused, *decision, &columns, outcomes, scratch).expect("rows that fit");
                }
            }
            black_box(&outcomes);
        });
        (outcomes, times)
    }
}

fn words_of(value: &Value) -> Vec<u64> {
    let Value::Set(set) = value else { return Vec::new() };
    let mut words = vec![0; set.size().div_ceil(64) as usize];
    set.iter().for_each(|member| words[member as usize / 64] |= 1 << (member % 64));
    words
}

/// Rows as columns.
pub fn columns<R: AsRef<[i64]>>(rows: &[R]) -> Vec<Vec<i64>> {
    (0..rows[0].as_ref().len()).map(|at| rows.iter().map(|row| row.as_ref()[at]).collect()).collect()
}

/// The time of merely reading columns: the sum of each.
pub fn reading(columns: &[&[i64]]) -> Spread {
    batch(columns[0].len(), || {
        for column in columns {
            black_box(column.iter().fold(0i64, |sum, value| sum.wrapping_add(*value)));
        }
    })
}
