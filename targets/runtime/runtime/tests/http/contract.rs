//! The Open Inference Protocol as clients use it.

use serde_json::{Value, json};
use windlass_runtime::DataType;

use crate::served::{ADD_ONE, CLASSIFIER, TYPES, fp32, start};

const SIX: [f32; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];

#[test]
fn health_and_metadata() {
    let server = start(&ADD_ONE);
    // Clients look at the status; kserve's looks into the body, too.
    for (path, body) in [
        ("/v2/health/live", json!({ "live": true })),
        ("/v2/health/ready", json!({ "ready": true })),
        ("/v2/models/add-one/ready", json!({ "name": "add-one", "ready": true })),
        ("/v2/models/add-one/versions/1/ready", json!({ "name": "add-one", "ready": true })),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.json()), (200, body), "{path}");
    }
    let about = server.get("/v2").json();
    assert_eq!(about["name"], "add-one");
    assert_eq!(about["extensions"], json!(["binary_tensor_data", "model_repository"]));
    for path in ["/v2/models/add-one", "/v2/models/add-one/versions/1", "/v2/models/add%2Done"] {
        let about = server.get(path).json();
        assert_eq!(about["platform"], "onnx_onnxv1");
        assert_eq!(about["versions"], json!(["1"]));
        assert_eq!(about["inputs"], json!([{ "name": "x", "datatype": "FP32", "shape": [-1, 3] }]));
    }
    let index = server.client().request("POST", "/v2/repository/index", &[], b"").json();
    assert_eq!(index[0]["state"], "READY");
}

#[test]
fn json_in_json_out() {
    let server = start(&ADD_ONE);
    let mut body = fp32("x", &[2, 3], &SIX);
    body["id"] = json!("42");
    let answer = server.infer(&body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let expected = json!({
        "model_name": "add-one", "model_version": "1", "id": "42",
        "outputs": [{ "name": "y", "datatype": "FP32", "shape": [2, 3], "data": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] }],
    });
    assert_eq!(answer.json(), expected);
    body["inputs"][0]["data"] = json!([[0, 1, 2], [3, 4, 5]]);
    assert_eq!(server.infer(&body).json(), expected);
}

/// A body of the binary extension and the length of its JSON part.
fn with_binary(json: &Value, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut body = json.to_string().into_bytes();
    let length = body.len().to_string();
    body.extend_from_slice(bytes);
    (length, body)
}

fn le(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|float| float.to_le_bytes()).collect()
}

