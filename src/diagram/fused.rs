//! Levels of a table fused into dense look-ups: a few dependent steps for a decision, whatever its number of levels.
//!
//! In: a packed table. Out: for each decision a row of steps. A step covers a run of tests; the classes of its tests, read as digits of
//! one number, name a column, and the state before it and the column name the state behind it. Columns in which no state tells a
//! difference are one column. Where the runs are cut is decided by what the look-ups are expected to cost ([`Costs`]).
//!
//! Whose idea: classes of combinations, phase by phase, as in recursive flow classification (P. Gupta and N. McKeown, SIGCOMM 1999); the
//! states are the nodes that an ordered diagram has on a cut, so a table cannot grow by combinations that the diagram shares.

use std::cell::Cell;
use std::cmp::Reverse;

use lexport_runtime::{Kind, LEAF, Span, Test};
use rustc_hash::FxHashMap;

use super::bits::BitSets;
use super::table::OwnedTable;
pub use pack::OwnedFused;
pub(super) use pack::{DIRECT, span};

mod pack;

/// What look-ups are expected to cost, in units of a hundredth of a cycle.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// A dependent load from a table of so many bytes at the most, by size: first level, second level, third level, beyond.
    pub load: [(usize, u64); 4],
    /// A load that nothing waits for.
    pub aside: u64,
    /// Each thousand bytes: they drive others out of the caches.
    pub kilobyte: u64,
}

impl Default for Costs {
    /// Of a desktop or server machine of the last ten years.
    fn default() -> Self {
        Costs { load: [(24 << 10, 500), (512 << 10, 1400), (8 << 20, 5000), (usize::MAX, 20_000)], aside: 150, kilobyte: 2 }
    }
}

impl Costs {
    fn of(&self, bytes: usize) -> u64 {
        let load = self.load.iter().find(|(most, _)| bytes <= *most).map_or(u64::MAX, |(_, cost)| *cost);
        load.saturating_add(self.kilobyte.saturating_mul(bytes as u64 / 1000))
    }
}

/// The most combinations of classes of one step.
const COMBINATIONS: usize = 1 << 16;

/// The most entries of one step: what is larger falls out of every cache that counts.
const ENTRIES: usize = 1 << 17;

/// How many entries may be looked at in fusing a table, for each of its words and at the most. The largest tables of `policies/` need a small part of
/// either; one that was made to need more is walked instead.
const EACH: u64 = 1 << 12;
const WORK: u64 = 1 << 30;

/// The most words that stand on all cuts of one decision together.
const CUTS: usize = 1 << 24;

/// What a run costs that has next to no entries, in entries.
const RUN: usize = 512;

/// The most digits of one step. Digits that tell something reach the most combinations before; those of one class do not.
const DIGITS: usize = 20;

/// The most tests of one step, if they are more than one digit: a formula of a spreadsheet names them all.
const TESTS: usize = 200;

/// The most comparisons of one sum that are one digit.
const COMPARISONS: usize = 128;

/// How much more may be looked at before what is made is not worth the time. Whoever wrote the table may have meant to keep its reader busy.
pub(super) struct Budget(Cell<u64>);

impl Budget {
    /// For a table.
    pub(super) fn of(table: &OwnedTable) -> Budget {
        let words = table.nodes.len() + table.maps.len() + table.thresholds.len() + table.tests.len() + table.roots.len();
        Budget(Cell::new(EACH.saturating_mul(words as u64).clamp(1 << 22, WORK)))
    }

    /// Nothing if it is used up.
    pub(super) fn spend(&self, entries: usize) -> Option<()> {
        self.0.set(self.0.get().checked_sub(entries as u64)?);
        Some(())
    }
}

/// A run of tests as one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The tests, each with what one of its classes counts in the number of a combination. Comparisons of one sum with several constants
    /// count the same: how many of them hold is one digit.
    pub parts: Vec<(u32, u32)>,
    /// How many combinations there are.
    pub combinations: u32,
    /// By combination its column; empty if each has its own.
    pub columns: Vec<u32>,
    /// How many columns there are.
    pub width: u32,
    /// By state and column the state behind it, times the width of the next step; of the last step the outcome.
    pub next: Vec<u32>,
}

