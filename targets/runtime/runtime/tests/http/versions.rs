//! Several versions side by side: which one answers, how one replaces another, what its shadow sees.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use windlass_runtime::{Golden, Model, Service, Version, names};

use crate::client::Answer;
use crate::served::{ADD_ONE, Running, SLOW, fixture_path, fp32, start, start_with};

const ONE: Version = Version { traffic: 9_000, ..ADD_ONE.model.versions[0] };
const TWO: Version = Version {
    label: "2",
    file: "add-two.onnx",
    sha256: "163ddf1cc87a43d67e9a334ce84b193a85b3f8ef53d363fb4a18dbd945b7ea62",
    traffic: 1_000,
    shadow: false,
    golden: None,
};

/// The first version answers nine requests of ten, the second one the tenth.
pub static SPLIT: Service =
    Service { name: "split", model: Model { name: "add", versions: &[ONE, TWO], shadow_sample: 0, ..ADD_ONE.model } };
/// The first version answers all, the second one sees half.
pub static SHADOWED: Service = Service {
    name: "shadowed",
    model: Model {
        name: "add",
        versions: &[Version { traffic: 10_000, ..ONE }, Version { traffic: 0, shadow: true, ..TWO }],
        shadow_sample: 5_000,
        ..ADD_ONE.model
    },
};

fn folder() -> String {
    fixture_path("").to_str().unwrap().to_owned()
}

pub fn ready(service: &'static Service, extra: &[(&'static str, &str)]) -> Running {
    let folder = folder();
    let server = start_with(service, &[&[(names::MODEL_PATH, folder.as_str())], extra].concat());
    server.wait_until_ready();
    server
}

fn zeros() -> Value {
    fp32("x", &[1, 3], &[0.0; 3])
}

/// The version that answered, which must be the one whose number was added.
fn version_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let answer = answer.json();
    let version = answer["model_version"].as_str().unwrap();
    assert_eq!(answer["outputs"][0]["data"][0].as_f64().unwrap().to_string(), version);
    version.to_owned()
}

fn ask(server: &Running, id: &str) -> String {
    version_of(&server.infer_bytes(&[(names::REQUEST_ID_HEADER, id)], zeros().to_string().as_bytes()))
}

fn post(server: &Running, path: &str, body: &str) -> Answer {
    server.client().request("POST", path, &[], body.as_bytes())
}

fn index(server: &Running, body: &str) -> Value {
    post(server, "/v2/repository/index", body).json()
}

fn states(server: &Running) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let index = index(server, "");
    index.as_array().unwrap().iter().map(|entry| (text(&entry["version"]), text(&entry["state"]))).collect()
}

#[test]
fn requests_are_shared_out_by_weight() {
    let server = ready(&SPLIT, &[]);
    let body = zeros().to_string();
    let mut client = server.client();
    let mut count = |id: Option<&str>| {
        let headers: Vec<(&str, &str)> = id.map(|id| (names::REQUEST_ID_HEADER, id)).into_iter().collect();
        version_of(&client.request("POST", &server.infer_path(), &headers, body.as_bytes())) == "2"
    };
    let tenth = (0..1_000).filter(|_| count(None)).count();
    assert!((60..140).contains(&tenth), "{tenth} of 1000 got the version of 10 %");
    let ids: Vec<String> = (0..200).map(|n| format!("caller-{n}")).collect();
    let first: Vec<bool> = ids.iter().map(|id| count(Some(id))).collect();
    let second: Vec<bool> = ids.iter().map(|id| count(Some(id))).collect();
    assert!(first.contains(&true) && first.contains(&false));
    assert_eq!(first, second, "the same id gets the same version");
    let ok = |version: &str| server.metric(names::REQUESTS_TOTAL, &format!("version=\"{version}\",outcome=\"ok\""));
    assert_eq!(ok("1") + ok("2"), 1_400.0);
    assert_eq!(ok("2"), (tenth + 2 * first.iter().filter(|is_two| **is_two).count()) as f64);
}

