//! LANGUAGE 1: what was written. Every node has its place; nothing is resolved, no literal is computed.

use crate::source::{Span, Spanned};

/// A name with its place: an identifier, a control-list code (`3A090.a`) or a country group (`D:5`).
pub type Name = Spanned<String>;

/// A quoted text with its place, without the quotes.
pub type Text = Spanned<String>;

/// One source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    /// Declarations in source order; what could not be read is left out (and was reported).
    pub items: Vec<Item>,
    /// Comments in source order.
    pub comments: Vec<Comment>,
    /// Names of declarations that could not be read at all (which was reported): do not call them unknown.
    pub lost: Vec<Name>,
}

/// A comment: `-- …` to the end of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text behind the dashes, without the line end.
    pub text: String,
    /// Where, dashes included.
    pub span: Span,
    /// Whether it stands behind something on its line.
    pub trailing: bool,
}

/// A declaration with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Which.
    pub kind: ItemKind,
    /// From its first to its last word.
    pub span: Span,
}

/// The declarations.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is documented at the type it holds")]
pub enum ItemKind {
    Regime(Regime),
    Use(Use),
    Compare(Compare),
    UnitDecl(UnitDecl),
    Enum(EnumDecl),
    Attribute(AttributeDecl),
    Group(GroupDecl),
    Groups(GroupsDecl),
    Record(RecordDecl),
    Constant(ConstantDecl),
    Input(InputDecl),
    Define(DefineDecl),
    Decision(DecisionDecl),
    Rule(RuleDecl),
    Base(BaseDecl),
    Scenario(ScenarioDecl),
    ScenarioTable(ScenarioTable),
    Accept(AcceptDecl),
    Prove(ProveDecl),
}

/// `regime NAME "title" cite "…" status …`
#[derive(Clone, Debug, PartialEq)]
pub struct Regime {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its citation.
    pub cite: Option<Text>,
    /// The timeline of every rule that states none of its own.
    pub status: Vec<StatusItem>,
}

/// `use std/countries` or `use "./parties"`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The path as written, without quotes.
    pub path: Text,
    /// Whether it was quoted (relative to this file) or not (the standard library).
    pub quoted: bool,
}

/// `compare with "../us-2022-10" as old`: another regime, under a prefix (`old::requirement`).
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The path, relative to this file.
    pub path: Text,
    /// The prefix.
    pub name: Name,
}

/// `unit TPP "total processing performance"`
#[derive(Clone, Debug, PartialEq)]
pub struct UnitDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
}

/// `enum NAME "title" [ordered] { … }` or `enum NAME from csv "file" key column label column`
#[derive(Clone, Debug, PartialEq)]
pub struct EnumDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its members.
    pub body: EnumBody,
}

/// The members of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub enum EnumBody {
    /// `{ a, b "label", heading { c, d } }`, or `ordered { a < b < c }`.
    Listed {
        /// Whether `ordered` (and so separated by `<`).
        ordered: bool,
        /// The members.
        members: Vec<MemberDecl>,
    },
    /// `from csv "countries.csv" key iso2 label name`
    Csv {
        /// The file, relative to this one.
        path: Text,
        /// The column of names.
        key: Name,
        /// The column of labels.
        label: Option<Name>,
    },
}

/// A member, or a heading with the members below it.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberDecl {
    /// Its name.
    pub name: Name,
    /// Its label.
    pub label: Option<Text>,
    /// What stands below it; with any, it is a heading and not a value.
    pub children: Vec<MemberDecl>,
}

/// `attribute tier of Country : count from 1 to 3 from csv "countries.csv" key iso2 column diffusion_tier`, or
/// `attribute tier of Country : … = { US is 1, CN is 3 }`
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeDecl {
    /// Its name.
    pub name: Name,
    /// The enumeration.
    pub of: Name,
    /// The type of its values.
    pub ty: Type,
    /// Where the values come from.
    pub source: AttributeSource,
}

/// The values of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeSource {
    /// From two columns of a file.
    Csv {
        /// The file.
        path: Text,
        /// The column of members.
        key: Name,
        /// The column of values.
        column: Name,
    },
    /// `{ US is 1, CN is 3 }`
    Listed(Vec<Assignment>),
}

/// `group D5M of Country "cite" = D:5 + { MO }`
#[derive(Clone, Debug, PartialEq)]
pub struct GroupDecl {
    /// Its name.
    pub name: Name,
    /// The enumeration.
    pub of: Name,
    /// Its citation.
    pub cite: Option<Text>,
    /// Its members.
    pub set: SetExpr,
}

/// `groups of Country from csv "country-groups.csv"`: columns `group`, `member`, and `from`, `until`, `cite`, `mark`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupsDecl {
    /// The enumeration.
    pub of: Name,
    /// The file.
    pub path: Text,
}

