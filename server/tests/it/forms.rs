//! Forms as a browser without scripts posts them, which on a double click may send each of them twice.

use crate::support::{Answer, Ask, Browser, Site};
use http::StatusCode;
use sqlx::PgPool;

/// The value of an attribute of the first element that has all of these, as they are written.
fn attribute<'a>(page: &'a str, element: &[&str], name: &str) -> Option<&'a str> {
    let tag = page.split('<').map(|tag| tag.split('>').next().unwrap_or_default());
    let tag = tag.into_iter().find(|tag| element.iter().all(|part| tag.contains(part)))?;
    tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next())
}

/// Opens the page of a form and says how its fields are posted from there.
async fn opened(editor: &mut Browser, page: &str, function: &str, fields: &[(&str, &str)]) -> Ask {
    let answer = editor.get(page).await;
    assert_eq!(answer.status, StatusCode::OK, "{page}");
    let html = answer.text();
    let action = attribute(&html, &["form ", function], "action").expect("the form's address");
    let key = attribute(&html, &["input ", "name=\"key\""], "value").expect("the form's key");
    Ask::form(action, &[&[("key", key)], fields].concat())
        .header("accept", "text/html")
        .header("referer", &format!("http://localhost{page}"))
}

/// Posts the same twice at once, and a third time later: each is led to the same page.
async fn post_thrice(editor: &Browser, ask: &Ask) -> Answer {
    let (mut one, mut two, mut later) = (editor.clone(), editor.clone(), editor.clone());
    let (one, two) = tokio::join!(one.send(ask.clone()), two.send(ask.clone()));
    let later = later.send(ask.clone()).await;
    for answer in [&two, &later] {
        assert_eq!((answer.status, answer.header("location")), (one.status, one.header("location")));
    }
    assert_eq!(one.status, StatusCode::FOUND, "{}", one.text());
    assert!(!one.header("location").contains('?'), "refused: {}", one.header("location"));
    one
}

#[sqlx::test(migrations = "../migrations")]
async fn a_form_posted_twice_adds_its_record_once(pool: PgPool) {
    let site = Site::start(pool.clone(), &[]).await;
    let mut editor = site.editor(&pool).await;
    let count = async |table: &str| -> i64 {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(count).fetch_one(&pool).await.expect("a count")
    };

    let merchant = [("form[name]", "Café"), ("form[status]", "active")];
    let ask = opened(&mut editor, "/desk/merchants/new", "add_merchant", &merchant).await;
    let merchant = post_thrice(&editor, &ask).await.header("location").to_owned();
    assert_eq!(count("merchants").await, 1);
    let id = merchant.rsplit('/').next().expect("an id");

    let place = [
        ("merchant", id),
        ("form[street]", "1 Main Street"),
        ("form[city]", "New York"),
        ("form[region]", "NY"),
        ("form[postal_code]", "10001"),
        ("form[country]", "US"),
        ("form[latitude]", "40.75"),
        ("form[longitude]", "-74"),
        ("form[time_zone]", "America/New_York"),
    ];
    let ask = opened(&mut editor, &format!("{merchant}/locations/new"), "add_location", &place).await;
    post_thrice(&editor, &ask).await;
    assert_eq!(count("locations").await, 1);

    let offer = [
        ("form[merchant]", id),
        ("form[headline]", "A fifth off"),
        ("form[kind]", "percent_off"),
        ("form[percent]", "20"),
        ("form[currency]", "USD"),
        ("form[place_scope]", "all"),
        ("form[redemption]", "token"),
        ("form[funding]", "merchant"),
    ];
    let page = format!("/desk/offers/new?merchant={id}");
    let ask = opened(&mut editor, &page, "add_offer", &offer).await;
    post_thrice(&editor, &ask).await;
    assert_eq!(count("offers").await, 1);
    // The page opened again is another form.
    let again = opened(&mut editor, &page, "add_offer", &offer).await;
    post_thrice(&editor, &again).await;
    assert_eq!(count("offers").await, 2);
}
