//! What stages use that windlass does not make: functions and jobs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Resources;
use crate::span::Span;
use crate::types::Type;

/// Something that exists already and can be called.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Function {
    /// Its name in the spec.
    pub name: String,
    /// What it is.
    pub kind: FunctionKind,
    /// The type of what it returns.
    pub returns: Type,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// What can be called.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionKind {
    /// An AWS Lambda function.
    Lambda {
        /// Its ARN; an alias or version may be its last part.
        arn: String,
    },
    /// An HTTPS endpoint.
    Http {
        /// Where requests are posted to.
        url: String,
        /// ARN of the EventBridge connection that authorizes them.
        connection: String,
    },
}

/// A container that runs to completion in the cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Its name in the spec: an RFC 1035 label.
    pub name: String,
    /// The image, with a tag or digest.
    pub image: String,
    /// The command; empty: the image's own.
    pub command: Vec<String>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// What the container may use.
    pub resources: Resources,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}
