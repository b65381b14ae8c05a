//! Workflows: stages in the order in which they run, each with those that handle its errors inside.

use std::collections::BTreeMap;

use windlass_schemas::plan;
use windlass_schemas::plan::{OnError, Step};
use windlass_schemas::span::Spanned;
use windlass_schemas::spec::values::Fallback;
use windlass_schemas::spec::{self, Workflow};

use crate::check::{Flow, Resolved, time_of};
use crate::structure;

/// The plan of a checked workflow.
pub fn lower(workflow: &Workflow, flow: &Flow) -> plan::Workflow {
    let mut stages: BTreeMap<usize, plan::Stage> =
        flow.nodes.iter().enumerate().filter_map(|(at, node)| Some((at, lower_node(node, workflow, flow)?))).collect();
    plan::Workflow {
        name: workflow.name.to_string(),
        express: workflow.r#type.value.0,
        inputs: workflow.inputs.iter().map(lower_input).collect(),
        validations: flow.validations.clone(),
        timeout: time_of(workflow),
        triggers: flow.triggers.clone(),
        body: steps(&flow.arranged, &mut stages),
        output: workflow.output.as_ref().map(|output| output.value.0.clone()),
        returns: flow.returns.clone(),
        log: workflow.log.value.0,
        trace: workflow.trace.value,
        shift: flow.shift.clone(),
        origin: workflow.span,
    }
}

fn steps(arranged: &[structure::Arranged], stages: &mut BTreeMap<usize, plan::Stage>) -> Vec<Step> {
    let mut made = Vec::new();
    for part in arranged {
        match part {
            structure::Arranged::One(at) => made.extend(stages.remove(at).map(|stage| Step::Stage(Box::new(stage)))),
            structure::Arranged::Together(branches) => {
                made.push(Step::Parallel(branches.iter().map(|branch| steps(branch, stages)).collect()));
            }
        }
    }
    made
}

/// A stage with those that handle its errors; `None` for no stage, which cannot happen.
fn lower_node(node: &[usize], workflow: &Workflow, flow: &Flow) -> Option<plan::Stage> {
    let mut made = None;
    for at in node.iter().rev() {
        let mut stage = lower_stage(workflow.stages.get(*at)?, flow.stages.get(*at)?);
        if let Some(handler) = made {
            stage.on_error = Some(OnError::Handle(Box::new(handler)));
        }
        made = Some(stage);
    }
    made
}

fn lower_stage(stage: &spec::Stage, resolved: &Resolved) -> plan::Stage {
    plan::Stage {
        name: stage.name.to_string(),
        when: stage.when.as_ref().map(|when| when.value.0.clone()),
        each: resolved.each.clone(),
        verb: resolved.verb.clone(),
        outputs: resolved.outputs.clone(),
        timeout: stage.timeout.clone().unwrap_or_else(|| Spanned::new(resolved.timeout, stage.span)),
        retries: stage.retries.iter().map(lower_retry).collect(),
        on_error: match stage.on_error.as_ref().map(|on_error| &on_error.value) {
            Some(Fallback::Continue) => Some(OnError::Continue),
            // The stage that handles it is put in by the node.
            Some(Fallback::Stage(_)) | None => None,
        },
        origin: stage.span,
    }
}

fn lower_retry(retry: &spec::Retry) -> plan::Retry {
    plan::Retry {
        on: retry.on.iter().flat_map(|on| &on.value).map(|choice| choice.0.clone()).collect(),
        attempts: retry.attempts.value.0,
        backoff: retry.backoff.clone(),
        factor: retry.factor.value.0,
        max_backoff: if retry.max_backoff.value < retry.backoff.value {
            retry.backoff.clone()
        } else {
            retry.max_backoff.clone()
        },
        jitter: retry.jitter.value,
    }
}

fn lower_input(input: &spec::Input) -> plan::Input {
    plan::Input {
        name: input.name.to_string(),
        ty: input.ty(),
        default: input.default.as_ref().map(|default| default.value.0.clone()),
        origin: input.span,
    }
}
