//! Asking: the same question to the two methods, and what their answers are worth together.
//!
//! A question looks for a case (or a pair of cases) that would show something. Whoever finds one is believed only after
//! the interpreter has seen it ([`super::replay`]). That there is none is believed when both methods say so; of one alone
//! the evidence says that it is one alone.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagram::{Allowed, Answer, Diagram, Options as DiagramOptions};
use crate::ir::{Case, Domain, InputId, MemberSet, Program, Ranges, TermId, Value};
use crate::words::{Sentence, list, say};

use super::Options;
use super::finding::{By, Evidence, Witness};
use super::kept::asked;
use super::replay::replays;

/// A question: is there a case in which this holds?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// What should hold.
    pub goal: TermId,
    /// For a pair of cases: the one input in which they differ, less in the first.
    pub pair: Option<InputId>,
    /// Questions in a row with the same number share one diagram.
    pub group: u32,
}

impl Question {
    /// Is there a case?
    pub fn one(goal: TermId, group: u32) -> Self {
        Question { goal, pair: None, group }
    }

    /// Are there two cases, equal but for one input, which is less in the first?
    pub fn two(goal: TermId, differs: InputId, group: u32) -> Self {
        Question { goal, pair: Some(differs), group }
    }
}

/// What one method says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nowhere in the declared domains.
    No,
    /// Here.
    Yes(Witness),
    /// Not decided, and why.
    Unknown(Sentence),
}

/// What both say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The answer.
    pub answer: Verdict,
    /// On what it rests.
    pub evidence: Vec<Evidence>,
    /// Where Lexport contradicts itself: each is a finding.
    pub faults: Vec<Fault>,
}

/// A contradiction inside Lexport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In words.
    pub what: Sentence,
    /// The case about which the methods disagree.
    pub witness: Option<Witness>,
}

