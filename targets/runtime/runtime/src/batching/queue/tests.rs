//! The policy on a clock of its own: callers that ask again when they have their answer, and runs whose length is a formula.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::*;

const MILLISECOND: Duration = Duration::from_millis(1);

#[derive(Clone, Debug, PartialEq)]
struct Request {
    caller: usize,
    rows: usize,
    kind: usize,
    since: Instant,
    deadline: Instant,
    gone: bool,
}

impl Waiting for Request {
    fn rows(&self) -> usize {
        self.rows
    }

    fn alike(&self, other: &Request) -> bool {
        self.kind == other.kind
    }

    fn is_abandoned(&self, now: Instant) -> bool {
        self.gone || self.deadline <= now
    }

    fn deadline(&self) -> Instant {
        self.deadline
    }
}

fn request(caller: usize, now: Instant) -> Request {
    Request { caller, rows: 1, kind: 0, since: now, deadline: now + 1_000 * MILLISECOND, gone: false }
}

fn limits(threads: usize) -> Limits {
    Limits { rows: 32, delay: 2 * MILLISECOND, threads }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    Begins,
    Ends(usize),
    Wakes,
}

/// Callers that each ask again so long after their answer; a run of `n` rows takes `fixed + n · each`.
struct Loop {
    callers: usize,
    kinds: usize,
    pause: Duration,
    fixed: Duration,
    each: Duration,
    threads: usize,
    delay: Duration,
}

/// What became of it in one second.
struct Seen {
    answered: usize,
    /// How many runs there were of each number of rows.
    runs: BTreeMap<usize, usize>,
    /// From a request to the start of its run.
    longest_wait: Duration,
}

impl Loop {
    fn run(&self) -> Seen {
        let start = Instant::now();
        let mut queue = Queue::new(Limits { delay: self.delay, ..limits(self.threads) });
        let mut events: BinaryHeap<Reverse<(Instant, usize, Event)>> = BinaryHeap::new();
        let mut count = 0;
        let mut later = |events: &mut BinaryHeap<_>, time, event| {
            count += 1;
            events.push(Reverse((time, count, event)));
        };
        (0..self.callers).for_each(|caller| {
            later(&mut events, start + Duration::from_micros(caller as u64), Event::Arrives(caller))
        });
        let mut seen = Seen { answered: 0, runs: BTreeMap::new(), longest_wait: Duration::ZERO };
        let mut running: BTreeMap<usize, Vec<Request>> = BTreeMap::new();
        let mut busy = 0;
        while let Some(Reverse((now, number, event))) = events.pop() {
            if now > start + 1_000 * MILLISECOND {
                break;
            }
            let next = match event {
                Event::Arrives(caller) => {
                    queue.push(Request { kind: caller % self.kinds, ..request(caller, now) }, now)
                }
                Event::Wakes => queue.wake(now),
                Event::Begins => {
                    busy += 1;
                    assert!(busy <= self.threads, "more runs at once than threads");
                    let taken = queue.take(now);
                    assert!(!taken.is_empty(), "a turn for nothing");
                    assert!(taken.len() <= 32 && taken.iter().all(|one| one.kind == taken[0].kind));
                    assert!(taken.is_sorted_by_key(|one| one.since), "later ones first");
                    *seen.runs.entry(taken.len()).or_default() += 1;
                    let waited = taken.iter().map(|one| now - one.since).max().unwrap_or_default();
                    seen.longest_wait = seen.longest_wait.max(waited);
                    later(&mut events, now + self.fixed + self.each * taken.len() as u32, Event::Ends(number));
                    running.insert(number, taken);
                    Next::Nothing
                }
                Event::Ends(number) => {
                    busy -= 1;
                    let taken = running.remove(&number).unwrap_or_default();
                    seen.answered += taken.len();
                    for one in &taken {
                        let spread = Duration::from_micros(one.caller as u64);
                        later(&mut events, now + self.pause + spread, Event::Arrives(one.caller));
                    }
                    queue.ran(taken.len());
                    queue.finish(now)
                }
            };
            match next {
                Next::Nothing => {}
                Next::Turn => later(&mut events, now, Event::Begins),
                Next::Wake(time) => later(&mut events, time, Event::Wakes),
            }
        }
        seen
    }
}

