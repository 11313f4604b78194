//! Postal codes: where an address lies when nobody says it better.

use serde::{Deserialize, Serialize};

/// A postal code and its centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostalCode {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub code: String,
    pub city: String,
    /// State or province, such as NY.
    pub region: String,
    /// Degrees north and east (WGS 84).
    pub latitude: f64,
    pub longitude: f64,
    /// IANA name, such as America/New_York.
    pub time_zone: String,
}

/// A postal code as the table writes it: in capitals, and of a US code with its extension the first five digits.
pub fn plain_code(country: &str, code: &str) -> String {
    let code = code.trim().to_uppercase();
    match code.split_once('-') {
        Some((five, _)) if country.eq_ignore_ascii_case("US") => five.trim().to_owned(),
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_of_a_us_code_does_not_count() {
        assert_eq!(plain_code("us", " 10001-2345 "), "10001");
        assert_eq!(plain_code("GB", "sw1a 1aa"), "SW1A 1AA");
        assert_eq!(plain_code("PT", "1000-205"), "1000-205");
    }
}
