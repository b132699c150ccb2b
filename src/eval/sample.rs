//! Small programs for tests: by hand with [`Small`], or at random with [`random`], over domains that can be enumerated.

use crate::ir::{
    Alternative, Builder, Case, Combine, Decimal, Decision, DecisionId, Domain, EnumDef, EnumId, Input, InputId, Member,
    MemberSet, NumberDomain, Origin, OriginId, OutcomeTest, Poly, Pool, Program, Ranges, Regime, Rule, RuleId, RuleKind, TermId,
    VERSION, Value,
};
use crate::source::Span;

/// A program under construction. Its inputs are always the seven of [`Small::new`].
pub(crate) struct Small {
    pub(crate) program: Program,
}

pub(crate) const PLACE: InputId = InputId(0);
pub(crate) const HQ: InputId = InputId(1);
pub(crate) const FLAG: InputId = InputId(2);
pub(crate) const TPP: InputId = InputId(3);
pub(crate) const AREA: InputId = InputId(4);
pub(crate) const TAGS: InputId = InputId(5);
pub(crate) const DATE: InputId = InputId(6);

/// The ordered levels `none < notice < license`.
pub(crate) const LEVELS: EnumId = EnumId(1);

fn enumeration(name: &str, members: &[&str], ordered: bool) -> EnumDef {
    let member = |name: &&str| Member { name: (*name).into(), label: String::new() };
    EnumDef { name: name.into(), members: members.iter().map(member).collect(), ordered, headings: Vec::new() }
}

pub(crate) fn number(lo: i64, hi: i64) -> Domain {
    Domain::Number(NumberDomain { unit: String::new(), step: Decimal::whole(1), lo, hi })
}

impl Small {
    /// place, hq of three countries; flag; tpp 0..=3; area 0..=2; tags, a set of two; date 0..=2: 2,592 cases.
    pub(crate) fn new() -> Self {
        let input = |name: &str, domain| Input::plain(name, domain, OriginId::NOWHERE);
        let program = Program {
            version: VERSION.into(),
            regimes: vec![Regime { name: "small".into(), title: String::new(), cite: String::new(), origin: OriginId::NOWHERE }],
            enums: vec![
                enumeration("Country", &["AA", "BB", "CC"], false),
                enumeration("Level", &["none", "notice", "license"], true),
                enumeration("Tag", &["X", "Y"], false),
            ],
            inputs: vec![
                input("place", Domain::Enum(EnumId(0))),
                input("hq", Domain::Enum(EnumId(0))),
                input("flag", Domain::Bool),
                input("tpp", number(0, 3)),
                input("area", number(0, 2)),
                input("tags", Domain::Set(EnumId(2))),
                input("date", Domain::Date { lo: 0, hi: 2 }),
            ],
            decisions: Vec::new(),
            rules: Vec::new(),
            pool: Pool::default(),
            origins: vec![Origin { span: Span::NOWHERE, file: String::new(), line: 0, words: String::new() }],
            caps: Vec::new(),
            links: Vec::new(),
            carries: Vec::new(),
            nodes: Vec::new(),
            processes: Vec::new(),
            properties: Vec::new(),
            scenarios: Vec::new(),
            acceptances: Vec::new(),
            date_edges: Vec::new(),
            words: Default::default(),
            titles: Vec::new(),
            date: Some(DATE),
            reading: None,
        };
        Small { program }
    }