/// A decision as steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The steps; without any the outcome is the same in every case.
    pub steps: Vec<Step>,
    /// The outcome of a decision without steps.
    pub outcome: u32,
}

impl Steps {
    /// How many bytes the arrays have, about.
    pub fn bytes(&self) -> usize {
        self.steps.iter().map(|step| 2 * step.columns.len() + 4 * step.next.len()).sum()
    }
}

/// A table with its levels fused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fused {
    /// By decision.
    pub decisions: Vec<Steps>,
}

/// Why levels cannot be fused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FuseError {
    /// The table refers to what is not there.
    Malformed,
    /// One digit alone has more combinations than a step may have, or the states are too many.
    TooLarge,
    /// It would take more time than the table is worth.
    TooLong,
}

impl std::fmt::Display for FuseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FuseError::Malformed => "the table refers to what is not there",
            FuseError::TooLarge => "the levels of the table are too wide to be fused",
            FuseError::TooLong => "to fuse the levels of the table would take too long",
        })
    }
}

impl std::error::Error for FuseError {}

/// The number of classes of a test.
pub fn classes(test: Test) -> u32 {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
        _ => 2,
    }
}

/// Fuses the levels of all decisions of a table.
///
/// # Errors
/// [`FuseError`].
pub fn fuse(table: &OwnedTable, costs: &Costs) -> Result<Fused, FuseError> {
    let left = Budget::of(table);
    let decisions = table.roots.iter().map(|root| Fusing::new(table, *root, &left)?.steps(costs)).collect::<Result<_, _>>()?;
    Ok(Fused { decisions })
}

/// By decision its levels fused, or why they cannot be, and its bit sets where it is some.
pub fn forms(table: &OwnedTable, costs: &Costs) -> Vec<(Result<Steps, FuseError>, Option<BitSets>)> {
    let (fusing, sets) = (Budget::of(table), Budget::of(table));
    let steps = |root: u32| Fusing::new(table, root, &fusing)?.steps(costs);
    table.roots.iter().map(|root| (steps(*root), BitSets::of(table, *root, &sets))).collect()
}

/// The diagram of one decision.
struct Fusing<'t> {
    table: &'t OwnedTable,
    left: &'t Budget,
    root: u32,
    /// The digits that its tests are, in order.
    digits: Vec<Digit>,
    /// Of the nodes of digits of several tests, by class the word behind the digit.
    behind: FxHashMap<u32, Vec<u32>>,
    /// Before each digit, and behind the last, which words can stand there: nodes of this digit or later ones, and outcomes.
    cuts: Vec<Vec<u32>>,
}

/// What a step counts as one: a test, or comparisons of one sum with several constants; where one holds, all easier ones do.
struct Digit {
    /// The tests, in order, each with how many others come before it, the easiest first.
    tests: Vec<(u32, u32)>,
    /// How many classes they have together: of several tests the class is how many hold.
    classes: u32,
}

impl<'t> Fusing<'t> {
    fn new(table: &'t OwnedTable, root: u32, left: &'t Budget) -> Result<Self, FuseError> {
        let mut fusing = Fusing { table, left, root, digits: Vec::new(), behind: FxHashMap::default(), cuts: Vec::new() };
        let mut nodes: Vec<u32> = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![root];
        while let Some(word) = stack.pop() {
            if word & LEAF == 0 && seen.insert(word) {
                nodes.push(word);
                let children = fusing.children(word)?;
                fusing.spend(2 * children.len() + 1)?;
                stack.extend(children);
            }
        }
        let mut tests: Vec<u32> = nodes.iter().map(|node| fusing.test(*node)).collect::<Result<_, _>>()?;
        tests.sort_unstable();
        tests.dedup();
        fusing.digits = fusing.digits_of(&tests)?;
        // A word stands on every cut from where it is entered first to its own test.
        let mut entered: FxHashMap<u32, usize> = FxHashMap::default();
        entered.insert(root, 0);
        let digits = fusing.digits.iter().zip(0..);
        let place: FxHashMap<u32, usize> =
            digits.flat_map(|(digit, at)| digit.tests.iter().map(move |(test, _)| (*test, at))).collect();
        fusing.look_behind(&nodes, &place)?;
        for node in &nodes {
            let below = place[&fusing.test(*node)?] + 1;
            for child in fusing.children(*node)? {
                let first = entered.entry(*child).or_insert(below);
                *first = (*first).min(below);
            }
        }
        fusing.cuts = vec![Vec::new(); fusing.digits.len() + 1];
        let mut words: Vec<(u32, usize)> = entered.into_iter().collect();
        words.sort_unstable();
        let mut standing = 0usize;
        for (word, first) in words {
            let last = if word & LEAF == 0 { place[&fusing.test(word)?] } else { fusing.digits.len() };
            // What is entered within its own digit only stands on no cut.
            let cuts = first..last + 1;
            standing += cuts.len();
            fusing.spend(cuts.len())?;
            if standing > CUTS {
                return Err(FuseError::TooLarge);
            }
            for cut in &mut fusing.cuts[cuts] {
                cut.push(word);
            }
        }
        Ok(fusing)
    }

