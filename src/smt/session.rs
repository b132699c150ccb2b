//! Asking: limits, error codes, panics, and which logic.
//!
//! In: a program and questions. Out: answers. Whether there is a case is asked of a solver that lives on between questions: it knows
//! the definitions that earlier questions needed, gets those that are new, and is told the question as assumptions, which
//! is ten times as fast as a solver for each. The case is the first one (`witness.rs`), so it does not depend on what was
//! asked before. What is beyond a small budget goes to a fresh solver with the full one.
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
use crate::words::{Sentence, say};

/// The versions whose enumerations are those of the bindings, as `major.minor`; `grammar/build.rs` refuses others at build time.
const SUPPORTED: &str = "5.3.";

/// What the solver that lives on may spend on one check before a fresh one takes over, in Z3's unit: some tenths of a second. It has
/// no clock, because starting and stopping one costs more than most checks.
const QUICK_WORK: u32 = 500_000;

/// How many questions are told ahead at once.
const BATCH: usize = 128;

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

/// The version of the Z3 that was found at run time.
pub fn version() -> &'static str {
    z3::full_version()
}

/// The Z3 that was found at run time is not one that the bindings know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSolver {
    /// Its version.
    pub found: String,
}

impl WrongSolver {
    /// It in words.
    pub fn sentence(&self) -> Sentence {
        say!(
            "the Z3 found at run time is {found} and must be {wanted}x: run `make solver` and build again",
            found = self.found,
            wanted = SUPPORTED
        )
    }
}

impl fmt::Display for WrongSolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for WrongSolver {}

