//! Commands -> another table in the repository. One thread carries them out, one after another, so that two swaps never meet.
//!
//! A swap loads everything that is new beside what is served, then replaces the table in one step. If a version that gets traffic fails, the
//! table stays as it was. The old engines go once their last request is answered; until then both take memory.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::app::App;
use crate::batching::Batching;
use crate::golden;
use crate::log::{Level, Line};
use crate::model::Engine;
use crate::repository::{Entry, Served, State, Table};
use crate::source::{self, Problem, obtain};
use crate::versions::{self, Declared, Wanted};

/// Between attempts of a service that starts.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often to look whether an engine is still in use.
const LOOK: Duration = Duration::from_millis(5);

enum Command {
    /// Reads the list of versions again and loads what is not loaded.
    Load(Option<oneshot::Sender<Result<(), Problem>>>),
    Unload(oneshot::Sender<()>),
}

/// Where commands are given.
pub struct Loader(Sender<Command>);

/// Where they arrive.
pub struct Inbox(Receiver<Command>);

pub fn loader() -> (Loader, Inbox) {
    let (send, receive) = channel();
    (Loader(send), Inbox(receive))
}

impl Loader {
    /// Loads in the background; the outcome is in the log and the metrics.
    pub fn reload(&self) {
        let _ = self.0.send(Command::Load(None));
    }

    /// Returns once the versions are swapped. The error says what could not be loaded.
    pub async fn load(&self) -> Result<(), Problem> {
        let (send, receive) = oneshot::channel();
        let _ = self.0.send(Command::Load(Some(send)));
        receive.await.unwrap_or_else(|_| Err(Problem::Unreachable("the loading thread is gone".to_owned())))
    }

    /// Returns once no new request gets a version.
    pub async fn unload(&self) {
        let (send, receive) = oneshot::channel();
        let _ = self.0.send(Command::Unload(send));
        let _ = receive.await;
    }
}

/// Starts the thread. What comes back is why the service cannot start, once that is known.
pub fn start(app: &Arc<App>, inbox: Inbox) -> std::io::Result<oneshot::Receiver<Result<(), String>>> {
    let (send, receive) = oneshot::channel();
    // The thread ends with the app, which it must therefore not keep.
    let app = Arc::downgrade(app);
    std::thread::Builder::new().name("load".into()).spawn(move || work(&app, &inbox, send))?;
    Ok(receive)
}

fn work(app: &Weak<App>, inbox: &Inbox, started: oneshot::Sender<Result<(), String>>) {
    match app.upgrade() {
        Some(app) => {
            let _ = started.send(first(&app));
            load_shadows(&app);
        }
        None => return,
    }
    while let Ok(command) = inbox.0.recv() {
        let Some(app) = app.upgrade() else { return };
        match command {
            Command::Load(reply) => {
                let outcome = swap(&app);
                app.metrics.loaded(outcome.is_ok());
                let retired = match outcome {
                    Ok(retired) => {
                        answer(reply, Ok(()));
                        retired
                    }
                    Err(problem) => {
                        let line = Line::new(Level::Error, "the versions stay as they were");
                        line.text("error", problem.text()).log();
                        answer(reply, Err(problem));
                        continue;
                    }
                };
                load_shadows(&app);
                retire(&app, retired);
                change(&app, |table| table.entries.retain(|entry| entry.state != State::Unloading));
            }
            Command::Unload(reply) => {
                let retired = unload(&app);
                let _ = reply.send(());
                retire(&app, retired);
                change(&app, |table| {
                    for entry in table.entries.iter_mut().filter(|entry| entry.state == State::Unloading) {
                        (entry.state, entry.reason) = (State::Unavailable, "it was unloaded".to_owned());
                    }
                });
            }
        }
    }
}

fn answer(reply: Option<oneshot::Sender<Result<(), Problem>>>, outcome: Result<(), Problem>) {
    if let Some(reply) = reply {
        let _ = reply.send(outcome);
    }
}

/// Replaces the table, and tells those who watch whether the service is ready.
fn change(app: &App, change: impl FnOnce(&mut Table)) {
    app.repository.change(change);
    app.changed.send_replace(());
}

