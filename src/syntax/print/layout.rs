//! Where lines break. In: a [`Doc`], the words of one declaration with the places where a line may end. Out: lines.
//!
//! After Wadler, "A prettier printer" (2003), and Lindig's strict variant. DIVERGENCE: a line also ends where it does in the
//! source (so that authors choose between one line and many, and keep together what belongs together) and where a comment stands, so that comments stay in place.

use std::ops::Range;

use crate::source::Span;
use crate::syntax::ast::Comment;

/// The longest line.
pub const WIDTH: usize = 110;
/// The last column below which a list goes on.
const MOST_ALIGN: usize = 80;

/// A piece of text.
#[derive(Clone, Debug)]
pub enum Doc {
    /// Words, with the place they come from.
    Words(String, Span),
    /// A space, or a line end; the next line begins so many columns further left than its neighbours.
    Line(usize),
    /// Always a line end.
    Hard,
    /// One thing after another.
    All(Vec<Doc>),
    /// All lines of it end, or none.
    Group(Group),
    /// Each line of it ends if what follows does not fit.
    Fill(Vec<Doc>),
    /// Its lines are further in.
    Nest(usize, Box<Doc>),
    /// Its lines begin where it does.
    Align(Box<Doc>),
    /// Only if the lines of the group around it end.
    IfBroken(&'static str),
}

/// See [`Doc::Group`].
#[derive(Clone, Debug)]
pub struct Group {
    /// What is in it.
    pub content: Box<Doc>,
    /// Whether it breaks wherever it stands: filled in by [`Layout::mark`].
    pub broken: bool,
}

/// Words of the language itself.
pub fn word(text: impl Into<String>) -> Doc {
    Doc::Words(text.into(), Span::NOWHERE)
}

/// A group of pieces.
pub fn group(pieces: Vec<Doc>) -> Doc {
    Doc::Group(Group { content: Box::new(Doc::All(pieces)), broken: false })
}

/// A line of the result.
#[derive(Debug, Default)]
pub struct Row {
    /// Its text.
    pub text: String,
    /// Where its first words with a place come from.
    pub first: Option<u32>,
}

/// What a layout must know of the source.
pub struct Layout<'a> {
    /// The source.
    pub text: &'a str,
    /// The comments of the declaration.
    pub comments: &'a [Comment],
}

/// What a group looks like from outside.
#[derive(Default)]
struct Shape {
    /// The places of its words, and between them its own lines as `None`.
    marks: Vec<Option<Span>>,
    broken: bool,
}

impl Layout<'_> {
    /// Lays out a declaration.
    pub fn rows(&self, mut doc: Doc) -> Vec<Row> {
        self.mark(&mut doc);
        let mut out = Out { layout: self, rows: vec![Row::default()], column: 0 };
        out.put(&doc, 0, true);
        for row in &mut out.rows {
            row.text.truncate(row.text.trim_end().len());
        }
        out.rows
    }

    /// Finds the groups that must break, from the inside out.
    fn mark(&self, doc: &mut Doc) -> Shape {
        match doc {
            Doc::Words(_, span) => Shape { marks: vec![Some(*span)], broken: false },
            Doc::Line(_) => Shape { marks: vec![None], broken: false },
            Doc::Hard => Shape { marks: vec![None], broken: true },
            Doc::IfBroken(_) => Shape::default(),
            Doc::All(pieces) => {
                let mut shape = Shape::default();
                for piece in pieces {
                    let inner = self.mark(piece);
                    shape.marks.extend(inner.marks);
                    shape.broken |= inner.broken;
                }
                shape
            }
            Doc::Nest(_, inner) | Doc::Align(inner) => self.mark(inner),
            Doc::Fill(pieces) => {
                // Its lines are its own affair, unless one must end.
                let mut shape = Shape::default();
                for piece in pieces {
                    let inner = self.mark(piece);
                    shape.marks.extend(inner.marks);
                    shape.broken |= inner.broken;
                }
                shape.broken |= self.has_comment(&shape.marks) || self.breaks(&shape.marks);
                shape.marks.retain(Option::is_some);
                shape
            }
            Doc::Group(group) => {
                let mut shape = self.mark(&mut group.content);
                shape.broken |= self.has_comment(&shape.marks) || self.breaks(&shape.marks);
                group.broken = shape.broken;
                shape.marks.retain(Option::is_some);
                shape
            }
        }
    }

    /// Whether a comment stands where a line of the group could end: before the words behind its last line.
    fn has_comment(&self, marks: &[Option<Span>]) -> bool {
        let Some(last) = marks.iter().rposition(Option::is_none) else {
            return false;
        };
        let first = marks.iter().flatten().find_map(start);
        let behind = marks[last..].iter().flatten().find_map(start);
        matches!((first, behind), (Some(first), Some(behind)) if self.comment_in(first..behind))
    }

    fn comment_in(&self, range: Range<u32>) -> bool {
        let at = self.comments.partition_point(|comment| comment.span.start < range.start);
        self.comments.get(at).is_some_and(|comment| comment.span.start < range.end)
    }

    /// Whether the source ends a line where the group could.
    fn breaks(&self, marks: &[Option<Span>]) -> bool {
        let mut before: Option<u32> = None;
        let mut line = false;
        for mark in marks {
            match mark {
                None => line = true,
                Some(span) if span.file.is_none() => {}
                Some(span) => {
                    if line && before.is_some_and(|before| self.line_end_between(before, span.start)) {
                        return true;
                    }
                    line = false;
                    before = Some(span.end);
                }
            }
        }
        false
    }

    fn line_end_between(&self, from: u32, to: u32) -> bool {
        self.text.get(from as usize..to as usize).is_some_and(|gap| gap.contains('\n'))
    }
}

