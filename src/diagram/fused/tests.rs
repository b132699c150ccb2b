//! Fused levels: what is refused, and arrays that were altered.

use lexport_runtime::TableError;

use super::{Costs, OwnedFused, fuse};
use crate::diagram::{Options, Specialise, build_table};
use crate::driver::Compilation;
use crate::source::MemoryLoader;

const TEXT: &str = "regime demo\nenum Place { A, B, C, D }\ninput place, home : Place\ninput weight : count from 0 to 5000\n\
                    input price : count from 0 to 900\ninput marks : set of Place\ninput listed : bool\n\
                    decision need : ordered { none < notice < license } takes the strictest otherwise none\n\
                    rule far when place in { B, C } and weight >= 40 then need is notice\n\
                    rule heavy when weight > 3 * price and not listed then need is license\n\
                    rule known when marks has D and place is home then need is license\n";

fn fused() -> OwnedFused {
    let loader = MemoryLoader { files: [("it.lxp".to_owned(), TEXT.to_owned())].into() };
    let program = Compilation::load(&loader, "it.lxp").program.expect("a program");
    let table = build_table(&program, &Specialise::default(), &Options::default()).expect("a table");
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
    let mut passed = 0;
    for _ in 0..4000 {
        let mut bad = good.clone();
        let wild = [0, 1, 2, 7, u32::MAX, 1 << 20, 1 << 31][roll(7)];
        match roll(8) {
            0 if !bad.maps.is_empty() => bad.maps[roll(good.maps.len())] = wild,
            1 if !bad.next.is_empty() => bad.next[roll(good.next.len())] = wild,
            2 if !bad.columns.is_empty() => bad.columns[roll(good.columns.len())] = wild as u16,
            3 => bad.steps[roll(good.steps.len())].width = wild,
            4 => bad.steps[roll(good.steps.len())].next.first = wild,
            5 if !bad.direct.is_empty() => bad.direct[roll(good.direct.len())].word = wild,
            6 if !bad.thresholds.is_empty() => bad.thresholds[roll(good.thresholds.len())] = i64::from(wild),
            _ => bad.next.truncate(roll(good.next.len())),
        }
        let table = bad.as_fused();
        let checked = table.check().is_ok();
        for row in &rows {
            let columns: Vec<&[i64]> = row.chunks(1).collect();
            let answer = table.decide(0, row);
            let _ = table.decide_columns(0, &columns, &mut [0], &mut [0]);
            if checked && row[0] < 4 {
                // A table may refuse a value; it may not say what is none of its outcomes.
                let said = answer.map_or_else(|error| matches!(error, TableError::Input(_)), |outcome| outcome < table.outcomes);
                assert!(said, "{answer:?}");
            }
        }
        passed += usize::from(checked);
    }
    assert!(passed > 0 && passed < 4000, "{passed}");
}
