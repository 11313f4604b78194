//! What the server is compared with: a bare axum and sqlx route that answers the same rows as JSON, and the same page rendered
//! from fixed data.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::NaiveDateTime;
use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router as Pages, Routes};
use leptos_router::{SsrMode, path};
use model::Timestamp;
use model::catalogue::{OfferResults, OfferSearch};
use serde::Serialize;
use sqlx::postgres::PgPoolOptions;
use sqlx::{FromRow, PgPool};
use ui::Document;

use crate::load::{Client, call};
use crate::statement::NEWEST;

#[derive(Clone)]
struct Beside {
    pool: PgPool,
    context: api::server::Context,
    options: LeptosOptions,
    results: Arc<OfferResults>,
}

pub async fn serve(database_url: &str, listen: SocketAddr, like: SocketAddr) -> Result<()> {
    let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect(database_url).await?;
    let search = serde_qs::to_string(&api::catalogue::FindOffers { search: OfferSearch::default() })?;
    let path = <api::catalogue::FindOffers as server_fn::ServerFn>::PATH;
    let results = Client::connect(like).await?.send(call(path, search, None)).await?.json().context("the page's content")?;
    let settings = api::server::Settings {
        public_url: format!("http://{listen}"),
        desk_url: format!("http://{listen}"),
        alarms: Default::default(),
        sign_in: Default::default(),
    };
    let state = Beside {
        context: api::server::Context { db: domain::Db::new(pool.clone()), settings: Arc::new(settings) },
        pool,
        options: LeptosOptions::builder().output_name("member").site_pkg_dir("pkg").build(),
        results: Arc::new(results),
    };
    // Listing an app's routes does this where there are any; the second time, it is there already.
    let _ = any_spawner::Executor::init_tokio();
    let app = Router::new().route("/bare", get(bare)).route("/offers", get(fixed)).with_state(state);
    axum::serve(tokio::net::TcpListener::bind(listen).await?, app).await?;
    Ok(())
}

#[derive(FromRow, Serialize)]
struct Row {
    publication_id: sqlx::types::Uuid,
    shown_from: Timestamp,
    priority: i16,
    short_id: String,
    headline: String,
    value: String,
    kind: String,
    icon: String,
    hue: i16,
    online: bool,
    valid_until: Option<NaiveDateTime>,
    offered_until: Option<Timestamp>,
    merchant: String,
    picture: Option<String>,
    picture_width: Option<i32>,
    picture_height: Option<i32>,
    picture_widths: Option<Vec<i32>>,
    picture_transparent: Option<bool>,
    picture_x: Option<i16>,
    picture_y: Option<i16>,
    picture_alt: Option<String>,
    picture_is_logo: bool,
}

async fn bare(State(beside): State<Beside>) -> Response {
    let rows = sqlx::query_as::<_, Row>(NEWEST).bind(kit::clock::now()).fetch_all(&beside.pool).await;
    match rows {
        Ok(rows) => Json(rows).into_response(),
        Err(error) => (http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn fixed(State(beside): State<Beside>, request: Request) -> Response {
    let (context, options, results) = (beside.context, beside.options, beside.results);
    let shell = move || {
        let (options, results) = (options.clone(), results.clone());
        let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        let scripts = move || view! { <HydrationScripts options islands=true/> };
        view! {
            <Document stylesheet="/pkg/site.css" portal="member" nonce hydration=scripts>
                <Fixed results/>
            </Document>
        }
    };
    leptos_axum::render_app_async_with_context(move || provide_context(context.clone()), shell)(request).await
}

/// The list of offers, with the same content each time.
#[component]
fn Fixed(results: Arc<OfferResults>) -> impl IntoView {
    provide_meta_context();
    let page = move || {
        let results = OfferResults::clone(&results);
        view! { <member::Results results=results typed=OfferSearch::default()/> }
    };
    view! {
        <Pages>
            <Routes fallback=|| "There is nothing.">
                <Route path=path!("/offers") view=page ssr=SsrMode::Async/>
            </Routes>
        </Pages>
    }
}