/// Loads what the table holds, the versions with traffic.
fn first(app: &App) -> Result<(), String> {
    let entries = app.repository.table().entries.clone();
    for entry in entries.into_iter().filter(|entry| !entry.declared.shadow) {
        let mut pause = Duration::from_secs(1);
        let served = loop {
            match load(app, &entry.declared) {
                Ok(served) => break served,
                Err(Problem::Wrong(why)) => {
                    app.metrics.loaded(false);
                    return Err(why);
                }
                // A store that is away comes back; ending would lose what is loaded already, and come back no sooner.
                Err(Problem::Unreachable(why)) => {
                    Line::new(Level::Error, "not ready: the model store is away").text("error", &why).log();
                    app.metrics.loaded(false);
                    let entry = Entry::absent(entry.declared.clone(), State::Loading, why);
                    change(app, |table| table.put(entry));
                }
            }
            if app.draining.load(Relaxed) {
                return Ok(());
            }
            std::thread::sleep(source::jittered(pause));
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        change(app, |table| table.put(Entry::ready(entry.declared, served)));
    }
    app.metrics.loaded(true);
    Ok(())
}

/// A shadow that cannot be loaded is no reason not to serve.
fn load_shadows(app: &App) {
    let entries = app.repository.table().entries.clone();
    for entry in entries.into_iter().filter(|entry| entry.state == State::Loading && entry.declared.shadow) {
        let entry = match load(app, &entry.declared).map_err(Problem::into_text) {
            Ok(served) => Entry::ready(entry.declared, served),
            Err(why) => {
                let line = Line::new(Level::Error, "the shadow cannot be loaded").text("error", &why);
                line.log();
                app.metrics.loaded(false);
                Entry::absent(entry.declared, State::Unavailable, why)
            }
        };
        change(app, |table| table.put(entry));
    }
}

fn load(app: &App, declared: &Declared) -> Result<Arc<Served>, Problem> {
    let start = Instant::now();
    let model = &app.service.model;
    let bytes = obtain(&declared.source, &declared.label, &declared.sha256, &app.settings)?;
    let (threads, wish) = (app.settings.threads, &app.settings.batch);
    let (engine, together) = Engine::load_to_batch(bytes, model, threads, wish).map_err(Problem::Wrong)?;
    let pairs = golden::verify(&engine, model, declared, &app.settings).map_err(Problem::Wrong)?;
    let plans = engine.describe();
    let (batching, described) = match together {
        Ok(together) => {
            let batching = Batching::new(together, wish, threads);
            let described = batching.describe();
            (Some(batching), described)
        }
        Err(why) => (None, why),
    };
    Line::new(Level::Info, "ready")
        .text("model", model.name)
        .text("version", &declared.label)
        .text("sha256", &declared.sha256)
        .text("plans", plans)
        .text("batching", &described)
        // A version that only a list of versions knows has none.
        .number("golden_pairs", pairs as u64)
        .milliseconds("load_ms", start.elapsed())
        .log();
    let label = declared.label.clone();
    let meter = app.metrics.meter(&label);
    Ok(Arc::new(Served::new(model, label, engine, batching, meter)))
}

/// Brings the table to what is wanted now. What was served and is no longer comes back.
fn swap(app: &App) -> Result<Vec<Arc<Served>>, Problem> {
    let wanted = versions::wanted(&app.service.model, &app.settings).map_err(Problem::Wrong)?;
    let Wanted { versions, shadow_sample } = wanted;
    let before = app.repository.table();
    let mut table = Table { entries: Vec::with_capacity(versions.len()), shadow_sample };
    for declared in versions {
        let known = before.find(&declared.label).filter(|known| known.declared.same_model(&declared));
        let entry = match known.and_then(|known| known.served.clone()) {
            Some(served) => Entry::ready(declared, served),
            // It gets no requests while it loads, so nobody needs to wait for it.
            None if declared.shadow => Entry::absent(declared, State::Loading, ""),
            None => {
                show(app, &declared, State::Loading, "");
                match load(app, &declared) {
                    Ok(served) => Entry::ready(declared, served),
                    Err(problem) => {
                        // A label that is served goes on being what it was.
                        show(app, &declared, State::Unavailable, problem.text());
                        return Err(problem.told(|why| format!("version `{}`: {why}", declared.label)));
                    }
                }
            }
        };
        table.entries.push(entry);
    }
    let kept = |old: &Arc<Served>| {
        table.entries.iter().any(|entry| entry.served.as_ref().is_some_and(|served| Arc::ptr_eq(served, old)))
    };
    let retired: Vec<Arc<Served>> =
        before.entries.iter().filter_map(|entry| entry.served.clone()).filter(|old| !kept(old)).collect();
    for old in &retired {
        if table.find(&old.label).is_none()
            && let Some(entry) = before.find(&old.label)
        {
            let declared = Declared { traffic: 0, shadow: false, ..entry.declared.clone() };
            table.put(Entry::absent(declared, State::Unloading, "another list of versions is served"));
        }
    }
    drop(before);
    change(app, |old| *old = table);
    Ok(retired)
}

/// Lets the index say what happens to a version that is not served; without traffic, so that nothing waits for it.
fn show(app: &App, declared: &Declared, state: State, reason: &str) {
    change(app, |table| {
        if table.find(&declared.label).is_none_or(|known| known.served.is_none()) {
            // What the current list wants of it stays.
            let shares =
                table.find(&declared.label).map_or((0, false), |known| (known.declared.traffic, known.declared.shadow));
            let declared = Declared { traffic: shares.0, shadow: shares.1, ..declared.clone() };
            table.put(Entry::absent(declared, state, reason));
        }
    });
}

fn unload(app: &App) -> Vec<Arc<Served>> {
    let mut retired = Vec::new();
    change(app, |table| {
        for entry in &mut table.entries {
            if let Some(served) = entry.served.take() {
                retired.push(served);
                entry.state = State::Unloading;
                entry.reason = "its last requests are being answered".to_owned();
            }
        }
    });
    Line::new(Level::Info, "unloaded").text("model", app.service.model.name).log();
    retired
}

/// Waits for the last requests of these versions and drops them here, where nobody waits for memory to be given back.
fn retire(app: &App, retired: Vec<Arc<Served>>) {
    let limit = Instant::now() + app.settings.request_timeout + Duration::from_secs(5);
    for served in retired {
        while Arc::strong_count(&served) > 1 && Instant::now() < limit {
            std::thread::sleep(LOOK);
        }
        drop(served);
    }
}
