//! A DMN model as data: what `write` turns into XML and `place` into a drawing. Only what DMN 1.3 has already, so that tools which
//! know no later version can read it too.

/// A model.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// The name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Types, each behind those that it uses.
    pub types: Vec<Type>,
    /// Inputs and decisions, each behind those that it requires.
    pub nodes: Vec<Node>,
}

/// A type.
#[derive(Debug)]
pub(super) struct Type {
    /// The name.
    pub name: String,
    /// What it is made of.
    pub content: Content,
    /// Whether it is a list.
    pub collection: bool,
}

/// What a type is made of.
#[derive(Debug)]
pub(super) enum Content {
    /// A type, and which of its values: unary tests.
    Of(String, Option<String>),
    /// Components.
    Record(Vec<Type>),
}

impl Type {
    /// A type that is another one, or some of its values.
    pub fn of(name: &str, base: &str, allowed: Option<String>) -> Type {
        Type { name: name.to_owned(), content: Content::Of(base.to_owned(), allowed), collection: false }
    }

    /// A list.
    pub fn list(name: &str, base: &str) -> Type {
        Type { name: name.to_owned(), content: Content::Of(base.to_owned(), None), collection: true }
    }
}

/// An input or a decision.
#[derive(Debug)]
pub(super) struct Node {
    /// The name.
    pub name: String,
    /// What it says to a reader.
    pub description: String,
    /// The type of its value.
    pub kind: String,
    /// How a decision is made; nothing: an input.
    pub logic: Option<Logic>,
    /// The nodes that it requires, rising.
    pub requires: Vec<usize>,
    /// The decision of the regime that it is, by number.
    pub decision: Option<usize>,
}

/// How a decision is made.
#[derive(Debug)]
pub(super) enum Logic {
    /// An expression.
    Text(String),
    /// A decision table.
    Table(Table),
    /// Named steps and a result.
    Context(Vec<(String, String, Logic)>, Box<Logic>),
    /// Rows of expressions: names and types of the columns, then the rows.
    Relation(Vec<(String, String)>, Vec<Vec<String>>),
}

/// A decision table: exactly one rule fits any case.
#[derive(Debug)]
pub(super) struct Table {
    /// What is looked at.
    pub inputs: Vec<Input>,
    /// Names and types; a single one has no name.
    pub outputs: Vec<(String, String)>,
    /// What the annotations are.
    pub annotation: Option<String>,
    /// Cells, values, and the annotation.
    pub rules: Vec<(Vec<String>, Vec<String>, String)>,
}

/// What a column of a decision table looks at.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    /// What a reader sees; empty: the expression.
    pub label: String,
    /// The expression.
    pub expression: String,
    /// Its type.
    pub kind: String,
}
