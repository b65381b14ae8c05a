//! Texts with a meaning of their own: names, addresses, paths. Each says what it takes and where the rule comes from.

use std::fmt;

use serde::Serialize;

use crate::declare::{FromText, FromValue, Refusal, Shape};
use crate::value::{Value, ValueKind};

macro_rules! text {
    ($(#[doc = $doc:literal])+ $name:ident takes $takes:literal like $shape:expr, if $check:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub struct $name(pub String);

        impl FromText for $name {
            const TAKES: &'static str = $takes;
            const SHAPE: Shape = $shape;
            fn from_text(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text).map(|()| $name(text.to_owned()))
            }
        }

        impl FromValue for $name {
            const TAKES: &'static str = $takes;
            const SHAPE: Shape = $shape;
            fn from_value(value: &Value) -> Result<Self, Refusal> {
                read_text(value)
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(super) use text;

/// Reads a string value as a text with a rule.
pub(super) fn read_text<T: FromText>(value: &Value) -> Result<T, Refusal> {
    match &value.kind {
        ValueKind::String(text) => T::from_text(text).map_err(Refusal::Value),
        ValueKind::Deferred(_) => Err(Refusal::Later),
        ValueKind::Unknown => Err(Refusal::Known),
        _ => Err(Refusal::Type),
    }
}

pub(super) fn rule(holds: bool, text: &str, says: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("`{text}` {says}")) }
}

/// Lower-case letters, digits and `-`, with a letter or digit at both ends (RFC 1123), at most `most` characters.
fn is_label(text: &str, most: usize) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.len() <= most && text.chars().all(inner) && !text.is_empty() && !text.starts_with('-') && !text.ends_with('-')
}

fn is_letter_label(text: &str, most: usize) -> bool {
    is_label(text, most) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_name(text: &str, most: usize) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.len() <= most && text.chars().all(inner) && !text.starts_with('-')
}

pub(super) fn is_identifier(text: &str, most: usize) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    starts && text.len() <= most && text.chars().all(inner)
}

pub(super) fn is_host(text: &str) -> bool {
    text.len() <= 253 && text.contains('.') && text.split('.').all(|part| is_label(part, 63))
}

text! {
    /// A name in the spec: letters, digits, `_` and `-`, at most 60 characters.
    Name takes "a name of letters, digits, `_` and `-`" like Shape::Pattern("^[A-Za-z0-9_][A-Za-z0-9_-]{0,59}$"), if |text| {
        rule(is_name(text, 60), text, "is not a name: use at most 60 letters, digits, `_` and `-`")
    }
}

text! {
    /// An RFC 1123 label, as Kubernetes takes for namespaces and most names.
    Label takes "a name of lower-case letters, digits and `-`" like Shape::Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"), if |text| {
        rule(
            is_label(text, 63),
            text,
            "is not an RFC 1123 label: use at most 63 lower-case letters, digits and `-`, with none of the latter at the ends",
        )
    }
}

text! {
    /// A project's name. Names of AWS resources begin with it, so it leaves room for the rest: 32 characters.
    ProjectName takes "a name of lower-case letters, digits and `-`" like Shape::Pattern("^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"), if |text| {
        rule(
            is_letter_label(text, 32),
            text,
            "is not a project name: use at most 32 lower-case letters, digits and `-`, beginning with a letter",
        )
    }
}

text! {
    /// A service's name: an RFC 1035 label, as Kubernetes takes for Services, of at most 40 characters so that names
    /// derived from it fit.
    ServiceName takes "a name of lower-case letters, digits and `-`" like Shape::Pattern("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"), if |text| {
        rule(
            is_letter_label(text, 40),
            text,
            "is not an RFC 1035 label: use at most 40 lower-case letters, digits and `-`, beginning with a letter",
        )
    }
}

text! {
    /// A workflow's name: part of a state machine's, which has at most 80 characters.
    WorkflowName takes "a name of letters, digits, `_` and `-`" like Shape::Pattern("^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$"), if |text| {
        rule(is_name(text, 32), text, "is not a workflow name: use at most 32 letters, digits, `_` and `-`")
    }
}

text! {
    /// A stage's name: it is read as `stage.NAME`, and names a variable of the running workflow.
    Identifier takes "a name of letters, digits and `_`" like Shape::Pattern("^[A-Za-z][A-Za-z0-9_]{0,59}$"), if |text| {
        rule(
            is_identifier(text, 60),
            text,
            "is not an identifier: use at most 60 letters, digits and `_`, beginning with a letter",
        )
    }
}

