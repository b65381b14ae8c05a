//! Functions of the sensitive mark. The mark itself is set where calls are evaluated: here are values only.

use windlass_schemas::value::ValueKind;

use super::{Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("issensitive", &["value"], "Whether the value, or a part of it, is masked.", |c| {
        Ok(ValueKind::Bool(c.arg(0)?.value.is_sensitive()))
    }),
    function("nonsensitive", &["value"], "The value, shown from here on: say so only of what is no secret.", |c| {
        Ok(c.arg(0)?.value.kind.clone())
    }),
    function("sensitive", &["value"], "The value, masked from here on wherever a value is shown.", |c| {
        Ok(c.arg(0)?.value.kind.clone())
    }),
];
