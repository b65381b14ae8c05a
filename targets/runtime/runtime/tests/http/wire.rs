//! HTTP/1 at its edges: what every sequence of bytes means is defined, so that no proxy in front can take it for something else.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use windlass_runtime::names;

use crate::client::Client;
use crate::served::{ADD_ONE, Running, start, start_with};

/// All that comes back until the server closes, or says nothing for a while.
fn exchange(server: &Running, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
    // The server may close before it has read all of it.
    let _ = stream.write_all(sent);
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        all.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(all).unwrap()
}

/// The statuses of all answers, in order, and whether the server closed after the last one.
fn statuses(server: &Running, sent: impl AsRef<[u8]>) -> (Vec<u16>, bool) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let _ = stream.write_all(sent.as_ref());
    let mut client = Client::over(stream.try_clone().unwrap());
    // A request of our own behind what was sent tells whether the connection lives, and is answered last.
    client.send(b"GET /v2/the-end HTTP/1.1\r\nHost: t\r\n\r\n");
    let mut seen = Vec::new();
    while let Some(answer) = client.receive() {
        let last = answer.status == 404 && answer.error().contains("the-end");
        if last {
            let _ = stream.shutdown(Shutdown::Both);
            return (seen, false);
        }
        if answer.status >= 400 && !answer.body.is_empty() {
            answer.error();
        }
        seen.push(answer.status);
    }
    (seen, true)
}

const BODY: &str = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#;

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: t\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn requests_in_one_piece_are_answered_in_order() {
    let server = start(&ADD_ONE);
    let infer = server.infer_path();
    let sent = [
        post(&infer, "", BODY),
        "GET /v2/nothing HTTP/1.1\r\nHost: t\r\n\r\n".to_owned(),
        post(&infer, "", "{"),
        post("/v2/models/other/infer", "", BODY),
        post(&infer, "", BODY),
    ]
    .concat();
    assert_eq!(statuses(&server, &sent), (vec![200, 404, 400, 404, 200], false));
    // However it is cut.
    let mut client = server.client();
    for piece in sent.as_bytes().chunks(7) {
        client.send(piece);
    }
    let seen: Vec<u16> = (0..5).map(|_| client.receive().unwrap().status).collect();
    assert_eq!(seen, [200, 404, 400, 404, 200]);
    // What comes behind the wish to close is not looked at.
    let sent = [post(&infer, "Connection: close\r\n", BODY), post(&infer, "", BODY)].concat();
    assert_eq!(statuses(&server, sent), (vec![200], true));
}

#[test]
fn a_body_is_asked_for_when_it_will_be_read() {
    let key = std::env::temp_dir().join(format!("windlass-expect-key-{}", std::process::id()));
    std::fs::write(&key, "k").unwrap();
    let settings = [(names::MAX_BODY_BYTES, "1000"), (names::API_KEY_FILE, key.to_str().unwrap())];
    let server = start_with(&ADD_ONE, &settings);
    server.wait_until_ready();
    std::fs::remove_file(&key).unwrap();
    let infer = server.infer_path();
    let head = |path: &str, key: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: t\r\nx-api-key: {key}\r\nExpect: 100-Continue\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let mut client = server.client();
    for _ in 0..2 {
        client.send(head(&infer, "k", BODY.len()).as_bytes());
        assert_eq!(client.receive().unwrap().status, 100);
        client.send(BODY.as_bytes());
        assert_eq!(client.receive().unwrap().status, 200);
    }
    // What is refused whatever the body is gets that answer at once, and no further request on a connection where the body may come.
    for (path, key, length, status) in [
        (infer.as_str(), "k", 1_001, 413),
        (&infer, "wrong", 10, 401),
        ("/v2/models/other/infer", "k", 10, 404),
        ("/v2/models/add-one/versions/9/infer", "k", 10, 404),
        ("/v2/health/live", "k", 10, 405),
        ("/v2/repository/models/add-one/load", "k", 10, 403),
    ] {
        let mut client = server.client();
        client.send(head(path, key, length).as_bytes());
        let answer = client.receive().unwrap();
        assert_eq!((answer.status, answer.header("connection")), (status, Some("close")), "{path}");
        answer.error();
        assert!(client.receive().is_none(), "{path}: still open");
    }
}

#[test]
fn chunks_are_put_together() {
    let server = start(&ADD_ONE);
    let head = format!("POST {} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n", server.infer_path());
    let (one, two) = BODY.split_at(0x1f);
    let chunks = format!("1F;name=value\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\nX-Trailer: a\r\n\r\n", two.len());
    assert_eq!(statuses(&server, format!("{head}\r\n{chunks}")), (vec![200], false));
    // Byte by byte, as slow networks bring them.
    let mut client = server.client();
    for byte in format!("{head}\r\n{chunks}").as_bytes() {
        client.send(&[*byte]);
    }
    assert_eq!(client.receive().unwrap().status, 200);
    // No chunk at all is an empty body.
    assert_eq!(statuses(&server, format!("{head}\r\n0\r\n\r\n")), (vec![400], false));
    for broken in ["zz\r\n", "-1\r\nab", "1F\r\nshort\r\n0\r\n\r\n", "ffffffffffffffffff\r\na", "1 0\r\n"] {
        let (seen, closed) = statuses(&server, format!("{head}\r\n{broken}\r\n\r\n"));
        assert_eq!((seen, closed), (vec![400], true), "{broken:?}");
    }
}

