//! Where a value stands among the words of a test: found by arithmetic where that is possible, through a grid otherwise.

use lexport_runtime::bits::Even;
use lexport_runtime::{Kind, Test};

use super::super::fused::{DIRECT, classes, part};
use super::super::table::OwnedTable;

/// The most cells of a grid, and the most widths between evenly spaced thresholds.
const CELLS: i64 = 1 << 12;
/// Words of this many bytes stay in the nearest cache beside all else: there a word for each value is better than a look-up of its class.
const NEAR: usize = 32 << 10;

/// How the place of a value among the words of a test is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// It is the class of the test.
    Class,
    /// It is the value less `lo`: a member by its number, a Boolean as 0 or 1.
    Value {
        /// The least value.
        lo: i64,
    },
    /// It is the width that the value lies in.
    Even(Even),
}

/// A test by places: how one is found, and by place its class in the table; by class each has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub test: u32,
    pub index: Index,
    pub classes: Vec<u32>,
}

impl Places {
    /// The places of tests whose words stand in so many buckets, each with where its test stands among these, the fewest first: small ones are neighbours in
    /// the cache. `mapped`: what looks up is given the class of a member, and need not have a word for each member itself.
    pub fn of(table: &OwnedTable, tests: &[u32], buckets: usize, mapped: bool) -> Option<Vec<(usize, Places)>> {
        let direct = tests.iter().map(|test| Places::direct(table, *test)).collect::<Option<Vec<_>>>()?;
        let words: usize = direct.iter().map(|one| one.classes.len()).sum();
        let near = words.saturating_mul(buckets).saturating_mul(2) <= NEAR;
        let choose = |one: Places| {
            let different = classes(table.tests[one.test as usize]);
            let few = one.classes.len() <= 2 * different as usize;
            let bound = !mapped && matches!(one.index, Index::Value { .. });
            if near || few || bound {
                one
            } else {
                Places { test: one.test, index: Index::Class, classes: (0..different).collect() }
            }
        };
        let mut chosen: Vec<(usize, Places)> = direct.into_iter().map(choose).enumerate().collect();
        chosen.sort_by_key(|(_, one)| one.classes.len());
        Some(chosen)
    }

    /// By value or by arithmetic, wherever that is possible.
    fn direct(table: &OwnedTable, test: u32) -> Option<Places> {
        let of = *table.tests.get(test as usize)?;
        let (index, by_place) = match of {
            Test::Flag { .. } => (Index::Value { lo: 0 }, vec![0, 1]),
            Test::Member { map, .. } => (Index::Value { lo: 0 }, part(&table.maps, map)?.to_vec()),
            Test::Interval { input, .. } => {
                let Kind::Int(lo, hi) = *table.kinds.get(input as usize)? else { return None };
                let (thresholds, between) = dividing(table, of)?;
                if hi.checked_sub(lo)? < DIRECT {
                    let class = |value: i64| between[thresholds.partition_point(|at| *at <= value)];
                    (Index::Value { lo }, (lo..=hi).map(class).collect())
                } else if let Some(even) = evenly(&thresholds) {
                    (Index::Even(even), by_width(&even, &thresholds, &between))
                } else {
                    (Index::Class, (0..classes(of)).collect())
                }
            }
            _ => return None,
        };
        Some(Places { test, index, classes: by_place })
    }
}

/// The thresholds that divide the domain of a test of a number, rising, and the classes between them: one more.
pub fn dividing(table: &OwnedTable, test: Test) -> Option<(Vec<i64>, Vec<u32>)> {
    let Test::Interval { input, thresholds, map, .. } = test else { return None };
    let Kind::Int(lo, hi) = *table.kinds.get(input as usize)? else { return None };
    let rising = part(&table.thresholds, thresholds)?;
    let below = rising.partition_point(|at| *at <= lo);
    let inside: Vec<i64> = rising[below..].iter().copied().take_while(|at| *at <= hi).collect();
    let classes = part(&table.maps, map)?.get(below..=below + inside.len())?.to_vec();
    Some((inside, classes))
}

/// The classes of evenly spaced thresholds, width by width, from those between the thresholds.
pub fn by_width(even: &Even, thresholds: &[i64], between: &[u32]) -> Vec<u32> {
    let class = |width: u32| between[thresholds.partition_point(|at| *at <= begins(even, width))];
    (0..even.widths).map(class).collect()
}

