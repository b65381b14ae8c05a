//! One inference request, from its head to its answer: admission, body, decoding, compute, encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};
use hyper::{Request, StatusCode};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::access::Notes;
use crate::app::{App, Memory, Place};
use crate::compression::{self, Coding};
use crate::model::Engine;
use crate::plan::panic_text;
use crate::protocol::{self, Call};
use crate::refusal::Refusal;
use crate::{body, compute, result};

/// Header of the binary tensor extension: the length of a body's JSON part.
pub const JSON_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// A longer body is not decoded on a connection's thread.
const LONG_BODY: usize = 64 * 1024;
/// A longer run is not done on a connection's thread.
const LONG_RUN: Duration = Duration::from_millis(1);
/// A shorter answer is not worth compressing.
const WORTH_COMPRESSING: usize = 1024;

pub struct Answer {
    pub body: Vec<u8>,
    pub json_length: Option<usize>,
    pub coding: Option<Coding>,
}

/// What of a head the work needs.
struct Head {
    json_length: Option<String>,
    coding: Option<Coding>,
    answer_coding: Option<Coding>,
}

impl Head {
    fn of(headers: &HeaderMap) -> Result<Head, Refusal> {
        let text = |name: &HeaderName| {
            let value = headers.get(name).map(|value| value.to_str());
            value.transpose().map_err(|_| Refusal::invalid(format!("the header {name} is not text")))
        };
        let json_length = text(&JSON_LENGTH)?;
        let is_json = text(&CONTENT_TYPE)?.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if is_json && json_length.is_some_and(|length| length.trim() == "0") {
            // One of the two headers is wrong, and which one decides what the bytes mean.
            return Err(Refusal::invalid(format!("the body cannot be application/json where {JSON_LENGTH} is 0")));
        }
        Ok(Head {
            json_length: json_length.map(str::to_owned),
            coding: Coding::of_request(text(&CONTENT_ENCODING)?)?,
            answer_coding: Coding::accepted(text(&ACCEPT_ENCODING)?),
        })
    }
}

pub async fn infer(app: &Arc<App>, request: Request<Incoming>, notes: &Arc<Notes>) -> Result<Answer, Refusal> {
    let deadline = Instant::now() + app.settings.request_timeout;
    let (parts, incoming) = request.into_parts();
    let refused = match Head::of(&parts.headers) {
        Ok(_) if app.engine.get().is_none() => Refusal::unavailable("the model is loading"),
        Ok(head) => {
            let (body, memory) = body::read(app, incoming, deadline).await?;
            notes.received(body.len());
            // Only now, so that a peer who sends slowly takes no place from others.
            match Place::take(app) {
                Some(place) => return admitted(app, notes, head, body, memory, place, deadline).await,
                None => return Err(Refusal::unavailable("too many requests in flight")),
            }
        }
        Err(refusal) => refusal,
    };
    body::read(app, incoming, deadline).await?;
    Err(refused)
}

async fn admitted(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    head: Head,
    body: Bytes,
    memory: Memory,
    place: Place,
    deadline: Instant,
) -> Result<Answer, Refusal> {
    let engine = app.engine.get().ok_or_else(|| Refusal::unavailable("the model is loading"))?;
    if body.len() > LONG_BODY || head.coding.is_some() {
        let noted = Arc::clone(notes);
        return elsewhere(app, notes, deadline, move |app, engine| {
            let call = decode(app, engine, &head, &body)?;
            drop((body, memory));
            let answer = finish(app, engine, &noted, &head, call);
            drop(place);
            answer
        })
        .await;
    }
    let call = caught(|| decode(app, engine, &head, &body))?;
    if engine.estimate(&call.shapes) <= LONG_RUN {
        return caught(|| finish(app, engine, notes, &head, call));
    }
    drop((body, memory));
    let noted = Arc::clone(notes);
    elsewhere(app, notes, deadline, move |app, engine| {
        let answer = finish(app, engine, &noted, &head, call);
        drop(place);
        answer
    })
    .await
}

/// Runs the work on the pool. Past the deadline nobody waits for it, and it is skipped if it has not begun.
async fn elsewhere(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    deadline: Instant,
    work: impl FnOnce(&App, &Engine) -> Result<Answer, Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    let (send, receive) = oneshot::channel();
    let (shared, noted, submitted) = (Arc::clone(app), Arc::clone(notes), Clock::now());
    app.pool.submit(move || {
        if send.is_closed() {
            return;
        }
        noted.waited(submitted);
        let outcome = caught(|| {
            let engine = shared.engine.get().ok_or_else(|| Refusal::unavailable("the model is loading"))?;
            work(&shared, engine)
        });
        let _ = send.send(outcome);
    });
    match timeout_at(deadline, receive).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Refusal::internal("the request was lost")),
        Err(_) => Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, "the answer was not ready in time")),
    }
}

/// A panic costs the request, not the connection or the thread.
fn caught<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Refusal::internal(format!("the request could not be handled: {}", panic_text(&*panic))))
    })
}

fn decode(app: &App, engine: &Engine, head: &Head, body: &[u8]) -> Result<Call, Refusal> {
    let inflated;
    let body = match head.coding {
        None => body,
        Some(coding) => {
            inflated = compression::inflate(coding, body, app.settings.max_body_bytes)?;
            &inflated
        }
    };
    protocol::decode(&app.service.model, engine.equal_dimensions(), body, head.json_length.as_deref())
}

fn finish(app: &App, engine: &Engine, notes: &Notes, head: &Head, mut call: Call) -> Result<Answer, Refusal> {
    let model = &app.service.model;
    let log = app.prediction_log.as_ref().filter(|_| notes.sampled);
    let inputs = log.map(|log| log.tensors(model.inputs, &call.inputs));
    let (outputs, took) = compute::run(engine, &mut call)?;
    app.metrics.compute(took, 1);
    notes.computed(took, call.rows());
    if let (Some(log), Some(inputs)) = (log, inputs) {
        let outputs = log.tensors(model.outputs, &outputs);
        log.write(&notes.request_id, notes.trace_id(), model, &inputs, &outputs);
    }
    let encoded = result::encode(model, &call, &outputs, engine.run_limit())?;
    let mut answer = Answer { body: encoded.body, json_length: encoded.header_length, coding: None };
    if let Some(coding) = head.answer_coding
        && answer.body.len() >= WORTH_COMPRESSING
        && let Ok(smaller) = compression::deflate(coding, &answer.body)
    {
        answer.body = smaller;
        answer.coding = Some(coding);
    }
    Ok(answer)
}
