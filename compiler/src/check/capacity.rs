//! A service's memory holds what its replicas load.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::spec::Service;
use windlass_schemas::units::Bytes;

use crate::models::Opened;

/// The runtime with the smallest model does not start with less.
pub const LEAST_MEMORY: Bytes = Bytes(32 << 20);
/// The runtime keeps a plan for one row and one for many, each with the weights.
const PLANS: u64 = 2;
/// Where requests share runs, it tries a plan for just so many rows beside the two, and may keep it.
const PLANS_TO_BATCH: u64 = 3;

/// What a replica's memory must hold at the least.
pub(crate) struct Need {
    /// How often weights are kept.
    plans: u64,
    /// Bytes of the weights of all versions.
    parameters: u64,
    /// Bytes of the tensors of one run: at the least, one version runs at a time.
    tensors: u64,
    /// The most rows of a run, where requests share runs.
    rows: Option<u32>,
}

impl Need {
    pub(crate) fn of(service: &Service, versions: &[&Opened]) -> Need {
        let rows = service.batching.as_ref().map(|batching| batching.max_size.value.0);
        let tensors = versions.iter().filter_map(|version| version.cost.activations).max().unwrap_or(0);
        Need {
            plans: if rows.is_some() { PLANS_TO_BATCH } else { PLANS },
            parameters: versions.iter().fold(0_u64, |sum, version| sum.saturating_add(version.cost.parameters)),
            tensors: tensors.saturating_mul(u64::from(rows.unwrap_or(1))),
            rows,
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        LEAST_MEMORY.0.saturating_add(self.parameters.saturating_mul(self.plans)).saturating_add(self.tensors)
    }
}

/// Holds the memory against the runtime, the weights of all versions as often as they are kept, and the tensors of one run.
pub fn check(service: &Service, versions: &[&Opened], diags: &mut Diagnostics) {
    let memory = &service.resources.memory;
    let Some(first) = versions.first() else { return };
    // With less than that, the memory itself is refused.
    if memory.value < LEAST_MEMORY {
        return;
    }
    let need = Need::of(service, versions);
    if memory.value.0 >= need.bytes() {
        return;
    }
    let Need { plans, parameters, tensors, rows } = need;
    let (name, several) = (&first.served.name, versions.len() > 1);
    let what = match several {
        true => format!("{} versions of the model `{name}`, which need", versions.len()),
        false => format!("the model `{name}`, which needs"),
    };
    let message = format!("`{}` can't hold {what} at least {}", memory.value, mebibytes(need.bytes()));
    let mut parts = vec![format!("{} for the runtime", mebibytes(LEAST_MEMORY.0))];
    if parameters > 0 {
        let of_all = if several { " of all versions" } else { "" };
        parts.push(format!("{plans} times {} of weights{of_all}", mebibytes(parameters)));
    }
    if tensors > 0 {
        let rows = rows.map_or("one row".to_owned(), |rows| format!("a run of {rows} rows"));
        parts.push(format!("{} of tensors for {rows}", mebibytes(tensors)));
    }
    let mut diagnostic = Diagnostic::at(&codes::MODEL_MEMORY, memory.span, message);
    for version in versions {
        let label = if several { format!("version `{}`", version.served.version) } else { "the model".to_owned() };
        diagnostic = diagnostic.label(version.place(None), label);
    }
    diags.push(diagnostic.help(format!("that is {}", parts.join(", "))));
}

/// Rounded up: `97Mi`.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{}Mi", bytes.div_ceil(1 << 20))
}
