//! Scenarios, acceptances and properties: what the author expects of the rules.

use crate::source::Span;

use super::{Assignment, Expr, Name, Path, SetExpr, Text, Value};

/// `base NAME given …`: values that scenarios start from.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseDecl {
    /// Its name.
    pub name: Name,
    /// Another base that it starts from.
    pub on: Option<Name>,
    /// Its values.
    pub given: Vec<Assignment>,
}

/// `scenario "title" "cite" on NAME given … expect …`
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioDecl {
    /// Its title.
    pub title: Text,
    /// The paragraph.
    pub cite: Option<Text>,
    /// The base it starts from.
    pub on: Option<Name>,
    /// Its values.
    pub given: Vec<Assignment>,
    /// What must come out.
    pub expect: Vec<Expect>,
}

/// `expect DECISION … because …`
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// The decision.
    pub decision: Name,
    /// Its outcome.
    pub outcome: ExpectKind,
    /// The rules that carry it.
    pub because: Vec<Name>,
    /// Where.
    pub span: Span,
}

/// What must come out.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpectKind {
    /// `is V`
    Is(Value),
    /// `is not V`
    IsNot(Value),
    /// `includes V`
    Includes(Value),
    /// `at least V`
    AtLeast(Value),
    /// `at most V`
    AtMost(Value),
    /// `open { V, V } asking PATH, PATH`
    Open {
        /// What is still possible.
        possible: Vec<Value>,
        /// What to ask for first.
        asking: Vec<Path>,
    },
    /// `has no value`: a gap.
    NoValue,
    /// `conflicts`
    Conflicts,
}

/// `scenarios "title" "cite" on NAME given … table PATH, PATH => DECISION, DECISION row … => … because … "note"`
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioTable {
    /// Its title.
    pub title: Text,
    /// The paragraph.
    pub cite: Option<Text>,
    /// The base it starts from.
    pub on: Option<Name>,
    /// The values of all rows.
    pub given: Vec<Assignment>,
    /// The inputs of each row.
    pub inputs: Vec<Path>,
    /// The decisions of each row.
    pub outputs: Vec<Name>,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// One row: one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// A value for each input; `None` is `unknown`.
    pub values: Vec<Option<Value>>,
    /// An outcome for each decision.
    pub outcomes: Vec<ExpectKind>,
    /// The rules that carry the first decision.
    pub because: Vec<Name>,
    /// The paragraph or a remark.
    pub note: Option<Text>,
    /// Where.
    pub span: Span,
}

/// `accept LX4001 in a, b about c because "reason" until D`
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptDecl {
    /// The code.
    pub code: Name,
    /// The rules.
    pub rules: Vec<Name>,
    /// Decisions, inputs or properties.
    pub about: Vec<Path>,
    /// Why.
    pub reason: Text,
    /// The last day.
    pub until: Option<Text>,
}

/// `prove NAME "cite" : …`, and with roles `property NAME "title" with ROLE, … : …`
#[derive(Clone, Debug, PartialEq)]
pub struct ProveDecl {
    /// Its name.
    pub name: Name,
    /// Why it should hold; of a pattern, what it says.
    pub cite: Option<Text>,
    /// Which of the twelve it shows.
    pub shows: Option<Name>,
    /// What a pattern leaves to be named.
    pub roles: Vec<Name>,
    /// What it says.
    pub claim: Claim,
    /// `where …`: the cases it is about.
    pub scope: Option<Expr>,
}

/// What can be proved.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// `every case [where …] satisfies …`
    EveryCase(Expr),
    /// `DECISION never loosens as PATH grows [where …]`
    Monotone {
        /// The decision.
        decision: Path,
        /// `tightens` instead of `loosens`.
        tightens: bool,
        /// The input.
        input: Path,
    },
    /// `DECISION never loosens from PATH in SET to SET [where …]`
    Tiers {
        /// The decision.
        decision: Path,
        /// The input.
        input: Path,
        /// The laxer ones.
        from: SetExpr,
        /// The stricter ones.
        to: SetExpr,
    },
    /// `DECISION never depends on PATH [where …]`
    Blind {
        /// The decision.
        decision: Path,
        /// The input.
        input: Path,
    },
    /// `DECISION equals DECISION [where …]`
    Equals(Path, Path),
    /// `DECISION is at least as strict as DECISION [where …]`
    AtLeastAsStrict(Path, Path),
    /// `in PROCESS never …`
    NeverIn(Name, Expr),
}
