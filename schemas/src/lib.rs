//! The nouns of windlass. No pass lives here, and nothing here reads or writes anything.
//!
//! | noun | made by | read by |
//! |---|---|---|
//! | [`source`], [`span`] | the command line | every diagnostic |
//! | [`value`], [`expr`] | evaluate | decode, check |
//! | [`spec`] | decode | check, lower |
//! | [`plan`] | lower | targets |
//! | [`artifact`] | targets | the command line, which writes |
//! | [`diagnostic`], [`codes`] | every pass | the command line, which prints |
#![warn(missing_docs)]

pub mod artifact;
pub mod block;
pub mod codes;
pub mod declare;
pub mod diagnostic;
pub mod expr;
pub mod moved;
pub mod plan;
pub mod source;
pub mod span;
pub mod spec;
pub mod suggest;
pub mod tensor;
pub mod types;
pub mod units;
pub mod value;
