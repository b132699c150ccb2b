//! What the truth of atoms leaves of the values of the columns they tie together.
//!
//! A diagram treats an arithmetic or same-member atom as a Boolean variable of its own, so it has paths that no values take.
//! Here a path through one cluster of columns is judged exactly: which classes it allows, which atoms it makes true or
//! false, and whether whole numbers (or members) exist that agree with all of that, which, and how many. What cannot be
//! decided is said to be so, and keeps the path: never a proof.

use std::sync::{Arc, Mutex};

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;

use super::classes::Allowed;
use super::layout::AtomKey;
use super::linear::{Point, Row, count_in_plane, solve, surely_empty};
use crate::ir::{InputId, MemberSet, Poly, Ranges, Value};

/// An atom over the columns of its cluster.
#[derive(Clone, Debug)]
pub(crate) enum Atom {
    /// At least 0; inputs stand for local columns.
    Poly(Poly),
    /// The same member.
    Same(usize, usize),
}

impl Atom {
    pub fn new(key: &AtomKey, local: impl Fn(usize) -> usize) -> Atom {
        match key {
            AtomKey::Same(a, b) => Atom::Same(local(*a), local(*b)),
            AtomKey::Poly(poly) => {
                let mut out = poly.clone();
                for (inputs, _) in &mut out.monomials {
                    inputs.iter_mut().for_each(|input| *input = InputId(local(input.index()) as u32));
                }
                Atom::Poly(out)
            }
        }
    }
}

/// Columns that atoms tie together.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// Indices of [`super::layout::Layout::columns`].
    pub columns: Vec<usize>,
    pub domains: Vec<Allowed>,
    pub preferred: Vec<Vec<Value>>,
    /// In the order of the atom levels of the block.
    pub atoms: Vec<Atom>,
    /// In questions about pairs: the first column is less than the second.
    pub less: Option<(usize, usize)>,
    /// What was found out about parts: paths that differ elsewhere ask the same again.
    pub known: Known,
}

/// Answers about parts, by their columns, ranges and constraints; and what finding them has cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Arc<Mutex<(FxHashMap<PartKey, Feasible>, u32)>>);

type PartKey = (Vec<usize>, Vec<Ranges>, Vec<Poly>);

/// So many boxes that a search looks at cost as much as a step of a walk.
const STEPS_OF_EFFORT: u32 = 8;

/// So many answers are kept.
const MOST_KNOWN: usize = 1 << 18;

/// What a path through a block says.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// By local column.
    pub allowed: Vec<Allowed>,
    /// By atom; `None` where the path does not ask.
    pub truth: Vec<Option<bool>>,
}

/// Whether values exist, as numbers or member numbers by local column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feasible {
    No,
    Yes(Vec<i64>),
    Unknown,
}

/// Boxes up to this many points are simply enumerated.
const SMALL: u32 = 1024;
/// Pairs of ranges, nodes of searches: beyond, a question is left open.
const EFFORT: u32 = 4096;

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(*int),
        Value::Member(member) => Some((*member).into()),
        Value::Bool(value) => Some((*value).into()),
        Value::Set(_) => None,
    }
}

impl Cluster {
    /// The path that says nothing.
    pub fn open_path(&self) -> Path {
        Path { allowed: self.domains.clone(), truth: vec![None; self.atoms.len()] }
    }

    fn is_equality(&self) -> bool {
        matches!(self.domains.first(), Some(Allowed::Members(_)))
    }

    /// The truth of an atom, if the classes on the path already settle it.
    pub fn forced(&self, path: &Path, atom: usize) -> Option<bool> {
        match &self.atoms[atom] {
            Atom::Poly(poly) => {
                let (lo, hi) = poly.bounds(|input| path.allowed[input.index()].hull())?;
                if lo >= 0 { Some(true) } else { (hi < 0).then_some(false) }
            }
            Atom::Same(a, b) => match (&path.allowed[*a], &path.allowed[*b]) {
                (Allowed::Members(one), Allowed::Members(two)) if !one.intersects(two) => Some(false),
                (Allowed::Members(one), Allowed::Members(two)) if one.len() == 1 && one == two => Some(true),
                _ => None,
            },
        }
    }

    /// Whether values exist that take the path.
    pub fn find(&self, path: &Path) -> Feasible {
        if path.allowed.iter().any(Allowed::is_empty) {
            return Feasible::No;
        }
        if self.is_equality() { Equalities::of(self, path).find(self) } else { self.find_numbers(path) }
    }

