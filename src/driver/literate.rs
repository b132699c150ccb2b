//! Literate regimes: Markdown whose fenced `lxp` blocks are the regime, beside the legal text that they encode.
//!
//! The legal text stands in quotations (`> (a) A license is required …`); other prose is commentary. Each quoted paragraph is to be
//! followed by a block that declares something, by `<!-- encoded by RULE, … -->`, or by `<!-- not encoded: REASON -->`.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::ast::{ItemKind, Unit};

/// The text with everything outside of `lxp` blocks replaced by spaces, so that every place stays where it is.
pub(super) fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (line, kind) in lines(text) {
        let line = &text[line];
        if kind == Line::Code {
            out.push_str(line);
        } else {
            out.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
    }
    out
}

/// What a line of Markdown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// In an `lxp` block.
    Code,
    /// A fence, or in another block.
    Other,
    /// Outside of blocks.
    Prose,
}

fn lines(text: &str) -> Vec<(Range<usize>, Line)> {
    let mut out = Vec::new();
    let mut fence: Option<(u8, usize, bool)> = None;
    let (mut start, mut remark) = (0, false);
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        let trimmed = line.trim_start();
        let sign = trimmed.bytes().next().unwrap_or(b' ');
        let signs = trimmed.bytes().take_while(|byte| *byte == sign).count();
        // What a remark hides is no block, and `` ```words``` `` on one line is none.
        let inline = sign == b'`' && trimmed[signs.min(trimmed.len())..].contains('`');
        let fences = matches!(sign, b'`' | b'~') && signs >= 3 && !inline && !remark;
        if fence.is_none() && !fences {
            remark = open_remark(line, remark);
        }
        let kind = match fence {
            None if fences => {
                let language = trimmed[signs..].split_whitespace().next().unwrap_or("");
                fence = Some((sign, signs, language.eq_ignore_ascii_case("lxp")));
                Line::Other
            }
            Some((open, count, _)) if fences && sign == open && signs >= count && trimmed.trim_end().len() == signs => {
                fence = None;
                Line::Other
            }
            Some((_, _, true)) => Line::Code,
            Some(_) => Line::Other,
            None => Line::Prose,
        };
        out.push((range, kind));
    }
    out
}

/// Whether a remark (`<!-- … -->`) is open behind a line.
fn open_remark(line: &str, mut open: bool) -> bool {
    let mut rest = line;
    loop {
        let (sign, skip) = if open { ("-->", 3) } else { ("<!--", 4) };
        let Some(at) = rest.find(sign) else { return open };
        // `<!-->` and `<!--->` are whole remarks.
        let behind = &rest[at + skip..];
        let whole = !open && (behind.starts_with('>') || behind.starts_with("->"));
        open = !open && !whole;
        rest = behind;
    }
}

/// A paragraph of the legal text.
struct Paragraph {
    place: Range<usize>,
    encoded: bool,
}

/// The paragraphs of the legal text that nothing encodes, and remarks on them that do not fit.
pub(super) fn unencoded(file: FileId, text: &str, unit: &Unit) -> Vec<Diagnostic> {
    let span = |place: &Range<usize>| Span::new(file, place.start as u32, place.end as u32);
    let mut messages = Vec::new();
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    // Whether the line before is one of the last paragraph.
    let mut open = false;
    let mut remark: Option<usize> = None;
    for (line, kind) in lines(text) {
        let words = text[line.clone()].trim();
        if let Some(start) = remark.or_else(|| (kind == Line::Prose && words.starts_with("<!--")).then_some(line.start)) {
            open = false;
            remark = Some(start);
            let inside = start + text[start..].find("<!--").unwrap_or(0) + 4;
            if text[inside..].starts_with('>') || text[inside..].starts_with("->") {
                remark = None; // `<!-->` is a whole one.
            } else if let Some(end) = text[inside..line.end.max(inside)].find("-->") {
                remark = None;
                let place = start..inside + end + 3;
                if let Err(message) = settle(&mut paragraphs, &text[inside..inside + end], unit, span(&place)) {
                    messages.push(message);
                }
            }
            continue;
        }
        let quoted = (kind == Line::Prose).then(|| words.strip_prefix('>')).flatten().map(str::trim);
        match quoted {
            Some("") => open = false,
            Some(_) => {
                let place = line.start..line.start + text[line.clone()].trim_end().len();
                match paragraphs.last_mut().filter(|_| open) {
                    Some(paragraph) => paragraph.place.end = place.end,
                    None => paragraphs.push(Paragraph { place, encoded: false }),
                }
                open = true;
            }
            None => {
                open = false;
                let declared = |place: &Range<usize>| unit.items.iter().any(|item| place.contains(&(item.span.start as usize)));
                if kind == Line::Code
                    && declared(&line)
                    && let Some(last) = paragraphs.last_mut()
                {
                    last.encoded = true;
                }
            }
        }
    }
    messages.extend(paragraphs.iter().filter(|paragraph| !paragraph.encoded).map(|paragraph| {
        Diagnostic::new(Code::Unencoded, "a paragraph that no rule encodes", span(&paragraph.place), "nothing follows from it")
            .help("put the `lxp` block that encodes it behind it; or, behind it: <!-- encoded by RULE --> or <!-- not encoded: REASON -->")
    }));
    messages
}

