//! Text to `(start, token, end)`. Units and phrases are joined here, by their neighbours, so that the grammar is LR(1) and
//! their words (`least`, `sum`, `first`, `TPP`) stay free for names. What is mistaken is said and read as what was meant.

use std::borrow::Cow;

use logos::Logos;

use super::ast::Comment;
use super::look_alike::{self, Meant};
use super::message;
use super::phrase::phrase;
use super::spelled::{days_meant, nearest_day, tidy_digits};
use super::token::Token;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// A token with its first byte and the byte behind its last.
pub type Placed<'text> = (u32, Token<'text>, u32);

/// What is in a text.
pub struct Lexed<'text> {
    /// The tokens, comments left out.
    pub tokens: Vec<Placed<'text>>,
    /// The comments.
    pub comments: Vec<Comment>,
    /// What is wrong with single words.
    pub messages: Vec<Diagnostic>,
    /// Where reading stopped because there is too much.
    pub too_large: Option<Span>,
}

/// The most tokens and comments of one text: some hundred thousand rules. Beyond, the tree would not fit a small machine.
pub const MAX_TOKENS: usize = 4_000_000;

/// Reads a whole text.
pub fn lex(file: FileId, text: &str) -> Lexed<'_> {
    let mut adapter = Adapter {
        file,
        text,
        base: 0,
        inner: Token::lexer(text),
        out: Lexed { tokens: Vec::new(), comments: Vec::new(), messages: Vec::new(), too_large: None },
    };
    if let Some(rest) = text.strip_prefix('\u{FEFF}') {
        adapter.restart(text.len() - rest.len()); // The mark some editors put before the first letter says nothing.
    }
    adapter.run();
    adapter.out
}

struct Adapter<'text> {
    file: FileId,
    text: &'text str,
    /// Where the text of `inner` begins.
    base: usize,
    inner: logos::Lexer<'text, Token<'text>>,
    out: Lexed<'text>,
}

impl<'text> Adapter<'text> {
    fn run(&mut self) {
        while let Some(token) = self.inner.next() {
            let range = self.inner.span();
            let (start, end) = (self.base + range.start, self.base + range.end);
            if self.out.tokens.len() + self.out.comments.len() >= MAX_TOKENS {
                self.out.too_large = Some(self.span(start, end));
                return;
            }
            match token {
                Ok(token) => self.token(start, token, end),
                Err(()) => self.foreign(start),
            }
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, offset(start), offset(end))
    }

    fn say(&mut self, message: Diagnostic) {
        // A few more than are shown, so that sorting by place picks the first ones.
        if self.out.messages.len() <= message::MAX_ERRORS {
            self.out.messages.push(message);
        }
    }

    /// Goes on reading from another place.
    fn restart(&mut self, at: usize) {
        self.base = at;
        self.inner = Token::lexer(&self.text[at..]);
    }

    fn push(&mut self, start: usize, token: Token<'text>, end: usize) {
        self.out.tokens.push((offset(start), token, offset(end)));
    }

