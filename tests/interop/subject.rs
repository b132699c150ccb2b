//! The tables that consumers are asked about, and the cases: the check vectors, then random ones that stand near what tells outcomes
//! apart. The expected outcomes are the runtime's, which `agree.rs` holds against interpreter, diagram and solver.

use std::fmt::Write as _;
use std::sync::OnceLock;

use lexport::diagram::{Options, OwnedTable, Specialise, build_table, runtime_value, set_words};
use lexport::driver::Compilation;
use lexport::ir::{Domain, EnumId, MemberSet, Outcome, Value, date_text};
use lexport::source::{DiskLoader, MemoryLoader};
use lexport_runtime::{Kind, Test};

use super::numbers::Numbers;

/// A table, by name.
pub struct Subject {
    /// The name of its file or folder.
    pub name: &'static str,
    /// The table.
    pub table: OwnedTable,
}

/// A case in which all is known.
#[derive(Clone, Debug)]
pub struct Known {
    /// By input.
    pub values: Vec<Value>,
    /// By decision: a number in the table's outcomes.
    pub outcomes: Vec<u32>,
}

/// What unknown inputs leave of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The outcomes still possible, rising.
    pub possible: Vec<u32>,
    /// The input to ask for first.
    pub ask: Option<u32>,
    /// Whether each of them is reached in some case.
    pub exact: bool,
}

/// A case in which some inputs are unknown.
#[derive(Clone, Debug)]
pub struct Opened {
    /// By input.
    pub values: Vec<Option<Value>>,
    /// By decision.
    pub answers: Vec<Left>,
}

/// A case as a line, for consumers that are asked on their standard input: a field for each input, `?` if it is unknown, else `B0` or `B1`,
/// `M` and the number of the member, `I` and the number of steps or the day, `S` and the words of a set with commas.
pub fn request(values: &[Option<Value>]) -> String {
    let field = |value: &Option<Value>| match value {
        None => "?".to_owned(),
        Some(Value::Bool(flag)) => format!("B{}", u8::from(*flag)),
        Some(Value::Member(member)) => format!("M{member}"),
        Some(Value::Int(int)) => format!("I{int}"),
        Some(Value::Set(set)) => format!("S{}", set_words(set).iter().map(u64::to_string).collect::<Vec<_>>().join(",")),
    };
    values.iter().map(field).collect::<Vec<_>>().join(" ")
}

impl Known {
    /// Its line.
    pub fn request(&self) -> String {
        request(&self.values.iter().cloned().map(Some).collect::<Vec<_>>())
    }

    /// The line that a consumer must answer: the number of the outcome, for each decision.
    pub fn reply(&self) -> String {
        self.outcomes.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl Opened {
    /// Its line.
    pub fn request(&self) -> String {
        request(&self.values)
    }

    /// The line that a consumer must answer: for each decision `POSSIBLE/ASK/EXACT`, as `3,7/2/1`; `-` if nothing is to be asked.
    pub fn reply(&self) -> String {
        let field = |left: &Left| {
            let possible = left.possible.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            let ask = left.ask.map_or("-".to_owned(), |ask| ask.to_string());
            format!("{possible}/{ask}/{}", u8::from(left.exact))
        };
        self.answers.iter().map(field).collect::<Vec<_>>().join(" ")
    }
}

/// Where lines differ, told.
pub fn compare(requests: &[String], expected: &[String], found: &str) -> Vec<String> {
    let found: Vec<&str> = found.lines().map(str::trim_end).collect();
    let mut out = Vec::new();
    if found.len() != expected.len() {
        out.push(format!("{} lines were asked for, {} came", expected.len(), found.len()));
    }
    for ((request, expected), found) in requests.iter().zip(expected).zip(found) {
        if expected != found {
            out.push(format!("{request}: expected {expected}, found {found}"));
        }
    }
    out
}

/// A small table with everything in it, a real one, and the largest real ones.
pub fn subjects() -> &'static [Subject] {
    static ALL: OnceLock<Vec<Subject>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            ("everything", "tests/interop/everything.lxp"),
            ("us-2023-11", "policies/us-2023-11"),
            ("us-tariffs", "policies/us-tariffs"),
            ("us-2025-01", "policies/us-2025-01"),
        ]
        .map(|(name, path)| {
            let compilation = Compilation::load(&DiskLoader, path);
            let program = compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages));
            let table = build_table(&program, &Specialise::default(), &Options::default()).expect("a table");
            Subject { name, table }
        })
        .into()
    })
}

