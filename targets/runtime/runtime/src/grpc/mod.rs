//! A call of gRPC over HTTP/2 -> its answer: the Open Inference Protocol's service, health checking and reflection.
//!
//! hyper speaks HTTP/2; this module adds what gRPC puts on top, which is little: messages with a prefix ([`framing`]), status and
//! message in trailers ([`status`]), and a timeout. So a call takes the very path of a REST request, with its limits, places, key, counts
//! and log lines. Refusals are those of REST, too; [`status::Code::of`] is the table between their statuses and gRPC's.

mod framing;
mod health;
mod infer;
mod methods;
mod protocol;
mod reflection;
mod status;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method as HttpMethod, Request, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::app::{App, Place, Unread};
use crate::http::{Asked, Reply, WaitedFor, authorize};
use crate::infer::{Inferred, elsewhere};
use crate::log::Level;
use crate::metrics::Outcome;
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

    /// Probes are told only to those who want to know everything.
    fn level(self) -> Level {
        if self.is_open() || self == Method::ModelReady { Level::Debug } else { Level::Info }
    }
}

/// `crowded` is why no call is to be looked at, if there is a reason.
pub async fn handle(app: &Arc<App>, asked: Asked, request: Request<Incoming>, crowded: Option<Refusal>) -> Reply {
    let method = method(&asked.path);
    // What a stream carries is counted message by message.
    let mut waited_for = (method == Some(Method::ModelInfer)).then(|| WaitedFor::new(app, asked.start));
    let asked = Arc::new(asked);
    let outcome = match crowded {
        Some(refusal) => Err(refusal),
        None => answer(app, &asked, method, request, waited_for.as_mut()).await,
    };
    let (mut reply, status, rows, refusal) = match outcome {
        Ok(Answer::Message { bytes, codings, rows }) => {
            let mut reply = Response::new(Body::with_trailers(bytes, Some(trailers(None))));
            announce(reply.headers_mut(), codings);
            (reply, StatusCode::OK, rows, None)
        }
        Ok(Answer::Stream { body, codings }) => {
            let mut reply = Response::new(body);
            announce(reply.headers_mut(), codings);
            (reply, StatusCode::OK, None, None)
        }
        Err(refusal) => {
            let mut reply = Response::new(Body::with_trailers(Bytes::new(), None));
            *reply.headers_mut() = trailers(Some(&refusal));
            announce(reply.headers_mut(), Codings::default());
            (reply, refusal.status, None, Some(refusal))
        }
    };
    asked.identify(reply.headers_mut());
    if let Some(waited_for) = waited_for {
        waited_for.answered(Outcome::of(status.as_u16()), asked.start.elapsed());
    }
    let level = method.map_or(Level::Info, Method::level);
    // The messages of a stream have lines of their own.
    if method != Some(Method::ModelStreamInfer) || refusal.is_some() {
        log(&asked, level, asked.start, rows, refusal.as_ref());
    }
    reply
}

fn log(asked: &Asked, level: Level, start: std::time::Instant, rows: Option<usize>, refusal: Option<&Refusal>) {
    let status = refusal.map_or(StatusCode::OK, |refusal| refusal.status);
    asked.log(level, start, status.as_u16(), |line| {
        let line = line.number("grpc_status", Code::of(status) as u64);
        let line = if let Some(rows) = rows { line.number("rows", rows as u64) } else { line };
        if let Some(refusal) = refusal { line.text("error", &refusal.message) } else { line }
    });
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
    Message { bytes: Bytes, codings: Codings, rows: Option<usize> },
    Stream { body: Body, codings: Codings },
}

async fn answer(
    app: &Arc<App>,
    asked: &Arc<Asked>,
    method: Option<Method>,
    request: Request<Incoming>,
    waited_for: Option<&mut WaitedFor>,
) -> Result<Answer, Refusal> {
    let (head, body) = request.into_parts();
    // A stranger does not learn which methods exist.
    authorize(app, method.is_some_and(Method::is_open), &head.headers)?;
    let method = method.ok_or_else(|| {
        let message = format!("there is no method `{}`", excerpt(&asked.path));
        Refusal::new(StatusCode::NOT_IMPLEMENTED, message)
    })?;
    let codings = Codings::of(&head.headers)?;
    let patience = timeout(&head.headers)?;
    let start = Instant::from_std(asked.start);
    let carries_tensors = matches!(method, Method::ModelInfer | Method::ModelStreamInfer);
    let limit = if carries_tensors { app.settings.max_body_bytes } else { SHORT };
    let messages = Messages::new(app, body, codings.request, limit);
    // A stream lasts as long as its caller wants, each of its messages as long as a request.
    let deadline = start + patience.unwrap_or(LONGEST).min(LONGEST);
    let body = match method {
        Method::ModelStreamInfer => {
            let (app, asked) = (Arc::clone(app), Arc::clone(asked));
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
            if let Some(waited_for) = waited_for {
                let deadline = start + patience.unwrap_or(LONGEST).min(app.settings.request_timeout);
                let codec = Grpc { codings, streamed: false };
                let Inferred { answer, rows, copy } = infer(app, asked, received, codec, waited_for, deadline).await?;
                return Ok(Answer::Message { bytes: Unread::bytes(app, answer, copy), codings, rows: Some(rows) });
            }
            let message = methods::answer(app, method, received.content(limit)?, codings.answer).await?;
            return Ok(Answer::Message { bytes: message.into(), codings, rows: None });
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
    asked: &Asked,
    received: Received,
    codec: Grpc,
    waited_for: &mut WaitedFor,
    deadline: Instant,
) -> Result<Inferred<Vec<u8>>, Refusal> {
    let place = Place::take(app)?;
    let Received { bytes, coding, memory } = received;
    let (body, memory, place) = if coding.is_none() {
        (bytes, memory, place)
    } else {
        let inflate =
            move |app: &App| Ok((framing::content(bytes, coding, app.settings.max_body_bytes)?, memory, place));
        elsewhere(app, deadline, inflate).await?
    };
    let named = Named::of(&body)?;
    app.known(&named.model)?;
    let version = Some(named.version.as_str()).filter(|version| !version.is_empty());
    let id = if named.id.is_empty() { &asked.id } else { &named.id };
    let choice = app.repository.choose(version, id)?;
    waited_for.chosen(&choice);
    crate::infer::infer(app, choice, codec, body, memory, place, deadline).await
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
    let start = std::time::Instant::now();
    let deadline = deadline.min(Instant::from_std(start) + app.settings.request_timeout);
    let mut waited_for = WaitedFor::new(app, start);
    // So that the caller knows which of its requests a refusal is about.
    let id = if received.coding.is_none() { Named::of(&received.bytes).unwrap_or_default().id } else { String::new() };
    let codec = Grpc { codings, streamed: true };
    let outcome = infer(app, asked, received, codec, &mut waited_for, deadline).await;
    let status = outcome.as_ref().map_or_else(|refusal| refusal.status, |_| StatusCode::OK);
    waited_for.answered(Outcome::of(status.as_u16()), start.elapsed());
    let (rows, refusal) = (outcome.as_ref().ok().map(|inferred| inferred.rows), outcome.as_ref().err());
    log(asked, Level::Info, start, rows, refusal);
    let (message, copy) = match outcome {
        Ok(Inferred { answer, copy, .. }) => (answer, copy),
        Err(refusal) => {
            let infer_response = Some(ModelInferResponse { id, ..Default::default() });
            let answer = ModelStreamInferResponse { error_message: refusal.message, infer_response };
            (framing::framed(&answer, codings.answer)?, None)
        }
    };
    Ok(Unread::bytes(app, message, copy))
}
