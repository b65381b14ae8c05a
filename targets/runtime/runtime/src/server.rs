//! Sockets and threads: listens, hands connections to serving threads, loads the model beside that, and ends without losing a request.

use std::future::{Future, poll_fn};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::{mpsc, watch};

use crate::app::{self, App};
use crate::connection::{Activity, Connection, Situation, Verdict, Watch};
use crate::emf;
use crate::http::handle;
use crate::loader::{self, Inbox};
use crate::log::{self, Level, Line};
use crate::model::memory_limit;
use crate::names;
use crate::quiet::quiet;
use crate::service::Service;
use crate::settings::Settings;

/// The backlog of the listening socket; the kernel cuts it to its own limit.
const BACKLOG: i32 = 1024;
/// Connections held at once, where memory and descriptors allow it. More wait in the backlog.
const MOST_CONNECTIONS: usize = 16_384;
/// However little memory there is.
const LEAST_CONNECTIONS: usize = 1_024;
/// Longest head of a request.
pub const HEAD_BYTES: usize = 16 * 1024;
/// What a connection takes at worst: a head that never ends, hyper's buffer for answers, and its own state. All of them together take an
/// eighth of the memory at most.
const CONNECTION_BYTES: u64 = 40 * 1024;
/// Descriptors for all that is no connection of a caller.
const OTHER_DESCRIPTORS: usize = 128;
/// With the second for connections and the two for the log, this is the margin that a pod's grace period has for the end.
const LAST_FLUSH: Duration = Duration::from_secs(2);
const KEY_REFRESH: Duration = Duration::from_secs(10);

/// Streams on one HTTP/2 connection. Clients wait with more.
const STREAMS: u32 = 128;
/// What an HTTP/2 peer may send on one stream, and on a connection, before any of it was read.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 512 * 1024;
/// What of an answer waits for an HTTP/2 peer, beside what is in the socket.
const SEND_BUFFER: usize = 64 * 1024;
/// An HTTP/2 peer is asked this often whether it is still there, and has as long to answer.
const PING: Duration = Duration::from_secs(20);

/// A service that listens, before its model is loaded.
pub struct Server {
    app: Arc<App>,
    inbox: Inbox,
    listener: TcpListener,
    address: SocketAddr,
}

/// Makes a running server read its list of versions again.
pub struct Reloader(Arc<App>);

impl Reloader {
    pub fn reload(&self) {
        self.0.loader.reload();
    }
}

/// Where new connections go.
struct Lane {
    connections: mpsc::UnboundedSender<TcpStream>,
    open: Arc<AtomicUsize>,
}

