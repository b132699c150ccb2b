//! Tables that people have: what is found in each of `tests/import/`, against what was thought of before (the comment at the head of a file
//! says why) and against what `check` says of the regime; our own CSV read back; tables with planted overlaps and gaps.

#[path = "import/edges.rs"]
mod edges;
#[path = "../benches/planted.rs"]
mod planted;
mod support;

use std::collections::BTreeSet;

use lexport::analysis::boxes::{Boxes, Region};
use lexport::analysis::{self, Options};
use lexport::diagnostic::{Code, Severity};
use lexport::driver::Compilation;
use lexport::import::{self, Asked, Judged, Kind, Table};
use lexport::ir::Program;
use lexport::source::{DiskLoader, MemoryLoader};
use support::Place;

fn sample(file: &str) -> (String, Vec<u8>) {
    let path = format!("{}/tests/import/{file}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    (path, bytes)
}

fn compiled(files: &[(&str, &str)]) -> Compilation {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Compilation::load(&MemoryLoader { files }, "main.lxp")
}

fn program(text: &str) -> Program {
    let compilation = compiled(&[("main.lxp", text)]);
    assert!(!compilation.failed(), "{:#?}\n{text}", compilation.messages);
    compilation.program.expect("it compiled")
}

/// The tables of a sample, each with its regime and what is said of it.
fn imported(file: &str, asked: &Asked<'_>) -> Vec<(Table, String, Program, Judged)> {
    let (_, bytes) = sample(file);
    let tables = import::read(file, &bytes, asked).unwrap_or_else(|wrong| panic!("{file}: {wrong:#?}")).tables;
    let judge = |table: Table| {
        let text = import::written(&table).unwrap_or_else(|why| panic!("{file}: {why}"));
        let program = program(&text);
        let judged = import::judge(&table, &program).unwrap_or_else(|why| panic!("{file}: {why}"));
        assert!(judged.faults.is_empty(), "{file}: {:?}", judged.faults);
        (table, text, program, judged)
    };
    tables.into_iter().map(judge).collect()
}

const SAMPLES: [&str; 8] =
    ["unique.dmn", "any.dmn", "first.dmn", "priority.dmn", "collect.dmn", "shipping.csv", "tiers.csv", "duties.xlsx"];

/// A finding as one word: `1+2` rows that overlap (`1+2=` if they say the same), `3<1,2` a row that is masked, `gap`, `5!` a row without a case.
fn words(judged: &Judged) -> Vec<String> {
    let rows = |rows: &[usize], sign: &str| rows.iter().map(usize::to_string).collect::<Vec<_>>().join(sign);
    let word = |finding: &import::Finding| match finding.kind {
        Kind::Overlap if finding.code == Code::Overlap => format!("{}=", rows(&finding.rows, "+")),
        Kind::Overlap => rows(&finding.rows, "+"),
        Kind::Gap => format!("gap {}", finding.region.iter().map(|(_, words)| words.clone()).collect::<Vec<_>>().join(" & ")),
        Kind::Masked => format!("{}<{}", rows(&finding.rows, "+"), rows(&finding.by, ",")),
        Kind::Empty => format!("{}!", rows(&finding.rows, "+")),
    };
    judged.findings.iter().map(word).collect()
}

#[test]
fn what_is_found_is_what_was_thought() {
    type Found<'a> = (&'a str, u64, &'a [&'a str]);
    let young = "gap Applicant_Age > 65 and Applicant_Age < 70 & Risk is not High";
    let nobody = "gap not traveller.citizen & not traveller.permit & not blocked";
    let expected: [(&str, &[Found<'_>]); 8] = [
        ("unique.dmn", &[("Premium Class", 2, &["1+2", "3+4=", young])]),
        ("any.dmn", &[("Border", 3, &["1+3", "2+3", nobody])]),
        ("first.dmn", &[("licence", 4, &["3<1", "4<1,2", "5!"])]),
        ("priority.dmn", &[("Treatment", 3, &["gap item is other & pieces <= 4", "2<3"]), ("Rated", 3, &["2<1"])]),
        (
            "collect.dmn",
            &[
                ("Listed", 3, &[]),
                ("Ordered", 3, &[]),
                ("Sorted", 3, &[]),
                ("Total", 3, &[]),
                ("Least", 3, &["3<2"]),
                ("Most", 3, &["3<2"]),
                ("Hits", 3, &[]),
                ("Holes", 3, &["gap weight >= 10"]),
            ],
        ),
        // A parcel to Germany or Austria from 26 to 30 kg: line 7 leaves out Germany only. Ten kilograms to France: both of lines 5 and 6.
        (
            "shipping.csv",
            &[(
                "shipping",
                3,
                &[
                    "4+7",
                    "5+6",
                    "6+7",
                    "gap Country is DE & Weight_kg > 30",
                    "gap Weight_kg > 30 & not Express",
                    "gap Country is other & Weight_kg <= 25",
                    "gap Country is other & not Express",
                ],
            )],
        ),
        // Line 4 (VA, 10 to 20) lies inside of line 3 (SU or VA, from 10).
        ("tiers.csv", &[("tiers", 5, &["4<3"])]),
        // Rows 3 to 5 are China by a merged cell. Row 8 is one day of Mexico, which rows 6 and 7 have as well.
        (
            "duties.xlsx",
            &[(
                "duties",
                2,
                &[
                    "6+8",
                    "7+8",
                    "gap origin is CN & entry > 2025-12-31 & value > 800",
                    "gap origin is CA & value < 0.3",
                    "gap origin in { CA, MX } & entry <= 2025-03-03 & value < 0.3",
                    "gap origin in { CA, MX } & entry >= 2025-03-05 & value < 0.3",
                ],
            )],
        ),
    ];
    for (file, tables) in expected {
        let imported = imported(file, &Asked::default());
        assert_eq!(imported.len(), tables.len(), "{file}");
        for ((table, _, _, judged), (name, pairs, found)) in imported.iter().zip(tables) {
            assert_eq!((table.title.as_str(), judged.overlaps), (*name, *pairs), "{file}");
            assert_eq!(words(judged), *found, "{file} {name}");
            assert!(judged.undecided.is_empty(), "{file} {name}");
        }
    }
}

#[test]
fn what_is_printed() {
    for file in SAMPLES {
        let place = Place::new();
        let (_, bytes) = sample(file);
        place.put(file, &bytes);
        let ran = place.run(&format!("import {file} -o out"));
        assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.all());
        let mut shown = ran.all();
        let mut written: Vec<_> =
            std::fs::read_dir(place.path().join("out")).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        written.sort();
        for path in written {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            shown += &format!("\n\n===== {name}\n{}", place.read(&format!("out/{name}")));
            // What is written has the layout of the house.
            let ran = place.run(&format!("fmt --check out/{name}"));
            assert_eq!(ran.code, Some(0), "{name}: {}", ran.all());
        }
        insta::with_settings!({ snapshot_suffix => file, prepend_module_to_snapshot => true }, { insta::assert_snapshot!(shown) });
    }
}