    /// Tests, which rise, as digits.
    fn digits_of(&self, tests: &[u32]) -> Result<Vec<Digit>, FuseError> {
        let mut out: Vec<Digit> = Vec::new();
        let mut run: Vec<(u32, i128)> = Vec::new();
        let mut compared: Option<Vec<(i128, &[u32])>> = None;
        for test in tests {
            let (sum, constant, classes) = match *self.table.tests.get(*test as usize).ok_or(FuseError::Malformed)? {
                Test::AtLeastZero { monomials, constant } => (Some(self.sum(monomials)?), constant, 2),
                test => (None, 0, classes(test)),
            };
            if sum.is_none() || sum != compared || run.len() == COMPARISONS {
                out.extend(comparisons(std::mem::take(&mut run)));
            }
            if sum.is_some() {
                run.push((*test, constant));
            } else {
                out.push(Digit { tests: vec![(*test, 0)], classes });
            }
            compared = sum;
        }
        out.extend(comparisons(run));
        Ok(out)
    }

    /// Coefficients and factors.
    fn sum(&self, monomials: Span) -> Result<Vec<(i128, &'t [u32])>, FuseError> {
        let table = self.table;
        let all = part(&table.monomials, monomials).ok_or(FuseError::Malformed)?.iter();
        all.map(|one| {
            self.spend(1 + one.factors.count as usize)?;
            Ok((one.coefficient, part(&table.factors, one.factors).ok_or(FuseError::Malformed)?))
        })
        .collect()
    }

    fn spend(&self, entries: usize) -> Result<(), FuseError> {
        self.left.spend(entries).ok_or(FuseError::TooLong)
    }

    /// By class of the digit that a node is of, the word behind that.
    fn behind(&self, node: u32) -> Result<&[u32], FuseError> {
        self.behind.get(&node).map_or_else(|| self.children(node), |behind| Ok(behind))
    }

    /// What is behind digits of several tests, from the last test to the first: what a test leads to within its digit is known then.
    fn look_behind(&mut self, nodes: &[u32], place: &FxHashMap<u32, usize>) -> Result<(), FuseError> {
        let mut within = Vec::new();
        for node in nodes {
            let test = self.test(*node)?;
            let digit = &self.digits[place[&test]];
            if digit.tests.len() > 1 {
                within.push((test, *node));
            }
        }
        within.sort_unstable_by(|a, b| b.cmp(a));
        for (test, node) in within {
            let digit = &self.digits[place[&test]];
            self.spend(digit.classes as usize)?;
            let at = digit.tests.binary_search_by_key(&test, |(test, _)| *test).map_err(|_| FuseError::Malformed)?;
            let (easier, children) = (digit.tests[at].1, self.children(node)?);
            let through = |class: u32| {
                let child = children[usize::from(class > easier)];
                let same = child & LEAF == 0 && digit.has(self.test(child)?);
                Ok(if same { self.behind.get(&child).ok_or(FuseError::Malformed)?[class as usize] } else { child })
            };
            let behind = (0..digit.classes).map(through).collect::<Result<Vec<u32>, FuseError>>()?;
            self.behind.insert(node, behind);
        }
        Ok(())
    }

