//! The trial of a candidate: compiled, the claim proved, nothing new found, and what it changes counted.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::analysis::{self, Finding, Kind, Options, Report, Standing};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::driver::Compilation;
use crate::ir::Program;
use crate::source::Loader;
use crate::words::{Sentence, say};

use super::candidate::{Candidate, Piece};
use super::overlay::Overlay;
use super::{Edit, Refused, Repair, edited, same, uncounted, worse};

/// What all trials of a regime have in common.
pub struct Trial<'a> {
    pub loader: &'a dyn Loader,
    pub path: &'a str,
    pub compilation: &'a Compilation,
    /// What it is without an edit.
    pub program: &'a Program,
    /// What is found without an edit.
    pub before: &'a Report,
    pub options: &'a Options,
}

/// Why a candidate is no repair.
pub enum Refusal {
    /// With it the claim is not proved, or it does not compile.
    Fails,
    /// With it the claim holds, and something else is amiss.
    Spoils(Refused),
}

impl Trial<'_> {
    /// The repair that a candidate is, if it is one.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of(&self, finding: &Finding, candidate: Candidate) -> Result<Repair, Refusal> {
        let balance = candidate.balance;
        let (edits, what) = match candidate.pieces {
            Piece::Texts(edits) => (edits, candidate.what),
            Piece::Bound(bound) => {
                // The strictest bound first: if that does not help, none does. Then as near to what stood there as proofs go.
                let holds = |at: i64| self.holds(finding, &[bound.edit(at)]);
                if !holds(bound.end) {
                    return Err(Refusal::Fails);
                }
                let (mut good, mut bad) = (bound.end, bound.stood);
                while good.abs_diff(bad) > 1 {
                    let middle = good + (bad - good) / 2;
                    if holds(middle) { good = middle } else { bad = middle }
                }
                (vec![bound.edit(good)], bound.says(good))
            }
        };
        if !self.holds(finding, &edits) {
            return Err(Refusal::Fails);
        }
        let loader = self.overlay(&edits).ok_or(Refusal::Fails)?;
        let after = Compilation::load(&loader, self.path);
        let program = program(&after).ok_or(Refusal::Fails)?;
        let report = analysis::check(program, self.options);
        let there = |one: &Finding| same((one, program), (finding, self.program));
        if report.findings.iter().any(there) {
            return Err(Refusal::Fails);
        }
        let spoils = |why: Sentence| Err(Refusal::Spoils(Refused { what: what.clone(), why }));
        if let Some(worse) = worse((&report, program), (self.before, self.program)) {
            return spoils(say!("then {finding}", finding = worse.title.clone()));
        }
        // What was settled stays settled.
        let asked = |one: &analysis::Undecided| self.before.undecided.iter().any(|known| known.question == one.question);
        if let Some(open) = report.undecided.iter().find(|one| !asked(one)) {
            return spoils(say!("then it is not decided: {question}", question = open.question.clone()));
        }
        let less = self.before.claims.iter().find(|known| {
            known.came == Standing::Holds
                && report.claims.iter().any(|one| one.claim == known.claim && one.came != Standing::Holds)
        });
        if let Some(less) = less {
            return spoils(say!("then `{claim}` is not proved as it is now", claim = less.claim));
        }
        let (changed, mut impact) = self.impact(&loader, balance);
        if balance {
            impact.push(say!("what is left of the cap differs, which no single case shows"));
        }
        // What says that the finding is so has to go with it.
        let stood = |one: &&Finding| !self.before.findings.iter().any(|known| known.code == one.code && known.title == one.title);
        let outdated = report.findings.iter().filter(|one| matches!(one.code, Code::ScenarioFails | Code::AcceptanceUnmatched));
        impact.extend(outdated.filter(stood).map(|one| one.title.clone()));
        Ok(Repair { what, edits, changed, impact })
    }

    fn overlay(&self, edits: &[Edit]) -> Option<Overlay<'_>> {
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for edit in edits {
            let of_file: Vec<&Edit> = edits.iter().filter(|other| other.path == edit.path).collect();
            let text = self.loader.load(&edit.path).ok()?;
            texts.insert(edit.path.clone(), edited(&text, &of_file)?);
        }
        Some(Overlay::new(self.loader, self.path, texts))
    }

    /// Whether the claim holds with edits; of a conflict the whole check says so later.
    fn holds(&self, finding: &Finding, edits: &[Edit]) -> bool {
        let Some(loader) = self.overlay(edits) else { return false };
        let after = Compilation::load(&loader, self.path);
        // What the compiler says of the edited text and did not say before is a new fault.
        let said =
            |compilation: &Compilation| compilation.messages.iter().filter(|message| message.severity < Severity::Note).count();
        let Some(program) = program(&after).filter(|_| said(&after) <= said(self.compilation)) else { return false };
        if finding.code == Code::Conflict {
            return true;
        }
        let report = analysis::claim(program, &finding.about[0], self.options);
        let proved = report.proved.iter().any(|proof| analysis::methods_agree(self.options, &proof.evidence));
        proved && report.findings.is_empty() && report.undecided.is_empty()
    }

    /// What an edit changes: in how many cases, and which way.
    /// What is left of a cap that is counted otherwise is told apart.
    fn impact(&self, loader: &Overlay<'_>, balance: bool) -> (Option<BigUint>, Vec<Sentence>) {
        let pair = Compilation::load_pair(loader, self.path, &Overlay::before(self.path));
        let Some(program) = program(&pair) else { return (None, vec![uncounted()]) };
        let report = analysis::diff(program, program.regimes.len().min(2) as u32 - 1, 0, self.options);
        let changes: Vec<&Finding> = report.findings.iter().filter(|one| one.kind == Kind::Impact).collect();
        let mut count = Some(BigUint::default());
        let mut impact = Vec::new();
        for change in changes {
            count = count.zip(change.count.clone()).map(|(all, more)| all + more);
            impact.push(match &change.count {
                Some(cases) => {
                    say!("{title}, in {cases} {cases:case|cases}", title = change.title, cases = analysis::magnitude(cases))
                }
                None => change.title.clone(),
            });
        }
        // What is said of the text anyhow says nothing of the comparison.
        let anew = |message: &&Diagnostic| {
            let known = |one: &Diagnostic| one.code == message.code && one.title == message.title;
            message.severity < Severity::Note && !self.compilation.messages.iter().any(known)
        };
        let all = program.input_ids().collect();
        let apart = analysis::recounted(program, &all).filter(|_| balance);
        let open = |one: &analysis::Undecided| apart.is_none() || one.reasons.iter().any(|why| Some(why) != apart.as_ref());
        if report.undecided.iter().any(open) || pair.messages.iter().any(|message| anew(&message)) {
            impact.push(uncounted());
            count = None;
        }
        (count, impact)
    }
}

fn program(compilation: &Compilation) -> Option<&Program> {
    compilation.program.as_ref().filter(|_| !compilation.failed())
}
