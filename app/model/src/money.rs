//! Money: whole minor units and an ISO 4217 currency, checked arithmetic, one rounding.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Currencies in use with the number of digits after their point (ISO 4217, list one).
const CURRENCIES: &[(&str, u32)] = &[
    ("AED", 2),
    ("ARS", 2),
    ("AUD", 2),
    ("BDT", 2),
    ("BGN", 2),
    ("BHD", 3),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CLP", 0),
    ("CNY", 2),
    ("COP", 2),
    ("CRC", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("DOP", 2),
    ("EGP", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("GHS", 2),
    ("GTQ", 2),
    ("HKD", 2),
    ("HUF", 2),
    ("IDR", 2),
    ("ILS", 2),
    ("INR", 2),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KES", 2),
    ("KRW", 0),
    ("KWD", 3),
    ("LKR", 2),
    ("MAD", 2),
    ("MXN", 2),
    ("MYR", 2),
    ("NGN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("OMR", 3),
    ("PEN", 2),
    ("PHP", 2),
    ("PKR", 2),
    ("PLN", 2),
    ("QAR", 2),
    ("RON", 2),
    ("RSD", 2),
    ("SAR", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("THB", 2),
    ("TND", 3),
    ("TRY", 2),
    ("TWD", 2),
    ("UAH", 2),
    ("USD", 2),
    ("UYU", 2),
    ("VND", 0),
    ("ZAR", 2),
];

/// An ISO 4217 currency that Tessera knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str, u32);

impl Currency {
    pub const USD: Self = Self("USD", 2);

    pub fn code(self) -> &'static str {
        self.0
    }

    /// Digits after the point: 2 for dollars, 0 for yen.
    pub fn exponent(self) -> u32 {
        self.1
    }

    /// Every currency, by code, for a list to choose from.
    pub fn all() -> impl Iterator<Item = Self> {
        CURRENCIES.iter().map(|(code, exponent)| Self(code, *exponent))
    }

    /// The currency of a country (ISO 3166-1 alpha-2), where Tessera knows it.
    pub fn of_country(country: &str) -> Option<Self> {
        let code = match country {
            "US" | "PR" => "USD",
            "CA" => "CAD",
            "GB" => "GBP",
            "AU" => "AUD",
            "NZ" => "NZD",
            "CH" | "LI" => "CHF",
            "JP" => "JPY",
            "MX" => "MXN",
            "BR" => "BRL",
            "IN" => "INR",
            "SE" => "SEK",
            "NO" => "NOK",
            "DK" => "DKK",
            "PL" => "PLN",
            "AT" | "BE" | "CY" | "DE" | "EE" | "ES" | "FI" | "FR" | "GR" | "HR" | "IE" | "IT" | "LT" | "LU" | "LV" | "MT"
            | "NL" | "PT" | "SI" | "SK" => "EUR",
            _ => return None,
        };
        code.parse().ok()
    }

    fn sign(self) -> Option<&'static str> {
        match self.0 {
            "USD" => Some("$"),
            "EUR" => Some("€"),
            "GBP" => Some("£"),
            "JPY" => Some("¥"),
            _ => None,
        }
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let code = s.trim().to_ascii_uppercase();
        Self::all().find(|c| c.0 == code).ok_or(UnknownCurrency)
    }
}

/// The text is no currency that Tessera knows.
#[derive(Debug, thiserror::Error)]
#[error("not a known currency code")]
pub struct UnknownCurrency;

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// An amount in whole minor units (cents) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// As a form writes it: `12.50`, without currency.
    pub fn plain(self) -> String {
        let scale = 10_i64.pow(self.currency.exponent());
        let (whole, rest) = (self.minor / scale, (self.minor % scale).abs());
        let sign = if self.minor < 0 && whole == 0 { "-" } else { "" };
        match self.currency.exponent() {
            0 => format!("{whole}"),
            digits => format!("{sign}{whole}.{rest:0width$}", width = digits as usize),
        }
    }

    /// As members read it: `$12.50`, `$12`, `CHF 12.50`.
    pub fn shown(self) -> String {
        let plain = self.plain();
        let short = plain.strip_suffix(".00").unwrap_or(&plain);
        match self.currency.sign() {
            Some(sign) => format!("{sign}{short}"),
            None => format!("{} {short}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_currencys_digits() {
        let usd = |minor| Money::new(minor, Currency::USD);
        assert_eq!(usd(1250).plain(), "12.50");
        assert_eq!(usd(-5).plain(), "-0.05");
        assert_eq!(usd(1200).shown(), "$12");
        assert_eq!(Money::new(500, "JPY".parse().unwrap()).shown(), "¥500");
        assert_eq!(Money::new(1500, "KWD".parse().unwrap()).plain(), "1.500");
    }

    #[test]
    fn a_currency_that_is_none_is_refused() {
        assert!("XYZ".parse::<Currency>().is_err());
        assert_eq!("usd".parse::<Currency>().unwrap(), Currency::USD);
    }
}
