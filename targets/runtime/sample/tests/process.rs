//! The generated service as a process: what it prints, how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/tests/fixtures/");

fn sample(variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sample"));
    command.env("WINDLASS_LISTEN", "127.0.0.1:0").env("WINDLASS_MODEL_PATH", format!("{FIXTURES}classifier.onnx"));
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The value of a string in a log line.
fn field<'a>(line: &'a str, key: &str) -> &'a str {
    let start = line.find(&format!("\"{key}\":\"")).unwrap_or_else(|| panic!("no {key} in {line}")) + key.len() + 4;
    &line[start..start + line[start..].find('"').unwrap()]
}

fn ends(child: &mut Child) -> (i32, String) {
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("the process does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    (status.code().unwrap_or(-1), errors)
}

#[test]
fn serves_and_ends_on_sigterm() {
    let settings = [("WINDLASS_DRAIN_DELAY", "300ms"), ("WINDLASS_EMF", "stdout"), ("WINDLASS_ACCESS_LOG", "all")];
    let mut child = sample(&settings);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let listening = lines.next().unwrap();
    let address = field(&listening, "address").to_owned();
    assert_eq!(field(&lines.next().unwrap(), "message"), "ready");

    let mut stream = TcpStream::connect(&address).unwrap();
    let zeros = ["0"; 16].join(",");
    let body = format!(r#"{{"inputs":[{{"name":"features","shape":[1,16],"datatype":"FP32","data":[{zeros}]}}]}}"#);
    let path = "/v2/models/classifier/infer";
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: t\r\nX-Request-Id: mine\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = [0; 4096];
    let read = stream.read(&mut answer).unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200 OK"));

    let request = lines.next().unwrap();
    assert_eq!((field(&request, "request_id"), field(&request, "path")), ("mine", path));
    assert!(request.contains("\"status\":200") && request.contains("\"rows\":1"), "{request}");

    let begun = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(ends(&mut child), (0, String::new()));
    assert!(begun.elapsed() >= Duration::from_millis(300), "it did not wait");
    assert_eq!(field(&rest[0], "message"), "draining");
    assert!(
        rest.iter().any(|line| line.contains("\"CloudWatchMetrics\"") && line.contains("\"Requests\":1")),
        "{rest:?}"
    );
    assert_eq!(field(rest.last().unwrap(), "message"), "stopped");
}

/// Sends one inference request with these headers; the status of the answer.
fn infer(address: &str, headers: &str, data: &str) -> u16 {
    let body = format!(r#"{{"inputs":[{{"name":"features","shape":[1,16],"datatype":"FP32","data":[{data}]}}]}}"#);
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST /v2/models/classifier/infer HTTP/1.1\r\nConnection: close\r\n{headers}");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Runs the sample, sends it requests, and returns its log.
fn log_of(settings: &[(&str, &str)], requests: impl Fn(&str)) -> Vec<String> {
    let mut child = sample(&[settings, &[("WINDLASS_DRAIN_DELAY", "0")]].concat());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = field(&lines.next().unwrap(), "address").to_owned();
    while field(&lines.next().unwrap(), "message") != "ready" {}
    requests(&address);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let rest = lines.collect();
    assert_eq!(ends(&mut child), (0, String::new()));
    rest
}

#[test]
fn the_access_log_has_what_was_asked_for() {
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
    let key = std::env::temp_dir().join(format!("windlass-access-key-{}", std::process::id()));
    std::fs::write(&key, "s3cret-key").unwrap();
    let zeros = ["0"; 16].join(",");
    for (level, wanted) in [("all", 3), ("errors", 2), ("off", 0)] {
        let settings = [
            ("WINDLASS_ACCESS_LOG", level),
            ("WINDLASS_API_KEY_FILE", key.to_str().unwrap()),
            ("WINDLASS_PREDICTION_LOG_SAMPLE", "1"),
        ];
        let lines = log_of(&settings, |address| {
            assert_eq!(infer(address, &format!("x-request-id: good\r\nx-api-key: s3cret-key\r\n{trace}"), &zeros), 200);
            assert_eq!(infer(address, "x-request-id: bad\r\nx-api-key: s3cret-key\r\n", "1"), 400);
            assert_eq!(infer(address, "x-request-id: ugly\r\nx-api-key: other-key\r\n", &zeros), 401);
        });
        let of =
            |id: &str| lines.iter().find(|line| field(line, "message") == "request" && field(line, "request_id") == id);
        assert_eq!(["good", "bad", "ugly"].iter().filter(|id| of(id).is_some()).count(), wanted, "{lines:#?}");
        assert!(lines.iter().all(|line| !line.contains("s3cret-key") && !line.contains("other-key")), "{lines:#?}");
        if let Some(good) = of("good") {
            for part in
                ["\"status\":200", "\"rows\":1", "\"queue_ms\":", "\"compute_ms\":", "\"bytes_in\":", "\"span_id\":"]
            {
                assert!(good.contains(part), "{part}: {good}");
            }
            assert_eq!((field(good, "peer"), field(good, "version")), ("127.0.0.1", "1"));
            assert_eq!(field(good, "trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
        }
        if let (Some(bad), Some(ugly)) = (of("bad"), of("ugly")) {
            assert_eq!((field(bad, "kind"), field(ugly, "kind")), ("malformed", "unauthorized"));
            assert!(field(bad, "error").contains("features"), "{bad}");
        }
    }
    // Slow is as good a reason for a line as wrong.
    std::fs::remove_file(&key).unwrap();
    let lines = log_of(&[("WINDLASS_SLOW_REQUEST", "0")], |address| {
        assert_eq!(infer(address, "x-request-id: slow\r\n", &zeros), 200);
    });
    assert!(lines.iter().any(|line| field(line, "message") == "request" && field(line, "request_id") == "slow"));
}

#[test]
fn predictions_are_logged_as_asked() {
    let data = ["0.25"; 16].join(",");
    let ask = |address: &str| {
        for number in 0..20 {
            assert_eq!(infer(address, &format!("x-request-id: r{number}\r\n"), &data), 200);
        }
        assert_eq!(infer(address, "", "1"), 400);
    };
    let predictions = |settings: &[(&str, &str)]| -> Vec<String> {
        log_of(settings, ask).into_iter().filter(|line| field(line, "message") == "prediction").collect()
    };
    let half = predictions(&[("WINDLASS_PREDICTION_LOG_SAMPLE", "0.5")]);
    let ids = |lines: &[String]| lines.iter().map(|line| field(line, "request_id").to_owned()).collect::<Vec<_>>();
    assert!((1..20).contains(&half.len()), "{half:#?}");
    assert!(
        half[0].contains(&format!("\"data\":[{data}]")) && half[0].contains("\"name\":\"probabilities\""),
        "{}",
        half[0]
    );
    let redacted = [("WINDLASS_PREDICTION_LOG_SAMPLE", "0.5"), ("WINDLASS_PREDICTION_LOG_REDACT", "features")];
    let again = predictions(&redacted);
    assert_eq!(ids(&again), ids(&half), "the same ids make the same sample");
    assert!(!again[0].contains("0.25,0.25") && again[0].contains("\"redacted\":\""), "{}", again[0]);
    assert!(again[0].contains("\"shape\":[1, 16]") && again[0].contains("\"name\":\"probabilities\""));
    assert!(predictions(&[]).is_empty());
}

#[test]
fn a_second_signal_is_a_hurry() {
    let mut child = sample(&[("WINDLASS_DRAIN_DELAY", "1h")]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.next().unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    while field(&lines.next().unwrap(), "message") != "draining" {}
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(ends(&mut child).0, 0);
}

/// A list of versions that is read again when the process is told to; without one, the signal is harmless.
#[test]
fn a_hang_up_reads_the_list_of_versions_again() {
    let list = std::env::temp_dir().join(format!("windlass-{}-versions.json", std::process::id()));
    let write = |label: &str| {
        let digest = "ade2a87baa841606d4f1bcd4cbcc57404b7ff67ba71053685a2a392c69c0a633";
        let (version, path) = (format!("\"version\": \"{label}\""), format!("{FIXTURES}classifier.onnx"));
        let item = format!("{{{version}, \"source\": \"{path}\", \"sha256\": \"{digest}\", \"traffic\": 100}}");
        std::fs::write(&list, format!("{{\"versions\": [{item}]}}")).unwrap();
    };
    write("7");
    let mut child = sample(&[("WINDLASS_MODEL_CONFIG", list.to_str().unwrap()), ("WINDLASS_DRAIN_DELAY", "0")]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.next().unwrap();
    assert_eq!(field(&lines.next().unwrap(), "version"), "7");
    let id = child.id().to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    write("8");
    signal("-HUP");
    let line = lines.next().unwrap();
    assert_eq!((field(&line, "message"), field(&line, "version")), ("ready", "8"));
    std::fs::remove_file(&list).unwrap();
    signal("-HUP");
    let line = lines.next().unwrap();
    assert_eq!(field(&line, "message"), "the versions stay as they were");
    assert!(field(&line, "error").contains("cannot be read"), "{line}");
    signal("-TERM");
    assert_eq!(ends(&mut child).0, 0);
}

#[test]
fn says_why_it_cannot_serve() {
    for (variables, part) in [
        (&[("WINDLASS_THREADS", "none")][..], "WINDLASS_THREADS is `none`"),
        (&[("WINDLASS_MODEL_PATH", "/nonexistent.onnx")], "cannot open the model file `/nonexistent.onnx`"),
        (&[("WINDLASS_LISTEN", "192.0.2.1:80")], "cannot listen on 192.0.2.1:80"),
        (&[("WINDLASS_API_KEY_FILE", "/nonexistent")], "cannot read the API key file"),
        (&[("WINDLASS_MODEL_CONFIG", "/nonexistent")], "the model list `/nonexistent` cannot be read"),
        (&[("WINDLASS_MODEL_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))], "expected sha256 ade2a87b"),
    ] {
        let mut child = sample(variables);
        let (code, errors) = ends(&mut child);
        assert_eq!(code, 1, "{errors}");
        assert!(errors.starts_with('{') && errors.ends_with("}\n") && errors.contains(part), "{errors}");
    }
}

/// A limit on the length of files stands for a disk that is full: every write to one fails, and nothing else does.
#[test]
#[cfg(unix)]
fn a_disk_that_is_full_costs_the_cache_and_nothing_else() {
    let model = std::fs::read(format!("{FIXTURES}classifier.onnx")).unwrap();
    let store = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = store.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in store.incoming() {
            let mut stream = stream.unwrap();
            let head = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", model.len()).unwrap();
            stream.write_all(&model).unwrap();
        }
    });
    let cache = std::env::temp_dir().join(format!("windlass-full-{}", std::process::id()));
    std::fs::create_dir_all(&cache).unwrap();
    // Past the limit there is a signal, which a program that ignores it sees as an error of the write.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_sample")]);
    command.env("WINDLASS_LISTEN", "127.0.0.1:0").env("WINDLASS_DRAIN_DELAY", "0");
    command.env("WINDLASS_MODEL_STORE", format!("http://{address}")).env("WINDLASS_MODEL_CACHE", &cache);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let listening = lines.next().unwrap();
    let warning = lines.next().unwrap();
    assert_eq!(field(&warning, "message"), "the model is not cached, and served from memory");
    assert!(field(&warning, "error").contains("File too large"), "{warning}");
    assert_eq!(field(&lines.next().unwrap(), "message"), "ready");
    let mut stream = TcpStream::connect(field(&listening, "address")).unwrap();
    write!(stream, "GET /v2/health/ready HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 0, "no part of the model is left");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(ends(&mut child), (0, String::new()));
    std::fs::remove_dir_all(cache).unwrap();
}
