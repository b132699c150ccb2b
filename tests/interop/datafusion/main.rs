//! Asks DataFusion in SQL. `asked CASES QUERY` answers a query over the table `cases`, a line for each row; `asked --errors CASES QUERIES` says
//! of each line of QUERIES why it is refused; `asked --speed CASES QUERIES` says how long the second and third of three runs of each took.
//!
//! CASES: names of columns, then rows, fields parted by tabs; `\N` is NULL. A column is text, or a list where its name ends in `[]`, its items
//! parted by `|`. Answers are written in the same way.
#![deny(warnings)]

mod tables;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int32Array, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
    StructArray,
};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use datafusion::prelude::{SessionConfig, SessionContext};

/// Rows of a batch of the table: not those of a batch that DataFusion makes.
const BATCH: usize = 5_000;

fn column(name: &str, fields: &[Option<&str>]) -> ArrayRef {
    if !name.ends_with("[]") {
        return Arc::new(StringArray::from(fields.to_vec()));
    }
    let mut lists = ListBuilder::new(StringBuilder::new());
    for field in fields {
        lists.append_option(field.map(|text| text.split('|').filter(|item| !item.is_empty()).map(Some)));
    }
    Arc::new(lists.finish())
}

fn cases(text: &str) -> Result<MemTable> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let rows: Vec<Vec<Option<&str>>> =
        lines.map(|line| line.split('\t').map(|field| (field != "\\N").then_some(field)).collect()).collect();
    let batch = |(number, rows): (usize, &[Vec<Option<&str>>])| {
        let first = (number * BATCH) as i64;
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + rows.len() as i64));
        let columns = names.iter().enumerate().map(|(at, name)| {
            let fields: Vec<Option<&str>> = rows.iter().map(|row| row[at]).collect();
            (*name, column(name, &fields), true)
        });
        RecordBatch::try_from_iter_with_nullable([("number", numbers, false)].into_iter().chain(columns))
    };
    let batches = rows.chunks(BATCH).enumerate().map(batch).collect::<Result<Vec<_>, _>>()?;
    MemTable::try_new(batches[0].schema(), vec![batches])
}

/// Two rows with what is hidden: an entry of a dictionary that no row has, and a word below a NULL. Neither is a member of anything.
fn odd() -> Result<RecordBatch> {
    let keys = Int32Array::from(vec![Some(0), None]);
    let word = DictionaryArray::try_new(keys, Arc::new(StringArray::from(vec!["BR", "nowhere"])))?;
    let field = |name: &str| Field::new(name, DataType::Utf8, true);
    let words: ArrayRef = Arc::new(StringArray::from(vec!["BR", "nowhere"]));
    let given = StructArray::try_new(
        vec![field("origin"), field("destination")].into(),
        vec![Arc::clone(&words), words],
        Some(vec![true, false].into()),
    )?;
    let columns: [(&str, ArrayRef); 2] = [("word", Arc::new(word)), ("given", Arc::new(given))];
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// A value as a field.
fn field(array: &dyn Array, row: usize) -> Result<String> {
    if array.is_null(row) {
        return Ok("\\N".to_owned());
    }
    Ok(match array.data_type() {
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| field(&items, item)).collect::<Result<Vec<_>>>()?.join("|")
        }
        DataType::Decimal128(_, scale) if *scale > 0 => {
            let text = array_value_to_string(array, row)?;
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => array_value_to_string(array, row)?,
    })
}

async fn answer(context: &SessionContext, query: &str) -> Result<String> {
    let mut out = String::new();
    for batch in context.sql(query).await?.collect().await? {
        for row in 0..batch.num_rows() {
            for (number, column) in batch.columns().iter().enumerate() {
                let _ = write!(out, "{}{}", if number == 0 { "" } else { "\t" }, field(column, row)?);
            }
            out.push('\n');
        }
    }
    Ok(out)
}

/// How long a query takes for each row of `cases`, once they are typed columns in memory: the query is `TYPES;QUERY`, of which the
/// second asks the table `typed`.
async fn speed(context: &SessionContext, query: &str) -> Result<String> {
    let (types, query) = query.split_once(';').expect("two parts");
    let typed = context.sql(types).await?.collect().await?;
    let typed = concat_batches(&typed[0].schema(), &typed)?;
    let rows = typed.num_rows();
    let batches: Vec<RecordBatch> = (0..rows).step_by(8192).map(|at| typed.slice(at, 8192.min(rows - at))).collect();
    context.deregister_table("typed")?;
    context.register_table("typed", Arc::new(MemTable::try_new(typed.schema(), vec![batches])?))?;
    let mut out = String::new();
    for run in 0..3 {
        let begin = Instant::now();
        let count: usize = context.sql(query).await?.collect().await?.iter().map(RecordBatch::num_rows).sum();
        let each = begin.elapsed().as_nanos() / rows as u128;
        assert_eq!(count, rows);
        if run > 0 {
            let _ = write!(out, "{each} ns a row\t");
        }
    }
    Ok(out + query + "\n")
}

async fn run() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mode = if arguments[0].starts_with("--") { arguments.remove(0) } else { String::new() };
    let read = |at: usize| std::fs::read_to_string(&arguments[at]);
    // One thread: rows come in their order, and times are those of one core.
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    context.register_table("cases", Arc::new(cases(&read(0)?)?))?;
    context.register_batch("odd", odd()?)?;
    tables::register(&context)?;
    // Once more is no conflict: they are the same.
    tables::register(&context)?;
    let query = read(1)?;
    match mode.as_str() {
        "" => print!("{}", answer(&context, &query).await?),
        "--speed" => {
            for line in query.lines() {
                print!("{}", speed(&context, line).await?);
            }
        }
        _ => {
            for line in query.lines() {
                match answer(&context, line).await {
                    Ok(rows) => println!("answered: {}", rows.trim_end().replace('\n', " / ")),
                    Err(error) => println!("{}", error.to_string().replace('\n', " ")),
                }
            }
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}
