//! Phrases: several words that are one token, so that each of them stays free for names.

use super::lexer::Placed;
use super::token::Token;

/// The phrase at the end of the tokens: where it begins, which, and of how many tokens.
pub fn phrase<'text>(tokens: &[Placed<'text>]) -> Option<(u32, Token<'text>, usize)> {
    let last = tokens.len().checked_sub(1)?;
    let at = |back: usize| last.checked_sub(back).map(|index| &tokens[index].1);
    let name = |back: usize, word: &str| matches!(at(back), Some(Token::Ident(name)) if name == word);
    let (phrase, count) = match at(0)? {
        Token::Ident(word) => match (&**word, at(1)?) {
            ("csv", Token::From) if at(2) != Some(&Token::Moved) => (Token::FromCsv, 2),
            ("year", Token::Ident(first)) if first == "calendar" => (Token::CalendarYear, 2),
            ("quarter", Token::Ident(first)) if first == "calendar" => (Token::CalendarQuarter, 2),
            ("passes", Token::Ident(first)) if first == "time" => (Token::TimePasses, 2),
            ("toward", Token::Counts) => (Token::CountsToward, 2),
            ("any", Token::In) => (Token::InAny, 2),
            ("least", Token::Ident(first)) if first == "at" => (Token::AtLeast, 2),
            ("most", Token::Ident(first)) if first == "at" => (Token::AtMost, 2),
            ("one", Token::Ident(first)) if first == "exactly" => (Token::ExactlyOne, 2),
            ("strictest", Token::Ident(first)) if first == "the" => (Token::TheStrictest, 2),
            ("sum", Token::Ident(first)) if first == "the" => (Token::TheSum, 2),
            ("strict", _) if name(1, "least") && name(2, "the") => (Token::TheLeastStrict, 3),
            ("value", _) if name(1, "no") && at(2) == Some(&Token::Has) => (Token::HasNoValue, 3),
            _ => return None,
        },
        Token::With if name(1, "compare") => (Token::CompareWith, 2),
        Token::Of if name(1, "first") && name(2, "the") => (Token::TheFirstOf, 3),
        Token::To if name(1, "subject") && !begins_exception([at(4), at(3), at(2)]) => (Token::SubjectTo, 2),
        Token::As if name(1, "loosens") && at(2) == Some(&Token::Never) => (Token::NeverLoosensAs, 3),
        Token::As if name(1, "tightens") && at(2) == Some(&Token::Never) => (Token::NeverTightensAs, 3),
        Token::As
            if name(1, "strict") && at(2) == Some(&Token::As) && at(3) == Some(&Token::AtLeast) && at(4) == Some(&Token::Is) =>
        {
            (Token::IsAtLeastAsStrictAs, 5)
        }
        Token::From if name(1, "loosens") && at(2) == Some(&Token::Never) => (Token::NeverLoosensFrom, 3),
        Token::On if name(1, "depends") && at(2) == Some(&Token::Never) => (Token::NeverDependsOn, 3),
        Token::Base if name(1, "installed") => (Token::InstalledBase, 2),
        // `not enforced` alone is the negation of a name; the timeline goes on with `from`.
        Token::From if name(1, "enforced") && at(2) == Some(&Token::Not) => {
            return Some((tokens[last - 2].0, Token::NotEnforced, 2));
        }
        _ => return None,
    };
    Some((tokens[last + 1 - count].0, phrase, count))
}

/// Whether the last of these words, which stand before `subject to`, begins a declaration: `exception subject to a` is an exception
/// of that name. (A rule may be called `exception`: `overrides a, exception subject to b`.)
fn begins_exception(words: [Option<&Token<'_>>; 3]) -> bool {
    let awaits_name = |word: Option<&Token<'_>>| {
        word.is_some_and(|word| match word {
            Token::To | Token::Because | Token::Takes | Token::Of | Token::On | Token::From | Token::Under => true,
            Token::RightBrace | Token::RightParen | Token::PercentSign | Token::Conflicts | Token::Unknown => false,
            Token::True | Token::False | Token::HasNoValue | Token::ExactlyOne | Token::TheStrictest => false,
            word => word.spelling().is_some() && !word.names(),
        })
    };
    let [before, middle, word] = words;
    let declared = matches!(middle, Some(Token::Rule | Token::Exception | Token::Restriction)) && !awaits_name(before);
    word == Some(&Token::Exception) && !awaits_name(middle) && !declared
}
