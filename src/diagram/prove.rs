//! Holds a table against the program it claims to be: not by sampling, but case by case through canonical diagrams.
//!
//! In: a program, and a table (just built, or read back from a file). The classes are taken from the table's own maps and
//! thresholds, the program's terms are built anew over them in a fresh store (a test that a class does not respect is a
//! fault), the packed nodes are unfolded into the same store, and the two must come to the same node for every decision.

use std::collections::BTreeMap;

use lexport_runtime::{Answer as Packed, HEAD, Kind, LEAF, NONE, Table, TableError, Test};

use super::build::{Diagram, DiagramError, Options};
use super::classes::Allowed;
use super::layout::{AtomKey, LevelKind, Order, Tests, poly_key};
use super::node::Node;
use super::outcome::Label;
use super::table::{OwnedTable, kind, program_hash, set_words};
use crate::ir::{DecisionId, Domain, InputId, MemberSet, Outcome, Poly, Program, Ranges, RuleId, Value};

/// Why a table is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableFault {
    /// It is malformed.
    Malformed(TableError),
    /// It was built from another program (or the program has no hash).
    OtherProgram,
    /// Inputs, decisions or rules are not those of the program.
    Schema(&'static str),
    /// A class of this input is not respected by the program's tests, or is no partition of its domain.
    Classes(InputId),
    /// A test is none of the program's, or stands in no order that diagrams have.
    Tests,
    /// This decision differs from the program.
    Differs(DecisionId),
    /// This check vector does not come out.
    Vector(usize),
    /// The diagram could not be built.
    Diagram(DiagramError),
}

