//! Public addresses: `slug-shortid`. The short id finds the record, the slug is for people and may change.

/// The letters of a short id: Crockford's base 32 in lower case, without i, l, o, u.
pub const SHORT_ID_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters in a short id: 32^10 of them, so that a random one is free even among millions.
pub const SHORT_ID_LENGTH: usize = 10;

/// Lower-case letters and digits of any script, joined by single hyphens, at most 60 characters.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' && c != '’' {
            slug.push('-');
        }
        if slug.chars().count() >= 60 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The public address of a record: its slug and its short id.
pub fn address(name: &str, short_id: &str) -> String {
    match slug(name) {
        slug if slug.is_empty() => short_id.to_owned(),
        slug => format!("{slug}-{short_id}"),
    }
}

/// The short id at the end of a public address, if it has the form of one.
pub fn short_id(address: &str) -> Option<&str> {
    let id = address.rsplit('-').next()?;
    (id.len() == SHORT_ID_LENGTH && id.bytes().all(|b| SHORT_ID_ALPHABET.contains(&b))).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_finds_its_record_whatever_the_slug() {
        assert_eq!(address("Joe's Pizza & Pasta: 20% off", "0123456789"), "joes-pizza-pasta-20-off-0123456789");
        assert_eq!(address("寿司", "abcdefghjk"), "寿司-abcdefghjk");
        assert_eq!(address("!!!", "abcdefghjk"), "abcdefghjk");
        assert_eq!(short_id("anything-else-abcdefghjk"), Some("abcdefghjk"));
        assert_eq!(short_id("no-id-here"), None);
        assert_eq!(short_id("x-abcdefghil"), None, "i and l are no letters of a short id");
    }
}
