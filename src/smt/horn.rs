//! Runs of any number of steps: an inductive invariant, found as the solution of constrained Horn clauses.
//!
//! In: a process and what must never be. Out: a statement about a state that holds at the start, is kept by every step and excludes
//! what must never be; or that there is none. Nothing here is believed: whoever asks puts the invariant to three plain questions,
//! and looks for the path himself. (The engine is Spacer: Komuravelli, Gurfinkel and Chaki, "SMT-based model checking for
//! recursive programs", 2016; the clauses are those of Bjørner, Gurfinkel, McMillan and Rybalchenko, "Horn clause solvers for
//! program verification", 2015.)

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use rustc_hash::FxHashSet;
use z3::ast::{Ast, Bool, Dynamic, forall_const};
use z3::{FuncDecl, Params, Solver, Sort};

use super::answer::Reason;
use super::cone::{At, Cones, Graph, Inputs, View};
use super::decode::is_empty;
use super::encode::{Copy, Encoder, all};
use super::invariant::decoded;
use super::session::{Checked, Limits, asserted, checked, panic_text};
use super::sorts::{Codes, Sorts};
use crate::ir::{Domain, Fact, InputId, Process, Program, TermId, Value};

/// What the search for an invariant says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Induction {
    /// This holds of every state that can be reached, and excludes what must never be.
    Invariant(Fact),
    /// There is no such statement: what must never be can come about.
    Reachable,
    /// Not settled.
    Unknown(Reason),
}

/// Looks for an inductive invariant that excludes a goal of a process, with some inputs at fixed values throughout.
#[must_use]
pub fn induction(process: &Process, goal: usize, fixed: &[(InputId, Value)], limits: Limits) -> Induction {
    let found = catch_unwind(AssertUnwindSafe(|| {
        let bad = process.goals.get(goal).ok_or_else(|| Reason::Malformed("no such goal".into()))?.bad;
        Clauses::new(process, bad, fixed).and_then(|mut it| it.solve(limits))
    }));
    found.unwrap_or_else(|payload| Err(Reason::Panicked(panic_text(payload.as_ref())))).unwrap_or_else(Induction::Unknown)
}

/// The clauses about one process.
struct Clauses<'p> {
    process: &'p Process,
    bad: TermId,
    program: &'p Program,
    fixed: &'p [(InputId, Value)],
    encoder: Encoder<'p>,
    cones: Cones,
    codes: Rc<Codes>,
    /// What a state consists of: variables now, and what is the same in every step.
    state: Vec<InputId>,
}

const HERE: View = View { pair: 0, second: false, without: None };

impl<'p> Clauses<'p> {
    fn new(process: &'p Process, bad: TermId, fixed: &'p [(InputId, Value)]) -> Result<Self, Reason> {
        let program = &process.world;
        if program.inputs.iter().any(|input| is_empty(program, &input.domain)) {
            return Err(Reason::Malformed("an input has no value at all".into()));
        }
        let (graph, codes) = (Rc::new(Graph::new(program)), Rc::new(Codes::new(program)));
        let mut it = Clauses {
            process,
            bad,
            program,
            fixed,
            encoder: Encoder::new(graph, Sorts::Whole, Rc::clone(&codes)),
            cones: Cones::default(),
            codes,
            state: process.variables.iter().map(|variable| variable.now).collect(),
        };
        let mut read = Inputs::default();
        let steps = process.steps.iter().map(|step| step.relation);
        for term in steps.chain([process.start, bad]) {
            for input in it.reads(term)? {
                read.insert(input);
            }
        }
        it.state.extend(process.rigid.iter().copied().filter(|input| read.contains(*input)));
        Ok(it)
    }

    /// The inputs that a term depends on, rising.
    fn reads(&mut self, term: TermId) -> Result<Vec<InputId>, Reason> {
        let graph = Rc::clone(&self.encoder.graph);
        let cone = self.cones.of(&graph, At::term(term, HERE)).map_err(Reason::Malformed)?;
        Ok(self.program.input_ids().filter(|input| cone.first.contains(*input)).collect())
    }

    fn solve(&mut self, limits: Limits) -> Result<Induction, Reason> {
        let mut params = Params::new();
        params.set_u32("timeout", u32::try_from(limits.time.as_millis()).unwrap_or(u32::MAX).max(1));
        if limits.work > 0 {
            params.set_u32("rlimit", limits.work);
        }
        // Of clauses whose goal can be in no state the engine makes something that is of no use.
        let plain = Solver::new();
        plain.set_params(&params);
        asserted(&plain, &all(&self.body(self.bad, &[])?)).map_err(Reason::Solver)?;
        if matches!(checked(&plain, &[]).map_err(Reason::Solver)?, Checked::Unsat) {
            return Ok(Induction::Invariant(Fact::Constant(true)));
        }
        let solver = Solver::new_for_logic("HORN").ok_or_else(|| Reason::Solver("no logic HORN".into()))?;
        solver.set_params(&params);
        let sorts: Vec<Sort> = self.arguments(&self.state.clone())?.iter().map(Ast::get_sort).collect();
        let sorts: Vec<&Sort> = sorts.iter().collect();
        let reached = FuncDecl::new("reached", &sorts, &Sort::bool());
        let now = self.state.clone();
        let next: Vec<InputId> =
            now.iter().map(|input| self.process.variables.iter().find(|v| v.now == *input).map_or(*input, |v| v.next)).collect();
        let process = self.process;
        self.clause(&solver, &reached, None, process.start, Some(&now))?;
        for step in &process.steps {
            self.clause(&solver, &reached, Some(&now), step.relation, Some(&next))?;
        }
        self.clause(&solver, &reached, Some(&now), self.bad, None)?;
        match checked(&solver, &[]).map_err(Reason::Solver)? {
            Checked::Unsat => Ok(Induction::Reachable),
            Checked::Unknown(reason) => Err(Reason::Limit(reason)),
            Checked::Sat(model) => {
                let here = self.applied(&reached, &now)?;
                let formula = model.eval(&here, false).ok_or_else(|| Reason::Solver("the invariant is not told".into()))?;
                Ok(Induction::Invariant(decoded(self.program, &self.codes, &formula).map_err(Reason::Limit)?))
            }
        }
    }

