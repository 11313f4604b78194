//! Pictures of offers, merchants and brands: which one, what it shows, and which part of it matters.

use crate::{FieldErrors, form::Reader};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Thousandths of a picture's width or height.
const WHOLE: u16 = 1000;
const MIDDLE: u16 = WHOLE / 2;
/// Letters of the words that say what a picture shows.
const LONGEST_ALT: usize = 250;

/// Which picture: SHA-256 of its largest file in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PictureHash(String);

impl PictureHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is no hash of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A picture's hash has 64 hexadecimal digits.")]
pub struct NoHash;

impl FromStr for PictureHash {
    type Err = NoHash;
    fn from_str(s: &str) -> Result<Self, NoHash> {
        let is_hex = s.len() == 64 && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if is_hex { Ok(Self(s.to_owned())) } else { Err(NoHash) }
    }
}

impl TryFrom<String> for PictureHash {
    type Error = NoHash;
    fn try_from(text: String) -> Result<Self, NoHash> {
        text.parse()
    }
}

impl From<PictureHash> for String {
    fn from(hash: PictureHash) -> Self {
        hash.0
    }
}

impl fmt::Display for PictureHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The point of a picture that stays in sight when it is cropped, in thousandths from the left and from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    pub x: u16,
    pub y: u16,
}

impl Default for Focus {
    fn default() -> Self {
        Self { x: MIDDLE, y: MIDDLE }
    }
}

/// A picture as an offer or a merchant shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub hash: PictureHash,
    #[serde(default)]
    pub focus: Focus,
    /// What it shows, for those who do not see it.
    pub alt: String,
}

/// The raw fields of a picture in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureFields {
    pub picture: String,
    pub picture_alt: String,
    pub picture_x: String,
    pub picture_y: String,
}

impl PictureFields {
    pub fn of(picture: Option<&Picture>) -> Self {
        match picture {
            Some(Picture { hash, focus, alt }) => Self {
                picture: hash.to_string(),
                picture_alt: alt.clone(),
                picture_x: focus.x.to_string(),
                picture_y: focus.y.to_string(),
            },
            None => Self::default(),
        }
    }

    /// The picture, if there is one; then it must say what it shows.
    pub fn read(&self, form: &mut Reader) -> Option<Option<Picture>> {
        if self.picture.trim().is_empty() {
            return Some(None);
        }
        let hash = match self.picture.trim().parse() {
            Ok(hash) => Some(hash),
            Err(NoHash) => form.refuse("picture", "This is no picture that was uploaded. Upload it again."),
        };
        let alt = read_alt(form, "picture_alt", &self.picture_alt);
        let x = form.number("picture_x", "The focal point from the left", &self.picture_x, 0, WHOLE);
        let y = form.number("picture_y", "The focal point from the top", &self.picture_y, 0, WHOLE);
        let focus = Focus { x: x?.unwrap_or(MIDDLE), y: y?.unwrap_or(MIDDLE) };
        Some(Some(Picture { hash: hash?, focus, alt: alt? }))
    }
}

fn read_alt(form: &mut Reader, field: &str, raw: &str) -> Option<String> {
    let alt = form.long_text(field, "What the picture shows", raw, LONGEST_ALT)?;
    if alt.is_empty() {
        return form.refuse(field, "Say what the picture shows, for those who cannot see it.");
    }
    Some(alt)
}

/// What a picture that is being uploaded shows: it must be said.
pub fn parse_alt(raw: &str) -> Result<String, FieldErrors> {
    let mut form = Reader::default();
    let alt = read_alt(&mut form, UPLOAD_ALT, raw);
    form.errors.into_result(alt)
}

/// What the fields of an upload begin with, and in its place those of a logo's.
pub const UPLOAD: &str = "upload_";
pub const UPLOAD_LOGO: &str = "logo_";
/// The fields of an upload.
pub const UPLOAD_FILE: &str = "upload_file";
pub const UPLOAD_ALT: &str = "upload_alt";
/// The picture that stood there when the form was drawn.
pub const UPLOAD_BEFORE: &str = "upload_before";

