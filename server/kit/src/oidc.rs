//! OpenID Connect: who somebody is, as a provider says it. Authorization code with PKCE and a nonce; what the provider is, and its
//! keys, are found by discovery at first need and kept for an hour.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreTokenResponse};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
};
use reqwest::redirect::Policy;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// The largest answer that is read.
const ANSWER: usize = 1 << 20;
/// How long discovery counts.
const FRESH: Duration = Duration::from_secs(3600);

/// What the operator says of a provider.
#[derive(Clone)]
pub struct ProviderSettings {
    /// As the provider writes it itself, to the last slash.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    /// Where the provider sends people back to, in full.
    pub redirect_url: String,
    /// The claim that names a person's groups.
    pub groups_claim: String,
}

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A provider of sign-in.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
    http: Mutex<Option<reqwest::Client>>,
}

/// Why a sign-in did not come about.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// It could not be asked, or did not answer as it must.
    #[error("the provider cannot be used: {0}")]
    Down(String),
    /// It answered, and did not vouch for anybody.
    #[error("the provider refused: {0}")]
    Refused(String),
}

/// A sign-in on its way: where to send the person, and what the answer is checked against.
pub struct Departure {
    pub url: String,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub issuer: String,
    pub subject: String,
    /// An e-mail address that the provider has verified.
    pub email: Option<String>,
    pub name: Option<String>,
    pub groups: Vec<String>,
}

impl Provider {
    pub fn new(settings: ProviderSettings) -> Provider {
        Provider { settings, known: Mutex::default(), http: Mutex::default() }
    }

    /// Begins a sign-in.
    pub async fn depart(&self) -> Result<Departure, OidcError> {
        let metadata = self.metadata(false).await?;
        let client = self.client(metadata)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = request.add_scope(Scope::new("email".into())).add_scope(Scope::new("profile".into())).url();
        Ok(Departure {
            url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Ends a sign-in: changes the code for tokens, verifies them, and asks who it is.
    pub async fn arrive(&self, code: String, nonce: String, verifier: String) -> Result<Person, OidcError> {
        let metadata = self.metadata(false).await?;
        let http = self.http().await?;
        let call = |request| send(http.clone(), request);
        let client = self.client(metadata.clone())?;
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(down)?;
        let tokens = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&call).await;
        let tokens: CoreTokenResponse = tokens.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) => OidcError::Refused(error.to_string()),
            other => down(other),
        })?;
        let mut claims = self.verified(&tokens, &Nonce::new(nonce), metadata.clone()).await?;
        // Many providers put no more than the subject into the token.
        if let Some(endpoint) = metadata.userinfo_endpoint() {
            let request = http.get(endpoint.url().as_str()).bearer_auth(tokens.access_token().secret());
            let more = read(request.send().await.map_err(down)?).await?;
            let is_told = more.status().is_success() && merge(&mut claims, more.body())?;
            if !is_told && !claims.contains_key(&self.settings.groups_claim) {
                // Somebody who could not be asked about is not somebody in no group: that would take their roles away.
                let answer = if more.status().is_success() { "a signed answer".to_owned() } else { more.status().to_string() };
                return Err(OidcError::Down(format!("it gave {answer} when it was asked who somebody is")));
            }
        }
        person(&self.settings, &claims)
    }

    /// The claims of the identity token, if that is one of this provider for us and this sign-in. Its keys may have changed since
    /// they were read: they are read once more before a signature is refused.
    async fn verified(
        &self,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
        metadata: CoreProviderMetadata,
    ) -> Result<Map<String, Value>, OidcError> {
        let token = tokens.id_token().ok_or_else(|| OidcError::Refused("it sent no identity token".to_owned()))?;
        let first = token.claims(&self.client(metadata)?.id_token_verifier(), nonce).map(drop);
        match first {
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = self.client(self.metadata(true).await?)?;
                token.claims(&client.id_token_verifier(), nonce).map(drop)
            }
            other => other,
        }
        .map_err(|error| OidcError::Refused(error.to_string()))?;
        // It is verified: what it says may be read as it stands, claims of any name too.
        let payload = token.to_string().split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
        serde_json::from_slice(&payload.unwrap_or_default()).map_err(|error| OidcError::Refused(error.to_string()))
    }

    async fn metadata(&self, anew: bool) -> Result<CoreProviderMetadata, OidcError> {
        // Whoever comes while it is asked for waits for that answer.
        let mut known = self.known.lock().await;
        if let Some((_, metadata)) = known.as_ref().filter(|(read_at, _)| !anew && read_at.elapsed() < FRESH) {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(down)?;
        let http = self.http().await?;
        let call = |request| send(http.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(issuer, &call).await.map_err(down)?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Result<Client, OidcError> {
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let redirect = RedirectUrl::new(self.settings.redirect_url.clone()).map_err(down)?;
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), secret);
        Ok(client.set_redirect_uri(redirect))
    }

    async fn http(&self) -> Result<reqwest::Client, OidcError> {
        let mut http = self.http.lock().await;
        if let Some(made) = http.as_ref() {
            return Ok(made.clone());
        }
        let made = http_client()?;
        *http = Some(made.clone());
        Ok(made)
    }
}

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// Follows no redirect: a provider that sends us elsewhere could have us ask servers of the inner network.
fn http_client() -> Result<reqwest::Client, OidcError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().map_err(down)?.with_root_certificates(roots).with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none());
    client.timeout(PATIENCE).connect_timeout(PATIENCE / 2).build().map_err(down)
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, OidcError> {
    let request = reqwest::Request::try_from(request).map_err(down)?;
    read(http.execute(request).await.map_err(down)?).await
}