text! {
    /// The name of a workflow's input: it is read as `input.NAME`.
    InputName takes "a name of letters, digits and `_`" like Shape::Pattern("^[A-Za-z][A-Za-z0-9_]{0,59}$"), if |text| {
        rule(
            is_identifier(text, 60),
            text,
            "is not an identifier: use at most 60 letters, digits and `_`, beginning with a letter",
        )
    }
}

text! {
    /// A model version's label; it is part of URLs and image tags.
    VersionLabel takes "a version such as `3` or `2024-06`" like Shape::Pattern("^[A-Za-z0-9]([A-Za-z0-9._-]{0,30}[A-Za-z0-9])?$"), if |text| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let ends = |c: char| c.is_ascii_alphanumeric();
        rule(
            text.starts_with(ends) && text.ends_with(ends) && text.len() <= 32 && text.chars().all(inner),
            text,
            "is not a version: use at most 32 letters, digits, `.`, `_` and `-`, with a letter or digit at both ends",
        )
    }
}

text! {
    /// A cloud.
    PlatformName takes "`aws`" like Shape::Choice(&["aws"]), if |text| rule(text == "aws", text, "is not a platform; there is `aws`")
}

text! {
    /// What a service is scaled by.
    ScalingMetric takes "`cpu`" like Shape::Choice(&["cpu"]), if |text| rule(text == "cpu", text, "is nothing to scale by; there is `cpu`")
}

text! {
    /// An AWS account: twelve digits.
    AccountId takes "an AWS account of twelve digits" like Shape::Pattern("^[0-9]{12}$"), if |text| {
        let holds = text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
        rule(holds, text, "is not an AWS account: it has twelve digits")
    }
}

text! {
    /// An AWS region, by its form.
    Region takes "an AWS region such as `us-east-1`" like Shape::Pattern("^[a-z]+(-[a-z]+){1,2}-[0-9]$"), if |text| {
        let parts: Vec<&str> = text.split('-').collect();
        let letters = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
        let (last, rest) = match parts.split_last() {
            Some((last, rest)) => (*last, rest),
            None => ("", &[][..]),
        };
        let digit = last.len() == 1 && last.chars().all(|c| c.is_ascii_digit());
        let holds = digit && (2..=3).contains(&rest.len()) && rest.iter().all(|part| letters(part));
        rule(holds, text, "is not an AWS region; one looks like `us-east-1`")
    }
}

text! {
    /// An S3 bucket's name (S3 User Guide, "Bucket naming rules").
    BucketName takes "the name of an S3 bucket" like Shape::Pattern("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"), if |text| {
        let holds = (3..=63).contains(&text.len())
            && text.split('.').all(|part| is_label(part, 63))
            && !text.split('.').all(|part| part.parse::<u8>().is_ok());
        rule(
            holds,
            text,
            "is not the name of an S3 bucket: it has 3 to 63 lower-case letters, digits, `.` and `-`, and is no IP address",
        )
    }
}

text! {
    /// A DNS name with at least two labels.
    HostName takes "a DNS name such as `risk.example.com`" like Shape::Pattern("^[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})+$"), if |text| {
        rule(is_host(text), text, "is not a DNS name; write one such as `risk.example.com`, without a scheme or path")
    }
}

text! {
    /// A mail address, by its form.
    Email takes "a mail address" like Shape::Pattern("^[^@ <>,;]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$"), if |text| {
        let holds = text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !local.contains(['@', ' ', '<', '>', ',', ';']) && is_host(&host.to_ascii_lowercase())
        });
        rule(holds, text, "is not a mail address")
    }
}

text! {
    /// A path inside the project.
    FilePath takes "a path relative to the spec's folder" like Shape::Pattern("^[^/\\\\]+(/[^/\\\\]+)*$"), if |text| {
        let holds = !text.is_empty()
            && !text.starts_with('/')
            && !text.contains(['\\', '\0'])
            && text.split('/').all(|part| !matches!(part, "" | "." | ".."));
        rule(
            holds,
            text,
            "does not stay in the spec's folder: write it relative to that folder, with `/` between its parts and no `..`",
        )
    }
}

/// An image's name, and the tag or digest that pins it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageName {
    /// Registry and path.
    pub repository: String,
    /// `:TAG` or `@sha256:DIGEST`.
    pub pin: Option<String>,
}

