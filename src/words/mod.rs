//! Sentences as data: a template, and what stands in it. So whoever finds something says it once, in English where it is found, and
//! whoever prints it chooses the language (the way of gettext).
//!
//! In: `say!("`{name}` is never in conflict", name)`. Out: text in a [`Language`]. The French stands in [`french`], template by
//! template; `tests/words.rs` holds both against each other. Order and equality are those of the English text, so that nothing
//! that is sorted or merged depends on the language.

pub mod french;
mod gloss;
mod number;
mod template;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use number::number_text;
pub use template::placeholders;

use template::Piece;

/// A language of the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// French.
    #[serde(rename = "fr")]
    French,
}

impl Language {
    /// The language of a tag (`fr`), or of a locale (`fr_CA.UTF-8`).
    pub fn of_tag(tag: &str) -> Option<Language> {
        match tag.split(['_', '-', '.', '@']).next().unwrap_or_default() {
            "en" => Some(Language::English),
            "fr" => Some(Language::French),
            _ => None,
        }
    }

    /// What a template says in this language; the English one where there is no other.
    fn template(self, english: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::French => french::of(english).unwrap_or(english),
        }
    }
}

/// Something that can be said in each language.
#[derive(Clone, Debug)]
pub struct Sentence(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// The same in each language: names, quotations.
    Text(String),
    /// An exact decimal; in English thousands are separated only if wanted.
    Number { digits: String, separated: bool },
    /// A condition in the words of the source.
    Source(String),
    /// What the source calls something, and what it calls it in French.
    Own { english: String, french: String },
    /// A template and what stands in its places.
    Said { template: &'static str, parts: Vec<(&'static str, Sentence)> },
    /// Several, with a template between them, and another before the last.
    Listed { items: Vec<Sentence>, between: &'static str, last: &'static str },
}

impl Sentence {
    /// A template and what stands in its places; `say!` is how it is called.
    pub fn said(template: &'static str, parts: Vec<(&'static str, Sentence)>) -> Self {
        debug_assert!(
            placeholders(template).iter().all(|name| parts.iter().any(|(given, _)| given == name)),
            "`{template}` names more than is given"
        );
        Sentence(Form::Said { template, parts })
    }

    /// Several; `list!` is how it is called.
    pub fn listed(items: Vec<Sentence>, between: &'static str, last: &'static str) -> Self {
        Sentence(Form::Listed { items, between, last })
    }

    /// An exact decimal, as digits.
    pub fn number(digits: impl Into<String>) -> Self {
        Sentence(Form::Number { digits: digits.into(), separated: false })
    }

    /// An exact decimal with its thousands separated.
    pub fn thousands(digits: impl Into<String>) -> Self {
        Sentence(Form::Number { digits: digits.into(), separated: true })
    }

    /// Words of the source, which gives them in both languages.
    pub fn own(english: impl Into<String>, french: impl Into<String>) -> Self {
        Sentence(Form::Own { english: english.into(), french: french.into() })
    }

    /// A condition as its author wrote it.
    pub fn source(words: impl Into<String>) -> Self {
        Sentence(Form::Source(words.into()))
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Form::Text(text) | Form::Source(text) => text.is_empty(),
            Form::Number { digits: text, .. } | Form::Own { english: text, .. } => text.is_empty(),
            Form::Said { template, .. } => template.is_empty(),
            Form::Listed { items, .. } => items.is_empty(),
        }
    }

    /// The text in a language.
    pub fn in_language(&self, language: Language) -> String {
        let mut out = String::new();
        self.write(language, &mut out);
        out
    }

    fn write(&self, language: Language, out: &mut String) {
        match &self.0 {
            Form::Text(text) => out.push_str(text),
            Form::Number { digits, separated } => out.push_str(&number_text(digits, *separated, language)),
            Form::Source(text) if language == Language::French => out.push_str(&gloss::in_french(text)),
            Form::Source(text) => out.push_str(text),
            Form::Own { english, .. } if language == Language::English => out.push_str(english),
            Form::Own { french, .. } => out.push_str(french),
            Form::Said { template, parts } => fill(template, parts, language, out),
            Form::Listed { items, between, last } => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        fill(if index + 1 == items.len() { last } else { between }, &[], language, out);
                    }
                    item.write(language, out);
                }
            }
        }
    }

    /// Whether it counts as one: the singular is for exactly one in English, and for less than two in French.
    fn is_singular(&self, language: Language) -> bool {
        match (&self.0, language) {
            (Form::Number { digits, .. }, Language::English) => digits == "1",
            (Form::Number { digits, .. }, Language::French) => digits == "0" || digits == "1",
            _ => false,
        }
    }
}

