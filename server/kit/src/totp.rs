//! One-time codes by time, RFC 6238, as authenticator apps make them: SHA-1, six digits, thirty seconds. Of other settings some
//! apps silently make codes that fit nothing.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use rand::Rng as _;
use totp_rs::{Builder, Totp};

/// Bytes of a secret, as RFC 4226 advises.
const LENGTH: usize = 20;

/// A new random secret.
pub fn new_secret() -> Vec<u8> {
    rand::rng().random::<[u8; LENGTH]>().to_vec()
}

/// The time step that a code belongs to: the one of this moment (in seconds since 1970), the one before or the one after, as
/// clocks differ. It is for the caller to accept each step once only.
pub fn step_of(secret: &[u8], code: &str, seconds: u64) -> Option<u64> {
    builder(secret).build_noncompliant().check(code, seconds)
}

/// The code of a moment.
pub fn code_at(secret: &[u8], seconds: u64) -> String {
    builder(secret).build_noncompliant().generate(seconds).to_string()
}

/// A secret as it is typed into an app, and as it is read from its camera.
pub struct Enrolment {
    /// In base32, in groups of four.
    pub text: String,
    /// `otpauth://..`
    pub url: String,
    /// The URL as a picture: an `<svg>` without declarations, dark on light whatever the page's colours are.
    pub svg: String,
}

/// How an app is told a secret: of whose account (`name`) at what (`issuer`).
pub fn enrolment(secret: &[u8], issuer: &str, name: &str) -> Result<Enrolment, String> {
    // A colon parts issuer from name in the URL.
    let plain = |text: &str| text.replace(':', " ");
    let totp: Totp = builder(secret).with_issuer(Some(plain(issuer))).with_account_name(plain(name)).build().map_err(failed)?;
    let url = totp.to_url().map_err(failed)?;
    let code = QrCode::with_error_correction_level(&url, EcLevel::M).map_err(failed)?;
    let svg = code.render::<svg::Color>().min_dimensions(200, 200).build();
    let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, picture)| picture).to_owned();
    let letters: Vec<char> = totp.secret().to_base32().chars().collect();
    let text = letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    Ok(Enrolment { text, url, svg })
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new().with_secret(secret.to_vec()).with_skew(1)
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 6238, the last six of its eight digits.
    const RFC: &[(u64, &str)] =
        &[(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")];

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in RFC {
            assert_eq!(code_at(b"12345678901234567890", *seconds), *code);
            assert_eq!(step_of(b"12345678901234567890", code, *seconds), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_one_late_and_no_further() {
        let secret = new_secret();
        let code = code_at(&secret, 3000);
        let steps = [2910, 2969, 2970, 3000, 3029, 3059, 3060].map(|seconds| step_of(&secret, &code, seconds));
        assert_eq!(steps, [None, None, Some(100), Some(100), Some(100), Some(100), None]);
    }

    #[test]
    fn an_app_is_told_the_secret_in_words_and_as_a_picture() {
        let told = enrolment(b"12345678901234567890", "Tessera: desk", "ada@example.com").expect("it fits");
        assert_eq!(told.text, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(told.url.starts_with("otpauth://totp/Tessera%20%20desk:ada"), "{}", told.url);
        assert!(told.svg.starts_with("<svg") && !told.svg.contains("style"), "{}", &told.svg[..80]);
    }
}
