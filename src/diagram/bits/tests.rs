//! Bit sets: they say what the diagram says, in every case; what is no set of boxes has no plan; altered arrays never panic.

use lexport_runtime::bits::{ByValue, Chooser};
use lexport_runtime::fused::BY_STEPS;
use lexport_runtime::{TableError, Value};

use super::{OwnedBits, Plan};
use crate::diagram::fused::{Budget, OwnedFused};
use crate::diagram::{Costs, Options, OwnedTable, Specialise, build_table};
use crate::driver::Compilation;
use crate::source::MemoryLoader;

fn table(rules: &str) -> OwnedTable {
    let text = format!(
        "regime demo\nenum Place {{ A, B, C, D }}\ninput place, home : Place\ninput weight : count from 0 to 5000\ninput listed : bool\n\
         decision need : ordered {{ none < notice < license }} takes the strictest otherwise none\n{rules}"
    );
    let loader = MemoryLoader { files: [("it.lxp".to_owned(), text)].into() };
    let program = Compilation::load(&loader, "it.lxp").program.expect("a program");
    build_table(&program, &Specialise::default(), &Options::default()).expect("a table")
}

/// By row, by column and by the walk.
fn agree(table: &OwnedTable, fused: &OwnedFused, values: &[Value<'_>]) {
    let expected = table.as_table().look_up(0, values).expect("in its domain").expect("known");
    let row = fused.row(values).expect("known");
    assert_eq!(fused.as_fused().decide(0, &row), Ok(expected), "{values:?}");
    let columns: Vec<&[i64]> = row.chunks(1).collect();
    let mut outcomes = [u32::MAX];
    assert_eq!(fused.as_fused().decide_columns(0, &columns, &mut outcomes, &mut [0]), Ok(()));
    assert_eq!(outcomes, [expected], "{values:?}");
}

/// Every class of every input in every combination.
fn hold(table: &OwnedTable) {
    let fused = OwnedFused::new(table, &Costs::default()).expect("fused");
    for place in 0..4 {
        for home in 0..4 {
            for weight in [0, 9, 10, 16, 17, 39, 40, 41, 99, 100, 299, 300, 4999, 5000] {
                for listed in [false, true] {
                    let values = [Value::Member(place), Value::Member(home), Value::Int(weight), Value::Bool(listed)];
                    agree(table, &fused, &values);
                }
            }
        }
    }
}

const BOXES: &str = "rule far when place in { B, C } and weight >= 40 then need is notice\n\
                     rule heavy when weight >= 300 and not listed then need is license\n\
                     rule odd when place is D and home in { A, C } and weight < 100 then need is license\n\
                     exception kept to heavy when home is B and weight < 5000 then need is notice\n";

const EITHER: &str = "rule either when place is B and listed or home is C and weight < 10 then need is license\n";

/// Of two thresholds one that does not stand evenly with the others.
const UNEVEN: &str = "rule far when place in { B, C } and weight >= 40 and weight < 4999 then need is notice\n\
                      rule light when weight < 17 and not listed then need is license\n\
                      rule odd when place is D and home in { A, C } and weight < 100 then need is license\n\
                      exception kept to light when home is B and weight >= 9 then need is notice\n";

fn boxes_of(rules: &str) -> (OwnedTable, OwnedFused) {
    let table = table(rules);
    let fused = OwnedFused::new(&table, &Costs::default()).expect("fused");
    assert_ne!(fused.as_fused().by_boxes, [BY_STEPS]);
    (table, fused)
}

#[test]
fn boxes_say_what_the_diagram_says() {
    let (table, fused) = boxes_of(BOXES);
    assert_eq!((fused.boxes().evens.len(), fused.boxes().grids.len()), (1, 0));
    hold(&table);
    let (table, fused) = boxes_of(UNEVEN);
    assert_eq!((fused.boxes().evens.len(), fused.boxes().grids.len()), (0, 1));
    hold(&table);
}

/// Two thresholds that stand further apart than a grid has cells, and two that touch: they are searched.
const SEARCHED: &str = "input dear : count from 0 to 1000000000000\n\
         rule one when place in { B, C } and dear >= 1 and weight >= 40 then need is notice\n\
         rule other when dear >= 2 and listed and weight < 4999 then need is license\n\
         rule third when dear >= 999999999999 and home is A and weight < 17 then need is license\n";

#[test]
fn thresholds_of_every_kind_say_what_the_diagram_says() {
    let (table, fused) = boxes_of(SEARCHED);
    assert_eq!(fused.boxes().ranks.len(), 1);
    for dear in [0, 1, 2, 3, 1 << 30, 999_999_999_998, 999_999_999_999, 1_000_000_000_000] {
        for (weight, home) in [(16, 0), (17, 0), (39, 1), (40, 0), (4998, 0), (4999, 0)] {
            for place in 0..3 {
                for listed in [false, true] {
                    let mut values = vec![Value::Member(place), Value::Member(home), Value::Int(weight), Value::Bool(listed)];
                    values.push(Value::Int(dear));
                    agree(&table, &fused, &values);
                }
            }
        }
    }
}

/// An odd number of four conditions: whichever two attributes choose a bucket, in it the box around what is left is everything, so the boxes do
/// not tell the outcome.
#[test]
fn what_is_no_box_stays_with_its_steps() {
    let conditions = [
        ["place in { A, B }", "place in { C, D }"],
        ["home in { A, B }", "home in { C, D }"],
        ["weight < 10", "weight >= 10"],
        ["listed", "not listed"],
    ];
    let odd = (0..16u32).filter(|which| which.count_ones() % 2 == 1);
    let term = |which: u32| (0..4).map(|at| conditions[at][(which >> at & 1) as usize]).collect::<Vec<_>>().join(" and ");
    let table = table(&format!("rule odd when {} then need is license\n", odd.map(term).collect::<Vec<_>>().join(" or ")));
    assert_eq!(Plan::of(&table, table.roots[0], &Budget::of(&table)), None);
    hold(&table);
}

#[test]
fn arithmetic_stays_with_its_steps() {
    let table = table("rule same when place is home then need is license\n");
    assert_eq!(Plan::of(&table, table.roots[0], &Budget::of(&table)), None);
    hold(&table);
}

/// Either of two attributes is no box, but it is in each bucket that two others choose.
#[test]
fn a_second_test_divides_what_is_no_box() {
    let table = table(EITHER);
    let plan = Plan::of(&table, table.roots[0], &Budget::of(&table)).expect("a plan");
    assert!(plan.choosers.iter().all(Option::is_some));
    hold(&table);
}

fn many() -> String {
    let mut rules = String::new();
    for number in 0..60 {
        let (place, home) = (["A", "B", "C", "D"][number % 4], ["A", "B", "C", "D"][number / 4 % 4]);
        let value = if number % 3 == 0 { "notice" } else { "license" };
        rules += &format!(
            "rule r{number} when place is {place} and home is {home} and weight >= {} then need is {value}\n",
            number * 5
        );
    }
    rules
}

/// More boxes than a word has bits, so that a test chooses the bucket; each of its classes has a bucket of its own.
#[test]
fn many_rules_are_put_into_buckets() {
    let table = table(&many());
    let plan = Plan::of(&table, table.roots[0], &Budget::of(&table)).expect("a plan");
    assert!(plan.choosers[0].is_some());
    let fused = OwnedFused::new(&table, &Costs::default()).expect("fused");
    assert!(fused.boxes().decisions[0].buckets.count == 0 && fused.boxes().buckets.is_empty());
    hold(&table);
}

/// Whatever the thresholds of the weight are, and also where it chooses the bucket.
#[test]
fn values_outside_are_refused_by_name() {
    refuse(BOXES);
    refuse(EITHER);
    refuse(UNEVEN);
    refuse(&many());
    for weight in [1, 10, 100, 4999, 5000] {
        refuse(&format!(
            "rule held when place in {{ B, C }} and weight >= {weight} and home in {{ A, D }} and not listed then need is notice\n"
        ));
    }
}

fn refuse(rules: &str) {
    let table =
        table(&format!("{rules}rule far_off when place is D and home is B and listed and weight < 17 then need is license\n"));
    let fused = OwnedFused::new(&table, &Costs::default()).expect("fused");
    assert_ne!(fused.as_fused().by_boxes, [BY_STEPS]);
    let wrong = [-1, -2, 5001, 5002, i64::MIN, i64::MAX, 1 << 60, -(1 << 60)].map(|weight| ([0, 0, weight, 0], 2));
    for (row, input) in wrong.into_iter().chain([([4, 0, 0, 0], 0), ([0, -1, 0, 0], 1), ([0, 0, 0, 2], 3)]) {
        assert_eq!(fused.as_fused().decide(0, &row), Err(TableError::Input(input)), "{row:?}");
        let good = [0, 0, 0, 0];
        let columns: Vec<Vec<i64>> = (0..4).map(|at| vec![good[at], row[at]]).collect();
        let columns: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
        let answer = fused.as_fused().decide_columns(0, &columns, &mut [0; 2], &mut [0; 2]);
        assert_eq!(answer, Err((1, TableError::Input(input))), "{row:?}");
    }
}

#[test]
fn arrays_that_were_altered_never_panic() {
    alter(BOXES);
    alter(EITHER);
    alter(UNEVEN);
    alter(&many());
    alter(SEARCHED);
}

fn alter(rules: &str) {
    let table = table(rules);
    let fused = OwnedFused::new(&table, &Costs::default()).expect("fused");
    let good = fused.boxes();
    let width = table.kinds.len();
    let rows: [[i64; 5]; 5] =
        [[1, 0, 100, 0, 1], [0, 0, 0, 1, 0], [3, 3, 5000, 0, 1 << 39], [9, -9, 1 << 40, 7, -1], [u32::MAX.into(); 5]];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut roll = move |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % sides as u64) as usize
    };
    let mut passed = 0;
    for _ in 0..4000 {
        let mut bad = good.clone();
        let wild = [0, 1, 3, 4, u32::MAX, 1 << 20, 1 << 31][roll(7)];
        let value = roll(bad.values.len());
        match roll(26) {
            0 => bad.slots[roll(good.slots.len())] = wild,
            1 => bad.sets[roll(good.sets.len())] = wild as u16,
            2 => bad.seeds[roll(good.seeds.len())] = wild,
            3 => bad.values[value].word = wild,
            4 => bad.values[value].at = wild,
            5 => bad.values[value].values = u64::from(wild) << roll(33),
            6 => bad.decisions[0].stride = wild,
            7 => bad.decisions[0].slots.count = wild,
            8 if !bad.grids.is_empty() => bad.grids[0].shift = wild,
            9 if !bad.grids.is_empty() => bad.grids[0].end = i64::from(wild) << roll(32),
            10 if !bad.grids.is_empty() => bad.grids[0].at = wild,
            12 => bad.decisions[0].second = wild,
            13 if !good.buckets.is_empty() => bad.buckets[roll(good.buckets.len())] = wild,
            14 if !bad.cells.is_empty() => bad.cells[roll(good.cells.len())] = u64::from(wild) << roll(33),
            15 if !bad.grids.is_empty() => bad.grids[0].outside = wild,
            17 if !bad.evens.is_empty() => bad.evens[0].even.widths = wild,
            18 if !bad.evens.is_empty() => bad.evens[0].even.factor = wild,
            19 if !bad.evens.is_empty() => bad.evens[0].even.shift = wild,
            20 if !bad.evens.is_empty() => bad.evens[0].even.twos = wild,
            21 if !bad.evens.is_empty() => bad.evens[0].even.end = i64::from(wild) << roll(32),
            22 => bad.decisions[0].sets.first = wild,
            23 => bad.decisions[0].buckets.count = wild,
            24 if !bad.ranks.is_empty() => bad.ranks[0].thresholds.first = wild,
            25 if !bad.ranks.is_empty() => bad.ranks[0].at = wild,
            16 => {
                let values = u64::from(wild) << roll(33);
                let chooser = ByValue { lo: 0, values, word: 1, at: 0 };
                bad.decisions[0].choosers[roll(2)] = Chooser::Value(chooser);
            }
            11 => bad.pairs[roll(good.pairs.len())] = wild,
            _ => bad.sets.truncate(roll(good.sets.len())),
        }
        let bits = bad.as_bits();
        let outcomes = table.outcomes.len() as u32;
        let checked = bits.check(&bits.decisions[0], outcomes, width as u32).is_some();
        for row in &rows {
            let row = &row[..width];
            let columns: Vec<&[i64]> = row.chunks(1).collect();
            let answer = bits.decide(&bits.decisions[0], row);
            let mut by_column = [0];
            let done = bits.decide_columns(&bits.decisions[0], &columns, &mut by_column, &mut [0]);
            if checked {
                assert_eq!(done.map(|()| by_column[0]).map_err(|(_, word)| word), answer, "{row:?}");
                assert!(answer.map_or_else(|word| word.is_some(), |outcome| outcome < outcomes), "{answer:?}");
            }
        }
        passed += usize::from(checked);
    }
    assert!(passed > 0 && passed < 4000, "{passed}");
}

