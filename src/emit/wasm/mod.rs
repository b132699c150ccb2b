//! The table as a WebAssembly module without imports, with a typed JavaScript wrapper: `NAME.wasm`, `NAME.mjs`, `NAME.d.mts`
//! (and `NAME.d.ts`, which refers to it), `NAME.vectors.json`.
//!
//! The module is written directly, instruction by instruction (WebAssembly Core Specification 2.0): for each decision straight-line code
//! from the fused steps, loops of it over rows and columns, and the evaluation of cases in which inputs are unknown. What the exports
//! mean is told in `docs/targets/wasm.md`.

mod class;
mod code;
mod decide;
mod declaration;
mod layout;
mod module;
mod open;
mod sign;
mod sound;
mod vectors;
mod wrapper;

#[cfg(test)]
mod tests;

use super::artifact::{Artifact, EmitError};
use super::json::table_hash;
use super::text::identifier;
use crate::diagram::OwnedTable;

/// The files.
///
/// # Errors
/// If the table is malformed, or larger than what a module can carry.
pub fn wasm(table: &OwnedTable) -> Result<Vec<Artifact>, EmitError> {
    sound::check(table)?;
    let hash = table_hash(table).map_err(EmitError::Malformed)?;
    let built = module::build(table, &hash)?;
    let name = identifier(&table.regime);
    Ok(vec![
        Artifact { path: format!("{name}.wasm"), bytes: built.bytes },
        Artifact::text(format!("{name}.mjs"), wrapper::wrapper(table, &name, &built.identity, &built.row)?),
        Artifact::text(format!("{name}.d.mts"), declaration::declaration(table, &name)),
        // TypeScript looks for the types of a `.mjs` in a `.d.mts`; other tools look for this.
        Artifact::text(format!("{name}.d.ts"), format!("export * from \"./{name}.mjs\";\n")),
        Artifact::text(format!("{name}.vectors.json"), vectors::vectors(table, &hash)?),
    ])
}
