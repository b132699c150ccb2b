//! Runs the program in a folder of its own, always in the same surroundings.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Both streams, and the code.
    #[allow(dead_code, reason = "not every test binary looks at all of it")]
    pub fn all(&self) -> String {
        format!("{}{}[exit {}]", self.out, self.err, self.code.map_or("by signal".into(), |code| code.to_string()))
    }
}

/// A folder that is removed at the end.
#[derive(Debug)]
pub struct Place(tempfile::TempDir);

impl Place {
    /// An empty folder.
    pub fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary folder"))
    }

    /// With these files.
    #[allow(dead_code, reason = "not every test binary begins so")]
    pub fn with(files: &[(&str, &str)]) -> Place {
        let place = Place::new();
        for (path, text) in files {
            place.put(path, text.as_bytes());
        }
        place
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Reads a file.
    #[allow(dead_code, reason = "not every test binary reads files")]
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs `lexport` with the words of a line.
    #[allow(dead_code, reason = "not every test binary runs it so")]
    pub fn run(&self, line: &str) -> Ran {
        self.run_with(&line.split_whitespace().collect::<Vec<_>>(), b"")
    }

    /// Runs `lexport` with arguments and standard input.
    #[allow(dead_code, reason = "not every test binary runs it so")]
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        self.run_where(&[], arguments, input)
    }

    /// The same where some variables of the surroundings are set.
    pub fn run_where(&self, variables: &[(&str, &str)], arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("SOURCE_DATE_EPOCH", "1767225600")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("standard input");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            let _ = std::io::Write::write_all(&mut stdin, &input);
        });
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("the input is written");
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_lexport"))
}
