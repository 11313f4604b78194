//! Pages of the member site are rendered once and shown again while nothing that they read has changed.
//!
//! A kept page is shown only at the version of the catalogue that Postgres tells after the request has come, so what is published is
//! there at the next request, on every node; and only until the next moment at which time alone could change it. It belongs to one
//! host and one address. Whoever brings a cookie or says who they are gets a page of their own.

mod gapped;
mod page;
mod versions;

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::catalogue::{self, Version};
use domain::{Actor, Caller, Db};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue, Method};
use metrics::counter;
use model::Timestamp;
use moka::future::Cache;

use self::page::Page;
use self::versions::Versions;
use crate::assets;
use crate::request::Arrival;

/// The pages that are kept, as the router names them. They show everybody the same; of the query they read `member::QUERY` alone.
pub const KEPT: [&str; 4] = ["/", "/offers", "/offers/{address}", "/merchants/{address}"];
/// The longest key, in bytes: nobody comes back to a longer address.
const LONGEST_KEY: usize = 1024;
/// Says in development whether an answer was kept or made.
const SOURCE: HeaderName = HeaderName::from_static("x-page-cache");

/// The kept pages of this process. Clones share them.
#[derive(Clone)]
pub struct PageCache {
    pages: Cache<String, Arc<Page>>,
    versions: Arc<Versions>,
    db: Db,
}

impl PageCache {
    /// Keeps pages of so many bytes in all, those that are asked for most; with 0 every page is rendered anew.
    pub fn new(db: Db, bytes: u64) -> Option<PageCache> {
        let pages = Cache::builder()
            .max_capacity(bytes)
            .weigher(|key: &String, page: &Arc<Page>| u32::try_from(key.len() + page.size()).unwrap_or(u32::MAX))
            .build();
        (bytes > 0).then(|| PageCache { pages, versions: Arc::new(Versions::new(db.clone())), db })
    }
}

/// Answers with a kept page, or with one that is rendered now and kept. Many who ask for the same page at once get it from one
/// rendering.
pub async fn answer(State(cache): State<Option<PageCache>>, request: Request, next: Next) -> Response {
    let Some((cache, key)) = cache.and_then(|cache| Some((cache, key(&request)?))) else { return next.run(request).await };
    // Before the version: a page that is right at this moment is right for this request.
    let at = kit::clock::now();
    let Some(version) = cache.versions.now().await else { return next.run(request).await };
    let fits = |page: &Arc<Page>| page.fits(version, at);
    let takes_gzip = assets::accepts_gzip(request.headers());
    if let Some(answer) = cache.pages.get(&key).await.filter(fits).and_then(|page| page.answer(takes_gzip)) {
        return told(answer, "kept");
    }
    if request.method() == Method::HEAD {
        return next.run(request).await;
    }
    let (mut waiting, mut own) = (Some((request, next)), None);
    let render = async {
        match waiting.take() {
            Some((request, next)) => cache.render(version, at, request, next, &mut own).await,
            None => Arc::new(Page::not_kept(version, at)),
        }
    };
    let page = cache.pages.entry(key).or_insert_with_if(render, |page| !fits(page)).await.into_value();
    let answer = match (own, waiting) {
        (Some(own), _) => own,
        (None, None) => page.answer(takes_gzip).unwrap_or_default(),
        // Somebody else has rendered it.
        (None, Some((request, next))) => match Some(page).filter(fits).and_then(|page| page.answer(takes_gzip)) {
            Some(answer) => return told(answer, "kept"),
            None => next.run(request).await,
        },
    };
    told(answer, "made")
}

impl PageCache {
    /// The page as it is kept. An answer that is not to be kept is left in `own`.
    async fn render(
        &self,
        version: Version,
        at: Timestamp,
        request: Request,
        next: Next,
        own: &mut Option<Response>,
    ) -> Arc<Page> {
        let until = async |op: &mut domain::Op| catalogue::unchanged_until(op, at).await;
        // Without an end it is shown to those alone who wait for it.
        let until = self.db.read(Caller::local(Actor::Nobody), until).await.unwrap_or(at);
        Arc::new(match Page::of(next.run(request).await, version, until).await {
            Ok(page) => page,
            Err(answer) => {
                // A fault is over soon; that an address leads elsewhere or nowhere holds as long as a page does.
                let until = if answer.status().is_server_error() { at } else { until };
                *own = Some(answer);
                Page::not_kept(version, until)
            }
        })
    }
}

fn told(mut answer: Response, source: &'static str) -> Response {
    counter!("member_pages_total", "source" => source).increment(1);
    if cfg!(debug_assertions) {
        answer.headers_mut().insert(SOURCE, HeaderValue::from_static(source));
    }
    answer
}

/// What a page is kept under: all of the request that it may depend on. None for a page that is not kept.
fn key(request: &Request) -> Option<String> {
    let (headers, address) = (request.headers(), request.uri());
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_anonymous = !headers.contains_key(COOKIE) && !headers.contains_key(AUTHORIZATION);
    let route = request.extensions().get::<MatchedPath>()?;
    if !is_read || !is_anonymous || !KEPT.contains(&route.as_str()) {
        return None;
    }
    let host = &request.extensions().get::<Arrival>()?.host;
    let asked = address.query().unwrap_or_default().split('&').filter(|pair| may_be_read(pair));
    let key = [host.as_str(), address.path()].into_iter().chain(asked).collect::<Vec<_>>().join("\n");
    (key.len() <= LONGEST_KEY).then_some(key)
}

/// Whether a page may read this pair of the query. What others put into links to follow people is no part of a page; a name that is
/// written in escapes may be any.
fn may_be_read(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    !is_plain || member::QUERY.contains(&name)
}

#[cfg(test)]
mod tests;