/// A set of members, with algebra.
#[derive(Clone, Debug, PartialEq)]
pub enum SetExpr {
    /// A group, a heading, an enumeration (all of it), or a member.
    Named(Path),
    /// `{ MO, AE until 2026-07-09 }`
    Listed(Vec<SetMember>, Span),
    /// `a + b`
    Union(Box<SetExpr>, Box<SetExpr>),
    /// `a - b`
    Difference(Box<SetExpr>, Box<SetExpr>),
    /// `a & b`
    Intersection(Box<SetExpr>, Box<SetExpr>),
}

/// A member in braces, with the period for which it is in.
#[derive(Clone, Debug, PartialEq)]
pub struct SetMember {
    /// Its name.
    pub name: Name,
    /// First day; `None`: always was.
    pub from: Option<Text>,
    /// Last day; `None`: still is.
    pub until: Option<Text>,
}

/// `record Party "title" { located : Country, … }`
#[derive(Clone, Debug, PartialEq)]
pub struct RecordDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field of a record, or the type of an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its type.
    pub ty: Type,
    /// What else is said of it.
    pub options: Vec<InputOption>,
}

/// What else can be said of an input or field.
#[derive(Clone, Debug, PartialEq)]
pub enum InputOption {
    /// `capability`: more of it should never be treated less strictly.
    Capability(Span),
    /// `usually US, CN`: what a realistic case has.
    Usually(Vec<Value>),
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// Which.
    pub kind: TypeKind,
    /// Where.
    pub span: Span,
}

/// The types.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `bool`
    Bool,
    /// `date from D to D`
    Date {
        /// First and last day.
        range: Option<(Text, Text)>,
    },
    /// `number of UNIT from A to B step S`; `count`, `percent` and `money` are numbers of ``, `%` and `USD`.
    Number {
        /// The unit: `TPP`, `TPP/mm2`; `None` for a plain number (`count`).
        unit: Option<Name>,
        /// Least and greatest value.
        range: Option<(NumberLit, NumberLit)>,
        /// Step; 1 if not given.
        step: Option<NumberLit>,
    },
    /// `set of TYPE`
    Set(Box<Type>),
    /// The name of an enumeration or a record.
    Named(Name),
    /// `{ a, b }` or `ordered { a < b }`, in place.
    Inline {
        /// Whether `ordered`.
        ordered: bool,
        /// The members.
        members: Vec<MemberDecl>,
    },
}

/// A number as written.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberLit {
    /// The digits (`26_900_000`, `5.92`, `1e26`), without a sign.
    pub digits: String,
    /// The unit behind it: `TPP`, `TPP/mm2`, `%`.
    pub unit: Option<String>,
    /// Where, unit included.
    pub span: Span,
    /// Whether a minus stands before it.
    pub negative: bool,
}

/// `constant H100 "NVIDIA H100 SXM" : Chip = { tpp is 15_832 TPP, … }`
#[derive(Clone, Debug, PartialEq)]
pub struct ConstantDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// How sure it is.
    pub mark: Option<Mark>,
    /// The record.
    pub ty: Name,
    /// Its fields.
    pub fields: Vec<Assignment>,
}

/// `PATH is VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// What.
    pub path: Path,
    /// Its value; `None` for `PATH is unknown`.
    pub value: Option<Value>,
}

/// A value that is written out.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A member or a constant.
    Path(Path),
    /// A number.
    Number(NumberLit),
    /// A day.
    Date(Text),
    /// `true` or `false`.
    Bool(Spanned<bool>),
    /// `{ NAC, ACA }`
    Set(Vec<Name>, Span),
}

/// A dotted name, perhaps of another regime: `chip.tpp`, `old::requirement`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The prefix of another regime.
    pub regime: Option<Name>,
    /// The parts; at least one.
    pub parts: Vec<Name>,
    /// Where.
    pub span: Span,
}

/// `input chip : Chip` or `input origin, destination "title" : Country`
#[derive(Clone, Debug, PartialEq)]
pub struct InputDecl {
    /// Their names.
    pub names: Vec<Name>,
    /// Their title.
    pub title: Option<Text>,
    /// Their type.
    pub ty: Type,
    /// What else is said of them.
    pub options: Vec<InputOption>,
}

/// `define HQ5M(p : Party) = …`
#[derive(Clone, Debug, PartialEq)]
pub struct DefineDecl {
    /// Its name.
    pub name: Name,
    /// Its citation.
    pub cite: Option<Text>,
    /// Its parameters and their types (a record, an enumeration, or any other type without a range).
    pub params: Vec<(Name, Type)>,
    /// What it means.
    pub body: Expr,
}

/// `decision NAME "title" : TYPE takes … otherwise …`
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionDecl {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its type.
    pub ty: Type,
    /// How conclusions combine.
    pub combine: Spanned<Combine>,
    /// The value without an effective rule.
    pub otherwise: Option<Value>,
}

