//! `import`: a table that somebody has, as a regime; and what is to be said of it, by the row numbers of their own file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::driver::Compilation;
use crate::import::{self, Asked, Finding, Found, Judged, Kind, Table};
use crate::ir::Program;
use crate::report::terminal;
use crate::report::text::{visible, wrap};
use crate::report::value;
use crate::source::{Files, MemoryLoader};
use crate::words::{Language, Sentence, list, say};

use super::args::{ImportArguments, PlainFormat};
use super::input::{compile, sources};
use super::output::{self, Exit, Outcome, Stop, apart, placeless, stop, stop_all, write};

/// How many findings of one kind are shown to people; documents have all of them.
const SHOWN: usize = 50;

/// A table, its regime, and what was found.
struct Imported {
    table: Table,
    text: String,
    program: Program,
    judged: Judged,
    path: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &ImportArguments) -> Outcome {
    output::stage("reading the table");
    let begun = std::time::Instant::now();
    let policy = match arguments.policy.as_deref().map(|name| (name, import::Policy::of(name))) {
        Some((name, None)) => {
            let message = placeless(Code::BadArgument, format!("`--policy {name}` is none of the hit policies of DMN"));
            return Err(stop(message.note("they are U (UNIQUE), A (ANY), P (PRIORITY), F (FIRST), R (RULE ORDER), O (OUTPUT ORDER), C (COLLECT), C+, C<, C> and C#")));
        }
        Some((_, policy)) => policy,
        None => None,
    };
    let mut domains = Vec::new();
    for domain in &arguments.domain {
        domains.push((domain.split('=').next().unwrap_or(domain).trim(), stated(domain)?));
    }
    let (mut known, mut reads) = (None, vec![PathBuf::from(&arguments.file)]);
    if let Some(path) = &arguments.with {
        let (compilation, program) = compile(path)?;
        reads.extend(sources(&compilation));
        known = Some(program);
    }
    let headings = |names: &[String]| names.iter().map(|name| name.trim().to_owned()).collect::<Vec<String>>();
    let (outputs, notes) = (headings(&arguments.outputs), headings(&arguments.notes));
    let asked = Asked {
        decision: arguments.decision.as_deref(),
        sheet: arguments.sheet.as_deref(),
        outputs: &outputs,
        notes: &notes,
        policy,
        closed: arguments.closed,
        known: known.iter().collect(),
        stated: domains.iter().map(|(name, program)| (*name, program)).collect(),
    };
    let bytes = bytes(&arguments.file)?;
    let Found { tables, warnings, unread } =
        import::read(&arguments.file, &bytes, &asked).map_err(|wrong| stop_all(&Files::default(), &wrong))?;
    let reading = begun.elapsed();
    let places = places(arguments, &tables)?;
    let mut all = Vec::new();
    for (table, path) in tables.into_iter().zip(places) {
        output::stage("judging the table");
        let text =
            import::written(&table).map_err(|why| stop(internal(&format!("the regime of `{}` is none: {why}", table.title))))?;
        let program = compiled(&table, &text)?;
        let judged = import::judge(&table, &program).map_err(|why| stop(internal(&why)))?;
        if let Some(fault) = judged.faults.first() {
            let title = format!("the interpreter does not see what was found: {fault}");
            return Err(stop(internal(&title)));
        }
        all.push(Imported { table, text, program, judged, path });
    }
    output::stage("writing");
    for path in all.iter().filter_map(|one| one.path.as_deref()) {
        apart(path, &reads)?;
    }
    for one in &all {
        if let Some(path) = &one.path {
            write(path, one.text.as_bytes(), &reads)?;
        }
    }
    output::show(&Files::default(), &warnings);
    match arguments.format {
        PlainFormat::Text => output::print(&story(&all, &arguments.file)),
        PlainFormat::Json => output::print(&format!("{:#}\n", document(&all, &arguments.file, &warnings))),
    }
    if arguments.times {
        let [boxes, replay] =
            all.iter().fold([std::time::Duration::ZERO; 2], |[a, b], one| [a + one.judged.times[0], b + one.judged.times[1]]);
        let ms = |time: std::time::Duration| format!("{}.{:02} ms", time.as_micros() / 1000, time.as_micros() % 1000 / 10);
        output::say(&format!("reading {}, boxes {}, replay {}\n", ms(reading), ms(boxes), ms(replay)));
    }
    let denied = super::check::denied(arguments.deny);
    let found = all.iter().flat_map(|one| &one.judged.findings).any(|finding| finding.severity <= denied);
    let open = unread || all.iter().any(|one| !one.judged.undecided.is_empty());
    Ok(match (found, open) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::Undecided,
        (false, false) => Exit::Fine,
    })
}