async fn read(mut answer: reqwest::Response) -> Result<HttpResponse, OidcError> {
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(down)? {
        if body.len() + part.len() > ANSWER {
            return Err(OidcError::Down("its answer is too long".to_owned()));
        }
        body.extend_from_slice(&part);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

/// Adds what the provider says of the same person when it is asked. False where it answers with a token, which is not read: the
/// claims of the identity token must do then.
fn merge(claims: &mut Map<String, Value>, answer: &[u8]) -> Result<bool, OidcError> {
    let Ok(more) = serde_json::from_slice::<Map<String, Value>>(answer) else {
        let is_token = answer.starts_with(b"ey");
        return if is_token { Ok(false) } else { Err(OidcError::Down("it answered what is no claims".to_owned())) };
    };
    if more.get("sub") != claims.get("sub") {
        return Err(OidcError::Refused("it speaks of two people".to_owned()));
    }
    // Whether an address is verified is said of the one beside it.
    let is_other = claims.get("email").is_some_and(|email| more.get("email") != Some(email));
    for (name, value) in more {
        if !(is_other && name == "email_verified") {
            claims.entry(name).or_insert(value);
        }
    }
    Ok(true)
}

fn person(settings: &ProviderSettings, claims: &Map<String, Value>) -> Result<Person, OidcError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.trim().is_empty());
    let subject = text("sub").ok_or_else(|| OidcError::Refused("it names nobody".to_owned()))?;
    // Some providers write it as a word.
    let is_verified = matches!(claims.get("email_verified"), Some(Value::Bool(true)))
        || claims.get("email_verified").and_then(Value::as_str) == Some("true");
    let groups = match claims.get(&settings.groups_claim) {
        Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(group)) => vec![group.clone()],
        _ => Vec::new(),
    };
    let email = text("email").filter(|_| is_verified);
    Ok(Person { issuer: settings.issuer.clone(), subject, email, name: text("name"), groups })
}

/// An error with all that caused it, which is where the reason stands.
fn down(error: impl std::error::Error) -> OidcError {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(why) = cause {
        text = format!("{text}: {why}");
        cause = why.source();
    }
    OidcError::Down(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            issuer: "https://login.example".into(),
            client_id: "tessera".into(),
            client_secret: None,
            redirect_url: "https://desk.example/back".into(),
            groups_claim: "groups".into(),
        }
    }

    fn told(claims: Value) -> Person {
        person(&settings(), claims.as_object().expect("claims")).expect("a person")
    }

    #[test]
    fn an_address_that_is_not_verified_is_none() {
        let email = |verified: Value| told(json!({ "sub": "1", "email": "a@x.example", "email_verified": verified })).email;
        assert_eq!([email(json!(true)), email(json!("true"))], [Some("a@x.example".into()), Some("a@x.example".into())]);
        assert_eq!([email(json!(false)), email(json!("yes")), email(json!(null)), email(json!(1))], [None, None, None, None]);
        assert_eq!(told(json!({ "sub": "1", "email": "a@x.example" })).email, None);
    }

    #[test]
    fn groups_are_a_list_or_one_word() {
        let groups = |claim: Value| told(json!({ "sub": "1", "groups": claim })).groups;
        assert_eq!(groups(json!(["a", 1, "b"])), ["a", "b"]);
        assert_eq!(groups(json!("a")), ["a"]);
        assert!(groups(json!({ "a": true })).is_empty() && told(json!({ "sub": "1", "roles": ["a"] })).groups.is_empty());
    }

    #[test]
    fn what_is_said_of_somebody_else_is_refused_and_the_token_counts_before_it() {
        let mut claims = json!({ "sub": "1", "email": "token@x.example" }).as_object().expect("claims").clone();
        assert!(merge(&mut claims, br#"{"sub":"2","groups":["admins"]}"#).is_err());
        assert!(merge(&mut claims, br#"{"groups":["admins"]}"#).is_err());
        merge(&mut claims, br#"{"sub":"1","email":"asked@x.example","groups":["g"]}"#).expect("the same person");
        assert_eq!((claims["email"].as_str(), claims["groups"][0].as_str()), (Some("token@x.example"), Some("g")));
        merge(&mut claims, br#"{"sub":"1","email":"asked@x.example","email_verified":true}"#).expect("the same person");
        assert!(!claims.contains_key("email_verified"), "it is said of another address");
        assert!(merge(&mut claims, b"<html>busy</html>").is_err());
        assert!(!merge(&mut claims, b"eyJhbGciOiJub25lIn0.e30.").expect("a token"), "which tells nothing");
        assert!(person(&settings(), &Map::new()).is_err());
    }

    #[tokio::test]
    async fn a_provider_that_nobody_answers_for_is_down() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let provider = Provider::new(ProviderSettings { issuer: format!("http://{free}"), ..settings() });
        let refused = provider.depart().await.err().expect("nobody is there");
        assert!(matches!(refused, OidcError::Down(_)), "{refused}");
    }
}
