//! The headers of W3C Trace Context -> which trace a request belongs to, and whether it is recorded.
//!
//! The rules are those of <https://www.w3.org/TR/trace-context/>: a `traceparent` that breaks one is as good as none, and then so is
//! `tracestate`; a broken `tracestate` costs only itself.

use std::cell::Cell;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};

use hyper::header::{HeaderMap, HeaderName};

use crate::names;

const TRACEPARENT: HeaderName = HeaderName::from_static(names::TRACEPARENT_HEADER);
const TRACESTATE: HeaderName = HeaderName::from_static(names::TRACESTATE_HEADER);

pub type TraceId = [u8; 16];
pub type SpanId = [u8; 8];

/// What the caller says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub sampled: bool,
    pub state: String,
}

/// Members of a `tracestate` at most.
const MOST_MEMBERS: usize = 32;
/// Characters of `tracestate` that are passed on at least; we pass on no more.
const LONGEST_STATE: usize = 512;

impl Parent {
    pub fn of(headers: &HeaderMap) -> Option<Parent> {
        let mut given = headers.get_all(TRACEPARENT).iter();
        let (Some(one), None) = (given.next(), given.next()) else { return None };
        let (trace_id, span_id, sampled) = parse(one.to_str().ok()?)?;
        let states: Option<Vec<&str>> = headers.get_all(TRACESTATE).iter().map(|value| value.to_str().ok()).collect();
        let state = states.map(|states| states.join(",")).and_then(|joined| state(&joined)).unwrap_or_default();
        Some(Parent { trace_id, span_id, sampled, state })
    }
}

/// `version-traceid-parentid-flags`. Later versions may have more behind a further dash.
fn parse(text: &str) -> Option<(TraceId, SpanId, bool)> {
    let text = text.as_bytes();
    let version: [u8; 1] = hex(text.get(..2)?)?;
    let (head, rest) = text.split_at_checked(55)?;
    let ends = match version[0] {
        0xff => false,
        0 => rest.is_empty(),
        _ => matches!(rest, [] | [b'-', ..]),
    };
    if !ends || [2, 35, 52].iter().any(|at| head[*at] != b'-') {
        return None;
    }
    let (trace_id, span_id, flags): (TraceId, SpanId, [u8; 1]) =
        (hex(&head[3..35])?, hex(&head[36..52])?, hex(&head[53..])?);
    (trace_id != [0; 16] && span_id != [0; 8]).then_some((trace_id, span_id, flags[0] & 1 == 1))
}

/// Lower-case digits only.
fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

/// A list of members as it came, without empty ones; `None` where one is wrong or stands twice, or where the list is too long.
fn state(text: &str) -> Option<String> {
    let members: Vec<&str> =
        text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty()).collect();
    let mut keys = Vec::with_capacity(members.len());
    for member in &members {
        let (key, value) = member.split_once('=')?;
        if !is_key(key) || !is_value(value) || keys.contains(&key) {
            return None;
        }
        keys.push(key);
    }
    let joined = members.join(",");
    (members.len() <= MOST_MEMBERS && joined.len() <= LONGEST_STATE).then_some(joined)
}

/// `key`, or `tenant@system`.
fn is_key(key: &str) -> bool {
    let part = |part: &str, first: fn(u8) -> bool, most: usize| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/".contains(&b);
        (1..=most).contains(&part.len()) && part.bytes().all(inner) && part.bytes().next().is_some_and(first)
    };
    let letter = |b: u8| b.is_ascii_lowercase();
    let letter_or_digit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    match key.split_once('@') {
        Some((tenant, system)) => part(tenant, letter_or_digit, 241) && part(system, letter, 14),
        None => part(key, letter, 256),
    }
}

fn is_value(value: &str) -> bool {
    let inner = |b: u8| (b' '..=b'~').contains(&b) && b != b',' && b != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(inner) && !value.ends_with(' ')
}

/// Which traces are recorded, as `OTEL_TRACES_SAMPLER` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// A caller's decision stands.
    pub parent_based: bool,
    /// The share of the traces that begin here.
    pub ratio: f64,
}

impl Sampler {
    /// The decision on a trace depends on nothing but its id, so that all services decide alike.
    fn samples(&self, parent: Option<&Parent>, trace_id: &TraceId) -> bool {
        if let Some(parent) = parent.filter(|_| self.parent_based) {
            return parent.sampled;
        }
        let [.., a, b, c, d, e, f, g, h] = *trace_id;
        let point = u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1;
        // 2^63 itself stands for all.
        (point as f64) < self.ratio * (1_u64 << 63) as f64 || self.ratio >= 1.0
    }
}

/// Where in which trace a request stands.
#[derive(Clone, Debug)]
pub struct Place {
    pub trace_id: TraceId,
    /// The request's own span, or the caller's where no span is made of it.
    pub span_id: SpanId,
    pub parent: Option<Parent>,
    /// A span is exported.
    pub recorded: bool,
}

impl Place {
    /// `None` where nobody speaks of a trace. Without a sampler no trace begins here.
    pub fn of(headers: &HeaderMap, sampler: Option<&Sampler>) -> Option<Place> {
        let parent = Parent::of(headers);
        let Some(sampler) = sampler else {
            let parent = parent?;
            return Some(Place {
                trace_id: parent.trace_id,
                span_id: parent.span_id,
                parent: Some(parent),
                recorded: false,
            });
        };
        let trace_id = parent.as_ref().map_or_else(new_trace_id, |parent| parent.trace_id);
        let recorded = sampler.samples(parent.as_ref(), &trace_id);
        Some(Place { trace_id, span_id: new_span_id(), parent, recorded })
    }

