//! Functions of the sensitive mark. The mark itself is set where calls are evaluated: here are values only.

use windlass_schemas::value::ValueKind;

use super::Function;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "sensitive",
        params: &["value"],
        doc: "The value, masked from here on wherever a value is shown.",
        run: |c| Ok(c.arg(0)?.value.kind.clone()),
    },
    Function {
        name: "nonsensitive",
        params: &["value"],
        doc: "The value, shown from here on: say so only of what is no secret.",
        run: |c| Ok(c.arg(0)?.value.kind.clone()),
    },
    Function {
        name: "issensitive",
        params: &["value"],
        doc: "Whether the value, or a part of it, is masked.",
        run: |c| Ok(ValueKind::Bool(c.arg(0)?.value.is_sensitive())),
    },
];
