//! Exact whole-number arithmetic: feasibility of linear systems in a box, and counting of lattice points in the plane.
//!
//! In: rows `Σ c·x + d ≥ 0` over columns that each lie in a closed range. Out: a point, none, or "not decided"; never a
//! guess. Rational shadows are by Fourier and Motzkin with integer tightening (each row divided by the greatest common
//! divisor of its coefficients, the constant rounded down); points in two columns are counted line by line with the
//! Euclid-like `floor_sum` (Graham, Knuth, Patashnik, "Concrete Mathematics", 3.32), so that no width is too large.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// `Σ coefficients[i] · x[i] + constant ≥ 0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// One for each column.
    pub coefficients: Vec<BigInt>,
    /// The constant.
    pub constant: BigInt,
}

/// What is known about the whole points of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// There is none.
    None,
    /// This one, by column.
    Some(Vec<i64>),
    /// Not decided within the budget.
    Unknown,
}

/// A shadow keeps at most this many rows; beyond, the answer is "not decided".
const MAX_ROWS: usize = 3000;

impl Row {
    /// Divides by the common divisor of the coefficients; rounding the constant down loses no whole point.
    fn tighten(mut self) -> Self {
        let divisor = self.coefficients.iter().fold(BigInt::zero(), |divisor, c| divisor.gcd(c));
        if divisor > BigInt::one() {
            for c in &mut self.coefficients {
                *c /= &divisor;
            }
            self.constant = self.constant.div_floor(&divisor);
        }
        self
    }

    fn is_constant(&self) -> bool {
        self.coefficients.iter().all(Zero::is_zero)
    }

    /// The row with one column given a value; the column stays, with coefficient 0.
    fn with(&self, column: usize, value: &BigInt) -> Row {
        let mut row = self.clone();
        row.constant += &row.coefficients[column] * value;
        row.coefficients[column] = BigInt::zero();
        row
    }
}

fn box_rows(ranges: &[(i64, i64)]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (column, (lo, hi)) in ranges.iter().enumerate() {
        let mut least = vec![BigInt::zero(); ranges.len()];
        least[column] = BigInt::one();
        let most = least.iter().map(|c| -c).collect();
        rows.push(Row { coefficients: least, constant: -BigInt::from(*lo) });
        rows.push(Row { coefficients: most, constant: BigInt::from(*hi) });
    }
    rows
}

/// The range of one column over all rational points (tightened by whole-number rounding): `Ok(None)` if there is none.
fn shadow(mut rows: Vec<Row>, keep: usize, columns: usize) -> Result<Option<(BigInt, BigInt)>, ()> {
    let mut left: Vec<usize> = (0..columns).filter(|column| *column != keep).collect();
    while !left.is_empty() {
        let cost = |column: usize| {
            let up = rows.iter().filter(|row| row.coefficients[column].is_positive()).count();
            let down = rows.iter().filter(|row| row.coefficients[column].is_negative()).count();
            up * down
        };
        let Some(at) = (0..left.len()).min_by_key(|at| cost(left[*at])) else { break };
        let column = left.swap_remove(at);
        let (mut up, mut down, mut out) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            if row.coefficients[column].is_positive() {
                up.push(row);
            } else if row.coefficients[column].is_negative() {
                down.push(row);
            } else {
                out.push(row);
            }
        }
        if out.len() + up.len() * down.len() > MAX_ROWS {
            return Err(());
        }
        for a in &up {
            for b in &down {
                let (x, y) = (-&b.coefficients[column], &a.coefficients[column]);
                let coefficients = a.coefficients.iter().zip(&b.coefficients).map(|(p, q)| p * &x + q * y).collect();
                let row = Row { coefficients, constant: &a.constant * &x + &b.constant * y }.tighten();
                if !row.is_constant() {
                    out.push(row);
                } else if row.constant.is_negative() {
                    return Ok(None);
                }
            }
        }
        out.sort_unstable();
        // Of rows with equal coefficients the first has the least constant: the others follow from it.
        out.dedup_by(|later, first| later.coefficients == first.coefficients);
        rows = out;
    }
    let (mut lo, mut hi): (Option<BigInt>, Option<BigInt>) = (None, None);
    for row in &rows {
        let c = &row.coefficients[keep];
        if c.is_positive() {
            let least = (-&row.constant).div_ceil(c);
            lo = Some(lo.map_or(least.clone(), |lo| lo.max(least)));
        } else if c.is_negative() {
            let most = row.constant.div_floor(&-c);
            hi = Some(hi.map_or(most.clone(), |hi| hi.min(most)));
        } else if row.constant.is_negative() {
            return Ok(None);
        }
    }
    match (lo, hi) {
        (Some(lo), Some(hi)) if lo <= hi => Ok(Some((lo, hi))),
        (Some(_), Some(_)) => Ok(None),
        _ => Err(()),
    }
}

