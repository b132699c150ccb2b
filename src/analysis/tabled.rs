//! Whether a table says what its program says, asked of the methods that took no part in making it.
//!
//! [`crate::diagram::prove_equal`] compares canonical diagrams. Here the packed nodes are read forwards into terms, one for each
//! node and outcome ("a case comes by here"), of a size linear in the table, and a case is looked for in which an outcome that
//! the table reaches, or a rule that it names, is not the program's.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use lexport_runtime::{Answer, HEAD, LEAF, NONE, Table, Test};

use crate::diagram::OwnedTable;
use crate::ir::{
    BuildError, Builder, Combine, DecisionId, Domain, InputId, MemberSet, OutcomeTest, Poly, Program, Ranges, RuleId, TermId,
    Value,
};
use crate::words::Sentence;

use super::Options;
use super::finding::{By, Evidence, Witness};
use super::lab::Lab;
use super::method::{Question, Settled, Verdict, settle};

/// What the other methods say of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tabled {
    /// No case in which it differs: the evidence of each method that was asked.
    Equal(Vec<Evidence>),
    /// A case in which this decision of the table is not the program's.
    Differs(DecisionId, Witness),
    /// Not settled, and why.
    Open(Sentence),
    /// This build has no other method.
    NotAsked,
}

/// Asks every method but the diagram whether a table, which [`crate::diagram::prove_equal`] has passed, equals its program.
pub fn tabled(program: &Program, table: &OwnedTable, options: &Options) -> Tabled {
    let others: Vec<_> = options.methods.iter().filter(|method| method.by() != By::Diagram).cloned().collect();
    if others.is_empty() {
        return Tabled::NotAsked;
    }
    let options = Options { methods: others, ..options.clone() };
    let mut lab = Lab::new(program, &options);
    let decisions = lab.decisions();
    let mut questions = Vec::new();
    for (number, decision) in decisions.iter().enumerate() {
        match wrong(&mut lab, table, number, *decision) {
            Ok(goal) => questions.push(Question::one(goal, number as u32)),
            Err(error) => return Tabled::Open(error.to_string().into()),
        }
    }
    let mut evidence: Option<Vec<Evidence>> = None;
    for (decision, settled) in decisions.iter().zip(settle(&lab.program, &questions, &options)) {
        match verdict(settled) {
            Ok(says) => {
                evidence = Some(match evidence {
                    None => says,
                    Some(all) => all.into_iter().filter(|one| says.contains(one)).collect(),
                });
            }
            Err(Ok(witness)) => return Tabled::Differs(*decision, witness),
            Err(Err(why)) => return Tabled::Open(why),
        }
    }
    Tabled::Equal(evidence.unwrap_or_default())
}

fn verdict(settled: Settled) -> Result<Vec<Evidence>, Result<Witness, Sentence>> {
    match (settled.answer, settled.faults.into_iter().next()) {
        (_, Some(fault)) => Err(Err(fault.what)),
        (Verdict::No, None) => Ok(settled.evidence),
        (Verdict::Yes(witness), None) => Err(Ok(witness)),
        (Verdict::Unknown(why), None) => Err(Err(why)),
    }
}

