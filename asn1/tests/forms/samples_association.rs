//! Samples of the APDUs below P1: presentation, ACSE, RTSE.

use rasn_x400::prim::{External, NamedBits, Octets};
use rasn_x400::{acse, oids, presentation, rtse};

use super::x411::time;
use super::{Sample, raw, sample};

fn information() -> Vec<External> {
    vec![acse::association_information(presentation::BER, 3, raw("b0 02 05 00"))]
}

fn version() -> Option<NamedBits> {
    Some(NamedBits::with(&[0], 0))
}

fn title() -> Option<rasn_x400::prim::RawTlv> {
    Some(raw("06 02 88 37"))
}

fn aarq() -> acse::Aarq {
    acse::Aarq {
        protocol_version: version(),
        application_context: acse::MTS_TRANSFER,
        called_ap_title: title(),
        called_ae_qualifier: Some(raw("02 01 01")),
        called_ap_invocation: Some(1),
        called_ae_invocation: Some(2),
        calling_ap_title: title(),
        calling_ae_qualifier: Some(raw("02 01 02")),
        calling_ap_invocation: Some(3),
        calling_ae_invocation: Some(4),
        requirements: version(),
        mechanism: Some("2.2.3.1".parse().unwrap()),
        authentication: Some(raw("80 06 73 65 63 72 65 74")),
        application_contexts: Some(vec![acse::MTS_TRANSFER]),
        implementation: Some("gateway 0.1".into()),
        user_information: Some(information()),
        unknown: vec![],
    }
}

fn aare(diagnostic: acse::SourceDiagnostic) -> acse::Aare {
    acse::Aare {
        protocol_version: version(),
        application_context: acse::MTS_TRANSFER,
        result: acse::AssociateResult::REJECTED_TRANSIENT,
        diagnostic,
        responding_ap_title: title(),
        responding_ae_qualifier: Some(raw("02 01 01")),
        responding_ap_invocation: Some(1),
        responding_ae_invocation: Some(2),
        requirements: version(),
        mechanism: Some("2.2.3.1".parse().unwrap()),
        authentication: Some(raw("80 06 73 65 63 72 65 74")),
        application_contexts: Some(vec![acse::MTS_TRANSFER]),
        implementation: Some("gateway 0.1".into()),
        user_information: Some(information()),
        unknown: vec![],
    }
}

fn acse_samples() -> Vec<Sample> {
    use acse::*;
    let user = SourceDiagnostic::User(UserDiagnostic::AUTHENTICATION_FAILURE);
    let provider = SourceDiagnostic::Provider(ProviderDiagnostic::NO_COMMON_VERSION);
    let rlrq = Rlrq {
        reason: Some(ReleaseRequestReason::NORMAL),
        user_information: Some(information()),
        unknown: vec![],
    };
    let rlre = Rlre {
        reason: Some(ReleaseResponseReason::NOT_FINISHED),
        user_information: Some(information()),
        unknown: vec![],
    };
    let abrt = Abrt {
        source: AbortSource::PROVIDER,
        diagnostic: Some(AbortDiagnostic::PROTOCOL_ERROR),
        user_information: Some(information()),
        unknown: vec![],
    };
    vec![
        sample("T-22", Apdu::Aarq(aarq())),
        sample("T-22", Apdu::Aare(aare(user.clone()))),
        sample("T-22", Apdu::Rlrq(rlrq.clone())),
        sample("T-22", Apdu::Rlre(rlre.clone())),
        sample("T-22", Apdu::Abrt(abrt.clone())),
        sample("T-22", aarq()),
        sample("T-22", aare(provider.clone())),
        sample("T-22", rlrq),
        sample("T-22", rlre),
        sample("T-22", abrt),
        sample("T-22", user),
        sample("T-22", provider),
        sample("T-22", AssociateResult::REJECTED_PERMANENT),
        sample("T-22", UserDiagnostic::NO_REASON),
        sample("T-22", ProviderDiagnostic::NO_REASON),
        sample("T-22", ReleaseRequestReason::USER_DEFINED),
        sample("T-22", ReleaseResponseReason::USER_DEFINED),
        sample("T-22", AbortSource::PROVIDER),
        sample("T-22", AbortDiagnostic::PROTOCOL_ERROR),
    ]
}

