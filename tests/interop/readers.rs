//! Two readers in Python that were written from the pages alone, `docs/tables.md` and `docs/targets/binary.md`: a test of what the pages say.

use std::path::Path;
use std::process::{Command, Output};

use lexport::emit;

use super::agreement::Agreement;
use super::consumer;
use super::subject::{Subject, compare, subjects};

/// The forms, each with its reader.
const FORMS: [(&str, &str); 2] = [("json (from the page)", "table.py"), ("binary (from the page)", "binary.py")];

fn bytes(subject: &Subject, reader: &str) -> Vec<u8> {
    let artifact = if reader == "table.py" { emit::json(&subject.table) } else { emit::binary(&subject.table) };
    artifact.expect("a file").bytes
}

/// A reader about a table in a folder; without writing compiled files beside the sources.
fn reader(name: &str, table: &Path) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/readers").join(name)).arg(table);
    command
}

fn disagreements(subject: &Subject, name: &str, known: usize, open: usize) -> (usize, usize, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("table");
    std::fs::write(&file, bytes(subject, name)).expect("a file");
    let (known, open) = (subject.cases(known), subject.open_cases(open));
    let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
    let mut found = compare(&requests, &expected, &consumer::ask(&mut reader(name, &file), &requests));
    let requests: Vec<String> = open.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = open.iter().map(|case| case.reply()).collect();
    found.extend(compare(&requests, &expected, &consumer::ask(reader(name, &file).arg("open"), &requests)));
    (known.len(), open.len(), found)
}

#[test]
fn readers_from_the_pages() {
    let version = consumer::version(Command::new("python3").arg("--version"));
    for (target, name) in FORMS {
        for subject in subjects() {
            // With all unknown the whole of a diagram is gone through, which takes Python a while.
            let (cases, open, disagreements) = disagreements(subject, name, consumer::cases(), consumer::cases() / 100);
            Agreement { target, consumer: &version, table: subject.name, cases, open, disagreements }.conclude();
        }
    }
}

/// What the reader of the binary form makes of it is the content of the JSON document, value for value.
#[test]
fn both_forms_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("table");
    for subject in subjects() {
        let shown = FORMS.map(|(_, name)| {
            std::fs::write(&file, bytes(subject, name)).expect("a file");
            consumer::run(reader(name, &file).arg("show")).stdout
        });
        assert!(!shown[0].is_empty() && shown[0] == shown[1], "{}", subject.name);
        let document = bytes(subject, "table.py");
        assert!(document.windows(64).any(|part| part == &shown[0][..64]), "{}", subject.name);
    }
}

/// A changed byte, a cut and another version are noticed from what the pages say.
#[test]
fn readers_from_the_pages_refuse_what_was_altered() {
    let subject = &subjects()[0];
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("table");
    let run = |name: &str, bytes: &[u8]| -> Output {
        std::fs::write(&file, bytes).expect("a file");
        reader(name, &file).arg("show").output().expect("python3")
    };
    for (_, name) in FORMS {
        let good = bytes(subject, name);
        assert!(run(name, &good).status.success());
        for at in (0..good.len() - 1).step_by(good.len() / 12) {
            let mut altered = good.clone();
            altered[at] ^= 1;
            assert!(!run(name, &altered).status.success(), "{name}: byte {at}");
            assert!(!run(name, &good[..at]).status.success(), "{name}: cut at {at}");
        }
    }
}

/// The comparison can fail: one word of the diagram is another.
#[test]
fn an_altered_table_disagrees_from_the_page() {
    let mut altered = Subject { name: "altered", table: subjects()[0].table.clone() };
    let known = altered.cases(500);
    let outcomes = altered.table.outcomes.len() as u32;
    let leaf = altered.table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.table.nodes[leaf] & !lexport_runtime::HEAD;
    altered.table.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("table");
    std::fs::write(&file, bytes(&altered, "binary.py")).expect("a file");
    let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
    assert!(!compare(&requests, &expected, &consumer::ask(&mut reader("binary.py", &file), &requests)).is_empty());
}