    /// What the searches since the last call have cost, in steps of a walk through a diagram.
    pub fn effort(&self) -> usize {
        self.known.0.lock().map_or(0, |mut known| {
            let steps = known.1 / STEPS_OF_EFFORT;
            known.1 %= STEPS_OF_EFFORT;
            steps as usize
        })
    }

    /// How many values take the path; `None` if not counted.
    pub fn count(&self, path: &Path) -> Option<BigUint> {
        if self.less.is_some() {
            return None;
        }
        if self.is_equality() {
            let equalities = Equalities::of(self, path);
            return (equalities.differ.len() <= 16).then(|| equalities.count());
        }
        let Some(parts) = self.parts(path) else { return Some(BigUint::zero()) };
        let mut total = BigUint::one();
        for part in parts {
            total *= part.count()?;
        }
        Some(total)
    }

    /// The constraints of a path, split into parts that share no column; `None` if one fails wherever the columns are.
    fn parts(&self, path: &Path) -> Option<Vec<Part>> {
        let n = self.columns.len();
        let mut constraints: Vec<Poly> = Vec::new();
        for (atom, truth) in self.atoms.iter().zip(&path.truth) {
            let (Atom::Poly(poly), Some(truth)) = (atom, truth) else { continue };
            constraints.push(if *truth {
                poly.clone()
            } else {
                // Within 128 bits, as the builder of terms bounds every value.
                poly.times_constant(-1).and_then(|poly| poly.plus(&Poly::constant(-1))).unwrap_or_default()
            });
        }
        if let Some((a, b)) = self.less {
            let (a, b) = (InputId(a as u32), InputId(b as u32));
            let mut monomials = vec![(vec![a], -1), (vec![b], 1)];
            monomials.sort_unstable();
            constraints.push(Poly { constant: -1, monomials });
        }
        let mut kept = Vec::new();
        for poly in constraints {
            match poly.bounds(|input| path.allowed[input.index()].hull()) {
                Some((_, hi)) if hi < 0 => return None,
                Some((lo, _)) if lo >= 0 => {}
                _ => kept.push(poly),
            }
        }
        let mut group: Vec<usize> = (0..n).collect();
        for poly in &kept {
            let inputs = poly.inputs();
            let to = inputs.iter().map(|input| group[input.index()]).min().unwrap_or(0);
            let from: Vec<usize> = inputs.iter().map(|input| group[input.index()]).collect();
            group.iter_mut().filter(|at| from.contains(at)).for_each(|at| *at = to);
        }
        let mut parts = Vec::new();
        for first in 0..n {
            let columns: Vec<usize> = (0..n).filter(|column| group[*column] == first).collect();
            if columns.is_empty() {
                continue;
            }
            let local = |input: InputId| columns.iter().position(|column| *column == input.index());
            let mut rows = Vec::new();
            for poly in &kept {
                if poly.inputs().first().is_some_and(|input| local(*input).is_some()) {
                    let mut poly = poly.clone();
                    for (inputs, _) in &mut poly.monomials {
                        inputs.iter_mut().for_each(|input| *input = InputId(local(*input).unwrap_or(0) as u32));
                    }
                    rows.push(poly);
                }
            }
            let ranges = columns.iter().map(|column| match &path.allowed[*column] {
                Allowed::Ranges(ranges) => ranges.clone(),
                Allowed::Members(_) => Ranges::empty(),
            });
            let preferred = columns.iter().map(|column| self.preferred[*column].iter().filter_map(number).collect());
            parts.push(Part { ranges: ranges.collect(), preferred: preferred.collect(), rows, columns });
        }
        Some(parts)
    }

    fn find_numbers(&self, path: &Path) -> Feasible {
        let Some(parts) = self.parts(path) else { return Feasible::No };
        let mut point = vec![0; self.columns.len()];
        let mut sure = true;
        for part in parts {
            match part.find_once(&self.known) {
                Feasible::No => return Feasible::No,
                Feasible::Unknown => sure = false,
                Feasible::Yes(values) => {
                    part.columns.iter().zip(values).for_each(|(column, value)| point[*column] = value);
                }
            }
        }
        if sure { Feasible::Yes(point) } else { Feasible::Unknown }
    }
}

