//! Where a request comes from, and the log line and numbers that it leaves.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use api::server::Origin;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::config::{Network, Settings};
use crate::metrics;

/// The request's name in log lines, in the audit log and in the answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How a request reached the server, in its extensions. Forwarded headers count only from trusted proxies, and
/// `X-Forwarded-Host` never does: many proxies pass on the one that a client made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The browser spoke HTTPS, to a proxy.
    pub is_https: bool,
    /// The host that the browser asked for, with its port if it is not the usual one, in small letters.
    pub host: String,
}

/// What a request that no route matched is called in logs and metrics. It goes into the answer's extensions.
#[derive(Debug, Clone, Copy)]
pub struct RouteName(pub &'static str);

/// The outermost layer: names the request, notes where it came from, and logs and counts the answer.
pub async fn observe(State(settings): State<Arc<Settings>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id(request.headers());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let (address, arrival) = arrive(peer, request.headers(), request.uri().host(), &settings.trusted_proxies);
    request.extensions_mut().insert(Origin { request_id: Some(id.clone()), address });
    request.extensions_mut().insert(arrival);
    // Paths can hold secrets and queries can hold anything: the pattern that matched is all that is logged.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = method_name(request.method());

    let span = tracing::info_span!("request", request_id = id);
    let mut response = next.run(request).instrument(span.clone()).await;

    let route = match (&route, response.extensions().get::<RouteName>()) {
        (Some(route), _) => route,
        (None, Some(name)) => name.0,
        (None, None) => "unmatched",
    };
    let (status, seconds) = (response.status().as_u16(), begun.elapsed().as_secs_f64());
    metrics::note_request(route, method, status, seconds);
    span.in_scope(|| match route {
        // Something asks these every few seconds.
        "/healthz" | "/readyz" if status == 200 => tracing::debug!(method, route, status, seconds, "answered"),
        _ => tracing::info!(method, route, status, seconds, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The id that a proxy gave the request if it is fit for a log, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_fit(id));
    given.map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned)
}

fn is_fit(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Method names for metrics; a made-up one must not make a new series.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The client's address and the way it came. Each trusted proxy adds its own client at the end of `X-Forwarded-For`, so
/// the last address that is not a trusted proxy is the client's; whatever stands before it, the client made up.
fn arrive(peer: Option<IpAddr>, headers: &HeaderMap, authority: Option<&str>, trusted: &[Network]) -> (Option<IpAddr>, Arrival) {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    let host = text(headers, &HOST).or(authority.map(str::to_owned)).unwrap_or_default().to_lowercase();
    if !peer.as_ref().is_some_and(is_trusted) {
        return (peer, Arrival { is_https: false, host });
    }
    let mut client = peer;
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in chain.iter().rev() {
        let Ok(address) = hop.parse() else { break };
        client = Some(address);
        if !is_trusted(&address) {
            break;
        }
    }
    let is_https = last(headers, "x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    (client, Arrival { is_https, host })
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The last value of a list, which the nearest proxy has set.
fn last(headers: &HeaderMap, name: &'static str) -> Option<String> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&'static str, &'static str)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    fn arrived(peer: &str, pairs: &[(&'static str, &'static str)]) -> (String, bool, String) {
        let trusted = ["10.0.0.0/8".parse().expect("a network"), "::1".parse().expect("a network")];
        let (client, arrival) = arrive(peer.parse().ok(), &headers(pairs), None, &trusted);
        (client.map_or_else(String::new, |client| client.to_string()), arrival.is_https, arrival.host)
    }

    #[test]
    fn a_stranger_cannot_name_another_address() {
        let forged = [
            ("host", "Offers.example"),
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ];
        assert_eq!(arrived("203.0.113.7", &forged), ("203.0.113.7".into(), false, "offers.example".into()));
    }

    #[test]
    fn behind_trusted_proxies_the_last_address_that_is_none_of_theirs_counts() {
        let through = |list| arrived("10.0.0.1", &[("host", "x"), ("x-forwarded-for", list)]).0;
        assert_eq!(through("198.51.100.4"), "198.51.100.4");
        assert_eq!(through("1.1.1.1, 198.51.100.4, 10.9.9.9"), "198.51.100.4");
        assert_eq!(through("10.1.1.1, 10.9.9.9"), "10.1.1.1");
        assert_eq!(through("1.1.1.1, nonsense"), "10.0.0.1");
        let two = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.4")];
        assert_eq!(arrived("::1", &two).0, "198.51.100.4");
    }

    #[test]
    fn a_trusted_proxy_tells_the_scheme_and_passes_the_host_on() {
        let told = [("host", "Offers.example"), ("x-forwarded-proto", "http, https"), ("x-forwarded-host", "desk.example")];
        assert_eq!(arrived("10.0.0.1", &told), ("10.0.0.1".into(), true, "offers.example".into()));
    }

    #[test]
    fn a_request_id_is_taken_only_if_it_is_fit_for_a_log() {
        assert_eq!(request_id(&headers(&[("x-request-id", "edge-0123.abc_9")])), "edge-0123.abc_9");
        for unfit in ["short", "has space in it", "a\"quoted\"one", "<script>alert"] {
            let id = request_id(&headers(&[("x-request-id", unfit)]));
            assert!(is_fit(&id) && id != unfit, "{unfit}");
        }
    }
}
