//! What fuzz targets call: bytes as they come from outside -> what the decoders make of them, without sockets and without waiting.
//!
//! Nothing here decides anything: each function takes the path of a request, and what it gives are plain values that a law can be
//! held against. Services do not use it, and their programs do not contain it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::service::service_fn;
use tract_onnx::prelude::TValue;

use crate::app::App;
use crate::compression::{self, Coding};
use crate::golden;
use crate::grpc::framing::{Codings, ENCODING, Messages};
use crate::grpc::infer::{Grpc, Named};
use crate::http;
use crate::infer::Codec;
use crate::loader;
use crate::model::Engine;
use crate::protocol::{self, Call};
use crate::refusal::Refusal;
use crate::repository::{Entry, Served};
use crate::result::little_endian;
use crate::server;
use crate::service::{DataType, Service};
use crate::settings::Settings;
use crate::versions;

/// A service with its model loaded, that nobody can connect to.
pub struct Subject {
    app: Arc<App>,
    served: Arc<Served>,
    runtime: tokio::runtime::Runtime,
}

/// A request that the model may see.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    pub id: Option<String>,
    /// In the model's order.
    pub inputs: Vec<Array>,
    /// Index of each wanted output, and whether it goes out as bytes.
    pub outputs: Vec<(usize, bool)>,
}

/// Elements in row-major order, little-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

/// Why a request goes no further.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// Of HTTP, also where the request came over gRPC.
    pub status: u16,
    pub message: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused { status: refusal.status.as_u16(), message: refusal.message }
    }
}

impl Subject {
    /// `bytes` are the model's file, which stands for the service's first version; `settings` as for a server.
    pub fn new(service: &'static Service, bytes: Vec<u8>, settings: Settings) -> Result<Subject, String> {
        let (loader, _) = loader::loader();
        let app = Arc::new(App::new(service, settings, loader)?);
        let engine = Engine::load(bytes, &service.model, app.settings.threads)?;
        let declared = app.repository.table().entries.first().ok_or("the service has no version")?.declared.clone();
        let (label, meter) = (declared.label.clone(), app.metrics.meter(&declared.label));
        let served = Arc::new(Served::new(&service.model, label, engine, None, meter));
        app.repository.change(|table| table.put(Entry::ready(declared, Arc::clone(&served))));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        Ok(Subject { app, served, runtime: runtime.map_err(|error| error.to_string())? })
    }

    /// The body of an inference request over REST. `json_length` and `encoding` are the values of the headers
    /// Inference-Header-Content-Length and Content-Encoding.
    pub fn rest(&self, body: &[u8], json_length: Option<&str>, encoding: Option<&str>) -> Result<Decoded, Refused> {
        let limit = self.app.settings.max_body_bytes;
        let inflated = match Coding::of_request(encoding)? {
            None => None,
            Some(coding) => Some(compression::inflate(coding, body, limit)?),
        };
        let body = inflated.as_deref().unwrap_or(body);
        let equal = self.served.engine.equal_dimensions();
        Ok(self.plain(protocol::decode(&self.app.service.model, equal, body, json_length)?))
    }

    /// The body of a `ModelInfer` call, in the pieces in which it comes. `encoding` is the value of the header grpc-encoding.
    pub fn grpc(&self, pieces: Vec<Bytes>, encoding: Option<&str>) -> Result<Decoded, Refused> {
        let mut headers = HeaderMap::new();
        if let Some(Ok(value)) = encoding.map(HeaderValue::from_str) {
            headers.insert(ENCODING, value);
        }
        let codings = Codings::of(&headers)?;
        let limit = self.app.settings.max_body_bytes;
        let messages = Messages::new(&self.app, Pieces(pieces.into()), codings.request, limit);
        let body = self.runtime.block_on(messages.only())?.content(limit)?;
        let named = Named::of(&body)?;
        self.app.find(&named.model, Some(named.version.as_str()).filter(|version| !version.is_empty()))?;
        let codec = Grpc { codings, streamed: false };
        Ok(self.plain(codec.decode(&self.app, &self.served, body)?))
    }

    /// All that a peer sends on one connection of HTTP/1 before it closes its side -> all that is answered.
    pub fn http1(&self, sent: &[u8]) -> Vec<u8> {
        let app = Arc::clone(&self.app);
        let service =
            service_fn(move |request: hyper::Request<Incoming>| http::handle(Arc::clone(&app), request, None, false));
        let mut wire = Wire { sent: sent.to_vec(), read: 0, answered: Vec::new() };
        // A server drops a request when its peer has gone; this peer has only nothing more to say.
        let mut builder = server::http1();
        let _ = self.runtime.block_on(builder.half_close(true).serve_connection(&mut wire, service));
        wire.answered
    }

    /// A file of golden pairs: how many there are.
    pub fn golden(&self, text: &str) -> Result<usize, String> {
        golden::check(&self.served.engine, &self.app.service.model, text).map(|outcome| outcome.pairs)
    }

    /// A list of versions: the label and the share of each, in hundredths of a percent.
    pub fn versions(&self, text: &str) -> Result<Vec<(String, u32)>, String> {
        let wanted = versions::parse(text, &self.app.service.model)?;
        Ok(wanted.versions.into_iter().map(|version| (version.label, version.traffic)).collect())
    }

    fn plain(&self, call: Call) -> Decoded {
        let array = |(declared, value): (DataType, &TValue)| Array {
            shape: value.shape().to_vec(),
            bytes: little_endian(declared, value).into_owned(),
        };
        let types = self.app.service.model.inputs.iter().map(|input| input.datatype);
        Decoded { id: call.id, inputs: types.zip(&call.inputs).map(array).collect(), outputs: call.outputs }
    }
}

/// A body that comes in pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// A connection whose peer has sent all that it ever will.
struct Wire {
    sent: Vec<u8>,
    read: usize,
    answered: Vec<u8>,
}

impl hyper::rt::Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let end = self.sent.len().min(self.read + buffer.remaining());
        buffer.put_slice(&self.sent[self.read..end]);
        self.read = end;
        Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.answered.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
