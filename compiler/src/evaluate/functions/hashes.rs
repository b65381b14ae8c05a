//! Digests of strings and files, and identifiers made of names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;
use windlass_schemas::value::ValueKind;

use super::super::operate::Outcome;
use super::{Call, Function, files, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("base64sha256", &["string"], "The SHA-256 of the string, in base 64.", |c| base64::<Sha256>(c, &text(c)?)),
    function("base64sha512", &["string"], "The SHA-512 of the string, in base 64.", |c| base64::<Sha512>(c, &text(c)?)),
    function("filebase64sha256", &["path"], "The SHA-256 of a file, in base 64.", |c| {
        base64::<Sha256>(c, &files::read(c, 0)?)
    }),
    function("filebase64sha512", &["path"], "The SHA-512 of a file, in base 64.", |c| {
        base64::<Sha512>(c, &files::read(c, 0)?)
    }),
    function("filemd5", &["path"], "The MD5 of a file, in hexadecimal.", |c| hex::<Md5>(c, &files::read(c, 0)?)),
    function("filesha1", &["path"], "The SHA-1 of a file, in hexadecimal.", |c| hex::<Sha1>(c, &files::read(c, 0)?)),
    function("filesha256", &["path"], "The SHA-256 of a file, in hexadecimal.", |c| {
        hex::<Sha256>(c, &files::read(c, 0)?)
    }),
    function("filesha512", &["path"], "The SHA-512 of a file, in hexadecimal.", |c| {
        hex::<Sha512>(c, &files::read(c, 0)?)
    }),
    function("md5", &["string"], "The MD5 of the string, in hexadecimal.", |c| hex::<Md5>(c, &text(c)?)),
    function("sha1", &["string"], "The SHA-1 of the string, in hexadecimal.", |c| hex::<Sha1>(c, &text(c)?)),
    function("sha256", &["string"], "The SHA-256 of the string, in hexadecimal.", |c| hex::<Sha256>(c, &text(c)?)),
    function("sha512", &["string"], "The SHA-512 of the string, in hexadecimal.", |c| hex::<Sha512>(c, &text(c)?)),
    function(
        "uuidv5",
        &["namespace", "name"],
        "The UUID, version 5, of a name in a namespace: `dns`, `url`, `oid`, `x500` or a UUID.",
        uuid_of_name,
    ),
];

fn text(call: &Call) -> Outcome<Vec<u8>> {
    Ok(call.text(0)?.into_bytes())
}

fn hex<D: Digest>(call: &Call, bytes: &[u8]) -> Outcome<ValueKind> {
    call.string(D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn base64<D: Digest>(call: &Call, bytes: &[u8]) -> Outcome<ValueKind> {
    call.string(STANDARD.encode(D::digest(bytes)))
}

fn uuid_of_name(call: &Call) -> Outcome<ValueKind> {
    let (namespace, name) = (call.text(0)?, call.text(1)?);
    let namespace = match namespace.as_str() {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            call.wrong(0, format!("a namespace is `dns`, `url`, `oid`, `x500` or a UUID, found {other:?}"))
        })?,
    };
    call.string(Uuid::new_v5(&namespace, name.as_bytes()).to_string())
}
