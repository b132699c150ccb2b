//! Fused levels: what is refused, and arrays that were altered.

use lexport_runtime::{Answer, HEAD, LEAF, Span, TableError, Test, Value};

use super::{Costs, OwnedFused, fuse};
use crate::diagram::{Options, OwnedTable, Specialise, build_table};
use crate::driver::Compilation;
use crate::source::MemoryLoader;

const TEXT: &str = "regime demo\nenum Place { A, B, C, D }\ninput place, home : Place\ninput weight : count from 0 to 5000\n\
                    input price : count from 0 to 900\ninput marks : set of Place\ninput listed : bool\n\
                    decision need : ordered { none < notice < license } takes the strictest otherwise none\n\
                    rule far when place in { B, C } and weight >= 40 then need is notice\n\
                    rule heavy when weight > 3 * price and not listed then need is license\n\
                    rule known when marks has D and place is home then need is license\n";

fn table_of(text: &str) -> OwnedTable {
    let loader = MemoryLoader { files: [("it.lxp".to_owned(), text.to_owned())].into() };
    let program = Compilation::load(&loader, "it.lxp").program.expect("a program");
    build_table(&program, &Specialise::default(), &Options::default()).expect("a table")
}

fn fused() -> OwnedFused {
    let table = table_of(TEXT);
    let levels = fuse(&table, &Costs::default()).expect("levels");
    OwnedFused::pack(&table, &levels).expect("packed")
}

/// A row in the order of the inputs, and what is refused in it.
fn refused(row: [i64; 6]) -> Option<TableError> {
    let good = fused();
    let columns: Vec<&[i64]> = row.chunks(1).collect();
    let by_row = good.as_fused().decide(0, &row).err();
    let by_column = good.as_fused().decide_columns(0, &columns, &mut [0], &mut [0]).err();
    assert_eq!(by_row.map(|error| (0, error)), by_column);
    by_row
}

#[test]
fn values_outside_are_refused_by_name() {
    assert_eq!(refused([1, 0, 100, 10, 8, 0]), None);
    assert_eq!(refused([4, 0, 100, 10, 8, 0]), Some(TableError::Input(0)));
    assert_eq!(refused([1, -1, 100, 10, 8, 0]), Some(TableError::Input(1)));
    assert_eq!(refused([1, 0, 5001, 10, 8, 0]), Some(TableError::Input(2)));
    assert_eq!(refused([1, 0, 100, i64::MIN, 8, 0]), Some(TableError::Input(3)));
    assert_eq!(refused([1, 0, 100, 10, 8, 2]), Some(TableError::Input(5)));
    let good = fused();
    assert_eq!(good.as_fused().decide(0, &[1, 0, 100]), Err(TableError::Inputs));
    assert_eq!(good.as_fused().decide(1, &[1, 0, 100, 10, 8, 0]), Err(TableError::Decision(1)));
}

