//! Results for people and for their tools.
//!
//! In: diagnostics, findings, explanations. Out: text for a terminal, JSON, SARIF, JUnit, as strings; `cli` writes them. Equal input
//! gives equal output, byte for byte.

pub mod chain;
pub mod explanation;
pub mod json;
pub mod junit;
pub mod path;
pub mod properties;
pub mod sarif;
pub mod story;
pub mod terminal;
pub mod text;
pub mod value;
pub mod vectors;

use crate::analysis::{By, Evidence, Proof, Report};
use crate::diagnostic::{Diagnostic, Severity};
use crate::ir::Program;
use crate::source::Files;
use crate::words::{Language, Sentence, list, say};

/// One regime, checked: everything that a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The path as it was given.
    pub path: &'a str,
    /// The texts.
    pub files: &'a Files,
    /// What the compiler said.
    pub messages: &'a [Diagnostic],
    /// The program, if it could be compiled.
    pub program: Option<&'a Program>,
    /// What the analyses said.
    pub report: &'a Report,
    /// The reading that was asked for; empty for all.
    pub reading: &'a str,
    /// The language of the reader.
    pub language: Language,
}

impl Checked<'_> {
    /// The name of the regime, or its path where it could not be compiled.
    pub fn name(&self) -> &str {
        self.program.map_or(self.path, |program| program.regimes[0].name.as_str())
    }

    /// The worst that was said or found.
    pub fn worst(&self) -> Option<Severity> {
        let said = self.messages.iter().map(|message| message.severity);
        said.chain(self.report.findings.iter().map(|finding| finding.severity)).min()
    }
}

/// Who answered, for people.
fn by_words(by: By) -> Sentence {
    match by {
        By::Interpreter => say!("the interpreter"),
        By::Diagram => say!("the decision diagram"),
        By::Z3 => "Z3".into(),
        By::Second => say!("the second solver"),
    }
}

/// Evidence in a sentence. Methods that say the same are named together.
fn evidence_words(evidence: &[Evidence]) -> Sentence {
    let mut said: Vec<(&Sentence, Vec<By>)> = Vec::new();
    for one in evidence {
        match said.iter_mut().find(|(says, _)| **says == one.says) {
            Some((_, who)) if who.contains(&one.by) => {}
            Some((_, who)) => who.push(one.by),
            None => said.push((&one.says, vec![one.by])),
        }
    }
    let who = |who: &[By]| list!(" and ", who.iter().map(|by| by_words(*by)));
    list!("; ", said.iter().map(|(says, by)| say!("{name}: {why}", name = who(by), why = says)))
}

/// Who says so of a proof; one method alone is named as one method alone.
fn proof_words(proof: &Proof) -> Sentence {
    let says = evidence_words(&proof.evidence);
    match (proof.evidence.as_slice(), proof.only()) {
        ([], _) => Sentence::default(),
        // One method alone is shown as one method alone.
        (all, Some(name)) => {
            let says = all.iter().find(|one| one.is_of(name)).map_or(says, |one| one.says.clone());
            let silent: Vec<Evidence> = all.iter().filter(|one| one.silent).cloned().collect();
            match silent.as_slice() {
                [] => say!(" (by {name} only: {says})", name = by_words(name), says),
                silent => {
                    say!(" (by {name} only: {says}; {silent})", name = by_words(name), says, silent = evidence_words(silent))
                }
            }
        }
        _ => say!(" ({says})", says),
    }
}

/// Whether two methods that share no code said so: the encoder of Z3, and the diagram or the text for a second solver.
fn confirmed(evidence: &[Evidence]) -> bool {
    let said = |by: By| evidence.iter().any(|one| one.is_of(by));
    said(By::Z3) && (said(By::Diagram) || said(By::Second))
}
