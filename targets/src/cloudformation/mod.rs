//! Everything on AWS as one stack.

pub mod arn;

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;

use crate::Target;

/// Everything on AWS as one stack.
pub struct CloudFormation;

impl Target for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }
    fn check(&self, _plan: &Plan, _diags: &mut Diagnostics) {}
    fn emit(&self, _plan: &Plan, _out: &mut Artifacts) {}
}
