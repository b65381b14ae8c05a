//! From the opening of the socket to the last answer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use windlass_runtime::{DataType, Golden, Model, Service, Tensor, Version, names};

use crate::client::Client;
use crate::served::{ADD_ONE, SLOW, fixture_path, fp32, start_with};

#[test]
fn draining_loses_nothing() {
    let mut server = start_with(&ADD_ONE, &[(names::DRAIN_DELAY, "500ms")]);
    server.wait_until_ready();
    let (address, path) = (server.address, server.infer_path());
    let body = fp32("x", &[1, 3], &[1.0, 2.0, 3.0]).to_string();
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // As a client behind a service does: it makes a new connection when it is told that this one closes.
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::connect(address);
                while !stop.load(Relaxed) {
                    let answer = client.request("POST", &path, &[], body.as_bytes());
                    assert_eq!(answer.status, 200);
                    answered.fetch_add(1, Relaxed);
                    if answer.header("connection") == Some("close") {
                        client = Client::connect(address);
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(100));
        server.tell_to_stop();
        std::thread::sleep(Duration::from_millis(100));
        let ready = server.get("/v2/health/ready");
        assert_eq!((ready.status, ready.error().as_str()), (503, "the service is shutting down"));
        assert_eq!(server.get("/v2/health/live").status, 200);
        std::thread::sleep(Duration::from_millis(200));
        stop.store(true, Relaxed);
    });
    assert!(answered.load(Relaxed) > 10);
    server.stop().unwrap();
}

/// A connection that was accepted is answered, up to the moment when new ones are refused.
#[test]
fn the_last_connections_are_answered() {
    let mut server = start_with(&ADD_ONE, &[(names::DRAIN_DELAY, "100ms")]);
    server.wait_until_ready();
    let (address, path) = (server.address, server.infer_path());
    let body = fp32("x", &[1, 3], &[1.0, 2.0, 3.0]).to_string();
    let refused = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(mut client) = Client::try_connect(address) {
                    assert_eq!(client.request("POST", &path, &[], body.as_bytes()).status, 200);
                }
                refused.fetch_add(1, Relaxed);
            });
        }
        std::thread::sleep(Duration::from_millis(100));
        server.tell_to_stop();
    });
    assert_eq!(refused.load(Relaxed), 8);
    server.stop().unwrap();
}

/// What comes on an open connection after the listening socket has closed is still answered, with the advice to go away.
#[test]
fn a_late_request_on_an_open_connection_is_answered() {
    let mut server = start_with(&ADD_ONE, &[]);
    server.wait_until_ready();
    let mut client = server.client();
    assert_eq!(client.request("GET", "/v2", &[], b"").header("connection"), None);
    server.tell_to_stop();
    while Client::try_connect(server.address).is_some() {}
    let answer = client.request("GET", "/v2", &[], b"");
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    server.stop().unwrap();
}

#[test]
fn a_request_in_flight_is_finished() {
    let mut server = start_with(&SLOW, &[]);
    server.wait_until_ready();
    let rows = 400;
    let body = fp32("x", &[rows, 512], &vec![0.0; rows * 512]).to_string();
    let mut client = server.client();
    let head = format!("POST {} HTTP/1.1\r\nHost: t\r\nContent-Length: {}\r\n\r\n", server.infer_path(), body.len());
    client.send(head.as_bytes());
    client.send(&body.as_bytes()[..1_000]);
    std::thread::sleep(Duration::from_millis(50));
    server.tell_to_stop();
    std::thread::sleep(Duration::from_millis(50));
    client.send(&body.as_bytes()[1_000..]);
    assert_eq!(client.receive().unwrap().status, 200);
    server.stop().unwrap();
}

/// An answer that is still on its way to a slow reader when the end comes arrives whole.
#[test]
fn an_answer_that_is_being_read_is_finished() {
    use std::io::{Read, Write};
    let mut server = start_with(&ADD_ONE, &[]);
    server.wait_until_ready();
    // More than the buffers of both sockets hold.
    let rows = 1_000_000;
    let floats = vec![0; rows * 12];
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    let path = server.infer_path();
    let length = floats.len();
    write!(stream, "POST {path} HTTP/1.1\r\nInference-Header-Content-Length: 0\r\nContent-Length: {length}\r\n\r\n")
        .unwrap();
    stream.write_all(&floats).unwrap();
    // So that the answer was made, without `Connection: close`, before the server is told to end.
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    server.tell_to_stop();
    std::thread::sleep(Duration::from_millis(1_500));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > length, "{} bytes of more than {length}", rest.len());
    server.stop().unwrap();
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() {
    let mut server = start_with(&ADD_ONE, &[]);
    server.wait_until_ready();
    let _silent = Client::connect(server.address);
    let mut used = server.client();
    assert_eq!(used.request("GET", "/v2", &[], b"").status, 200);
    std::thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    server.stop().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "took {:?}", begun.elapsed());
}

