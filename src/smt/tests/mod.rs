//! Tests of the room: programs made by hand, traps of the solver crate, and every answer held against enumeration.

mod brute;
mod random;
mod traps;