/// That the table's answer for one decision, or the rules it names, are not the program's; within what the table is good for.
fn wrong(lab: &mut Lab<'_>, table: &OwnedTable, number: usize, decision: DecisionId) -> Result<TermId, BuildError> {
    let packed = table.as_table();
    let rules: Vec<(RuleId, Value)> = {
        let declared = lab.program.decision(decision).rules.clone();
        declared.into_iter().filter_map(|rule| Some((rule, lab.program.conclusion(rule, decision)?.clone()))).collect()
    };
    let here = scope(lab, &packed)?;
    let reached = outcomes(lab, &packed, packed.roots[number])?;
    let carries = carriers(lab, decision, &rules);
    let mut says: IndexMap<OutcomeTest, Vec<TermId>> = IndexMap::new();
    let (mut valued, mut misfits) = (Vec::new(), Vec::new());
    let mut names: BTreeMap<RuleId, Vec<TermId>> = BTreeMap::new();
    for (outcome, term) in &reached {
        let row = packed.outcomes[*outcome as usize];
        for rule in packed.rules(row) {
            names.entry(RuleId(*rule)).or_default().push(*term);
        }
        let test = match (row.answer, &lab.program.decision(decision).domain) {
            (Answer::Gap, _) => OutcomeTest::Gap,
            (Answer::Conflict(_), _) => OutcomeTest::Conflict,
            (Answer::Bool(value), Domain::Bool) => OutcomeTest::Members(MemberSet::of(2, [u32::from(value)])),
            (Answer::Int(int), Domain::Number(_) | Domain::Date { .. }) => OutcomeTest::Within(Ranges::closed(int, int)),
            (Answer::Member(member), Domain::Enum(of)) => {
                let size = lab.program.enumeration(*of).size();
                OutcomeTest::Members(MemberSet::of(size, (member < size).then_some(member)))
            }
            (Answer::Set(_), Domain::Set(_)) => {
                valued.push((*outcome, *term));
                continue;
            }
            // No value of this decision: wrong wherever it is reached.
            _ => {
                misfits.push(*term);
                continue;
            }
        };
        says.entry(test).or_default().push(*term);
    }
    // What the table never says must be asked about as well.
    if lab.may_gap(decision) {
        says.entry(OutcomeTest::Gap).or_default();
    }
    if lab.program.decision(decision).combine == Combine::ExactlyOne {
        says.entry(OutcomeTest::Conflict).or_default();
    }
    if let Domain::Set(of) = lab.program.decision(decision).domain {
        for member in 0..lab.program.enumeration(of).size() {
            let has = |outcome: &u32| match packed.outcomes[*outcome as usize].answer {
                Answer::Set(span) => {
                    packed.set_words(span).get(member as usize / 64).is_some_and(|word| word >> (member % 64) & 1 == 1)
                }
                _ => false,
            };
            let with = valued.iter().filter(|(outcome, _)| has(outcome)).map(|(_, term)| *term).collect();
            says.insert(OutcomeTest::Has(member), with);
        }
    }
    let mut build = lab.program.builder();
    let mut sides = misfits;
    // Every case comes to some outcome of the table ...
    let any = build.or(reached.values().copied());
    sides.push(build.not(any));
    // ... and what it comes to is so, and only that.
    for (test, terms) in says {
        let table = build.or(terms);
        let program = build.outcome(decision, test);
        let same = build.iff(table, program);
        sides.push(build.not(same));
    }
    for (rule, carries) in carries {
        let table = build.or(names.remove(&rule).unwrap_or_default());
        let same = build.iff(table, carries);
        sides.push(build.not(same));
    }
    // A rule that does not conclude this decision carries nothing of it.
    sides.extend(names.into_values().flatten());
    let wrong = build.or(sides);
    Ok(build.and([here, wrong]))
}

/// When each rule carries the decision: it is effective, and none that prevails over it is.
pub(super) fn carriers(lab: &mut Lab<'_>, decision: DecisionId, rules: &[(RuleId, Value)]) -> Vec<(RuleId, TermId)> {
    let combine = lab.program.decision(decision).combine.clone();
    let mut build = lab.program.builder();
    let mut ranked: Vec<&(RuleId, Value)> = rules.iter().collect();
    match combine {
        Combine::Strictest => ranked.sort_by(|a, b| b.1.cmp(&a.1)),
        Combine::LeastStrict => ranked.sort_by(|a, b| a.1.cmp(&b.1)),
        _ => {}
    }
    let tie = |a: &&(RuleId, Value), b: &&(RuleId, Value)| match combine {
        Combine::Strictest | Combine::LeastStrict => a.1 == b.1,
        Combine::First => false,
        Combine::ExactlyOne | Combine::Sum | Combine::All => true,
    };
    let mut stronger = build.constant(false);
    let mut out = Vec::new();
    for tied in ranked.chunk_by(tie) {
        let none = build.not(stronger);
        for (rule, _) in tied {
            let effective = build.effective(*rule);
            out.push((*rule, build.and([effective, none])));
        }
        let these: Vec<TermId> = tied.iter().map(|(rule, _)| build.effective(*rule)).collect();
        stronger = build.or(these.into_iter().chain([stronger]));
    }
    out
}