const INPUTS: &[Tensor] = &[Tensor { name: "x", datatype: DataType::Fp32, shape: &[-1, 3] }];
const OUTPUTS: &[Tensor] = &[Tensor { name: "y", datatype: DataType::Fp32, shape: &[-1, 3] }];

/// A service over the first fixture that differs in one thing.
fn refused(model: Model, path: &str) -> String {
    let service: &'static Service = Box::leak(Box::new(Service { name: "refused", model }));
    let mut server = start_with(service, &[(names::MODEL_PATH, path)]);
    let begun = Instant::now();
    while server.thread_runs() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.stop().unwrap_err()
}

#[test]
fn a_model_that_does_not_fit_is_refused() {
    let good = Model { inputs: INPUTS, outputs: OUTPUTS, ..ADD_ONE.model };
    let of = |sha256: &'static str| -> &'static [Version] {
        Box::leak(Box::new([Version { sha256, ..ADD_ONE.model.versions[0] }]))
    };
    let fixture = fixture_path("add-one.onnx");
    let fixture = fixture.to_str().unwrap();
    let temporary = |name: &str, bytes: &[u8]| {
        let path = std::env::temp_dir().join(format!("windlass-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let digest = |bytes: &[u8]| -> &'static str {
        use sha2::{Digest, Sha256};
        let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Box::leak(hex.into_boxed_str())
    };
    let whole = std::fs::read(fixture).unwrap();

    let why = refused(Model { versions: of(digest(b"another")), ..good }, fixture);
    assert!(why.contains(digest(b"another")) && why.contains(good.versions[0].sha256), "{why}");
    assert!(refused(good, "/nonexistent/model.onnx").contains("cannot open the model file"));
    assert!(refused(good, "/dev/null").contains("not a regular file"));
    let empty = temporary("empty", b"");
    assert!(refused(good, &empty).contains("is empty"));
    for (name, bytes) in [("cut", &whole[..whole.len() / 2]), ("text", &b"not a model at all, only text"[..])] {
        let path = temporary(name, bytes);
        let why = refused(Model { versions: of(digest(bytes)), ..good }, &path);
        assert!(why.contains("not ONNX"), "{name}: {why}");
    }
    const RENAMED: &[Tensor] = &[Tensor { name: "z", datatype: DataType::Fp32, shape: &[-1, 3] }];
    assert!(refused(Model { inputs: RENAMED, ..good }, fixture).contains("the model's inputs are `x`"));
    const RETYPED: &[Tensor] = &[Tensor { name: "x", datatype: DataType::Fp64, shape: &[-1, 3] }];
    assert!(refused(Model { inputs: RETYPED, ..good }, fixture).contains("not FP64"));
    const RESHAPED: &[Tensor] = &[Tensor { name: "x", datatype: DataType::Fp32, shape: &[-1, 4] }];
    assert!(refused(Model { inputs: RESHAPED, ..good }, fixture).contains("not [-1, 4]"));
    const NARROWER: &[Tensor] = &[Tensor { name: "y", datatype: DataType::Fp32, shape: &[-1, 2] }];
    assert!(refused(Model { outputs: NARROWER, ..good }, fixture).contains("output `y` has shape [1, 3]"));
    const INTEGERS: &[Tensor] = &[Tensor { name: "y", datatype: DataType::Int64, shape: &[-1, 3] }];
    assert!(refused(Model { outputs: INTEGERS, ..good }, fixture).contains("generated for INT64"));
}

#[test]
fn golden_pairs_hold_before_the_service_is_ready() {
    use sha2::{Digest, Sha256};
    let folder = std::env::temp_dir().join(format!("windlass-{}-golden", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let model = folder.join("add-one.onnx");
    std::fs::copy(fixture_path("add-one.onnx"), &model).unwrap();
    let path = model.to_str().unwrap();
    let with = |text: &str| {
        std::fs::write(folder.join("pairs.json"), text).unwrap();
        let sha256 = Box::leak(format!("{:x}", Sha256::digest(text)).into_boxed_str());
        let version = Version { golden: Some(Golden { file: "pairs.json", sha256 }), ..ADD_ONE.model.versions[0] };
        Model { versions: Box::leak(Box::new([version])), ..ADD_ONE.model }
    };
    let sound = r#"[{"inputs": {"x": [[1, 2, 3]]}, "outputs": {"y": [[2, 3, 4.0001]]}}]"#;
    let good = with(sound);
    let service: &'static Service = Box::leak(Box::new(Service { name: "golden", model: good }));
    let mut server = start_with(service, &[(names::MODEL_PATH, path)]);
    server.wait_until_ready();
    server.stop().unwrap();

    let why = refused(with(&sound.replace("4.0001", "4.5")), path);
    assert!(why.contains("golden pair 1: output `y` at [0, 2] is 4, not 4.5 within 4.600e-4; 1 of 3 values"), "{why}");
    // The last file written does not have the digest of the first.
    let why = refused(good, path);
    assert!(why.contains("the golden pairs") && why.contains("expected sha256"), "{why}");
    std::fs::remove_file(folder.join("pairs.json")).unwrap();
    assert!(refused(good, path).contains("cannot read the golden pairs"));
}
