//! The source of the inference service.

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;

use crate::Target;

/// The source of the inference service.
pub struct Inference;

impl Target for Inference {
    fn name(&self) -> &'static str {
        "services"
    }
    fn check(&self, _plan: &Plan, _diags: &mut Diagnostics) {}
    fn emit(&self, _plan: &Plan, _out: &mut Artifacts) {}
}