fn context(id: i64) -> presentation::ContextDefinition {
    presentation::ContextDefinition {
        id,
        abstract_syntax: presentation::abstract_syntax::MTSE,
        transfer_syntaxes: vec![presentation::BER, oids::DER],
        unknown: vec![],
    }
}

fn answer() -> presentation::ContextAnswer {
    presentation::ContextAnswer {
        result: presentation::ContextResult::PROVIDER_REJECTION,
        transfer_syntax: Some(presentation::BER),
        reason: Some(presentation::ContextReason::LIMIT_EXCEEDED),
        unknown: vec![],
    }
}

fn presentation_samples() -> Vec<Sample> {
    use presentation::*;
    let data = || Some(UserData::single(1, raw("61 03 02 01 00")));
    let selector = || Some(Octets::from(&b"P1"[..]));
    let simple = UserData::Simple(Octets::from(&[1, 2, 3][..]));
    let cp_normal = CpNormal {
        protocol_version: version(),
        calling_selector: selector(),
        called_selector: selector(),
        contexts: Some(vec![context(1), context(3)]),
        default_context: Some(raw("80 02 52 01")),
        requirements: version(),
        session_requirements: Some(NamedBits::with(&[1, 9], 0)),
        user_data: data(),
        unknown: vec![],
    };
    let cpa_normal = CpaNormal {
        protocol_version: version(),
        responding_selector: selector(),
        results: Some(vec![answer(), answer()]),
        requirements: version(),
        session_requirements: Some(NamedBits::with(&[1, 9], 0)),
        user_data: data(),
        unknown: vec![],
    };
    let cpr_normal = CprNormal {
        protocol_version: version(),
        responding_selector: selector(),
        results: Some(vec![answer()]),
        default_context_result: Some(ContextResult::USER_REJECTION),
        provider_reason: Some(ProviderReason::NO_PSAP_AVAILABLE),
        user_data: data(),
        unknown: vec![],
    };
    let identifier = ContextIdentifier { id: 3, transfer_syntax: BER, unknown: vec![] };
    let aru_normal =
        AruNormal { contexts: Some(vec![identifier.clone()]), user_data: data(), unknown: vec![] };
    let pdv = PdvList {
        transfer_syntax: Some(BER),
        context: 3,
        values: rasn_x400::prim::ExternalEncoding::OctetAligned(Octets::from(&[5, 0][..])),
        unknown: vec![],
    };
    let cp = |mode, x410, normal| Cp { mode_selector: ModeSelector::of(mode), x410, normal, unknown: vec![] };
    let cpa =
        |mode, x410, normal| Cpa { mode_selector: ModeSelector::of(mode), x410, normal, unknown: vec![] };
    vec![
        sample("T-20", Mode::NORMAL),
        sample("T-20", ModeSelector::of(Mode::NORMAL)),
        sample("T-20", cp(Mode::NORMAL, None, Some(cp_normal.clone()))),
        sample("T-34", cp(Mode::X410_1984, Some(rtorq()), None)),
        sample("T-20", cp_normal),
        sample("T-20", context(1)),
        sample("T-20", ContextResult::USER_REJECTION),
        sample("T-20", ContextReason::LIMIT_EXCEEDED),
        sample("T-20", answer()),
        sample("T-20", cpa(Mode::NORMAL, None, Some(cpa_normal.clone()))),
        sample("T-34", cpa(Mode::X410_1984, Some(rtoac()), None)),
        sample("T-20", cpa_normal),
        sample("T-34", Cpr::X410(rtorj())),
        sample("T-20", Cpr::Normal(cpr_normal.clone())),
        sample("T-20", ProviderReason::NO_PSAP_AVAILABLE),
        sample("T-20", cpr_normal),
        sample("T-34", Aru::X410(rtab())),
        sample("T-20", Aru::Normal(aru_normal.clone())),
        sample("T-20", aru_normal),
        sample("T-20", identifier),
        sample("T-20", AbortReason::INVALID_PARAMETER_VALUE),
        sample("T-20", Arp { reason: Some(AbortReason::UNEXPECTED_PPDU), event: Some(3), unknown: vec![] }),
        sample("T-20", simple),
        sample("T-20", UserData::Full(vec![pdv.clone()])),
        sample("T-20", pdv),
    ]
}