/// Writes a template with its places filled.
fn fill(template: &'static str, parts: &[(&'static str, Sentence)], language: Language, out: &mut String) {
    let part = |name: &str| parts.iter().find(|(given, _)| *given == name).map(|(_, part)| part);
    let said = language.template(template);
    let said = if language == Language::French { french::typeset(said) } else { said.into() };
    for piece in template::pieces(&said) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Place(name) => {
                if let Some(part) = part(name) {
                    part.write(language, out);
                }
            }
            Piece::Count { of, one, many } => {
                out.push_str(if part(of).is_some_and(|part| part.is_singular(language)) { one } else { many });
            }
        }
    }
}

/// As its English text.
impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From what was written: the same text in each language.
impl<'de> Deserialize<'de> for Sentence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Sentence::from)
    }
}

/// The English text.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.in_language(Language::English))
    }
}

impl Default for Sentence {
    fn default() -> Self {
        Sentence(Form::Text(String::new()))
    }
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Self) -> bool {
        // What was put together in the same way need not be written out.
        self.0 == other.0 || self.to_string() == other.to_string()
    }
}

impl Eq for Sentence {}

impl PartialOrd for Sentence {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sentence {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.to_string().cmp(&other.to_string())
    }
}

impl PartialEq<str> for Sentence {
    fn eq(&self, other: &str) -> bool {
        self.in_language(Language::English) == other
    }
}

impl PartialEq<&str> for Sentence {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

/// What can stand in a sentence.
pub trait Word {
    /// It as a part of one.
    fn word(&self) -> Sentence;
}

impl<T: Word + ?Sized> Word for &T {
    fn word(&self) -> Sentence {
        (**self).word()
    }
}

impl Word for Sentence {
    fn word(&self) -> Sentence {
        self.clone()
    }
}

impl Word for str {
    fn word(&self) -> Sentence {
        Sentence(Form::Text(self.to_owned()))
    }
}

impl Word for String {
    fn word(&self) -> Sentence {
        self.as_str().word()
    }
}

impl Word for usize {
    fn word(&self) -> Sentence {
        Sentence::number(self.to_string())
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Sentence(Form::Text(text))
    }
}

impl From<&str> for Sentence {
    fn from(text: &str) -> Self {
        text.word()
    }
}

/// A sentence: `say!("`{name}` is in force until {day}", name, day = date_text(day))`. The template is English, and has a French one in
/// [`french`]. A place is a name in braces; `{count:case|cases}` chooses by a number.
macro_rules! say {
    (@parts [$($done:tt)*]) => { vec![$($done)*] };
    (@parts [$($done:tt)*] $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::words::say!(@parts [$($done)* (stringify!($name), $crate::words::Word::word(&$value)),] $($($rest)*)?)
    };
    (@parts [$($done:tt)*] $name:ident $(, $($rest:tt)*)?) => {
        $crate::words::say!(@parts [$($done)* (stringify!($name), $crate::words::Word::word(&$name)),] $($($rest)*)?)
    };
    ($template:literal $(, $($args:tt)*)?) => {
        $crate::words::Sentence::said($template, $crate::words::say!(@parts [] $($($args)*)?))
    };
}

/// Several in a row: `list!(", ", names)`, or with something else before the last: `list!(", ", " and ", names)`.
macro_rules! list {
    ($between:literal, $last:literal, $items:expr) => {
        $crate::words::Sentence::listed(
            $items.into_iter().map(|item| $crate::words::Word::word(&item)).collect(),
            $between,
            $last,
        )
    };
    ($between:literal, $items:expr) => {
        $crate::words::list!($between, $between, $items)
    };
}

pub(crate) use {list, say};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_english_is_what_was_written() {
        let name = "need";
        let said = say!("{count} {count:case|cases}: {all}", count = 1usize, all = list!(", ", " and ", ["a", name, "c"]));
        assert_eq!(said, "1 case: a, need and c");
        assert_eq!(say!("{count} {count:case|cases}", count = Sentence::thousands("1234567")), "1,234,567 cases");
        assert_eq!(format!("{:>6}|", say!("never")), " never|");
    }

    #[test]
    fn the_french_has_its_own_words_and_spaces() {
        let said = say!("`{name}` is never in conflict", name = "need");
        assert_eq!(said.in_language(Language::French), "«\u{a0}need\u{a0}» n’est jamais en conflit");
        let two = list!(" and ", ["a", "b"]);
        assert_eq!(two.in_language(Language::French), "a et b");
        assert_eq!(Sentence::number("15824.5").in_language(Language::French), "15\u{202f}824,5");
    }

    #[test]
    fn a_language_is_known_by_its_tag() {
        assert_eq!(Language::of_tag("fr_CA.UTF-8"), Some(Language::French));
        assert_eq!(Language::of_tag("en"), Some(Language::English));
        assert_eq!(Language::of_tag("frr_DE"), None);
        assert_eq!(Language::of_tag("C"), None);
    }
}