impl Server {
    pub fn bind(service: &'static Service, settings: Settings) -> Result<Server, String> {
        log::set_level(settings.log);
        for warning in &settings.traces.warnings {
            Line::new(Level::Warn, "a setting of traces is not understood").text("error", warning).log();
        }
        if settings.emf != crate::settings::Emf::Off {
            emf_labels(service, &settings).check()?;
        }
        let listen = settings.listen;
        let (loader, inbox) = loader::loader();
        let app = Arc::new(App::new(service, settings, loader)?);
        let listener =
            listen_on_either(listen, listen_on).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        Ok(Server { app, inbox, listener, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn reloader(&self) -> Reloader {
        Reloader(Arc::clone(&self.app))
    }

    /// Serves until `stop` completes, then drains. `hurry` cuts the drain delay short. The error is why the model did not load.
    pub async fn serve(self, stop: impl Future<Output = ()>, hurry: impl Future<Output = ()>) -> Result<(), String> {
        let Server { app, inbox, listener, address } = self;
        let (alive, mut all_ended) = mpsc::channel::<()>(1);
        let lanes = (0..app.settings.threads)
            .map(|number| start_lane(number, &app, &alive))
            .collect::<std::io::Result<Vec<Lane>>>()
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        drop(alive);
        let metrics = start_emf(&app).map_err(|error| format!("cannot start a thread: {error}"))?;
        let spans = start_exporter(&app).map_err(|error| format!("cannot start a thread: {error}"))?;
        let mut loaded = loader::start(&app, inbox).map_err(|error| format!("cannot start a thread: {error}"))?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
        info("listening", |line| line.text("address", &address.to_string()).number("threads", lanes.len() as u64));

        let mut outcome = Ok(());
        {
            let mut accepting = pin!(accept(&app, &listener, &lanes));
            let mut refreshing = pin!(refresh_key(&app));
            let mut stop = pin!(stop);
            let mut is_loaded = false;
            // Poll the two endless futures on the side of whatever is awaited.
            poll_fn(|context| {
                let _ = accepting.as_mut().poll(context);
                let _ = refreshing.as_mut().poll(context);
                if !is_loaded && let Poll::Ready(result) = Pin::new(&mut loaded).poll(context) {
                    is_loaded = true;
                    if let Err(why) = result.unwrap_or_else(|_| Err("the model could not be loaded".to_owned())) {
                        outcome = Err(why);
                        return Poll::Ready(());
                    }
                }
                stop.as_mut().poll(context)
            })
            .await;
            if outcome.is_ok() {
                app.drain();
                let delay = app.settings.drain_delay;
                info("draining", |line| line.milliseconds("delay_ms", delay));
                let mut delay = pin!(tokio::time::sleep(delay));
                let mut hurry = pin!(hurry);
                poll_fn(|context| {
                    let _ = accepting.as_mut().poll(context);
                    match hurry.as_mut().poll(context) {
                        Poll::Ready(()) => Poll::Ready(()),
                        Poll::Pending => delay.as_mut().poll(context),
                    }
                })
                .await;
            }
        }
        close(listener, &lanes);
        app.stopping.send_replace(true);
        drop(lanes);
        // Requests have their own timeout; what is left after it are peers that do not read.
        let limit = app.settings.request_timeout + Duration::from_secs(1);
        if outcome.is_ok() && tokio::time::timeout(limit, all_ended.recv()).await.is_err() {
            Line::new(Level::Warn, "connections were cut at the end of the grace period").log();
        }
        let mut flushing: Vec<JoinHandle<()>> = spans.into_iter().collect();
        if let Some(exporter) = &app.exporter {
            exporter.stop();
        }
        if let Some((stop, thread)) = metrics {
            stop.stop();
            flushing.push(thread);
        }
        // An agent that is away, or a resolver that hangs, must not keep the process from ending.
        let limit = Instant::now() + LAST_FLUSH;
        while !flushing.iter().all(JoinHandle::is_finished) && Instant::now() < limit {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if outcome.is_ok() {
            info("stopped", |line| line);
        }
        outcome
    }
}

fn info(message: &str, with: impl FnOnce(Line) -> Line) {
    with(Line::new(Level::Info, message)).log();
}

/// `[::]` stands for all addresses of both families, also where the kernel has but one of them.
fn listen_on_either<T>(address: SocketAddr, listen: impl Fn(SocketAddr) -> std::io::Result<T>) -> std::io::Result<T> {
    use std::io::ErrorKind::{AddrNotAvailable, Unsupported};
    let outcome = listen(address);
    let Err(error) = &outcome else { return outcome };
    // 97 is EAFNOSUPPORT, what a kernel without IPv6 says; the standard library has no name for it.
    let absent = matches!(error.kind(), AddrNotAvailable | Unsupported) || error.raw_os_error() == Some(97);
    if !absent || address.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        return outcome;
    }
    let line = Line::new(Level::Warn, "there is no IPv6 here, listening on IPv4 only");
    line.text("error", &error.to_string()).log();
    listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
}

fn listen_on(address: SocketAddr) -> std::io::Result<TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the last process's connections to time out.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // The wildcard takes both families, whatever the kernel's default is.
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// A serving thread with a runtime of its own. It ends when no more connections can come and those it has are closed.
fn start_lane(number: usize, app: &Arc<App>, alive: &mpsc::Sender<()>) -> std::io::Result<Lane> {
    let (connections, mut incoming) = mpsc::unbounded_channel();
    let open = Arc::new(AtomicUsize::new(0));
    let lane = Lane { connections, open: Arc::clone(&open) };
    let (app, alive) = (Arc::clone(app), alive.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let work = move || {
        runtime.block_on(async move {
            let (ended, mut all_ended) = mpsc::channel::<()>(1);
            let situation = Arc::new(Situation::default());
            while let Some(stream) = incoming.recv().await {
                let guard = (Open(Arc::clone(&open)), ended.clone());
                let connection = serve_connection(Arc::clone(&app), stream, Arc::clone(&situation));
                tokio::spawn(async move {
                    connection.await;
                    drop(guard);
                });
            }
            drop(ended);
            all_ended.recv().await;
            drop(alive);
        });
    };
    std::thread::Builder::new().name(format!("serve-{number}")).spawn(work)?;
    Ok(lane)
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

async fn serve_connection(app: Arc<App>, stream: TcpStream, situation: Arc<Situation>) {
    let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { return };
    let peer = stream.peer_addr().ok();
    let activity = Arc::new(Activity::default());
    let mut connection = Connection::new(stream, Arc::clone(&activity), Arc::clone(&situation));
    let mut told = pin!(told(app.stopping.subscribe(), app.crowded.subscribe(), Arc::clone(&situation)));
    // An error here is the peer's: it went away, was too slow, or did not speak HTTP. hyper has answered what can be answered.
    match beside(told.as_mut(), connection.speaks_http2()).await {
        // In a box, since it is larger, and a connection that waits for its first byte should not be.
        Ok(true) => Box::pin(serve_http2(app, connection, activity, peer, told, &situation)).await,
        Ok(false) => serve_http1(app, connection, activity, peer, told).await,
        Err(_) => {}
    }
}

/// Follows the situation, and wakes the connection when it changes. Never ends.
async fn told(mut stopping: watch::Receiver<bool>, mut crowded: watch::Receiver<bool>, situation: Arc<Situation>) {
    let stopping = async {
        let _ = stopping.wait_for(|stopping| *stopping).await;
        let _ = situation.stopped.set(tokio::time::Instant::now());
        std::future::pending().await
    };
    let crowded = async {
        loop {
            situation.crowded.store(*crowded.borrow_and_update(), Relaxed);
            if crowded.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    };
    beside(pin!(stopping), crowded).await
}

/// Awaits `main`, and polls `side` first whenever one of them wakes.
async fn beside<T>(mut side: Pin<&mut impl Future<Output = ()>>, main: impl Future<Output = T>) -> T {
    let mut main = pin!(main);
    poll_fn(|context| {
        let _ = side.as_mut().poll(context);
        main.as_mut().poll(context)
    })
    .await
}

async fn serve_http1(
    app: Arc<App>,
    connection: Connection,
    activity: Arc<Activity>,
    peer: Option<SocketAddr>,
    told: Pin<&mut impl Future<Output = ()>>,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let busy = activity.begin();
        let handled = handle(Arc::clone(&app), request, peer, false);
        async move {
            let reply = handled.await;
            drop(busy);
            reply
        }
    });
    let connection = TokioIo::new(connection);
    // hyper's own graceful shutdown is not used, since it drops a connection whose first request has come but was not yet read.
    let _ = beside(told, quiet(http1().serve_connection(connection, service))).await;
}

/// How HTTP/1 is read.
pub fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES);
    builder
}

async fn serve_http2(
    app: Arc<App>,
    connection: Connection,
    activity: Arc<Activity>,
    peer: Option<SocketAddr>,
    mut told: Pin<&mut impl Future<Output = ()>>,
    situation: &Situation,
) {
    let mut watch = Watch::new(Arc::clone(&activity));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let busy = activity.begin();
        let place = app::Stream::open(&app);
        let handled = handle(Arc::clone(&app), request, peer, place.is_none());
        let activity = Arc::clone(&activity);
        async move { handled.await.map(|reply| reply.map(|body| body.on(&activity, busy, place))) }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(connection), service));
    let mut look = pin!(tokio::time::sleep(Watch::every(false)));
    let mut was_stopping = false;
    poll_fn(|context| {
        let _ = told.as_mut().poll(context);
        let is_stopping = situation.stopped.get().is_some();
        while look.as_mut().poll(context).is_ready() || is_stopping != was_stopping {
            was_stopping = is_stopping;
            let now = tokio::time::Instant::now();
            match watch.look(now, situation) {
                Verdict::Stay => {}
                // GOAWAY in two steps, so that what was sent before the peer knew is still answered.
                Verdict::Leave => connection.as_mut().graceful_shutdown(),
                Verdict::Cut => return Poll::Ready(()),
            }
            look.as_mut().reset(now + Watch::every(is_stopping));
        }
        connection.as_mut().poll(context).map(|_| ())
    })
    .await;
}

