//! Texts as elements: BYTES in JSON and in bytes.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::served::{Running, WORDS, start};

/// The words that the fixture was made with, and what onnxruntime says of them.
const ROWS: [[&str; 2]; 3] = [["red", "xl"], ["blue", "s"], ["green", "m"]];
const LABELS: [&str; 3] = ["mid", "h\u{f6}ch", "low"];

fn ask(server: &Running, data: &Value, rows: usize) -> Answer {
    server.infer(&json!({ "inputs": [{ "name": "words", "datatype": "BYTES", "shape": [rows, 2], "data": data }] }))
}

/// Each text behind its length.
fn prefixed(texts: &[&str]) -> Vec<u8> {
    let of = |text: &&str| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    texts.iter().flat_map(of).collect()
}

fn in_bytes(server: &Running, bytes: &[u8], rows: usize) -> Answer {
    let head = json!({
        "inputs": [{ "name": "words", "datatype": "BYTES", "shape": [rows, 2], "parameters": { "binary_data_size": bytes.len() } }],
        "outputs": [{ "name": "output_label", "parameters": { "binary_data": true } }],
    });
    let mut body = head.to_string().into_bytes();
    let length = body.len().to_string();
    body.extend_from_slice(bytes);
    server.infer_bytes(&[("Inference-Header-Content-Length", &length)], &body)
}

#[test]
fn texts_go_in_and_come_out() {
    let server = start(&WORDS);
    let about = server.get("/v2/models/words").json();
    assert_eq!(about["inputs"], json!([{ "name": "words", "datatype": "BYTES", "shape": [-1, 2] }]));
    for data in [json!(ROWS), json!(ROWS.concat())] {
        let answer = ask(&server, &data, 3).json();
        assert_eq!(
            (&answer["outputs"][0]["datatype"], &answer["outputs"][0]["data"]),
            (&json!("BYTES"), &json!(LABELS))
        );
    }
    // One row goes another way through the engine than many.
    for (row, label) in ROWS.iter().zip(LABELS) {
        assert_eq!(ask(&server, &json!([row]), 1).json()["outputs"][0]["data"], json!([label]));
    }
    let answer = in_bytes(&server, &prefixed(&ROWS.concat()), 3);
    let length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body[length..], prefixed(&LABELS));
    let document = server.get("/openapi.json").json().to_string();
    assert!(document.contains(r#"{"type":"string"}"#), "{document}");
}

#[test]
fn what_is_no_text_is_refused() {
    let server = start(&WORDS);
    for (data, part) in [
        (json!([["red", 7]]), "element 1 is 7, which is no BYTES"),
        (json!([["red", null]]), "element 1 is null"),
        (json!(["red"]), "needs 2 elements"),
        (json!([["red", ["xl"]]]), "a nested value"),
        (json!("red, xl, of all"), "must be an array"),
    ] {
        let answer = ask(&server, &data, 1);
        assert!(answer.status == 400 && answer.error().contains(part), "{data}: {}", answer.error());
    }
    let whole = prefixed(&["red", "xl"]);
    for (bytes, part) in [
        (&whole[..whole.len() - 1], "element 1 is cut short"),
        (&[&whole[..], &[0]].concat(), "1 bytes are left"),
        (&[&whole[..7], &[1, 0, 0, 0, 0xff]].concat(), "element 1 is not UTF-8"),
        (&[0xff; 8], "is cut short"),
    ] {
        let answer = in_bytes(&server, bytes, 1);
        assert!(answer.status == 400 && answer.error().contains(part), "{}", answer.error());
    }
    // A raw body says nowhere where a text ends.
    let raw = server.infer_bytes(&[("Inference-Header-Content-Length", "0")], &whole);
    assert!(raw.status == 400 && raw.error().contains("a raw body cannot tell where its texts end"), "{}", raw.error());
    assert_eq!(ask(&server, &json!([ROWS[0]]), 1).json()["outputs"][0]["data"], json!([LABELS[0]]));
}
