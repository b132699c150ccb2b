//! Boxes against the count of all cases of small tables.

use std::collections::BTreeSet;

use num_bigint::BigUint;
use proptest::prelude::*;

use super::{Axis, Boxes, Region, Spans};

const ANY: usize = 1 << 20;

#[derive(Clone, Debug)]
struct Small {
    axes: Vec<Axis>,
    rows: Vec<Region>,
}

fn axis() -> impl Strategy<Value = Axis> {
    (-3i64..3, 0i64..6, any::<bool>()).prop_map(|(least, more, ordered)| Axis { least, most: least + more, ordered })
}

/// Ranges that may leave the axis, be empty, or have holes.
fn spans() -> impl Strategy<Value = Spans> {
    let set = |all: Vec<bool>| {
        let mut out = Spans::new();
        for (at, _) in all.iter().enumerate().filter(|(_, has)| **has) {
            let value = at as i64 - 4;
            match out.last_mut() {
                Some(before) if before.1 + 1 == value => before.1 = value,
                _ => out.push((value, value)),
            }
        }
        out
    };
    prop_oneof![
        3 => (-4i64..9, 0i64..8).prop_map(|(lo, more)| vec![(lo, lo + more)]),
        1 => Just(vec![(-100, 100)]),
        1 => prop::collection::vec(any::<bool>(), 12).prop_map(set),
    ]
}

fn small() -> impl Strategy<Value = Small> {
    prop::collection::vec(axis(), 1..=3).prop_flat_map(|axes| {
        let width = axes.len();
        let rows = prop::collection::vec(prop::collection::vec(spans(), width), 0..8);
        (Just(axes), rows).prop_map(|(axes, rows)| Small { axes, rows })
    })
}

fn has(spans: &[(i64, i64)], value: i64) -> bool {
    spans.iter().any(|(lo, hi)| *lo <= value && value <= *hi)
}

fn inside(region: &Region, case: &[i64]) -> bool {
    region.iter().zip(case).all(|(spans, value)| has(spans, *value))
}