const DENSE: Loop = Loop {
    callers: 1,
    kinds: 1,
    pause: Duration::from_micros(200),
    fixed: Duration::from_millis(2),
    each: Duration::from_micros(100),
    threads: 1,
    delay: Duration::from_millis(2),
};

#[test]
fn whoever_is_alone_never_waits() {
    let seen = DENSE.run();
    assert_eq!(seen.longest_wait, Duration::ZERO);
    assert_eq!(seen.runs.keys().collect::<Vec<_>>(), [&1]);
    // A run and a pause, over and over.
    assert_eq!(seen.answered, 434);
}

#[test]
fn those_who_come_together_run_together() {
    for callers in [2, 8, 32] {
        let seen = Loop { callers, ..DENSE }.run();
        // But for the first, which did not know of the others.
        let most = seen.runs[&callers];
        assert!(most * 10 >= seen.runs.values().sum::<usize>() * 9, "{callers} callers: {:?}", seen.runs);
        let ideal = (DENSE.fixed + DENSE.each * callers as u32 + DENSE.pause).as_secs_f64();
        assert!(seen.answered as f64 > 0.95 * callers as f64 / ideal, "{callers} callers: {} answers", seen.answered);
    }
}

#[test]
fn no_run_is_longer_than_the_limit_and_threads_share() {
    let seen = Loop { callers: 100, ..DENSE }.run();
    assert!(seen.runs[&32] > 100 && seen.runs.keys().all(|rows| *rows <= 32), "{:?}", seen.runs);
    let seen = Loop { callers: 32, threads: 2, ..DENSE }.run();
    let halves: usize = seen.runs.iter().filter(|(rows, _)| (12..=20).contains(*rows)).map(|(_, runs)| runs).sum();
    assert!(halves * 10 >= seen.runs.values().sum::<usize>() * 9, "{:?}", seen.runs);
}

/// What cannot share a run is not waited for.
#[test]
fn requests_of_many_kinds_are_not_held_up() {
    let seen = Loop { callers: 8, kinds: 8, ..DENSE }.run();
    let run = (DENSE.fixed + DENSE.each).as_secs_f64();
    assert!(seen.answered as f64 > 0.95 / run, "{} answers", seen.answered);
    let seen = Loop { callers: 32, kinds: 2, ..DENSE }.run();
    assert!(seen.answered as f64 > 8.0 / run, "{} answers", seen.answered);
}

#[test]
fn nobody_waits_longer_than_the_delay_for_those_who_stay_away() {
    let now = Instant::now();
    let mut queue = Queue::new(limits(1));
    for caller in 0..8 {
        queue.push(request(caller, now), now);
    }
    assert_eq!(queue.take(now).len(), 8);
    queue.ran(8);
    assert_eq!(queue.finish(now), Next::Nothing);
    // One of the eight comes again, and later another.
    assert_eq!(queue.push(request(0, now), now), Next::Wake(now + 2 * MILLISECOND));
    assert_eq!(queue.push(request(1, now), now + MILLISECOND), Next::Nothing);
    assert_eq!(queue.wake(now + 2 * MILLISECOND), Next::Turn);
    assert_eq!(queue.take(now + 2 * MILLISECOND).len(), 2);
    queue.ran(2);
    assert_eq!(queue.finish(now + 3 * MILLISECOND), Next::Nothing);
    // From now on, two are expected.
    let later = now + 3 * MILLISECOND;
    assert!(matches!(queue.push(request(0, later), later), Next::Wake(_)));
    assert_eq!(queue.push(request(1, later), later), Next::Turn);
}