impl FromText for ImageName {
    const TAKES: &'static str = "an image name such as `registry.example.com/risk`";
    const SHAPE: Shape = Shape::Pattern("^[a-z0-9._:/-]+(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?$");
    fn from_text(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("`{text}` is not an image name: {why}"));
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon after the last slash begins a tag; one before it, a registry's port.
        let tag_at = rest.rfind(':').filter(|colon| rest.rfind('/').is_none_or(|slash| slash < *colon));
        let repository = &rest[..tag_at.unwrap_or(rest.len())];
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | ':');
        if repository.is_empty() || !repository.split('/').all(|part| !part.is_empty() && part.chars().all(inner)) {
            return refuse("it has lower-case letters, digits, `.`, `_` and `-`, with `/` between its parts");
        }
        if repository.len() > 255 {
            return refuse("it is longer than 255 characters");
        }
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_tag = |tag: &str| (1..=128).contains(&tag.len()) && tag.chars().all(word);
        if tag_at.is_some_and(|at| !is_tag(&rest[at + 1..])) {
            return refuse("the tag after `:` has at most 128 letters, digits, `.`, `_` and `-`");
        }
        let hex = |digits: &str| digits.len() == 64 && digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        if digest.is_some_and(|digest| !digest.strip_prefix("sha256:").is_some_and(hex)) {
            return refuse("the digest after `@` is `sha256:` and 64 hexadecimal digits");
        }
        let pin = match (tag_at, digest) {
            (_, Some(digest)) => Some(format!("@{digest}")),
            (Some(at), None) => Some(rest[at..].to_owned()),
            (None, None) => None,
        };
        Ok(ImageName { repository: repository.to_owned(), pin })
    }
}

impl FromValue for ImageName {
    const TAKES: &'static str = <Self as FromText>::TAKES;
    const SHAPE: Shape = <Self as FromText>::SHAPE;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        read_text(value)
    }
}

/// A minor version of Kubernetes: 34 for `1.34`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KubernetesVersion(pub u32);

/// The minor versions whose schemas are known.
pub const KUBERNETES_MINORS: std::ops::RangeInclusive<u32> = 33..=37;

impl FromText for KubernetesVersion {
    const TAKES: &'static str = "a minor version of Kubernetes such as \"1.34\"";
    const SHAPE: Shape = Shape::Choice(&["1.33", "1.34", "1.35", "1.36", "1.37"]);
    fn from_text(text: &str) -> Result<Self, String> {
        let minor = text.strip_prefix("1.").filter(|m| m.chars().all(|c| c.is_ascii_digit()));
        match minor.and_then(|m| m.parse().ok()) {
            Some(minor) if KUBERNETES_MINORS.contains(&minor) => Ok(KubernetesVersion(minor)),
            Some(_) => {
                let (first, last) = (KUBERNETES_MINORS.start(), KUBERNETES_MINORS.end());
                Err(format!("Kubernetes `{text}` is not supported: use \"1.{first}\" to \"1.{last}\""))
            }
            None => Err(format!("`{text}` is not a minor version of Kubernetes; write one such as \"1.34\"")),
        }
    }
}

impl FromValue for KubernetesVersion {
    const TAKES: &'static str = <Self as FromText>::TAKES;
    const SHAPE: Shape = <Self as FromText>::SHAPE;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        read_text(value)
    }
}

/// Whether the versions of a model may take and give different tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Signatures {
    /// Every version takes and gives the same.
    Fixed,
    /// A client has to know which version it talks to.
    MayChange,
}

impl FromText for Signatures {
    const TAKES: &'static str = "\"fixed\" or \"may change\"";
    const SHAPE: Shape = Shape::Choice(&["fixed", "may change"]);
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "fixed" => Ok(Signatures::Fixed),
            "may change" => Ok(Signatures::MayChange),
            _ => Err(format!("`{text}` says nothing about signatures; there are \"fixed\" and \"may change\"")),
        }
    }
}

impl FromValue for Signatures {
    const TAKES: &'static str = <Self as FromText>::TAKES;
    const SHAPE: Shape = <Self as FromText>::SHAPE;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        read_text(value)
    }
}

/// What the image of a service is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Package {
    /// A crate of its own, built from the emitted source.
    Source,
    /// The program `windlass-server`, with a file that describes the service.
    Prebuilt,
}

