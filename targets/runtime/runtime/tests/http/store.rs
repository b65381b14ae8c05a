//! Where models come from: folders, and stores on loopback that fail, lie, or ask for credentials.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use windlass_runtime::names;

use crate::certificates::{Subject, authority};
use crate::served::{ADD_ONE, Running, fixture_path, fp32, start_with};

/// What a store was asked: first line and headers, in lower case but for the line.
type Asked = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// A server whose answers a function gives, by how many requests came before, the line, and the headers.
struct Store {
    address: SocketAddr,
    asked: Asked,
}

impl Store {
    fn start(answer: impl Fn(usize, &str, &[String]) -> (u16, Vec<u8>) + Send + 'static) -> Store {
        Store::on(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    fn on(listener: TcpListener, answer: impl Fn(usize, &str, &[String]) -> (u16, Vec<u8>) + Send + 'static) -> Store {
        Store::over(listener, |stream| stream, answer)
    }

    /// `wrap` makes what is spoken over of a connection.
    fn over<S: Read + Write>(
        listener: TcpListener,
        wrap: impl Fn(TcpStream) -> S + Send + 'static,
        answer: impl Fn(usize, &str, &[String]) -> (u16, Vec<u8>) + Send + 'static,
    ) -> Store {
        let (address, asked) = (listener.local_addr().unwrap(), Asked::default());
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let connection = connection.unwrap();
                let end = connection.try_clone().unwrap();
                let mut stream = BufReader::new(wrap(connection));
                let mut lines = (&mut stream).lines().map_while(Result::ok);
                let Some(line) = lines.next() else { continue };
                let headers: Vec<String> =
                    lines.take_while(|line| !line.is_empty()).map(|line| line.to_ascii_lowercase()).collect();
                let (status, body) = answer(log.lock().unwrap().len(), &line, &headers);
                log.lock().unwrap().push((line, headers));
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.get_mut().write_all(&[head.as_bytes(), &body].concat());
                let _ = stream.get_mut().flush();
                let _ = end.shutdown(std::net::Shutdown::Write);
                let _ = stream.read(&mut [0; 1]);
            }
        });
        Store { address, asked }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(line, _)| line.clone()).collect()
    }
}

fn model() -> Vec<u8> {
    std::fs::read(fixture_path("add-one.onnx")).unwrap()
}

fn sha256() -> &'static str {
    ADD_ONE.model.versions[0].sha256
}

/// A folder of its own for a test, empty at first.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("windlass-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn serves(server: &Running) {
    server.wait_until_ready();
    let answer = server.infer(&fp32("x", &[1, 3], &[1.0, 2.0, 3.0])).json();
    assert_eq!(answer["outputs"][0]["data"], serde_json::json!([2.0, 3.0, 4.0]));
}

/// Why the server ended.
fn ends(mut server: Running) -> String {
    let begun = Instant::now();
    while server.thread_runs() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.stop().unwrap_err()
}