impl std::fmt::Display for TableFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TableFault::Malformed(error) => write!(f, "the table is malformed: {error:?}"),
            TableFault::OtherProgram => write!(f, "the table was built from another program"),
            TableFault::Schema(what) => write!(f, "the table's {what} are not the program's"),
            TableFault::Classes(input) => write!(f, "the table does not tell values of input {} apart", input.0),
            TableFault::Tests => write!(f, "the table has tests that the program has not"),
            TableFault::Differs(decision) => write!(f, "the table's decision {} is not the program's", decision.0),
            TableFault::Vector(number) => write!(f, "check vector {number} does not come out"),
            TableFault::Diagram(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for TableFault {}

/// Proves that a table gives the program's outcomes, with the rules that carry them, for every case it says it is good for.
///
/// # Errors
/// The first fault; without one it is a proof.
pub fn prove_equal(program: &Program, table: &OwnedTable, options: &Options) -> Result<(), TableFault> {
    let packed = table.as_table();
    packed.check().map_err(TableFault::Malformed)?;
    if program_hash(program).ok().as_ref() != Some(&table.source) {
        return Err(TableFault::OtherProgram);
    }
    let decisions = schema(program, table)?;
    let restrict = restrictions(program, &packed)?;
    let given = given(program, &packed, &restrict)?;
    let roots: Vec<_> = program.rules.iter().filter(|rule| rule.regime == 0).map(|rule| rule.applies).collect();
    let roots: Vec<_> = decisions
        .iter()
        .flat_map(|decision| &program.decision(*decision).rules)
        .map(|rule| program.rule(*rule).applies)
        .chain(roots)
        .collect();
    let tests = Tests::below(program, &roots);
    let mut fault = TableFault::Tests;
    // The table does not say in which order its tests stand; it must be one of those that diagrams have.
    for order in [Order::Frequent, Order::Narrow, Order::Declared] {
        let options = Options { order, restrict: restrict.clone(), pair: None, ..options.clone() };
        let diagram = Diagram::with_classes(program, &tests, &options, Some(&given));
        let mut diagram = diagram.map_err(TableFault::Diagram)?;
        match same(&mut diagram, table, &decisions) {
            Ok(()) => return vectors(table),
            Err(TableFault::Tests) => {}
            Err(other) => fault = other,
        }
    }
    Err(fault)
}

fn schema(program: &Program, table: &OwnedTable) -> Result<Vec<DecisionId>, TableFault> {
    // It may lack the last inputs of the program, if it does not need them: a test of one that is not there is a fault.
    let inputs = program.inputs.len() >= table.inputs.len()
        && table.inputs.len() == table.kinds.len()
        && program.inputs.iter().zip(&table.inputs).all(|(a, b)| {
            a.name == b.name
                && match (&a.domain, &b.domain) {
                    (Domain::Date { lo, hi }, Domain::Date { lo: a, hi: b }) => lo <= a && b <= hi,
                    (a, b) => a == b,
                }
        })
        && table.inputs.iter().zip(&table.kinds).all(|(input, of)| kind(program, &input.domain) == *of);
    if !inputs || program.enums != table.enums {
        return Err(TableFault::Schema("inputs"));
    }
    let decisions: Vec<DecisionId> = program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
    let same = decisions.len() == table.decisions.len()
        && decisions.len() == table.roots.len()
        && decisions.iter().zip(&table.decisions).all(|(id, it)| {
            let declared = program.decision(*id);
            declared.name == it.name && declared.domain == it.domain
        });
    if !same {
        return Err(TableFault::Schema("decisions"));
    }
    let rules = program.rules.len() == table.rules.len()
        && program.rules.iter().zip(&table.rules).all(|(a, b)| a.name == b.name && a.cite == b.cite);
    if rules { Ok(decisions) } else { Err(TableFault::Schema("rules")) }
}

/// The values that the table takes, where they are fewer than the program's.
fn restrictions(program: &Program, table: &Table<'_>) -> Result<Vec<(InputId, Allowed)>, TableFault> {
    let mut restrict = Vec::new();
    for (index, input) in program.inputs.iter().enumerate().take(table.inputs.len()) {
        let id = InputId(index as u32);
        if let (Some((lo, hi)), Kind::Int(first, last)) = (input.domain.bounds(), table.inputs[index])
            && (lo, hi) != (first, last)
        {
            restrict.push((id, Allowed::Ranges(Ranges::closed(first, last))));
        }
    }
    for test in table.tests {
        if let Test::Member { input, classes: 1, map } = test {
            let map = &table.maps[map.first as usize..(map.first + map.count) as usize];
            let set = (0..map.len() as u32).filter(|member| map[*member as usize] != NONE);
            restrict.push((InputId(*input), Allowed::Members(MemberSet::of(map.len() as u32, set))));
        }
    }
    Ok(restrict)
}

/// The classes of the inputs, as the table's own maps have them.
fn given(
    program: &Program,
    table: &Table<'_>,
    restrict: &[(InputId, Allowed)],
) -> Result<BTreeMap<InputId, Vec<Allowed>>, TableFault> {
    let mut given = BTreeMap::new();
    for test in table.tests {
        let (input, parts) = match test {
            Test::Member { input, classes, map } if *classes > 1 => {
                let map = &table.maps[map.first as usize..(map.first + map.count) as usize];
                let class = |class: u32| {
                    let set = (0..map.len() as u32).filter(|member| map[*member as usize] == class);
                    Allowed::Members(MemberSet::of(map.len() as u32, set))
                };
                (InputId(*input), (0..*classes).map(class).collect::<Vec<_>>())
            }
            Test::Interval { input, classes, thresholds, map } => {
                let map = &table.maps[map.first as usize..(map.first + map.count) as usize];
                let at = &table.thresholds[thresholds.first as usize..(thresholds.first + thresholds.count) as usize];
                let Kind::Int(lo, hi) = table.inputs[*input as usize] else { return Err(TableFault::Tests) };
                let mut pairs: Vec<Vec<(i64, i64)>> = vec![Vec::new(); *classes as usize];
                for (piece, class) in map.iter().enumerate() {
                    let first = piece.checked_sub(1).map_or(lo, |before| at[before].max(lo));
                    let last = at.get(piece).map_or(hi, |next| (next.saturating_sub(1)).min(hi));
                    match pairs.get_mut(*class as usize) {
                        Some(slot) => slot.push((first, last)),
                        None => return Err(TableFault::Classes(InputId(*input))),
                    }
                }
                let ranges = pairs.into_iter().map(|pairs| Allowed::Ranges(Ranges::from_pairs(pairs)));
                (InputId(*input), ranges.collect::<Vec<_>>())
            }
            Test::Flag { input } => {
                let part = |member| Allowed::Members(MemberSet::of(2, [member]));
                (InputId(*input), vec![part(0), part(1)])
            }
            _ => continue,
        };
        let mut domain = Allowed::all(program, &program.input(input).domain).ok_or(TableFault::Classes(input))?;
        for (of, allowed) in restrict {
            if *of == input {
                domain = domain.intersection(allowed);
            }
        }
        // A partition: together the domain, and no value twice.
        let mut union = parts.first().cloned().ok_or(TableFault::Classes(input))?;
        for part in &parts[1..] {
            if union.intersects(part) {
                return Err(TableFault::Classes(input));
            }
            union = union.union(part);
        }
        let whole = union == domain && parts.iter().all(|part| !part.is_empty());
        if !whole || given.insert(input, parts).is_some() {
            return Err(TableFault::Classes(input));
        }
    }
    Ok(given)
}

fn same(diagram: &mut Diagram<'_>, table: &OwnedTable, decisions: &[DecisionId]) -> Result<(), TableFault> {
    let levels: Result<Vec<Option<u32>>, TableFault> =
        table.tests.iter().map(|test| level_of(diagram, &table.as_table(), *test)).collect();
    let levels = levels?;
    let rising: Vec<u32> = levels.iter().flatten().copied().collect();
    if rising.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(TableFault::Tests);
    }
    let mut unfolded: BTreeMap<(usize, u32), Option<Node>> = BTreeMap::new();
    for (number, decision) in decisions.iter().enumerate() {
        // A leaf means what its decision's domain says, so each decision is unfolded by itself. An answer that is none of
        // this decision's has no node, and neither has anything above it: nothing that could be taken for a gap.
        let domain = &table.decisions[number].domain;
        let terminals: Vec<Option<Node>> = table
            .outcomes
            .iter()
            .map(|row| {
                let rules = table.as_table().rules(*row).iter().map(|rule| RuleId(*rule)).collect();
                let label = || Label { outcome: table.outcome(row.answer, domain), rules, rank: 0 };
                fits(table, row.answer, domain).then(|| diagram.labels.intern(label()))
            })
            .collect();
        let end = table.roots[number];
        let mut at = 0u32;
        while at & LEAF == 0 && end & LEAF == 0 && at <= end {
            let test = (table.nodes[at as usize] & !HEAD) as usize;
            let arity = match table.tests[test] {
                Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
                _ => 2,
            };
            let first = at as usize + 1;
            let word = |word: &u32| match word & LEAF {
                0 => unfolded.get(&(number, *word)).copied(),
                _ => terminals.get((word & !HEAD) as usize).copied(),
            };
            let children: Option<Vec<Option<Node>>> = table.nodes[first..first + arity as usize].iter().map(word).collect();
            let children: Option<Vec<Node>> = children.ok_or(TableFault::Tests)?.into_iter().collect();
            let node = match (children, levels[test]) {
                (None, _) => None,
                (Some(children), Some(level)) => Some(diagram.store.make(level, &children).map_err(TableFault::Diagram)?),
                (Some(children), None) => Some(children[0]),
            };
            unfolded.insert((number, at), node);
            at += 1 + arity;
        }
        let unfolded_root = match end & LEAF {
            0 => unfolded.get(&(number, end)).copied().ok_or(TableFault::Tests)?,
            _ => terminals[(end & !HEAD) as usize],
        };
        let root = diagram.carried(*decision).map_err(|error| match error {
            DiagramError::NotCovered(_) => TableFault::Differs(*decision),
            other => TableFault::Diagram(other),
        })?;
        if Some(root) != unfolded_root {
            return Err(TableFault::Differs(*decision));
        }
    }
    Ok(())
}

