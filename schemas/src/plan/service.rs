//! A model that answers requests.

use std::sync::Arc;

use serde::Serialize;

use crate::span::{Span, Spanned};
use crate::tensor::Signature;
use crate::units::{Bytes, Cpu, Duration, Percent};

/// A deployed model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// An RFC 1035 label of at most 40 characters.
    pub name: String,
    /// What it serves: the version with the largest share of the requests. Services that serve the same share what is known of it.
    pub model: Arc<ServedModel>,
    /// Versions served beside it. `model` gets the requests that they leave.
    pub others: Vec<OtherVersion>,
    /// Where it fetches its model from; `None` when the image carries it.
    pub store: Option<Store>,
    /// The share of requests that the shadow among `others` gets copies of; 0% when there is none.
    pub shadow_sample: Percent,
    /// The image without tag and digest, such as `123456789012.dkr.ecr.us-east-1.amazonaws.com/risk`.
    pub repository: String,
    /// Tag or digest that the spec pins (`:v1`, `@sha256:…`), with its leading mark. `None`: the tag follows the content.
    pub pin: Option<String>,
    /// Whether the image is the program `windlass-server` with a configuration, and not a crate built from source.
    pub prebuilt: bool,
    /// The TCP port of the HTTP server.
    pub port: u16,
    /// What one replica may use.
    pub resources: Resources,
    /// How requests may share runs of the model, if they may.
    pub batching: Option<Batching>,
    /// How many replicas.
    pub scaling: Scaling,
    /// Under which public name it is reachable, if at all.
    pub expose: Option<Expose>,
    /// What it tells those who watch it, where that is not the default.
    pub observe: Option<Observe>,
    /// The longest that one request may take.
    pub timeout: Duration,
    /// How long it goes on accepting after it was told to stop.
    pub drain_delay: Duration,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

impl Service {
    /// The model as this service's alone, to be changed.
    pub fn model_mut(&mut self) -> &mut ServedModel {
        Arc::make_mut(&mut self.model)
    }

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

/// A place that models are fetched from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Store {
    /// `s3://BUCKET/…` or `https://HOST/…`, without a `/` at its end.
    pub address: String,
    /// Labels of all versions of the model, served or not: another one may be served soon, or again.
    pub versions: Vec<String>,
    /// How long the files are that one replica keeps, with room for the largest of them once more while it is written.
    pub kept: Bytes,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

impl Store {
    /// Bucket and prefix of an `s3://` address; the prefix is empty, or has a `/` at its end.
    pub fn objects(&self) -> Option<(&str, String)> {
        let rest = self.address.strip_prefix("s3://")?;
        Some(rest.split_once('/').map_or((rest, String::new()), |(bucket, prefix)| (bucket, format!("{prefix}/"))))
    }

    /// The TCP port of the store.
    pub fn port(&self) -> u16 {
        let host = self.address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
        host.and_then(|host| host.split_once(':')?.1.parse().ok()).unwrap_or(443)
    }
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

/// Another version of the model that a service serves, with the same signature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherVersion {
    /// The version's label.
    pub version: String,
    /// Path of the ONNX file, relative to the project, with `/` between its parts.
    pub file: String,
    /// Digest of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Its share of the requests that name no version.
    pub traffic: Percent,
    /// Gets copies of requests, and its answers go nowhere.
    pub shadow: bool,
    /// Pairs of inputs and outputs that hold before it is served.
    pub golden: Option<Golden>,
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

/// How requests may share runs of the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batching {
    /// The most rows of one run, at least 2.
    pub max_size: u32,
    /// How long a request waits for others at most, less than the service's timeout.
    pub max_delay: Duration,
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

/// What a service tells those who watch it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observe {
    /// Which requests get a line in the log: `all`, `errors` or `off`.
    pub access_log: String,
    /// From when on a request counts as slow.
    pub slow_request: Duration,
    /// A sample of inputs and outputs in the log, if any.
    pub prediction_log: Option<PredictionLog>,
    /// Where spans go, if anywhere.
    pub traces: Option<Traces>,
}

/// A sample of inputs and outputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionLog {
    /// The share of the requests, more than none.
    pub sample: Percent,
    /// Inputs and outputs of the model of which only shape and digest are logged.
    pub redact: Vec<String>,
}

/// Spans for a collector of OpenTelemetry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traces {
    /// The collector, such as `http://collector.observability:4318`.
    pub endpoint: String,
    /// The TCP port in it.
    pub port: u16,
    /// The share of the traces that begin here.
    pub sample: Percent,
}
