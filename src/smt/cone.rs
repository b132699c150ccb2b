//! The cone of influence of a question: what has to be encoded, in which order, and over which inputs.
//!
//! In: a program and a root. Out: the places below it, children first; for each, the inputs it may depend on and whether it
//! needs arithmetic. Walks with a stack of its own, so the depth of a program cannot overflow ours, and a cycle between
//! rules (possible only in a program that nobody validated) is an error and not a loop.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{InputId, Program, RuleId, Term, TermId};

/// How a term is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct View {
    /// Which pair of the session the question is about; 0 for none. What `Second` means depends on it.
    pub pair: u32,
    /// In the second case.
    pub second: bool,
    /// As if this rule were not in the program.
    pub without: Option<RuleId>,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Term(TermId),
    Effective(RuleId),
}

/// A place: something, read in some way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    pub what: What,
    pub view: View,
}

impl At {
    pub fn term(term: TermId, view: View) -> Self {
        At { what: What::Term(term), view }
    }
    pub fn effective(rule: RuleId, view: View) -> Self {
        At { what: What::Effective(rule), view }
    }
}

/// The view in which an outcome is computed.
pub(super) fn outcome_view(view: View, without: Option<RuleId>) -> Result<View, String> {
    match (view.without, without) {
        (_, None) => Ok(view),
        (None, some) => Ok(View { without: some, ..view }),
        (Some(a), Some(b)) if a == b => Ok(view),
        _ => Err("an outcome without one rule inside an outcome without another".into()),
    }
}

/// What a place is made of.
pub(super) fn children(program: &Program, at: At) -> Result<Vec<At>, String> {
    let At { what, view } = at;
    let term = |term: TermId| At::term(term, view);
    Ok(match what {
        What::Effective(rule) if view.without == Some(rule) => Vec::new(),
        What::Effective(rule) => {
            let rule = program.rules.get(rule.index()).ok_or("a rule that is not in the program")?;
            let overriders = rule.overridden_by.iter().filter(|other| view.without != Some(**other));
            std::iter::once(term(rule.applies)).chain(overriders.map(|other| At::effective(*other, view))).collect()
        }
        What::Term(id) if id.index() >= program.pool.len() => return Err("a term that is not in the program".into()),
        What::Term(id) => match program.pool.get(id) {
            Term::Not(inner) => vec![term(*inner)],
            Term::And(inner) | Term::Or(inner) => inner.iter().map(|inner| term(*inner)).collect(),
            Term::Applies(rule) if view.without == Some(*rule) => Vec::new(),
            Term::Applies(rule) => vec![term(program.rule(*rule).applies)],
            Term::Effective(rule) => vec![At::effective(*rule, view)],
            Term::Outcome { decision, without, .. } => {
                let view = outcome_view(view, *without)?;
                program.decision(*decision).rules.iter().map(|rule| At::effective(*rule, view)).collect()
            }
            Term::SameOutcome(a, b) => [a, b]
                .into_iter()
                .flat_map(|decision| &program.decision(*decision).rules)
                .map(|rule| At::effective(*rule, view))
                .collect(),
            Term::Second(_) if view.second => return Err("a second case inside a second case".into()),
            Term::Second(_) if view.pair == 0 => return Err("a second case in a question about one".into()),
            Term::Second(inner) => vec![At::term(*inner, View { second: true, ..view })],
            _ => Vec::new(),
        },
    })
}

/// The places at and below the root for which `done` does not hold yet, each after its children.
pub(super) fn post_order(program: &Program, root: At, done: impl Fn(&At) -> bool) -> Result<Vec<At>, String> {
    let mut out = Vec::new();
    let mut finished: FxHashSet<At> = FxHashSet::default();
    let mut open: FxHashSet<At> = FxHashSet::default();
    let mut stack = vec![(root, false)];
    while let Some((at, expanded)) = stack.pop() {
        if expanded {
            open.remove(&at);
            finished.insert(at);
            out.push(at);
        } else if finished.contains(&at) || done(&at) {
        } else if !open.insert(at) {
            return Err("rules that depend on each other in a circle".into());
        } else {
            stack.push((at, true));
            let below = children(program, at)?;
            // Reversed, so that the first child is encoded first: the order is part of what makes answers repeatable.
            stack.extend(below.into_iter().rev().filter(|at| !finished.contains(at)).map(|at| (at, false)));
        }
    }
    Ok(out)
}

/// A set of inputs as bits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Inputs(Vec<u64>);

impl Inputs {
    pub fn insert(&mut self, input: InputId) {
        let word = input.index() / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (input.index() % 64);
    }
    pub fn contains(&self, input: InputId) -> bool {
        self.0.get(input.index() / 64).is_some_and(|word| word >> (input.index() % 64) & 1 == 1)
    }
    fn absorb(&mut self, other: &Inputs) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}

/// What a place may depend on; perhaps more than it does.
#[derive(Clone, Debug, Default)]
pub(super) struct Cone {
    /// Inputs read in the first case.
    pub first: Inputs,
    /// Inputs read in the second.
    pub second: Inputs,
    /// Whether inputs are added or compared with each other.
    pub arithmetic: bool,
    /// Whether inputs are multiplied.
    pub product: bool,
}

impl Cone {
    pub fn absorb(&mut self, other: &Cone) {
        self.first.absorb(&other.first);
        self.second.absorb(&other.second);
        self.arithmetic |= other.arithmetic;
        self.product |= other.product;
    }
}

/// The cones of a program's places, computed once each.
#[derive(Default)]
pub(super) struct Cones(FxHashMap<At, Rc<Cone>>);

impl Cones {
    pub fn of(&mut self, program: &Program, root: At) -> Result<Rc<Cone>, String> {
        for at in post_order(program, root, |at| self.0.contains_key(at))? {
            let below = children(program, at)?;
            let cone = match (below.as_slice(), own(program, at)) {
                ([only], None) => Rc::clone(&self.0[only]),
                (below, cone) => {
                    let mut cone = cone.unwrap_or_default();
                    for child in below {
                        cone.absorb(&self.0[child]);
                    }
                    Rc::new(cone)
                }
            };
            self.0.insert(at, cone);
        }
        Ok(Rc::clone(&self.0[&root]))
    }
}

/// What the place itself reads.
fn own(program: &Program, at: At) -> Option<Cone> {
    let What::Term(id) = at.what else { return None };
    let mut cone = Cone::default();
    let inputs = if at.view.second { &mut cone.second } else { &mut cone.first };
    match program.pool.get(id) {
        Term::Flag(of) | Term::Member { of, .. } | Term::Has { of, .. } | Term::Within { of, .. } => inputs.insert(*of),
        Term::Same(a, b) => {
            inputs.insert(*a);
            inputs.insert(*b);
        }
        Term::AtLeastZero(poly) => {
            poly.inputs().into_iter().for_each(|input| inputs.insert(input));
            cone.arithmetic = true;
            cone.product = !poly.is_linear();
        }
        _ => return None,
    }
    Some(cone)
}