/// Whether an answer is one of this domain: of its type, and for a set exactly the words its members need, with no bit
/// beyond them. What does not fit must not be read, else two encodings would be one.
fn fits(table: &OwnedTable, answer: Packed, domain: &Domain) -> bool {
    match (answer, domain) {
        (Packed::Gap, _) | (Packed::Bool(_), Domain::Bool) | (Packed::Int(_), Domain::Number(_) | Domain::Date { .. }) => true,
        (Packed::Member(member), Domain::Enum(of)) => table.enums.get(of.index()).is_some_and(|def| member < def.size()),
        (Packed::Set(span), Domain::Set(_)) => match table.outcome(answer, domain) {
            Outcome::Value(Value::Set(set)) => set_words(&set) == table.as_table().set_words(span),
            _ => false,
        },
        (Packed::Conflict(span), _) => table
            .as_table()
            .conflict_values(span)
            .iter()
            .all(|one| !matches!(one, Packed::Gap | Packed::Conflict(_)) && fits(table, *one, domain)),
        _ => false,
    }
}

/// The level of a test; none for a guard, which looks at a value and has one child.
fn level_of(diagram: &Diagram<'_>, table: &Table<'_>, test: Test) -> Result<Option<u32>, TableFault> {
    let layout = &diagram.layout;
    let class = |input: u32| {
        layout.column(InputId(input), false).and_then(|column| layout.level_of_column[column]).ok_or(TableFault::Tests)
    };
    let level = match test {
        Test::Member { classes: 1, .. } => return Ok(None),
        Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } => class(input)?,
        Test::Has { input, member } => *layout.level_of_has.get(&(InputId(input), member)).ok_or(TableFault::Tests)?,
        Test::Same { a, b } => {
            let column = |input| layout.column(InputId(input), false).ok_or(TableFault::Tests);
            let (a, b) = (column(a)?, column(b)?);
            *layout.level_of_atom.get(&AtomKey::Same(a.min(b), a.max(b))).ok_or(TableFault::Tests)?
        }
        Test::AtLeastZero { monomials, constant } => {
            let mut poly = Poly::constant(constant);
            for monomial in &table.monomials[monomials.first as usize..(monomials.first + monomials.count) as usize] {
                let factors = monomial.factors;
                let factors = &table.factors[factors.first as usize..(factors.first + factors.count) as usize];
                let mut inputs: Vec<InputId> = factors.iter().map(|input| InputId(*input)).collect();
                inputs.sort_unstable();
                let one = Poly { constant: 0, monomials: vec![(inputs, monomial.coefficient)] };
                poly = poly.plus(&one).ok_or(TableFault::Tests)?;
            }
            match poly_key(&poly, |input| layout.column(input, false)) {
                Some((key, false)) => *layout.level_of_atom.get(&key).ok_or(TableFault::Tests)?,
                _ => return Err(TableFault::Tests),
            }
        }
    };
    debug_assert!(!matches!(layout.levels[level as usize].kind, LevelKind::Class(column) if layout.columns[column].second));
    Ok(Some(level))
}

/// The runtime's answers to the check vectors.
fn vectors(table: &OwnedTable) -> Result<(), TableFault> {
    let packed = table.as_table();
    for (number, vector) in table.vectors.iter().enumerate() {
        let fault = TableFault::Vector(number);
        let sets: Vec<Vec<u64>> =
            vector.values.iter().map(|value| if let Value::Set(set) = value { set_words(set) } else { Vec::new() }).collect();
        let values: Vec<_> = vector.values.iter().zip(&sets).map(|(value, words)| runtime_value(value, words)).collect();
        for (decision, outcome) in vector.outcomes.iter().enumerate() {
            if packed.look_up(decision as u32, &values) != Ok(Some(*outcome)) {
                return Err(fault);
            }
        }
    }
    Ok(())
}

/// A value as the runtime takes it; `words` are those of a set.
pub fn runtime_value<'w>(value: &Value, words: &'w [u64]) -> lexport_runtime::Value<'w> {
    match value {
        Value::Bool(value) => lexport_runtime::Value::Bool(*value),
        Value::Member(member) => lexport_runtime::Value::Member(*member),
        Value::Int(int) => lexport_runtime::Value::Int(*int),
        Value::Set(_) => lexport_runtime::Value::Set(words),
    }
}