#[test]
fn a_version_can_be_named() {
    let server = ready(&SPLIT, &[]);
    for version in ["1", "2"] {
        let path = format!("/v2/models/add/versions/{version}");
        for _ in 0..5 {
            assert_eq!(version_of(&post(&server, &format!("{path}/infer"), &zeros().to_string())), version);
        }
        assert_eq!(server.get(&format!("{path}/ready")).status, 200);
        assert_eq!(server.get(&path).json()["versions"], json!(["1", "2"]));
    }
    for answer in [
        post(&server, "/v2/models/add/versions/3/infer", &zeros().to_string()),
        server.get("/v2/models/add/versions/3"),
        server.get("/v2/models/add/versions/3/ready"),
    ] {
        assert_eq!(
            (answer.status, answer.error()),
            (404, "model `add` has no version `3`; it has `1`, `2`".to_owned())
        );
    }
    let ready = json!({ "name": "add", "version": "1", "state": "READY", "reason": "" });
    for body in ["", "{}", r#"{"ready": true}"#, r#"{"ready": false}"#] {
        assert_eq!(index(&server, body)[0], ready, "{body}");
    }
    for body in ["[", "[1]", r#"{"ready": 1}"#] {
        assert_eq!(post(&server, "/v2/repository/index", body).status, 400, "{body}");
    }
}

#[test]
fn loading_over_the_network_is_off_unless_it_is_on() {
    let server = start(&ADD_ONE);
    for verb in ["load", "unload"] {
        let answer = post(&server, &format!("/v2/repository/models/add-one/{verb}"), "");
        assert_eq!(answer.status, 403);
        assert!(answer.error().contains("WINDLASS_REPOSITORY_API=on"));
        assert_eq!(post(&server, &format!("/v2/repository/models/other/{verb}"), "").status, 404);
        assert_eq!(server.get(&format!("/v2/repository/models/add-one/{verb}")).header("allow"), Some("POST"));
    }
    assert_eq!(server.infer(&zeros()).status, 200);
}

