//! Mistakes that drafters make, planted one at a time in `us-2023-11`: each is reported by the commands that `defects.json` says.
//!
//! `cargo test --test seeded -- --nocapture` prints the table of defect and command.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lexport::analysis::{self, Options, Report};
use lexport::diagnostic::Severity;
use lexport::driver::Compilation;
use lexport::source::{DiskLoader, Loader, MemoryLoader};
use serde::Deserialize;

#[derive(Deserialize)]
struct Seeded {
    regime: String,
    defects: Vec<Defect>,
}

#[derive(Deserialize)]
struct Defect {
    id: String,
    kind: String,
    edits: Vec<Edit>,
    #[serde(default)]
    reported_by: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Edit {
    file: String,
    find: String,
    replace: String,
}

/// The policies as they are, under their own path and, for `diff`, under `before/`.
fn originals() -> MemoryLoader {
    let mut files = BTreeMap::new();
    for path in DiskLoader.list("policies").expect("readable").expect("a folder") {
        if Path::new(&path).extension().is_some_and(|ending| ending == "lxp" || ending == "csv") {
            let text = DiskLoader.load(&path).expect("readable");
            files.insert(format!("before/{path}"), text.clone());
            files.insert(path, text);
        }
    }
    MemoryLoader { files }
}

/// What is said of a compilation that fails, else of its report: code and words.
fn said(compilation: &Compilation, report: impl FnOnce(&lexport::ir::Program) -> Report) -> BTreeSet<(String, String)> {
    let mut all: BTreeSet<(String, String)> =
        compilation.messages.iter().map(|message| (message.code.name(), message.title.clone())).collect();
    if let Some(program) = &compilation.program {
        let report = report(program);
        assert!(report.undecided.is_empty(), "{:?}", report.undecided);
        all.extend(report.findings.iter().map(|finding| (finding.code.name(), finding.title.to_string())));
    } else {
        assert!(compilation.messages.iter().any(|message| message.severity == Severity::Error));
    }
    all
}

fn run(command: &str, loader: &MemoryLoader, regime: &str) -> BTreeSet<(String, String)> {
    match command {
        "check" => said(&Compilation::load(loader, regime), |program| analysis::check(program, &Options::default())),
        "test" => said(&Compilation::load(loader, regime), |program| Report {
            findings: analysis::scenarios(program).findings,
            ..Report::default()
        }),
        "diff" => said(&Compilation::load_pair(loader, regime, &format!("before/{regime}")), |program| {
            analysis::diff(program, 1, 0, &Options::default())
        }),
        other => panic!("no command {other}"),
    }
}

/// Where words stand in a text, however they are spaced and broken into lines.
fn places(text: &str, words: &str) -> Vec<std::ops::Range<usize>> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut found = Vec::new();
    for (start, _) in text.match_indices(words[0]) {
        let mut at = start;
        let all = words.iter().enumerate().all(|(index, word)| {
            let rest = &text[at..];
            let skipped = rest.trim_start();
            if index > 0 && skipped.len() == rest.len() || !skipped.starts_with(word) {
                return false;
            }
            at += rest.len() - skipped.len() + word.len();
            true
        });
        if all {
            found.push(start..at);
        }
    }
    found
}

#[test]
fn seeded_defects_are_reported() {
    let text = std::fs::read_to_string("tests/seeded/defects.json").expect("readable");
    let seeded: Seeded = serde_json::from_str(&text).expect("well formed");
    let original = originals();
    let commands = ["check", "test", "diff"];
    let usual: BTreeMap<&str, _> = commands.iter().map(|command| (*command, run(command, &original, &seeded.regime))).collect();
    assert!(usual["diff"].is_empty(), "nothing changes without a change: {:?}", usual["diff"]);
    let mut failures = Vec::new();
    let mut reported = BTreeMap::from([("check", 0), ("test", 0), ("diff", 0)]);
    let mut unseen = Vec::new();
    for defect in &seeded.defects {
        let mut loader = original.clone();
        for edit in &defect.edits {
            let file = loader.files.get_mut(&edit.file).unwrap_or_else(|| panic!("{}: no {}", defect.id, edit.file));
            let places = places(file, &edit.find);
            assert_eq!(places.len(), 1, "{}: `{}` stands once in {}", defect.id, edit.find, edit.file);
            file.replace_range(places[0].clone(), &edit.replace);
        }
        let mut row = Vec::new();
        for command in commands {
            let now = run(command, &loader, &seeded.regime);
            let new: BTreeSet<&str> = now.difference(&usual[command]).map(|(code, _)| code.as_str()).collect();
            if !new.is_empty() {
                *reported.entry(command).or_insert(0) += 1;
            }
            if let Some(expected) = defect.reported_by.get(command)
                && !expected.iter().any(|code| new.contains(code.as_str()))
            {
                failures.push(format!("{}: {command} should say one of {expected:?} and says {new:?}", defect.id));
            }
            row.push(format!("{command}: {}", new.into_iter().collect::<Vec<_>>().join(" ")));
        }
        if row.iter().all(|cell| cell.ends_with(": ")) {
            unseen.push(defect.id.clone());
        }
        println!("{:28} {:22} {}", defect.id, defect.kind, row.join(" | "));
    }
    println!("{} defects; reported by {reported:?}; by none: {unseen:?}", seeded.defects.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(seeded.defects.len() >= 20);
}