/// What `check` finds in a regime says the same as what is found by boxes.
#[test]
fn check_says_the_same() {
    for file in SAMPLES {
        for (table, text, program, judged) in imported(file, &Asked::default()) {
            let report = analysis::check(&program, &Options::default());
            let at = format!(
                "{file} {}\n{text}\n{:#?}",
                table.title,
                report.findings.iter().map(|finding| (finding.code, finding.title.to_string())).collect::<Vec<_>>()
            );
            let rules = |kind: Kind, code: Code| -> BTreeSet<u32> {
                let of = judged.findings.iter().filter(|finding| finding.kind == kind && finding.code == code);
                of.flat_map(|finding| finding.rules.iter().map(|rule| rule.0)).collect()
            };
            let checked = |codes: &[Code]| -> BTreeSet<u32> {
                let of = report.findings.iter().filter(|finding| codes.contains(&finding.code));
                of.flat_map(|finding| finding.rules.iter().map(|rule| rule.0)).collect()
            };
            // Rows that disagree are rules in conflict.
            assert_eq!(rules(Kind::Overlap, Code::Conflict), checked(&[Code::Conflict]), "{at}");
            // A decision has a gap here where it has one there, in as many cases.
            let here: BTreeSet<u32> = judged
                .findings
                .iter()
                .filter(|finding| finding.kind == Kind::Gap)
                .flat_map(|finding| finding.decisions.iter().map(|id| id.0))
                .collect();
            let there: BTreeSet<u32> = report
                .findings
                .iter()
                .filter(|finding| finding.code == Code::Gap)
                .flat_map(|finding| finding.decisions.iter().map(|id| id.0))
                .collect();
            assert_eq!(here, there, "{at}");
            for finding in report.findings.iter().filter(|finding| finding.code == Code::Gap) {
                let count = finding.count.as_ref().map(ToString::to_string);
                assert!(count.is_none_or(|count| count == judged.free.to_string()), "{at}");
            }
            // A row that never decides is a rule that can be taken out.
            let masked = rules(Kind::Masked, Code::DeadRule);
            assert!(masked.is_subset(&checked(&[Code::DeadRule, Code::RedundantRule])), "{masked:?} {at}");
            assert!(report.findings.iter().all(|finding| finding.code != Code::Internal), "{at}");
        }
    }
}

