//! Requests that share runs: each gets its own rows back, and none is held up or failed by another.
//!
//! `always` stands in for a model that gains by it: whether one does depends on the machine, what becomes of the rows does not.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use windlass_runtime::{Service, names};

use crate::client::Answer;
use crate::served::{ACROSS_ROWS, CLASSIFIER, CONVOLUTION, DIVISION, Running, SLOW, TYPES, fp32, start, start_with};

fn batching(service: &'static Service, rows: &str, extra: &[(&'static str, &str)]) -> Running {
    let always = [(names::BATCH, "always"), (names::BATCH_MAX_SIZE, rows), (names::BATCH_MAX_DELAY, "20ms")];
    let server = start_with(service, &[&always[..], extra].concat());
    server.wait_until_ready();
    server
}

/// Every caller sends its requests one after another, all callers at once.
fn all_at_once(server: &Running, callers: usize, each: usize, ask: impl Fn(&dyn Fn(&Value) -> Answer, usize) + Sync) {
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let ask = &ask;
            scope.spawn(move || {
                let client = std::cell::RefCell::new(server.client());
                let path = server.infer_path();
                let send = |body: &Value| client.borrow_mut().request("POST", &path, &[], body.to_string().as_bytes());
                (0..each).for_each(|turn| ask(&send, caller * each + turn));
            });
        }
    });
}

/// Repeats a round until some of its requests have shared a run: how many come at once is the machine's to say. How many rounds it took.
fn until_shared(server: &Running, mut round: impl FnMut()) -> f64 {
    for rounds in 1..=200 {
        round();
        let (count, sum) = runs(server);
        if count < sum {
            return f64::from(rounds);
        }
    }
    panic!("no two requests shared a run");
}

fn runs(server: &Running) -> (f64, f64) {
    let of = |part: &str| server.metric(&format!("{}_{part}", names::BATCH_SIZE), "");
    (of("count"), of("sum"))
}

