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
    /// Which of the twelve properties its claim shows.
    pub shows: Option<Name>,
    /// What a regime must name to have it: then it is a pattern, and no process yet.
    pub roles: Vec<Name>,
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
    /// `never …`: what must never be; the claim has the name of the process.
    pub never: Option<Expr>,
}

/// `process NAME "cite" "title" is PATTERN keeps PATH, … with ROLE is EXPRESSION, …`
#[derive(Clone, Debug, PartialEq)]
pub struct CastDecl {
    /// Its name.
    pub name: Name,
    /// The provision.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// Which of the twelve properties its claim shows.
    pub shows: Option<Name>,
    /// Of what it is an instance.
    pub pattern: Name,
    /// Inputs that are the same in every step, besides those that the pattern keeps.
    pub keeps: Vec<Path>,
    /// Who plays which role.
    pub roles: Vec<(Name, Expr)>,
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
