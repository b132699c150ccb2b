//! What a table must be before anybody asks it, whatever form it was read from; each question takes time in proportion to the table.
//!
//! In: a table that a reader put together. Out: nothing, or what is wrong with it. A hash tells that nothing was altered since it was written, not that
//! it was written by Lexport: so nothing is taken for granted, and nothing here panics.

use lexport_runtime::{Answer, HEAD, LEAF, Span, Test};
use rustc_hash::FxHashSet;

use crate::diagram::{OwnedTable, runtime_value, set_words};
use crate::ir::{Domain, EnumDef, EnumId, Value};
use lexport_runtime::Kind;

/// The most members of an enumeration.
const MEMBERS: u32 = 1 << 20;

/// The most digits behind the point of a step.
const SCALE: u32 = 60;

/// How many look-ups the check vectors may take in any table; in a larger one as many more as [`EACH`] for each of its words.
const VECTORS: u64 = 1 << 24;
const EACH: u64 = 16;

/// Whether a table is sound: what it refers to is there, its parts do not contradict each other, its decisions come to answers of their own kind,
/// and it gives the answers of its check vectors (of the first ones, where all would take longer than reading it).
pub(super) fn admit(table: &OwnedTable) -> Result<(), String> {
    table.as_table().check().map_err(|error| format!("{error:?}"))?;
    names(table)?;
    domains(table)?;
    if table.carriers.iter().any(|rule| *rule as usize >= table.rules.len()) {
        return Err("a rule that is not there".into());
    }
    asked(table)?;
    answers(table)?;
    vectors(table)
}

fn twice<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let mut seen = FxHashSet::default();
    names.into_iter().find(|name| !seen.insert(*name))
}

fn names(table: &OwnedTable) -> Result<(), String> {
    let inputs = twice(table.inputs.iter().map(|input| input.name.as_str()));
    let decisions = twice(table.decisions.iter().map(|decision| decision.name.as_str()));
    if let Some(name) = inputs.or(decisions) {
        return Err(format!("the name {name:?} twice"));
    }
    for def in &table.enums {
        if def.members.len() > MEMBERS as usize {
            return Err(format!("{} has more than {MEMBERS} members", def.name));
        }
        if let Some(name) = twice(def.members.iter().map(|member| member.name.as_str())) {
            return Err(format!("the member {name:?} of {} twice", def.name));
        }
        if def.headings.iter().any(|heading| heading.members.size() != def.size()) {
            return Err(format!("a heading of {}", def.name));
        }
    }
    Ok(())
}

/// What values of a domain are to the runtime.
pub(super) fn kind(enums: &[EnumDef], domain: &Domain) -> Result<Kind, String> {
    let size = |id: &EnumId| enums.get(id.index()).map(EnumDef::size).ok_or("an enumeration that is not there");
    Ok(match domain {
        Domain::Bool => Kind::Bool,
        Domain::Enum(id) => Kind::Enum(size(id)?),
        Domain::Set(id) => Kind::Set(size(id)?),
        Domain::Number(number) => Kind::Int(number.lo, number.hi),
        Domain::Date { lo, hi } => Kind::Int(*lo, *hi),
    })
}

fn domains(table: &OwnedTable) -> Result<(), String> {
    if table.inputs.len() != table.kinds.len() || table.decisions.len() != table.roots.len() {
        return Err("as many domains as inputs, as many roots as decisions".into());
    }
    let inputs = table.inputs.iter().map(|it| (&it.name, &it.domain)).zip(table.kinds.iter().map(Some));
    let decisions = table.decisions.iter().map(|it| (&it.name, &it.domain)).zip(std::iter::repeat(None));
    let mut words = 0u64;
    for ((name, domain), given) in inputs.chain(decisions) {
        let found = kind(&table.enums, domain)?;
        let step = !matches!(domain, Domain::Number(it) if it.step.mantissa < 1 || it.step.scale > SCALE);
        let bounds = domain.bounds().is_none_or(|(lo, hi)| lo <= hi);
        if !step || !bounds || given.is_some_and(|given| *given != found) {
            return Err(format!("the domain of {name}"));
        }
        if let Kind::Set(size) = found {
            words += u64::from(size.div_ceil(64));
        }
    }
    // A row of all inputs is a row of words: their number must fit.
    if words > u64::from(u32::MAX) / 2 {
        return Err("its sets have too many members".into());
    }
    match table.dates {
        Some((first, last)) if first > last => Err("the dates".into()),
        _ => Ok(()),
    }
}

