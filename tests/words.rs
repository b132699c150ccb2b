//! Every sentence has its French: the templates of `say!` and `list!` in `src` held against the table of `src/words/french.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lexport::words::{french, placeholders};

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    // What the room of words itself says are its own examples.
    paths.retain(|path| !path.starts_with(root.join("words")));
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).expect("a text"))).collect()
}

/// The text literal at the beginning of a piece of code, and what follows it.
fn literal(code: &str) -> Option<(String, &str)> {
    let mut rest = code.trim_start().strip_prefix('"')?.char_indices();
    let body = &code.trim_start()[1..];
    let mut out = String::new();
    while let Some((at, c)) = rest.next() {
        match c {
            '"' => return Some((out, &body[at..])),
            '\\' => match rest.next()?.1 {
                // A line that goes on: what indents the next one is not text.
                '\n' => {
                    while rest.clone().next().is_some_and(|(_, c)| c.is_whitespace()) {
                        rest.next();
                    }
                }
                'n' => out.push('\n'),
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
    None
}

/// The templates that stand in the sources, each with one place where it stands.
fn used() -> BTreeMap<String, PathBuf> {
    let mut out = BTreeMap::new();
    for (path, text) in sources() {
        for (name, most) in [("say!(", 1), ("list!(", 2)] {
            for (at, _) in text.match_indices(name) {
                if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                let mut code = &text[at + name.len()..];
                for _ in 0..most {
                    let Some((template, after)) = literal(code) else { break };
                    out.insert(template, path.clone());
                    code = after.trim_start_matches('"').trim_start().trim_start_matches(',');
                }
            }
        }
    }
    out
}

#[test]
fn every_template_is_in_the_table() {
    let known: BTreeSet<&str> = french::TABLE.iter().map(|(english, _)| *english).collect();
    let used = used();
    assert!(used.len() > 200, "the scan finds only {}", used.len());
    let missing: Vec<String> = (used.iter().filter(|(template, _)| !known.contains(template.as_str())))
        .map(|(template, path)| format!("{}: `{template}` has no French", path.display()))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn nothing_in_the_table_is_left_over() {
    let used = used();
    let left: Vec<&str> =
        french::TABLE.iter().map(|(english, _)| *english).filter(|english| !used.contains_key(*english)).collect();
    assert!(left.is_empty(), "not used any more: {left:#?}");
}

#[test]
fn both_sides_have_the_same_places() {
    for (english, french) in french::TABLE {
        assert_eq!(placeholders(english), placeholders(french), "`{english}`");
        assert!(!english.starts_with(' ') || french.starts_with(' '), "`{english}`");
        assert_eq!(english.ends_with(' '), french.ends_with(' '), "`{english}`");
    }
}
