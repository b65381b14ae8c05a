//! A decoded spec and its model files in, a [`Checked`] spec out: everything that it names exists and fits.

mod alert;
mod batching;
mod capacity;
mod flow;
mod infer;
mod model;
mod overall;
mod scope;
mod service;
mod trigger;
mod types;
mod verb;

use std::collections::BTreeSet;

use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Condition, Verb};
use windlass_schemas::spec::Spec;

use crate::models::Models;

/// A spec in which no check found an error, with what the checks found out. Only [`check`] makes one, so lowering and
/// emitting need not fail.
#[derive(Debug)]
pub struct Checked {
    pub(crate) spec: Spec,
    pub(crate) models: Models,
    /// One for each alert of the spec.
    pub(crate) conditions: Vec<Condition>,
    /// One for each workflow of the spec.
    pub(crate) flows: Vec<Flow>,
}

/// What the checks found out about a workflow.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// What each stage does, in the order written.
    pub verbs: Vec<Verb>,
    /// For each stage, the indexes of the stages whose outputs it reads.
    pub needs: Vec<BTreeSet<usize>>,
}

/// Checks everything, and reports all that is wrong. `None` when an error was reported, now or before.
pub fn check(spec: Spec, models: Models, diags: &mut Diagnostics) -> Option<Checked> {
    // A bucket that was refused is missing in the spec, and was reported.
    let has_all_buckets = !diags.failed();
    overall::check(&spec, diags);
    for checked in &spec.models {
        model::check(checked, &models, diags);
        if has_all_buckets {
            model::check_store(checked, &spec, diags);
        }
    }
    for checked in &spec.services {
        service::check(checked, &spec, &models, diags);
    }
    let conditions = spec.alerts.iter().map(|alert| alert::condition(alert, diags)).collect::<Vec<_>>();
    let flows = spec.workflows.iter().map(|workflow| flow::check(workflow, &spec, &models, diags)).collect::<Vec<_>>();
    if diags.failed() {
        return None;
    }
    let conditions = conditions.into_iter().collect::<Option<_>>()?;
    let flows = flows.into_iter().collect::<Option<_>>()?;
    Some(Checked { spec, models, conditions, flows })
}
