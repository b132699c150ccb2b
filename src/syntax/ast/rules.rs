//! Definitions, decisions and rules with their timelines.

use crate::source::{Span, Spanned};

use super::{Expr, Limb, Name, NumberLit, Path, Text, Type, Value};

/// `define HQ5M(p : Party) = …`
#[derive(Clone, Debug, PartialEq)]
pub struct DefineDecl {
    /// Its name.
    pub name: Name,
    /// Its citation.
    pub cite: Option<Text>,
    /// Its parameters and their types (a record, an enumeration, or any other type without a range).
    pub params: Vec<(Name, Type)>,
    /// What it means.
    pub body: Expr,
}

/// `decision NAME "title" : TYPE takes … otherwise …`
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its type.
    pub ty: Type,
    /// How conclusions combine.
    pub combine: Spanned<Combine>,
    /// The value without an effective rule.
    pub otherwise: Option<Value>,
}

/// How conclusions combine.
#[derive(Clone, Debug, PartialEq)]
pub enum Combine {
    /// `exactly one`
    ExactlyOne,
    /// `the strictest`
    Strictest,
    /// `the least strict`
    LeastStrict,
    /// `the sum`
    Sum,
    /// `all`
    All,
    /// `the first of a, b, c`
    First(Vec<Name>),
}

/// `rule`, `exception` or `restriction`
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDecl {
    /// Which of the three.
    pub kind: RuleKind,
    /// Its name.
    pub name: Name,
    /// The provision.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// How sure it is.
    pub mark: Option<Mark>,
    /// What it overrides, or is overridden by.
    pub overrides: Vec<Override>,
    /// Its condition; none: always.
    pub when: Option<Expr>,
    /// Of a product rule, in place of the condition: its limbs.
    pub limbs: Vec<Limb>,
    /// Of a product rule: the rules that ask for a licence.
    pub license: Vec<Name>,
    /// What it concludes.
    pub then: Vec<Conclusion>,
    /// Its timeline.
    pub status: Vec<StatusItem>,
}

/// The three kinds of rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `rule`
    Rule,
    /// `exception … to …`
    Exception,
    /// `restriction`: overrides, and concludes nothing.
    Restriction,
}

/// One override clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// How it is put.
    pub kind: OverrideKind,
    /// Which rules.
    pub rules: Vec<Name>,
    /// Where.
    pub span: Span,
}

/// The ways to put an override.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideKind {
    /// `exception X to a, b`: this overrides those.
    To,
    /// `overrides a, b`: this overrides those.
    Overrides,
    /// `notwithstanding a, b`: this overrides those.
    Notwithstanding,
    /// `subject to a, b`: those override this.
    SubjectTo,
    /// `moved from a, b`: what those said stands here now; they end where this begins.
    MovedFrom,
    /// `under a, b`: the authorities that it rests on.
    Under,
}

/// `recalled "note"` or `inferred "note"`
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Which.
    pub kind: MarkKind,
    /// Why, or from where.
    pub note: Option<Text>,
    /// Where.
    pub span: Span,
}

/// How sure an encoding is, if not confirmed by a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// From memory.
    Recalled,
    /// Worked out.
    Inferred,
}

/// `DECISION is VALUE` or `DECISION includes VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    /// The decision.
    pub decision: Name,
    /// Whether `includes` (a set) or `is`.
    pub includes: bool,
    /// The value.
    pub value: Value,
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusItem {
    /// Which.
    pub kind: StatusKind,
    /// First day (of `until`: the last day).
    pub from: Text,
    /// Last day.
    pub until: Option<Text>,
    /// By whom or by what act.
    pub by: Option<Text>,
    /// The cases it is about; `None`: all.
    pub scope: Option<Expr>,
    /// Where.
    pub span: Span,
}

/// The lines of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusKind {
    /// `codified from D`: stands in the code.
    Codified,
    /// `effective from D`: has force.
    Effective,
    /// `compliance from D`: must be complied with.
    Compliance,
    /// `suspended from D until D`: stayed.
    Suspended,
    /// `not enforced from D until D by "…"`
    NotEnforced,
    /// `enjoined from D until D by "…" where …`: a court has stopped it, for the cases of the scope.
    Enjoined,
    /// `repealed from D`
    Repealed,
    /// `until D`: the last day in force.
    Until,
    /// `sunset when …`: an event ends it. Such a line has no day, and the event for its scope.
    Sunset,
}

/// `cap NAME "cite" counts … per … at most …`
#[derive(Clone, Debug, PartialEq)]
pub struct CapDecl {
    /// Its name.
    pub name: Name,
    /// Its citation.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// How sure it is.
    pub mark: Option<Mark>,
    /// What one transaction adds.
    pub counts: Expr,
    /// Which transactions add anything; `None`: all.
    pub when: Option<Expr>,
    /// Whose total it is: a party, a country, a product line. Empty: one total for all.
    pub keys: Vec<Path>,
    /// Who reports what counts.
    pub reporters: Vec<Path>,
    /// Over what time.
    pub window: Spanned<Window>,
    /// The limit, with the day from which each step of it is in force.
    pub limits: Vec<Limit>,
    /// Whether the total is what is there now (goods that leave are taken off) and not what has flowed.
    pub stock: bool,
}

/// Over what time a cap counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// `per calendar year`
    CalendarYear,
    /// `per calendar quarter`
    CalendarQuarter,
    /// `in any N days`
    Rolling(NumberLit),
    /// `from D to D`
    Between(Text, Text),
    /// Not said: for ever.
    Lifetime,
}

/// `at most LIMIT from D`
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// A number, an input, or a share of an input (`25% * group.total`).
    pub most: Expr,
    /// The first day on which it holds; `None`: always did.
    pub from: Option<Text>,
}

/// `authority NAME "cite" "title" at most 15% for 150 days status …`: what duties may rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorityDecl {
    /// Its name.
    pub name: Name,
    /// The statute.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// The greatest rate, with the day from which each step of it holds; none: no limit is stated.
    pub limits: Vec<Limit>,
    /// For how many days at most one measure may last.
    pub days: Option<NumberLit>,
    /// Its timeline.
    pub status: Vec<StatusItem>,
}
