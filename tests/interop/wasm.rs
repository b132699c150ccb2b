//! The WebAssembly module and its wrapper: in Node, in headless Chromium, and its types by the TypeScript compiler.
//!
//! Each case goes through the wrapper as an object of names and texts, and comes back in words: value and rules. The same cases go through
//! the batch by columns, which must come to the same outcomes; cases with unknown inputs go through `remaining`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lexport::diagram::OwnedTable;
use lexport::emit;
use lexport::ir::{Domain, Value};
use serde_json::json;

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Known, Opened, Subject, compare, subjects};

/// Asks a wrapper: requests in, replies out. Node and the browser run the same lines.
const ASKING: &str = include_str!("wasm/asking.mjs");

/// The files of a table and the script that asks it, in a folder. The name of the wrapper.
fn write(table: &OwnedTable, folder: &Path) -> String {
    let artifacts = emit::wasm(table).expect("a module");
    for artifact in &artifacts {
        std::fs::write(folder.join(&artifact.path), &artifact.bytes).expect("a file");
    }
    std::fs::write(folder.join("asking.mjs"), ASKING).expect("a file");
    std::fs::write(folder.join("package.json"), "{\"type\":\"module\"}").expect("a file");
    artifacts[1].path.trim_end_matches(".mjs").to_owned()
}

/// What is asked: cases as objects of names and texts, and what must come back, in words.
struct Asked {
    requests: Vec<String>,
    expected: Vec<String>,
    known: usize,
    open: usize,
}

fn object(table: &OwnedTable, values: &[Option<Value>], subject: &Subject) -> String {
    let mut out = serde_json::Map::new();
    for (input, value) in table.inputs.iter().zip(values) {
        let Some(value) = value else { continue };
        let told = match (&input.domain, value) {
            (_, Value::Bool(flag)) => json!(flag),
            (Domain::Set(of), Value::Set(set)) => {
                json!(set.iter().map(|m| &table.enums[of.index()].members[m as usize].name).collect::<Vec<_>>())
            }
            (domain, value) => json!(subject.value_text(domain, value)),
        };
        out.insert(input.name.clone(), told);
    }
    serde_json::Value::Object(out).to_string()
}

/// Outcomes in words: number, value and rules, each told once.
struct Words<'s> {
    subject: &'s Subject,
    told: BTreeMap<(usize, u32), String>,
}

impl Words<'_> {
    fn of(&mut self, decision: usize, outcome: u32) -> &str {
        let subject = self.subject;
        self.told.entry((decision, outcome)).or_insert_with(|| {
            format!("{outcome} {} [{}]", subject.answer_text(decision, outcome), subject.rules(outcome).join(" "))
        })
    }
}

impl Asked {
    fn new(subject: &Subject, known: &[Known], open: &[Opened]) -> Asked {
        let mut words = Words { subject, told: BTreeMap::new() };
        let table = &subject.table;
        let (mut requests, mut expected) = (Vec::new(), Vec::new());
        for case in known {
            let values: Vec<Option<Value>> = case.values.iter().cloned().map(Some).collect();
            requests.push(format!("known {}", object(table, &values, subject)));
            let told = case.outcomes.iter().enumerate().map(|(decision, outcome)| words.of(decision, *outcome).to_owned());
            expected.push(told.collect::<Vec<_>>().join("; "));
        }
        for case in open {
            requests.push(format!("open {}", object(table, &case.values, subject)));
            let mut line = String::new();
            for (decision, left) in case.answers.iter().enumerate() {
                let ask = left.ask.map_or("-", |ask| table.inputs[ask as usize].name.as_str());
                let told: Vec<String> = left.possible.iter().map(|outcome| words.of(decision, *outcome).to_owned()).collect();
                let _ = write!(line, "{}{}/{ask}/{}", if decision > 0 { "; " } else { "" }, told.join(" | "), left.exact);
            }
            expected.push(line);
        }
        Asked { requests, expected, known: known.len(), open: open.len() }
    }

    fn of(subject: &Subject) -> Asked {
        Asked::new(subject, &subject.cases(consumer::cases()), &subject.open_cases(consumer::cases() / 10))
    }

    fn conclude_as(&self, target: &str, consumer: &str, subject: &Subject, found: &str) {
        let disagreements = compare(&self.requests, &self.expected, found);
        let (cases, open) = (self.known, self.open);
        Agreement { target, consumer, table: subject.name, cases, open, disagreements }.conclude();
    }
}

