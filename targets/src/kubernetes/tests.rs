//! What the manifests of a plan must hold, read back as a reader does.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::Deserialize as _;
use serde_json::{Value, json};
use windlass_schemas::artifact::{Artifacts, Content};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Expose, Golden, Observe, Plan, PredictionLog, Service, Store, Traces};
use windlass_schemas::tensor::{DataType, Dim};
use windlass_schemas::units::{Bytes, Cpu, Duration, Percent};

use super::Kubernetes;
use super::fixture::{place, plan, stored};
use crate::Target;

fn files(plan: &Plan) -> BTreeMap<String, String> {
    let mut out = Artifacts::default();
    Kubernetes.emit(plan, &mut out);
    out.iter()
        .map(|(path, artifact)| match &artifact.content {
            Content::Text(text) => (path.to_owned(), text.clone()),
            Content::Copy { .. } => panic!("{path} is a copy"),
        })
        .collect()
}

/// The objects of a service by kind; there is one of each.
fn objects(plan: &Plan, service: &str) -> BTreeMap<String, Value> {
    let text = &files(plan)[&format!("kubernetes/{service}.yaml")];
    let objects: Vec<Value> =
        serde_yaml::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap()).collect();
    let by_kind: BTreeMap<String, Value> =
        objects.iter().map(|object| (object["kind"].as_str().unwrap().to_owned(), object.clone())).collect();
    assert_eq!(by_kind.len(), objects.len());
    by_kind
}

fn findings(plan: &Plan) -> Vec<(&'static str, String)> {
    let mut diags = Diagnostics::default();
    Kubernetes.check(plan, &mut diags);
    for finding in diags.clone().into_sorted() {
        assert!(!finding.labels.is_empty() && finding.help.is_some(), "{finding:?}");
    }
    diags.into_sorted().into_iter().map(|d| (d.code.name, d.message)).collect()
}

#[test]
fn a_plan_is_written_alike_every_time_and_all_of_it() {
    let plan = plan();
    assert_eq!(findings(&plan), []);
    let written = files(&plan);
    assert_eq!(written, files(&plan));
    let paths: Vec<&str> = written.keys().map(String::as_str).collect();
    let expected = ["kustomization.yaml", "namespace.yaml", "parcels.yaml", "risk.yaml"];
    assert_eq!(paths, expected.map(|file| format!("kubernetes/{file}")));
    let kinds: Vec<&str> = written["kubernetes/risk.yaml"].lines().filter_map(|l| l.strip_prefix("kind: ")).collect();
    assert_eq!(
        kinds,
        [
            "ServiceAccount",
            "ConfigMap",
            "Deployment",
            "Service",
            "HorizontalPodAutoscaler",
            "PodDisruptionBudget",
            "NetworkPolicy",
            "Ingress",
        ]
    );
    let mut out = Artifacts::default();
    Kubernetes.emit(&plan, &mut out);
    let origins = &out.get("kubernetes/risk.yaml").unwrap().origins;
    assert_eq!(*origins, [0, 1, 2, 3, 4, 5].map(place));
    assert!(files(&Plan { services: Vec::new(), ..plan }).is_empty());
}

/// Paths of the leaves of a JSON value, and of empty or absent ones.
fn leaves(value: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, &format!("{path}.{key}"), found)),
        Value::Array(list) => list.iter().for_each(|value| leaves(value, &format!("{path}[]"), found)),
        leaf => drop(found.insert(path.to_owned(), leaf.clone())),
    }
}

fn observe(service: &mut Service) -> &mut Observe {
    service.observe.as_mut().unwrap()
}

fn store(service: &mut Service) -> &mut Store {
    service.store.as_mut().unwrap()
}

fn prediction_log(service: &mut Service) -> &mut PredictionLog {
    observe(service).prediction_log.as_mut().unwrap()
}

fn traces(service: &mut Service) -> &mut Traces {
    observe(service).traces.as_mut().unwrap()
}

