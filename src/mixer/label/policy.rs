//! What the numbers of labels mean: the operator's tables (ledger beyond S-25).

use std::borrow::Cow;

use rasn_x400::prim::{Oid, RawTlv};
use rasn_x400::x411::security::{SecurityCategory, SecurityClassification, SecurityLabel};
use serde::Deserialize;

use super::xml::NamedLabel;
use super::{LabelFault, field, label};

/// How labels are mapped, and which may pass.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Labels {
    /// What becomes of labels, classes and categories that no table has.
    pub unknown: Unknown,
    /// What becomes of a message with two labels that differ.
    pub conflict: Conflict,
    /// Name of the policy that labels without one are under (S-21), and whose class a message without a label gets.
    pub default_policy: Option<String>,
    /// That class, by name; without it a message without a label gets none.
    pub default_class: Option<String>,
    /// Name of the policy that the X.400 side speaks; labels of others are translated.
    pub x400_policy: Option<String>,
    /// The same for the Internet side.
    pub internet_policy: Option<String>,
    /// The tables.
    pub policies: Vec<Policy>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Unchecked {
    unknown: Unknown,
    conflict: Conflict,
    default_policy: Option<String>,
    default_class: Option<String>,
    x400_policy: Option<String>,
    internet_policy: Option<String>,
    #[serde(rename = "policy")]
    policies: Vec<Policy>,
}

/// What becomes of what no table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// The message is refused.
    #[default]
    Refuse,
    /// It passes as it is.
    Pass,
}

/// What becomes of a message with two labels that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// The higher counts, by the order of the policy; where that does not say, the message is refused.
    #[default]
    Higher,
    /// The message is refused.
    Refuse,
}

/// A policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// What people call it.
    pub name: String,
    /// What labels call it.
    #[serde(deserialize_with = "oid")]
    pub oid: Oid,
    /// Name of the highest class that may pass; everything may, if it is not said.
    #[serde(default)]
    pub clearance: Option<String>,
    /// Its classes, from the lowest to the highest. Their numbers say nothing about that (RFC 2634 3).
    #[serde(default, rename = "class")]
    pub classes: Vec<Class>,
    /// Its categories.
    #[serde(default, rename = "category")]
    pub categories: Vec<Category>,
}

/// A class of a policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Class {
    /// The number in labels.
    pub number: i64,
    /// What people call it.
    pub name: String,
    /// What is shown; the name, if it is not said.
    #[serde(default)]
    pub marking: Option<String>,
    /// In which colour.
    #[serde(default)]
    pub foreground: Option<String>,
    /// On which colour.
    #[serde(default)]
    pub background: Option<String>,
    /// Classes of other policies that are the same, as `policy:class`, by name.
    #[serde(default)]
    pub same_as: Vec<String>,
}

/// A category of a policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Category {
    /// Its type.
    #[serde(deserialize_with = "oid")]
    pub kind: Oid,
    /// The octets of its value, as hexadecimal digits; any value, if it is not said.
    #[serde(default)]
    pub value: Option<String>,
    /// What people call it: `tag name` of STANAG 4774 and its value, with `:` between.
    pub name: String,
    /// What is added to the marking.
    #[serde(default)]
    pub marking: Option<String>,
    /// Categories of other policies that are the same, as `policy:category`, by name.
    #[serde(default)]
    pub same_as: Vec<String>,
}

fn oid<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Oid, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error| serde::de::Error::custom(format!("`{text}` is not an object identifier: {error}")))
}

impl TryFrom<Unchecked> for Labels {
    type Error = String;

