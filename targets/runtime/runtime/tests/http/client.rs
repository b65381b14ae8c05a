//! A client that sends exactly the bytes it is told to, well-formed or not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The message of an error answer, which must have one.
    pub fn error(&self) -> String {
        assert!(self.status >= 400, "no error: {} {}", self.status, String::from_utf8_lossy(&self.body));
        self.json()["error"].as_str().expect("an error is a string").to_owned()
    }
}

pub struct Client {
    stream: TcpStream,
    buffered: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        Client::try_connect(address).unwrap()
    }

    /// None when nobody listens.
    pub fn try_connect(address: SocketAddr) -> Option<Client> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Some(Client { stream, buffered: Vec::new() })
    }

    pub fn over(stream: TcpStream) -> Client {
        Client { stream, buffered: Vec::new() }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        // The server may answer and close before it has read all of it.
        let _ = self.stream.write_all(bytes);
    }

    pub fn receive(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(end) = self.buffered.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if !self.fill() {
                return None;
            }
        };
        let head = String::from_utf8(self.buffered.drain(..end).collect()).unwrap();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
        while self.buffered.len() < length {
            assert!(self.fill(), "the answer was cut short");
        }
        Some(Answer { status, headers, body: self.buffered.drain(..length).collect() })
    }

    /// Waits for the first bytes of an answer.
    pub fn starts(&mut self) -> bool {
        self.fill()
    }

    fn fill(&mut self) -> bool {
        let mut chunk = [0; 64 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(read) => {
                self.buffered.extend_from_slice(&chunk[..read]);
                read > 0
            }
            Err(_) => false,
        }
    }

    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        self.send(&bytes);
        self.receive().expect("an answer")
    }
}
