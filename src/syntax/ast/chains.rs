//! Chains of production and of ownership: what stands before a case, and what of it counts.

use crate::source::Span;

use super::{Assignment, Expr, Name, Path, Text, Type};

/// `link NAME "cite" "title" (FIELD : TYPE, …) keeps PATH, …`: one case can stand before another.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkDecl {
    /// Its name.
    pub name: Name,
    /// The provision.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// What is said of the link itself: a share, a value.
    pub fields: Vec<(Name, Type)>,
    /// Inputs that are the same at both ends.
    pub keeps: Vec<Path>,
}

/// `along LINK when … then TARGET includes SOURCE, …`
#[derive(Clone, Debug, PartialEq)]
pub struct AlongDecl {
    /// The link.
    pub link: Name,
    /// Which of the cases before this one count, by their own facts and decisions.
    pub when: Option<Expr>,
    /// What they add.
    pub then: Vec<Carried>,
}

/// What one case hands on to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// An input of the later case.
    pub target: Path,
    /// How it grows.
    pub what: Carries,
}

/// How an input grows by what stands before.
#[derive(Clone, Debug, PartialEq)]
pub enum Carries {
    /// `includes PATH`: a member, or a set, of the earlier case.
    Includes(Path),
    /// `adds PATH`: a number of the earlier case, or of the link.
    Adds(Path),
    /// `is true`
    Holds,
}

/// `node NAME "title" given …`: a case that can stand before others.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its facts, and what stands before it.
    pub given: Vec<Assignment>,
}

/// A limb of a foreign-direct-product rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Limb {
    /// Which.
    pub kind: LimbKind,
    /// Its condition.
    pub body: Expr,
    /// Where.
    pub span: Span,
}

/// The limbs of a foreign-direct-product rule (15 CFR 734.9): both scopes must be met, the product scope by one of its routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimbKind {
    /// `scope`: which items.
    Scope,
    /// `by technology`: direct product of technology or software.
    Technology,
    /// `by plant`: made by a plant, or a major component of one, that is such a product.
    Plant,
    /// `by contents`: contains what such a plant made.
    Contents,
    /// `reach`: destination, end user, end use.
    Reach,
    /// `knowing`: what must be known.
    Knowledge,
}
