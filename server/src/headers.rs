//! The rules for every answer: policy headers, refusal of cross-site changes, and the bounds of a request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use http_body_util::Limited;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use model::AppError;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

use crate::config::Settings;
use crate::pictures;
use crate::request::Arrival;
use crate::shell::Portal;

/// The policy of everything that is no page.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The policy of a page: scripts and styles of this site, and what carries the answer's nonce.
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// Puts the policy on every answer that does not bring its own.
pub async fn put_policy(request: Request, next: Next) -> Response {
    let is_https = request.extensions().get::<Arrival>().is_some_and(|arrival| arrival.is_https);
    let portal = Portal::of(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(CONTENT_SECURITY_POLICY, NOTHING);
    default(REFERRER_POLICY, "same-origin");
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(OPENER_POLICY, "same-origin");
    // What staff see must not stay in a browser's or proxy's store.
    default(CACHE_CONTROL, if portal == Portal::Desk { "no-store" } else { "no-cache" });
    if is_https {
        default(STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    response
}

/// Refuses a request by which another site would change something in the name of whoever is signed in here. Every door
/// so far trusts a cookie or gives one.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let arrival = request.extensions().get::<Arrival>();
    if is_safe || arrival.is_some_and(|arrival| is_same_site(request.headers(), arrival)) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request came from another site and was refused.\n").into_response()
}

/// Browsers say where a request comes from, by one header or by the other; a program that says neither has no cookies
/// of somebody else.
fn is_same_site(headers: &HeaderMap, arrival: &Arrival) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("unreadable"));
    match (text(SEC_FETCH_SITE), text(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => is_origin_of(origin, arrival),
        (None, None) => true,
    }
}

fn is_origin_of(origin: &str, arrival: &Arrival) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    let usual_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let bare = |host: &str| host.strip_suffix(usual_port).unwrap_or(host).to_lowercase();
    // Behind HTTPS a page from plain HTTP may be anybody's.
    let is_downgrade = arrival.is_https && !scheme.eq_ignore_ascii_case("https");
    !is_downgrade && !host.is_empty() && bare(host) == bare(&arrival.host)
}

/// Sends who comes to a page of the desk with a refusal in the address to the page without it, unless they come from the desk.
/// Leptos puts the refusal of a form posted without scripts there, text and all: by a link, anybody could have our pages say
/// what they like.
pub async fn drop_planted_refusals(request: Request, next: Next) -> Response {
    let is_ours = request.headers().get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin");
    let path = request.uri().path();
    if is_ours || !path.starts_with("/desk") || !names_refusal(request.uri()) {
        return next.run(request).await;
    }
    Redirect::to(path).into_response()
}

fn names_refusal(address: &Uri) -> bool {
    Query::<Vec<(String, String)>>::try_from_uri(address).is_ok_and(|Query(pairs)| pairs.iter().any(|(name, _)| name == "__err"))
}

/// Lets the desk answer at its own host alone, where one is set.
pub async fn keep_desk_host(State(settings): State<Arc<Settings>>, request: Request, next: Next) -> Response {
    let is_elsewhere = match (&settings.desk_host, request.extensions().get::<Arrival>()) {
        (Some(desk), Some(arrival)) => !is_host(desk, &arrival.host),
        (Some(_), None) => true,
        (None, _) => false,
    };
    if is_elsewhere && Portal::of(request.uri().path()) == Portal::Desk {
        return nothing();
    }
    next.run(request).await
}

/// The answer of an address at which there is nothing, where that is no page.
pub fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response()
}

/// A host that is set without a port counts at any.
fn is_host(wanted: &str, host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    wanted == host || wanted == name
}

/// Sends pages and data as gzip to those who take it. Files and kept pages come compressed.
pub fn compress() -> CompressionLayer<impl Predicate + Send + Sync + 'static> {
    let is_text = |_, _, headers: &HeaderMap, _: &Extensions| {
        let kind = headers.get(CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap_or_default());
        kind.starts_with("text/html") || kind.starts_with("application/json")
    };
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::default().and(is_text))
}

/// Answers what a server function could not read with the status of that error. Leptos answers 500, as for a fault of ours, where
/// the function is never reached and cannot set another.
pub async fn tell_unreadable(request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    if answer.status() != StatusCode::INTERNAL_SERVER_ERROR || !answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    // It stands in memory already.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Ok(error @ AppError::BadRequest(_)) = serde_json::from_slice(&body) {
        head.status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    }
    Response::from_parts(head, Body::from(body))
}

/// Bounds a request: what it sends, and how long its answer may take.
pub async fn bound(State(settings): State<Arc<Settings>>, request: Request, next: Next) -> Response {
    let own = pictures::body_limit(&settings, request.uri().path());
    let limit = own.map_or(settings.body_limit, |own| own.max(settings.body_limit));
    // A file may come over a slow line.
    let patience = if own.is_some() { settings.request_timeout * 4 } else { settings.request_timeout };
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        let sentence = format!("The request is larger than the {limit} bytes allowed.\n");
        return (StatusCode::PAYLOAD_TOO_LARGE, sentence).into_response();
    }
    // What comes without a length is cut off where it grows too large.
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let request = request.map(|body| Body::new(Limited::new(body, limit)));
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "The answer took too long; please try again.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_from_here(is_https: bool, host: &str, pairs: &[(HeaderName, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        is_same_site(&headers, &Arrival { is_https, host: host.to_owned() })
    }

    #[test]
    fn only_this_very_site_may_change_things() {
        let site = |value| comes_from_here(true, "x.example", &[(SEC_FETCH_SITE, value)]);
        assert!(site("same-origin") && site("none"));
        assert!(!site("cross-site") && !site("same-site") && !site("nonsense"));
    }

    #[test]
    fn older_browsers_are_told_by_the_origin() {
        let here = |is_https, host, origin| comes_from_here(is_https, host, &[(ORIGIN, origin)]);
        assert!(here(true, "x.example", "https://x.example"));
        assert!(here(true, "x.example:443", "https://X.example"));
        assert!(here(false, "127.0.0.1:3000", "http://127.0.0.1:3000"));
        assert!(!here(false, "127.0.0.1:3000", "http://127.0.0.1:3001"));
        assert!(!here(true, "x.example", "http://x.example"));
        assert!(!here(true, "x.example", "https://x.example.evil"));
        assert!(!here(true, "x.example", "null"));
        assert!(!here(false, "", "http://"));
        assert!(comes_from_here(false, "x.example", &[]), "no browser, no cookies of somebody else");
    }

    #[test]
    fn the_desk_host_counts_at_any_port_unless_it_names_one() {
        assert!(is_host("desk.example", "desk.example") && is_host("desk.example", "desk.example:3000"));
        assert!(is_host("desk.example:3000", "desk.example:3000"));
        assert!(!is_host("desk.example:3000", "desk.example"));
        assert!(!is_host("desk.example", "desk.example.evil") && !is_host("desk.example", ""));
        assert!(is_host("[::1]", "[::1]:3000") && is_host("[::1]", "[::1]"));
    }
}
