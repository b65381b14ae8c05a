//! A bucket and a key -> the request that S3 answers: where credentials come from, and Signature Version 4 over a GET.
//!
//! Credentials are looked for in the order of the AWS SDKs: the environment's keys, a web identity token that STS takes (IRSA), the
//! keys of a profile, the container's endpoint (EKS Pod Identity, ECS).

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
    pub container_credentials_full_uri: Option<String>,
    pub container_authorization_token_file: Option<PathBuf>,
    pub profiles: Profiles,
}

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
            container_credentials_full_uri: get("AWS_CONTAINER_CREDENTIALS_FULL_URI")?,
            container_authorization_token_file: get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")?.map(PathBuf::from),
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

pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

/// A GET: address and headers.
pub struct Get {
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// Says how a GET turned out: the body, or why there is none.
pub type Fetch<'a> = &'a dyn Fn(&Get) -> Result<Vec<u8>, String>;

/// The first credentials that there are. `fetch` asks STS or the container's endpoint; no secret gets into an error.
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
    if let Some(url) = &aws.container_credentials_full_uri {
        return container(aws, url, fetch);
    }
    Err("there are no AWS credentials: no keys in the environment, no web identity token, no profile with keys, no container endpoint"
        .to_owned())
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
    let answer = fetch(&Get { url, headers: Vec::new() }).map_err(|why| format!("STS gives no credentials: {why}"))?;
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

/// EKS Pod Identity and ECS: a local endpoint that takes the pod's token.
fn container(aws: &Aws, url: &str, fetch: Fetch) -> Result<Credentials, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        access_key_id: String,
        secret_access_key: String,
        token: Option<String>,
    }
    let token = aws.container_authorization_token_file.as_ref().map(token).transpose()?;
    let headers = token.map(|token| ("authorization".to_owned(), token)).into_iter().collect();
    let answer = fetch(&Get { url: url.to_owned(), headers });
    let answer = answer.map_err(|why| format!("the container's endpoint gives no credentials: {why}"))?;
    let answer: Answer = serde_json::from_slice(&answer)
        .map_err(|_| "the container's endpoint gives no credentials: its answer holds none".to_owned())?;
    let Answer { access_key_id, secret_access_key, token } = answer;
    Ok(Credentials { access_key_id, secret_access_key, session_token: token })
}

/// Tokens rotate, so the file is read for every use.
fn token(file: &PathBuf) -> Result<String, String> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| format!("cannot read the token file `{}`: {error}", file.display()))?;
    Ok(text.trim().to_owned())
}

/// The signed GET of an object.
pub fn get_object(aws: &Aws, credentials: &Credentials, bucket: &str, key: &str, now: SystemTime) -> Get {
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
    Get { url: format!("{base}{path}"), headers }
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
}
