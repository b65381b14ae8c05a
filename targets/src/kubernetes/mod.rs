//! Manifests for Kubernetes.

use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;

use crate::Target;

/// Manifests for Kubernetes.
pub struct Kubernetes;

impl Target for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }
    fn check(&self, _plan: &Plan, _diags: &mut Diagnostics) {}
    fn emit(&self, _plan: &Plan, _out: &mut Artifacts) {}
}
