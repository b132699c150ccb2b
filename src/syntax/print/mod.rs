//! Tree and comments to canonical text. `parse ∘ print` is the identity on trees, `print ∘ parse` is idempotent.
//!
//! A declaration stands on one line if its author wrote it so and it fits; otherwise its head, then one clause per line. Lists fill
//! their lines, chains of `and` and `or` have one operand per line. Blank lines between declarations stay; a declaration of
//! several lines has one before and one behind it. The line ends of the author stay wherever a line may end.

mod amendment;
mod chain;
mod declaration;
mod expression;
mod layout;
mod process;

use std::collections::BTreeMap;

use self::layout::{Layout, Row, WIDTH};
use super::ast::{Comment, Expr, Item, ItemKind, Unit};

pub use self::expression::path_text;

/// Prints a tree. `text` is the source it was read from (empty for a tree that was built): it shows where its author broke lines.
///
/// What could not be read is not in the tree: print only what was read without errors.
pub fn print(unit: &Unit, text: &str) -> String {
    let mut page = Page { text, out: String::new(), end: None, many: false, commented: false, inputs: Vec::new() };
    let mut comments = unit.comments.as_slice();
    for item in &unit.items {
        let before = comments.partition_point(|comment| comment.span.start < item.span.start);
        page.outside(&comments[..before]);
        comments = &comments[before..];
        let inside = comments.partition_point(|comment| comment.span.start < item.span.end);
        let layout = Layout { text, comments: &comments[..inside] };
        let rows = layout.rows(declaration::item(item));
        let woven = weave(rows, &comments[..inside]);
        page.item(item, woven.lines);
        page.commented = woven.commented;
        page.outside(woven.left);
        comments = &comments[inside..];
    }
    page.outside(comments);
    page.aligned()
}

/// An expression on one line.
#[must_use]
pub fn expression_text(expr: &Expr) -> String {
    let rows = Layout { text: "", comments: &[] }.rows(expression::expr(expr, expression::Chain::Flush));
    rows.iter().map(|row| row.text.trim()).collect::<Vec<_>>().join(" ")
}

/// Names wider than this do not move their neighbours.
const MOST_PAD: usize = 40;

fn slice(text: &str, from: u32, to: u32) -> &str {
    text.get(from as usize..to as usize).unwrap_or_default()
}

/// A declaration with its comments.
struct Woven<'a> {
    lines: Vec<String>,
    /// Whether the last line ends in a comment.
    commented: bool,
    /// Comments for which there is no line behind.
    left: &'a [Comment],
}

/// Puts the comments of a declaration between its rows.
fn weave(rows: Vec<Row>, comments: &[Comment]) -> Woven<'_> {
    // Rows that come from nowhere (`}`) belong to the row before them.
    let mut starts: Vec<u32> = Vec::with_capacity(rows.len());
    for row in &rows {
        starts.push(row.first.or(starts.last().copied()).unwrap_or(0));
    }
    let mut behind: BTreeMap<usize, String> = BTreeMap::new();
    let mut before: BTreeMap<usize, Vec<&Comment>> = BTreeMap::new();
    let mut left = comments.len();
    for (index, comment) in comments.iter().enumerate() {
        let next = starts.partition_point(|start| *start < comment.span.start);
        let row = (0..next).rev().find(|row| rows[*row].first.is_some());
        match row {
            Some(row) if comment.trailing && left > index && !behind.contains_key(&row) && !before.contains_key(&(row + 1)) => {
                behind.insert(row, written(comment));
            }
            Some(row) if row + 1 < rows.len() => before.entry(row + 1).or_default().push(comment),
            None if next < rows.len() => before.entry(next).or_default().push(comment),
            _ => left = left.min(index),
        }
    }
    let mut out = Vec::with_capacity(rows.len() + comments.len());
    for (at, row) in rows.iter().enumerate() {
        // Above a closing brace stands what is in the braces.
        let beside = if row.text.trim_start().starts_with('}') && at > 0 { &rows[at - 1].text } else { &row.text };
        let indent = beside.len() - beside.trim_start().len();
        for comment in before.get(&at).into_iter().flatten() {
            out.push(format!("{}{}", " ".repeat(indent), written(comment)));
        }
        out.push(match behind.get(&at) {
            Some(comment) => format!("{}  {comment}", row.text),
            None => row.text.clone(),
        });
    }
    let commented = rows.len().checked_sub(1).is_some_and(|last| behind.contains_key(&last));
    Woven { lines: out, commented, left: &comments[left..] }
}