/// Number columns that constraints connect. Constraints are polynomials that must be at least 0, over positions in `columns`.
struct Part {
    columns: Vec<usize>,
    ranges: Vec<Ranges>,
    preferred: Vec<Vec<i64>>,
    rows: Vec<Poly>,
}

impl Part {
    fn holds(&self, point: &[i64]) -> bool {
        self.rows.iter().all(|row| row.value(|at| point.get(at.index()).copied()).is_some_and(|value| value >= 0))
    }

    fn is_linear(&self) -> bool {
        self.rows.iter().all(Poly::is_linear)
    }

    fn points(&self) -> BigUint {
        self.ranges.iter().map(|ranges| BigUint::from(ranges.count())).product()
    }

    /// All combinations of one range for each column, if they are few.
    fn boxes(&self) -> Option<Vec<Vec<(i64, i64)>>> {
        let mut boxes: Vec<Vec<(i64, i64)>> = vec![Vec::new()];
        for ranges in &self.ranges {
            if boxes.len() * ranges.pairs().len() > EFFORT as usize {
                return None;
            }
            boxes =
                boxes.iter().flat_map(|done| ranges.pairs().iter().map(|pair| [done.as_slice(), &[*pair]].concat())).collect();
        }
        Some(boxes)
    }

    /// Visits combinations of candidates, the first column slowest, until `visit` is content.
    fn combine(candidates: &[Vec<i64>], mut visit: impl FnMut(&[i64]) -> bool) {
        let mut point: Vec<i64> = candidates.iter().filter_map(|all| all.first().copied()).collect();
        let mut at = vec![0; candidates.len()];
        if point.len() < candidates.len() {
            return;
        }
        loop {
            if visit(&point) {
                return;
            }
            let mut column = candidates.len();
            loop {
                let Some(before) = column.checked_sub(1) else { return };
                column = before;
                at[column] += 1;
                if at[column] < candidates[column].len() {
                    point[column] = candidates[column][at[column]];
                    break;
                }
                at[column] = 0;
                point[column] = candidates[column][0];
            }
        }
    }

    fn everything(&self) -> Vec<Vec<i64>> {
        self.ranges.iter().map(|ranges| ranges.pairs().iter().flat_map(|(lo, hi)| *lo..=*hi).collect()).collect()
    }

    fn row(&self, poly: &Poly) -> Row {
        let mut coefficients = vec![BigInt::zero(); self.columns.len()];
        for (inputs, coefficient) in &poly.monomials {
            coefficients[inputs[0].index()] += BigInt::from(*coefficient);
        }
        Row { coefficients, constant: poly.constant.into() }
    }

    fn count(&self) -> Option<BigUint> {
        if self.rows.is_empty() {
            return Some(self.points());
        }
        if self.points() <= BigUint::from(SMALL) {
            let mut count = 0u32;
            Self::combine(&self.everything(), |point| {
                count += u32::from(self.holds(point));
                false
            });
            return Some(count.into());
        }
        if self.columns.len() != 2 || !self.is_linear() {
            return None;
        }
        let rows: Vec<Row> = self.rows.iter().map(|row| self.row(row)).collect();
        Some(self.boxes()?.iter().map(|ranges| count_in_plane(ranges[0], ranges[1], &rows)).sum())
    }

    /// As [`Self::find`], once for the same part. The answer does not depend on who asked first.
    fn find_once(&self, known: &Known) -> Feasible {
        if self.rows.is_empty() {
            return self.find(&mut 0);
        }
        let key = (self.columns.clone(), self.ranges.clone(), self.rows.clone());
        let before = known.0.lock().ok().and_then(|known| known.0.get(&key).cloned());
        if let Some(before) = before {
            return before;
        }
        let mut effort = 0;
        let found = self.find(&mut effort);
        if let Ok(mut known) = known.0.lock() {
            known.1 = known.1.saturating_add(effort);
            if known.0.len() < MOST_KNOWN {
                known.0.insert(key, found.clone());
            }
        }
        found
    }

