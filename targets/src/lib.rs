//! What each platform needs: a plan goes in, artifacts come out.
//!
//! A target does no I/O, reads no spec text and knows no other pass. It first says, with places, what it cannot express
//! ([`Target::check`]); emitting cannot fail.

pub mod cloudformation;
pub mod cloudwatch;
#[cfg(test)]
mod fixture;
pub mod inference;
mod json;
pub mod kubernetes;
#[cfg(test)]
mod sample;
pub mod stepfunctions;
pub mod yaml;

use windlass_schemas::artifact::Output;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;

/// One platform's spelling of a plan.
pub trait Target: Sync {
    /// Its name, and that of its folder in the output.
    fn name(&self) -> &'static str;
    /// Says what this target cannot express.
    fn check(&self, plan: &Plan, diags: &mut Diagnostics);
    /// Writes everything that the plan needs on this target; called only when no check found an error.
    fn emit(&self, plan: &Plan, out: &mut dyn Output);
}

/// Every target. To add one: a folder, a `mod` line above, a line here.
pub static TARGETS: &[&dyn Target] = &[
    &kubernetes::Kubernetes,
    &stepfunctions::StepFunctions,
    &cloudwatch::CloudWatch,
    &cloudformation::CloudFormation,
    &inference::Inference,
];