/// What our own CSV says, read back with the types of its regime, is what the regime says: exactly one row fits any case (exact, by boxes),
/// and the outcomes are the same in thousands of cases near what tells cases apart (a sample, no proof).
#[test]
fn our_own_csv_comes_back() {
    let refusals = ["compares inputs with each other", "no column that is asked for"];
    let regimes = [("tests/import/back.lxp", 6), ("policies/us-2022-10", 3), ("policies/bilateral-2025", 3)];
    for (path, least) in regimes {
        let compilation = Compilation::load(&DiskLoader, &format!("{}/{path}", env!("CARGO_MANIFEST_DIR")));
        assert!(!compilation.failed(), "{path}: {:#?}", compilation.messages);
        let program = compilation.program.expect("it compiled");
        let table = lexport::diagram::build_table(&program, &Default::default(), &Default::default()).expect("a table");
        let files = lexport::emit::csv(&table, 20_000).expect("rows").artifacts;
        let mut back = 0;
        let decisions =
            files.into_iter().filter(|file| ![".inputs.csv", ".decisions.csv"].iter().any(|end| file.path.ends_with(end)));
        for file in decisions {
            let asked = Asked { known: vec![&program], ..Asked::default() };
            let tables = match import::read(&file.path, &file.bytes, &asked) {
                Ok(found) => found.tables,
                // What compares inputs with each other has no box, and what hangs on nothing has no columns; that is said.
                Err(wrong) if wrong.iter().all(|one| refusals.iter().any(|said| one.title.contains(said))) => continue,
                Err(wrong) => panic!("{}: {wrong:#?}", file.path),
            };
            let [table] = tables.as_slice() else { panic!("one table") };
            let text = import::written(table).unwrap_or_else(|why| panic!("{}: {why}", file.path));
            let read = self::program(&text);
            let judged = import::judge(table, &read).expect("the program of the table");
            assert!(judged.faults.is_empty(), "{:?}", judged.faults);
            // Exactly one row fits any case.
            assert_eq!(judged.overlaps, 0, "{}", file.path);
            equal(&program, &read, &table.outputs[0].name, &file.path);
            back += 1;
        }
        assert!(back >= least, "{path}: only {back} decisions came back");
    }
}

