//! Small regimes as text, with every construct of the language, and cases for any program.

use lexport::ir::{Case, Domain, MemberSet, Program, Term, Value};

#[path = "numbers.rs"]
mod numbers;
use numbers::Numbers;

const PLACES: u64 = 12;

fn pick<'a>(numbers: &mut Numbers, from: &[&'a str]) -> &'a str {
    from[numbers.below(from.len() as u64) as usize]
}

/// A condition; `decisions` are those that may be tested.
fn condition(numbers: &mut Numbers, depth: u32, decisions: &[&str]) -> String {
    if depth > 0 && numbers.chance(55) {
        let parts: Vec<String> = (0..2 + numbers.below(2)).map(|_| condition(numbers, depth - 1, decisions)).collect();
        return match numbers.below(8) {
            0..=2 => format!("({})", parts.join(" and ")),
            3..=5 => format!("({})", parts.join(" or ")),
            6 => format!("(not ({}))", parts[0]),
            _ => format!("({} implies {})", parts[0], parts[1]),
        };
    }
    let place = numbers.below(PLACES);
    let group = numbers.below(4);
    match numbers.below(24) {
        0 => format!("kind is k{}", numbers.below(5)),
        1 => format!("kind in {{ k{}, k{} }}", numbers.below(5), numbers.below(5)),
        2 => format!("code in {}", pick(numbers, &["3A001", "4A001"])),
        3 => format!("code {} {}", pick(numbers, &["is", "is not"]), pick(numbers, &["3A001.a", "3A001.b", "4A001.a", "EAR99"])),
        4 => format!("level {} {}", pick(numbers, &["<", "<=", ">", ">=", "is"]), pick(numbers, &["low", "mid", "high", "top"])),
        5 => format!("buyer.{} in g{group}", pick(numbers, &["located", "hq"])),
        6 => format!("seller not in (g{group} + {{ p{place} }})"),
        7 => format!("buyer.located is {}", pick(numbers, &["seller", "buyer.hq", "p3"])),
        8 => format!("seller is p{place}"),
        9 => format!("power {} {}.5 W", pick(numbers, &["<", "<=", ">", ">="]), numbers.below(50)),
        10 => format!("area {} {} mm2", pick(numbers, &["<", ">=", "=", "!="]), numbers.below(30)),
        11 => format!(
            "(area > 0 mm2 and power / area {} {}.{} W/mm2)",
            pick(numbers, &["<", ">="]),
            numbers.below(4),
            numbers.below(10)
        ),
        12 => format!("dense(power, area, {})", 1 + numbers.below(3)),
        13 => format!("2 * power + {} W {} 3 * limit", numbers.below(40), pick(numbers, &["<", ">="])),
        14 => format!("uses has u{}", numbers.below(4)),
        15 => pick(numbers, &["flag", "not flag"]).to_owned(),
        16 => format!("date {} 2024-0{}-15", pick(numbers, &["<", ">=", "<="]), 1 + numbers.below(9)),
        17 => format!("some p in (buyer.located, buyer.hq, seller) satisfies p in g{group}"),
        18 => "every p in (buyer.located, buyer.hq) satisfies p.rich".to_owned(),
        19 => format!("seller.rank >= {}", 1 + numbers.below(3)),
        20 => format!("n {} {}", pick(numbers, &["<", ">"]), 1 + numbers.below(10)),
        21 => format!("if flag then power > {} W else level >= mid", numbers.below(30)),
        _ if decisions.is_empty() => "flag".to_owned(),
        _ => match pick(numbers, decisions) {
            "d0" => format!("d0 {} {}", pick(numbers, &["is", "is not", ">=", "<"]), pick(numbers, &["green", "amber", "red"])),
            "d1" => format!("d1 in {{ north, {} }}", pick(numbers, &["south", "east"])),
            "d2" => format!("d2 has {}", pick(numbers, &["x", "y", "z"])),
            "d3" => format!("d3 {} {}%", pick(numbers, &["<", ">="]), 5 * numbers.below(8)),
            _ => pick(numbers, &["d4 is one", "d4 is not two"]).to_owned(),
        },
    }
}

