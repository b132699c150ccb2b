//! Reading and printing as laws: whatever the bytes, reading ends and does not panic; what is printed reads back as the same tree;
//! printing twice changes nothing; no comment is lost.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lexport::diagnostic::{Code, Diagnostic};
use lexport::source::{FileId, Files};
use lexport::syntax::{ast, parse, print};
use proptest::prelude::*;

#[path = "syntax/tree.rs"]
mod tree;

fn file() -> FileId {
    Files::default().add("case.lxp", "").expect("an empty text is small")
}

/// The tree without its places.
fn told(unit: &ast::Unit) -> String {
    let debug = format!("{:#?}", unit.items);
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('}').map_or(rest.len(), |end| end + 1)..];
    }
    out.push_str(rest);
    out
}

fn comments(unit: &ast::Unit) -> Vec<&str> {
    unit.comments.iter().map(|comment| comment.text.trim_end()).collect()
}

/// Prints what a text says, and checks the laws.
fn reprint(text: &str) -> String {
    let (unit, messages) = parse(file(), text);
    assert!(messages.is_empty(), "{messages:#?}\n{text}");
    let once = print(&unit, text);
    let (again, messages) = parse(file(), &once);
    assert!(messages.is_empty(), "{messages:#?}\n{once}");
    assert_eq!(told(&unit), told(&again), "{once}");
    let (mut before, mut after) = (comments(&unit), comments(&again));
    before.sort_unstable();
    after.sort_unstable();
    assert_eq!(before, after, "{once}");
    let twice = print(&again, &once);
    assert_eq!(once, twice);
    once
}

/// Messages of a text that must be read in bounded time, on however slow a machine.
fn messages(text: &str) -> Vec<Diagnostic> {
    let start = Instant::now();
    let (unit, messages) = parse(file(), text);
    drop(format!("{:?}", unit.items.len()));
    let copy = unit.clone();
    assert!(copy == unit);
    assert!(start.elapsed() < Duration::from_secs(300), "it took {:?}", start.elapsed());
    for message in &messages {
        for label in &message.labels {
            assert!(
                text.get(label.span.start as usize..label.span.end as usize).is_some(),
                "{label:?} is not a place in the text"
            );
        }
    }
    messages
}