/// Whether a decision of two programs is the same in random cases near what tells cases apart.
fn equal(old: &Program, new: &Program, name: &str, at: &str) {
    use lexport::ir::{Case, Domain, MemberSet, Value};
    let (a, b) = (old.find_decision(name).expect("the decision"), new.find_decision(name).expect("the decision"));
    let mut numbers = planted::Numbers::new(11);
    // Ends of ranges that the new regime asks about: the values next to them tell most.
    let mut edges: Vec<Vec<i64>> = vec![Vec::new(); old.inputs.len()];
    for (index, term) in (0..new.pool.len() as u32).map(|id| (id, new.pool.get(lexport::ir::TermId(id)))) {
        let _ = index;
        if let lexport::ir::Term::Within { of, ranges } = term
            && let Some(input) = old.find_input(&new.input(*of).name)
        {
            edges[input.index()]
                .extend(ranges.pairs().iter().flat_map(|(lo, hi)| [lo.saturating_sub(1), *lo, *hi, hi.saturating_add(1)]));
        }
    }
    for _ in 0..3_000 {
        let mut case = Case::unknown(old.inputs.len());
        for input in old.input_ids() {
            let value = match &old.input(input).domain {
                Domain::Bool => Value::Bool(numbers.below(2) == 1),
                Domain::Enum(of) => Value::Member(numbers.below(u64::from(old.enumeration(*of).size())) as u32),
                Domain::Set(of) => {
                    let size = old.enumeration(*of).size();
                    Value::Set(MemberSet::of(size, (0..size).filter(|_| numbers.below(2) == 1)))
                }
                domain => {
                    let (lo, hi) = domain.bounds().expect("a range");
                    let near = &edges[input.index()];
                    let pick = if near.is_empty() || numbers.below(4) == 0 {
                        lo + numbers.below((hi - lo) as u64 + 1) as i64
                    } else {
                        near[numbers.below(near.len() as u64) as usize]
                    };
                    Value::Int(pick.clamp(lo, hi))
                }
            };
            case.set(input, value);
        }
        let mut other = Case::unknown(new.inputs.len());
        for input in new.input_ids() {
            let same =
                old.find_input(&new.input(input).name).unwrap_or_else(|| panic!("{at}: no input {}", new.input(input).name));
            other.set(input, case.get(same).expect("a value").clone());
        }
        let one = &lexport::eval::decide(old, &case).expect("a case")[a.index()];
        let two = &lexport::eval::decide(new, &other).unwrap_or_else(|bad| panic!("{at}: {bad:?}"))[b.index()];
        assert!(
            lexport::eval::same(&one.outcome, &two.outcome),
            "{at}: {:?} and {:?} for {}",
            one.outcome,
            two.outcome,
            analysis::case_text(old, &case, None)
        );
    }
}