/// Whatever stands in the arrays, nothing panics; and what passes the check answers, or refuses a value by name.
#[test]
fn arrays_that_were_altered_never_panic() {
    let rows: [[i64; 6]; 4] = [[1, 0, 100, 10, 8, 0], [0, 0, 0, 0, 0, 1], [3, 3, 5000, 900, 15, 0], [9, 9, -1, 1 << 40, 0, 7]];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut roll = move |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % sides as u64) as usize
    };
    let good = fused();
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..8000 {
        let mut bad = good.clone();
        let wild = [0, 1, 2, 7, u32::MAX, 1 << 20, 1 << 31][roll(7)];
        let step = roll(good.steps.len());
        match roll(20) {
            0 if !bad.maps.is_empty() => bad.maps[roll(good.maps.len())] = wild,
            1 if !bad.next.is_empty() => bad.next[roll(good.next.len())] = wild,
            2 if !bad.columns.is_empty() => bad.columns[roll(good.columns.len())] = wild,
            3 => bad.steps[step].width = wild,
            4 => bad.steps[step].next.first = wild,
            5 if !bad.direct.is_empty() => bad.direct[roll(good.direct.len())].word = wild,
            6 if !bad.thresholds.is_empty() => bad.thresholds[roll(good.thresholds.len())] = i64::from(wild),
            7 => bad.flags[roll(good.flags.len())].stride = wild,
            8 => bad.ranges[roll(good.ranges.len())].hi = i64::from(wild) << 30,
            9 => bad.ranges[roll(good.ranges.len())].word = wild,
            10 => bad.sums[roll(good.sums.len())].thresholds.count = wild,
            11 => bad.sums[roll(good.sums.len())].stride = wild,
            12 => bad.terms[roll(good.terms.len())].coefficient = i64::MAX,
            13 => bad.same[roll(good.same.len())].size = wild,
            14 => bad.bits[roll(good.bits.len())].bit = wild,
            15 => bad.ranks[roll(good.ranks.len())].map = wild,
            16 => bad.steps[step].combinations = wild,
            17 => bad.steps[step].columns.first = wild,
            18 => bad.steps[step].columns.count = wild,
            _ => bad.next.truncate(roll(good.next.len())),
        }
        let table = bad.as_fused();
        let checked = table.check().is_ok();
        for row in &rows {
            let columns: Vec<&[i64]> = row.chunks(1).collect();
            let (answer, mut by_column) = (table.decide(0, row), [0]);
            let done = table.decide_columns(0, &columns, &mut by_column, &mut [0]);
            if checked {
                assert_eq!(done.map(|()| by_column[0]).map_err(|(_, error)| error), answer, "{row:?}");
                // A table may refuse a value; it may not say what is none of its outcomes.
                let said = answer.map_or_else(|error| matches!(error, TableError::Input(_)), |outcome| outcome < table.outcomes);
                assert!(said, "{answer:?}");
                refused += usize::from(answer.is_err());
            }
        }
        passed += usize::from(checked);
    }
    assert!(passed > 0 && passed < 8000 && refused > 0, "{passed}, {refused}");
}

/// Of an odd number of combinations the last column has half of a pair for itself.
#[test]
fn the_last_of_an_odd_number_of_combinations_is_decided() {
    let table = table_of(
        "regime demo\nenum Place { A, B, C }\ninput place, home : Place\n\
         decision need : ordered { none < notice < license } takes the strictest otherwise none\n\
         rule one when place is A and home is A then need is notice\nrule two when place is C and home is C then need is license\n",
    );
    let packed = OwnedFused::pack(&table, &fuse(&table, &Costs::default()).expect("levels")).expect("packed");
    assert!(packed.steps.iter().any(|step| step.combinations % 2 == 1 && step.columns.count == step.combinations.div_ceil(2)));
    let rows: Vec<[u32; 2]> = (0..3).flat_map(|place| (0..3).map(move |home| [place, home])).collect();
    let columns: Vec<Vec<i64>> = (0..2).map(|at| rows.iter().map(|row| i64::from(row[at])).collect()).collect();
    let columns: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
    let mut outcomes = [0; 9];
    packed.as_fused().decide_columns(0, &columns, &mut outcomes, &mut [0; 9]).expect("rows that fit");
    for (row, outcome) in rows.iter().zip(outcomes) {
        let values = row.map(Value::Member);
        assert_eq!(table.as_table().look_up(0, &values), Ok(Some(outcome)), "{row:?}");
        assert_eq!(packed.as_fused().decide(0, &row.map(i64::from)), Ok(outcome), "{row:?}");
    }
}

/// What a batch finds no state for it does not answer, whichever of its rows that is: in arrays that nobody checked.
#[test]
fn what_has_no_outcome_is_refused_by_column() {
    let good = fused();
    let rows: [[i64; 6]; 2] = [[1, 0, 100, 10, 8, 0], [0, 0, 0, 0, 0, 1]];
    let columns: Vec<Vec<i64>> = (0..6).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let columns: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
    let batch = |of: &OwnedFused| {
        let mut outcomes = [0; 2];
        of.as_fused().decide_columns(0, &columns, &mut outcomes, &mut [0; 2]).map(|()| outcomes)
    };
    let outcomes = batch(&good).expect("good arrays");
    assert_ne!(outcomes[0], outcomes[1]);
    let last = good.steps[good.steps.len() - 1].next;
    let last = last.first as usize..(last.first + last.count) as usize;
    for gone in outcomes {
        let mut bad = good.clone();
        bad.next[last.clone()].iter_mut().filter(|next| **next == gone).for_each(|next| *next = u32::MAX);
        assert_eq!(batch(&bad), Err((0, TableError::Decision(0))));
    }
}

