//! Text to tree. Whatever the bytes, there is a tree, and each mistake is said once.
//!
//! The grammar reads on until something does not fit. Then the declaration it stopped in is taken alone: up to the next line
//! that begins another. What is meant is often clear (`expected.rs`): the tokens are mended and read again. Otherwise the
//! clause is left out, or at last the declaration; reading goes on behind it.

use lalrpop_util::ParseError;

use super::ast::{Name, Unit};
use super::build::Cx;
use super::expected::{self, Repair, Trouble};
use super::lexer::{self, Placed};
use super::token::Token;
use super::{depth, message};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Spanned};

#[allow(clippy::all, clippy::allow_attributes_without_reason, missing_docs, unused, reason = "generated")]
mod grammar {
    lalrpop_util::lalrpop_mod!(lexport);
    pub use self::lexport::FileParser;
}

/// Reads a text: the tree of what could be read, and what is wrong, by place.
pub fn parse(file: FileId, text: &str) -> (Unit, Vec<Diagnostic>) {
    let mut lexed = lexer::lex(file, text);
    depth::limit(file, &mut lexed.tokens, &mut lexed.messages);
    let ends = lexed.tokens.iter().map(|token| token.2).collect();
    let mut run = Run { text, tokens: lexed.tokens, cx: Cx::new(file, ends), messages: lexed.messages, lost: Vec::new() };
    if let Some(span) = lexed.too_large {
        run.messages.push(message::too_large(span, lexer::MAX_TOKENS));
        run.tokens.clear(); // Half a text would only lead to false messages.
    }
    run.all();
    let mut messages = run.messages;
    messages.append(&mut run.cx.messages);
    messages.sort_by_key(Diagnostic::span);
    messages.dedup(); // A declaration that is read twice says some things twice.
    if messages.len() > message::MAX_ERRORS {
        let first = messages[message::MAX_ERRORS].span();
        messages.truncate(message::MAX_ERRORS);
        messages.push(message::too_many(first));
    }
    (Unit { items: run.cx.items, comments: lexed.comments, lost: run.lost }, messages)
}

struct Run<'text> {
    text: &'text str,
    tokens: Vec<Placed<'text>>,
    cx: Cx,
    messages: Vec<Diagnostic>,
    lost: Vec<Name>,
}

/// Where the grammar stopped, and what it would have read.
struct Stop {
    at: usize,
    expected: Vec<String>,
}

impl<'text> Run<'text> {
    fn all(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() && self.said() <= message::MAX_ERRORS {
            let done = self.cx.items.len();
            if self.attempt(at, self.tokens.len()).is_ok() {
                return;
            }
            let start = self.behind(done, at);
            let end = self.next_declaration(start);
            at = self.declaration(start, end);
        }
    }

    fn said(&self) -> usize {
        self.messages.len() + self.cx.messages.len()
    }

