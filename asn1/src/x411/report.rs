//! Report transfer envelope and content (X.411 12.2.1.3).

use super::address::OrName;
use super::envelope::{ContentType, EncodedInformationTypes, MtsIdentifier, PerRecipientIndicators};
use super::extension::ExtensionField;
use super::non_delivery::{NonDeliveryDiagnostic, NonDeliveryReason};
use super::trace::TraceInformation;
use crate::prim::{Octets, PrintableString, RawTlv, X400Time};

crate::asn_set! {
    /// What travels around a report.
    pub struct ReportTransferEnvelope {
        /// Names the report for ever.
        report_identifier: MtsIdentifier = bare req,
        /// Who is to hear it.
        report_destination_name: OrName = bare req,
        /// Which domains it passed, oldest first.
        trace_information: TraceInformation = app(9) req,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(1) def(Vec::new()),
    }
}

crate::asn_set! {
    /// What became of a message or probe.
    pub struct ReportTransferContent {
        /// The message or probe reported on.
        subject_identifier: MtsIdentifier = bare req,
        /// How far it had come.
        subject_intermediate_trace_information: TraceInformation = app(9) opt,
        /// What it held.
        original_encoded_information_types: EncodedInformationTypes = bare opt,
        /// What it was.
        content_type: ContentType = bare opt,
        /// The sender's short mark.
        content_identifier: PrintableString = app(10) opt,
        /// The content itself.
        returned_content: Octets = imp(1) opt,
        /// What domains agreed among themselves, as it came.
        additional_information: RawTlv = exp(2) opt,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(3) def(Vec::new()),
        /// What became of it for each recipient.
        per_recipient_fields: Vec<PerRecipientReportFields> = imp(0) req,
    }
}

crate::asn_set! {
    /// What became of a message for one recipient.
    pub struct PerRecipientReportFields {
        /// Who it was delivered to, or not.
        actual_recipient_name: OrName = imp(0) req,
        /// The number the originator gave the recipient, from 1.
        originally_specified_recipient_number: i64 = imp(1) req,
        /// Which reports were wanted.
        per_recipient_indicators: PerRecipientIndicators = imp(2) req,
        /// What the last MTA did.
        last_trace_information: LastTraceInformation = imp(3) req,
        /// Who it was meant for.
        originally_intended_recipient_name: OrName = imp(4) opt,
        /// More words, 1 to 256 characters.
        supplementary_information: PrintableString = imp(5) opt,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(6) def(Vec::new()),
    }
}

crate::asn_set! {
    /// What the last MTA did.
    pub struct LastTraceInformation {
        /// When the message reached it.
        arrival_time: X400Time = imp(0) req,
        /// What it was converted to.
        converted_encoded_information_types: EncodedInformationTypes = bare opt,
        /// Delivered or not.
        report_type: ReportType = exp(1) req,
    }
}

crate::asn_choice! {
    /// Delivered or not.
    pub enum ReportType {
        /// It was.
        Delivery(DeliveryReport) = imp(0),
        /// It was not.
        NonDelivery(NonDeliveryReport) = imp(1),
    }
}

crate::asn_set! {
    /// A delivery.
    pub struct DeliveryReport {
        /// When.
        message_delivery_time: X400Time = imp(0) req,
        /// To what kind of user.
        type_of_mts_user: TypeOfMtsUser = imp(1) def(TypeOfMtsUser::PUBLIC),
    }
}

crate::asn_set! {
    /// A non-delivery.
    pub struct NonDeliveryReport {
        /// Why, in general; see [`NonDeliveryReport::reason`].
        reason_code: i64 = imp(0) req,
        /// Why, in particular; see [`NonDeliveryReport::diagnostic`].
        diagnostic_code: i64 = imp(1) opt,
    }
}

impl PerRecipientReportFields {
    /// The delivery, if it was one.
    #[must_use]
    pub const fn delivery(&self) -> Option<&DeliveryReport> {
        match &self.last_trace_information.report_type {
            ReportType::Delivery(report) => Some(report),
            ReportType::NonDelivery(_) | ReportType::Unknown(_) => None,
        }
    }

    /// The non-delivery, if it was one.
    #[must_use]
    pub const fn non_delivery(&self) -> Option<&NonDeliveryReport> {
        match &self.last_trace_information.report_type {
            ReportType::NonDelivery(report) => Some(report),
            ReportType::Delivery(_) | ReportType::Unknown(_) => None,
        }
    }

    /// Whom the originator meant: the recipient before redirections, or the actual one.
    #[must_use]
    pub fn intended_recipient_name(&self) -> &OrName {
        self.originally_intended_recipient_name.as_ref().unwrap_or(&self.actual_recipient_name)
    }
}

impl NonDeliveryReport {
    /// Why, in words for people: names and numbers of reason and diagnostic, and what the more particular of them means.
    ///
    /// ```
    /// use rasn_x400::x411::report::NonDeliveryReport;
    ///
    /// let report = NonDeliveryReport { reason_code: 1, diagnostic_code: Some(0), unknown: Vec::new() };
    /// assert_eq!(report.text(), "Unable-To-Transfer (1), Unrecognised-ORName (0): No such O/R name.");
    /// let report = NonDeliveryReport { reason_code: 77, diagnostic_code: None, unknown: Vec::new() };
    /// assert_eq!(report.text(), "Unknown (77)");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        let reason = self.reason();
        let diagnostic = self.diagnostic();
        let label = reason.map_or("Unknown", NonDeliveryReason::label);
        let mut text = format!("{label} ({})", self.reason_code);
        if let Some(number) = self.diagnostic_code {
            let label = diagnostic.map_or("Unknown", NonDeliveryDiagnostic::label);
            text.push_str(&format!(", {label} ({number})"));
        }
        let meaning = diagnostic.and_then(NonDeliveryDiagnostic::meaning);
        if let Some(meaning) = meaning.or_else(|| reason.and_then(NonDeliveryReason::meaning)) {
            text.push_str(": ");
            text.push_str(meaning);
        }
        text
    }

    /// The reason; `None` if the number is outside 0 to 32,767.
    #[must_use]
    pub fn reason(&self) -> Option<NonDeliveryReason> {
        code(self.reason_code).map(NonDeliveryReason::from_number)
    }

    /// The diagnostic; `None` if there is none, or its number is outside 0 to 32,767.
    #[must_use]
    pub fn diagnostic(&self) -> Option<NonDeliveryDiagnostic> {
        self.diagnostic_code.and_then(code).map(NonDeliveryDiagnostic::from_number)
    }
}

/// A number that a code can have.
fn code(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|&number| number <= super::non_delivery::CODE_LIMIT)
}

crate::open_enum! {
    /// What kind of user a message was delivered to.
    pub struct TypeOfMtsUser: INTEGER {
        /// A user of a public service.
        PUBLIC = 0 => "public",
        /// A user of a private system.
        PRIVATE = 1 => "private",
        /// A message store.
        MS = 2 => "ms",
        /// A distribution list.
        DL = 3 => "dl",
        /// A unit that hands over to the post.
        PDAU = 4 => "pdau",
        /// Somebody whom the post delivered to.
        PHYSICAL_RECIPIENT = 5 => "physical-recipient",
        /// Something else, such as a gateway.
        OTHER = 6 => "other",
    }
}