/// What was typed into an upload that was refused. The file itself must be chosen again: browsers fill no file in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedUpload {
    pub upload_alt: String,
    /// Whether it was for the brand.
    pub logo: bool,
}

/// What a picture is uploaded for; the word stands in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureOf {
    Offer,
    Merchant,
    /// The logo of a merchant's brand, by the merchant.
    Brand,
}

impl PictureOf {
    pub const ALL: [Self; 3] = [Self::Offer, Self::Merchant, Self::Brand];

    pub fn word(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Merchant => "merchant",
            Self::Brand => "brand",
        }
    }

    /// The address of the record's page on the desk, which an upload leads back to.
    pub fn page(self, id: impl fmt::Display) -> String {
        match self {
            Self::Offer => format!("/desk/offers/{id}"),
            Self::Merchant | Self::Brand => format!("/desk/merchants/{id}"),
        }
    }
}

impl FromStr for PictureOf {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|of| of.word() == s).ok_or(())
    }
}

/// A stored picture with all that a page needs to show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPicture {
    pub hash: PictureHash,
    /// Pixels.
    pub width: u32,
    pub height: u32,
    /// The widths it stands in, its own the last.
    pub widths: Vec<u32>,
    pub transparent: bool,
    pub focus: Focus,
    pub alt: String,
    /// A logo is shown whole, on the cover's colour; anything else is cropped to its focal point.
    pub logo: bool,
}

impl ShownPicture {
    /// The ending of the files for those who know no WebP.
    pub fn fallback(&self) -> &'static str {
        if self.transparent { "png" } else { "jpg" }
    }

    /// The folder of its files.
    pub fn folder(&self) -> String {
        format!("/pictures/{}", self.hash)
    }

    /// The file for links and other sites: large enough for any of them, and not larger than needed.
    pub fn address(&self) -> String {
        let fits = self.widths.iter().copied().find(|width| *width >= 1200).unwrap_or(self.width);
        format!("{}/{fits}.{}", self.folder(), self.fallback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(picture: &str, alt: &str, x: &str, y: &str) -> PictureFields {
        let [picture, picture_alt, picture_x, picture_y] = [picture, alt, x, y].map(str::to_owned);
        PictureFields { picture, picture_alt, picture_x, picture_y }
    }

    fn read(fields: &PictureFields) -> Result<Option<Picture>, FieldErrors> {
        let mut form = Reader::default();
        let picture = fields.read(&mut form);
        form.errors.into_result(picture)
    }

    #[test]
    fn a_picture_must_say_what_it_shows() {
        let hash = "a0".repeat(32);
        let refused = read(&fields(&hash, "  ", "", "")).unwrap_err();
        assert!(refused.at("picture_alt").is_some());
        assert_eq!(read(&fields("", "left over", "7", "7")), Ok(None));
    }

    #[test]
    fn a_focal_point_lies_inside_and_in_the_middle_unless_said() {
        let hash = "a0".repeat(32);
        let focus = |x, y| read(&fields(&hash, "A cup", x, y)).map(|picture| picture.unwrap().focus);
        assert_eq!(focus("", ""), Ok(Focus { x: 500, y: 500 }));
        assert_eq!(focus("0", "1000"), Ok(Focus { x: 0, y: 1000 }));
        assert!(focus("1001", "0").unwrap_err().at("picture_x").is_some());
        assert!(focus("0", "-1").unwrap_err().at("picture_y").is_some());
    }

    #[test]
    fn a_picture_goes_to_its_fields_and_comes_back() {
        let picture = read(&fields(&"0f".repeat(32), " A cup ", "12", "998")).unwrap();
        assert_eq!(read(&PictureFields::of(picture.as_ref())), Ok(picture));
    }

    #[test]
    fn only_a_hash_is_a_hash() {
        let good = "0123456789abcdef".repeat(4);
        assert!(good.parse::<PictureHash>().is_ok());
        for bad in ["", "..", &good[1..], &good.to_uppercase(), &format!("{}/", &good[1..]), &format!("{good}0")] {
            assert!(bad.parse::<PictureHash>().is_err(), "{bad}");
        }
    }
}
