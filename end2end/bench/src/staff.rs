//! The desk: its list of offers, saves of drafts, and publishing; by the demo's staff, who sign in as people do.

use std::net::SocketAddr;

use anyhow::{Result, bail, ensure};
use api::offers::{EndOffer, ListOffers, LoadOffer, PublishOffer, SaveOffer};
use http::Request;
use http::header::SET_COOKIE;
use http_body_util::Full;
use hyper::body::Bytes;
use model::catalogue::url_escaped;
use model::conflict::Choices;
use model::offers::{Offer, OfferQuery, OfferRow, PublishForm};
use model::{Cursor, OfferId, Page, PublicationId, RevisionId, slug};
use serde::Serialize;
use server_fn::ServerFn;
use sqlx::PgPool;
use sqlx::types::Uuid;

use crate::CALM;
use crate::load::{Answer, Client, Pace, Pages, Work, call, get, measure};
use crate::program::Program;
use crate::report::{Aim, Report};

/// The page of the list that is walked to.
const FAR: usize = 1000;
/// Drafts that are read before they are saved under load.
const SAVES: i64 = 4000;
/// Offers that are published under load.
const PUBLISHED: usize = 1500;
/// Offers that are published one after the other, each looked for at once.
const LOOKED_FOR: usize = 100;

/// The desk, with those who work at it signed in.
pub struct Desk {
    address: SocketAddr,
    pool: PgPool,
    client: Client,
    editor: String,
    campaigns: String,
}

/// A revision that can be published.
struct Approved {
    offer: OfferId,
    revision: RevisionId,
    /// Of its page on the member site.
    path: String,
}

fn arguments(of: &impl Serialize) -> Result<String> {
    Ok(serde_qs::to_string(of)?)
}

impl Desk {
    pub async fn open(server: &Program, pool: &PgPool, password: &str) -> Result<Desk> {
        let mut client = Client::connect(server.address).await?;
        let editor = sign_in(&mut client, "editor@demo.example", password).await?;
        let campaigns = sign_in(&mut client, "campaigns@demo.example", password).await?;
        Ok(Desk { address: server.address, pool: pool.clone(), client, editor, campaigns })
    }

    /// The list's first page, one far behind it, a filtered and a searched one: as pages, and as the data that a browser with
    /// scripts asks for when it goes from one to the next.
    pub async fn measure_lists(&mut self, report: &mut Report, pace: Pace) -> Result<()> {
        let (far, after) = self.walk().await?;
        let lists = [
            ("first page".to_owned(), OfferQuery::default()),
            (format!("page {far}"), OfferQuery { after, ..OfferQuery::default() }),
            ("filtered".to_owned(), OfferQuery { publication: "live".into(), ..OfferQuery::default() }),
            ("searched".to_owned(), OfferQuery { q: "pizza".into(), ..OfferQuery::default() }),
        ];
        for (name, query) in &lists {
            let path = format!("/desk/offers?{}", arguments(query)?);
            // Ids begin with the time, and all of this age begin so.
            let pages = || Pages { pages: vec![(path.clone(), "/desk/offers/01".to_owned())], cookie: Some(self.editor.clone()) };
            report.add(&format!("Staff list, {name}, whole page"), measure(pace, self.address, pages()).await?, Aim::StaffList);
            let calm = measure(Pace { connections: CALM, ..pace }, self.address, pages()).await?;
            report.add(&format!("Staff list, {name}, whole page, {CALM} at once"), calm, Aim::StaffList);
        }
        for (name, query) in lists {
            let (arguments, cookie) = (arguments(&ListOffers { query })?, self.editor.clone());
            let calls = || Calls {
                calls: vec![(<ListOffers as ServerFn>::PATH, arguments.clone())],
                again: true,
                cookie: cookie.clone(),
                text: "\"headline\":",
            };
            report.add(&format!("Staff list, {name}, data"), measure(pace, self.address, calls()).await?, Aim::StaffList);
            let calm = measure(Pace { connections: CALM, ..pace }, self.address, calls()).await?;
            report.add(&format!("Staff list, {name}, data, {CALM} at once"), calm, Aim::StaffList);
        }
        Ok(())
    }