fn rtorq() -> rtse::Rtorq {
    rtse::Rtorq {
        checkpoint_size: 10,
        window_size: 4,
        dialogue_mode: rtse::DialogueMode::TWO_WAY_ALTERNATE,
        connection_data: rtse::ConnectionData::Open(raw("b0 02 05 00")),
        application_protocol: Some(rtse::ApplicationProtocol::P1_1988),
        unknown: vec![],
    }
}

fn rtoac() -> rtse::Rtoac {
    rtse::Rtoac {
        checkpoint_size: 10,
        window_size: 4,
        connection_data: rtse::ConnectionData::Recover(session(rtse::CallingReference::Text("mta-a".into()))),
        unknown: vec![],
    }
}

fn rtorj() -> rtse::Rtorj {
    rtse::Rtorj {
        reason: Some(rtse::RefuseReason::VALIDATION_FAILURE),
        user_data: Some(raw("b2 03 02 01 02")),
        unknown: vec![],
    }
}

fn rtab() -> rtse::Rtab {
    rtse::Rtab {
        reason: Some(rtse::AbortReason::INVALID_PARAMETER),
        reflected_parameter: Some(NamedBits::with(&[2, 7], 0)),
        user_data: Some(raw("02 01 02")),
        unknown: vec![],
    }
}

fn session(calling_reference: rtse::CallingReference) -> rtse::SessionConnectionIdentifier {
    rtse::SessionConnectionIdentifier {
        calling_reference,
        common_reference: time("910530182455Z"),
        additional_reference: Some("2".into()),
        unknown: vec![],
    }
}

fn rtse_samples() -> Vec<Sample> {
    use rtse::*;
    let octets = CallingReference::Octets(Octets::from(&b"mta-a"[..]));
    vec![
        sample("T-30", Apdu::Rtorq(rtorq())),
        sample("T-30", Apdu::Rtoac(rtoac())),
        sample("T-30", Apdu::Rtorj(rtorj())),
        sample("T-30", Apdu::Rttp(200)),
        sample("T-30", Apdu::Rttr(Octets::from(&[1, 2, 3, 4][..]))),
        sample("T-30", Apdu::Rtab(rtab())),
        sample("T-30", DialogueMode::TWO_WAY_ALTERNATE),
        sample("T-34", ApplicationProtocol::P1_1984),
        sample("T-30", rtorq()),
        sample("T-30", rtoac()),
        sample("T-30", RefuseReason::RTS_BUSY),
        sample("T-30", rtorj()),
        sample("T-30", AbortReason::TRANSFER_COMPLETED),
        sample("T-30", rtab()),
        sample("T-30", ConnectionData::Open(raw("05 00"))),
        sample("T-30", ConnectionData::Recover(session(octets.clone()))),
        sample("T-30", session(octets.clone())),
        sample("T-34", session(CallingReference::Text("mta-a".into()))),
        sample("T-34", CallingReference::Text("mta-a".into())),
        sample("T-30", octets),
    ]
}

pub(crate) fn samples() -> Vec<Sample> {
    [acse_samples(), presentation_samples(), rtse_samples()].into_iter().flatten().collect()
}
