//! An authority for one test and a certificate from it (X.509 v3 over Ed25519, RFC 5280 and 8410), written out in DER.

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const SEQUENCE: u8 = 0x30;
const ED25519: &[u8] = &[0x06, 3, 0x2b, 0x65, 0x70];
const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
const BASIC_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x13];
const ALTERNATIVE_NAME: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x11];
const TRUE: &[u8] = &[0x01, 1, 0xff];

/// Whom a certificate is for.
pub enum Subject {
    Address([u8; 4]),
    Host(&'static str),
}

/// The authority's certificate in PEM, and what a server that it vouches for needs.
pub fn authority(subject: &Subject) -> (String, rustls::ServerConfig) {
    let (authority, _) = key();
    let is_authority = der(SEQUENCE, &[BASIC_CONSTRAINTS, TRUE, &der(4, &[&der(SEQUENCE, &[TRUE])])]);
    let root = certificate(&authority, "authority", &authority, &is_authority);
    let (own, pkcs8) = key();
    let name = match subject {
        Subject::Address(bytes) => der(0x87, &[bytes]),
        Subject::Host(host) => der(0x82, &[host.as_bytes()]),
    };
    let names = der(SEQUENCE, &[ALTERNATIVE_NAME, &der(4, &[&der(SEQUENCE, &[&name])])]);
    let certificate = CertificateDer::from(certificate(&own, "server", &authority, &names));
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8));
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], private).unwrap();
    (pem(&root), config)
}

fn key() -> (Ed25519KeyPair, Vec<u8>) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap().as_ref().to_vec();
    (Ed25519KeyPair::from_pkcs8(&pkcs8).unwrap(), pkcs8)
}

/// Tag, length, and the parts one after another.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ ..0x80 => vec![short as u8],
        medium @ ..0x100 => vec![0x81, medium as u8],
        long => [&[0x82][..], &(long as u16).to_be_bytes()].concat(),
    };
    [&[tag][..], &length, &content].concat()
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    der(3, &[&[0], bytes])
}

/// A certificate for `subject`'s key, signed by `issuer`, valid until 2049.
fn certificate(subject: &Ed25519KeyPair, name: &str, issuer: &Ed25519KeyPair, extension: &[u8]) -> Vec<u8> {
    let named = |name: &str| {
        let attribute = der(SEQUENCE, &[COMMON_NAME, &der(0x0c, &[name.as_bytes()])]);
        der(SEQUENCE, &[&der(0x31, &[&attribute])])
    };
    let algorithm = der(SEQUENCE, &[ED25519]);
    let valid = der(SEQUENCE, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"491231235959Z"])]);
    let public = der(SEQUENCE, &[&algorithm, &bits(subject.public_key().as_ref())]);
    let version = der(0xa0, &[&der(2, &[&[2]])]);
    let extensions = der(0xa3, &[&der(SEQUENCE, &[extension])]);
    let (issued, serial) = (named("authority"), der(2, &[&[1]]));
    let content = der(SEQUENCE, &[&version, &serial, &algorithm, &issued, &valid, &named(name), &public, &extensions]);
    der(SEQUENCE, &[&content, &algorithm, &bits(issuer.sign(&content).as_ref())])
}

fn pem(certificate: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encoded: String = certificate
        .chunks(3)
        .flat_map(|chunk| {
            let word = [0, 1, 2].map(|at| u32::from(chunk.get(at).copied().unwrap_or(0)));
            let word = word[0] << 16 | word[1] << 8 | word[2];
            (0..4).map(move |at| match at <= chunk.len() {
                true => char::from(DIGITS[(word >> (18 - 6 * at) & 63) as usize]),
                false => '=',
            })
        })
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n")
}