impl FromText for Package {
    const TAKES: &'static str = "\"source\" or \"prebuilt\"";
    const SHAPE: Shape = Shape::Choice(&["source", "prebuilt"]);
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "source" => Ok(Package::Source),
            "prebuilt" => Ok(Package::Prebuilt),
            _ => Err(format!("`{text}` is no way to package a service; there are \"source\" and \"prebuilt\"")),
        }
    }
}

impl FromValue for Package {
    const TAKES: &'static str = <Self as FromText>::TAKES;
    const SHAPE: Shape = <Self as FromText>::SHAPE;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        read_text(value)
    }
}

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Urgency(pub crate::plan::Severity);

impl FromText for Urgency {
    const TAKES: &'static str = "\"page\" or \"ticket\"";
    const SHAPE: Shape = Shape::Choice(&["page", "ticket"]);
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "page" => Ok(Urgency(crate::plan::Severity::Page)),
            "ticket" => Ok(Urgency(crate::plan::Severity::Ticket)),
            _ => Err(format!("`{text}` is no severity; there are \"page\" and \"ticket\"")),
        }
    }
}

impl FromValue for Urgency {
    const TAKES: &'static str = <Self as FromText>::TAKES;
    const SHAPE: Shape = <Self as FromText>::SHAPE;
    fn from_value(value: &Value) -> Result<Self, Refusal> {
        read_text(value)
    }
}

text! {
    /// Which requests get a line in the log.
    AccessLogChoice takes "\"all\", \"errors\" or \"off\"" like Shape::Choice(&["all", "errors", "off"]), if |text| {
        rule(
            ["all", "errors", "off"].contains(&text),
            text,
            "is no choice; there are \"all\", \"errors\" and \"off\"",
        )
    }
}

text! {
    /// The address of an OpenTelemetry collector (OTLP/HTTP). In the cluster, hence without TLS, which the runtime does not speak.
    CollectorUrl takes "an address such as `http://collector.observability:4318`" like Shape::Pattern("^http://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$"), if |text| {
        rule(
            collector(text).is_some(),
            text,
            "is no address of a collector; write `http://HOST:PORT`, as in `http://collector.observability:4318`",
        )
    }
}

impl CollectorUrl {
    /// The TCP port.
    pub fn port(&self) -> u16 {
        // What was read has one.
        collector(self).unwrap_or_default()
    }
}

/// The port of `http://host[:port][/path]`.
fn collector(text: &str) -> Option<u16> {
    let rest = text.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    let is_name = name.len() <= 253 && name.split('.').all(|part| is_label(part, 63));
    let is_path = path.chars().all(|c| c.is_ascii_alphanumeric() || "._~/-".contains(c));
    let is_port = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port| is_name && is_path && is_port && *port > 0)
}

text! {
    /// Where models are fetched from: what a bucket holds below a prefix, or an HTTPS address. File names follow it.
    ModelStore takes "an address such as `s3://BUCKET/models` or `https://models.example.com`" like Shape::Pattern("^(s3|https)://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~=-]+)*$"), if |text| {
        let Some((scheme, rest)) = text.split_once("://") else {
            return rule(false, text, "is no address; write one such as `s3://BUCKET/models` or `https://models.example.com`");
        };
        let (place, path) = rest.split_once('/').map_or((rest, None), |(place, path)| (place, Some(path)));
        let place = match scheme {
            "s3" => BucketName::from_text(place).map(drop),
            "https" => rule(
                web_place(place).is_some(),
                text,
                "has no host that a certificate can name; write one such as `https://models.example.com`",
            ),
            "http" => rule(false, text, "is not encrypted; write `https://` or `s3://`"),
            "oci" => rule(
                false,
                text,
                "is an image, which not every Kubernetes mounts as a volume; keep the model in a bucket, `s3://`, or at `https://`",
            ),
            _ => rule(false, text, "is no store that services can read; there are `s3://` and `https://`"),
        };
        place?;
        let Some(path) = path else { return Ok(()) };
        rule(!path.split('/').any(str::is_empty), text, "has a `/` without a name behind it; file names follow the address")?;
        let inner = |c: char| c.is_ascii_alphanumeric() || "._~=-".contains(c);
        let holds = path.split('/').all(|part| !matches!(part, "." | "..") && part.chars().all(inner));
        rule(holds, text, "names no folder: use letters, digits, `.`, `_`, `~`, `=` and `-`, with `/` between names")
    }
}