fn codes(messages: &[Diagnostic]) -> Vec<Code> {
    messages.iter().map(|message| message.code).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back(choices in prop::collection::vec(any::<u32>(), 0..400)) {
        let unit = tree::Choices::new(choices).unit();
        let text = print(&unit, "");
        let (again, messages) = parse(file(), &text);
        prop_assert!(messages.is_empty(), "{messages:#?}\n{text}");
        prop_assert_eq!(told(&unit), told(&again), "{}", text);
        let twice = print(&again, &text);
        prop_assert_eq!(text, twice);
    }

    #[test]
    fn comments_and_line_ends_anywhere_stay(
        choices in prop::collection::vec(any::<u32>(), 0..200),
        gaps in prop::collection::vec(0..8_usize, 1..60),
    ) {
        let unit = tree::Choices::new(choices).unit();
        let plain = print(&unit, "");
        // Each space may become a line end, a comment behind words, or one of its own.
        let mut text = String::new();
        let mut quoted = false;
        let mut gap = gaps.iter().cycle().enumerate();
        let mut characters = plain.chars().peekable();
        while let Some(c) = characters.next() {
            if c == '"' {
                quoted = !quoted;
            }
            if c == '\\' {
                text.push(c);
                text.extend(characters.next());
                continue;
            }
            match (c, quoted) {
                (' ', false) => match gap.next() {
                    Some((_, 0)) => text.push('\n'),
                    Some((at, 1)) => text.push_str(&format!(" -- behind {at}\n")),
                    Some((at, 2)) => text.push_str(&format!("\n-- alone {at}\n ")),
                    _ => text.push(' '),
                },
                _ => text.push(c),
            }
        }
        reprint(&text);
    }

    #[test]
    fn no_bytes_are_too_bad(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        messages(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_text_is_too_bad(text in "\\PC{0,200}") {
        messages(&text);
    }

    #[test]
    fn no_row_of_words_is_too_bad(
        words in prop::collection::vec(prop::sample::select(SOUP), 0..120),
    ) {
        messages(&words.join(" "));
        messages(&words.concat());
    }

    #[test]
    fn a_printed_tree_with_a_hole_is_not_too_bad(
        choices in prop::collection::vec(any::<u32>(), 0..300),
        from in any::<prop::sample::Index>(),
        length in 0..12_usize,
        with in prop::sample::select(SOUP),
    ) {
        let text = print(&tree::Choices::new(choices).unit(), "");
        let characters: Vec<char> = text.chars().collect();
        let from = from.index(characters.len() + 1);
        let to = (from + length).min(characters.len());
        let holed: String = characters[..from].iter().chain(with.chars().collect::<Vec<_>>().iter()).chain(&characters[to..]).collect();
        messages(&holed);
    }
}

const SOUP: &[&str] = &[
    "rule",
    "exception",
    "restriction",
    "input",
    "decision",
    "define",
    "scenario",
    "scenarios",
    "record",
    "enum",
    "group",
    "groups",
    "base",
    "prove",
    "regime",
    "use",
    "unit",
    "accept",
    "constant",
    "attribute",
    "compare with",
    "when",
    "then",
    "status",
    "given",
    "expect",
    "takes",
    "otherwise",
    "if",
    "else",
    "not",
    "and",
    "or",
    "implies",
    "is",
    "in",
    "has",
    "some",
    "every",
    "satisfies",
    "case",
    "where",
    "table",
    "row",
    "because",
    "open",
    "asking",
    "unknown",
    "conflicts",
    "has no value",
    "at least",
    "from csv",
    "from",
    "until",
    "to",
    "by",
    "of",
    "number of",
    "set of",
    "not enforced from",
    "the first of",
    "exactly one",
    "name",
    "3A090.a",
    "D:5",
    "TPP",
    "4800TPP",
    "4800",
    "5,92",
    "1e26",
    "25%",
    "%",
    "2025-01-13",
    "2025-13-45",
    "11/17/2023",
    "\"text\"",
    "\"open",
    "'a'",
    "“b”",
    "--",
    "//",
    "#",
    "\n",
    "{",
    "}",
    "(",
    ")",
    ",",
    ":",
    "::",
    ".",
    "=",
    "==",
    "=>",
    "<",
    "<=",
    "<>",
    "!",
    "!=",
    "&&",
    "||",
    "&",
    ";",
    "+",
    "-",
    "*",
    "/",
    "а",
    "é",
    "\0",
    "\u{A0}",
    "–",
    "—",
    "Rule",
    "When",
    "0x1F",
    "\r\n",
    "≥",
    "ｒｕｌｅ",
    "\\",
    "[",
    "\u{FEFF}",
    "𝒳",
];

fn lxp_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            lxp_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "lxp") {
            out.push(path);
        }
    }
}

