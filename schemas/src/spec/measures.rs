//! What can be measured, by the path that names it: `service.risk.latency.p99`.

use crate::plan::{Measure, ServiceMeasure, WorkflowMeasure};

/// A measurement.
#[derive(Debug)]
pub struct MeasureDecl {
    /// The block's type.
    pub block: &'static str,
    /// What follows the block's name.
    pub path: &'static str,
    /// What it is in the plan.
    pub measure: Measure,
    /// What thresholds it is compared with.
    pub unit: Unit,
}

/// What a measurement is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A duration: `"250ms"`.
    Time,
    /// A share from 0 to 1, or a percentage: `0.01`, `"1%"`.
    Ratio,
    /// A number of events in a second.
    PerSecond,
    /// A number of events in a minute.
    Count,
    /// A size: `"400Mi"`.
    Memory,
}

impl Unit {
    /// What thresholds it takes, for a reader.
    pub fn takes(self) -> &'static str {
        match self {
            Unit::Time => "a duration such as \"250ms\"",
            Unit::Ratio => "a share from 0 to 1 such as 0.01, or a percentage such as \"1%\"",
            Unit::PerSecond => "a number of events in a second",
            Unit::Count => "a number of events in a minute",
            Unit::Memory => "a size such as \"400Mi\"",
        }
    }
}

const fn service(path: &'static str, measure: ServiceMeasure, unit: Unit) -> MeasureDecl {
    MeasureDecl { block: "service", path, measure: Measure::Service(measure), unit }
}

const fn workflow(path: &'static str, measure: WorkflowMeasure, unit: Unit) -> MeasureDecl {
    MeasureDecl { block: "workflow", path, measure: Measure::Workflow(measure), unit }
}

/// Every measurement.
pub static MEASURES: &[MeasureDecl] = &[
    service("latency.p50", ServiceMeasure::LatencyQuantile(50), Unit::Time),
    service("latency.p90", ServiceMeasure::LatencyQuantile(90), Unit::Time),
    service("latency.p95", ServiceMeasure::LatencyQuantile(95), Unit::Time),
    service("latency.p99", ServiceMeasure::LatencyQuantile(99), Unit::Time),
    service("latency.average", ServiceMeasure::LatencyAverage, Unit::Time),
    service("latency.maximum", ServiceMeasure::LatencyMaximum, Unit::Time),
    service("errors.rate", ServiceMeasure::ErrorRate, Unit::Ratio),
    service("errors.count", ServiceMeasure::ErrorCount, Unit::Count),
    service("requests.rate", ServiceMeasure::RequestRate, Unit::PerSecond),
    service("memory.used", ServiceMeasure::MemoryUsed, Unit::Memory),
    workflow("failures.rate", WorkflowMeasure::FailureRate, Unit::Ratio),
    workflow("failures.count", WorkflowMeasure::FailureCount, Unit::Count),
    workflow("duration.p50", WorkflowMeasure::DurationQuantile(50), Unit::Time),
    workflow("duration.p90", WorkflowMeasure::DurationQuantile(90), Unit::Time),
    workflow("duration.p99", WorkflowMeasure::DurationQuantile(99), Unit::Time),
    workflow("duration.average", WorkflowMeasure::DurationAverage, Unit::Time),
];
