//! What all threads of one service share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use crate::api_key::ApiKey;
use crate::compute::Pool;
use crate::loader::Loader;
use crate::metrics::{Meter, Metrics};
use crate::repository::{Entry, Repository, State, Table};
use crate::service::Service;
use crate::settings::Settings;
use crate::shadow::Shadows;
use crate::versions::{self, Wanted};

pub struct App {
    pub service: &'static Service,
    pub settings: Settings,
    pub metrics: Metrics,
    pub repository: Repository,
    pub loader: Loader,
    pub shadows: Arc<Shadows>,
    /// The process was told to end: not ready any more, but still serving.
    pub draining: AtomicBool,
    pub api_key: Option<ApiKey>,
    pub pool: Pool,
    /// Bytes of bodies in memory, of requests that are being handled and of answers that are being read.
    bodies: AtomicUsize,
}

/// Bodies in memory at once, in units of the largest one allowed.
const BODIES: usize = 8;

impl App {
    pub fn new(service: &'static Service, settings: Settings, loader: Loader) -> Result<App, String> {
        let api_key = settings.api_key_file.clone().map(ApiKey::open).transpose()?;
        let pool = Pool::new(settings.threads).map_err(|error| format!("cannot start a thread: {error}"))?;
        let metrics = Metrics::new(settings.emf != crate::settings::Emf::Off);
        let Wanted { versions, shadow_sample } = versions::wanted(&service.model, &settings)?;
        let entries =
            versions.into_iter().map(|version| Entry::absent(version, State::Loading, "the model is loading"));
        let table = Table { entries: entries.collect(), shadow_sample };
        let repository = Repository::new(&service.model, table);
        let shadows = Arc::new(Shadows::new(settings.max_body_bytes));
        Ok(App {
            service,
            settings,
            metrics,
            repository,
            loader,
            shadows,
            draining: AtomicBool::new(false),
            api_key,
            pool,
            bodies: AtomicUsize::new(0),
        })
    }

    pub fn ready(&self) -> bool {
        self.repository.table().ready() && !self.draining.load(Relaxed)
    }

    /// Where requests are counted that got no version: with the one that most would have got.
    pub fn default_meter(&self) -> Arc<Meter> {
        let table = self.repository.table();
        let first = table.entries.iter().max_by_key(|entry| entry.declared.traffic);
        self.metrics.meter(first.map_or("", |entry| &entry.declared.label))
    }
}

/// A place among the requests in flight.
pub struct Place(Arc<App>);

impl Place {
    pub fn take(app: &Arc<App>) -> Option<Place> {
        let place = Place(Arc::clone(app));
        let before = app.metrics.in_flight.fetch_add(1, Relaxed);
        // When it is one too many, the drop takes it back.
        (before < app.settings.max_in_flight).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.metrics.in_flight.fetch_sub(1, Relaxed);
    }
}

/// Memory for one body, given back when dropped. A request's grows with the bytes that have come, not with those that were announced;
/// an answer's is taken when it is made, and keeps out further requests until its reader has taken it.
pub struct Memory {
    app: Arc<App>,
    bytes: usize,
}

impl Memory {
    pub fn new(app: &Arc<App>) -> Memory {
        Memory { app: Arc::clone(app), bytes: 0 }
    }

    /// False when all bodies together would be too much.
    pub fn grow(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        let before = self.app.bodies.fetch_add(bytes, Relaxed);
        before.saturating_add(bytes) <= self.app.settings.max_body_bytes.saturating_mul(BODIES)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.app.bodies.fetch_sub(self.bytes, Relaxed);
    }
}
