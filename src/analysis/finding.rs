//! What is found, proved or left open: plain data that any report can print, none of it rendered here.

use num_bigint::BigUint;
use serde::{Serialize, Serializer};

use crate::diagnostic::{Code, Severity};
use crate::ir::{Case, DecisionId, InputId, MemberSet, OriginId, Outcome, RuleId, Standard};
use crate::words::{Sentence, say};

/// What kind of finding; the names are part of the output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Effective rules of an `exactly one` decision disagree.
    Conflict,
    /// A decision has no value.
    Gap,
    /// A rule or alternative is never effective.
    Dead,
    /// A rule without which everything would be the same.
    Redundant,
    /// Something refers to nothing.
    Dangling,
    /// An outcome loosens as a capability grows, or flips on a day that nothing names.
    Cliff,
    /// A property does not hold.
    Property,
    /// Under `strictest`, rules overlap with different values.
    Overlap,
    /// An acceptance matches nothing, or has expired.
    Acceptance,
    /// A scenario does not come out as it says.
    Scenario,
    /// A run of individually permitted steps into what must never be.
    Loophole,
    /// Between two regimes, dates or readings, outcomes change.
    Impact,
    /// Lexport contradicts itself.
    Internal,
}

/// A case, or two, that show a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// A case.
    Case(Case),
    /// Two cases.
    Pair(Case, Case),
    /// A run of a process.
    Trace(Box<Trace>),
}

/// A run of a process: cases of its world, each a state with a transaction and the state after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Trace {
    /// Which of [`crate::ir::Program::processes`].
    pub process: usize,
    /// Which of its goals.
    pub goal: usize,
    /// The steps.
    pub taken: Vec<Taken>,
    /// What must never be: a state, and the case that goes with it. Nothing comes after it.
    pub last: Case,
    /// What the decisions came to on which that depends.
    pub came: Vec<Came>,
    /// How large the loophole is.
    pub size: Size,
}

/// How large a loophole is: what all its shortest runs have in common. What was not found out is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Size {
    /// The most of a number at the end of so many steps: the input, the steps, the value.
    pub most: Vec<(InputId, usize, i64)>,
    /// The fewest days that they take, where time passes.
    pub days: Option<i64>,
    /// Before which step (from 0; at the end: their number) an enumeration can be which members.
    pub ways: Vec<(usize, InputId, MemberSet)>,
    /// Provisions any one of which would stop it, if it bound or if it fell away; and whether that is proved for every number of
    /// steps, or looked at up to the length to which runs are looked for.
    pub stops: Vec<Stop>,
}

/// A provision that would stop a loophole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Stop {
    /// The provision.
    pub rule: RuleId,
    /// Whether it is not in force and would have to bind; else it is an exception and would have to fall away.
    pub binds: bool,
    /// Whether there would then be no run of any length.
    pub proved: bool,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Taken {
    /// Which of the steps of its process.
    pub step: u32,
    /// In which case.
    pub case: Case,
    /// What the decisions came to on which it depends.
    pub came: Vec<Came>,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The interpreter, on one case.
    Interpreter,
    /// The decision diagram.
    Diagram,
    /// Z3.
    Z3,
    /// A second solver, on the question as text.
    Second,
}

/// One answer on which a finding or a proof rests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// Who.
    pub by: By,
    /// What it said.
    pub says: Sentence,
    /// It was asked and did not answer: nothing rests on it.
    pub silent: bool,
}

impl Evidence {
    /// An answer.
    pub fn new(by: By, says: Sentence) -> Self {
        Evidence { by, says, silent: false }
    }

    /// That somebody was asked and did not answer, and why.
    pub fn silent(by: By, says: Sentence) -> Self {
        Evidence { by, says, silent: true }
    }

    /// Whether this is an answer of somebody.
    pub fn is_of(&self, by: By) -> bool {
        self.by == by && !self.silent
    }
}

/// What a decision came to, in which hands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Came {
    /// The decision.
    pub decision: DecisionId,
    /// The outcome.
    pub outcome: Outcome,
    /// The rules that carried it.
    pub because: Vec<RuleId>,
    /// Where no rule carried it: the effective rules that override those that would have.
    pub freed_by: Vec<RuleId>,
}

/// A part of the cases of a finding in which the same rules do the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Class {
    /// The rules; of a change first those that carry what was before.
    pub rules: Vec<RuleId>,
    /// How many of them carry what was before; 0 where nothing changes.
    pub before: usize,
    /// How many cases, exactly; `None` if they were not counted.
    #[serde(serialize_with = "as_text")]
    pub count: Option<BigUint>,
    /// One of them.
    pub witness: Option<Case>,
}

/// Who gains and who loses by a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gain {
    /// The outcome becomes less strict.
    Looser,
    /// The outcome becomes stricter.
    Stricter,
    /// There is no order between them.
    Other,
}

/// A change of outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shift {
    /// Before.
    pub old: Came,
    /// After.
    pub new: Came,
    /// In whose favour.
    pub gain: Gain,
}

