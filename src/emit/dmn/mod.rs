//! A table as a DMN model: decision tables in FEEL that a person can read, and a drawing of what requires what.
//!
//! In: a packed table. Out: `NAME.dmn` in DMN 1.5, and `NAME.1_3.dmn`: the same under the names of DMN 1.3, for tools that know no later
//! version. `decompose` takes the table apart, `assemble` makes decisions of the parts, `place` draws them, `write` writes XML. What the
//! files mean is told in `docs/targets/dmn.md`; the specification is OMG formal/24-01-01.

mod assemble;
mod collect;
mod decompose;
mod domains;
mod feel;
mod function;
mod inputs;
mod model;
mod part;
mod place;
mod test;
#[cfg(test)]
mod tests;
mod write;

use super::artifact::{Artifact, EmitError};
use super::text::identifier;
use crate::diagram::OwnedTable;

/// The files of a table.
///
/// # Errors
/// [`EmitError`] if the table is malformed, if a comparison needs longer numbers than FEEL has, or if a decision cannot be taken apart
/// into tables of some thousand rows at the most.
pub fn dmn(table: &OwnedTable) -> Result<Vec<Artifact>, EmitError> {
    table.as_table().check().map_err(|error| EmitError::Malformed(format!("{error:?}")))?;
    let (parts, decisions) = decompose::decompose(table)?;
    let model = assemble::assemble(table, &parts, &decisions)?;
    let name = identifier(&table.regime);
    // The source ties the model to its program, as the table's own hash does.
    let namespace = format!("urn:lexport:{name}:{}", table.source);
    let file = |version, path: String| {
        write::write(&model, version, &namespace, env!("CARGO_PKG_VERSION"))
            .map(|bytes| Artifact { path, bytes })
            .map_err(|error| EmitError::Malformed(error.to_string()))
    };
    Ok(vec![file(write::V1_5, format!("{name}.dmn"))?, file(write::V1_3, format!("{name}.1_3.dmn"))?])
}
