//! A bucket and a key -> the request that S3 answers: where credentials come from, and Signature Version 4 over a GET.
//!
//! Credentials are looked for in the order of the AWS SDKs: the environment's keys, a web identity token that STS takes (IRSA), the
//! keys of a profile, the container's endpoint (EKS Pod Identity, ECS), the instance's metadata service (EC2).

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::log::timestamp;
use crate::profile::{Keys, Profiles};
use crate::resource::hex;

/// What the AWS SDKs read from the environment, by the same names.
#[derive(Clone, Debug, Default)]
pub struct Aws {
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
    pub session_token: Option<String>,
    pub region: Option<String>,
    pub endpoint_s3: Option<String>,
    pub endpoint_sts: Option<String>,
    pub role_arn: Option<String>,
    pub role_session_name: Option<String>,
    pub web_identity_token_file: Option<PathBuf>,
    pub container_credentials_relative_uri: Option<String>,
    pub container_credentials_full_uri: Option<String>,
    pub container_authorization_token: Option<String>,
    pub container_authorization_token_file: Option<PathBuf>,
    /// Where the instance's metadata service is; `None` when it is not to be asked.
    pub metadata_endpoint: Option<String>,
    pub profiles: Profiles,
}

/// Where ECS gives credentials to the tasks of an instance.
const ECS: &str = "http://169.254.170.2";
/// What beside the loopback addresses may be asked for credentials without TLS: ECS, and EKS over both families.
const CONTAINER_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

impl Aws {
    pub fn from_lookup(get: impl Fn(&'static str) -> Result<Option<String>, String>) -> Result<Aws, String> {
        let region = match get("AWS_REGION")? {
            Some(region) => Some(region),
            None => get("AWS_DEFAULT_REGION")?,
        };
        Ok(Aws {
            access_key_id: get("AWS_ACCESS_KEY_ID")?,
            secret_access_key: get("AWS_SECRET_ACCESS_KEY")?,
            session_token: get("AWS_SESSION_TOKEN")?,
            region,
            endpoint_s3: get("AWS_ENDPOINT_URL_S3")?,
            endpoint_sts: get("AWS_ENDPOINT_URL_STS")?,
            role_arn: get("AWS_ROLE_ARN")?,
            role_session_name: get("AWS_ROLE_SESSION_NAME")?,
            web_identity_token_file: get("AWS_WEB_IDENTITY_TOKEN_FILE")?.map(PathBuf::from),
            container_credentials_relative_uri: get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")?,
            container_credentials_full_uri: get("AWS_CONTAINER_CREDENTIALS_FULL_URI")?,
            container_authorization_token: get("AWS_CONTAINER_AUTHORIZATION_TOKEN")?,
            container_authorization_token_file: get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")?.map(PathBuf::from),
            metadata_endpoint: metadata_endpoint(&get)?,
            profiles: Profiles::from_lookup(get)?,
        })
    }

    /// The same, with the region of the profile where the environment names none.
    pub fn with_region(&self) -> Result<Aws, String> {
        let region = match &self.region {
            Some(region) => Some(region.clone()),
            None => self.profiles.region()?,
        };
        Ok(Aws { region, ..self.clone() })
    }

    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or("us-east-1")
    }

    /// The domain of endpoints in the region's partition.
    fn domain(&self) -> &'static str {
        if self.region().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
    }
}

fn metadata_endpoint(get: impl Fn(&'static str) -> Result<Option<String>, String>) -> Result<Option<String>, String> {
    if get("AWS_EC2_METADATA_DISABLED")?.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    if let Some(endpoint) = get("AWS_EC2_METADATA_SERVICE_ENDPOINT")? {
        return Ok(Some(endpoint.trim_end_matches('/').to_owned()));
    }
    let mode = get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?;
    let is_ipv6 = mode.is_some_and(|mode| mode.eq_ignore_ascii_case("ipv6"));
    Ok(Some(if is_ipv6 { "http://[fd00:ec2::254]" } else { "http://169.254.169.254" }.to_owned()))
}

pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

/// A request without a body.
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Whether it goes to this machine or the one below: there is no proxy on the way, and an answer comes at once or never.
    pub is_near: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Put,
}

impl Request {
    pub fn get(url: String, headers: Vec<(String, String)>) -> Request {
        Request { method: Method::Get, url, headers, is_near: false }
    }
}

/// Says how a request turned out: the body, or why there is none.
pub type Fetch<'a> = &'a dyn Fn(&Request) -> Result<Vec<u8>, String>;

