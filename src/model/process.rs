//! Processes, resolved: state as further inputs, steps as relations between a state and the next.

use crate::ir::{InputId, Standard, Window};
use crate::source::Span;

use super::{Cond, Input};

/// What an adversary may do, one step after another.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The provision.
    pub cite: String,
    /// The inputs that stand behind those of the policy: what is remembered, and for every variable its next value.
    pub inputs: Vec<Input>,
    /// Inputs of the policy that are the same in every step.
    pub rigid: Vec<InputId>,
    /// The variables: now, and next. Balances of caps and a date that passes are inputs of the policy.
    pub variables: Vec<(InputId, InputId)>,
    /// The variables that are balances of caps, with their windows, and of rolling ones what a step adds.
    pub balances: Vec<(InputId, Window, Option<InputId>)>,
    /// Where it begins: about variables and what stays the same.
    pub start: Cond,
    /// The steps.
    pub steps: Vec<ProcessStep>,
    /// What must never be.
    pub goals: Vec<Goal>,
    /// Where.
    pub span: Span,
}

/// A step.
#[derive(Clone, Debug)]
pub struct ProcessStep {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The provision.
    pub cite: String,
    /// When it can be taken.
    pub guard: Cond,
    /// What holds between the state before and after it; the guard not included.
    pub effects: Vec<Cond>,
    /// The balances to which it adds.
    pub counts: Vec<InputId>,
    /// The balances that begin anew with it, because they are another's.
    pub renews: Vec<InputId>,
    /// What it adds to rolling balances: that the input which stands for it is as much.
    pub entries: Vec<(InputId, Cond)>,
    /// Where.
    pub span: Span,
}

/// `prove NAME : in PROCESS never BAD`
#[derive(Clone, Debug)]
pub struct Goal {
    /// Its name.
    pub name: String,
    /// Why it should hold.
    pub cite: String,
    /// Which of the twelve it shows, if any.
    pub shows: Option<Standard>,
    /// What must never be, in a state and a case that goes with it.
    pub bad: Cond,
    /// Where.
    pub span: Span,
}
