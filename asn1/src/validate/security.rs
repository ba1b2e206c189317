//! Security elements, as far as they can be judged without keys.

use super::address::BOUNDS;
use super::validator::{Validate, Validator};
use super::violation::Rule;
use crate::bounds;
use crate::x411::security::SecurityLabel;

impl Validate for SecurityLabel {
    fn validate(&self, validator: &mut Validator) {
        if let Some(classification) = self.classification {
            let limit = i64::try_from(bounds::INTEGER_OPTIONS).unwrap_or(i64::MAX);
            validator.number("security-classification", classification.0, 0..=limit, BOUNDS);
            if self.policy.is_none() && classification.label().is_none() {
                validator.within("security-classification", |validator| {
                    validator.warning(
                        Rule::Value,
                        "X.411 8.5.9",
                        format!("{classification} has a meaning under a policy only, and none is stated"),
                    );
                });
            }
        }
        if let Some(mark) = &self.privacy_mark {
            validator.string("privacy-mark", mark, 1..=bounds::PRIVACY_MARK, BOUNDS);
        }
        if let Some(categories) = &self.categories {
            let name = "security-categories";
            validator.count(name, categories.0.len(), 1..=bounds::SECURITY_CATEGORIES, BOUNDS);
            validator.each(name, &categories.0, |validator, category| validator.unknown(&category.unknown));
        }
        validator.unknown(&self.unknown);
    }
}
