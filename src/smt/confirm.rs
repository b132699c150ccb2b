//! A second solver: another program reads the same question as SMT-LIB 2 text and answers for itself.
//!
//! In: the text of `script.rs`, which shares no code with the encoder. Out: what the program said. It is asked about proofs only: what it
//! says of them confirms them, or is a disagreement.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often the program is looked after.
const TICK: Duration = Duration::from_millis(5);

/// What the second solver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// There is no such case.
    Never,
    /// There is one.
    Possible,
    /// It did not say.
    Unknown(String),
}

/// Asks a program that reads SMT-LIB 2 on standard input and knows `--tlimit=MILLISECONDS`, as cvc5 does.
#[must_use]
pub fn confirmed(program: &Path, script: &str, time: Duration) -> Second {
    match asked(program, script, time) {
        Ok(said) => match said.lines().map(str::trim).find(|line| !line.is_empty()) {
            Some("unsat") => Second::Never,
            Some("sat") => Second::Possible,
            Some(other) => Second::Unknown(other.chars().take(120).collect()),
            None => Second::Unknown("it said nothing".to_owned()),
        },
        Err(why) => Second::Unknown(why),
    }
}

fn asked(program: &Path, script: &str, time: Duration) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut child = Command::new(program)
        .arg("--lang=smt2")
        .arg(format!("--tlimit={}", time.as_millis()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let text = script.to_owned();
    // It may end before it has read everything: then what it said counts.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        stdout.map(|mut stdout| stdout.read_to_string(&mut said)).transpose().map(|_| said)
    });
    let end = Instant::now() + time + Duration::from_secs(5);
    let in_time = loop {
        match child.try_wait().map_err(failed)? {
            Some(_) => break true,
            None if Instant::now() > end => break false,
            None => std::thread::sleep(TICK),
        }
    };
    if !in_time {
        let _ = child.kill();
        let _ = child.wait();
    }
    let _ = writer.join();
    let said = reader.join().map_err(|_| "its answer was lost".to_owned())?.map_err(failed)?;
    if in_time { Ok(said) } else { Err("it did not end and was stopped".to_owned()) }
}
