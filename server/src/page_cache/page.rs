//! One kept page: its text with gaps where the nonce of an answer goes.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse as _, Response};
use domain::catalogue::Version;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::nonce::Nonce;
use model::Timestamp;

use super::gapped::Gapped;

/// The largest page that is kept, in bytes.
const LARGEST: usize = 1 << 20;
/// What a page takes beside its text: headers and the cache's own books.
const OVERHEAD: usize = 1024;

/// What was rendered for an address, and how long it is right.
pub struct Page {
    version: Version,
    until: Timestamp,
    /// None where the answer is not to be kept.
    content: Option<Content>,
}

struct Content {
    headers: HeaderMap,
    policy: Gapped,
    body: Gapped,
}

impl Page {
    /// The page of an answer, or the answer itself when it is not to be kept: it is no page, it is somebody's own, or it is too large.
    pub async fn of(answer: Response, version: Version, until: Timestamp) -> Result<Page, Response> {
        let Some(nonce) = nonce(&answer).filter(|_| is_for_all(&answer)) else { return Err(answer) };
        let (mut head, body) = answer.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else { return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response()) };
        let text = std::str::from_utf8(&body).ok().filter(|text| text.len() <= LARGEST);
        let policy = head.headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
        let (Some(text), Some(policy)) = (text, policy) else { return Err(Response::from_parts(head, Body::from(body))) };
        let (policy, body) = (Gapped::new(policy, &nonce), Gapped::new(text, &nonce));
        head.headers.remove(CONTENT_SECURITY_POLICY);
        head.headers.remove(CONTENT_LENGTH);
        Ok(Page { version, until, content: Some(Content { headers: head.headers, policy, body }) })
    }

    /// Stands for an answer that everybody must be given anew.
    pub fn not_kept(version: Version, until: Timestamp) -> Page {
        Page { version, until, content: None }
    }

    /// Whether it is what the catalogue of this version shows at this moment.
    pub fn fits(&self, version: Version, at: Timestamp) -> bool {
        self.version == version && at < self.until
    }

    /// An answer with a nonce of its own, as gzip where that is understood.
    pub fn answer(&self, takes_gzip: bool) -> Option<Response> {
        let content = self.content.as_ref()?;
        let nonce = Nonce::new();
        let body = if takes_gzip { Body::from(content.body.zipped(&nonce)) } else { Body::from(content.body.filled(&nonce)) };
        let mut answer = Response::new(body);
        *answer.headers_mut() = content.headers.clone();
        answer.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
        if takes_gzip {
            answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::try_from(content.policy.filled(&nonce)).ok()?);
        Some(answer)
    }

    /// Bytes that it takes in memory, about.
    pub fn size(&self) -> usize {
        OVERHEAD + self.content.as_ref().map_or(0, |content| content.body.size() + content.policy.size())
    }
}

/// The nonce of an answer, as its policy says it.
fn nonce(answer: &Response) -> Option<String> {
    let policy = answer.headers().get(CONTENT_SECURITY_POLICY)?.to_str().ok()?;
    let nonce = policy.split("'nonce-").nth(1)?.split('\'').next()?;
    // Long enough that no text holds it by chance.
    (nonce.len() >= 22).then(|| nonce.to_owned())
}

/// Whether an answer is a page that anybody may be given.
fn is_for_all(answer: &Response) -> bool {
    let control = answer.headers().get(CACHE_CONTROL).map_or("", |control| control.to_str().unwrap_or("no-store"));
    let is_public = !control.contains("no-store") && !control.contains("private");
    answer.status() == StatusCode::OK && is_public && !answer.headers().contains_key(SET_COOKIE)
}
