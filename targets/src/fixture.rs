//! A plan as the front end would lower it, for the tests of the targets on AWS.

use std::sync::Arc;

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

/// What a verb leaves behind when nothing else is declared.
fn outputs(verb: &Verb) -> Type {
    let lists = |tensors: &[Tensor]| {
        let list = |tensor: &Tensor| {
            let length = |dim: &Dim| if let Dim::Fixed(n) = dim { Some(*n) } else { None };
            (tensor.name.clone(), Type::of_tensor(tensor, length))
        };
        Type::Object(tensors.iter().map(list).collect())
    };
    let fields = match verb {
        Verb::Read { .. } => vec![("body", Type::Any)],
        Verb::Write { .. } => vec![("key", Type::String), ("etag", Type::String)],
        Verb::Infer { outputs, .. } => vec![("outputs", lists(outputs))],
        Verb::Call { .. } => vec![("result", Type::Any)],
        Verb::Run { .. } => vec![("job", Type::String)],
        Verb::Start { .. } => vec![("execution", Type::String), ("output", Type::Any)],
        Verb::Notify { .. } => vec![("message_id", Type::String)],
        Verb::Approve { .. } => vec![("approved", Type::Bool), ("comment", Type::Optional(Box::new(Type::String)))],
        Verb::Value(_) => vec![("value", Type::Any)],
        Verb::Wait(_) | Verb::Fail { .. } => Vec::new(),
    };
    Type::Object(fields.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())
}

/// A stage that reads one object, named so.
pub fn reading(name: &str) -> Stage {
    stage(name, Verb::Read { bucket: "data".into(), key: text(name) })
}

/// One step.
pub fn step(stage: Stage) -> Step {
    Step::Stage(Box::new(stage))
}

pub fn retry(on: Vec<ErrorKind>, attempts: u32) -> Retry {
    Retry { on, attempts, backoff: spanned(1000), factor: 2.0, max_backoff: spanned(30_000), jitter: true }
}

/// For every element of something, in the execution itself.
pub fn each(over: Elements) -> Each {
    Each {
        over,
        max_concurrency: None,
        distributed: false,
        batch: None,
        tolerate: Percent(0),
        results: None,
        origin: at(26),
    }
}

pub fn item() -> Expr {
    expr(ExprKind::Item)
}

pub fn event(name: &str) -> Expr {
    field(expr(ExprKind::Event), name)
}

pub fn error(name: &str) -> Expr {
    field(expr(ExprKind::Error), name)
}

pub fn stage(name: &str, verb: Verb) -> Stage {
    Stage {
        name: name.to_owned(),
        when: None,
        each: None,
        outputs: outputs(&verb),
        verb,
        timeout: Spanned::new(Duration(30_000), at(20)),
        retries: Vec::new(),
        on_error: None,
        origin: at(20),
    }
}

