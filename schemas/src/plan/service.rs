//! A model that answers requests.

use serde::Serialize;

use crate::span::{Span, Spanned};
use crate::tensor::Signature;
use crate::units::{Bytes, Cpu, Duration, Percent};

/// A deployed model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// An RFC 1035 label of at most 40 characters.
    pub name: String,
    /// What it serves.
    pub model: ServedModel,
    /// The image without tag and digest, such as `123456789012.dkr.ecr.us-east-1.amazonaws.com/risk`.
    pub repository: String,
    /// Tag or digest that the spec pins (`:v1`, `@sha256:…`), with its leading mark. `None`: the tag follows the content.
    pub pin: Option<String>,
    /// The TCP port of the HTTP server.
    pub port: u16,
    /// What one replica may use.
    pub resources: Resources,
    /// How many replicas.
    pub scaling: Scaling,
    /// Under which public name it is reachable, if at all.
    pub expose: Option<Expose>,
    /// The longest that one request may take.
    pub timeout: Duration,
    /// How long it goes on accepting after it was told to stop.
    pub drain_delay: Duration,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

impl Service {
    /// How long a replica may take to stop: draining, the slowest request, and a margin.
    pub fn grace(&self) -> Duration {
        Duration(self.drain_delay.0 + self.timeout.0 + 5_000)
    }
}

/// One version of a model, as its file declares it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServedModel {
    /// The model's name in the spec, and in the URL of the Open Inference Protocol.
    pub name: String,
    /// The version's label.
    pub version: String,
    /// Path of the ONNX file, relative to the project, with `/` between its parts.
    pub file: String,
    /// Digest of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// What it takes and gives.
    pub signature: Signature,
    /// Pairs of inputs and outputs that hold before it is served.
    pub golden: Option<Golden>,
    /// Where the spec names the file.
    #[serde(skip)]
    pub origin: Span,
}

/// A file of golden pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Golden {
    /// Path of the JSON file, relative to the project, with `/` between its parts.
    pub file: String,
    /// Digest of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Where the spec names the file.
    #[serde(skip)]
    pub origin: Span,
}

/// Requests and limits of one replica: they are the same, so that the pod is of class Guaranteed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resources {
    /// CPU.
    pub cpu: Cpu,
    /// Memory.
    pub memory: Bytes,
}

/// Horizontal scaling.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scaling {
    /// Fewest replicas, at least 1.
    pub min: u32,
    /// Most replicas, at least `min`.
    pub max: u32,
    /// The average CPU utilization to steer for, of the request.
    pub cpu: Spanned<Percent>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// A public HTTPS name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expose {
    /// The DNS name.
    pub host: String,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}