fn numbers(answer: &Value, output: usize) -> Vec<f64> {
    answer["outputs"][output]["data"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// No two requests are alike, and their rows differ in number.
fn rows_are_not_mixed_up(service: &'static Service, input: &str, dims: &[usize], output: usize) {
    let (alone, together) = (start(service), batching(service, "8", &[]));
    let row: usize = dims.iter().product();
    let request = |number: usize| {
        let rows = [1, 1, 1, 2, 3][number % 5];
        let data: Vec<f32> =
            (0..rows * row).map(|n| ((n * 7_919 + number * 104_729) % 2_000) as f32 / 1_000.0 - 1.0).collect();
        fp32(input, &[&[rows], dims].concat(), &data)
    };
    let wrong = AtomicUsize::new(0);
    let rounds = until_shared(&together, || {
        all_at_once(&together, 12, 20, |send, number| {
            let (expected, found) = (alone.infer(&request(number)).json(), send(&request(number)));
            assert_eq!(found.status, 200, "{}", String::from_utf8_lossy(&found.body));
            let (expected, found) = (numbers(&expected, output), numbers(&found.json(), output));
            let same = expected.len() == found.len() && expected.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-5);
            wrong.fetch_add(usize::from(!same), Relaxed);
        });
    });
    assert_eq!(wrong.load(Relaxed), 0);
    assert_eq!(runs(&together).1, rounds * 240.0);
    assert_eq!(together.metric(names::IN_FLIGHT, ""), 0.0);
}

#[test]
fn rows_of_a_dense_model_go_back_to_their_callers() {
    rows_are_not_mixed_up(&CLASSIFIER, "features", &[16], 1);
}

/// In a plan for eight rows, of which some are there only to fill it.
#[test]
fn rows_of_a_convolution_go_back_to_their_callers() {
    rows_are_not_mixed_up(&CONVOLUTION, "image", &[3, 8, 8], 0);
}

#[test]
fn no_run_has_more_rows_than_the_setting_says() {
    let server = batching(&CLASSIFIER, "4", &[]);
    let rounds = until_shared(&server, || {
        all_at_once(&server, 12, 10, |send, number| {
            // Of five rows, it is run alone.
            let rows = if number % 10 == 0 { 5 } else { 1 };
            assert_eq!(send(&fp32("features", &[rows, 16], &vec![0.5; rows * 16])).status, 200);
        });
    });
    let (count, sum) = runs(&server);
    assert!(sum == rounds * 120.0 && count >= rounds * (12.0 + 108.0 / 4.0), "{count} runs of {sum} requests");
    assert_eq!(server.metric(&format!("{}_bucket", names::BATCH_SIZE), "le=\"4.0\""), count);
}

#[test]
fn a_bad_request_fails_no_other() {
    let server = batching(&DIVISION, "8", &[]);
    all_at_once(&server, 8, 25, |send, number| {
        let bad = number % 5 == 0;
        let index = if bad { -7 } else { 0 };
        let answer = send(&json!({ "inputs": [{ "name": "i", "shape": [1], "datatype": "INT64", "data": [index] }] }));
        match bad {
            true => assert_eq!((answer.status, answer.error().contains("panicked")), (500, true)),
            false => assert_eq!((answer.status, numbers(&answer.json(), 0)), (200, vec![2.0])),
        }
    });
    assert_eq!(server.metric(names::ERRORS_TOTAL, "kind=\"engine\",transport=\"http\""), 40.0);
    assert_eq!(server.metric(names::REQUESTS_TOTAL, "outcome=\"ok\",transport=\"http\""), 160.0);
}

/// Requests that do not fit the model never come into a queue.
#[test]
fn what_is_invalid_joins_no_run() {
    let server = batching(&CLASSIFIER, "8", &[]);
    all_at_once(&server, 4, 10, |send, number| {
        let width = if number % 2 == 0 { 15 } else { 16 };
        let answer = send(&fp32("features", &[1, width], &vec![0.0; width]));
        assert_eq!(answer.status, if width == 16 { 200 } else { 400 });
    });
    assert_eq!(runs(&server).1, 20.0);
}

/// One run that lasts, on the only thread for such.
fn occupied(server: &Running) -> crate::client::Client {
    let rows = 8_000;
    let mut binary = json!({ "inputs": [{ "name": "x", "shape": [rows, 512], "datatype": "FP32",
        "parameters": { "binary_data_size": rows * 2_048 } }] })
    .to_string()
    .into_bytes();
    let length = binary.len();
    binary.resize(length + rows * 2_048, 0);
    let mut client = server.client();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: t\r\nInference-Header-Content-Length: {length}\r\nContent-Length: {}\r\n\r\n",
        server.infer_path(),
        binary.len()
    );
    client.send(head.as_bytes());
    client.send(&binary);
    while server.metric(names::IN_FLIGHT, "") < 1.0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    client
}

/// Of more rows than are run on a connection's thread, and yet short.
fn slow_request(timeout: Option<u64>) -> Vec<u8> {
    let mut body = fp32("x", &[28, 512], &vec![0.0; 28 * 512]);
    if let Some(timeout) = timeout {
        body["parameters"] = json!({ "timeout": timeout });
    }
    body.to_string().into_bytes()
}

#[test]
fn who_is_late_in_the_queue_is_not_run() {
    let server = batching(&SLOW, "64", &[(names::THREADS, "1"), (names::REQUEST_TIMEOUT, "20s")]);
    let mut busy = occupied(&server);
    let begun = Instant::now();
    let answer = server.infer_bytes(&[], &slow_request(Some(20_000)));
    assert_eq!((answer.status, answer.error().as_str()), (504, "the answer was not ready in time"));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(busy.receive().unwrap().status, 200);
    while server.metric(names::IN_FLIGHT, "") > 0.0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(runs(&server), (1.0, 1.0));
    assert_eq!(server.metric(names::ERRORS_TOTAL, "kind=\"timeout\",transport=\"http\""), 1.0);
}