    /// Feeds the grammar with a part of the tokens; it keeps what it finishes.
    fn attempt(&mut self, start: usize, end: usize) -> Result<(), Stop> {
        let feed = self.tokens[start..end].iter().cloned();
        let error = match grammar::FileParser::new().parse(&mut self.cx, feed) {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let (at, expected) = match error {
            ParseError::UnrecognizedToken { token, expected } => (self.index(token.0, start, end), expected),
            ParseError::UnrecognizedEof { expected, .. } => (end, expected),
            ParseError::ExtraToken { token } => (self.index(token.0, start, end), Vec::new()),
            ParseError::InvalidToken { location } => (self.index(location, start, end), Vec::new()),
            ParseError::User { error } => match error {},
        };
        Err(Stop { at, expected })
    }

    /// The token that begins at a place.
    fn index(&self, place: u32, start: usize, end: usize) -> usize {
        start + self.tokens[start..end].partition_point(|token| token.0 < place)
    }

    /// The token behind what was finished since there were `done` declarations.
    fn behind(&self, done: usize, at: usize) -> usize {
        match self.cx.items[done..].last() {
            Some(item) => at + self.tokens[at..].partition_point(|token| token.0 < item.span.end),
            None => at,
        }
    }

    /// The next token behind `start` with which a line and, by all signs, a declaration begins.
    fn next_declaration(&self, start: usize) -> usize {
        let mut open = 0_usize;
        for at in start..self.tokens.len() {
            if at > start && self.begins(at, open > 0) {
                return at;
            }
            match self.tokens[at].1 {
                Token::LeftParen | Token::LeftBrace => open += 1,
                Token::RightParen | Token::RightBrace => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.len()
    }

    fn begins(&self, at: usize, in_brackets: bool) -> bool {
        let (from, token, _) = &self.tokens[at];
        let capitalised =
            matches!(token, Token::Ident(name) if Token::word(&name.to_ascii_lowercase()).is_some_and(|t| t.declares()));
        if !(token.declares() || capitalised) {
            return false;
        }
        let before = self.tokens[at - 1].2 as usize;
        let new_line = self.text.get(before..*from as usize).is_some_and(|gap| gap.contains('\n'));
        new_line
            && match self.tokens.get(at + 1) {
                Some((_, Token::Text(_) | Token::When | Token::Then, _)) | None => true,
                // The name was forgotten; in brackets it is a field of that name.
                Some((_, Token::Colon | Token::Equal | Token::LeftBrace, _)) => !in_brackets,
                Some((_, Token::Of, _)) => *token == Token::Groups,
                Some((_, next, _)) => next.names(),
            }
    }

    /// Reads one declaration in which something is wrong. Returns where to go on.
    fn declaration(&mut self, mut start: usize, mut end: usize) -> usize {
        let mut furthest = None;
        loop {
            let done = self.cx.items.len();
            let said = self.cx.messages.len();
            let Err(stop) = self.attempt(start, end) else {
                return end;
            };
            if self.cx.items.len() > done {
                start = self.behind(done, start);
            } else {
                self.cx.messages.truncate(said); // They come again when the declaration is read again.
            }
            let place = self.tokens.get(stop.at).map_or(u32::MAX, |token| token.0);
            let deep = self.tokens[start..end].iter().any(|token| token.1 == Token::TooDeep);
            if deep || furthest.is_some_and(|before| place <= before) || self.said() > message::MAX_ERRORS {
                return self.lose(start, end);
            }
            furthest = Some(place);
            let trouble = Trouble { text: self.text, tokens: &self.tokens, start, at: stop.at, end, expected: &stop.expected };
            let (message, repair) = expected::explain(&self.cx, &trouble);
            self.messages.push(message);
            match repair.or_else(|| expected::leave_out(&trouble)) {
                Some(repair) => end = self.mend(repair, end),
                None => return self.lose(start, end),
            }
        }
    }

    /// Changes the tokens; returns where the declaration ends now.
    fn mend(&mut self, Repair { range, tokens }: Repair<'text>, end: usize) -> usize {
        let end = end + tokens.len() - range.len();
        self.tokens.splice(range, tokens);
        end
    }

    /// Leaves out a declaration, but keeps the names it would have declared.
    fn lose(&mut self, start: usize, end: usize) -> usize {
        let named = self.tokens[start].1.declares()
            && !matches!(
                self.tokens[start].1,
                Token::Use | Token::CompareWith | Token::Groups | Token::Accept | Token::Regime | Token::Titles
            );
        let end = end.max(start + 1).min(self.tokens.len());
        if !named {
            return end;
        }
        for at in (start + 1..end).step_by(2) {
            let (from, token, to) = &self.tokens[at];
            if !token.names() {
                break;
            }
            let name = self.text.get(*from as usize..*to as usize).unwrap_or_default().to_owned();
            self.lost.push(Spanned::new(name, self.cx.span(*from, *to)));
            if !matches!(self.tokens.get(at + 1), Some((_, Token::Comma, _))) {
                break;
            }
        }
        end
    }
}
