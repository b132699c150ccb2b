//! Titles in other languages than the one that the source is written in: who reads French reads the names of provisions in French.

use serde::{Deserialize, Serialize};

use super::{DecisionId, EnumId, InputId, Program, RuleId};
use crate::words::Language;

/// What can have a title in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Titled {
    /// A regime, by its place in [`Program::regimes`].
    Regime(u32),
    /// A rule.
    Rule(RuleId),
    /// A decision.
    Decision(DecisionId),
    /// An input.
    Input(InputId),
    /// A member of an enumeration.
    Member(EnumId, u32),
    /// A property, by its place in [`Program::properties`].
    Property(u32),
    /// A cap, by its place in [`Program::caps`].
    Cap(u32),
}

/// A title in another language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Title {
    /// Of what.
    pub of: Titled,
    /// In which language.
    pub language: Language,
    /// The title.
    pub text: String,
}

impl Program {
    /// The title of something in a language, if the source gives one in just that language.
    pub fn title(&self, of: Titled, language: Language) -> Option<&str> {
        let key = |title: &Title| (title.of, title.language);
        let index = self.titles.binary_search_by(|title| key(title).cmp(&(of, language))).ok()?;
        Some(&self.titles[index].text)
    }
}
