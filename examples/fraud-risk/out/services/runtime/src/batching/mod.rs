//! Requests of one version that share runs of the engine, where that was measured to pay.
//!
//! [`calibration`] measures, before a version is served, whether rows of several requests run faster together, and [`queue`] says which
//! requests share a run, and when. A [`Turn`] is one such run: it takes the requests, drops those that nobody waits for, runs what is
//! left, and answers each. A run that fails is repeated one request after another, so that one bad request costs no other.

pub mod calibration;
mod queue;
mod tensors;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tract_onnx::prelude::{TValue, TVec};

use crate::app::App;
use crate::compute::Run;
use crate::protocol::Call;
use crate::repository::Served;
use calibration::{SHORTEST, Together};
use queue::{Limits, Next, Queue, Waiting};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Off,
    /// Where it was measured to pay.
    Auto,
    /// Wherever it can be done, so that both can be compared.
    Always,
}

/// What the settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub mode: Mode,
    /// Of one run at most; with fewer than 2 there is nothing to share.
    pub rows: usize,
    /// The longest that a request waits for others.
    pub delay: Duration,
}

impl Wish {
    /// Every request runs by itself.
    pub const OFF: Wish = Wish { mode: Mode::Off, rows: 0, delay: Duration::ZERO };
}

/// Who waits for an answer.
pub trait Caller: Send {
    fn call(&self) -> &Call;
    /// True when nobody waits any more.
    fn is_gone(&self) -> bool;
    fn deadline(&self) -> Instant;
    /// Its turn has come.
    fn begins(&self);
    /// Runs the request by itself, says that it `ran`, and answers.
    fn alone(self: Box<Self>, ran: &mut dyn FnMut());
    /// The outputs, and the time of the run.
    fn answer(self: Box<Self>, outputs: TVec<TValue>, run: Run);
}

impl Waiting for Box<dyn Caller> {
    fn rows(&self) -> usize {
        self.call().rows()
    }

    fn alike(&self, other: &Box<dyn Caller>) -> bool {
        let (ours, theirs) = (&self.call().shapes, &other.call().shapes);
        ours.iter().zip(theirs).all(|(one, other)| one.get(1..) == other.get(1..))
    }

    fn is_abandoned(&self, now: Instant) -> bool {
        self.is_gone() || self.deadline() <= now
    }

    fn deadline(&self) -> Instant {
        Caller::deadline(&**self)
    }
}

/// The requests of one version, and how they share runs.
pub struct Batching {
    together: Together,
    mode: Mode,
    queue: Mutex<Queue<Box<dyn Caller>>>,
}

