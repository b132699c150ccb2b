//! Evaluates Lexport decision tables.
#![no_std]
#![forbid(unsafe_code)]
