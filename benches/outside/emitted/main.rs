//! Times the file that `lexport build --to rust` writes, `table.rs` beside this one: `NAME ROWS OUTCOMES`, two files of numbers, little end first. Every row
//! is compared with its outcome before a clock runs. Prints numbers, a line for each kind of time.

#[allow(dead_code, reason = "only the code of one decision is timed")]
mod table;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod timing;

use std::hint::black_box;

use table::TABLE;
use table::fast::{Row, requirement};
use table::runtime::{Kind, Value};
use timing::{Spread, batch, time};

const REQUESTS: usize = 1 << 16;

fn main() {
    let mut files = std::env::args().skip(1).map(|path| std::fs::read(path).expect("a file"));
    let (words, outcomes) = (files.next().expect("rows"), files.next().expect("outcomes"));
    let words: Vec<i64> = words.chunks_exact(8).map(|word| i64::from_le_bytes(word.try_into().expect("8 bytes"))).collect();
    let outcomes: Vec<u32> =
        outcomes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().expect("4 bytes"))).collect();
    let width = words.len() / outcomes.len();
    let rows: Vec<Row> = words.chunks_exact(width).map(row).collect();
    for (row, outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(requirement(row), Ok(*outcome), "{row:?}");
    }
    let single = time(REQUESTS.min(rows.len()), |at| requirement(&rows[at]).unwrap_or(0) as u8);
    for spread in [single.warm, single.alone, single.cold] {
        tell(spread);
    }
    tell(batch(rows.len(), || {
        black_box(rows.iter().map(|row| requirement(row).unwrap_or(0)).sum::<u32>());
    }));
}

fn row(words: &[i64]) -> Row {
    let mut rest = words;
    let mut sets: Vec<Vec<u64>> = Vec::new();
    for kind in TABLE.inputs {
        let count = if let Kind::Set(size) = kind { size.div_ceil(64) as usize } else { 1 };
        let (own, others) = rest.split_at(count);
        sets.push(own.iter().map(|word| word.cast_unsigned()).collect());
        rest = others;
    }
    let value = |(kind, words): (&Kind, &'_ Vec<u64>)| match kind {
        Kind::Bool => Value::Bool(words[0] != 0),
        Kind::Enum(_) => Value::Member(words[0] as u32),
        Kind::Int(..) => Value::Int(words[0].cast_signed()),
        Kind::Set(_) => Value::Unknown,
    };
    let mut values: Vec<Value<'_>> = TABLE.inputs.iter().zip(&sets).map(value).collect();
    for ((value, kind), words) in values.iter_mut().zip(TABLE.inputs).zip(&sets) {
        if matches!(kind, Kind::Set(_)) {
            *value = Value::Set(words);
        }
    }
    Row::from_values(&values).expect("a row that fits")
}

fn tell(Spread { median, low, high }: Spread) {
    println!("{median} {low} {high}");
}