/// RFC 9112, section 6: one reading of a message's length, or none.
#[test]
fn the_length_of_a_body_has_one_meaning() {
    let server = start(&ADD_ONE);
    let infer = server.infer_path();
    let with = |headers: &str, rest: &str| format!("POST {infer} HTTP/1.1\r\nHost: t\r\n{headers}\r\n{rest}");
    let length = BODY.len();
    for wrong in ["5\r\nContent-Length: 6", "5, 5", "+5", "-5", "5a", "0x5", "", "5.0", "18446744073709551616"] {
        let (seen, closed) = statuses(&server, with(&format!("Content-Length: {wrong}\r\n"), "abcde"));
        assert_eq!((seen, closed), (vec![400], true), "{wrong:?}");
    }
    // The same said twice is one length.
    let twice = format!("Content-Length: {length}\r\nContent-Length: {length}\r\n");
    assert_eq!(statuses(&server, with(&twice, BODY)), (vec![200], false));

    // With both, the chunks count; what a proxy that counts bytes would take for the rest of the body is not taken for a request.
    let chunked = format!("{length:x}\r\n{BODY}\r\n0\r\n\r\n");
    let smuggled = "GET /v2 HTTP/1.1\r\nHost: t\r\n\r\n";
    let all = chunked.len() + smuggled.len();
    for both in [
        format!("Content-Length: {all}\r\nTransfer-Encoding: chunked\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {all}\r\n"),
    ] {
        assert_eq!(statuses(&server, with(&both, &format!("{chunked}{smuggled}"))), (vec![200], true), "{both:?}");
    }
    for coding in ["gzip", "identity", "chunked, identity", "xchunked", "chunked\r\nTransfer-Encoding: identity", ""] {
        let (seen, closed) = statuses(&server, with(&format!("Transfer-Encoding: {coding}\r\n"), &chunked));
        assert_eq!((seen, closed), (vec![400], true), "{coding:?}");
    }
    let old = format!("POST {infer} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}");
    assert_eq!(statuses(&server, old), (vec![400], true));
    // Names and lines that proxies read differently are not read at all.
    for head in [
        format!("Content-Length : {length}"),
        format!("Content-Length: {length}\r\n folded: 1"),
        "X: a\0b".to_owned(),
        "X\u{1}: a".to_owned(),
        ": a".to_owned(),
        "no colon".to_owned(),
    ] {
        let (seen, closed) = statuses(&server, with(&format!("{head}\r\n"), BODY));
        assert_eq!((seen, closed), (vec![400], true), "{head:?}");
    }
}

#[test]
fn no_body_is_an_empty_one() {
    let server = start(&ADD_ONE);
    let infer = server.infer_path();
    for headers in ["", "Content-Length: 0\r\n"] {
        let sent = format!("POST {infer} HTTP/1.1\r\nHost: t\r\n{headers}\r\n");
        let answered = exchange(&server, sent.as_bytes());
        assert!(answered.starts_with("HTTP/1.1 400 ") && answered.contains("the body is empty"), "{answered}");
        let index = format!("POST /v2/repository/index HTTP/1.1\r\nHost: t\r\n{headers}\r\n");
        assert_eq!(statuses(&server, index), (vec![200], false));
    }
    // A body where none is looked at is read over, and the next request is not taken from within it.
    let sent = "GET /v2 HTTP/1.1\r\nHost: t\r\nContent-Length: 28\r\n\r\nGET /v2/nothing HTTP/1.1\r\n\r\n";
    assert_eq!(statuses(&server, sent), (vec![200], false));
}