/// A table of so many rules that straight-line code decides it by bit sets: one test chooses a bucket; thresholds of the weight stand evenly, those of the
/// worth do not, and between its windows a class comes again.
pub fn bit_sets() -> Subject {
    let places: Vec<String> = (0..24).map(|place| format!("P{place}")).collect();
    let mut text = format!(
        "regime boxes\nenum Place {{ {} }}\nenum Use {{ civil, military, space, medical }}\ninput place, home : Place\ninput purpose : Use\n\
         input listed : bool\ninput weight : count from 0 to 100_000\ninput worth : count from 0 to 1_000_000\n\
         input date : date from 2024-01-01 to 2060-12-31\n\
         decision need : ordered {{ none < notice < license }} takes the strictest otherwise none\n",
        places.join(", ")
    );
    let mut numbers = Numbers::new(3);
    for number in 0..240 {
        let mut place = || &places[numbers.below(24) as usize];
        let (place, home, other, third) = (place(), place(), place(), place());
        let (weight, worth, year) =
            (700 * (1 + numbers.below(90)), 9001 * (1 + numbers.below(90)) + numbers.below(5), 2025 + numbers.below(30));
        let purpose = ["", " and purpose is military", " and purpose in { space, medical }", " and listed"][number % 4];
        let more = match number % 3 {
            0 => format!(" and date >= {year}-03-01 and weight >= {weight}"),
            1 => format!(" and worth >= {worth} and worth < {}", worth + 7001),
            _ => format!(" and weight >= {weight} and worth >= {} and worth < {worth}", worth - 4003),
        };
        let value = if number % 5 == 0 { "notice" } else { "license" };
        let _ = writeln!(
            text,
            "rule r{number} \"{number}\" when place is {place} and home in {{ {home}, {other}, {third} }}{purpose}{more} then need is {value}"
        );
    }
    let compilation = Compilation::load(&MemoryLoader { files: [("boxes.lxp".to_owned(), text)].into() }, "boxes.lxp");
    let program = compilation.program.unwrap_or_else(|| panic!("{:#?}", compilation.messages));
    let table = build_table(&program, &Specialise::default(), &Options::default()).expect("a table");
    Subject { name: "boxes", table }
}

impl Subject {
    /// The check vectors, and so many random cases.
    pub fn cases(&self, random: usize) -> Vec<Known> {
        let table = &self.table;
        let vectors = table.vectors.iter().map(|vector| vector.values.clone());
        let mut draw = Draw::new(table, 7);
        let drawn: Vec<Vec<Value>> = (0..random).map(|_| draw.case()).collect();
        vectors.chain(drawn).map(|values| Known { outcomes: self.outcomes(&values), values }).collect()
    }

    /// Random cases of which some inputs are unknown, in some of them all.
    pub fn open_cases(&self, count: usize) -> Vec<Opened> {
        let mut draw = Draw::new(&self.table, 11);
        (0..count)
            .map(|number| {
                let percent = [3, 10, 30, 60, 100][number % 5];
                let case = draw.case();
                let values: Vec<Option<Value>> =
                    case.into_iter().map(|value| (!draw.numbers.chance(percent)).then_some(value)).collect();
                Opened { answers: self.left(&values), values }
            })
            .collect()
    }

    fn outcomes(&self, values: &[Value]) -> Vec<u32> {
        let known: Vec<Option<Value>> = values.iter().cloned().map(Some).collect();
        self.with_runtime(&known, |table, values| {
            let look_up = |decision| table.look_up(decision, values).expect("a value of its domain").expect("all is known");
            (0..self.table.decisions.len() as u32).map(look_up).collect()
        })
    }

    fn left(&self, values: &[Option<Value>]) -> Vec<Left> {
        self.with_runtime(values, |table, values| {
            let (mut classes, mut marks) = (vec![0; table.classes_len()], vec![0; table.marks_len()]);
            table.classify(values, &mut classes).expect("values of their domains");
            let left = |decision| {
                let open = table.open(decision, values, &classes, &mut marks).expect("a good table");
                let possible: Vec<u32> = (0..self.table.outcomes.len() as u32)
                    .filter(|outcome| marks[*outcome as usize / 64] >> (outcome % 64) & 1 == 1)
                    .collect();
                assert_eq!(possible.len(), open.possible as usize);
                Left { possible, ask: open.ask, exact: open.exact }
            };
            (0..self.table.decisions.len() as u32).map(left).collect()
        })
    }

