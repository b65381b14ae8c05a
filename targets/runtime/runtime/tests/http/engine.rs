//! What the engine is asked to do, and how its faults are kept from callers.

use serde_json::{Value, json};
use windlass_runtime::names;

use crate::served::{
    ACROSS_ROWS, CLASSIFIER, CONVOLUTION, DIVISION, EXPORTED, LOGARITHM, ONEHOT, PAIRWISE, SLOW, TWO_INPUTS, fp32,
    start, start_with,
};

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn sample(count: usize) -> Vec<f32> {
    (0..count).map(|n| ((n * 7_919) % 1_000) as f32 / 500.0 - 1.0).collect()
}

/// Each row of a batch must come out as it does alone, in its own place.
fn rows_keep_their_places(service: &'static windlass_runtime::Service, input: &str, dims: &[usize], output: &str) {
    let server = start(service);
    let row: usize = dims.iter().product();
    let outputs = |rows: usize, data: &[f32]| {
        let shape = [&[rows], dims].concat();
        let answer = server.infer(&fp32(input, &shape, data));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let answer = answer.json();
        let found = answer["outputs"].as_array().unwrap().iter().find(|o| o["name"] == output).unwrap().clone();
        assert_eq!(found["shape"][0], rows);
        floats(&found["data"])
    };
    for rows in [2, 3, 7, 1, 32, 5, 2, 33, 7] {
        let data = sample(rows * row);
        let together = outputs(rows, &data);
        let alone: Vec<f64> = data.chunks(row).flat_map(|one| outputs(1, one)).collect();
        assert_eq!(together.len(), alone.len());
        for (a, b) in together.iter().zip(&alone) {
            assert!((a - b).abs() < 1e-5, "{rows} rows: {a} together, {b} alone");
        }
    }
}

#[test]
fn rows_of_a_dense_model() {
    rows_keep_their_places(&CLASSIFIER, "features", &[16], "probabilities");
}

#[test]
fn rows_of_a_convolution() {
    rows_keep_their_places(&CONVOLUTION, "image", &[3, 8, 8], "y");
}

#[test]
fn rows_that_belong_together_stay_together() {
    let server = start(&ACROSS_ROWS);
    let answer = server.infer(&fp32("x", &[2, 2], &[0.0, 0.0, 0.0, 0.0])).json();
    assert_eq!(floats(&answer["outputs"][0]["data"]), [0.5; 4]);
}

#[test]
fn further_free_dimensions() {
    let server = start(&TWO_INPUTS);
    for (rows, length) in [(1, 1), (2, 3), (3, 2), (1, 5), (2, 3)] {
        let a = json!({ "name": "a", "shape": [rows, 2], "datatype": "FP32", "data": vec![1; rows * 2] });
        let b = json!({ "name": "b", "shape": [rows, length], "datatype": "FP32", "data": vec![2; rows * length] });
        let answer = server.infer(&json!({ "inputs": [b, a] })).json();
        assert_eq!(floats(&answer["outputs"][0]["data"]), vec![1.0 + 2.0 * length as f64; rows * 2]);
    }
}

/// Free dimensions that the model gives no name may differ from one another.
#[test]
fn free_dimensions_without_a_name() {
    let server = start(&PAIRWISE);
    for (m, n) in [(1, 1), (2, 2), (3, 5), (1, 4), (4, 1), (3, 3), (7, 2), (5, 5), (40, 40)] {
        let (a, b) = (sample(m * 2), sample(n * 2));
        let input = |name: &str, rows: usize, data: &[f32]| json!({ "name": name, "shape": [rows, 2], "datatype": "FP32", "data": data });
        let answer = server.infer(&json!({ "inputs": [input("a", m, &a), input("b", n, &b)] }));
        assert_eq!(answer.status, 200, "{m} and {n}: {}", String::from_utf8_lossy(&answer.body));
        let output = &answer.json()["outputs"][0];
        assert_eq!(output["shape"], json!([m, n]));
        let product = |i: usize, j: usize| f64::from(a[2 * i] * b[2 * j] + a[2 * i + 1] * b[2 * j + 1]);
        let found = floats(&output["data"]);
        for i in 0..m {
            for j in 0..n {
                let expected = product(i, j) - (0..m).map(|k| product(k, j)).sum::<f64>() / m as f64;
                assert!(
                    (found[i * n + j] - expected).abs() < 1e-5,
                    "{m} and {n}, {i} and {j}: {} is not {expected}",
                    found[i * n + j]
                );
            }
        }
    }
}