/// What a remark says of the paragraph before it.
fn settle(paragraphs: &mut [Paragraph], remark: &str, unit: &Unit, span: Span) -> Result<(), Diagnostic> {
    let wrong = |title: String, label: &str| Err(Diagnostic::new(Code::Unencoded, title, span, label));
    let remark = remark.trim();
    let word_ends = |rest: &&str| rest.is_empty() || rest.starts_with(|c: char| c == ':' || c.is_whitespace());
    if let Some(reason) = remark.strip_prefix("not encoded").filter(word_ends) {
        let reason = reason.trim_start_matches([':', ' ', '\n']).trim();
        match paragraphs.last_mut() {
            _ if reason.is_empty() => return wrong("a paragraph that is left out without a reason".into(), "because of what?"),
            None => return wrong("a remark without a paragraph before it".into(), "no quotation stands before this"),
            Some(last) => last.encoded = true,
        }
    } else if let Some(names) = remark.strip_prefix("encoded by").filter(word_ends) {
        let names: Vec<&str> = names.trim_start_matches(':').split(',').map(str::trim).collect();
        for name in &names {
            let known = unit.items.iter().any(|item| declares(&item.kind, name));
            if !known {
                return wrong(format!("nothing in this file is called `{name}`"), "this is said to encode the paragraph");
            }
        }
        match paragraphs.last_mut() {
            Some(last) => last.encoded = true,
            None => return wrong("a remark without a paragraph before it".into(), "no quotation stands before this"),
        }
    }
    Ok(())
}

fn declares(kind: &ItemKind, name: &str) -> bool {
    match kind {
        ItemKind::Rule(decl) => decl.name.node == name,
        ItemKind::Define(decl) => decl.name.node == name,
        ItemKind::Group(decl) => decl.name.node == name,
        ItemKind::Decision(decl) => decl.name.node == name,
        ItemKind::Cap(decl) => decl.name.node == name,
        ItemKind::Authority(decl) => decl.name.node == name,
        ItemKind::Link(decl) => decl.name.node == name,
        ItemKind::Process(decl) => decl.name.node == name,
        ItemKind::Cast(decl) => decl.name.node == name,
        ItemKind::Property(decl) => decl.name.node == name,
        ItemKind::Enum(decl) => decl.name.node == name,
        ItemKind::Record(decl) => decl.name.node == name,
        ItemKind::Input(decl) => decl.names.iter().any(|own| own.node == name),
        ItemKind::Replace(decl) => declares(&decl.with, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Files;

    #[test]
    fn places_do_not_move() {
        let text = "# Títle\n```lxp\nunit W\n```\n```rust\nunit X\n```\n~~~lxp\nunit V\n```\n~~~\n";
        let blanked = blank(text);
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.split_whitespace().collect::<Vec<_>>(), ["unit", "W", "unit", "V", "```"]);
        assert_eq!(blanked.find("unit W"), text.find("unit W"));
    }

    fn told(text: &str) -> Vec<String> {
        let file = Files::default().add("a.md", text).expect("small");
        let (unit, messages) = crate::syntax::parse(file, &blank(text));
        assert!(messages.is_empty(), "{messages:#?}");
        let words = |span: Span| text[span.start as usize..span.end as usize].to_owned();
        unencoded(file, text, &unit).iter().map(|message| format!("{}: {}", message.title, words(message.span()))).collect()
    }

    #[test]
    fn each_paragraph_is_encoded_or_left_out_with_a_reason() {
        let block = "```lxp\nunit W\n```\n";
        assert_eq!(told(&format!("> (a) one\n> goes on\n\nComment.\n\n{block}")), Vec::<String>::new());
        let none = "a paragraph that no rule encodes";
        assert_eq!(told(&format!("> (a) one\n>\n> (b) two\n\n{block}")), [format!("{none}: > (a) one")]);
        assert_eq!(
            told(&format!("> (a) one\n\n> (b) two\n\n{block}\n> (c) three\n")),
            [format!("{none}: > (a) one"), format!("{none}: > (c) three")]
        );
        assert_eq!(told("> (a) one\n\n```lxp\n-- nothing\n```\n"), [format!("{none}: > (a) one")]);
        assert_eq!(told("> (a) one\n\n<!-- not encoded: a heading -->\n"), Vec::<String>::new());
        assert_eq!(told("> (a) one\n<!-- not encoded:\n a heading -->\n"), Vec::<String>::new());
        assert_eq!(told("> (a) one\n\n<!-- not encoded -->\n").len(), 2);
        assert_eq!(told("<!-- not encoded: why -->\n").len(), 1);
        assert_eq!(told("<!-- a comment -->\n"), Vec::<String>::new());
        assert_eq!(told("> (a)\n\n<!-- encoded by w -->\n> (b)\n\n```lxp\ndefine w = true\n```\n"), Vec::<String>::new());
        assert_eq!(told("> (a)\n\n<!-- encoded by v -->\n").len(), 2);
        assert_eq!(told("> (a)\n\n<!-->\n").len(), 1);
        assert_eq!(told("> (a)\n\n<!--->\n\n<!-- not encodedness -->\n").len(), 1);
    }

    #[test]
    fn only_blocks_that_show_are_read() {
        assert_eq!(blank("```a``` b\n```lxp\nunit W\n```\n").split_whitespace().collect::<Vec<_>>(), ["unit", "W"]);
        assert_eq!(
            blank("<!--\n```lxp\nunit W\n```\n-->\n```LXP\nunit V\n```\n").split_whitespace().collect::<Vec<_>>(),
            ["unit", "V"]
        );
    }
}
