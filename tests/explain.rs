//! Every code has its page; its wrong example raises it and nothing else, its right example does not.
//!
//! A page has blocks ` ```LANG wrong [FILE]` and ` ```LANG right [FILE]`. `lxp` without a file is `main.lxp`; other files stand
//! beside it. `hex` is `main.lxp` in bytes; `repeat` is `main.lxp` with lines `N times WORDS` repeated on the spot. `console`
//! has the commands to run, else it is `lexport check main.lxp`. A page with a block `never` says why no example can be
//! given; which pages may is listed here.

mod support;

use std::collections::BTreeSet;

use lexport::diagnostic::{Code, Severity};
use support::{Place, Ran};

/// Codes that no input of a user raises.
const NEVER: [Code; 3] = [Code::Internal, Code::TableTooLarge, Code::TableUnequal];

/// Codes that are said only after many others.
const AFTER: [(Code, Code); 1] = [(Code::TooManyErrors, Code::Syntax)];

struct Block {
    language: String,
    kind: String,
    file: String,
    text: String,
}

fn page(code: Code) -> String {
    let path = format!("{}/docs/diagnostics/{code}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn blocks(page: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let mut words = info.split_whitespace().map(str::to_owned);
        let language = words.next().unwrap_or_default();
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let kind = words.next().unwrap_or_default();
        out.push(Block { language, kind, file: words.next().unwrap_or_default(), text: text.join("\n") + "\n" });
    }
    out
}

/// Puts the files of one example in place and runs its commands.
fn run(blocks: &[Block], kind: &str) -> Vec<Ran> {
    let place = Place::new();
    let mut commands = Vec::new();
    for block in blocks.iter().filter(|block| block.kind == kind) {
        let file = if block.file.is_empty() { "main.lxp" } else { &block.file };
        match block.language.as_str() {
            "console" => {
                commands.extend(block.text.lines().filter_map(|line| line.strip_prefix("$ lexport ")).map(str::to_owned))
            }
            "hex" => {
                let bytes: Vec<u8> =
                    block.text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("hexadecimal")).collect();
                place.put(file, &bytes);
            }
            "repeat" => place.put(file, repeated(&block.text).as_bytes()),
            _ => place.put(file, block.text.as_bytes()),
        }
    }
    if commands.is_empty() {
        commands.push("check main.lxp --deny note".to_owned());
    }
    commands.iter().map(|command| place.run(command)).collect()
}

fn repeated(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.split_once(" times ").and_then(|(count, words)| Some((count.parse::<usize>().ok()?, words))) {
            // Several words are kept apart.
            Some((count, words)) if words.contains(' ') => out.push_str(&format!("{words} ").repeat(count)),
            Some((count, words)) => out.push_str(&words.repeat(count)),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// The codes that were shown, with their severities.
fn codes(runs: &[Ran]) -> BTreeSet<(Severity, Code)> {
    let mut out = BTreeSet::new();
    for line in runs.iter().flat_map(|ran| ran.err.lines().chain(ran.out.lines())) {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let found = line.strip_prefix(severity.name()).and_then(|rest| rest.strip_prefix('['));
            if let Some(code) = found.and_then(|rest| Code::parse(rest.split(']').next()?)) {
                out.insert((severity, code));
            }
        }
    }
    out
}

fn shown(runs: &[Ran]) -> String {
    runs.iter().map(|ran| ran.all().chars().take(3000).collect::<String>()).collect::<Vec<_>>().join("\n---\n")
}

fn problems(code: Code) -> Vec<String> {
    let mut out = Vec::new();
    let page = page(code);
    if !page.starts_with(&format!("# {code}: {}\n", code.title())) {
        out.push(format!("{code}: the page must begin with `# {code}: {}`", code.title()));
    }
    if !page.contains("\n## Why it matters\n") {
        out.push(format!("{code}: the page does not say why it matters"));
    }
    let blocks = blocks(&page);
    let has = |kind: &str| blocks.iter().any(|block| block.kind == kind);
    if blocks.iter().any(|block| block.language == "never") {
        if !NEVER.contains(&code) {
            out.push(format!("{code}: an example can be given"));
        }
        return out;
    }
    if !has("wrong") || !has("right") {
        out.push(format!("{code}: a wrong and a right example are needed"));
        return out;
    }
    let wrong = run(&blocks, "wrong");
    let found = codes(&wrong);
    let raised = found.iter().any(|(_, found)| *found == code);
    let others: Vec<_> = found
        .iter()
        .filter(|(severity, found)| *found != code && *severity != Severity::Note && !AFTER.contains(&(code, *found)))
        .collect();
    if !raised || !others.is_empty() {
        out.push(format!("{code}: the wrong example raises {found:?}\n{}", shown(&wrong)));
    }
    let expected = match wrong.last().and_then(|ran| ran.code) {
        Some(2) => (1000..4000).contains(&(code as u16)) || code as u16 >= 5000,
        Some(1) => (4000..5000).contains(&(code as u16)) || code.severity() != Severity::Error,
        // A note alone fails no command but `--deny note`.
        Some(0) => code.severity() == Severity::Note,
        _ => false,
    };
    if !expected {
        out.push(format!("{code}: the wrong example ends in an unexpected way\n{}", shown(&wrong)));
    }
    let right = run(&blocks, "right");
    let found = codes(&right);
    if found.iter().any(|(severity, found)| *found == code || *severity == Severity::Error)
        || right.iter().any(|ran| !matches!(ran.code, Some(0 | 1)))
    {
        out.push(format!("{code}: the right example raises {found:?}\n{}", shown(&right)));
    }
    out
}

#[test]
fn every_page_is_true() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let all = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(code) = Code::ALL.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let found = problems(*code);
                    all.lock().expect("no panic").extend(found);
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no panic");
    all.sort();
    assert!(all.is_empty(), "{} problems\n{}", all.len(), all.join("\n========\n"));
}

#[test]
fn every_page_has_a_code() {
    let folder = format!("{}/docs/diagnostics", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).expect("the folder of pages") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let code = name.strip_suffix(".md").and_then(Code::parse);
        assert!(code.is_some(), "{name} is the page of no code");
    }
}

#[test]
fn the_program_prints_its_pages() {
    let place = Place::new();
    let ran = place.run("explain LX4003");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), page(Code::DeadRule).as_str()));
    let ran = place.run("explain LX4999");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
}
