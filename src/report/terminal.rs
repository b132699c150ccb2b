//! Diagnostics on a terminal; the only user of codespan-reporting.
//!
//! In: plain [`Diagnostic`]s and the [`Files`] they point into. Out: text, coloured if wanted. What a source says never reaches
//! the terminal unseen (escape sequences, reversed text), and a line of a megabyte is shown as a window.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use codespan_reporting::diagnostic as seen;
use codespan_reporting::files::{Error, Files as View};
use codespan_reporting::term::{self, Chars, Config, Styles, StylesWriter, termcolor};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, Files, Span};

use super::text::{visible, wrap};
use crate::words::{Language, Sentence, say};

/// How to write for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are wanted.
    pub color: bool,
    /// How many characters fit in a line.
    pub width: usize,
    /// The language of the reader.
    pub language: Language,
}

impl Default for Style {
    fn default() -> Self {
        Style { color: false, width: 100, language: Language::English }
    }
}

/// Lines longer than this many bytes are shown as a window around the place.
const LONG: usize = 400;
/// How many bytes of such a line stand before the place.
const BEFORE: usize = 60;

/// Diagnostics as text, in the order given, each followed by an empty line.
pub fn diagnostics(files: &Files, messages: &[Diagnostic], style: Style) -> String {
    let pieces = Pieces { files, whole: files.iter().map(|_| OnceCell::new()).collect(), windows: Vec::new() };
    let config = Config { chars: Chars::box_drawing(), ..Config::default() };
    let mut out = String::new();
    for message in messages {
        out.push_str(&one(&pieces, message, style, &config));
    }
    out
}

/// A bug of Lexport: what happened, in which version, at which stage, and what to do.
pub fn bug(version: &str, what: &str, stage: &str, style: Style) -> String {
    let message = seen::Diagnostic::bug().with_message(visible(what)).with_notes(vec![
        wrap(
            &say!(
                "This is a mistake of Lexport, not of your regime. Nothing was written. Please report it with the command line, the \
                 regime if you may share it, and these lines."
            )
            .in_language(style.language),
            style.width.saturating_sub(6),
            "",
            "",
        ),
        format!("version {version}, {stage}"),
    ]);
    let pieces = Pieces { files: &Files::default(), whole: Vec::new(), windows: Vec::new() };
    emit(&pieces, &message, style, &Config::default()).unwrap_or_else(|_| format!("bug: {what}\n"))
}

fn one(pieces: &Pieces<'_>, message: &Diagnostic, style: Style, config: &Config) -> String {
    let mut pieces = Pieces { files: pieces.files, whole: pieces.whole.clone(), windows: Vec::new() };
    let severity = match message.severity {
        Severity::Error => seen::Severity::Error,
        Severity::Warning => seen::Severity::Warning,
        Severity::Note => seen::Severity::Note,
    };
    let mut labels = Vec::new();
    for (index, label) in message.labels.iter().enumerate() {
        if let Some((piece, range)) = pieces.place(label.span) {
            let shown = if index == 0 { seen::Label::primary(piece, range) } else { seen::Label::secondary(piece, range) };
            labels.push(shown.with_message(visible(&label.message)));
        }
    }
    let width = style.width.max(40) - 6;
    let mut notes: Vec<String> = message.notes.iter().map(|note| wrap(&visible(note), width, "", "")).collect();
    notes.extend(message.fixes.iter().map(|fix| {
        let text = match &fix.edit {
            Some((_, with)) if !with.is_empty() && !with.contains('\n') && !fix.message.contains(with.as_str()) => {
                say!("help: {message}: `{text}`", message = fix.message, text = with)
            }
            _ => say!("help: {message}", message = fix.message),
        };
        wrap(&visible(&text.in_language(style.language)), width, "", "      ")
    }));
    let shown = seen::Diagnostic::new(severity)
        .with_code(message.code)
        .with_message(visible(&message.title))
        .with_labels(labels)
        .with_notes(notes);
    emit(&pieces, &shown, style, config).map(|text| headed(text, message.severity, style.language)).unwrap_or_else(|_| {
        // A span that is not in its text would be a bug elsewhere; the message is still worth more than none.
        format!("{}[{}]: {}\n\n", severity_words(message.severity), message.code, visible(&message.title))
    })
}

/// A severity, as the header of a message says it.
fn severity_words(severity: Severity) -> Sentence {
    match severity {
        Severity::Error => say!("error"),
        Severity::Warning => say!("warning"),
        Severity::Note => say!("note"),
    }
}

/// The library says severities in English only, and writes the colon of English; they begin what it writes.
fn headed(text: String, severity: Severity, language: Language) -> String {
    if language == Language::English {
        return text;
    }
    let words = severity_words(severity).in_language(language);
    let text = text.replacen(&format!("{}[", severity.name()), &format!("{words}["), 1);
    match text.split_once(": ") {
        Some((head, rest)) => format!("{head}\u{a0}: {rest}"),
        None => text,
    }
}

fn emit(pieces: &Pieces<'_>, shown: &seen::Diagnostic<Piece>, style: Style, config: &Config) -> Result<String, Error> {
    if style.color {
        let styles = Styles::default();
        let mut bytes = Vec::new();
        let mut writer = StylesWriter::new(termcolor::Ansi::new(&mut bytes), &styles);
        term::emit_to_write_style(&mut writer, config, pieces, shown)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    } else {
        term::emit_into_string(config, pieces, shown)
    }
}

/// A text that codespan sees: a whole file, or a window of one long line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Whole(FileId),
    Window(usize),
}

