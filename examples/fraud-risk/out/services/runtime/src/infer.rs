//! One inference request, from its body to its answer, over any transport: admission, decoding, compute, encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use bytes::Bytes;
use hyper::StatusCode;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tract_onnx::prelude::{TValue, TVec};

use crate::access::Notes;
use crate::app::{App, Memory, Place};
use crate::batching::{self, Caller};
use crate::compute::{self, Run};
use crate::plan::panic_text;
use crate::prediction_log::{PredictionLog, Tensors};
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
    pub begun: Instant,
    pub deadline: Instant,
}

pub async fn infer<C: Codec>(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    codec: C,
    admitted: Admitted,
) -> Result<Inferred<C::Answer>, Refusal> {
    let begun = admitted.begun;
    let mut deadline = admitted.deadline;
    if Instant::now() >= deadline {
        return Err(late());
    }
    let Decoded { codec, choice, place, call } = if admitted.body.len() > LONG_BODY || codec.compressed() {
        match decode_elsewhere(app, notes, codec, admitted).await? {
            Step::Answered(outcome) => return outcome,
            Step::Decoded(decoded) => decoded,
        }
    } else {
        let Admitted { choice, body, memory, place, .. } = admitted;
        let call = caught(|| codec.decode(app, &choice.served, body))?;
        drop(memory);
        Decoded { codec, choice, place, call }
    };
    if let Some(timeout) = call.timeout
        && let Some(sooner) = begun.checked_add(timeout).filter(|sooner| *sooner < deadline)
    {
        deadline = sooner;
        if Instant::now() >= deadline {
            return Err(late());
        }
    }
    let estimate = choice.served.engine.estimate(&call.shapes);
    let shares = choice.served.shares(&call, estimate);
    if !shares && estimate <= LONG_RUN {
        return caught(|| finish(app, notes, &choice, &codec, call, &mut || {}));
    }
    let served = Arc::clone(&choice.served);
    let (send, receive) = oneshot::channel();
    let asked = Box::new(Asked {
        app: Arc::clone(app),
        notes: Arc::clone(notes),
        decoded: Decoded { codec, choice, place, call },
        since: Clock::now(),
        deadline,
        send,
    });
    if shares {
        batching::enqueue(app, &served, asked, LONG_RUN).await;
    } else {
        app.pool.submit(move || {
            if !asked.is_gone() {
                asked.begins();
                asked.alone(&mut || {});
            }
        });
    }
    match step(deadline, receive).await? {
        Step::Answered(outcome) => outcome,
        Step::Decoded(_) => Err(lost()),
    }
}

/// A request that was read.
struct Decoded<C> {
    codec: C,
    choice: Choice,
    place: Place,
    call: Call,
}

/// How far another thread has come with a request.
enum Step<C: Codec> {
    /// The caller waits less long than others do: it is to be known how long before the run.
    Decoded(Decoded<C>),
    Answered(Result<Inferred<C::Answer>, Refusal>),
}

/// Reads a request on the pool, and goes on there to its answer.
async fn decode_elsewhere<C: Codec>(
    app: &Arc<App>,
    notes: &Arc<Notes>,
    codec: C,
    admitted: Admitted,
) -> Result<Step<C>, Refusal> {
    let Admitted { choice, body, memory, place, deadline, .. } = admitted;
    let (send, receive) = oneshot::channel();
    let (shared, notes, since) = (Arc::clone(app), Arc::clone(notes), Clock::now());
    app.pool.submit(move || {
        if send.is_closed() {
            return;
        }
        notes.waited(since);
        let call = caught(|| codec.decode(&shared, &choice.served, body));
        drop(memory);
        let call = match call {
            Ok(call) if call.timeout.is_none() => call,
            Ok(call) => {
                let _ = send.send(Step::Decoded(Decoded { codec, choice, place, call }));
                return;
            }
            Err(refusal) => {
                drop(place);
                let _ = send.send(Step::Answered(Err(refusal)));
                return;
            }
        };
        let served = Arc::clone(&choice.served);
        let shares = served.shares(&call, served.engine.estimate(&call.shapes));
        let (app, since) = (Arc::clone(&shared), Clock::now());
        let asked =
            Box::new(Asked { app, notes, decoded: Decoded { codec, choice, place, call }, since, deadline, send });
        if shares { batching::enqueue_here(&shared, &served, asked) } else { asked.alone(&mut || {}) }
    });
    step(deadline, receive).await
}

