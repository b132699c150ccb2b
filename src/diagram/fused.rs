//! Levels of a table fused into dense look-ups: a few dependent steps for a decision, whatever its number of levels.
//!
//! In: a packed table. Out: for each decision a row of steps. A step covers a run of tests; the classes of its tests, read as digits of
//! one number, name a column, and the state before it and the column name the state behind it. Columns in which no state tells a
//! difference are one column. Where the runs are cut is decided by what the look-ups are expected to cost ([`Costs`]).
//!
//! Whose idea: classes of combinations, phase by phase, as in recursive flow classification (P. Gupta and N. McKeown, SIGCOMM 1999); the
//! states are the nodes that an ordered diagram has on a cut, so a table cannot grow by combinations that the diagram shares.

use std::cell::Cell;

use lexport_runtime::fused;
use lexport_runtime::{Kind, LEAF, Monomial, NONE, Span, Test};
use rustc_hash::FxHashMap;

use super::bits::{BitSets, OwnedBits, Plan};
use super::table::OwnedTable;

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

/// The most tests of one step. Tests that tell something reach the most combinations before; those of one class do not.
const TESTS: usize = 20;

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
    /// The tests, each with what one of its classes counts in the number of a combination.
    pub parts: Vec<(u32, u32)>,
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
    /// One test alone has more combinations than a step may have, or the states are too many.
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
    /// The tests that it has, in order.
    tests: Vec<u32>,
    /// Before each test, and behind the last, which words can stand there: nodes of this test or later ones, and outcomes.
    cuts: Vec<Vec<u32>>,
}

impl<'t> Fusing<'t> {
    fn new(table: &'t OwnedTable, root: u32, left: &'t Budget) -> Result<Self, FuseError> {
        let mut fusing = Fusing { table, left, root, tests: Vec::new(), cuts: Vec::new() };
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
        fusing.tests = tests;
        // A word stands on every cut from where it is entered first to its own test.
        let mut entered: FxHashMap<u32, usize> = FxHashMap::default();
        entered.insert(root, 0);
        let place: FxHashMap<u32, usize> = fusing.tests.iter().enumerate().map(|(at, test)| (*test, at)).collect();
        for node in &nodes {
            let below = place[&fusing.test(*node)?] + 1;
            for child in fusing.children(*node)? {
                let first = entered.entry(*child).or_insert(below);
                *first = (*first).min(below);
            }
        }
        fusing.cuts = vec![Vec::new(); fusing.tests.len() + 1];
        let mut words: Vec<(u32, usize)> = entered.into_iter().collect();
        words.sort_unstable();
        let mut standing = 0usize;
        for (word, first) in words {
            let last = if word & LEAF == 0 { place[&fusing.test(word)?] } else { fusing.tests.len() };
            standing += last + 1 - first;
            fusing.spend(last + 1 - first)?;
            if standing > CUTS {
                return Err(FuseError::TooLarge);
            }
            for cut in &mut fusing.cuts[first..=last] {
                cut.push(word);
            }
        }
        Ok(fusing)
    }

