//! Every door of the server and the layers around them.

use std::any::Any;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use http::header::ACCEPT;
use http::{Method, StatusCode};
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list};
use model::sign_in::{PROVIDER_BACK, PROVIDER_START};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use crate::request::RouteName;
use crate::shell::shell;
use crate::state::AppState;
use crate::{assets, headers, health, oidc, page_cache, pictures, request, session, site};

/// The whole site. It wants to know its clients: serve it with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn build(state: AppState) -> Router {
    let options = state.leptos.clone();
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(state.settings.clone(), request::observe))
        .layer(from_fn(headers::put_policy))
        .layer(CatchPanicLayer::custom(own_up))
        .layer(from_fn_with_state(state.settings.clone(), headers::keep_desk_host))
        .layer(from_fn(headers::refuse_cross_site))
        .layer(from_fn(headers::drop_planted_refusals))
        .layer(from_fn_with_state(state.settings.clone(), headers::bound))
        .layer(headers::compress())
        .layer(session::layer(&state.settings, state.pool.clone()))
        .layer(from_fn_with_state(state.page_cache.clone(), page_cache::answer))
        .layer(from_fn(headers::tell_unreadable));
    let plain = plain_doors().into_iter().chain(form_doors());
    let plain = plain.fold(Router::<AppState>::new(), |router, (path, door)| router.route(path, door));
    plain
        .leptos_routes_with_context(&state, pages(), give(&state), move || shell(options.clone()))
        .fallback(answer_unmatched)
        .layer(layers)
        .with_state(state)
}

/// Doors that are neither pages, server functions nor files. The access test has a row for each.
pub fn plain_doors() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/healthz", get(health::healthz)),
        ("/readyz", get(health::readyz)),
        ("/robots.txt", get(site::robots)),
        ("/sitemap.xml", get(site::site_map)),
        ("/sitemap/{part}", get(site::site_map_part)),
        ("/pictures/{hash}/{file}", get(pictures::serve)),
        (PROVIDER_START, get(oidc::start)),
        (PROVIDER_BACK, get(oidc::back)),
    ]
}

/// Doors that take a form with a file, which no server function can, and what belongs to it. The access test has a row for each.
pub fn form_doors() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![("/desk/pictures/{of}/{id}", pictures::upload_door()), ("/desk/pictures/{of}/{id}/remove", post(pictures::remove))]
}

/// The pages of both portals, as the router has them.
///
/// They are listed once a process, before anything is served: while Leptos lists pages, what a page that is being answered
/// meanwhile begins to load is never loaded, and its answer never comes.
pub fn pages() -> Vec<AxumRouteListing> {
    static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
        let mut pages = generate_route_list(desk::App);
        pages.extend(generate_route_list(member::App));
        pages
    });
    PAGES.clone()
}

/// What pages and server functions find in their context beside what Leptos gives them.
fn give(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let context = state.context.clone();
    move || provide_context(context.clone())
}

/// A file of the site, or word that there is nothing: as a page for people, in a sentence for programs.
async fn answer_unmatched(State(state): State<AppState>, request: Request) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read && let Some(mut file) = assets::find(request.uri().path(), request.headers()) {
        file.extensions_mut().insert(RouteName("file"));
        return file;
    }
    let accepted = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if !is_read || !accepted.contains("text/html") {
        return headers::nothing();
    }
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(give(&state), move || shell(options.clone()));
    let mut page = render(request).await;
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}

/// A panic ends one request, not the server.
fn own_up(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = message.unwrap_or("of an unknown kind"), "fault");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side; please try again.\n").into_response()
}
