//! Bodies and connections that mean harm, or look like it. Each gets its 4xx with a reason, and the server lives on.

use std::time::{Duration, Instant};

use serde_json::json;
use windlass_runtime::names;

use crate::served::{ADD_ONE, Running, TWO_INPUTS, fp32, start, start_with};

/// The body, extra headers, the statuses that are right, and a part of the message where there must be one.
type Case<'a> = (&'a str, Vec<u8>, Vec<(&'a str, &'a str)>, &'a [u16], &'a str);

fn body(shape: &str, datatype: &str, data: &str) -> Vec<u8> {
    format!(r#"{{"inputs":[{{"name":"x","shape":{shape},"datatype":"{datatype}","data":{data}}}]}}"#).into_bytes()
}

fn check(server: &Running, (name, body, headers, statuses, message): &Case) {
    let answer = server.infer_bytes(headers, body);
    assert!(statuses.contains(&answer.status), "{name}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    if answer.status != 200 {
        let error = answer.error();
        assert!(error.contains(message), "{name}: {error}");
        assert!(error.len() < 600, "{name}: an error of {} bytes", error.len());
    }
    assert_eq!(server.get("/v2/health/live").status, 200, "{name}: dead");
    assert_eq!(server.infer(&fp32("x", &[1, 3], &[1.0, 2.0, 3.0])).status, 200, "{name}: no longer serving");
}

#[test]
fn bodies() {
    let server = start(&ADD_ONE);
    let good = body("[1,3]", "FP32", "[1,2,3]");
    let good_text = String::from_utf8(good.clone()).unwrap();
    let nested = |depth: usize| body("[1,3]", "FP32", &format!("{}1{}", "[".repeat(depth), "]".repeat(depth)));
    let input = r#"{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}"#;
    let length = "Inference-Header-Content-Length";
    let two_million = format!("[{}1]", "1,".repeat(1_999_999));
    let cases: Vec<Case> = vec![
        ("ok", good.clone(), vec![], &[200], ""),
        ("empty", vec![], vec![], &[400], "empty"),
        ("open brace", b"{".to_vec(), vec![], &[400], "not valid"),
        ("no inputs", b"{}".to_vec(), vec![], &[400], "`inputs` is missing"),
        ("null inputs", br#"{"inputs":null}"#.to_vec(), vec![], &[400], "`inputs` is missing"),
        ("too few elements", body("[1,3]", "FP32", "[1,2]"), vec![], &[400], "input `x`: the shape [1, 3] needs 3"),
        ("too many elements", body("[1,3]", "FP32", "[1,2,3,4]"), vec![], &[400], "data has more"),
        (
            "negative dimension",
            body("[-1,3]", "FP32", "[1,2,3]"),
            vec![],
            &[400],
            "expected shape [-1, 3], got [-1, 3]",
        ),
        ("zero dimension", body("[0,3]", "FP32", "[]"), vec![], &[400], "got [0, 3]"),
        ("overflow to 16", body("[16,1152921504606846978]", "FP32", "[1]"), vec![], &[400], "expected shape"),
        ("overflow to 4", body("[4,1152921504606846978]", "FP32", "[1,2,3,4]"), vec![], &[400], "expected shape"),
        ("2^40 rows", body("[1099511627776,3]", "FP32", "[1,2,3]"), vec![], &[400], "needs 3298534883328 elements"),
        ("2^63 rows", body("[9223372036854775807,3]", "FP32", "[1,2,3]"), vec![], &[400], "more elements than"),
        ("float dimension", body("[1.5,3]", "FP32", "[1,2,3]"), vec![], &[400], "not an array of integers"),
        ("huge dimension", body("[1e30,3]", "FP32", "[1,2,3]"), vec![], &[400], "not an array of integers"),
        ("string data", body("[1,3]", "FP32", r#""abc""#), vec![], &[400], "must be an array"),
        ("strings as elements", body("[1,3]", "FP32", r#"["1","2","3"]"#), vec![], &[400], "a string"),
        ("NaN", body("[1,3]", "FP32", "[NaN,2,3]"), vec![], &[400], "not valid"),
        ("1e400", body("[1,3]", "FP32", "[1e400,2,3]"), vec![], &[400], "element 0 is 1e400, which is no FP32"),
        ("nested 90 deep", nested(90), vec![], &[400], "nested 90 deep"),
        ("nested 5000 deep", nested(5_000), vec![], &[400], "nested 5000 deep"),
        ("nested a million deep", nested(1_000_000), vec![], &[400], "deep"),
        ("ragged", body("[2,3]", "FP32", "[[1,2,3],[4,5]]"), vec![], &[400], "ragged"),
        ("input twice", format!(r#"{{"inputs":[{input},{input}]}}"#).into_bytes(), vec![], &[400], "given twice"),
        (
            "output twice",
            good_text.replace("]}]}", r#"]}],"outputs":[{"name":"y"},{"name":"y"}]}"#).into_bytes(),
            vec![],
            &[400],
            "output `y` is asked for twice",
        ),
        ("wrong type", body("[1,3]", "INT64", "[1,2,3]"), vec![], &[400], "input `x`: expected FP32, got `INT64`"),
        ("unknown type", body("[1,3]", "FP128", "[1,2,3]"), vec![], &[400], "expected FP32, got `FP128`"),
        ("strings for floats", body("[1,3]", "BYTES", r#"["a","b","c"]"#), vec![], &[400], "got `BYTES`"),
        (
            "unknown input",
            good_text.replace("\"x\"", "\"zz\"").into_bytes(),
            vec![],
            &[400],
            "no input `zz`; it has `x`",
        ),
        (
            "unknown output",
            good_text.replace("]}]}", r#"]}],"outputs":[{"name":"zz"}]}"#).into_bytes(),
            vec![],
            &[400],
            "no output `zz`",
        ),
        ("JSON length enormous", good.clone(), vec![(length, "99999999999")], &[400], "but the body has"),
        ("JSON length past the end", good.clone(), vec![(length, "1000")], &[400], "is 1000, but the body has"),
        ("JSON length negative", good.clone(), vec![(length, "-1")], &[400], "not a length"),
        ("JSON length beyond numbers", good.clone(), vec![(length, "99999999999999999999999")], &[400], "not a length"),
        ("JSON length zero", good.clone(), vec![(length, "0")], &[200, 400], "multiple of 12"),
        ("false gzip", good.clone(), vec![("Content-Encoding", "gzip")], &[400], "not valid gzip"),
        ("unknown encoding", good.clone(), vec![("Content-Encoding", "br")], &[415], "`br` is not supported"),
        ("two million floats", body("[1,3]", "FP32", &two_million), vec![], &[400, 413], "data has more"),
        (
            "a long id",
            format!(r#"{{"id":"{}",{}"#, "a".repeat(100_000), &good_text[1..]).into_bytes(),
            vec![],
            &[200, 400],
            "",
        ),
        ("a numeric id", format!(r#"{{"id":7,{}"#, &good_text[1..]).into_bytes(), vec![], &[400], "not valid"),
        ("inputs is an object", br#"{"inputs":{"x":1}}"#.to_vec(), vec![], &[400], "array of tensors"),
        (
            "a million empty inputs",
            format!(r#"{{"inputs":[{}{{}}]}}"#, "{},".repeat(1_000_000)).into_bytes(),
            vec![],
            &[400],
            "more than 4096 tensors",
        ),
        (
            "keys twice",
            good_text.replace("\"shape\"", "\"shape\":[1,3],\"shape\"").into_bytes(),
            vec![],
            &[400],
            "duplicate",
        ),
        ("not UTF-8", b"{\"inputs\":[{\"name\":\"\xff\"}]}".to_vec(), vec![], &[400], "not valid"),
        ("trailing text", [good.clone(), b"x".to_vec()].concat(), vec![], &[400], "not valid"),
        (
            "binary size past the end",
            good_text.replace(r#""data":[1,2,3]"#, r#""parameters":{"binary_data_size":99}"#).into_bytes(),
            vec![],
            &[400],
            "binary_data_size is 99, but 0 bytes are left",
        ),
        (
            "shared memory",
            good_text.replace(r#""data":[1,2,3]"#, r#""parameters":{"shared_memory_region":"a"}"#).into_bytes(),
            vec![],
            &[400],
            "shared memory is not supported",
        ),
    ];
    for case in &cases {
        check(&server, case);
    }
}

#[test]
fn an_input_may_be_missing_only_by_name() {
    let server = start(&TWO_INPUTS);
    let a = json!({ "name": "a", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4] });
    let b = json!({ "name": "b", "shape": [3, 1], "datatype": "FP32", "data": [1, 2, 3] });
    assert!(server.infer(&json!({ "inputs": [a] })).error().contains("input `b` is missing"));
    let error = server.infer(&json!({ "inputs": [b, a] })).error();
    assert!(error.contains("input `b`: axis 0 must be as long as axis 0 of `a`, 2, but is 3"), "{error}");
}

#[test]
fn a_body_over_the_limit_is_refused_while_it_comes() {
    let server = start_with(&ADD_ONE, &[(names::MAX_BODY_BYTES, "1000")]);
    server.wait_until_ready();
    let long = vec![b' '; 3_000];
    let answer = server.infer_bytes(&[], &long);
    assert_eq!((answer.status, answer.error().as_str()), (413, "the body is larger than 1000 bytes"));
    // Without a length the server has to count.
    let mut client = server.client();
    client.send(
        format!("POST {} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n", server.infer_path()).as_bytes(),
    );
    for _ in 0..30 {
        client.send(format!("64\r\n{}\r\n", " ".repeat(100)).as_bytes());
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.receive().unwrap().status, 413);
    assert_eq!(server.infer(&fp32("x", &[1, 3], &[1.0, 2.0, 3.0])).status, 200);
}

#[test]
fn a_bomb_stops_at_the_limit() {
    use std::io::Write;
    let server = start_with(&ADD_ONE, &[(names::MAX_BODY_BYTES, "100000")]);
    server.wait_until_ready();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..100 {
        encoder.write_all(&[b' '; 100_000]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 20_000);
    assert_eq!(server.infer_bytes(&[("Content-Encoding", "gzip")], &bomb).status, 413);
}

#[test]
fn a_body_that_does_not_come_times_out() {
    let server = start_with(&ADD_ONE, &[(names::REQUEST_TIMEOUT, "200ms")]);
    server.wait_until_ready();
    let mut client = server.client();
    client
        .send(format!("POST {} HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n{{", server.infer_path()).as_bytes());
    let begun = Instant::now();
    assert_eq!(client.receive().unwrap().status, 408);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn heads_that_are_too_long_or_broken() {
    let server = start(&ADD_ONE);
    for head in [
        format!("GET /v2 HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(200_000)),
        format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200_000)),
        "nonsense\r\n\r\n".to_owned(),
        "GET /v2 HTTP/9.9\r\n\r\n".to_owned(),
        "POST /v2/models/add-one/infer HTTP/1.1\r\nContent-Length: -5\r\n\r\n".to_owned(),
        "POST /v2/models/add-one/infer HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde".to_owned(),
        "POST /v2/models/add-one/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ] {
        let mut client = server.client();
        client.send(head.as_bytes());
        if let Some(answer) = client.receive() {
            assert!((400..500).contains(&answer.status), "{} for {}", answer.status, &head[..30]);
        }
        assert_eq!(server.get("/v2/health/live").status, 200);
    }
    assert_eq!(server.get(&format!("/v2/models/{}", "a".repeat(5_000))).status, 404);
    // Heads are outside the limit on bodies, so they must be short.
    let long = "a".repeat(20_000);
    assert_eq!(server.client().request("GET", "/v2/health/live", &[("x-long", &long)], b"").status, 431);
    assert_eq!(server.client().request("GET", "/v2/health/live", &[("x-long", &long[..12_000])], b"").status, 200);
}

/// Random damage to a good request never gets anything but an answer.
#[test]
fn damaged_requests_are_answered() {
    let server = start(&ADD_ONE);
    let good = fp32("x", &[2, 3], &[1.5, -2.0, 3e-3, 4.0, 5.0, 6.0]).to_string().into_bytes();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    let mut client = server.client();
    let alphabet = b"{}[],:\"-+.eE0129 \\nulltruefalse\xff\x00";
    for _ in 0..2_000 {
        let mut bytes = good.clone();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = alphabet[next(alphabet.len())],
                1 => bytes.insert(at, alphabet[next(alphabet.len())]),
                _ => drop(bytes.remove(at)),
            }
        }
        let answer = client.request("POST", &server.infer_path(), &[], &bytes);
        assert!(matches!(answer.status, 200 | 400), "{} for {}", answer.status, String::from_utf8_lossy(&bytes));
    }
}