impl Batching {
    pub fn new(together: Together, wish: &Wish, threads: usize) -> Batching {
        // To wait longer than another run takes gains nothing, even if all come that were expected.
        let delay = if wish.mode == Mode::Always { wish.delay } else { wish.delay.min(together.cost_of_a_run()) };
        let limits = Limits { rows: together.rows, delay, threads };
        Batching { together, mode: wish.mode, queue: Mutex::new(Queue::new(limits)) }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<Box<dyn Caller>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request may share a run. `estimate`: how long it takes alone.
    pub fn admits(&self, call: &Call, estimate: Duration) -> bool {
        let rows = call.rows();
        let is_for =
            |shapes: &Vec<Vec<usize>>| shapes.iter().zip(&call.shapes).all(|(one, other)| one[1..] == other[1..]);
        rows <= self.together.rows
            && call.shapes.iter().all(|shape| shape.first() == Some(&rows))
            && self.together.only.as_ref().is_none_or(is_for)
            && (self.mode == Mode::Always || estimate >= SHORTEST * rows as u32)
    }

    /// For the log: how many rows run at once, and what that gains.
    pub fn describe(&self) -> String {
        let Together { rows, only, .. } = &self.together;
        let plan = if only.is_some() { "a plan of their own" } else { "the plan for any rows" };
        format!("{rows} rows at once, in {plan}, are {:.2} times as fast as one by one", self.together.gain())
    }

    /// The outputs of each request, in their order.
    fn run(&self, callers: &[Box<dyn Caller>]) -> Result<Vec<TVec<TValue>>, String> {
        let rows: Vec<usize> = callers.iter().map(|caller| caller.call().rows()).collect();
        let fill = self.together.only.is_some().then_some(self.together.rows);
        let inputs: Vec<&TVec<TValue>> = callers.iter().map(|caller| &caller.call().inputs).collect();
        let outputs = self.together.plan.run(tensors::joined(&inputs, fill)?)?;
        let all = fill.unwrap_or_else(|| rows.iter().sum());
        if outputs.iter().any(|output| output.shape().first() != Some(&all)) {
            return Err(format!("{all} rows went in, and another number came out"));
        }
        let mut from = 0;
        let part = |rows: &usize| {
            from += rows;
            tensors::part(&outputs, from - rows, *rows)
        };
        rows.iter().map(part).collect()
    }

    /// Whether a run together takes less than one for each row.
    fn pays(&self, rows: usize) -> bool {
        self.mode == Mode::Always || self.together.time(rows) < self.together.one * rows as u32
    }
}

/// Puts a request into the line of its version, which batches. A run of it alone, if no
/// longer than `short`, is done on this very thread.
pub async fn enqueue(app: &Arc<App>, served: &Arc<Served>, caller: Box<dyn Caller>, short: Duration) {
    let Some(batching) = &served.batching else { return };
    let rows = caller.call().rows();
    let (next, is_alone) = {
        let mut queue = batching.queue();
        (queue.push(caller, Instant::now()), queue.is_alone(rows))
    };
    match follow(app, served, next) {
        Some(turn) if is_alone && batching.together.one * rows as u32 <= short => {
            // Others may have come already, and only their connections have not run yet.
            tokio::task::yield_now().await;
            if batching.queue().is_alone(rows) { turn.run() } else { turn.submit() }
        }
        Some(turn) => turn.submit(),
        None => {}
    }
}

/// As [`enqueue`], from a thread on which runs may be long.
pub fn enqueue_here(app: &Arc<App>, served: &Arc<Served>, caller: Box<dyn Caller>) {
    let Some(batching) = &served.batching else { return };
    let next = batching.queue().push(caller, Instant::now());
    // What else is to be decoded comes first, and may share the run.
    if let Some(turn) = follow(app, served, next) {
        turn.submit();
    }
}

/// Does what the queue says, but for a turn, which is the caller's.
fn follow(app: &Arc<App>, served: &Arc<Served>, next: Next) -> Option<Turn> {
    match next {
        Next::Nothing => None,
        Next::Turn => Some(Turn { app: Arc::clone(app), served: Arc::clone(served), state: State::Due }),
        Next::Wake(time) => {
            let (to, version) = (Arc::clone(app), Arc::clone(served));
            app.pool.submit_at(time, move || {
                let next = version.batching.as_ref().map(|batching| batching.queue().wake(Instant::now()));
                if let Some(turn) = next.and_then(|next| follow(&to, &version, next)) {
                    turn.run();
                }
            });
            None
        }
    }
}

/// The right, and the duty, of a thread to take what waits and run it.
struct Turn {
    app: Arc<App>,
    served: Arc<Served>,
    state: State,
}

enum State {
    Due,
    /// So many rows were taken and have not run.
    Taken(usize),
}

impl Turn {
    fn submit(self) {
        let app = Arc::clone(&self.app);
        app.pool.submit(move || self.run());
    }

    fn run(mut self) {
        let served = Arc::clone(&self.served);
        let Some(batching) = &served.batching else { return };
        let callers = batching.queue().take(Instant::now());
        let rows = callers.iter().map(|caller| caller.call().rows()).sum();
        self.state = State::Taken(rows);
        callers.iter().for_each(|caller| caller.begins());
        if callers.len() > 1 && batching.pays(rows) {
            let start = Instant::now();
            if let Ok(outputs) = batching.run(&callers) {
                let run = Run::since(start);
                self.ran(rows);
                served.meter.compute(run, callers.len() as u32, rows);
                for (caller, outputs) in callers.into_iter().zip(outputs) {
                    caller.answer(outputs, run);
                }
                return;
            }
        }
        for caller in callers {
            let rows = caller.call().rows();
            // It may have become too late for the last ones.
            if caller.is_abandoned(Instant::now()) {
                self.ran(rows);
            } else {
                caller.alone(&mut || self.ran(rows));
            }
        }
    }

    fn ran(&mut self, rows: usize) {
        if let (Some(batching), State::Taken(left)) = (&self.served.batching, &mut self.state) {
            let rows = rows.min(*left);
            *left -= rows;
            batching.queue().ran(rows);
        }
    }
}

/// A turn ends when it is dropped, be it that it was run, or that the thread it was given to has gone another way.
impl Drop for Turn {
    fn drop(&mut self) {
        let Some(batching) = &self.served.batching else { return };
        let now = Instant::now();
        let next = match self.state {
            State::Due => batching.queue().give_back(now),
            State::Taken(left) => {
                let mut queue = batching.queue();
                if left > 0 {
                    queue.ran(left);
                }
                queue.finish(now)
            }
        };
        if let Some(turn) = follow(&self.app, &self.served, next) {
            turn.submit();
        }
    }
}
