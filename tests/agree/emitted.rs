//! Emitted Rust, compiled once for many regimes and asked on its standard input.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use lexport::diagram::{OwnedTable, set_words};
use lexport::emit;
use lexport::ir::{Case, Program, Value};

/// A compiled program that knows several tables by number.
pub struct Emitted {
    folder: tempfile::TempDir,
}

/// What reads a line `TABLE VALUE …`, asks the emitted table, and prints its outcomes.
const MAIN: &str = r#"
use std::io::{BufRead, Write};

macro_rules! answer {
    ($module:ident, $fields:expr, $out:expr) => {{
        use $module::runtime::Value;
        let mut words: Vec<Vec<u64>> = Vec::new();
        let fields: Vec<&str> = $fields.collect();
        for field in &fields {
            words.push(match field.strip_prefix('S') {
                Some(list) => list.split(',').map(|word| word.parse().unwrap()).collect(),
                None => Vec::new(),
            });
        }
        let values: Vec<Value<'_>> = fields.iter().zip(&words).map(|(field, words)| match field.split_at(1) {
            ("B", text) => Value::Bool(text == "1"),
            ("M", text) => Value::Member(text.parse().unwrap()),
            ("I", text) => Value::Int(text.parse().unwrap()),
            _ => Value::Set(words),
        }).collect();
        let mut classes = vec![0u32; $module::TABLE.tests.len()];
        $module::TABLE.classify(&values, &mut classes).unwrap();
        for decision in 0..$module::TABLE.roots.len() as u32 {
            write!($out, "{} ", $module::TABLE.decide(decision, &classes).unwrap().unwrap()).unwrap();
        }
        writeln!($out).unwrap();
    }};
}

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let mut fields = line.split(' ');
        match fields.next().unwrap() {
            ARMS
            other => panic!("no table {other}"),
        }
    }
}
"#;

impl Emitted {
    /// Emits and compiles.
    pub fn compile(tables: &[&OwnedTable]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut main = String::new();
        let mut arms = String::new();
        for (number, table) in tables.iter().enumerate() {
            std::fs::write(folder.path().join(format!("t{number}.rs")), emit::rust(table).expect("a good table").bytes)
                .expect("a file");
            let _ = writeln!(main, "mod t{number};");
            let _ = write!(arms, "\"{number}\" => answer!(t{number}, fields, out),\n            ");
        }
        main.push_str(&MAIN.replace("ARMS", &arms));
        let file = folder.path().join("main.rs");
        std::fs::write(&file, main).expect("a file");
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
        let output = Command::new(rustc)
            .args(["--edition", "2024", "-A", "warnings", "-C", "opt-level=1", "-o"])
            .arg(folder.path().join("run"))
            .arg(&file)
            .output()
            .expect("rustc");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Emitted { folder }
    }

    /// The outcomes that a table has for cases of its program, by decision.
    pub fn ask(&self, number: usize, table: &OwnedTable, program: &Program, cases: impl Iterator<Item = Case>) -> Vec<Vec<u32>> {
        let mut lines = String::new();
        let mut count = 0;
        for case in cases {
            let _ = write!(lines, "{number}");
            for input in &table.inputs {
                let id = program.find_input(&input.name).expect("an input of the program");
                let _ = match case.get(id).expect("complete") {
                    Value::Bool(value) => write!(lines, " B{}", u8::from(*value)),
                    Value::Member(member) => write!(lines, " M{member}"),
                    Value::Int(int) => write!(lines, " I{int}"),
                    Value::Set(set) => {
                        let words: Vec<String> = set_words(set).iter().map(u64::to_string).collect();
                        write!(lines, " S{}", words.join(","))
                    }
                };
            }
            lines.push('\n');
            count += 1;
        }
        let mut child = Command::new(self.folder.path().join("run"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emitted program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
        let output = child.wait_with_output().expect("the emitted program ends");
        writer.join().expect("no panic").expect("the emitted program reads everything");
        assert!(output.status.success(), "the emitted program failed");
        let text = String::from_utf8(output.stdout).expect("text");
        let answers: Vec<Vec<u32>> =
            text.lines().map(|line| line.split_whitespace().map(|word| word.parse().expect("a number")).collect()).collect();
        assert_eq!(answers.len(), count, "an answer to every case");
        answers
    }
}