/// Why it waits for the store, once it has tried.
fn waits(server: &Running) -> String {
    let begun = Instant::now();
    loop {
        let index = server.client().request("POST", "/v2/repository/index", &[], b"").json();
        assert_eq!(index[0]["state"], "LOADING");
        let reason = index[0]["reason"].as_str().unwrap_or_default();
        if reason.contains("cannot fetch") {
            return reason.to_owned();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{reason}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn has(headers: &[String], part: &str) -> bool {
    headers.iter().any(|header| header.contains(part))
}

#[test]
fn a_folder_holds_the_model_in_one_of_three_ways() {
    for (number, place) in ["add-one.onnx", "model.onnx", "1/model.onnx", "exported.onnx"].iter().enumerate() {
        let folder = folder(&format!("layout-{number}"));
        let path = folder.join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, model()).unwrap();
        serves(&start_with(&ADD_ONE, &[(names::MODEL_PATH, folder.to_str().unwrap())]));
        std::fs::remove_dir_all(folder).unwrap();
    }
    let empty = folder("layout-empty");
    let why = ends(start_with(&ADD_ONE, &[(names::MODEL_PATH, empty.to_str().unwrap())]));
    assert!(why.contains("model.onnx`: No such file"), "{why}");
}

#[test]
fn a_store_that_fails_is_asked_again_and_then_not_at_all() {
    let store = Store::start(|before, _, _| if before < 2 { (503, Vec::new()) } else { (200, model()) });
    let cache = folder("cache");
    let url = store.url();
    let settings = [
        (names::MODEL_STORE, "s3://models/risk/"),
        (names::MODEL_CACHE, cache.to_str().unwrap()),
        ("AWS_ENDPOINT_URL_S3", url.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let server = start_with(&ADD_ONE, &settings);
    serves(&server);
    // All in one fetch: the service did not have to begin anew.
    assert_eq!(server.metric(names::MODEL_LOADS_TOTAL, "outcome=\"failed\""), 0.0);
    drop(server);
    // Named by version and digest: other bytes never take the place of these.
    let line = format!("GET /models/risk/1/{}.onnx HTTP/1.1", sha256());
    assert_eq!(store.lines(), [line.as_str(); 3]);
    for (_, headers) in store.asked.lock().unwrap().iter() {
        assert!(has(headers, "authorization: aws4-hmac-sha256 credential=akidexample/"), "{headers:?}");
        assert!(has(
            headers,
            "/eu-west-1/s3/aws4_request,signedheaders=host;x-amz-content-sha256;x-amz-date,signature="
        ));
    }
    // What was fetched stands under its digest, and the next start asks nobody.
    assert_eq!(std::fs::read(cache.join(sha256())).unwrap(), model());
    serves(&start_with(&ADD_ONE, &settings));
    assert_eq!(store.lines().len(), 3);
    // A cache that rotted is not served either.
    std::fs::write(cache.join(sha256()), b"rotten").unwrap();
    serves(&start_with(&ADD_ONE, &settings));
    assert_eq!(store.lines().len(), 4);
    assert_eq!(std::fs::read(cache.join(sha256())).unwrap(), model());
    assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 1, "nothing temporary is left");
    std::fs::remove_dir_all(cache).unwrap();
}

#[test]
fn a_wrong_digest_is_neither_served_nor_kept() {
    let store = Store::start(|_, _, _| (200, b"another model".to_vec()));
    let cache = folder("lying");
    let settings = [(names::MODEL_STORE, store.url()), (names::MODEL_CACHE, cache.to_str().unwrap().to_owned())];
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let why = ends(start_with(&ADD_ONE, &settings));
    assert!(why.contains(&format!("expected sha256 {}", sha256())), "{why}");
    assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 0);
    std::fs::remove_dir_all(cache).unwrap();
}

#[test]
fn a_folder_may_be_laid_out_as_a_store() {
    let folder = folder("as-a-store");
    std::fs::create_dir(folder.join("1")).unwrap();
    std::fs::write(folder.join(format!("1/{}.onnx", sha256())), model()).unwrap();
    serves(&start_with(&ADD_ONE, &[(names::MODEL_STORE, folder.to_str().unwrap())]));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_cache_that_cannot_be_written_costs_nothing_but_itself() {
    let store = Store::start(|_, _, _| (200, model()));
    let url = store.url();
    serves(&start_with(&ADD_ONE, &[(names::MODEL_STORE, &url), (names::MODEL_CACHE, "/dev/null/cache")]));
}

#[test]
fn a_store_that_is_away_at_the_start_is_waited_for() {
    // Ours, so that no other test gets it, and refused until somebody listens.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let url = format!("http://{address}");
    let server = start_with(&ADD_ONE, &[(names::MODEL_STORE, &url), (names::MODEL_PATIENCE, "300ms")]);
    waits(&server);
    assert_eq!(server.get("/v2/health/live").status, 200);
    assert_eq!(server.get("/v2/health/ready").status, 503);
    assert!(server.thread_runs());
    socket.listen(16).unwrap();
    let _store = Store::on(socket.into(), |_, _, _| (200, model()));
    serves(&server);
}

#[test]
fn a_web_identity_token_becomes_credentials() {
    let sts = Store::start(|_, line, _| {
        let asks = line.contains("Action=AssumeRoleWithWebIdentity") && line.contains("WebIdentityToken=the%2Ftoken");
        let right = asks && line.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Frisk");
        let answer = "<Credentials><AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                      <SessionToken>session-of-web</SessionToken></Credentials>";
        if right { (200, answer.as_bytes().to_vec()) } else { (403, Vec::new()) }
    });
    let s3 = Store::start(|_, _, headers| {
        let right = has(headers, "credential=asiaweb/") && has(headers, "x-amz-security-token: session-of-web");
        if right && has(headers, ";x-amz-security-token,") { (200, model()) } else { (403, Vec::new()) }
    });
    let token = folder("web-identity").join("token");
    std::fs::write(&token, "the/token\n").unwrap();
    let (sts, s3) = (sts.url(), s3.url());
    serves(&start_with(
        &ADD_ONE,
        &[
            (names::MODEL_STORE, "s3://models"),
            ("AWS_ENDPOINT_URL_S3", &s3),
            ("AWS_ENDPOINT_URL_STS", &sts),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/risk"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ],
    ));
}

#[test]
fn a_pod_identity_becomes_credentials() {
    let agent = Store::start(|_, line, headers| {
        let right = line.starts_with("GET /v1/credentials ") && has(headers, "authorization: pod-token");
        let answer = r#"{"AccessKeyId": "ASIAPOD", "SecretAccessKey": "s", "Token": "session-of-pod", "Expiration": "2030-01-01T00:00:00Z"}"#;
        if right { (200, answer.as_bytes().to_vec()) } else { (403, Vec::new()) }
    });
    let s3 = Store::start(|_, _, headers| {
        let right = has(headers, "credential=asiapod/") && has(headers, "x-amz-security-token: session-of-pod");
        if right { (200, model()) } else { (403, Vec::new()) }
    });
    let token = folder("pod-identity").join("token");
    std::fs::write(&token, "pod-token").unwrap();
    let (agent, s3) = (format!("{}/v1/credentials", agent.url()), s3.url());
    serves(&start_with(
        &ADD_ONE,
        &[
            (names::MODEL_STORE, "s3://models"),
            ("AWS_ENDPOINT_URL_S3", &s3),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.to_str().unwrap()),
        ],
    ));
}

/// The metadata service of EC2, in its second version: who has no session is told nothing.
#[test]
fn the_role_of_an_instance_becomes_credentials() {
    let metadata = Store::start(|_, line, headers| {
        let in_session = headers.iter().any(|header| header == "x-aws-ec2-metadata-token: the-session");
        let answer = match line.strip_suffix(" HTTP/1.1").unwrap() {
            "PUT /latest/api/token" if has(headers, "x-aws-ec2-metadata-token-ttl-seconds: 300") => "the-session",
            "GET /latest/meta-data/iam/security-credentials/" if in_session => "web",
            "GET /latest/meta-data/iam/security-credentials/web" if in_session => {
                r#"{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIANODE", "SecretAccessKey": "s", "Token": "session-of-node"}"#
            }
            _ => return (401, Vec::new()),
        };
        (200, answer.as_bytes().to_vec())
    });
    let s3 = Store::start(|_, _, headers| {
        let right = has(headers, "credential=asianode/") && has(headers, "x-amz-security-token: session-of-node");
        let refusal = "<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>";
        if right { (200, model()) } else { (403, refusal.as_bytes().to_vec()) }
    });
    let (metadata, s3) = (metadata.url(), s3.url());
    let settings = [
        (names::MODEL_STORE, "s3://models"),
        (names::MODEL_PATIENCE, "100ms"),
        ("AWS_ENDPOINT_URL_S3", &s3),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata),
    ];
    serves(&start_with(&ADD_ONE, &settings));
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDOLD"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let why = waits(&start_with(&ADD_ONE, &[&settings[..], &keys].concat()));
    assert!(why.contains("the answer is 403, InvalidAccessKeyId: it may not be read, or is not there"), "{why}");
}

/// A store behind TLS.
fn encrypted(config: rustls::ServerConfig) -> Store {
    let config = Arc::new(config);
    let wrap = move |stream: TcpStream| {
        rustls::StreamOwned::new(rustls::ServerConnection::new(Arc::clone(&config)).unwrap(), stream)
    };
    Store::over(TcpListener::bind("127.0.0.1:0").unwrap(), wrap, |_, _, _| (200, model()))
}

#[test]
fn a_store_behind_tls_is_who_it_says_or_is_not_asked() {
    let folder = folder("tls");
    let start = |store: &Store, bundle: Option<&str>| {
        let url = format!("https://{}", store.address);
        let path = folder.join("ca.pem");
        let mut settings = vec![(names::MODEL_STORE, url.as_str()), (names::MODEL_PATIENCE, "100ms")];
        if let Some(pem) = bundle {
            std::fs::write(&path, pem).unwrap();
            settings.push(("AWS_CA_BUNDLE", path.to_str().unwrap()));
        }
        start_with(&ADD_ONE, &settings)
    };
    let (known, config) = authority(&Subject::Address([127, 0, 0, 1]));
    let right = encrypted(config);
    serves(&start(&right, Some(&known)));
    assert_eq!(right.lines(), [format!("GET /1/{}.onnx HTTP/1.1", sha256())]);

    // An authority that nobody named, another one than was named, and a certificate for another host.
    let (of_other_host, config) = authority(&Subject::Host("models.example.com"));
    let wrong_host = encrypted(config);
    let (unrelated, _) = authority(&Subject::Address([127, 0, 0, 1]));
    let asked = right.lines().len();
    for (store, bundle, part) in [
        (&right, None, "UnknownIssuer"),
        (&right, Some(&unrelated), ""),
        (&wrong_host, Some(&of_other_host), "not valid for name"),
    ] {
        let server = start(store, bundle.map(String::as_str));
        let why = waits(&server);
        assert!(why.contains("certificate") && why.contains(part), "{why}");
        assert_eq!(server.get("/v2/health/ready").status, 503);
        assert_eq!(server.infer(&fp32("x", &[1, 3], &[0.0; 3])).status, 503);
    }
    assert_eq!((right.lines().len(), wrong_host.lines().len()), (asked, 0), "nothing was asked of them");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_store_that_is_away_when_loading_again_is_a_503() {
    let gone = Arc::new(AtomicBool::new(false));
    let away = Arc::clone(&gone);
    let store = Store::start(move |_, _, _| if away.load(Relaxed) { (403, Vec::new()) } else { (200, model()) });
    let (url, load) = (store.url(), "/v2/repository/models/add-one/load");
    let settings =
        [(names::MODEL_STORE, url.as_str()), (names::MODEL_PATIENCE, "100ms"), (names::REPOSITORY_API, "on")];
    let server = start_with(&ADD_ONE, &settings);
    serves(&server);
    let post = |path: &str| server.client().request("POST", path, &[], b"");
    gone.store(true, Relaxed);
    // What is served needs no store.
    assert_eq!(post(load).status, 200);
    assert_eq!(post("/v2/repository/models/add-one/unload").status, 200);
    let answer = post(load);
    assert_eq!(answer.status, 503, "{}", answer.error());
    assert!(answer.error().contains("the answer is 403: it may not be read, or is not there"), "{}", answer.error());
    gone.store(false, Relaxed);
    assert_eq!(post(load).status, 200);
    serves(&server);
}

#[test]
fn a_profile_becomes_credentials() {
    let s3 = Store::start(|_, _, headers| {
        let right = has(headers, "credential=akidprofile/") && has(headers, "/eu-north-1/s3/aws4_request");
        if right && has(headers, "x-amz-security-token: session-of-profile") {
            (200, model())
        } else {
            (403, Vec::new())
        }
    });
    let (home, url) = (folder("profile"), s3.url());
    std::fs::create_dir(home.join(".aws")).unwrap();
    let keys = "[models]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\naws_session_token = session-of-profile\n";
    std::fs::write(home.join(".aws/credentials"), keys).unwrap();
    std::fs::write(
        home.join(".aws/config"),
        "[profile models]\nregion = eu-north-1\n[profile corp]\nsso_session = c\n",
    )
    .unwrap();
    let settings = |profile: &'static str| {
        let home = home.to_str().unwrap();
        let settings = [("HOME", home), ("AWS_PROFILE", profile), ("AWS_ENDPOINT_URL_S3", url.as_str())];
        start_with(
            &ADD_ONE,
            &[&settings[..], &[(names::MODEL_STORE, "s3://models"), (names::MODEL_PATIENCE, "100ms")]].concat(),
        )
    };
    serves(&settings("models"));
    let asked = s3.lines().len();
    let why = waits(&settings("corp"));
    assert!(why.contains("the profile `corp` has `sso_session`, which is not followed"), "{why}");
    assert_eq!(s3.lines().len(), asked, "no other credentials were tried");
    std::fs::remove_dir_all(home).unwrap();
}

/// What is checked is what is used: bytes are read once.
#[test]
fn a_file_that_is_swapped_all_the_time_is_served_right_or_not_at_all() {
    let folder = folder("swapped");
    let path = folder.join("model.onnx");
    let put = |bytes: &[u8]| {
        let temporary = folder.join("next");
        std::fs::write(&temporary, bytes).unwrap();
        std::fs::rename(&temporary, &path).unwrap();
    };
    let (right, wrong) = (model(), std::fs::read(fixture_path("add-two.onnx")).unwrap());
    put(&right);
    let server = start_with(&ADD_ONE, &[(names::MODEL_PATH, path.to_str().unwrap()), (names::REPOSITORY_API, "on")]);
    serves(&server);
    let post = |path: &str| server.client().request("POST", path, &[], b"");
    let stop = AtomicBool::new(false);
    let (mut loaded, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                put(&wrong);
                put(&right);
                // In place, too, where a reader may see a part.
                std::fs::write(&path, &wrong).unwrap();
            }
        });
        let begun = Instant::now();
        while (loaded < 5 || refused < 5) && begun.elapsed() < Duration::from_secs(20) {
            assert_eq!(post("/v2/repository/models/add-one/unload").status, 200);
            match post("/v2/repository/models/add-one/load") {
                answer if answer.status == 200 => loaded += 1,
                answer => {
                    let why = answer.error();
                    let told = ["expected sha256", "is empty", "cannot open"].iter().any(|part| why.contains(part));
                    assert!(answer.status == 400 && told, "{why}");
                    refused += 1;
                }
            }
            let answer = server.infer(&fp32("x", &[1, 3], &[1.0, 2.0, 3.0]));
            match answer.status {
                200 => assert_eq!(answer.json()["outputs"][0]["data"], serde_json::json!([2.0, 3.0, 4.0])),
                status => assert_eq!(status, 503),
            }
        }
        stop.store(true, Relaxed);
    });
    assert!(loaded >= 5 && refused >= 5, "{loaded} {refused}");
    std::fs::remove_dir_all(folder).unwrap();
}