/// How many connections there may be, with as many descriptors as this process may have.
fn most_connections(memory: u64) -> usize {
    let affordable = usize::try_from(memory / 8 / CONNECTION_BYTES).unwrap_or(usize::MAX);
    let most = affordable.clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS);
    // Many systems start a process with a thousand, and let it ask for more.
    let descriptors = rlimit::increase_nofile_limit((most + OTHER_DESCRIPTORS) as u64);
    let descriptors = descriptors.map_or(LEAST_CONNECTIONS, |most| usize::try_from(most).unwrap_or(usize::MAX));
    most.min(descriptors.saturating_sub(OTHER_DESCRIPTORS)).max(1)
}

/// Accepts for ever. Each connection goes to the thread that has the fewest. When there is room for few more, those that are idle have
/// to leave soon: whoever does nothing must not keep out who has something to ask.
async fn accept(app: &App, listener: &tokio::net::TcpListener, lanes: &[Lane]) {
    let most = most_connections(memory_limit());
    let open = || lanes.iter().map(|lane| lane.open.load(Relaxed)).sum::<usize>();
    let mut is_crowded = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Ok(stream) = stream.into_std() {
                    dispatch(stream, lanes);
                }
            }
            Err(error) => {
                // A peer that gave up is nothing; running out of descriptors passes when connections close.
                let shortage = matches!(error.raw_os_error(), Some(12 | 23 | 24 | 105));
                if shortage {
                    Line::new(Level::Warn, "cannot accept").text("error", &error.to_string()).log();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        loop {
            let now = open();
            // They would all leave, come back and leave again if one number stood for both.
            let crowded = now >= if is_crowded { most / 4 * 3 } else { most / 8 * 7 };
            if crowded != is_crowded {
                is_crowded = crowded;
                app.crowded.send_replace(crowded);
            }
            if now < most {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn dispatch(stream: TcpStream, lanes: &[Lane]) {
    let _ = stream.set_nodelay(true);
    if let Some(lane) = lanes.iter().min_by_key(|lane| lane.open.load(Relaxed)) {
        lane.open.fetch_add(1, Relaxed);
        let _ = lane.connections.send(stream);
    }
}

/// Takes what the kernel has already accepted on our behalf, since closing the socket would reset it.
fn close(listener: tokio::net::TcpListener, lanes: &[Lane]) {
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, _)) = listener.accept() {
        if stream.set_nonblocking(true).is_ok() {
            dispatch(stream, lanes);
        }
    }
}

async fn refresh_key(app: &App) {
    let Some(key) = &app.api_key else { return std::future::pending().await };
    loop {
        tokio::time::sleep(KEY_REFRESH).await;
        match key.refresh() {
            Ok(true) => info("the API key has changed", |line| line),
            Ok(false) => {}
            Err(why) => Line::new(Level::Warn, "the API key stays as it was").text("error", &why).log(),
        }
    }
}

fn start_exporter(app: &Arc<App>) -> std::io::Result<Option<JoinHandle<()>>> {
    if app.exporter.is_none() {
        return Ok(None);
    }
    let app = Arc::clone(app);
    let send = move || app.exporter.iter().for_each(|exporter| exporter.send_until_stopped());
    std::thread::Builder::new().name("spans".into()).spawn(send).map(Some)
}

type EmfThread = Option<(Arc<emf::Stop>, JoinHandle<()>)>;

fn emf_labels(service: &Service, settings: &Settings) -> emf::Labels {
    emf::Labels {
        project: settings.project.clone(),
        environment: settings.environment.clone(),
        service: service.name.to_owned(),
    }
}

fn start_emf(app: &Arc<App>) -> std::io::Result<EmfThread> {
    if app.settings.emf == crate::settings::Emf::Off {
        return Ok(None);
    }
    let stop = Arc::new(emf::Stop::default());
    let (app, stopped) = (Arc::clone(app), Arc::clone(&stop));
    let thread = std::thread::Builder::new().name("emf".into()).spawn(move || {
        let settings = &app.settings;
        let labels = emf_labels(app.service, settings);
        let every = Duration::from_secs(names::EMF_FLUSH_SECONDS);
        emf::flush_until_stopped(&settings.emf, &labels, &app.metrics, &stopped, every);
    })?;
    Ok(Some((stop, thread)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wildcard_of_both_families_listens_on_both() {
        let Ok(listener) = listen_on_either("[::]:0".parse().unwrap(), listen_on) else { panic!("cannot listen") };
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect(("127.0.0.1", port)).expect("IPv4 is served");
    }

    #[test]
    fn without_ipv6_the_wildcard_is_that_of_ipv4() {
        let without = |address: SocketAddr| match address {
            SocketAddr::V4(_) => Ok(address.to_string()),
            SocketAddr::V6(_) => Err(std::io::Error::from_raw_os_error(97)),
        };
        assert_eq!(listen_on_either("[::]:8080".parse().unwrap(), without).unwrap(), "0.0.0.0:8080");
        // Another address was meant for callers that would not find it elsewhere.
        assert!(listen_on_either("[::1]:8080".parse().unwrap(), without).is_err());
        let taken = |_| Err::<(), _>(std::io::Error::from(std::io::ErrorKind::AddrInUse));
        assert!(listen_on_either("[::]:8080".parse().unwrap(), taken).is_err());
    }
}