    /// Whether there is a point; `effort` is what the search cost.
    fn find(&self, effort: &mut u32) -> Feasible {
        // First what people know, then the boundaries: a witness should read like a case.
        let mut candidates = Vec::new();
        for (ranges, preferred) in self.ranges.iter().zip(&self.preferred) {
            let mut all: Vec<i64> = preferred.iter().copied().filter(|value| ranges.contains(*value)).take(3).collect();
            for bound in [ranges.first(), ranges.last()].into_iter().flatten() {
                if !all.contains(&bound) {
                    all.push(bound);
                }
            }
            candidates.push(all);
        }
        let (mut found, mut left) = (None, 256);
        Self::combine(&candidates, |point| {
            if self.holds(point) {
                found = Some(point.to_vec());
            }
            left -= 1;
            left == 0 || found.is_some()
        });
        if let Some(point) = found {
            return Feasible::Yes(point);
        }
        if self.points() <= BigUint::from(SMALL) {
            let mut found = None;
            Self::combine(&self.everything(), |point| {
                found = self.holds(point).then(|| point.to_vec());
                found.is_some()
            });
            return found.map_or(Feasible::No, Feasible::Yes);
        }
        let Some(boxes) = self.boxes() else { return Feasible::Unknown };
        let mut sure = true;
        let mut budget = EFFORT;
        for ranges in boxes {
            let point = if self.is_linear() {
                let rows: Vec<Row> = self.rows.iter().map(|row| self.row(row)).collect();
                solve(&ranges, &rows, &mut budget)
            } else {
                self.branch(ranges, &mut budget)
            };
            *effort = EFFORT - budget;
            match point {
                Point::Some(point) => return Feasible::Yes(point),
                Point::None => {}
                Point::Unknown => sure = false,
            }
        }
        if sure { Feasible::No } else { Feasible::Unknown }
    }

    /// Products of columns: empty if it is so with every product as a column of its own; else halving of boxes, each
    /// judged by the range that the polynomials have in it.
    fn branch(&self, ranges: Vec<(i64, i64)>, budget: &mut u32) -> Point {
        if self.empty_as_products(&ranges) {
            return Point::None;
        }
        let mut stack = vec![ranges];
        while let Some(ranges) = stack.pop() {
            if *budget == 0 {
                return Point::Unknown;
            }
            *budget -= 1;
            let bounds = |row: &Poly| row.bounds(|at| ranges[at.index()]);
            if self.rows.iter().any(|row| bounds(row).is_some_and(|(_, hi)| hi < 0)) {
                continue;
            }
            for corner in [ranges.iter().map(|r| r.0).collect::<Vec<_>>(), ranges.iter().map(|r| r.1).collect()] {
                if self.holds(&corner) {
                    return Point::Some(corner);
                }
            }
            let width = |at: &usize| i128::from(ranges[*at].1) - i128::from(ranges[*at].0);
            let Some(widest) = (0..ranges.len()).max_by_key(width).filter(|at| width(at) > 0) else { continue };
            let (lo, hi) = ranges[widest];
            let middle = (i128::from(lo) + width(&widest) / 2) as i64;
            for half in [(middle + 1, hi), (lo, middle)] {
                let mut next = ranges.clone();
                next[widest] = half;
                stack.push(next);
            }
        }
        Point::None
    }

    fn empty_as_products(&self, ranges: &[(i64, i64)]) -> bool {
        let mut products: Vec<&Vec<InputId>> =
            self.rows.iter().flat_map(|row| row.monomials.iter().map(|(inputs, _)| inputs)).collect();
        products.sort_unstable();
        products.dedup();
        let mut bounds = Vec::new();
        for product in &products {
            let one = Poly { constant: 0, monomials: vec![((*product).clone(), 1)] };
            let Some((lo, hi)) = one.bounds(|at| ranges[at.index()]) else { return false };
            let (Ok(lo), Ok(hi)) = (i64::try_from(lo), i64::try_from(hi)) else { return false };
            bounds.push((lo, hi));
        }
        let rows: Vec<Row> = self
            .rows
            .iter()
            .map(|row| {
                let mut coefficients = vec![BigInt::zero(); products.len()];
                for (inputs, coefficient) in &row.monomials {
                    if let Ok(at) = products.binary_search(&inputs) {
                        coefficients[at] = BigInt::from(*coefficient);
                    }
                }
                Row { coefficients, constant: row.constant.into() }
            })
            .collect();
        surely_empty(&bounds, &rows)
    }
}

/// Same-member atoms: columns that are equal are one; what is left is a list of pairs that differ.
#[derive(Clone)]
struct Equalities {
    /// By local column: the column that stands for it.
    same_as: Vec<usize>,
    /// By local column; only those that stand for themselves count.
    allowed: Vec<MemberSet>,
    differ: Vec<(usize, usize)>,
}

