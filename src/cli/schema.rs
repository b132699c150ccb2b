//! A table's inputs and decisions as a program without rules, so that its values are read and written as everywhere; and which of them are settled by
//! the table itself.

use lexport_runtime::Value as Held;
use rustc_hash::FxHashMap;

use crate::diagram::OwnedTable;
use crate::driver::Misfit;
use crate::ir::{Combine, Decision, Input, OriginId, Pool, Program, Regime, VERSION};

/// Inputs, decisions and enumerations of a table, under their numbers.
pub fn program(table: &OwnedTable) -> Program {
    Program {
        version: VERSION.into(),
        regimes: vec![Regime {
            name: table.regime.clone(),
            title: table.title.clone(),
            cite: String::new(),
            origin: OriginId::NOWHERE,
        }],
        enums: table.enums.clone(),
        inputs: table
            .inputs
            .iter()
            .map(|input| Input {
                name: input.name.clone(),
                title: input.title.clone(),
                domain: input.domain.clone(),
                preferred: Vec::new(),
                capability: false,
                regime: 0,
                origin: OriginId::NOWHERE,
            })
            .collect(),
        decisions: table
            .decisions
            .iter()
            .map(|decision| Decision {
                name: decision.name.clone(),
                title: decision.title.clone(),
                domain: decision.domain.clone(),
                combine: Combine::ExactlyOne,
                default: None,
                rules: Vec::new(),
                regime: 0,
                origin: OriginId::NOWHERE,
            })
            .collect(),
        rules: Vec::new(),
        pool: Pool::default(),
        origins: Vec::new(),
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
        date: None,
        reading: None,
    }
}

/// By input the one value that a table is for: its only day, the only member that its guards let through.
pub fn fixed(schema: &Program, guards: &FxHashMap<usize, Vec<u32>>) -> Vec<Option<Held<'static>>> {
    schema
        .inputs
        .iter()
        .enumerate()
        .map(|(index, input)| match (input.domain.bounds(), guards.get(&index)) {
            (Some((lo, hi)), _) if lo == hi => Some(Held::Int(lo)),
            (_, Some(members)) if members.len() == 1 => Some(Held::Member(members[0])),
            _ => None,
        })
        .collect()
}

/// Which members the tests of a table let through, where that is not all: a table for one reading refuses the others.
pub fn guards(table: &OwnedTable) -> FxHashMap<usize, Vec<u32>> {
    let guard = |test: &lexport_runtime::Test| {
        let lexport_runtime::Test::Member { input, classes: 1, map } = test else { return None };
        let map = table.maps.get(map.first as usize..)?.get(..map.count as usize)?;
        let members: Vec<u32> =
            (0..).zip(map).filter(|(_, class)| **class != lexport_runtime::NONE).map(|(member, _)| member).collect();
        (members.len() < map.len()).then_some((*input as usize, members))
    };
    // Of several guards of one input the first one speaks.
    let mut all = FxHashMap::default();
    for (input, members) in table.tests.iter().filter_map(guard) {
        all.entry(input).or_insert(members);
    }
    all
}

/// Why a value that a table is not built for is refused.
pub fn not_good_for(value: &str, good: &str) -> Misfit {
    Misfit {
        what: format!("`{value}`: this table is good for {good} only"),
        allowed: format!("{good} in this table"),
        meant: None,
        help: Some("build a table for it, or one without `--reading` and `--on`".to_owned()),
    }
}