/// Answers questions about one program.
pub struct Session<'p> {
    graph: Rc<Graph<'p>>,
    limits: Limits,
    codes: Rc<Codes>,
    cones: Cones,
    bits: Encoder<'p>,
    whole: Encoder<'p>,
    /// Knows the definitions in whole numbers of the questions asked lately; its logic covers all but products.
    live: Option<Live>,
    pairs: Vec<Pair>,
    /// Some input has no value at all, so there is no case.
    no_case: bool,
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("limits", &self.limits).field("pairs", &self.pairs).finish_non_exhaustive()
    }
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
            bits: Encoder::new(Rc::clone(&graph), Sorts::Bits, Rc::clone(&codes)),
            whole: Encoder::new(Rc::clone(&graph), Sorts::Whole, Rc::clone(&codes)),
            live: None,
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
        self.live = None;
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

    /// Is there such a case, for each of many questions? As [`Session::possible`] for each, and several times as fast;
    /// fastest where questions about the same rules stand near each other.
    pub fn possible_all(&mut self, queries: &[Query]) -> Vec<Verdict> {
        let mut out = Vec::with_capacity(queries.len());
        for batch in queries.chunks(BATCH) {
            // What goes wrong here goes wrong again, and is answered, where its own question is asked.
            let _ = catch_unwind(AssertUnwindSafe(|| self.tell_ahead(batch)));
            out.extend(batch.iter().map(|query| self.possible(query)));
        }
        out
    }

    /// A panic becomes an answer, and the terms made so far are thrown away: one may have been left half made.
    fn contained(&mut self, query: &Query, want_case: bool) -> Result<Found, Reason> {
        catch_unwind(AssertUnwindSafe(|| self.find(query, want_case))).unwrap_or_else(|payload| {
            self.cones = Cones::default();
            self.bits = Encoder::new(Rc::clone(&self.graph), Sorts::Bits, Rc::clone(&self.codes));
            self.whole = Encoder::new(Rc::clone(&self.graph), Sorts::Whole, Rc::clone(&self.codes));
            self.live = None;
            Err(Reason::Panicked(panic_text(payload.as_ref())))
        })
    }

    fn find(&mut self, query: &Query, want_case: bool) -> Result<Found, Reason> {
        let ready = self.ready(query).map_err(Reason::Malformed)?;
        if self.no_case {
            return Ok(Found::Nothing);
        }
        let quick = if ready.cone.product { None } else { self.quick(query, &ready, want_case)? };
        let possible = matches!(quick, Some(Found::Something(_)));
        match quick {
            Some(Found::Nothing) => return Ok(Found::Nothing),
            Some(Found::Something(case)) if case.is_some() || !want_case => return Ok(Found::Something(case)),
            _ => {}
        }
        // Integers reason about sums, bits about everything else. What one cannot settle the other may.
        let ways = if ready.cone.arithmetic { [Sorts::Whole, Sorts::Bits] } else { [Sorts::Bits, Sorts::Whole] };
        let mut reasons = Vec::new();
        for sorts in ways {
            match self.thorough(query, &ready, sorts, want_case) {
                Ok(Found::Nothing) if possible => {
                    return Err(Reason::Solver("yes and no to the same question".into()));
                }
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

    /// Asks the solver that lives on. It has a small budget and leaves open what is beyond it (`None`, or no case), so no
    /// question is settled or left unsettled by luck of the order.
    fn quick(&mut self, query: &Query, ready: &Ready, want_case: bool) -> Result<Option<Found>, Reason> {
        let assumptions = self.tell(query, ready)?;
        let live = self.live.as_mut().ok_or_else(|| Reason::Solver("no solver".into()))?;
        let model = match live.check(&assumptions)? {
            Checked::Unsat => return Ok(Some(Found::Nothing)),
            Checked::Unknown(_) => return Ok(None),
            Checked::Sat(_) if !want_case => return Ok(Some(Found::Something(None))),
            Checked::Sat(model) => model,
        };
        let pair = ready.pair.checked_sub(1).map(|index| &self.pairs[index as usize]);
        live.solver.push();
        asserted(&live.solver, &all(&assumptions)).map_err(Reason::Solver)?;
        let mut narrowing = Narrowing { encoder: &mut self.whole, solver: &live.solver, model, strict: true };
        let narrowed = narrowing.run(&ready.cone, pair);
        live.solver.pop(1);
        Ok(Some(Found::Something(narrowed.ok().map(|(case, second)| Witness { case, second }))))
    }

    /// Tells the solver that lives on what a question is about; the question itself, as assumptions.
    fn tell(&mut self, query: &Query, ready: &Ready) -> Result<Vec<Bool>, Reason> {
        let pair = ready.pair.checked_sub(1).map(|index| &self.pairs[index as usize]);
        let encoder = &mut self.whole;
        let facts = facts(encoder, query, &ready.cone, pair).map_err(Reason::Malformed)?;
        let work = if self.limits.work == 0 { QUICK_WORK } else { QUICK_WORK.min(self.limits.work) };
        let live = match &mut self.live {
            Some(live) if !live.is_stale() => live,
            slot => slot.insert(Live::new(new_solver("QF_LIA", None, work)?)),
        };
        let mut assumptions = facts.given;
        for (place, holds) in ready.places() {
            let term = encoder.encode(&self.pairs, place).map_err(Reason::Malformed)?;
            let literal = live.tell(encoder, place, &term)?;
            assumptions.push(if holds { literal } else { literal.not() });
        }
        for (of, copy, domain) in &facts.domains {
            live.tell_domain(*of, *copy, domain)?;
        }
        Ok(assumptions)
    }

    /// Asks a fresh solver in one choice of sorts, within the full limits.
    fn thorough(&mut self, query: &Query, ready: &Ready, sorts: Sorts, want_case: bool) -> Result<Found, Reason> {
        let logic = match sorts {
            Sorts::Bits => "QF_FD",
            Sorts::Whole if ready.cone.product => "QF_NIA",
            Sorts::Whole => "QF_LIA",
        };
        let encoder = match sorts {
            Sorts::Bits => &mut self.bits,
            Sorts::Whole => &mut self.whole,
        };
        let pair = ready.pair.checked_sub(1).map(|index| &self.pairs[index as usize]);
        let facts = facts(encoder, query, &ready.cone, pair).map_err(Reason::Malformed)?;
        let mut fresh = Live::new(new_solver(logic, Some(self.limits.time), self.limits.work)?);
        let mut everything = facts.given;
        everything.extend(facts.domains.into_iter().map(|(_, _, domain)| domain));
        for (place, holds) in ready.places() {
            let term = encoder.encode(&self.pairs, place).map_err(Reason::Malformed)?;
            fresh.tell_definitions(encoder, place)?;
            everything.push(if holds { term } else { term.not() });
        }
        asserted(&fresh.solver, &all(&everything)).map_err(Reason::Solver)?;
        match fresh.check(&[])? {
            Checked::Unsat => Ok(Found::Nothing),
            Checked::Unknown(reason) => Err(Reason::Limit(format!("{logic}: {reason}"))),
            Checked::Sat(_) if !want_case => Ok(Found::Something(None)),
            Checked::Sat(model) => {
                let mut narrowing = Narrowing { encoder, solver: &fresh.solver, model, strict: false };
                let (case, second) = narrowing.run(&ready.cone, pair).map_err(Reason::Solver)?;
                Ok(Found::Something(Some(Witness { case, second })))
            }
        }
    }

    /// Tells ahead what many questions are about: a solver takes a hundred definitions at once as fast as one.
    fn tell_ahead(&mut self, queries: &[Query]) -> Result<(), Reason> {
        for query in queries {
            let ready = self.ready(query).map_err(Reason::Malformed)?;
            if !ready.cone.product {
                self.tell(query, &ready)?;
            }
        }
        Ok(())
    }
}

impl Ready {
    /// The roots, and whether each is to hold.
    fn places(&self) -> impl Iterator<Item = (At, bool)> + '_ {
        self.holding.iter().map(|place| (*place, true)).chain(self.failing.iter().map(|place| (*place, false)))
    }
}

/// A solver for a logic that covers all the sorts it will get.
fn new_solver(logic: &str, time: Option<Duration>, work: u32) -> Result<Solver, Reason> {
    let solver = Solver::new_for_logic(logic).ok_or_else(|| Reason::Solver(format!("no logic {logic}")))?;
    let mut params = Params::new();
    if let Some(time) = time {
        params.set_u32("timeout", u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1));
    }
    if work > 0 {
        params.set_u32("rlimit", work);
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

pub(super) fn panic_text(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