#[test]
fn who_went_away_in_the_queue_is_not_run() {
    let server = batching(&SLOW, "64", &[(names::THREADS, "1"), (names::REQUEST_TIMEOUT, "20s")]);
    let mut busy = occupied(&server);
    let mut waiting: Vec<_> = (0..3).map(|_| server.client()).collect();
    for client in &mut waiting {
        let body = slow_request(None);
        let head = format!("POST {} HTTP/1.1\r\nContent-Length: {}\r\n\r\n", server.infer_path(), body.len());
        client.send(head.as_bytes());
        client.send(&body);
    }
    while server.metric(names::IN_FLIGHT, "") < 4.0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    waiting.truncate(1);
    while server.metric(names::ERRORS_TOTAL, "kind=\"cancelled\",transport=\"http\"") < 2.0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(busy.receive().unwrap().status, 200);
    assert_eq!(waiting[0].receive().unwrap().status, 200);
    while server.metric(names::IN_FLIGHT, "") > 0.0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(runs(&server), (2.0, 2.0));
}

/// Rows that influence one another, and shapes that are fixed, are left as they are whatever the setting says.
#[test]
fn models_that_cannot_share_runs_do_not() {
    let server = batching(&ACROSS_ROWS, "8", &[]);
    all_at_once(&server, 8, 10, |send, number| {
        let data = [number as f32, 0.5];
        let answer = send(&fp32("x", &[1, 2], &data)).json();
        // A row alone is all of its column's softmax.
        assert_eq!(numbers(&answer, 0), [1.0, 1.0]);
    });
    assert_eq!(runs(&server), (80.0, 80.0));
    assert_eq!(batching(&TYPES, "8", &[]).get("/v2/health/ready").status, 200);
}

/// A run of some microseconds stays on the thread of its connection.
#[test]
fn what_does_not_pay_stays_where_it_was() {
    let server = start_with(&CLASSIFIER, &[(names::BATCH_MAX_SIZE, "32")]);
    server.wait_until_ready();
    all_at_once(&server, 8, 25, |send, _| assert_eq!(send(&fp32("features", &[1, 16], &[0.5; 16])).status, 200));
    assert_eq!(runs(&server), (200.0, 200.0));
    assert_eq!(server.metric(&format!("{}_sum", names::QUEUE_DURATION), ""), 0.0);
}

#[test]
fn the_parameter_timeout_is_in_microseconds() {
    let server = start_with(&SLOW, &[(names::THREADS, "1"), (names::REQUEST_TIMEOUT, "20s")]);
    server.wait_until_ready();
    assert_eq!(server.infer_bytes(&[], &slow_request(Some(10_000_000))).status, 200);
    assert_eq!(server.infer_bytes(&[], &slow_request(Some(0))).status, 200, "0 is none");
    // It has passed when the request is read, and 504 says so at once.
    assert_eq!(server.infer_bytes(&[], &slow_request(Some(1))).status, 504);
    for (wrong, shown) in [(json!(-1), "-1"), (json!(1.5), "1.5"), (json!("1s"), "\"1s\""), (json!(true), "true")] {
        let mut body = fp32("x", &[1, 512], &vec![0.0; 512]);
        body["parameters"] = json!({ "timeout": wrong });
        let answer = server.infer(&body);
        let expected =
            format!("the parameter `timeout` is {shown}; write a whole number of microseconds, or 0 for none");
        assert_eq!((answer.status, answer.error()), (400, expected));
    }
    // A long body is read on another thread, and its timeout counts all the same.
    let mut body = fp32("x", &[400, 512], &vec![0.25; 400 * 512]);
    body["parameters"] = json!({ "timeout": 60_000_000 });
    assert_eq!(server.infer(&body).status, 200);
    body["parameters"] = json!({ "timeout": 1 });
    assert_eq!(server.infer(&body).status, 504);
}
