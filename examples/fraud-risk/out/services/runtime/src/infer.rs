//! One inference request, from its body to its answer, over any transport: admission, decoding, compute, encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use bytes::Bytes;
use hyper::StatusCode;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tract_onnx::prelude::TValue;

use crate::access::Notes;
use crate::app::{App, Memory, Place};
use crate::compute;
use crate::plan::panic_text;
use crate::protocol::Call;
use crate::refusal::Refusal;
use crate::repository::{Choice, Served};
use crate::shadow;

/// A longer body is not decoded on a connection's thread.
const LONG_BODY: usize = 64 * 1024;
/// A longer run is not done on a connection's thread.
const LONG_RUN: Duration = Duration::from_millis(1);

/// How a transport reads requests and writes answers.
pub trait Codec: Send + 'static {
    type Answer: Send + 'static;

    /// Whether a request is longer than it looks.
    fn compressed(&self) -> bool;

    fn decode(&self, app: &App, served: &Served, body: Bytes) -> Result<Call, Refusal>;

    /// The outputs are in the model's order.
    fn encode(&self, app: &App, served: &Served, call: &Call, outputs: &[TValue]) -> Result<Self::Answer, Refusal>;
}

/// What became of a request.
pub struct Inferred<T> {
    pub answer: T,
    /// Sets out to the shadow version when it is dropped, so it is kept until the answer is written.
    pub copy: Option<shadow::Copy>,
}

/// A request whose body is here.
pub struct Admitted {
    pub choice: Choice,
    pub body: Bytes,
    /// What the body takes, given back once it is decoded.
    pub memory: Memory,
    /// Taken only when the body has come, so that a peer who sends slowly takes none from others.
    pub place: Place,
    pub deadline: Instant,
}

pub async fn infer<C: Codec>(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    codec: C,
    admitted: Admitted,
) -> Result<Inferred<C::Answer>, Refusal> {
    let Admitted { choice, body, memory, place, deadline } = admitted;
    if Instant::now() >= deadline {
        return Err(late());
    }
    if body.len() > LONG_BODY || codec.compressed() {
        let noted = Arc::clone(notes);
        return elsewhere(app, notes, deadline, move |app| {
            let call = codec.decode(app, &choice.served, body)?;
            drop(memory);
            let answer = finish(app, &noted, &choice, &codec, call);
            drop(place);
            answer
        })
        .await;
    }
    let call = caught(|| codec.decode(app, &choice.served, body))?;
    if choice.served.engine.estimate(&call.shapes) <= LONG_RUN {
        return caught(|| finish(app, notes, &choice, &codec, call));
    }
    drop(memory);
    let noted = Arc::clone(notes);
    elsewhere(app, notes, deadline, move |app| {
        let answer = finish(app, &noted, &choice, &codec, call);
        drop(place);
        answer
    })
    .await
}

/// Runs the work on the pool. Past the deadline nobody waits for it, and it is skipped if it has not begun.
pub async fn elsewhere<T: Send + 'static>(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    deadline: Instant,
    work: impl FnOnce(&App) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let (send, receive) = oneshot::channel();
    let (shared, noted, submitted) = (Arc::clone(app), Arc::clone(notes), Clock::now());
    app.pool.submit(move || {
        if send.is_closed() {
            return;
        }
        noted.waited(submitted);
        let _ = send.send(caught(|| work(&shared)));
    });
    match timeout_at(deadline, receive).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Refusal::internal("the request was lost")),
        Err(_) => Err(late()),
    }
}

fn late() -> Refusal {
    Refusal::new(StatusCode::GATEWAY_TIMEOUT, "the answer was not ready in time")
}

/// A panic costs the request, not the connection or the thread.
fn caught<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Refusal::internal(format!("the request could not be handled: {}", panic_text(&*panic))))
    })
}

fn finish<C: Codec>(
    app: &App,
    notes: &Notes,
    choice: &Choice,
    codec: &C,
    mut call: Call,
) -> Result<Inferred<C::Answer>, Refusal> {
    let (model, Choice { served, shadow }) = (&app.service.model, choice);
    let log = app.prediction_log.as_ref().filter(|_| notes.sampled);
    let inputs = log.map(|log| log.tensors(model.inputs, &call.inputs));
    let draft = shadow.as_ref().and_then(|shadow| app.shadows.draft(shadow, &call.inputs, &call.shapes));
    let (outputs, took) = compute::run(&served.engine, &mut call)?;
    served.meter.compute(took, 1, call.rows());
    notes.computed(took, call.rows());
    if let (Some(log), Some(inputs)) = (log, inputs) {
        let outputs = log.tensors(model.outputs, &outputs);
        log.write(notes, model, &served.label, &inputs, &outputs);
    }
    let answer = codec.encode(app, served, &call, &outputs)?;
    let copy = draft.map(|draft| app.shadows.copy(draft, &outputs));
    Ok(Inferred { answer, copy })
}