    /// Every name that one table uses of another must exist.
    fn try_from(unchecked: Unchecked) -> Result<Self, String> {
        let Unchecked {
            unknown,
            conflict,
            default_policy,
            default_class,
            x400_policy,
            internet_policy,
            policies,
        } = unchecked;
        let labels =
            Self { unknown, conflict, default_policy, default_class, x400_policy, internet_policy, policies };
        for name in
            [&labels.default_policy, &labels.x400_policy, &labels.internet_policy].into_iter().flatten()
        {
            labels.by_name(name).ok_or_else(|| format!("there is no label policy `{name}`"))?;
        }
        if labels.default_class.is_some() && labels.default_label().is_none() {
            return Err("`default-class` needs a `default-policy` that has this class".to_owned());
        }
        for policy in &labels.policies {
            labels.check(policy)?;
        }
        Ok(labels)
    }
}

/// How a label is shown.
pub(crate) struct Shown {
    pub(crate) marking: String,
    pub(crate) foreground: Option<String>,
    pub(crate) background: Option<String>,
}

impl Labels {
    fn check(&self, policy: &Policy) -> Result<(), String> {
        let at = |text: String| format!("label policy `{}`: {text}", policy.name);
        if let Some(clearance) = &policy.clearance {
            policy.class_named(clearance).ok_or_else(|| at(format!("there is no class `{clearance}`")))?;
        }
        for class in &policy.classes {
            for colour in [&class.foreground, &class.background].into_iter().flatten() {
                if !field::is_colour(colour) {
                    return Err(at(format!("`{colour}` is no colour of RFC 7444")));
                }
            }
            for same in &class.same_as {
                let found = split(same).and_then(|(policy, class)| self.by_name(policy)?.class_named(class));
                found.ok_or_else(|| at(format!("there is no `{same}`; write `policy:class`")))?;
            }
        }
        for category in &policy.categories {
            for same in &category.same_as {
                let found = split(same).and_then(|(policy, name)| self.by_name(policy)?.category_named(name));
                found.ok_or_else(|| at(format!("there is no `{same}`; write `policy:category`")))?;
            }
        }
        Ok(())
    }

