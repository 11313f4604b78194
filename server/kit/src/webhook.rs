//! Calls to webhooks: a small JSON posted to an address that an operator has set.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;

/// How long a call may take from the look-up of the host to the end of the answer.
const LIMIT: Duration = Duration::from_secs(15);

/// The address of a webhook. Whoever knows all of it may post there, so only its scheme and host are shown and logged.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(reqwest::Url);

impl std::str::FromStr for WebhookUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<WebhookUrl, &'static str> {
        match text.parse::<reqwest::Url>() {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(WebhookUrl(url)),
            _ => Err("it must be an http:// or https:// address"),
        }
    }
}

impl WebhookUrl {
    /// The host with its port, where that is not the scheme's own.
    fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Posts a JSON value. A failure is one sentence that names the host alone.
    pub async fn post(&self, body: &serde_json::Value) -> Result<(), String> {
        crate::crypto::choose();
        // A redirect would hand the message to somebody whom nobody has set.
        let client = reqwest::Client::builder().timeout(LIMIT).redirect(Policy::none()).user_agent("tessera").build();
        let client = client.map_err(|error| format!("No call can be made: {error}."))?;
        let to = self.authority();
        let sent = client.post(self.0.clone()).header("content-type", "application/json").body(body.to_string()).send().await;
        match sent {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("{to} answered {} instead of taking it.", answer.status())),
            Err(error) if error.is_timeout() => Err(format!("{to} did not answer within {} seconds.", LIMIT.as_secs())),
            Err(error) if error.is_connect() => Err(format!("{to} cannot be reached: {}.", innermost(&error.without_url()))),
            Err(error) => Err(format!("{to} did not take it: {}.", innermost(&error.without_url()))),
        }
    }
}

/// The cause behind all causes, which says most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/***", self.0.scheme(), self.authority())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A server that gives one answer, and the request it was given.
    async fn answering(answer: &'static str) -> (WebhookUrl, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook/s3cret", listener.local_addr().expect("an address"));
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a call");
            let mut request = Vec::new();
            while !String::from_utf8_lossy(&request).contains("}") {
                let mut part = [0; 1024];
                let n = stream.read(&mut part).await.expect("a part");
                request.extend_from_slice(&part[..n]);
            }
            stream.write_all(answer.as_bytes()).await.expect("answer");
            String::from_utf8(request).expect("text")
        });
        (url.parse().expect("an address"), asked)
    }

    #[tokio::test]
    async fn a_webhook_gets_the_json_and_says_whether_it_took_it() {
        let (url, asked) = answering("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
        url.post(&json!({ "text": "Up." })).await.expect("it was taken");
        let request = asked.await.expect("the request").to_lowercase();
        assert!(request.starts_with("post /hook/s3cret http/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/json\r\n") && request.ends_with(r#"{"text":"up."}"#), "{request}");

        let (url, _asked) = answering("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n").await;
        let refused = url.post(&json!({})).await.expect_err("it was not taken");
        assert!(refused.contains("answered 500") && !refused.contains("s3cret"), "{refused}");

        let (url, _asked) = answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
        let refused = url.post(&json!({})).await.expect_err("no redirect is followed");
        assert!(refused.contains("answered 302"), "{refused}");
    }

    #[tokio::test]
    async fn a_webhook_that_nobody_listens_at_is_named_by_its_host_alone() {
        let url: WebhookUrl = "http://127.0.0.1:1/hook/s3cret?key=s3cret".parse().expect("an address");
        let refused = url.post(&json!({})).await.expect_err("nobody listens");
        assert!(refused.starts_with("127.0.0.1:1 cannot be reached: ") && !refused.contains("s3cret"), "{refused}");
        assert_eq!(format!("{url} {url:?}"), "http://127.0.0.1:1/*** http://127.0.0.1:1/***");
        assert!("ftp://127.0.0.1/".parse::<WebhookUrl>().is_err() && "nowhere".parse::<WebhookUrl>().is_err());
    }

    #[tokio::test]
    async fn a_webhook_over_https_needs_no_setting_of_its_own() {
        // A client that found no provider of TLS would panic here, before anybody is called.
        let url: WebhookUrl = "https://127.0.0.1:1/".parse().expect("an address");
        let refused = url.post(&json!({})).await.expect_err("nobody listens");
        assert!(refused.starts_with("127.0.0.1:1 cannot be reached: "), "{refused}");
    }
}
