//! A table as straight-line code, in no language: which class is found how, and which look-ups follow. `rust` and `c` print it.
//!
//! In: a table. Out: a [`Plan`]. A class is found without a branch on the data: by a look-up, by counting thresholds, by the sign of a
//! sum; a sum is found once, however many decisions hang on it. Then a decision is a few dependent look-ups: its levels fused
//! ([`crate::diagram::fuse`]), or bit sets ([`crate::diagram::BitSets`]) where that would be more than two look-ups.
//! What is proved is the table; so before anything is printed, the plan answers every check vector as the table does.

use std::collections::{BTreeMap, BTreeSet};

use lexport_runtime::bits::{self, Even};
use lexport_runtime::{Kind, NONE, Test};

use super::artifact::EmitError;
use crate::diagram::{BitSets, Costs, FuseError, Grid, Index, OwnedTable, Steps, by_width, dividing, evenly, forms, part};
use crate::ir::Value;

/// How many values a number may have that is looked up directly.
const DIRECT: i128 = 4096;
/// From how many thresholds a direct look-up is better than to count them.
const COUNTED: usize = 4;
/// From how many thresholds a grid or a search is better than to count them.
const SEARCHED: usize = 8;
/// So many look-ups that wait for one another are better than bit sets.
const FEW: usize = 2;
/// Larger bit sets than this, and than the steps, are not printed.
const BYTES: usize = 1 << 20;

/// How the class of a test is found, once its inputs are known to be in their domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The Boolean itself.
    Flag { input: u32 },
    /// An entry of an array at the member; [`NONE`]: the table is not good for it.
    Member { input: u32, array: usize, guards: bool },
    /// An entry of an array at the value less `lo`.
    Direct { input: u32, lo: i64, array: usize },
    /// How many thresholds are reached; with an array its entry there. All thresholds divide the domain.
    Count { input: u32, thresholds: Vec<i64>, array: Option<usize> },
    /// The same for many thresholds that stand evenly: an entry of an array at the width that the value lies in ([`Even::width_of`]).
    Even { input: u32, even: Even, array: usize },
    /// The same for others, through a grid: the value, raised to `first` or lowered to `end`, less `first`, shifted right by
    /// `shift`, is a cell. The class is that of the cell, and one more if the threshold in it is reached.
    Grid { input: u32, first: i64, end: i64, shift: u32, limits: usize, classes: usize, array: Option<usize> },
    /// The same where a grid would be too fine: a search of so many steps.
    Search { input: u32, thresholds: usize, array: Option<usize> },
    /// Whether a set has a member.
    Has { input: u32, member: u32 },
    /// Whether two members are the same.
    Same { a: u32, b: u32 },
    /// Whether a sum is zero or more.
    Sign { constant: i128, terms: Vec<Term>, wide: bool },
}

/// A coefficient times values of inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub coefficient: i128,
    pub factors: Vec<u32>,
}

/// A look-up of a decision. The combination is the sum of class times stride; its column an entry of `columns`, or the combination
/// itself; the state behind it the entry of `next` at the state before it plus the column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jump {
    pub parts: Vec<(u32, u32)>,
    pub columns: Option<usize>,
    pub next: usize,
}

/// Where the value of a test stands among its words, or among the buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At its class.
    Class(u32),
    /// At the value less `lo`.
    Value { input: u32, lo: i64 },
    /// At the width that it lies in ([`Even::width_of`]).
    Even { input: u32, even: Even },
}

/// The look-ups of a decision that is bit sets. The bucket is the entry of `buckets` at the place of the first chooser times `second` plus that
/// of the second, or without `buckets` that place; from `bucket * stride` on `sets` has its words. The words of all tests, each where they begin plus the place of the value, met
/// with *and*, and the bucket have a hash; its last bits name the seed, hash and seed the slot of the outcome ([`bits::hash`],
/// [`bits::slot`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Boxes {
    pub choosers: [Option<Place>; 2],
    pub second: u32,
    pub buckets: Option<usize>,
    pub tests: Vec<(Place, u32)>,
    pub stride: u32,
    pub sets: usize,
    pub seeds: usize,
    /// How many seeds there are, less one.
    pub mask: u32,
    pub slots: usize,
    pub shift: u32,
}

/// How a decision goes on once the classes of its tests are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is always this outcome.
    Always(u32),
    /// Look-ups that wait for one another.
    Jumps(Vec<Jump>),
    /// Bit sets.
    Boxes(Boxes),
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The tests whose classes it needs, rising.
    pub tests: Vec<u32>,
    /// The inputs that it hangs on, rising.
    pub inputs: Vec<u32>,
    pub way: Way,
}