    fn by_name(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name.eq_ignore_ascii_case(name))
    }

    fn policy_of(&self, label: &SecurityLabel) -> Option<&Policy> {
        self.policies.iter().find(|policy| Some(&policy.oid) == label.policy.as_ref())
    }

    /// The label of a message that has none.
    pub(crate) fn default_label(&self) -> Option<SecurityLabel> {
        let policy = self.by_name(self.default_policy.as_deref()?)?;
        let class = policy.class_named(self.default_class.as_deref()?)?;
        Some(label(&policy.oid, class.number, Vec::new()))
    }

    /// S-21: a label without a policy is under the default one.
    pub(crate) fn with_policy(&self, label: SecurityLabel) -> Result<SecurityLabel, LabelFault> {
        if label.policy.is_some() || self.unknown == Unknown::Pass && self.default_policy.is_none() {
            return Ok(label);
        }
        let default = self.default_policy.as_deref().and_then(|name| self.by_name(name));
        let policy = default.ok_or_else(|| LabelFault::UnknownPolicy("of a label without one".to_owned()))?;
        Ok(SecurityLabel { policy: Some(policy.oid.clone()), ..label })
    }

    /// Whether the label may pass.
    pub(crate) fn admit(&self, label: &SecurityLabel) -> Result<(), LabelFault> {
        let lenient = self.unknown == Unknown::Pass;
        let Some(policy) = self.policy_of(label) else {
            let shown =
                label.policy.as_ref().map_or_else(|| "of a label without one".to_owned(), Oid::to_string);
            return if lenient { Ok(()) } else { Err(LabelFault::UnknownPolicy(shown)) };
        };
        for category in label.categories.iter().flat_map(|list| &list.0) {
            if policy.category_of(category).is_none() && !lenient {
                return Err(LabelFault::Invalid(format!("the category {}", category.kind)));
            }
        }
        let number = label.classification.unwrap_or(SecurityClassification::UNMARKED).0;
        let clearance =
            policy.clearance.as_deref().and_then(|name| policy.rank(policy.class_named(name)?.number));
        match (policy.rank(number), clearance) {
            (Some(rank), Some(highest)) if rank > highest => {
                Err(LabelFault::NotCleared(self.describe(label)))
            }
            (Some(_), _) => Ok(()),
            // Where there is a clearance, a class that has no rank is not below it.
            (None, Some(_)) => Err(LabelFault::NotCleared(self.describe(label))),
            (None, None) if lenient => Ok(()),
            (None, None) => Err(LabelFault::Invalid(format!("the class {number}"))),
        }
    }

    /// The label in the words of another policy.
    pub(crate) fn translated(
        &self,
        label: SecurityLabel,
        target: Option<&str>,
    ) -> Result<SecurityLabel, LabelFault> {
        let Some(target) = target.and_then(|name| self.by_name(name)) else { return Ok(label) };
        if label.policy.as_ref() == Some(&target.oid) {
            return Ok(label);
        }
        let missing = || LabelFault::Invalid(format!("no equivalent under {}", target.name));
        let source = self.policy_of(&label).ok_or_else(missing)?;
        let number = label.classification.unwrap_or(SecurityClassification::UNMARKED).0;
        let class = source.class(number).ok_or_else(missing)?;
        let is_same = |named: &[String], name: &str| {
            named.iter().filter_map(|text| split(text)).any(|(policy, other)| {
                policy.eq_ignore_ascii_case(&source.name) && other.eq_ignore_ascii_case(name)
            })
        };
        let equivalent = target.classes.iter().find(|one| is_same(&one.same_as, &class.name));
        let equivalent = equivalent.ok_or_else(missing)?;
        let mut categories = Vec::new();
        for category in label.categories.iter().flat_map(|list| &list.0) {
            let known = source.category_of(category).ok_or_else(missing)?;
            let same = target.categories.iter().find(|one| is_same(&one.same_as, &known.name));
            let same = same.ok_or_else(missing)?;
            let value = same.octets().map_or_else(|| category.value.clone(), RawTlv::from_element);
            categories.push(SecurityCategory { kind: same.kind.clone(), value, unknown: Vec::new() });
        }
        let translated = super::label(&target.oid, equivalent.number, categories);
        Ok(SecurityLabel { privacy_mark: label.privacy_mark, ..translated })
    }

    /// Which of two labels counts.
    pub(crate) fn settle(
        &self,
        one: &SecurityLabel,
        two: &SecurityLabel,
    ) -> Result<SecurityLabel, LabelFault> {
        let rank = |label: &SecurityLabel| {
            self.policy_of(label)?.rank(label.classification.unwrap_or(SecurityClassification::UNMARKED).0)
        };
        if self.conflict == Conflict::Refuse || one.policy != two.policy {
            return Err(LabelFault::Conflict);
        }
        match (rank(one), rank(two)) {
            (Some(first), Some(second)) if second > first => Ok(two.clone()),
            (Some(first), Some(second)) if first > second => Ok(one.clone()),
            _ => Err(LabelFault::Conflict),
        }
    }

    /// The label of this marking.
    pub(crate) fn by_marking(&self, marking: &str) -> Option<SecurityLabel> {
        self.policies.iter().find_map(|policy| {
            let class = policy.classes.iter().find(|class| class.shown().eq_ignore_ascii_case(marking))?;
            Some(label(&policy.oid, class.number, Vec::new()))
        })
    }

    /// The label of these names.
    pub(crate) fn named(&self, named: &NamedLabel) -> Result<SecurityLabel, LabelFault> {
        let policy =
            self.by_name(&named.policy).ok_or_else(|| LabelFault::UnknownPolicy(named.policy.clone()))?;
        let class = policy.class_named(&named.classification);
        let class =
            class.ok_or_else(|| LabelFault::Invalid(format!("the class {}", named.classification)))?;
        let mut categories = Vec::new();
        for (tag, value) in &named.categories {
            let name = format!("{tag}:{value}");
            let missing = || LabelFault::Invalid(format!("the category {name}"));
            let category = policy.category_named(&name).ok_or_else(missing)?;
            let octets = category.octets().ok_or_else(missing)?;
            categories.push(SecurityCategory {
                kind: category.kind.clone(),
                value: RawTlv::from_element(octets),
                unknown: Vec::new(),
            });
        }
        Ok(label(&policy.oid, class.number, categories))
    }

    /// How a label is shown: by its table, else by the words of X.411.
    pub(crate) fn shown(&self, label: &SecurityLabel) -> Shown {
        let number = label.classification.unwrap_or(SecurityClassification::UNMARKED);
        let policy = self.policy_of(label);
        let class = policy.and_then(|policy| policy.class(number.0));
        let mut marking = match class {
            Some(class) => class.shown().to_owned(),
            None => number.label().map_or_else(|| format!("CLASS {}", number.0), str::to_uppercase),
        };
        for category in label.categories.iter().flat_map(|list| &list.0) {
            let known = policy.and_then(|policy| policy.category_of(category));
            if let Some(more) = known.map(|one| one.marking.as_deref().unwrap_or(&one.name)) {
                marking.push(' ');
                marking.push_str(more);
            }
        }
        if let Some(mark) = &label.privacy_mark {
            marking.push(' ');
            marking.push_str(&mark.to_text());
        }
        Shown {
            marking,
            foreground: class.and_then(|class| class.foreground.clone()),
            background: class.and_then(|class| class.background.clone()),
        }
    }

    /// What the table of its policy calls a label and its parts.
    pub(crate) fn names(&self, label: &SecurityLabel) -> Vec<String> {
        let Some(policy) = self.policy_of(label) else { return Vec::new() };
        let number = label.classification.unwrap_or(SecurityClassification::UNMARKED).0;
        let mut names = Vec::new();
        if let Some(class) = policy.class(number) {
            names.extend([
                class.name.clone(),
                class.shown().to_owned(),
                format!("{}:{}", policy.name, class.name),
            ]);
        }
        for category in label.categories.iter().flat_map(|list| &list.0) {
            if let Some(known) = policy.category_of(category) {
                names.push(known.name.clone());
                names.extend(known.marking.clone());
            }
        }
        names.push(self.shown(label).marking);
        names
    }

    /// A label for people who look after the gateway.
    pub(crate) fn describe(&self, label: &SecurityLabel) -> String {
        let policy = match (self.policy_of(label), &label.policy) {
            (Some(policy), _) => Cow::Borrowed(policy.name.as_str()),
            (None, Some(oid)) => Cow::Owned(oid.to_string()),
            (None, None) => Cow::Borrowed("no policy"),
        };
        format!("{policy}: {}", self.shown(label).marking)
    }
}

impl Policy {
    fn class(&self, number: i64) -> Option<&Class> {
        self.classes.iter().find(|class| class.number == number)
    }

    fn class_named(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name.eq_ignore_ascii_case(name))
    }

    fn rank(&self, number: i64) -> Option<usize> {
        self.classes.iter().position(|class| class.number == number)
    }

    fn category_named(&self, name: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.name.eq_ignore_ascii_case(name))
    }

    fn category_of(&self, found: &SecurityCategory) -> Option<&Category> {
        self.categories.iter().find(|known| {
            known.kind == found.kind && known.octets().is_none_or(|octets| octets == found.value.as_bytes())
        })
    }
}

impl Class {
    fn shown(&self) -> &str {
        self.marking.as_deref().unwrap_or(&self.name)
    }
}

impl Category {
    /// The octets of the value, if one is said.
    fn octets(&self) -> Option<Vec<u8>> {
        let digits: Vec<u8> = self.value.as_ref()?.bytes().filter(|octet| *octet != b' ').collect();
        let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        digits.chunks(2).map(octet).collect()
    }
}

/// `policy:name`; the name may hold more colons.
fn split(text: &str) -> Option<(&str, &str)> {
    text.split_once(':')
}