/// The first credentials that there are. `fetch` asks those who give them; no secret gets into an error.
pub fn credentials(aws: &Aws, fetch: Fetch) -> Result<Credentials, String> {
    if let (Some(id), Some(secret)) = (&aws.access_key_id, &aws.secret_access_key) {
        return Ok(Credentials {
            access_key_id: id.clone(),
            secret_access_key: secret.clone(),
            session_token: aws.session_token.clone(),
        });
    }
    if let (Some(file), Some(role)) = (&aws.web_identity_token_file, &aws.role_arn) {
        return web_identity(aws, file, role, fetch);
    }
    if let Some(Keys { access_key_id, secret_access_key, session_token }) = aws.profiles.keys()? {
        return Ok(Credentials { access_key_id, secret_access_key, session_token });
    }
    if let Some(path) = &aws.container_credentials_relative_uri {
        return container(aws, format!("{ECS}{path}"), fetch);
    }
    if let Some(url) = &aws.container_credentials_full_uri {
        return container(aws, url.clone(), fetch);
    }
    let none = "there are no AWS credentials: no keys in the environment, no web identity token, no profile with keys, no container endpoint";
    match &aws.metadata_endpoint {
        None => Err(none.to_owned()),
        Some(endpoint) => instance(endpoint, fetch)
            .map_err(|why| format!("{none}, and the instance's metadata service gives none: {why}")),
    }
}

/// IRSA: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>; the request is not signed.
fn web_identity(aws: &Aws, file: &PathBuf, role: &str, fetch: Fetch) -> Result<Credentials, String> {
    let token = token(file)?;
    let endpoint = match &aws.endpoint_sts {
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None => format!("https://sts.{}.{}", aws.region(), aws.domain()),
    };
    let session = aws.role_session_name.as_deref().unwrap_or("windlass");
    let (role, session, token) = (encoded(role, false), encoded(session, false), encoded(&token, false));
    let url = format!(
        "{endpoint}/?Action=AssumeRoleWithWebIdentity&RoleArn={role}&RoleSessionName={session}&Version=2011-06-15&WebIdentityToken={token}"
    );
    let answer = fetch(&Request::get(url, Vec::new())).map_err(|why| format!("STS gives no credentials: {why}"))?;
    let answer = String::from_utf8_lossy(&answer);
    let element = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    match (element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken")) {
        (Some(access_key_id), Some(secret_access_key), session_token @ Some(_)) => {
            Ok(Credentials { access_key_id, secret_access_key, session_token })
        }
        _ => Err("STS gives no credentials: its answer holds none".to_owned()),
    }
}

/// What an endpoint on this machine answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

impl Given {
    fn credentials(answer: &[u8]) -> Result<Credentials, String> {
        let given = serde_json::from_slice(answer).map_err(|_| "its answer holds none".to_owned())?;
        let Given { access_key_id, secret_access_key, token } = given;
        Ok(Credentials { access_key_id, secret_access_key, session_token: token })
    }
}

/// EKS Pod Identity and ECS: an endpoint that takes the container's token.
fn container(aws: &Aws, url: String, fetch: Fetch) -> Result<Credentials, String> {
    if !may_have_the_token(&url) {
        return Err("AWS_CONTAINER_CREDENTIALS_FULL_URI names another machine without https".to_owned());
    }
    let token = match &aws.container_authorization_token_file {
        Some(file) => Some(token(file)?),
        None => aws.container_authorization_token.clone(),
    };
    let headers = token.map(|token| ("authorization".to_owned(), token)).into_iter().collect();
    fetch(&Request { is_near: true, ..Request::get(url, headers) })
        .and_then(|answer| Given::credentials(&answer))
        .map_err(|why| format!("the container's endpoint gives no credentials: {why}"))
}

fn may_have_the_token(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return url.starts_with("https://") };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || CONTAINER_HOSTS.contains(&host)
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// EC2: the role of the instance, from the second version of its metadata service.
fn instance(endpoint: &str, fetch: Fetch) -> Result<Credentials, String> {
    let near = |method, path: &str, header: (&str, &str)| Request {
        method,
        url: format!("{endpoint}{path}"),
        headers: vec![(header.0.to_owned(), header.1.to_owned())],
        is_near: true,
    };
    let session = fetch(&near(Method::Put, "/latest/api/token", ("x-aws-ec2-metadata-token-ttl-seconds", "300")))?;
    let session = String::from_utf8_lossy(&session).trim().to_owned();
    let read = |path: &str| fetch(&near(Method::Get, path, ("x-aws-ec2-metadata-token", &session)));
    let roles = "/latest/meta-data/iam/security-credentials/";
    let names = read(roles).map_err(|why| format!("it names no role: {why}"))?;
    let names = String::from_utf8_lossy(&names);
    let role = names.lines().next().unwrap_or_default().trim();
    Given::credentials(&read(&format!("{roles}{}", encoded(role, false)))?)
}

