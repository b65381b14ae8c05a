//! The one test binary: everything that is tested from outside of a crate.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests look at the world")]

mod bad_input;
mod conformance;
mod examples;
mod format;
mod found;
mod laws;
mod pages;
mod reference;
mod support;
mod ui;
