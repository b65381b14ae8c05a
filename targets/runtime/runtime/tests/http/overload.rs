//! Ten times as many requests as there is room for.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use windlass_runtime::names;

use crate::served::{Running, SLOW, start_with};

/// Rows of a request, each of which keeps the engine busy for about a millisecond.
const ROWS: usize = 16;
/// Requests that are decoded, queued or computed at once.
const PLACES: usize = 4;
const CALLERS: usize = 32;
const WINDOW: Duration = Duration::from_millis(800);

#[derive(Default)]
struct Window {
    answered: usize,
    /// How long refusals took.
    refused: Vec<Duration>,
}

fn request(server: &Running) -> Vec<u8> {
    let json = json!({ "inputs": [{ "name": "x", "shape": [ROWS, 512], "datatype": "FP32",
        "parameters": { "binary_data_size": ROWS * 2_048 } }] })
    .to_string();
    let length = json.len() + ROWS * 2_048;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: t\r\nInference-Header-Content-Length: {}\r\nContent-Length: {length}\r\n\r\n{json}",
        server.infer_path(),
        json.len()
    );
    let mut bytes = head.into_bytes();
    bytes.resize(bytes.len() + ROWS * 2_048, 0);
    bytes
}

/// Callers that each send a request at every `pace`, or the next one as soon as the last is answered.
fn window(server: &Running, callers: usize, pace: Option<Duration>) -> Window {
    let request = request(server);
    let window = Mutex::new(Window::default());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (window, request) = (&window, &request);
            scope.spawn(move || {
                let mut client = server.client();
                let mut next = begun + pace.unwrap_or_default() * caller as u32 / callers as u32;
                let mut seen = Window::default();
                while begun.elapsed() < WINDOW {
                    std::thread::sleep(next.saturating_duration_since(Instant::now()));
                    let sent = Instant::now();
                    client.send(request);
                    let answer = client.receive().expect("an answer");
                    match answer.status {
                        200 => seen.answered += 1,
                        503 => {
                            assert_eq!(answer.header("retry-after"), Some("1"));
                            assert_eq!(answer.header("connection"), None, "a connection is too dear to be closed now");
                            assert_eq!(answer.error(), "too many requests in flight");
                            seen.refused.push(sent.elapsed());
                        }
                        other => panic!("{other}: {}", answer.error()),
                    }
                    next += pace.unwrap_or_default();
                }
                let mut window = window.lock().unwrap();
                window.answered += seen.answered;
                window.refused.extend(seen.refused);
            });
        }
    });
    window.into_inner().unwrap()
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

/// What is answered stays nine tenths of what can be, and the rest are told so at once. Windows at capacity and far above it take turns,
/// so that whatever else this machine does meets both.
#[test]
fn goodput_holds_at_ten_times_the_capacity() {
    let places = PLACES.to_string();
    let server = start_with(&SLOW, &[(names::MAX_IN_FLIGHT, &places), (names::THREADS, "1")]);
    server.wait_until_ready();
    window(&server, PLACES, None);
    let mut told = String::new();
    for _ in 0..3 {
        let (mut peak, mut over, mut refused, mut offered) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for _ in 0..3 {
            let full = window(&server, PLACES, None);
            assert!(full.refused.is_empty());
            peak.push(full.answered);
            // Together ten times as many as were answered.
            let pace = WINDOW.mul_f64(CALLERS as f64 / (10 * full.answered.max(1)) as f64);
            let flood = window(&server, CALLERS, Some(pace));
            over.push(flood.answered);
            offered += flood.answered + flood.refused.len();
            refused.extend(flood.refused);
        }
        let times = offered / over.iter().sum::<usize>().max(1);
        let (peak, over) = (median(peak), median(over));
        let wait = median(refused);
        told = format!("{over} of {peak} answered, {times} times as many offered, refused in {wait:?}");
        println!("{told}");
        // A refusal takes less than one run, of about 16 ms, and a place in the queue takes up to four of those.
        if over * 10 >= peak * 9 && times >= 6 && wait < Duration::from_millis(15) {
            assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
            assert!(server.metric(names::REQUESTS_TOTAL, "outcome=\"rejected\"") > 100.0);
            return;
        }
    }
    panic!("{told}");
}
