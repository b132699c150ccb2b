//! Conditions and terms.

use crate::source::Span;

use super::{Name, NumberLit, Path, SetExpr};

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A name.
    Path(Path),
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(NumberLit),
    /// A day.
    Date(String),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b and c`
    And(Vec<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `a implies b`
    Implies(Box<Expr>, Box<Expr>),
    /// `a is b`, `a <= b` …
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `a in SET`, `a not in SET`
    In {
        /// What.
        of: Box<Expr>,
        /// Whether `not in`.
        negated: bool,
        /// The set.
        set: SetExpr,
    },
    /// `s has MEMBER`
    Has(Box<Expr>, Path),
    /// `a + b` …
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// `-a`
    Negative(Box<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `within cap NAME`: what this transaction adds still fits
    WithinCap(Name),
    /// `f(a, b)`
    Call(Name, Vec<Expr>),
    /// `some x in (a, b) satisfies …`, `every x in SET satisfies …`
    Quantified {
        /// Whether `every`.
        every: bool,
        /// The variable.
        var: Name,
        /// What it runs over.
        over: QuantDomain,
        /// What is said of it.
        body: Box<Expr>,
    },
    /// `{ A, B }`: only who plays a role can be that.
    Set(SetExpr),
    /// Not readable; it was reported.
    Error,
}

/// What a quantifier runs over.
#[derive(Clone, Debug, PartialEq)]
pub enum QuantDomain {
    /// `(consignee, end_user)`
    Listed(Vec<Expr>),
    /// A group, a heading, or a whole enumeration.
    Set(SetExpr),
}

/// Comparisons; `=` reads as `is`, `!=` as `is not`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Is,
    IsNot,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArithOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}