/// Whether the rational shadow of the system is empty, which proves that it has no whole point.
pub fn surely_empty(ranges: &[(i64, i64)], rows: &[Row]) -> bool {
    let mut all = box_rows(ranges);
    all.extend(rows.iter().cloned().map(Row::tighten));
    !ranges.is_empty() && matches!(shadow(all, 0, ranges.len()), Ok(None))
}

/// A whole point of the box that meets all rows. Exact up to two columns; with more, a search through shadows that gives
/// up (as [`Point::Unknown`]) when the budget, which it counts down, is spent.
pub fn solve(ranges: &[(i64, i64)], rows: &[Row], budget: &mut u32) -> Point {
    let rows: Vec<Row> = rows.iter().cloned().map(Row::tighten).collect();
    let free: Vec<usize> =
        (0..ranges.len()).filter(|column| rows.iter().any(|row| !row.coefficients[*column].is_zero())).collect();
    if ranges.iter().any(|(lo, hi)| lo > hi) || rows.iter().any(|row| row.is_constant() && row.constant.is_negative()) {
        return Point::None;
    }
    let mut point: Vec<i64> = ranges.iter().map(|(lo, _)| *lo).collect();
    match free.as_slice() {
        [] => Point::Some(point),
        [x] => {
            let mut all = box_rows(&[ranges[*x]]);
            all.extend(rows.iter().map(|row| project(row, &[*x])));
            match shadow(all, 0, 1).ok().flatten().and_then(|(lo, _)| i64::try_from(lo).ok()) {
                Some(lo) => {
                    point[*x] = lo;
                    Point::Some(point)
                }
                None => Point::None,
            }
        }
        [x, y] => {
            let flat: Vec<Row> = rows.iter().map(|row| project(row, &[*x, *y])).collect();
            match first_in_plane(ranges[*x], ranges[*y], &flat) {
                Some((first, second)) => {
                    (point[*x], point[*y]) = (first, second);
                    Point::Some(point)
                }
                None => Point::None,
            }
        }
        _ => search(ranges, &rows, &free, budget),
    }
}

fn project(row: &Row, columns: &[usize]) -> Row {
    Row { coefficients: columns.iter().map(|c| row.coefficients[*c].clone()).collect(), constant: row.constant.clone() }
}

/// Three or more columns: fix the one with the narrowest shadow and go on.
fn search(ranges: &[(i64, i64)], rows: &[Row], free: &[usize], budget: &mut u32) -> Point {
    if *budget == 0 {
        return Point::Unknown;
    }
    *budget -= 1;
    let mut all = box_rows(ranges);
    all.extend(rows.iter().cloned());
    let mut best: Option<(usize, BigInt, BigInt)> = None;
    for column in free {
        match shadow(all.clone(), *column, ranges.len()) {
            Ok(None) => return Point::None,
            Err(()) => {}
            Ok(Some((lo, hi))) => {
                if best.as_ref().is_none_or(|(_, a, b)| &hi - &lo < b - a) {
                    best = Some((*column, lo, hi));
                }
            }
        }
    }
    let Some((column, lo, hi)) = best else { return Point::Unknown };
    let width = &hi - &lo;
    let complete = width <= BigInt::from(64);
    let mut candidates = vec![lo.clone(), hi.clone()];
    if complete {
        let mut next: BigInt = &lo + 1;
        while next < hi {
            candidates.push(next.clone());
            next += 1;
        }
    } else {
        for eighth in [4, 2, 6, 1, 7, 3, 5] {
            candidates.push(&lo + &width * eighth / 8);
        }
        candidates.extend([&lo + 1, &hi - 1]);
    }
    candidates.dedup();
    let mut decided = complete;
    for value in candidates {
        let fixed: Vec<Row> = rows.iter().map(|row| row.with(column, &value)).collect();
        let Ok(small) = i64::try_from(value) else { continue };
        let mut narrowed = ranges.to_vec();
        narrowed[column] = (small, small);
        match solve(&narrowed, &fixed, budget) {
            Point::Some(mut point) => {
                point[column] = small;
                return Point::Some(point);
            }
            Point::None => {}
            Point::Unknown => decided = false,
        }
        if *budget == 0 {
            return Point::Unknown;
        }
    }
    if decided { Point::None } else { Point::Unknown }
}

