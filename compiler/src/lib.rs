//! The compiler: a spec in, artifacts out. [`compile`] is its table of contents.

pub mod check;
pub mod decode;
pub mod lower;
pub mod models;
