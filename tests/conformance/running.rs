//! A generated service, built and running on a loopback port.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::examples::tree;
use crate::support::root;

/// One build at a time: all share a target folder.
static BUILD: Mutex<()> = Mutex::new(());

/// A service that was built, with its model.
pub struct Built {
    binary: PathBuf,
    model: PathBuf,
    /// The folder that is to be uploaded, where the service fetches its model.
    store: Option<PathBuf>,
    _folder: tempfile::TempDir,
}

/// Builds a service of the generated workspace `services`.
pub fn build(services: &Path, service: &str) -> Built {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // The runtime's own tests build the same engine in this target folder. Cargo knows a member of a workspace by its
    // path in it, and its state by the times of its files: a copy is new, so nothing of another workspace is taken for it.
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("services");
    for (path, bytes) in tree(services) {
        let to = workspace.join(path);
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::write(to, bytes).expect("written");
    }
    let target = root().join(".tools/services-target");
    // Linked like the one in an image: nothing of this machine is needed where it runs.
    let linked = if cfg!(target_os = "linux") { "target-feature=+crt-static" } else { "target-feature=" };
    let built = Command::new(env!("CARGO"))
        .args(["rustc", "--locked", "--release", "--package", &format!("service-{service}")])
        .args(["--bin", service, "--", "-C", linked])
        .current_dir(&workspace)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let binary = folder.path().join(service);
    fs::copy(target.join("release").join(service), &binary).expect("the binary");
    let (models, store) = (workspace.join(service).join("models"), workspace.join(service).join("store"));
    if store.is_dir() {
        return Built { binary, model: models, store: Some(store), _folder: folder };
    }
    // Golden pairs may lie beside it.
    let mut files = fs::read_dir(models).expect("models").map(|entry| entry.expect("an entry").path());
    let model = files.find(|path| path.extension().is_some_and(|extension| extension == "onnx")).expect("a model");
    Built { binary, model, store: None, _folder: folder }
}

/// Builds the program that runs single models on the services' engine.
pub fn build_cases() -> PathBuf {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let target = root().join(".tools/services-target");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--release", "--package", "windlass-runtime", "--example", "cases"])
        .current_dir(root().join("targets/runtime"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("release/examples/cases")
}

impl Built {
    /// The program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Starts the binary with another model file, and returns how it ended.
    pub fn refuses_to_start(&self, model: &Path) -> (Option<i32>, String) {
        let mut command = command(&self.binary, free_port(), model);
        let ended = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("the service ends");
        (ended.status.code(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
    }

    /// Starts the service and waits until it is ready.
    pub fn start(&self) -> Running {
        self.start_with(&[])
    }

    /// With further settings, by variable name.
    pub fn start_with(&self, settings: &[(&str, &str)]) -> Running {
        let port = free_port();
        let mut command = command(&self.binary, port, &self.model);
        command.envs(self.store.iter().map(|store| ("WINDLASS_MODEL_STORE", store)));
        let child = command.envs(settings.iter().copied()).spawn().expect("the service starts");
        let mut running = Running { child, port, url: format!("http://127.0.0.1:{port}") };
        running.wait_until_ready();
        running
    }
}

/// Runs a service with the settings of a command, on a free port, and waits until it is ready.
pub fn listening(mut command: Command) -> Running {
    let port = free_port();
    let child = command.env("WINDLASS_LISTEN", format!("127.0.0.1:{port}")).stdout(Stdio::null()).spawn();
    let mut running = Running { child: child.expect("it starts"), port, url: format!("http://127.0.0.1:{port}") };
    running.wait_until_ready();
    running
}

/// Runs `windlass serve …` on a free port, and waits until the service is ready.
pub fn serve(mut command: Command) -> Running {
    let port = free_port();
    let child = command.args(["--port", &port.to_string()]).stdout(Stdio::null()).spawn().expect("it starts");
    let mut running = Running { child, port, url: format!("http://127.0.0.1:{port}") };
    running.wait_until_ready();
    running
}

/// A port of the loopback address that nobody listens on now. It is none of those that systems give to connections, of which
/// one might take it before it is listened on; and no two calls of a process give the same one.
pub fn free_port() -> u16 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let mut ports = std::iter::from_fn(|| Some(std::process::id() * 61 + CALLS.fetch_add(1, Ordering::Relaxed)))
        .map(|number| 10_000 + (number % 20_000) as u16);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a port")
}

/// A running service; it ends with this value.
pub struct Running {
    child: Child,
    port: u16,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Running {
    fn wait_until_ready(&mut self) {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the service ended with {status}");
            }
            if self
                .request("GET /v2/health/ready HTTP/1.1", "")
                .is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the service was not ready within 20 s");
    }

    fn request(&self, line: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        let head = format!("{line}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// The answer to an inference request.
    pub fn infer(&self, model: &str, body: &serde_json::Value) -> serde_json::Value {
        let answer =
            self.request(&format!("POST /v2/models/{model}/infer HTTP/1.1"), &body.to_string()).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// Asks the service to stop, as Kubernetes does, and expects that it ends well.
    pub fn stop(&mut self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(sent.success());
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a status") {
                assert_eq!(status.code(), Some(0), "the service ends well when it is asked to");
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the service did not end within 20 s");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(binary: &Path, port: u16, model: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .env("WINDLASS_LISTEN", format!("127.0.0.1:{port}"))
        .env("WINDLASS_MODEL_PATH", model)
        .env("WINDLASS_DRAIN_DELAY", "0s")
        .env("WINDLASS_LOG", "warn")
        .stdout(Stdio::null());
    command
}

/// Executes a definition; its report, or `None` when it can't be executed here.
pub fn execute(arguments: &[String]) -> Option<serde_json::Value> {
    let python = root().join(".tools/python/run/bin/python");
    let script = root().join("tests/conformance/execute.py");
    let run = match Command::new(python).arg(script).args(arguments).output() {
        Ok(run) => run,
        Err(error) => {
            assert!(!super::required(), "the interpreter can't run: {error}; run tests/tools/install");
            println!("SKIPPED: {error}");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.code() != Some(2) || !super::required(), "{said}");
    match serde_json::from_slice(&run.stdout) {
        Ok(report) => Some(report),
        Err(error) => panic!("{error}: {}\n{said}", String::from_utf8_lossy(&run.stdout)),
    }
}