/// Node, where all consumers are asked for.
fn node() -> Option<PathBuf> {
    if !consumer::all() {
        return None;
    }
    let node = consumer::find("node");
    if node.is_none() {
        skip("wasm (Node)", "there is no `node`: install Node.js 18 or later");
    }
    node
}

fn ask_node(node: &Path, folder: &Path, name: &str, requests: &[String]) -> String {
    consumer::ask(Command::new(node).arg("asking.mjs").arg(format!("./{name}.mjs")).current_dir(folder), requests)
}

#[test]
fn wasm_in_node() {
    let Some(node) = node() else { return };
    let version = format!("Node {}", consumer::version(Command::new(&node).arg("--version")));
    for subject in subjects() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = write(&subject.table, folder.path());
        let asked = Asked::of(subject);
        asked.conclude_as("wasm", &version, subject, &ask_node(&node, folder.path(), &name, &asked.requests));
    }
}

/// A table in which one word of the diagram was changed is noticed: the comparison can fail. Files of different tables do not work together.
#[test]
fn an_altered_module_disagrees() {
    let Some(node) = node() else { return };
    let subject = &subjects()[0];
    let asked = Asked::new(subject, &subject.cases(2_000), &[]);
    let mut altered = subject.table.clone();
    let outcomes = altered.outcomes.len() as u32;
    let leaf =
        altered.nodes.iter().position(|word| *word == lexport_runtime::LEAF | altered.vectors[0].outcomes[0]).expect("a leaf");
    let last = (0..outcomes)
        .rev()
        .find(|one| altered.vectors.iter().any(|vector| vector.outcomes[0] == *one && *one != altered.vectors[0].outcomes[0]));
    altered.nodes[leaf] = lexport_runtime::LEAF | last.expect("another outcome");
    altered.vectors.clear();
    let folder = tempfile::tempdir().expect("a folder");
    let name = write(&altered, folder.path());
    let found = ask_node(&node, folder.path(), &name, &asked.requests);
    assert!(!compare(&asked.requests, &asked.expected, &found).is_empty());
    // The wrapper of the one, the module of the other.
    std::fs::write(folder.path().join(format!("{name}.mjs")), &emit::wasm(&subject.table).expect("a module")[1].bytes)
        .expect("a file");
    let output = Command::new(&node)
        .args(["-e", &format!("import('./{name}.mjs').then(m => m.load()).catch(e => {{ console.log(e.name, e.message); }})")])
        .current_dir(folder.path())
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("ModuleError the module is not the one of this wrapper"), "{said}");
}

/// The page that asks in a browser: parts of the requests come one after the other, and the replies go back as they are.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><script type="module">
const post = (path, text) => fetch(path, { method: "POST", body: text });
try {
  const { load } = await import("/NAME.mjs");
  const { replies } = await import("/asking.mjs");
  const table = await load();
  await table.selfTest();
  for (let part = 0; part < PARTS; part++) {
    const lines = (await (await fetch(`/requests/${part}`)).text()).split("\n").filter((line) => line !== "");
    await post("/replies", replies(table, lines).join("\n") + "\n");
  }
  await post("/end", navigator.userAgent);
} catch (error) {
  await post("/failed", String(error.stack ?? error));
}
</script>"#;

/// How many requests the page takes at once.
const PART: usize = 5_000;

/// What the page sends back.
enum Sent {
    Replies(String),
    End(String),
    Failed(String),
}

/// Serves a folder, the page and the requests on this machine's own address only, until the page has sent its end.
fn serve(listener: &TcpListener, folder: &Path, page: &str, requests: &[String], sent: &mpsc::Sender<Sent>) {
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            let Ok(mut copy) = stream.try_clone() else { continue };
            // The test wakes the listener by a connection that says `STOP`.
            let mut first = [0; 4];
            if stream.peek(&mut first).is_ok_and(|length| &first[..length] == b"STOP") {
                return;
            }
            let sent = sent.clone();
            scope.spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
                let _ = answer(BufReader::new(stream), &mut copy, folder, page, requests, &sent);
            });
        }
    });
}

