//! What changes a law that exists: amendments and the acts in them.

use super::{Field, ItemKind, MemberDecl, Name, StatusItem, Text};

/// `amendment NAME "cite" "title" status …`: what the file that it stands in enacts.
#[derive(Clone, Debug, PartialEq)]
pub struct AmendmentDecl {
    /// Its name.
    pub name: Name,
    /// The act.
    pub cite: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// The timeline of every declaration of the file that states none of its own.
    pub status: Vec<StatusItem>,
}

/// `repeal a, b "cite" status …`
#[derive(Clone, Debug, PartialEq)]
pub struct RepealDecl {
    /// The rules that end.
    pub rules: Vec<Name>,
    /// The act.
    pub cite: Option<Text>,
    /// When the repeal is in force.
    pub status: Vec<StatusItem>,
}

/// `replace rule a … `, `replace define a = …`: another text under the same name, from its day on.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaceDecl {
    /// A rule, a definition, a group or an input.
    pub with: Box<ItemKind>,
}

/// `move a to "cite" status …`: the same words in another place of the code.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveDecl {
    /// The rule that moves.
    pub rule: Name,
    /// The new place.
    pub to: Text,
    /// When the move is in force.
    pub status: Vec<StatusItem>,
}

/// `rename a to b`
#[derive(Clone, Debug, PartialEq)]
pub struct RenameDecl {
    /// The name until now; it stays valid.
    pub from: Name,
    /// The new name.
    pub to: Name,
}

/// `stay a, b from D until D by "…"`
#[derive(Clone, Debug, PartialEq)]
pub struct StayDecl {
    /// The rules.
    pub rules: Vec<Name>,
    /// From when, until when, by what, for whom: a line of a timeline, as it is added to each of the rules.
    pub line: StatusItem,
}

/// `reinstate a, b from D "cite"`
#[derive(Clone, Debug, PartialEq)]
pub struct ReinstateDecl {
    /// The rules.
    pub rules: Vec<Name>,
    /// The first day on which they are in force again.
    pub from: Text,
    /// The act.
    pub by: Option<Text>,
}

/// `extend enum Mode { … }`, `extend decision exceptions { … }`, `extend record Party { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct ExtendDecl {
    /// What is extended.
    pub name: Name,
    /// By what.
    pub by: Extension,
}

/// What is added.
#[derive(Clone, Debug, PartialEq)]
pub enum Extension {
    /// Members of an enumeration.
    Enum(Vec<MemberDecl>),
    /// Members of the type of a decision, declared in place.
    Decision(Vec<MemberDecl>),
    /// Fields of a record.
    Record(Vec<Field>),
}