    /// Each input as what stands for it: a number, a truth, or of a set one truth for each member.
    fn arguments(&mut self, inputs: &[InputId]) -> Result<Vec<Dynamic>, Reason> {
        let mut out = Vec::new();
        for input in inputs {
            match &self.program.input(*input).domain {
                Domain::Bool => out.push(Dynamic::from(self.encoder.flag(*input, Copy::First))),
                Domain::Set(id) => {
                    let size = self.program.enumeration(*id).size();
                    out.extend((0..size).map(|member| Dynamic::from(self.encoder.has(*input, Copy::First, member))));
                }
                Domain::Enum(_) | Domain::Number(_) | Domain::Date { .. } => {
                    let number = self.encoder.number(*input, Copy::First).map_err(Reason::Malformed)?;
                    out.push(number.term().ok_or_else(|| Reason::Malformed("bits in a clause".into()))?);
                }
            }
        }
        Ok(out)
    }

    fn applied(&mut self, reached: &FuncDecl, inputs: &[InputId]) -> Result<Bool, Reason> {
        let arguments = self.arguments(inputs)?;
        let arguments: Vec<&dyn Ast> = arguments.iter().map(|one| one as &dyn Ast).collect();
        reached.apply(&arguments).as_bool().ok_or_else(|| Reason::Malformed("a relation that is no truth".into()))
    }

    /// A term with what it rests on, within the domains of what it reads and of some other inputs, and with what is fixed.
    fn body(&mut self, term: TermId, others: &[InputId]) -> Result<Vec<Bool>, Reason> {
        let at = At::term(term, HERE);
        let mut body = vec![self.encoder.encode(&[], at).map_err(Reason::Malformed)?];
        let graph = Rc::clone(&self.encoder.graph);
        for place in graph.post_order(at, |_| false).map_err(Reason::Malformed)? {
            body.extend(self.encoder.definition(place).cloned());
        }
        let mut inputs = self.reads(term)?;
        inputs.extend(others);
        inputs.extend(self.fixed.iter().map(|(input, _)| *input));
        inputs.sort_unstable();
        inputs.dedup();
        for input in inputs {
            body.push(self.encoder.in_domain(input, Copy::First).map_err(Reason::Malformed)?);
        }
        for (input, value) in self.fixed {
            body.push(self.encoder.equals(*input, Copy::First, value).map_err(Reason::Malformed)?);
            // What is fixed and passes is fixed after the step too.
            if let Some(variable) = self.process.variables.iter().find(|variable| variable.now == *input) {
                body.push(self.encoder.equals(variable.next, Copy::First, value).map_err(Reason::Malformed)?);
            }
        }
        Ok(body)
    }

    /// `for all: from and term implies to`; without `to`: never.
    fn clause(
        &mut self,
        solver: &Solver,
        reached: &FuncDecl,
        from: Option<&[InputId]>,
        term: TermId,
        to: Option<&[InputId]>,
    ) -> Result<(), Reason> {
        let others: Vec<InputId> = from.into_iter().chain(to).flatten().copied().collect();
        let mut body = self.body(term, &others)?;
        if let Some(from) = from {
            body.push(self.applied(reached, from)?);
        }
        let head = match to {
            Some(to) => self.applied(reached, to)?,
            None => Bool::from_bool(false),
        };
        let whole = all(&body).implies(&head);
        let bound = constants(&whole);
        let bound: Vec<&dyn Ast> = bound.iter().map(|one| one as &dyn Ast).collect();
        let clause = if bound.is_empty() { whole } else { forall_const(&bound, &[], &whole) };
        asserted(solver, &clause).map_err(Reason::Solver)
    }
}

/// The constants of a formula, in the order of their first place: in a clause all are bound.
fn constants(formula: &Bool) -> Vec<Dynamic> {
    let mut out = Vec::new();
    let mut seen: FxHashSet<Dynamic> = FxHashSet::default();
    let mut stack = vec![Dynamic::from(formula.clone())];
    while let Some(term) = stack.pop() {
        if !seen.insert(term.clone()) {
            continue;
        }
        if term.num_children() == 0 {
            if term.is_app() && term.decl().kind() == z3::DeclKind::Uninterpreted {
                out.push(term);
            }
            continue;
        }
        let mut children = term.children();
        children.reverse();
        stack.extend(children);
    }
    out
}