/// Answers one request of HTTP/1.1 and closes.
fn answer(
    mut from: BufReader<TcpStream>,
    to: &mut TcpStream,
    folder: &Path,
    page: &str,
    requests: &[String],
    sent: &mpsc::Sender<Sent>,
) -> std::io::Result<()> {
    let mut head = String::new();
    from.read_line(&mut head)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let (kind, content) = match (method, path) {
        ("POST", path) => {
            let text = String::from_utf8_lossy(&body).into_owned();
            let _ = sent.send(match path {
                "/replies" => Sent::Replies(text),
                "/end" => Sent::End(text),
                _ => Sent::Failed(text),
            });
            ("text/plain", Vec::new())
        }
        (_, "/") => ("text/html", page.as_bytes().to_vec()),
        (_, path) => match path.strip_prefix("/requests/").and_then(|part| part.parse::<usize>().ok()) {
            Some(part) => (
                "text/plain",
                requests.iter().skip(part * PART).take(PART).fold(String::new(), |all, one| all + one + "\n").into_bytes(),
            ),
            None => {
                let kind = if path.ends_with(".mjs") {
                    "text/javascript"
                } else if path.ends_with(".wasm") {
                    "application/wasm"
                } else {
                    "application/json"
                };
                let file = folder.join(path.trim_start_matches('/').replace("..", ""));
                match std::fs::read(file) {
                    Ok(content) => (kind, content),
                    Err(_) => {
                        return to.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    }
                }
            }
        },
    };
    write!(
        to,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    )?;
    to.write_all(&content)
}

/// What the browser replies, and how it calls itself.
fn ask_chromium(chromium: &Path, folder: &Path, name: &str, requests: &[String]) -> Result<(String, String), String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let page = PAGE.replace("NAME", name).replace("PARTS", &requests.len().div_ceil(PART).to_string());
    let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| serve(&listener, folder, &page, requests, &sender));
        let mut command = Command::new(chromium);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg(format!("http://{address}/"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let result = child.map_err(|error| error.to_string()).and_then(|mut child| {
            let until = Instant::now() + Duration::from_secs(1_200);
            let mut replies = String::new();
            let result = loop {
                match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(Sent::Replies(text)) => replies += &text,
                    Ok(Sent::End(agent)) => break Ok((replies, agent)),
                    Ok(Sent::Failed(why)) => break Err(why),
                    Err(_) => break Err("no answer in time".to_owned()),
                }
            };
            let _ = child.kill();
            let _ = child.wait();
            result
        });
        if let Ok(mut wake) = TcpStream::connect(address) {
            let _ = wake.write_all(b"STOP");
        }
        result
    })
}

#[test]
fn wasm_in_chromium() {
    if !consumer::all() {
        return;
    }
    let Some(chromium) = consumer::find("chromium").or_else(|| consumer::find("chromium-browser")) else {
        skip("wasm (Chromium)", "there is no `chromium`: run tests/interop/install/chromium.sh");
        return;
    };
    let version = consumer::version(Command::new(&chromium).arg("--version"));
    for subject in subjects() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = write(&subject.table, folder.path());
        let asked = Asked::of(subject);
        let (found, agent) = ask_chromium(&chromium, folder.path(), &name, &asked.requests).unwrap_or_else(|why| panic!("{why}"));
        assert!(agent.contains("HeadlessChrome"), "{agent}");
        let consumer = version.split(" built").next().unwrap_or(&version);
        asked.conclude_as("wasm (browser)", consumer, subject, &found);
    }
}

/// The types: right uses are accepted; each wrong one of `usage.mts` is an error where it is marked, and `wrong.mts` is refused.
#[test]
fn types_are_exact() {
    if !consumer::all() {
        return;
    }
    let tsc = consumer::home().join("typescript/node_modules/.bin/tsc");
    if !tsc.is_file() {
        skip("wasm (TypeScript)", "there is no TypeScript: run tests/interop/install/typescript.sh");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let subject = subjects().iter().find(|subject| subject.name == "everything").expect("a subject");
    write(&subject.table, folder.path());
    let check = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
        let options = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--lib", "es2022,dom"];
        let output = Command::new(&tsc).args(options).args(["--module", "nodenext", name]).current_dir(folder.path()).output();
        let output = output.expect("tsc runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (good, said) = check("usage.mts", include_str!("wasm/usage.mts"));
    assert!(good, "{said}");
    let (good, said) = check("wrong.mts", include_str!("wasm/wrong.mts"));
    assert!(!good && said.contains("\"FR\"") && said.contains("wrong.mts(5,"), "{said}");
}

/// What is wrong is refused by name, in Node: never an answer.
#[test]
fn wrong_values_are_refused_by_name() {
    let Some(node) = node() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let subject = subjects().iter().find(|subject| subject.name == "everything").expect("a subject");
    let name = write(&subject.table, folder.path());
    std::fs::write(folder.path().join("refusals.mjs"), include_str!("wasm/refusals.mjs")).expect("a file");
    let run = Command::new(&node).arg("refusals.mjs").arg(format!("./{name}.mjs")).current_dir(folder.path()).output();
    let run = run.expect("node runs");
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(String::from_utf8_lossy(&run.stdout).starts_with("refusals: "));
}
