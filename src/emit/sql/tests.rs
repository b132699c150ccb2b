//! What is refused, and that what is written does not depend on chance. That it answers rightly, the databases themselves say
//! (`tests/interop/sql.rs`).

use lexport_runtime::{Kind, Monomial, Span, Test};

use super::{Dialect, SqlError, machine, sql, sql_for};
use crate::diagram::{OwnedTable, TableDecision, TableInput};
use crate::ir::{Decimal, Domain, NumberDomain};

fn number(lo: i64, hi: i64) -> Domain {
    Domain::Number(NumberDomain { unit: String::new(), step: Decimal { mantissa: 1, scale: 0 }, lo, hi })
}

/// Whether `a * b * b` is 0 or more, of numbers up to `most`.
fn table(most: i64) -> OwnedTable {
    let leaf = lexport_runtime::LEAF;
    let input = |name: &str| TableInput { name: name.into(), title: String::new(), domain: number(-most, most) };
    OwnedTable {
        regime: "small".into(),
        title: String::new(),
        source: String::new(),
        readings: Vec::new(),
        dates: None,
        enums: Vec::new(),
        inputs: vec![input("a"), input("b")],
        decisions: vec![TableDecision { name: "d".into(), title: String::new(), domain: Domain::Bool, ask: Vec::new() }],
        rules: Vec::new(),
        kinds: vec![Kind::Int(-most, most); 2],
        tests: vec![Test::AtLeastZero { monomials: Span { first: 0, count: 1 }, constant: 0 }],
        maps: Vec::new(),
        thresholds: Vec::new(),
        monomials: vec![Monomial { coefficient: 1, factors: Span { first: 0, count: 3 } }],
        factors: vec![0, 1, 1],
        roots: vec![0],
        nodes: vec![lexport_runtime::HEAD, leaf, leaf | 1],
        outcomes: [false, true]
            .map(|value| lexport_runtime::Outcome { answer: lexport_runtime::Answer::Bool(value), rules: Span::default() })
            .into(),
        disagreements: Vec::new(),
        words: Vec::new(),
        carriers: Vec::new(),
        vectors: Vec::new(),
    }
}

fn text(table: &OwnedTable, dialect: Dialect) -> String {
    String::from_utf8(sql_for(table, dialect).expect("a script").bytes).expect("text")
}

#[test]
fn arithmetic_is_as_wide_as_it_must_be() {
    for (most, wide) in [(1_000_000, false), (10_000_000, true)] {
        let table = table(most);
        for dialect in Dialect::ALL {
            let said = text(&table, dialect).contains(&format!("CAST(v.{} AS {})", dialect.ident("lexport v0"), dialect.wide()));
            assert_eq!(said, wide, "{most} {dialect:?}");
        }
    }
    // 10^39 is beyond the 38 digits of Spark and the 127 bits of DuckDB.
    let table = table(10_000_000_000_000);
    assert!(sql_for(&table, Dialect::PostgreSql).is_ok());
    for dialect in [Dialect::DuckDb, Dialect::Spark] {
        let refused = sql_for(&table, dialect).expect_err("a refusal");
        assert!(matches!(&refused, SqlError::Wide { .. }), "{refused}");
        assert!(refused.to_string().contains("1·a·b·b ≥ 0"), "{refused}");
    }
    assert!(sql(&table).is_err());
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let renamed = |name: &str| {
        let mut table = table(1);
        table.inputs[1].name = name.into();
        Dialect::ALL.map(|dialect| sql_for(&table, dialect).err().map(|error| error.to_string()))
    };
    assert_eq!(renamed("B\"'`;--"), [None, None, None]);
    // PostgreSQL tells letters of two sizes apart where they are quoted; the others never do.
    let [postgresql, duckdb, spark] = renamed("A");
    assert_eq!(postgresql, None);
    assert_eq!(duckdb.as_deref(), Some("DuckDB does not tell the columns `a` and `A` apart"));
    assert!(spark.is_some());
    for name in ["a", "d", "d.rules", "problem", "check vector", "lexport v0", "x\ny"] {
        assert!(renamed(name).iter().all(Option::is_some), "{name}");
    }
    let [postgresql, duckdb, spark] = renamed(&"ü".repeat(32));
    assert!(postgresql.is_some_and(|said| said.contains("63 bytes")) && duckdb.is_none() && spark.is_none());
}

#[test]
fn a_function_has_at_most_a_hundred_arguments() {
    let mut table = table(1);
    for at in 2..101 {
        table.inputs.push(TableInput { name: format!("i{at}"), title: String::new(), domain: number(0, 1) });
        table.kinds.push(Kind::Int(0, 1));
    }
    let refused = sql_for(&table, Dialect::PostgreSql).expect_err("a refusal").to_string();
    assert_eq!(refused, "a function of PostgreSQL has at most 100 arguments, and there are 101 inputs");
    assert!(sql_for(&table, Dialect::DuckDb).is_ok());
}

#[test]
fn a_malformed_table_is_refused() {
    let mut table = table(1);
    table.nodes[1] = 7;
    assert!(matches!(sql(&table), Err(SqlError::Malformed(_))));
}

/// Two decisions on the same test are one machine; its answers are those that occur, not all pairs.
#[test]
fn decisions_share_their_look_ups() {
    let mut table = table(1);
    let other = TableDecision { name: "e".into(), title: String::new(), domain: Domain::Bool, ask: Vec::new() };
    table.decisions.push(other);
    table.roots.push(0);
    let machines = machine::machines(&table);
    assert_eq!(machines.len(), 1);
    assert_eq!(machines[0].answers, [[0, 0], [1, 1]]);
    assert_eq!(sql(&table), sql(&table));
    // A decision that is always the same needs no look-up.
    table.roots = vec![lexport_runtime::LEAF, lexport_runtime::LEAF | 1];
    let machines = machine::machines(&table);
    assert!(machines[0].steps.is_empty() && machines[0].answers == [[0, 1]]);
    assert!(sql(&table).is_ok());
}
