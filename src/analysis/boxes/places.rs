//! The values of an axis, as few as can be: all that no row tells apart are one *place*.

use rustc_hash::FxHashMap;

use super::{Axis, Spans};

/// The places of an axis, numbered from 0.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub ordered: bool,
    /// The values of each place: of an axis with order one range, rising.
    pub values: Vec<Spans>,
}

impl Places {
    /// The places that the rows tell apart, and the rows in places.
    pub fn of(axis: &Axis, column: &[&[(i64, i64)]]) -> (Places, Vec<Vec<(u32, u32)>>) {
        let clip = |(lo, hi): &(i64, i64)| {
            let (lo, hi) = ((*lo).max(axis.least), (*hi).min(axis.most));
            (lo <= hi).then_some((lo, hi))
        };
        // Columns have few different tests; each is looked at once.
        let mut known: FxHashMap<&[(i64, i64)], u32> = FxHashMap::default();
        let mut tests: Vec<Vec<(i64, i64)>> = Vec::new();
        let mut of_row = Vec::with_capacity(column.len());
        for ranges in column {
            let test = *known.entry(ranges).or_insert_with(|| {
                tests.push(ranges.iter().filter_map(clip).collect());
                tests.len() as u32 - 1
            });
            of_row.push(test);
        }
        let mut starts: Vec<i64> = vec![axis.least];
        for (lo, hi) in tests.iter().flatten() {
            starts.push(*lo);
            // The greatest value has no neighbour, perhaps not even a number after it.
            starts.extend((*hi < axis.most).then(|| hi + 1));
        }
        starts.sort_unstable();
        starts.dedup();
        let at = |value: i64| starts.partition_point(|start| *start <= value) as u32 - 1;
        let mut placed: Vec<Vec<(u32, u32)>> =
            tests.iter().map(|test| joined(test.iter().map(|(lo, hi)| (at(*lo), at(*hi))).collect())).collect();
        let last = |place: usize| starts.get(place + 1).map_or(axis.most, |next| next - 1);
        let mut values: Vec<Spans> = (0..starts.len()).map(|place| vec![(starts[place], last(place))]).collect();
        if !axis.ordered {
            let classes = classes(starts.len(), &placed);
            let count = classes.iter().max().map_or(0, |most| *most as usize + 1);
            let mut joined_values = vec![Spans::new(); count];
            for (place, class) in classes.iter().enumerate() {
                joined_values[*class as usize].append(&mut values[place]);
            }
            values = joined_values;
            for test in &mut placed {
                let all = test.iter().flat_map(|(lo, hi)| &classes[*lo as usize..=*hi as usize]);
                *test = joined(all.map(|class| (*class, *class)).collect());
            }
        }
        let rows = of_row.into_iter().map(|test| placed[test as usize].clone()).collect();
        (Places { ordered: axis.ordered, values }, rows)
    }

    /// How many.
    pub fn len(&self) -> u32 {
        self.values.len() as u32
    }

    /// Ranges of places as ranges of values.
    pub fn spans(&self, places: impl IntoIterator<Item = (u32, u32)>) -> Spans {
        let all = places.into_iter().flat_map(|(lo, hi)| &self.values[lo as usize..=hi as usize]).flatten().copied();
        let mut all: Spans = all.collect();
        all.sort_unstable();
        let mut out = Spans::new();
        for (lo, hi) in all {
            match out.last_mut() {
                Some(before) if before.1.checked_add(1) == Some(lo) => before.1 = hi,
                _ => out.push((lo, hi)),
            }
        }
        out
    }
}

/// Rising ranges that do not touch.
fn joined(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (lo, hi) in ranges {
        match out.last_mut() {
            Some(before) if before.1 + 1 >= lo => before.1 = before.1.max(hi),
            _ => out.push((lo, hi)),
        }
    }
    out
}

/// By place the number of its class: places are of one class if no test tells them apart. Classes are numbered by their first place.
fn classes(places: usize, tests: &[Vec<(u32, u32)>]) -> Vec<u32> {
    let mut of = vec![0u32; places];
    let mut count = 1;
    for test in tests {
        // Each class is split into what is in the test and what is not.
        let mut inside: FxHashMap<u32, u32> = FxHashMap::default();
        for (lo, hi) in test {
            for class in &mut of[*lo as usize..=*hi as usize] {
                *class = *inside.entry(*class).or_insert_with(|| {
                    count += 1;
                    count - 1
                });
            }
        }
    }
    let mut numbers: FxHashMap<u32, u32> = FxHashMap::default();
    for class in &mut of {
        let next = numbers.len() as u32;
        *class = *numbers.entry(*class).or_insert(next);
    }
    of
}
