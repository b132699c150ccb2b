//! The shape of `lexport.table/2`, field by field in the order of `docs/tables.md`: the order in which they are written and hashed.
//!
//! Sets stand here as they are written, not as bits: what a file claims of their size costs nothing before it is believed.

use serde::{Deserialize, Serialize};

use crate::ir::{Domain, Member};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub schema: String,
    pub hash: String,
    pub table: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub regime: String,
    pub title: String,
    pub source: String,
    pub readings: Vec<String>,
    pub dates: Option<(i64, i64)>,
    pub enums: Vec<Enumeration>,
    pub inputs: Vec<Input>,
    pub decisions: Vec<Decision>,
    pub rules: Vec<Rule>,
    pub tests: Vec<Test>,
    pub nodes: Vec<u32>,
    pub outcomes: Vec<Outcome>,
    pub vectors: Vec<Vector>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    pub name: String,
    pub title: String,
    pub domain: Domain,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    pub name: String,
    pub title: String,
    pub domain: Domain,
    pub root: u32,
    pub ask: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub name: String,
    pub title: String,
    pub cite: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Test {
    Flag { input: u32 },
    Member { input: u32, classes: u32, map: Vec<Option<u32>> },
    Interval { input: u32, classes: u32, thresholds: Vec<i64>, map: Vec<u32> },
    Has { input: u32, member: u32 },
    Same { a: u32, b: u32 },
    AtLeastZero { constant: String, monomials: Vec<Product> },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Product {
    pub coefficient: String,
    pub factors: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub answer: Answer,
    pub rules: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Answer {
    Gap,
    Conflict(Vec<Answer>),
    Bool(bool),
    Member(u32),
    Set(Members),
    Int(i64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vector {
    pub values: Vec<Given>,
    pub outcomes: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enumeration {
    pub name: String,
    pub members: Vec<Member>,
    pub ordered: bool,
    pub headings: Vec<Heading>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Heading {
    pub name: String,
    pub members: Members,
}

/// Some of so many members, rising.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    pub size: u32,
    pub members: Vec<u32>,
}

/// A value of a check vector.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Given {
    Bool(bool),
    Member(u32),
    Set(Members),
    Int(i64),
}
