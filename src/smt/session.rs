//! Asking: limits, error codes, panics, and which logic.
//!
//! In: a program and questions. Out: answers. Whether there is a case is asked of a solver that lives on between questions: it knows
//! the definitions that earlier questions needed, gets those that are new, and is told the question as assumptions, which
//! is ten times as fast as a solver for each. The case itself comes from a fresh solver and is the first one (`witness.rs`),
//! so it does not depend on what was asked before.
//!
//! The bindings install no error handler and look at no error code; it is read here, at once, after each call that can
//! set it. One session lives in one thread (it uses the thread's Z3 context); for many threads make many sessions.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use z3::ast::Bool;
use z3::{Context, Model, Params, SatResult, Solver};

use super::answer::{Answer, Reason, Verdict, Witness};
use super::cone::{At, Cone, Cones, Graph, View};
use super::decode::is_empty;
use super::encode::{Copy, Encoder, all};
use super::live::Live;
use super::query::{Pair, Query};
use super::sorts::{Codes, Sorts};
use super::witness::Narrowing;
use crate::ir::{InputId, Program, TermId};

/// The versions whose enumerations are those of the bindings, as `major.minor`; `grammar/build.rs` refuses others at build time.
const SUPPORTED: &str = "5.3.";

/// How much one question may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time, per check. Answers within it do not depend on it.
    pub time: Duration,
    /// Work, per check, in Z3's own deterministic unit (about ten million to a few seconds); 0 for no limit.
    pub work: u32,
}

impl Default for Limits {
    /// The work limit is meant to bind before the time limit, because it binds at the same place on every machine.
    fn default() -> Self {
        Limits { time: Duration::from_secs(20), work: 30_000_000 }
    }
}

/// The Z3 that was found at run time is not one that the bindings know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSolver {
    /// Its version.
    pub found: String,
}

impl fmt::Display for WrongSolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the Z3 found at run time is {} and must be {SUPPORTED}x: run `make solver` and build again", self.found)
    }
}

impl std::error::Error for WrongSolver {}

/// Answers questions about one program.
pub struct Session<'p> {
    graph: Rc<Graph<'p>>,
    limits: Limits,
    codes: Rc<Codes>,
    cones: Cones,
    bits: Engine<'p>,
    whole: Engine<'p>,
    pairs: Vec<Pair>,
    /// Some input has no value at all, so there is no case.
    no_case: bool,
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("limits", &self.limits).field("pairs", &self.pairs).finish_non_exhaustive()
    }
}

/// One choice of sorts: the terms made in it, and the solver that lives on.
struct Engine<'p> {
    encoder: Encoder<'p>,
    live: Option<Live>,
}

/// A question made ready: its roots, what it depends on, and which pair of the session it is about.
struct Ready {
    holding: Vec<At>,
    failing: Vec<At>,
    cone: Cone,
    pair: u32,
}

impl<'p> Session<'p> {
    /// A session in the Z3 context of this thread. All terms of later questions must be in the program by now.
    ///
    /// # Errors
    /// [`WrongSolver`] if the library is of another version than the bindings.
    pub fn new(program: &'p Program, limits: Limits) -> Result<Self, WrongSolver> {
        let found = z3::full_version();
        if !found.starts_with(SUPPORTED) {
            return Err(WrongSolver { found: found.to_owned() });
        }
        let (graph, codes) = (Rc::new(Graph::new(program)), Rc::new(Codes::new(program)));
        Ok(Session {
            cones: Cones::default(),
            bits: Engine::new(&graph, Sorts::Bits, &codes),
            whole: Engine::new(&graph, Sorts::Whole, &codes),
            graph,
            limits,
            codes,
            pairs: Vec::new(),
            no_case: program.inputs.iter().any(|input| is_empty(program, &input.domain)),
        })
    }

