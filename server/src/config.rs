//! The settings: flags, and for each a variable of the environment.

mod network;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use kit::mail::{MailError, Mailer};
use kit::oidc::ProviderSettings;
use kit::seal::Key;
use kit::secret::Masked;
use kit::webhook::WebhookUrl;
use model::access::Role;
use model::sign_in::{PROVIDER_BACK, SignInWays};

pub use network::Network;

/// Where Prometheus finds the metrics unless somebody says otherwise.
const METRICS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

/// Everything that can be set. The help texts are for operators.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// PostgreSQL to use, for instance postgres://user:password@host/tessera; without it a private one is started
    #[arg(long, env = "DATABASE_URL", global = true, value_name = "URL", value_parser = masked, hide_env_values = true, help_heading = "Data base")]
    pub database_url: Option<Masked>,

    /// Folder of everything that is kept here: the private PostgreSQL, pictures, the key for secrets [default: /var/lib/tessera as root, else ~/.local/share/tessera]
    #[arg(long, env = "TESSERA_DATA_DIR", global = true, value_name = "FOLDER", help_heading = "Data base")]
    pub data_dir: Option<PathBuf>,

    /// Folder of the private PostgreSQL's programs [default: the newest that are found]
    #[arg(long, env = "PG_BIN", global = true, value_name = "FOLDER", help_heading = "Data base")]
    pub pg_bin: Option<PathBuf>,

    /// Most connections to PostgreSQL that this process holds
    #[arg(long, env = "TESSERA_POOL_SIZE", global = true, default_value = "16", value_name = "N", value_parser = clap::value_parser!(u32).range(4..=1000), help_heading = "Data base")]
    pub pool_size: u32,

    /// Seconds that a request waits for a free connection
    #[arg(long, env = "TESSERA_POOL_TIMEOUT", global = true, default_value = "5", value_name = "SECONDS", value_parser = seconds, help_heading = "Data base")]
    pub pool_timeout: Duration,

    /// Seconds after which PostgreSQL ends a statement
    #[arg(long, env = "TESSERA_STATEMENT_TIMEOUT", global = true, default_value = "30", value_name = "SECONDS", value_parser = seconds, help_heading = "Data base")]
    pub statement_timeout: Duration,

    /// Key that secrets in the data base are sealed under, 32 bytes in base64; all nodes of one data base need the same [default: in the file secret.key in the data folder, made at the first start]
    #[arg(long, env = "TESSERA_SECRET_KEY", global = true, value_name = "BASE64", value_parser = Key::from_base64, hide_env_values = true, help_heading = "Data base")]
    pub secret_key: Option<Key>,

    /// Address at which the server answers
    #[arg(
        long,
        env = "TESSERA_LISTEN",
        global = true,
        default_value = "127.0.0.1:3000",
        value_name = "ADDRESS",
        help_heading = "Web"
    )]
    pub listen: SocketAddr,

    /// Scheme and host of the site, for canonical links, and of the desk in mail unless that has a host of its own [default: http:// and the address it listens on]
    #[arg(long, env = "TESSERA_PUBLIC_URL", global = true, value_name = "URL", value_parser = public_url, help_heading = "Web")]
    pub public_url: Option<String>,

    /// Only host at which the desk answers; a proxy must pass the Host header on [default: any]
    #[arg(long, env = "TESSERA_DESK_HOST", global = true, value_name = "HOST", value_parser = host, help_heading = "Web")]
    pub desk_host: Option<String>,

    /// Addresses or networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto count, separated by commas
    #[arg(
        long,
        env = "TESSERA_TRUSTED_PROXIES",
        global = true,
        value_name = "NETWORKS",
        value_delimiter = ',',
        help_heading = "Web"
    )]
    pub trusted_proxies: Vec<Network>,

    /// Largest request in bytes
    #[arg(long, env = "TESSERA_BODY_LIMIT", global = true, default_value = "1048576", value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1024..), help_heading = "Web")]
    pub body_limit: u64,

    /// Bytes of member pages that are kept and shown again while they are right; 0 keeps none
    #[arg(
        long,
        env = "TESSERA_PAGE_CACHE",
        global = true,
        default_value = "33554432",
        value_name = "BYTES",
        help_heading = "Web"
    )]
    pub page_cache: u64,

    /// Seconds after which a request that has no answer yet is given up
    #[arg(long, env = "TESSERA_REQUEST_TIMEOUT", global = true, default_value = "30", value_name = "SECONDS", value_parser = seconds, help_heading = "Web")]
    pub request_timeout: Duration,

    /// Seconds that requests in flight may take when the server is told to stop
    #[arg(long, env = "TESSERA_SHUTDOWN_TIMEOUT", global = true, default_value = "20", value_name = "SECONDS", value_parser = seconds, help_heading = "Web")]
    pub shutdown_timeout: Duration,

    /// Mail server, smtps://user:password@host or smtp://host?tls=required; without it mail is held and shown at the desk
    #[arg(long, env = "TESSERA_SMTP_URL", global = true, value_name = "URL", value_parser = smtp, hide_env_values = true, help_heading = "Mail")]
    pub smtp_url: Option<Masked>,

    /// Sender of mail, for instance `Tessera <desk@example.com>`; needed with a mail server
    #[arg(long, env = "TESSERA_MAIL_FROM", global = true, value_name = "SENDER", help_heading = "Mail")]
    pub mail_from: Option<String>,

    /// Address of an OpenID Connect provider through which staff sign in; its sign-in counts as both factors, so demand the second one there. The provider must know the address of the desk followed by /desk/oidc/back
    #[arg(long, env = "TESSERA_OIDC_ISSUER", global = true, value_name = "URL", value_parser = issuer, help_heading = "Sign-in")]
    pub oidc_issuer: Option<String>,

    /// What the provider knows this server by
    #[arg(long, env = "TESSERA_OIDC_CLIENT_ID", global = true, value_name = "ID", help_heading = "Sign-in")]
    pub oidc_client_id: Option<String>,

    /// Secret that the provider gave this server
    #[arg(long, env = "TESSERA_OIDC_CLIENT_SECRET", global = true, value_name = "SECRET", hide_env_values = true, value_parser = secret, help_heading = "Sign-in")]
    pub oidc_client_secret: Option<Masked>,

    /// What the provider is called on the page where staff sign in
    #[arg(
        long,
        env = "TESSERA_OIDC_NAME",
        global = true,
        default_value = "single sign-on",
        value_name = "NAME",
        help_heading = "Sign-in"
    )]
    pub oidc_name: String,

    /// Claim in which the provider names a person's groups
    #[arg(
        long,
        env = "TESSERA_OIDC_ROLES_CLAIM",
        global = true,
        default_value = "groups",
        value_name = "CLAIM",
        help_heading = "Sign-in"
    )]
    pub oidc_roles_claim: String,

    /// Roles that follow from groups, such as tessera-admins=admin,editors=editor; people of these groups need no account before they come [default: roles are kept at the desk]
    #[arg(long, env = "TESSERA_OIDC_ROLES", global = true, value_name = "GROUP=ROLE", value_delimiter = ',', value_parser = group_role, help_heading = "Sign-in")]
    pub oidc_roles: Vec<(String, Role)>,

    /// Let staff sign in through the provider alone; `tessera account` still sets passwords, for the day this is turned off again
    #[arg(long, env = "TESSERA_OIDC_ONLY", global = true, value_parser = BoolishValueParser::new(), help_heading = "Sign-in")]
    pub oidc_only: bool,

    /// Where pictures are kept: s3://bucket/prefix with the usual AWS_* variables, or file:///folder [default: `pictures` in the data folder]
    #[arg(long, env = "TESSERA_PICTURES_URL", global = true, value_name = "URL", value_parser = pictures_url, help_heading = "Pictures")]
    pub pictures_url: Option<String>,

    /// Largest picture that can be uploaded, in bytes
    #[arg(long, env = "TESSERA_PICTURE_LIMIT", global = true, default_value = "10485760", value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1024..=268_435_456), help_heading = "Pictures")]
    pub picture_limit: u64,

    /// Serve without working on background jobs
    #[arg(long, env = "TESSERA_NO_WORKER", global = true, value_parser = BoolishValueParser::new(), help_heading = "Jobs")]
    pub no_worker: bool,

    /// Background jobs worked on at once
    #[arg(long, env = "TESSERA_WORKER_CONCURRENCY", global = true, default_value = "4", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Jobs")]
    pub worker_concurrency: u16,

    /// Days for which the runs of background jobs are kept
    #[arg(long, env = "TESSERA_JOB_RUNS_DAYS", global = true, default_value = "30", value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650), help_heading = "Jobs")]
    pub job_runs_days: u16,

    /// Seconds after which a background job that nobody works on raises an alarm
    #[arg(long, env = "TESSERA_ALARM_QUEUE_AGE", global = true, default_value = "600", value_name = "SECONDS", value_parser = seconds, help_heading = "Jobs")]
    pub alarm_queue_age: Duration,

    /// Address that alarms are posted to, as JSON with a `text` [default: they are shown at the desk alone]
    #[arg(long, env = "TESSERA_ALARM_WEBHOOK", global = true, value_name = "URL", hide_env_values = true, help_heading = "Jobs")]
    pub alarm_webhook: Option<WebhookUrl>,

    /// E-mail addresses that alarms are sent to, separated by commas
    #[arg(long, env = "TESSERA_ALARM_MAIL", global = true, value_name = "ADDRESSES", value_delimiter = ',', value_parser = email, help_heading = "Jobs")]
    pub alarm_mail: Vec<String>,

    /// Address of the Prometheus metrics, or `off` [default: 127.0.0.1:9464 if it is free]
    #[arg(long, env = "TESSERA_METRICS_LISTEN", global = true, value_name = "ADDRESS", help_heading = "Logs and metrics")]
    pub metrics_listen: Option<MetricsListen>,

    /// Form of log lines: `text`, `json`, or `auto` for text on a terminal and JSON elsewhere
    #[arg(
        long,
        env = "TESSERA_LOG_FORMAT",
        global = true,
        default_value = "auto",
        value_name = "FORMAT",
        help_heading = "Logs and metrics"
    )]
    pub log_format: LogFormat,

    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,domain=debug`
    #[arg(long, env = "TESSERA_LOG_LEVEL", global = true, default_value = "info", value_name = "LEVEL", value_parser = log_level, help_heading = "Logs and metrics")]
    pub log_level: String,
}

/// Where the metrics are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsListen {
    Off,
    At(SocketAddr),
}

impl FromStr for MetricsListen {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<MetricsListen, Self::Err> {
        if text == "off" { Ok(MetricsListen::Off) } else { text.parse().map(MetricsListen::At) }
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Auto,
    Text,
    Json,
}

impl Settings {
    /// Scheme and host for links, without a slash at the end.
    pub fn public_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// Scheme and host of the desk, without a slash at the end.
    pub fn desk_url(&self) -> String {
        let public = self.public_url();
        match (&self.desk_host, public.split_once("://")) {
            (Some(host), Some((scheme, _))) => format!("{scheme}://{host}"),
            _ => public,
        }
    }

    /// Whether people reach the server over HTTPS, which a proxy in front of it provides.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The way to the mail server; none when none is set.
    pub fn mailer(&self) -> Result<Option<Mailer>, MailError> {
        match (&self.smtp_url, &self.mail_from) {
            (None, _) => Ok(None),
            (Some(url), Some(from)) => Mailer::new(url, from).map(Some),
            (Some(_), None) => {
                let missing =
                    "A mail server is set and no sender: set TESSERA_MAIL_FROM (--mail-from) to the address of the desk.";
                Err(MailError::Settings(missing.to_owned()))
            }
        }
    }

    /// The provider through which staff sign in, if there is one.
    pub fn provider(&self) -> Option<ProviderSettings> {
        Some(ProviderSettings {
            issuer: self.oidc_issuer.clone()?,
            client_id: self.oidc_client_id.clone()?,
            client_secret: self.oidc_client_secret.as_ref().map(|secret| secret.reveal().to_owned()),
            redirect_url: format!("{}{PROVIDER_BACK}", self.desk_url()),
            groups_claim: self.oidc_roles_claim.clone(),
        })
    }

    /// The ways to sign in at the desk.
    pub fn sign_in_ways(&self) -> SignInWays {
        let provider = self.provider().map(|_| self.oidc_name.clone());
        SignInWays { passwords: !self.oidc_only || provider.is_none(), provider }
    }

    /// What is wrong with settings that each may be right, in one sentence.
    pub fn contradiction(&self) -> Option<&'static str> {
        match (&self.oidc_issuer, &self.oidc_client_id) {
            (Some(_), None) => {
                Some("--oidc-issuer (TESSERA_OIDC_ISSUER) needs --oidc-client-id (TESSERA_OIDC_CLIENT_ID) as well.")
            }
            (None, _) if self.oidc_only => {
                Some("--oidc-only (TESSERA_OIDC_ONLY) would let nobody in without --oidc-issuer (TESSERA_OIDC_ISSUER).")
            }
            _ => None,
        }
    }

    /// Where to serve the metrics, and whether that was asked for: the default gives way when it is taken.
    pub fn metrics(&self) -> (Option<SocketAddr>, bool) {
        match self.metrics_listen {
            None => (Some(METRICS), false),
            Some(MetricsListen::Off) => (None, true),
            Some(MetricsListen::At(address)) => (Some(address), true),
        }
    }

    /// Every setting in force under the name of its variable, without secrets.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let optional = |value: &Option<String>, default: &str| value.clone().unwrap_or_else(|| default.to_owned());
        let proxies: Vec<_> = self.trusted_proxies.iter().map(Network::to_string).collect();
        let mapped: Vec<_> = self.oidc_roles.iter().map(|(group, role)| format!("{group}={role}")).collect();
        let data_dir = match &self.data_dir {
            Some(folder) => folder.display().to_string(),
            None => kit::cluster::default_data_dir().map_or_else(|e| e.to_string(), |folder| folder.display().to_string()),
        };
        let programs = self.pg_bin.as_ref().map_or_else(|| "(newest)".to_owned(), |folder| folder.display().to_string());
        vec![
            ("DATABASE_URL", self.database_url.as_ref().map_or_else(|| "(private)".to_owned(), Masked::to_string)),
            ("TESSERA_DATA_DIR", data_dir),
            ("PG_BIN", programs),
            ("TESSERA_POOL_SIZE", self.pool_size.to_string()),
            ("TESSERA_POOL_TIMEOUT", self.pool_timeout.as_secs().to_string()),
            ("TESSERA_STATEMENT_TIMEOUT", self.statement_timeout.as_secs().to_string()),
            ("TESSERA_SECRET_KEY", self.secret_key.as_ref().map_or_else(|| "(in the data folder)".to_owned(), Key::to_string)),
            ("TESSERA_LISTEN", self.listen.to_string()),
            ("TESSERA_PUBLIC_URL", self.public_url()),
            ("TESSERA_DESK_HOST", optional(&self.desk_host, "(any)")),
            ("TESSERA_TRUSTED_PROXIES", if proxies.is_empty() { "(none)".to_owned() } else { proxies.join(",") }),
            ("TESSERA_BODY_LIMIT", self.body_limit.to_string()),
            ("TESSERA_PAGE_CACHE", self.page_cache.to_string()),
            ("TESSERA_REQUEST_TIMEOUT", self.request_timeout.as_secs().to_string()),
            ("TESSERA_SHUTDOWN_TIMEOUT", self.shutdown_timeout.as_secs().to_string()),
            ("TESSERA_SMTP_URL", self.smtp_url.as_ref().map_or_else(|| "(none)".to_owned(), Masked::to_string)),
            ("TESSERA_MAIL_FROM", optional(&self.mail_from, "(none)")),
            ("TESSERA_OIDC_ISSUER", optional(&self.oidc_issuer, "(none)")),
            ("TESSERA_OIDC_CLIENT_ID", optional(&self.oidc_client_id, "(none)")),
            (
                "TESSERA_OIDC_CLIENT_SECRET",
                self.oidc_client_secret.as_ref().map_or_else(|| "(none)".to_owned(), Masked::to_string),
            ),
            ("TESSERA_OIDC_NAME", self.oidc_name.clone()),
            ("TESSERA_OIDC_ROLES_CLAIM", self.oidc_roles_claim.clone()),
            ("TESSERA_OIDC_ROLES", if mapped.is_empty() { "(kept at the desk)".to_owned() } else { mapped.join(",") }),
            ("TESSERA_OIDC_ONLY", self.oidc_only.to_string()),
            ("TESSERA_PICTURES_URL", optional(&self.pictures_url, "(in the data folder)")),
            ("TESSERA_PICTURE_LIMIT", self.picture_limit.to_string()),
            ("TESSERA_NO_WORKER", self.no_worker.to_string()),
            ("TESSERA_WORKER_CONCURRENCY", self.worker_concurrency.to_string()),
            ("TESSERA_JOB_RUNS_DAYS", self.job_runs_days.to_string()),
            ("TESSERA_ALARM_QUEUE_AGE", self.alarm_queue_age.as_secs().to_string()),
            ("TESSERA_ALARM_WEBHOOK", self.alarm_webhook.as_ref().map_or_else(|| "(none)".to_owned(), WebhookUrl::to_string)),
            ("TESSERA_ALARM_MAIL", if self.alarm_mail.is_empty() { "(none)".to_owned() } else { self.alarm_mail.join(",") }),
            ("TESSERA_METRICS_LISTEN", self.metrics().0.map_or_else(|| "off".to_owned(), |address| address.to_string())),
            ("TESSERA_LOG_FORMAT", format!("{:?}", self.log_format).to_lowercase()),
            ("TESSERA_LOG_LEVEL", self.log_level.clone()),
        ]
    }
}

fn masked(text: &str) -> Result<Masked, String> {
    match text.split_once("://") {
        Some(("postgres" | "postgresql", _)) => Ok(Masked::new(text)),
        _ => Err("it must start with postgres://".to_owned()),
    }
}

fn smtp(text: &str) -> Result<Masked, String> {
    match text.split_once("://") {
        Some(("smtp" | "smtps", _)) => Ok(Masked::new(text)),
        _ => Err("it must start with smtp:// or smtps://".to_owned()),
    }
}

/// A text without a scheme is shown as nothing but stars.
fn secret(text: &str) -> Result<Masked, String> {
    match text.contains("://") {
        true => Err("it must be a secret, not an address".to_owned()),
        false => Ok(Masked::new(text)),
    }
}

/// Whoever stands between us and the provider over plain HTTP could say that they are anybody.
fn issuer(text: &str) -> Result<String, String> {
    let refused = || "it must be https:// and a host, or http:// and a loopback address".to_owned();
    let uri: http::Uri = text.parse().map_err(|_| refused())?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(text.to_owned()),
        Some("http") if is_loopback => Ok(text.to_owned()),
        _ => Err(refused()),
    }
}

fn group_role(text: &str) -> Result<(String, Role), String> {
    let (group, role) = text.rsplit_once('=').ok_or_else(|| "it must be a group, `=` and a role".to_owned())?;
    Ok((group.trim().to_owned(), role.parse().map_err(|unknown: model::access::UnknownRole| unknown.to_string())?))
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err("it must be a whole number of seconds above 0".to_owned()),
    }
}

fn email(text: &str) -> Result<String, String> {
    let address = text.trim();
    if model::form::is_email(address) { Ok(address.to_owned()) } else { Err("it must be an e-mail address".to_owned()) }
}

fn public_url(text: &str) -> Result<String, String> {
    let url = text.strip_suffix('/').unwrap_or(text);
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(authority) if is_authority(authority) => Ok(url.to_lowercase()),
        _ => Err("it must be http:// or https:// and a host, and nothing else".to_owned()),
    }
}

fn pictures_url(text: &str) -> Result<String, String> {
    let bucket = text.strip_prefix("s3://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let folder = text.strip_prefix("file://").is_some_and(|rest| rest.starts_with('/'));
    if bucket || folder { Ok(text.to_owned()) } else { Err("it must be s3://bucket/prefix or file:///folder".to_owned()) }
}

fn host(text: &str) -> Result<String, String> {
    if is_authority(text) { Ok(text.to_lowercase()) } else { Err("it must be a host, perhaps with a port".to_owned()) }
}

fn is_authority(text: &str) -> bool {
    !text.is_empty() && !text.contains('@') && text.parse::<http::uri::Authority>().is_ok()
}

fn log_level(text: &str) -> Result<String, String> {
    let known = tracing_subscriber::EnvFilter::builder().parse(text);
    known.map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
