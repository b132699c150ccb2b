//! What is kept from one check to the next: the output is the same with it and without, whatever has happened to its files; and an
//! edit of one rule asks little anew.

#[path = "../benches/regime.rs"]
mod regime;
mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lexport::analysis::{Keeping, Method, Options, Question, Verdict, check, methods};
use lexport::cache::{Place as Folder, Store};
use lexport::driver::Compilation;
use lexport::ir::Program;
use lexport::source::MemoryLoader;
use support::Place;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `check` with a cache folder and a state folder below a place.
fn checked(place: &Place, arguments: &[&str]) -> String {
    let below = |name: &str| place.path().join(name).display().to_string();
    let (cache, state) = (below("cache"), below("state"));
    place.run_where(&[("XDG_CACHE_HOME", &cache), ("XDG_STATE_HOME", &state)], arguments, b"").all()
}

fn segments(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.path().join("cache/lexport")).expect("a folder");
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    all.sort();
    all
}

#[test]
fn the_output_is_the_same_cold_and_warm_and_without() {
    for path in ["policies/us-2023-11", "tests/evasion/order_splitting-found.lxp", "tests/evasion/order_splitting-proved.lxp"] {
        let path = root().join(path).display().to_string();
        let place = Place::new();
        let without = checked(&place, &["check", &path, "--no-cache"]);
        assert!(!place.path().join("cache").exists(), "nothing is kept then");
        for _ in 0..2 {
            assert_eq!(without, checked(&place, &["check", &path]), "{path}");
        }
        let json = ["check", &path, "--format", "json"];
        assert_eq!(checked(&place, &[&json[..], &["--no-cache"]].concat()), checked(&place, &json), "{path}");
        assert!(!segments(&place).is_empty());
        assert!(place.path().join("state/lexport/cache.key").exists());
    }
}

#[test]
fn whatever_happens_to_the_files_the_output_is_the_same() {
    let path = root().join("tests/evasion/order_splitting-found.lxp").display().to_string();
    let place = Place::new();
    let right = checked(&place, &["check", &path, "--no-cache"]);
    checked(&place, &["check", &path]);
    let damage: [fn(&mut Vec<u8>); 5] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.clear(),
        |bytes| bytes.iter_mut().for_each(|byte| *byte ^= 1),
        |bytes| bytes.iter_mut().skip(36).step_by(7).for_each(|byte| *byte = byte.wrapping_add(1)),
        |bytes| bytes.reverse(),
    ];
    for damage in damage {
        // All that is there: what an earlier round has asked anew lies beside it.
        for path in segments(&place) {
            let mut bytes = std::fs::read(&path).expect("bytes");
            damage(&mut bytes);
            std::fs::write(path, bytes).expect("written");
        }
        assert_eq!(right, checked(&place, &["check", &path]));
    }
    // What somebody with another key has written, under the name that it would have with this one.
    let (own, key) = (segments(&place), place.path().join("state/lexport/cache.key"));
    std::fs::write(&key, [7; 32]).expect("another key");
    checked(&place, &["check", &path]);
    let new: Vec<PathBuf> = segments(&place).into_iter().filter(|path| !own.contains(path)).collect();
    let [new] = new.as_slice() else { panic!("one segment of the other key: {new:?}") };
    let tag = &new.file_name().expect("a name").to_string_lossy()[..16];
    for (number, foreign) in own.iter().enumerate() {
        std::fs::rename(foreign, new.with_file_name(format!("{tag}-{number:016x}.records"))).expect("renamed");
    }
    std::fs::remove_file(new).expect("removed");
    assert_eq!(right, checked(&place, &["check", &path]));
}

/// What is kept of one claim of a process is of use to no other, and other claims change nothing about it.
#[test]
fn another_claim_about_a_process_changes_nothing_that_is_kept() {
    let one = std::fs::read_to_string(root().join("tests/evasion/order_splitting-proved.lxp")).expect("a file");
    let name = one.lines().find_map(|line| line.strip_prefix("process ")?.split_whitespace().next()).expect("a process");
    let two = format!("{one}\nprove nothing_at_once : in {name} never mode is export and quantity >= 2\n");
    let place = Place::with(&[("one.lxp", one.as_str()), ("two.lxp", two.as_str())]);
    let right = [checked(&place, &["check", "one.lxp", "--no-cache"]), checked(&place, &["check", "two.lxp", "--no-cache"])];
    assert!(right[1].contains("nothing_at_once"), "{}", right[1]);
    for _ in 0..2 {
        assert_eq!(right, [checked(&place, &["check", "one.lxp"]), checked(&place, &["check", "two.lxp"])]);
    }
}