/// The text of a small regime.
pub fn small(seed: u64) -> String {
    let mut numbers = Numbers::new(seed);
    let mut out = String::from("regime small \"Small\"\n");
    if numbers.chance(50) {
        out.push_str("  status effective from 2024-03-01\n");
    }
    out.push_str("unit W unit mm2\nenum Reading { letter, enforced }\nenum Kind { k0, k1, k2, k3, k4 }\n");
    out.push_str(
        "enum Code { 3A001 { 3A001.a, 3A001.b }, 4A001 { 4A001.a }, EAR99 }\nenum Level ordered { low < mid < high < top }\n",
    );
    let places: Vec<String> = (0..PLACES).map(|place| format!("p{place}")).collect();
    out.push_str(&format!("enum Place {{ {} }}\n", places.join(", ")));
    let rich: Vec<String> = places.iter().map(|place| format!("{place} is {}", numbers.chance(50))).collect();
    out.push_str(&format!("attribute rich of Place : bool = {{ {} }}\n", rich.join(", ")));
    let ranks: Vec<String> = places.iter().skip(2).map(|place| format!("{place} is {}", 1 + numbers.below(3))).collect();
    out.push_str(&format!("attribute rank of Place : count from 1 to 3 = {{ {} }}\n", ranks.join(", ")));
    for group in 0..4 {
        let members: Vec<String> = (0..1 + numbers.below(5))
            .map(|_| {
                let place = numbers.below(PLACES);
                match numbers.below(4) {
                    0 => format!("p{place} until 2024-0{}-09", 2 + numbers.below(7)),
                    1 => format!("p{place} from 2024-0{}-10", 2 + numbers.below(7)),
                    _ => format!("p{place}"),
                }
            })
            .collect();
        let more = if group > 0 && numbers.chance(40) {
            format!(" {} g{}", pick(&mut numbers, &["+", "-", "&"]), group - 1)
        } else {
            String::new()
        };
        out.push_str(&format!("group g{group} of Place = {{ {} }}{more}\n", members.join(", ")));
    }
    out.push_str("record Party { located : Place, hq : Place }\n");
    out.push_str(
        "input date : date from 2024-01-01 to 2024-12-31\ninput reading : Reading\ninput kind : Kind\ninput code : Code\n",
    );
    out.push_str("input level : Level\ninput buyer : Party\ninput seller : Place\ninput power, limit : number of W from 0 to 50 step 0.5\n");
    out.push_str("input area : number of mm2 from 0 to 30\ninput n : count from 1 to 12\ninput flag : bool\ninput uses : set of { u0, u1, u2, u3 }\n");
    out.push_str("define dense(p : number of W, a : number of mm2, k : count) = a > 0 mm2 and p / a >= k * 0.7 W/mm2\n");
    let mut names: [Vec<String>; 6] = Default::default();
    let mut rules = String::new();
    let count = 4 + numbers.below(16) as usize;
    for rule in 0..count {
        let to = numbers.below(6) as usize;
        let earlier: Vec<&str> = ["d0", "d1", "d2", "d3", "d4"][..to.min(5)].to_vec();
        let value = match to {
            0 => format!("d0 is {}", pick(&mut numbers, &["green", "amber", "red"])),
            1 => format!("d1 is {}", pick(&mut numbers, &["north", "south", "east"])),
            2 => format!("d2 includes {}", pick(&mut numbers, &["x", "y", "z"])),
            3 => format!("d3 is {}%", 5 * numbers.below(7)),
            4 => format!("d4 is {}", pick(&mut numbers, &["one", "two", "three"])),
            _ => format!("d5 is {}", numbers.chance(50)),
        };
        let over: Vec<String> = names[to].iter().filter(|_| numbers.chance(25)).cloned().collect();
        let clause = match (over.is_empty(), numbers.below(3)) {
            (true, _) => String::new(),
            (false, 0) => format!("  overrides {}\n", over.join(", ")),
            (false, 1) => format!("  subject to {}\n", over.join(", ")),
            (false, _) => format!("  notwithstanding {}\n", over.join(", ")),
        };
        // `subject to` an earlier rule keeps the order acyclic only if no earlier rule is subject to this one: there is none.
        let clause = if clause.contains("subject") && over.len() < names[to].len() {
            clause
        } else {
            clause.replace("subject to", "overrides")
        };
        rules.push_str(&format!(
            "rule r{rule} \"s. {rule}\"\n{clause}  when {}\n  then {value}\n",
            condition(&mut numbers, 2, &earlier)
        ));
        if numbers.chance(20) {
            rules.push_str(
                "  status codified from 2024-02-01 compliance from 2024-05-01 not enforced from 2024-06-01 until 2024-08-31\n",
            );
        }
        names[to].push(format!("r{rule}"));
    }
    if let Some(target) = names[0].first() {
        rules.push_str(&format!("restriction stop overrides {target} when {}\n", condition(&mut numbers, 1, &[])));
    }
    let default =
        |numbers: &mut Numbers, text: &str| if numbers.chance(60) { format!(" otherwise {text}") } else { String::new() };
    let strict = pick(&mut numbers, &["the strictest", "the least strict"]);
    out.push_str(&format!("decision d0 : ordered {{ green < amber < red }} takes {strict}{}\n", default(&mut numbers, "green")));
    out.push_str(&format!("decision d1 : {{ north, south, east }} takes exactly one{}\n", default(&mut numbers, "north")));
    out.push_str("decision d2 : set of { x, y, z } takes all\n");
    out.push_str(&format!("decision d3 : percent from 0 to 1000 takes the sum{}\n", default(&mut numbers, "0%")));
    if names[4].is_empty() {
        out.push_str("decision d4 : { one, two, three } takes exactly one otherwise one\n");
    } else {
        let mut order = names[4].clone();
        let turn = numbers.below(order.len() as u64) as usize;
        order.rotate_left(turn);
        out.push_str(&format!(
            "decision d4 : {{ one, two, three }} takes the first of {}{}\n",
            order.join(", "),
            default(&mut numbers, "one")
        ));
    }
    out.push_str(&format!("decision d5 : bool takes the strictest{}\n", default(&mut numbers, "false")));
    out.push_str(&rules);
    out
}

