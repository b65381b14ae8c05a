//! A call of gRPC over HTTP/2 -> its answer: the Open Inference Protocol's service, health checking and reflection.
//!
//! hyper speaks HTTP/2; this module adds what gRPC puts on top, which is little: messages with a prefix ([`framing`]), status and
//! message in trailers ([`status`]), and a timeout. So a call takes the very path of a REST request, with its limits, places, key, counts
//! and log lines. Refusals are those of REST, too; [`status::Code::of`] is the table between their statuses and gRPC's.

pub mod framing;
mod health;
pub mod infer;
mod methods;
mod protocol;
mod reflection;
mod status;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method as HttpMethod, Request, Response, StatusCode, Uri};
use tokio::time::{Instant, timeout_at};

use crate::access::{Head, Notes, Scope};
use crate::app::{App, Place, Unread};
use crate::http::{Reply, authorize};
use crate::infer::{Admitted, Inferred, elsewhere};
use crate::metrics::Transport;
use crate::names;
use crate::refusal::{Refusal, excerpt};
use crate::reply::Body;
use framing::{ACCEPT_ENCODING, ACCEPTED, Codings, ENCODING, Messages, Received};
use infer::{Grpc, Named};
use status::{Code, timeout, trailers};

/// Longest message of a call that carries no tensors.
const SHORT: usize = 64 * 1024;
/// What counts as for ever; far below what clock arithmetic overflows on.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// Whether a request is a call. What is not is REST's, and gets its 404.
pub fn is_call<B>(request: &Request<B>) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let rest = kind.strip_prefix("application/grpc");
    *request.method() == HttpMethod::POST && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    ServerLive,
    ServerReady,
    ModelReady,
    ServerMetadata,
    ModelMetadata,
    ModelInfer,
    ModelStreamInfer,
    ModelConfig,
    ModelStatistics,
    RepositoryIndex,
    RepositoryModelLoad,
    RepositoryModelUnload,
    HealthCheck,
    HealthWatch,
    Reflection,
}

fn method(path: &str) -> Option<Method> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    Some(match (service, method) {
        (health::INFERENCE, "ServerLive") => Method::ServerLive,
        (health::INFERENCE, "ServerReady") => Method::ServerReady,
        (health::INFERENCE, "ModelReady") => Method::ModelReady,
        (health::INFERENCE, "ServerMetadata") => Method::ServerMetadata,
        (health::INFERENCE, "ModelMetadata") => Method::ModelMetadata,
        (health::INFERENCE, "ModelInfer") => Method::ModelInfer,
        (health::INFERENCE, "ModelStreamInfer") => Method::ModelStreamInfer,
        (health::INFERENCE, "ModelConfig") => Method::ModelConfig,
        (health::INFERENCE, "ModelStatistics") => Method::ModelStatistics,
        (health::INFERENCE, "RepositoryIndex") => Method::RepositoryIndex,
        (health::INFERENCE, "RepositoryModelLoad") => Method::RepositoryModelLoad,
        (health::INFERENCE, "RepositoryModelUnload") => Method::RepositoryModelUnload,
        ("grpc.health.v1.Health", "Check") => Method::HealthCheck,
        ("grpc.health.v1.Health", "Watch") => Method::HealthWatch,
        (
            "grpc.reflection.v1.ServerReflection" | "grpc.reflection.v1alpha.ServerReflection",
            "ServerReflectionInfo",
        ) => Method::Reflection,
        _ => return None,
    })
}

impl Method {
    /// As for REST, probes need no key.
    fn is_open(self) -> bool {
        matches!(self, Method::ServerLive | Method::ServerReady | Method::HealthCheck | Method::HealthWatch)
    }

    /// Comes every few seconds and says nothing while it succeeds.
    fn is_routine(self) -> bool {
        self.is_open() || self == Method::ModelReady
    }
}

/// The number of gRPC's status for one of HTTP, as log lines and spans have it.
pub fn status_number(status: u16) -> u64 {
    StatusCode::from_u16(status).map_or(Code::Unknown, Code::of) as u64
}

/// What is known of a call when its head has come.
struct Asked {
    uri: Uri,
    method: Option<Method>,
    /// Those that say where in which trace the call stands, and its id.
    headers: HeaderMap,
    peer: Option<SocketAddr>,
}