/// How conclusions combine.
#[derive(Clone, Debug, PartialEq)]
pub enum Combine {
    /// `exactly one`
    ExactlyOne,
    /// `the strictest`
    Strictest,
    /// `the least strict`
    LeastStrict,
    /// `the sum`
    Sum,
    /// `all`
    All,
    /// `the first of a, b, c`
    First(Vec<Name>),
}

/// `rule`, `exception` or `restriction`
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDecl {
    /// Which of the three.
    pub kind: RuleKind,
    /// Its name.
    pub name: Name,
    /// The provision.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// How sure it is.
    pub mark: Option<Mark>,
    /// What it overrides, or is overridden by.
    pub overrides: Vec<Override>,
    /// Its condition; none: always.
    pub when: Option<Expr>,
    /// What it concludes.
    pub then: Vec<Conclusion>,
    /// Its timeline.
    pub status: Vec<StatusItem>,
}

/// The three kinds of rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `rule`
    Rule,
    /// `exception … to …`
    Exception,
    /// `restriction`: overrides, and concludes nothing.
    Restriction,
}

/// One override clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// How it is put.
    pub kind: OverrideKind,
    /// Which rules.
    pub rules: Vec<Name>,
    /// Where.
    pub span: Span,
}

/// The ways to put an override.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideKind {
    /// `exception X to a, b`: this overrides those.
    To,
    /// `overrides a, b`: this overrides those.
    Overrides,
    /// `notwithstanding a, b`: this overrides those.
    Notwithstanding,
    /// `subject to a, b`: those override this.
    SubjectTo,
}

/// `recalled "note"` or `inferred "note"`
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Which.
    pub kind: MarkKind,
    /// Why, or from where.
    pub note: Option<Text>,
    /// Where.
    pub span: Span,
}

/// How sure an encoding is, if not confirmed by a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// From memory.
    Recalled,
    /// Worked out.
    Inferred,
}

/// `DECISION is VALUE` or `DECISION includes VALUE`
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    /// The decision.
    pub decision: Name,
    /// Whether `includes` (a set) or `is`.
    pub includes: bool,
    /// The value.
    pub value: Value,
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusItem {
    /// Which.
    pub kind: StatusKind,
    /// First day (of `until`: the last day).
    pub from: Text,
    /// Last day.
    pub until: Option<Text>,
    /// By whom or by what act.
    pub by: Option<Text>,
    /// Where.
    pub span: Span,
}

/// The lines of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusKind {
    /// `codified from D`: stands in the code.
    Codified,
    /// `effective from D`: has force.
    Effective,
    /// `compliance from D`: must be complied with.
    Compliance,
    /// `suspended from D until D`: stayed.
    Suspended,
    /// `not enforced from D until D by "…"`
    NotEnforced,
    /// `repealed from D`
    Repealed,
    /// `until D`: the last day in force.
    Until,
}

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

/// `prove NAME "cite" : …`
#[derive(Clone, Debug, PartialEq)]
pub struct ProveDecl {
    /// Its name.
    pub name: Name,
    /// Why it should hold.
    pub cite: Option<Text>,
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
    /// `DECISION equals DECISION [where …]`
    Equals(Path, Path),
    /// `DECISION is at least as strict as DECISION [where …]`
    AtLeastAsStrict(Path, Path),
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A name.
    Path(Path),
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(NumberLit),
    /// A day.
    Date(String),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b and c`
    And(Vec<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `a implies b`
    Implies(Box<Expr>, Box<Expr>),
    /// `a is b`, `a <= b` …
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `a in SET`, `a not in SET`
    In {
        /// What.
        of: Box<Expr>,
        /// Whether `not in`.
        negated: bool,
        /// The set.
        set: SetExpr,
    },
    /// `s has MEMBER`
    Has(Box<Expr>, Path),
    /// `a + b` …
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// `-a`
    Negative(Box<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `f(a, b)`
    Call(Name, Vec<Expr>),
    /// `some x in (a, b) satisfies …`, `every x in SET satisfies …`
    Quantified {
        /// Whether `every`.
        every: bool,
        /// The variable.
        var: Name,
        /// What it runs over.
        over: QuantDomain,
        /// What is said of it.
        body: Box<Expr>,
    },
    /// Not readable; it was reported.
    Error,
}

/// What a quantifier runs over.
#[derive(Clone, Debug, PartialEq)]
pub enum QuantDomain {
    /// `(consignee, end_user)`
    Listed(Vec<Expr>),
    /// A group, a heading, or a whole enumeration.
    Set(SetExpr),
}

/// Comparisons; `=` reads as `is`, `!=` as `is not`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Is,
    IsNot,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArithOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}