async fn step<C: Codec>(deadline: Instant, receive: oneshot::Receiver<Step<C>>) -> Result<Step<C>, Refusal> {
    match timeout_at(deadline, receive).await {
        Ok(step) => step.map_err(|_| lost()),
        Err(_) => Err(late()),
    }
}

/// A request that waits for its run on another thread, or with others.
struct Asked<C: Codec> {
    app: Arc<App>,
    notes: Arc<Notes>,
    decoded: Decoded<C>,
    since: Clock,
    deadline: Instant,
    send: oneshot::Sender<Step<C>>,
}

impl<C: Codec> Asked<C> {
    fn end(self, work: impl FnOnce(&App, &Notes, Decoded<C>) -> Result<Inferred<C::Answer>, Refusal>) {
        let Asked { app, notes, decoded, send, .. } = self;
        let _ = send.send(Step::Answered(caught(|| work(&app, &notes, decoded))));
    }
}

impl<C: Codec> Caller for Asked<C> {
    fn call(&self) -> &Call {
        &self.decoded.call
    }

    fn is_gone(&self) -> bool {
        self.send.is_closed()
    }

    fn deadline(&self) -> Clock {
        self.deadline.into_std()
    }

    fn begins(&self) {
        self.notes.waited(self.since);
    }

    fn alone(self: Box<Self>, ran: &mut dyn FnMut()) {
        self.end(|app, notes, Decoded { codec, choice, place, call }| {
            let answer = finish(app, notes, &choice, &codec, call, ran);
            drop(place);
            answer
        });
    }

    fn answer(self: Box<Self>, outputs: TVec<TValue>, run: Run) {
        self.end(|app, notes, Decoded { codec, choice, place, call }| {
            let answer = Watched::new(app, notes, &choice, &call).answer(&codec, &call, &outputs, run);
            drop(place);
            answer
        });
    }
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
        Ok(Err(_)) => Err(lost()),
        Err(_) => Err(late()),
    }
}

fn lost() -> Refusal {
    Refusal::internal("the request was lost")
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

/// Says that the call `ran` before it is answered.
fn finish<C: Codec>(
    app: &App,
    notes: &Notes,
    choice: &Choice,
    codec: &C,
    mut call: Call,
    ran: &mut dyn FnMut(),
) -> Result<Inferred<C::Answer>, Refusal> {
    let watched = Watched::new(app, notes, choice, &call);
    let outcome = compute::run(&choice.served.engine, &mut call);
    ran();
    let (outputs, run) = outcome?;
    choice.served.meter.compute(run, 1, call.rows());
    watched.answer(codec, &call, &outputs, run)
}

/// A run, and what is kept of its inputs for those who look at both sides.
struct Watched<'a> {
    app: &'a App,
    notes: &'a Notes,
    choice: &'a Choice,
    inputs: Option<(&'a PredictionLog, Tensors)>,
    draft: Option<shadow::Draft>,
}

impl<'a> Watched<'a> {
    fn new(app: &'a App, notes: &'a Notes, choice: &'a Choice, call: &Call) -> Watched<'a> {
        let log = app.prediction_log.as_ref().filter(|_| notes.sampled);
        let inputs = log.map(|log| (log, log.tensors(app.service.model.inputs, &call.inputs)));
        let draft = choice.shadow.as_ref().and_then(|shadow| app.shadows.draft(shadow, &call.inputs, &call.shapes));
        Watched { app, notes, choice, inputs, draft }
    }

    fn answer<C: Codec>(
        self,
        codec: &C,
        call: &Call,
        outputs: &TVec<TValue>,
        run: Run,
    ) -> Result<Inferred<C::Answer>, Refusal> {
        let Watched { app, notes, choice, inputs, draft } = self;
        let (model, served) = (&app.service.model, &choice.served);
        notes.computed(run, call.rows());
        if let Some((log, inputs)) = inputs {
            let outputs = log.tensors(model.outputs, outputs);
            log.write(notes, model, &served.label, &inputs, &outputs);
        }
        let answer = codec.encode(app, served, call, outputs)?;
        let copy = draft.map(|draft| app.shadows.copy(draft, outputs));
        Ok(Inferred { answer, copy })
    }
}
