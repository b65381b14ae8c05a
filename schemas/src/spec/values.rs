//! Values of attributes that are not plain texts: references, numbers in a range, data, expressions.

use serde::Serialize;

use crate::declare::{FromValue, Refusal, Shape};
use crate::expr::{Expr, ExprKind};
use crate::span::{Span, Spanned};
use crate::types::Type;
use crate::units::{Bytes, Cpu, Duration, Percent};
use crate::value::{Number, Value, ValueKind};

/// Refuses what can't be looked into: deferred and unknown values; everything else has a wrong type.
fn refuse<T>(value: &Value) -> Result<T, Refusal> {
    Err(match value.kind {
        ValueKind::Deferred(_) => Refusal::Later,
        ValueKind::Unknown => Refusal::Known,
        _ => Refusal::Type,
    })
}

impl FromValue for String {
    const TAKES: &'static str = "a string";
    const SHAPE: Shape = Shape::Text;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match &value.kind {
            ValueKind::String(text) => Ok(text.clone()),
            _ => refuse(value),
        }
    }
}

impl FromValue for bool {
    const TAKES: &'static str = "`true` or `false`";
    const SHAPE: Shape = Shape::Bool;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match &value.kind {
            ValueKind::Bool(truth) => Ok(*truth),
            ValueKind::String(text) if text == "true" => Ok(true),
            ValueKind::String(text) if text == "false" => Ok(false),
            _ => refuse(value),
        }
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    const TAKES: &'static str = "a list";
    const SHAPE: Shape = Shape::List(&T::SHAPE);
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match &value.kind {
            ValueKind::List(items) => items
                .iter()
                .map(|item| {
                    let within = |refusal| match refusal {
                        Refusal::Known => Refusal::Known,
                        refusal => Refusal::Within(item.span, Box::new(refusal), T::TAKES),
                    };
                    T::from_value(item).map_err(within)
                })
                .collect(),
            _ => refuse(value),
        }
    }
}

macro_rules! quantities {
    ($($name:ident takes $takes:literal like $pattern:literal)+) => {$(
        impl FromValue for $name {
            const TAKES: &'static str = $takes;
            const SHAPE: Shape = Shape::Pattern($pattern);
            fn from_value(value: &Value) -> Result<Self, Refusal> {
                match &value.kind {
                    ValueKind::String(text) => text.parse().map_err(Refusal::Value),
                    _ => refuse(value),
                }
            }
        }
    )+};
}

quantities! {
    Duration takes "a duration such as \"250ms\", \"10s\" or \"5m\"" like "^[0-9]+(\\.[0-9]{1,3})?(ms|s|m|h|d)$"
    Bytes takes "a size such as \"512Mi\" or \"2Gi\"" like "^[0-9]+(\\.[0-9]{1,3})?(Ki|Mi|Gi|Ti|k|M|G|T)$"
    Percent takes "a percentage such as \"70%\"" like "^[0-9]+(\\.[0-9]{1,2})?%$"
}

impl FromValue for Cpu {
    const TAKES: &'static str = "an amount of CPU such as \"500m\" or \"2\"";
    const SHAPE: Shape = Shape::NumberOr("^[0-9]+(\\.[0-9]{1,3})?m?$");
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match &value.kind {
            ValueKind::String(text) => text.parse().map_err(Refusal::Value),
            // Cores without a fraction of a thousandth are plain numbers, too.
            ValueKind::Number(number) => number.to_string().parse().map_err(Refusal::Value),
            _ => refuse(value),
        }
    }
}

macro_rules! whole_numbers {
    ($($(#[doc = $doc:literal])+ $name:ident($inner:ty) takes $takes:literal from $least:literal to $most:literal)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub struct $name(pub $inner);

        impl FromValue for $name {
            const TAKES: &'static str = $takes;
            const SHAPE: Shape = Shape::Whole($least, $most);
            fn from_value(value: &Value) -> Result<Self, Refusal> {
                let number = match &value.kind {
                    ValueKind::Number(Number::Int(number)) => Some(*number),
                    ValueKind::String(text) => Some(text.parse().map_err(|_| Refusal::Type)?),
                    ValueKind::Number(Number::Float(_)) => None,
                    _ => return refuse(value),
                };
                match number.filter(|n| ($least..=$most).contains(n)) {
                    Some(number) => Ok($name(number as $inner)),
                    None => Err(Refusal::Value(format!("must be a whole number from {} to {}", $least, $most))),
                }
            }
        }
    )+};
}

whole_numbers! {
    /// How many; at least one.
    Count(u32) takes "a whole number" from 1 to 10000
    /// Rows of one run of a model.
    BatchSize(u32) takes "a whole number from 2 to 4096" from 2 to 4096
    /// A TCP port that needs no privilege.
    Port(u16) takes "a port from 1024 to 65535" from 1024 to 65535
}

/// A factor of at least 1, as Step Functions takes for BackoffRate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Factor(pub f64);

impl FromValue for Factor {
    const TAKES: &'static str = "a number of at least 1";
    const SHAPE: Shape = Shape::Number(1.0, 100.0);
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let number = match &value.kind {
            ValueKind::Number(number) => number.as_f64(),
            ValueKind::String(text) => text.parse().map_err(|_| Refusal::Type)?,
            _ => return refuse(value),
        };
        if (1.0..=100.0).contains(&number) {
            Ok(Factor(number))
        } else {
            Err(Refusal::Value("must be a number from 1 to 100".to_owned()))
        }
    }
}

