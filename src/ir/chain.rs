//! Chains: cases that stand before a case (what an item was made with, who owns a party), and what of them counts in it.
//!
//! A node is a case of the same program. What is carried along a link grows an input of the later case by what holds of the
//! earlier one, its decisions included; the meaning is the least fixpoint over the chain that is given (`eval::chain`). In every
//! question about all cases these inputs range freely, as all others do.

use serde::{Deserialize, Serialize};

use super::{Case, DecisionId, Domain, Input, InputId, OriginId, TermId};

/// A relation between an earlier case and a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// The provision; may be empty.
    pub cite: String,
    /// What is said of the link itself.
    pub fields: Vec<(String, Domain)>,
    /// Inputs that are the same at both ends.
    pub keeps: Vec<InputId>,
    /// Where.
    pub origin: OriginId,
}

impl Link {
    /// Its fields as inputs. In a [`Carry`] of this link they stand behind the inputs of the program: first those of the first link,
    /// then those of the second, and so on.
    pub fn inputs(&self) -> impl Iterator<Item = Input> + '_ {
        self.fields.iter().map(|(field, domain)| Input::plain(format!("{}.{field}", self.name), domain.clone(), self.origin))
    }
}

/// What is carried along a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// Which of [`super::Program::links`].
    pub link: u32,
    /// Which earlier cases count: a term over the earlier case, and over what is said of the link ([`Link::inputs`]).
    pub counts: TermId,
    /// The input of the later case that grows.
    pub target: InputId,
    /// By what.
    pub what: Carried,
    /// Where.
    pub origin: OriginId,
}

/// How an input grows by the earlier cases that count. Several lines for one input grow it together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// A set: by a member, or by the members of a set.
    Includes(Source),
    /// A number: by a number, times so many steps of the target to one of the source.
    Adds(Source, i64),
    /// A Boolean: it holds where one counts.
    Holds,
}

/// Where that comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An input of the earlier case.
    Input(InputId),
    /// A decision in the earlier case.
    Decision(DecisionId),
    /// What is said of the link, by its place in [`Link::fields`].
    Field(u32),
}

/// A case that can stand before others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its name; of one without, where it stands.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its facts.
    pub given: Case,
    /// What stands before it.
    pub before: Vec<Before>,
    /// Where.
    pub origin: OriginId,
}

/// What stands before a case along one link: all of it. A link of which nothing is said does not appear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Which of [`super::Program::links`].
    pub link: u32,
    /// The earlier cases; empty: there is none.
    pub steps: Vec<Step>,
}

/// One earlier case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which of the nodes.
    pub node: u32,
    /// What is said of the link, by field; `None`: not known.
    pub with: Vec<Option<super::Value>>,
}

/// A case with what stands before it, as case files give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chained {
    /// The facts of the case itself.
    pub case: Case,
    /// What stands before it.
    pub before: Vec<Before>,
    /// The nodes: those of the program, then those of the case file.
    pub nodes: Vec<Node>,
}

impl Chained {
    /// A fact that is given though it follows from what stands before the case: the input, and the link.
    pub fn given_twice(&self, program: &super::Program) -> Option<(InputId, u32)> {
        let said = |link: u32| self.before.iter().any(|before| before.link == link);
        let twice = program.carries.iter().find(|carry| said(carry.link) && self.case.get(carry.target).is_some())?;
        Some((twice.target, twice.link))
    }
}