/// The cases that the table says it is good for.
fn scope(lab: &mut Lab<'_>, table: &Table<'_>) -> Result<TermId, BuildError> {
    let mut parts = Vec::new();
    for (index, kind) in table.inputs.iter().enumerate() {
        if let lexport_runtime::Kind::Int(lo, hi) = kind {
            parts.push(lab.program.builder().within(InputId(index as u32), Ranges::closed(*lo, *hi))?);
        }
    }
    for test in table.tests {
        if let Test::Member { input, map, .. } = test {
            let map = &table.maps[map.first as usize..(map.first + map.count) as usize];
            let good = (0..map.len() as u32).filter(|member| map[*member as usize] != NONE);
            let set = MemberSet::of(map.len() as u32, good);
            parts.push(lab.program.builder().member(InputId(*input), set)?);
        }
    }
    Ok(lab.program.builder().and(parts))
}

/// For each outcome below a root: that a case comes to it.
fn outcomes(lab: &mut Lab<'_>, table: &Table<'_>, root: u32) -> Result<BTreeMap<u32, TermId>, BuildError> {
    let always = lab.program.builder().constant(true);
    let mut by: BTreeMap<u32, Vec<TermId>> = BTreeMap::new();
    // Children stand at lower offsets than their parents: the highest open node has all of its ways in.
    let mut open: BTreeMap<u32, Vec<TermId>> = BTreeMap::new();
    let mut go = |word: u32, way: TermId, open: &mut BTreeMap<u32, Vec<TermId>>| match word & LEAF {
        0 => open.entry(word).or_default().push(way),
        _ => by.entry(word & !HEAD).or_default().push(way),
    };
    go(root, always, &mut open);
    while let Some((at, ways)) = open.pop_last() {
        let here = lab.program.builder().or(ways);
        let test = table.tests[(table.nodes[at as usize] & !HEAD) as usize];
        for (class, term) in classes(&mut lab.program.builder(), table, test)?.into_iter().enumerate() {
            let way = lab.program.builder().and([here, term]);
            go(table.nodes[at as usize + 1 + class], way, &mut open);
        }
    }
    let mut build = lab.program.builder();
    Ok(by.into_iter().map(|(outcome, ways)| (outcome, build.or(ways))).collect())
}

/// For each class of a test: that a case is in it.
fn classes(build: &mut Builder<'_>, table: &Table<'_>, test: Test) -> Result<Vec<TermId>, BuildError> {
    let map = |span: lexport_runtime::Span| &table.maps[span.first as usize..(span.first + span.count) as usize];
    let holds = match test {
        Test::Member { input, classes, map: of } => {
            let map = map(of);
            let class = |class: u32| {
                let members = (0..map.len() as u32).filter(|member| map[*member as usize] == class);
                build.member(InputId(input), MemberSet::of(map.len() as u32, members))
            };
            return (0..classes).map(class).collect();
        }
        Test::Interval { input, classes, thresholds, map: of } => {
            let at = &table.thresholds[thresholds.first as usize..(thresholds.first + thresholds.count) as usize];
            let piece = |piece: usize| {
                let first = piece.checked_sub(1).map_or(i64::MIN, |before| at[before]);
                (first, at.get(piece).map_or(i64::MAX, |next| next - 1))
            };
            let map = map(of);
            let class = |class: u32| {
                let pieces = (0..map.len()).filter(|at| map[*at] == class).map(piece);
                build.within(InputId(input), Ranges::from_pairs(pieces))
            };
            return (0..classes).map(class).collect();
        }
        Test::Flag { input } => build.flag(InputId(input))?,
        Test::Has { input, member } => build.has(InputId(input), member)?,
        Test::Same { a, b } => build.same(InputId(a), InputId(b))?,
        Test::AtLeastZero { monomials, constant } => {
            let mut poly = Poly::constant(constant);
            for one in &table.monomials[monomials.first as usize..(monomials.first + monomials.count) as usize] {
                let factors = &table.factors[one.factors.first as usize..(one.factors.first + one.factors.count) as usize];
                let mut inputs: Vec<InputId> = factors.iter().map(|input| InputId(*input)).collect();
                inputs.sort_unstable();
                let monomial = Poly { constant: 0, monomials: vec![(inputs, one.coefficient)] };
                poly = poly.plus(&monomial).ok_or(BuildError::TooLarge)?;
            }
            build.at_least_zero(poly)?
        }
    };
    Ok(vec![build.not(holds), holds])
}
