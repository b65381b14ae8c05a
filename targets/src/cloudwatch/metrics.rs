//! A measure of the plan -> metrics of CloudWatch, and the expression over them.

use serde::Serialize;
use windlass_schemas::plan::{Measure, Metric, Plan, ServiceMeasure, WorkflowMeasure};

use crate::cloudformation::arn;
use crate::inference::names;

/// Seconds of one datapoint. Counts of the plan are per minute, so a Sum over it is the count.
pub const PERIOD: u64 = 60;

/// What the `Environment` dimension says.
pub fn environment(plan: &Plan) -> &str {
    plan.environment.as_deref().unwrap_or(names::NO_ENVIRONMENT)
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dimension {
    pub name: &'static str,
    pub value: String,
}

/// One metric with one statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub namespace: &'static str,
    pub name: &'static str,
    pub dimensions: Vec<Dimension>,
    /// `Sum`, `Average`, `Maximum`, or a percentile such as `p99`.
    pub statistic: String,
}

/// How a measure is read off its metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The metrics, each with the word that its id begins with.
    pub series: Vec<(&'static str, Series)>,
    /// The value in terms of the words: `{errors} / {requests}`. `None`: the only series is the value.
    pub formula: Option<&'static str>,
    /// Whether the measure is 0 when nothing happens; otherwise it has no value then.
    pub zero_when_silent: bool,
}

/// A service's metric.
pub fn of_service(plan: &Plan, service: &str, name: &'static str, statistic: &str) -> Series {
    let dimension = |name, value: &str| Dimension { name, value: value.to_owned() };
    Series {
        namespace: names::EMF_NAMESPACE,
        name,
        dimensions: vec![
            dimension(names::DIMENSION_PROJECT, &plan.project.name),
            dimension(names::DIMENSION_ENVIRONMENT, environment(plan)),
            dimension(names::DIMENSION_SERVICE, service),
        ],
        statistic: statistic.to_owned(),
    }
}

/// A workflow's metric: <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html>.
pub fn of_workflow(plan: &Plan, workflow: &str, name: &'static str, statistic: &str) -> Series {
    let dimensions = vec![Dimension { name: "StateMachineArn", value: arn::state_machine(plan, workflow) }];
    Series { namespace: "AWS/States", name, dimensions, statistic: statistic.to_owned() }
}

/// How `metric` is read.
///
/// `FILL` puts 0 where a count reports nothing: CloudWatch has no datapoint then, and arithmetic with none gives none.
pub fn reading(plan: &Plan, metric: &Metric) -> Reading {
    let service = |name, statistic: &str| of_service(plan, &metric.subject, name, statistic);
    let workflow = |name, statistic: &str| of_workflow(plan, &metric.subject, name, statistic);
    let plain = |id, series| Reading { series: vec![(id, series)], formula: None, zero_when_silent: false };
    let requests = || ("requests", service(names::EMF_REQUESTS, "Sum"));
    let errors = || ("errors", service(names::EMF_ERRORS, "Sum"));
    let ended_badly = || {
        vec![
            ("failed", workflow("ExecutionsFailed", "Sum")),
            ("timedout", workflow("ExecutionsTimedOut", "Sum")),
            ("aborted", workflow("ExecutionsAborted", "Sum")),
        ]
    };
    match metric.measure {
        Measure::Service(ServiceMeasure::LatencyQuantile(q)) => {
            plain("latency", service(names::EMF_LATENCY, &format!("p{q}")))
        }
        Measure::Service(ServiceMeasure::LatencyAverage) => plain("latency", service(names::EMF_LATENCY, "Average")),
        Measure::Service(ServiceMeasure::LatencyMaximum) => plain("latency", service(names::EMF_LATENCY, "Maximum")),
        Measure::Service(ServiceMeasure::MemoryUsed) => plain("memory", service(names::EMF_MEMORY_USED, "Maximum")),
        Measure::Service(ServiceMeasure::ErrorCount) => {
            Reading { series: vec![errors()], formula: None, zero_when_silent: true }
        }
        Measure::Service(ServiceMeasure::ErrorRate) => Reading {
            series: vec![errors(), requests()],
            formula: Some("IF(FILL({requests}, 0) > 0, FILL({errors}, 0) / {requests}, 0)"),
            zero_when_silent: true,
        },
        Measure::Service(ServiceMeasure::RequestRate) => Reading {
            series: vec![requests()],
            formula: Some("FILL({requests}, 0) / PERIOD({requests})"),
            zero_when_silent: true,
        },
        Measure::Workflow(WorkflowMeasure::FailureCount) => Reading {
            series: ended_badly(),
            formula: Some("FILL({failed}, 0) + FILL({timedout}, 0) + FILL({aborted}, 0)"),
            zero_when_silent: true,
        },
        Measure::Workflow(WorkflowMeasure::FailureRate) => Reading {
            series: [ended_badly(), vec![("succeeded", workflow("ExecutionsSucceeded", "Sum"))]].concat(),
            formula: Some(
                "IF(FILL({succeeded}, 0) + FILL({failed}, 0) + FILL({timedout}, 0) + FILL({aborted}, 0) > 0, \
                 (FILL({failed}, 0) + FILL({timedout}, 0) + FILL({aborted}, 0)) / \
                 (FILL({succeeded}, 0) + FILL({failed}, 0) + FILL({timedout}, 0) + FILL({aborted}, 0)), 0)",
            ),
            zero_when_silent: true,
        },
        Measure::Workflow(WorkflowMeasure::DurationQuantile(q)) => {
            plain("duration", workflow("ExecutionTime", &format!("p{q}")))
        }
        Measure::Workflow(WorkflowMeasure::DurationAverage) => plain("duration", workflow("ExecutionTime", "Average")),
    }
}