    /// Changes the limits for later questions.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.bits.live = None;
        self.whole.live = None;
    }

    /// Is there such a case, and which is the first of them?
    pub fn ask(&mut self, query: &Query) -> Answer {
        match self.contained(query, true) {
            Ok(Found::Nothing) => Answer::Holds,
            Ok(Found::Something(Some(witness))) => Answer::Fails(Box::new(witness)),
            Ok(Found::Something(None)) => Answer::Unknown(Reason::Solver("a model was lost".into())),
            Err(reason) => Answer::Unknown(reason),
        }
    }

    /// Is there such a case?
    pub fn possible(&mut self, query: &Query) -> Verdict {
        match self.contained(query, false) {
            Ok(Found::Nothing) => Verdict::Never,
            Ok(Found::Something(_)) => Verdict::Possible,
            Err(reason) => Verdict::Unknown(reason),
        }
    }

    /// A panic becomes an answer, and the terms made so far are thrown away: one may have been left half made.
    fn contained(&mut self, query: &Query, want_case: bool) -> Result<Found, Reason> {
        catch_unwind(AssertUnwindSafe(|| self.find(query, want_case))).unwrap_or_else(|payload| {
            self.cones = Cones::default();
            self.bits = Engine::new(&self.graph, Sorts::Bits, &self.codes);
            self.whole = Engine::new(&self.graph, Sorts::Whole, &self.codes);
            Err(Reason::Panicked(panic_text(payload.as_ref())))
        })
    }

    fn find(&mut self, query: &Query, want_case: bool) -> Result<Found, Reason> {
        let ready = self.ready(query).map_err(Reason::Malformed)?;
        if self.no_case {
            return Ok(Found::Nothing);
        }
        // Integers reason about sums, bits about everything finite. What one cannot settle the other may.
        let ways: &[Sorts] = if ready.cone.arithmetic { &[Sorts::Whole, Sorts::Bits] } else { &[Sorts::Bits] };
        let mut reasons = Vec::new();
        for sorts in ways {
            match self.attempt(query, &ready, *sorts, want_case) {
                Err(Reason::Limit(text)) => reasons.push(text),
                settled => return settled,
            }
        }
        Err(Reason::Limit(reasons.join("; ")))
    }

    /// Checks the question and computes what it depends on.
    fn ready(&mut self, query: &Query) -> Result<Ready, String> {
        let inputs = self.graph.program.inputs.len();
        let known = |of: &InputId| of.index() < inputs;
        let pair = match &query.pair {
            None => 0,
            Some(pair) if !pair.differing.iter().chain(&pair.rising).all(known) => {
                return Err("an input that is not in the program may differ".into());
            }
            Some(pair) => {
                let mut pair = pair.clone();
                pair.differing.extend(pair.rising);
                pair.differing.sort_unstable();
                pair.differing.dedup();
                let at = self.pairs.iter().position(|known| *known == pair).unwrap_or_else(|| {
                    self.pairs.push(pair);
                    self.pairs.len() - 1
                });
                at as u32 + 1
            }
        };
        let view = View { pair, second: false, without: None };
        let places = |terms: &[TermId]| -> Vec<At> { terms.iter().map(|term| At::term(*term, view)).collect() };
        let (holding, failing) = (places(&query.holding), places(&query.failing));
        let mut cone = Cone::default();
        for place in holding.iter().chain(&failing) {
            cone.absorb(self.cones.of(&self.graph, *place)?.as_ref());
        }
        for (of, _) in &query.fixed {
            if !known(of) {
                return Err("an input that is not in the program is given".into());
            }
            cone.first.insert(*of);
        }
        if let Some(of) = query.pair.as_ref().and_then(|pair| pair.rising) {
            cone.first.insert(of);
            cone.second.insert(of);
        }
        Ok(Ready { holding, failing, cone, pair })
    }

    /// Asks in one choice of sorts.
    fn attempt(&mut self, query: &Query, ready: &Ready, sorts: Sorts, want_case: bool) -> Result<Found, Reason> {
        let Engine { encoder, live } = match sorts {
            Sorts::Bits => &mut self.bits,
            Sorts::Whole => &mut self.whole,
        };
        let logic = match sorts {
            Sorts::Bits => "QF_FD",
            Sorts::Whole if ready.cone.product => "QF_NIA",
            Sorts::Whole => "QF_LIA",
        };
        let pair = ready.pair.checked_sub(1).map(|index| &self.pairs[index as usize]);
        let facts = facts(encoder, query, &ready.cone, pair).map_err(Reason::Malformed)?;
        let mut terms = Vec::new();
        for place in ready.holding.iter().chain(&ready.failing) {
            terms.push(encoder.encode(&self.pairs, *place).map_err(Reason::Malformed)?);
        }
        // Products want the tactics of a fresh solver; everything else is asked of the one that lives on.
        if logic != "QF_NIA" {
            if live.as_ref().is_none_or(Live::is_stale) {
                *live = Some(Live::new(new_solver(logic, self.limits)?));
            }
            let Some(live) = live else { return Err(Reason::Solver("no solver".into())) };
            let mut assumptions = facts.given.clone();
            for (index, (place, term)) in ready.holding.iter().chain(&ready.failing).zip(&terms).enumerate() {
                let literal = live.tell(encoder, *place, term)?;
                assumptions.push(if index < ready.holding.len() { literal } else { literal.not() });
            }
            for (of, copy, domain) in &facts.domains {
                live.tell_domain(*of, *copy, domain)?;
            }
            match live.check(&assumptions)? {
                Checked::Unsat => return Ok(Found::Nothing),
                Checked::Unknown(reason) => return Err(Reason::Limit(format!("{logic}: {reason}"))),
                Checked::Sat(_) if !want_case => return Ok(Found::Something(None)),
                Checked::Sat(_) => {}
            }
        }
        let solver = new_solver(logic, self.limits)?;
        let mut fresh = Live::new(solver);
        let mut everything = facts.given;
        everything.extend(facts.domains.into_iter().map(|(_, _, domain)| domain));
        for (index, (place, term)) in ready.holding.iter().chain(&ready.failing).zip(terms).enumerate() {
            fresh.tell_definitions(encoder, *place)?;
            everything.push(if index < ready.holding.len() { term } else { term.not() });
        }
        asserted(&fresh.solver, &all(&everything)).map_err(Reason::Solver)?;
        match fresh.check(&[])? {
            Checked::Unsat if logic == "QF_NIA" => Ok(Found::Nothing),
            Checked::Unsat => Err(Reason::Solver(format!("{logic} says yes and no to the same question"))),
            Checked::Unknown(reason) => Err(Reason::Limit(format!("{logic}: {reason}"))),
            Checked::Sat(_) if !want_case => Ok(Found::Something(None)),
            Checked::Sat(model) => {
                let mut narrowing = Narrowing { encoder, solver: &fresh.solver, model };
                let (case, second) = narrowing.run(&ready.cone, pair).map_err(Reason::Solver)?;
                Ok(Found::Something(Some(Witness { case, second })))
            }
        }
    }
}

