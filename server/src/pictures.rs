//! Pictures over HTTP: uploaded at the desk by a plain form, served to everybody.
//!
//! An upload is no server function: it is a file, has a bound of its own, and must work without scripts. What a refused one
//! said comes back with its page, as with every form.

use std::path::PathBuf;

use api::server::{Context, SIGN_IN, fault, wants_html};
use axum::Json;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, Request, State};
use axum::handler::Handler as _;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use domain::journal::Subject;
use domain::pictures::Upload;
use domain::{Caller, Op, kept_forms, merchants, offers, pictures};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use kit::blobs::{BlobError, Blobs};
use kit::pictures::PictureError;
use model::pictures::{
    PictureHash, PictureOf, RefusedUpload, UPLOAD, UPLOAD_ALT, UPLOAD_BEFORE, UPLOAD_FILE, UPLOAD_LOGO, parse_alt,
};
use model::sign_in::SECOND_FACTOR_PATH;
use model::{AppError, FieldErrors, MerchantId, OfferId};
use serde_json::json;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::config::Settings;
use crate::headers::nothing;
use crate::state::AppState;

/// The folder of pictures in the data folder.
pub const FOLDER: &str = "pictures";
/// Where uploads are sent to.
const UPLOADS: &str = "/desk/pictures/";
/// The text fields of an upload, and the lines between its parts.
const TEXTS: u64 = 64 * 1024;
/// A file that is larger than fits is read to its end and dropped, up to so many times what fits: a browser that is
/// interrupted shows no answer.
const DROPPED: u64 = 4;

/// The store that the settings name.
pub fn open(settings: &Settings) -> Result<Blobs, BlobError> {
    match settings.pictures_url.as_deref() {
        Some(url) if url.starts_with("s3://") => Blobs::in_bucket(url),
        Some(url) => Blobs::in_folder(&PathBuf::from(url.trim_start_matches("file://"))),
        None => {
            let folder = settings.data_dir.clone().map_or_else(kit::cluster::default_data_dir, Ok);
            Blobs::in_folder(&folder.map_err(|error| BlobError::Open(error.to_string()))?.join(FOLDER))
        }
    }
}

/// The most bytes that a request for this path may have where that is not what all others may have.
pub fn body_limit(settings: &Settings, path: &str) -> Option<u64> {
    path.starts_with(UPLOADS).then(|| settings.picture_limit.saturating_mul(DROPPED) + TEXTS)
}

/// `POST /desk/pictures/{of}/{id}`.
pub fn upload_door() -> MethodRouter<AppState> {
    // `headers::bound` bounds it.
    post(upload.layer(DefaultBodyLimit::disable()))
}

/// What a request is about, and who asks.
struct Asked {
    of: PictureOf,
    id: Uuid,
    caller: Caller,
    /// The answer is for a browser, which is to be led back.
    is_browser: bool,
}

async fn upload(State(state): State<AppState>, Path((of, id)): Path<(String, Uuid)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = match asked(&state.context, &of, id, &parts).await {
        Ok(asked) => asked,
        Err(error) => return error_answer(&error, &parts),
    };
    let mut alt = String::new();
    let done = take(&state, &asked, Request::from_parts(parts, body), &mut alt).await;
    answer(&state.context, asked, done, alt).await
}

/// `POST /desk/pictures/{of}/{id}/remove`.
pub async fn remove(State(state): State<AppState>, Path((of, id)): Path<(String, Uuid)>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let asked = match asked(&state.context, &of, id, &parts).await {
        Ok(asked) => asked,
        Err(error) => return error_answer(&error, &parts),
    };
    let (of, caller) = (asked.of, asked.caller.clone());
    let removed = state.context.db.write(caller, async |op| match of {
        PictureOf::Offer => offers::take_picture_away(op, OfferId(id)).await,
        PictureOf::Merchant => merchants::take_picture_away(op, MerchantId(id)).await,
        PictureOf::Brand => merchants::take_logo_away(op, MerchantId(id)).await,
    });
    let removed = removed.await;
    answer(&state.context, asked, removed, String::new()).await
}

