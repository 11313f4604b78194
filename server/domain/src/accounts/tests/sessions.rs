//! Sessions, told apart and ended one by one.

use super::*;
use model::SessionId;

async fn sessions(db: &Db, id: AccountId, current: &Uuid) -> Vec<(SessionId, String, bool)> {
    let own = db.read(staff(id, &[]), async |op| own_account(op, Some(current.as_bytes())).await).await.unwrap();
    own.sessions.into_iter().map(|session| (session.id, session.device, session.is_this)).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_person_sees_their_sessions_and_ends_one_or_all_others(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = account(&db, "ada@example.com", &[Role::Editor]).await;
    let bob = account(&db, "bob@example.com", &[Role::Editor]).await;
    let (here, there, bobs) = (begin_session(&pool, ada).await, begin_session(&pool, ada).await, begin_session(&pool, bob).await);
    let dated = "update staff_sessions set seen_at = now() - interval '1 hour', agent = 'curl/8' where id = $1";
    sqlx::query(dated).bind(there.as_bytes()).execute(&pool).await.unwrap();
    let shown = sessions(&db, ada, &here).await;
    assert_eq!(shown.iter().map(|(_, _, is_this)| *is_this).collect::<Vec<_>>(), [true, false], "the last used first");
    let foreign = sessions(&db, bob, &bobs).await[0].0;
    let end = async |id: SessionId| db.write(staff(ada, &[]), async |op| end_own_session(op, id).await).await;
    assert_eq!(end(foreign).await, Err(AppError::NotFound));
    assert_eq!([end(shown[1].0).await, end(shown[1].0).await], [Ok(()), Err(AppError::NotFound)]);
    assert_eq!([is_open(&pool, &here).await, is_open(&pool, &there).await, is_open(&pool, &bobs).await], [true, false, true]);

    let kept = db.write(staff(ada, &[]), async |op| end_other_sessions(op).await).await.unwrap();
    assert_eq!(actor(&db, first_session(ada)).await, Ok(Actor::Nobody), "whoever holds an old one is out");
    assert!(matches!(actor(&db, kept).await, Ok(Actor::Staff { .. })));
    begin_session(&pool, ada).await;
    assert!(sessions(&db, ada, &here).await.is_empty(), "one of an earlier epoch opens nothing and is not shown");
    let rows = ["account.session_ended", "account.other_sessions_ended"];
    assert_eq!([audited(&db, rows[0], ada).await, audited(&db, rows[1], ada).await], [1, 1]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn administrators_see_and_end_the_sessions_of_an_account(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = account(&db, "ada@example.com", &[Role::Editor]).await;
    for _ in 0..3 {
        begin_session(&pool, ada).await;
    }
    let editor = || staff(AccountId(Uuid::from_u128(1)), &[Role::Editor]);
    let open = db.read(command_line(), async |op| sessions_of(op, ada).await).await.unwrap();
    let forbidden = [
        db.read(editor(), async |op| sessions_of(op, ada).await.map(drop)).await,
        db.write(editor(), async |op| end_session(op, ada, open[0].id).await).await,
        db.write(editor(), async |op| end_sessions(op, ada).await.map(drop)).await,
    ];
    assert_eq!(forbidden, [const { Err(AppError::Forbidden) }; 3]);
    db.write(command_line(), async |op| end_session(op, ada, open[0].id).await).await.unwrap();
    assert_eq!(db.write(command_line(), async |op| end_sessions(op, ada).await).await, Ok(2));
    assert_eq!([audited(&db, "account.session_ended", ada).await, audited(&db, "account.sessions_ended", ada).await], [1, 1]);
}
