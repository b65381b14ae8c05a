//! State machines for AWS Step Functions.

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;

use crate::Target;

/// State machines for AWS Step Functions.
pub struct StepFunctions;

impl Target for StepFunctions {
    fn name(&self) -> &'static str {
        "stepfunctions"
    }
    fn check(&self, _plan: &Plan, _diags: &mut Diagnostics) {}
    fn emit(&self, _plan: &Plan, _out: &mut Artifacts) {}
}