fn internal(what: &str) -> Diagnostic {
    placeless(Code::Internal, what)
        .note("nothing was written; this is a mistake of Lexport, please report it with the table if you may share it")
}

fn bytes(path: &str) -> Result<Vec<u8>, Stop> {
    let cannot = |code: Code, why: String| stop(placeless(code, format!("cannot read `{path}`")).note(why));
    let size = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(cannot(Code::MissingFile, "it is a folder".to_owned())),
        Ok(found) => found.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(cannot(Code::MissingFile, "there is no such file".to_owned()));
        }
        Err(error) => return Err(cannot(Code::MissingFile, error.to_string())),
    };
    if size > Files::MAX_BYTES as u64 {
        return Err(cannot(Code::TooLarge, format!("it has {size} bytes; {} are the most", Files::MAX_BYTES)));
    }
    std::fs::read(path).map_err(|error| cannot(Code::MissingFile, error.to_string()))
}

/// A regime with the one input that `--domain NAME=TYPE` states.
fn stated(domain: &str) -> Result<Program, Stop> {
    let wrong = |note: String| {
        let message = placeless(Code::BadArgument, format!("`--domain {domain}`: not NAME=TYPE")).note(note);
        stop(message.help("for example --domain \"age=count from 0 to 150\", \"weight=number of kg from 0 to 30 step 0.1\", \"grade={ A, B, C }\""))
    };
    let Some((name, of)) = domain.split_once('=') else { return Err(wrong("there is no `=`".to_owned())) };
    let text = import::stated(name.trim(), of.trim());
    let loader = MemoryLoader { files: [("domain.lxp".to_owned(), text)].into() };
    let mut compilation = Compilation::load(&loader, "domain.lxp");
    let said =
        compilation.messages.iter().find(|message| message.severity == Severity::Error).map(|message| message.title.clone());
    match (said, compilation.program.take()) {
        (None, Some(program)) if program.inputs.len() == 1 => Ok(program),
        (said, _) => Err(wrong(said.unwrap_or_else(|| "it is no type of one value".to_owned()))),
    }
}

/// Compiles what is about to be written.
fn compiled(table: &Table, text: &str) -> Result<Program, Stop> {
    let path = format!("{}.lxp", table.name);
    let loader = MemoryLoader { files: [(path.clone(), text.to_owned())].into() };
    let mut compilation = Compilation::load(&loader, &path);
    if compilation.failed() {
        let mut messages = vec![internal("the imported regime does not compile")];
        messages.append(&mut compilation.messages);
        return Err(stop_all(&compilation.files, &messages));
    }
    compilation.program.take().ok_or_else(|| stop(internal("the imported regime does not compile")))
}

/// Where each table is written; nothing that exists is written over without being told so.
fn places(arguments: &ImportArguments, tables: &[Table]) -> Result<Vec<Option<PathBuf>>, Stop> {
    let Some(to) = &arguments.output else { return Ok(vec![None; tables.len()]) };
    let file = to.extension().is_some_and(|ending| ending == "lxp");
    if file && tables.len() > 1 {
        let names: Vec<&str> = tables.iter().map(|table| table.title.as_str()).collect();
        let message = placeless(
            Code::BadArgument,
            format!("`{}` has {} tables, and `-o {}` is one file", arguments.file, tables.len(), to.display()),
        );
        return Err(stop(message.help(format!("name a folder, or choose one with `--decision`: {}", names.join(", ")))));
    }
    let mut taken: Vec<PathBuf> = Vec::new();
    for table in tables {
        let mut path = if file { to.clone() } else { to.join(format!("{}.lxp", table.name)) };
        let mut number = 1;
        while taken.contains(&path) {
            number += 1;
            path = to.join(format!("{}_{number}.lxp", table.name));
        }
        taken.push(path);
    }
    if let Some(there) = taken.iter().find(|path| path.exists() && !arguments.force) {
        let message = placeless(Code::CannotWrite, format!("`{}` exists", there.display()));
        return Err(stop(message.help("`--force` writes over it; nothing was written")));
    }
    Ok(taken.into_iter().map(Some).collect())
}