macro_rules! references {
    ($($(#[doc = $doc:literal])+ $name:ident = $block:literal takes $takes:literal)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub struct $name(pub String);

        impl FromValue for $name {
            const TAKES: &'static str = $takes;
            const SHAPE: Shape = Shape::Reference;
            fn from_value(value: &Value) -> Result<Self, Refusal> {
                match &value.kind {
                    ValueKind::Reference(to) if to.block == $block => Ok($name(to.name.clone())),
                    ValueKind::Reference(to) => Err(Refusal::Value(format!("`{to}` is a {}, not a {}", to.block, $block))),
                    _ => refuse(value),
                }
            }
        }
    )+};
}

references! {
    /// The name of a model.
    ModelRef = "model" takes "a model, as in `model.NAME`"
    /// The name of a service.
    ServiceRef = "service" takes "a service, as in `service.NAME`"
    /// The name of a bucket.
    BucketRef = "bucket" takes "a bucket, as in `bucket.NAME`"
    /// The name of a channel.
    ChannelRef = "channel" takes "a channel, as in `channel.NAME`"
    /// The name of a function.
    FunctionRef = "function" takes "a function, as in `function.NAME`"
    /// The name of a job.
    JobRef = "job" takes "a job, as in `job.NAME`"
    /// The name of a workflow.
    WorkflowRef = "workflow" takes "a workflow, as in `workflow.NAME`"
    /// The name of an alert.
    AlertRef = "alert" takes "an alert, as in `alert.NAME`"
}

/// Plain data, known when compiling.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Data(pub serde_json::Value);

impl FromValue for Data {
    const TAKES: &'static str = "data that is known when compiling";
    const SHAPE: Shape = Shape::Any;
    const NULL: bool = true;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        to_json(value).map(Data)
    }
}

/// The value as JSON. Refused: references, and what is known only later.
pub fn to_json(value: &Value) -> Result<serde_json::Value, Refusal> {
    Ok(match &value.kind {
        ValueKind::Null => serde_json::Value::Null,
        ValueKind::Bool(truth) => (*truth).into(),
        ValueKind::Number(Number::Int(number)) => (*number).into(),
        ValueKind::Number(Number::Float(number)) => (*number).into(),
        ValueKind::String(text) => text.as_str().into(),
        ValueKind::List(items) => items.iter().map(to_json).collect::<Result<Vec<_>, _>>()?.into(),
        ValueKind::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| Ok((key.value.clone(), to_json(value)?)));
            serde_json::Value::Object(entries.collect::<Result<_, Refusal>>()?)
        }
        ValueKind::Reference(_) | ValueKind::Type(_) => return Err(Refusal::Type),
        ValueKind::Deferred(_) => return Err(Refusal::Later),
        ValueKind::Unknown => return Err(Refusal::Known),
    })
}