/// Random and boundary cases of a program.
pub struct Cases<'p> {
    program: &'p Program,
    numbers: Numbers,
    /// Values at which some test of the input changes.
    edges: Vec<Vec<i64>>,
}

impl<'p> Cases<'p> {
    /// Of a program.
    pub fn of(program: &'p Program, seed: u64) -> Self {
        let mut edges: Vec<Vec<i64>> =
            program.inputs.iter().map(|input| input.domain.bounds().map_or(Vec::new(), |(lo, hi)| vec![lo, hi])).collect();
        for (_, term) in program.pool.iter() {
            if let Term::Within { of, ranges } = term {
                for (lo, hi) in ranges.pairs() {
                    edges[of.index()].extend([*lo, lo - 1, *hi, hi + 1]);
                }
            }
        }
        for (input, list) in program.inputs.iter().zip(&mut edges) {
            if let Some((lo, hi)) = input.domain.bounds() {
                list.retain(|value| (lo..=hi).contains(value));
            }
            list.sort_unstable();
            list.dedup();
        }
        Cases { program, numbers: Numbers::new(seed), edges }
    }

    /// The next complete case.
    pub fn next(&mut self) -> Case {
        let program = self.program;
        let mut case = Case::unknown(program.inputs.len());
        for input in program.input_ids() {
            let below = |numbers: &mut Numbers, size: u32| numbers.below(u64::from(size)) as u32;
            let value = match &program.input(input).domain {
                Domain::Bool => Value::Bool(self.numbers.chance(50)),
                Domain::Enum(id) => Value::Member(below(&mut self.numbers, program.enumeration(*id).size())),
                Domain::Set(id) => {
                    let size = program.enumeration(*id).size();
                    let numbers = &mut self.numbers;
                    Value::Set(MemberSet::of(size, (0..size).filter(|_| numbers.chance(50))))
                }
                Domain::Number(_) | Domain::Date { .. } => {
                    let edges = &self.edges[input.index()];
                    let (lo, hi) = program.input(input).domain.bounds().expect("a number has bounds");
                    if self.numbers.chance(60) {
                        Value::Int(edges[self.numbers.below(edges.len() as u64) as usize])
                    } else {
                        Value::Int(lo + self.numbers.below((hi - lo) as u64 + 1) as i64)
                    }
                }
            };
            case.set(input, value);
        }
        case
    }
}
