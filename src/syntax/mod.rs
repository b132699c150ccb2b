//! LANGUAGE 1: what was written. In: text. Out: a tree with places, and messages; parsing does not fail.

pub mod ast;
mod build;
mod depth;
mod expected;
mod lexer;
mod look_alike;
mod member_name;
mod message;
mod mistake;
mod parser;
mod phrase;
mod print;
mod spelled;
mod token;
mod unfinished;

pub use message::{MAX_ERRORS, too_many};
pub use parser::parse;
pub use print::{expression_text, path_text, print};

/// Whether a text is a name that can stand wherever one is wanted: no word of the language, one token.
#[must_use]
pub fn is_plain_name(text: &str) -> bool {
    use logos::Logos as _;
    let mut tokens = token::Token::lexer(text);
    matches!(tokens.next(), Some(Ok(token::Token::Ident(_) | token::Token::Code(_) | token::Token::Group(_))))
        && tokens.slice() == text
        && tokens.next().is_none()
}

/// A text as it looks: letters of other scripts that are drawn like Latin ones become those. Two texts that differ and look the same are a trap.
#[must_use]
pub fn look(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match look_alike::meant(c) {
            Some(look_alike::Meant::Letter(letter)) => out.push(letter),
            Some(look_alike::Meant::Space) => {}
            _ => out.push(c),
        }
    }
    out
}
