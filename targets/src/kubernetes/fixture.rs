//! A plan for tests, with one service inside the cluster and one outside.

use std::sync::Arc;

use windlass_schemas::plan::{
    Batching, Expose, Observe, Plan, Platform, PredictionLog, Project, Resources, Scaling, ServedModel, Service, Store,
    Traces,
};
use windlass_schemas::span::{FileId, Span, Spanned};
use windlass_schemas::tensor::{DataType, Dim, Signature, Tensor};
use windlass_schemas::units::{Bytes, Cpu, Duration, Percent};

/// The `n`-th place of a spec.
pub fn place(n: usize) -> Span {
    Span::new(FileId(0), n * 10..n * 10 + 5)
}

/// `parcels` inside, `risk` exposed.
pub fn plan() -> Plan {
    let parcels = Service { name: "parcels".to_owned(), expose: None, observe: None, origin: place(20), ..risk() };
    Plan {
        project: Project { name: "fraud-risk".to_owned(), owner: Some("risk-platform".to_owned()), origin: place(0) },
        environment: Some("prod".to_owned()),
        platform: Platform {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            cluster: "main".to_owned(),
            namespace: Spanned::new("risk".to_owned(), place(1)),
            kubernetes: 34,
            origin: place(1),
        },
        buckets: Vec::new(),
        functions: Vec::new(),
        jobs: Vec::new(),
        channels: Vec::new(),
        services: vec![parcels, risk()],
        workflows: Vec::new(),
        alerts: Vec::new(),
    }
}

/// The same, with `risk` fetching its model from a bucket.
pub fn stored() -> Plan {
    let mut plan = plan();
    for risk in plan.services.iter_mut().filter(|service| service.name == "risk") {
        risk.store = Some(Store {
            address: "s3://my-bucket/models/risk".to_owned(),
            versions: vec!["2".to_owned(), "3".to_owned()],
            kept: Bytes(3 << 20),
            origin: place(6),
        });
    }
    plan
}

fn risk() -> Service {
    let tensor =
        |name: &str, shape: [Dim; 2]| Tensor { name: name.to_owned(), datatype: DataType::Fp32, shape: shape.into() };
    Service {
        name: "risk".to_owned(),
        model: Arc::new(ServedModel {
            name: "risk".to_owned(),
            version: "3".to_owned(),
            file: "models/risk-3.onnx".to_owned(),
            sha256: "5f".repeat(32),
            golden: None,
            signature: Signature {
                inputs: vec![tensor("features", [Dim::Variable("N".to_owned()), Dim::Fixed(16)])],
                outputs: vec![tensor("probabilities", [Dim::Variable("N".to_owned()), Dim::Fixed(2)])],
            },
            origin: place(3),
        }),
        others: Vec::new(),
        store: None,
        shadow_sample: Percent(0),
        repository: "registry.example.com/risk".to_owned(),
        pin: None,
        prebuilt: false,
        port: 8080,
        resources: Resources { cpu: Cpu(1000), memory: Bytes(512 << 20) },
        batching: Some(Batching { max_size: 32, max_delay: Duration(2) }),
        scaling: Scaling { min: 3, max: 30, cpu: Spanned::new(Percent(7000), place(4)), origin: place(4) },
        expose: Some(Expose { host: "risk.example.com".to_owned(), origin: place(5) }),
        observe: Some(Observe {
            access_log: "errors".to_owned(),
            slow_request: Duration(1_000),
            prediction_log: Some(PredictionLog { sample: Percent(100), redact: vec!["features".to_owned()] }),
            traces: Some(Traces {
                endpoint: "http://collector.observability:4318".to_owned(),
                port: 4318,
                sample: Percent(1_000),
            }),
        }),
        timeout: Duration(10_000),
        drain_delay: Duration(5_000),
        origin: place(2),
    }
}