impl<'p> Engine<'p> {
    fn new(graph: &Rc<Graph<'p>>, sorts: Sorts, codes: &Rc<Codes>) -> Self {
        Engine { encoder: Encoder::new(Rc::clone(graph), sorts, Rc::clone(codes)), live: None }
    }
}

/// A solver for a logic that covers all the sorts it will get.
fn new_solver(logic: &str, limits: Limits) -> Result<Solver, Reason> {
    let solver = Solver::new_for_logic(logic).ok_or_else(|| Reason::Solver(format!("no logic {logic}")))?;
    let mut params = Params::new();
    params.set_u32("timeout", u32::try_from(limits.time.as_millis()).unwrap_or(u32::MAX).max(1));
    if limits.work > 0 {
        params.set_u32("rlimit", limits.work);
    }
    solver.set_params(&params);
    Ok(solver)
}

/// What a question comes down to.
enum Found {
    Nothing,
    Something(Option<Witness>),
}

/// What a question says of inputs directly.
struct Facts {
    /// For each variable in the cone: that it stays within its domain.
    domains: Vec<(InputId, Copy, Bool)>,
    /// What is given of values, and of their order.
    given: Vec<Bool>,
}

fn facts(encoder: &mut Encoder<'_>, query: &Query, cone: &Cone, pair: Option<&Pair>) -> Result<Facts, String> {
    let (mut domains, mut given) = (Vec::new(), Vec::new());
    for of in encoder.program.input_ids() {
        let differs = pair.is_some_and(|pair| pair.differing.contains(&of));
        if cone.first.contains(of) || (cone.second.contains(of) && !differs) {
            domains.push((of, Copy::First, encoder.in_domain(of, Copy::First)?));
        }
        if cone.second.contains(of) && differs {
            domains.push((of, Copy::Second, encoder.in_domain(of, Copy::Second)?));
        }
    }
    for (of, value) in &query.fixed {
        given.push(encoder.equals(*of, Copy::First, value)?);
    }
    if let Some(of) = pair.and_then(|pair| pair.rising) {
        given.push(encoder.rises(of)?);
    }
    Ok(Facts { domains, given })
}

/// What one check said.
pub(super) enum Checked {
    Sat(Model),
    Unsat,
    Unknown(String),
}

/// Checks, and reads the error code before anything else does.
///
/// # Errors
/// Z3's message, if it reported an error or has no model.
pub(super) fn checked(solver: &Solver, assumptions: &[Bool]) -> Result<Checked, String> {
    let result = if assumptions.is_empty() { solver.check() } else { solver.check_assumptions(assumptions) };
    let error = error();
    match result {
        SatResult::Unknown => {
            let reason = solver.get_reason_unknown().unwrap_or_default();
            Ok(Checked::Unknown(error.unwrap_or(reason)))
        }
        _ if error.is_some() => Err(error.unwrap_or_default()),
        SatResult::Unsat => Ok(Checked::Unsat),
        SatResult::Sat => solver.get_model().map(Checked::Sat).ok_or_else(|| "no model".to_owned()),
    }
}

/// Asserts, and reads the error code: an assertion that Z3 refuses would otherwise be one that nobody made.
///
/// # Errors
/// Z3's message.
pub(super) fn asserted(solver: &Solver, term: &Bool) -> Result<(), String> {
    solver.assert(term);
    error().map_or(Ok(()), Err)
}

/// The error of the last call in the context of this thread, if there was one.
#[expect(unsafe_code, reason = "the bindings neither handle errors nor show the code; both calls only read the context")]
fn error() -> Option<String> {
    let context = Context::thread_local();
    // SAFETY: the pointer is that of a live context (`context` holds it) and is used in its own thread; the message is a
    // string of the library, copied before another call can change it.
    unsafe {
        let code = z3_sys::Z3_get_error_code(context.get_z3_context());
        if code == z3_sys::ErrorCode::Ok {
            return None;
        }
        let text = z3_sys::Z3_get_error_msg(context.get_z3_context(), code);
        if text.is_null() {
            return Some(format!("{code:?}"));
        }
        Some(format!("{code:?}: {}", std::ffi::CStr::from_ptr(text).to_string_lossy()))
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
