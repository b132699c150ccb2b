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

/// The answers of a method, in order: those that are kept, and the method's own to what is new.
pub fn asked(method: &dyn Method, program: &Program, questions: &[Question], options: &Options) -> Vec<Verdict> {
    let Some(store) = &options.cache else { return method.ask(program, questions, options) };
    let pieces = method.pieces(questions);
    let asking = Asking { method, program, questions, options, store };
    let answers: Vec<Vec<Verdict>> = match method.kept() {
        Keeping::Nothing => return method.ask(program, questions, options),
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
    answers.into_iter().flatten().collect()
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
    fn noes(&self, keys: &[Option<Digest>], whole: &OnceLock<Option<Digest>>, name: &str, piece: Range<usize>) -> Vec<Verdict> {
        let keys = &keys[piece.clone()];
        let piece = &self.questions[piece];
        let known: Vec<bool> =
            keys.iter().map(|key| key.is_some_and(|key| self.store.get(&key).is_some_and(|kept| kept == NO))).collect();
        if known.iter().all(|known| *known) {
            return vec![Verdict::No; known.len()];
        }
        // Of a large program the digest of all of it costs more than asking.
        let small = self.program.rules.len() <= self.options.direct;
        let whole = if small { *whole.get_or_init(|| Slices::new(self.program).whole(&self.options.fixed)) } else { None };
        let whole = whole.map(|whole| self.key(b"whole", name, &of_whole(&whole, piece)));
        if let Some(answers) = whole.and_then(|key| self.read(piece, &self.store.get(&key)?, &[])) {
            return answers;
        }
        let answers = self.asked(piece);
        if let Some(key) = whole {
            self.keep(&key, &answers, &[]);
        }
        // Where one answer has met a limit, whether another does may be chance: then nothing of the piece is kept.
        if answers.iter().any(|answer| matches!(answer, Verdict::Unknown(_))) {
            return answers;
        }
        for ((key, known), answer) in keys.iter().zip(known).zip(&answers) {
            debug_assert!(!known || *answer == Verdict::No, "a case where there was none");
            if let Some(key) = key.filter(|_| !known && *answer == Verdict::No) {
                self.store.put(&key, NO);
            }
        }
        answers
    }

    /// The answers to a piece of which all are kept.
    fn piece(&self, slices: &Slices<'_>, name: &str, piece: &[Question]) -> Vec<Verdict> {
        let roots: Vec<_> = piece.iter().map(|question| (question.goal, question.pair)).collect();
        let Some(content) = slices.digest(&roots, &self.options.fixed) else { return self.asked(piece) };
        let key = self.key(b"piece", name, &content);
        let reasons = diagram::reasons(&diagram_options(self.program, self.options, None));
        if let Some(known) = self.store.get(&key).and_then(|kept| self.read(piece, &kept, &reasons)) {
            return known;
        }
        let answers = self.asked(piece);
        self.keep(&key, &answers, &reasons);
        answers
    }

    /// Keeps all answers of a piece, if all of them can be.
    fn keep(&self, key: &Digest, answers: &[Verdict], reasons: &[Sentence]) {
        let kept: Option<Vec<Kept>> = answers.iter().map(|answer| written(answer, reasons)).collect();
        if let Some(bytes) = kept.and_then(|kept| serde_json::to_vec(&kept).ok()) {
            self.store.put(key, &bytes);
        }
    }

    /// What was kept of a piece, if it fits: as many answers, and cases that replay.
    fn read(&self, piece: &[Question], kept: &[u8], reasons: &[Sentence]) -> Option<Vec<Verdict>> {
        let kept: Vec<Kept> = serde_json::from_slice(kept).ok()?;
        if kept.len() != piece.len() {
            return None;
        }
        let shows = |question: &Question, witness: Witness| {
            replays(self.program, *question, &witness, self.options).then_some(Verdict::Yes(witness))
        };
        piece
            .iter()
            .zip(kept)
            .map(|(question, kept)| match kept {
                Kept::No => Some(Verdict::No),
                Kept::Case(case) => shows(question, Witness::Case(case)),
                Kept::Pair(first, second) => shows(question, Witness::Pair(first, second)),
                Kept::Open(reason) => reasons.get(reason).cloned().map(Verdict::Unknown),
            })
            .collect()
    }
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
