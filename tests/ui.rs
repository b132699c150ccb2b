//! One file, one case: `ui/<phase>/<claim>.lxp`, and beside it the snapshot of source and messages together.

use std::fmt::Write as _;
use std::path::Path;

use lexport::diagnostic::Diagnostic;
use lexport::source::{Files, LineIndex, Span};
use lexport::syntax::{self, ast};

/// Compares with the snapshot beside the case.
fn snapshot(path: &Path, text: &str) {
    let name = path.file_stem().and_then(|stem| stem.to_str()).expect("cases have names");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().expect("cases lie in folders"));
    settings.set_prepend_module_to_snapshot(false);
    settings.remove_snapshot_suffix();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn place(lines: &LineIndex, text: &str, span: Span) -> String {
    let (line, column) = lines.position(text, span.start);
    format!("{line}:{column}")
}

/// The messages, as plain as can be.
fn plain(text: &str, messages: &[Diagnostic]) -> String {
    let lines = LineIndex::new(text);
    let mut out = String::new();
    for message in messages {
        writeln!(out, "{} {} {}: {}", place(&lines, text, message.span()), message.severity.name(), message.code, message.title)
            .unwrap();
        for label in &message.labels {
            let words = text.get(label.span.start as usize..label.span.end as usize).expect("labels lie between characters");
            writeln!(out, "    {} {words:?} {}", place(&lines, text, label.span), label.message).unwrap();
        }
        for note in &message.notes {
            writeln!(out, "    note: {note}").unwrap();
        }
        for fix in &message.fixes {
            write!(out, "    help: {}", fix.message).unwrap();
            if let Some((span, with)) = &fix.edit {
                let words = text.get(span.start as usize..span.end as usize).expect("edits lie between characters");
                write!(out, " [{} {words:?} -> {with:?}]", place(&lines, text, *span)).unwrap();
            }
            out.push('\n');
        }
    }
    out
}

/// What was read nevertheless.
fn read(unit: &ast::Unit) -> String {
    let kinds: Vec<String> = unit
        .items
        .iter()
        .map(|item| {
            let debug = format!("{:?}", item.kind);
            let kind = debug.split('(').next().unwrap_or_default().to_owned();
            match &item.kind {
                ast::ItemKind::Rule(rule) => format!("{:?} {}", rule.kind, rule.name.node),
                _ => kind,
            }
        })
        .collect();
    let lost: Vec<&str> = unit.lost.iter().map(|name| &*name.node).collect();
    let lost = if lost.is_empty() { String::new() } else { format!("; lost: {}", lost.join(", ")) };
    format!("read: {}{lost}\n", kinds.join(", "))
}

#[test]
fn syntax() {
    insta::glob!("ui/syntax/*.lxp", |path| {
        let text = std::fs::read_to_string(path).expect("cases are readable");
        let file = Files::default().add("case.lxp", &text).expect("cases are small");
        let (unit, messages) = syntax::parse(file, &text);
        snapshot(path, &format!("{text}\n----\n{}{}", plain(&text, &messages), read(&unit)));
    });
}

#[test]
fn fmt() {
    insta::glob!("ui/fmt/*.lxp", |path| {
        let text = std::fs::read_to_string(path).expect("cases are readable");
        let file = Files::default().add("case.lxp", &text).expect("cases are small");
        let (unit, messages) = syntax::parse(file, &text);
        assert!(messages.is_empty(), "{messages:#?}");
        snapshot(path, &syntax::print(&unit, &text));
    });
}