    /// The last token but `back`.
    fn last(&self, back: usize) -> Option<&Token<'text>> {
        let index = self.out.tokens.len().checked_sub(back + 1)?;
        Some(&self.out.tokens[index].1)
    }

    fn glued_to_last(&self, start: usize) -> bool {
        self.out.tokens.last().is_some_and(|last| last.2 as usize == start)
    }

    fn token(&mut self, start: usize, token: Token<'text>, end: usize) {
        let text = self.text;
        let written = &text[start..end];
        let here = self.span(start, end);
        match token {
            Token::Comment => self.comment(start, end, 2),
            Token::OtherComment => {
                let sign = if written.starts_with('#') { 1 } else { 2 };
                self.say(message::other_comment(self.span(start, start + sign), &written[..sign]));
                self.comment(start, end, sign);
            }
            Token::DoubleEquals => self.mended(start, Token::Equal, end, "is"),
            Token::DoubleAmpersand => self.mended(start, Token::And, end, "and"),
            Token::DoubleBar => self.mended(start, Token::Or, end, "or"),
            Token::Bang => self.mended(start, Token::Not, end, "not"),
            Token::Unequal => self.mended(start, Token::NotEqual, end, "is not"),
            Token::EqualLess => self.mended(start, Token::LessEqual, end, "<="),
            Token::Semicolon => self.say(message::semicolon(here)),
            Token::SingleQuoted => {
                let inside = &written[1..written.len() - 1];
                self.say(message::single_quotes(here, inside));
                self.push(start, Token::Text(Cow::Owned(inside.replace('\\', "\\\\").replace('"', "\\\""))), end);
            }
            Token::Text(inside) => {
                self.escapes(start + 1, &inside);
                self.push(start, Token::Text(inside), end);
            }
            Token::OpenText => self.open_text(start, end),
            Token::Date(written) => {
                if let Some(nearest) = nearest_day(&written) {
                    self.say(message::no_such_day(here, &written, &nearest));
                    self.push(start, Token::Date(Cow::Owned(nearest)), end);
                } else {
                    self.push(start, Token::Date(written), end);
                }
            }
            Token::OtherDate => {
                let (days, certain) = days_meant(written);
                self.say(message::other_date(here, written, &days, certain));
                let day = days.into_iter().next().unwrap_or_else(|| "2000-01-01".to_owned());
                self.push(start, Token::Date(Cow::Owned(day)), end);
            }
            Token::Glued => self.glued(start, end),
            Token::PercentSign if matches!(self.last(0), Some(Token::Number(_))) => {
                self.push(start, Token::Unit(Cow::Borrowed("%")), end);
            }
            Token::PercentSign if self.behind_number_of() => self.push(start, Token::Unit(Cow::Borrowed("%")), end),
            Token::Ident(name) if self.unit_place(&name) => self.unit(start, end),
            token => {
                self.push(start, token, end);
                self.join();
            }
        }
    }

    /// A sign of another language, read as what it means there.
    fn mended(&mut self, start: usize, token: Token<'text>, end: usize, meant: &str) {
        let written = &self.text[start..end];
        self.say(message::other_sign(self.span(start, end), written, meant));
        self.push(start, token, end);
    }

    fn comment(&mut self, start: usize, end: usize, sign: usize) {
        let text = self.text;
        let trailing = self.out.tokens.last().is_some_and(|last| !text[last.2 as usize..start].contains('\n'));
        let body = text[start + sign..end].trim_end_matches('\r').to_owned();
        self.out.comments.push(Comment { text: body, span: self.span(start, end), trailing });
    }

    /// A text has two escapes, `\"` and `\\`.
    fn escapes(&mut self, start: usize, inside: &str) {
        let mut characters = inside.char_indices();
        while let Some((at, character)) = characters.next() {
            if character != '\\' {
                continue;
            }
            if let Some((_, next)) = characters.next()
                && next != '"'
                && next != '\\'
            {
                let (from, to) = (start + at, start + at + 1 + next.len_utf8());
                self.say(message::escape(self.span(from, to), next));
            }
        }
    }

    fn open_text(&mut self, start: usize, end: usize) {
        let text = self.text;
        let written = text[start..end].trim_end();
        if let Some(at) = written[1..].find(look_alike::is_quote) {
            // Opened by a straight quote, closed by a curly one.
            let close = start + 1 + at;
            let quote = text[close..].chars().next().unwrap_or('"');
            let after = close + quote.len_utf8();
            self.say(message::look_alike(self.span(close, after), quote, "\"", "the closing quote"));
            self.push(start, Token::Text(Cow::Borrowed(&text[start + 1..close])), after);
            self.restart(after);
            return;
        }
        let end = start + written.len();
        self.say(message::open_text(self.span(start, end)));
        self.push(start, Token::Text(Cow::Borrowed(written[1..].trim_end_matches('\\'))), end);
    }

    /// `4800TPP`, `0x1F`, `1E26`, `1__0`.
    fn glued(&mut self, start: usize, end: usize) {
        let written = &self.text[start..end];
        let here = self.span(start, end);
        let bytes = written.as_bytes();
        if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X' | b'b' | b'o') {
            self.say(message::hexadecimal(here, written));
            self.push(start, Token::Number(Cow::Borrowed("0")), end);
            return;
        }
        let split = written.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(written.len());
        let (number, rest) = written.split_at(split);
        let clean: String = tidy_digits(number);
        let exponent = rest.strip_prefix(['E', 'e']).filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
        if let Some(exponent) = exponent {
            let meant = format!("{clean}e{exponent}");
            self.say(message::number_spelled(here, written, &meant));
            self.push(start, Token::Number(Cow::Owned(meant)), end);
        } else if rest.is_empty() || rest.chars().all(|c| c == '_') {
            self.say(message::number_spelled(here, written, &clean));
            self.push(start, Token::Number(Cow::Owned(clean)), end);
        } else if bytes.len() > 3 && bytes[1].is_ascii_uppercase() && bytes[2].is_ascii_digit() {
            self.say(message::code_spelled(here, written));
            self.push(start, Token::Code(Cow::Borrowed(written)), end);
        } else {
            let unit_start = start + split;
            let unit_end = self.unit_end(end);
            let unit = self.text[unit_start..unit_end].trim_start_matches('_').to_owned();
            self.say(message::glued_unit(self.span(start, unit_end), &clean, &unit));
            self.push(start, Token::Number(Cow::Owned(clean)), unit_start);
            self.push(unit_start, Token::Unit(Cow::Owned(unit)), unit_end);
            self.restart(unit_end);
        }
    }

    fn behind_number_of(&self) -> bool {
        // `attribute number of Chip` declares a name.
        matches!((self.last(1), self.last(0)), (Some(Token::NumberWord), Some(Token::Of)))
            && !matches!(self.last(2), Some(Token::Attribute | Token::GroupWord))
    }

    /// Whether a name here is a unit: behind a number, unless it begins a declaration (`compare with`), or is a word
    /// of the language with a capital.
    fn unit_place(&self, name: &str) -> bool {
        match self.last(0) {
            Some(Token::Number(_)) => {
                Token::word(&name.to_ascii_lowercase()).is_none() && !["compare", "at", "installed"].contains(&name)
            }
            Some(Token::Of) => self.behind_number_of(),
            _ => false,
        }
    }

    fn unit(&mut self, start: usize, end: usize) {
        let end_of_unit = self.unit_end(end);
        self.inner.bump(end_of_unit - end);
        self.push(start, Token::Unit(Cow::Borrowed(&self.text[start..end_of_unit])), end_of_unit);
    }

    /// Where a unit ends whose first name ends here: `/name` and `*name` glued to it belong to it.
    fn unit_end(&self, mut end: usize) -> usize {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(end), Some(b'/' | b'*')) && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic) {
            end += 2;
            while bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                end += 1;
            }
        }
        end
    }

    /// Joins the last words to a phrase, if they are one.
    fn join(&mut self) {
        let tokens = &mut self.out.tokens;
        let Some((start, phrase, count)) = phrase(tokens) else {
            return;
        };
        let keep = if phrase == Token::NotEnforced { tokens.pop() } else { None };
        let end = tokens.last().map_or(start, |last| last.2);
        tokens.truncate(tokens.len() - count);
        tokens.push((start, phrase, end));
        tokens.extend(keep);
    }

    /// A character that no token begins with.
    fn foreign(&mut self, start: usize) {
        let text = self.text;
        let character = text[start..].chars().next().unwrap_or('\0');
        match look_alike::meant(character) {
            Some(Meant::Letter(_)) => self.foreign_word(start),
            Some(Meant::Quote) => self.foreign_text(start, character),
            Some(Meant::Space) => {
                let run = run(&text[start..], |c| look_alike::meant(c) == Some(Meant::Space));
                let after = start + run;
                let with = if look_alike::is_wide_space(character) { " " } else { "" };
                self.say(message::look_alike(self.span(start, after), character, with, "a space"));
                self.restart(after);
            }
            Some(Meant::Dashes) => {
                // Word processors make one long dash of the two that begin a comment.
                let after = start + character.len_utf8();
                self.say(message::look_alike(self.span(start, after), character, "--", "the two dashes of a comment"));
                let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
                self.comment(start, end, character.len_utf8());
                self.restart(end);
            }
            Some(Meant::Sign(sign)) => {
                let after = start + character.len_utf8();
                if sign == "-" && self.dashed_date(start) {
                    return;
                }
                let what = format!("`{sign}`");
                self.say(message::look_alike(self.span(start, after), character, sign, &what));
                let mut inner = Token::lexer(sign);
                if let Some(Ok(token)) = inner.next() {
                    self.restart(after);
                    self.token_as(start, token, after);
                }
            }
            None => {
                let run = run(&text[start..], is_unknown);
                let after = start + run.max(character.len_utf8());
                self.say(message::unknown_character(self.span(start, after), character));
                self.restart(after);
            }
        }
    }

    /// A token that is not what stands at its place.
    fn token_as(&mut self, start: usize, token: Token<'text>, end: usize) {
        match token {
            Token::Bang => self.push(start, Token::Not, end),
            Token::Semicolon => {}
            Token::Ident(name) if self.unit_place(&name) => self.push(start, Token::Unit(name), end),
            token => {
                self.push(start, token, end);
                self.join();
            }
        }
    }

    /// `2025–01–13`, with en dashes.
    fn dashed_date(&mut self, start: usize) -> bool {
        let text = self.text;
        let Some((from, Token::Number(year), _)) = self.out.tokens.last() else {
            return false;
        };
        if !self.glued_to_last(start) || year.len() != 4 {
            return false;
        }
        let from = *from as usize;
        let end = from + run(&text[from..], |c| c.is_ascii_digit() || look_alike::meant(c) == Some(Meant::Sign("-")) || c == '-');
        let meant: String = text[from..end].chars().map(|c| if c.is_ascii_digit() { c } else { '-' }).collect();
        if !matches!(Token::lexer(&meant).next(), Some(Ok(Token::Date(day))) if day.len() == meant.len()) {
            return false;
        }
        let sign = text[start..].chars().next().unwrap_or('-');
        self.say(message::look_alike(self.span(from, end), sign, &meant, "a hyphen"));
        self.out.tokens.pop();
        self.restart(end);
        self.push(from, Token::Date(Cow::Owned(nearest_day(&meant).unwrap_or(meant))), end);
        true
    }

    /// A word with letters of another script: the whole word, with what stands glued before it.
    fn foreign_word(&mut self, at: usize) {
        let text = self.text;
        let mut start = at;
        if self.glued_to_last(at)
            && let Some((from, _, _)) = self.out.tokens.last()
            && text[*from as usize..at].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
        {
            start = *from as usize;
            self.out.tokens.pop();
        }
        let end = start
            + run(&text[start..], |c| {
                c.is_ascii_alphanumeric() || c == '_' || c == '.' || matches!(look_alike::meant(c), Some(Meant::Letter(_)))
            });
        let mut meant = String::with_capacity(end - start);
        let mut odd = None;
        for character in text[start..end].chars() {
            match look_alike::meant(character) {
                Some(Meant::Letter(letter)) => {
                    odd.get_or_insert((character, letter));
                    meant.push(letter);
                }
                _ => meant.push(character),
            }
        }
        if let Some((character, letter)) = odd {
            self.say(message::look_alike_word(self.span(start, end), character, letter, &meant));
        }
        self.restart(end);
        // What the word means, token by token; their places are all the word's.
        for token in Token::lexer(&meant).flatten() {
            self.token_as(start, owned(token), end);
        }
    }

    /// A text in curly quotes.
    fn foreign_text(&mut self, start: usize, quote: char) {
        let text = self.text;
        let inside = start + quote.len_utf8();
        let line_end = text[inside..].find('\n').map_or(text.len(), |at| inside + at);
        let line = &text[inside..line_end];
        let close = line.find(|c| c == '"' || look_alike::is_quote(c));
        let Some(close) = close else {
            let end = inside + line.trim_end().len();
            self.say(message::open_text(self.span(start, end)));
            self.push(start, Token::Text(Cow::Borrowed(text[inside..end].trim_end_matches('\\'))), end);
            self.restart(end);
            return;
        };
        let close = inside + close;
        let after = close + text[close..].chars().next().map_or(0, char::len_utf8);
        let body = &text[inside..close];
        self.say(message::curly_quotes(self.span(start, after), quote, body));
        self.push(start, Token::Text(Cow::Owned(body.replace('\\', "\\\\"))), after);
        self.restart(after);
    }
}

fn owned<'text>(token: Token<'_>) -> Token<'text> {
    let keep = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    match token {
        Token::Ident(text) => Token::Ident(keep(text)),
        Token::Code(text) => Token::Code(keep(text)),
        Token::Group(text) => Token::Group(keep(text)),
        Token::Number(text) => Token::Number(keep(text)),
        Token::Date(text) => Token::Date(keep(text)),
        token => token.spelling().and_then(Token::word).unwrap_or(match token {
            Token::Dot => Token::Dot,
            _ => Token::Ident(Cow::Borrowed("unreadable")),
        }),
    }
}

/// Bytes at the start of a text whose characters are all such.
fn run(text: &str, such: impl Fn(char) -> bool) -> usize {
    text.find(|c| !such(c)).unwrap_or(text.len())
}

fn is_unknown(c: char) -> bool {
    let known = c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "\"-'#/=!<>+*&|,:.{}()%;".contains(c);
    !known && look_alike::meant(c).is_none()
}

/// A place in the text as a span keeps it; texts are at most `Files::MAX_BYTES` long, far below the limit.
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