impl Asked {
    /// Of the call, or of one message of it.
    fn scope(&self, app: &Arc<App>, infers: bool) -> Scope {
        let head = Head {
            transport: Transport::Grpc,
            method: HttpMethod::POST,
            uri: self.uri.clone(),
            // What varies is in the messages.
            route: if self.method.is_some() { None } else { Some("unknown") },
            peer: self.peer,
            headers: &self.headers,
            infers,
            routine: self.method.is_some_and(Method::is_routine),
        };
        Scope::begin(app, head)
    }
}

/// `crowded` is why no call is to be looked at, if there is a reason.
pub async fn handle(
    app: &Arc<App>,
    request: Request<Incoming>,
    peer: Option<SocketAddr>,
    crowded: Option<Refusal>,
) -> Reply {
    let uri = request.uri().clone();
    let method = method(uri.path());
    let mut headers = HeaderMap::new();
    for name in [names::REQUEST_ID_HEADER, names::TRACEPARENT_HEADER, names::TRACESTATE_HEADER] {
        request.headers().get_all(name).iter().for_each(|value| {
            headers.append(name, value.clone());
        });
    }
    let mut asked = Asked { uri, method, headers, peer };
    // What a stream carries is counted message by message, under the id of the stream.
    let scope = asked.scope(app, method == Some(Method::ModelInfer));
    if let Ok(id) = HeaderValue::from_str(&scope.notes.request_id) {
        asked.headers.insert(names::REQUEST_ID_HEADER, id);
    }
    let outcome = match crowded {
        Some(refusal) => Err(refusal),
        None => answer(app, asked, &scope, request).await,
    };
    let (mut reply, sent, refusal) = match outcome {
        Ok(Answer::Message { bytes, codings }) => {
            let sent = bytes.len() as u64;
            let mut reply = Response::new(Body::with_trailers(bytes, Some(trailers(None))));
            announce(reply.headers_mut(), codings);
            (reply, sent, None)
        }
        Ok(Answer::Stream { body, codings }) => {
            let mut reply = Response::new(body);
            announce(reply.headers_mut(), codings);
            (reply, 0, None)
        }
        Err(refusal) => {
            let mut reply = Response::new(Body::with_trailers(Bytes::new(), None));
            *reply.headers_mut() = trailers(Some(&refusal));
            announce(reply.headers_mut(), Codings::default());
            (reply, 0, Some(refusal))
        }
    };
    scope.mark(reply.headers_mut());
    if method == Some(Method::ModelStreamInfer) && refusal.is_none() {
        scope.leave();
    } else {
        let status = refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
        scope.end(status.as_u16(), sent, refusal.as_ref());
    }
    reply
}

/// The headers of every answer.
fn announce(headers: &mut HeaderMap, codings: Codings) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
    if let Some(coding) = codings.answer {
        headers.insert(ENCODING, HeaderValue::from_static(coding.name()));
    }
}

enum Answer {
    Message { bytes: Bytes, codings: Codings },
    Stream { body: Body, codings: Codings },
}