impl Equalities {
    fn of(cluster: &Cluster, path: &Path) -> Self {
        let allowed = path.allowed.iter().map(|allowed| match allowed {
            Allowed::Members(set) => set.clone(),
            Allowed::Ranges(_) => MemberSet::empty(0),
        });
        let mut this = Equalities { same_as: (0..path.allowed.len()).collect(), allowed: allowed.collect(), differ: Vec::new() };
        for (atom, truth) in cluster.atoms.iter().zip(&path.truth) {
            if let (Atom::Same(a, b), Some(true)) = (atom, truth) {
                this.merge(*a, *b);
            }
        }
        for (atom, truth) in cluster.atoms.iter().zip(&path.truth) {
            if let (Atom::Same(a, b), Some(false)) = (atom, truth) {
                let (a, b) = (this.same_as[*a], this.same_as[*b]);
                this.differ.push((a.min(b), a.max(b)));
            }
        }
        this.differ.sort_unstable();
        this.differ.dedup();
        this
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (a, b) = (self.same_as[a], self.same_as[b]);
        let (keep, gone) = (a.min(b), a.max(b));
        if keep != gone {
            self.allowed[keep] = self.allowed[keep].intersection(&self.allowed[gone]);
            self.same_as.iter_mut().filter(|at| **at == gone).for_each(|at| *at = keep);
            for (x, y) in &mut self.differ {
                (*x, *y) = (self.same_as[*x], self.same_as[*y]);
                (*x, *y) = (*(&*x).min(&*y), *(&*x).max(&*y));
            }
        }
    }

    /// Cases in which all of the pairs differ: those without the last pair, less those in which it is equal.
    fn count(mut self) -> BigUint {
        if self.differ.iter().any(|(a, b)| a == b) {
            return BigUint::zero();
        }
        match self.differ.pop() {
            None => (0..self.same_as.len())
                .filter(|at| self.same_as[*at] == *at)
                .map(|at| BigUint::from(self.allowed[at].len()))
                .product(),
            Some((a, b)) => {
                let mut equal = self.clone();
                equal.merge(a, b);
                self.count() - equal.count()
            }
        }
    }

    fn find(&self, cluster: &Cluster) -> Feasible {
        if self.differ.iter().any(|(a, b)| a == b) {
            return Feasible::No;
        }
        let mut order: Vec<usize> = (0..self.same_as.len()).filter(|at| self.same_as[*at] == *at).collect();
        order.sort_by_key(|at| (self.allowed[*at].len(), *at));
        let less = cluster.less.map(|(a, b)| (self.same_as[a], self.same_as[b]));
        if less.is_some_and(|(a, b)| a == b) {
            return Feasible::No;
        }
        let mut values: Vec<Option<u32>> = vec![None; self.same_as.len()];
        let mut effort = EFFORT;
        match self.assign(cluster, &order, less, &mut values, &mut effort) {
            None => Feasible::Unknown,
            Some(false) => Feasible::No,
            Some(true) => Feasible::Yes(self.same_as.iter().map(|at| values[*at].unwrap_or(0).into()).collect()),
        }
    }

    fn assign(
        &self,
        cluster: &Cluster,
        order: &[usize],
        less: Option<(usize, usize)>,
        values: &mut Vec<Option<u32>>,
        effort: &mut u32,
    ) -> Option<bool> {
        let Some((at, rest)) = order.split_first() else { return Some(true) };
        let preferred = cluster.preferred[*at].iter().filter_map(number).filter_map(|value| u32::try_from(value).ok());
        for value in preferred.chain(self.allowed[*at].iter()) {
            let clash =
                |(a, b): &(usize, usize)| (a == at && values[*b] == Some(value)) || (b == at && values[*a] == Some(value));
            let disorder = less.is_some_and(|(a, b)| {
                (a == *at && values[b].is_some_and(|other| value >= other))
                    || (b == *at && values[a].is_some_and(|other| other >= value))
            });
            if !self.allowed[*at].contains(value) || disorder || self.differ.iter().any(clash) {
                continue;
            }
            *effort = effort.checked_sub(1)?;
            values[*at] = Some(value);
            if self.assign(cluster, rest, less, values, effort)? {
                return Some(true);
            }
            values[*at] = None;
        }
        Some(false)
    }
}
