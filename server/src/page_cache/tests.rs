use super::*;
use axum::body::{Body, to_bytes};
use http::StatusCode;
use http::header::CONTENT_SECURITY_POLICY;

const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn rendered(body: &str) -> Response {
    let policy = format!("script-src 'nonce-{NONCE}'; style-src 'nonce-{NONCE}'");
    Response::builder().header(CONTENT_SECURITY_POLICY, policy).body(Body::from(body.to_owned())).expect("an answer")
}

async fn text(answer: Response) -> (String, String) {
    let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (policy, String::from_utf8(body.to_vec()).expect("text"))
}

#[test]
fn only_what_a_page_may_read_tells_pages_apart() {
    for (pair, read) in [
        ("q=pizza", true),
        ("near", true),
        ("after=x", true),
        ("category=a", true),
        ("utm_source=mail", false),
        ("fbclid=1", false),
        ("", false),
        // Escaped, it is the `q` that the page reads.
        ("%71=pizza", true),
        ("Q=pizza", false),
    ] {
        assert_eq!(may_be_read(pair), read, "{pair}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn each_answer_has_a_nonce_of_its_own_in_its_policy_and_its_text(pool: sqlx::PgPool) {
    let version = Versions::new(Db::new(pool)).now().await.expect("a version");
    let until = kit::clock::now();
    let page = Page::of(rendered(&format!("<script nonce=\"{NONCE}\"></script>x{NONCE}")), version, until).await.ok();
    let page = page.expect("it is kept");
    let mut nonces = std::collections::HashSet::new();
    for _ in 0..3 {
        let (policy, body) = text(page.answer(false).expect("an answer")).await;
        let nonce = policy.split('\'').nth(1).and_then(|word| word.strip_prefix("nonce-")).expect("a nonce").to_owned();
        assert_eq!(policy, format!("script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"));
        assert_eq!(body, format!("<script nonce=\"{nonce}\"></script>x{nonce}"));
        nonces.insert(nonce);
    }
    assert!(nonces.len() == 3 && !nonces.contains(NONCE), "{nonces:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_somebodys_own_or_no_page_is_not_kept(pool: sqlx::PgPool) {
    let version = Versions::new(Db::new(pool)).now().await.expect("a version");
    let kept = async |change: fn(&mut Response)| {
        let mut answer = rendered("x");
        change(&mut answer);
        Page::of(answer, version, kit::clock::now()).await.is_ok()
    };
    fn header(answer: &mut Response, name: &'static str, value: &'static str) {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    assert!(kept(|_| {}).await);
    assert!(!kept(|answer| *answer.status_mut() = StatusCode::NOT_FOUND).await);
    assert!(!kept(|answer| *answer.status_mut() = StatusCode::MOVED_PERMANENTLY).await);
    assert!(!kept(|answer| header(answer, "set-cookie", "a=b")).await);
    assert!(!kept(|answer| header(answer, "cache-control", "no-store")).await);
    assert!(!kept(|answer| header(answer, "cache-control", "private, max-age=5")).await);
    assert!(!kept(|answer| header(answer, "content-security-policy", "default-src 'none'")).await, "no nonce to replace");
    assert!(!kept(|answer| *answer.body_mut() = Body::from("x".repeat(2 << 20))).await);
}

#[sqlx::test(migrations = "../migrations")]
async fn all_kept_pages_together_stay_within_their_bytes(pool: sqlx::PgPool) {
    let db = Db::new(pool);
    assert!(PageCache::new(db.clone(), 0).is_none());
    let cache = PageCache::new(db, 200_000).expect("a cache");
    let version = cache.versions.now().await.expect("a version");
    for number in 0..200 {
        let page = Page::of(rendered(&"x".repeat(10_000)), version, kit::clock::now()).await.expect("it is kept");
        cache.pages.insert(format!("/offers\nq={number}"), Arc::new(page)).await;
    }
    cache.pages.run_pending_tasks().await;
    let (count, bytes) = (cache.pages.entry_count(), cache.pages.weighted_size());
    assert!((10..=20).contains(&count) && bytes <= 200_000, "{count} pages, {bytes} bytes");
}