async fn answer(app: &Arc<App>, asked: Asked, scope: &Scope, request: Request<Incoming>) -> Result<Answer, Refusal> {
    let method = asked.method;
    let (head, body) = request.into_parts();
    // A stranger does not learn which methods exist.
    authorize(app, || method.is_some_and(Method::is_open), &head.headers)?;
    let method = method.ok_or_else(|| {
        let message = format!("there is no method `{}`", excerpt(asked.uri.path()));
        Refusal::new(StatusCode::NOT_IMPLEMENTED, message)
    })?;
    let codings = Codings::of(&head.headers)?;
    let patience = timeout(&head.headers)?;
    let start = Instant::from_std(scope.start);
    let carries_tensors = matches!(method, Method::ModelInfer | Method::ModelStreamInfer);
    let limit = if carries_tensors { app.settings.max_body_bytes } else { SHORT };
    let messages = Messages::new(app, body, codings.request, limit);
    // A stream lasts as long as its caller wants, each of its messages as long as a request.
    let deadline = start + patience.unwrap_or(LONGEST).min(LONGEST);
    let body = match method {
        Method::ModelStreamInfer => {
            let app = Arc::clone(app);
            Body::stream(|to| async move {
                let answer = |received| infer_streamed(&app, &asked, received, codings, deadline);
                stream::answered(&app, messages, deadline, to, answer).await
            })
        }
        Method::Reflection => {
            let app = Arc::clone(app);
            Body::stream(|to| async move {
                let answer = |received| std::future::ready(reflection::answer(&app, received));
                stream::answered(&app, messages, deadline, to, answer).await
            })
        }
        Method::HealthWatch => {
            let request = only(app, messages, start, patience).await?.content(limit)?;
            let app = Arc::clone(app);
            Body::stream(|to| async move { health::watch(&app, request, deadline, to).await })
        }
        _ => {
            let received = only(app, messages, start, patience).await?;
            if method == Method::ModelInfer {
                let deadline = start + patience.unwrap_or(LONGEST).min(app.settings.request_timeout);
                let codec = Grpc { codings, streamed: false };
                let Inferred { answer, copy } = infer(app, &scope.notes, received, codec, start, deadline).await?;
                return Ok(Answer::Message { bytes: Unread::bytes(app, answer, copy), codings });
            }
            let message = methods::answer(app, method, received.content(limit)?, codings.answer).await?;
            return Ok(Answer::Message { bytes: message.into(), codings });
        }
    };
    // The messages of health and reflection are too short to be compressed, but may say that they could be.
    Ok(Answer::Stream { body, codings })
}

/// The one message of a call, in time.
async fn only(app: &App, messages: Messages, start: Instant, patience: Option<Duration>) -> Result<Received, Refusal> {
    let deadline = start + patience.unwrap_or(LONGEST).min(app.settings.request_timeout);
    let late = || Refusal::new(StatusCode::REQUEST_TIMEOUT, "the request did not arrive in time");
    timeout_at(deadline, messages.only()).await.unwrap_or_else(|_| Err(late()))
}

/// The answer with its prefix. The message says which version is to make it.
async fn infer(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    received: Received,
    codec: Grpc,
    begun: Instant,
    deadline: Instant,
) -> Result<Inferred<Vec<u8>>, Refusal> {
    let Received { bytes, coding, memory } = received;
    notes.received(bytes.len());
    let place = Place::take(app)?;
    let (body, memory, place) = if coding.is_none() {
        (bytes, memory, place)
    } else {
        let inflate =
            move |app: &App| Ok((framing::content(bytes, coding, app.settings.max_body_bytes)?, memory, place));
        elsewhere(app, notes, deadline, inflate).await?
    };
    let named = Named::of(&body)?;
    app.known(&named.model)?;
    let version = Some(named.version.as_str()).filter(|version| !version.is_empty());
    let id = if named.id.is_empty() { &notes.request_id } else { &named.id };
    let choice = app.repository.choose(version, id)?;
    notes.chosen(&choice);
    crate::infer::infer(app, notes, codec, Admitted { choice, body, memory, place, begun, deadline }).await
}

/// One request of a stream, counted and logged as the only one of a call is; what is wrong with it goes into its answer.
async fn infer_streamed(
    app: &Arc<App>,
    asked: &Asked,
    received: Received,
    codings: Codings,
    deadline: Instant,
) -> Result<Bytes, Refusal> {
    use protocol::inference::{ModelInferResponse, ModelStreamInferResponse};
    let begun = Instant::now();
    let deadline = deadline.min(begun + app.settings.request_timeout);
    let scope = asked.scope(app, true);
    // So that the caller knows which of its requests a refusal is about.
    let id = if received.coding.is_none() { Named::of(&received.bytes).unwrap_or_default().id } else { String::new() };
    let codec = Grpc { codings, streamed: true };
    let outcome = infer(app, &scope.notes, received, codec, begun, deadline).await;
    let (message, copy, refusal) = match outcome {
        Ok(Inferred { answer, copy }) => (answer, copy, None),
        Err(refusal) => {
            let infer_response = Some(ModelInferResponse { id, ..Default::default() });
            let answer = ModelStreamInferResponse { error_message: refusal.message.clone(), infer_response };
            (framing::framed(&answer, codings.answer)?, None, Some(refusal))
        }
    };
    let status = refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
    scope.end(status.as_u16(), message.len() as u64, refusal.as_ref());
    Ok(Unread::bytes(app, message, copy))
}
