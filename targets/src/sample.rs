//! What a plan with every construct becomes, kept in `tests/conformance/samples/everything` for the programs that others wrote.

use std::path::Path;

use windlass_schemas::artifact::{Artifacts, Content};
use windlass_schemas::plan::*;
use windlass_schemas::types::Type;
use windlass_schemas::units::{Cpu, Duration, Percent};

use crate::Target;
use crate::cloudformation::CloudFormation;
use crate::cloudwatch::CloudWatch;
use crate::fixture as f;
use crate::kubernetes::Kubernetes;
use crate::stepfunctions::StepFunctions;

/// All but the services' source, which needs files of models.
const TARGETS: [&dyn Target; 4] = [&Kubernetes, &StepFunctions, &CloudWatch, &CloudFormation];

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads, and with BLESS writes, what it expects")]
fn the_sample_is_what_is_emitted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/samples/everything");
    let bless = std::env::var("BLESS").is_ok();
    let mut out = Artifacts::default();
    TARGETS.iter().for_each(|target| target.emit(&f::everything(), &mut out));
    for (path, artifact) in out.iter() {
        let Content::Text(text) = &artifact.content else { continue };
        let file = folder.join(path);
        if bless {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == *text, "{path} differs; BLESS=1 writes it anew");
    }
}

/// What is changed, and the change.
type Change = (&'static str, fn(&mut Plan));

/// Nothing that a workflow can say is dropped: each change of a leaf changes some file.
#[test]
fn each_leaf_matters() {
    fn workflow(plan: &mut Plan) -> &mut Workflow {
        plan.workflows.iter_mut().find(|workflow| workflow.name == "everything").unwrap()
    }
    /// The stage of this name, at any depth.
    fn stage<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Stage {
        fn find<'s>(steps: &'s mut [Step], name: &str) -> Option<&'s mut Stage> {
            steps.iter_mut().find_map(|step| match step {
                Step::Stage(stage) if stage.name == name => Some(&mut **stage),
                Step::Stage(_) => None,
                Step::Parallel(branches) => branches.iter_mut().find_map(|branch| find(branch, name)),
            })
        }
        find(&mut workflow(plan).body, name).unwrap()
    }
    fn each<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Each {
        stage(plan, name).each.as_mut().unwrap()
    }
    let changes: Vec<Change> = vec![
        ("express", |p| workflow(p).express = true),
        ("a validation's condition", |p| workflow(p).validations[0].condition = f::input("application_id")),
        ("a validation's message", |p| workflow(p).validations[0].message.push('!')),
        ("log", |p| workflow(p).log = Log::Fatal),
        ("trace", |p| workflow(p).trace = false),
        ("no shift", |p| workflow(p).shift = None),
        ("a shift's kind", |p| workflow(p).shift.as_mut().unwrap().linear = false),
        ("a shift's share", |p| workflow(p).shift.as_mut().unwrap().percent = Percent(100)),
        ("a shift's interval", |p| workflow(p).shift.as_mut().unwrap().interval = Duration(60_000)),
        ("what stops a shift", |p| workflow(p).shift.as_mut().unwrap().abort_on.clear()),
        ("a trigger's input", |p| workflow(p).triggers[0].input[0].1 = f::event("etag")),
        ("a trigger's occasion", |p| workflow(p).triggers.swap(0, 2)),
        ("an outcome", |p| {
            workflow(p).triggers[1].when = Occasion::Finished { workflow: "assess".into(), outcome: Outcome::Failed };
        }),
        ("a handler", |p| stage(p, "enrich").on_error = Some(OnError::Continue)),
        ("going on", |p| stage(p, "rates").on_error = None),
        ("a retry's errors", |p| stage(p, "enrich").retries[0].on = vec![ErrorKind::Timeout]),
        ("what a stage declares", |p| stage(p, "enrich").outputs = Type::Object(vec![("result".into(), Type::Any)])),
        ("what is gone over", |p| each(p, "many").over = Elements::List(f::list(vec![f::text("x")]))),
        ("how many at a time", |p| each(p, "many").max_concurrency = None),
        ("where they run", |p| each(p, "many").distributed = true),
        ("a batch", |p| each(p, "train").batch = None),
        ("what may fail", |p| each(p, "sweep").tolerate = Percent(1)),
        ("results", |p| each(p, "train").results = None),
        ("a prefix of objects", |p| {
            each(p, "sweep").over = Elements::Objects { bucket: "data".into(), prefix: None };
        }),
        ("the format of rows", |p| {
            let (bucket, key, format) = ("data".into(), f::text("rows.csv"), RowFormat::JsonLines);
            each(p, "train").over = Elements::Rows { bucket, key, format };
        }),
        ("a payload", |p| stage(p, "rates").verb = Verb::Call { function: "rates".into(), payload: f::text("x") }),
        ("a function", |p| {
            p.functions[0].kind =
                FunctionKind::Lambda { arn: "arn:aws:lambda:us-east-1:123456789012:function:x".into() }
        }),
        ("a connection", |p| {
            let FunctionKind::Http { connection, .. } = &mut p.functions[1].kind else { panic!("an endpoint") };
            connection.push('0');
        }),
        ("a URL", |p| {
            let FunctionKind::Http { url, .. } = &mut p.functions[1].kind else { panic!("an endpoint") };
            url.push('0');
        }),
        ("a job's image", |p| p.jobs[0].image.push('0')),
        ("a job's command", |p| p.jobs[0].command.clear()),
        ("a job's environment", |p| p.jobs[0].environment.clear()),
        ("a job's resources", |p| p.jobs[0].resources.cpu = Cpu(100)),
        ("the cluster", |p| p.platform.cluster.push('2')),
        ("a pause", |p| stage(p, "pause").verb = Verb::Wait(Pause::For(Duration(6000)))),
        ("an error's name", |p| {
            stage(p, "give_up").verb = Verb::Fail { error: "Other".into(), cause: f::text("somebody said no") };
        }),
    ];
    let emitted = |plan: &Plan| {
        let mut out = Artifacts::default();
        TARGETS.iter().for_each(|target| target.emit(plan, &mut out));
        out.iter().map(|(path, artifact)| (path.to_owned(), artifact.content.clone())).collect::<Vec<_>>()
    };
    let before = emitted(&f::everything());
    assert!(emitted(&f::everything()) == before, "the same plan gives the same files");
    for (what, change) in changes {
        let mut plan = f::everything();
        change(&mut plan);
        assert!(emitted(&plan) != before, "{what}");
    }
}
