//! The JSON Schema of a spec is fresh, is one, takes what the compiler takes, and sees a misspelt name.

use std::fs;

use jsonschema::Validator;
use serde_json::Value;
use windlass_schemas::declare::{BlockDecl, FromText, FromValue, Presence, Shape};
use windlass_schemas::span::Span;
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::addresses::{ConnectionArn, ErrorName, FunctionUrl, LambdaName};
use windlass_schemas::spec::language::LANGUAGE;
use windlass_schemas::spec::schedule::{Schedule, TimeZone};
use windlass_schemas::spec::texts::{
    AccountId, BucketName, Email, FilePath, HostName, ImageName, KUBERNETES_MINORS, KubernetesVersion, Label, Name,
    PlatformName, ProjectName, Region, ScalingMetric, ServiceName, Urgency, VersionLabel,
};
use windlass_schemas::units::{Bytes, Cpu, Duration, Percent};
use windlass_schemas::value::ValueKind;

use crate::examples::EXAMPLES;
use crate::support::{compile, root, windlass};

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&windlass::schema::schema()).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema), "{:?}", jsonschema::meta::validate(&schema));
    jsonschema::validator_for(&schema).expect("a schema")
}

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples").join(name).join("windlass.hcl")).expect("a spec")
}

fn as_json(spec: &str) -> Value {
    hcl::from_str(spec).expect("HCL")
}

#[test]
fn it_is_fresh() {
    let path = root().join("schemas/windlass.schema.json");
    let fresh = windlass::schema::schema();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &fresh).expect("written");
    }
    assert!(fs::read_to_string(&path).expect("a file") == fresh, "run `BLESS=1 cargo test` and read the difference");
    let printed = windlass(&["schema"]);
    assert!(printed.status.success() && printed.stdout == fresh.as_bytes());
}

