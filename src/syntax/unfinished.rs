//! Phrases that break off, and clauses of a cap in another order than the grammar has them.

use super::build::Cx;
use super::expected::{Repair, Trouble, found};
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};

type Said<'text> = (Diagnostic, Option<Repair<'text>>);

/// The first of these mistakes that fits.
pub fn known<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    cap(cx, trouble).or_else(|| phrase(cx, trouble)).or_else(|| within(cx, trouble))
}

/// `never depends from`: the words before the last are right.
fn phrase<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let written = |at: usize| match trouble.get(at)? {
        Token::Ident(name) => Some(name.to_string()),
        word => word.spelling().map(str::to_owned),
    };
    let shared = |phrase: &str| {
        let words = phrase.split(' ').zip(trouble.at..);
        words.take_while(|(word, at)| written(*at).is_some_and(|other| other == *word)).count()
    };
    let phrases = trouble.expected.iter().map(|name| name.trim_matches('"')).filter(|name| name.contains(' '));
    let phrases: Vec<(usize, &str)> = phrases.map(|phrase| (shared(phrase), phrase)).filter(|(shared, _)| *shared > 0).collect();
    let most = phrases.iter().map(|(shared, _)| *shared).max()?;
    let meant: Vec<&str> = phrases.into_iter().filter(|(shared, _)| *shared == most).map(|(_, phrase)| phrase).collect();
    let wrong = trouble.at + most;
    let begun = meant[0].split(' ').take(most).collect::<Vec<_>>().join(" ");
    let place = trouble.span(cx, wrong);
    let label = if wrong >= trouble.end { "here it ends".to_owned() } else { format!("not {}", found(trouble, wrong)) };
    let next = |phrase: &&str| format!("`{}`", phrase.split(' ').skip(most).collect::<Vec<_>>().join(" "));
    let mut ways: Vec<String> = meant.iter().map(next).collect();
    ways.sort();
    let message = Diagnostic::new(Code::Syntax, format!("`{begun}` goes on with {}", ways.join(" or ")), place, label);
    match meant.as_slice() {
        [only] if only.split(' ').count() == most + 1 && wrong < trouble.end => {
            let last = only.split(' ').next_back()?;
            // The phrase is one token, which stands in the place of all its words.
            let (start, end) = (trouble.tokens[trouble.at].0, trouble.tokens[wrong].2);
            let repair =
                phrase_token(only).map(|token| Repair { range: trouble.at..wrong + 1, tokens: vec![(start, token, end)] });
            Some((message.replace(format!("write `{only}`"), place, last), repair))
        }
        _ => Some((message, None)),
    }
}

/// The token that a phrase of claims is.
fn phrase_token<'text>(phrase: &str) -> Option<Token<'text>> {
    [
        Token::NeverDependsOn,
        Token::NeverLoosensAs,
        Token::NeverTightensAs,
        Token::NeverLoosensFrom,
        Token::IsAtLeastAsStrictAs,
        Token::AtMost,
        Token::InAny,
        Token::CountsToward,
        Token::TimePasses,
    ]
    .into_iter()
    .find(|token| token.spelling() == Some(phrase))
}

/// `within CAP`.
fn within<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    if trouble.back(1) != Some(&Token::Within) || !trouble.get(trouble.at).is_some_and(Token::names) {
        return None;
    }
    let before = trouble.span(cx, trouble.at - 1);
    let gap = crate::source::Span { start: before.end, ..before };
    let message = Diagnostic::new(Code::Syntax, "`within` is followed by `cap`", trouble.span(cx, trouble.at), "the cap")
        .replace("write `within cap`", gap, " cap");
    Some((message, Some(trouble.inserted(trouble.at, Token::Cap))))
}

/// What a cap says after its limit, or of its time in other words.
fn cap<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    if trouble.get(trouble.start) != Some(&Token::Cap) {
        return None;
    }
    let span = trouble.span(cx, trouble.at);
    let limited = (trouble.start..trouble.at).find(|at| trouble.tokens[*at].1 == Token::AtMost);
    match (trouble.get(trouble.at)?, limited) {
        (Token::Per | Token::Reported | Token::InAny | Token::When, Some(limit)) => {
            let what = found(trouble, trouble.at);
            let message = Diagnostic::new(Code::Syntax, format!("{what} comes before `at most`"), span, "move this up")
                .also(trouble.span(cx, limit), "the limit stands last")
                .note("The order is: counts E, when CONDITION, per INPUT, … per calendar year (or another time), at most E.");
            Some((message, None))
        }
        (Token::In, None) => {
            let message = Diagnostic::new(Code::Syntax, "the time of a cap has other words", span, "not so").note(
                "A cap counts `per calendar year`, `per calendar quarter`, `in any N days`, `from DAY to DAY`, or, without such words, for ever.",
            );
            Some((message, None))
        }
        _ => None,
    }
}