/// Tokens rotate, so the file is read for every use.
fn token(file: &PathBuf) -> Result<String, String> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| format!("cannot read the token file `{}`: {error}", file.display()))?;
    Ok(text.trim().to_owned())
}

/// The signed GET of an object.
pub fn get_object(aws: &Aws, credentials: &Credentials, bucket: &str, key: &str, now: SystemTime) -> Request {
    let key = encoded(key, true);
    let (base, path) = match &aws.endpoint_s3 {
        // Stores other than S3 rarely have a name for each bucket.
        Some(endpoint) => (endpoint.trim_end_matches('/').to_owned(), format!("/{bucket}/{key}")),
        // A certificate for all buckets covers no further dot.
        None if bucket.contains('.') => {
            (format!("https://s3.{}.{}", aws.region(), aws.domain()), format!("/{bucket}/{key}"))
        }
        None => (format!("https://{bucket}.s3.{}.{}", aws.region(), aws.domain()), format!("/{key}")),
    };
    let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host).to_owned();
    let headers = signed(credentials, aws.region(), &host, &path, &[], now);
    Request::get(format!("{base}{path}"), headers)
}

/// The headers that sign a GET without a body:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>. `host` is signed, and sent by whoever sends.
fn signed(
    credentials: &Credentials,
    region: &str,
    host: &str,
    path: &str,
    more: &[(&str, &str)],
    now: SystemTime,
) -> Vec<(String, String)> {
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    // 2013-05-24T00:00:00.000Z -> 20130524T000000Z
    let time: String = timestamp(now).chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect::<String>() + "Z";
    let day = time.get(..8).unwrap_or_default();
    let mut headers =
        vec![("x-amz-content-sha256".to_owned(), EMPTY.to_owned()), ("x-amz-date".to_owned(), time.clone())];
    headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    headers.extend(credentials.session_token.iter().map(|token| ("x-amz-security-token".to_owned(), token.clone())));
    let mut canonical = headers.clone();
    canonical.push(("host".to_owned(), host.to_owned()));
    canonical.sort();
    let lines: String = canonical.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names = canonical.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let request = format!("GET\n{path}\n\n{lines}\n{names}\n{EMPTY}");
    let scope = format!("{day}/{region}/s3/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let secret = format!("AWS4{}", credentials.secret_access_key);
    let key =
        [day, region, "s3", "aws4_request"].iter().fold(secret.into_bytes(), |key, part| hmac(&key, part).to_vec());
    let (id, signature) = (&credentials.access_key_id, hex(&hmac(&key, &text)));
    let value = format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}");
    headers.push(("authorization".to_owned(), value));
    headers
}