#[derive(Clone, Debug)]
struct Window {
    file: FileId,
    /// Which bytes of the file.
    bytes: Range<usize>,
    text: String,
    line: usize,
    column: usize,
}

struct Pieces<'a> {
    files: &'a Files,
    whole: Vec<OnceCell<Cow<'a, str>>>,
    windows: Vec<Window>,
}

impl<'a> Pieces<'a> {
    fn seen(&self, file: FileId) -> &str {
        self.whole[file.index()].get_or_init(|| visible(&self.files.get(file).text))
    }

    /// Where codespan finds a span.
    fn place(&mut self, span: Span) -> Option<(Piece, Range<usize>)> {
        let file = span.file?;
        let source = self.files.get(file);
        let text = &*source.text;
        let start = floor(text, span.start as usize);
        let end = floor(text, span.end as usize).max(start);
        let line = source.lines.line(start as u32);
        let bytes = source.lines.bytes(text, line)?;
        let last = source.lines.line(end as u32);
        let long = bytes.len() > LONG || source.lines.bytes(text, last).is_some_and(|bytes| bytes.len() > LONG);
        if !long {
            return Some((Piece::Whole(file), start..end));
        }
        let found =
            self.windows.iter().position(|window| window.file == file && window.bytes.start <= start && end <= window.bytes.end);
        let index = found.unwrap_or_else(|| {
            let from = floor(text, start.saturating_sub(BEFORE).max(bytes.start));
            let to = floor(text, (from + 2 * BEFORE).min(bytes.end));
            self.windows.push(Window {
                file,
                bytes: from..to,
                text: visible(text[from..to].trim_end_matches(['\n', '\r'])).into_owned(),
                line: line + 1,
                column: text[bytes.start..from].chars().count(),
            });
            self.windows.len() - 1
        });
        let window = &self.windows[index];
        let clip = |offset: usize| offset.saturating_sub(window.bytes.start).min(window.text.len());
        Some((Piece::Window(index), clip(start)..clip(end)))
    }
}

/// The nearest boundary between characters at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

impl<'a> View<'a> for Pieces<'_> {
    type FileId = Piece;
    type Name = String;
    type Source = &'a str;

    fn name(&'a self, id: Piece) -> Result<String, Error> {
        let file = match id {
            Piece::Whole(file) => file,
            Piece::Window(index) => self.windows[index].file,
        };
        Ok(visible(&self.files.get(file).path).into_owned())
    }

    fn source(&'a self, id: Piece) -> Result<&'a str, Error> {
        Ok(match id {
            Piece::Whole(file) => self.seen(file),
            Piece::Window(index) => &self.windows[index].text,
        })
    }

    fn line_index(&'a self, id: Piece, byte: usize) -> Result<usize, Error> {
        Ok(match id {
            Piece::Whole(file) => self.files.get(file).lines.line(byte as u32),
            Piece::Window(_) => 0,
        })
    }

    fn line_number(&'a self, id: Piece, line: usize) -> Result<usize, Error> {
        Ok(match id {
            Piece::Whole(_) => line + 1,
            Piece::Window(index) => self.windows[index].line,
        })
    }

    fn column_number(&'a self, id: Piece, line: usize, byte: usize) -> Result<usize, Error> {
        let text = self.source(id)?;
        let range = self.line_range(id, line)?;
        let before = text.get(range.start..byte.max(range.start)).map_or(0, |before| before.chars().count());
        Ok(before + 1 + if let Piece::Window(index) = id { self.windows[index].column } else { 0 })
    }

    fn line_range(&'a self, id: Piece, line: usize) -> Result<Range<usize>, Error> {
        match id {
            Piece::Whole(file) => {
                let source = self.files.get(file);
                let max = source.lines.count();
                source.lines.bytes(&source.text, line).ok_or(Error::LineTooLarge { given: line, max })
            }
            Piece::Window(index) => Ok(0..self.windows[index].text.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn shown(text: &str, start: u32, end: u32) -> String {
        let mut files = Files::default();
        let file = files.add("a.lxp", text).expect("small");
        let message = Diagnostic::new(Code::UnknownName, "nothing is called `chp`", Span::new(file, start, end), "here")
            .note("a note")
            .replace("did you mean", Span::new(file, start, end), "chip");
        diagnostics(&files, &[message], Style::default())
    }

    #[test]
    fn points_at_the_words() {
        insta::assert_snapshot!(shown("rule a\n  when chp\n", 14, 17), @r"
        error[LX2001]: nothing is called `chp`
          ┌─ a.lxp:2:8
          │
        2 │   when chp
          │        ^^^ here
          │
          = a note
          = help: did you mean: `chip`
        ");
    }

    #[test]
    fn a_long_line_is_a_window_with_true_columns() {
        let text = format!("x\n{}chp{}", "é ".repeat(500), " (".repeat(100_000));
        let seen = shown(&text, 2 + 1500, 2 + 1503);
        assert!(seen.contains("a.lxp:2:1001"), "{seen}");
        assert!(seen.len() < 2000, "{}", seen.len());
        assert!(seen.contains("^^^ here"), "{seen}");
    }

    #[test]
    fn no_span_breaks_it() {
        for (start, end) in [(0, 0), (1, 2), (2, 3), (3, 3), (4, 4), (900, 1000)] {
            assert!(shown("é\u{1b}\n", start, end).contains("LX2001"));
        }
        assert!(shown("", 0, 0).contains("LX2001"));
    }
}
