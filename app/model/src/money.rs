//! Money: whole minor units and an ISO 4217 currency, checked arithmetic, one rounding.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The currencies people pay in (ISO 4217, list one) with the digits after their point and the countries (ISO 3166-1, and XK) whose
/// own they are. Where a country has two, it stands at the one that bears its name. BGN is there for offers older than the euro.
const CURRENCIES: &[(&str, u32, &str)] = &[
    ("AED", 2, "AE"),
    ("AFN", 2, "AF"),
    ("ALL", 2, "AL"),
    ("AMD", 2, "AM"),
    ("AOA", 2, "AO"),
    ("ARS", 2, "AR"),
    ("AUD", 2, "AU CC CX HM KI NF NR TV"),
    ("AWG", 2, "AW"),
    ("AZN", 2, "AZ"),
    ("BAM", 2, "BA"),
    ("BBD", 2, "BB"),
    ("BDT", 2, "BD"),
    ("BGN", 2, ""),
    ("BHD", 3, "BH"),
    ("BIF", 0, "BI"),
    ("BMD", 2, "BM"),
    ("BND", 2, "BN"),
    ("BOB", 2, "BO"),
    ("BRL", 2, "BR"),
    ("BSD", 2, "BS"),
    ("BTN", 2, "BT"),
    ("BWP", 2, "BW"),
    ("BYN", 2, "BY"),
    ("BZD", 2, "BZ"),
    ("CAD", 2, "CA"),
    ("CDF", 2, "CD"),
    ("CHF", 2, "CH LI"),
    ("CLP", 0, "CL"),
    ("CNY", 2, "CN"),
    ("COP", 2, "CO"),
    ("CRC", 2, "CR"),
    ("CUP", 2, "CU"),
    ("CVE", 2, "CV"),
    ("CZK", 2, "CZ"),
    ("DJF", 0, "DJ"),
    ("DKK", 2, "DK FO GL"),
    ("DOP", 2, "DO"),
    ("DZD", 2, "DZ"),
    ("EGP", 2, "EG"),
    ("ERN", 2, "ER"),
    ("ETB", 2, "ET"),
    ("EUR", 2, "AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT"),
    ("FJD", 2, "FJ"),
    ("FKP", 2, "FK"),
    ("GBP", 2, "GB GG GS IM JE"),
    ("GEL", 2, "GE"),
    ("GHS", 2, "GH"),
    ("GIP", 2, "GI"),
    ("GMD", 2, "GM"),
    ("GNF", 0, "GN"),
    ("GTQ", 2, "GT"),
    ("GYD", 2, "GY"),
    ("HKD", 2, "HK"),
    ("HNL", 2, "HN"),
    ("HTG", 2, "HT"),
    ("HUF", 2, "HU"),
    ("IDR", 2, "ID"),
    ("ILS", 2, "IL PS"),
    ("INR", 2, "IN"),
    ("IQD", 3, "IQ"),
    ("IRR", 2, "IR"),
    ("ISK", 0, "IS"),
    ("JMD", 2, "JM"),
    ("JOD", 3, "JO"),
    ("JPY", 0, "JP"),
    ("KES", 2, "KE"),
    ("KGS", 2, "KG"),
    ("KHR", 2, "KH"),
    ("KMF", 0, "KM"),
    ("KPW", 2, "KP"),
    ("KRW", 0, "KR"),
    ("KWD", 3, "KW"),
    ("KYD", 2, "KY"),
    ("KZT", 2, "KZ"),
    ("LAK", 2, "LA"),
    ("LBP", 2, "LB"),
    ("LKR", 2, "LK"),
    ("LRD", 2, "LR"),
    ("LSL", 2, "LS"),
    ("LYD", 3, "LY"),
    ("MAD", 2, "EH MA"),
    ("MDL", 2, "MD"),
    ("MGA", 2, "MG"),
    ("MKD", 2, "MK"),
    ("MMK", 2, "MM"),
    ("MNT", 2, "MN"),
    ("MOP", 2, "MO"),
    ("MRU", 2, "MR"),
    ("MUR", 2, "MU"),
    ("MVR", 2, "MV"),
    ("MWK", 2, "MW"),
    ("MXN", 2, "MX"),
    ("MYR", 2, "MY"),
    ("MZN", 2, "MZ"),
    ("NAD", 2, "NA"),
    ("NGN", 2, "NG"),
    ("NIO", 2, "NI"),
    ("NOK", 2, "BV NO SJ"),
    ("NPR", 2, "NP"),
    ("NZD", 2, "CK NU NZ PN TK"),
    ("OMR", 3, "OM"),
    ("PAB", 2, "PA"),
    ("PEN", 2, "PE"),
    ("PGK", 2, "PG"),
    ("PHP", 2, "PH"),
    ("PKR", 2, "PK"),
    ("PLN", 2, "PL"),
    ("PYG", 0, "PY"),
    ("QAR", 2, "QA"),
    ("RON", 2, "RO"),
    ("RSD", 2, "RS"),
    ("RUB", 2, "RU"),
    ("RWF", 0, "RW"),
    ("SAR", 2, "SA"),
    ("SBD", 2, "SB"),
    ("SCR", 2, "SC"),
    ("SDG", 2, "SD"),
    ("SEK", 2, "SE"),
    ("SGD", 2, "SG"),
    ("SHP", 2, "SH"),
    ("SLE", 2, "SL"),
    ("SOS", 2, "SO"),
    ("SRD", 2, "SR"),
    ("SSP", 2, "SS"),
    ("STN", 2, "ST"),
    ("SVC", 2, "SV"),
    ("SYP", 2, "SY"),
    ("SZL", 2, "SZ"),
    ("THB", 2, "TH"),
    ("TJS", 2, "TJ"),
    ("TMT", 2, "TM"),
    ("TND", 3, "TN"),
    ("TOP", 2, "TO"),
    ("TRY", 2, "TR"),
    ("TTD", 2, "TT"),
    ("TWD", 2, "TW"),
    ("TZS", 2, "TZ"),
    ("UAH", 2, "UA"),
    ("UGX", 0, "UG"),
    ("USD", 2, "AS BQ EC FM GU IO MH MP PR PW TC TL UM US VG VI"),
    ("UYU", 2, "UY"),
    ("UZS", 2, "UZ"),
    ("VED", 2, ""),
    ("VES", 2, "VE"),
    ("VND", 0, "VN"),
    ("VUV", 0, "VU"),
    ("WST", 2, "WS"),
    ("XAF", 0, "CF CG CM GA GQ TD"),
    ("XCD", 2, "AG AI DM GD KN LC MS VC"),
    ("XCG", 2, "CW SX"),
    ("XOF", 0, "BF BJ CI GW ML NE SN TG"),
    ("XPF", 0, "NC PF WF"),
    ("YER", 2, "YE"),
    ("ZAR", 2, "ZA"),
    ("ZMW", 2, "ZM"),
    ("ZWG", 2, "ZW"),
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
        CURRENCIES.iter().map(|(code, exponent, _)| Self(code, *exponent))
    }

    /// The currency of a country (ISO 3166-1 alpha-2); none for what is no country, and for Antarctica.
    pub fn of_country(country: &str) -> Option<Self> {
        let (code, exponent, _) = CURRENCIES.iter().find(|(.., countries)| countries.split_whitespace().any(|c| c == country))?;
        Some(Self(code, *exponent))
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

    #[test]
    fn every_country_has_one_currency() {
        let cases = [
            ("US", "USD"),
            ("CA", "CAD"),
            ("DE", "EUR"),
            ("BG", "EUR"),
            ("SN", "XOF"),
            ("KW", "KWD"),
            ("VN", "VND"),
            ("CW", "XCG"),
        ];
        for (country, code) in cases {
            assert_eq!(Currency::of_country(country).map(Currency::code), Some(code), "{country}");
        }
        for none in ["", "ZZ", "us", "USA", "AQ", "U", " "] {
            assert_eq!(Currency::of_country(none), None, "{none:?}");
        }
        let mut countries: Vec<_> = CURRENCIES.iter().flat_map(|(.., countries)| countries.split_whitespace()).collect();
        countries.sort();
        assert!(countries.windows(2).all(|pair| pair[0] != pair[1]), "a country stands at two currencies");
        // The 249 of ISO 3166-1 without Antarctica, and Kosovo.
        assert_eq!(countries.len(), 249);
    }

    #[test]
    fn currencies_of_every_part_of_the_world_are_known_with_their_digits() {
        for (code, digits) in [("XOF", 0), ("UGX", 0), ("IQD", 3), ("LYD", 3), ("ETB", 2), ("HUF", 2), ("ZWG", 2)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), digits, "{code}");
        }
        assert!(CURRENCIES.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, each once");
    }
}
