//! The spec as users write it, after evaluation: one struct a block, one field an attribute.

pub mod addresses;
mod alert;
pub mod choices;
pub mod language;
pub mod measures;
mod model;
mod outside;
mod platform;
mod project;
pub mod schedule;
mod service;
pub mod texts;
pub mod values;
mod workflow;

pub use alert::{Alert, Channel};
pub use model::{Model, Quality, Version};
pub use outside::{Function, Job};
pub use platform::{Bucket, Platform};
pub use project::Project;
pub use service::{Batching, CpuTarget, Expose, Observe, PredictionLog, Resources, Scaling, Service, Traces};
pub use workflow::{Distribute, Input, InputValidation, Retry, Shift, Stage, Trigger, VERBS, VerbDecl, Workflow};

use crate::declare::{BlockDecl, FromBlock};

/// Everything that a spec says, in the order written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spec {
    /// The name of the chosen environment.
    pub environment: Option<String>,
    /// `project`
    pub projects: Vec<Project>,
    /// `platform`
    pub platforms: Vec<Platform>,
    /// `bucket`
    pub buckets: Vec<Bucket>,
    /// `model`
    pub models: Vec<Model>,
    /// `service`
    pub services: Vec<Service>,
    /// `function`
    pub functions: Vec<Function>,
    /// `job`
    pub jobs: Vec<Job>,
    /// `channel`
    pub channels: Vec<Channel>,
    /// `workflow`
    pub workflows: Vec<Workflow>,
    /// `alert`
    pub alerts: Vec<Alert>,
}

/// Every block that may stand at the top level, besides `variable`, `locals` and `environment`, which evaluation reads.
pub static BLOCKS: &[&BlockDecl] = &[
    Project::DECL,
    Platform::DECL,
    Bucket::DECL,
    Model::DECL,
    Service::DECL,
    Function::DECL,
    Job::DECL,
    Channel::DECL,
    Workflow::DECL,
    Alert::DECL,
];
