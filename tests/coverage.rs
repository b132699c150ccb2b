//! `docs/coverage.md` against the sources: what the page says is encoded is declared where it says so, every row has a state,
//! and the counts at its end are true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a line that declares something begins with, after `replace` or `extend`.
const DECLARES: [&str; 19] = [
    "rule",
    "exception",
    "restriction",
    "cap",
    "authority",
    "group",
    "define",
    "prove",
    "decision",
    "input",
    "record",
    "enum",
    "constant",
    "amendment",
    "unit",
    "attribute",
    "base",
    "link",
    "node",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folder that a name on the page stands for.
fn place(folder: &str) -> PathBuf {
    if folder == "std" { root().join("src/std") } else { root().join("policies").join(folder) }
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The lines of a source; of a Markdown file those of its `lxp` blocks.
fn lines(path: &Path) -> Vec<String> {
    let name = path.to_string_lossy();
    let text = || read(path);
    if name.ends_with(".lxp") {
        text().lines().map(|line| line.trim().to_owned()).collect()
    } else if name.ends_with(".md") {
        let mut inside = false;
        let mut out = Vec::new();
        for line in text().lines() {
            if line.starts_with("```") {
                inside = line.starts_with("```lxp");
            } else if inside {
                out.push(line.trim().to_owned());
            }
        }
        out
    } else {
        Vec::new()
    }
}

/// The name at the beginning of a text: letters, digits, `_`, and the `.` and `:` of codes and country groups.
fn name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "_.:".contains(c))).unwrap_or(text.len());
    text[..end].trim_end_matches(':')
}

/// The names that a line declares.
fn declares(line: &str) -> Vec<String> {
    let line = ["replace ", "extend ", "product "].iter().find_map(|before| line.strip_prefix(before)).unwrap_or(line);
    let line = line.strip_prefix("product ").unwrap_or(line);
    let Some((word, rest)) = line.split_once(' ') else { return Vec::new() };
    let rest = rest.trim_start();
    if word == "rename" {
        return rest.split(" to ").map(|one| name(one.trim()).to_owned()).collect();
    }
    if !DECLARES.contains(&word) {
        return Vec::new();
    }
    if word == "input" {
        let names = rest.split([':', '"']).next().unwrap_or_default();
        return names.split(',').map(|one| one.trim().to_owned()).collect();
    }
    vec![name(rest).to_owned()]
}

/// What a folder declares, and what the regimes declare that it amends.
fn declared(folder: &str, seen: &mut BTreeSet<String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if !seen.insert(folder.to_owned()) {
        return names;
    }
    for path in files(&place(folder)) {
        for line in lines(&path) {
            names.extend(declares(&line));
            if line.starts_with("--") {
                continue;
            }
            if let Some((_, base)) = line.split_once("amends \"../") {
                let base = base.split(['"', '@', '/']).next().unwrap_or_default();
                names.extend(declared(base, seen));
            }
        }
    }
    if folder == "std" {
        let groups = read(&place("std").join("country-groups.csv"));
        names.extend(groups.lines().skip(1).filter_map(|row| row.split(',').next()).map(str::to_owned));
    }
    names.remove("");
    names
}

/// The rows of the page, cell by cell, with the line of each: law, encoded by, tested in, mark, state.
fn rows(page: &str) -> Vec<(usize, Vec<String>)> {
    let mut of_law = false;
    let mut out = Vec::new();
    for (at, line) in page.lines().enumerate() {
        if !line.starts_with("| ") {
            of_law = false;
        } else if line.starts_with("| law |") {
            of_law = true;
        } else if of_law && !line.starts_with("| ---") {
            let cells = line.trim().trim_start_matches("| ").trim_end_matches(" |");
            out.push((at + 1, cells.split(" | ").map(|cell| cell.trim().to_owned()).collect()));
        }
    }
    out
}

/// The pairs [`folder`:`name`] of a text.
fn pairs(text: &str) -> Vec<(String, String)> {
    text.split("[`")
        .skip(1)
        .filter_map(|rest| {
            let (inside, _) = rest.split_once("`]")?;
            let (folder, name) = inside.split_once("`:`")?;
            Some((folder.to_owned(), name.to_owned()))
        })
        .collect()
}

#[test]
fn what_is_named_is_declared() {
    let page = read(&root().join("docs/coverage.md"));
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut named = 0;
    for (at, cells) in rows(&page) {
        for (folder, name) in cells.iter().flat_map(|cell| pairs(cell)) {
            named += 1;
            if !place(&folder).is_dir() {
                wrong.push(format!("line {at}: there is no folder {folder}"));
            } else if [".lxp", ".csv", ".md"].iter().any(|ending| name.ends_with(*ending)) {
                if !place(&folder).join(&name).is_file() {
                    wrong.push(format!("line {at}: {folder} has no file {name}"));
                }
            } else {
                let names = known.entry(folder.clone()).or_insert_with(|| declared(&folder, &mut BTreeSet::new()));
                if !names.contains(&name) {
                    wrong.push(format!("line {at}: {folder} declares no {name}"));
                }
            }
        }
    }
    assert!(named > 500, "only {named} names were found on the page");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_has_a_state_and_the_counts_are_true() {
    let page = read(&root().join("docs/coverage.md"));
    let mut counts = [0; 4];
    let mut wrong = Vec::new();
    for (at, cells) in rows(&page) {
        let [law, by, _tested, mark, state] = cells.as_slice() else {
            wrong.push(format!("line {at}: {} cells instead of 5", cells.len()));
            continue;
        };
        counts[0] += 1;
        let reason = state.split_once(": ").map_or("", |(_, reason)| reason);
        if law.is_empty() || mark.is_empty() {
            wrong.push(format!("line {at}: the law or its mark is missing"));
        }
        if state == "encoded" {
            counts[1] += 1;
        } else if state.starts_with("partly: ") {
            counts[2] += 1;
        } else if state.starts_with("no: ") {
            counts[3] += 1;
        } else {
            wrong.push(format!("line {at}: `{state}` is no state"));
        }
        if state.starts_with("no") != pairs(by).is_empty() {
            wrong.push(format!("line {at}: what is encoded names a rule, and what is not names none"));
        }
        if state != "encoded" && reason.len() < 10 {
            wrong.push(format!("line {at}: no reason"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let [rows, encoded, partly, none] = counts;
    let line = format!("| {rows} | {encoded} | {partly} | {none} |");
    assert!(page.lines().any(|one| one == line), "the counts are {line}");
}

/// How many countries the published table has in a group on a day. Hong Kong goes with China and is not counted, nor are parts and
/// dependencies, which have rows of their own.
fn members(group: &str, day: &str) -> usize {
    read(&place("std").join("country-groups.csv"))
        .lines()
        .skip(1)
        .filter(|row| !row.contains("integral part") && !row.contains("772.1"))
        .filter(|row| {
            let cells: Vec<&str> = row.splitn(5, ',').collect();
            let [of, member, from, until, _] = cells.as_slice() else { panic!("{row}") };
            *of == group && *member != "HK" && *from <= day && (until.is_empty() || *until >= day)
        })
        .count()
}

#[test]
fn groups_have_the_published_numbers_of_countries() {
    for (group, number) in [("A:1", 40), ("A:5", 38), ("A:6", 8), ("D:1", 24), ("D:4", 21), ("D:5", 22), ("T1", 19)] {
        assert_eq!(members(group, "2026-09-24"), number, "{group}");
    }
    assert_eq!(members("D:5", "2025-01-13"), 23);
    assert_eq!(members("E:1", "2026-09-24") + members("E:2", "2026-09-24"), 4);
}
