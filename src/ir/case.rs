//! A case: what is known of one transaction. An outcome: what a decision comes to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{InputId, MemberSet};

/// The value of an input or of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Of a Boolean.
    Bool(bool),
    /// Of an enumeration.
    Member(u32),
    /// Of a set.
    Set(MemberSet),
    /// Of a number (in steps) or a date (in days since 1970-01-01).
    Int(i64),
}

/// One value for every input, or `None` for an input that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Case {
    /// By [`InputId`].
    pub values: Vec<Option<Value>>,
    /// What is certain of inputs that are not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bounds: BTreeMap<InputId, Bound>,
}

/// What is certain of an input that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// A number or date lies between these, both included.
    Range(i64, i64),
    /// A set has all of the first and none but the second.
    Set(MemberSet, MemberSet),
}

impl Case {
    /// A case of which nothing is known.
    pub fn unknown(inputs: usize) -> Self {
        Case { values: vec![None; inputs], bounds: BTreeMap::new() }
    }

    /// The value of an input.
    pub fn get(&self, input: InputId) -> Option<&Value> {
        self.values[input.index()].as_ref()
    }

    /// Gives an input a value.
    pub fn set(&mut self, input: InputId, value: Value) {
        self.values[input.index()] = Some(value);
    }

    /// Makes an input unknown.
    pub fn forget(&mut self, input: InputId) {
        self.values[input.index()] = None;
    }

    /// Whether every input is known.
    pub fn is_complete(&self) -> bool {
        self.values.iter().all(Option::is_some)
    }

    /// The value of a number or date.
    pub fn int(&self, input: InputId) -> Option<i64> {
        match self.get(input) {
            Some(Value::Int(int)) => Some(*int),
            _ => None,
        }
    }
}

/// What a decision comes to in a complete case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A value.
    Value(Value),
    /// No effective rule and no default.
    Gap,
    /// `ExactlyOne`, and effective rules disagree: their values, rising.
    Conflict(Vec<Value>),
}
