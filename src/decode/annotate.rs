//! Puts the names of a schema on a tree of elements.

mod leaf;

use std::borrow::Cow;

use super::ber::{self, Element};
use super::schema::{
    ANY, EXTERNAL, EXTERNAL_MEMBERS, Kind, Member, Presence, Table, Tagging, Type, edi::EDI_OBJECT,
    p22::INFORMATION_OBJECT,
};
use super::{Finding, Node, Place, Severity, Source, Value, summary};

/// Octets inside octets inside octets are followed this far.
const MAX_NESTED_CONTENTS: usize = 8;

/// Names elements; keeps what has been put together from pieces.
pub(crate) struct Annotator {
    sources: Vec<Source>,
    /// The key of the SEQUENCE being read, which tells the type of its open member.
    key: Option<Key>,
    /// The table of the EXTERNAL being read.
    table: Option<&'static Table>,
    /// The content type met last, which tells the type of the content.
    content_type: Option<Key>,
    nested: usize,
}

/// What tells the type of an open value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Number(i64),
    Oid(String),
}

/// A source and its index in the document.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) source: &'a Source,
    pub(crate) index: usize,
}

impl Scope<'_> {
    /// A node for something that is not BER.
    pub(crate) fn field(&self, name: impl Into<Cow<'static, str>>, start: usize, length: usize) -> Node {
        Node {
            name: name.into(),
            type_name: "",
            tag: None,
            constructed: false,
            indefinite: false,
            offset: self.source.input_offset(start),
            header_length: 0,
            length,
            value: None,
            summary: None,
            children: Vec::new(),
            findings: Vec::new(),
            place: Place { source: self.index, start },
        }
    }
}

impl Annotator {
    /// With room for the input.
    pub(crate) fn new() -> Self {
        Self { sources: vec![Source::default()], key: None, table: None, content_type: None, nested: 0 }
    }

    /// The input (whose place is kept free) and whatever was put together.
    pub(crate) fn into_sources(self) -> Vec<Source> {
        self.sources
    }

    /// Keeps a place for a source that is still needed elsewhere.
    pub(crate) fn reserve(&mut self) -> usize {
        self.sources.push(Source::default());
        self.sources.len() - 1
    }

    /// Puts a source into its place.
    pub(crate) fn keep(&mut self, index: usize, source: Source) {
        if let Some(place) = self.sources.get_mut(index) {
            *place = source;
        }
    }

    /// Explains a whole input as one value.
    pub(crate) fn whole(&mut self, input: &Source, of: &'static Type) -> Vec<Node> {
        self.explain(Scope { source: input, index: 0 }, 0, input.octets().len(), of)
    }

