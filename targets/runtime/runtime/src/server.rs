//! Sockets and threads: listens, hands connections to serving threads, loads the model beside that, and ends without losing a request.

use std::future::{Future, poll_fn};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::{mpsc, oneshot, watch};

use crate::app::App;
use crate::connection::{Activity, Connection};
use crate::emf;
use crate::golden;
use crate::http::handle;
use crate::log::{self, Level, Line};
use crate::model::Engine;
use crate::names;
use crate::resource::read_verified;
use crate::service::Service;
use crate::settings::Settings;

/// The backlog of the listening socket; the kernel cuts it to its own limit.
const BACKLOG: i32 = 1024;
/// Connections held at once. More wait in the backlog.
const MOST_CONNECTIONS: usize = 4_096;
/// Longest head of a request. Heads that never end take 64 MiB at most, on all connections together.
const HEAD_BYTES: usize = 16 * 1024;
/// With the second for connections and the two for the log, this is the margin that a pod's grace period has for the end.
const LAST_FLUSH: Duration = Duration::from_secs(2);
const KEY_REFRESH: Duration = Duration::from_secs(10);

/// A service that listens, before its model is loaded.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
}

/// Where new connections go.
struct Lane {
    connections: mpsc::UnboundedSender<TcpStream>,
    open: Arc<AtomicUsize>,
}

impl Server {
    pub fn bind(service: &'static Service, settings: Settings) -> Result<Server, String> {
        log::set_level(settings.log);
        let listen = settings.listen;
        let app = Arc::new(App::new(service, settings)?);
        let listener =
            listen_on_either(listen, listen_on).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        Ok(Server { app, listener, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes, then drains. `hurry` cuts the drain delay short. The error is why the model did not load.
    pub async fn serve(self, stop: impl Future<Output = ()>, hurry: impl Future<Output = ()>) -> Result<(), String> {
        let Server { app, listener, address } = self;
        let (stop_connections, stopping) = watch::channel(false);
        let (alive, mut all_ended) = mpsc::channel::<()>(1);
        let lanes = (0..app.settings.threads)
            .map(|number| start_lane(number, &app, &stopping, &alive))
            .collect::<std::io::Result<Vec<Lane>>>()
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        drop((alive, stopping));
        let metrics = start_emf(&app).map_err(|error| format!("cannot start a thread: {error}"))?;
        let mut loaded = start_loading(&app).map_err(|error| format!("cannot start a thread: {error}"))?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
        info("listening", |line| line.text("address", &address.to_string()).number("threads", lanes.len() as u64));

        let mut outcome = Ok(());
        {
            let mut accepting = pin!(accept(&listener, &lanes));
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
                app.draining.store(true, Relaxed);
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
        let _ = stop_connections.send(true);
        drop(lanes);
        // Requests have their own timeout; what is left after it are peers that do not read.
        let limit = app.settings.request_timeout + Duration::from_secs(1);
        if outcome.is_ok() && tokio::time::timeout(limit, all_ended.recv()).await.is_err() {
            Line::new(Level::Warn, "connections were cut at the end of the grace period").log();
        }
        if let Some((stop, thread)) = metrics {
            stop.stop();
            // An agent that is away, or a resolver that hangs, must not keep the process from ending.
            let limit = Instant::now() + LAST_FLUSH;
            while !thread.is_finished() && Instant::now() < limit {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
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
fn start_lane(
    number: usize,
    app: &Arc<App>,
    stopping: &watch::Receiver<bool>,
    alive: &mpsc::Sender<()>,
) -> std::io::Result<Lane> {
    let (connections, mut incoming) = mpsc::unbounded_channel();
    let open = Arc::new(AtomicUsize::new(0));
    let lane = Lane { connections, open: Arc::clone(&open) };
    let (app, stopping, alive) = (Arc::clone(app), stopping.clone(), alive.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let work = move || {
        runtime.block_on(async move {
            let (ended, mut all_ended) = mpsc::channel::<()>(1);
            let stopped = Arc::new(OnceLock::new());
            while let Some(stream) = incoming.recv().await {
                let guard = (Open(Arc::clone(&open)), ended.clone());
                let connection = serve_connection(Arc::clone(&app), stream, stopping.clone(), Arc::clone(&stopped));
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

async fn serve_connection(
    app: Arc<App>,
    stream: TcpStream,
    mut stopping: watch::Receiver<bool>,
    stopped: Arc<OnceLock<tokio::time::Instant>>,
) {
    let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { return };
    let activity = Arc::new(Activity::default());
    let io = TokioIo::new(Connection::new(stream, Arc::clone(&activity), Arc::clone(&stopped)));
    let service = service_fn(move |request| {
        let busy = activity.begin();
        let handled = handle(Arc::clone(&app), request);
        async move {
            let reply = handled.await;
            drop(busy);
            reply
        }
    });
    let mut connection = pin!(http1::Builder::new().max_buf_size(HEAD_BYTES).serve_connection(io, service));
    let mut told = pin!(stopping.wait_for(|stopping| *stopping));
    let mut was_told = false;
    // An error here is the peer's: it went away, was too slow, or did not speak HTTP. hyper has answered what can be answered.
    // hyper's own graceful shutdown is not used, since it drops a connection whose first request has come but was not yet read.
    let _ = poll_fn(|context| {
        if !was_told && told.as_mut().poll(context).is_ready() {
            was_told = true;
            let _ = stopped.set(tokio::time::Instant::now());
        }
        connection.as_mut().poll(context)
    })
    .await;
}

/// Accepts for ever. Each connection goes to the thread that has the fewest.
async fn accept(listener: &tokio::net::TcpListener, lanes: &[Lane]) {
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
        while lanes.iter().map(|lane| lane.open.load(Relaxed)).sum::<usize>() >= MOST_CONNECTIONS {
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

fn start_loading(app: &Arc<App>) -> std::io::Result<oneshot::Receiver<Result<(), String>>> {
    let (send, receive) = oneshot::channel();
    let app = Arc::clone(app);
    std::thread::Builder::new().name("load".into()).spawn(move || {
        let _ = send.send(load(&app));
    })?;
    Ok(receive)
}

fn load(app: &App) -> Result<(), String> {
    let start = Instant::now();
    let model = &app.service.model;
    let bytes = read_verified(&app.settings.model_path, model.sha256)?;
    let engine = Engine::load(bytes, model, app.settings.threads)?;
    golden::verify(&engine, model, &app.settings.model_path)?;
    let plans = engine.describe();
    if app.engine.set(engine).is_err() {
        return Err("the model was loaded twice".to_owned());
    }
    info("ready", |line| {
        let line = line.text("model", model.name).text("version", model.version).text("sha256", model.sha256);
        line.text("plans", plans).milliseconds("load_ms", start.elapsed())
    });
    Ok(())
}

type EmfThread = Option<(Arc<emf::Stop>, JoinHandle<()>)>;

fn start_emf(app: &Arc<App>) -> std::io::Result<EmfThread> {
    if app.settings.emf == crate::settings::Emf::Off {
        return Ok(None);
    }
    let stop = Arc::new(emf::Stop::default());
    let (app, stopped) = (Arc::clone(app), Arc::clone(&stop));
    let thread = std::thread::Builder::new().name("emf".into()).spawn(move || {
        let settings = &app.settings;
        let labels = emf::Labels {
            project: settings.project.clone(),
            environment: settings.environment.clone(),
            service: app.service.name.to_owned(),
        };
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
