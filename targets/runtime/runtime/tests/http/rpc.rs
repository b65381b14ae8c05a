//! A client that speaks HTTP/2 without asking first, and gRPC on top of it, well-formed or not.

use std::future::Future;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use hyper::{HeaderMap, Request};
use prost::Message;
use tokio::task::JoinHandle;

/// Runs a test's steps on a thread that also runs their connections.
pub fn run<T>(steps: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(steps)
}

#[derive(Clone)]
pub struct Rpc {
    pub send: SendRequest<Bytes>,
}

/// What came back for a call.
#[derive(Debug)]
pub struct Answer {
    pub headers: HeaderMap,
    /// gRPC's.
    pub status: u16,
    pub message: String,
    /// Without prefixes, and as they came.
    pub messages: Vec<Bytes>,
    pub compressed: bool,
}

impl Answer {
    pub fn only<M: Message + Default>(&self) -> M {
        assert_eq!((self.status, self.message.as_str(), self.messages.len()), (0, "", 1), "{:?}", self.headers);
        M::decode(&self.messages[0][..]).unwrap()
    }
}

pub const SERVICE: &str = "/inference.GRPCInferenceService/";

pub fn framed(message: &impl Message) -> Bytes {
    prefixed(0, &message.encode_to_vec())
}

pub fn prefixed(flag: u8, bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    out.extend_from_slice(&[flag]);
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_be_bytes());
    out.extend_from_slice(bytes);
    out.freeze()
}

/// The connection ends with the outcome of the task.
pub async fn connect(address: SocketAddr) -> (Rpc, JoinHandle<Result<(), h2::Error>>) {
    try_connect(address).await.unwrap()
}

pub async fn try_connect(address: SocketAddr) -> Option<(Rpc, JoinHandle<Result<(), h2::Error>>)> {
    let stream = tokio::net::TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).unwrap();
    let (send, connection) = h2::client::handshake(stream).await.ok()?;
    Some((Rpc { send }, tokio::spawn(connection)))
}

impl Rpc {
    pub async fn open(
        &self,
        path: &str,
        metadata: &[(&str, &str)],
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let mut request = Request::post(format!("http://test{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in metadata {
            request = request.header(*name, *value);
        }
        self.send.clone().ready().await?.send_request(request.body(()).unwrap(), false)
    }

    /// Any bytes as the body.
    pub async fn raw(&self, path: &str, metadata: &[(&str, &str)], body: Bytes) -> Result<Answer, h2::Error> {
        let (response, mut stream) = self.open(path, metadata).await?;
        // A server that refuses early takes no more.
        let _ = stream.send_data(body, true);
        answer(response).await
    }

    pub async fn call(&self, method: &str, request: &impl Message) -> Answer {
        self.raw(&format!("{SERVICE}{method}"), &[], framed(request)).await.unwrap()
    }
}

pub async fn answer(response: ResponseFuture) -> Result<Answer, h2::Error> {
    let response = response.await?;
    assert_eq!(
        (response.status(), &response.headers()["content-type"]),
        (hyper::StatusCode::OK, &hyper::header::HeaderValue::from_static("application/grpc"))
    );
    let headers = response.headers().clone();
    let mut body = response.into_body();
    let (mut messages, mut compressed) = (Vec::new(), false);
    while let Some((flag, message)) = next(&mut body).await? {
        compressed |= flag == 1;
        messages.push(message);
    }
    let trailers = body.trailers().await?.unwrap_or_else(|| headers.clone());
    let text = |name: &str| trailers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let status = text("grpc-status").expect("a status").parse().unwrap();
    Ok(Answer { headers, status, message: text("grpc-message").unwrap_or_default(), messages, compressed })
}

/// The next message of a body. What comes after it must come in frames of its own, as it does from this server.
pub async fn next(body: &mut RecvStream) -> Result<Option<(u8, Bytes)>, h2::Error> {
    let mut whole = BytesMut::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        whole.extend_from_slice(&data);
        if let Some((&[flag, a, b, c, d], rest)) = whole.split_first_chunk::<5>()
            && rest.len() == u32::from_be_bytes([a, b, c, d]) as usize
        {
            return Ok(Some((flag, whole.split_off(5).freeze())));
        }
    }
    assert!(whole.is_empty(), "a message was cut short");
    Ok(None)
}
