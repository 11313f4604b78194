//! Whose account an identity is, and which roles follow.

use super::*;
use kit::seal::Key;
use model::sign_in::RoleMapping;

fn mapping() -> RoleMapping {
    RoleMapping(vec![("chiefs".into(), Role::Admin), ("writers".into(), Role::Editor)])
}

fn identity(subject: &str, email: Option<&str>, groups: &[&str]) -> Identity {
    Identity {
        issuer: "https://login.example".into(),
        subject: subject.into(),
        email: email.map(str::to_owned),
        name: Some("Ada Example".into()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

async fn come(db: &Db, identity: &Identity, mapping: &RoleMapping) -> std::result::Result<SignedIn, AppError> {
    db.write(at("192.0.2.1"), async |op| sign_in_by_provider(op, identity, mapping).await).await?
}

async fn roles(db: &Db, id: AccountId) -> Vec<Role> {
    db.read(command_line(), async |op| read(op, id).await).await.unwrap().account.roles
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_is_bound_once_by_its_verified_address_and_then_by_the_identity(pool: PgPool) {
    let db = Db::new(pool);
    let ada = account(&db, "ada@example.com", &[Role::Editor]).await;
    let kept = RoleMapping::default();
    let unverified = come(&db, &identity("1", None, &[]), &kept).await;
    assert_eq!(unverified, refused(AccountRefusal::ProviderUnknown));
    let signed_in = come(&db, &identity("1", Some("Ada@Example.com"), &[]), &kept).await.unwrap();
    assert_eq!((signed_in.account, signed_in.by_provider), (ada, true));
    assert_eq!(roles(&db, ada).await, [Role::Editor], "without a mapping roles are kept here");
    let moved = come(&db, &identity("1", Some("new@example.com"), &[]), &kept).await;
    assert_eq!(moved.map(|session| session.account), Ok(ada), "the address counts once");
    let second = come(&db, &identity("2", Some("ada@example.com"), &[]), &kept).await;
    assert_eq!(second, refused(AccountRefusal::ProviderUnknown), "whoever gets the address later gets no account with it");
    let stranger = come(&db, &identity("3", Some("new@example.com"), &["chiefs"]), &kept).await;
    assert_eq!(stranger, refused(AccountRefusal::ProviderUnknown));
    assert_eq!([audited(&db, "account.provider_bound", ada).await, audited(&db, "account.signed_in", ada).await], [1, 2]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn roles_follow_the_groups_at_each_sign_in_and_who_has_none_left_is_out(pool: PgPool) {
    let db = Db::new(pool.clone());
    account(&db, "admin@example.com", &[Role::Admin]).await;
    let nobody = come(&db, &identity("1", Some("ada@example.com"), &["other"]), &mapping()).await;
    assert_eq!(nobody, refused(AccountRefusal::ProviderNoRole));
    assert!(db.read(command_line(), async |op| find(op, "ada@example.com").await).await.is_err(), "no account was added");

    let ada = come(&db, &identity("1", Some("ada@example.com"), &["writers"]), &mapping()).await.unwrap().account;
    assert_eq!(roles(&db, ada).await, [Role::Editor]);
    come(&db, &identity("1", None, &["chiefs", "writers"]), &mapping()).await.unwrap();
    assert_eq!(roles(&db, ada).await, [Role::Admin, Role::Editor]);

    let session = begin_session(&pool, ada).await;
    assert_eq!(come(&db, &identity("1", None, &[]), &mapping()).await, refused(AccountRefusal::ProviderNoRole));
    assert_eq!((roles(&db, ada).await, is_open(&pool, &session).await), (vec![], false));
    assert_eq!([audited(&db, "account.added", ada).await, audited(&db, "account.roles_changed", ada).await], [1, 2]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_groups_cannot_take_the_last_administrator_away(pool: PgPool) {
    let db = Db::new(pool);
    let only = come(&db, &identity("1", Some("ada@example.com"), &["chiefs"]), &mapping()).await.unwrap().account;
    let demoted = come(&db, &identity("1", None, &["writers"]), &mapping()).await;
    assert_eq!((demoted, roles(&db, only).await), (refused(AccountRefusal::LastAdmin), vec![Role::Admin]));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_disabled_account_stays_out(pool: PgPool) {
    let db = Db::new(pool);
    account(&db, "admin@example.com", &[Role::Admin]).await;
    let ada = come(&db, &identity("1", Some("ada@example.com"), &["writers"]), &mapping()).await.unwrap().account;
    db.write(command_line(), async |op| disable(op, ada).await).await.unwrap();
    let refusal = come(&db, &identity("1", Some("ada@example.com"), &["writers"]), &mapping()).await;
    assert_eq!(refusal, refused(AccountRefusal::ShutOut));
    assert_eq!(audited(&db, "account.provider_sign_in_refused", ada).await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sign_in_comes_back_from_the_provider_once_and_in_time(pool: PgPool) {
    let db = Db::new(pool.clone()).with_key(Key::random());
    let journey = Journey { nonce: "a nonce".into(), verifier: "a verifier".into(), next: "/desk/offers".into() };
    let send =
        async |state: &str| db.write(at("192.0.2.1"), async |op| send_to_provider(op, state, &journey).await).await.unwrap();
    let receive = async |state: &str| db.write(at("192.0.2.1"), async |op| receive_from_provider(op, state).await).await;
    send("one").await.unwrap();
    send("late").await.unwrap();
    sqlx::query("update provider_sign_ins set expires_at = now() where state_hash = $1")
        .bind(kit::secret::sha256("late"))
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(receive("one").await, Ok(journey.clone()));
    for state in ["one", "late", "another"] {
        assert_eq!(receive(state).await, refused(AccountRefusal::ProviderStale), "{state}");
    }
    for _ in 2..60 {
        send(&kit::secret::token()).await.unwrap();
    }
    assert!(matches!(send("too many").await, Err(AppError::TooMany { .. })), "strangers fill no table");
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_is_tied_to_the_provider_is_told_gets_no_password_and_can_be_untied(pool: PgPool) {
    let db = Db::new(pool.clone());
    let told = async |kind: &str| -> i64 {
        sqlx::query_scalar("select count(*) from mails where kind = $1").bind(kind).fetch_one(&pool).await.unwrap()
    };
    let admin = account(&db, "admin@example.com", &[Role::Admin]).await;
    come(&db, &identity("1", Some("admin@example.com"), &["chiefs"]), &mapping()).await.unwrap();
    assert_eq!(told("second_factor_changed").await, 1, "from now on the provider opens the account");

    let ada = come(&db, &identity("2", Some("ada@example.com"), &["writers"]), &mapping()).await.unwrap().account;
    assert_eq!(told("second_factor_changed").await, 1, "a new account has nobody to be told");
    db.write(Caller::local(Actor::Server), async |op| send_reset(op, "ada@example.com", DESK).await).await.unwrap();
    assert_eq!(told("invitation").await, 0, "a password of their own would outlast the provider's word");

    let renewed = identity("3", Some("ada@example.com"), &["writers"]);
    assert_eq!(come(&db, &renewed, &mapping()).await, refused(AccountRefusal::ProviderUnknown));
    let session = begin_session(&pool, ada).await;
    let editor = db.write(staff(ada, &[Role::Editor]), async |op| untie_from_provider(op, ada).await).await;
    assert_eq!(editor, Err(AppError::Forbidden));
    db.write(staff(admin, &[Role::Admin]), async |op| untie_from_provider(op, ada).await).await.unwrap();
    assert_eq!((is_open(&pool, &session).await, audited(&db, "account.provider_unbound", ada).await), (false, 1));
    assert_eq!(come(&db, &renewed, &mapping()).await.map(|session| session.account), Ok(ada));
}
