//! Decisions for many rows at once, compiled for the least of processors and for those that gather many words in one instruction; which of them is chosen
//! when the program runs. All say the same: the source is one.

use lexport_runtime::TableError;
use lexport_runtime::fused::Fused;
use multiversion::multiversion;

/// The outcomes of a decision for many rows, column by column: as [`Fused::decide_columns`], as fast as the processor can.
///
/// # Errors
/// As [`Fused::decide_columns`].
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+bmi1+bmi2+fma+lzcnt+popcnt"))]
pub fn decide_columns(
    fused: &Fused<'_>,
    decision: u32,
    columns: &[&[i64]],
    outcomes: &mut [u32],
    scratch: &mut [u32],
) -> Result<(), (usize, TableError)> {
    fused.decide_columns(decision, columns, outcomes, scratch)
}
