//! What each verb, and each thing around it, becomes.

use serde_json::{Value, json};
use windlass_schemas::expr::{BinaryOp, ExprKind};
use windlass_schemas::plan::*;
use windlass_schemas::span::Spanned;
use windlass_schemas::types::Type;
use windlass_schemas::units::{Duration, Percent};

use super::super::definition;
use super::{emitted, findings, with};
use crate::fixture as f;

fn everything() -> Value {
    let plan = f::everything();
    assert_eq!(findings(&plan), []);
    definition(&plan, plan.workflow("everything").expect("the workflow"))["States"].clone()
}

/// The states of a workflow with these stages, whose output reads all of them.
fn states(stages: Vec<Stage>) -> Value {
    let mut plan = f::everything();
    let workflow = plan.workflows.iter_mut().find(|w| w.name == "everything").expect("the workflow");
    let names: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    workflow.output = Some(f::list(names.iter().map(|name| f::stage_ref(name)).collect()));
    workflow.body = stages.into_iter().map(f::step).collect();
    let workflow = workflow.clone();
    definition(&plan, &workflow)["States"].clone()
}

#[test]
fn an_error_goes_on_or_to_the_stage_that_handles_it() {
    let states = everything();
    let branch = &states["parallel 1"]["Branches"][0]["States"];
    let enrich = &branch["enrich"];
    let cause = "{% $type($states.errorOutput.Cause) = 'string' ? $states.errorOutput.Cause : '' %}";
    let error = json!({ "name": "{% $states.errorOutput.Error %}", "cause": cause });
    assert_eq!(
        enrich["Catch"],
        json!([{ "ErrorEquals": ["States.ALL"], "Assign": { "enrich_in_1": null, "enrich_error": error }, "Next": "when tell" }])
    );
    // What came back has not the declared type: the same way, by a rule.
    let check = &branch["check result of enrich"];
    assert_eq!(enrich["Next"], "check result of enrich");
    assert_eq!(check["Choices"][0]["Next"], "when tell");
    assert_eq!(check["Choices"][0]["Assign"]["enrich_error"]["name"], "WrongType");
    // On the other way the handler did not run.
    assert_eq!(check["Assign"], json!({ "enrich_in_1": "{% $states.input %}", "tell_in_1": null }));
    assert_eq!(check["Default"], "pause");
    assert_eq!(branch["when tell"]["Default"], "pause");
    assert_eq!(branch["tell"]["Next"], "pause");
    assert!(branch["tell"]["Arguments"]["Message"].to_string().contains("$enrich_error.name"));

    let rates = &states["parallel 1"]["Branches"][1]["States"]["rates"];
    assert_eq!(rates["Catch"], json!([{ "ErrorEquals": ["States.ALL"], "Next": "worth" }]), "nobody reads it");
    assert_eq!(rates["Arguments"].get("RequestBody"), None);
}

#[test]
fn handlers_have_handlers() {
    let last = f::stage("omega", Verb::Fail { error: "Lost".into(), cause: f::template(vec![f::error("name")]) });
    let second = Stage { on_error: Some(OnError::Handle(Box::new(last))), ..f::reading("beta") };
    let first = Stage { on_error: Some(OnError::Handle(Box::new(second))), ..f::reading("alpha") };
    let mut plan = with(|w| {
        w.body = vec![f::step(first), f::step(f::reading("after"))];
        w.output = Some(f::list(vec![f::stage_ref("alpha"), f::stage_ref("beta")]));
    });
    let states = emitted(&plan)["States"].clone();
    assert_eq!(states["alpha"]["Catch"][0]["Next"], "beta");
    assert_eq!(states["alpha"]["Catch"][0]["Assign"], json!({ "alpha": null }), "nobody reads its error");
    assert_eq!(states["beta"]["Catch"][0]["Next"], "omega");
    assert_eq!(states["omega"], json!({ "Type": "Fail", "Error": "Lost", "Cause": "{% $beta_error.name %}" }));
    assert_eq!((&states["alpha"]["Next"], &states["beta"]["Next"]), (&json!("after"), &json!("after")));
    plan.workflows[0].body.truncate(1);
    assert_eq!(emitted(&plan)["States"]["alpha"]["Next"], "return output");
}