/// What a store may keep of a method's answers, and under which name. A name stands for the way in which it answers: another way
/// needs another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing: it is asked every time.
    Nothing,
    /// That there is no case, question by question; and all answers of a piece for the very same program only, because which case it
    /// finds may depend on more than the questions.
    Noes(&'static str),
    /// All answers of a piece: they depend on nothing but what the questions of the piece lead to, the inputs, and the limits.
    Pieces(&'static str),
}

/// A way to answer questions about one program.
pub trait Method: Send + Sync {
    /// Who.
    fn by(&self) -> By;
    /// The answers, in order, to questions that are one piece of work.
    fn ask_together(&self, program: &Program, piece: &[Question], options: &Options) -> Vec<Verdict>;
    /// Questions in a row, cut into pieces of work. An answer may depend on what else is in its piece (which case is found, where a
    /// limit is reached), and on nothing outside of it.
    fn pieces(&self, questions: &[Question]) -> Vec<Range<usize>> {
        std::iter::once(0..questions.len()).collect()
    }
    /// What a store may keep of this method's answers.
    fn kept(&self) -> Keeping {
        Keeping::Nothing
    }
    /// The answers, in order.
    fn ask(&self, program: &Program, questions: &[Question], options: &Options) -> Vec<Verdict> {
        let pieces = self.pieces(questions);
        let answers: Vec<Vec<Verdict>> =
            pieces.into_par_iter().map(|piece| self.ask_together(program, &questions[piece], options)).collect();
        answers.into_iter().flatten().collect()
    }
}

/// Rows of so many questions, as places.
fn rows(lengths: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let row = |from: &mut usize, length: usize| {
        let row = *from..*from + length;
        *from = row.end;
        Some(row)
    };
    lengths.scan(0, row).collect()
}

/// Decision diagrams, one for each group of questions.
#[derive(Clone, Copy, Debug)]
pub struct Diagrams;

/// What the values of an input are restricted to, for a diagram.
pub(super) fn allowed(program: &Program, input: InputId, value: &Value) -> Option<Allowed> {
    Some(match (&program.input(input).domain, value) {
        (Domain::Bool, Value::Bool(value)) => Allowed::Members(MemberSet::of(2, [u32::from(*value)])),
        (Domain::Enum(id), Value::Member(member)) => {
            let size = program.enumeration(*id).size();
            Allowed::Members(MemberSet::of(size, (*member < size).then_some(*member)))
        }
        (_, Value::Int(int)) => Allowed::Ranges(Ranges::closed(*int, *int)),
        _ => return None,
    })
}

/// The choices for a diagram within the scope of a check.
pub(super) fn diagram_options(program: &Program, options: &Options, pair: Option<InputId>) -> DiagramOptions {
    let fixed = options.fixed.iter().filter(|(input, _)| Some(*input) != pair);
    DiagramOptions {
        node_limit: options.nodes,
        step_limit: options.steps,
        restrict: fixed.filter_map(|(input, value)| Some((*input, allowed(program, *input, value)?))).collect(),
        pair,
        ..DiagramOptions::default()
    }
}

impl Method for Diagrams {
    fn by(&self) -> By {
        By::Diagram
    }

    fn ask_together(&self, program: &Program, piece: &[Question], options: &Options) -> Vec<Verdict> {
        grouped(program, piece, options)
    }

    /// One for each group.
    fn pieces(&self, questions: &[Question]) -> Vec<Range<usize>> {
        rows(questions.chunk_by(|a, b| a.group == b.group && a.pair == b.pair).map(<[Question]>::len))
    }

    /// A diagram is made of what its questions lead to, in the order in which it stands, and is thrown away with its piece.
    fn kept(&self) -> Keeping {
        Keeping::Pieces("diagram")
    }
}

fn grouped(program: &Program, group: &[Question], options: &Options) -> Vec<Verdict> {
    let Some(first) = group.first() else { return Vec::new() };
    let roots: Vec<TermId> = group.iter().map(|question| question.goal).collect();
    let limits = diagram_options(program, options, first.pair);
    let mut diagram = match Diagram::build(program, &roots, &limits) {
        Ok(diagram) => diagram,
        Err(error) => return vec![Verdict::Unknown(error.sentence()); group.len()],
    };
    let mut out = Vec::with_capacity(group.len());
    for question in group {
        let answer = match question.pair {
            None => diagram.exists(question.goal).map(|answer| said(answer, Witness::Case)),
            Some(_) => diagram.exists_pair(question.goal).map(|answer| said(answer, |(a, b)| Witness::Pair(a, b))),
        };
        let mut answer = answer.unwrap_or_else(|error| Verdict::Unknown(error.sentence()));
        // What the others of the group have used up may be enough for this one alone.
        if matches!(answer, Verdict::Unknown(_)) && group.len() > 1 {
            answer = grouped(program, &[*question], options).pop().unwrap_or(answer);
        }
        out.push(answer);
    }
    out
}

fn said<W>(answer: Answer<W>, witness: impl Fn(W) -> Witness) -> Verdict {
    match answer {
        Answer::No => Verdict::No,
        Answer::Yes(found) => Verdict::Yes(witness(found)),
        Answer::Unknown(why) => Verdict::Unknown(why),
    }
}

/// Z3, one session for each stretch of questions.
#[cfg(feature = "solver")]
#[derive(Clone, Copy, Debug)]
pub struct Solver;

#[cfg(feature = "solver")]
impl Method for Solver {
    fn by(&self) -> By {
        By::Z3
    }

    fn ask_together(&self, program: &Program, piece: &[Question], options: &Options) -> Vec<Verdict> {
        use crate::smt::{Answer, Limits, Query, Session, Verdict as Possible, alone};
        let limits = Limits { time: std::time::Duration::from_secs(options.seconds), work: options.work };
        alone(|| {
            let mut session = match Session::new(program, limits) {
                Ok(session) => session,
                Err(error) => return vec![Verdict::Unknown(error.sentence()); piece.len()],
            };
            let queries: Vec<Query> = piece.iter().map(|question| query(question, options)).collect();
            let possible = session.possible_all(&queries);
            let answer = |(query, possible): (&Query, Possible)| match possible {
                Possible::Never => Verdict::No,
                Possible::Unknown(reason) => Verdict::Unknown(reason.sentence()),
                Possible::Possible => match session.ask(query) {
                    Answer::Holds => Verdict::Unknown(say!("the solver contradicts itself")),
                    Answer::Unknown(reason) => Verdict::Unknown(reason.sentence()),
                    Answer::Fails(found) => Verdict::Yes(match found.second {
                        Some(second) => Witness::Pair(found.case, second),
                        None => Witness::Case(found.case),
                    }),
                },
            };
            queries.iter().zip(possible).map(answer).collect()
        })
    }

    /// Stretches that are enough for every thread, and few enough that a session pays for itself; independent of the number of
    /// threads.
    fn pieces(&self, questions: &[Question]) -> Vec<Range<usize>> {
        let stretch = questions.len().div_ceil(16).clamp(16, 512);
        rows(questions.chunks(stretch).map(<[Question]>::len))
    }

    /// Which case Z3 comes upon may depend on how members are numbered, and that on all sets of the program.
    fn kept(&self) -> Keeping {
        Keeping::Noes("z3")
    }
}

/// A question within the scope of a check, as the solver's.
#[cfg(feature = "solver")]
fn query(question: &Question, options: &Options) -> crate::smt::Query {
    use crate::smt::Query;
    let query = match question.pair {
        None => Query::never(question.goal),
        Some(input) => Query::never_in_pair(question.goal, [input]).rising(input),
    };
    let fixed = options.fixed.iter().filter(|(input, _)| Some(*input) != question.pair);
    fixed.fold(query, |query, (input, value)| query.given(*input, value.clone()))
}

/// Has a second solver, if one is named, answer what Z3 has answered with no. A yes is a contradiction; silence confirms nothing.
#[cfg(feature = "solver")]
fn confirm(program: &Program, questions: &[Question], options: &Options, settled: &mut [Settled]) {
    use crate::smt::{Second, confirmed, script};
    let Some(second) = &options.confirm else { return };
    let time = std::time::Duration::from_secs(options.seconds);
    let told: Vec<Option<Second>> = settled
        .par_iter()
        .zip(questions)
        .map(|(one, question)| {
            let proved = one.answer == Verdict::No && one.evidence.iter().any(|evidence| evidence.is_of(By::Z3));
            proved.then(|| match script(program, &query(question, options)) {
                Ok(text) => confirmed(second, &text, time),
                Err(reason) => Second::Unknown(reason.to_string()),
            })
        })
        .collect();
    for (one, told) in settled.iter_mut().zip(told) {
        match told {
            Some(Second::Never) => one.evidence.push(Evidence::new(By::Second, say!("no case"))),
            Some(Second::Possible) => {
                let what = say!("the second solver says that there is a case where Z3 says that there is none");
                one.faults.push(Fault { what, witness: None });
            }
            Some(Second::Unknown(why)) => one.evidence.push(Evidence::silent(By::Second, say!("did not say ({why})", why))),
            None => {}
        }
    }
}

/// The methods that this build has: first the one that is asked first.
pub fn methods() -> Vec<Arc<dyn Method>> {
    vec![
        Arc::new(Diagrams),
        #[cfg(feature = "solver")]
        Arc::new(Solver),
    ]
}

/// Asks all questions: first the first method; the next one where there is no witness yet. So a witness costs one method
/// and a proof all of them.
pub fn settle(program: &Program, questions: &[Question], options: &Options) -> Vec<Settled> {
    let nothing = || Settled { answer: Verdict::Unknown(Sentence::default()), evidence: Vec::new(), faults: Vec::new() };
    let mut settled: Vec<Settled> = questions.iter().map(|_| nothing()).collect();
    let mut reasons: Vec<Vec<(By, Sentence)>> = vec![Vec::new(); questions.len()];
    let mut noes = vec![0usize; questions.len()];
    for method in options.methods.iter() {
        let open: Vec<usize> = (0..questions.len()).filter(|at| !matches!(settled[*at].answer, Verdict::Yes(_))).collect();
        let open_questions: Vec<Question> = open.iter().map(|at| questions[*at]).collect();
        let asked = asked(method.as_ref(), program, &open_questions, options);
        for at in asked.contradicted {
            let what = say!("what was kept of {name}'s answers is not what it says", name = name(method.by()));
            settled[open[at]].faults.push(Fault { what, witness: None });
        }
        for (at, verdict) in open.iter().zip(asked.answers) {
            let to = &mut settled[*at];
            let name = name(method.by());
            match verdict {
                Verdict::No => {
                    noes[*at] += 1;
                    to.evidence.push(Evidence::new(method.by(), say!("no case")));
                }
                Verdict::Unknown(why) => reasons[*at].push((method.by(), why)),
                Verdict::Yes(witness) => {
                    if !replays(program, questions[*at], &witness, options) {
                        let what = say!("a case found by {name} does not replay", name);
                        to.faults.push(Fault { what, witness: Some(witness) });
                        reasons[*at].push((method.by(), say!("its case does not replay")));
                        continue;
                    }
                    if noes[*at] > 0 {
                        let what = say!("{name} found a case where another method says that there is none", name);
                        to.faults.push(Fault { what, witness: Some(witness.clone()) });
                    }
                    to.evidence = seen(method.by());
                    to.answer = Verdict::Yes(witness);
                }
            }
        }
    }
    for (at, to) in settled.iter_mut().enumerate() {
        if matches!(to.answer, Verdict::Unknown(_)) {
            // One "no" beside a witness that does not replay, or beside silence, is a "no" of that method only.
            to.answer = if noes[at] > 0 {
                let silent = |(by, why): &(By, Sentence)| Evidence::silent(*by, say!("did not say ({why})", why));
                to.evidence.extend(reasons[at].iter().map(silent));
                Verdict::No
            } else {
                Verdict::Unknown(list!("; ", reasons[at].iter().map(|(by, why)| say!("{name}: {why}", name = name(*by), why))))
            };
        }
    }
    #[cfg(feature = "solver")]
    confirm(program, questions, options, &mut settled);
    settled
}

/// A case was found, and seen by the interpreter.
fn seen(by: By) -> Vec<Evidence> {
    vec![Evidence::new(by, say!("found this case")), Evidence::new(By::Interpreter, say!("replayed it"))]
}

/// A case for each question for which some method finds one that replays; nothing is claimed of the others.
pub fn sight(program: &Program, questions: &[Question], options: &Options) -> Vec<Option<(Witness, Vec<Evidence>)>> {
    let Some(method) = options.methods.first() else { return vec![None; questions.len()] };
    let verdicts = asked(method.as_ref(), program, questions, options).answers;
    let shown = |(question, verdict): (&Question, Verdict)| match verdict {
        Verdict::Yes(witness) if replays(program, *question, &witness, options) => Some((witness, seen(method.by()))),
        _ => None,
    };
    questions.iter().zip(verdicts).map(shown).collect()
}

/// Whether every method that this check has says so.
pub fn methods_agree(options: &Options, evidence: &[Evidence]) -> bool {
    options.methods.iter().all(|method| evidence.iter().any(|one| one.is_of(method.by())))
}

/// What people call a method.
pub fn name(by: By) -> Sentence {
    match by {
        By::Interpreter => say!("the interpreter"),
        By::Diagram => say!("the diagram"),
        By::Z3 => "Z3".into(),
        By::Second => say!("the second solver"),
    }
}

/// The first case of a witness.
pub fn first(witness: &Witness) -> &Case {
    match witness {
        Witness::Case(case) | Witness::Pair(case, _) => case,
        Witness::Trace(trace) => &trace.last,
    }
}