#[test]
fn labels_are_integers() {
    let server = start(&CLASSIFIER);
    let answer = server.infer(&fp32("features", &[3, 16], &sample(48))).json();
    assert_eq!(answer["outputs"][0]["datatype"], "INT64");
    for (label, row) in
        answer["outputs"][0]["data"].as_array().unwrap().iter().zip(floats(&answer["outputs"][1]["data"]).chunks(2))
    {
        assert_eq!(label.as_u64().unwrap(), u64::from(row[1] > row[0]));
    }
}

#[test]
fn json_cannot_say_infinity() {
    let server = start(&LOGARITHM);
    let mut body = fp32("x", &[2, 1], &[1.0, 0.0]);
    let answer = server.infer(&body);
    assert_eq!(answer.status, 422);
    assert!(answer.error().contains("output `y`: element 1 is -inf, which JSON cannot say"));
    body["parameters"] = json!({ "binary_data_output": true });
    let answer = server.infer(&body);
    assert_eq!(answer.status, 200);
    assert!(answer.body.ends_with(&f32::NEG_INFINITY.to_le_bytes()));
}

#[test]
fn a_panic_in_the_engine_costs_one_request() {
    let server = start(&DIVISION);
    let call = |index: i64| {
        server.infer(&json!({ "inputs": [{ "name": "i", "shape": [1], "datatype": "INT64", "data": [index] }] }))
    };
    for _ in 0..20 {
        let answer = call(-7);
        assert_eq!((answer.status, answer.error().contains("panicked")), (500, true));
        assert_eq!(floats(&call(0).json()["outputs"][0]["data"]), [2.0]);
    }
    assert_eq!(server.metric("windlass_inference_requests_total", "outcome=\"server_error\""), 20.0);
}

#[test]
fn an_index_out_of_range_is_no_category() {
    let server = start(&ONEHOT);
    let body = json!({ "inputs": [{ "name": "i", "shape": [4], "datatype": "INT64", "data": [7, 2, -1, i64::MIN] }] });
    let answer = server.infer(&body);
    assert_eq!(answer.status, 200);
    let hot = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    assert_eq!(floats(&answer.json()["outputs"][0]["data"]), hot);
}

#[test]
fn a_default_export_of_scikit_learn_is_served() {
    let server = start(&EXPORTED);
    // A row of each class of iris, and what onnxruntime says of them.
    let rows = [5.1, 3.5, 1.4, 0.2, 7.0, 3.2, 4.7, 1.4, 6.3, 3.3, 6.0, 2.5];
    let answer = server.infer(&fp32("X", &[3, 4], &rows));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let answer = answer.json();
    assert_eq!(answer["outputs"][0]["data"], json!([0, 1, 2]));
    assert_eq!(answer["outputs"][1]["shape"], json!([3, 3]));
    let likely = floats(&answer["outputs"][1]["data"]);
    for (row, label) in likely.chunks(3).zip(0..) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-5 && row[label] > 0.7, "{row:?}");
    }
}

#[test]
fn a_long_run_times_out_and_holds_up_nobody() {
    let server = start_with(&SLOW, &[(names::REQUEST_TIMEOUT, "20ms"), (names::THREADS, "1")]);
    server.wait_until_ready();
    let rows = 3_000;
    let mut binary = json!({ "inputs": [{ "name": "x", "shape": [rows, 512], "datatype": "FP32",
        "parameters": { "binary_data_size": rows * 2_048 } }] })
    .to_string()
    .into_bytes();
    let length = binary.len().to_string();
    binary.resize(binary.len() + rows * 2_048, 0);
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: t\r\nInference-Header-Content-Length: {length}\r\nContent-Length: {}\r\n\r\n",
        server.infer_path(),
        binary.len()
    );
    // On a machine that is busy not even the body may be taken in time.
    for attempt in 0.. {
        let mut busy = server.client();
        busy.send(head.as_bytes());
        busy.send(&binary);
        let begun = std::time::Instant::now();
        assert_eq!(server.get("/v2/health/live").status, 200);
        assert!(begun.elapsed().as_millis() < 140, "a probe waited {:?}", begun.elapsed());
        let status = busy.receive().unwrap().status;
        if status != 408 || attempt == 50 {
            assert_eq!(status, 504);
            break;
        }
    }
}
