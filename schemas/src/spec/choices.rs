//! Attributes that take one of a few words.

use crate::declare::{FromText, FromValue, Refusal, Shape};
use crate::plan::{ErrorKind, Log, Outcome as Ending, RowFormat as Format};
use crate::value::Value;

use super::texts::read_text;

macro_rules! choices {
    ($($(#[doc = $doc:literal])+ $name:ident($inner:ty) is $what:literal { $first:literal = $value_of_first:expr, $($word:literal = $value:expr,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl FromText for $name {
            const TAKES: &'static str = concat!("one of \"", $first, "\"", $(", \"", $word, "\""),+);
            const SHAPE: Shape = Shape::Choice(&[$first, $($word),+]);
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $first => Ok($name($value_of_first)),
                    $($word => Ok($name($value)),)+
                    _ => Err(format!("`{text}` is no {}; there are {}", $what, concat!("\"", $first, "\"", $(", \"", $word, "\""),+))),
                }
            }
        }

        impl FromValue for $name {
            const TAKES: &'static str = <Self as FromText>::TAKES;
            const SHAPE: Shape = <Self as FromText>::SHAPE;
            fn from_value(value: &Value) -> Result<Self, Refusal> {
                read_text(value)
            }
        }
    )+};
}

choices! {
    /// Whether executions of a workflow are express ones.
    WorkflowKind(bool) is "type of a workflow" { "standard" = false, "express" = true, }
    /// Which events of executions are logged.
    LogLevel(Log) is "level of a log" { "all" = Log::All, "error" = Log::Error, "fatal" = Log::Fatal, "off" = Log::Off, }
    /// How an execution ended.
    Outcome(Ending) is "outcome" { "succeeded" = Ending::Succeeded, "failed" = Ending::Failed, "any" = Ending::Any, }
    /// How rows are written.
    RowFormat(Format) is "format of rows" { "csv" = Format::Csv, "json" = Format::Json, "jsonl" = Format::JsonLines, }
    /// Whether executions move to a new version share by share.
    ShiftKind(bool) is "way to move executions" { "canary" = false, "linear" = true, }
}

/// An error that is worth another attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorChoice(pub ErrorKind);

impl FromValue for ErrorChoice {
    const TAKES: &'static str = "`timeout`, `throttled`, `unavailable`, `any`, or the name of an error";
    const SHAPE: Shape = Shape::Pattern("^[A-Za-z][A-Za-z0-9._-]{0,254}$");
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let name: super::addresses::ErrorName = read_text(value)?;
        Ok(ErrorChoice(match name.0.as_str() {
            "timeout" => ErrorKind::Timeout,
            "throttled" => ErrorKind::Throttled,
            "unavailable" => ErrorKind::Unavailable,
            "any" => ErrorKind::Any,
            _ => ErrorKind::Named(name.0),
        }))
    }
}
