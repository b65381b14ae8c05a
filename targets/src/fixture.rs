//! A plan as the front end would lower it, for the tests of the targets on AWS.

use windlass_schemas::expr::{BinaryOp, Expr, ExprKind};
use windlass_schemas::plan::*;
use windlass_schemas::span::{FileId, Span, Spanned};
use windlass_schemas::tensor::{DataType, Dim, Signature, Tensor};
use windlass_schemas::types::Type;
use windlass_schemas::units::{Bytes, Cpu, Duration, Percent};
use windlass_schemas::value::{Number, Value, ValueKind};

/// A duration in milliseconds, written somewhere.
pub fn spanned(milliseconds: u64) -> Spanned<Duration> {
    Spanned::new(Duration(milliseconds), at(40))
}

/// A place that a test can recognize.
pub fn at(line: usize) -> Span {
    Span::new(FileId(0), line * 100..line * 100 + 10)
}

pub fn expr(kind: ExprKind) -> Expr {
    Expr::new(kind, at(1))
}

pub fn text(s: &str) -> Expr {
    expr(ExprKind::Literal(Value::new(ValueKind::String(s.to_owned()), at(1))))
}

pub fn number(x: f64) -> Expr {
    expr(ExprKind::Literal(Value::new(ValueKind::Number(Number::from_f64(x).unwrap()), at(1))))
}

pub fn null() -> Expr {
    expr(ExprKind::Literal(Value::new(ValueKind::Null, at(1))))
}

pub fn field(of: Expr, name: &str) -> Expr {
    expr(ExprKind::Field(Box::new(of), Spanned::new(name.to_owned(), at(1))))
}

pub fn index(of: Expr, i: Expr) -> Expr {
    expr(ExprKind::Index(Box::new(of), Box::new(i)))
}

pub fn input(name: &str) -> Expr {
    field(expr(ExprKind::Input), name)
}

pub fn stage_ref(name: &str) -> Expr {
    expr(ExprKind::Stage(Spanned::new(name.to_owned(), at(1))))
}

pub fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    expr(ExprKind::Binary(op, Box::new(a), Box::new(b)))
}

pub fn template(parts: Vec<Expr>) -> Expr {
    expr(ExprKind::Template(parts))
}

pub fn list(parts: Vec<Expr>) -> Expr {
    expr(ExprKind::List(parts))
}

pub fn object(entries: Vec<(&str, Expr)>) -> Expr {
    expr(ExprKind::Object(entries.into_iter().map(|(k, e)| (Spanned::new(k.to_owned(), at(1)), e)).collect()))
}

pub fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    expr(ExprKind::Call(Spanned::new(name.to_owned(), at(1)), arguments))
}

pub fn variable(name: &str) -> Dim {
    Dim::Variable(name.to_owned())
}

pub fn tensor(name: &str, datatype: DataType, shape: Vec<Dim>) -> Tensor {
    Tensor { name: name.to_owned(), datatype, shape }
}

/// `stage.score.outputs.probabilities[0][1]`
pub fn fraud() -> Expr {
    index(index(field(field(stage_ref("score"), "outputs"), "probabilities"), number(0.0)), number(1.0))
}

pub fn stage(name: &str, verb: Verb) -> Stage {
    Stage {
        name: name.to_owned(),
        when: None,
        verb,
        timeout: Spanned::new(Duration(30_000), at(20)),
        retry: None,
        origin: at(20),
    }
}

pub fn workflow(name: &str, stages: Vec<Stage>) -> Workflow {
    Workflow {
        name: name.to_owned(),
        inputs: vec![Input { name: "application_id".into(), ty: Type::String, default: None, origin: at(10) }],
        timeout: Duration(900_000),
        triggers: Vec::new(),
        body: stages.into_iter().map(|s| Step::Stage(Box::new(s))).collect(),
        output: None,
        origin: at(9),
    }
}

pub fn compare(subject: &str, measure: Measure, comparison: Comparison, threshold: Quantity) -> Condition {
    Condition::Compare { metric: Metric { subject: subject.to_owned(), measure }, comparison, threshold }
}

pub fn alert(name: &str, condition: Condition) -> Alert {
    Alert {
        name: name.to_owned(),
        condition,
        hold: Spanned::new(Duration(300_000), at(30)),
        severity: Severity::Ticket,
        notify: vec!["oncall".into()],
        description: None,
        origin: at(40),
    }
}