#[test]
fn every_fact_of_a_service_reaches_its_manifest() {
    let alterations: Vec<fn(&mut Service)> = vec![
        |s| s.name = "hazard".to_owned(),
        |s| s.model_mut().name = "hazard".to_owned(),
        |s| s.model_mut().version = "4".to_owned(),
        |s| s.model_mut().file = "models/risk-4.onnx".to_owned(),
        |s| s.model_mut().sha256 = "6f".repeat(32),
        |s| s.model_mut().signature.inputs[0].name = "other".to_owned(),
        |s| s.model_mut().signature.inputs[0].datatype = DataType::Fp64,
        |s| s.model_mut().signature.inputs[0].shape[1] = Dim::Fixed(17),
        |s| s.model_mut().signature.outputs[0].name = "other".to_owned(),
        |s| s.model_mut().signature.outputs[0].datatype = DataType::Fp64,
        |s| s.model_mut().signature.outputs[0].shape[1] = Dim::Fixed(3),
        |s| {
            s.model_mut().golden =
                Some(Golden { file: "golden.json".to_owned(), sha256: "6f".repeat(32), origin: place(0) })
        },
        |s| s.prebuilt = true,
        |s| store(s).address = "https://models.example.com:8443/risk".to_owned(),
        |s| store(s).kept = Bytes(4 << 20),
        |s| s.shadow_sample = Percent(500),
        |s| s.repository = "registry.example.com/other".to_owned(),
        |s| s.pin = Some(":v1".to_owned()),
        |s| s.port = 8081,
        |s| s.resources.cpu = Cpu(1500),
        |s| s.resources.memory = Bytes(1 << 30),
        |s| s.batching.as_mut().unwrap().max_size = 16,
        |s| s.batching.as_mut().unwrap().max_delay = Duration(3),
        |s| s.scaling.min = 2,
        |s| s.scaling.max = 31,
        |s| s.scaling.cpu.value = Percent(7100),
        |s| s.expose = Some(Expose { host: "other.example.com".to_owned(), origin: place(0) }),
        |s| observe(s).access_log = "all".to_owned(),
        |s| observe(s).slow_request = Duration(1_001),
        |s| prediction_log(s).sample = Percent(101),
        |s| prediction_log(s).redact[0] = "probabilities".to_owned(),
        |s| traces(s).endpoint = "http://other.observability:4318".to_owned(),
        |s| traces(s).port = 4319,
        |s| traces(s).sample = Percent(1_001),
        |s| s.timeout = Duration(10_001),
        |s| s.drain_delay = Duration(5_001),
    ];
    let facts = |service: &Service| {
        let mut found = BTreeMap::new();
        leaves(&json!(service), "", &mut found);
        found
    };
    let mut all = facts(&stored().services[1]);
    // Who may read which version is for the stack to say.
    all.retain(|path, _| path != ".store.versions[]");
    let mut altered = BTreeSet::new();
    for alter in alterations {
        let mut plan = stored();
        let before: Vec<String> = files(&plan).into_values().collect();
        alter(&mut plan.services[1]);
        let now = facts(&plan.services[1]);
        let changed: Vec<&String> = all.keys().filter(|path| now.get(*path) != all.get(*path)).collect();
        assert!(!changed.is_empty());
        assert_ne!(files(&plan).into_values().collect::<Vec<_>>(), before, "{changed:?} is dropped");
        altered.extend(changed.into_iter().cloned());
    }
    // A service's facts grow; whoever adds one says here how it shows.
    assert_eq!(altered, all.into_keys().collect());
}

#[test]
fn a_pinned_service_still_rolls_out_another_model() {
    let mut pinned = plan();
    pinned.services[1].pin = Some(format!("@sha256:{}", "a".repeat(64)));
    let before = objects(&pinned, "risk");
    assert!(before["Deployment"]["metadata"]["annotations"].is_null(), "a digest needs no excuse");
    pinned.services[1].model_mut().sha256 = "6f".repeat(32);
    assert_ne!(objects(&pinned, "risk")["Deployment"]["spec"]["template"], before["Deployment"]["spec"]["template"]);
}

