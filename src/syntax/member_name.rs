//! Members whose names are none: entries of lists as their authors number them.

use std::borrow::Cow;

use super::build::Cx;
use super::expected::{Repair, Trouble};
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};

/// `L100.a`, `ML-1`, `5A`: with what the name would be, and the text as its label.
pub fn known<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<(Diagnostic, Option<Repair<'text>>)> {
    let in_members = trouble.open_brackets().last().is_some_and(|open| trouble.get(*open) == Some(&Token::LeftBrace));
    if trouble.get(trouble.start) != Some(&Token::Enum) || !in_members {
        return None;
    }
    let belongs = |at: usize| match trouble.get(at) {
        Some(Token::Dot | Token::Minus | Token::Slash | Token::Colon | Token::DoubleColon | Token::Number(_)) => true,
        Some(token) => token.names(),
        None => false,
    };
    let mut first = trouble.at;
    while belongs(first) && trouble.glued(first) && belongs(first - 1) {
        first -= 1;
    }
    let mut last = trouble.at;
    while belongs(last + 1) && trouble.glued(last + 1) {
        last += 1;
    }
    if !belongs(trouble.at) || first == last || matches!(trouble.get(first), Some(Token::Dot | Token::Minus)) {
        return None;
    }
    let (start, end) = (trouble.tokens[first].0, trouble.tokens[last].2);
    let written = trouble.text.get(start as usize..end as usize)?;
    let plain: String = written.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let meant = if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { format!("n{plain}") };
    let span = trouble.span(cx, first).to(trouble.span(cx, last));
    let labelled = matches!(trouble.get(last + 1), Some(Token::Text(_)));
    let better = if labelled { meant.clone() } else { format!("{meant} \"{written}\"") };
    let message = Diagnostic::new(Code::Syntax, format!("`{written}` is no name of a member"), span, "not a name")
        .note("A name has letters, digits and `_`, and begins with a letter. Only entries like 3A090.a have a point. How it is written elsewhere can be its label.")
        .replace(format!("write `{better}`"), span, better);
    Some((message, Some(Repair { range: first..last + 1, tokens: vec![(start, Token::Ident(Cow::Owned(meant)), end)] })))
}