/// Where a width begins: all values that lie in it reach as many thresholds.
fn begins(even: &Even, width: u32) -> i64 {
    let wide = (i128::from(even.end) - i128::from(even.first)) / i128::from(even.widths - 1);
    (i128::from(even.first) + i128::from(width) * wide) as i64
}

/// Thresholds that rise, if they stand evenly: of the widest widths that there can be. Nothing if those are too many, or there is no threshold.
pub fn evenly(thresholds: &[i64]) -> Option<Even> {
    let (least, end) = (*thresholds.first()?, *thresholds.last()?);
    let apart = |at: &i64| at.checked_sub(least).map(i64::cast_unsigned);
    let width = thresholds.iter().try_fold(0, |all, at| Some(num_integer::gcd(all, apart(at)?)))?.max(1);
    let first = least.checked_sub(i64::try_from(width).ok()?)?;
    let from = end.checked_sub(first)?.cast_unsigned();
    let widths = from / width + 1;
    if widths > CELLS.cast_unsigned() {
        return None;
    }
    let (twos, last) = (width.trailing_zeros(), u32::try_from(from >> width.trailing_zeros()).ok()?);
    let odd = width >> twos;
    // Numbers are divided as they should be if those are beside which the quotient changes.
    let exact = |factor: u64, shift: u32| {
        let quotient = |number: u64| (number * factor) >> shift;
        (1..widths).all(|at| quotient(at * odd) == at && quotient(at * odd - 1) == at - 1) && quotient(last.into()) == widths - 1
    };
    let (factor, shift) = (0..64).find_map(|shift| {
        let factor = u32::try_from((1u128 << shift).div_ceil(odd.into())).ok()?;
        exact(factor.into(), shift).then_some((factor, shift))
    })?;
    Some(Even { first, end, twos, factor, shift, widths: widths as u32 })
}

/// A grid over the values of a number: each cell is so narrow that at most one threshold lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Where the first cell begins; what is less belongs to it too.
    pub first: i64,
    /// Where the last cell begins; what is more belongs to it too.
    pub end: i64,
    /// How wide a cell is, as a power of two.
    pub shift: u32,
    /// The threshold in each cell; the greatest number if there is none, which no value of a cell is.
    pub limits: Vec<i64>,
    /// How many thresholds what lies below the threshold of each cell reaches.
    pub classes: Vec<u32>,
}