fn start(span: &Span) -> Option<u32> {
    span.file.map(|_| span.start)
}

struct Out<'a, 'b> {
    layout: &'a Layout<'b>,
    rows: Vec<Row>,
    column: usize,
}

impl Out<'_, '_> {
    fn put(&mut self, doc: &Doc, indent: usize, broken: bool) {
        match doc {
            Doc::Words(text, span) => {
                let row = self.rows.last_mut().expect("there is always a row");
                row.text.push_str(text);
                self.column += text.chars().count();
                if let Some(start) = start(span) {
                    row.first.get_or_insert(start);
                }
            }
            Doc::Line(_) if !broken => self.space(),
            Doc::Line(back) => self.end_line(indent.saturating_sub(*back)),
            Doc::Hard => self.end_line(indent),
            Doc::IfBroken(text) => {
                if broken {
                    self.put(&word(*text), indent, broken);
                }
            }
            Doc::All(pieces) => pieces.iter().for_each(|piece| self.put(piece, indent, broken)),
            Doc::Nest(columns, inner) => self.put(inner, indent + columns, broken),
            // What begins near the end of a line cannot go on below itself.
            Doc::Align(inner) if self.column > MOST_ALIGN => self.put(inner, indent + 4, broken),
            Doc::Align(inner) => self.put(inner, self.column, broken),
            Doc::Group(group) => {
                let broken = group.broken || !fits(&group.content, WIDTH.saturating_sub(self.column));
                self.put(&group.content, indent, broken);
            }
            Doc::Fill(pieces) => self.fill(pieces, indent),
        }
    }

    /// Pieces and lines by turns.
    fn fill(&mut self, pieces: &[Doc], indent: usize) {
        let mut after_many = false;
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Doc::Line(back) => {
                    let rest = &pieces[at + 1..];
                    let next = rest.split(|piece| matches!(piece, Doc::Line(_))).next().unwrap_or_default();
                    let width: Option<usize> = next.iter().try_fold(0, |sum, piece| Some(sum + width(piece, WIDTH)?));
                    let fits = width.is_some_and(|width| self.column + 1 + width <= WIDTH);
                    // In what stands before the line, or right behind it: the comment takes the end of this row.
                    let before = pieces[..at].rsplit(|piece| matches!(piece, Doc::Line(_))).next().unwrap_or_default();
                    let comment = match (before.iter().find_map(first_place), next.iter().find_map(first_place)) {
                        (Some(before), Some(next)) if before < next => self.layout.comment_in(before..next),
                        _ => false,
                    };
                    let kept = match (before.iter().rev().find_map(last_place), next.iter().find_map(first_place)) {
                        (Some(end), Some(next)) => self.layout.line_end_between(end, next),
                        _ => false,
                    };
                    if fits && !comment && !kept && !after_many {
                        self.space();
                    } else {
                        self.end_line(indent.saturating_sub(*back));
                    }
                    after_many = false;
                }
                piece => {
                    let rows = self.rows.len();
                    self.put(piece, indent, false);
                    after_many |= self.rows.len() > rows;
                }
            }
        }
    }

    fn space(&mut self) {
        self.rows.last_mut().expect("there is always a row").text.push(' ');
        self.column += 1;
    }

    fn end_line(&mut self, indent: usize) {
        self.rows.push(Row { text: " ".repeat(indent), first: None });
        self.column = indent;
    }
}

/// The place of the first words.
fn first_place(doc: &Doc) -> Option<u32> {
    match doc {
        Doc::Words(_, span) => start(span),
        Doc::Line(_) | Doc::Hard | Doc::IfBroken(_) => None,
        Doc::All(pieces) | Doc::Fill(pieces) => pieces.iter().find_map(first_place),
        Doc::Group(group) => first_place(&group.content),
        Doc::Nest(_, inner) | Doc::Align(inner) => first_place(inner),
    }
}

/// Where the last words end.
fn last_place(doc: &Doc) -> Option<u32> {
    match doc {
        Doc::Words(_, span) => span.file.map(|_| span.end),
        Doc::Line(_) | Doc::Hard | Doc::IfBroken(_) => None,
        Doc::All(pieces) | Doc::Fill(pieces) => pieces.iter().rev().find_map(last_place),
        Doc::Group(group) => last_place(&group.content),
        Doc::Nest(_, inner) | Doc::Align(inner) => last_place(inner),
    }
}

fn fits(doc: &Doc, room: usize) -> bool {
    width(doc, room).is_some_and(|width| width <= room)
}

/// The width on one line; `None` if it must break or is wider than `most`.
fn width(doc: &Doc, most: usize) -> Option<usize> {
    let width = match doc {
        Doc::Words(text, _) => text.chars().count(),
        Doc::Line(_) => 1,
        Doc::Hard => return None,
        Doc::IfBroken(_) => 0,
        Doc::All(pieces) | Doc::Fill(pieces) => {
            let mut sum = 0;
            for piece in pieces {
                sum += width(piece, most.checked_sub(sum)?)?;
            }
            sum
        }
        Doc::Group(group) if group.broken => return None,
        Doc::Group(group) => width(&group.content, most)?,
        Doc::Nest(_, inner) | Doc::Align(inner) => width(inner, most)?,
    };
    (width <= most).then_some(width)
}