    pub(crate) fn build(&mut self) -> Builder<'_> {
        self.program.builder()
    }

    pub(crate) fn decision(&mut self, name: &str, domain: Domain, combine: Combine, default: Option<Value>) -> DecisionId {
        self.program.decisions.push(Decision {
            name: name.into(),
            title: String::new(),
            domain,
            combine,
            default,
            rules: Vec::new(),
            regime: 0,
            origin: OriginId::NOWHERE,
        });
        DecisionId(self.program.decisions.len() as u32 - 1)
    }

    /// A decision of levels.
    pub(crate) fn levels(&mut self, name: &str, combine: Combine, default: Option<u32>) -> DecisionId {
        self.decision(name, Domain::Enum(LEVELS), combine, default.map(Value::Member))
    }

    pub(crate) fn rule(&mut self, name: &str, condition: TermId, conclusions: &[(DecisionId, Value)]) -> RuleId {
        let always = self.build().constant(true);
        self.rule_in(name, always, condition, conclusions)
    }

    pub(crate) fn rule_in(
        &mut self,
        name: &str,
        in_force: TermId,
        condition: TermId,
        conclusions: &[(DecisionId, Value)],
    ) -> RuleId {
        let id = RuleId(self.program.rules.len() as u32);
        let applies = self.build().and([in_force, condition]);
        let kind = if conclusions.is_empty() { RuleKind::Restriction } else { RuleKind::Rule };
        self.program.rules.push(Rule {
            family: None,
            name: name.into(),
            title: String::new(),
            cite: String::new(),
            kind,
            regime: 0,
            in_force,
            condition,
            applies,
            conclusions: conclusions.to_vec(),
            overridden_by: Vec::new(),
            alternatives: Vec::new(),
            all_alternatives: true,
            limbs: Vec::new(),
            license: Vec::new(),
            mark: String::new(),
            origin: OriginId::NOWHERE,
        });
        for (decision, _) in conclusions {
            self.program.decisions[decision.index()].rules.push(id);
        }
        id
    }

    /// `by` overrides `rule`.
    pub(crate) fn overrides(&mut self, by: RuleId, rule: RuleId) {
        let list = &mut self.program.rules[rule.index()].overridden_by;
        list.push(by);
        list.sort();
        list.dedup();
    }

    pub(crate) fn in_place(&mut self, members: &[u32]) -> TermId {
        self.build().member(PLACE, MemberSet::of(3, members.iter().copied())).expect("place is a country")
    }

    pub(crate) fn between(&mut self, of: InputId, lo: i64, hi: i64) -> TermId {
        self.build().within(of, Ranges::closed(lo, hi)).expect("a number")
    }

    pub(crate) fn flag(&mut self) -> TermId {
        self.build().flag(FLAG).expect("a flag")
    }

    pub(crate) fn always(&mut self) -> TermId {
        self.build().constant(true)
    }
}

/// The first of all: AA, AA, false, 0, 0, {}, day 0.
pub(crate) fn zero(program: &Program) -> Case {
    let mut case = Case::unknown(program.inputs.len());
    for input in program.input_ids() {
        case.set(input, values(program, input)[0].clone());
    }
    case
}

/// All values of a domain.
pub(crate) fn values(program: &Program, input: InputId) -> Vec<Value> {
    match &program.input(input).domain {
        Domain::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Domain::Enum(id) => (0..program.enumeration(*id).size()).map(Value::Member).collect(),
        Domain::Set(id) => {
            let size = program.enumeration(*id).size();
            let set = |bits: u32| Value::Set(MemberSet::of(size, (0..size).filter(|m| bits >> m & 1 == 1)));
            (0..1u32 << size).map(set).collect()
        }
        Domain::Number(n) => (n.lo..=n.hi).map(Value::Int).collect(),
        Domain::Date { lo, hi } => (*lo..=*hi).map(Value::Int).collect(),
    }
}

/// All completions of a case.
pub(crate) fn completions(program: &Program, case: &Case) -> Vec<Case> {
    let mut all = vec![case.clone()];
    for input in program.input_ids().filter(|input| case.get(*input).is_none()) {
        let values = values(program, input);
        all = all
            .iter()
            .flat_map(|case| {
                values.iter().map(move |value| {
                    let mut case = case.clone();
                    case.set(input, value.clone());
                    case
                })
            })
            .collect();
    }
    all
}