    /// For `traceresponse`, to a caller who takes part in tracing.
    pub fn answer(&self) -> Option<String> {
        let parent = self.parent.as_ref()?;
        let sampled = self.recorded || parent.sampled;
        Some(format!("00-{}-{}-0{}", digits(&self.trace_id), digits(&self.span_id), u8::from(sampled)))
    }
}

pub fn digits(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn new_trace_id() -> TraceId {
    loop {
        let id = (u128::from(random()) << 64 | u128::from(random())).to_be_bytes();
        if id != [0; 16] {
            return id;
        }
    }
}

pub fn new_span_id() -> SpanId {
    loop {
        let id = random().to_be_bytes();
        if id != [0; 8] {
            return id;
        }
    }
}

/// SplitMix64, begun on each thread at a place that the operating system chose. Ids must not collide; they are no secrets.
fn random() -> u64 {
    thread_local!(static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(std::process::id())));
    let mut mixed = STATE.with(|state| {
        state.set(state.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        state.get()
    });
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_parent_is_read() {
        let parent =
            Parent::of(&headers(&[("traceparent", GOOD), ("tracestate", "a=1, b@c=2"), ("tracestate", "d=x y")]));
        let parent = parent.unwrap();
        assert_eq!(digits(&parent.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!((digits(&parent.span_id).as_str(), parent.sampled), ("00f067aa0ba902b7", true));
        assert_eq!(parent.state, "a=1,b@c=2,d=x y");
        let flags = |flags: &str| parse(&GOOD.replace("-01", &format!("-{flags}"))).map(|(.., sampled)| sampled);
        assert_eq!(
            (flags("00"), flags("02"), flags("03"), flags("ff")),
            (Some(false), Some(false), Some(true), Some(true))
        );
    }

    #[test]
    fn what_breaks_a_rule_is_no_parent() {
        for wrong in [
            "",
            "00",
            &GOOD.to_uppercase(),
            &GOOD.replace("4bf9", "4BF9"),
            &GOOD.replace("00-4b", "ff-4b"),
            &GOOD.replace("00-4b", "0-4b"),
            &GOOD.replace("00-4b", ".0-4b"),
            &format!("{GOOD}-extra"),
            &format!("{GOOD}0"),
            &GOOD.replace('-', "_"),
            &GOOD.replace("-01", "-1"),
            &GOOD.replace("-01", "-0x"),
            &GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GOOD[..54],
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(Parent::of(&headers(&[("traceparent", GOOD), ("traceparent", GOOD)])), None);
        assert_eq!(Parent::of(&headers(&[("tracestate", "a=1")])), None);
    }

    #[test]
    fn later_versions_may_say_more() {
        let later = GOOD.replace("00-4b", "cc-4b");
        assert!(parse(&later).is_some() && parse(&format!("{later}-what.ever")).is_some());
        assert!(parse(&format!("{later}.what")).is_none());
    }

    #[test]
    fn a_broken_state_costs_only_itself() {
        let long = format!("a={}", "x".repeat(257));
        let many: Vec<String> = (0..33).map(|n| format!("k{n}=v")).collect();
        for wrong in
            ["a", "A=1", "a=1,a=2", "a=b=c", "=1", "a=", "1a=x", "a@=1", "@a=1", "a@0b=1", &long, &many.join(",")]
        {
            let parent = Parent::of(&headers(&[("traceparent", GOOD), ("tracestate", wrong)])).unwrap();
            assert_eq!(parent.state, "", "{wrong}");
        }
        assert_eq!(state(&many[..32].join(",")).unwrap().matches('=').count(), 32);
        assert_eq!(state(" , a=1 ,,").as_deref(), Some("a=1"));
        assert_eq!(state("0t@sys=1").as_deref(), Some("0t@sys=1"));
    }

    #[test]
    fn samplers_decide_by_parent_and_id() {
        let parent = |sampled| Parent { trace_id: [1; 16], span_id: [1; 8], sampled, state: String::new() };
        let sampler = |parent_based, ratio| Sampler { parent_based, ratio };
        let decide = |sampler: Sampler, parent: Option<Parent>, id: TraceId| sampler.samples(parent.as_ref(), &id);
        assert!(decide(sampler(true, 0.0), Some(parent(true)), [1; 16]));
        assert!(!decide(sampler(true, 1.0), Some(parent(false)), [1; 16]));
        assert!(decide(sampler(false, 1.0), Some(parent(false)), [0xff; 16]));
        assert!(!decide(sampler(false, 0.0), Some(parent(true)), [0; 16]));
        let hits = (0..10_000).filter(|_| decide(sampler(true, 0.25), None, new_trace_id())).count();
        assert!((2_200..2_800).contains(&hits), "{hits}");
        let id = new_trace_id();
        assert_eq!(decide(sampler(false, 0.5), None, id), decide(sampler(false, 0.5), Some(parent(true)), id));
    }

    #[test]
    fn without_a_sampler_a_trace_goes_through_and_none_begins() {
        assert!(Place::of(&headers(&[]), None).is_none());
        let place = Place::of(&headers(&[("traceparent", GOOD)]), None).unwrap();
        assert!(!place.recorded);
        assert_eq!(place.answer().as_deref(), Some(GOOD));
        let sampler = Sampler { parent_based: true, ratio: 1.0 };
        let place = Place::of(&headers(&[("traceparent", GOOD)]), Some(&sampler)).unwrap();
        assert!(place.recorded && place.answer().unwrap() != GOOD);
        let place = Place::of(&headers(&[]), Some(&sampler)).unwrap();
        assert!(place.recorded && place.answer().is_none());
    }
}
