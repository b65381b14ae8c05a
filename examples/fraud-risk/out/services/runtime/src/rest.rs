//! Inference over REST: an HTTP request whose body is JSON, with or without binary tensors -> the like as an answer.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tract_onnx::prelude::TValue;

use crate::access::Notes;
use crate::app::{App, Place};
use crate::compression::{self, Coding};
use crate::infer::{self, Admitted, Codec, Inferred};
use crate::protocol::{self, Call};
use crate::refusal::Refusal;
use crate::repository::{Choice, Served};
use crate::{body, result};

/// Header of the binary tensor extension: the length of a body's JSON part.
pub const JSON_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// A shorter answer is not worth compressing.
pub const WORTH_COMPRESSING: usize = 1024;

pub struct Answer {
    pub body: Vec<u8>,
    pub json_length: Option<usize>,
    pub coding: Option<Coding>,
}

/// The headers that say something of the bodies. One that stands twice counts the first time.
static HEADERS: [HeaderName; 4] = [JSON_LENGTH, CONTENT_TYPE, CONTENT_ENCODING, ACCEPT_ENCODING];

/// What of a head the work needs.
struct Head {
    json_length: Option<String>,
    coding: Option<Coding>,
    answer_coding: Option<Coding>,
}

impl Head {
    fn of(headers: &HeaderMap) -> Result<Head, Refusal> {
        // One walk over few headers is shorter than a search for each.
        let mut found = [None; HEADERS.len()];
        for (name, value) in headers {
            if let Some(place) = HEADERS.iter().position(|known| known == name) {
                found[place].get_or_insert(value);
            }
        }
        let text = |place: usize| {
            let value = found[place].map(HeaderValue::to_str).transpose();
            value.map_err(|_| Refusal::invalid(format!("the header {} is not text", HEADERS[place])))
        };
        let json_length = text(0)?;
        let is_raw = json_length.is_some_and(|length| length.trim() == "0");
        let is_json = |kind: &str| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        };
        if text(1)?.is_some_and(|kind| is_raw && is_json(kind)) {
            // One of the two headers is wrong, and which one decides what the bytes mean.
            return Err(Refusal::invalid(format!("the body cannot be application/json where {JSON_LENGTH} is 0")));
        }
        Ok(Head {
            json_length: json_length.map(str::to_owned),
            coding: Coding::of_request(text(2)?)?,
            answer_coding: Coding::accepted(text(3)?),
        })
    }
}

pub async fn infer(
    app: &Arc<App>,
    choice: Choice,
    headers: &HeaderMap,
    incoming: Incoming,
    begun: Instant,
    notes: &Arc<Notes>,
) -> Result<Inferred<Answer>, Refusal> {
    let deadline = begun + app.settings.request_timeout;
    let refused = match Head::of(headers) {
        Ok(head) => {
            let (body, memory) = body::read(app, incoming, deadline).await?;
            notes.received(body.len());
            let place = Place::take(app)?;
            let admitted = Admitted { choice, body, memory, place, begun, deadline };
            return infer::infer(app, notes, head, admitted).await;
        }
        Err(refusal) => refusal,
    };
    body::read(app, incoming, deadline).await?;
    Err(refused)
}

impl Codec for Head {
    type Answer = Answer;

    fn compressed(&self) -> bool {
        self.coding.is_some()
    }

    fn decode(&self, app: &App, served: &Served, body: Bytes) -> Result<Call, Refusal> {
        let body = match self.coding {
            None => body,
            Some(coding) => compression::inflate(coding, &body, app.settings.max_body_bytes)?.into(),
        };
        protocol::decode(&app.service.model, served.engine.equal_dimensions(), &body, self.json_length.as_deref())
    }

    fn encode(&self, app: &App, served: &Served, call: &Call, outputs: &[TValue]) -> Result<Answer, Refusal> {
        let encoded = result::encode(&app.service.model, &served.heads, call, outputs, served.engine.run_limit())?;
        let mut answer = Answer { body: encoded.body, json_length: encoded.header_length, coding: None };
        if let Some(coding) = self.answer_coding
            && answer.body.len() >= WORTH_COMPRESSING
            && let Ok(smaller) = compression::deflate(coding, &answer.body)
        {
            answer.body = smaller;
            answer.coding = Some(coding);
        }
        Ok(answer)
    }
}