    /// Goes from page to page as far as wanted, or to the last one; returns its number and its cursor.
    async fn walk(&mut self) -> Result<(usize, String)> {
        let (mut number, mut after) = (1, String::new());
        while number < FAR {
            let query = OfferQuery { after: after.clone(), ..OfferQuery::default() };
            let page: Page<OfferRow> = self.ask(<ListOffers as ServerFn>::PATH, &ListOffers { query }, false).await?.json()?;
            let Some(Cursor(next)) = page.next else { break };
            (number, after) = (number + 1, next);
        }
        Ok((number, after))
    }

    /// Saves of drafts, each of another offer.
    pub async fn measure_saves(&mut self, report: &mut Report, pace: Pace) -> Result<()> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select o.id from offers o join merchants m on m.id = o.merchant_id
             where o.archived_at is null and m.archived_at is null and m.status <> 'closed' order by o.short_id limit $1",
        )
        .bind(SAVES)
        .fetch_all(&self.pool)
        .await?;
        let mut calls = Vec::new();
        for id in ids.into_iter().map(OfferId) {
            let offer: Offer = self.ask(<LoadOffer as ServerFn>::PATH, &LoadOffer { id }, false).await?.json()?;
            let mut form = offer.draft;
            form.summary =
                format!("{} Saved as version {}.", form.summary.split(" Saved as").next().unwrap_or_default(), offer.version.0);
            let save = SaveOffer { id, seen: offer.version, form, choices: Choices::default(), send: false };
            calls.push((<SaveOffer as ServerFn>::PATH, arguments(&save)?));
        }
        let calls = Calls { calls, again: false, cookie: self.editor.clone(), text: "\"version\":" };
        report.add("Save of a draft", measure(pace, self.address, calls).await?, Aim::None);
        Ok(())
    }

    /// Publishing: under load, and looked for at once. What was published is ended again, for the next run.
    pub async fn measure_publishing(&mut self, report: &mut Report, pace: Pace) -> Result<()> {
        let mut approved = self.approved().await?;
        let look = approved.split_off(approved.len().saturating_sub(LOOKED_FOR));
        let mut seen = 0;
        for one in &look {
            seen += usize::from(self.is_seen_at_once(one).await?);
        }
        report.visible(seen, look.len());
        if !approved.is_empty() {
            let publish = |one: &Approved| Ok((<PublishOffer as ServerFn>::PATH, arguments(&publication(one))?));
            let calls = approved.iter().map(publish).collect::<Result<_>>()?;
            let calls = Calls { calls, again: false, cookie: self.campaigns.clone(), text: "null" };
            report.add("Publish an approved revision", measure(pace, self.address, calls).await?, Aim::None);
        }
        self.end(&[approved, look].concat_ids()).await
    }

    async fn approved(&self) -> Result<Vec<Approved>> {
        let rows: Vec<(Uuid, Uuid, String, String)> = sqlx::query_as(
            "select o.id, r.id, r.snapshot->'texts'->>'headline', o.short_id
             from offer_revisions r join offers o on o.id = r.offer_id join merchants m on m.id = o.merchant_id
             where r.state = 'approved' and o.archived_at is null and m.status = 'active' and m.archived_at is null
               and o.client_id is null
               and coalesce((r.snapshot->'validity'->>'until')::timestamp, 'infinity') > now() + interval '2 days'
               and not exists (select from publications p where p.offer_id = o.id and p.state in ('scheduled', 'live', 'paused'))
             order by o.short_id limit $1",
        )
        .bind((PUBLISHED + LOOKED_FOR) as i64)
        .fetch_all(&self.pool)
        .await?;
        let path = |headline: &str, short_id: &str| format!("/offers/{}", url_escaped(&slug::address(headline, short_id)));
        let approved = |(offer, revision, headline, short_id): (Uuid, Uuid, String, String)| Approved {
            offer: OfferId(offer),
            revision: RevisionId(revision),
            path: path(&headline, &short_id),
        };
        ensure!(!rows.is_empty(), "there is nothing to publish");
        Ok(rows.into_iter().map(approved).collect())
    }

    /// Looks for an offer, publishes it, and looks again: at its page and at the head of the list.
    async fn is_seen_at_once(&mut self, one: &Approved) -> Result<bool> {
        let before = self.look(&one.path).await?;
        let list_before = self.look("/offers").await?;
        let published = self.ask(<PublishOffer as ServerFn>::PATH, &publication(one), true).await?;
        ensure!(published.status.is_success(), "publishing: {} {:?}", published.status, published.body);
        let (page, list) = (self.look(&one.path).await?, self.look("/offers").await?);
        Ok(before.status == 404 && !list_before.holds(&one.path) && page.holds(&one.path) && list.holds(&one.path))
    }

    async fn look(&mut self, path: &str) -> Result<Answer> {
        self.client.send(get(path, None).body(Full::default())?).await
    }

    async fn end(&mut self, offers: &[Uuid]) -> Result<()> {
        let live: Vec<(Uuid, Uuid)> =
            sqlx::query_as("select offer_id, id from publications where offer_id = any($1) and state in ('live', 'scheduled')")
                .bind(offers)
                .fetch_all(&self.pool)
                .await?;
        for (offer, publication) in live {
            let end = EndOffer { id: OfferId(offer), publication: PublicationId(publication) };
            let ended = self.ask(<EndOffer as ServerFn>::PATH, &end, true).await?;
            ensure!(ended.status.is_success(), "ending: {} {:?}", ended.status, ended.body);
        }
        Ok(())
    }

    async fn ask(&mut self, path: &str, with: &impl Serialize, publishes: bool) -> Result<Answer> {
        let cookie = if publishes { &self.campaigns } else { &self.editor };
        self.client.send(call(path, arguments(with)?, Some(cookie))).await
    }
}

