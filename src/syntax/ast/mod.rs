//! LANGUAGE 1: what was written. Every node has its place; nothing is resolved, no literal is computed.

mod amendments;
mod cases;
mod chains;
mod expression;
mod process;
mod rules;
mod types;

use crate::source::{Span, Spanned};

pub use amendments::*;
pub use cases::*;
pub use chains::*;
pub use expression::*;
pub use process::*;
pub use rules::*;
pub use types::*;

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
    Amendment(AmendmentDecl),
    Repeal(RepealDecl),
    Replace(ReplaceDecl),
    Move(MoveDecl),
    Rename(RenameDecl),
    Stay(StayDecl),
    Reinstate(ReinstateDecl),
    Extend(ExtendDecl),
    Cap(CapDecl),
    Authority(AuthorityDecl),
    Link(LinkDecl),
    Along(AlongDecl),
    Node(NodeDecl),
    Process(ProcessDecl),
    Cast(CastDecl),
    /// `property NAME with ROLE, … : …`
    Property(ProveDecl),
    /// `prove NAME is PATTERN with ROLE is E, …`
    ProveCast(CastDecl),
    Titles(TitlesDecl),
}

/// `regime NAME "title" cite "…" amends "…" status …`
#[derive(Clone, Debug, PartialEq)]
pub struct Regime {
    /// Its name.
    pub name: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Its citation.
    pub cite: Option<Text>,
    /// The regime that it amends, relative to this file.
    pub amends: Option<Text>,
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

/// `titles fr { requirement "…", requirement.license "…" }`: titles in another language.
#[derive(Clone, Debug, PartialEq)]
pub struct TitlesDecl {
    /// Which language.
    pub language: Name,
    /// The titles.
    pub titles: Vec<TitleOf>,
}

/// A title in another language.
#[derive(Clone, Debug, PartialEq)]
pub struct TitleOf {
    /// Of what.
    pub of: Path,
    /// The title.
    pub title: Text,
}

/// `compare with "../us-2022-10" as old`: another regime, under a prefix (`old::requirement`).
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The path, relative to this file.
    pub path: Text,
    /// The prefix.
    pub name: Name,
}
