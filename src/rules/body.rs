//! What becomes of bodies for some peers and recipients: `[[body]]`, settings of conversion that count for them.
//!
//! Every rule that counts for a recipient has its say, the less specific ones first: what a rule for a user says stands
//! above what a rule for a peer says, and that above what is said for everybody and in the configuration.

use serde::Deserialize;
use toml::Spanned;

use super::file::Direction;
use super::loader::{Loader, Reading};
use super::registry::{RuleKind, RuleNumber};
use super::scope::{Peers, Scope};
use super::traffic::{Traffic, Way};
use crate::config::ApplicationReference;
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::Settings;
use crate::mixer::charset::TextFallback;
use crate::mixer::loss::report::LossReport;
use crate::mixer::settings::{
    Application, AttachmentForm, EdiForm, HtmlForm, InternetText, LargerParts, Renditions, SecuredForm,
    SignedForm,
};

/// A row of `[[body]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BodySection {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    peer: Option<Peers>,
    user: Option<Spanned<String>>,
    #[serde(default)]
    direction: Direction,
    attachments: Option<AttachmentForm>,
    renditions: Option<Renditions>,
    text_fallback: Option<TextFallback>,
    html: Option<HtmlForm>,
    secured: Option<SecuredForm>,
    signed: Option<SignedForm>,
    foreign_contents: Option<bool>,
    edi: Option<EdiForm>,
    internet_text: Option<InternetText>,
    default_file_name: Option<String>,
    guess_types: Option<bool>,
    loss_report: Option<LossReport>,
    maximum_content: Option<u64>,
    maximum_mail: Option<u64>,
    maximum_part: Option<u64>,
    larger_parts: Option<LargerParts>,
    application: Option<Vec<ApplicationReference>>,
    #[serde(default)]
    example: Vec<Spanned<String>>,
}

/// One rule about bodies.
#[derive(Debug, Clone)]
pub struct BodyRule {
    /// Its number.
    pub rule: RuleNumber,
    /// For which peers and which recipients it counts.
    pub scope: Scope,
    direction: Direction,
    said: BodySection,
}

impl BodySection {
    /// What it says something about.
    const fn said(&self) -> [bool; 17] {
        [
            self.attachments.is_some(),
            self.renditions.is_some(),
            self.text_fallback.is_some(),
            self.html.is_some(),
            self.secured.is_some(),
            self.signed.is_some(),
            self.foreign_contents.is_some(),
            self.edi.is_some(),
            self.internet_text.is_some(),
            self.default_file_name.is_some(),
            self.guess_types.is_some(),
            self.loss_report.is_some(),
            self.maximum_content.is_some(),
            self.maximum_mail.is_some(),
            self.maximum_part.is_some(),
            self.larger_parts.is_some(),
            self.application.is_some(),
        ]
    }

    /// Whether both say something about the same setting.
    fn overlaps(&self, other: &Self) -> bool {
        self.said().into_iter().zip(other.said()).any(|(one, other)| one && other)
    }

    fn apply(&self, settings: &mut Settings) {
        fn set<T: Clone>(place: &mut T, said: &Option<T>) {
            if let Some(said) = said {
                place.clone_from(said);
            }
        }
        set(&mut settings.attachments, &self.attachments);
        set(&mut settings.renditions, &self.renditions);
        set(&mut settings.text_fallback, &self.text_fallback);
        set(&mut settings.html, &self.html);
        set(&mut settings.secured, &self.secured);
        set(&mut settings.signed, &self.signed);
        set(&mut settings.foreign_contents, &self.foreign_contents);
        set(&mut settings.edi, &self.edi);
        set(&mut settings.internet_text, &self.internet_text);
        set(&mut settings.guess_types, &self.guess_types);
        set(&mut settings.loss_report, &self.loss_report);
        set(&mut settings.larger_parts, &self.larger_parts);
        if self.default_file_name.is_some() {
            settings.default_file_name.clone_from(&self.default_file_name);
        }
        settings.maximum_content = self.maximum_content.or(settings.maximum_content);
        settings.maximum_mail = self.maximum_mail.or(settings.maximum_mail);
        settings.maximum_part = self.maximum_part.or(settings.maximum_part);
        let own = self.application.iter().flatten().map(Application::from);
        settings.applications.splice(0..0, own);
    }
}

impl BodyRule {
    /// Whether it counts for this message and recipient.
    #[must_use]
    pub fn holds(&self, traffic: &Traffic<'_>) -> bool {
        self.direction.is(traffic.way) && self.scope.holds(traffic.peers, traffic.to)
    }

    /// Whether some bodies go a way that both are about, and both say something of one setting.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let meet = |way| self.direction.is(way) && other.direction.is(way);
        self.said.overlaps(&other.said) && (meet(Way::ToX400) || meet(Way::ToInternet))
    }

    /// Changes what it has to say something about.
    pub fn apply(&self, settings: &mut Settings) {
        self.said.apply(settings);
    }
}

impl Loader {
    /// Takes a row of `[[body]]`.
    pub(super) fn body(&mut self, reading: &Reading<'_>, row: Spanned<BodySection>) {
        let span = row.span();
        let mut said = row.into_inner();
        let source = &**reading.name;
        let rule =
            self.register(reading, RuleKind::Body, said.name.as_ref(), said.comment.take(), span.clone());
        self.keep_recipients(rule, source, std::mem::take(&mut said.example));
        let Some(scope) = self.scope(source, said.peer.take(), said.user.as_ref()) else { return };
        if said.said() == [false; 17] {
            let message = "a rule about bodies that says nothing about them";
            self.report(
                Diagnostic::new(Code::RuleAction, source, span.clone(), message, "")
                    .help("give it a key of [convert], such as `attachments`, or `maximum-part`"),
            );
        }
        let new = BodyRule { rule, scope, direction: said.direction, said };
        let same = |other: &&BodyRule| {
            other.scope == new.scope && other.direction == new.direction && other.said.overlaps(&new.said)
        };
        let about = format!("body {:?} {:?}", new.scope, new.direction);
        let rivals = self.rivals(about, self.rules.bodies.len());
        let rivals = rivals.into_iter().filter_map(|number| self.rules.bodies.get(number));
        if let Some(earlier) = { rivals }.find(same).map(|other| other.rule) {
            self.same_rule(source, span, earlier, "a rule for just these bodies says something else");
        }
        self.rules.bodies.push(new);
    }

    /// Puts the rules about bodies in the order in which they have their say.
    pub(super) fn sort_bodies(&mut self) {
        self.rules.bodies.sort_by(|one, other| {
            one.scope.specificity().cmp(&other.scope.specificity()).then(one.rule.cmp(&other.rule))
        });
    }
}
