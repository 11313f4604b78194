//! One data base, one key.

use super::*;
use crate::{Actor, Caller, Db};
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_key_is_the_one_of_the_data_base(pool: PgPool) {
    let db = Db::new(pool);
    let server = || Caller::local(Actor::Server);
    let (first, second) = (Key::random(), Key::random());
    assert_eq!(db.read(server(), async |op| is_chosen(op).await).await, Ok(false));
    let mut agreed = Vec::new();
    for key in [&first, &second, &first] {
        agreed.push(db.write(server(), async |op| agree(op, key).await).await.unwrap());
    }
    assert_eq!(agreed, [true, false, true]);
    assert_eq!(db.read(server(), async |op| is_chosen(op).await).await, Ok(true));
}
