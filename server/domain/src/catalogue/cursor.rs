//! Where a page of results goes on: the keys of the last offer seen, in hexadecimal. Whatever does not read back as one of ours
//! is no cursor; there is nothing in it that a stranger could not ask for anyway.

use chrono::DateTime;
use model::{Cursor, PublicationId, Timestamp};
use uuid::Uuid;

/// The last offer of a page, by the keys that the results are sorted by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Last {
    Newest {
        shown_from: Timestamp,
        priority: i16,
        publication: PublicationId,
    },
    /// `chord` is the straight distance on the unit sphere.
    Nearest {
        chord: f64,
        priority: i16,
        publication: PublicationId,
    },
}

impl Last {
    pub(super) fn cursor(self) -> Cursor {
        let (mode, key, priority, publication) = match self {
            Self::Newest { shown_from, priority, publication } => {
                ('a', shown_from.timestamp_micros() as u64, priority, publication)
            }
            Self::Nearest { chord, priority, publication } => ('b', chord.to_bits(), priority, publication),
        };
        Cursor(format!("{mode}{key:016x}{priority:04x}{}", publication.0.simple()))
    }

    /// Reads a cursor back; none if it is not one.
    pub(super) fn read(cursor: &str) -> Option<Self> {
        if cursor.len() != 53 || !cursor.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let key = u64::from_str_radix(&cursor[1..17], 16).ok()?;
        let priority = u16::from_str_radix(&cursor[17..21], 16).ok()? as i16;
        let publication = PublicationId(Uuid::try_parse(&cursor[21..]).ok()?);
        match &cursor[..1] {
            "a" => {
                // Outside of these years Postgres and the calendar need not agree, and nothing was ever published.
                let shown_from =
                    DateTime::from_timestamp_micros(key as i64).filter(|t| (1970..2300).contains(&chrono::Datelike::year(t)))?;
                Some(Self::Newest { shown_from, priority, publication })
            }
            "b" => {
                let chord = Some(f64::from_bits(key)).filter(|chord| (0.0..=2.0).contains(chord))?;
                Some(Self::Nearest { chord, priority, publication })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_it_was_written() {
        let publication = PublicationId(Uuid::from_u128(77));
        let shown_from = DateTime::from_timestamp_micros(1_780_000_000_123_456).unwrap();
        for last in [
            Last::Newest { shown_from, priority: -1, publication },
            Last::Newest { shown_from, priority: 100, publication },
            Last::Nearest { chord: 0.012_345_678_9, priority: 0, publication },
        ] {
            assert_eq!(Last::read(&last.cursor().0), Some(last));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let good = Last::Nearest { chord: 0.5, priority: 0, publication: PublicationId(Uuid::nil()) }.cursor().0;
        let mut hostile =
            vec![String::new(), "1".into(), "🍕".repeat(20), good.replacen('b', "c", 1), format!("{good}0"), good[1..].into()];
        // A time far away, not a number, beyond the sphere.
        hostile.push(format!("a7fffffffffffffff{}", &good[17..]));
        hostile.push(format!("b{:016x}{}", f64::NAN.to_bits(), &good[17..]));
        hostile.push(format!("b{:016x}{}", 2.1_f64.to_bits(), &good[17..]));
        hostile.push(good.replace('0', "é"));
        for cursor in hostile {
            assert_eq!(Last::read(&cursor), None, "{cursor}");
        }
    }
}