#[test]
fn binary_both_ways() {
    let server = start(&ADD_ONE);
    let request = json!({
        "inputs": [{ "name": "x", "shape": [2, 3], "datatype": "FP32", "parameters": { "binary_data_size": 24 } }],
        "parameters": { "binary_data_output": true },
    });
    let (length, body) = with_binary(&request, &le(&SIX));
    let answer = server.infer_bytes(&[("Inference-Header-Content-Length", &length)], &body);
    assert_eq!(answer.status, 200);
    let json_length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    let head: Value = serde_json::from_slice(&answer.body[..json_length]).unwrap();
    assert_eq!(head["outputs"][0]["parameters"]["binary_data_size"], 24);
    assert_eq!(answer.body[json_length..], le(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
}

#[test]
fn an_output_overrides_what_the_request_says_for_all() {
    let server = start(&CLASSIFIER);
    let mut body = fp32("features", &[1, 16], &[0.5; 16]);
    body["parameters"] = json!({ "binary_data_output": true });
    body["outputs"] = json!([{ "name": "probabilities" }, { "name": "label", "parameters": { "binary_data": false } }]);
    let answer = server.infer(&body);
    let json_length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    let head: Value = serde_json::from_slice(&answer.body[..json_length]).unwrap();
    assert_eq!(head["outputs"][0]["name"], "probabilities");
    assert_eq!(head["outputs"][0]["parameters"]["binary_data_size"], 8);
    assert!(head["outputs"][1]["data"].is_array());
    assert_eq!(answer.body.len() - json_length, 8);
}

#[test]
fn a_raw_body_is_the_only_input() {
    let server = start(&ADD_ONE);
    let answer = server.infer_bytes(&[("Inference-Header-Content-Length", "0")], &le(&SIX));
    let json_length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body[json_length..], le(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    let answer = server.infer_bytes(&[("Inference-Header-Content-Length", "0")], &le(&SIX[..4]));
    assert!(answer.error().contains("multiple of 12 bytes"));
    // JSON that happens to have as many bytes as some rows is no tensor.
    let headers = [("Inference-Header-Content-Length", "0"), ("Content-Type", "application/json; charset=utf-8")];
    let answer = server.infer_bytes(&headers, &le(&SIX));
    assert_eq!((answer.status, answer.error().contains("cannot be application/json")), (400, true));
}

#[test]
fn every_type_in_both_encodings() {
    let server = start(&TYPES);
    let data = |datatype: DataType| match datatype {
        DataType::Bool => json!([true, false]),
        DataType::Uint64 => json!([u64::MAX, 0]),
        DataType::Int64 => json!([i64::MIN, i64::MAX]),
        DataType::Fp16 | DataType::Fp32 | DataType::Fp64 => json!([0.5, -2.0]),
        DataType::Bytes => json!(["\u{fc}, \"", ""]),
        _ => json!([1, 100]),
    };
    let inputs: Vec<Value> = DataType::ALL
        .iter()
        .map(|t| json!({ "name": format!("in_{}", t.name()), "shape": [2], "datatype": t.name(), "data": data(*t) }))
        .collect();
    let answer = server.infer(&json!({ "inputs": inputs })).json();
    for (output, datatype) in answer["outputs"].as_array().unwrap().iter().zip(DataType::ALL) {
        let once = data(datatype).as_array().unwrap().clone();
        assert_eq!(output["data"], json!([&once[..], &once[..]].concat()), "{}", datatype.name());
    }
    // What comes out as bytes goes in as bytes and comes out the same.
    let bytes = |t: DataType| -> Vec<u8> {
        match (t, t.size()) {
            (DataType::Bool, _) => vec![1, 1],
            (_, Some(size)) => (0..2 * size).map(|n| n as u8).collect(),
            (_, None) => b"\x02\0\0\0ab\0\0\0\0".to_vec(),
        }
    };
    let inputs: Vec<Value> = DataType::ALL
        .iter()
        .map(|t| json!({ "name": format!("in_{}", t.name()), "shape": [2], "datatype": t.name(), "parameters": { "binary_data_size": bytes(*t).len() } }))
        .collect();
    let all: Vec<u8> = DataType::ALL.iter().flat_map(|t| bytes(*t)).collect();
    let (length, body) = with_binary(&json!({ "inputs": inputs, "parameters": { "binary_data_output": true } }), &all);
    let answer = server.infer_bytes(&[("Inference-Header-Content-Length", &length)], &body);
    let json_length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    let twice: Vec<u8> = DataType::ALL.iter().flat_map(|t| bytes(*t).repeat(2)).collect();
    assert_eq!(answer.body[json_length..], twice);
}

#[test]
fn unknown_things_are_not_found() {
    let server = start(&ADD_ONE);
    for path in ["/v2/", "/v2/nothing", "/v3", "/v2/models/other", "/v2/models/add-one/versions/9", "/v2/models"] {
        let answer = server.get(path);
        if path != "/v2/" {
            assert_eq!(answer.status, 404, "{path}");
            answer.error();
        }
    }
    let body = fp32("x", &[1, 3], &[0.0; 3]).to_string();
    let answer = server.client().request("POST", "/v2/models/other/infer", &[], body.as_bytes());
    assert_eq!((answer.status, answer.error().contains("other")), (404, true));
    let answer = server.client().request("GET", "/v2/models/add-one/infer", &[], b"");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(server.client().request("DELETE", "/v2", &[], b"").status, 405);
}

#[test]
fn a_connection_serves_many_requests() {
    let server = start(&ADD_ONE);
    let mut client = server.client();
    let body = fp32("x", &[1, 3], &[1.0, 2.0, 3.0]).to_string();
    for number in 0..50 {
        let id = format!("trace-{number}");
        let answer = client.request("POST", &server.infer_path(), &[("x-request-id", &id)], body.as_bytes());
        assert_eq!((answer.status, answer.header("x-request-id")), (200, Some(id.as_str())));
        assert_eq!(client.request("POST", &server.infer_path(), &[], b"{").status, 400);
    }
}