/// The first row that is refused is named, whatever step refuses it, and in whatever block of rows it stands.
#[test]
fn the_first_row_that_is_refused_is_named() {
    let good = fused();
    let table = good.as_fused();
    let mut rows = vec![[1, 0, 100, 10, 8, 0]; 3000];
    let all = |rows: &[[i64; 6]]| {
        let columns: Vec<Vec<i64>> = (0..6).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
        let columns: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
        table.decide_columns(0, &columns, &mut vec![0; rows.len()], &mut vec![0; rows.len()])
    };
    assert_eq!(all(&rows), Ok(()));
    let wrong = [[9, 0, 100, 10, 8, 0], [1, 0, 5001, 10, 8, 0], [1, 0, 100, -1, 8, 0], [1, 0, 100, 10, 8, 2]];
    for (at, input) in [0, 2, 3, 5].into_iter().enumerate() {
        rows[2500 - 200 * at] = wrong[at];
        assert_eq!(all(&rows), Err((2500 - 200 * at, TableError::Input(input))));
    }
}

/// A table that asks whether `a + b`, each from 0 to 200, is more than 10; and the sum.
fn of_two_numbers() -> (OwnedTable, Span) {
    let table = table_of(
        "regime sums\ninput a, b : count from 0 to 200\n\
         decision need : ordered { none < notice } takes the strictest otherwise none\n\
         rule more when a + b > 10 then need is notice\n",
    );
    let [Test::AtLeastZero { monomials, .. }] = *table.tests.as_slice() else { panic!("{:?}", table.tests) };
    (table, monomials)
}

/// Comparisons of one sum in every order, two of them the same, say what the walk says.
#[test]
fn comparisons_may_stand_in_any_order() {
    let (built, monomials) = of_two_numbers();
    for wide in [-40, -(1 << 70)] {
        for order in 0..24 {
            let mut constants = vec![-10, -25, -25, wide];
            let order: Vec<i128> = [4, 3, 2, 1]
                .iter()
                .scan(order, |left, of| {
                    let at = *left % of;
                    *left /= of;
                    Some(constants.remove(at))
                })
                .collect();
            let mut table = built.clone();
            table.tests = order.iter().map(|constant| Test::AtLeastZero { monomials, constant: *constant }).collect();
            table.outcomes = vec![built.outcomes[0]; 16];
            // The whole tree, children before their parents: a bit of the outcome for each comparison that holds.
            let place = |test: u32, held: u32| 3 * (15 - (1 << test) - held);
            table.nodes = vec![0; 45];
            for (test, held) in (0..4u32).flat_map(|test| (0..1u32 << test).map(move |held| (test, held))) {
                let child = |holds: u32| {
                    let held = held | holds << test;
                    if test == 3 { LEAF | held } else { place(test + 1, held) }
                };
                let at = place(test, held) as usize;
                table.nodes[at..at + 3].copy_from_slice(&[HEAD | test, child(0), child(1)]);
            }
            table.roots = vec![place(0, 0)];
            let levels = fuse(&table, &Costs::default()).expect("levels");
            let [step] = levels.decisions[0].steps.as_slice() else { panic!("{levels:?}") };
            assert_eq!(step.combinations, 5);
            let packed = OwnedFused::pack(&table, &levels).expect("packed");
            for (a, b) in (0..=31).flat_map(|a| (0..=31).map(move |b| (a, b))) {
                let holds = (0..4).filter(|at| i128::from(a + b) + order[*at] >= 0).map(|at| 1 << at).sum();
                assert_eq!(table.as_table().look_up(0, &[Value::Int(a), Value::Int(b)]), Ok(Some(holds)));
                assert_eq!(packed.as_fused().decide(0, &[a, b]), Ok(holds), "{order:?} at {a}, {b}");
            }
        }
    }
}

