//! What search engines ask a site for: `robots.txt`, and the addresses that are worth a visit.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::catalogue::{self, SiteMap, SiteMapPage};
use domain::{Actor, Caller, Op};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use model::AppError;
use uuid::Uuid;

use crate::state::AppState;

/// What one file of a site map may hold.
const MOST: usize = 50_000;

/// Says what is not for search engines, and where the site map is.
pub async fn robots(State(state): State<AppState>) -> Response {
    let site = &state.context.settings.public_url;
    let text = format!("User-agent: *\nDisallow: /desk\nDisallow: /api/\n\nSitemap: {site}/sitemap.xml\n");
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The site map: every address if they fit into one file, else an index of the files.
pub async fn site_map(State(state): State<AppState>) -> Response {
    let site = state.context.settings.public_url.clone();
    let content = read(&state, async |op| {
        let map = catalogue::site_map(op).await?;
        if map.offers.len() > 1 || map.merchants.len() > 1 {
            return Ok(index(&site, &map));
        }
        let mut pages = Vec::new();
        if let Some(from) = map.offers.first() {
            pages.extend(catalogue::site_map_of_offers(op, *from).await?);
        }
        if let Some(from) = map.merchants.first() {
            pages.extend(catalogue::site_map_of_merchants(op, *from).await?);
        }
        Ok(if pages.len() + START.len() > MOST { index(&site, &map) } else { file(&site, START, &pages) })
    });
    answer(content.await)
}

/// One file of the site map, named by what it holds and the first of them.
pub async fn site_map_part(State(state): State<AppState>, Path(part): Path<String>) -> Response {
    let site = state.context.settings.public_url.clone();
    let content = read(&state, async |op| {
        let name = part.strip_suffix(".xml").unwrap_or_default();
        let pages = match name.split_once('-').map(|(kind, from)| (kind, Uuid::try_parse(from))) {
            Some(("offers", Ok(from))) => catalogue::site_map_of_offers(op, from).await?,
            Some(("merchants", Ok(from))) => catalogue::site_map_of_merchants(op, from).await?,
            _ if name == "start" => return Ok(file(&site, START, &[])),
            _ => return Err(AppError::NotFound.into()),
        };
        Ok(file(&site, &[], &pages))
    });
    answer(content.await)
}

/// Pages that are always there.
const START: &[&str] = &["/", "/offers"];

async fn read<T>(state: &AppState, work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    state.context.db.read(Caller::local(Actor::Nobody), work).await
}

fn answer(content: Result<String, AppError>) -> Response {
    match content {
        Ok(content) => {
            let headers = [(CONTENT_TYPE, "application/xml; charset=utf-8"), (CACHE_CONTROL, "public, max-age=3600")];
            (headers, content).into_response()
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, format!("{error}\n")).into_response()
        }
    }
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
const SPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

fn index(site: &str, map: &SiteMap) -> String {
    let parts = |kind: &'static str, from: &[Uuid]| from.iter().map(move |id| format!("{kind}-{id}")).collect::<Vec<_>>();
    let names = std::iter::once("start".to_owned()).chain(parts("offers", &map.offers)).chain(parts("merchants", &map.merchants));
    let rows: String =
        names.map(|name| format!("<sitemap><loc>{}/sitemap/{name}.xml</loc></sitemap>\n", escaped(site))).collect();
    format!("{HEAD}\n<sitemapindex xmlns=\"{SPACE}\">\n{rows}</sitemapindex>\n")
}

fn file(site: &str, paths: &[&str], pages: &[SiteMapPage]) -> String {
    let site = escaped(site);
    let plain = paths.iter().map(|path| format!("<url><loc>{site}{}</loc></url>\n", escaped(path)));
    let dated = pages.iter().map(|page| {
        let changed = page.changed.format("%Y-%m-%dT%H:%M:%SZ");
        format!("<url><loc>{site}{}</loc><lastmod>{changed}</lastmod></url>\n", escaped(&page.path))
    });
    let rows: String = plain.chain(dated).collect();
    format!("{HEAD}\n<urlset xmlns=\"{SPACE}\">\n{rows}</urlset>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_escaped_addresses_with_their_last_change() {
        let changed = "2026-03-01T12:30:00Z".parse().expect("a time");
        let pages = [SiteMapPage { path: "/offers/a-0123456789".into(), changed }];
        let file = file("https://x.example/?a&b", &["/"], &pages);
        assert!(file.contains("<url><loc>https://x.example/?a&amp;b/</loc></url>"), "{file}");
        assert!(file.contains("/offers/a-0123456789</loc><lastmod>2026-03-01T12:30:00Z</lastmod>"), "{file}");
    }

    #[test]
    fn an_index_names_every_file() {
        let id = Uuid::from_u128;
        let map = SiteMap { offers: vec![id(1), id(2)], merchants: vec![id(3)] };
        let index = index("https://x.example", &map);
        assert_eq!(index.matches("<sitemap>").count(), 4);
        assert!(index.contains("https://x.example/sitemap/merchants-00000000-0000-0000-0000-000000000003.xml"), "{index}");
    }
}