/// The whole answer as text.
fn story(all: &[Imported], file: &str) -> String {
    let language = output::language();
    let mut out = String::new();
    for one in all {
        let (table, judged) = (&one.table, &one.judged);
        let (rows, inputs, outputs) = (table.rows.len(), table.inputs.len(), table.outputs.len());
        let head = say!(
            "{file}: table {name}: {rows} {rows:row|rows}, {inputs} {inputs:input|inputs}, {outputs} {outputs:output|outputs}, {policy}",
            file,
            name = table.title,
            rows,
            inputs,
            outputs,
            policy = table.policy.name()
        );
        let _ = writeln!(out, "{}\n", visible(&head.in_language(language)));
        for kind in [Kind::Overlap, Kind::Gap, Kind::Masked, Kind::Empty] {
            let of: Vec<&Finding> = judged.findings.iter().filter(|finding| finding.kind == kind).collect();
            of.iter().take(SHOWN).for_each(|finding| told(one, finding, language, &mut out));
            if of.len() > SHOWN {
                let more = of.len() - SHOWN;
                let said = say!("and {more} more of this kind; `--format json` has all of them", more);
                let _ = writeln!(out, "{}\n", said.in_language(language));
            }
        }
        for open in &judged.undecided {
            let _ = writeln!(out, "{}", say!("not decided: {question}", question = open.clone()).in_language(language));
        }
        for name in &table.unused {
            let said = say!("no row asks anything of column {name}: it is left out", name);
            let _ = writeln!(out, "{}", visible(&said.in_language(language)));
        }
        let _ = writeln!(out, "{}", visible(&summary(one).in_language(language)));
        if let Some(path) = &one.path {
            let path = path.display().to_string();
            let _ = writeln!(out, "{}", say!("wrote {path}", path).in_language(language));
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn told(one: &Imported, finding: &Finding, language: Language, out: &mut String) {
    let style = output::style_out();
    let mut head = placeless(finding.code, finding.title.in_language(language));
    head.severity = finding.severity;
    let mut text = terminal::diagnostics(&Files::default(), &[head], style);
    text.truncate(text.trim_end().len());
    let _ = writeln!(out, "{text}");
    let mut line = |said: Sentence| {
        let _ = writeln!(out, "{}", wrap(&visible(&said.in_language(language)), style.width, "  ", "    "));
    };
    if !finding.region.is_empty() {
        let region = list!(" and ", finding.region.iter().map(|(_, words)| Sentence::source(words.clone())));
        line(say!("where {region}", region));
    }
    if let Some(case) = &finding.case {
        // What the finding does not hang on would only hide what it does.
        let bound = |input: &crate::ir::InputId| finding.region.iter().any(|(of, _)| of == input);
        let all: Vec<_> = one.program.input_ids().filter(|input| finding.region.is_empty() || bound(input)).collect();
        let given = all.iter().filter_map(|input| {
            let name = &one.program.input(*input).name;
            Some(format!("{name} = {}", value::input_words(&one.program, *input, case.get(*input)?, language)))
        });
        let given: Vec<String> = given.collect();
        if !given.is_empty() {
            line(say!("for example {case}", case = list!(", ", given)));
        }
    }
    for (decision, outcome) in &finding.came {
        let name = &one.program.decision(*decision).name;
        let came = value::outcome_words(&one.program, *decision, outcome, language);
        line(say!("there {name} {came}", name, came));
    }
    line(say!("Evidence: {evidence}.", evidence = finding.evidence.clone()));
    out.push('\n');
}

/// `2 overlaps, 1 gap (12 of 60 cases), 1 row that never decides; 5 pairs of rows meet`.
fn summary(one: &Imported) -> Sentence {
    let judged = &one.judged;
    let count = |kind: Kind| judged.findings.iter().filter(|finding| finding.kind == kind).count();
    let thousands = |text: String| Sentence::thousands(text);
    let mut parts = Vec::new();
    let overlaps = count(Kind::Overlap);
    if overlaps > 0 {
        parts.push(say!("{overlaps} {overlaps:overlap|overlaps}", overlaps));
    }
    let gaps = count(Kind::Gap);
    if gaps > 0 {
        let (free, all) = (thousands(judged.free.to_string()), thousands(judged.cases.to_string()));
        parts.push(say!("{gaps} {gaps:gap|gaps} ({free} of {all} cases)", gaps, free, all));
    }
    let masked = count(Kind::Masked);
    if masked > 0 {
        parts.push(say!("{masked} {masked:row|rows} that never {masked:decides|decide}", masked));
    }
    let empty = count(Kind::Empty);
    if empty > 0 {
        parts.push(say!("{empty} {empty:row|rows} without a case", empty));
    }
    let found = if parts.is_empty() { say!("nothing found") } else { list!(", ", parts) };
    let name = &one.table.title;
    if one.table.policy.overlaps() && judged.overlaps > 0 {
        let pairs = thousands(judged.overlaps.to_string());
        return say!(
            "{name}: {found}; {pairs} {pairs:pair|pairs} of rows meet, as {policy} allows",
            name,
            found,
            pairs,
            policy = one.table.policy.name()
        );
    }
    say!("{name}: {found}", name, found)
}

/// The whole answer for tools.
fn document(all: &[Imported], file: &str, warnings: &[Diagnostic]) -> Json {
    let messages = warnings
        .iter()
        .map(|message| json!({ "code": message.code.name(), "severity": message.severity.name(), "title": message.title }));
    json!({
        "schema": "lexport.import/1",
        "file": file,
        "tables": all.iter().map(table).collect::<Vec<_>>(),
        "messages": messages.collect::<Vec<_>>(),
    })
}

fn table(one: &Imported) -> Json {
    let language = output::language_for_tools();
    let (table, judged, program) = (&one.table, &one.judged, &one.program);
    let columns = |all: Vec<(&String, &String)>| -> Vec<Json> {
        all.into_iter().map(|(name, title)| json!({ "name": name, "title": title })).collect()
    };
    let findings = judged.findings.iter().map(|finding| {
        let mut region = Map::new();
        for (input, words) in &finding.region {
            // Of a set several things can be asked.
            let name = program.input(*input).name.clone();
            let text = match region.get(&name).and_then(Json::as_str) {
                Some(before) => format!("{before} and {words}"),
                None => words.clone(),
            };
            region.insert(name, text.into());
        }
        let kind = match finding.kind {
            Kind::Overlap => "overlap",
            Kind::Gap => "gap",
            Kind::Masked => "masked",
            Kind::Empty => "empty",
        };
        let came: Map<String, Json> = finding
            .came
            .iter()
            .map(|(decision, outcome)| (program.decision(*decision).name.clone(), value::outcome(program, *decision, outcome)))
            .collect();
        json!({
            "code": finding.code.name(),
            "kind": kind,
            "severity": finding.severity.name(),
            "title": finding.title.in_language(language),
            "rows": finding.rows,
            "by": finding.by,
            "rules": finding.rules.iter().map(|rule| program.rule(*rule).name.as_str()).collect::<Vec<_>>(),
            "decisions": finding.decisions.iter().map(|decision| program.decision(*decision).name.as_str()).collect::<Vec<_>>(),
            "region": region,
            "witness": finding.case.as_ref().map(|case| json!({ "case": value::case(program, case) })),
            "came": came,
            "evidence": finding.evidence.in_language(language),
        })
    });
    json!({
        "table": table.title,
        "regime": table.name,
        "policy": table.policy.name(),
        "rows": table.rows.len(),
        "inputs": columns(table.inputs.iter().map(|input| (&input.name, &input.title)).collect()),
        "outputs": columns(table.outputs.iter().map(|output| (&output.name, &output.title)).collect()),
        "unused": table.unused,
        "written": one.path.as_ref().map(|path| Path::display(path).to_string()),
        "overlaps": judged.overlaps.to_string(),
        "free": judged.free.to_string(),
        "cases": judged.cases.to_string(),
        "findings": findings.collect::<Vec<_>>(),
        "undecided": judged.undecided.iter().map(|open| open.in_language(language)).collect::<Vec<_>>(),
    })
}
