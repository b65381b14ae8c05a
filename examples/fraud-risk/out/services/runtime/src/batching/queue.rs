//! Requests that wait to share a run -> when a thread takes how many of them.
//!
//! A thread that becomes free takes what waits. Only when more requests are likely to come at once, since as many were in the process a
//! moment ago, does it wait for them, for the time that a run of their own would cost. Whoever is alone never waits. Times are given and
//! nothing here looks at a clock, sleeps or runs anything.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A request that waits.
pub trait Waiting {
    /// At least 1.
    fn rows(&self) -> usize;
    /// Whether the two fit into one run.
    fn alike(&self, other: &Self) -> bool;
    /// Nobody waits for the answer any more.
    fn is_abandoned(&self, now: Instant) -> bool;
    /// When it is too late for an answer.
    fn deadline(&self) -> Instant;
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one run; a request of more rows does not come here.
    pub rows: usize,
    /// The longest wait for others.
    pub delay: Duration,
    /// Threads that run side by side.
    pub threads: usize,
}

/// What is to be done after something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Nothing,
    /// A thread has its turn: [`Queue::take`] is called once, then [`Queue::ran`] and [`Queue::finish`].
    Turn,
    /// [`Queue::wake`] is called at that time.
    Wake(Instant),
}

pub struct Queue<T> {
    limits: Limits,
    waiting: VecDeque<T>,
    /// Rows of what waits.
    rows: usize,
    /// Rows of what runs.
    running: usize,
    /// Turns given and not finished, and those of them that have not taken yet.
    turns: usize,
    due: usize,
    /// The most rows that were here at once since requests last waited in vain.
    expected: usize,
    /// Until when requests wait for others.
    patience: Option<Instant>,
}

impl<T: Waiting> Queue<T> {
    pub fn new(limits: Limits) -> Queue<T> {
        Queue { limits, waiting: VecDeque::new(), rows: 0, running: 0, turns: 0, due: 0, expected: 0, patience: None }
    }

    /// Another request, the last in the line.
    pub fn push(&mut self, request: T, now: Instant) -> Next {
        self.rows += request.rows();
        self.waiting.push_back(request);
        self.expected = self.expected.max(self.rows + self.running);
        self.next(now)
    }

    /// Whether none waits but one of so many rows, and none is expected that would share its run.
    pub fn is_alone(&self, rows: usize) -> bool {
        self.rows == rows && self.target() <= rows
    }

    /// The requests of one run: the first that waits, and those like it, in their order. None when all of them were abandoned.
    pub fn take(&mut self, now: Instant) -> Vec<T> {
        self.due -= 1;
        self.waiting.retain(|request| !request.is_abandoned(now));
        let Some(first) = self.waiting.pop_front() else {
            self.rows = 0;
            return Vec::new();
        };
        let mut left = self.target().max(first.rows()) - first.rows();
        let mut taken = vec![first];
        let mut rest = VecDeque::with_capacity(self.waiting.len());
        for request in self.waiting.drain(..) {
            if request.rows() <= left && request.alike(&taken[0]) {
                left -= request.rows();
                taken.push(request);
            } else {
                rest.push_back(request);
            }
        }
        self.waiting = rest;
        self.rows = self.waiting.iter().map(T::rows).sum();
        self.running += taken.iter().map(T::rows).sum::<usize>();
        taken
    }

    /// So many of the rows that were taken have run. It is told before they are answered: whoever has an answer may be back at once.
    pub fn ran(&mut self, rows: usize) {
        self.running -= rows;
    }

    /// A turn is over: what was taken has run.
    pub fn finish(&mut self, now: Instant) -> Next {
        self.turns -= 1;
        self.next(now)
    }

    /// A turn is given back without having taken.
    pub fn give_back(&mut self, now: Instant) -> Next {
        self.due -= 1;
        self.turns -= 1;
        self.next(now)
    }

    /// The time of a [`Next::Wake`] has come.
    pub fn wake(&mut self, now: Instant) -> Next {
        self.next(now)
    }

    /// Rows for one run: a fair share of what is here or soon will be.
    fn target(&self) -> usize {
        self.expected.max(self.rows + self.running).div_ceil(self.limits.threads).clamp(1, self.limits.rows)
    }

    fn next(&mut self, now: Instant) -> Next {
        // What waits for turns that are given already needs no other.
        let free = self.rows.saturating_sub(self.due * self.target());
        if free == 0 {
            self.patience = None;
            return Next::Nothing;
        }
        if self.turns == self.limits.threads {
            return Next::Nothing;
        }
        let over = self.patience.is_some_and(|until| now >= until);
        if over {
            // Those that were expected did not come.
            self.expected = self.rows + self.running;
        }
        if over || free >= self.target() || self.limits.delay.is_zero() || self.is_mixed() {
            self.patience = None;
            self.turns += 1;
            self.due += 1;
            return Next::Turn;
        }
        if self.patience.is_some() {
            return Next::Nothing;
        }
        let until = now + self.delay(now);
        self.patience = Some(until);
        Next::Wake(until)
    }

    /// Whether some that wait cannot share a run; then nobody knows whom to expect.
    fn is_mixed(&self) -> bool {
        self.waiting.front().is_some_and(|first| !self.waiting.iter().all(|request| request.alike(first)))
    }

    /// A wait takes no more than a quarter of what the most pressing request has left.
    fn delay(&self, now: Instant) -> Duration {
        let left = self.waiting.iter().map(|request| request.deadline().saturating_duration_since(now)).min();
        left.map_or(self.limits.delay, |left| self.limits.delay.min(left / 4))
    }
}

#[cfg(test)]
mod tests;
