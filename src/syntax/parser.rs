//! Text to tree.
use super::ast::Unit;
use super::build::Cx;
use super::lexer;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::FileId;

#[allow(clippy::all, missing_docs, unused, reason = "generated")]
mod grammar {
    lalrpop_util::lalrpop_mod!(lexport);
    pub use lexport::FileParser;
}

/// Reads a text: the tree of what could be read, and what is wrong.
pub fn parse(file: FileId, text: &str) -> (Unit, Vec<Diagnostic>) {
    let lexed = lexer::lex(file, text);
    let mut cx = Cx::new(file);
    let result = grammar::FileParser::new().parse(&mut cx, lexed.tokens.iter().cloned());
    let mut messages = lexed.messages;
    if let Err(error) = result {
        messages.push(Diagnostic::new(Code::Syntax, format!("{error:?}"), cx.span(0, 0), ""));
    }
    messages.append(&mut cx.messages);
    (Unit { items: cx.items, comments: lexed.comments }, messages)
}