async fn asked(context: &Context, of: &str, id: Uuid, parts: &Parts) -> Result<Asked, AppError> {
    let of: PictureOf = of.parse().map_err(|()| AppError::NotFound)?;
    let caller = api::server::caller_of(&context.db, parts).await?;
    let about = match of {
        PictureOf::Offer => Subject::Offer(OfferId(id)),
        PictureOf::Merchant | PictureOf::Brand => Subject::Merchant(MerchantId(id)),
    };
    context.db.read(caller.clone(), async |op: &mut Op| pictures::may_upload(op, of, about).await).await?;
    Ok(Asked { of, id, caller, is_browser: wants_html(parts) })
}

/// Reads the upload, makes and stores its files, and shows the picture.
async fn take(state: &AppState, asked: &Asked, request: Request, alt: &mut String) -> Result<(), AppError> {
    let _place = AT_ONCE.acquire().await.map_err(|error| fault(&error))?;
    let form = Multipart::from_request(request, &()).await.map_err(|error| AppError::BadRequest(error.body_text()))?;
    let sent = read(form, state.settings.picture_limit).await?;
    alt.clone_from(&sent.alt);
    let shows = parse_alt(&sent.alt);
    let file = sent.file.map_err(|sentence| FieldErrors::of(UPLOAD_FILE, sentence))?;
    let shows = shows?;
    let made = kit::pictures::make(file).await.map_err(|error| match error {
        PictureError::Fault(why) => fault(why),
        refused => FieldErrors::of(UPLOAD_FILE, refused.to_string()).into(),
    })?;
    pictures::store_files(&state.pictures, &made).await.map_err(fault)?;
    let (of, id) = (asked.of, asked.id);
    let upload = Upload { made, alt: shows, before: sent.before };
    let shown = state.context.db.write(asked.caller.clone(), async |op| match of {
        PictureOf::Offer => offers::put_picture(op, OfferId(id), &upload).await,
        PictureOf::Merchant => merchants::put_picture(op, MerchantId(id), &upload).await,
        PictureOf::Brand => merchants::put_logo(op, MerchantId(id), &upload).await,
    });
    shown.await
}

/// Uploads whose file is in memory at once; the others wait with theirs unread.
static AT_ONCE: Semaphore = Semaphore::const_new(8);

/// The parts of an upload.
struct Sent {
    /// Or why there is none, in a sentence.
    file: Result<Vec<u8>, String>,
    alt: String,
    before: String,
}

async fn read(mut form: Multipart, limit: u64) -> Result<Sent, AppError> {
    let bad = |error: axum::extract::multipart::MultipartError| AppError::BadRequest(error.body_text());
    let mut sent = Sent { file: Err("Choose a picture first.".to_owned()), alt: String::new(), before: String::new() };
    while let Some(mut part) = form.next_field().await.map_err(bad)? {
        let name = part.name().unwrap_or_default();
        let name = name.strip_prefix(UPLOAD_LOGO).map_or_else(|| name.to_owned(), |rest| format!("{UPLOAD}{rest}"));
        let is_named = part.file_name().is_some_and(|name| !name.is_empty());
        let most = if name == UPLOAD_FILE { limit } else { TEXTS };
        let (mut bytes, mut length) = (Vec::new(), 0);
        while let Some(chunk) = part.chunk().await.map_err(bad)? {
            length += chunk.len() as u64;
            if length <= most {
                bytes.extend_from_slice(&chunk);
            } else {
                bytes = Vec::new();
            }
        }
        let fits = length <= most;
        match name.as_str() {
            // A browser sends an empty part for a file that was not chosen.
            UPLOAD_FILE if length == 0 && !is_named => {}
            UPLOAD_FILE if fits => sent.file = Ok(bytes),
            UPLOAD_FILE => {
                let limit = megabytes(limit);
                sent.file = Err(format!("The file is larger than the {limit} that fit. Make the picture smaller and try again."));
            }
            UPLOAD_ALT => sent.alt = String::from_utf8_lossy(&bytes).into_owned(),
            UPLOAD_BEFORE => sent.before = String::from_utf8_lossy(&bytes).into_owned(),
            _ => {}
        }
    }
    Ok(sent)
}