/// Repeatable random numbers (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A random test of inputs, decisions before `layer` and the rules given.
fn term(small: &mut Small, random: &mut Random, depth: u32, decisions: u32, rules: u32) -> TermId {
    if depth > 0 && !random.one_in(3) {
        let count = 2 + random.below(2);
        let parts: Vec<TermId> = (0..count).map(|_| term(small, random, depth - 1, decisions, rules)).collect();
        let mut build = small.build();
        return match random.below(3) {
            0 => build.and(parts),
            1 => build.or(parts),
            _ => build.not(parts[0]),
        };
    }
    let set = |random: &mut Random| MemberSet::of(3, (0..3).filter(|_| random.one_in(2)));
    let range = |random: &mut Random, hi: u64| {
        let (a, b) = (random.below(hi + 1) as i64, random.below(hi + 1) as i64);
        Ranges::closed(a.min(b), a.max(b))
    };
    let made = match random.below(12) {
        0 | 1 => small.build().member(PLACE, set(random)),
        2 => small.build().member(HQ, set(random)),
        3 => small.build().same(PLACE, HQ),
        4 => small.build().flag(FLAG),
        5 => small.build().within(TPP, range(random, 3)),
        6 => small.build().within(AREA, range(random, 2)),
        7 => small.build().has(TAGS, random.below(2) as u32),
        8 => small.build().within(DATE, range(random, 2)),
        9 => {
            // a·tpp + b·area + c·tpp·area + d ≥ 0
            let coefficient = |random: &mut Random| random.below(7) as i128 - 3;
            let product = Poly::input(TPP).times(&Poly::input(AREA)).expect("small");
            let parts = [Poly::input(TPP), Poly::input(AREA), product, Poly::constant(1)];
            let mut poly = Poly::constant(0);
            for part in parts {
                poly = poly.plus(&part.times_constant(coefficient(random)).expect("small")).expect("small");
            }
            small.build().at_least_zero(poly)
        }
        10 if rules > 0 => {
            let rule = RuleId(random.below(u64::from(rules)) as u32);
            Ok(if random.one_in(2) { small.build().applies(rule) } else { small.build().effective(rule) })
        }
        _ if decisions > 0 => {
            let decision = DecisionId(random.below(u64::from(decisions)) as u32);
            let test = match small.program.decision(decision).domain {
                Domain::Enum(_) => match random.below(4) {
                    0 => OutcomeTest::Gap,
                    1 => OutcomeTest::Conflict,
                    _ => OutcomeTest::Members(MemberSet::of(3, (0..3).filter(|_| random.one_in(2)))),
                },
                Domain::Set(_) => OutcomeTest::Has(random.below(2) as u32),
                _ => OutcomeTest::Within(Ranges::closed(1, 2)),
            };
            let same = DecisionId(random.below(u64::from(decisions)) as u32);
            let alike = small.program.decision(same).domain == small.program.decision(decision).domain;
            Ok(if alike && random.one_in(3) {
                small.build().same_outcome(decision, same)
            } else {
                small.build().outcome(decision, test)
            })
        }
        _ => small.build().flag(FLAG),
    };
    made.expect("sorts fit")
}

/// A random program: two or three decisions, each with up to five rules, overrides, restrictions, periods.
pub(crate) fn random(seed: u64) -> Program {
    let mut random = Random(seed);
    let mut small = Small::new();
    let layers = 2 + random.below(2) as u32;
    for layer in 0..layers {
        let name = format!("d{layer}");
        let decision = match random.below(6) {
            0 => small.decision(&name, number(-10, 10), Combine::Sum, random.one_in(2).then_some(Value::Int(0))),
            1 => {
                let default = random.one_in(2).then(|| Value::Set(MemberSet::of(2, [1])));
                small.decision(&name, Domain::Set(EnumId(2)), Combine::All, default)
            }
            kind => {
                let combine = match kind {
                    2 => Combine::Strictest,
                    3 => Combine::LeastStrict,
                    4 => Combine::First,
                    _ => Combine::ExactlyOne,
                };
                let default = (!random.one_in(3)).then(|| random.below(3) as u32);
                small.levels(&name, combine, default)
            }
        };
        let before = small.program.rules.len() as u32;
        for number in 0..1 + random.below(5) {
            let value = match small.program.decision(decision).domain {
                Domain::Enum(_) => Value::Member(random.below(3) as u32),
                Domain::Set(_) => Value::Set(MemberSet::of(2, (0..2).filter(|_| random.one_in(2)))),
                _ => Value::Int(random.below(4) as i64 - 1),
            };
            let conclusions = if random.one_in(6) { Vec::new() } else { vec![(decision, value)] };
            let parts = 1 + random.below(2);
            let sides: Vec<TermId> = (0..parts).map(|_| term(&mut small, &mut random, 1, layer, before)).collect();
            let condition = small.build().or(sides.clone());
            let in_force = if random.one_in(3) {
                let from = random.below(3) as i64;
                small.between(DATE, from, 2)
            } else {
                small.always()
            };
            let rule = small.rule_in(&format!("r{layer}_{number}"), in_force, condition, &conclusions);
            if parts > 1 {
                for side in sides {
                    let applies = small.build().and([in_force, side]);
                    small.program.rules[rule.index()].alternatives.push(Alternative {
                        applies,
                        junction: 0,
                        within: None,
                        origin: OriginId::NOWHERE,
                    });
                }
            }
            for other in before..rule.0 {
                if random.one_in(4) {
                    small.overrides(rule, RuleId(other));
                }
            }
        }
        if random.one_in(2) {
            small.program.decisions[decision.index()].rules.reverse();
        }
    }
    small.program
}