    fn spend(&self, entries: usize) -> Result<(), FuseError> {
        self.left.spend(entries).ok_or(FuseError::TooLong)
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
        let count = self.tests.len();
        let mut best: Vec<Option<(u64, usize)>> = vec![None; count + 1];
        for from in 0..count {
            let Some(so_far) = (if from == 0 { Some(0) } else { best[from].map(|(cost, _)| cost) }) else {
                continue;
            };
            let mut run = Run::new(&self.cuts[from]);
            for (to, best) in best.iter_mut().enumerate().skip(from + 1).take(TESTS) {
                if run.extend(self, self.tests[to - 1])?.is_none() {
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
            for test in &self.tests[from..at] {
                let behind = run.extend(self, *test)?.ok_or(FuseError::TooLarge)?;
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
            steps.push(Step { parts: run.parts, columns, width: width as u32, next });
        }
        Ok(Steps { steps, outcome: 0 })
    }
}

/// How many entries a test has that each decision with it carries along.
fn size(table: &OwnedTable, test: u32) -> usize {
    match table.tests.get(test as usize) {
        Some(Test::Member { map, .. }) => map.count as usize,
        Some(Test::Interval { map, .. }) => map.count as usize + DIRECT as usize,
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
    /// Of the test that was added last.
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

    /// One more test: by its class and the column before it, the column behind it. Nothing if the run would be too large.
    fn extend(&mut self, fusing: &Fusing<'_>, test: u32) -> Result<Option<Vec<u32>>, FuseError> {
        let classes = classes(*fusing.table.tests.get(test as usize).ok_or(FuseError::Malformed)?);
        let combinations = self.combinations.saturating_mul(classes as usize);
        // What one test makes of one column may be anything; more than one test is kept small.
        if combinations > COMBINATIONS || !self.parts.is_empty() && self.columns.len() > ENTRIES {
            return Ok(None);
        }
        fusing.spend(RUN + self.columns.len().saturating_mul(classes as usize + 1))?;
        let mut children: FxHashMap<u32, &[u32]> = FxHashMap::default();
        for word in &self.columns {
            if word & LEAF == 0 && fusing.test(*word)? == test {
                children.insert(*word, fusing.children(*word)?);
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
        self.parts.push((test, self.combinations as u32));
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

/// A table with its levels fused, as the runtime reads it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OwnedFused {
    kinds: Vec<Kind>,
    words: Vec<u32>,
    row: u32,
    direct: Vec<fused::Direct>,
    ranks: Vec<fused::Rank>,
    bits: Vec<fused::Bit>,
    same: Vec<fused::Same>,
    linear: Vec<fused::Linear>,
    terms: Vec<fused::Term>,
    signs: Vec<fused::Sign>,
    maps: Vec<u32>,
    thresholds: Vec<i64>,
    monomials: Vec<Monomial>,
    factors: Vec<u32>,
    steps: Vec<fused::Step>,
    columns: Vec<u16>,
    next: Vec<u32>,
    decisions: Vec<(Span, u32)>,
    boxes: OwnedBits,
    by_boxes: Vec<u32>,
    outcomes: u32,
}

/// How many values a number may have that is looked up directly.
pub(super) const DIRECT: i64 = 256;

impl Steps {
    /// How many bytes the arrays have, about.
    pub fn bytes(&self) -> usize {
        self.steps.iter().map(|step| 2 * step.columns.len() + 4 * step.next.len()).sum()
    }
}

impl OwnedFused {
    /// A table as it is evaluated fastest: decisions that are bit sets as those, the others with their levels fused.
    ///
    /// # Errors
    /// [`FuseError`].
    pub fn new(table: &OwnedTable, costs: &Costs) -> Result<OwnedFused, FuseError> {
        // What is spent in vain on bit sets is not missing for steps.
        let (left, sets) = (Budget::of(table), Budget::of(table));
        let plans: Vec<Option<Plan>> = table.roots.iter().map(|root| Plan::of(table, *root, &sets)).collect();
        let decisions = table.roots.iter().zip(&plans).map(|(root, plan)| match plan {
            Some(_) => Ok(Steps { steps: Vec::new(), outcome: 0 }),
            None => Fusing::new(table, *root, &left)?.steps(costs),
        });
        let levels = Fused { decisions: decisions.collect::<Result<_, _>>()? };
        let mut out = OwnedFused::pack(table, &levels)?;
        out.by_boxes = plans
            .iter()
            .map(|plan| plan.as_ref().and_then(|plan| out.boxes.add(table, &out.words, plan)).unwrap_or(fused::BY_STEPS))
            .collect();
        if plans.iter().zip(&out.by_boxes).any(|(plan, number)| plan.is_some() && *number == fused::BY_STEPS) {
            return Err(FuseError::TooLarge);
        }
        out.as_fused().check().map_err(|_| FuseError::Malformed)?;
        Ok(out)
    }

    /// The fused levels of a table, packed.
    ///
    /// # Errors
    /// If the table refers to what is not there, or a step has too many tests.
    pub fn pack(table: &OwnedTable, levels: &Fused) -> Result<OwnedFused, FuseError> {
        let mut out = OwnedFused {
            kinds: table.kinds.clone(),
            monomials: table.monomials.clone(),
            factors: table.factors.clone(),
            outcomes: table.outcomes.len() as u32,
            ..OwnedFused::default()
        };
        for kind in &table.kinds {
            out.words.push(out.row);
            out.row += match kind {
                Kind::Set(size) => size.div_ceil(64),
                _ => 1,
            };
        }
        for decision in &levels.decisions {
            let first = out.steps.len() as u32;
            for step in &decision.steps {
                if step.parts.len() > fused::MOST as usize {
                    return Err(FuseError::TooLarge);
                }
                let begins = out.lengths();
                let mut combinations = 1;
                for (test, stride) in &step.parts {
                    let test = *table.tests.get(*test as usize).ok_or(FuseError::Malformed)?;
                    combinations *= classes(test);
                    out.test(table, test, *stride).ok_or(FuseError::Malformed)?;
                }
                let ends = out.lengths();
                let [direct, ranks, bits, same, linear, signs] =
                    std::array::from_fn(|at| Span { first: begins[at], count: ends[at] - begins[at] });
                let columns = step.columns.iter().map(|column| *column as u16);
                let step = fused::Step {
                    direct,
                    ranks,
                    bits,
                    same,
                    linear,
                    signs,
                    columns: span(&mut out.columns, columns),
                    combinations,
                    next: span(&mut out.next, step.next.iter().copied()),
                    width: step.width,
                };
                out.steps.push(step);
            }
            let steps = Span { first, count: out.steps.len() as u32 - first };
            out.decisions.push((steps, if decision.steps.is_empty() { decision.outcome } else { 0 }));
        }
        out.as_fused().check().map_err(|_| FuseError::Malformed)?;
        Ok(out)
    }

    /// The decisions that are bit sets.
    #[cfg(test)]
    pub(super) fn boxes(&self) -> &OwnedBits {
        &self.boxes
    }

    fn lengths(&self) -> [u32; 6] {
        let tests = [self.direct.len(), self.ranks.len(), self.bits.len(), self.same.len(), self.linear.len(), self.signs.len()];
        tests.map(|length| length as u32)
    }

    /// What a test adds, if one of its classes counts so much.
    fn test(&mut self, table: &OwnedTable, test: Test, stride: u32) -> Option<()> {
        let part = |span: Span| {
            let first = span.first as usize;
            table.maps.get(first..first + span.count as usize)
        };
        let counts = |class: &u32| if *class == NONE { fused::OUTSIDE } else { class * stride };
        let word = |input: u32| self.words.get(input as usize).copied();
        match test {
            Test::Flag { input } => {
                let word = word(input)?;
                let map = span(&mut self.maps, [0, stride, fused::OUTSIDE]);
                self.direct.push(fused::Direct { lo: 0, word, map });
            }
            Test::Member { input, map, .. } => {
                let word = word(input)?;
                let map = span(&mut self.maps, part(map)?.iter().map(counts).chain([fused::OUTSIDE]));
                self.direct.push(fused::Direct { lo: 0, word, map });
            }
            Test::Interval { input, thresholds, map, .. } => {
                let word = word(input)?;
                let Kind::Int(lo, hi) = *self.kinds.get(input as usize)? else { return None };
                let first = thresholds.first as usize;
                let rising = table.thresholds.get(first..first + thresholds.count as usize)?;
                let map = part(map)?;
                if hi.checked_sub(lo).is_some_and(|values| values < DIRECT) {
                    let class = |value: i64| counts(&map[rising.partition_point(|at| *at <= value)]);
                    let map = span(&mut self.maps, (lo..=hi).map(class).chain([fused::OUTSIDE]));
                    self.direct.push(fused::Direct { lo, word, map });
                } else {
                    // What divides no values of the domain is left out.
                    let inside: Vec<i64> = rising.iter().copied().filter(|at| lo < *at && *at <= hi).collect();
                    let below = rising.partition_point(|at| *at <= lo);
                    let classes = map.iter().skip(below).take(inside.len() + 1).map(counts);
                    let map = span(&mut self.maps, [fused::OUTSIDE].into_iter().chain(classes).chain([fused::OUTSIDE])).first;
                    let ends = [lo].into_iter().chain(inside).chain([hi.checked_add(1)?]);
                    self.ranks.push(fused::Rank { word, thresholds: span(&mut self.thresholds, ends), map });
                }
            }
            Test::Has { input, member } => {
                let word = word(input)? + member / 64;
                self.bits.push(fused::Bit { word, bit: member % 64, stride });
            }
            Test::Same { a, b } => {
                let Kind::Enum(size) = *self.kinds.get(a as usize)? else { return None };
                let (a, b) = (word(a)?, word(b)?);
                self.same.push(fused::Same { a, b, size, stride });
            }
            Test::AtLeastZero { monomials, constant } => {
                let mut sign = fused::Sign { constant, monomials, stride, narrow: false };
                sign.narrow = self.as_fused().is_narrow(&sign)?;
                match self.linear(&sign) {
                    Some(linear) => self.linear.push(linear),
                    None => self.signs.push(sign),
                }
            }
        }
        Some(())
    }

    /// A test without products, as one.
    fn linear(&mut self, sign: &fused::Sign) -> Option<fused::Linear> {
        let first = sign.monomials.first as usize;
        let monomials = self.monomials.get(first..first + sign.monomials.count as usize)?;
        let mut terms = Vec::with_capacity(monomials.len());
        for monomial in monomials {
            let input = *self.factors.get(monomial.factors.first as usize).filter(|_| monomial.factors.count == 1)? as usize;
            let Kind::Int(lo, hi) = *self.kinds.get(input)? else { return None };
            terms.push(fused::Term {
                coefficient: i64::try_from(monomial.coefficient).ok()?,
                lo,
                hi,
                word: *self.words.get(input)?,
            });
        }
        let constant = i64::try_from(sign.constant).ok().filter(|_| sign.narrow)?;
        Some(fused::Linear { constant, terms: span(&mut self.terms, terms), stride: sign.stride })
    }

    /// The table as the runtime reads it.
    pub fn as_fused(&self) -> fused::Fused<'_> {
        fused::Fused {
            inputs: &self.kinds,
            words: &self.words,
            row: self.row,
            direct: &self.direct,
            ranks: &self.ranks,
            bits: &self.bits,
            same: &self.same,
            linear: &self.linear,
            terms: &self.terms,
            signs: &self.signs,
            maps: &self.maps,
            thresholds: &self.thresholds,
            monomials: &self.monomials,
            factors: &self.factors,
            steps: &self.steps,
            columns: &self.columns,
            next: &self.next,
            decisions: &self.decisions,
            boxes: self.boxes.as_bits(),
            by_boxes: &self.by_boxes,
            outcomes: self.outcomes,
        }
    }

    /// How many bytes the arrays have.
    pub fn bytes(&self) -> usize {
        fn of<T>(all: &[T]) -> usize {
            std::mem::size_of_val(all)
        }
        of(&self.kinds)
            + of(&self.words)
            + of(&self.direct)
            + of(&self.ranks)
            + of(&self.bits)
            + of(&self.same)
            + of(&self.linear)
            + of(&self.terms)
            + of(&self.signs)
            + of(&self.maps)
            + of(&self.thresholds)
            + of(&self.monomials)
            + of(&self.factors)
            + of(&self.steps)
            + of(&self.columns)
            + of(&self.next)
            + of(&self.decisions)
            + of(&self.by_boxes)
            + self.boxes.bytes()
    }

    /// A row of words for values, one for each input; nothing if one is not known.
    pub fn row(&self, values: &[lexport_runtime::Value<'_>]) -> Option<Vec<i64>> {
        use lexport_runtime::Value;
        let mut row = Vec::with_capacity(self.row as usize);
        for (value, kind) in values.iter().zip(&self.kinds) {
            match (value, kind) {
                (Value::Bool(flag), Kind::Bool) => row.push(i64::from(*flag)),
                (Value::Member(member), Kind::Enum(_)) => row.push(i64::from(*member)),
                (Value::Int(int), Kind::Int(..)) => row.push(*int),
                (Value::Set(words), Kind::Set(size)) => {
                    row.extend((0..size.div_ceil(64) as usize).map(|at| words.get(at).copied().unwrap_or(0).cast_signed()));
                }
                _ => return None,
            }
        }
        (row.len() == self.row as usize).then_some(row)
    }
}

pub(super) fn span<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Span {
    let first = all.len();
    all.extend(more);
    Span { first: first as u32, count: (all.len() - first) as u32 }
}

#[cfg(test)]
mod tests;
