//! What to be told of.

use std::fmt;

use serde::Serialize;

use crate::span::{Span, Spanned};
use crate::spec::measures::MEASURES;
use crate::units::{Bytes, Duration};

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// What is wrong when it is true.
    pub condition: Condition,
    /// How long it must be true without a break.
    pub hold: Spanned<Duration>,
    /// How urgent.
    pub severity: Severity,
    /// Names of the channels to tell.
    pub notify: Vec<String>,
    /// What a person should know, in the spec's words.
    pub description: Option<String>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Wake somebody.
    Page,
    /// Somebody looks at it in working hours.
    Ticket,
}

impl Severity {
    /// The word in the spec.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Page => "page",
            Severity::Ticket => "ticket",
        }
    }
}

/// A condition over measurements.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A measurement against a threshold.
    Compare {
        /// What is measured.
        metric: Metric,
        /// How it is compared.
        comparison: Comparison,
        /// Against what, in the measure's own unit.
        threshold: Quantity,
    },
    /// All are true; at least two.
    All(Vec<Condition>),
    /// One is true; at least two.
    Any(Vec<Condition>),
}

/// How a measurement is compared with its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// As the spec writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
        }
    }
}

/// What is measured, of what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// Name of the service or workflow.
    pub subject: String,
    /// What of it.
    pub measure: Measure,
}

/// A measurement of a service or of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Of a service, as the generated service exports it.
    Service(ServiceMeasure),
    /// Of a workflow, as the platform exports it.
    Workflow(WorkflowMeasure),
}

/// What can be measured of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMeasure {
    /// Time from the first byte of a request to the last byte of its answer, at a quantile in percent (99 for p99).
    LatencyQuantile(u8),
    /// The same, on average.
    LatencyAverage,
    /// The same, of the slowest.
    LatencyMaximum,
    /// Share of requests that the service failed (status 5xx), 0 to 1; 0 while there are none.
    ErrorRate,
    /// Number of requests that the service failed in a minute.
    ErrorCount,
    /// Requests in a second.
    RequestRate,
    /// Resident memory of the replica that uses most.
    MemoryUsed,
}

/// What can be measured of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowMeasure {
    /// Share of ended executions that failed, timed out or were aborted, 0 to 1; 0 while there are none.
    FailureRate,
    /// Number of executions that failed, timed out or were aborted in a minute.
    FailureCount,
    /// Time from start to end, at a quantile in percent.
    DurationQuantile(u8),
    /// The same, on average.
    DurationAverage,
}

/// A threshold in the unit of its measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// A time.
    Time(Duration),
    /// A share, 0 to 1.
    Ratio(f64),
    /// Events in a second.
    PerSecond(f64),
    /// Events in a minute.
    Count(f64),
    /// An amount of memory.
    Memory(Bytes),
}

/// As the spec writes it: `service.risk.latency.p99 > 250ms`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, conditions: &[Condition], with: &str| {
            for (at, condition) in conditions.iter().enumerate() {
                f.write_str(if at == 0 { "" } else { with })?;
                match condition {
                    Condition::Compare { .. } => write!(f, "{condition}")?,
                    _ => write!(f, "({condition})")?,
                }
            }
            Ok(())
        };
        match self {
            Condition::Compare { metric, comparison, threshold } => {
                write!(f, "{metric} {} {threshold}", comparison.symbol())
            }
            Condition::All(conditions) => joined(f, conditions, " && "),
            Condition::Any(conditions) => joined(f, conditions, " || "),
        }
    }
}

/// As the spec writes it: `service.risk.latency.p99`.
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match MEASURES.iter().find(|decl| decl.measure == self.measure) {
            Some(decl) => write!(f, "{}.{}.{}", decl.block, self.subject, decl.path),
            None => write!(f, "{:?} of {}", self.measure, self.subject),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Time(duration) => write!(f, "{duration}"),
            Quantity::Memory(bytes) => write!(f, "{bytes}"),
            Quantity::Ratio(number) | Quantity::PerSecond(number) | Quantity::Count(number) => write!(f, "{number}"),
        }
    }
}