#[test]
fn planted_overlaps_and_gaps_are_found_and_nothing_else() {
    let inside = |inner: &Region, outer: &Region| {
        inner
            .iter()
            .zip(outer)
            .all(|(inner, outer)| inner.iter().all(|(lo, hi)| outer.iter().any(|(from, to)| from <= lo && hi <= to)))
    };
    for (seed, (rows, columns)) in [(60, 1), (60, 2), (300, 3), (200, 5), (120, 7)].into_iter().enumerate() {
        let table = planted::planted(rows, columns, seed as u64 + 1);
        let boxes = Boxes::new(&table.axes, &table.rows);
        let overlaps = boxes.overlaps(usize::MAX);
        assert_eq!(overlaps.pairs, table.pairs);
        let gaps = boxes.gaps(&overlaps, usize::MAX).expect("no limit");
        assert_eq!(gaps.cases, planted::free_cases(&table));
        for (at, region) in gaps.regions.iter().enumerate() {
            assert!(
                !table.rows.iter().any(|row| row
                    .iter()
                    .zip(region)
                    .all(|(row, region)| region.iter().any(|(lo, hi)| row[0].0 <= *hi && *lo <= row[0].1))),
                "it meets a row"
            );
            assert!(
                !gaps.regions.iter().enumerate().any(|(other, outer)| other != at && inside(region, outer)),
                "it lies inside of another"
            );
        }
        for gap in &table.gaps {
            // A row that was taken out may border on another: it is then a part of what is reported.
            let parts: Vec<_> = gaps.regions.iter().filter(|region| inside(gap, region)).collect();
            let meets = |region: &Region| {
                gap.iter().zip(region).all(|(gap, region)| region.iter().any(|(lo, hi)| gap[0].0 <= *hi && *lo <= gap[0].1))
            };
            assert!(!parts.is_empty() || gaps.regions.iter().any(meets));
        }
        for row in 0..table.rows.len() {
            let others: Vec<usize> = (0..table.rows.len()).filter(|other| *other != row).collect();
            if let Some(case) = boxes.uncovered(row, &others, usize::MAX).expect("no limit") {
                let has = |row: usize| {
                    table.rows[row].iter().zip(&case).all(|(spans, value)| spans[0].0 <= *value && *value <= spans[0].1)
                };
                assert!(has(row) && !others.iter().any(|other| has(*other)));
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_and_nothing_is_written_over() {
    let place = Place::new();
    let (_, bytes) = sample("shipping.csv");
    place.put("shipping.csv", &bytes);
    let first = place.run("import shipping.csv -o a.lxp");
    let written = place.read("a.lxp");
    let again = place.run("import shipping.csv -o a.lxp");
    assert_eq!(again.code, Some(2), "{}", again.all());
    assert!(again.err.contains("exists") && again.err.contains("--force"), "{}", again.all());
    place.put("a.lxp", b"-- mine\n");
    assert_eq!(place.run("import shipping.csv -o a.lxp").code, Some(2));
    assert_eq!(place.read("a.lxp"), "-- mine\n");
    let forced = place.run("import shipping.csv -o a.lxp --force");
    assert_eq!((forced.code, forced.out), (first.code, first.out));
    assert_eq!(place.read("a.lxp"), written);
    let json = || place.run("import shipping.csv --format json").out;
    assert_eq!(json(), json());
    assert!(
        std::fs::read_dir(place.path()).expect("a folder").all(|entry| !entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .starts_with(".lexport"))
    );
}

#[test]
fn types_can_be_stated() {
    let place = Place::new();
    place.put("t.csv", b"age,grade,ok\n< 18,-,no\n18..120,A,yes\n18..120,B,no\n");
    let open = place.run("import t.csv");
    // Beyond 120, and any other grade.
    assert_eq!(open.code, Some(1), "{}", open.all());
    assert!(open.out.contains("2 gaps"), "{}", open.all());
    let stated = place.run_with(&["import", "t.csv", "--closed", "--domain", "age=count from 0 to 120"], b"");
    assert_eq!(stated.code, Some(0), "{}", stated.all());
    place.put("known.lxp", b"regime known\nunit year\ninput age : number of year from 0 to 120\ninput grade : { A, B }\ndecision ok : bool takes exactly one otherwise false\n");
    let known = place.run("import t.csv --with known.lxp -o out.lxp");
    assert_eq!(known.code, Some(0), "{}", known.all());
    assert!(place.read("out.lxp").contains("age >= 18 year"), "{}", place.read("out.lxp"));
    for (domain, says) in
        [("age", "no `=`"), ("age=count from 9 to 1", "not NAME=TYPE"), ("age=bool\\ninput x : bool", "not NAME=TYPE")]
    {
        let wrong = place.run_with(&["import", "t.csv", "--domain", domain], b"");
        assert_eq!(wrong.code, Some(2), "{}", wrong.all());
        assert!(wrong.err.contains(says), "{}", wrong.all());
    }
}

#[test]
fn an_altered_table_is_found_out() {
    // What the other tests hold can fail: one row of a complete table moved by one.
    for (text, found) in [
        ("n,d\n<= 5,a\n6..9,b\n>= 10,c\n", &[][..]),
        ("n,d\n<= 5,a\n5..9,b\n>= 10,c\n", &["2+3"]),
        ("n,d\n<= 5,a\n7..9,b\n>= 10,c\n", &["gap n is 6"]),
        ("n,d\n<= 5,a\n6..9,b\n>= 10,c\n> 10,c\n", &["4+5="]),
    ] {
        let tables = import::read("t.csv", text.as_bytes(), &Asked::default()).expect("a table").tables;
        let program = program(&import::written(&tables[0]).expect("a regime"));
        let judged = import::judge(&tables[0], &program).expect("its program");
        assert_eq!(words(&judged), found, "{text}");
        // A regime that is not the table's is noticed by the replay.
        if !found.is_empty() && judged.findings.iter().any(|finding| finding.kind == Kind::Gap) {
            let other = import::read("t.csv", b"n,d\n<= 5,a\n6..9,b\n>= 10,c\n", &Asked::default()).expect("a table").tables;
            let other = self::program(&import::written(&other[0]).expect("a regime"));
            let judged = import::judge(&tables[0], &other).expect("the same names");
            assert!(!judged.faults.is_empty());
        }
    }
    assert_eq!(Severity::Error.name(), "error");
}
