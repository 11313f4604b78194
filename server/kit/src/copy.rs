//! Rows for `copy .. from stdin` in Postgres' text format, the fastest way to write many at once.

use std::fmt::{Display, Write as _};

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::postgres::PgConnection;

/// Rows of one table, in memory until they are sent.
#[derive(Debug, Default)]
pub struct Rows {
    text: String,
    count: usize,
}

/// One row, which is ended when it is dropped. Fields come in the order of the columns that the `copy` names.
#[derive(Debug)]
pub struct Row<'a> {
    text: &'a mut String,
    is_begun: bool,
}

impl Rows {
    pub fn row(&mut self) -> Row<'_> {
        self.count += 1;
        Row { text: &mut self.text, is_begun: false }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Sends the rows and forgets them; `statement` is a `copy .. from stdin`. Without rows nothing is sent.
    pub async fn send(&mut self, connection: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
        if self.count == 0 {
            return Ok(());
        }
        let mut copy = connection.copy_in_raw(statement).await?;
        if let Err(error) = copy.send(self.text.as_bytes()).await {
            let _ = copy.abort("the rows could not be sent").await;
            return Err(error);
        }
        copy.finish().await?;
        self.text.clear();
        self.count = 0;
        Ok(())
    }
}

impl Row<'_> {
    fn next(&mut self) -> &mut String {
        if self.is_begun {
            self.text.push('\t');
        }
        self.is_begun = true;
        self.text
    }

    pub fn null(&mut self) -> &mut Self {
        self.next().push_str("\\N");
        self
    }

    /// Any text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(self.next(), text);
        self
    }

    pub fn maybe_text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// A value whose spelling holds no tab, no line end and no backslash: a number, an id, a date.
    pub fn put(&mut self, value: impl Display) -> &mut Self {
        let _ = write!(self.next(), "{value}");
        self
    }

    pub fn maybe(&mut self, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.put(value),
            None => self.null(),
        }
    }

    /// An instant, cut to microseconds as Postgres keeps it.
    pub fn time(&mut self, at: DateTime<Utc>) -> &mut Self {
        self.put(instant(at))
    }

    pub fn maybe_time(&mut self, at: Option<DateTime<Utc>>) -> &mut Self {
        self.maybe(at.map(instant))
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let text = self.next();
        text.push_str("\\\\x");
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        self
    }

    /// An array of anything that Postgres reads from its text.
    pub fn array(&mut self, items: impl IntoIterator<Item = impl Display>) -> &mut Self {
        let mut list = String::from("{");
        for item in items {
            if list.len() > 1 {
                list.push(',');
            }
            list.push('"');
            for c in item.to_string().chars() {
                if matches!(c, '"' | '\\') {
                    list.push('\\');
                }
                list.push(c);
            }
            list.push('"');
        }
        list.push('}');
        self.text(&list)
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        self.text.push('\n');
    }
}

/// An instant as Postgres reads it.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn escape(into: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\n', '\r', '\t']) {
        into.push_str(&rest[..at]);
        into.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\\t",
        });
        rest = &rest[at + 1..];
    }
    into.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = false)]
    async fn what_is_sent_is_what_is_read(pool: PgPool) {
        let mut connection = pool.acquire().await.expect("a connection");
        sqlx::query("create table t (a text, b integer, c timestamptz, d bytea, e text[], f jsonb)")
            .execute(&mut *connection)
            .await
            .expect("a table");
        let hostile = "tab\t, line\nend\r, \\N and \\. \"é\" {}, '";
        let at = "2026-03-01T12:00:00.123456Z".parse::<DateTime<Utc>>().expect("a time");
        let json = serde_json::json!({ "quoted \" \\ \n": [1, null] });
        let mut rows = Rows::default();
        rows.row().text(hostile).put(-7).time(at).bytes(&[0, 0xff, b'\\']).array([hostile, "", "NULL"]).text(&json.to_string());
        rows.row().maybe_text(None).maybe(None::<i32>).maybe_time(None).null().array(None::<&str>).null();
        rows.row().text("\\N").put(1).time(at).bytes(&[]).array(None::<&str>).null();
        assert_eq!(rows.count(), 3);
        rows.send(&mut connection, "copy t from stdin").await.expect("sent");
        assert_eq!(rows.count(), 0);

        type Read = (Option<String>, Option<i32>, Option<DateTime<Utc>>, Option<Vec<u8>>, Vec<String>, Option<serde_json::Value>);
        let read: Vec<Read> = sqlx::query_as("select * from t").fetch_all(&mut *connection).await.expect("rows");
        let list = vec![hostile.to_owned(), String::new(), "NULL".to_owned()];
        assert_eq!(read[0], (Some(hostile.to_owned()), Some(-7), Some(at), Some(vec![0, 0xff, b'\\']), list, Some(json)));
        assert_eq!(read[1], (None, None, None, None, vec![], None));
        assert_eq!(read[2], (Some("\\N".to_owned()), Some(1), Some(at), Some(vec![]), vec![], None));
    }

    #[sqlx::test(migrations = false)]
    async fn a_row_that_does_not_fit_is_an_error_and_the_connection_goes_on(pool: PgPool) {
        let mut connection = pool.acquire().await.expect("a connection");
        sqlx::query("create table t (a integer)").execute(&mut *connection).await.expect("a table");
        let mut rows = Rows::default();
        rows.row().text("seven");
        rows.send(&mut connection, "copy t from stdin").await.expect_err("no number");
        let count: i64 = sqlx::query_scalar("select count(*) from t").fetch_one(&mut *connection).await.expect("a count");
        assert_eq!(count, 0);
    }
}
