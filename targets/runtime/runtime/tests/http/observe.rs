//! What those who watch see: counts by kind, both metric formats, traces at a collector.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};
use windlass_runtime::{Server, Settings, names};

use crate::served::{ADD_ONE, SLOW, fp32, start, start_with};

pub const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn one() -> Value {
    fp32("x", &[1, 3], &[1.0, 2.0, 3.0])
}

#[test]
fn errors_are_counted_by_kind() {
    let file = std::env::temp_dir().join(format!("windlass-kinds-key-{}", std::process::id()));
    std::fs::write(&file, "k").unwrap();
    let settings = [(names::API_KEY_FILE, file.to_str().unwrap()), (names::MAX_BODY_BYTES, "1000")];
    let server = start_with(&ADD_ONE, &settings);
    server.wait_until_ready();
    std::fs::remove_file(&file).unwrap();
    let call =
        |path: &str, body: &[u8]| server.client().request("POST", path, &[(names::API_KEY_HEADER, "k")], body).status;
    let path = server.infer_path();
    let infer = |body: &Value| call(&path, body.to_string().as_bytes());
    assert_eq!(infer(&one()), 200);
    assert_eq!(call(&path, b"{"), 400);
    assert_eq!(call("/v2/models/other/infer", b""), 404);
    assert_eq!(infer(&fp32("x", &[1, 4], &[0.0; 4])), 400);
    assert_eq!(
        infer(&json!({ "inputs": [{ "name": "x", "shape": [1, 3], "datatype": "INT8", "data": [1, 2, 3] }] })),
        400
    );
    assert_eq!(call(&path, &[b' '; 2_000]), 413);
    assert_eq!(server.infer(&one()).status, 401);
    for kind in ["malformed", "unknown_model", "shape", "datatype", "too_large", "unauthorized"] {
        let labels = format!("kind=\"{kind}\",transport=\"http\"");
        assert_eq!(server.metric(names::ERRORS_TOTAL, &labels), 1.0, "{kind}");
    }
    for kind in ["timeout", "rejected", "cancelled", "engine"] {
        assert_eq!(server.metric(names::ERRORS_TOTAL, &format!("kind=\"{kind}\"")), 0.0, "{kind}");
    }
    assert_eq!(server.metric(names::REQUESTS_TOTAL, "outcome=\"ok\",transport=\"http\""), 1.0);
}

/// The rarer kinds: a run that takes too long, a failing engine, a caller who goes away.
#[test]
fn late_answers_and_broken_runs_have_kinds_of_their_own() {
    let server = start_with(&ADD_ONE, &[(names::REQUEST_TIMEOUT, "20ms")]);
    server.wait_until_ready();
    let mut client = server.client();
    client.send(format!("POST {} HTTP/1.1\r\nContent-Length: 100\r\n\r\n{{", server.infer_path()).as_bytes());
    assert_eq!(client.receive().unwrap().status, 408);
    assert_eq!(server.metric(names::ERRORS_TOTAL, "kind=\"timeout\""), 1.0);

    let server = start(&crate::served::DIVISION);
    server.infer(&json!({ "inputs": [{ "name": "i", "shape": [1], "datatype": "INT64", "data": [-7] }] }));
    assert_eq!(server.metric(names::ERRORS_TOTAL, "kind=\"engine\""), 1.0);

    let mut client = server.client();
    client.send(format!("POST {} HTTP/1.1\r\nContent-Length: 100\r\n\r\n{{", server.infer_path()).as_bytes());
    std::thread::sleep(std::time::Duration::from_millis(50));
    drop(client);
    let begun = std::time::Instant::now();
    // A body that ends early is seen as malformed, or as a caller who went away, whichever the server notices first.
    while server.metric(names::ERRORS_TOTAL, "kind=\"cancelled\"")
        + server.metric(names::ERRORS_TOTAL, "kind=\"malformed\"")
        < 1.0
    {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "not counted");
    }
}

#[test]
fn runs_have_queue_times_and_batches() {
    let server = start(&SLOW);
    let rows = 200;
    let body = fp32("x", &[rows, 512], &vec![0.0; rows * 512]);
    for _ in 0..3 {
        assert_eq!(server.infer(&body).status, 200);
    }
    assert_eq!(server.metric(&format!("{}_count", names::QUEUE_DURATION), ""), 3.0);
    assert!(server.metric(&format!("{}_sum", names::QUEUE_DURATION), "") > 0.0, "handing over takes time");
    assert_eq!(server.metric(&format!("{}_bucket", names::BATCH_SIZE), "le=\"1.0\""), 3.0);
    assert_eq!(server.metric(&format!("{}_sum", names::BATCH_SIZE), ""), 3.0);
    assert!(server.metric(names::CPU_SECONDS, "") >= 0.0 && server.metric(names::OPEN_FILES, "") > 3.0);
    assert!(server.metric(names::PROCESS_THREADS, "") > 2.0 && server.metric(names::UPTIME, "") > 0.0);
}