    fn with_runtime<T>(
        &self,
        values: &[Option<Value>],
        then: impl FnOnce(&lexport_runtime::Table<'_>, &[lexport_runtime::Value<'_>]) -> T,
    ) -> T {
        let words: Vec<Vec<u64>> =
            values.iter().map(|value| if let Some(Value::Set(set)) = value { set_words(set) } else { Vec::new() }).collect();
        let given: Vec<lexport_runtime::Value<'_>> = values
            .iter()
            .zip(&words)
            .map(|(value, words)| value.as_ref().map_or(lexport_runtime::Value::Unknown, |value| runtime_value(value, words)))
            .collect();
        then(&self.table.as_table(), &given)
    }

    /// What an outcome of a decision says, for tools that answer in words: `license`, `{LPP, NAC}`, `12.5`, `(gap)`,
    /// `(conflict: -2, 12.5)`. Sets and conflicts in the order of the table.
    pub fn answer_text(&self, decision: usize, outcome: u32) -> String {
        let domain = &self.table.decisions[decision].domain;
        match self.table.outcome(self.table.outcomes[outcome as usize].answer, domain) {
            Outcome::Gap => "(gap)".to_owned(),
            Outcome::Value(value) => self.value_text(domain, &value),
            Outcome::Conflict(all) => {
                let all: Vec<String> = all.iter().map(|value| self.value_text(domain, value)).collect();
                format!("(conflict: {})", all.join(", "))
            }
        }
    }

    /// The names of the rules that carried an outcome.
    pub fn rules(&self, outcome: u32) -> Vec<&str> {
        let table = self.table.as_table();
        let rules = table.rules(table.outcomes[outcome as usize]);
        rules.iter().map(|rule| self.table.rules[*rule as usize].name.as_str()).collect()
    }

    /// A value as case files write it.
    pub fn value_text(&self, domain: &Domain, value: &Value) -> String {
        let name = |of: &EnumId, member: u32| self.table.enums[of.index()].members[member as usize].name.clone();
        match (domain, value) {
            (Domain::Enum(of), Value::Member(member)) => name(of, *member),
            (Domain::Set(of), Value::Set(set)) => {
                let mut out = String::from("{");
                for (at, member) in set.iter().enumerate() {
                    let _ = write!(out, "{}{}", if at == 0 { "" } else { ", " }, name(of, member));
                }
                out + "}"
            }
            (Domain::Number(number), Value::Int(steps)) => number.text(*steps),
            (Domain::Date { .. }, Value::Int(day)) => date_text(*day),
            (_, Value::Bool(value)) => value.to_string(),
            other => panic!("no value of its domain: {other:?}"),
        }
    }
}

/// Random cases.
struct Draw<'t> {
    table: &'t OwnedTable,
    numbers: Numbers,
    /// By input: values at which a test of it changes its class.
    edges: Vec<Vec<i64>>,
}

impl<'t> Draw<'t> {
    fn new(table: &'t OwnedTable, seed: u64) -> Self {
        let mut edges = vec![Vec::new(); table.inputs.len()];
        for test in &table.tests {
            if let Test::Interval { input, thresholds, .. } = test {
                let first = thresholds.first as usize;
                edges[*input as usize].extend_from_slice(&table.thresholds[first..first + thresholds.count as usize]);
            }
        }
        Draw { table, numbers: Numbers::new(seed), edges }
    }

    /// Either near a check vector or anywhere.
    fn case(&mut self) -> Vec<Value> {
        let table = self.table;
        let vectors = &table.vectors;
        let base = (!vectors.is_empty() && self.numbers.chance(60))
            .then(|| &vectors[self.numbers.below(vectors.len() as u64) as usize].values);
        // Of the members one in two is one of a few, so that the same ones meet.
        (0..table.inputs.len())
            .map(|input| match base {
                Some(base) if self.numbers.chance(80) => base[input].clone(),
                _ => self.value(input),
            })
            .collect()
    }

    fn value(&mut self, input: usize) -> Value {
        match self.table.kinds[input] {
            Kind::Bool => Value::Bool(self.numbers.chance(50)),
            Kind::Enum(size) => {
                let most = if self.numbers.chance(50) { size.min(4) } else { size };
                Value::Member(self.numbers.below(u64::from(most)) as u32)
            }
            Kind::Set(size) => {
                let percent = [10, 50, 90][self.numbers.below(3) as usize];
                let members: Vec<u32> = (0..size).filter(|_| self.numbers.chance(percent)).collect();
                Value::Set(MemberSet::of(size, members))
            }
            Kind::Int(lo, hi) => {
                let wide = (i128::from(hi) - i128::from(lo) + 1) as u64;
                let anywhere =
                    i128::from(lo) + i128::from(if wide == 0 { self.numbers.next() } else { self.numbers.below(wide) });
                let edges = &self.edges[input];
                let value = match self.numbers.below(10) {
                    0 => i128::from(lo),
                    1 => i128::from(hi),
                    2..6 if !edges.is_empty() => {
                        let edge = edges[self.numbers.below(edges.len() as u64) as usize];
                        i128::from(edge) + i128::from(self.numbers.below(3)) - 1
                    }
                    // Small ones: most amounts are.
                    6 => i128::from(lo) + (anywhere - i128::from(lo)) / 1000,
                    7 => i128::from(lo) + (anywhere - i128::from(lo)) / 1_000_000,
                    _ => anywhere,
                };
                Value::Int(value.clamp(i128::from(lo), i128::from(hi)) as i64)
            }
        }
    }
}
