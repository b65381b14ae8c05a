//! How much a value takes as JSON at the least, and how many events an execution writes: what is over a quota for certain.

use serde_json::Value as Json;
use windlass_schemas::plan::InferInput;
use windlass_schemas::tensor::{DataType, Tensor};
use windlass_schemas::types::Type;

use super::asl::{Flow, MapState, State};
use super::scope::{Scope, length};

/// Bytes of the shortest JSON of this type.
pub fn least(ty: &Type) -> u64 {
    match ty {
        Type::Any | Type::Number => 1,
        Type::Null | Type::Bool => 4,
        Type::String => 2,
        Type::Optional(inner) => least(inner).min(4),
        Type::List(element, length) => length.unwrap_or_default().saturating_mul(least(element) + 1).max(1) + 1,
        Type::Set(_) | Type::Map(_) => 2,
        Type::Tuple(elements) => elements.iter().map(|e| least(e) + 1).sum::<u64>().max(1) + 1,
        Type::Object(fields) => {
            // Quotes, colon and comma.
            fields.iter().map(|(name, ty)| name.len() as u64 + 4 + least(ty)).sum::<u64>().max(1) + 1
        }
    }
}

/// Bytes of what is written out in a definition's JSON; each expression counts as one.
pub fn known(value: &Json) -> u64 {
    match value {
        Json::String(text) if text.starts_with("{%") => 1,
        Json::Array(elements) => elements.iter().map(|e| known(e) + 1).sum::<u64>().max(1) + 1,
        Json::Object(fields) => fields.iter().map(|(name, v)| name.len() as u64 + 4 + known(v)).sum::<u64>().max(1) + 1,
        other => other.to_string().len() as u64,
    }
}

/// Bytes of these tensors as JSON: of a call's request, or of its answer.
pub fn tensors<'a>(tensors: impl IntoIterator<Item = &'a Tensor>, inputs: &[InferInput], scope: &Scope) -> u64 {
    let lengths = scope.lengths(inputs);
    let of = |tensor: &Tensor| {
        let element: u64 = match tensor.datatype {
            DataType::Bool => 5,
            DataType::Bytes => 3,
            _ => 2,
        };
        tensor.shape.iter().map(|dim| length(dim, &lengths).unwrap_or(1)).fold(element, u64::saturating_mul)
    };
    tensors.into_iter().map(of).fold(0, u64::saturating_add)
}

/// Events of one way through a flow whose Maps have as many elements as `count` knows, each attempt the first.
pub fn events(flow: &Flow, count: &impl Fn(&str, &MapState) -> Option<u64>) -> u64 {
    let of = |(name, state): &(String, State)| match state {
        State::Task(_) => 5,
        State::Choice(_) | State::Pass(_) | State::Wait(_) => 2,
        State::Fail(_) => 1,
        State::Parallel(parallel) => {
            parallel.branches.iter().map(|branch| events(branch, count)).fold(4, u64::saturating_add)
        }
        State::Map(map) => map_events(map, count(name, map).unwrap_or_default(), count),
    };
    flow.states.0.iter().map(of).fold(0, u64::saturating_add)
}

/// Events of a Map with so many elements.
fn map_events(map: &MapState, elements: u64, count: &impl Fn(&str, &MapState) -> Option<u64>) -> u64 {
    if map.item_processor.processor_config.mode == "DISTRIBUTED" {
        return 6;
    }
    elements.saturating_mul(events(&map.item_processor.flow, count) + 2).saturating_add(4)
}
