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

/// A form as its page shows it.
struct Form {
    page: String,
    action: String,
    key: String,
}

impl Form {
    async fn open(editor: &mut Browser, page: &str, function: &str) -> Self {
        let answer = editor.get(page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        let html = answer.text();
        let action = attribute(&html, &["form ", function], "action").expect("the form's address").to_owned();
        let key = attribute(&html, &["input ", "name=\"key\""], "value").expect("the form's key").to_owned();
        Self { page: page.to_owned(), action, key }
    }

    fn filled(&self, fields: &[(&str, &str)]) -> Ask {
        Ask::form(&self.action, &[&[("key", self.key.as_str())], fields].concat())
            .header("accept", "text/html")
            .header("referer", &format!("http://localhost{}", self.page))
    }
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
    let form = Form::open(&mut editor, "/desk/merchants/new", "add_merchant").await;
    let other = post_thrice(&editor, &form.filled(&[("form[name]", "Bar"), ("form[status]", "active")])).await;
    let other = other.header("location").rsplit('/').next().expect("an id").to_owned();
    let merchant = post_thrice(&editor, &form.filled(&merchant)).await.header("location").to_owned();
    assert_eq!(count("merchants").await, 2, "another name is another merchant");
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
    let form = Form::open(&mut editor, &format!("{merchant}/locations/new"), "add_location").await;
    post_thrice(&editor, &form.filled(&place)).await;
    assert_eq!(count("locations").await, 1);
    let elsewhere = place.map(|(name, value)| (name, if name == "merchant" { other.as_str() } else { value }));
    post_thrice(&editor, &form.filled(&elsewhere)).await;
    assert_eq!(count("locations").await, 2, "the same address of another merchant is another location");

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
    for offers in 1..=2 {
        // The page opened again is another form.
        let form = Form::open(&mut editor, &page, "add_offer").await;
        post_thrice(&editor, &form.filled(&offer)).await;
        assert_eq!(count("offers").await, offers);
    }
}
