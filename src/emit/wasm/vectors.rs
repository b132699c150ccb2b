//! The check vectors for `selfTest()`: cases and answers as people write them, so that the names of the wrapper are checked too.

use serde_json::{Map, Value as Json, json};

use super::wrapper::{outcome, value};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;

/// The text of `NAME.vectors.json`: a vector on each line.
pub(super) fn vectors(table: &OwnedTable, hash: &str) -> Result<String, EmitError> {
    let mut lines = Vec::with_capacity(table.vectors.len());
    for vector in &table.vectors {
        let inputs = table.inputs.iter().zip(&vector.values);
        let inputs: Map<String, Json> = inputs.map(|(it, one)| (it.name.clone(), value(table, &it.domain, one))).collect();
        let mut answers = Map::new();
        for (decision, end) in table.decisions.iter().zip(&vector.outcomes) {
            let mut told = outcome(table, &decision.domain, *end)?;
            if let Json::Object(told) = &mut told {
                let rules = table.as_table().rules(table.outcomes[*end as usize]);
                let rules: Vec<&str> = rules.iter().map(|rule| table.rules[*rule as usize].name.as_str()).collect();
                told.insert("rules".into(), json!(rules));
            }
            answers.insert(decision.name.clone(), told);
        }
        lines.push(json!({ "inputs": inputs, "answers": answers }).to_string());
    }
    Ok(format!("{{\"schema\":\"lexport.vectors/1\",\"table\":{},\"vectors\":[\n{}\n]}}\n", json!(hash), lines.join(",\n")))
}
