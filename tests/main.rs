//! The one test binary: everything that is tested from outside of a crate.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests look at the world")]

mod agreement;
mod bad_input;
mod conformance;
mod engine;
mod examples;
mod format;
mod formats;
mod found;
mod functions;
mod jsonata;
mod laws;
mod pages;
mod protobuf;
mod reference;
mod sbom;
mod schema;
mod support;
mod ui;
mod variables;
mod workflows;
