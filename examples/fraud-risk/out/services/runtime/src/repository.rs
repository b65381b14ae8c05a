//! The versions of the model in this process: what is loaded, what state the rest is in, and which version a request gets.
//!
//! Readers take a [`Table`] that never changes; whoever changes something puts another table in its place. So a request sees the
//! versions and their shares from before a swap or from after it, and keeps its version until it is answered.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hyper::StatusCode;

use crate::batching::Batching;
use crate::metrics::Meter;
use crate::model::Engine;
use crate::protocol::Call;
use crate::refusal::{Refusal, excerpt};
use crate::result::Heads;
use crate::service::{ALL, Model};
use crate::versions::Declared;

/// A version that can answer.
pub struct Served {
    pub label: String,
    /// Of its answers over REST.
    pub heads: Heads,
    pub engine: Engine,
    /// How requests share runs, if they do.
    pub batching: Option<Batching>,
    pub meter: Arc<Meter>,
}

impl Served {
    pub fn new(model: &Model, label: String, engine: Engine, batching: Option<Batching>, meter: Arc<Meter>) -> Served {
        Served { heads: Heads::of(model, &label), label, engine, batching, meter }
    }

    /// Whether a request may share a run with others. `estimate`: how long it takes alone.
    pub fn shares(&self, call: &Call, estimate: Duration) -> bool {
        self.batching.as_ref().is_some_and(|batching| batching.admits(call, estimate))
    }
}

/// States as the repository extension of the protocol names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Unavailable,
    Loading,
    Ready,
    Unloading,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Unavailable => "UNAVAILABLE",
            State::Loading => "LOADING",
            State::Ready => "READY",
            State::Unloading => "UNLOADING",
        }
    }
}

/// One version, loaded or not.
#[derive(Clone)]
pub struct Entry {
    pub declared: Declared,
    pub state: State,
    /// Why it is in this state, where that is not plain.
    pub reason: String,
    /// There is one exactly when the state is [`State::Ready`].
    pub served: Option<Arc<Served>>,
}

impl Entry {
    pub fn absent(declared: Declared, state: State, reason: impl Into<String>) -> Entry {
        Entry { declared, state, reason: reason.into(), served: None }
    }

    pub fn ready(declared: Declared, served: Arc<Served>) -> Entry {
        Entry { declared, state: State::Ready, reason: String::new(), served: Some(served) }
    }
}

/// All versions at one moment.
#[derive(Clone, Default)]
pub struct Table {
    pub entries: Vec<Entry>,
    /// Share of requests that shadows get copies of, in hundredths of a percent.
    pub shadow_sample: u32,
}

impl Table {
    /// Whether every version that gets traffic can answer. With fewer, the shares would not be those that were asked for.
    pub fn ready(&self) -> bool {
        let mut with_traffic = self.entries.iter().filter(|entry| entry.declared.traffic > 0).peekable();
        with_traffic.peek().is_some() && with_traffic.all(|entry| entry.served.is_some())
    }

    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.declared.label.as_str())
    }

    pub fn find(&self, label: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.declared.label == label)
    }

    /// Adds an entry, in the place of another one of that label if there is one.
    pub fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|known| known.declared.label == entry.declared.label) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }

    /// The version for a request of this id, by the shares of those that can answer.
    fn share(&self, id: &str) -> Option<&Arc<Served>> {
        let able = || {
            let able = self.entries.iter().filter_map(|entry| Some((entry.declared.traffic, entry.served.as_ref()?)));
            able.filter(|(traffic, _)| *traffic > 0)
        };
        let mut first = able();
        if let (Some((_, only)), None) = (first.next(), first.next()) {
            return Some(only);
        }
        let total: u64 = able().map(|(traffic, _)| u64::from(traffic)).sum();
        let mut left = spread(id, 0).checked_rem(total)?;
        for (traffic, served) in able() {
            match left.checked_sub(u64::from(traffic)) {
                None => return Some(served),
                Some(rest) => left = rest,
            }
        }
        None
    }
}

/// What answers a request, and what gets a copy of it.
#[derive(Clone)]
pub struct Choice {
    pub served: Arc<Served>,
    pub shadow: Option<Arc<Served>>,
}