fn written(comment: &Comment) -> String {
    format!("--{}", comment.text.trim_end())
}

/// The page so far.
struct Page<'a> {
    text: &'a str,
    out: String,
    /// Where the last declaration or comment ends in the source.
    end: Option<u32>,
    /// Whether the last declaration took several lines.
    many: bool,
    /// Whether the last line ends in a comment.
    commented: bool,
    /// Inputs of one line each: where the line begins, where its colon stands in it, and in which column.
    inputs: Vec<(usize, usize, usize)>,
}

impl Page<'_> {
    /// Comments between declarations.
    fn outside(&mut self, comments: &[Comment]) {
        for comment in comments {
            let gap = self.end.map_or("", |end| slice(self.text, end, comment.span.start));
            if self.end.is_some() && comment.trailing && !gap.contains('\n') && !self.commented {
                self.out.truncate(self.out.trim_end_matches('\n').len());
                self.out.push_str("  ");
            } else {
                self.blank(self.many || gap.matches('\n').count() > 1);
                self.many = false;
            }
            self.out.push_str(&written(comment));
            self.out.push('\n');
            self.end = Some(comment.span.end);
            self.commented = true;
        }
    }

    fn item(&mut self, item: &Item, lines: Vec<String>) {
        let many = lines.len() > 1;
        let gap = self.end.map_or("", |end| slice(self.text, end, item.span.start));
        let comment_above = self.last_line().starts_with("--");
        self.blank(self.many || gap.matches('\n').count() > 1 || (many && !comment_above));
        if let (ItemKind::Input(input), [line]) = (&item.kind, lines.as_slice()) {
            let head = declaration::input_head(input);
            let column = head.chars().count();
            // The widest of its neighbours must not make it too long.
            if column <= MOST_PAD && !is_wide(line.chars().count() - column + MOST_PAD) {
                self.inputs.push((self.out.len(), head.len(), column));
            }
        }
        for line in lines {
            self.out.push_str(&line);
            self.out.push('\n');
        }
        self.end = Some(item.span.end);
        self.many = many;
    }

    /// The page, with the colons of inputs in neighbouring lines below each other.
    fn aligned(self) -> String {
        let mut out = String::with_capacity(self.out.len());
        let mut done = 0;
        let line_behind = |from: usize| self.out[from..].find('\n').map_or(self.out.len(), |at| from + at + 1);
        let mut rest = self.inputs.as_slice();
        while let Some(((first, ..), _)) = rest.split_first() {
            let mut next = *first;
            let count = rest
                .iter()
                .take_while(|(start, ..)| {
                    *start == next && {
                        next = line_behind(next);
                        true
                    }
                })
                .count();
            let (run, others) = rest.split_at(count);
            let widest = run.iter().map(|(_, _, column)| *column).max().unwrap_or(0);
            for (start, colon, column) in run {
                out.push_str(&self.out[done..start + colon]);
                out.extend(std::iter::repeat_n(' ', widest - column));
                done = start + colon;
            }
            rest = others;
        }
        out.push_str(&self.out[done..]);
        out
    }

    fn last_line(&self) -> &str {
        self.out.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default()
    }

    /// A blank line, if wanted, and if there is something above.
    fn blank(&mut self, wanted: bool) {
        if wanted && !self.out.is_empty() {
            self.out.push('\n');
        }
    }
}

/// Whether a line fits.
fn is_wide(width: usize) -> bool {
    width > WIDTH
}