/// A table as straight-line code.
pub(crate) struct Plan<'t> {
    pub table: &'t OwnedTable,
    /// By test.
    pub tests: Vec<Class>,
    /// Classes and states, each array once.
    pub arrays: Vec<Vec<u32>>,
    /// Thresholds to be searched, and limits of cells.
    pub searched: Vec<Vec<i64>>,
    /// By decision.
    pub paths: Vec<Path>,
}

impl From<FuseError> for EmitError {
    fn from(error: FuseError) -> Self {
        EmitError::Malformed(error.to_string())
    }
}

/// The inputs of a test, each once, in the order in which the test names them.
pub(crate) fn inputs(table: &OwnedTable, test: Test) -> Vec<u32> {
    let mut out = Vec::new();
    let mut add = |input: u32| {
        if !out.contains(&input) {
            out.push(input);
        }
    };
    match test {
        Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => add(input),
        Test::Same { a, b } => [a, b].into_iter().for_each(add),
        Test::AtLeastZero { monomials, .. } => {
            let all = part(&table.monomials, monomials).unwrap_or(&[]);
            all.iter().flat_map(|one| part(&table.factors, one.factors).unwrap_or(&[])).for_each(|input| add(*input));
        }
    }
    out
}

/// How many classes a test has.
pub(crate) fn class_count(test: Test) -> u32 {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
        _ => 2,
    }
}

/// Arrays, each kept once.
#[derive(Default)]
struct Arrays {
    all: Vec<Vec<u32>>,
    known: BTreeMap<Vec<u32>, usize>,
}

impl Arrays {
    fn add(&mut self, array: Vec<u32>) -> usize {
        *self.known.entry(array).or_insert_with_key(|array| {
            self.all.push(array.clone());
            self.all.len() - 1
        })
    }
}

