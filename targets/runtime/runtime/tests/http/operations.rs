//! What operators rely on: limits, the key, metrics, embedded metrics.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use windlass_runtime::{Server, Settings, names};

use crate::served::{ADD_ONE, CLASSIFIER, SLOW, fp32, start, start_with};

fn one() -> Value {
    fp32("x", &[1, 3], &[1.0, 2.0, 3.0])
}

#[test]
fn outcomes_are_counted() {
    let server = start(&ADD_ONE);
    for _ in 0..3 {
        server.infer(&one());
    }
    server.infer(&json!({}));
    server.client().request("POST", "/v2/models/other/infer", &[], b"");
    server.get("/v2");
    let total = |outcome: &str| {
        server.metric(names::REQUESTS_TOTAL, &format!("version=\"1\",outcome=\"{outcome}\",transport=\"http\""))
    };
    assert_eq!((total("ok"), total("client_error"), total("server_error"), total("rejected")), (3.0, 2.0, 0.0, 0.0));
    assert_eq!(server.metric(&format!("{}_count", names::REQUEST_DURATION), ""), 5.0);
    assert_eq!(server.metric(&format!("{}_count", names::COMPUTE_DURATION), ""), 3.0);
    assert_eq!(server.metric(&format!("{}_bucket", names::REQUEST_DURATION), "le=\"+Inf\""), 5.0);
    assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
    assert_eq!(server.metric(names::MODEL_INFO, "sha256=\"8143ed70"), 1.0);
    assert!(server.metric(names::RESIDENT_MEMORY, "") > 1e6);
    assert_eq!(server.get("/metrics").header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
}

#[test]
fn one_request_too_many_is_rejected() {
    let server = start_with(&SLOW, &[(names::MAX_IN_FLIGHT, "1"), (names::REQUEST_TIMEOUT, "20s")]);
    server.wait_until_ready();
    let rows = 500;
    let slow = fp32("x", &[rows, 512], &vec![0.0; rows * 512]);
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| server.infer(&slow))).collect();
        let answers: Vec<_> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        assert!(answers.iter().any(|answer| answer.status == 200));
        let rejected: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
        assert!(!rejected.is_empty());
        for answer in rejected {
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert!(answer.error().contains("in flight"));
        }
    });
    assert!(server.metric(names::REQUESTS_TOTAL, "outcome=\"rejected\"") >= 1.0);
    assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
}

#[test]
fn the_key_opens_everything_but_health() {
    let file = std::env::temp_dir().join(format!("windlass-key-{}", std::process::id()));
    std::fs::write(&file, "s3cret\n").unwrap();
    let server = start_with(&ADD_ONE, &[(names::API_KEY_FILE, file.to_str().unwrap())]);
    server.wait_until_ready();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(server.get("/v2/health/live").status, 200);
    assert_eq!(server.get("/metrics").status, 200);
    let body = one().to_string();
    for path in ["/v2", "/v2/models/add-one", "/v2/models/add-one/ready", "/v2/models/other", "/v2/nothing"] {
        assert_eq!(server.get(path).status, 401, "{path}");
    }
    let call = |key: &str| server.infer_bytes(&[(names::API_KEY_HEADER, key)], body.as_bytes());
    assert_eq!(server.infer(&one()).status, 401);
    assert_eq!(call("s3cres").status, 401);
    assert!(call("s3cre").error().contains("not the right one"));
    assert_eq!(call("s3cret").status, 200);
    // Which of two keys counts is a question that proxies answer differently.
    for keys in [["s3cret", "wrong"], ["wrong", "s3cret"], ["s3cret", "s3cret"]] {
        let keys = keys.map(|key| (names::API_KEY_HEADER, key));
        assert_eq!(server.infer_bytes(&keys, body.as_bytes()).status, 401);
    }
}

#[test]
fn an_empty_key_file_is_no_key() {
    let file = std::env::temp_dir().join(format!("windlass-empty-key-{}", std::process::id()));
    for content in ["", "\n", " \r\n\t"] {
        std::fs::write(&file, content).unwrap();
        let settings = Settings::from_lookup(&ADD_ONE, |name| {
            Ok((name == names::API_KEY_FILE).then(|| file.to_str().unwrap().to_owned()))
        });
        let why = Server::bind(&ADD_ONE, settings.unwrap()).err().unwrap();
        assert!(why.contains("is empty"), "{why}");
    }
    std::fs::remove_file(&file).unwrap();
}