    fn test(&self, node: u32) -> Result<u32, FuseError> {
        let head = self.table.nodes.get(node as usize).ok_or(FuseError::Malformed)?;
        Ok(head & !lexport_runtime::HEAD)
    }

    fn children(&self, node: u32) -> Result<&'t [u32], FuseError> {
        let test = self.table.tests.get(self.test(node)? as usize).ok_or(FuseError::Malformed)?;
        let first = node as usize + 1;
        self.table.nodes.get(first..first + classes(*test) as usize).ok_or(FuseError::Malformed)
    }

    /// The cheapest row of steps: cuts are placed by dynamic programming.
    fn steps(&self, costs: &Costs) -> Result<Steps, FuseError> {
        if self.root & LEAF != 0 {
            return Ok(Steps { steps: Vec::new(), outcome: self.root & !LEAF });
        }
        let count = self.digits.len();
        let mut best: Vec<Option<(u64, usize)>> = vec![None; count + 1];
        for from in 0..count {
            let Some(so_far) = (if from == 0 { Some(0) } else { best[from].map(|(cost, _)| cost) }) else {
                continue;
            };
            let mut run = Run::new(&self.cuts[from]);
            for (to, best) in best.iter_mut().enumerate().skip(from + 1).take(DIGITS) {
                if run.extend(self, &self.digits[to - 1])?.is_none() {
                    break;
                }
                let cost = so_far.saturating_add(run.cost(costs));
                if best.is_none_or(|(known, _)| cost < known) {
                    *best = Some((cost, from));
                }
            }
        }
        let mut runs = Vec::new();
        let mut at = count;
        while at > 0 {
            let (_, from) = best[at].ok_or(FuseError::TooLarge)?;
            let mut run = Run::new(&self.cuts[from]);
            let mut columns = vec![0];
            for digit in &self.digits[from..at] {
                let behind = run.extend(self, digit)?.ok_or(FuseError::TooLarge)?;
                let before = behind.len() / run.classes as usize;
                let rows = behind.chunks(before);
                columns = rows.flat_map(|row| columns.iter().map(|column| row[*column as usize])).collect::<Vec<u32>>();
            }
            runs.push((at, run, columns));
            at = from;
        }
        runs.reverse();
        let widths: Vec<usize> = runs.iter().skip(1).map(|(_, run, _)| run.width()).chain([1]).collect();
        let mut steps = Vec::with_capacity(runs.len());
        for ((to, run, columns), width) in runs.into_iter().zip(widths) {
            let number: FxHashMap<u32, usize> = self.cuts[to].iter().zip(0..).map(|(word, at)| (*word, at)).collect();
            let mut next = Vec::with_capacity(run.columns.len());
            for state in 0..run.states {
                for column in run.columns.chunks(run.states) {
                    let word = column[state];
                    let state = if to == count {
                        word & !LEAF
                    } else {
                        let behind = *number.get(&word).ok_or(FuseError::Malformed)?;
                        behind.checked_mul(width).and_then(|at| u32::try_from(at).ok()).ok_or(FuseError::TooLarge)?
                    };
                    next.push(state);
                }
            }
            run.parts.iter().try_for_each(|(test, _)| self.spend(size(self.table, *test)))?;
            let width = run.width();
            // A column each is no saving worth a look-up of its own.
            let columns = if width == run.combinations { Vec::new() } else { columns };
            steps.push(Step { parts: run.parts, combinations: run.combinations as u32, columns, width: width as u32, next });
        }
        Ok(Steps { steps, outcome: 0 })
    }
}

impl Digit {
    /// Whether a test is one of it: its tests rise.
    fn has(&self, test: u32) -> bool {
        self.tests.binary_search_by_key(&test, |(test, _)| *test).is_ok()
    }
}

/// Comparisons of one sum, in order, each with its constant: the greater that is, the easier it holds.
fn comparisons(run: Vec<(u32, i128)>) -> Option<Digit> {
    let mut easiest: Vec<usize> = (0..run.len()).collect();
    easiest.sort_by_key(|at| Reverse(run[*at].1));
    let mut tests: Vec<(u32, u32)> = easiest.iter().zip(0..).map(|(at, easier)| (run[*at].0, easier)).collect();
    tests.sort_unstable();
    (!tests.is_empty()).then(|| Digit { classes: tests.len() as u32 + 1, tests })
}

