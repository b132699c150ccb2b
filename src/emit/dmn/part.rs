//! What a table is taken apart into: parts, each a small table whose columns are tests, or parts that stand before it.

use lexport_runtime::Answer;

/// A table over tests and earlier parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What its values are.
    pub what: What,
    /// How they are found.
    pub shape: Shape,
}

/// What the values of a part are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The outcome of a decision of the regime, by its number in the table.
    Outcome {
        /// The decision.
        decision: usize,
    },
    /// 1 if a rule carries the decisions, else 0. In cases in which a stricter value is carried it may be either.
    Carries {
        /// The decisions, in order.
        decisions: Vec<usize>,
        /// The rule.
        rule: u32,
    },
    /// A group of combinations of some tests, by number.
    Group {
        /// What the tests are about.
        subjects: Vec<String>,
        /// The decision and the rule for which they make a difference; no rule: the decision itself.
        of: (usize, Option<u32>),
        /// The names of the groups.
        labels: Vec<String>,
    },
}

/// How the values of a part are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Exactly one row fits any case.
    Rows {
        /// The columns.
        columns: Vec<Column>,
        /// The rows.
        rows: Vec<Row>,
    },
    /// All rules that carry the decision are listed, and what each adds to it is added up.
    Collected {
        /// By rule (rising): the part that says whether it carries the decision, and what it adds.
        rules: Vec<(u32, usize, Adds)>,
        /// The outcome without any.
        without: Option<u32>,
    },
}

/// What a rule adds to a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Adds {
    /// Members of a set.
    Members(Vec<u32>),
    /// So many steps.
    Steps(i64),
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// A test of the table: its class.
    Test(u32),
    /// A part: its value.
    Part(usize),
    /// The answer of a decision: which of these.
    Answer(usize, Vec<Answer>),
    /// Whether the answer of a decision, a set, has a member: 1 if so, else 0.
    Has(usize, u32),
    /// Whether the answer of a decision, a set, has any member: 1 if so, else 0.
    Any(usize),
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// By column the classes that fit; nothing: all.
    pub cells: Vec<Option<Vec<u32>>>,
    /// The value.
    pub value: u32,
}