/// What to ask for are inputs of the table, each once.
fn asked(table: &OwnedTable) -> Result<(), String> {
    let mut last = vec![usize::MAX; table.inputs.len()];
    for (number, decision) in table.decisions.iter().enumerate() {
        for input in &decision.ask {
            match last.get_mut(*input as usize) {
                None => return Err(format!("{} asks for an input that is not there", decision.name)),
                Some(before) if *before == number => return Err(format!("{} asks for the input {input} twice", decision.name)),
                Some(before) => *before = number,
            }
        }
    }
    Ok(())
}

/// What answers the decisions above a node can carry, all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    /// No decision comes here.
    Any,
    Bool,
    /// A member below.
    Member(u32),
    /// A set of so many members.
    Set(u32),
    Int,
    /// Only what is of no kind: a gap.
    Gap,
}

impl Fits {
    fn of(kind: Kind) -> Fits {
        match kind {
            Kind::Bool => Fits::Bool,
            Kind::Enum(size) => Fits::Member(size),
            Kind::Set(size) => Fits::Set(size),
            Kind::Int(..) => Fits::Int,
        }
    }

    fn and(self, other: Fits) -> Fits {
        match (self, other) {
            (Fits::Any, one) | (one, Fits::Any) => one,
            (Fits::Member(a), Fits::Member(b)) => Fits::Member(a.min(b)),
            (Fits::Set(a), Fits::Set(b)) if a.div_ceil(64) == b.div_ceil(64) => Fits::Set(a.min(b)),
            (one, other) if one == other => one,
            _ => Fits::Gap,
        }
    }
}

/// Every decision comes to answers of its own kind only: what is asked of each root is handed down, in one pass over the nodes.
fn answers(table: &OwnedTable) -> Result<(), String> {
    let mut nodes = vec![Fits::Any; table.nodes.len()];
    let mut outcomes = vec![Fits::Any; table.outcomes.len()];
    let mut hand = |nodes: &mut [Fits], word: u32, fits: Fits| {
        let at = if word & LEAF == 0 { nodes.get_mut(word as usize) } else { outcomes.get_mut((word & !HEAD) as usize) };
        if let Some(at) = at {
            *at = at.and(fits);
        }
    };
    for (root, decision) in table.roots.iter().zip(&table.decisions) {
        hand(&mut nodes, *root, Fits::of(kind(&table.enums, &decision.domain)?));
    }
    // Children stand below their parents.
    let mut at = table.nodes.len();
    while at > 0 {
        let last = at;
        at -= 1;
        while at > 0 && table.nodes[at] & HEAD != HEAD {
            at -= 1;
        }
        let fits = nodes[at];
        table.nodes[at + 1..last].iter().for_each(|child| hand(&mut nodes, *child, fits));
    }
    let good = |answer: Answer, fits: Fits| match (answer, fits) {
        (_, Fits::Any) | (Answer::Gap, _) | (Answer::Bool(_), Fits::Bool) | (Answer::Int(_), Fits::Int) => true,
        (Answer::Member(member), Fits::Member(size)) => member < size,
        (Answer::Set(span), Fits::Set(size)) => is_set(table.as_table().set_words(span), size),
        _ => false,
    };
    for (number, (outcome, fits)) in table.outcomes.iter().zip(outcomes).enumerate() {
        let fine = match outcome.answer {
            Answer::Conflict(span) => table.as_table().conflict_values(span).iter().all(|value| good(*value, fits)),
            answer => good(answer, fits),
        };
        if !fine {
            return Err(format!("outcome {number} is not of the kind of a decision that comes to it"));
        }
    }
    Ok(())
}

