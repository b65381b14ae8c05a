//! The page at `/`, on which a person sees the model and tries it.
//!
//! The page is the same for every service: it asks the service about its model over the protocol, with the key if there is one. So a
//! stranger learns nothing from it, and no name of a tensor is ever put into markup. Its headers forbid everything but its own script, its
//! own style and calls to where it came from.

use std::sync::LazyLock;

use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use sha2::{Digest, Sha256};

pub const PAGE: &str = include_str!("page.html");

/// What goes onto the answer with the page.
pub fn mark(headers: &mut HeaderMap) {
    static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| HeaderValue::try_from(policy()).ok());
    let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    headers.extend([
        fixed(CONTENT_TYPE, "text/html; charset=utf-8"),
        fixed(CACHE_CONTROL, "no-cache"),
        fixed(REFERRER_POLICY, "no-referrer"),
        fixed(X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ]);
    if let Some(policy) = &*POLICY {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
}

/// Content Security Policy Level 3: script and style are those whose digests stand here.
fn policy() -> String {
    let (script, style) = (digest("script"), digest("style"));
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Of what stands between the tags, which are there once.
fn digest(tag: &str) -> String {
    let inside = PAGE.split_once(&format!("<{tag}>")).and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")));
    base64(&Sha256::digest(inside.map_or("", |(inside, _)| inside)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place)) as usize % 64];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{3ff}?>", "z78/Pg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    /// What the policy forbids must not be there, for then it would not work; and it stays small.
    #[test]
    fn the_page_keeps_to_its_policy() {
        assert!(PAGE.len() < 12 * 1024, "{}", PAGE.len());
        assert_eq!((PAGE.matches("<script").count(), PAGE.matches("<style").count()), (1, 1));
        let script = PAGE.split_once("<script>").unwrap().1;
        for forbidden in [" style=\"", " onclick", " onload", " src=", "@import", "url(", "javascript:"] {
            assert!(!PAGE.contains(forbidden), "{forbidden}");
        }
        // One mention, which is the comment that says so.
        assert_eq!(script.matches("innerHTML").count(), 1);
        for forbidden in ["outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "localStorage"] {
            assert!(!script.contains(forbidden), "{forbidden}");
        }
        assert!(!PAGE.contains("http://") && !PAGE.contains("https://"), "nothing comes from elsewhere");
        assert!(digest("script").len() == 44 && digest("script") != base64(&Sha256::digest("")));
    }
}