impl<'t> Plan<'t> {
    /// The plan of a table.
    ///
    /// # Errors
    /// If the table is malformed, or a test needs more than 128 bits; no table that Lexport built is or does.
    pub(crate) fn new(table: &'t OwnedTable) -> Result<Plan<'t>, EmitError> {
        table.as_table().check().map_err(|error| EmitError::Malformed(format!("{error:?}")))?;
        let mut arrays = Arrays::default();
        let mut searched = Vec::new();
        let malformed = |test: usize| EmitError::Malformed(format!("test {test}"));
        let tests = table.tests.iter().enumerate();
        let tests = tests
            .map(|(number, test)| class(table, *test, &mut arrays, &mut searched).ok_or_else(|| malformed(number)))
            .collect::<Result<Vec<Class>, _>>()?;
        let mut paths = Vec::with_capacity(table.roots.len());
        for (steps, sets) in forms(table, &Costs::default()) {
            let few = |steps: &Steps, sets: &BitSets| steps.steps.len() <= FEW || sets.bytes() > steps.bytes().max(BYTES);
            let (used, way) = match (steps, sets) {
                (Ok(steps), None) => jumps(steps, &mut arrays),
                (Ok(steps), Some(sets)) if few(&steps, &sets) => jumps(steps, &mut arrays),
                (_, Some(sets)) => boxes(table, sets, &mut arrays),
                (Err(error), None) => return Err(error.into()),
            };
            let rising = |all: Vec<u32>| all.into_iter().collect::<BTreeSet<u32>>().into_iter().collect::<Vec<u32>>();
            let inputs = rising(used.iter().flat_map(|test| inputs(table, table.tests[*test as usize])).collect());
            let tests = match &way {
                Way::Boxes(of) => {
                    of.places().filter_map(|place| if let Place::Class(test) = place { Some(test) } else { None }).collect()
                }
                _ => used,
            };
            paths.push(Path { tests: rising(tests), inputs, way });
        }
        let plan = Plan { table, tests, arrays: arrays.all, searched, paths };
        for (number, vector) in table.vectors.iter().enumerate() {
            for (decision, outcome) in vector.outcomes.iter().enumerate() {
                if plan.decide(decision, &vector.values) != Some(*outcome) {
                    return Err(EmitError::Malformed(format!("check vector {number} is not what decision {decision} answers")));
                }
            }
        }
        Ok(plan)
    }

    /// What the printed code does, in plain steps.
    fn decide(&self, decision: usize, values: &[Value]) -> Option<u32> {
        let class = |test: u32| self.class(test, values);
        match &self.paths.get(decision)?.way {
            Way::Always(outcome) => Some(*outcome),
            Way::Jumps(jumps) => {
                let mut state = 0;
                for jump in jumps {
                    let mut at = 0usize;
                    for (test, stride) in &jump.parts {
                        at += class(*test)? as usize * *stride as usize;
                    }
                    if let Some(columns) = jump.columns {
                        at = *self.arrays[columns].get(at)? as usize;
                    }
                    state = *self.arrays[jump.next].get(state + at)? as usize;
                }
                Some(state as u32)
            }
            Way::Boxes(of) => {
                let place = |place: Place| self.place(place, values);
                let [first, second] = of.choosers.map(|chooser| chooser.map_or(Some(0), place));
                let chosen = first? * of.second + second?;
                let bucket = of.buckets.map_or(Some(chosen), |array| self.arrays[array].get(chosen as usize).copied())?;
                let mut boxes = BitSets::ALL;
                for (test, at) in &of.tests {
                    boxes &= self.arrays[of.sets].get((bucket * of.stride + at + place(*test)?) as usize)?;
                }
                let hash = bits::hash(bucket, boxes);
                let seed = *self.arrays[of.seeds].get((hash & of.mask) as usize)?;
                self.arrays[of.slots].get(bits::slot(hash, seed, of.shift) as usize).copied()
            }
        }
    }

    fn place(&self, place: Place, values: &[Value]) -> Option<u32> {
        match place {
            Place::Class(test) => self.class(test, values),
            Place::Value { input, lo } => match values.get(input as usize)? {
                Value::Bool(flag) => Some(u32::from(*flag)),
                Value::Member(member) => Some(*member),
                Value::Int(int) => int.checked_sub(lo)?.try_into().ok(),
                Value::Set(_) => None,
            },
            Place::Even { input, even } => match values.get(input as usize)? {
                Value::Int(int) => Some(even.width_of(*int)),
                _ => None,
            },
        }
    }

    fn class(&self, test: u32, values: &[Value]) -> Option<u32> {
        let int = |input: u32| if let Some(Value::Int(int)) = values.get(input as usize) { Some(*int) } else { None };
        let member = |input: u32| if let Some(Value::Member(it)) = values.get(input as usize) { Some(*it) } else { None };
        let mapped = |array: Option<usize>, at: usize| match array {
            Some(array) => self.arrays[array].get(at).copied().filter(|class| *class != NONE),
            None => Some(at as u32),
        };
        match self.tests.get(test as usize)? {
            Class::Flag { input } => match values.get(*input as usize)? {
                Value::Bool(flag) => Some(u32::from(*flag)),
                _ => None,
            },
            Class::Member { input, array, .. } => mapped(Some(*array), member(*input)? as usize),
            Class::Direct { input, lo, array } => mapped(Some(*array), usize::try_from(int(*input)?.checked_sub(*lo)?).ok()?),
            Class::Count { input, thresholds, array } => {
                let value = int(*input)?;
                mapped(*array, thresholds.iter().filter(|at| **at <= value).count())
            }
            Class::Even { input, even, array } => mapped(Some(*array), even.width_of(int(*input)?) as usize),
            Class::Grid { input, first, end, shift, limits, classes, array } => {
                let value = int(*input)?.clamp(*first, *end);
                let cell = (value.wrapping_sub(*first).cast_unsigned() >> shift) as usize;
                let reached = value >= *self.searched[*limits].get(cell)?;
                mapped(*array, *self.arrays[*classes].get(cell)? as usize + usize::from(reached))
            }
            Class::Search { input, thresholds, array } => {
                let value = int(*input)?;
                mapped(*array, self.searched[*thresholds].partition_point(|at| *at <= value))
            }
            Class::Has { input, member } => match values.get(*input as usize)? {
                Value::Set(set) => Some(u32::from(set.contains(*member))),
                _ => None,
            },
            Class::Same { a, b } => Some(u32::from(member(*a)? == member(*b)?)),
            Class::Sign { constant, terms, .. } => {
                let mut sum = *constant;
                for term in terms {
                    let mut product = term.coefficient;
                    for factor in &term.factors {
                        product = product.checked_mul(i128::from(int(*factor)?))?;
                    }
                    sum = sum.checked_add(product)?;
                }
                Some(u32::from(sum >= 0))
            }
        }
    }
}

/// Steps as look-ups, and the tests that they need.
fn jumps(steps: Steps, arrays: &mut Arrays) -> (Vec<u32>, Way) {
    if steps.steps.is_empty() {
        return (Vec::new(), Way::Always(steps.outcome));
    }
    let used = steps.steps.iter().flat_map(|step| step.parts.iter().map(|(test, _)| *test)).collect();
    let jump = |(at, step): (usize, crate::diagram::Step)| {
        // Before the first step there is one state: its columns are states already.
        let (columns, next) = if at == 0 && !step.columns.is_empty() {
            (Vec::new(), step.columns.iter().map(|column| step.next[*column as usize]).collect())
        } else {
            (step.columns, step.next)
        };
        let columns = (!columns.is_empty()).then(|| arrays.add(columns));
        Jump { parts: step.parts, columns, next: arrays.add(next) }
    };
    (used, Way::Jumps(steps.steps.into_iter().enumerate().map(jump).collect()))
}

impl Boxes {
    /// The places of all its tests.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.choosers.iter().flatten().copied().chain(self.tests.iter().map(|(place, _)| *place))
    }
}

