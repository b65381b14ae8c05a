//! The one test binary: everything that is tested from outside of a crate.

mod bad_input;
mod conformance;
mod examples;
mod laws;
mod pages;
mod reference;
mod support;
mod ui;