fn is_set(words: &[u64], size: u32) -> bool {
    words.len() == size.div_ceil(64) as usize
        && (size.is_multiple_of(64) || words.last().is_none_or(|last| last >> (size % 64) == 0))
}

/// For each decision how many look-ups one answer takes at the most, from the depth of its diagram and the size of its tests.
fn depth(table: &OwnedTable) -> u64 {
    let counts = |span: Span| u64::from(span.count);
    let costs: Vec<u64> = (table.tests.iter())
        .map(|test| match *test {
            Test::AtLeastZero { monomials, .. } => {
                let all = table.monomials.get(monomials.first as usize..).unwrap_or(&[]).iter().take(monomials.count as usize);
                all.fold(1, |sum, monomial| sum + 1 + counts(monomial.factors))
            }
            Test::Interval { thresholds, .. } => 1 + u64::from(thresholds.count.checked_ilog2().unwrap_or(0)),
            Test::Flag { .. } | Test::Member { .. } | Test::Same { .. } => 1,
            // The words of a set are looked through.
            Test::Has { input, .. } => match table.kinds.get(input as usize) {
                Some(Kind::Set(size)) => 1 + u64::from(size.div_ceil(64)),
                _ => 1,
            },
        })
        .collect();
    let mut deep = vec![0u64; table.nodes.len()];
    let (mut at, mut end) = (0, 0);
    while at < table.nodes.len() {
        let of = |deep: &[u64], word: u32| if word & LEAF == 0 { deep.get(word as usize).copied().unwrap_or(0) } else { 0 };
        end = end.max(at + 1);
        while table.nodes.get(end).is_some_and(|word| word & HEAD != HEAD) {
            end += 1;
        }
        let below = table.nodes[at + 1..end].iter().map(|child| of(&deep, *child)).max().unwrap_or(0);
        deep[at] = costs.get((table.nodes[at] & !HEAD) as usize).copied().unwrap_or(1).saturating_add(below);
        at = end;
    }
    let of = |root: &u32| if root & LEAF == 0 { deep.get(*root as usize).copied().unwrap_or(0) } else { 0 };
    table.roots.iter().map(of).fold(0u64, |sum, depth| sum.saturating_add(depth.saturating_add(1)))
}

/// The check vectors are cases of this table, and it gives their answers.
fn vectors(table: &OwnedTable) -> Result<(), String> {
    let packed = table.as_table();
    let each = depth(table).max(1);
    let words = (table.nodes.len() + table.vectors.len() * (table.inputs.len() + table.roots.len())) as u64;
    let mut left = VECTORS.saturating_add(EACH.saturating_mul(words)) / each;
    for (number, vector) in table.vectors.iter().enumerate() {
        let wrong = |what: &str| Err(format!("check vector {number}: {what}"));
        let fits = vector.values.len() == table.kinds.len()
            && vector.outcomes.len() == table.roots.len()
            && vector.outcomes.iter().all(|outcome| (*outcome as usize) < table.outcomes.len())
            && vector.values.iter().zip(&table.kinds).all(|(value, kind)| match (value, kind) {
                (Value::Bool(_), Kind::Bool) => true,
                (Value::Member(member), Kind::Enum(size)) => member < size,
                (Value::Set(set), Kind::Set(size)) => set.size() == *size,
                (Value::Int(int), Kind::Int(lo, hi)) => lo <= int && int <= hi,
                _ => false,
            });
        if !fits {
            return wrong("it is no case of this table");
        }
        if left == 0 {
            continue;
        }
        left -= 1;
        let words: Vec<Vec<u64>> =
            vector.values.iter().map(|value| if let Value::Set(set) = value { set_words(set) } else { Vec::new() }).collect();
        let values: Vec<_> = vector.values.iter().zip(&words).map(|(value, words)| runtime_value(value, words)).collect();
        for (decision, outcome) in vector.outcomes.iter().enumerate() {
            if packed.look_up(decision as u32, &values) != Ok(Some(*outcome)) {
                return wrong("the table does not give its answer");
            }
        }
    }
    Ok(())
}
