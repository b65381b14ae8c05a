//! Every error that the README has: its status, its body and the headers that belong to it.

use serde_json::json;
use windlass_runtime::{Service, names};

use crate::client::Answer;
use crate::served::{ADD_ONE, DIVISION, LABORIOUS, LOGARITHM, PAIRWISE, Running, fp32, start, start_with};

fn ready(service: &'static Service, settings: &[(&'static str, &str)]) -> Running {
    let server = start_with(service, settings);
    server.wait_until_ready();
    server
}

/// The whole of an error's answer, but for its message, of which a part is given.
fn check(answer: &Answer, status: u16, part: &str) {
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{text}");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{text}");
    assert!(body["error"].as_str().unwrap().contains(part), "{text}");
    assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()));
    // Headers that stand for one status stand for no other.
    assert_eq!(answer.header("retry-after"), (status == 503).then_some("1"));
    assert_eq!(answer.header("www-authenticate"), (status == 401).then_some("ApiKey"));
    assert_eq!(answer.header("allow").is_some(), status == 405);
    assert_eq!(answer.header("connection"), matches!(status, 408 | 413).then_some("close"));
}

#[test]
fn what_does_not_fit_is_a_400_that_names_the_tensor() {
    let server = start(&ADD_ONE);
    let of = |shape: &[usize], data: &[f32]| server.infer(&fp32("x", shape, data));
    check(&of(&[1, 4], &[0.0; 4]), 400, "input `x`: expected shape [-1, 3], got [1, 4]");
    check(&of(&[3], &[0.0; 3]), 400, "input `x`: expected shape [-1, 3], got [3]");
    check(&of(&[1, 1, 3], &[0.0; 3]), 400, "input `x`: expected shape [-1, 3], got [1, 1, 3]");
    check(&server.infer(&fp32("z", &[1, 3], &[0.0; 3])), 400, "the model has no input `z`; it has `x`");
    check(&server.infer(&json!({ "inputs": [] })), 400, "input `x` is missing");
    let mut wrong = fp32("x", &[1, 3], &[0.0; 3]);
    wrong["inputs"][0]["datatype"] = json!("FP64");
    check(&server.infer(&wrong), 400, "input `x`: expected FP32, got `FP64`");
    for number in
        ["NaN", "Infinity", "-Infinity", "nan", "1e39", "-1e39", "1e999999999", "0x1", "1_000", "+1", "01", ".5"]
    {
        let body = format!(r#"{{"inputs":[{{"name":"x","shape":[1,3],"datatype":"FP32","data":[{number},2,3]}}]}}"#);
        check(&server.infer_bytes(&[], body.as_bytes()), 400, "");
    }
    // A text as long as the body would be no help.
    for long in [json!({ "inputs": "a".repeat(100_000) }), json!({ "id": ["b".repeat(100_000)], "inputs": [] })] {
        let answer = server.infer(&long);
        check(&answer, 400, "the request is not valid: invalid type");
        assert!(answer.body.len() < 600, "an error of {} bytes", answer.body.len());
    }
}

#[test]
fn binary_tensors_that_lie_are_a_400() {
    let server = start(&ADD_ONE);
    let call = |json: &str, length: &str, bytes: usize| {
        let mut body = json.as_bytes().to_vec();
        body.resize(body.len() + bytes, 0);
        server.infer_bytes(&[("Inference-Header-Content-Length", length)], &body)
    };
    let of = |size: &str, rows: &str| {
        format!(
            r#"{{"inputs":[{{"name":"x","shape":[{rows},3],"datatype":"FP32","parameters":{{"binary_data_size":{size}}}}}]}}"#
        )
    };
    let honest = of("24", "2");
    let length = honest.len();
    assert_eq!(call(&honest, &length.to_string(), 24).status, 200);
    for cut in [0, 1, 12, 23] {
        check(&call(&honest, &length.to_string(), cut), 400, &format!("is 24, but {cut} bytes are left"));
    }
    check(&call(&honest, &length.to_string(), 25), 400, "1 bytes of binary data belong to no input");
    check(&call(&honest, &(length - 1).to_string(), 24), 400, "the request is not valid");
    check(&call(&honest, &(length + 1).to_string(), 24), 400, "the request is not valid");
    check(&call(&honest, &(length + 25).to_string(), 24), 400, "but the body has");
    check(&call(&honest, "1e2", 24), 400, "not a length");
    for (size, rows, part) in [
        ("12", "2", "needs 24 bytes, got 12"),
        ("36", "2", "is 36, but 24 bytes are left"),
        ("18446744073709551615", "2", "is 18446744073709551615, but 24 bytes are left"),
        ("18446744073709551616", "2", "not valid"),
        ("-1", "2", "not valid"),
        ("24.0", "2", "not valid"),
        ("\"24\"", "2", "not valid"),
        ("24", "3", "needs 36 bytes, got 24"),
        ("24", "768614336404564651", "needs 9223372036854775812 bytes, got 24"),
        ("24", "3074457345618258603", "needs too many bytes, got 24"),
        ("24", "9223372036854775807", "more elements than memory"),
    ] {
        let json = of(size, rows);
        check(&call(&json, &json.len().to_string(), 24), 400, part);
    }
}

#[test]
fn names_keys_and_methods() {
    let key = std::env::temp_dir().join(format!("windlass-statuses-key-{}", std::process::id()));
    std::fs::write(&key, "k").unwrap();
    let server = ready(&ADD_ONE, &[(names::API_KEY_FILE, key.to_str().unwrap())]);
    std::fs::remove_file(&key).unwrap();
    check(&server.get("/v2"), 401, "the API key in the header x-api-key is missing");
    let call = |method: &str, path: &str| server.client().request(method, path, &[("x-api-key", "k")], b"");
    check(&call("GET", "/nothing"), 404, "there is nothing at `/nothing`");
    check(&call("GET", "/v2/models/other"), 404, "there is no model `other`; this service has `add-one`");
    for path in ["", "/ready", "/infer"] {
        let method = if path == "/infer" { "POST" } else { "GET" };
        let answer = call(method, &format!("/v2/models/add-one/versions/9{path}"));
        check(&answer, 404, "model `add-one` has no version `9`; it has `1`");
    }
    check(&call("DELETE", "/v2"), 405, "DELETE is not allowed here; use GET, HEAD");
    check(&call("POST", "/v2/repository/models/add-one/unload"), 403, "switched off");
    check(&call("POST", "/v2/repository/models/other/unload"), 404, "there is no model `other`");
}

#[test]
fn bodies_that_are_too_long_too_slow_or_unreadable() {
    let server = ready(&ADD_ONE, &[(names::MAX_BODY_BYTES, "1000"), (names::REQUEST_TIMEOUT, "300ms")]);
    check(&server.infer_bytes(&[], &[b' '; 1_001]), 413, "the body is larger than 1000 bytes");
    check(&server.infer_bytes(&[("Content-Encoding", "br")], b"{}"), 415, "`br` is not supported");
    let mut client = server.client();
    client.send(format!("POST {} HTTP/1.1\r\nContent-Length: 9\r\n\r\n{{", server.infer_path()).as_bytes());
    check(&client.receive().unwrap(), 408, "the body did not arrive in time");
    // What cannot be read as HTTP is nobody's request, so it has no id.
    let long = format!("GET /v2 HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(17_000));
    let target = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(17_000));
    let (unreadable, too_long) =
        ("the request cannot be read as HTTP/1.1", "the head of the request is longer than 16384 bytes");
    let after_another = "GET /v2/health/live HTTP/1.1\r\n\r\nnonsense\r\n\r\n";
    for (sent, status, error) in [
        ("nonsense\r\n\r\n", 400, unreadable),
        (after_another, 400, unreadable),
        (long.as_str(), 431, too_long),
        (target.as_str(), 431, too_long),
    ] {
        let mut client = server.client();
        client.send(sent.as_bytes());
        if sent == after_another {
            assert_eq!(client.receive().unwrap().status, 200);
        }
        let answer = client.receive().unwrap();
        assert_eq!((answer.status, answer.error().as_str()), (status, error));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!((answer.header("connection"), answer.header("x-request-id")), (Some("close"), None));
        assert!(client.receive().is_none());
    }
}

#[test]
fn what_the_engine_cannot() {
    let server = start(&LOGARITHM);
    check(&server.infer(&fp32("x", &[1, 1], &[0.0])), 422, "output `y`: element 0 is -inf, which JSON cannot say");
    let server = start(&DIVISION);
    let body = json!({ "inputs": [{ "name": "i", "shape": [1], "datatype": "INT64", "data": [-7] }] });
    check(&server.infer(&body), 500, "panicked");
    // Rows that would take more than any machine has are told from what they say, before anything is computed.
    let server = start(&PAIRWISE);
    let rows = 1_000_000;
    let input = |name: &str| json!({ "name": name, "shape": [rows, 2], "datatype": "FP32", "parameters": { "binary_data_size": rows * 8 } });
    let mut body = json!({ "inputs": [input("a"), input("b")] }).to_string().into_bytes();
    let length = body.len().to_string();
    body.resize(body.len() + 2 * rows * 8, 0);
    check(&server.infer_bytes(&[("Inference-Header-Content-Length", &length)], &body), 413, "bytes of memory");
}

#[test]
fn what_may_be_right_at_another_time() {
    // A store that nobody is at.
    let server = start_with(&ADD_ONE, &[(names::MODEL_STORE, "https://127.0.0.1:1"), (names::MODEL_PATIENCE, "1h")]);
    check(&server.infer(&fp32("x", &[1, 3], &[0.0; 3])), 503, "the model is loading");
    check(&server.get("/v2/health/ready"), 503, "the model is loading");
    check(&server.get("/v2/models/add-one/ready"), 503, "the model is loading");
    check(&server.get("/v2/models/add-one/versions/1/ready"), 503, "the model is loading");
    assert_eq!(server.get("/v2/health/live").status, 200);
    assert_eq!(server.get("/v2/models/add-one").status, 200);

    let server = ready(&ADD_ONE, &[(names::REPOSITORY_API, "on")]);
    let unload = "/v2/repository/models/add-one/unload";
    assert_eq!(server.client().request("POST", unload, &[], b"").status, 200);
    check(&server.infer(&fp32("x", &[1, 3], &[0.0; 3])), 503, "version `1` of model `add-one` is");

    let server = ready(&LABORIOUS, &[(names::REQUEST_TIMEOUT, "10ms"), (names::THREADS, "1")]);
    // On a machine that is busy not even the body may come in time.
    let answers = (0..50).map(|_| server.infer(&fp32("x", &[4, 1], &[1.0; 4])));
    check(&answers.into_iter().find(|answer| answer.status != 408).unwrap(), 504, "the answer was not ready in time");
}