/// A step names no more tests than a formula of a spreadsheet can.
#[test]
fn a_step_has_a_bounded_number_of_tests() {
    let (mut table, monomials) = of_two_numbers();
    table.tests = (0..300).map(|at| Test::AtLeastZero { monomials, constant: -1 - at }).collect();
    table.outcomes = vec![table.outcomes[0]; 301];
    // The first comparison that does not hold names the outcome.
    let place = |test: u32| 3 * (299 - test);
    let below = |test: u32| if test < 299 { place(test + 1) } else { LEAF | 300 };
    table.nodes = (0..300).rev().flat_map(|test| [HEAD | test, LEAF | test, below(test)]).collect();
    table.roots = vec![place(0)];
    let levels = fuse(&table, &Costs::default()).expect("levels");
    let steps = &levels.decisions[0].steps;
    assert!(steps.len() > 1 && steps.iter().all(|step| step.parts.len() <= 200), "{}", steps.len());
    let packed = OwnedFused::pack(&table, &levels).expect("packed");
    for total in 0..=400 {
        let (a, b) = (total / 2, total - total / 2);
        assert_eq!(packed.as_fused().decide(0, &[a, b]), Ok(total.min(300) as u32));
        assert_eq!(table.as_table().look_up(0, &[Value::Int(a), Value::Int(b)]), Ok(Some(total.min(300) as u32)));
    }
}

/// What a sum is compared with is found at once, and says what the comparisons say one by one.
#[test]
fn a_sum_is_made_once_for_all_that_it_is_compared_with() {
    const TEXT: &str = "regime caps\ninput held : count from 0 to 2000\ninput more : count from 1 to 50\ninput size : count from 0 to 40\n\
                        input friend : bool\n\
                        decision need : ordered { none < notice < license < refusal } takes the strictest otherwise none\n\
                        rule first when held + more * size > 900 then need is notice\n\
                        rule second when held + more * size > 300 and not friend then need is license\n\
                        rule third when held + more * size > 1500 and not friend then need is refusal\n\
                        rule fourth when held + more * size >= 1800 then need is refusal\n";
    let table = table_of(TEXT);
    let levels = fuse(&table, &Costs::default()).expect("levels");
    let packed = OwnedFused::pack(&table, &levels).expect("packed");
    let [sum] = packed.sums.as_slice() else { panic!("{:?}", packed.sums) };
    assert_eq!(sum.thresholds.count, 4, "{:?}", packed.thresholds);
    // Four comparisons with an order have five classes, not sixteen, and the friend two.
    assert_eq!(levels.decisions[0].steps.iter().map(|step| step.combinations).product::<u32>(), 10);
    for total in [0, 299, 300, 301, 302, 899, 900, 901, 902, 1499, 1500, 1501, 1502, 1799, 1800, 1801, 2000] {
        for (more, size) in [(1, 0), (7, 11), (50, 3)] {
            for friend in [0, 1] {
                let held = total - more * size;
                if !(0..=2000).contains(&held) {
                    continue;
                }
                let stranger = friend == 0;
                let expected = match total {
                    1800.. => "refusal",
                    1501.. if stranger => "refusal",
                    301.. if stranger => "license",
                    901.. => "notice",
                    _ => "none",
                };
                let row = [held, more, size, friend];
                let outcome = packed.as_fused().decide(0, &row).expect("it fits");
                let columns: Vec<&[i64]> = row.chunks(1).collect();
                let mut by_column = [0];
                packed.as_fused().decide_columns(0, &columns, &mut by_column, &mut [0]).expect("it fits");
                assert_eq!(by_column, [outcome], "{row:?}");
                let at = ["none", "notice", "license", "refusal"].iter().position(|name| *name == expected).expect("a member");
                assert_eq!(table.outcomes[outcome as usize].answer, Answer::Member(at as u32), "{row:?}");
            }
        }
    }
}