fn cases(axes: &[Axis]) -> Vec<Vec<i64>> {
    let mut out = vec![Vec::new()];
    for axis in axes {
        out = out.iter().flat_map(|case| (axis.least..=axis.most).map(|value| [case.as_slice(), &[value]].concat())).collect();
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn rows_that_meet_are_those_with_a_case_in_common(table in small()) {
        let boxes = Boxes::new(&table.axes, &table.rows);
        let found = boxes.overlaps(ANY);
        let all = cases(&table.axes);
        let mut expected = BTreeSet::new();
        for a in 0..table.rows.len() {
            for b in a + 1..table.rows.len() {
                let common: Vec<_> = all.iter().filter(|case| inside(&table.rows[a], case) && inside(&table.rows[b], case)).collect();
                match boxes.common(a, b) {
                    None => prop_assert!(common.is_empty()),
                    Some(region) => {
                        prop_assert!(all.iter().filter(|case| inside(&region, case)).eq(common.iter().copied()));
                        expected.insert((a, b));
                    }
                }
            }
        }
        prop_assert_eq!(found.count, expected.len() as u64);
        prop_assert_eq!(found.pairs, expected.into_iter().collect::<Vec<_>>());
        let empty: Vec<usize> = (0..table.rows.len()).filter(|row| !all.iter().any(|case| inside(&table.rows[*row], case))).collect();
        prop_assert_eq!(boxes.empty(), empty);
    }

    #[test]
    fn gaps_are_the_cases_without_a_row(table in small()) {
        let boxes = Boxes::new(&table.axes, &table.rows);
        let gaps = boxes.gaps(&boxes.overlaps(0), ANY).expect("a small table");
        let all = cases(&table.axes);
        let free = |case: &Vec<i64>| !table.rows.iter().any(|row| inside(row, case));
        for case in &all {
            prop_assert_eq!(gaps.regions.iter().any(|region| inside(region, case)), free(case), "{:?}", case);
        }
        prop_assert_eq!(&gaps.cases, &BigUint::from(all.iter().filter(|case| free(case)).count()));
        prop_assert_eq!(&gaps.of, &BigUint::from(all.len()));
        // None of them can be larger: with one value more on any axis it meets a row.
        for region in &gaps.regions {
            for (at, axis) in table.axes.iter().enumerate() {
                let next = |value: i64| !axis.ordered || has(&region[at], value - 1) || has(&region[at], value + 1);
                for value in (axis.least..=axis.most).filter(|value| !has(&region[at], *value) && next(*value)) {
                    let mut more = region.clone();
                    more[at] = vec![(value, value)];
                    prop_assert!(all.iter().any(|case| inside(&more, case) && !free(case)));
                }
            }
        }
    }

    #[test]
    fn a_row_is_covered_if_the_others_have_all_its_cases(table in small()) {
        prop_assume!(!table.rows.is_empty());
        let boxes = Boxes::new(&table.axes, &table.rows);
        let others: Vec<usize> = (1..table.rows.len()).collect();
        let left = |case: &Vec<i64>| inside(&table.rows[0], case) && !others.iter().any(|other| inside(&table.rows[*other], case));
        match boxes.uncovered(0, &others, ANY).expect("a small table") {
            Some(case) => prop_assert!(left(&case)),
            None => prop_assert!(!cases(&table.axes).iter().any(left)),
        }
    }
}

#[test]
fn the_ends_of_the_numbers_are_no_trouble() {
    let axes = [Axis { least: i64::MIN, most: i64::MAX, ordered: true }];
    let boxes = Boxes::new(&axes, &[vec![vec![(i64::MIN, -1)]], vec![vec![(1, i64::MAX)]]]);
    let gaps = boxes.gaps(&boxes.overlaps(0), ANY).expect("two rows");
    assert_eq!(gaps.regions, [vec![vec![(0, 0)]]]);
    assert_eq!(gaps.of, BigUint::from(1u8) << 64);
}

#[test]
fn more_rows_than_a_block() {
    let axes = [Axis { least: 0, most: 10_000, ordered: true }];
    let rows: Vec<Region> = (0..5_000).map(|at| vec![vec![(2 * at, 2 * at + i64::from(at % 1000 == 0) * 2)]]).collect();
    let boxes = Boxes::new(&axes, &rows);
    let found = boxes.overlaps(ANY);
    assert_eq!(found.pairs, [(0, 1), (1000, 1001), (2000, 2001), (3000, 3001), (4000, 4001)]);
    // Between two rows one value is free, unless a row reaches over it; and the last value.
    assert_eq!(boxes.gaps(&found, ANY).expect("one axis").cases, BigUint::from(10_001u32 - 5_000 - 5));
}

#[test]
fn what_grows_too_far_is_said() {
    let axes = [Axis { least: 0, most: 9, ordered: true }; 2];
    let rows: Vec<Region> = (0..9).map(|at| vec![vec![(at, at)], vec![(at, at)]]).collect();
    let boxes = Boxes::new(&axes, &rows);
    assert_eq!(boxes.gaps(&boxes.overlaps(0), 5), Err(super::TooTangled));
    assert!(boxes.gaps(&boxes.overlaps(0), 500).is_ok());
}

#[test]
fn growing_ends_as_well() {
    // Between any two of 3,000 rows lies a gap, and each of them grows until it has met all rows: few parts, and much to do with them.
    let axes = [Axis { least: 0, most: 10_000, ordered: true }];
    let rows: Vec<Region> = (0..3_000).map(|at| vec![vec![(2 * at, 2 * at)]]).collect();
    let boxes = Boxes::new(&axes, &rows);
    let overlaps = boxes.overlaps(0);
    assert_eq!(boxes.gaps(&overlaps, 10_000), Err(super::TooTangled));
    assert_eq!(boxes.gaps(&overlaps, ANY).map(|gaps| gaps.regions.len()), Ok(3_000));
    // Rows that cross each other at random on eight axes have gaps without end; it does not take without end to say so.
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % 1000) as i64
    };
    let axes = [Axis { least: 0, most: 999, ordered: true }; 8];
    let mut side = || {
        let (a, b) = (next(), next());
        vec![(a.min(b), a.max(b))]
    };
    let rows: Vec<Region> = (0..40).map(|_| (0..8).map(|_| side()).collect()).collect();
    let boxes = Boxes::new(&axes, &rows);
    assert_eq!(boxes.gaps(&boxes.overlaps(0), 30_000), Err(super::TooTangled));
}