pub struct Repository {
    model: &'static Model,
    table: RwLock<Arc<Table>>,
}

impl Repository {
    pub fn new(model: &'static Model, table: Table) -> Repository {
        Repository { model, table: RwLock::new(Arc::new(table)) }
    }

    pub fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the table by a changed copy, in one step as seen by readers. Only the loading thread does so.
    pub fn change(&self, change: impl FnOnce(&mut Table)) {
        let mut table = Table::clone(&self.table());
        change(&mut table);
        let old = std::mem::replace(&mut *self.table.write().unwrap_or_else(PoisonError::into_inner), Arc::new(table));
        // Outside of the lock: it may hold the last reference to an engine.
        drop(old);
    }

    /// The entry of this label; 404 names those that there are.
    pub fn entry(&self, label: &str) -> Result<Entry, Refusal> {
        let table = self.table();
        table.find(label).cloned().ok_or_else(|| {
            let labels: Vec<&str> = table.labels().collect();
            let (asked, name, has) = (excerpt(label), self.model.name, labels.join("`, `"));
            Refusal::new(StatusCode::NOT_FOUND, format!("model `{name}` has no version `{asked}`; it has `{has}`"))
        })
    }

    /// The version for a request: the one it names, or one at random by the shares. The same id always gets the same version, in
    /// every replica, as long as the shares stay.
    pub fn choose(&self, label: Option<&str>, id: &str) -> Result<Choice, Refusal> {
        let table = self.table();
        let served = match label {
            Some(label) => {
                let entry = self.entry(label)?;
                entry.served.clone().ok_or_else(|| self.unavailable(&entry))?
            }
            None => {
                let first = || table.entries.iter().find(|entry| entry.declared.traffic > 0);
                let chosen = table.share(id).cloned();
                chosen.ok_or_else(|| match first() {
                    Some(entry) => self.unavailable(entry),
                    None => Refusal::unavailable("the model is loading"),
                })?
            }
        };
        let sampled = table.shadow_sample > 0 && spread(id, 1) % u64::from(ALL) < u64::from(table.shadow_sample);
        // A version that was named may be the shadow itself.
        let shadow = |entry: &&Entry| entry.declared.shadow && entry.declared.label != served.label;
        let shadow = table.entries.iter().find(shadow).filter(|_| sampled).and_then(|entry| entry.served.clone());
        Ok(Choice { served, shadow })
    }

    fn unavailable(&self, entry: &Entry) -> Refusal {
        let (name, label) = (self.model.name, &entry.declared.label);
        match entry.state {
            State::Loading | State::Ready => Refusal::unavailable("the model is loading"),
            State::Unloading => Refusal::unavailable(format!("version `{label}` of model `{name}` is being unloaded")),
            State::Unavailable => {
                let reason = &entry.reason;
                Refusal::unavailable(format!("version `{label}` of model `{name}` is not loaded: {reason}"))
            }
        }
    }
}

/// A number that looks random, the same in every process: FNV-1a over the bytes, then the finalizer of SplitMix64, since FNV's low bits
/// alone are uneven for ids that count up.
fn spread(id: &str, salt: u64) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ salt;
    for byte in id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spread_evenly() {
        // As the server makes them: one prefix, then a count.
        let ids: Vec<String> = (0..20_000).map(|n| format!("0123456789abcdef-{n:x}")).collect();
        for salt in [0, 1] {
            let tenth = ids.iter().filter(|id| spread(id, salt) % 10_000 < 1_000).count();
            assert!((1_800..2_200).contains(&tenth), "{tenth}");
        }
        // Which version answers says nothing about who is copied.
        let both = ids.iter().filter(|id| spread(id, 0) % 10 < 1 && spread(id, 1) % 10 < 1).count();
        assert!((120..280).contains(&both), "{both}");
    }

    /// Replicas of two releases answer side by side while one replaces the other.
    #[test]
    fn the_same_id_gets_the_same_number_in_every_release() {
        assert_eq!(spread("request-1", 0), 6_996_955_302_536_081_010);
        assert_eq!(spread("request-1", 1), 10_522_397_890_523_812_669);
    }
}
