//! Ten times as many requests as there is room for.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use windlass_runtime::names;

use crate::served::{LABORIOUS, Running, fp32, start_with};

/// Requests that are decoded, queued or computed at once: so many that the engine never waits for the next one, also on a busy machine.
const PLACES: usize = 16;
const CALLERS: usize = 64;
const WINDOW: Duration = Duration::from_millis(800);

#[derive(Default)]
struct Window {
    answered: usize,
    /// How long refusals took.
    refused: Vec<Duration>,
}

/// Short to send, and some milliseconds of work.
fn request(server: &Running) -> Vec<u8> {
    let body = fp32("x", &[1, 1], &[1.0]).to_string();
    let head = format!("POST {} HTTP/1.1\r\nHost: t\r\nContent-Length: {}\r\n\r\n", server.infer_path(), body.len());
    (head + &body).into_bytes()
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
    let server = start_with(&LABORIOUS, &[(names::MAX_IN_FLIGHT, &places), (names::THREADS, "1")]);
    server.wait_until_ready();
    window(&server, PLACES, None);
    let mut told = String::new();
    for _ in 0..5 {
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
        // Whoever waits for a place waits for as many runs as there are places; a refusal takes no more than one.
        if over * 10 >= peak * 9 && times >= 6 && wait < WINDOW / peak as u32 {
            assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
            assert!(server.metric(names::REQUESTS_TOTAL, "outcome=\"rejected\"") > 100.0);
            return;
        }
    }
    panic!("{told}");
}