/// JSON as a value, all of it at `span`.
pub fn from_json(json: &serde_json::Value, span: Span) -> Value {
    let kind = match json {
        serde_json::Value::Null => ValueKind::Null,
        serde_json::Value::Bool(truth) => ValueKind::Bool(*truth),
        serde_json::Value::Number(number) => ValueKind::Number(match number.as_i64() {
            Some(whole) => Number::Int(whole),
            None => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        serde_json::Value::String(text) => ValueKind::String(text.clone()),
        serde_json::Value::Array(items) => ValueKind::List(items.iter().map(|item| from_json(item, span)).collect()),
        serde_json::Value::Object(fields) => ValueKind::Object(
            fields.iter().map(|(name, item)| (Spanned::new(name.clone(), span), from_json(item, span))).collect(),
        ),
    };
    Value::new(kind, span)
}

macro_rules! expressions {
    ($($(#[doc = $doc:literal])+ $name:ident takes $takes:literal)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(pub Expr);

        impl FromValue for $name {
            const TAKES: &'static str = $takes;
            const SHAPE: Shape = Shape::Any;
            fn from_value(value: &Value) -> Result<Self, Refusal> {
                if value.is_unknown() { Err(Refusal::Known) } else { Ok($name(value.clone().into())) }
            }
        }
    )+};
}

expressions! {
    /// An expression that may be known only when the workflow runs.
    Expression takes "an expression"
    /// An expression over measurements.
    Condition takes "a condition over measurements, as in `service.NAME.errors.rate > 0.01`"
}

/// An expression for every name.
#[derive(Clone, Debug, PartialEq)]
pub struct Expressions(pub Vec<(Spanned<String>, Expr)>);

impl FromValue for Expressions {
    const TAKES: &'static str = "an object";
    const SHAPE: Shape = Shape::Object;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match &value.kind {
            _ if value.is_unknown() => Err(Refusal::Known),
            ValueKind::Object(entries) => {
                Ok(Expressions(entries.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()))
            }
            _ => refuse(value),
        }
    }
}

/// The name of a stage, when the value is `stage.NAME` and nothing else.
fn stage(value: &Value) -> Option<Spanned<String>> {
    match &value.kind {
        ValueKind::Deferred(expr) => match &expr.kind {
            ExprKind::Stage(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Stages of the same workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct StageRefs(pub Vec<Spanned<String>>);

impl FromValue for StageRefs {
    const TAKES: &'static str = "a list of stages, as in `[stage.NAME]`";
    const SHAPE: Shape = Shape::List(&Shape::Reference);
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let element = |item: &Value| match stage(item) {
            Some(name) => Ok(name),
            None if item.is_unknown() => Err(Refusal::Known),
            None => Err(Refusal::Within(item.span, Box::new(Refusal::Type), "a stage, as in `stage.NAME`")),
        };
        match &value.kind {
            ValueKind::List(items) => items.iter().map(element).collect::<Result<_, _>>().map(StageRefs),
            ValueKind::Unknown => Err(Refusal::Known),
            _ => match stage(value) {
                Some(name) => Err(Refusal::Value(format!("must be a list of stages: write `[stage.{}]`", name.value))),
                None => Err(Refusal::Type),
            },
        }
    }
}

/// What happens when a stage fails for good.
#[derive(Clone, Debug, PartialEq)]
pub enum Fallback {
    /// The execution goes on.
    Continue,
    /// This stage runs.
    Stage(Spanned<String>),
}

impl FromValue for Fallback {
    const TAKES: &'static str = "a stage, as in `stage.NAME`, or \"continue\"";
    const SHAPE: Shape = Shape::Text;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match (&value.kind, stage(value)) {
            (_, Some(name)) => Ok(Fallback::Stage(name)),
            (ValueKind::String(text), _) if text == "continue" => Ok(Fallback::Continue),
            (ValueKind::String(text), _) => Err(Refusal::Value(format!(
                "`{text}` is neither a stage nor \"continue\"; write `stage.NAME` without quotes"
            ))),
            (ValueKind::Unknown, _) => Err(Refusal::Known),
            _ => Err(Refusal::Type),
        }
    }
}

/// A text for every name.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts(pub Vec<(Spanned<String>, Spanned<String>)>);

impl FromValue for Texts {
    const TAKES: &'static str = "an object of strings, as in `{ LEVEL = \"info\" }`";
    const SHAPE: Shape = Shape::Object;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let ValueKind::Object(entries) = &value.kind else { return refuse(value) };
        let text = |(name, value): &(Spanned<String>, Value)| match String::from_value(value) {
            Ok(text) => Ok((name.clone(), Spanned::new(text, value.span))),
            Err(Refusal::Known) => Err(Refusal::Known),
            Err(refusal) => Err(Refusal::Within(value.span, Box::new(refusal), String::TAKES)),
        };
        entries.iter().map(text).collect::<Result<_, _>>().map(Texts)
    }
}

/// A share for every name.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares(pub Vec<(Spanned<String>, Spanned<Percent>)>);

impl FromValue for Shares {
    const TAKES: &'static str = "an object of percentages, such as `{ \"3\" = \"90%\", \"2\" = \"10%\" }`";
    const SHAPE: Shape = Shape::Object;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let share = |(name, value): &(Spanned<String>, Value)| match Percent::from_value(value) {
            Ok(percent) => Ok((name.clone(), Spanned::new(percent, value.span))),
            Err(Refusal::Known) => Err(Refusal::Known),
            Err(refusal) => Err(Refusal::Within(value.span, Box::new(refusal), Percent::TAKES)),
        };
        match &value.kind {
            ValueKind::Object(entries) => entries.iter().map(share).collect::<Result<_, _>>().map(Shares),
            _ => refuse(value),
        }
    }
}

/// A number for every metric that is named.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars(pub Vec<(Spanned<String>, Spanned<f64>)>);

impl FromValue for Bars {
    const TAKES: &'static str = "an object of numbers, as in `{ accuracy = 0.93 }`";
    const SHAPE: Shape = Shape::Object;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        let ValueKind::Object(entries) = &value.kind else { return refuse(value) };
        let number = |value: &Value| match &value.kind {
            ValueKind::Number(number) => Ok(number.as_f64()),
            ValueKind::String(text) => text.parse().map_err(|_| Refusal::Type),
            _ => refuse(value),
        };
        let bar = |(name, value): &(Spanned<String>, Value)| match number(value) {
            Ok(number) => Ok((name.clone(), Spanned::new(number, value.span))),
            Err(Refusal::Known) => Err(Refusal::Known),
            Err(refusal) => Err(Refusal::Within(value.span, Box::new(refusal), "a number")),
        };
        entries.iter().map(bar).collect::<Result<_, _>>().map(Bars)
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName(pub Type);

impl FromValue for TypeName {
    const TAKES: &'static str = "a type such as `string` or `list(number)`";
    const SHAPE: Shape = Shape::Text;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        match &value.kind {
            ValueKind::Type(ty) => Ok(TypeName(ty.clone())),
            _ => refuse(value),
        }
    }
}