#[test]
fn every_file_of_the_house_reprints() {
    let mut files = Vec::new();
    for folder in ["policies", "src", "tests"] {
        lxp_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    for path in files {
        let text = std::fs::read_to_string(&path).expect("files of the house are readable");
        // Cases of mistakes are not printed.
        if parse(file(), &text).1.is_empty() {
            reprint(&text);
        }
    }
}

#[test]
fn the_page_of_the_language_reads() {
    let page = include_str!("../docs/language.md");
    let fence = page.find("```lxp").expect("the page shows a regime") + "```lxp".len();
    let text = &page[fence..fence + page[fence..].find("```").expect("the fence closes")];
    reprint(text);
    let (unit, _) = parse(file(), text);
    assert_eq!(unit.items.len(), 23);
}

#[test]
fn nesting_is_bounded() {
    let many = 100_000;
    let nested = |open: &str, middle: &str, close: &str| {
        format!("define a = {}{middle}{}\ninput last : bool\n", open.repeat(many), close.repeat(many))
    };
    for text in [
        nested("(", "x", ")"),
        nested("(", "x", ""),
        nested("{", "x", "}"),
        nested("x in {", "x", "}"),
        nested("not ", "x", ""),
        nested("- ", "x", ""),
        nested("if ", "x", " then y else z"),
        nested("if x then y else ", "z", ""),
        nested("x implies ", "x", ""),
        nested("x + ", "x", ""),
        nested("x * ", "x", ""),
        nested("f(", "x", ")"),
        nested("some x in y satisfies ", "x", ""),
        nested("x or not (", "x", ")"),
        nested("not x implies y and -", "x", ""),
        nested("not\nrule implies\n", "x", ""),
    ] {
        let messages = messages(&text);
        assert_eq!(codes(&messages), [Code::TooDeep], "{:?} of {:.80}", messages.first(), text);
        let (unit, _) = parse(file(), &text);
        assert_eq!(unit.items.len(), 1, "the declaration behind it is read: {text:.80}");
        assert_eq!(unit.lost.len(), 1);
    }
    for text in [
        format!("group G of C = {}A", "A + ".repeat(many)),
        format!("group G of C = {}A{}", "(".repeat(many), ")".repeat(many)),
        format!("input a : {}bool", "set of ".repeat(many)),
        format!("enum E {}a{}", "{ a ".repeat(many), "}".repeat(many)),
        format!("enum E {{ {}a{}", "a { ".repeat(many), "}".repeat(many)),
    ] {
        assert_eq!(codes(&messages(&text)), [Code::TooDeep], "{text:.80}");
    }
}

#[test]
fn long_chains_and_many_declarations_are_not_deep() {
    let chain = format!("define a = {}x\n", "x and not y or ".repeat(100_000));
    assert_eq!(messages(&chain), []);
    let many = "define a = not x implies -y + z\nrule r \"c\" when if a then b else c then d is -5\n".repeat(20_000);
    assert_eq!(messages(&many), []);
    let table = format!("scenarios \"t\" table a => b {}", "row -5 => -6 \n".repeat(50_000));
    assert_eq!(messages(&table), []);
}

#[test]
fn huge_texts_are_read_or_refused() {
    let megabytes = |count: usize, piece: &str| piece.repeat(count * 1024 * 1024 / piece.len());
    assert_eq!(codes(&messages(&megabytes(60, "input a : bool\n"))), [Code::TooLarge]);
    assert_eq!(codes(&messages(&format!("unit a \"{}\"", megabytes(60, "x")))), []);
    assert_eq!(codes(&messages(&megabytes(60, "("))).last(), Some(&Code::TooLarge));
    assert_eq!(codes(&messages(&megabytes(60, "-- a long comment, as long as a line of text mostly is\n"))), []);
    assert_eq!(codes(&messages(&megabytes(6, " \n"))), []);
    assert_eq!(codes(&messages(&megabytes(6, "\0"))), [Code::UnknownCharacter]);
    assert_eq!(codes(&messages(&format!("unit {}", megabytes(6, "x")))), []);
    assert!(codes(&messages(&megabytes(6, "\"\n"))).contains(&Code::TooManyErrors));
    assert!(codes(&messages(&megabytes(6, "а "))).contains(&Code::TooManyErrors));
}

#[test]
fn at_most_fifty_errors() {
    let messages = messages(&"rule when\n".repeat(1000));
    assert_eq!(messages.len(), 51);
    assert_eq!(messages[50].code, Code::TooManyErrors);
}

#[test]
fn places_are_exact_behind_other_letters() {
    let text = "unit a \"§ é 漢\" -- 漢\ninput b : ; bool\r\ninput c \"漢\" bool";
    let (_, messages) = parse(file(), text);
    let words: Vec<&str> = messages.iter().map(|m| &text[m.span().start as usize..m.span().end as usize]).collect();
    assert_eq!(words, [";", "bool"]);
}

#[test]
fn places_end_with_their_last_word() {
    let text =
        "regime r\n\n  -- a comment\nrule a \"c\" recalled\n\nrule b when x in { } \n\ninput i : bool\n\ninput j : set of T \n";
    let (unit, messages) = parse(file(), text);
    assert_eq!(messages, []);
    let words: Vec<&str> = unit.items.iter().map(|item| &text[item.span.start as usize..item.span.end as usize]).collect();
    assert_eq!(words, ["regime r", "rule a \"c\" recalled", "rule b when x in { }", "input i : bool", "input j : set of T"]);
}