/// `10 MB`, `1.5 MB`, `200 kB`.
fn megabytes(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        return format!("{} kB", bytes / 1024);
    }
    let tenths = bytes * 10 / (1024 * 1024);
    if tenths.is_multiple_of(10) { format!("{} MB", tenths / 10) } else { format!("{}.{} MB", tenths / 10, tenths % 10) }
}

/// Leads a browser back to the record's page, with what was refused; tells a program how it went.
async fn answer(context: &Context, asked: Asked, done: Result<(), AppError>, alt: String) -> Response {
    let page = asked.of.page(asked.id);
    match done {
        Ok(()) if asked.is_browser => Redirect::to(&page).into_response(),
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) if asked.is_browser => {
            let form = json!(RefusedUpload { upload_alt: alt, logo: asked.of == PictureOf::Brand });
            let kept = context.db.write(asked.caller, async |op| kept_forms::keep(op, form, &error).await).await;
            // A fault is in the log already.
            Redirect::to(&kept.map_or(page.clone(), |id| format!("{page}?kept={id}"))).into_response()
        }
        Err(error) => told(&error),
    }
}

/// The answer to who may not, or may not yet, or to what there is not.
fn error_answer(error: &AppError, parts: &Parts) -> Response {
    let page = match error {
        AppError::Unauthenticated => SIGN_IN,
        AppError::SecondFactorWanted => SECOND_FACTOR_PATH,
        _ => return told(error),
    };
    if wants_html(parts) { Redirect::to(page).into_response() } else { told(error) }
}

fn told(error: &AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}

/// `GET /pictures/{hash}/{file}`: a file never changes, for its address says what is in it. It goes from the store to the
/// browser piece by piece.
pub async fn serve(
    State(state): State<AppState>,
    Path((hash, file)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Some(kind) = kind(&hash, &file) else { return nothing() };
    let etag = format!("\"{hash}-{file}\"");
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok()).flat_map(|known| known.split(','));
    let is_known = known.map(str::trim).any(|known| known.strip_prefix("W/").unwrap_or(known) == etag);
    let found = match method {
        Method::HEAD => state.pictures.length(&hash, &file).await.map(|found| found.map(|length| (length, Body::empty()))),
        _ if is_known => state.pictures.length(&hash, &file).await.map(|found| found.map(|length| (length, Body::empty()))),
        _ => state.pictures.get(&hash, &file).await.map(|found| found.map(|blob| (blob.length, Body::from_stream(blob.content)))),
    };
    let (length, body) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return nothing(),
        Err(error) => {
            tracing::error!(%error, "fault");
            return (StatusCode::SERVICE_UNAVAILABLE, "The picture cannot be read now; please try again.\n").into_response();
        }
    };
    let mut answered = HeaderMap::new();
    answered.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    answered.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answered.insert(ETAG, etag);
    }
    if is_known {
        return (StatusCode::NOT_MODIFIED, answered).into_response();
    }
    answered.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answered.insert(CONTENT_LENGTH, HeaderValue::from(length));
    (answered, body).into_response()
}

/// The type of a file, if it is one that pictures have.
fn kind(hash: &str, file: &str) -> Option<&'static str> {
    hash.parse::<PictureHash>().ok()?;
    let (width, ending) = file.split_once('.')?;
    if width.is_empty() || width.len() > 5 || !width.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    match ending {
        "webp" => Some("image/webp"),
        "jpg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_that_a_picture_can_have_is_asked_of_the_store() {
        let hash = "0f".repeat(32);
        assert_eq!(kind(&hash, "640.webp"), Some("image/webp"));
        for (hash, file) in
            [(&*hash, "640.svg"), (&hash, "640.html"), (&hash, "x.webp"), (&hash, "..webp"), (&hash, ".webp"), ("..", "640.webp")]
        {
            assert_eq!(kind(hash, file), None, "{hash}/{file}");
        }
    }

    #[test]
    fn sizes_are_told_in_megabytes() {
        assert_eq!(megabytes(10 * 1024 * 1024), "10 MB");
        assert_eq!(megabytes(3 * 1024 * 512), "1.5 MB");
        assert_eq!(megabytes(2048), "2 kB");
    }
}
