//! What travels with contents, reports and notifications that are forwarded (X.420 Annex A, forwarded content and report;
//! X.411 8.3.1.2; ledger B-18, B-19).

use super::body::OtherMessageDeliveryFields;
use crate::prim::{ListAsSet, Octets, PrintableString, RawTlv, X400Time};
use crate::x411::address::OrName;
use crate::x411::envelope::{ContentType, EncodedInformationTypes, MtsIdentifier};
use crate::x411::extension::ExtensionField;
use crate::x411::report::ReportType;
use crate::x411::security::{Certificates, Signature};

crate::asn_set! {
    /// What was known of a content when it was forwarded.
    pub struct ForwardedContentParameters default {
        /// When it had been delivered.
        delivery_time: X400Time = imp(0) opt,
        /// Its envelope then.
        delivery_envelope: OtherMessageDeliveryFields = imp(1) opt,
        /// The name it had in the transfer system.
        mts_identifier: ForwardedMtsIdentifier = imp(2) opt,
        /// The proof that it had been submitted.
        submission_proof: SubmissionProof = imp(3) opt,
    }
}

/// The name of a message in the transfer system.
pub type ForwardedMtsIdentifier = MtsIdentifier;

crate::asn_set! {
    /// The proof that a content had been submitted.
    pub struct SubmissionProof {
        /// The signature.
        proof_of_submission: Signature = imp(0) req,
        /// The certificate of the MTA that signed.
        originating_mta_certificate: Certificates = imp(1) req,
        /// The envelope it was submitted in, as it came.
        message_submission_envelope: ListAsSet<RawTlv> = bare req,
    }
}

crate::asn_set! {
    /// A report as it is delivered, and forwarded.
    pub struct ReportDelivery {
        /// The message or probe reported on.
        subject_submission_identifier: MtsIdentifier = bare req,
        /// The sender's short mark, 1 to 16 characters.
        content_identifier: PrintableString = app(10) opt,
        /// What it was.
        content_type: ContentType = bare opt,
        /// What it held.
        original_encoded_information_types: EncodedInformationTypes = bare opt,
        /// The content itself.
        returned_content: Octets = imp(0) opt,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(1) def(Vec::new()),
        /// What became of it for each recipient.
        per_recipient_fields: Vec<PerRecipientReportDelivery> = bare req,
    }
}

crate::asn_set! {
    /// What became of a message for one recipient, as it is told to its sender.
    pub struct PerRecipientReportDelivery {
        /// Who it was delivered to, or not.
        actual_recipient_name: OrName = imp(0) req,
        /// Delivered or not.
        report_type: ReportType = exp(1) req,
        /// What it was converted to.
        converted_encoded_information_types: EncodedInformationTypes = bare opt,
        /// Who it was meant for.
        originally_intended_recipient_name: OrName = imp(2) opt,
        /// More words, 1 to 256 characters.
        supplementary_information: PrintableString = imp(3) opt,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(4) def(Vec::new()),
    }
}