/// `Σ ⌊(a·i + b) / m⌋` for `i` from 0 to `n - 1`; `m > 0`, `a` and `b` of any sign.
fn floor_sum(n: &BigInt, m: &BigInt, a: &BigInt, b: &BigInt) -> BigInt {
    let (mut n, mut m) = (n.clone(), m.clone());
    let (quotient_a, mut a) = a.div_mod_floor(&m);
    let (quotient_b, mut b) = b.div_mod_floor(&m);
    let mut sum: BigInt = quotient_a * (&n * (&n - 1i32) / 2i32) + quotient_b * &n;
    loop {
        if a >= m {
            sum += &n * (&n - 1i32) / 2i32 * (&a / &m);
            a %= &m;
        }
        if b >= m {
            sum += &n * (&b / &m);
            b %= &m;
        }
        let top = &a * &n + &b;
        if top < m {
            return sum;
        }
        n = &top / &m;
        b = top % &m;
        std::mem::swap(&mut m, &mut a);
    }
}

/// A line `y = (a·x + b) / q`, `q > 0`.
struct Line {
    a: BigInt,
    b: BigInt,
    q: BigInt,
}

impl Line {
    fn at(&self, x: &BigInt) -> BigInt {
        &self.a * x + &self.b
    }

    /// Compares this with another at `x`.
    fn compare(&self, other: &Line, x: &BigInt) -> std::cmp::Ordering {
        (self.at(x) * &other.q).cmp(&(other.at(x) * &self.q))
    }
}

/// How many whole points of a rectangle meet all rows (each over the two columns `x`, `y`).
pub fn count_in_plane(x: (i64, i64), y: (i64, i64), rows: &[Row]) -> BigUint {
    let (mut left, mut right) = (BigInt::from(x.0), BigInt::from(x.1));
    let mut lower = vec![Line { a: BigInt::zero(), b: BigInt::from(y.0), q: BigInt::one() }];
    let mut upper = vec![Line { a: BigInt::zero(), b: BigInt::from(y.1), q: BigInt::one() }];
    for row in rows {
        let (p, q, d) = (&row.coefficients[0], &row.coefficients[1], &row.constant);
        if q.is_positive() {
            lower.push(Line { a: -p, b: -d, q: q.clone() });
        } else if q.is_negative() {
            upper.push(Line { a: p.clone(), b: d.clone(), q: -q });
        } else if p.is_positive() {
            left = left.max((-d).div_ceil(p));
        } else if p.is_negative() {
            right = right.min(d.div_floor(&-p));
        } else if d.is_negative() {
            return BigUint::zero();
        }
    }
    if left > right || y.0 > y.1 {
        return BigUint::zero();
    }
    // Where two lines cross, the order of bounds may change. A crossing at a whole x becomes a segment of its own.
    let lines: Vec<&Line> = lower.iter().chain(&upper).collect();
    let mut ends = vec![right.clone()];
    for (index, one) in lines.iter().enumerate() {
        for two in &lines[index + 1..] {
            let slope = &one.a * &two.q - &two.a * &one.q;
            if slope.is_zero() {
                continue;
            }
            let height = &two.b * &one.q - &one.b * &two.q;
            let (height, slope) = if slope.is_negative() { (-height, -slope) } else { (height, slope) };
            for end in [height.div_floor(&slope), height.div_ceil(&slope) - 1i32] {
                if end >= left && end < right {
                    ends.push(end);
                }
            }
        }
    }
    ends.sort_unstable();
    ends.dedup();
    let mut total = BigInt::zero();
    let mut start = left;
    for end in ends {
        let order = |a: &&Line, b: &&Line| a.compare(b, &start).then_with(|| a.compare(b, &end));
        let (Some(low), Some(high)) = (lower.iter().max_by(order), upper.iter().min_by(order)) else { break };
        if low.compare(high, &start).is_le() && low.compare(high, &end).is_le() {
            let n: BigInt = &end - &start + 1i32;
            // ⌊U⌋ - ⌈L⌉ + 1 is never negative where L ≤ U, and ⌈v⌉ = -⌊-v⌋.
            total += floor_sum(&n, &high.q, &high.a, &high.at(&start));
            total += floor_sum(&n, &low.q, &-&low.a, &-low.at(&start));
            total += n;
        }
        start = end + 1i32;
    }
    total.to_biguint().unwrap_or_default()
}

