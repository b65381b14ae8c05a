//! Peers that take their time: none of them holds a connection, a place or a thread for longer than it is given.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use windlass_runtime::names;

use crate::served::{ADD_ONE, Running, fp32, start, start_with};

fn connect(server: &Running) -> TcpStream {
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends bytes one by one for as long as they are taken, and returns what came back and how long that lasted.
fn drip(mut stream: TcpStream, bytes: impl Iterator<Item = u8>) -> (String, Duration) {
    stream.set_read_timeout(Some(Duration::from_millis(25))).unwrap();
    let begun = Instant::now();
    let (mut answered, mut piece) = (Vec::new(), [0; 1024]);
    for byte in bytes {
        let sent = stream.write_all(&[byte]);
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => answered.extend_from_slice(&piece[..read]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
        if sent.is_err() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(25), "still open");
    }
    (String::from_utf8(answered).unwrap(), begun.elapsed())
}

/// A head has ten seconds from its first byte, whatever it is the head of and however steadily it comes.
#[test]
fn a_head_that_drips_is_cut_off() {
    let server = start(&ADD_ONE);
    let forever = |text: &str| text.as_bytes().to_vec().into_iter().chain(std::iter::repeat(b'a'));
    let heads = ["GET /v2 HTTP/1.1\r\nX-Slow: ", "GET /", "PRI", ""];
    std::thread::scope(|scope| {
        for head in heads {
            let server = &server;
            scope.spawn(move || {
                let (answered, lasted) = drip(connect(server), forever(head));
                assert_eq!(answered, "", "{head:?}");
                assert!((9..20).contains(&lasted.as_secs()), "{head:?} lasted {lasted:?}");
            });
        }
        // What they hold is a connection each and nothing else.
        let held: Vec<TcpStream> = (0..500).map(|_| connect(&server)).collect();
        held.iter().for_each(|mut stream| stream.write_all(b"GET /v2 HTTP/1.1\r\nX-Slow: ").unwrap());
        for _ in 0..20 {
            let begun = Instant::now();
            assert_eq!(server.infer(&fp32("x", &[1, 3], &[1.0, 2.0, 3.0])).status, 200);
            assert!(begun.elapsed() < Duration::from_secs(1), "took {:?}", begun.elapsed());
        }
        assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
    });
}

/// A body has the time of its request, however steadily it comes, and takes no place among the requests in flight until it is whole.
#[test]
fn a_body_that_drips_is_cut_off() {
    let settings = [(names::REQUEST_TIMEOUT, "1s"), (names::MAX_IN_FLIGHT, "1"), (names::THREADS, "1")];
    let server = start_with(&ADD_ONE, &settings);
    server.wait_until_ready();
    let sized = format!("POST {} HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n", server.infer_path());
    let chunked = format!("POST {} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n", server.infer_path());
    std::thread::scope(|scope| {
        for (head, body) in [(&sized, " "), (&chunked, "1\r\n \r\n")].repeat(10) {
            let server = &server;
            scope.spawn(move || {
                let mut stream = connect(server);
                stream.write_all(head.as_bytes()).unwrap();
                let (answered, lasted) = drip(stream, body.bytes().cycle());
                assert!(answered.starts_with("HTTP/1.1 408 "), "{answered:?}");
                assert!(answered.contains("the body did not arrive in time"), "{answered}");
                assert!(answered.to_ascii_lowercase().contains("connection: close"), "{answered}");
                assert!(lasted < Duration::from_secs(10), "lasted {lasted:?}");
            });
        }
        std::thread::sleep(Duration::from_millis(200));
        for _ in 0..20 {
            assert_eq!(server.infer(&fp32("x", &[1, 3], &[1.0, 2.0, 3.0])).status, 200);
        }
    });
    assert_eq!(server.metric(names::ERRORS_TOTAL, "kind=\"timeout\""), 20.0);
}