pub fn workflow(name: &str, stages: Vec<Stage>) -> Workflow {
    Workflow {
        name: name.to_owned(),
        express: false,
        inputs: vec![Input { name: "application_id".into(), ty: Type::String, default: None, origin: at(10) }],
        validations: Vec::new(),
        timeout: Duration(900_000),
        triggers: Vec::new(),
        body: stages.into_iter().map(step).collect(),
        output: None,
        returns: Type::Object(Vec::new()),
        log: Log::Error,
        trace: true,
        shift: None,
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
        retries: vec![retry(Vec::new(), 3)],
        // One row is sent, so one comes back.
        outputs: Type::Object(vec![(
            "outputs".into(),
            Type::Object(vec![
                ("label".into(), Type::List(Box::new(Type::Number), Some(1))),
                ("probabilities".into(), Type::List(Box::new(Type::List(Box::new(Type::Number), Some(2))), Some(1))),
            ]),
        )]),
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
        triggers: vec![Trigger {
            when: Occasion::Schedule { expression: "rate(1 hour)".into(), timezone: "Europe/Berlin".into() },
            input: vec![("application_id".into(), text("latest"))],
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

/// Every verb and everything around them, in one workflow called `everything`, beside the example.
pub fn everything() -> Plan {
    let mut plan = plan();
    let function = |name: &str, kind, returns| Function { name: name.to_owned(), kind, returns, origin: at(50) };
    plan.functions = vec![
        function(
            "enrich",
            FunctionKind::Lambda { arn: "arn:aws:lambda:us-east-1:123456789012:function:enrich:live".into() },
            Type::Any,
        ),
        function(
            "rates",
            FunctionKind::Http {
                url: "https://api.example.com/rates".into(),
                connection:
                    "arn:aws:events:us-east-1:123456789012:connection/rates/11111111-2222-3333-4444-555555555555".into(),
            },
            Type::Any,
        ),
    ];
    plan.jobs = vec![Job {
        name: "train".into(),
        image: "registry.example.com/train:1".into(),
        command: vec!["train".into()],
        environment: [("LEVEL".to_owned(), "info".to_owned())].into(),
        resources: Resources { cpu: Cpu(500), memory: Bytes(256 << 20) },
        origin: at(51),
    }];
    let quick = Workflow {
        express: true,
        timeout: Duration(60_000),
        output: Some(object(vec![("ok", input("application_id"))])),
        returns: Type::Object(vec![("ok".into(), Type::String)]),
        ..workflow("quick", vec![reading("load")])
    };
    plan.workflows.extend([everything_workflow(), quick]);
    plan.workflows.sort_by(|a, b| a.name.cmp(&b.name));
    plan
}

fn everything_workflow() -> Workflow {
    let handler = Stage {
        when: Some(binary(BinaryOp::NotEqual, error("name"), text("ignored"))),
        ..stage(
            "tell",
            Verb::Notify {
                channel: "oncall".into(),
                subject: None,
                message: template(vec![text("enrich failed: "), error("name"), text(" "), error("cause")]),
            },
        )
    };
    let enrich = Stage {
        outputs: Type::Object(vec![("result".into(), Type::Object(vec![("score".into(), Type::Number)]))]),
        retries: vec![
            retry(vec![ErrorKind::Throttled, ErrorKind::Named("Busy".into())], 5),
            retry(vec![ErrorKind::Any], 2),
        ],
        on_error: Some(OnError::Handle(Box::new(handler))),
        ..stage("enrich", Verb::Call { function: "enrich".into(), payload: field(stage_ref("load"), "body") })
    };
    let rates = Stage {
        on_error: Some(OnError::Continue),
        ..stage("rates", Verb::Call { function: "rates".into(), payload: null() })
    };
    let value = Stage {
        on_error: Some(OnError::Continue),
        ..stage("worth", Verb::Value(binary(BinaryOp::Add, field(field(stage_ref("load"), "body"), "n"), number(1.0))))
    };
    let many = Stage {
        each: Some(Each {
            max_concurrency: Some(Spanned::new(5, at(27))),
            ..each(Elements::List(field(field(stage_ref("load"), "body"), "ids")))
        }),
        ..stage("many", Verb::Read { bucket: "data".into(), key: template(vec![text("items/"), item()]) })
    };
    let objects = Elements::Objects {
        bucket: "data".into(),
        prefix: Some(template(vec![text("in/"), input("application_id"), text("/")])),
    };
    let sweep = Stage {
        each: Some(Each { tolerate: Percent(500), ..each(objects) }),
        ..stage(
            "sweep",
            Verb::Write {
                bucket: "data".into(),
                key: template(vec![text("out/"), field(item(), "key")]),
                body: object(vec![
                    ("size", field(item(), "size")),
                    ("many", field(index(stage_ref("many"), number(0.0)), "body")),
                ]),
            },
        )
    };
    let rows = Elements::Rows { bucket: "data".into(), key: text("rows.csv"), format: RowFormat::Csv };
    let train = Stage {
        each: Some(Each {
            batch: Some(100),
            results: Some(Results { bucket: "data".into(), prefix: "results/".into() }),
            ..each(rows)
        }),
        timeout: Spanned::new(Duration(3_600_000), at(28)),
        ..stage(
            "train",
            Verb::Run {
                job: "train".into(),
                arguments: Some(list(vec![text("--rows"), call("jsonencode", vec![item()])])),
                environment: vec![("APPLICATION".into(), input("application_id"))],
            },
        )
    };
    let single = Stage {
        timeout: Spanned::new(Duration(600_000), at(29)),
        ..stage("fit", Verb::Run { job: "train".into(), arguments: None, environment: Vec::new() })
    };
    let ask = Stage {
        timeout: Spanned::new(Duration(86_400_000), at(29)),
        ..stage(
            "ask",
            Verb::Approve { channel: "oncall".into(), subject: Some(text("go on?")), message: text("Shall it go on?") },
        )
    };
    let nested = stage(
        "nested",
        Verb::Start { workflow: "assess".into(), input: vec![("application_id".into(), input("application_id"))] },
    );
    let quick = Stage {
        outputs: Type::Object(vec![
            ("execution".into(), Type::String),
            ("output".into(), Type::Object(vec![("ok".into(), Type::String)])),
        ]),
        ..stage(
            "fast",
            Verb::Start { workflow: "quick".into(), input: vec![("application_id".into(), input("application_id"))] },
        )
    };
    let give_up = Stage {
        when: Some(binary(
            BinaryOp::Equal,
            field(stage_ref("ask"), "approved"),
            expr(ExprKind::Literal(Value::new(ValueKind::Bool(false), at(1)))),
        )),
        ..stage("give_up", Verb::Fail { error: "Declined".into(), cause: text("somebody said no") })
    };
    Workflow {
        validations: vec![Validation {
            condition: binary(BinaryOp::NotEqual, input("application_id"), text("")),
            message: "an application must be named".into(),
        }],
        log: Log::All,
        shift: Some(Shift {
            linear: true,
            percent: Percent(2000),
            interval: Duration(300_000),
            abort_on: vec!["failures".into()],
            origin: at(12),
        }),
        triggers: triggers(),
        body: vec![
            step(reading("load")),
            Step::Parallel(vec![
                vec![step(enrich), step(stage("pause", Verb::Wait(Pause::For(Duration(5000)))))],
                vec![step(rates), step(value)],
            ]),
            step(many),
            step(stage("rest", Verb::Wait(Pause::Seconds(field(field(stage_ref("load"), "body"), "seconds"))))),
            step(sweep),
            step(train),
            step(single),
            step(ask),
            step(nested),
            step(quick),
            step(give_up),
        ],
        output: Some(object(vec![
            ("enriched", stage_ref("enrich")),
            ("told", stage_ref("tell")),
            ("worth", stage_ref("worth")),
            ("fast", stage_ref("fast")),
            ("job", field(stage_ref("fit"), "job")),
        ])),
        ..workflow("everything", Vec::new())
    }
}

fn triggers() -> Vec<Trigger> {
    let trigger = |when, id: Expr| Trigger { when, input: vec![("application_id".into(), id)], origin: at(13) };
    vec![
        trigger(
            Occasion::Object { bucket: "data".into(), prefix: Some("new/".into()), suffix: Some(".json".into()) },
            template(vec![text("s3/"), event("key")]),
        ),
        trigger(Occasion::Finished { workflow: "assess".into(), outcome: Outcome::Any }, event("execution")),
        trigger(Occasion::Alert { alert: "failures".into() }, event("reason")),
        trigger(Occasion::Schedule { expression: "cron(0 6 * * ? *)".into(), timezone: "UTC".into() }, text("daily")),
    ]
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
        functions: Vec::new(),
        jobs: Vec::new(),
        channels: vec![Channel { name: "oncall".into(), email: "oncall@example.com".into(), origin: at(4) }],
        services: vec![Service {
            name: "risk".into(),
            model: Arc::new(ServedModel {
                name: "risk".into(),
                version: "3".into(),
                file: "models/risk-3.onnx".into(),
                sha256: "0".repeat(64),
                signature: Signature::default(),
                golden: None,
                origin: at(5),
            }),
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
