//! The catalogue of loopholes: each pattern as it was before its fix, and after it. Before, the checker finds the way around; after, it
//! proves for every number of steps that there is none. `docs/loopholes.md` is the table of it.
//!
//! `make loopholes` writes the page anew and prints the times.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use lexport::analysis::{By, Options, Proof, Report, Trace, Witness, check};
use lexport::diagnostic::{Code, Severity};
use lexport::driver::Compilation;
use lexport::ir::{Program, Value};
use lexport::report::properties::way;
use lexport::source::DiskLoader;

/// Characters of an invariant that the table shows.
const SHOWN: usize = 220;

struct Checked {
    program: Program,
    report: Report,
    seconds: f64,
}

fn checked(path: &Path) -> Checked {
    let path = path.display().to_string();
    let compilation = Compilation::load(&DiskLoader, &path);
    assert!(!compilation.failed(), "{path}: {:#?}", compilation.messages);
    let quiet = compilation.messages.iter().all(|message| message.severity == Severity::Note);
    assert!(quiet, "{path}: {:#?}", compilation.messages);
    let program = compilation.program.expect("a program");
    let start = Instant::now();
    let report = check(&program, &Options::default());
    let seconds = start.elapsed().as_secs_f64();
    assert!(report.undecided.is_empty(), "{path}: {:#?}", report.undecided);
    Checked { program, report, seconds }
}

/// The folders of the patterns, in order.
fn patterns() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loopholes");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// The paths of a report by their claims: those that nobody accepts.
fn paths(checked: &Checked) -> BTreeMap<String, &Trace> {
    let open = checked.report.findings.iter().filter(|finding| finding.code == Code::Loophole && finding.accepted.is_none());
    open.map(|finding| match &finding.witness {
        Some(Witness::Trace(trace)) => (finding.about[0].clone(), trace.as_ref()),
        other => panic!("a loophole is shown by a path, not by {other:?}"),
    })
    .collect()
}

fn proof<'c>(checked: &'c Checked, claim: &str) -> Option<&'c Proof> {
    let said = format!("`{claim}` in ");
    checked.report.proved.iter().find(|proof| proof.invariant.is_some() && proof.property.to_string().starts_with(&said))
}

fn size(program: &Program, trace: &Trace) -> String {
    let world = &program.processes[trace.process].world;
    let mut parts = Vec::new();
    for (input, steps, most) in &trace.size.most {
        let declared = world.input(*input);
        parts.push(format!("{} up to {} in {steps}", declared.name, world.value_text(&declared.domain, &Value::Int(*most))));
    }
    parts.extend(trace.size.days.filter(|days| *days > 0).map(|days| format!("at least {days} days")));
    for (at, input, members) in &trace.size.ways {
        let name = &world.input(*input).name;
        parts.push(if *at == 0 {
            format!("{} of {name}", members.len())
        } else {
            format!("{} of {name} after step {at}", members.len())
        });
    }
    parts.join("; ")
}

/// What closes it by itself.
fn stops(program: &Program, trace: &Trace) -> String {
    let world = &program.processes[trace.process].world;
    let told = trace.size.stops.iter().map(|stop| {
        let how = if stop.binds { "if bound" } else { "if gone" };
        format!("`{}` {how}{}", world.rule(stop.rule).name, if stop.proved { "" } else { " (searched)" })
    });
    told.collect::<Vec<_>>().join(", ")
}

fn short(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.chars().count() <= SHOWN {
        return text;
    }
    let cut: String = text.chars().take(SHOWN).collect();
    format!("{} …", cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head))
}

#[test]
fn before_it_is_found_and_after_it_is_proved() {
    let mut page = String::from(
        "# The catalogue of loopholes\n\n\
         Each pattern is a regime before its fix and after it, in `tests/loopholes`. Before, `check` finds the shortest way around; after, it proves for every number of steps that\n\
         there is none, by an invariant that the decision diagram and Z3 both confirm. `make loopholes` writes this page, and prints the times; `tests/loopholes.rs` holds it.\n\n\
         | pattern | claim | steps | the way | how large | what stops it alone | after the fix, whatever happens | by |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let mut count = 0;
    for folder in patterns() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let (before, after) = (checked(&folder.join("before.lxp")), checked(&folder.join("after.lxp")));
        println!("{name}: before {:.1} s, after {:.1} s", before.seconds, after.seconds);
        let found = paths(&before);
        assert!(!found.is_empty(), "{name}: no way around is found before the fix");
        let worse = after.report.findings.iter().filter(|one| one.severity < Severity::Note);
        let worse: Vec<String> = worse.map(|one| one.title.to_string()).collect();
        assert!(worse.is_empty(), "{name}: after the fix: {worse:?}");
        for (claim, trace) in found {
            let proof = proof(&after, &claim).unwrap_or_else(|| panic!("{name}: `{claim}` is not proved after the fix"));
            let by: Vec<By> = proof.evidence.iter().filter(|one| !one.silent).map(|one| one.by).collect();
            assert_eq!(by, [By::Diagram, By::Z3], "{name}: `{claim}`");
            let invariant = proof.invariant.as_ref().expect("an invariant").to_string();
            let _ = writeln!(
                page,
                "| {name} | `{claim}` | {} | {} | {} | {} | {} | both |",
                trace.taken.len(),
                way(&before.program, trace),
                size(&before.program, trace),
                stops(&before.program, trace),
                short(&invariant),
            );
        }
        count += 1;
    }
    assert!(count >= 20, "{count} patterns");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/loopholes.md");
    if std::env::var_os("LEXPORT_WRITE").is_some() {
        std::fs::write(&path, &page).expect("writable");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let other: Vec<&str> = page.lines().filter(|line| !written.lines().any(|known| known == *line)).collect();
    assert!(
        written == page,
        "docs/loopholes.md is not what is found: `make loopholes` writes it anew; found:\n{}",
        other.join("\n")
    );
}

/// The clauses that `lexport smt` writes share no code with those that `check` asks: Z3 reads them as text, and must say the same.
#[test]
fn the_clauses_as_text_say_the_same() {
    use z3::{SatResult, Solver};
    let mut seen = 0;
    for folder in patterns() {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        for file in files {
            let checked = checked(&file);
            for process in &checked.program.processes {
                for (at, goal) in process.goals.iter().enumerate() {
                    let place = format!("{}: {}", file.display(), goal.name);
                    let text = lexport::smt::clauses(process, at).expect("written");
                    let (clauses, answer) = lexport::smt::alone(|| {
                        let solver = Solver::new_for_logic("HORN").expect("a logic");
                        solver.from_string(text.as_str());
                        (solver.get_assertions().len(), solver.check())
                    });
                    // What cannot be read is read as nothing, and nothing is satisfiable.
                    assert_eq!(clauses, process.steps.len() + 2, "{place}");
                    let proved = proof(&checked, &goal.name).is_some();
                    assert_eq!(answer, if proved { SatResult::Sat } else { SatResult::Unsat }, "{place}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 50, "{seen} claims");
}