    /// Explains `start..end` as one value of a type; what follows is shown and found fault with.
    pub(crate) fn explain(
        &mut self,
        scope: Scope<'_>,
        start: usize,
        end: usize,
        of: &'static Type,
    ) -> Vec<Node> {
        let elements = ber::read(scope.source.octets(), start, end);
        let any = matches!(of.kind, Kind::Any);
        let mut nodes = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            if index == 0 || any {
                nodes.push(self.typed(scope, element, Cow::Borrowed(""), of));
            } else {
                let mut node = self.generic(scope, element, Cow::Borrowed("trailing"));
                node.find_fault(Severity::Error, "trailing-octets", "nothing should follow the value");
                nodes.push(node);
            }
        }
        nodes
    }

    /// Explains a separate piece of octets and keeps it.
    pub(crate) fn explain_gathered(&mut self, source: Source, of: &'static Type) -> Vec<Node> {
        let index = self.reserve();
        let nodes = self.explain(Scope { source: &source, index }, 0, source.octets().len(), of);
        self.keep(index, source);
        nodes
    }

    /// An element whose tag has to be that of the type.
    fn typed(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        of: &'static Type,
    ) -> Node {
        match &of.kind {
            Kind::Any => self.generic(scope, element, name),
            Kind::Open(table) => {
                let resolved = self.resolve(table);
                match resolved.kind {
                    Kind::Open(_) => self.generic(scope, element, name),
                    _ => self.typed(scope, element, name, resolved),
                }
            }
            Kind::Choice(members) => self.choice(scope, element, name, of, members),
            _ if element.tag.is_some() && element.tag == of.tag() => self.contents(scope, element, name, of),
            _ => {
                let mut node = self.generic(scope, element, name);
                if let (Some(tag), Some(expected)) = (element.tag, of.tag()) {
                    node.find_fault(Severity::Error, "wrong-tag", format!("expected {expected}, got {tag}"));
                }
                node
            }
        }
    }

    fn choice(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        of: &'static Type,
        members: &'static [Member],
    ) -> Node {
        let alternative = element.tag.and_then(|tag| members.iter().find(|member| member.accepts(tag)));
        let Some(member) = alternative else {
            let mut node = self.generic(scope, element, name);
            if let Some(tag) = element.tag {
                node.find_fault(
                    Severity::Error,
                    "unknown-alternative",
                    format!("{tag} is no alternative of {}", of.name),
                );
            }
            return node;
        };
        let name = match name.is_empty() {
            true => Cow::Borrowed(member.name),
            false => Cow::Owned(format!("{name}.{}", member.name)),
        };
        self.member(scope, element, name, member)
    }

    /// An element whose tag has been found to be that of the member.
    fn member(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        member: &Member,
    ) -> Node {
        let Some((_, tagging)) = member.tag else { return self.typed(scope, element, name, member.of) };
        let untagged = matches!(member.of.kind, Kind::Choice(_) | Kind::Any | Kind::Open(_));
        match untagged || tagging == Tagging::Explicit {
            true => self.wrapper(scope, element, name, member.of),
            false => self.contents(scope, element, name, member.of),
        }
    }

    /// An explicit tag around one value.
    fn wrapper(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        of: &'static Type,
    ) -> Node {
        let mut node = self.bare(scope, element, name, of.name);
        let any = matches!(of.kind, Kind::Any);
        if !element.constructed {
            node.value = Some(Value::Octets(element.contents.to_vec()));
            if !any {
                node.find_fault(Severity::Error, "not-constructed", format!("expected {} inside", of.name));
            }
            return node;
        }
        node.children =
            element.children.iter().map(|child| self.typed(scope, child, Cow::Borrowed(""), of)).collect();
        if node.children.len() != 1 && !any && element.fault.is_none() {
            let message = format!("expected one value inside, got {}", node.children.len());
            node.find_fault(Severity::Error, "explicit-tag", message);
        }
        node
    }

    /// What is inside an element whose tag has been dealt with.
    fn contents(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        of: &'static Type,
    ) -> Node {
        match &of.kind {
            Kind::Tagged(_, Tagging::Implicit, inner) => {
                let mut node = self.contents(scope, element, name, inner);
                node.type_name = of.name;
                node.summary = summary::of(&node);
                node
            }
            Kind::Tagged(_, Tagging::Explicit, inner) => self.wrapper(scope, element, name, inner),
            Kind::Choice(_) | Kind::Any | Kind::Open(_) => self.wrapper(scope, element, name, of),
            Kind::Content => self.content(scope, element, name, of),
            Kind::Sequence(_) | Kind::Set(_) | Kind::SequenceOf(..) | Kind::SetOf(..) | Kind::External(_) => {
                let mut node = self.bare(scope, element, name, of.name);
                if !element.constructed {
                    node.value = Some(Value::Octets(element.contents.to_vec()));
                    node.find_fault(
                        Severity::Error,
                        "not-constructed",
                        format!("{} is made of elements", of.name),
                    );
                    return node;
                }
                self.parts(scope, element, &mut node, &of.kind);
                node
            }
            _ => self.primitive(scope, element, name, of),
        }
    }

    fn parts(&mut self, scope: Scope<'_>, element: &Element<'_>, node: &mut Node, kind: &'static Kind) {
        match kind {
            Kind::Sequence(members) => self.sequence(scope, element, node, members, None),
            Kind::External(table) => self.sequence(scope, element, node, EXTERNAL_MEMBERS, Some(table)),
            Kind::Set(members) => self.set(scope, element, node, members),
            Kind::SequenceOf(name, of) | Kind::SetOf(name, of) => {
                for child in &element.children {
                    node.children.push(self.typed(scope, child, Cow::Borrowed(name), of));
                }
            }
            _ => {}
        }
    }

    /// Members in order; the key among them tells the type of the open one.
    fn sequence(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        node: &mut Node,
        members: &'static [Member],
        table: Option<&'static Table>,
    ) {
        let outer_key = self.key.take();
        let outer_table = std::mem::replace(&mut self.table, table);
        let mut next = 0;
        for child in &element.children {
            let found =
                child.tag.and_then(|tag| members[next..].iter().position(|member| member.accepts(tag)));
            let Some(skipped) = found else {
                let seen =
                    child.tag.is_some_and(|tag| members[..next].iter().any(|member| member.accepts(tag)));
                node.children.push(self.unknown(scope, child, seen));
                continue;
            };
            missing(node, &members[next..next + skipped]);
            let member = &members[next + skipped];
            let part = self.member(scope, child, Cow::Borrowed(member.name), member);
            if member.is_key {
                self.key = key_of(&part);
            }
            self.remember_content_type(member, &part);
            node.children.push(part);
            next += skipped + 1;
        }
        if !is_damaged(element) {
            missing(node, &members[next..]);
        }
        self.key = outer_key;
        self.table = outer_table;
    }

    /// Members in any order. The content comes last, since another member may say what it is.
    fn set(&mut self, scope: Scope<'_>, element: &Element<'_>, node: &mut Node, members: &'static [Member]) {
        let find = |child: &Element<'_>| {
            child.tag.and_then(|tag| members.iter().position(|member| member.accepts(tag)))
        };
        let is_content = |child: &&Element<'_>| {
            find(child).is_some_and(|index| matches!(members[index].of.kind, Kind::Content))
        };
        let mut seen = vec![false; members.len()];
        let mut parts: Vec<Node> = Vec::with_capacity(element.children.len().min(members.len()));
        let others = element.children.iter().filter(|child| !is_content(child));
        for child in others.chain(element.children.iter().filter(is_content)) {
            let Some(index) = find(child) else {
                parts.push(self.unknown(scope, child, false));
                continue;
            };
            let member = &members[index];
            let mut part = self.member(scope, child, Cow::Borrowed(member.name), member);
            if seen[index] {
                let message = format!("{} is in this SET already", member.name);
                part.find_fault(Severity::Error, "duplicate-member", message);
            }
            seen[index] = true;
            self.remember_content_type(member, &part);
            parts.push(part);
        }
        parts.sort_by_key(|part| part.place.start);
        node.children = parts;
        if !is_damaged(element) {
            for (member, _) in members.iter().zip(&seen).filter(|(_, seen)| !**seen) {
                missing(node, std::slice::from_ref(member));
            }
        }
    }

    fn unknown(&mut self, scope: Scope<'_>, element: &Element<'_>, seen: bool) -> Node {
        let mut node = self.generic(scope, element, Cow::Borrowed("unknown"));
        if let Some(tag) = element.tag {
            let (code, what) = match seen {
                true => ("out-of-order", "is out of order or doubled"),
                false => ("unknown-member", "is not known here"),
            };
            node.find_fault(Severity::Error, code, format!("{tag} {what}"));
        }
        node
    }

    fn remember_content_type(&mut self, member: &Member, part: &Node) {
        if member.name == "content-type"
            && let Some(key) = key_of(part)
        {
            self.content_type = Some(key);
        }
    }

    fn resolve(&mut self, table: &'static Table) -> &'static Type {
        let table = self.table.unwrap_or(table);
        match &self.key {
            Some(Key::Number(number)) => {
                table.numbers.iter().find(|(own, _)| own == number).map_or(table.otherwise, |(_, of)| of)
            }
            Some(Key::Oid(oid)) => {
                let found = table
                    .oids
                    .iter()
                    .find(|(own, _)| own == oid || (own.ends_with('.') && oid.starts_with(own)));
                let Some((own, of)) = found else { return table.otherwise };
                if let Some(rest) = oid.strip_prefix(own).filter(|rest| !rest.is_empty()) {
                    self.content_type = Some(Key::Oid(rest.to_owned()));
                }
                of
            }
            None => table.otherwise,
        }
    }

    /// The octets of a message: put together, then explained as what the content type says.
    fn content(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        of: &'static Type,
    ) -> Node {
        let mut node = self.bare(scope, element, name, of.name);
        node.children = self.segments(scope, element);
        let pieces = element.pieces();
        let first = pieces.iter().find_map(|(start, _)| scope.source.octets().get(*start));
        let inside = content_schema(self.content_type.as_ref(), first.copied());
        let Some(inside) = inside.filter(|_| self.nested < MAX_NESTED_CONTENTS) else {
            node.value = Some(Value::Octets(scope.source.gather(&pieces).octets().to_vec()));
            return node;
        };
        self.nested += 1;
        let outer = self.content_type.take();
        let explained = match pieces.as_slice() {
            [(start, length)] => self.explain(scope, *start, start + length, inside),
            _ => self.explain_gathered(scope.source.gather(&pieces), inside),
        };
        self.content_type = outer;
        self.nested -= 1;
        node.children.extend(explained);
        node
    }
}

