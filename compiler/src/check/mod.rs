//! A decoded spec and its model files in, a [`Checked`] spec out: everything that it names exists and fits.

mod alert;
mod batching;
pub(crate) mod capacity;
mod model;
mod overall;
mod served;
pub(crate) mod service;
mod workflow;

use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Condition;
use windlass_schemas::spec::Spec;

use crate::models::Models;
use served::Served;
pub(crate) use workflow::{Flow, Resolved, of_workflow as time_of};

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
    let served = Served::of(&spec, &models);
    for checked in &spec.services {
        service::check(checked, served.model_of(checked), &models, diags);
    }
    for function in &spec.functions {
        workflow::outside::check_function(function, diags);
    }
    for job in &spec.jobs {
        workflow::outside::check_job(job, diags);
    }
    let conditions = spec.alerts.iter().map(|alert| alert::condition(alert, diags)).collect::<Vec<_>>();
    let flows = workflow::check_all(&spec, &served, diags);
    if diags.failed() {
        return None;
    }
    let conditions = conditions.into_iter().collect::<Option<_>>()?;
    let flows = flows.into_iter().collect::<Option<_>>()?;
    Some(Checked { spec, models, conditions, flows })
}