/// What a batch finds no outcome for it does not answer, whichever of its rows that is: in arrays that nobody checked.
#[test]
fn what_has_no_outcome_is_refused_by_column() {
    let fused = OwnedFused::new(&table(BOXES), &Costs::default()).expect("fused");
    let rows = [[0, 0, 0, 0], [1, 0, 100, 0]];
    let columns: Vec<Vec<i64>> = (0..4).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let columns: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
    let batch = |of: &OwnedBits| {
        let (bits, mut outcomes) = (of.as_bits(), [0; 2]);
        bits.decide_columns(&bits.decisions[0], &columns, &mut outcomes, &mut [0; 2]).map(|()| outcomes)
    };
    let good = fused.boxes();
    let outcomes = batch(good).expect("good arrays");
    assert_ne!(outcomes[0], outcomes[1]);
    let altered = |alter: &dyn Fn(&mut OwnedBits)| {
        let mut bad = good.clone();
        alter(&mut bad);
        assert_eq!(batch(&bad), Err((0, None)));
    };
    for gone in outcomes {
        altered(&|bad| bad.slots.iter_mut().filter(|slot| **slot == gone).for_each(|slot| *slot = u32::MAX));
    }
    altered(&|bad| bad.decisions[0].seeds.count = 0);
    altered(&|bad| bad.decisions[0].slots.count = 0);
}