#[test]
fn what_cannot_catch_stands_in_a_parallel() {
    let states = everything();
    let total = &states["parallel 1"]["Branches"][1]["States"]["worth"];
    assert_eq!(total["Type"], "Parallel");
    let inner = &total["Branches"][0]["States"]["worth itself"];
    assert_eq!((&inner["Type"], &inner["End"]), (&json!("Pass"), &json!(true)));
    assert!(inner["Output"]["value"].as_str().is_some());
    assert_eq!(total["Assign"], json!({ "worth_in_1": "{% $states.result[0] %}" }));
    assert_eq!(total["Catch"][0]["Assign"], json!({ "worth_in_1": null }));
}

#[test]
fn waits() {
    let wait = |pause| states(vec![f::stage("w", Verb::Wait(pause))])["w"].clone();
    let seconds = |pause| wait(pause)["Seconds"].clone();
    assert_eq!(wait(Pause::For(Duration(60_000)))["Type"], "Wait");
    assert_eq!(seconds(Pause::For(Duration(60_000))), 60);
    assert_eq!(seconds(Pause::Seconds(f::number(30.0))), 30);
    assert!(seconds(Pause::Seconds(f::input("application_id"))).as_str().is_some_and(|s| s.contains("$ceil(")));
}

#[test]
fn nothing_comes_after_an_unconditional_failure() {
    let fail = f::stage("stop", Verb::Fail { error: "Stopped".into(), cause: f::text("enough") });
    let states = states(vec![fail, f::reading("never")]);
    let names: Vec<&String> = states.as_object().expect("states").keys().collect();
    assert_eq!(names, ["check input", "refuse input", "validate input", "stop"]);
}

#[test]
fn inputs_are_validated_after_their_types_and_defaults() {
    let states = everything();
    assert_eq!(states["check input"]["Default"], "validate input");
    let rule = &states["validate input"]["Choices"][0];
    assert!(rule["Condition"].as_str().is_some_and(|c| c.contains("$not(") && c.contains("$input.application_id")));
    assert_eq!(rule["Assign"], json!({ "problem": "an application must be named" }));
    assert_eq!((&rule["Next"], &states["refuse input"]["Error"]), (&json!("refuse input"), &json!("InvalidInput")));
    assert_eq!(states["validate input"]["Default"], "find cluster");
}

#[test]
fn optional_fields_of_an_input_are_filled_in() {
    let note = ("note".to_owned(), Type::Optional(Box::new(Type::String)));
    let states = emitted(&with(|w| {
        w.inputs[0].ty = Type::List(Box::new(Type::Object(vec![("id".into(), Type::String), note])), None);
        w.inputs[0].default = Some(json!([{ "id": "a" }]));
        (w.body, w.output) = (Vec::new(), None);
    }))["States"]
        .clone();
    let kept = states["check input"]["Assign"]["input"]["application_id"].as_str().expect("an expression");
    assert!(kept.contains("$exists($x0.note) ? $x0.note : null"), "{kept}");
    assert!(kept.ends_with(" : [{'id': 'a', 'note': null}] %}"), "{kept}");
}

#[test]
fn elements_of_a_list_are_handled_in_the_execution_itself() {
    let many = everything()["many"].clone();
    assert_eq!(many["ItemProcessor"]["ProcessorConfig"], json!({ "Mode": "INLINE" }));
    assert_eq!(many["MaxConcurrency"], 5);
    let item = &many["ItemProcessor"]["States"]["many item"];
    assert!(item["Arguments"]["Key"].to_string().contains("$states.input"), "{item}");
    assert_eq!((&item["End"], item.get("Assign")), (&json!(true), None));
    assert_eq!(many["Assign"], json!({ "many": "{% $states.result %}" }));
    assert!(item["TimeoutSeconds"].is_u64() && many.get("TimeoutSeconds").is_none());
}