impl ModelStore {
    /// The bucket of an `s3://` address.
    pub fn bucket(&self) -> Option<&str> {
        self.strip_prefix("s3://").map(|rest| rest.split_once('/').map_or(rest, |(bucket, _)| bucket))
    }
}

/// The port of `host[:port]` in an HTTPS address.
fn web_place(text: &str) -> Option<u16> {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_port = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port| is_host(name) && is_port && *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T: FromText>(good: &[&str], bad: &[&str]) {
        for text in good {
            if let Err(error) = T::from_text(text) {
                panic!("{error}");
            }
        }
        for text in bad {
            assert!(T::from_text(text).is_err(), "`{text}` was taken");
        }
    }

    #[test]
    fn names_and_addresses() {
        takes::<Label>(&["risk", "a-1", "1"], &["", "-a", "a-", "A", "a_b", "ä", &"a".repeat(64)]);
        takes::<ServiceName>(&["risk"], &["1risk", &"a".repeat(41)]);
        takes::<AccountId>(&["123456789012"], &["12345678901", "12345678901a", "१२३४५६७८९०१२"]);
        takes::<Region>(
            &["us-east-1", "us-gov-west-1"],
            &["us-east", "useast1", "US-EAST-1", "", "us-east-12", "-a-1"],
        );
        takes::<BucketName>(&["my-bucket", "a.b.c"], &["ab", "My", "10.0.0.1", "a..b", "a_b"]);
        takes::<HostName>(&["risk.example.com"], &["localhost", "https://a.b", "a.b/c", "", "a..b"]);
        takes::<Email>(&["a@example.com"], &["a", "@a.b", "a@b", "a b@c.de", "a@b@c.de"]);
        takes::<FilePath>(&["a.onnx", "models/a.onnx"], &["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b"]);
        takes::<KubernetesVersion>(&["1.33", "1.37"], &["1.32", "1.38", "1", "2.34", "1.34.1", "1.+34", ""]);
    }

    #[test]
    fn images() {
        let image = |text: &str| ImageName::from_text(text).map(|image| (image.repository, image.pin));
        let digest = format!("@sha256:{}", "0".repeat(64));
        assert_eq!(image("localhost:5000/risk"), Ok(("localhost:5000/risk".into(), None)));
        assert_eq!(image("a/risk:v1"), Ok(("a/risk".into(), Some(":v1".into()))));
        assert_eq!(image(&format!("a/risk:v1{digest}")), Ok(("a/risk".into(), Some(digest))));
        takes::<ImageName>(&[], &["", "A/b", "a//b", "a/", "a:", "a@sha256:12", "a:b c", ":v1"]);
    }

    #[test]
    fn collectors() {
        takes::<CollectorUrl>(
            &["http://collector.observability:4318", "http://10.0.0.7:4318/otlp", "http://collector"],
            &[
                "collector:4318",
                "https://collector:4318",
                "http://",
                "http://:4318",
                "http://a:0",
                "http://a:70000",
                "http://a:+1",
                "http://u@a",
                "http://a/?b",
            ],
        );
        assert_eq!(CollectorUrl("http://a/b".to_owned()).port(), 80);
    }

    #[test]
    fn stores() {
        takes::<ModelStore>(
            &[
                "s3://my-bucket",
                "s3://my-bucket/models/risk",
                "https://models.example.com",
                "https://models.example.com:8443/a/b=1/c~2",
            ],
            &[
                "",
                "my-bucket/models",
                "s3://my-bucket/",
                "s3://my-bucket/models/",
                "s3://my-bucket//models",
                "s3://my-bucket/a/../b",
                "s3://my-bucket/*",
                "s3://My/models",
                "s3://",
                "http://models.example.com",
                "https://localhost",
                "https://u:p@example.com",
                "https://models.example.com/a?token=b",
                "https://models.example.com:0/a",
                "oci://registry.example.com/risk",
                "gs://my-bucket/models",
            ],
        );
        let bucket = |text: &str| ModelStore(text.to_owned()).bucket().map(str::to_owned);
        assert_eq!(bucket("s3://my-bucket/models"), Some("my-bucket".to_owned()));
        assert_eq!(bucket("s3://my-bucket"), Some("my-bucket".to_owned()));
        assert_eq!(bucket("https://models.example.com"), None);
    }
}
