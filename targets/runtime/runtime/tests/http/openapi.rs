//! The OpenAPI document of a running service: it is there, and its examples work.

use serde_json::{Value, json};
use windlass_runtime::{Service, names};

use crate::served::{ADD_ONE, CLASSIFIER, LOGARITHM, ONEHOT, TWO_INPUTS, TYPES, fp32, start, start_with};

fn example(document: &Value, model: &str) -> Value {
    let call = &document["paths"][format!("/v2/models/{model}/infer")]["post"];
    call["requestBody"]["content"]["application/json"]["examples"]["row"]["value"].clone()
}

#[test]
fn the_examples_work() {
    let services: [&'static Service; 6] = [&ADD_ONE, &CLASSIFIER, &LOGARITHM, &ONEHOT, &TWO_INPUTS, &TYPES];
    for service in services {
        let server = start(service);
        let answer = server.get("/openapi.json");
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        let document = answer.json();
        assert_eq!(document["openapi"], "3.1.0");
        let example = example(&document, service.model.name);
        let answer = server.infer(&example);
        assert_eq!(answer.status, 200, "{example}: {}", String::from_utf8_lossy(&answer.body));
    }
}

/// Whatever a request may say beside its tensors is told, and refused where the document refuses it.
#[test]
fn every_parameter_of_a_request_is_told() {
    let server = start(&ADD_ONE);
    let document = server.get("/openapi.json").json();
    let request = &document["components"]["schemas"]["InferRequest"]["properties"];
    let parameters = request["parameters"]["properties"].as_object().unwrap();
    assert_eq!(parameters.keys().collect::<Vec<_>>(), ["binary_data_output", "timeout"]);
    let timeout = &parameters["timeout"];
    assert_eq!((&timeout["type"], &timeout["minimum"]), (&json!(["integer", "null"]), &json!(0)));
    assert_eq!(timeout["maximum"], json!(u64::MAX));
    let ask = |timeout: &Value| {
        let mut body = fp32("x", &[1, 3], &[1.0, 2.0, 3.0]);
        body["parameters"] = json!({ "timeout": timeout });
        server.infer(&body).status
    };
    for fits in [json!(null), json!(0), json!(30_000_000), json!(u64::MAX)] {
        assert_eq!(ask(&fits), 200, "{fits}");
    }
    for does_not in [json!(-1), json!(0.5), json!(1e20), json!("1s"), json!(true)] {
        assert_eq!(ask(&does_not), 400, "{does_not}");
    }
}

#[test]
fn the_document_needs_the_key_as_the_metadata_does() {
    let file = std::env::temp_dir().join(format!("windlass-openapi-key-{}", std::process::id()));
    std::fs::write(&file, "k").unwrap();
    let server = start_with(&ADD_ONE, &[(names::API_KEY_FILE, file.to_str().unwrap())]);
    server.wait_until_ready();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(server.get("/openapi.json").status, 401);
    let document = server.client().request("GET", "/openapi.json", &[(names::API_KEY_HEADER, "k")], b"").json();
    assert_eq!(document["components"]["securitySchemes"]["apiKey"]["name"], names::API_KEY_HEADER);
}

/// What another reader takes for an array of fields is no request.
#[test]
fn objects_are_not_written_as_arrays() {
    let server = start(&ADD_ONE);
    for body in [
        r#"[null,null,[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],null]"#,
        r#"{"inputs":[["x",[1,3],"FP32",null,[1,2,3]]]}"#,
        r#"{"parameters":[true],"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}"#,
        r#"{"outputs":[["y",null]],"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}"#,
    ] {
        let answer = server.infer_bytes(&[], body.as_bytes());
        assert_eq!((answer.status, answer.error().contains("expected an object")), (400, true), "{body}");
    }
}

#[test]
fn the_page_needs_no_key_and_allows_nothing_from_elsewhere() {
    let file = std::env::temp_dir().join(format!("windlass-page-key-{}", std::process::id()));
    std::fs::write(&file, "k").unwrap();
    let server = start_with(&ADD_ONE, &[(names::API_KEY_FILE, file.to_str().unwrap())]);
    server.wait_until_ready();
    std::fs::remove_file(&file).unwrap();
    let answer = server.get("/");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.starts_with("<!doctype html>") && !page.contains("add-one"), "a stranger learns no names");
    assert_eq!(server.client().request("POST", "/", &[(names::API_KEY_HEADER, "k")], b"").status, 405);
}
