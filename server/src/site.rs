//! What search engines ask a site for: `robots.txt`, and the addresses that are worth a visit.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::catalogue::{self, SiteMap, SiteMapPage};
use domain::{Actor, Caller, Op};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use model::AppError;
use tokio::sync::Semaphore;

use crate::state::AppState;

/// Thousands of addresses are read for one file: strangers who ask for many at once wait for each other, not the members.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Says what is not for search engines, and where the site map is.
pub async fn robots(State(state): State<AppState>) -> Response {
    let site = &state.context.settings.public_url;
    let text = format!("User-agent: *\nDisallow: /desk\nDisallow: /api/\n\nSitemap: {site}/sitemap.xml\n");
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The site map: every address if they fit into one file, else an index of the files.
pub async fn site_map(State(state): State<AppState>) -> Response {
    let site = state.context.settings.public_url.clone();
    let map = read(&state, catalogue::site_map).await;
    answer(map.map(|map| match map {
        SiteMap::Whole(pages) => file(&site, START, &pages),
        SiteMap::Files(names) => index(&site, &names),
    }))
}

/// One file of the site map.
pub async fn site_map_part(State(state): State<AppState>, Path(part): Path<String>) -> Response {
    let site = state.context.settings.public_url.clone();
    let content = match part.strip_suffix(".xml") {
        Some("start") => Ok(file(&site, START, &[])),
        Some(name) => {
            read(&state, async |op| catalogue::site_map_file(op, name).await).await.map(|pages| file(&site, &[], &pages))
        }
        None => Err(AppError::NotFound),
    };
    answer(content)
}

/// Pages that are always there.
const START: &[&str] = &["/", "/offers"];

async fn read<T>(state: &AppState, work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    // Never closed, so always given.
    let _turn = ONE_AT_A_TIME.acquire().await;
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

fn index(site: &str, files: &[String]) -> String {
    let names = std::iter::once("start").chain(files.iter().map(String::as_str));
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
        let files = ["offers-0", "offers-1", "merchants"].map(String::from);
        let index = index("https://x.example", &files);
        assert_eq!(index.matches("<sitemap>").count(), 4);
        assert!(index.contains("<loc>https://x.example/sitemap/start.xml</loc>"), "{index}");
        assert!(index.contains("<loc>https://x.example/sitemap/offers-1.xml</loc>"), "{index}");
    }
}
