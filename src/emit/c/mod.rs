//! The table as one header of C99: a typed struct of inputs, a function for each decision in straight-line code, what unknown inputs
//! leave open, and what outcomes, rules and members mean. It needs nothing but `<stddef.h>` and `<stdint.h>`, and allocates nothing.
//!
//! The header is included wherever it is used; one file of the program defines `NAME_IMPLEMENTATION` before (the form of the stb
//! libraries). So there is one file to keep, as with a header of `static` functions, but the arrays are in a program once, and who only
//! includes it compiles none of them.

mod decide;
mod interface;
mod meaning;
mod names;
mod put;
mod unknown;
mod vectors;

use super::artifact::{Artifact, EmitError};
use super::plan::{Class, Plan};
use crate::diagram::OwnedTable;
use names::Names;

/// One header.
///
/// # Errors
/// If the table is malformed, which none that Lexport built is.
pub fn c(table: &OwnedTable) -> Result<Artifact, EmitError> {
    let plan = Plan::new(table)?;
    if table.decisions.is_empty() {
        // An array of C has at least one entry.
        return Err(EmitError::Malformed("there is no decision in it, so a header would have nothing to answer".to_owned()));
    }
    let names = Names::new(table);
    let mut out = String::new();
    interface::interface(&mut out, &plan, &names);
    out += &names.own(
        "#ifdef LEXPORT_IMPLEMENTATION\n#ifndef LEXPORT_IMPLEMENTED\n#define LEXPORT_IMPLEMENTED\n\n#ifdef __cplusplus\nextern \"C\" \
         {\n#endif\n\n",
    );
    if plan.tests.iter().any(|class| matches!(class, Class::Sign { .. })) {
        out += &names.own(include_str!("wide.h"));
        out.push('\n');
    }
    decide::decide(&mut out, &plan, &names);
    unknown::unknown(&mut out, &plan, &names);
    put::put(&mut out, table, &names);
    meaning::meaning(&mut out, table, &names);
    vectors::vectors(&mut out, table, &names);
    out += &names.own("#ifdef __cplusplus\n}\n#endif\n\n#endif /* LEXPORT_IMPLEMENTED */\n#endif /* LEXPORT_IMPLEMENTATION */\n");
    let file = format!("{}.h", names.prefix);
    Ok(Artifact::text(file.clone(), out.replace("THIS_FILE", &file)))
}

/// An array of numbers of C.
fn array(out: &mut String, of: &str, name: &str, values: impl IntoIterator<Item = String>) {
    let values: Vec<String> = values.into_iter().collect();
    // An array of C has at least one entry.
    let values = if values.is_empty() { vec!["0".to_owned()] } else { values };
    *out += &format!("static const {of} {name}[{}] = {{\n", values.len());
    for (at, line) in values.chunks(24).enumerate() {
        let end = if (at + 1) * 24 >= values.len() { "" } else { "," };
        *out += &format!("    {}{end}\n", line.join(", "));
    }
    *out += "};\n";
}

/// Rows of a struct of C.
fn rows(out: &mut String, of: &str, name: &str, rows: &[String]) {
    *out += &format!("static const {of} {name}[{}] = {{\n", rows.len());
    *out += &rows.iter().map(|row| format!("    {{{row}}}")).collect::<Vec<_>>().join(",\n");
    *out += "\n};\n";
}