/// The point with the least `x`, then the least `y`.
fn first_in_plane(x: (i64, i64), y: (i64, i64), rows: &[Row]) -> Option<(i64, i64)> {
    let some = |from: i64, to: i64| !count_in_plane((from, to), y, rows).is_zero();
    if !some(x.0, x.1) {
        return None;
    }
    let (mut lo, mut hi) = (x.0, x.1);
    while lo < hi {
        let middle = ((i128::from(lo) + i128::from(hi)).div_euclid(2)) as i64;
        if some(x.0, middle) { hi = middle } else { lo = middle + 1 }
    }
    let (mut below, mut above) = (y.0, y.1);
    while below < above {
        let middle = ((i128::from(below) + i128::from(above)).div_euclid(2)) as i64;
        if count_in_plane((lo, lo), (y.0, middle), rows).is_zero() { below = middle + 1 } else { above = middle }
    }
    Some((lo, below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(coefficients: &[i64], constant: i64) -> Row {
        Row { coefficients: coefficients.iter().map(|c| BigInt::from(*c)).collect(), constant: constant.into() }
    }

    fn holds(row: &Row, point: &[i64]) -> bool {
        let sum: BigInt = row.coefficients.iter().zip(point).map(|(c, x)| c * BigInt::from(*x)).sum();
        !(sum + &row.constant).is_negative()
    }

    fn rows(columns: usize) -> impl Strategy<Value = Vec<Row>> {
        let one = (proptest::collection::vec(-7i64..8, columns), -30i64..31).prop_map(|(c, d)| row(&c, d));
        proptest::collection::vec(one, 0..5)
    }

    proptest! {
        #[test]
        fn the_plane_is_counted_as_by_hand(rows in rows(2), x in (-9i64..5, 0i64..12), y in (-9i64..5, 0i64..12)) {
            let (x, y) = ((x.0, x.0 + x.1), (y.0, y.0 + y.1));
            let by_hand = (x.0..=x.1).flat_map(|a| (y.0..=y.1).map(move |b| [a, b]))
                .filter(|point| rows.iter().all(|row| holds(row, point))).count();
            prop_assert_eq!(count_in_plane(x, y, &rows), BigUint::from(by_hand));
            match solve(&[x, y], &rows, &mut 100) {
                Point::Some(point) => prop_assert!(by_hand > 0 && rows.iter().all(|row| holds(row, &point))),
                other => prop_assert!(by_hand == 0 && other == Point::None),
            }
        }

        #[test]
        fn space_is_decided_as_by_hand(rows in rows(3), size in 1i64..9) {
            let range = (-size, size);
            let mut some = false;
            for a in -size..=size { for b in -size..=size { for c in -size..=size {
                some |= rows.iter().all(|row| holds(row, &[a, b, c]));
            }}}
            match solve(&[range; 3], &rows, &mut 1000) {
                Point::Some(point) => prop_assert!(rows.iter().all(|row| holds(row, &point))),
                Point::None => prop_assert!(!some),
                Point::Unknown => prop_assert!(false, "small boxes are always decided"),
            }
        }
    }

    #[test]
    fn wide_ranges_cost_nothing() {
        // x ≥ 592/100 · y over a billion each: half of it and a bit.
        let rows = [row(&[100, -592], 0)];
        let count = count_in_plane((0, 1_000_000_000), (0, 1_000_000_000), &rows);
        assert_eq!(count.to_string(), "84459460047297299");
        assert_eq!(solve(&[(1, i64::MAX), (1, i64::MAX)], &rows, &mut 1), Point::Some(vec![6, 1]));
    }
}
