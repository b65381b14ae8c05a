//! Strings as base 64, in other encodings, compressed, and in addresses.

use std::io::Write as _;

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use windlass_schemas::value::ValueKind;

use super::super::operate::Outcome;
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("base64decode", &["string"], "The UTF-8 text that base 64 holds.", |c| {
        let bytes = decoded(c)?;
        c.string(String::from_utf8(bytes).map_err(|_| c.wrong(0, "what it holds is not UTF-8 text"))?)
    }),
    function("base64encode", &["string"], "The string's UTF-8 in base 64.", |c| c.string(STANDARD.encode(c.text(0)?))),
    function("base64gzip", &["string"], "The string's UTF-8, compressed with gzip, in base 64.", gzip),
    function(
        "textdecodebase64",
        &["string", "encoding"],
        "The text that base 64 holds in an encoding: UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1 or US-ASCII.",
        text_decode,
    ),
    function(
        "textencodebase64",
        &["string", "encoding"],
        "The string in an encoding (UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1 or US-ASCII), in base 64.",
        text_encode,
    ),
    function("urlencode", &["string"], "The string as it is written in the query of a URL.", url_encode),
];

fn decoded(call: &Call) -> Outcome<Vec<u8>> {
    let text = call.text(0)?;
    STANDARD.decode(&text).map_err(|error| match error {
        DecodeError::InvalidByte(at, byte) if byte != b'=' => {
            let character = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(char::from(byte));
            call.wrong(0, format!("this is not base 64: it has the character {character:?}"))
        }
        _ => call.wrong(0, "this is not base 64: a part or the padding with `=` is missing"),
    })
}

fn gzip(call: &Call) -> Outcome<ValueKind> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(call.text(0)?.as_bytes()).and_then(|()| encoder.finish());
    call.string(STANDARD.encode(compressed.map_err(|error| call.wrong(0, error))?))
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
    /// One byte a character, below this one.
    Bytes(u32),
}

/// The encoding that the second argument names.
fn encoding(call: &Call) -> Outcome<Encoding> {
    let name = call.text(1)?;
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Ok(Encoding::Utf8),
        "utf-16le" => Ok(Encoding::Utf16Little),
        "utf-16be" => Ok(Encoding::Utf16Big),
        "iso-8859-1" | "latin1" => Ok(Encoding::Bytes(0x100)),
        "us-ascii" | "ascii" => Ok(Encoding::Bytes(0x80)),
        _ => Err(Box::new(
            call.wrong(1, format!("the encoding {name:?} is not known"))
                .help("known are UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1 and US-ASCII"),
        )),
    }
}

fn text_encode(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(0)?;
    let bytes: Vec<u8> = match encoding(call)? {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf16Little => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Bytes(end) => {
            let byte = |c: char| u8::try_from(u32::from(c)).ok().filter(|_| u32::from(c) < end);
            let missing = |c| call.wrong(0, format!("the encoding has no character `{c}`"));
            text.chars().map(|c| byte(c).ok_or_else(|| missing(c))).collect::<Outcome<_>>()?
        }
    };
    call.string(STANDARD.encode(bytes))
}

fn text_decode(call: &Call) -> Outcome<ValueKind> {
    let bytes = decoded(call)?;
    let units = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).ok().map(unit)).collect::<Option<Vec<u16>>>();
        String::from_utf16(&units?).ok()
    };
    let text = match encoding(call)? {
        Encoding::Utf8 => String::from_utf8(bytes).ok(),
        Encoding::Utf16Little => units(u16::from_le_bytes),
        Encoding::Utf16Big => units(u16::from_be_bytes),
        Encoding::Bytes(end) => bytes.iter().map(|b| (u32::from(*b) < end).then_some(char::from(*b))).collect(),
    };
    call.string(text.ok_or_else(|| call.wrong(0, "what it holds is not text in this encoding"))?)
}

fn url_encode(call: &Call) -> Outcome<ValueKind> {
    let mut out = String::new();
    for byte in call.text(0)?.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    call.string(out)
}
