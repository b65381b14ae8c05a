//! Bodies of calls: messages, each behind a byte that says whether it is compressed and four that say how long it is.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use hyper::header::{HeaderMap, HeaderName};

use crate::app::{App, Memory};
use crate::compression::{self, Coding, too_large};
use crate::refusal::{Refusal, excerpt};
use crate::rest::WORTH_COMPRESSING;

pub const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
pub const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// What both directions may be compressed with.
pub const ACCEPTED: &str = "identity,gzip,deflate";

/// Before each message.
const PREFIX: usize = 5;

/// How the messages of one call are compressed. An answer is when its request may be and the caller takes it: clients say that they
/// accept everything, and only this tells that they gain by it.
#[derive(Clone, Copy, Default)]
pub struct Codings {
    pub request: Option<Coding>,
    pub answer: Option<Coding>,
}

impl Codings {
    pub fn of(headers: &HeaderMap) -> Result<Codings, Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let request = match text(ENCODING) {
            "" | "identity" => return Ok(Codings::default()),
            "gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            other => {
                let message = format!("grpc-encoding `{}` is not supported; use one of {ACCEPTED}", excerpt(other));
                return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, message));
            }
        };
        let accepts = text(ACCEPT_ENCODING).split(',').any(|name| name.trim() == request.name());
        Ok(Codings { request: Some(request), answer: accepts.then_some(request) })
    }
}

/// A message that has come whole.
pub struct Received {
    pub bytes: Bytes,
    pub coding: Option<Coding>,
    /// What it takes, for as long as it is needed.
    pub memory: Memory,
}

impl Received {
    /// Its content, of no more than `limit` bytes.
    pub fn content(self, limit: usize) -> Result<Bytes, Refusal> {
        content(self.bytes, self.coding, limit)
    }
}

pub fn content(bytes: Bytes, coding: Option<Coding>, limit: usize) -> Result<Bytes, Refusal> {
    match coding {
        None => Ok(bytes),
        Some(coding) => compression::inflate(coding, &bytes, limit).map(Bytes::from),
    }
}

/// The messages of a request, as they come.
pub struct Messages<B = Incoming> {
    body: B,
    coding: Option<Coding>,
    /// Most bytes of one.
    limit: usize,
    /// What has come of the next ones: in one piece if it came so, which needs no copy, or put together.
    piece: Bytes,
    pieces: BytesMut,
    memory: Memory,
}

impl<B> Messages<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    pub fn new(app: &Arc<App>, body: B, coding: Option<Coding>, limit: usize) -> Messages<B> {
        Messages { body, coding, limit, piece: Bytes::new(), pieces: BytesMut::new(), memory: Memory::new(app) }
    }

    /// Waits for the beginning of the next message; false when there is none. Dropping this future loses nothing.
    pub async fn begins(&mut self) -> Result<bool, Refusal> {
        while self.piece.is_empty() && self.pieces.is_empty() {
            if !self.fill().await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub async fn next(&mut self) -> Result<Option<Received>, Refusal> {
        loop {
            if let Some(received) = self.take()? {
                return Ok(Some(received));
            }
            if !self.fill().await? {
                return match (self.piece.is_empty(), self.pieces.is_empty()) {
                    (true, true) => Ok(None),
                    _ => Err(Refusal::invalid("the request ends within a message")),
                };
            }
        }
    }

    /// The message of a call that has one.
    pub async fn only(mut self) -> Result<Received, Refusal> {
        let Some(received) = self.next().await? else { return Err(Refusal::invalid("the request has no message")) };
        match self.next().await? {
            None => Ok(received),
            Some(_) => Err(Refusal::invalid("the request has more than one message")),
        }
    }

    /// More of the body; false at its end.
    async fn fill(&mut self) -> Result<bool, Refusal> {
        let Some(frame) = self.body.frame().await else { return Ok(false) };
        let frame = frame.map_err(|error| Refusal::invalid(format!("the request could not be read: {error}")))?;
        let Ok(data) = frame.into_data() else { return Ok(true) };
        if !self.memory.grow(data.len()) {
            return Err(Refusal::unavailable("too many bodies in memory at once"));
        }
        if self.piece.is_empty() && self.pieces.is_empty() {
            self.piece = data;
        } else {
            self.pieces.extend_from_slice(&self.piece);
            self.piece = Bytes::new();
            self.pieces.extend_from_slice(&data);
        }
        Ok(true)
    }

    fn take(&mut self) -> Result<Option<Received>, Refusal> {
        let come: &[u8] = if self.pieces.is_empty() { &self.piece } else { &self.pieces };
        let Some((&[flag, a, b, c, d], rest)) = come.split_first_chunk::<PREFIX>() else { return Ok(None) };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > self.limit {
            return Err(too_large(self.limit));
        }
        let coding = match (flag, self.coding) {
            (0, _) => None,
            (1, Some(coding)) => Some(coding),
            (1, None) => return Err(Refusal::invalid("a message is compressed, but grpc-encoding does not say how")),
            _ => return Err(Refusal::invalid(format!("a message begins with {flag}, which is neither 0 nor 1"))),
        };
        if rest.len() < length {
            return Ok(None);
        }
        let mut bytes = if self.pieces.is_empty() {
            self.piece.split_to(PREFIX + length)
        } else {
            self.pieces.split_to(PREFIX + length).freeze()
        };
        bytes.advance(PREFIX);
        Ok(Some(Received { bytes, coding, memory: self.memory.part(PREFIX + length) }))
    }
}

/// A message as it goes out.
pub fn framed(message: &impl prost::Message, coding: Option<Coding>) -> Result<Vec<u8>, Refusal> {
    let length = message.encoded_len();
    let mut out = Vec::with_capacity(PREFIX + length);
    out.extend_from_slice(&[0; PREFIX]);
    // A vector takes whatever is written into it.
    let _ = message.encode(&mut out);
    if let Some(coding) = coding
        && length >= WORTH_COMPRESSING
        && let Ok(smaller) = compression::deflate(coding, &out[PREFIX..])
    {
        out.truncate(PREFIX);
        out.extend_from_slice(&smaller);
        out[0] = 1;
    }
    let length = u32::try_from(out.len() - PREFIX)
        .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the answer is longer than a message can be"))?;
    out[1..PREFIX].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}

pub fn decoded<M: prost::Message + Default>(bytes: Bytes) -> Result<M, Refusal> {
    M::decode(bytes).map_err(|error| Refusal::invalid(format!("the message is not valid: {error}")))
}