/// Answers that nobody reads count against the memory for bodies, so that they cannot fill the process.
#[test]
fn unread_answers_are_counted() {
    // 8 bodies of the largest size, 8 MiB, may be in memory.
    let server = start_with(&ADD_ONE, &[(names::MAX_BODY_BYTES, "8388608")]);
    server.wait_until_ready();
    let floats = vec![0; 6 << 20];
    let ask = || {
        let mut client = server.client();
        let head = format!(
            "POST {} HTTP/1.1\r\nInference-Header-Content-Length: 0\r\nContent-Length: {}\r\n\r\n",
            server.infer_path(),
            floats.len()
        );
        client.send(head.as_bytes());
        client.send(&floats);
        // The answer has begun, hence it was made; most of it stays unread.
        assert!(client.starts());
        client
    };
    let mut unread: Vec<_> = (0..20).map(|_| ask()).collect();
    let statuses: Vec<u16> = unread.iter_mut().map(|client| client.receive().unwrap().status).collect();
    assert!(statuses.contains(&503) && statuses.iter().filter(|status| **status == 200).count() >= 8, "{statuses:?}");
    drop(unread);
    assert_eq!(server.infer(&one()).status, 200);
}

/// A caller that gives up is counted too: during an overload these are the very requests that matter.
#[test]
fn callers_that_give_up_are_counted() {
    let server = start(&SLOW);
    let rows = 500;
    let body = fp32("x", &[rows, 512], &vec![0.0; rows * 512]).to_string();
    let head = format!("POST {} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", server.infer_path(), body.len());
    let begun = Instant::now();
    // How long a run takes depends on the machine: one of these moments is in the middle of it.
    for patience in (0..20).cycle() {
        let mut client = server.client();
        client.send(head.as_bytes());
        std::thread::sleep(Duration::from_millis(patience));
        drop(client);
        std::thread::sleep(Duration::from_millis(50));
        if server.metric(names::REQUESTS_TOTAL, "outcome=\"client_error\"") > 0.0 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "not counted");
    }
}

#[test]
fn compression_both_ways() {
    let server = start(&CLASSIFIER);
    let body = fp32("features", &[200, 16], &[0.25; 3_200]).to_string();
    let plain = server.infer_bytes(&[], body.as_bytes());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(body.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(body.as_bytes()).unwrap();
    let zlib = zlib.finish().unwrap();
    for (coding, sent) in [("gzip", gzip), ("deflate", zlib)] {
        // The names of codings are the same in either case.
        let upper = coding.to_uppercase();
        let answer = server.infer_bytes(&[("Content-Encoding", &upper), ("Accept-Encoding", &upper)], &sent);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, Some(coding)));
        let mut inflated = Vec::new();
        use std::io::Read;
        match coding {
            "gzip" => flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut inflated).unwrap(),
            _ => flate2::read::ZlibDecoder::new(&answer.body[..]).read_to_end(&mut inflated).unwrap(),
        };
        assert_eq!(inflated, plain.body);
    }
}

#[test]
fn embedded_metrics_reach_the_agent_at_the_end() {
    let agent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", agent.local_addr().unwrap());
    let mut server =
        start_with(&ADD_ONE, &[(names::EMF, &address), (names::PROJECT, "fraud"), (names::ENVIRONMENT, "prod")]);
    server.wait_until_ready();
    for _ in 0..10 {
        server.infer(&one());
    }
    server.infer(&json!({}));
    server.stop().unwrap();
    let mut line = String::new();
    BufReader::new(agent.accept().unwrap().0).read_line(&mut line).unwrap();
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["_aws"]["LogGroupName"], "/windlass/fraud/prod/add-one");
    assert_eq!((&record["Requests"], &record["ClientErrors"], &record["Errors"]), (&json!(11), &json!(1), &json!(0)));
    assert_eq!(
        (&record["Project"], &record["Environment"], &record["Service"]),
        (&json!("fraud"), &json!("prod"), &json!("add-one"))
    );
    let counts = record["Latency"]["Counts"].as_array().unwrap();
    assert_eq!(counts.iter().map(|count| count.as_u64().unwrap()).sum::<u64>(), 11);
}
