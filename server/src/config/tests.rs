//! Settings as an operator gives them.

use clap::{Args as _, FromArgMatches as _};

use super::*;

fn parse(args: &[&str]) -> Result<Settings, clap::Error> {
    let command = Settings::augment_args(clap::Command::new("tessera"));
    let args = std::iter::once("tessera").chain(args.iter().copied());
    Settings::from_arg_matches(&command.try_get_matches_from(args)?)
}

#[test]
fn every_setting_has_a_variable_a_help_text_and_a_row_in_the_overview() {
    let command = Settings::augment_args(clap::Command::new("tessera"));
    let rows: Vec<_> = parse(&[]).expect("defaults").rows().into_iter().map(|(name, _)| name.to_owned()).collect();
    let mut variables = Vec::new();
    for argument in command.get_arguments() {
        let variable = argument.get_env().expect("a variable").to_string_lossy().into_owned();
        assert!(argument.get_help().is_some_and(|help| !help.to_string().is_empty()), "{variable}");
        variables.push(variable);
    }
    assert_eq!(variables, rows);
}

#[test]
fn a_password_is_in_no_overview() {
    let settings = parse(&["--database-url", "postgres://u:hidden@db/x"]).expect("a URL");
    assert_eq!(settings.rows()[0], ("DATABASE_URL", "postgres://u:***@db/x".to_owned()));
    assert!(!format!("{settings:?}").contains("hidden"));
    let settings = parse(&["--smtp-url", "smtps://u:hidden@mail.example"]).expect("a URL");
    assert!(settings.rows().contains(&("TESSERA_SMTP_URL", "smtps://u:***@mail.example".to_owned())));
    assert!(!format!("{settings:?}").contains("hidden"));
}

#[test]
fn a_mail_server_without_a_sender_is_refused_in_one_sentence() {
    let mailer = |args: &[&str]| parse(args).expect("settings").mailer();
    assert!(mailer(&[]).expect("no mailer").is_none());
    assert!(mailer(&["--smtp-url", "smtp://mail.example", "--mail-from", "Desk <desk@example.com>"]).expect("one").is_some());
    let error = mailer(&["--smtp-url", "smtp://mail.example"]).expect_err("no sender").to_string();
    assert!(error.contains("TESSERA_MAIL_FROM"), "{error}");
}

#[test]
fn a_webhook_is_shown_by_its_host_alone() {
    let settings = parse(&["--alarm-webhook", "https://chat.example/hooks/s3cret"]).expect("a URL");
    let shown = settings.rows().into_iter().find(|(name, _)| *name == "TESSERA_ALARM_WEBHOOK").expect("a row");
    assert_eq!(shown.1, "https://chat.example/***");
    assert!(!format!("{settings:?}").contains("s3cret"));
}

#[test]
fn links_start_with_the_public_url_and_the_desk_has_its_own_host() {
    let plain = parse(&["--listen", "127.0.0.1:4000"]).expect("an address");
    assert_eq!((plain.public_url(), plain.desk_url()), ("http://127.0.0.1:4000".into(), "http://127.0.0.1:4000".into()));
    assert!(!plain.is_https());
    let two = parse(&["--public-url", "https://Offers.example/", "--desk-host", "Desk.example"]).expect("two hosts");
    assert_eq!((two.public_url(), two.desk_url()), ("https://offers.example".into(), "https://desk.example".into()));
    assert!(two.is_https());
}

#[test]
fn bad_values_are_refused() {
    for bad in [
        ["--listen", "3000"],
        ["--metrics-listen", "on"],
        ["--pool-size", "1"],
        ["--public-url", "https://x.example/path"],
        ["--public-url", "ftp://x.example"],
        ["--public-url", "https://a@b"],
        ["--desk-host", "desk/"],
        ["--pictures-url", "/folder"],
        ["--pictures-url", "s3://"],
        ["--picture-limit", "10"],
        ["--trusted-proxies", "10.0.0.0/8,nonsense"],
        ["--database-url", "mysql://x"],
        ["--smtp-url", "https://mail.example"],
        ["--statement-timeout", "0"],
        ["--job-runs-days", "0"],
        ["--alarm-webhook", "chat.example"],
        ["--alarm-mail", "ops@example.com,nobody"],
        ["--log-level", "tessera=loud"],
        ["--secret-key", "c2hvcnQ="],
        ["--oidc-issuer", "http://login.example"],
        ["--oidc-issuer", "login.example"],
        ["--oidc-roles", "admins=owner"],
        ["--oidc-roles", "admins"],
    ] {
        assert!(parse(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn metrics_are_served_on_the_loopback_unless_turned_off() {
    let metrics = |args: &[&str]| parse(args).expect("an address").metrics();
    assert_eq!(metrics(&[]), (Some("127.0.0.1:9464".parse().expect("an address")), false));
    assert_eq!(metrics(&["--metrics-listen", "off"]), (None, true));
    assert_eq!(metrics(&["--metrics-listen", "[::1]:1"]), (Some("[::1]:1".parse().expect("an address")), true));
}

#[test]
fn sign_in_through_a_provider_needs_to_know_it() {
    let whole = ["--oidc-issuer", "https://login.example", "--oidc-client-id", "tessera", "--oidc-name", "Example"];
    let settings = parse(&whole).expect("a provider");
    assert_eq!((settings.sign_in_ways().passwords, settings.sign_in_ways().provider.as_deref()), (true, Some("Example")));
    assert_eq!(settings.provider().expect("a provider").redirect_url, "http://127.0.0.1:3000/desk/oidc/back");
    let only = parse(&[&whole[..], &["--oidc-only", "--oidc-client-secret", "hidden-secret"]].concat()).expect("settings");
    assert!(only.contradiction().is_none() && !only.sign_in_ways().passwords);
    assert!(!format!("{only:?} {:?}", only.rows()).contains("hidden-secret"));
    for lacking in [vec!["--oidc-only"], whole[..2].to_vec()] {
        let settings = parse(&lacking).expect("each is right");
        assert!(settings.contradiction().is_some() && settings.sign_in_ways().passwords, "{lacking:?}");
    }
    let mapped = parse(&["--oidc-roles", "tessera-admins=admin,a=b=editor"]).expect("a mapping");
    assert_eq!(mapped.oidc_roles, [("tessera-admins".to_owned(), Role::Admin), ("a=b".to_owned(), Role::Editor)]);
}
