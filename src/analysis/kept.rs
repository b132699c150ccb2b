//! Answers that are kept: what a method has been asked and has answered is not put to it again.
//!
//! In: questions, and a store. Out: what the method says, or has said. Under the key lies everything that the answer depends on: what is
//! asked, by content, who answers, and within which limits; the store adds which build of which program.
//!
//! What a method is asked together it answers together: which case it finds, and where it reaches a limit, may depend on that. So
//! what is asked anew is asked with all that belongs to it, and a check says the same with a store and without. Of a diagram all
//! answers of a piece are kept ([`Slices`]); of Z3 that there is no case ([`Digests`]), and what it has found in the very same program.
//!
//! A case that was kept is replayed by the interpreter like one that was found. That there is none rests on the method that said so, on
//! the digest, and on the seal.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cache::{Digest, Store};
use crate::diagram;
use crate::ir::{Case, Digests, Program, Slices};
use crate::words::Sentence;

use super::Options;
use super::finding::Witness;
use super::method::{Keeping, Method, Question, Verdict, diagram_options};
use super::replay::replays;

/// What lies under the key of a question without a case.
const NO: &[u8] = b"no";

/// Answers, in order, and to which of the questions what was kept is not what the method says, or does not replay: then this build
/// has taken two questions for one, and that is a fault of ours.
#[derive(Default)]
pub struct Asked {
    pub answers: Vec<Verdict>,
    pub contradicted: Vec<usize>,
}

/// The answers of a method: those that are kept, and the method's own to what is new.
pub fn asked(method: &dyn Method, program: &Program, questions: &[Question], options: &Options) -> Asked {
    let fresh = || Asked { answers: method.ask(program, questions, options), contradicted: Vec::new() };
    let Some(store) = &options.cache else { return fresh() };
    let pieces = method.pieces(questions);
    let asking = Asking { method, program, questions, options, store };
    let pieces: Vec<Asked> = match method.kept() {
        Keeping::Nothing => return fresh(),
        Keeping::Pieces(name) => {
            let slices = Slices::new(program);
            pieces.into_par_iter().map(|piece| asking.piece(&slices, name, &questions[piece])).collect()
        }
        Keeping::Noes(name) => {
            let mut digests = Digests::new(program);
            let keys: Vec<Option<Digest>> =
                questions.iter().map(|question| asking.question(&mut digests, name, question)).collect();
            let whole = OnceLock::new();
            pieces.into_par_iter().map(|piece| asking.noes(&keys, &whole, name, piece)).collect()
        }
    };
    let mut all = Asked::default();
    for piece in pieces {
        let before = all.answers.len();
        all.contradicted.extend(piece.contradicted.iter().map(|at| before + at));
        all.answers.extend(piece.answers);
    }
    all
}

struct Asking<'a> {
    method: &'a dyn Method,
    program: &'a Program,
    questions: &'a [Question],
    options: &'a Options,
    store: &'a Store,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
enum Kept {
    #[serde(rename = "n")]
    No,
    #[serde(rename = "y")]
    Case(Case),
    #[serde(rename = "p")]
    Pair(Case, Case),
    /// Left open, for a reason that is the same each time: which of [`diagram::reasons`].
    #[serde(rename = "o")]
    Open(usize),
}

