use super::*;
use crate::mixer::settings::Edition;

fn convert_for_1984(text: &str) -> Converted {
    let mut settings = settings();
    settings.edition = Edition::X1984;
    try_convert(&input(text), &settings).unwrap()
}

#[test]
fn nothing_of_1988_is_used() {
    let converted = convert_for_1984(
        "Subject: x\nX-Foo: bar\nContent-Language: en\nAutosubmitted: auto-generated\nMIME-Version: 1.0\n\
         Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n--b\n\
         Content-Type: text/html\n\n<p>\n--b--\n",
    );
    // V-02, V-08, V-09, B-13, B-20
    assert_eq!(converted.content_type, ContentType::P2);
    assert_eq!(
        show_converted(&converted),
        "\
this-IPM: Q1(a)gw.example*
subject: x
- ia5 RFC-822-Headers:\\r\\nContent-Language: en\\r\\nAutosubmitted: auto-generated\\r\\nContent-Type: multipart/alternative\\r\\nX-Foo: bar\\r\\n
- teletex Gr\\xc8u\\xfbe
- bp14 <p>
"
    );
    // V-10
    assert_eq!(converted.envelope.extensions, []);
    let types = converted.envelope.original_encoded_information_types.unwrap();
    assert_eq!(types.extended, None);
    let types: Vec<_> = types.built_in.labels().filter_map(|(_, label)| label).collect();
    assert_eq!(types, ["unknown", "ia5-text", "teletex"]);
}

#[test]
fn a_plain_message_is_what_it_was() {
    assert_eq!(
        show_converted(&convert_for_1984("Subject: x\n\nHi")),
        "this-IPM: Q1(a)gw.example*\nsubject: x\n- ia5 Hi\n"
    );
}

#[test]
fn a_sender_may_forbid_the_loss() {
    // F-08
    let text = "Conversion-With-Loss: Prohibited\n\nprice: 5 €";
    let mut settings = settings();
    settings.edition = Edition::X1984;
    assert!(matches!(
        try_convert(&input(text), &settings),
        Err(Refusal::LossProhibited { character: '€', .. })
    ));
    try_convert(&input(text), &super::settings()).unwrap();
}
