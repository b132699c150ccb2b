//! The tools outside: where they are, and how they are run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Whether all consumers are asked for (`make interop`), or only those that any machine of ours has.
pub fn all() -> bool {
    std::env::var_os("LEXPORT_INTEROP").is_some()
}

/// How many random cases each consumer is asked, of each table.
pub fn cases() -> usize {
    let set = std::env::var("LEXPORT_INTEROP_CASES").ok().and_then(|text| text.parse().ok());
    set.unwrap_or(if all() { 100_000 } else { 2_000 })
}

/// Where `make interop` puts what it installs: `.consumers/` beside the manifest.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".consumers")
}

/// A program on the path.
pub fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The Python of the installed packages, if it has the one that is asked for.
pub fn python(package: &str) -> Option<PathBuf> {
    let python = home().join("python/bin/python");
    let found = Command::new(&python).args(["-c", &format!("import {package}")]).output().ok()?;
    found.status.success().then_some(python)
}

/// Runs a command to its end; what it said is the panic if it fails.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a command that answers lines on its standard output for those on its standard input.
pub fn ask(command: &mut Command, lines: &[String]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut input = child.stdin.take().expect("a pipe");
    let mut text = lines.join("\n");
    text.push('\n');
    // Written beside, so that neither side waits for the other.
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let written = writer.join().expect("a writer");
    assert!(output.status.success(), "{command:?} failed\n{}", String::from_utf8_lossy(&output.stderr));
    written.expect("it reads what it is asked");
    String::from_utf8(output.stdout).expect("text")
}

/// The first line that a program says of its version.
pub fn version(command: &mut Command) -> String {
    let output = run(command);
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&said).lines().next().unwrap_or_default().trim().to_owned()
}
