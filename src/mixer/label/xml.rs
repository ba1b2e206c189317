//! Labels of STANAG 4774 in XML, as far as names go (ledger beyond S-26): policy, classification and categories by name. What
//! binds a label to a message (STANAG 4778) does not cross the gateway.

/// The namespace of the labels that are read.
const NAMESPACE: &str = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0";
/// Elements that are looked at.
const MAX_ELEMENTS: usize = 1000;

/// A label by names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NamedLabel {
    pub(crate) policy: String,
    pub(crate) classification: String,
    /// Tag name and value.
    pub(crate) categories: Vec<(String, String)>,
}

/// Reads a label; nothing if the text is none.
pub(crate) fn read(text: &str) -> Option<NamedLabel> {
    if !text.contains(NAMESPACE) {
        return None;
    }
    let mut label = NamedLabel::default();
    let mut path: Vec<&str> = Vec::new();
    let mut tag_name = String::new();
    let mut rest = text;
    for _ in 0..MAX_ELEMENTS {
        let Some(start) = rest.find('<') else { break };
        let content = unescaped(rest[..start].trim());
        let end = start + rest[start..].find('>')?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let name = local(name.trim());
            if path.pop() != Some(name) {
                return None;
            }
            match name {
                "PolicyIdentifier" => label.policy = content,
                "Classification" => label.classification = content,
                "GenericValue" => label.categories.push((tag_name.clone(), content)),
                _ => {}
            }
            continue;
        }
        let name = local(tag.split([' ', '\t', '\r', '\n', '/']).next()?);
        if name == "Category" {
            tag_name = attribute(tag, "TagName").unwrap_or_default();
        }
        if !tag.ends_with('/') {
            path.push(name);
        }
    }
    let is_whole = path.is_empty() && !label.policy.is_empty() && !label.classification.is_empty();
    (is_whole && text.contains("originatorConfidentialityLabel")).then_some(label)
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let after = &tag[tag.find(&format!("{name}="))? + name.len() + 1..];
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(unescaped(after[1..].split(quote).next()?))
}

fn unescaped(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    {
        out = out.replace(entity, character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    // ledger: beyond S-26
    #[test]
    fn a_label_by_names() {
        let text = r#"<?xml version="1.0"?><slab:originatorConfidentialityLabel xmlns:slab="urn:nato:stanag:4774:confidentialitymetadatalabel:1:0">
            <slab:ConfidentialityInformation><slab:PolicyIdentifier>NATO &amp; more</slab:PolicyIdentifier>
            <slab:Classification>SECRET</slab:Classification>
            <slab:Category TagName="Releasable To" Type="PERMISSIVE"><slab:GenericValue>AUS</slab:GenericValue></slab:Category>
            </slab:ConfidentialityInformation></slab:originatorConfidentialityLabel>"#;
        let expected = NamedLabel {
            policy: "NATO & more".into(),
            classification: "SECRET".into(),
            categories: vec![("Releasable To".into(), "AUS".into())],
        };
        assert_eq!(read(text), Some(expected));
        for end in 0..text.len() {
            assert_eq!(read(&text[..end]), None);
        }
        assert_eq!(read(&text.replace(":1:0", ":9:9")), None);
    }
}