/// The acceptance that made a finding a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Which of [`crate::ir::Program::acceptances`].
    pub acceptance: usize,
    /// Its reason.
    pub reason: String,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The code.
    pub code: Code,
    /// The kind.
    pub kind: Kind,
    /// How bad it is; a note if accepted.
    pub severity: Severity,
    /// One line.
    pub title: Sentence,
    /// The rules it is about, rising: of a group, all.
    pub rules: Vec<RuleId>,
    /// The rules (or the period) that make it so: what shadows a dead rule.
    pub shadows: Vec<RuleId>,
    /// The decisions it is about.
    pub decisions: Vec<DecisionId>,
    /// The inputs it is about.
    pub inputs: Vec<InputId>,
    /// What the source must name to accept it: decisions, inputs, properties.
    pub about: Vec<String>,
    /// Where it stands in the source, first the place itself.
    pub origins: Vec<OriginId>,
    /// A case, or two, that show it; replayed. A finding that something never happens has none.
    pub witness: Option<Witness>,
    /// What the decisions came to in the witness (of a pair: in the first, then in the second).
    pub came: Vec<Came>,
    /// What changed, of an impact.
    pub shift: Option<Shift>,
    /// Of an impact: facts of the witness that suffice for it, whatever all others are; none can be left out. Empty if that was not
    /// found.
    pub suffices: Vec<InputId>,
    /// In how many cases it is so, exactly; `None` if they were not counted.
    #[serde(serialize_with = "as_text")]
    pub count: Option<BigUint>,
    /// The parts of these cases, by the rules that act.
    pub classes: Vec<Class>,
    /// On what it rests.
    pub evidence: Vec<Evidence>,
    /// More sentences.
    pub notes: Vec<Sentence>,
    /// What could be done.
    pub fixes: Vec<Sentence>,
    /// The acceptance that covers it.
    pub accepted: Option<Accepted>,
}

impl Finding {
    /// A finding with the ordinary severity of its code, and nothing else.
    pub fn new(code: Code, kind: Kind, title: Sentence) -> Self {
        Finding {
            code,
            kind,
            severity: code.severity(),
            title,
            rules: Vec::new(),
            shadows: Vec::new(),
            decisions: Vec::new(),
            inputs: Vec::new(),
            about: Vec::new(),
            origins: Vec::new(),
            witness: None,
            came: Vec::new(),
            shift: None,
            suffices: Vec::new(),
            count: None,
            classes: Vec::new(),
            evidence: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
            accepted: None,
        }
    }
}

/// A count; one that nobody would read out in its magnitude (`--format json` has all digits).
pub fn magnitude(count: &BigUint) -> Sentence {
    let digits = count.to_string();
    if digits.len() <= 15 {
        return Sentence::thousands(digits);
    }
    let number = Sentence::number(format!("{}.{}", &digits[..1], &digits[1..2]));
    say!("about {number} × 10^{power}", number, power = digits.len() - 1)
}

/// Something that was proved for all cases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Proof {
    /// What.
    pub property: Sentence,
    /// For which cases.
    pub scope: Sentence,
    /// Who says so; one answer alone is a proof by that method only.
    pub evidence: Vec<Evidence>,
    /// Of a proof about every number of steps: what holds of every state that can be reached, in the words of the regime.
    pub invariant: Option<Sentence>,
    /// What a reader of the proof should know: steps that are never taken, balances that stay at nothing, a claim that asks nothing of the rules.
    pub notes: Vec<Sentence>,
}

impl Proof {
    /// The one method on which it rests, if it is one alone. What the interpreter has shown by cases needs no second.
    pub fn only(&self) -> Option<By> {
        let mut said = self.evidence.iter().filter(|one| !one.silent);
        match (said.next(), said.next()) {
            (Some(one), None) if one.by != By::Interpreter => Some(one.by),
            _ => None,
        }
    }
}

/// Something that stayed open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Undecided {
    /// What was asked.
    pub question: Sentence,
    /// The rules it is about.
    pub rules: Vec<RuleId>,
    /// Why it was not answered.
    pub reasons: Vec<Sentence>,
}

/// A claim that shows one of the twelve, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Claimed {
    /// Which it shows.
    pub shows: Standard,
    /// Its name.
    pub claim: String,
    /// What came of it.
    pub came: Standing,
}

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was proved, by every method.
    Holds,
    /// It was proved by one method; the others did not answer.
    OneMethod,
    /// It was proved, and holds whatever the rules say.
    WithoutRules,
    /// It does not hold, and the source says that this is known.
    Accepted,
    /// It does not hold.
    Fails,
    /// It was not settled.
    Open,
    /// It is about nothing.
    Empty,
}

/// Everything that a check says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was found, in the order of the source.
    pub findings: Vec<Finding>,
    /// What was proved.
    pub proved: Vec<Proof>,
    /// What stayed open.
    pub undecided: Vec<Undecided>,
    /// The claims that show one of the twelve properties.
    pub claims: Vec<Claimed>,
    /// Whether a whole check was made, and not a comparison or a test: then something can be said of all twelve.
    pub whole: bool,
    /// Which of the twelve are looked at without a claim and were not settled everywhere.
    pub open: Vec<Standard>,
}

impl Report {
    /// Everything of another report.
    pub fn absorb(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.proved.extend(other.proved);
        self.undecided.extend(other.undecided);
        self.claims.extend(other.claims);
        self.open.extend(other.open);
        self.whole |= other.whole;
    }

    /// Puts everything into the one order that does not depend on how it was found.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.origins.first().copied(), f.code, f.rules.clone(), f.about.clone(), f.title.clone());
            key(a).cmp(&key(b)).then_with(|| a.witness.cmp(&b.witness))
        });
        self.proved.sort();
        self.undecided.sort();
        self.undecided.dedup();
    }
}

/// Exact counts are written as text: they do not fit the numbers of JSON.
fn as_text<S: Serializer>(count: &Option<BigUint>, serializer: S) -> Result<S::Ok, S::Error> {
    count.as_ref().map(ToString::to_string).serialize(serializer)
}