impl Grid {
    /// Of the widest cells that there can be; nothing if they are too many, or there is no threshold. The thresholds rise.
    pub fn of(thresholds: &[i64]) -> Option<Grid> {
        let (least, most) = (i128::from(*thresholds.first()?), i128::from(*thresholds.last()?));
        // From one cell before the first threshold to the one behind that of the last.
        let fits = |shift: u32| {
            let first = least - (1i128 << shift);
            let number = |at: i64| (i128::from(at) - first) >> shift;
            let apart = thresholds.windows(2).all(|pair| number(pair[0]) != number(pair[1]));
            let last = ((most - first) >> shift) + 1;
            let (first, end) = (i64::try_from(first).ok()?, i64::try_from(first + (last << shift)).ok()?);
            // The greatest number of all is the limit of a cell that has none.
            let fits = apart && last < i128::from(CELLS) && end < i64::MAX && end.checked_sub(first).is_some();
            fits.then_some((first, end, shift))
        };
        let (first, end, shift) = (0..62).rev().find_map(fits)?;
        let last = end.checked_sub(first)?.cast_unsigned() >> shift;
        let cells = (0..=last).map(|number| {
            let cell = |at: &i64| at.wrapping_sub(first).cast_unsigned() >> shift;
            let before = thresholds.partition_point(|at| cell(at) < number);
            let within = thresholds.get(before).copied().filter(|at| cell(at) == number);
            (within.unwrap_or(i64::MAX), before as u32)
        });
        let (limits, classes) = cells.unzip();
        Some(Grid { first, end, shift, limits, classes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values beside thresholds and beginnings, and at the ends of everything.
    fn near(thresholds: &[i64], ends: [i64; 2]) -> impl Iterator<Item = i64> {
        let all = thresholds.iter().copied().chain(ends);
        let beside: Vec<i64> = all.flat_map(|at| [at.saturating_sub(1), at, at.saturating_add(1)]).collect();
        beside.into_iter().chain([i64::MIN, i64::MIN + 1, i64::MAX, 0, -1])
    }

    fn counted(thresholds: &[i64], value: i64) -> u32 {
        thresholds.iter().filter(|at| **at <= value).count() as u32
    }

    /// Each value has the class that counting has, however the thresholds lie.
    fn grid_holds(thresholds: &[i64]) -> Option<usize> {
        let grid = Grid::of(thresholds)?;
        for value in near(thresholds, [grid.first, grid.end]) {
            let within = value.clamp(grid.first, grid.end);
            let cell = (within.wrapping_sub(grid.first).cast_unsigned() >> grid.shift) as usize;
            let class = grid.classes[cell] + u32::from(within >= grid.limits[cell]);
            assert_eq!(class, counted(thresholds, value), "{value} in {thresholds:?}: {grid:?}");
        }
        Some(grid.limits.len())
    }

    /// All values of a width have the same class as its beginning.
    fn even_holds(thresholds: &[i64]) -> Option<u32> {
        let even = evenly(thresholds)?;
        let class_of = |width: u32| counted(thresholds, begins(&even, width));
        let others = (0..even.widths).map(|width| begins(&even, width));
        for value in near(thresholds, [even.first, even.end]).chain(others) {
            let width = even.width_of(value);
            assert!(width < even.widths);
            assert_eq!(class_of(width), counted(thresholds, value), "{value} in {thresholds:?}: {even:?}");
        }
        Some(even.widths)
    }

    #[test]
    fn a_grid_has_the_classes_of_counting() {
        assert_eq!(grid_holds(&[]), None);
        assert_eq!(grid_holds(&[40, 300, 5000]).map(|cells| cells < 64), Some(true));
        assert_eq!(grid_holds(&[1000, 2000, 3000]).map(|cells| cells < 8), Some(true));
        assert_eq!(grid_holds(&[0]), Some(3));
        // The last cell would begin with the greatest number of all.
        let base = i64::MAX - 1500 * 1024;
        let far = [0, 3079, 4097, 102_403, 204_805, 307_211, 409_613, 512_017, 614_419, 1_534_999].map(|at| base + at);
        assert!(grid_holds(&far).is_some());
        // Two that touch, and one that is far: too fine.
        assert_eq!(grid_holds(&[1, 2, 1 << 40]), None);
    }

    #[test]
    fn even_thresholds_have_the_classes_of_counting() {
        assert_eq!(even_holds(&[]), None);
        assert_eq!(even_holds(&[0]), Some(2));
        assert_eq!(even_holds(&[1600, 2400, 4800]), Some(6));
        assert_eq!(even_holds(&[250_000, 500_000, 2_500_000]), Some(11));
        assert_eq!(even_holds(&[-30, 60, 90]), Some(6));
        assert_eq!(even_holds(&[7, 7 + 3 * 4095]), Some(3));
        assert_eq!(even_holds(&[7, 10, 7 + 3 * 4094]), Some(4096));
        assert_eq!(even_holds(&[7, 10, 7 + 3 * 4095]), None);
        // One width of more than 32 bits that no power of two divides.
        assert_eq!(even_holds(&[0, (1 << 40) + 1]), None);
        assert_eq!(even_holds(&[0, 1 << 60, 3 << 60]), Some(5));
        assert_eq!(even_holds(&[0, 1 << 60, 1 << 61]), Some(4));
        assert_eq!(even_holds(&[i64::MIN, 0]), None);
    }

    proptest::proptest! {
        #[test]
        fn a_grid_has_the_classes_of_counting_wherever_thresholds_lie(
            lo in -5000i64..5000,
            steps in proptest::collection::vec(1i64..3000, 1..12),
            scale in 0u32..40,
        ) {
            let mut at = lo;
            let rising: Vec<i64> = steps.iter().map(|step| { at += step << scale; at }).collect();
            grid_holds(&rising);
        }

        #[test]
        fn even_thresholds_have_the_classes_of_counting_however_wide(
            lo in -5000i64..5000,
            steps in proptest::collection::vec(1i64..40, 1..12),
            width in 1i64..3_000_000,
        ) {
            let mut at = lo;
            let rising: Vec<i64> = steps.iter().map(|step| { at += step * width; at }).collect();
            // Widths of less than 2^22 that are fewer than 2^9 are always divided.
            proptest::prop_assert!(even_holds(&rising).is_some());
        }
    }
}
