//! The generated service as a process, with more of everything than it likes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/tests/fixtures/");
const INFER: &str = "/v2/models/classifier/infer";

/// The service in a process of its own, ready.
struct Sample {
    child: Child,
    address: String,
}

impl Sample {
    fn start(variables: &[(&str, &str)]) -> Sample {
        Sample::run(Command::new(env!("CARGO_BIN_EXE_sample")), variables)
    }

    /// With no more than so many descriptors.
    fn with_descriptors(most: usize) -> Sample {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {most} && exec \"$0\""), env!("CARGO_BIN_EXE_sample")]);
        Sample::run(shell, &[])
    }

    fn run(mut command: Command, variables: &[(&str, &str)]) -> Sample {
        command.env("WINDLASS_LISTEN", "127.0.0.1:0").env("WINDLASS_MODEL_PATH", format!("{FIXTURES}classifier.onnx"));
        command.env("WINDLASS_THREADS", "2").envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let listening = lines.next().unwrap();
        let (_, rest) = listening.split_once("\"address\":\"").unwrap();
        let address = rest[..rest.find('"').unwrap()].to_owned();
        assert!(lines.next().unwrap().contains("\"ready\""));
        // Nobody may stand before a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Sample { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// The exit code, for which the process has twenty seconds.
    fn ends(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the process does not end")
    }

    /// Bytes in memory.
    fn resident(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {INFER} HTTP/1.1\r\nHost: t\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn row() -> Vec<u8> {
    let data = ["0.25"; 16].join(",");
    format!(r#"{{"inputs":[{{"name":"features","shape":[1,16],"datatype":"FP32","data":[{data}]}}]}}"#).into_bytes()
}

/// The status of one answer and whether it says that the connection closes; none where there is no answer.
fn receive(stream: &mut TcpStream) -> Option<(u16, bool)> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse::<usize>().ok()?;
            if bytes.len() >= end + 4 + length {
                return Some((head.split(' ').nth(1)?.parse().ok()?, head.contains("\r\nconnection: close")));
            }
        }
        match stream.read(&mut piece) {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

/// One request on a connection of its own, and how long it took.
fn ask(sample: &Sample) -> (u16, Duration) {
    let begun = Instant::now();
    let mut stream = sample.connect();
    stream.write_all(&post("Connection: close\r\n", &row())).unwrap();
    (receive(&mut stream).expect("an answer").0, begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Whether this process may have so many descriptors. Where it may not the test says so, or fails if it must not be left out.
fn may_have(descriptors: u64) -> bool {
    let most = rlimit::increase_nofile_limit(descriptors).unwrap();
    let may = most >= descriptors;
    let must = std::env::var_os("WINDLASS_CONFORMANCE").is_some_and(|value| value == "require");
    assert!(may || !must, "this process may have {most} descriptors, the test needs {descriptors}");
    if !may {
        eprintln!("skipped: this process may have {most} descriptors, the test needs {descriptors}");
    }
    may
}

const IDLE: usize = 10_000;
/// Half of them take 25 KiB, as the README says, and half of them 7; not all that the allocator holds is for them.
const IDLE_BYTES: usize = 20 * 1024;

#[test]
fn ten_thousand_idle_connections_cost_memory_and_nothing_else() {
    if !may_have(IDLE as u64 + 200) {
        return;
    }
    let sample = Sample::start(&[]);
    let alone = median((0..100).map(|_| ask(&sample).1).collect());
    let before = sample.resident();
    // Half of them have asked something once, which costs more.
    let mut idle = Vec::new();
    for number in 0..IDLE {
        let mut stream = sample.connect();
        if number % 2 == 0 {
            stream.write_all(&post("", &row())).unwrap();
            assert_eq!(receive(&mut stream), Some((200, false)));
        }
        idle.push(stream);
    }
    let each = (sample.resident() - before) / IDLE;
    let answers: Vec<(u16, Duration)> = (0..300).map(|_| ask(&sample)).collect();
    assert!(answers.iter().all(|(status, _)| *status == 200));
    let among = median(answers.into_iter().map(|(_, took)| took).collect());
    println!("{each} bytes each; a request takes {alone:?} alone, {among:?} among them");
    assert!(each < IDLE_BYTES, "{each} bytes for an idle connection");
    assert!(among < alone * 5 + Duration::from_millis(5), "{alone:?} alone, {among:?} among idle connections");
    // They are still there: no answer was bought by closing one.
    for stream in idle.iter_mut().step_by(997) {
        stream.write_all(&post("", &row())).unwrap();
        assert_eq!(receive(stream), Some((200, false)));
    }
}

/// Where there cannot be so many, those that do nothing leave for those that ask.
#[test]
fn idle_connections_make_room() {
    if !may_have(1_500) {
        return;
    }
    let sample = Sample::with_descriptors(400);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Also when an assertion fails: the scope waits for its threads.
        let _done = Told(&done);
        let (mut used, over) = (sample.connect(), &done);
        scope.spawn(move || {
            while !over.load(Relaxed) {
                used.write_all(&post("", &row())).unwrap();
                assert_eq!(receive(&mut used), Some((200, false)), "a connection in use was closed");
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let idle: Vec<TcpStream> = (0..600).map(|_| sample.connect()).collect();
        let begun = Instant::now();
        // Those before it have a second each, as many at once as there are places.
        assert_eq!(ask(&sample).0, 200);
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(15), "waited {waited:?} for a place");
        let answers: Vec<(u16, Duration)> = (0..50).map(|_| ask(&sample)).collect();
        assert!(answers.iter().all(|(status, _)| *status == 200));
        let took = median(answers.into_iter().map(|(_, took)| took).collect());
        assert!(took < Duration::from_millis(50), "{took:?}");
        drop(idle);
    });
}

/// Tells a thread to end when it is dropped.
struct Told<'a>(&'a AtomicBool);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Every request that reached the process is answered, over connections that are kept and over new ones, also those whose body is still on
/// its way.
#[test]
fn sigterm_under_load_loses_no_request() {
    let mut sample = Sample::start(&[("WINDLASS_DRAIN_DELAY", "1s")]);
    let (answered, told, refused) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for client in 0..12 {
            let (sample, answered, told, refused) = (&sample, &answered, &told, &refused);
            scope.spawn(move || {
                let request = post("", &row());
                loop {
                    let Ok(mut stream) = TcpStream::connect(&sample.address) else {
                        refused.fetch_add(1, Relaxed);
                        return;
                    };
                    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                    // Some make one request on a connection, some many, and some are slow to send it.
                    for _ in 0..if client % 3 == 0 { 1 } else { usize::MAX } {
                        let (first, rest) = request.split_at(if client % 3 == 1 { request.len() - 20 } else { 0 });
                        let sent = stream.write_all(first).and_then(|()| {
                            std::thread::sleep(Duration::from_millis(if client % 3 == 1 { 30 } else { 0 }));
                            stream.write_all(rest)
                        });
                        let answer = sent.ok().and_then(|()| receive(&mut stream));
                        let (status, closes) = answer.expect("a request was lost");
                        assert_eq!(status, 200);
                        answered.fetch_add(1, Relaxed);
                        if closes {
                            told.fetch_add(1, Relaxed);
                            break;
                        }
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        sample.terminate();
    });
    assert_eq!(refused.load(Relaxed), 12, "each client goes on until it is refused");
    assert!(
        answered.load(Relaxed) > 500 && told.load(Relaxed) >= 12,
        "{answered:?} answers, {told:?} of them the last"
    );
    assert_eq!(sample.ends(), Some(0));
}

/// Good requests and bad ones, on connections that are kept and on new ones.
#[test]
fn memory_stays_flat() {
    let sample = Sample::start(&[("WINDLASS_ACCESS_LOG", "off")]);
    let wrong = br#"{"inputs":[{"name":"features","shape":[1,17],"datatype":"FP32","data":[1]}]}"#;
    let raw = post("Inference-Header-Content-Length: 0\r\n", &[0; 64 * 3]);
    let gets = ["/metrics", "/v2/models/classifier", "/openapi.json", "/v2/nothing"];
    let gets = gets.map(|path| format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n").into_bytes());
    let requests = [post("", &row()), post("Accept-Encoding: gzip\r\n", &row()), raw, post("", wrong), post("", b"{")];
    let round = || {
        let mut stream = sample.connect();
        for number in 0..1_000 {
            stream.write_all(&requests[number % requests.len()]).unwrap();
            receive(&mut stream).expect("an answer");
            if number % 100 == 0 {
                stream.write_all(&gets[number / 100 % gets.len()]).unwrap();
                receive(&mut stream).expect("an answer");
            }
        }
    };
    (0..5).for_each(|_| round());
    let before = sample.resident();
    (0..50).for_each(|_| round());
    let grown = sample.resident().saturating_sub(before);
    println!("{grown} bytes more after 50,000 requests, of {before}");
    assert!(grown < 1 << 20, "{grown} bytes more after 50,000 requests");
}
