//! The merchant's form.

use super::{ExternalId, Merchant, MerchantStatus};
use crate::{
    CategoryId, FieldErrors,
    form::Reader,
    pictures::{Picture, PictureFields},
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The merchant's form, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantForm {
    pub name: String,
    /// A brand's name; a new one is made when there is none of this name.
    pub brand: String,
    pub website: String,
    pub status: String,
    pub categories: Vec<String>,
    /// One `source: value` a line.
    pub external_ids: String,
    /// A hash; empty for none.
    pub picture: String,
    pub picture_alt: String,
    /// Thousandths, like the next.
    pub picture_x: String,
    pub picture_y: String,
}

/// A checked [`MerchantForm`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewMerchant {
    pub name: String,
    pub brand: Option<String>,
    pub website: Option<String>,
    pub status: MerchantStatus,
    pub categories: Vec<CategoryId>,
    pub external_ids: Vec<ExternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

impl MerchantForm {
    /// Every field's name and label, in the order of the form.
    pub const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", "Name"),
        ("brand", "Brand"),
        ("website", "Website"),
        ("status", "Status"),
        ("categories", "Categories"),
        ("external_ids", "External ids"),
        ("picture", "Picture"),
        ("picture_alt", "What the picture shows"),
        ("picture_x", "Focal point from the left"),
        ("picture_y", "Focal point from the top"),
    ];

    pub fn parse(&self) -> Result<NewMerchant, FieldErrors> {
        let mut form = Reader::default();
        let name = form.text("name", "The name", &self.name, 200);
        let brand = form.long_text("brand", "The brand", &self.brand, 200);
        let website = form.web_address("website", "The website", &self.website);
        let status = form.choice("status", "Status", &self.status);
        let categories = id_list(&mut form, "categories", "Categories", &self.categories);
        let external_ids = external_ids(&mut form, &self.external_ids);
        let picture = self.picture_fields().read(&mut form);
        let merchant = (|| {
            Some(NewMerchant {
                name: name?,
                brand: brand.map(|b| (!b.is_empty()).then_some(b))?,
                website: website?,
                status: status?,
                categories: categories?,
                external_ids: external_ids?,
                picture: picture?,
            })
        })();
        form.errors.into_result(merchant)
    }

    /// The form of a record, to edit it.
    pub fn of(merchant: &NewMerchant) -> Self {
        let mut form = Self {
            name: merchant.name.clone(),
            brand: merchant.brand.clone().unwrap_or_default(),
            website: merchant.website.clone().unwrap_or_default(),
            status: merchant.status.word().to_owned(),
            categories: merchant.categories.iter().map(ToString::to_string).collect(),
            external_ids: external_id_lines(&merchant.external_ids),
            ..Self::default()
        };
        form.set_picture(merchant.picture.as_ref());
        form
    }

    fn picture_fields(&self) -> PictureFields {
        PictureFields {
            picture: self.picture.clone(),
            picture_alt: self.picture_alt.clone(),
            picture_x: self.picture_x.clone(),
            picture_y: self.picture_y.clone(),
        }
    }

    /// Shows this picture, or none, in place of what is there.
    pub fn set_picture(&mut self, picture: Option<&Picture>) {
        let fields = PictureFields::of(picture);
        self.picture = fields.picture;
        self.picture_alt = fields.picture_alt;
        self.picture_x = fields.picture_x;
        self.picture_y = fields.picture_y;
    }
}

impl From<&Merchant> for NewMerchant {
    fn from(m: &Merchant) -> Self {
        Self {
            name: m.name.clone(),
            brand: m.brand.as_ref().map(|b| b.name.clone()),
            website: m.website.clone(),
            status: m.status,
            categories: m.categories.clone(),
            external_ids: m.external_ids.clone(),
            picture: m.picture.as_ref().map(|shown| Picture {
                hash: shown.hash.clone(),
                focus: shown.focus,
                alt: shown.alt.clone(),
            }),
        }
    }
}

/// Ids chosen in a form, each once.
pub(crate) fn id_list<T: FromStr + Ord>(form: &mut Reader, field: &str, label: &str, raw: &[String]) -> Option<Vec<T>> {
    let parsed: Result<Vec<T>, _> = raw.iter().filter(|id| !id.trim().is_empty()).map(|id| id.parse()).collect();
    match parsed {
        Ok(mut ids) => {
            ids.sort();
            ids.dedup();
            Some(ids)
        }
        Err(_) => form.refuse(field, format!("{label}: choose from the list.")),
    }
}

/// Ids as the form takes them: `crm: 12`, a line each.
pub(super) fn external_id_lines(ids: &[ExternalId]) -> String {
    ids.iter().map(|id| format!("{}: {}", id.source, id.value)).collect::<Vec<_>>().join("\n")
}

pub(super) fn external_ids(form: &mut Reader, raw: &str) -> Option<Vec<ExternalId>> {
    let mut ids = Vec::new();
    for line in raw.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((source, value)) = line.split_once(':').map(|(s, v)| (s.trim(), v.trim())) else {
            return form.refuse("external_ids", format!("External ids: write “{line}” as source: value."));
        };
        let plain = !source.is_empty()
            && source.len() <= 40
            && source.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !plain || value.is_empty() || value.len() > 200 || ids.len() >= 100 {
            return form.refuse(
                "external_ids",
                format!("External ids: “{line}” needs a short source such as crm, and a value of at most 200 characters."),
            );
        }
        ids.push(ExternalId { source: source.to_owned(), value: value.to_owned() });
    }
    ids.sort();
    ids.dedup();
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_goes_to_its_form_and_comes_back() {
        let form = MerchantForm {
            name: " Café  ".into(),
            status: "active".into(),
            website: "https://example.com".into(),
            external_ids: "crm: 12\ncrm: 12\noracle: A:7".into(),
            ..Default::default()
        };
        let merchant = form.parse().unwrap();
        assert_eq!(merchant.external_ids.len(), 2);
        assert_eq!(merchant.external_ids[1].value, "A:7");
        assert_eq!(MerchantForm::of(&merchant).parse().unwrap(), merchant);
        assert!(MerchantForm { website: "javascript:x".into(), ..form }.parse().unwrap_err().at("website").is_some());
    }
}