/// The workflow of the design: read -> infer -> (when, notify) beside write -> output.
fn assess() -> Workflow {
    let key = |folder: &str| template(vec![text(folder), input("application_id"), text(".json")]);
    let features = tensor("features", DataType::Fp32, vec![variable("N"), Dim::Fixed(4)]);
    let probabilities = tensor("probabilities", DataType::Fp32, vec![variable("N"), Dim::Fixed(2)]);
    let label = tensor("label", DataType::Int64, vec![variable("N")]);
    let load = stage("load", Verb::Read { bucket: "data".into(), key: key("applications/") });
    let score = Stage {
        timeout: Spanned::new(Duration(10_000), at(22)),
        retry: Some(Retry {
            attempts: 3,
            backoff: Spanned::new(Duration(1000), at(23)),
            factor: 2.0,
            max_backoff: Spanned::new(Duration(30_000), at(24)),
            jitter: true,
        }),
        ..stage(
            "score",
            Verb::Infer {
                service: "risk".into(),
                inputs: vec![InferInput {
                    tensor: features,
                    value: list(vec![field(field(stage_ref("load"), "body"), "features")]),
                }],
                outputs: vec![label, probabilities],
            },
        )
    };
    let page = Stage {
        when: Some(binary(BinaryOp::Greater, fraud(), number(0.8))),
        ..stage(
            "page_analyst",
            Verb::Notify {
                channel: "oncall".into(),
                subject: Some(text("fraud")),
                message: template(vec![text("application "), input("application_id"), text(" scored "), fraud()]),
            },
        )
    };
    let save = stage(
        "save",
        Verb::Write {
            bucket: "data".into(),
            key: key("scores/"),
            body: object(vec![("id", input("application_id")), ("fraud", fraud())]),
        },
    );
    Workflow {
        triggers: vec![Trigger::Schedule {
            expression: "rate(1 hour)".into(),
            input: serde_json::json!({ "application_id": "latest" }),
            origin: at(11),
        }],
        body: vec![
            Step::Stage(Box::new(load)),
            Step::Stage(Box::new(score)),
            Step::Parallel(vec![vec![Step::Stage(Box::new(page))], vec![Step::Stage(Box::new(save))]]),
        ],
        output: Some(object(vec![
            ("fraud", fraud()),
            ("saved", field(stage_ref("save"), "key")),
            ("paged", binary(BinaryOp::NotEqual, stage_ref("page_analyst"), null())),
        ])),
        ..workflow("assess", Vec::new())
    }
}

/// The example of the design, by hand.
pub fn plan() -> Plan {
    let service = |measure| Measure::Service(measure);
    Plan {
        project: Project { name: "fraud-risk".into(), owner: Some("risk-platform".into()), origin: at(0) },
        environment: Some("prod".into()),
        platform: Platform {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            cluster: "main".into(),
            namespace: Spanned::new("risk".into(), at(2)),
            kubernetes: 34,
            origin: at(2),
        },
        buckets: vec![Bucket { name: "data".into(), bucket: "my-bucket".into(), origin: at(3) }],
        channels: vec![Channel { name: "oncall".into(), email: "oncall@example.com".into(), origin: at(4) }],
        services: vec![Service {
            name: "risk".into(),
            model: ServedModel {
                name: "risk".into(),
                version: "3".into(),
                file: "models/risk-3.onnx".into(),
                sha256: "0".repeat(64),
                signature: Signature::default(),
                golden: None,
                origin: at(5),
            },
            others: Vec::new(),
            store: Some(Store {
                address: "s3://my-bucket/models/risk".into(),
                versions: vec!["2".into(), "3".into()],
                kept: Bytes(3 << 20),
                origin: at(5),
            }),
            shadow_sample: Percent(0),
            repository: "123456789012.dkr.ecr.us-east-1.amazonaws.com/risk".into(),
            pin: None,
            prebuilt: false,
            port: 8080,
            resources: Resources { cpu: Cpu(1000), memory: Bytes(512 << 20) },
            batching: None,
            scaling: Scaling { min: 3, max: 30, cpu: Spanned::new(Percent(7000), at(6)), origin: at(6) },
            expose: Some(Expose { host: "risk.example.com".into(), origin: at(7) }),
            observe: None,
            timeout: Duration(30_000),
            drain_delay: Duration(5000),
            origin: at(8),
        }],
        workflows: vec![assess()],
        alerts: vec![
            alert(
                "errors",
                Condition::All(vec![
                    compare("risk", service(ServiceMeasure::ErrorRate), Comparison::Greater, Quantity::Ratio(0.01)),
                    compare(
                        "risk",
                        service(ServiceMeasure::RequestRate),
                        Comparison::Greater,
                        Quantity::PerSecond(1.0),
                    ),
                ]),
            ),
            alert(
                "failures",
                compare(
                    "assess",
                    Measure::Workflow(WorkflowMeasure::FailureRate),
                    Comparison::Greater,
                    Quantity::Ratio(0.1),
                ),
            ),
            Alert {
                severity: Severity::Page,
                description: Some("Answers take too long.".into()),
                ..alert(
                    "slow",
                    compare(
                        "risk",
                        service(ServiceMeasure::LatencyQuantile(99)),
                        Comparison::Greater,
                        Quantity::Time(Duration(250)),
                    ),
                )
            },
        ],
    }
}
