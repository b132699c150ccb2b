//! How deep the tree may become. Reading is a loop, but every later pass, and even freeing the tree, walks down into it.
//!
//! A tree grows deeper at a bracket, and at an operator whose operand is built around the operators before it: `not not a`,
//! `a + b + c`, `if … else if …`. Chains of `and` and `or` are flat. What is counted here, over the tokens, is never less than the
//! depth of the tree divided by the few levels (comparison, `and`, `or`) that can stand between two such places.

use super::lexer::Placed;
use super::message;
use super::token::Token;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// What is open at one level of brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// `implies`, `if`, `satisfies`, `set of`: they last to the end of the expression.
    long: usize,
    /// `not`, `+`, `-`, `*`, `/`, `&`: they end at the next `and` or `or`.
    short: usize,
}

/// Puts [`Token::TooDeep`] where nesting goes too far; the parser leaves out that declaration. One message for each declaration.
pub fn limit(file: FileId, tokens: &mut [Placed<'_>], messages: &mut Vec<Diagnostic>) {
    let mut levels = vec![Level::default()];
    let mut total = 0;
    let mut silent = false;
    for at in 0..tokens.len() {
        let begins = begins(tokens, at, levels.len() > 1);
        silent &= !begins;
        if begins || is_clause(&tokens[at].1) {
            levels.clear();
            levels.push(Level::default());
            total = 0;
        }
        let (start, token, end) = &mut tokens[at];
        let top = levels.len() - 1;
        match token {
            Token::LeftParen | Token::LeftBrace => {
                levels.push(Level::default());
                total += 1;
            }
            Token::RightParen | Token::RightBrace if top > 0 => {
                let closed = levels.pop().unwrap_or_default();
                total -= 1 + closed.long + closed.short;
            }
            Token::If | Token::Implies | Token::Satisfies | Token::Set => {
                levels[top].long += 1;
                total += 1;
            }
            Token::Not | Token::Plus | Token::Minus | Token::Star | Token::Slash | Token::Ampersand => {
                levels[top].short += 1;
                total += 1;
            }
            Token::And | Token::Or => {
                total -= levels[top].short;
                levels[top].short = 0;
            }
            Token::Comma | Token::Arrow => {
                total -= levels[top].short + levels[top].long;
                levels[top] = Level::default();
            }
            _ => {}
        }
        if total <= message::MAX_DEPTH {
            continue;
        }
        if !silent && messages.len() <= 2 * message::MAX_ERRORS {
            messages.push(message::too_deep(Span::new(file, *start, *end)));
        }
        silent = true;
        *token = Token::TooDeep;
    }
}

/// Words that end every expression and are never names.
fn is_clause(token: &Token<'_>) -> bool {
    matches!(token, Token::When | Token::Given | Token::Expect | Token::Where | Token::Because | Token::Takes | Token::Otherwise)
}

/// Whether a declaration surely begins here: as a name in an expression the word could not be followed by another name.
fn begins(tokens: &[Placed<'_>], at: usize, in_brackets: bool) -> bool {
    tokens[at].1.declares()
        && match tokens.get(at + 1) {
            Some((_, Token::Ident(_) | Token::Code(_) | Token::Group(_), _)) => true,
            Some((_, Token::Text(_), _)) => !in_brackets,
            Some((_, next, _)) => !in_brackets && next.names(),
            None => false,
        }
}