#[test]
fn a_folder_that_is_none_is_said_only_if_it_was_asked_for() {
    let path = root().join("policies/us-2022-10").display().to_string();
    let place = Place::with(&[("a-file", "")]);
    let right = checked(&place, &["check", &path, "--no-cache"]);
    let asked = checked(&place, &["check", &path, "--cache", "a-file"]);
    assert!(asked.contains("note: nothing is kept in `a-file`"), "{asked}");
    let line = asked.lines().find(|line| line.starts_with("note: nothing is kept")).expect("a line").to_owned();
    assert_eq!(asked.replace(&format!("{line}\n"), ""), right);
    place.put("cache", b"");
    assert_eq!(checked(&place, &["check", &path]), right);
    // A folder of one's own.
    let place = Place::new();
    assert_eq!(checked(&place, &["check", &path, "--cache", "here"]), right);
    assert!(place.path().join("here").is_dir() && !place.path().join("cache").exists());
}

/// A method that counts what it is asked.
struct Counting {
    inner: Arc<dyn Method>,
    asked: Arc<AtomicUsize>,
}

impl Method for Counting {
    fn by(&self) -> lexport::analysis::By {
        self.inner.by()
    }
    fn ask_together(&self, program: &Program, piece: &[Question], options: &Options) -> Vec<Verdict> {
        self.asked.fetch_add(piece.len(), Ordering::Relaxed);
        self.inner.ask_together(program, piece, options)
    }
    fn pieces(&self, questions: &[Question]) -> Vec<std::ops::Range<usize>> {
        self.inner.pieces(questions)
    }
    fn kept(&self) -> Keeping {
        self.inner.kept()
    }
}

struct Counted {
    report: String,
    asked: usize,
    misses: usize,
}

/// Checks a text with a store in a folder, or without one.
fn counted(text: &str, folder: Option<&Place>) -> Counted {
    let loader = MemoryLoader { files: [("it.lxp".to_owned(), text.to_owned())].into() };
    let compilation = Compilation::load(&loader, "it.lxp");
    let program = compilation.program.expect("it compiles");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = |inner| -> Arc<dyn Method> { Arc::new(Counting { inner, asked: Arc::clone(&asked) }) };
    let cache = folder.map(|place| {
        let (folder, key) = (place.path().join("records"), place.path().join("cache.key"));
        Arc::new(Store::open(Folder { folder: &folder, key: &key, identity: b"test" }).expect("a store"))
    });
    let methods = methods().into_iter().map(count).collect();
    let options = Options { cache: cache.clone(), methods, ..Options::default() };
    let report = format!("{:#?}", check(&program, &options));
    Counted { report, asked: asked.load(Ordering::Relaxed), misses: cache.map_or(0, |store| store.counts().1) }
}

#[test]
fn an_edit_of_one_rule_asks_little_anew() {
    let place = Place::new();
    let text = regime::regime(400, 1);
    let first = counted(&text, Some(&place));
    let again = counted(&text, Some(&place));
    assert_eq!((again.asked, &again.report), (0, &first.report));
    // Another name for a rule, and a comment above all: nothing is asked anew.
    let named = text.lines().find_map(|line| line.strip_prefix("rule ")?.split_whitespace().next()).expect("a rule").to_owned();
    let renamed = format!("-- A comment.\n\n{}", text.replace(&format!("{named} "), &format!("{named}_by_another_name ")));
    let renamed = counted(&renamed, Some(&place));
    assert_eq!(renamed.asked, 0);
    // A rule that concludes something else.
    let at = text.rfind("then requirement is notice").expect("a rule");
    let edited = format!("{}then requirement is license{}", &text[..at], &text[at + "then requirement is notice".len()..]);
    let edit = counted(&edited, Some(&place));
    assert_eq!(edit.report, counted(&edited, None).report);
    assert!(edit.asked * 4 < first.asked, "{} of {} asked anew", edit.asked, first.asked);
}

#[test]
fn a_comment_does_not_begin_a_search_anew() {
    let place = Place::new();
    for which in ["found", "proved"] {
        let text = std::fs::read_to_string(root().join(format!("tests/evasion/order_splitting-{which}.lxp"))).expect("a file");
        let first = counted(&text, Some(&place));
        assert!(first.asked > 0 && first.misses > 0);
        // What is looked up in vain the second time too: each question by itself, where all of a piece is kept together.
        let vain = counted(&text, Some(&place)).misses;
        assert!(vain < first.misses);
        let again = counted(&text.replace("Fibre Regulations", "Regulations on Fibre"), Some(&place));
        assert_eq!((again.asked, again.misses), (0, vain), "{which}: no question and no search");
        let again = counted(&format!("-- A comment.\n\n{text}"), Some(&place));
        assert_eq!((again.asked, again.misses), (0, vain), "{which}: no question and no search");
    }
}