#[test]
fn it_takes_every_example() {
    let validator = validator();
    for (name, _) in EXAMPLES {
        let spec = as_json(&example(name));
        let wrong: Vec<String> =
            validator.iter_errors(&spec).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

/// What the compiler takes in `tests/ui`, the schema takes.
#[test]
fn it_takes_every_sound_page() {
    let validator = validator();
    let mut taken = 0;
    for code in windlass_schemas::codes::CODES {
        for spec in crate::pages::fences(code.page, "```hcl") {
            if compile(&[("main.hcl", &spec)], None, &root().join("tests/ui")).found.is_empty() {
                let spec = as_json(&spec);
                assert!(validator.is_valid(&spec), "{}: {:?}", code.name, validator.validate(&spec));
                taken += 1;
            }
        }
    }
    assert!(taken > 15, "{taken} specs");
}

#[test]
fn it_sees_misspelt_names() {
    let validator = validator();
    for (good, bad) in [
        ("owner = ", "ownr = "),
        ("service \"risk\"", "servce \"risk\""),
        ("serve = \"3\"", "serv = \"3\""),
        ("memory = \"512Mi\"", "memory = \"512MB\""),
        ("severity = \"page\"", "severity = \"pager\""),
        ("utilization = \"70%\"", "utilization = 70"),
        ("infer   = service.risk", "message = \"m\""),
        ("attempts = 3", "attempts = 0"),
        ("resources {", "resource {"),
        ("project \"fraud-risk\"", "project \"Fraud-Risk\""),
        ("read = bucket.data", "read = \"data\""),
    ] {
        let spec = example("fraud-risk");
        assert!(spec.contains(good), "{good}");
        assert!(!validator.is_valid(&as_json(&spec.replacen(good, bad, 1))), "`{bad}` is taken");
    }
}

/// Every attribute that must be given is asked for, and every name is known, at each place.
#[test]
fn it_has_every_declaration() {
    fn look(block: &BlockDecl, schema: &Value) {
        let body = &schema["$defs"][block.kind];
        for attribute in block.attributes {
            assert!(body["properties"][attribute.name].is_object(), "{}.{}", block.kind, attribute.name);
            let required = body["required"].as_array().is_some_and(|names| names.iter().any(|n| n == attribute.name));
            assert_eq!(required, attribute.presence == Presence::Required, "{}.{}", block.kind, attribute.name);
        }
        for child in block.blocks {
            assert!(body["properties"][child.block.kind].is_object(), "{}.{}", block.kind, child.block.kind);
            look(child.block, schema);
        }
    }
    let schema: Value = serde_json::from_str(&windlass::schema::schema()).expect("JSON");
    for block in LANGUAGE.iter().chain(BLOCKS) {
        assert!(schema["properties"][block.kind].is_object(), "{}", block.kind);
        look(block, &schema);
    }
    // Two blocks of one type and different attributes would share a definition.
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut open: Vec<&'static BlockDecl> = LANGUAGE.iter().chain(BLOCKS).copied().collect();
    while let Some(block) = open.pop() {
        kinds.push((block.kind, block.attributes.iter().map(|attribute| attribute.name).collect()));
        open.extend(block.blocks.iter().map(|child| child.block));
    }
    kinds.sort_unstable();
    kinds.dedup();
    let names: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).collect();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// A pattern refuses nothing that decoding takes, and most of what it does not.
#[test]
fn patterns_agree_with_decoding() {
    fn judge(shape: Shape, text: &str) -> bool {
        let schema = match shape {
            Shape::Pattern(pattern) | Shape::NumberOr(pattern) => {
                serde_json::json!({ "type": "string", "pattern": pattern })
            }
            Shape::Choice(choices) => serde_json::json!({ "enum": choices }),
            _ => panic!("{shape:?}"),
        };
        jsonschema::validator_for(&schema).expect("a schema").is_valid(&text.into())
    }
    let digest = format!("a/risk@sha256:{}", "0".repeat(64));
    let minors: Vec<String> = KUBERNETES_MINORS.map(|minor| format!("1.{minor}")).collect();
    let (long, host) = ("a".repeat(60), format!("{}.example.com", "a".repeat(63)));
    let words = [
        "risk",
        "a-1",
        "1",
        "",
        "-a",
        "a-",
        "A",
        "a_b",
        "ä",
        "1risk",
        "123456789012",
        "12345678901",
        "us-east-1",
        "us-gov-west-1",
        "us-east",
        "my-bucket",
        "a.b.c",
        "ab",
        "risk.example.com",
        "https://a.b",
        "a@example.com",
        "a@b",
        "models/a.onnx",
        "/a",
        "a//b",
        "a\\b",
        "1.33",
        "1.37",
        "1.32",
        "1.38",
        "page",
        "ticket",
        "aws",
        "cpu",
        "localhost:5000/risk",
        "a/risk:v1",
        "a//b",
        "rate(1 hour)",
        "cron(0 6 * * ? *)",
        "1 hour",
        "at(2027-01-31T06:00:00)",
        "Europe/Berlin",
        "enrich:live",
        "arn:aws:lambda:us-east-1:123456789012:function:enrich",
        "https://api.example.com/enrich",
        "http://api.example.com",
        "arn:aws:events:us-east-1:123456789012:connection/api/0a1b2c3d",
        "States.Timeout",
        "250ms",
        "1.5h",
        "10",
        "10s",
        "512Mi",
        "2Gi",
        "0.5",
        "500m",
        "70%",
        "0.25%",
        "2024-06",
        "3",
        &digest,
        &long,
        &host,
    ];
    let words: Vec<&str> = words.into_iter().chain(minors.iter().map(String::as_str)).collect();
    let (mut same, mut laxer) = (0, 0);
    let mut hold = |name: &str, shape: Shape, decoded: &dyn Fn(&str) -> bool| {
        let mut taken = 0;
        for word in &words {
            match (decoded(word), judge(shape, word)) {
                (true, false) => panic!("{name}: `{word}` is taken by decoding, and refused by the schema"),
                (false, true) => laxer += 1,
                (true, true) => (same, taken) = (same + 1, taken + 1),
                (false, false) => same += 1,
            }
        }
        assert!(taken > 0, "{name} takes none of the words");
    };
    macro_rules! texts {
        ($($name:ident)+) => {$(
            hold(stringify!($name), <$name as FromText>::SHAPE, &|word| $name::from_text(word).is_ok());
        )+};
    }
    texts! { Name Label ProjectName ServiceName VersionLabel PlatformName ScalingMetric AccountId Region BucketName }
    texts! { HostName Email FilePath ImageName KubernetesVersion Urgency Schedule TimeZone }
    texts! { LambdaName FunctionUrl ConnectionArn ErrorName }
    macro_rules! quantities {
        ($($name:ident)+) => {$(
            hold(stringify!($name), <$name as FromValue>::SHAPE, &|word| {
                let value = windlass_schemas::value::Value::new(ValueKind::String(word.to_owned()), Span::default());
                $name::from_value(&value).is_ok()
            });
        )+};
    }
    quantities! { Duration Bytes Cpu Percent }
    assert!(laxer * 20 < same, "{laxer} of {} words are refused by decoding alone", same + laxer);
}