#[test]
fn scaling_alters_nothing_but_the_autoscaler() {
    let before = objects(&plan(), "risk");
    let mut scaled = plan();
    scaled.services[1].scaling.max = 40;
    let changed: Vec<String> =
        objects(&scaled, "risk").into_iter().filter(|(kind, object)| before[kind] != *object).map(|(k, _)| k).collect();
    assert_eq!(changed, ["HorizontalPodAutoscaler"]);
}

#[test]
fn what_one_object_says_of_another_is_so() {
    for name in ["parcels", "risk"] {
        let objects = objects(&plan(), name);
        let spec = |kind: &str| &objects[kind]["spec"];
        let template = &spec("Deployment")["template"];
        let pod = &template["spec"];
        let container = &pod["containers"][0];

        let labels = template["metadata"]["labels"].as_object().unwrap();
        let selectors = [
            &spec("Deployment")["selector"]["matchLabels"],
            &spec("Service")["selector"],
            &spec("PodDisruptionBudget")["selector"]["matchLabels"],
            &spec("NetworkPolicy")["podSelector"]["matchLabels"],
            &pod["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
            &pod["topologySpreadConstraints"][1]["labelSelector"]["matchLabels"],
            &pod["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0]["podAffinityTerm"]
                ["labelSelector"]["matchLabels"],
        ];
        for selector in selectors {
            assert_eq!(*selector, json!({ "app.kubernetes.io/name": name }));
            assert_eq!(labels["app.kubernetes.io/name"], name);
        }
        for object in objects.values() {
            assert_eq!(object["metadata"]["namespace"], "risk");
            assert_eq!(object["metadata"]["labels"]["owner"], "risk-platform");
        }

        let port = &container["ports"][0];
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            assert_eq!(container[probe]["httpGet"]["port"], port["name"]);
        }
        assert_ne!(container["readinessProbe"], container["livenessProbe"]);
        assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/v2/health/live");
        assert_eq!(spec("Service")["ports"][0]["targetPort"], port["name"]);
        assert_eq!(spec("Service")["ports"][0]["port"], port["containerPort"]);
        assert_eq!(spec("NetworkPolicy")["ingress"][0]["ports"][0]["port"], port["containerPort"]);
        let settings = &objects["ConfigMap"]["data"];
        assert!(settings["WINDLASS_LISTEN"].as_str().unwrap().ends_with(&format!(":{}", port["containerPort"])));

        assert_eq!(container["envFrom"][0]["configMapRef"]["name"], objects["ConfigMap"]["metadata"]["name"]);
        assert_eq!(pod["serviceAccountName"], objects["ServiceAccount"]["metadata"]["name"]);
        assert_eq!(
            spec("HorizontalPodAutoscaler")["scaleTargetRef"]["name"],
            objects["Deployment"]["metadata"]["name"]
        );
        assert!(spec("Deployment")["replicas"].is_null());
        assert!(
            spec("Deployment")["minReadySeconds"].as_i64() < spec("Deployment")["progressDeadlineSeconds"].as_i64()
        );
        assert_eq!(container["resources"]["limits"], container["resources"]["requests"]);
        assert_eq!(pod["terminationGracePeriodSeconds"], 20);
    }
}

#[test]
fn only_an_exposed_service_is_open_and_it_has_a_key() {
    let inside = objects(&plan(), "parcels");
    assert!(!inside.contains_key("Ingress"));
    assert_eq!(inside["NetworkPolicy"]["spec"]["ingress"][0]["from"], json!([{ "podSelector": {} }]));
    assert!(inside["ConfigMap"]["data"]["WINDLASS_API_KEY_FILE"].is_null());

    let outside = objects(&plan(), "risk");
    assert!(outside["NetworkPolicy"]["spec"]["ingress"][0]["from"].is_null());
    let pod = &outside["Deployment"]["spec"]["template"]["spec"];
    let volume = pod["volumes"].as_array().unwrap().iter().find(|v| v["name"] == "api-key").unwrap();
    assert_eq!(volume["secret"]["secretName"], "risk-api-key");
    let mount =
        pod["containers"][0]["volumeMounts"].as_array().unwrap().iter().find(|m| m["name"] == "api-key").unwrap();
    let file =
        format!("{}/{}", mount["mountPath"].as_str().unwrap(), volume["secret"]["items"][0]["path"].as_str().unwrap());
    assert_eq!(outside["ConfigMap"]["data"]["WINDLASS_API_KEY_FILE"], file);
    let rule = &outside["Ingress"]["spec"]["rules"][0];
    assert_eq!(
        (&rule["host"], &outside["Ingress"]["spec"]["tls"][0]["hosts"][0]),
        (&json!("risk.example.com"), &rule["host"])
    );
    let backend = &rule["http"]["paths"][0]["backend"]["service"];
    assert_eq!(backend["name"], outside["Service"]["metadata"]["name"]);
    assert_eq!(backend["port"]["name"], outside["Service"]["spec"]["ports"][0]["name"]);
}

#[test]
fn the_settings_are_those_of_the_service() {
    let mut plan = plan();
    plan.services[1].resources.cpu = Cpu(1500);
    let expected = json!({
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.observability:4318",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=prod,service.namespace=fraud-risk,service.version=3",
        "OTEL_SERVICE_NAME": "risk",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.1",
        "WINDLASS_ACCESS_LOG": "errors",
        "WINDLASS_API_KEY_FILE": "/etc/windlass/api-key/key",
        "WINDLASS_BATCH_MAX_DELAY": "2ms",
        "WINDLASS_BATCH_MAX_SIZE": "32",
        "WINDLASS_DRAIN_DELAY": "5s",
        "WINDLASS_EMF": "tcp://cloudwatch-agent.amazon-cloudwatch:25888",
        "WINDLASS_ENVIRONMENT": "prod",
        "WINDLASS_LISTEN": "[::]:8080",
        "WINDLASS_LOG": "info",
        "WINDLASS_MAX_BODY_BYTES": "16777216",
        "WINDLASS_MAX_IN_FLIGHT": "128",
        "WINDLASS_MODEL_PATH": "/models/risk-3.onnx",
        "WINDLASS_PREDICTION_LOG_REDACT": "[\"features\"]",
        "WINDLASS_PREDICTION_LOG_SAMPLE": "0.01",
        "WINDLASS_PROJECT": "fraud-risk",
        "WINDLASS_REQUEST_TIMEOUT": "10s",
        "WINDLASS_SLOW_REQUEST": "1s",
        "WINDLASS_THREADS": "2",
    });
    assert_eq!(objects(&plan, "risk")["ConfigMap"]["data"], expected);
    plan.environment = None;
    assert!(objects(&plan, "risk")["ConfigMap"]["data"]["WINDLASS_ENVIRONMENT"].is_null());
}

#[test]
fn other_settings_are_another_config_map() {
    let name = |plan: &Plan| objects(plan, "risk")["ConfigMap"]["metadata"]["name"].as_str().unwrap().to_owned();
    let before = name(&plan());
    assert!(before.starts_with("risk-") && before.len() == "risk-".len() + 10);
    let mut other = plan();
    other.services[1].drain_delay = Duration(7_000);
    assert_ne!(name(&other), before);
    other = plan();
    other.services[1].scaling.min = 1;
    other.project.owner = None;
    assert_eq!(name(&other), before);
}

#[test]
fn the_oldest_minor_decides_what_is_enforced() {
    let mut old = plan();
    old.platform.kubernetes = 33;
    let text = &files(&old)["kubernetes/namespace.yaml"];
    let namespace = Value::deserialize(serde_yaml::Deserializer::from_str(text).next().unwrap()).unwrap();
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce-version"], "v1.33");
    assert_eq!(findings(&old), []);
}

#[test]
fn a_model_that_is_fetched_has_a_way_a_place_and_time() {
    let objects_of = |plan: &Plan| objects(plan, "risk");
    let settings = objects_of(&stored())["ConfigMap"]["data"].clone();
    assert_eq!(settings["WINDLASS_MODEL_STORE"], "s3://my-bucket/models/risk");
    assert_eq!(settings["AWS_REGION"], "us-east-1");
    assert!(settings["WINDLASS_MODEL_PATH"].is_null());

    let pod = objects_of(&stored())["Deployment"]["spec"]["template"]["spec"].clone();
    let volume = pod["volumes"].as_array().unwrap().iter().find(|v| v["name"] == "models").unwrap();
    assert_eq!(volume["emptyDir"]["sizeLimit"], "4Mi");
    let container = &pod["containers"][0];
    let mounts = container["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["name"] == "models").unwrap();
    assert_eq!(mount["mountPath"], settings["WINDLASS_MODEL_CACHE"]);
    assert!(mount["readOnly"].is_null() && container["securityContext"]["readOnlyRootFilesystem"] == true);
    assert_eq!(container["resources"]["limits"]["ephemeral-storage"], "260Mi");

    let egress = |plan: &Plan| objects_of(plan)["NetworkPolicy"]["spec"]["egress"].clone();
    let ports = |rule: &Value| -> Vec<i64> {
        rule["ports"].as_array().unwrap().iter().map(|port| port["port"].as_i64().unwrap()).collect()
    };
    assert_eq!(ports(&egress(&stored())[0]), [53, 53, 25888, 4318, 443]);
    assert_eq!(ports(&egress(&stored())[1]), [80]);
    let agents = json!([{ "ipBlock": { "cidr": "169.254.170.23/32" } }, { "ipBlock": { "cidr": "fd00:ec2::23/128" } }]);
    assert_eq!(egress(&stored())[1]["to"], agents);
    assert!(egress(&plan())[1].is_null(), "nothing is fetched");

    // What is no bucket needs no credentials, and a large model more time.
    let mut web = stored();
    let of_web = store(&mut web.services[1]);
    of_web.address = "https://models.example.com:8443/risk".to_owned();
    of_web.kept = Bytes(8 << 30);
    assert_eq!((ports(&egress(&web)[0]).last(), egress(&web)[1].is_null()), (Some(&8443), true));
    assert!(objects_of(&web)["ConfigMap"]["data"]["AWS_REGION"].is_null());
    let started = |plan: &Plan| {
        let deployment = objects_of(plan)["Deployment"]["spec"].clone();
        let probe = &deployment["template"]["spec"]["containers"][0]["startupProbe"];
        let whole = probe["periodSeconds"].as_i64().unwrap() * probe["failureThreshold"].as_i64().unwrap();
        assert!(whole < deployment["progressDeadlineSeconds"].as_i64().unwrap());
        whole
    };
    assert_eq!((started(&plan()), started(&web)), (300, 300 + 2048));
}

/// A mistake, the code of its finding, and words of the message.
type Case = (fn(&mut Plan), &'static str, &'static str);

#[test]
fn what_kubernetes_cannot_take_is_refused() {
    let cases: Vec<Case> = vec![
        (|p| p.platform.namespace.value = "kube-system".to_owned(), "invalid-value", "`kube-system`"),
        (|p| p.environment = Some("e".repeat(60)), "limit", "characters"),
        (|p| p.services[1].name = "namespace".to_owned(), "invalid-value", "`namespace`"),
        (|p| p.services[1].scaling.cpu.value = Percent(7050), "invalid-value", "`70.5%`"),
        (|p| p.services[0].expose = p.services[1].expose.clone(), "duplicate-name", "`risk.example.com`"),
    ];
    for (alter, code, words) in cases {
        let mut plan = plan();
        alter(&mut plan);
        let found = findings(&plan);
        assert!(found.len() == 1 && found[0].0 == code && found[0].1.contains(words), "{code}, {words}: {found:?}");
    }
}

#[test]
fn batching_is_a_setting_where_the_spec_has_it() {
    let mut plan = plan();
    let data = |plan: &Plan| objects(plan, "risk")["ConfigMap"]["data"].clone();
    assert_eq!(data(&plan)["WINDLASS_BATCH_MAX_SIZE"], "32");
    assert_eq!(data(&plan)["WINDLASS_BATCH_MAX_DELAY"], "2ms");
    plan.services[1].batching = None;
    assert!(data(&plan)["WINDLASS_BATCH_MAX_SIZE"].is_null() && data(&plan)["WINDLASS_BATCH_MAX_DELAY"].is_null());
}

#[test]
fn what_is_observed_reaches_the_settings_and_the_policy() {
    let egress = |plan: &Plan| -> Vec<i64> {
        let policy = &objects(plan, "risk")["NetworkPolicy"];
        let ports = policy["spec"]["egress"][0]["ports"].as_array().unwrap().clone();
        ports.iter().map(|port| port["port"].as_i64().unwrap()).collect()
    };
    let mut plan = plan();
    plan.services[1].observe = None;
    let before = objects(&plan, "risk")["ConfigMap"]["data"].clone();
    assert!(before["WINDLASS_ACCESS_LOG"].is_null() && before["OTEL_EXPORTER_OTLP_ENDPOINT"].is_null());
    assert_eq!(egress(&plan), [53, 53, 25888]);
    let traces = |port| Traces { endpoint: format!("http://collector:{port}"), port, sample: Percent(1_050) };
    plan.services[1].observe = Some(Observe {
        access_log: "all".to_owned(),
        slow_request: Duration(250),
        prediction_log: Some(PredictionLog { sample: Percent(100), redact: vec!["a,b".to_owned(), "c".to_owned()] }),
        traces: Some(traces(4318)),
    });
    let data = objects(&plan, "risk")["ConfigMap"]["data"].clone();
    for (name, value) in [
        ("WINDLASS_ACCESS_LOG", "all"),
        ("WINDLASS_SLOW_REQUEST", "250ms"),
        ("WINDLASS_PREDICTION_LOG_SAMPLE", "0.01"),
        ("WINDLASS_PREDICTION_LOG_REDACT", r#"["a,b","c"]"#),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_SERVICE_NAME", "risk"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.105"),
    ] {
        assert_eq!(data[name], value, "{name}");
    }
    assert!(data["OTEL_RESOURCE_ATTRIBUTES"].as_str().unwrap().ends_with("service.version=3"), "{data:#}");
    assert_eq!(egress(&plan), [53, 53, 25888, 4318]);
    // A port is not named twice.
    observe(&mut plan.services[1]).traces = Some(traces(25888));
    assert_eq!(egress(&plan), [53, 53, 25888]);
}

#[test]
fn jobs_find_what_they_need_and_no_more() {
    let mut plan = crate::fixture::everything();
    let written = files(&plan);
    assert!(written["kubernetes/kustomization.yaml"].contains("- jobs.yaml"));
    let objects = objects(&plan, "jobs");
    assert_eq!(objects.keys().collect::<Vec<_>>(), ["NetworkPolicy", "Role", "RoleBinding", "ServiceAccount"]);
    assert_eq!(
        objects["Role"]["rules"],
        json!([
            { "apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "delete", "get"] },
            { "apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"] },
        ])
    );
    assert_eq!(objects["RoleBinding"]["subjects"][0]["name"], super::jobs_group(&plan).as_str());
    // The pods of the Job that a workflow creates: of this account, and selected by this policy.
    let job = super::job_manifest(&plan, &plan.jobs[0]);
    let pod = &job["spec"]["template"];
    assert_eq!(pod["spec"]["serviceAccountName"], objects["ServiceAccount"]["metadata"]["name"]);
    let selected = objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"].as_object().unwrap();
    assert!(selected.iter().all(|(key, value)| pod["metadata"]["labels"][key] == *value), "{selected:?}");
    assert_eq!(pod["spec"]["containers"][0]["env"], json!([{ "name": "LEVEL", "value": "info" }]));

    plan.jobs[0].name = "j".repeat(43);
    assert!(findings(&plan)[0].1.contains("42 leave room"), "{:?}", findings(&plan));
    plan.jobs[0].name = "train".into();
    plan.services[0].name = "jobs".into();
    assert!(findings(&plan)[0].1.contains("cannot be called `jobs`"));
    // Without a service there is still a namespace for the jobs.
    plan.services.clear();
    assert_eq!(files(&plan).len(), 3);
}