#[test]
fn executions_of_their_own_get_what_they_read() {
    let states = everything();
    let sweep = &states["sweep"];
    assert_eq!(sweep["ItemReader"]["Resource"], "arn:aws:states:::s3:listObjectsV2");
    assert_eq!(sweep["ToleratedFailurePercentage"], "{% 5 %}");
    let value = "$states.context.Map.Item.Value";
    assert_eq!(
        sweep["ItemSelector"],
        json!({
            "item": {
                "key": format!("{{% {value}.Key %}}"),
                "size": format!("{{% {value}.Size %}}"),
                "etag": format!("{{% {value}.Etag %}}"),
            },
            "many": "{% $many %}",
        })
    );
    let body = sweep["ItemProcessor"]["States"]["sweep item"]["Arguments"]["Body"].to_string();
    assert!(body.contains("$states.input.item.size") && body.contains("$states.input.many"), "{body}");
    assert!(!body.contains("$many"), "no variable is seen there");
    // Nobody reads the outputs, so none are gathered.
    assert_eq!(sweep["ItemProcessor"]["States"]["sweep item"]["Output"], json!({}));

    let train = &states["train"];
    assert_eq!(train["ItemReader"]["ReaderConfig"], json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" }));
    assert_eq!(
        train["ItemBatcher"],
        json!({ "MaxItemsPerBatch": 100, "BatchInput": { "cluster": "{% $cluster %}", "input": "{% $input %}" } })
    );
    assert_eq!(
        train["ResultWriter"],
        json!({ "Resource": "arn:aws:states:::s3:putObject", "Arguments": { "Bucket": "my-bucket", "Prefix": "results" } })
    );
    let arguments = &train["ItemProcessor"]["States"]["train item"]["Arguments"];
    assert_eq!(arguments["Endpoint"], "{% $states.input.BatchInput.cluster.endpoint %}");
    assert!(
        arguments["Job"]["spec"]["template"]["spec"]["containers"][0]["args"]
            .to_string()
            .contains("$states.input.Items")
    );
}

#[test]
fn many_numbers_are_not_written_out() {
    let numbers = |numbers: Vec<f64>| {
        let list = windlass_schemas::value::Value::new(
            windlass_schemas::value::ValueKind::List(
                numbers
                    .into_iter()
                    .map(|n| match f::number(n).kind {
                        ExprKind::Literal(value) => value,
                        _ => unreachable!("a literal"),
                    })
                    .collect(),
            ),
            f::at(1),
        );
        let over = Elements::List(f::expr(ExprKind::Literal(list)));
        let each = Some(Each { distributed: true, ..f::each(over) });
        states(vec![Stage { each, ..f::stage("n", Verb::Value(f::item())) }])["n"]["Items"].clone()
    };
    assert_eq!(numbers((0..10_000).map(f64::from).collect()), "{% [0..9999] %}");
    assert_eq!(
        numbers((0..100).map(|n| f64::from(10 - 2 * n)).collect()),
        "{% $map([0..99], function($at) { 10 + $at * -2 }) %}"
    );
    assert_eq!(numbers(vec![1.0, 2.0, 4.0]), json!([1, 2, 4]));
    assert_eq!(numbers(vec![5.0; 9]), json!([5, 5, 5, 5, 5, 5, 5, 5, 5]));
}

#[test]
fn a_person_gets_the_commands_that_answer() {
    let ask = everything()["ask"].clone();
    assert_eq!(ask["Resource"], "arn:aws:states:::sns:publish.waitForTaskToken");
    assert_eq!(ask["TimeoutSeconds"], 86_400);
    let message = ask["Arguments"]["Message"].as_str().expect("a message");
    for part in
        ["send-task-success --region us-east-1", "send-task-failure", "\"approved\": true", "\"approved\": false"]
    {
        assert!(message.replace("\\\"", "\"").contains(part), "{message}");
    }
    assert_eq!(message.matches("$states.context.Task.Token").count(), 3);
    assert_eq!(ask["Next"], "check result of ask", "an answer that is none fails the stage");
    assert_eq!(everything()["refuse result of ask"]["Error"], "WrongType");
}

#[test]
fn other_workflows_are_started_by_their_alias() {
    let states = everything();
    let alias = |name: &str| format!("arn:aws:states:us-east-1:123456789012:stateMachine:fraud-risk-prod-{name}:live");
    assert_eq!(states["nested"]["Resource"], "arn:aws:states:::states:startExecution.sync:2");
    assert_eq!(states["nested"]["Arguments"]["StateMachineArn"], alias("assess"));
    assert_eq!(states["nested"]["Next"], "fast", "what it returns is known");
    let fast = &states["fast"];
    assert_eq!(fast["Resource"], "arn:aws:states:::aws-sdk:sfn:startSyncExecution");
    assert_eq!(fast["Arguments"]["StateMachineArn"], alias("quick"));
    assert!(fast["Arguments"]["Input"].is_string(), "its API takes a text");
    let check = &states["check result of fast"];
    assert_eq!(check["Choices"][0]["Condition"], "{% $states.input.status != 'SUCCEEDED' %}");
    assert_eq!(
        check["Assign"]["fast"],
        json!({ "execution": "{% $states.input.execution %}", "output": "{% $states.input.output %}" })
    );
    assert_eq!(states["refuse result of fast"]["Error"], "States.TaskFailed");
}

#[test]
fn declared_types_are_looked_at() {
    let stage = |ty: Type| Stage { outputs: Type::Object(vec![("body".into(), ty)]), ..f::reading("r") };
    let any = states(vec![stage(Type::Any)]);
    assert_eq!(any["r"]["Next"], "return output");
    let list = states(vec![stage(Type::List(Box::new(Type::Number), None))]);
    let rule = &list["check result of r"]["Choices"][0];
    assert!(rule["Condition"].as_str().is_some_and(|c| c.contains("$type($states.input.body) = 'array'")), "{rule}");
    assert_eq!(list["refuse result of r"]["Cause"], "`body` of stage `r` is not of type list(number)");
    // What may be missing is null from then on: expressions look for no field that is declared.
    let note = Type::Object(vec![("note".into(), Type::Optional(Box::new(Type::String)))]);
    let noted = states(vec![stage(note.clone())]);
    let merged = |at: &str| format!("$merge([{at}, {{'note': $exists({at}.note) ? {at}.note : null}}])");
    assert_eq!(
        noted["check result of r"]["Assign"]["r"],
        json!({ "body": format!("{{% {} %}}", merged("$states.input.body")) })
    );
    let listed = states(vec![stage(Type::List(Box::new(note), None))]);
    let each =
        format!("$reduce($states.input.body, function($all0, $x0) {{ $append($all0, [{}]) }}, [])", merged("$x0"));
    assert_eq!(listed["check result of r"]["Assign"]["r"], json!({ "body": format!("{{% {each} %}}") }));
    // For each element as well, and then the flow ends.
    let each = Some(f::each(Elements::List(f::list(vec![f::text("a")]))));
    let mapped = states(vec![Stage { each, ..stage(Type::Bool) }]);
    let inner = &mapped["r"]["ItemProcessor"]["States"];
    assert_eq!((&inner["check result of r"]["Default"], &inner["end of r"]["End"]), (&json!("end of r"), &json!(true)));
}

#[test]
fn jobs_are_restricted_and_never_meet() {
    let states = everything();
    assert_eq!(states["find cluster"]["Arguments"], json!({ "Name": "main" }));
    let single = &states["fit"]["Arguments"];
    assert_eq!(single["Namespace"], "risk");
    let job = &single["Job"];
    assert_eq!((&job["spec"]["backoffLimit"], &job["spec"]["activeDeadlineSeconds"]), (&json!(0), &json!(600)));
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"], false);
    let name = job["metadata"]["name"].as_str().expect("a name");
    assert!(name.contains("Execution.Id") && name.contains("/fit/") && name.contains("RetryCount"), "{name}");
    assert_eq!(states["fit"]["Assign"]["fit"]["job"].as_str(), Some(name));
    // Elements in the same execution differ by their index.
    let each = Some(f::each(Elements::List(f::list(vec![f::text("a")]))));
    let run = Verb::Run { job: "train".into(), arguments: None, environment: Vec::new() };
    let mapped = self::states(vec![Stage { each, ..f::stage("j", run) }]);
    let inner = &mapped["j"]["ItemProcessor"]["States"]["j item"]["Arguments"];
    assert!(inner["Job"]["metadata"]["name"].as_str().is_some_and(|n| n.contains("Map.Item.Index")));
}

#[test]
fn what_is_over_a_quota_is_refused() {
    let refused =
        |change: &dyn Fn(&mut Workflow)| findings(&with(change)).into_iter().map(|(_, m)| m).collect::<Vec<_>>();
    let numbers = |n: usize| Elements::List(f::list(vec![f::text("element"); n]));
    let mapped = |each: Each| {
        move |w: &mut Workflow| {
            w.body = vec![f::step(Stage { each: Some(each.clone()), ..f::reading("m") })];
            w.output = None;
        }
    };
    let long = refused(&mapped(f::each(numbers(4000))));
    assert!(long[0].contains("28") && long[0].contains("events"), "{long:?}");
    assert_eq!(refused(&mapped(f::each(numbers(3000)))), Vec::<String>::new());
    assert_eq!(refused(&mapped(Each { distributed: true, ..f::each(numbers(4000)) })), Vec::<String>::new());
    let wide = |n| Some(Spanned::new(n, f::at(27)));
    assert!(refused(&mapped(Each { max_concurrency: wide(41), ..f::each(numbers(3)) }))[0].contains("41 are more"));
    let apart = |n| Each { max_concurrency: wide(n), distributed: true, ..f::each(numbers(3)) };
    assert_eq!(refused(&mapped(apart(10_000))), Vec::<String>::new());
    assert!(refused(&mapped(apart(10_001)))[0].contains("executions at the same time"));
    let express = |verb: Verb| {
        refused(&|w| {
            w.express = true;
            w.timeout = Duration(300_000);
            w.body = vec![f::step(f::stage("s", verb.clone()))];
            w.output = None;
        })
    };
    assert!(
        express(Verb::Approve { channel: "oncall".into(), subject: None, message: f::text("x") })[0]
            .contains("wait for an answer")
    );
    assert_eq!(express(Verb::Read { bucket: "data".into(), key: f::text("k") }), Vec::<String>::new());
    assert!(refused(&|w| w.express = true)[0].contains("longer than an express workflow may take"));
    assert!(
        refused(&|w| w.body.push(f::step(f::stage("w", Verb::Wait(Pause::For(Duration(1500)))))))[0]
            .contains("`1500ms`")
    );
    let subject = f::text(&"x".repeat(101));
    let notify = Verb::Notify { channel: "oncall".into(), subject: Some(subject), message: f::text("m") };
    assert!(refused(&|w| w.body.push(f::step(f::stage("n", notify.clone()))))[0].contains("100 characters"));
    let image = f::tensor(
        "image",
        windlass_schemas::tensor::DataType::Fp32,
        [1, 3, 224, 224].map(windlass_schemas::tensor::Dim::Fixed).into(),
    );
    let infer = Verb::Infer {
        service: "risk".into(),
        inputs: vec![InferInput { tensor: image, value: f::field(f::field(f::stage_ref("load"), "body"), "x") }],
        outputs: Vec::new(),
    };
    assert!(
        refused(&|w| w.body.insert(1, f::step(f::stage("i", infer.clone()))))[0]
            .contains("sends at least 301056 bytes")
    );
    let write = Verb::Write { bucket: "data".into(), key: f::text("k"), body: f::text(&"x".repeat(262_145)) };
    assert!(refused(&|w| w.body.push(f::step(f::stage("b", write.clone()))))[0].contains("`b` holds"));
}

#[test]
fn an_endpoint_has_a_public_name() {
    let found = |url: &str| {
        let mut plan = f::everything();
        let connection = "arn:aws:events:us-east-1:123456789012:connection/rates/1-2".into();
        plan.functions[1].kind = FunctionKind::Http { url: url.into(), connection };
        findings(&plan).into_iter().map(|(_, message)| message).collect::<Vec<_>>()
    };
    assert_eq!(found("https://api.example.com:8443/rates"), Vec::<String>::new());
    for private in [
        "https://rates/",
        "https://rates.risk.svc/x",
        "https://rates.risk.svc.cluster.local",
        "https://a.b.internal:443",
    ] {
        assert!(found(private)[0].contains("is no public name"), "{private}");
    }
}

/// Ten times as many stages take ten times as long, or so; with a square in it, it would be a hundred times.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test looks at the clock")]
fn a_thousand_stages() {
    let chain = |n: usize| {
        let mut stages = vec![f::reading("s0")];
        for at in 1..n {
            let before = f::field(f::stage_ref(&format!("s{}", at - 1)), "body");
            let stage = f::reading(&format!("s{at}"));
            stages.push(Stage { when: Some(f::binary(BinaryOp::NotEqual, before, f::null())), ..stage });
        }
        with(|w| {
            w.body = stages.into_iter().map(f::step).collect();
            w.output = Some(f::stage_ref(&format!("s{}", n - 1)));
        })
    };
    // The shortest of a few: others use the machine, too.
    let took = |n: usize| {
        let plan = chain(n);
        let once = || {
            let from = std::time::Instant::now();
            assert_eq!(findings(&plan), []);
            from.elapsed()
        };
        (0..5).map(|_| once()).min().unwrap()
    };
    let (few, many) = (took(100), took(1000));
    assert!(many < few * 30, "100 stages took {few:?}, 1000 took {many:?}");
}

#[test]
fn a_share_that_may_fail_is_for_executions_of_their_own() {
    let over = || Elements::List(f::list(vec![f::text("a")]));
    let each = |distributed| Some(Each { distributed, tolerate: Percent(1250), ..f::each(over()) });
    let map = |distributed| states(vec![Stage { each: each(distributed), ..f::reading("m") }])["m"].clone();
    assert_eq!(map(true)["ToleratedFailurePercentage"], "{% 12.5 %}");
    assert_eq!(map(false).get("ToleratedFailurePercentage"), None);
    assert_eq!(map(true)["Label"], "m");
}
