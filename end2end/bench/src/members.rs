//! Pages of the member site: the start page, the list of 24 offers, and offers.

use anyhow::{Context as _, Result};
use kit::cluster::Cluster;
use model::catalogue::url_escaped;
use model::slug;
use sqlx::PgPool;

use crate::CALM;
use crate::load::{Measured, Pace, Pages, measure as load};
use crate::pgbench;
use crate::program::Program;
use crate::report::{Aim, Parts, Report};
use crate::statement::{CATEGORIES, NEWEST};

/// Offers whose pages are asked for in turn.
const OFFERS: i64 = 200;

fn one(path: &str, text: &str) -> Pages {
    Pages { pages: vec![(path.to_owned(), text.to_owned())], cookie: None }
}

/// The list with fixed data.
pub fn fixed() -> Pages {
    one("/offers", "aria-label=\"Pages\"")
}

/// Measures the pages of one server; `how` says in the report what is particular about it.
pub async fn measure(report: &mut Report, pace: Pace, server: &Program, pool: &PgPool, how: &str) -> Result<()> {
    // In the middle of the first page, where it stays while a few offers begin and end.
    let listed = live(pool, "", 24).await?.into_iter().nth(12).context("fewer than 13 live offers")?;
    let offers = live(pool, "and l.shown_until > now() + interval '1 hour'", OFFERS).await?;
    let offers = offers.into_iter().map(|path| (path.clone(), path)).collect();
    for (name, pages) in [
        ("Member home", one("/", "id=\"new\"")),
        ("Page of 24 offers", one("/offers", &listed)),
        ("Offer page, 200 offers in turn", Pages { pages: offers, cookie: None }),
    ] {
        let measured = load(pace, server.address, pages).await?;
        report.add(&format!("{name}{how}"), measured, Aim::HalfOfBare);
    }
    Ok(())
}

/// Measures searches: words that many offers hold, words that few hold together, one that none holds; and near a place.
pub async fn searches(report: &mut Report, pace: Pace, anew: &Program) -> Result<()> {
    let card = "href=\"/offers/";
    for (name, query, text) in [
        ("pizza", "q=pizza", card),
        ("free coffee", "q=free+coffee", card),
        ("sushi dinner", "q=sushi+dinner", card),
        ("xylophone", "q=xylophone", "No offers were found"),
        ("near 10001", "near=10001", card),
        ("pizza near 10001", "q=pizza&near=10001", card),
        ("free coffee near 10001", "q=free+coffee&near=10001", card),
    ] {
        let pages = one(&format!("/offers?{query}"), text);
        let measured = load(Pace { connections: CALM, ..pace }, anew.address, pages).await?;
        report.add(&format!("Search of members, {name}, rendered anew, {CALM} at once"), measured, Aim::None);
    }
    Ok(())
}

/// Paths of the newest live offers.
async fn live(pool: &PgPool, condition: &'static str, limit: i64) -> Result<Vec<String>> {
    let sql = format!(
        "select l.headline, l.short_id from listings l join merchants m on m.id = l.merchant_id
         where l.client_id is null and m.status = 'active' and m.archived_at is null and l.shown_from <= now()
           and l.shown_until > now() {condition} order by l.shown_from desc, l.priority desc, l.publication_id desc limit $1"
    );
    let rows: Vec<(String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(pool).await?;
    let path = |(headline, short_id): (String, String)| format!("/offers/{}", url_escaped(&slug::address(&headline, &short_id)));
    Ok(rows.into_iter().map(path).collect())
}

/// Where the time of one page of 24 goes, with one connection, so that nobody waits for anybody.
pub async fn parts(server: &Program, beside: &Program, cluster: &Cluster, url: &str) -> Result<Parts> {
    let pace = Pace { connections: 1, time: std::time::Duration::from_secs(2) };
    let mean = |measured: Measured| measured.mean;
    let statement = async |sql: &str| pgbench::measure(cluster, url, pace, sql).await.ok().map(mean);
    Ok(Parts {
        page: mean(load(pace, server.address, one("/offers", "</html>")).await?),
        http: mean(load(pace, server.address, one("/healthz", "lives")).await?),
        fixed: mean(load(pace, beside.address, fixed()).await?),
        query: statement(NEWEST).await.zip(statement(CATEGORIES).await).map(|(newest, categories)| newest + categories),
    })
}

/// The time as Postgres reads it.
pub fn now() -> String {
    kit::clock::now().format("%Y-%m-%d %H:%M:%S+00").to_string()
}
