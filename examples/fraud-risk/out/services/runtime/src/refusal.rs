//! Why a request was not served: a status, the sentence that goes into `{"error": ...}`, and the kind that errors are counted by.

use hyper::StatusCode;

use crate::names;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: String,
    pub kind: Kind,
}

/// What errors are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    UnknownModel,
    Shape,
    Datatype,
    TooLarge,
    Unauthorized,
    Timeout,
    Rejected,
    Cancelled,
    Engine,
}

impl Kind {
    pub const ALL: [Kind; 10] = [
        Kind::Malformed,
        Kind::UnknownModel,
        Kind::Shape,
        Kind::Datatype,
        Kind::TooLarge,
        Kind::Unauthorized,
        Kind::Timeout,
        Kind::Rejected,
        Kind::Cancelled,
        Kind::Engine,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Kind::Malformed => names::KIND_MALFORMED,
            Kind::UnknownModel => names::KIND_UNKNOWN_MODEL,
            Kind::Shape => names::KIND_SHAPE,
            Kind::Datatype => names::KIND_DATATYPE,
            Kind::TooLarge => names::KIND_TOO_LARGE,
            Kind::Unauthorized => names::KIND_UNAUTHORIZED,
            Kind::Timeout => names::KIND_TIMEOUT,
            Kind::Rejected => names::KIND_REJECTED,
            Kind::Cancelled => names::KIND_CANCELLED,
            Kind::Engine => names::KIND_ENGINE,
        }
    }

    /// What a status stands for when nobody said more.
    fn of(status: StatusCode) -> Kind {
        match status.as_u16() {
            401 | 403 => Kind::Unauthorized,
            404 => Kind::UnknownModel,
            408 | 504 => Kind::Timeout,
            413 => Kind::TooLarge,
            422 => Kind::Engine,
            503 => Kind::Rejected,
            500.. => Kind::Engine,
            _ => Kind::Malformed,
        }
    }
}

impl Refusal {
    /// Its kind is that of the status; [`Refusal::about`] says more.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Refusal {
        Refusal { status, message: message.into(), kind: Kind::of(status) }
    }

    pub fn about(self, kind: Kind) -> Refusal {
        Refusal { kind, ..self }
    }

    /// 400: the request is wrong.
    pub fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }

    /// 503: the request may be right, at another time.
    pub fn unavailable(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// 500: the engine failed.
    pub fn internal(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

/// What a decoder says, without the middle of a long text of the caller's that it may repeat: the beginning tells what came, the end what
/// was expected, and where.
pub fn brief(error: &impl std::fmt::Display) -> String {
    const ENDS: usize = 128;
    let text = error.to_string();
    let head = text.char_indices().nth(ENDS).map(|(at, _)| at);
    let tail = text.char_indices().nth_back(ENDS - 1).map(|(at, _)| at);
    match (head, tail) {
        (Some(head), Some(tail)) if head < tail => format!("{}…{}", &text[..head], &text[tail..]),
        _ => text,
    }
}

/// What of a caller's own text an error may repeat: enough to recognise it, too little to be a nuisance.
pub fn excerpt(text: &str) -> &str {
    const MOST: usize = 64;
    text.char_indices().nth(MOST).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_error_is_left_out() {
        for short in ["", "é", &"é".repeat(256)] {
            assert_eq!(brief(&short), short);
        }
        let long = format!("invalid type: string \"{}\", expected a number at line 1 column 9", "é".repeat(1_000));
        let told = brief(&long);
        assert_eq!(told.chars().count(), 257);
        assert!(
            told.starts_with("invalid type: string \"éé")
                && told.ends_with("éé\", expected a number at line 1 column 9")
        );
    }
}