/// Bit sets, and the tests that they hang on.
fn boxes(table: &OwnedTable, sets: BitSets, arrays: &mut Arrays) -> (Vec<u32>, Way) {
    let used = sets.choosers.iter().flatten().map(|(test, _)| *test).chain(sets.tests.iter().map(|(test, ..)| *test)).collect();
    let (mask, shift) = (sets.seeds.len() as u32 - 1, 32 - sets.slots.len().trailing_zeros());
    // A place is that of a value only where the test reads one input.
    let place = |(test, index): (u32, Index)| match (index, inputs(table, table.tests[test as usize]).as_slice()) {
        (Index::Value { lo }, [input]) => Place::Value { input: *input, lo },
        (Index::Even(even), [input]) => Place::Even { input: *input, even },
        _ => Place::Class(test),
    };
    let way = Boxes {
        choosers: sets.choosers.map(|chooser| chooser.map(place)),
        second: sets.second,
        buckets: (!sets.buckets.is_empty()).then(|| arrays.add(sets.buckets)),
        tests: sets.tests.into_iter().map(|(test, index, at)| (place((test, index)), at)).collect(),
        stride: sets.stride,
        sets: arrays.add(sets.sets),
        seeds: arrays.add(sets.seeds),
        mask,
        slots: arrays.add(sets.slots),
        shift,
    };
    (used, Way::Boxes(way))
}

fn class(table: &OwnedTable, test: Test, arrays: &mut Arrays, searched: &mut Vec<Vec<i64>>) -> Option<Class> {
    Some(match test {
        Test::Flag { input } => Class::Flag { input },
        Test::Has { input, member } => Class::Has { input, member },
        Test::Same { a, b } => Class::Same { a, b },
        Test::Member { input, map, .. } => {
            let map = part(&table.maps, map)?.to_vec();
            let guards = map.contains(&NONE);
            Class::Member { input, array: arrays.add(map), guards }
        }
        Test::Interval { input, .. } => {
            let Kind::Int(lo, hi) = *table.kinds.get(input as usize)? else { return None };
            // What divides no values of the domain is left out.
            let (inside, map) = dividing(table, test)?;
            if map.contains(&NONE) {
                return None;
            }
            if inside.len() > COUNTED && i128::from(hi) - i128::from(lo) < DIRECT {
                let array = (lo..=hi).map(|value| map[inside.partition_point(|at| *at <= value)]).collect();
                return Some(Class::Direct { input, lo, array: arrays.add(array) });
            }
            if inside.len() > SEARCHED
                && let Some(even) = evenly(&inside)
            {
                let array = arrays.add(by_width(&even, &inside, &map));
                return Some(Class::Even { input, even, array });
            }
            let array = (!map.iter().copied().eq(0..map.len() as u32)).then(|| arrays.add(map));
            if inside.len() > SEARCHED {
                if let Some(Grid { first, end, shift, limits, classes }) = Grid::of(&inside) {
                    searched.push(limits);
                    return Some(Class::Grid {
                        input,
                        first,
                        end,
                        shift,
                        limits: searched.len() - 1,
                        classes: arrays.add(classes),
                        array,
                    });
                }
                searched.push(inside);
                Class::Search { input, thresholds: searched.len() - 1, array }
            } else {
                Class::Count { input, thresholds: inside, array }
            }
        }
        Test::AtLeastZero { monomials, constant } => {
            let mut terms = Vec::new();
            let mut most = constant.checked_abs()?;
            for monomial in part(&table.monomials, monomials)? {
                let factors = part(&table.factors, monomial.factors)?.to_vec();
                let mut product = monomial.coefficient.checked_abs()?;
                for input in &factors {
                    let Kind::Int(lo, hi) = *table.kinds.get(*input as usize)? else { return None };
                    product = product.checked_mul(i128::from(lo).abs().max(i128::from(hi).abs()).max(1))?;
                }
                most = most.checked_add(product)?;
                terms.push(Term { coefficient: monomial.coefficient, factors });
            }
            Class::Sign { constant, terms, wide: most > i128::from(i64::MAX) }
        }
    })
}