#[test]
fn openmetrics_is_for_those_who_ask() {
    let server = start(&ADD_ONE);
    server.infer(&one());
    let accept = [("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3")];
    let answer = server.client().request("GET", "/metrics", &accept, b"");
    let kind = answer.header("content-type").unwrap();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.ends_with("# EOF\n") && text.contains("# TYPE windlass_inference_requests counter\n"), "{text}");
    let plain = String::from_utf8(server.get("/metrics").body).unwrap();
    assert!(!plain.contains("# EOF") && plain.contains("# TYPE windlass_inference_requests_total counter\n"));
}

#[test]
fn a_trace_of_the_caller_comes_back() {
    let server = start(&ADD_ONE);
    let body = one().to_string();
    let answer = server.infer_bytes(&[(names::TRACEPARENT_HEADER, PARENT)], body.as_bytes());
    assert_eq!(answer.header(names::TRACERESPONSE_HEADER), Some(PARENT));
    let answer = server.infer_bytes(&[(names::TRACEPARENT_HEADER, "00-x")], body.as_bytes());
    assert_eq!((answer.status, answer.header(names::TRACERESPONSE_HEADER)), (200, None));
}

/// Takes requests and hands their paths, heads and bodies on.
pub fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, receive) = channel();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
            loop {
                let read = stream.read(&mut chunk).unwrap();
                bytes.extend_from_slice(&chunk[..read]);
                let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
                if bytes.len() >= end + 4 + length.parse::<usize>().unwrap() {
                    let _ = send.send((head, bytes[end + 4..].to_vec()));
                    break;
                }
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    (url, receive)
}

#[test]
fn spans_reach_the_collector() {
    let (url, collected) = collector();
    let mut server = start_with(
        &ADD_ONE,
        &[
            (names::OTLP_ENDPOINT, &url),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=risk"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod"),
        ],
    );
    server.wait_until_ready();
    let headers = [(names::TRACEPARENT_HEADER, PARENT), (names::TRACESTATE_HEADER, "a=1"), ("x-request-id", "mine")];
    let answer = server.infer_bytes(&headers, one().to_string().as_bytes());
    let ours = answer.header(names::TRACERESPONSE_HEADER).unwrap().to_owned();
    assert_eq!(server.infer(&json!({})).status, 400);
    // The caller has decided against recording.
    let unsampled = PARENT.replace("-01", "-00");
    server.infer_bytes(&[(names::TRACEPARENT_HEADER, &unsampled)], one().to_string().as_bytes());
    server.stop().unwrap();

    let (head, body) = collected.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1") && head.contains("x-team: risk"), "{head}");
    let body: Value = serde_json::from_slice(&body).unwrap();
    let resource = body["resourceSpans"][0]["resource"]["attributes"].to_string();
    assert!(resource.contains("\"add-one\"") && resource.contains("\"prod\""), "{resource}");
    let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    let named = |name: &str| spans.iter().filter(|span| span["name"] == name).collect::<Vec<_>>();
    let (servers, queues, runs) = (named("POST /v2/models/{model}/infer"), named("queue"), named("inference"));
    assert_eq!((servers.len(), queues.len(), runs.len()), (2, 1, 1), "{body:#}");
    let server_span = servers.iter().find(|span| span["parentSpanId"] == "00f067aa0ba902b7").unwrap();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(
        (&server_span["traceId"], &server_span["traceState"], &server_span["kind"]),
        (&json!(trace), &json!("a=1"), &json!(2))
    );
    assert_eq!(ours, format!("00-{trace}-{}-01", server_span["spanId"].as_str().unwrap()));
    for part in [queues[0], runs[0]] {
        assert_eq!((&part["parentSpanId"], &part["traceId"]), (&server_span["spanId"], &json!(trace)));
        let nanoseconds = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
        assert!(nanoseconds(part, "startTimeUnixNano") >= nanoseconds(server_span, "startTimeUnixNano"));
        assert!(nanoseconds(part, "endTimeUnixNano") <= nanoseconds(server_span, "endTimeUnixNano"));
    }
    let refused = servers.iter().find(|span| span["parentSpanId"].is_null()).unwrap();
    assert!(refused["attributes"].to_string().contains("\"malformed\"") && refused["status"].is_null());
}

#[test]
fn what_is_recorded_is_an_exemplar() {
    let (url, _collected) = collector();
    let server = start_with(&ADD_ONE, &[(names::OTLP_ENDPOINT, &url)]);
    server.wait_until_ready();
    server.infer_bytes(&[(names::TRACEPARENT_HEADER, PARENT)], one().to_string().as_bytes());
    let accept = [("Accept", "application/openmetrics-text")];
    let text = String::from_utf8(server.client().request("GET", "/metrics", &accept, b"").body).unwrap();
    assert!(text.contains("# {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"} "), "{text}");
    assert!(text.contains("windlass_trace_spans_total{outcome=\"dropped\"} 0"), "{text}");
}

#[test]
fn a_name_to_redact_must_be_there() {
    let settings = Settings::from_lookup(&ADD_ONE, |name| {
        Ok((name == names::PREDICTION_LOG_REDACT).then(|| "x, featurs".to_owned()))
    });
    let why = Server::bind(&ADD_ONE, settings.unwrap()).err().unwrap();
    assert!(why.contains("`featurs`"), "{why}");
}
