//! What surrounds every example: rules, settings, a clock, an envelope.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::prim::Null;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope};
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::heading::Heading;
use rasn_x400::x420::{InformationObject, Ipm};
use time::macros::datetime;
use x400_gateway::message::Message;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::{Context, Settings, to_internet, to_x400};
use x400_gateway::rules::Rules;

use crate::told;

/// Domains that the tables know; everything else is encapsulated, or written out at `gw.example`.
const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
route_unmapped = "encapsulate"
encapsulate_via = "P=relay; A=Gold 400; C=gb"

[[equivalence]]
domain = "Widget.COM"
or = "O=Widget; A=BTT; C=TC"

[[equivalence]]
domain = "AC.UK"
or = "P=UK.AC; A=GOLD 400; C=GB"

[aviation]
domain = "amhs.example"
management_domain = [{ letters = "ZZ", prmd = "EX" }]
"#;

/// An address that a table knows, for envelopes.
pub(crate) const KIM: &str = "Kim.Smith@Widget.COM";

pub(crate) struct World {
    rules: Rules,
    pub(crate) settings: Settings,
}

impl World {
    pub(crate) fn new() -> Self {
        let rules =
            Rules::from_sources(&[("rules.toml", RULES)]).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let settings =
            Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example");
        Self { rules, settings }
    }

    fn with_context<T>(&self, run: impl FnOnce(&Context<'_>) -> T) -> T {
        let mapper = Mapper::new(&self.rules);
        run(&Context {
            mapper: &mapper,
            settings: &self.settings,
            message_identifier: "QID1",
            now: datetime!(2026-11-27 10:00 UTC),
        })
    }

    /// A mail as an X.400 message. The fields need neither `Date` nor `From`.
    pub(crate) fn to_x400(&self, header: &str, options: MailOptions) -> to_x400::Converted {
        self.try_to_x400(header, options).unwrap()
    }

    /// The same, if it may pass.
    pub(crate) fn try_to_x400(
        &self,
        header: &str,
        options: MailOptions,
    ) -> Result<to_x400::Converted, to_x400::Refusal> {
        let mail = format!("{}\r\n\r\nHello.\r\n", header.trim_end().replace('\n', "\r\n"));
        let input = to_x400::Input {
            content: Bytes::from(mail),
            reverse_path: Some("sender@a.example".into()),
            options,
            recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
        };
        self.convert(&input)
    }

    pub(crate) fn convert(&self, input: &to_x400::Input) -> Result<to_x400::Converted, to_x400::Refusal> {
        let converted = self.with_context(|context| to_x400::to_x400(input, context))?;
        told::check(&told::of_x400(&converted));
        Ok(converted)
    }

    pub(crate) fn convert_back(
        &self,
        input: &to_internet::Input,
    ) -> Result<to_internet::Converted, to_internet::Refusal> {
        let converted = self.with_context(|context| to_internet::to_internet(input, context))?;
        told::check(&told::of_mail(&converted));
        Ok(converted)
    }

    /// An X.400 message with this heading and one text, as a mail.
    pub(crate) fn to_internet(&self, heading: Heading, content_type: ContentType) -> to_internet::Converted {
        let mut envelope = self.to_x400("Subject: envelope\n", MailOptions::default()).envelope;
        envelope.content_type = content_type;
        self.try_to_internet(heading, envelope).unwrap()
    }

    /// The same in an envelope of its own.
    pub(crate) fn try_to_internet(
        &self,
        heading: Heading,
        envelope: MessageTransferEnvelope,
    ) -> Result<to_internet::Converted, to_internet::Refusal> {
        let text = Ia5Text { data: "Hello.\r\n".into(), ..Ia5Text::default() };
        let ipm = Ipm { heading, body: vec![BodyPart::Ia5Text(text)] };
        let content = ber::encode(&InformationObject::Ipm(ipm)).unwrap();
        let input = to_internet::Input { envelope, content: content.into(), recipients: vec![1] };
        self.convert_back(&input)
    }
}

/// The heading inside a converted message.
pub(crate) fn heading_of(converted: &to_x400::Converted) -> Heading {
    let octets = converted.content.concat();
    match ber::decode::<InformationObject>(&octets, octets.len()) {
        Ok(InformationObject::Ipm(ipm)) => ipm.heading,
        other => panic!("not a message: {other:?}"),
    }
}

/// Names and unfolded values of a mail's header.
pub(crate) fn fields_of(converted: &to_internet::Converted) -> Vec<(String, String)> {
    let message = Message::parse(Bytes::from(converted.content.to_vec()));
    message.header().fields().iter().map(|field| (field.name.clone(), field.value.clone())).collect()
}

/// NULL, for extensions that only are there or not.
pub(crate) const NOTHING: Null = Null;
