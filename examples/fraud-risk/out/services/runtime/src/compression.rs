//! Content codings gzip and deflate: a body -> the same body inflated within a limit, or deflated.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use hyper::StatusCode;

use crate::refusal::{Refusal, excerpt};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    /// In HTTP this name means the zlib format.
    Deflate,
}

impl Coding {
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        }
    }

    /// The value of a Content-Encoding header.
    pub fn of_request(header: Option<&str>) -> Result<Option<Coding>, Refusal> {
        let Some(header) = header else { return Ok(None) };
        match header.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Coding::Gzip)),
            "deflate" => Ok(Some(Coding::Deflate)),
            other => Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("content encoding `{}` is not supported; use gzip, deflate or none", excerpt(other)),
            )),
        }
    }

    /// The first coding in an Accept-Encoding header that we have and that the caller does not rule out by `q=0`.
    pub fn accepted(header: Option<&str>) -> Option<Coding> {
        header?.split(',').find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let is = |coding: &Coding| name.trim().eq_ignore_ascii_case(coding.name());
            [Coding::Gzip, Coding::Deflate].into_iter().find(is).filter(|_| weight(parameters) > 0.0)
        })
    }
}

/// The weight among the parameters of one item of an Accept header; 1 where there is none.
pub fn weight(parameters: &str) -> f32 {
    let weight = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
    weight.and_then(|weight| weight.trim().parse().ok()).unwrap_or(1.0)
}

/// Never holds more than `limit` bytes and one.
pub fn inflate(coding: Coding, body: &[u8], limit: usize) -> Result<Vec<u8>, Refusal> {
    let reader: Box<dyn Read + '_> = match coding {
        Coding::Gzip => Box::new(MultiGzDecoder::new(body)),
        Coding::Deflate => Box::new(ZlibDecoder::new(body)),
    };
    let mut out = Vec::new();
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut out)
        .map_err(|error| Refusal::invalid(format!("the body is not valid {}: {error}", coding.name())))?;
    if out.len() > limit {
        return Err(too_large(limit));
    }
    Ok(out)
}

pub fn too_large(limit: usize) -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than {limit} bytes"))
}

pub fn deflate(coding: Coding, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let out = Vec::with_capacity(body.len() / 2);
    match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(out, Compression::fast());
            encoder.write_all(body)?;
            encoder.finish()
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(out, Compression::fast());
            encoder.write_all(body)?;
            encoder.finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_come_back() {
        let body = b"windlass".repeat(100);
        for coding in [Coding::Gzip, Coding::Deflate] {
            let small = deflate(coding, &body).unwrap();
            assert!(small.len() < body.len());
            assert_eq!(inflate(coding, &small, body.len()).unwrap(), body);
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = deflate(Coding::Gzip, &vec![0; 1 << 22]).unwrap();
        assert_eq!(inflate(Coding::Gzip, &bomb, 1 << 20).unwrap_err().status, 413);
    }

    #[test]
    fn headers_are_read() {
        assert_eq!(Coding::accepted(Some("br, gzip;q=0, deflate")), Some(Coding::Deflate));
        assert_eq!(Coding::accepted(Some("*")), None);
        assert_eq!(Coding::of_request(Some("gzip")).unwrap(), Some(Coding::Gzip));
        assert_eq!(Coding::of_request(Some("br")).unwrap_err().status, 415);
        assert_eq!(inflate(Coding::Gzip, b"{\"inputs\":[]}", 100).unwrap_err().status, 400);
    }
}