#[test]
fn a_head_alone_is_that_of_the_whole() {
    let server = start(&ADD_ONE);
    for path in ["/v2", "/v2/health/live", "/v2/models/add-one", "/openapi.json", "/", "/v2/nothing"] {
        let get = server.get(path);
        let sent = format!("HEAD {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
        let answered = exchange(&server, sent.as_bytes());
        let (head, body) = answered.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {} ", get.status)) && body.is_empty(), "{path}: {answered}");
        let length = format!("content-length: {}", get.body.len());
        assert!(head.to_ascii_lowercase().contains(&length), "{path}: {head}");
    }
    // The metrics have other figures by then; what follows on the connection is an answer all the same.
    let twice = "HEAD /metrics HTTP/1.1\r\nHost: t\r\n\r\nGET /v2/health/live HTTP/1.1\r\nHost: t\r\n\r\n";
    let answered = exchange(&server, twice.as_bytes());
    assert_eq!(answered.matches("HTTP/1.1 200 OK").count(), 2, "{answered}");
    let infer = format!("HEAD {} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", server.infer_path());
    let answered = exchange(&server, infer.as_bytes());
    assert!(answered.starts_with("HTTP/1.1 405 ") && answered.ends_with("\r\n\r\n"), "{answered}");
}

#[test]
fn methods_are_those_of_the_path() {
    let server = start(&ADD_ONE);
    let infer = server.infer_path();
    for method in ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "post", "QUERY"] {
        for (path, allow) in [(infer.as_str(), "POST"), ("/v2", "GET, HEAD"), ("/v2/repository/index", "POST")] {
            let answer = server.client().request(method, path, &[], b"");
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
            assert!(answer.error().contains(&format!("use {allow}")));
        }
        assert_eq!(server.client().request(method, "/v2/nothing", &[], b"").status, 404);
    }
    assert_eq!(statuses(&server, "OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n"), (vec![404], false));
    assert_eq!(statuses(&server, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n").0, [404]);
    // Other protocols are not switched to.
    let upgrade = "GET /v2 HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(statuses(&server, upgrade), (vec![200], false));
}

/// RFC 9112, section 3.2: a target may be a whole address, whose host is nothing to us.
#[test]
fn targets_have_one_meaning() {
    let server = start(&ADD_ONE);
    let get = |target: &str| statuses(&server, format!("GET {target} HTTP/1.1\r\nHost: t\r\n\r\n")).0;
    for target in [
        "http://t/v2/health/live",
        "http://else.where:99/v2/health/live",
        "https://t/v2/health/live",
        "/v2/health/live?x=1&y",
        "/v2/health/live?",
        "/v2/health/live/",
        "/v2/health/live//",
        "/v2/models/%61dd%2Done",
        "/v2/models/%61dd%2done/versions/%31",
        "/v2/models/add-one/",
        "http://t/",
        "http://t",
        "/",
    ] {
        assert_eq!(get(target), [200], "{target}");
    }
    let absolute = post(&format!("http://t{}", server.infer_path()), "", BODY);
    assert_eq!(statuses(&server, absolute), (vec![200], false));
    assert_eq!(statuses(&server, post(&format!("{}/", server.infer_path()), "", BODY)), (vec![200], false));
    for target in [
        "//v2/health/live",
        "/v2//health/live",
        "/v2/./health/live",
        "/v2/models/../health/live",
        // An escape stands for the character, never for a border between names.
        "/v2%2fhealth%2flive",
        "/v2/health%2Flive",
        "/v2/models/%2e%2e",
        "/v2/models/%2561dd-one",
        "/v2/models/add-one%00",
        "/v2/models/add-one%20",
        "/v2/models/%ff",
        "/v2/models/%zz",
        "/v2/models/add-one%",
        "/V2/health/live",
        "/v2/models/ADD-ONE",
        "/v2/models/add-one/versions",
        "/v2/models/add-one/versions/",
        "/v2/models/add-one/versions/01",
        "/v2/models/add-one/versions/1%2e0",
        "/v2/models//ready",
        "/v2/health",
        "/v2/health/live/now",
        "/v2/health/live;a=b",
    ] {
        assert_eq!(get(target), [404], "{target}");
    }
    for target in ["", "v2", "/a b", "/a\tb", "/é\u{0}", "?", "#", "ht!tp://t/v2", "http:///v2"] {
        let (seen, closed) = statuses(&server, format!("GET {target} HTTP/1.1\r\nHost: t\r\n\r\n"));
        let refused = seen == [400] && closed || seen == [404];
        assert!(refused, "{target:?}: {seen:?}");
    }
}

#[test]
fn long_paths_are_not_found_and_longer_ones_not_read() {
    let server = start(&ADD_ONE);
    let slashes = "/v2/health/live".to_owned() + &"/".repeat(2_048 - 15);
    assert_eq!(server.get(&slashes).status, 200);
    assert_eq!(server.get(&format!("{slashes}/")).status, 404);
    let answer = server.get(&format!("/{}", "a".repeat(15_000)));
    assert_eq!(answer.status, 404);
    assert!(answer.error().len() < 200);
    assert_eq!(server.get(&format!("/{}", "a".repeat(17_000))).status, 431);
    assert_eq!(server.get(&format!("/v2/health/live?{}", "a".repeat(15_000))).status, 200);
}

#[test]
fn older_clients_are_answered() {
    let server = start(&ADD_ONE);
    assert_eq!(statuses(&server, "GET /v2 HTTP/1.0\r\n\r\n"), (vec![200], true));
    assert_eq!(statuses(&server, "GET /v2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), (vec![200], false));
    assert_eq!(statuses(&server, "GET /v2 HTTP/1.1\r\nConnection: keep-alive, close\r\n\r\n"), (vec![200], true));
    for version in ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3", "http/1.1", "HTTPS/1.1", "HTTP/1.1 x"] {
        let (seen, closed) = statuses(&server, format!("GET /v2 {version}\r\nHost: t\r\n\r\n"));
        assert_eq!((seen, closed), (vec![400], true), "{version}");
    }
    // No version at all is how it began, and is not spoken any more.
    assert_eq!(statuses(&server, "GET /v2\r\n\r\n"), (vec![400], true));
}