/// HMAC-SHA-256, RFC 2104.
fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    let mut block = [0_u8; 64];
    let hashed = Sha256::digest(key);
    let key = if key.len() > block.len() { &hashed[..] } else { key };
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let pad = |byte: u8| block.map(|key| key ^ byte);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// Percent-encoding as AWS wants it; the slashes of a key stay.
fn encoded(text: &str, is_path: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b'/' if is_path => out.push('/'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// The example of the S3 documentation, "GET Object".
    #[test]
    fn the_signature_is_that_of_the_documentation() {
        let credentials = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: None,
        };
        let at = UNIX_EPOCH + Duration::from_secs(1_369_353_600);
        let range = [("range", "bytes=0-9")];
        let headers = signed(&credentials, "us-east-1", "examplebucket.s3.amazonaws.com", "/test.txt", &range, at);
        assert_eq!(
            headers.last().unwrap().1,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn hmacs_are_those_of_the_rfc() {
        assert_eq!(
            hex(&hmac(b"Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(&[0xaa; 131], "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn a_bucket_has_the_address_of_its_region() {
        let url = |region: &str, bucket: &str| {
            let aws = Aws { region: Some(region.to_owned()), ..Aws::default() };
            let credentials =
                Credentials { access_key_id: String::new(), secret_access_key: String::new(), session_token: None };
            get_object(&aws, &credentials, bucket, "m/1", UNIX_EPOCH).url
        };
        assert_eq!(url("eu-west-1", "models"), "https://models.s3.eu-west-1.amazonaws.com/m/1");
        assert_eq!(url("eu-west-1", "a.b"), "https://s3.eu-west-1.amazonaws.com/a.b/m/1");
        assert_eq!(url("cn-north-1", "models"), "https://models.s3.cn-north-1.amazonaws.com.cn/m/1");
    }

    #[test]
    fn keys_are_encoded_but_for_their_slashes() {
        assert_eq!(encoded("a b/ü+.onnx", true), "a%20b/%C3%BC%2B.onnx");
        assert_eq!(encoded("a/b", false), "a%2Fb");
    }

    fn aws(variables: &[(&str, &str)]) -> Aws {
        let find = |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Aws::from_lookup(|name| Ok(find(name))).unwrap()
    }

    /// What is asked for credentials, method, address and headers of each request in a line; `answers` in their order.
    fn asked(variables: &[(&str, &str)], answers: &[&str]) -> (Result<Credentials, String>, Vec<String>) {
        let lines = std::cell::RefCell::new(Vec::new());
        let fetch = |request: &Request| {
            let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let line = format!("{:?} {} {} {}", request.method, request.url, headers.join(","), request.is_near);
            lines.borrow_mut().push(line);
            let answer = answers.get(lines.borrow().len() - 1);
            answer.map(|answer| answer.as_bytes().to_vec()).ok_or_else(|| "nobody is there".to_owned())
        };
        (credentials(&aws(variables), &fetch), lines.into_inner())
    }

    const GIVEN: &str = r#"{"Code": "Success", "AccessKeyId": "ASIA", "SecretAccessKey": "s", "Token": "t"}"#;

    #[test]
    fn tasks_of_ecs_are_asked_for_their_own_path() {
        let relative = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x");
        let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/y");
        let (found, lines) = asked(&[relative, full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "mine")], &[GIVEN]);
        assert_eq!(found.unwrap().session_token.as_deref(), Some("t"));
        assert_eq!(lines, ["Get http://169.254.170.2/v2/credentials/x authorization=mine true"]);
    }

    #[test]
    fn no_other_machine_gets_the_token_in_the_clear() {
        for (url, may) in [
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://127.9.9.9:80/", true),
            ("http://[::1]:80", true),
            ("http://localhost:8080/x", true),
            ("https://credentials.example.com/", true),
            ("http://credentials.example.com/", false),
            ("http://169.254.170.24/", false),
            ("http://localhost.example.com", false),
            ("http://[fd00:ec2::24]/", false),
            ("ftp://127.0.0.1/", false),
        ] {
            assert_eq!(may_have_the_token(url), may, "{url}");
            let (found, lines) = asked(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)], &[GIVEN]);
            assert_eq!((found.is_ok(), lines.len()), (may, usize::from(may)), "{url}");
        }
    }

    #[test]
    fn the_role_of_an_instance_is_what_is_left() {
        let (found, lines) = asked(&[], &["session\n", "web role\nother", GIVEN]);
        assert_eq!(found.unwrap().access_key_id, "ASIA");
        let of_role = "x-aws-ec2-metadata-token=session true";
        assert_eq!(
            lines,
            [
                "Put http://169.254.169.254/latest/api/token x-aws-ec2-metadata-token-ttl-seconds=300 true".to_owned(),
                format!("Get http://169.254.169.254/latest/meta-data/iam/security-credentials/ {of_role}"),
                format!("Get http://169.254.169.254/latest/meta-data/iam/security-credentials/web%20role {of_role}"),
            ]
        );
        for (variables, part) in [
            (&[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6")][..], "Put http://[fd00:ec2::254]/latest"),
            (&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/")], "Put http://127.0.0.1:1338/latest"),
        ] {
            let (found, lines) = asked(variables, &[]);
            assert!(lines[0].starts_with(part), "{lines:?}");
            let why = found.err().unwrap();
            assert!(why.ends_with("the instance's metadata service gives none: nobody is there"), "{why}");
        }
        let (found, lines) = asked(&[("AWS_EC2_METADATA_DISABLED", "true")], &["session", "role", GIVEN]);
        assert!(found.err().unwrap().ends_with("no container endpoint") && lines.is_empty());
        let (found, _) = asked(&[], &["session", "role", r#"{"Code": "AssumeRoleUnauthorizedAccess"}"#]);
        assert!(found.err().unwrap().ends_with("its answer holds none"));
    }
}