#[test]
fn a_wait_leaves_the_most_pressing_most_of_its_time() {
    let now = Instant::now();
    let mut queue = Queue::new(limits(1));
    for caller in 0..3 {
        queue.push(request(caller, now), now);
    }
    assert_eq!(queue.take(now).len(), 3);
    queue.ran(3);
    queue.finish(now);
    let pressing = Request { deadline: now + MILLISECOND, ..request(0, now) };
    assert_eq!(queue.push(pressing, now), Next::Wake(now + MILLISECOND / 4));
}

#[test]
fn who_went_away_or_is_late_is_dropped() {
    let now = Instant::now();
    let mut queue = Queue::new(limits(1));
    assert_eq!(queue.push(request(0, now), now), Next::Turn);
    queue.push(Request { gone: true, ..request(1, now) }, now);
    queue.push(Request { deadline: now + MILLISECOND, ..request(2, now) }, now);
    queue.push(request(3, now), now);
    let later = now + MILLISECOND;
    assert_eq!(queue.take(later).iter().map(|one| one.caller).collect::<Vec<_>>(), [0, 3]);
    queue.ran(2);
    assert_eq!(queue.finish(later), Next::Nothing);
    // A turn in which nobody is left.
    let mut queue = Queue::new(limits(1));
    queue.push(Request { gone: true, ..request(0, now) }, now);
    assert!(queue.take(now).is_empty());
    assert_eq!(queue.finish(now), Next::Nothing);
    assert_eq!(queue.push(request(1, now), now), Next::Turn);
}

#[test]
fn rows_count_and_not_requests() {
    let now = Instant::now();
    let mut queue = Queue::new(limits(1));
    let wide = |caller, rows| Request { rows, ..request(caller, now) };
    assert_eq!(queue.push(wide(0, 20), now), Next::Turn);
    for one in [wide(1, 20), wide(2, 10), wide(3, 2), wide(4, 1)] {
        assert_eq!(queue.push(one, now), Next::Nothing);
    }
    // The second does not fit, those behind it do.
    assert_eq!(queue.take(now).iter().map(|one| one.caller).collect::<Vec<_>>(), [0, 2, 3]);
    queue.ran(32);
    assert_eq!(queue.finish(now), Next::Wake(now + 2 * MILLISECOND));
    assert_eq!(queue.wake(now + 2 * MILLISECOND), Next::Turn);
    assert_eq!(queue.take(now).iter().map(|one| one.caller).collect::<Vec<_>>(), [1, 4]);
}

#[test]
fn a_turn_that_is_given_back_goes_to_another_thread() {
    let now = Instant::now();
    let mut queue = Queue::new(limits(1));
    assert_eq!(queue.push(request(0, now), now), Next::Turn);
    assert_eq!(queue.push(request(1, now), now), Next::Nothing);
    assert_eq!(queue.give_back(now), Next::Turn);
    assert_eq!(queue.take(now).len(), 2);
}

#[test]
fn without_a_delay_nobody_waits() {
    let seen = Loop { callers: 8, delay: Duration::ZERO, ..DENSE }.run();
    // One runs alone while the seven others gather, again and again.
    assert!(seen.longest_wait <= DENSE.fixed + DENSE.each * 8, "{:?}", seen.longest_wait);
    let waited = Loop { callers: 8, ..DENSE }.run();
    assert!(waited.answered > seen.answered * 3 / 2, "{} and {}", waited.answered, seen.answered);
}

/// The answer may be with the caller, and the next request here, before the thread that made it has gone on.
#[test]
fn who_is_back_before_the_turn_is_over_does_not_count_twice() {
    let now = Instant::now();
    let mut queue = Queue::new(limits(1));
    for _ in 0..3 {
        assert!(matches!(queue.push(request(0, now), now), Next::Turn | Next::Nothing));
        assert_eq!(queue.take(now).len(), 1);
        queue.ran(1);
        assert_eq!(queue.push(request(0, now), now), Next::Nothing);
        assert_eq!(queue.finish(now), Next::Turn);
        assert_eq!(queue.take(now).len(), 1);
        queue.ran(1);
        assert_eq!(queue.finish(now), Next::Nothing);
    }
}
