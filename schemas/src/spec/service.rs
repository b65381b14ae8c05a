//! `service`

use super::texts::{AccessLogChoice, CollectorUrl, HostName, ImageName, Package, ServiceName};
use super::values::{BatchSize, Count, ModelRef, Port, Shares};
use crate::declare::block;
use crate::units::{Bytes, Cpu, Duration, Percent};

block! {
    /// A model that answers requests in the Open Inference Protocol v2.
    Service = "service" (name: ServiceName) [for_each]
    required {
        /// The model to serve.
        model: ModelRef,
        /// The image's name. Without a tag or digest, the tag follows the content of model and service.
        image: ImageName,
    }
    optional {
        /// Versions of the model side by side, each with its share of the requests, as in `{ "3" = "90%", "2" = "10%" }`. When left
        /// out, the version that the model says in `serve` gets all.
        traffic: Shares,
        /// A version that gets copies of requests; its answers are compared and thrown away.
        shadow: String,
    }
    default {
        /// What the image is made of: a crate that is generated for this service and built from `source`, or the `prebuilt` program
        /// `windlass-server` with a file that describes the service.
        package: Package = "source",
        /// The port of the HTTP server.
        port: Port = "8080",
        /// The longest that one request may take.
        timeout: Duration = "10s",
        /// How long a replica goes on accepting requests after it was told to stop, while load balancers notice.
        drain_delay: Duration = "5s",
        /// The share of requests that `shadow` gets copies of.
        shadow_sample: Percent = "100%",
    }
    once {
        /// What one replica may use.
        resources: Resources,
    }
    at_most_once {
        /// Lets requests share runs of the model, where that is measured to be faster. Without it, each runs by itself.
        batching: Batching,
        /// How many replicas; one, when left out.
        scaling: Scaling,
        /// Makes the service reachable under a public HTTPS name.
        expose: Expose,
        /// What the service tells those who watch it, beside its metrics.
        observe: Observe,
    }
}

block! {
    /// What one replica may use; requested and limited at the same amount.
    Resources = "resources"
    required {
        /// CPU cores.
        cpu: Cpu,
        /// Memory.
        memory: Bytes,
    }
}

block! {
    /// Lets requests share runs of the model. Every replica measures when it loads a model whether that is faster, and how many rows are
    /// best; where it is not, requests run as if the block were not there.
    Batching = "batching"
    default {
        /// The most rows of one run.
        max_size: BatchSize = "32",
        /// How long a request waits at most for others, when others are likely to come.
        max_delay: Duration = "2ms",
    }
}

block! {
    /// Horizontal scaling.
    Scaling = "scaling"
    required {
        /// The fewest replicas.
        min: Count,
        /// The most replicas.
        max: Count,
    }
    once {
        /// What to steer by.
        target: CpuTarget,
    }
}

block! {
    /// Steers the number of replicas by a measurement; its label is `cpu`.
    CpuTarget = "target" (kind: super::texts::ScalingMetric)
    required {
        /// The average CPU utilization to aim at.
        utilization: Percent,
    }
}

block! {
    /// What a service tells those who watch it, beside its metrics.
    Observe = "observe"
    default {
        /// Which requests get a line in the log: all, those refused or slow, or none.
        access_log: AccessLogChoice = "errors",
        /// From when on a request counts as slow.
        slow_request: Duration = "1s",
    }
    at_most_once {
        /// A sample of inputs and outputs, in the log.
        prediction_log: PredictionLog,
        /// Spans of requests, for a collector of OpenTelemetry.
        traces: Traces,
    }
}

block! {
    /// A sample of the answered requests, with inputs and outputs, in the log. The sample depends on the request's id alone.
    PredictionLog = "prediction_log"
    required {
        /// The share of the requests.
        sample: Percent,
    }
    optional {
        /// Inputs and outputs of which only shape and digest are logged.
        redact: Vec<String>,
    }
}

block! {
    /// Spans of requests, sent to a collector by OTLP over HTTP. A caller's own decision on its trace stands.
    Traces = "traces"
    required {
        /// The collector's address; `/v1/traces` is appended.
        endpoint: CollectorUrl,
    }
    default {
        /// The share of the traces that begin here.
        sample: Percent = "100%",
    }
}

block! {
    /// A public HTTPS name. Requests must carry the service's API key.
    Expose = "expose"
    required {
        /// The DNS name.
        host: HostName,
    }
}