fn missing(node: &mut Node, members: &[Member]) {
    for member in members.iter().filter(|member| member.presence == Presence::Mandatory) {
        node.find_fault(Severity::Error, "missing-member", format!("{} is missing", member.name));
    }
}

/// Whether something may have been cut off the end, so that nothing can be said to be missing.
fn is_damaged(element: &Element<'_>) -> bool {
    element.fault.is_some() || element.children.last().is_some_and(is_damaged)
}

/// The first number or object identifier at or below a node.
fn key_of(node: &Node) -> Option<Key> {
    match &node.value {
        Some(Value::Integer { number, .. }) => Some(Key::Number(*number)),
        Some(Value::Oid { dotted, .. }) => Some(Key::Oid(dotted.clone())),
        _ => node.children.iter().find_map(key_of),
    }
}

/// The type of a content by its content type (ledger OI-46, M-01, B-19); none if it is only octets.
fn content_schema(content_type: Option<&Key>, first: Option<u8>) -> Option<&'static Type> {
    let interpersonal = Some(&INFORMATION_OBJECT);
    match content_type {
        None => interpersonal.filter(|_| matches!(first, Some(0xa0 | 0xa1))),
        Some(Key::Number(2 | 22)) => interpersonal,
        Some(Key::Number(1)) => Some(&EXTERNAL),
        Some(Key::Number(35)) => Some(&EDI_OBJECT),
        Some(Key::Number(40)) => Some(&ANY),
        Some(Key::Number(_)) => None,
        Some(Key::Oid(oid)) => match oid.as_str() {
            "2.6.1.10.0" | "2.6.1.10.1" | "1.3.26.0.4406.0.4.1" => interpersonal,
            "2.6.7.10.0" => Some(&EDI_OBJECT),
            "1.2.840.113549.1.9.16.1.6" => Some(&ANY),
            _ => None,
        },
    }
}

/// A finding that belongs to no element.
pub(crate) fn finding(
    severity: Severity,
    code: &'static str,
    offset: usize,
    message: impl Into<String>,
) -> Finding {
    Finding { severity, code, offset, message: message.into() }
}