fn publication(one: &Approved) -> PublishOffer {
    PublishOffer { id: one.offer, revision: one.revision, window: PublishForm::default() }
}

trait Ids {
    fn concat_ids(&self) -> Vec<Uuid>;
}

impl Ids for [Vec<Approved>; 2] {
    fn concat_ids(&self) -> Vec<Uuid> {
        self.iter().flatten().map(|one| one.offer.0).collect()
    }
}

/// Signs in by the form's own way and returns the session's cookie.
async fn sign_in(client: &mut Client, email: &str, password: &str) -> Result<String> {
    let form = api::accounts::SignIn { email: email.to_owned(), password: password.to_owned(), next: String::new() };
    let form = serde_qs::to_string(&form)?;
    let answer = client.send(call(<api::accounts::SignIn as ServerFn>::PATH, form, None)).await?;
    let cookie = answer.headers.get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned));
    match cookie {
        Some(cookie) => Ok(cookie),
        None => {
            bail!("{email} cannot sign in: {} {:?}. Was the folder loaded with another password?", answer.status, answer.body)
        }
    }
}

/// Calls of server functions: one again and again, or each once.
struct Calls {
    calls: Vec<(&'static str, String)>,
    again: bool,
    cookie: String,
    /// What each answer must hold.
    text: &'static str,
}

impl Work for Calls {
    fn ask(&self, n: u64) -> Option<Request<Full<Bytes>>> {
        let n = if self.again { n as usize % self.calls.len() } else { n as usize };
        let (path, arguments) = self.calls.get(n)?;
        Some(call(path, arguments.clone(), Some(&self.cookie)))
    }

    fn is_right(&self, _n: u64, answer: &Answer) -> bool {
        answer.holds(self.text)
    }
}
