//! Units, enumerations, groups, records, inputs, and the values that are written out.

use crate::source::{Span, Spanned};

use super::{Mark, Name, Text};

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
    /// `with share 40%`: of a link, what is said of it.
    pub with: Vec<(Name, Value)>,
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
