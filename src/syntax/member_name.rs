//! Members whose names are none: entries of lists as their authors number them.

use std::borrow::Cow;

use super::build::Cx;
use super::expected::{Repair, Trouble};
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};

/// `L100.a`, `ML-1/2`, `built-in`: with what the name could be, and the text as its label.
pub fn known<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<(Diagnostic, Option<Repair<'text>>)> {
    let in_members = trouble.open_brackets().last().is_some_and(|open| trouble.get(*open) == Some(&Token::LeftBrace));
    if trouble.get(trouble.start) != Some(&Token::Enum) || !in_members {
        return None;
    }
    let is_sign =
        |token: &Token<'_>| matches!(token, Token::Dot | Token::Minus | Token::Slash | Token::Colon | Token::DoubleColon);
    let is_piece = |token: &Token<'_>| {
        let word = token.spelling().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
        word || token.names() || matches!(token, Token::Number(_) | Token::Unit(_) | Token::Date(_))
    };
    let joins = |at: usize| trouble.get(at).is_some_and(|token| is_sign(token) || is_piece(token));
    if !joins(trouble.at) {
        return None;
    }
    let (mut first, mut last) = (trouble.at, trouble.at);
    while trouble.glued(first) && joins(first - 1) {
        first -= 1;
    }
    while trouble.glued(last + 1) && joins(last + 1) {
        last += 1;
    }
    let ends = trouble.get(first).is_some_and(is_piece) && trouble.get(last).is_some_and(is_piece);
    // Two names without a comma between them are another mistake.
    let follows = first < trouble.at || trouble.expects("a name");
    let goes_on = trouble.get(last + 1).is_some_and(|next| {
        let apart = matches!(next, Token::Comma | Token::Less | Token::LeftBrace | Token::RightBrace | Token::Text(_));
        !apart && trouble.tokens[last + 1].0 <= trouble.tokens[last].2
    });
    if first == last || !ends || !follows || goes_on {
        return None;
    }
    let (start, end) = (trouble.tokens[first].0, trouble.tokens[last].2);
    let written = trouble.text.get(start as usize..end as usize)?;
    let span = trouble.span(cx, first).to(trouble.span(cx, last));
    let mut message = Diagnostic::new(Code::Syntax, format!("`{written}` is no name of a member"), span, "not a name").note(
        "A name has letters, digits and `_`, and begins with a letter. Only entries like 3A090.a have a point. How it is written elsewhere \
         can be its label.",
    );
    let meant = free_name(trouble, written);
    // Where a letter touches a number, that was spoken of already.
    if !(first..=last).any(|at| matches!(trouble.get(at), Some(Token::Unit(_)))) {
        let labelled = matches!(trouble.get(last + 1), Some(Token::Text(_)));
        let better = if labelled { meant.clone() } else { format!("{meant} \"{written}\"") };
        message = message.replace(format!("write `{better}`"), span, better);
    }
    Some((message, Some(Repair { range: first..last + 1, tokens: vec![(start, Token::Ident(Cow::Owned(meant)), end)] })))
}

/// A name like what is written that no member has which is written otherwise: an entry that stands twice is said to.
fn free_name(trouble: &Trouble<'_, '_>, written: &str) -> String {
    let plain: String = written.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let plain = if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { format!("n{plain}") };
    let is_other = |at: usize| trouble.text.get(trouble.tokens[at].0 as usize..trouble.tokens[at].2 as usize) != Some(written);
    let is_taken = |name: &str| {
        (trouble.start..trouble.end)
            .any(|at| matches!(trouble.get(at), Some(Token::Ident(other)) if *other == name) && is_other(at))
    };
    let numbered = (2..).map(|number| format!("{plain}_{number}"));
    std::iter::once(plain.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(plain)
}
