//! The version of what members see: another one after each change, and only then.

use super::world::*;
use crate::{Actor, Caller, catalogue};
use chrono::TimeDelta;
use sqlx::PgPool;
use std::{collections::BTreeSet, fs, path::Path};

/// Tables that pages read and that have no version: what a page can see in them never changes. A picture's row is written before
/// anything refers to it, and taken away when nothing does.
const UNCHANGING: [&str; 2] = ["offer_revisions", "pictures"];

/// The tables behind `from` and `join` in the sources of a module.
fn read_by(module: &str) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path).unwrap();
                let words: Vec<&str> = text.split_whitespace().collect();
                let after = words.windows(2).filter(|pair| matches!(pair[0].trim_start_matches(['"', '(']), "from" | "join"));
                tables.extend(after.map(|pair| pair[1].trim_end_matches([',', ')', ';', '"']).to_owned()));
            }
        }
    }
    tables
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_table_that_members_pages_read_renews_the_version(pool: PgPool) {
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'").fetch_all(&pool).await.unwrap();
    let guarded: Vec<String> =
        sqlx::query_scalar("select tgrelid::regclass::text from pg_trigger where tgname = 'note_catalogue_change'")
            .fetch_all(&pool)
            .await
            .unwrap();
    let mut read = read_by("catalogue");
    // What pages ask of other modules.
    read.extend(read_by("categories"));
    read.extend(["postal_codes", "merchants", "brands"].map(str::to_owned));
    read.retain(|name| tables.contains(name) && name != "catalogue_versions" && !UNCHANGING.contains(&name.as_str()));
    assert!(read.len() >= 8, "the statements were not found: {read:?}");
    let forgotten: Vec<_> = read.iter().filter(|table| !guarded.contains(table)).collect();
    assert!(forgotten.is_empty(), "a change of these would not be seen on a kept page: {forgotten:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_change_counts_when_it_is_committed_and_only_then(pool: PgPool) {
    let world = World::new(pool.clone());
    let merchant = world.merchant("Shop").await;
    let version = async || world.read(async |op| catalogue::version(op).await).await.unwrap();
    let first = version().await;
    assert_eq!(version().await, first, "nothing has changed");

    // Two transactions: what began first ends last, and each is told apart.
    let rename = "update merchants set name = name || '!'";
    let mut early = pool.begin().await.unwrap();
    sqlx::query("update merchants set name = 'Early' where name = 'nobody'").execute(&mut *early).await.unwrap();
    world.publish(live(content(merchant, "Late"))).await;
    let second = version().await;
    assert_ne!(second, first);
    early.commit().await.unwrap();
    let third = version().await;
    assert!(third != second && third != first, "{third:?}");

    let mut undone = pool.begin().await.unwrap();
    sqlx::query(rename).execute(&mut *undone).await.unwrap();
    assert_eq!(version().await, third, "it is not committed");
    undone.rollback().await.unwrap();
    assert_eq!(version().await, third, "it never was");

    let mut half = pool.begin().await.unwrap();
    sqlx::query("savepoint a").execute(&mut *half).await.unwrap();
    sqlx::query(rename).execute(&mut *half).await.unwrap();
    sqlx::query("rollback to a").execute(&mut *half).await.unwrap();
    sqlx::query(rename).execute(&mut *half).await.unwrap();
    half.commit().await.unwrap();
    let fourth = version().await;
    assert_ne!(fourth, third, "what was changed after the savepoint counts");

    sqlx::query("update offers set headline = 'another draft'").execute(&pool).await.unwrap();
    assert_eq!(version().await, fourth, "members see no drafts");
}

#[sqlx::test(migrations = "../../migrations")]
async fn changes_do_not_wait_for_each_other_before_they_commit(pool: PgPool) {
    let world = World::new(pool.clone());
    world.merchant("One").await;
    world.merchant("Two").await;
    // More transactions than there are rows of versions, all open at once.
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut transaction = pool.acquire().await.unwrap().detach();
        sqlx::query("begin").execute(&mut transaction).await.unwrap();
        sqlx::query("set local lock_timeout = '5s'").execute(&mut transaction).await.unwrap();
        sqlx::query("update merchants set name = name where false").execute(&mut transaction).await.unwrap();
        open.push(transaction);
    }
    for mut transaction in open {
        sqlx::query("commit").execute(&mut transaction).await.unwrap();
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn pages_stay_as_they_are_until_a_listing_begins_or_ends_or_the_minute_is_over(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Shop").await;
    let until = async |at| world.read(async |op| catalogue::unchanged_until(op, at).await).await.unwrap();
    let at = "2030-06-01T12:00:10Z".parse().unwrap();
    let second = |n| at + TimeDelta::seconds(n);
    world.publish(live(content(merchant, "No end"))).await;
    assert_eq!(until(at).await, second(50));
    world.publish(Published { until: Some(second(30)), ..live(content(merchant, "Ends")) }).await;
    assert_eq!(until(at).await, second(30));
    world.publish(Published { from: second(20), ..live(content(merchant, "Starts")) }).await;
    assert_eq!(until(at).await, second(20));
    assert_eq!(
        [until(second(20)).await, until(second(30)).await, until(second(50)).await],
        [second(30), second(50), second(110)]
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_bulk_change_counts_once(pool: PgPool) {
    let world = World::new(pool.clone());
    let change = async |op: &mut crate::Op| {
        for _ in 0..50 {
            sqlx::query("update categories set name = name").execute(op.conn()).await?;
        }
        let waiting: i64 = sqlx::query_scalar("select count(*) from catalogue_changes").fetch_one(op.conn()).await?;
        assert_eq!(waiting, 1);
        Ok(())
    };
    world.db.write(Caller::local(Actor::Server), change).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from catalogue_changes").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}
