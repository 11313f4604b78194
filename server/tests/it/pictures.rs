//! Pictures over HTTP: uploaded by a form with a file, refused in a sentence, served to everybody.

use crate::support::{Ask, Browser, Site};
use http::{Method, StatusCode};
use model::pictures::PictureHash;
use sqlx::PgPool;
use uuid::Uuid;

const MERCHANT: &str = "00000000-0000-7000-8000-000000000009";
/// Red on the left and black on the right, 32 × 16 pixels.
const PICTURE: &[u8] = include_bytes!("../../kit/src/pictures/samples/cmyk.jpg");

/// A site whose pictures stand in a folder of their own, and an editor's browser.
async fn site(pool: &PgPool, flags: &[&str]) -> (Site, Browser) {
    let folder = std::env::temp_dir().join(format!("tessera-it-pictures-{}", Uuid::now_v7()));
    let url = format!("file://{}", folder.display());
    let site = Site::start(pool.clone(), &[&["--pictures-url", &url], flags].concat()).await;
    let merchant = "with m as (insert into merchants (id, short_id, name, status, created_at, updated_at)
             values ($1, '0000000000', 'Café', 'active', now(), now()) returning id)
         insert into merchant_revisions (merchant_id, version, snapshot, at)
             select id, 1, '{\"name\":\"Café\",\"status\":\"active\",\"categories\":[],\"external_ids\":[]}', now() from m";
    sqlx::query(merchant).bind(MERCHANT.parse::<Uuid>().expect("an id")).execute(pool).await.expect(merchant);
    let browser = site.editor(pool).await;
    (site, browser)
}

fn upload(alt: &str, file: Option<&[u8]>) -> Ask {
    Ask::upload(&format!("/desk/pictures/merchant/{MERCHANT}"), &[("upload_alt", alt), ("upload_before", "")], file)
}

async fn hash(pool: &PgPool) -> PictureHash {
    let hash: String = sqlx::query_scalar("select picture from merchants").fetch_one(pool).await.expect("a picture");
    hash.parse().expect("a hash")
}

#[sqlx::test(migrations = "../migrations")]
async fn an_upload_leads_back_to_the_record_and_is_served_for_ever(pool: PgPool) {
    let (site, mut editor) = site(&pool, &[]).await;
    let answer = editor.send(upload("A red wall", Some(PICTURE)).header("accept", "text/html")).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, &*format!("/desk/merchants/{MERCHANT}")));

    let address = format!("/pictures/{}/32.webp", hash(&pool).await);
    let served = site.get(&address).await;
    assert_eq!((served.status, served.header("content-type")), (StatusCode::OK, "image/webp"));
    assert_eq!(served.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert!(served.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!((&served.body[..4], &served.body[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    assert_eq!(served.header("content-length"), served.body.len().to_string());
    let jpeg = site.get(&address.replace("webp", "jpg")).await;
    assert_eq!((jpeg.header("content-type"), &jpeg.body[..2]), ("image/jpeg", &[0xFF, 0xD8][..]));

    let known = site.send(Ask::get(&address).header("if-none-match", served.header("etag"))).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let head = site.send(Ask::new(Method::HEAD, &address)).await;
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (StatusCode::OK, served.header("content-length"), 0)
    );
    for nothing in ["32.html", "32.svg", "33.webp", "..%2F32.webp", "32.webp.jpg", ""] {
        let path = address.replace("32.webp", nothing);
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }

    let page = editor.send(Ask::get(&format!("/desk/merchants/{MERCHANT}")).header("accept", "text/html")).await.text();
    assert!(page.contains(&address) && page.contains("alt=\"A red wall\""), "{page}");

    let gone = editor.send(Ask::form(&format!("/desk/pictures/merchant/{MERCHANT}/remove"), &[])).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let left: Option<String> = sqlx::query_scalar("select picture from merchants").fetch_one(&pool).await.expect("a row");
    assert_eq!(left, None);
    assert_eq!(site.get(&address).await.status, StatusCode::OK, "an old page may still show it");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refused_upload_says_why_and_keeps_what_was_typed(pool: PgPool) {
    let (_site, mut editor) = site(&pool, &["--picture-limit", "2048", "--body-limit", "1024"]).await;
    let large = [PICTURE, &vec![0; 3000]].concat();
    for (alt, file, sentence) in [
        ("A wall", None, "Choose a picture first."),
        ("A wall", Some(&b"<svg/>"[..]), "This is no picture that can be read. Save it as JPEG, PNG or WebP and try again."),
        ("A wall", Some(&PICTURE[..200]), "The picture is damaged or not complete. Save it again, or choose another one."),
        ("A wall", Some(&large), "The file is larger than the 2 kB that fit. Make the picture smaller and try again."),
        ("", Some(PICTURE), "Say what the picture shows, for those who cannot see it."),
    ] {
        let told = editor.send(upload(alt, file).header("accept", "application/json")).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}: {}", told.text());
        assert!(told.text().contains(sentence), "{sentence}: {}", told.text());
        let led = editor.send(upload(alt, file).header("accept", "text/html")).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{sentence}");
        let page = editor.send(Ask::get(led.header("location")).header("accept", "text/html")).await.text();
        assert!(page.contains(sentence), "{sentence}: {page}");
        assert!(alt.is_empty() || page.contains(&format!("value=\"{alt}\"")), "{sentence}: {page}");
    }
    let pictures: i64 = sqlx::query_scalar("select count(*) from pictures").fetch_one(&pool).await.expect("a count");
    assert_eq!(pictures, 0);
    let whole = editor.send(upload("A wall", Some(PICTURE))).await;
    assert_eq!(whole.status, StatusCode::NO_CONTENT, "the bound of other requests does not count: {}", whole.text());
}
