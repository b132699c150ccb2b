//! Asking: limits, error codes, panics, and which logic.
//!
//! In: a program and questions. Out: answers. Every question gets a solver of its own with only its cone of influence in it, and the
//! logic that covers exactly the sorts of that cone: so an answer does not depend on what was asked before, and the limits
//! mean the same for every question. Terms are made once per session and shared by all its questions.
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
use super::cone::{At, Cone, Cones, View};
use super::decode::is_empty;
use super::encode::{Copy, Encoder, all};
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
    program: &'p Program,
    limits: Limits,
    codes: Rc<Codes>,
    cones: Cones,
    bits: Encoder<'p>,
    whole: Encoder<'p>,
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
        let codes = Rc::new(Codes::new(program));
        Ok(Session {
            program,
            limits,
            cones: Cones::default(),
            bits: Encoder::new(program, Sorts::Bits, Rc::clone(&codes)),
            whole: Encoder::new(program, Sorts::Whole, Rc::clone(&codes)),
            codes,
            pairs: Vec::new(),
            no_case: program.inputs.iter().any(|input| is_empty(program, &input.domain)),
        })
    }

    /// Changes the limits for later questions.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
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
            self.bits = Encoder::new(self.program, Sorts::Bits, Rc::clone(&self.codes));
            self.whole = Encoder::new(self.program, Sorts::Whole, Rc::clone(&self.codes));
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
        let inputs = self.program.inputs.len();
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
            cone.absorb(self.cones.of(self.program, *place)?.as_ref());
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
        let encoder = match sorts {
            Sorts::Bits => &mut self.bits,
            Sorts::Whole => &mut self.whole,
        };
        let pair = ready.pair.checked_sub(1).map(|index| &self.pairs[index as usize]);
        let assertions = assertions(encoder, &self.pairs, query, ready, pair).map_err(Reason::Malformed)?;
        let logic = match sorts {
            Sorts::Bits => "QF_FD",
            Sorts::Whole if ready.cone.product => "QF_NIA",
            Sorts::Whole => "QF_LIA",
        };
        let solver = Solver::new_for_logic(logic).ok_or_else(|| Reason::Solver(format!("no logic {logic}")))?;
        let mut params = Params::new();
        params.set_u32("timeout", u32::try_from(self.limits.time.as_millis()).unwrap_or(u32::MAX).max(1));
        if self.limits.work > 0 {
            params.set_u32("rlimit", self.limits.work);
        }
        solver.set_params(&params);
        for assertion in &assertions {
            asserted(&solver, assertion).map_err(Reason::Solver)?;
        }
        match checked(&solver, &[]).map_err(Reason::Solver)? {
            Checked::Unsat => Ok(Found::Nothing),
            Checked::Unknown(reason) => Err(Reason::Limit(format!("{logic}: {reason}"))),
            Checked::Sat(_) if !want_case => Ok(Found::Something(None)),
            Checked::Sat(model) => {
                let mut narrowing = Narrowing { encoder, solver: &solver, model };
                let (case, second) = narrowing.run(&ready.cone, pair).map_err(Reason::Solver)?;
                Ok(Found::Something(Some(Witness { case, second })))
            }
        }
    }
}

/// What a question comes down to.
enum Found {
    Nothing,
    Something(Option<Witness>),
}

/// Everything the solver is told for a question.
fn assertions(
    encoder: &mut Encoder<'_>,
    pairs: &[Pair],
    query: &Query,
    ready: &Ready,
    pair: Option<&Pair>,
) -> Result<Vec<Bool>, String> {
    let mut out = Vec::new();
    for of in encoder.program.input_ids() {
        let differs = pair.is_some_and(|pair| pair.differing.contains(&of));
        if ready.cone.first.contains(of) || (ready.cone.second.contains(of) && !differs) {
            out.push(encoder.in_domain(of, Copy::First)?);
        }
        if ready.cone.second.contains(of) && differs {
            out.push(encoder.in_domain(of, Copy::Second)?);
        }
    }
    for (of, value) in &query.fixed {
        out.push(encoder.equals(*of, Copy::First, value)?);
    }
    if let Some(of) = pair.and_then(|pair| pair.rising) {
        out.push(encoder.rises(of)?);
    }
    for place in &ready.holding {
        out.push(encoder.encode(pairs, *place)?);
    }
    for place in &ready.failing {
        out.push(encoder.encode(pairs, *place)?.not());
    }
    Ok(vec![all(&out)])
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
