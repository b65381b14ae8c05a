//! Alarms and dashboards for Amazon CloudWatch.

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;

use crate::Target;

/// Alarms and dashboards for Amazon CloudWatch.
pub struct CloudWatch;

impl Target for CloudWatch {
    fn name(&self) -> &'static str {
        "cloudwatch"
    }
    fn check(&self, _plan: &Plan, _diags: &mut Diagnostics) {}
    fn emit(&self, _plan: &Plan, _out: &mut Artifacts) {}
}
