//! Processes: what an adversary may do next, one permitted step after another.

use crate::source::Span;

use super::{Expr, Name, Path, Text, Type};

/// `process NAME "cite" "title" keeps PATH, … time passes state NAME : TYPE … start when … step …`
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessDecl {
    /// Its name.
    pub name: Name,
    /// The provision.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// Inputs that are the same in every step.
    pub keeps: Vec<Path>,
    /// Whether days pass between steps; else everything happens on one day.
    pub time: Option<Span>,
    /// What is remembered from one step to the next.
    pub state: Vec<(Name, Type)>,
    /// Where it begins.
    pub start: Expr,
    /// What can be done.
    pub steps: Vec<StepDecl>,
}

/// `step NAME "cite" "title" when … then …`
#[derive(Clone, Debug, PartialEq)]
pub struct StepDecl {
    /// Its name.
    pub name: Name,
    /// The provision.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// When it can be taken.
    pub when: Option<Expr>,
    /// What it changes.
    pub then: Vec<Effect>,
    /// Where.
    pub span: Span,
}

/// What a step changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// `PATH is EXPRESSION`; and `PATH is another`, where the path is no state: somebody else, of whom nothing is counted yet.
    Is(Path, Expr),
    /// `PATH adds EXPRESSION`: up to the end of its range.
    Adds(Path, Expr),
    /// `PATH includes EXPRESSION`: a set gains a member, or the members of another.
    Includes(Path, Expr),
    /// `counts toward CAP`
    Counts(Name),
}
