//! `tessera account`: the first account, and the way in when nobody can sign in.

use clap::Subcommand;
use domain::{Actor, Caller, Db, Op, accounts};
use model::{
    AccountId, AppError,
    accounts::{Account, AccountForm, AccountQuery, PasswordLink},
    sign_in::{DemandForm, OpenSession, SignInWays},
    time::exact,
};

use super::{Failure, Start};
use crate::config::Settings;

/// What can be done to accounts from a shell.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an account and print the link by which its person sets a password
    Add {
        /// E-mail address to sign in with
        email: String,
        /// What the account may do: admin, editor, reviewer, campaign_manager, analyst or support; may be repeated
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Name of the person [default: what stands before the @]
        #[arg(long)]
        name: Option<String>,
        /// Read the password from the standard input and print no link
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all accounts by name
    List,
    /// Shut an account out and end its sessions
    Disable { email: String },
    /// Let a disabled account sign in again
    Enable { email: String },
    /// Print a new link by which an account's person sets a password
    PasswordLink { email: String },
    /// Take away the second factor of somebody who lost theirs
    RemoveSecondFactor { email: String },
    /// Untie an account from whom it is at the provider of sign-in: the next sign-in there with its address ties it anew
    UntieFromProvider { email: String },
    /// Say which roles demand a second factor
    DemandSecondFactor {
        /// A role that demands it; may be repeated; without any, none does
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
    },
    /// List the browsers in which an account is signed in
    Sessions { email: String },
    /// Sign an account out everywhere
    EndSessions { email: String },
}

/// Does it and prints what came of it.
pub async fn keep(settings: Settings, command: Command) -> Result<(), Failure> {
    let (desk_url, ways) = (settings.desk_url(), settings.sign_in_ways());
    let start = Start::begin(settings).await?;
    let done = obey(&Db::new(start.pool.clone()).with_key(start.key.clone()), command, &desk_url, &ways).await;
    start.end().await?;
    Ok(done?)
}

async fn obey(db: &Db, command: Command, desk_url: &str, ways: &SignInWays) -> Result<(), Refused> {
    let caller = Caller::local(Actor::CommandLine);
    match command {
        Command::Add { email, roles, name, password_stdin } => {
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            let form = AccountForm { name, email, roles };
            if password_stdin {
                accounts::add_with_password(db, caller, &form, &read_password()?).await?;
                println!("{} can sign in at {desk_url}/desk.", form.email);
            } else {
                let (_, link) = db.write(caller, async |op| accounts::add(op, &form, desk_url, ways).await).await?;
                print_link(&link);
            }
        }
        Command::List => list(db, caller).await?,
        Command::Disable { email } => {
            with_account(db, &email, accounts::disable).await?;
            println!("{email} is disabled and signed out everywhere.");
        }
        Command::Enable { email } => {
            with_account(db, &email, accounts::enable).await?;
            println!("{email} can sign in again.");
        }
        Command::PasswordLink { email } => {
            print_link(&with_account(db, &email, async |op, id| accounts::make_password_link(op, id, desk_url).await).await?);
        }
        Command::RemoveSecondFactor { email } => {
            with_account(db, &email, accounts::remove_second_factor).await?;
            println!("{email} signs in by password alone.");
        }
        Command::UntieFromProvider { email } => {
            with_account(db, &email, accounts::untie_from_provider).await?;
            println!("{email} is tied to nobody at the provider.");
        }
        Command::DemandSecondFactor { roles } => {
            let form = DemandForm { roles };
            db.write(caller, async |op| accounts::demand_second_factor(op, &form).await).await?;
            match form.roles.as_slice() {
                [] => println!("No role demands a second factor."),
                roles => println!("A second factor is demanded of: {}.", roles.join(", ")),
            }
        }
        Command::Sessions { email } => {
            with_account(db, &email, accounts::sessions_of).await?.iter().for_each(print_session);
        }
        Command::EndSessions { email } => {
            println!("{email} is signed out of {} browsers.", with_account(db, &email, accounts::end_sessions).await?);
        }
    }
    Ok(())
}

/// Does something with the account that signs in with this address.
async fn with_account<T>(
    db: &Db,
    email: &str,
    act: impl AsyncFnOnce(&mut Op, AccountId) -> domain::Result<T>,
) -> Result<T, AppError> {
    db.write(Caller::local(Actor::CommandLine), async |op| {
        let id = accounts::find(op, email).await?;
        act(op, id).await
    })
    .await
}

async fn list(db: &Db, caller: Caller) -> Result<(), AppError> {
    let mut query = AccountQuery::default();
    loop {
        let page = db.read(caller.clone(), async |op| accounts::list(op, &query).await).await?;
        page.items.iter().for_each(print_account);
        match page.next {
            Some(next) => query.after = next.0,
            None => return Ok(()),
        }
    }
}

fn print_account(account: &Account) {
    let state = match account {
        Account { disabled_at: Some(_), .. } => "disabled",
        Account { has_password: false, .. } => "no password",
        _ => "active",
    };
    let roles = account.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(",");
    let factor = if account.has_second_factor { "second factor" } else { "" };
    let last = account.last_sign_in_at.map_or_else(|| "never".to_owned(), exact);
    println!("{:<32} {:<24} {state:<12} {last:<22} {factor:<14} {roles}", account.email, account.name);
}

fn print_session(session: &OpenSession) {
    let OpenSession { device, address, begun_at, seen_at, .. } = session;
    println!("{device:<32} {address:<40} since {}, last used {}", exact(*begun_at), exact(*seen_at));
}

fn print_link(link: &PasswordLink) {
    println!("{}", link.url);
    println!("Whoever opens it sets the password of {}. It works once, until {}.", link.email, exact(link.expires_at));
}

fn read_password() -> Result<String, Refused> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Refused(format!("The password could not be read: {error}.")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Why it was not done, in the words of the desk.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(match error {
            AppError::Invalid(errors) => errors.0.into_iter().map(|e| e.message).collect::<Vec<_>>().join(" "),
            AppError::NotFound => "There is no account with this e-mail address.".to_owned(),
            other => other.to_string(),
        })
    }
}