/// The entries that a span names; nothing if they are not all there.
pub(crate) fn part<T>(all: &[T], span: Span) -> Option<&[T]> {
    let first = span.first as usize;
    all.get(first..first.checked_add(span.count as usize)?)
}

/// How many entries a test has that each decision with it carries along.
fn size(table: &OwnedTable, test: u32) -> usize {
    match table.tests.get(test as usize) {
        Some(Test::Member { map, .. }) => map.count as usize,
        Some(Test::Interval { input, map, .. }) => match table.kinds.get(*input as usize) {
            Some(Kind::Int(lo, hi)) if pack::is_direct(*lo, *hi, map.count) => map.count as usize + (hi - lo) as usize,
            _ => 2 * map.count as usize,
        },
        Some(Test::AtLeastZero { monomials, .. }) => {
            let all = table.monomials.iter().skip(monomials.first as usize).take(monomials.count as usize);
            all.map(|monomial| 1 + monomial.factors.count as usize).sum()
        }
        _ => 1,
    }
}

/// A run of tests as one look-up, which grows test by test. Only columns that differ are kept, so growing by a test costs what there
/// are columns, not combinations.
struct Run {
    parts: Vec<(u32, u32)>,
    /// Of the digit that was added last.
    classes: u32,
    combinations: usize,
    /// How many words there can be before the run.
    states: usize,
    /// Column by column, for each of these the word behind the run; in the order in which combinations come to them first.
    columns: Vec<u32>,
}

impl Run {
    fn new(states: &[u32]) -> Run {
        Run { parts: Vec::new(), classes: 1, combinations: 1, states: states.len(), columns: states.to_vec() }
    }

    fn width(&self) -> usize {
        self.columns.len() / self.states
    }

    /// One more digit: by its class and the column before it, the column behind it. Nothing if the run would be too large.
    fn extend(&mut self, fusing: &Fusing<'_>, digit: &Digit) -> Result<Option<Vec<u32>>, FuseError> {
        let classes = digit.classes;
        let combinations = self.combinations.saturating_mul(classes as usize);
        // What one digit makes of one column may be anything; more than one are kept small.
        let wide = self.columns.len() > ENTRIES || self.parts.len() + digit.tests.len() > TESTS;
        if combinations > COMBINATIONS || !self.parts.is_empty() && wide {
            return Ok(None);
        }
        fusing.spend(RUN + self.columns.len().saturating_mul(classes as usize + 1))?;
        let mut children: FxHashMap<u32, &[u32]> = FxHashMap::default();
        for word in &self.columns {
            if word & LEAF == 0 && digit.has(fusing.test(*word)?) {
                children.insert(*word, fusing.behind(*word)?);
            }
        }
        let mut column_of: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        let mut columns = Vec::new();
        let mut behind = Vec::with_capacity(self.width() * classes as usize);
        for class in 0..classes as usize {
            for column in self.columns.chunks(self.states) {
                let column: Vec<u32> =
                    column.iter().map(|word| children.get(word).map_or(*word, |children| children[class])).collect();
                let fresh = column_of.len() as u32;
                behind.push(*column_of.entry(column).or_insert_with_key(|column| {
                    columns.extend_from_slice(column);
                    fresh
                }));
            }
        }
        self.parts.extend(digit.tests.iter().map(|(test, _)| (*test, self.combinations as u32)));
        (self.classes, self.combinations, self.columns) = (classes, combinations, columns);
        Ok(Some(behind))
    }

    fn cost(&self, costs: &Costs) -> u64 {
        let narrow = |most: usize| if most < 1 << 16 { 2 } else { 4 };
        let aside = if self.width() == self.combinations {
            0
        } else {
            costs.aside + costs.of(self.combinations * narrow(self.width())) / 4
        };
        costs.of(self.columns.len() * 4) + aside
    }
}

#[cfg(test)]
mod tests;
