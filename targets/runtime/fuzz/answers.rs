//! What a connection of HTTP/1 answered, read strictly.

use serde_json::Value;

/// Each answer is whole, has a status that the runtime documents, and an error says why.
pub fn well_formed(sent: &[u8], answered: &[u8]) {
    let mut rest = answered;
    while !rest.is_empty() {
        let end = rest.windows(4).position(|window| window == b"\r\n\r\n").expect("a head that ends");
        let head = std::str::from_utf8(&rest[..end]).expect("a head in ASCII");
        rest = &rest[end + 4..];
        let mut lines = head.split("\r\n");
        let status = lines.next().expect("a status line");
        assert!(status.starts_with("HTTP/1.1 ") || status.starts_with("HTTP/1.0 "), "{status}");
        let status: u16 = status[9..12].parse().expect("a status");
        if status == 100 {
            continue;
        }
        let known = [200, 400, 401, 403, 404, 405, 408, 413, 415, 422, 431, 503, 504];
        assert!(known.contains(&status), "{head}");
        let header = |name: &str| {
            let found = head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
            found.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
        };
        if asks_for_heads(sent) {
            // Such an answer has the length of a body that does not follow, and which answer that is cannot be told from here.
            return;
        }
        let length: usize = header("content-length").expect("a length").parse().expect("a length that is a number");
        assert!(length <= rest.len(), "an answer that is cut short: {head}");
        let (body, after) = rest.split_at(length);
        rest = after;
        if status >= 400 && body.is_empty() {
            // What cannot be read as HTTP ends the connection.
            assert!(matches!(status, 400 | 431) && rest.is_empty(), "an error without a reason: {head}");
        } else if status >= 400 {
            let error: Value = serde_json::from_slice(body).expect("an error in JSON");
            let why = error["error"].as_str().expect("a reason");
            assert!(!why.is_empty() && why.chars().count() < 600, "long: {why}");
        } else if header("content-type") == Some("application/json") && header("content-encoding").is_none() {
            serde_json::from_slice::<Value>(body).expect("an answer in JSON");
        }
    }
}

fn asks_for_heads(sent: &[u8]) -> bool {
    sent.windows(5).any(|window| window == b"HEAD ")
}