#[test]
fn the_model_is_unloaded_and_loaded() {
    let server = ready(&SPLIT, &[(names::REPOSITORY_API, "on")]);
    assert_eq!(post(&server, "/v2/repository/models/add/load", r#"{"parameters": {"config": "{}"}}"#).status, 400);
    assert_eq!(post(&server, "/v2/repository/models/add/unload", r#"{"parameters": {"when": 1}}"#).status, 400);
    let unload = r#"{"parameters": {"unload_dependents": false}}"#;
    let answer = post(&server, "/v2/repository/models/add/unload", unload);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    for answer in [server.infer(&zeros()), post(&server, "/v2/models/add/versions/2/infer", &zeros().to_string())] {
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
        assert!(answer.error().contains("unloaded"), "{}", answer.error());
    }
    assert_eq!(server.get("/v2/health/ready").status, 503);
    assert_eq!(server.get("/v2/models/add/versions/2/ready").status, 503);
    assert_eq!(server.get("/v2/health/live").status, 200);
    wait_for(|| states(&server)[0].1 == "UNAVAILABLE");
    assert_eq!(index(&server, r#"{"ready": true}"#), json!([]));
    assert_eq!(post(&server, "/v2/repository/models/add/load", "{}").status, 200);
    assert_eq!(server.get("/v2/health/ready").status, 200);
    assert_eq!(version_of(&post(&server, "/v2/models/add/versions/2/infer", &zeros().to_string())), "2");
}

fn wait_for(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A list of versions in a file that is replaced in one step, as a mounted ConfigMap is.
struct List(PathBuf);

impl List {
    fn new(name: &str) -> List {
        List(std::env::temp_dir().join(format!("windlass-{}-{name}.json", std::process::id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn write(&self, text: &str) {
        let fresh = self.0.with_extension("new");
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(fresh, &self.0).unwrap();
    }

    fn only(&self, version: &Version) {
        self.write(&json!({ "versions": [item(version, 100)] }).to_string());
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn item(version: &Version, percent: u32) -> Value {
    let path = fixture_path(version.file);
    json!({ "version": version.label, "source": path.to_str().unwrap(), "sha256": version.sha256, "traffic": percent })
}

#[test]
fn a_swap_fails_no_request() {
    let list = List::new("swap");
    list.only(&ONE);
    let server = ready(&SPLIT, &[(names::MODEL_CONFIG, list.path()), (names::REPOSITORY_API, "on")]);
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let body = zeros().to_string();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = server.client();
                while !stop.load(Relaxed) {
                    version_of(&client.request("POST", &server.infer_path(), &[], body.as_bytes()));
                    answered.fetch_add(1, Relaxed);
                }
            });
        }
        for round in 0..20 {
            let version = if round % 2 == 0 { &TWO } else { &ONE };
            list.only(version);
            let before = answered.load(Relaxed);
            assert_eq!(post(&server, "/v2/repository/models/add/load", "").status, 200);
            // From the moment of the answer on, nobody gets the old one.
            for _ in 0..20 {
                assert_eq!(version_of(&server.infer(&zeros())), version.label);
            }
            wait_for(|| answered.load(Relaxed) > before + 20);
        }
        stop.store(true, Relaxed);
    });
    wait_for(|| states(&server) == [("1".to_owned(), "READY".to_owned())]);
    let loads = server.metric(names::MODEL_LOADS_TOTAL, "outcome=\"ok\"");
    assert_eq!(loads, 21.0);
}

#[test]
fn a_load_that_fails_changes_nothing() {
    let list = List::new("failing");
    list.only(&ONE);
    let server = ready(&SPLIT, &[(names::MODEL_CONFIG, list.path()), (names::REPOSITORY_API, "on")]);
    let cut = std::env::temp_dir().join(format!("windlass-{}-cut.onnx", std::process::id()));
    let whole = std::fs::read(fixture_path("add-two.onnx")).unwrap();
    std::fs::write(&cut, &whole[..50]).unwrap();
    let at = |path: &str| json!({ "version": "2", "source": path, "sha256": TWO.sha256, "traffic": 100 });
    let lists = [
        "{".to_owned(),
        json!({ "versions": [at("/nonexistent")] }).to_string(),
        json!({ "versions": [at(cut.to_str().unwrap())] }).to_string(),
        json!({ "versions": [item(&ONE, 100), item(&TWO, 10)] }).to_string(),
        // A good version together with one of another signature.
        json!({ "versions": [item(&TWO, 90), item(&Version { label: "3", ..SLOW.model.versions[0] }, 10)] })
            .to_string(),
    ];
    let count = lists.len();
    for text in lists {
        list.write(&text);
        let answer = post(&server, "/v2/repository/models/add/load", "");
        assert_eq!(answer.status, 400, "{text}");
        assert!(answer.error().starts_with("failed to load `add`"), "{}", answer.error());
        assert_eq!(ask(&server, "anyone"), "1", "{text}");
        assert_eq!(server.get("/v2/health/ready").status, 200);
    }
    assert_eq!(server.metric(names::MODEL_LOADS_TOTAL, "outcome=\"failed\""), count as f64);
    let all = index(&server, "");
    let failed = all.as_array().unwrap().iter().find(|entry| entry["version"] == "3").unwrap();
    assert_eq!(failed["state"], "UNAVAILABLE");
    assert!(failed["reason"].as_str().unwrap().contains("the model"), "{failed}");
    list.only(&TWO);
    assert_eq!(post(&server, "/v2/repository/models/add/load", "").status, 200);
    assert_eq!(ask(&server, "anyone"), "2");
    wait_for(|| states(&server) == [("2".to_owned(), "READY".to_owned())]);
    std::fs::remove_file(cut).unwrap();
}

/// A list names no pairs; those of the compiled version with the same bytes hold.
#[test]
fn a_version_is_swapped_in_once_its_golden_pairs_hold() {
    use sha2::{Digest, Sha256};
    let folder = std::env::temp_dir().join(format!("windlass-{}-golden-swap", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pairs = |y: &str| format!(r#"[{{"inputs": {{"x": [[1, 2, 3]]}}, "outputs": {{"y": {y}}}}}]"#);
    let server = |name: &str, text: &str, list: &List| {
        std::fs::write(folder.join(name), text).unwrap();
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let golden = Golden { file: leak(name.to_owned()), sha256: leak(format!("{:x}", Sha256::digest(text))) };
        let versions = Box::leak(Box::new([ONE, Version { golden: Some(golden), ..TWO }]));
        let service = Service { name: "golden", model: Model { versions, ..SPLIT.model } };
        list.only(&ONE);
        let settings = [
            (names::MODEL_CONFIG, list.path()),
            (names::MODEL_PATH, folder.to_str().unwrap()),
            (names::REPOSITORY_API, "on"),
        ];
        let server = start_with(Box::leak(Box::new(service)), &settings);
        server.wait_until_ready();
        server
    };
    let list = List::new("golden");
    let wrong = server("wrong.json", &pairs("[[2, 3, 4]]"), &list);
    list.only(&TWO);
    let answer = post(&wrong, "/v2/repository/models/add/load", "");
    assert_eq!(answer.status, 400);
    let why = answer.error();
    assert!(why.contains("golden pair 1: output `y` at [0, 0] is 3, not 2"), "{why}");
    assert_eq!(ask(&wrong, "anyone"), "1");

    let right = server("right.json", &pairs("[[3, 4, 5]]"), &list);
    list.only(&TWO);
    assert_eq!(post(&right, "/v2/repository/models/add/load", "").status, 200);
    assert_eq!(ask(&right, "anyone"), "2");
    std::fs::remove_dir_all(folder).unwrap();
}

/// Requests that the old version has begun are finished by it.
#[test]
fn a_request_keeps_the_version_that_it_began_with() {
    let list = List::new("keeps");
    let version = SLOW.model.versions[0];
    list.only(&version);
    let server = ready(&SLOW, &[(names::MODEL_CONFIG, list.path()), (names::REPOSITORY_API, "on")]);
    let rows = 400;
    let body = fp32("x", &[rows, 512], &vec![0.0; rows * 512]).to_string();
    let mut client = server.client();
    let head = format!("POST {} HTTP/1.1\r\nContent-Length: {}\r\n\r\n", server.infer_path(), body.len());
    client.send(head.as_bytes());
    client.send(&body.as_bytes()[..1_000]);
    std::thread::sleep(Duration::from_millis(50));
    // The same file under another label: the old label goes.
    list.only(&Version { label: "2", ..version });
    assert_eq!(post(&server, "/v2/repository/models/slow/load", "").status, 200);
    let unloading = ("1".to_owned(), "UNLOADING".to_owned());
    assert!(states(&server).contains(&unloading), "{:?}", states(&server));
    let named = post(&server, "/v2/models/slow/versions/1/infer", "{}");
    assert_eq!(named.status, 503);
    assert!(named.error().contains("being unloaded"), "{}", named.error());
    client.send(&body.as_bytes()[1_000..]);
    let answer = client.receive().unwrap();
    assert_eq!((answer.status, &answer.json()["model_version"]), (200, &json!("1")));
    wait_for(|| states(&server) == [("2".to_owned(), "READY".to_owned())]);
}

#[test]
fn the_shadow_sees_its_share_and_answers_nobody() {
    let server = ready(&SHADOWED, &[]);
    wait_for(|| server.get("/v2/models/add/versions/2/ready").status == 200);
    let body = zeros().to_string();
    let mut client = server.client();
    let copies =
        |outcome: &str| server.metric(names::SHADOW_REQUESTS_TOTAL, &format!("version=\"2\",outcome=\"{outcome}\""));
    for _ in 0..200 {
        assert_eq!(version_of(&client.request("POST", &server.infer_path(), &[], body.as_bytes())), "1");
    }
    let all = || copies("ok") + copies("dropped");
    wait_for(|| all() >= 60.0);
    std::thread::sleep(Duration::from_millis(50));
    assert!((60.0..140.0).contains(&all()), "{} of 200", all());
    assert!(copies("ok") > 0.0);
    assert_eq!(copies("failed"), 0.0);
    // It adds one more than the version that answers.
    assert_eq!(server.metric(names::SHADOW_MAX_DIFFERENCE, ""), 1.0);
    assert_eq!(server.metric(names::REQUESTS_TOTAL, "version=\"2\",outcome=\"ok\""), 0.0);
}

#[test]
fn a_shadow_that_does_not_load_is_no_reason_not_to_serve() {
    let list = List::new("shadow");
    let broken = json!({ "version": "2", "source": "/nonexistent", "sha256": TWO.sha256, "shadow": true });
    list.write(&json!({ "versions": [item(&ONE, 100), broken], "shadow_sample": 100 }).to_string());
    let server = ready(&SPLIT, &[(names::MODEL_CONFIG, list.path())]);
    wait_for(|| states(&server)[1].1 == "UNAVAILABLE");
    assert_eq!(ask(&server, "anyone"), "1");
}
