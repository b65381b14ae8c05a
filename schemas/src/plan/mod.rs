//! The plan: what is to exist, with every name resolved and every meaning settled.
//!
//! A plan is made only from a checked spec, so what it names exists and fits. It speaks no target's language: a duration
//! is a duration here, and milliseconds in one target and seconds in another. Everything keeps its `origin`, the
//! place in the spec that asked for it.

mod alert;
mod outside;
mod service;
mod workflow;

pub use alert::{Alert, Comparison, Condition, Measure, Metric, Quantity, ServiceMeasure, Severity, WorkflowMeasure};
pub use outside::{Function, FunctionKind, Job};
pub use service::{
    Batching, Expose, Golden, Observe, OtherVersion, PredictionLog, Resources, Scaling, ServedModel, Service, Store,
    Traces,
};
pub use workflow::{
    Each, Elements, ErrorKind, InferInput, Input, Log, Occasion, OnError, Outcome, Pause, Results, Retry, RowFormat,
    Shift, Stage, Step, Trigger, Validation, Verb, Workflow, stages,
};

use serde::Serialize;

use crate::span::{Span, Spanned};

/// Everything one environment of a project needs. Each list is sorted by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// Whose it is.
    pub project: Project,
    /// The environment's name; `None` when the spec declares none.
    pub environment: Option<String>,
    /// Where it runs.
    pub platform: Platform,
    /// Places for data.
    pub buckets: Vec<Bucket>,
    /// What workflows call.
    pub functions: Vec<Function>,
    /// What workflows run in the cluster.
    pub jobs: Vec<Job>,
    /// Where messages go.
    pub channels: Vec<Channel>,
    /// Models that answer.
    pub services: Vec<Service>,
    /// Stages in order.
    pub workflows: Vec<Workflow>,
    /// What to be told of.
    pub alerts: Vec<Alert>,
}

/// The project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Project {
    /// Name: lower-case letters, digits and `-`, at most 40 characters.
    pub name: String,
    /// The owning team, as an RFC 1123 label.
    pub owner: Option<String>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// Amazon Web Services with an EKS cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Platform {
    /// Twelve digits.
    pub account: String,
    /// Such as `us-east-1`.
    pub region: String,
    /// The EKS cluster's name.
    pub cluster: String,
    /// The Kubernetes namespace.
    pub namespace: Spanned<String>,
    /// Minor version of the oldest Kubernetes that the manifests must run on: 34 for 1.34.
    pub kubernetes: u32,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

impl Platform {
    /// The partition in ARNs of this region: `aws`, `aws-cn` or `aws-us-gov`.
    pub fn partition(&self) -> &'static str {
        match &self.region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// An S3 bucket that exists already; windlass does not create it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bucket {
    /// Its name in the spec.
    pub name: String,
    /// Its global name.
    pub bucket: String,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Channel {
    /// Its name in the spec.
    pub name: String,
    /// The address that gets every message.
    pub email: String,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

impl Plan {
    /// `PROJECT-ENVIRONMENT-NAME` (without the environment when the spec has none): unique in an account and region.
    pub fn qualified(&self, name: &str) -> String {
        format!("{}-{name}", self.stem())
    }

    /// `PROJECT-ENVIRONMENT`, or `PROJECT` when the spec has no environment.
    pub fn stem(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{}-{environment}", self.project.name),
            None => self.project.name.clone(),
        }
    }

    /// The service with this name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        let at = self.services.binary_search_by(|service| service.name.as_str().cmp(name)).ok()?;
        self.services.get(at)
    }

    /// The function with this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.name == name)
    }

    /// The job with this name.
    pub fn job(&self, name: &str) -> Option<&Job> {
        self.jobs.iter().find(|j| j.name == name)
    }

    /// The workflow with this name.
    pub fn workflow(&self, name: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|w| w.name == name)
    }

    /// The bucket with this name.
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        let at = self.buckets.binary_search_by(|bucket| bucket.name.as_str().cmp(name)).ok()?;
        self.buckets.get(at)
    }
}