impl Asking<'_> {
    /// A key, from what is asked.
    fn key(&self, what: &[u8], name: &str, content: &Digest) -> Digest {
        let options = self.options;
        let mut hasher = blake3::Hasher::new();
        hasher.update(what).update(b"\0").update(name.as_bytes()).update(b"\0").update(content);
        for limit in [options.seconds, u64::from(options.work), options.nodes as u64, options.steps as u64] {
            hasher.update(&limit.to_le_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    fn question(&self, digests: &mut Digests<'_>, name: &str, question: &Question) -> Option<Digest> {
        let content = digests.question(question.goal, question.pair, &self.options.fixed)?;
        Some(self.key(b"question", name, &content))
    }

    fn asked(&self, piece: &[Question]) -> Vec<Verdict> {
        self.method.ask_together(self.program, piece, self.options)
    }

    /// The answers to a piece of which it is kept where there is no case; and all of it, for the very same program.
    fn noes(&self, keys: &[Option<Digest>], whole: &OnceLock<Option<Digest>>, name: &str, piece: Range<usize>) -> Asked {
        let keys = &keys[piece.clone()];
        let piece = &self.questions[piece];
        let known: Vec<bool> =
            keys.iter().map(|key| key.is_some_and(|key| self.store.get(&key).is_some_and(|kept| kept == NO))).collect();
        if known.iter().all(|known| *known) {
            return Asked { answers: vec![Verdict::No; known.len()], contradicted: Vec::new() };
        }
        // Of a large program the digest of all of it costs more than asking.
        let small = self.program.rules.len() <= self.options.direct;
        let whole = if small { *whole.get_or_init(|| Slices::new(self.program).whole(&self.options.fixed)) } else { None };
        let whole = whole.map(|whole| self.key(b"whole", name, &of_whole(&whole, piece)));
        let read = whole.and_then(|key| Some(self.read(piece, &self.store.get(&key)?, &[])));
        let mut contradicted = match read {
            Some(Read::Answers(answers)) => return Asked { answers, contradicted: Vec::new() },
            Some(Read::Wrong(wrong)) => wrong,
            _ => Vec::new(),
        };
        let answers = self.asked(piece);
        if let Some(key) = whole {
            self.keep(&key, &answers, &[]);
        }
        let shown = |at: usize| match &answers[at] {
            Verdict::Yes(witness) => replays(self.program, piece[at], witness, self.options),
            _ => false,
        };
        for (at, key) in keys.iter().enumerate().filter(|(at, _)| known[*at] && shown(*at)) {
            contradicted.push(at);
            if let Some(key) = key {
                self.store.put(key, b"not known");
            }
        }
        // Where one answer has met a limit, whether another does may be chance: then nothing of the piece is kept.
        if !answers.iter().any(|answer| matches!(answer, Verdict::Unknown(_))) {
            for ((key, known), answer) in keys.iter().zip(known).zip(&answers) {
                if let Some(key) = key.filter(|_| !known && *answer == Verdict::No) {
                    self.store.put(&key, NO);
                }
            }
        }
        Asked { answers, contradicted }
    }

    /// The answers to a piece of which all are kept.
    fn piece(&self, slices: &Slices<'_>, name: &str, piece: &[Question]) -> Asked {
        let roots: Vec<_> = piece.iter().map(|question| (question.goal, question.pair)).collect();
        let Some(content) = slices.digest(&roots, &self.options.fixed) else {
            return Asked { answers: self.asked(piece), contradicted: Vec::new() };
        };
        let key = self.key(b"piece", name, &content);
        let reasons = diagram::reasons(&diagram_options(self.program, self.options, None));
        let contradicted = match self.store.get(&key).map(|kept| self.read(piece, &kept, &reasons)) {
            Some(Read::Answers(answers)) => return Asked { answers, contradicted: Vec::new() },
            Some(Read::Wrong(wrong)) => wrong,
            _ => Vec::new(),
        };
        let answers = self.asked(piece);
        self.keep(&key, &answers, &reasons);
        Asked { answers, contradicted }
    }

    /// Keeps all answers of a piece, if all of them can be.
    fn keep(&self, key: &Digest, answers: &[Verdict], reasons: &[Sentence]) {
        let kept: Option<Vec<Kept>> = answers.iter().map(|answer| written(answer, reasons)).collect();
        if let Some(bytes) = kept.and_then(|kept| serde_json::to_vec(&kept).ok()) {
            self.store.put(key, &bytes);
        }
    }

    /// What was kept of a piece: as many answers as there are questions, with cases that replay.
    fn read(&self, piece: &[Question], kept: &[u8], reasons: &[Sentence]) -> Read {
        let Some(kept) = serde_json::from_slice::<Vec<Kept>>(kept).ok().filter(|kept| kept.len() == piece.len()) else {
            return Read::Nothing;
        };
        let (mut answers, mut wrong) = (Vec::new(), Vec::new());
        for (at, kept) in kept.into_iter().enumerate() {
            let witness = match kept {
                Kept::No => {
                    answers.push(Verdict::No);
                    continue;
                }
                Kept::Open(reason) => match reasons.get(reason) {
                    Some(reason) => {
                        answers.push(Verdict::Unknown(reason.clone()));
                        continue;
                    }
                    None => return Read::Nothing,
                },
                Kept::Case(case) => Witness::Case(case),
                Kept::Pair(first, second) => Witness::Pair(first, second),
            };
            if !replays(self.program, piece[at], &witness, self.options) {
                wrong.push(at);
            }
            answers.push(Verdict::Yes(witness));
        }
        if wrong.is_empty() { Read::Answers(answers) } else { Read::Wrong(wrong) }
    }
}

/// What was read of a piece.
enum Read {
    /// All of it.
    Answers(Vec<Verdict>),
    /// Cases of these questions do not replay.
    Wrong(Vec<usize>),
    /// It is no record of such a piece.
    Nothing,
}

/// A piece of questions about a program of which this is the digest: then terms are what their numbers are.
fn of_whole(whole: &Digest, piece: &[Question]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(whole);
    for question in piece {
        let pair = question.pair.map_or(u64::MAX, |input| u64::from(input.0));
        hasher.update(&question.goal.0.to_le_bytes()).update(&pair.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn written(answer: &Verdict, reasons: &[Sentence]) -> Option<Kept> {
    Some(match answer {
        Verdict::No => Kept::No,
        Verdict::Yes(Witness::Case(case)) => Kept::Case(case.clone()),
        Verdict::Yes(Witness::Pair(first, second)) => Kept::Pair(first.clone(), second.clone()),
        Verdict::Yes(Witness::Trace(_)) => return None,
        Verdict::Unknown(why) => Kept::Open(reasons.iter().position(|reason| reason == why)?),
    })
}
