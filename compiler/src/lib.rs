//! The compiler: reads a spec and drives the passes.

pub mod evaluate;
pub mod parse;
