//! Productions in Rust: the macros in which the types of this crate are written.
//!
//! rasn's derive cannot hold X.400: a SET with a DEFAULT member or an untagged CHOICE does not decode, an unknown member
//! is an error, and so is an unknown enumeration value. These macros stand on rasn's `Decoder` and `Encoder` traits and
//! read every SET and SEQUENCE the same way: element by element, by tag, keeping what they do not know.
//!
//! A member is written `name: Type = tagging presence`, with
//!
//! | tagging | ASN.1 | presence | field |
//! |---|---|---|---|
//! | `imp(3)` | `[3] IMPLICIT` | `req` | `Type` |
//! | `exp(3)` | `[3] EXPLICIT` | `opt` | `Option<Type>` |
//! | `app(3)` | `[APPLICATION 3] IMPLICIT` | `def(value)` | `Type`, left out when equal to `value` |
//! | `eapp(3)` | `[APPLICATION 3] EXPLICIT` | | |
//! | `bare` | the type's own tag, or the tags of an untagged CHOICE | | |
//!
//! Tags within one type are checked to differ when the crate is compiled. A tagged CHOICE or open type is always `exp`
//! or `eapp`, as X.680 31.2.7 has it.

/// A SET: members in any order, written in tag order.
#[macro_export]
macro_rules! asn_set {
    ($($input:tt)*) => { $crate::asn_members! { @outer SET encode_set $($input)* } };
}

/// A SEQUENCE whose members all have different tags: read laxly in any order, written as declared.
#[macro_export]
macro_rules! asn_seq {
    ($($input:tt)*) => { $crate::asn_members! { @outer SEQUENCE encode_sequence $($input)* } };
}

/// What [`asn_set!`](crate::asn_set) and [`asn_seq!`](crate::asn_seq) share.
#[doc(hidden)]
#[macro_export]
macro_rules! asn_members {
    (@tag imp $number:literal $ty:ty) => { rasn::types::TagTree::Leaf(rasn::types::Tag::new_context($number)) };
    (@tag exp $number:literal $ty:ty) => { rasn::types::TagTree::Leaf(rasn::types::Tag::new_context($number)) };
    (@tag app $number:literal $ty:ty) => { rasn::types::TagTree::Leaf(rasn::types::Tag::new_application($number)) };
    (@tag eapp $number:literal $ty:ty) => { rasn::types::TagTree::Leaf(rasn::types::Tag::new_application($number)) };
    (@tag bare $ty:ty) => { <$ty as rasn::AsnType>::TAG_TREE };

    (@decode $decoder:ident $ty:ty, imp $number:literal) => {
        <$ty as rasn::Decode>::decode_with_tag($decoder, rasn::types::Tag::new_context($number)) };
    (@decode $decoder:ident $ty:ty, exp $number:literal) => {
        $decoder.decode_explicit_prefix::<$ty>(rasn::types::Tag::new_context($number)) };
    (@decode $decoder:ident $ty:ty, app $number:literal) => {
        <$ty as rasn::Decode>::decode_with_tag($decoder, rasn::types::Tag::new_application($number)) };
    (@decode $decoder:ident $ty:ty, eapp $number:literal) => {
        $decoder.decode_explicit_prefix::<$ty>(rasn::types::Tag::new_application($number)) };
    (@decode $decoder:ident $ty:ty, bare) => { <$ty as rasn::Decode>::decode($decoder) };

    (@encode $encoder:ident $value:expr, imp $number:literal) => {
        rasn::Encode::encode_with_tag($value, $encoder, rasn::types::Tag::new_context($number))? };
    (@encode $encoder:ident $value:expr, exp $number:literal) => {
        $encoder.encode_explicit_prefix(rasn::types::Tag::new_context($number), $value, rasn::types::Identifier::EMPTY)
            .map(drop)? };
    (@encode $encoder:ident $value:expr, app $number:literal) => {
        rasn::Encode::encode_with_tag($value, $encoder, rasn::types::Tag::new_application($number))? };
    (@encode $encoder:ident $value:expr, eapp $number:literal) => {
        $encoder.encode_explicit_prefix(rasn::types::Tag::new_application($number), $value, rasn::types::Identifier::EMPTY)
            .map(drop)? };
    (@encode $encoder:ident $value:expr, bare) => { rasn::Encode::encode($value, $encoder)? };

    (@type req $ty:ty) => { $ty };
    (@type opt $ty:ty) => { Option<$ty> };
    (@type def $ty:ty) => { $ty };

    (@initial req) => { Default::default() };
    (@initial opt) => { None };
    (@initial def $default:expr) => { $default };

    (@take $codec:ident $error:ty, $field:ident req) => {
        $field.ok_or_else(|| <$error as rasn::de::Error>::missing_field(stringify!($field), $codec))? };
    (@take $codec:ident $error:ty, $field:ident opt) => { $field };
    (@take $codec:ident $error:ty, $field:ident def $default:expr) => {
        match $field { Some(value) => value, None => $default } };

    (@put $encoder:ident $value:expr, req, ($($how:tt)*)) => {
        $crate::asn_members!(@encode $encoder &$value, $($how)*) };
    (@put $encoder:ident $value:expr, opt, ($($how:tt)*)) => {
        if let Some(value) = &$value { $crate::asn_members!(@encode $encoder value, $($how)*) } };
    (@put $encoder:ident $value:expr, def $default:expr, ($($how:tt)*)) => {
        if $value != $default { $crate::asn_members!(@encode $encoder &$value, $($how)*) } };

    (@own_tag $kind:ident) => { rasn::types::Tag::$kind };
    (@own_tag $kind:ident APPLICATION $number:literal) => { rasn::types::Tag::new_application($number) };
    (@own_tag $kind:ident UNIVERSAL $number:literal) => { rasn::types::Tag::new(rasn::types::Class::Universal, $number) };

    (@default $name:ident [] $($rest:tt)*) => {};
    (@default $name:ident [default] $( $field:ident = $presence:ident $(($default:expr))?; )*) => {
        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $crate::asn_members!(@initial $presence $($default)?), )* unknown: Vec::new() }
            }
        }
    };

    (@outer $kind:ident $encode:ident
        $(#[$meta:meta])*
        pub struct $name:ident $([$class:ident $own:literal])? $($flag:ident)? {
            $( $(#[$field_meta:meta])*
               $field:ident : $ty:ty = $mode:ident $(($number:literal))? $presence:ident $(($default:expr))? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $crate::asn_members!(@type $presence $ty), )*
            /// Members this version does not know, as they came, so that a relay passes them on.
            pub unknown: Vec<$crate::prim::RawTlv>,
        }

        $crate::asn_members! { @default $name [$($flag)?] $( $field = $presence $(($default))?; )* }

        const _: () = {
            use rasn::types::{Constraints, DecodeChoice, Identifier, Tag, TagTree};
            use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

            const TAGS: &[TagTree] = &[ $( $crate::asn_members!(@tag $mode $($number)? $ty) ),* ];
            const _: () = assert!(TagTree::Choice(TAGS).is_unique(), "two members share a tag");

            impl AsnType for $name {
                const TAG: Tag = $crate::asn_members!(@own_tag $kind $($class $own)?);
            }

            /// Not the members: only a sign that there are some, without which rasn reads nothing.
            impl rasn::types::Constructed<1, 0> for $name {
                const FIELDS: rasn::types::fields::Fields<1> = rasn::types::fields::Fields::from_static([
                    rasn::types::fields::Field::new_required(0, Tag::EOC, TagTree::Leaf(Tag::EOC), "members"),
                ]);
            }

            /// One element inside the value.
            #[allow(non_camel_case_types)]
            enum Member {
                $( $field($ty), )*
                Unrecognised($crate::prim::RawTlv),
            }

            impl AsnType for Member {
                const TAG: Tag = Tag::EOC;
                const TAG_TREE: TagTree = TagTree::Choice(TAGS);
                const IS_CHOICE: bool = true;
            }

            impl rasn::types::Choice for Member {
                const VARIANTS: &'static [TagTree] = TAGS;
                const VARIANCE_CONSTRAINT: Constraints = Constraints::NONE;
                const IDENTIFIERS: &'static [&'static str] = &[];
            }

            impl DecodeChoice for Member {
                fn from_tag<D: Decoder>(decoder: &mut D, tag: Tag) -> Result<Self, D::Error> {
                    let codec = decoder.codec();
                    $(
                        if $crate::prim::tag_is_in(&$crate::asn_members!(@tag $mode $($number)? $ty), tag) {
                            return $crate::asn_members!(@decode decoder $ty, $mode $($number)?)
                                .map(Self::$field)
                                .map_err(|error| rasn::de::Error::field_error(stringify!($field), error.into(), codec));
                        }
                    )*
                    <$crate::prim::RawTlv as Decode>::decode(decoder).map(Self::Unrecognised)
                }
            }

            impl Decode for Member {
                fn decode<D: Decoder>(decoder: &mut D) -> Result<Self, D::Error> {
                    decoder.decode_choice(&Constraints::NONE)
                }

                fn decode_with_tag_and_constraints<D: Decoder>(
                    decoder: &mut D, _: Tag, _: &Constraints,
                ) -> Result<Self, D::Error> {
                    Self::decode(decoder)
                }
            }

            impl Decode for $name {
                fn decode_with_tag_and_constraints<D: Decoder>(
                    decoder: &mut D, tag: Tag, _: &Constraints,
                ) -> Result<Self, D::Error> {
                    let codec = decoder.codec();
                    // A SET is read like a SEQUENCE, member by member: rasn would gather all members of a SET first, and
                    // many small ones nobody asked for would take hundreds of times their size.
                    decoder.decode_sequence::<1, 0, Self, _, _>(tag, None::<fn() -> Self>, |decoder| {
                        $( let mut $field: Option<$ty> = None; )*
                        let mut unknown = Vec::new();
                        while let Some(member) = decoder.decode_optional::<Member>()? {
                            match member {
                                $( Member::$field(value) => if $field.replace(value).is_some() {
                                    return Err(<D::Error as rasn::de::Error>::duplicate_field(stringify!($field), codec));
                                }, )*
                                Member::Unrecognised(_) if unknown.len() == $crate::ber::MAXIMUM_UNKNOWN_MEMBERS =>
                                    return Err(<D::Error as rasn::de::Error>::custom("too many unknown members", codec)),
                                Member::Unrecognised(member) => unknown.push(member),
                            }
                        }
                        Ok(Self {
                            $( $field: $crate::asn_members!(@take codec D::Error, $field $presence $($default)?), )*
                            unknown,
                        })
                    })
                }
            }

            impl Encode for $name {
                fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
                    &self, encoder: &mut E, tag: Tag, _: &Constraints, identifier: Identifier,
                ) -> Result<(), E::Error> {
                    encoder.$encode::<1, 0, Self, _>(tag, |encoder| {
                        $( $crate::asn_members!(@put encoder self.$field, $presence $($default)?, ($mode $($number)?)); )*
                        for member in &self.unknown {
                            member.encode(encoder)?;
                        }
                        Ok(())
                    }, identifier).map(drop)
                }
            }
        };
    };
}

/// An untagged CHOICE; `Unknown` holds an alternative this version does not know. Inside a SET or SEQUENCE such an element
/// could be anything, so it goes to the members that are not known there; `also(13)` after the name lists universal tags
/// that are alternatives nevertheless.
#[macro_export]
macro_rules! asn_choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident $(also($($also:literal),+))? {
            $( $(#[$variant_meta:meta])* $variant:ident($ty:ty) = $mode:ident $(($number:literal))? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "a value is made once and matched at once")]
        pub enum $name {
            $( $(#[$variant_meta])* $variant($ty), )*
            /// An alternative this version does not know, as it came.
            Unknown($crate::prim::RawTlv),
        }

        const _: () = {
            use rasn::types::{Constraints, DecodeChoice, Identifier, Tag, TagTree};
            use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

            const TAGS: &[TagTree] = &[
                $( $crate::asn_members!(@tag $mode $($number)? $ty), )*
                $( $( TagTree::Leaf(Tag::new(rasn::types::Class::Universal, $also)), )+ )?
            ];
            const _: () = assert!(TagTree::Choice(TAGS).is_unique(), "two alternatives share a tag");

            impl AsnType for $name {
                const TAG: Tag = Tag::EOC;
                const TAG_TREE: TagTree = TagTree::Choice(TAGS);
                const IS_CHOICE: bool = true;
            }

            impl rasn::types::Choice for $name {
                const VARIANTS: &'static [TagTree] = TAGS;
                const VARIANCE_CONSTRAINT: Constraints = Constraints::NONE;
                const IDENTIFIERS: &'static [&'static str] = &[];
            }

            impl DecodeChoice for $name {
                fn from_tag<D: Decoder>(decoder: &mut D, tag: Tag) -> Result<Self, D::Error> {
                    let codec = decoder.codec();
                    $(
                        if $crate::prim::tag_is_in(&$crate::asn_members!(@tag $mode $($number)? $ty), tag) {
                            return $crate::asn_members!(@decode decoder $ty, $mode $($number)?)
                                .map(Self::$variant)
                                .map_err(|error| rasn::de::Error::field_error(stringify!($variant), error.into(), codec));
                        }
                    )*
                    <$crate::prim::RawTlv as Decode>::decode(decoder).map(Self::Unknown)
                }
            }

            impl Decode for $name {
                fn decode<D: Decoder>(decoder: &mut D) -> Result<Self, D::Error> {
                    decoder.decode_choice(&Constraints::NONE)
                }

                fn decode_with_tag_and_constraints<D: Decoder>(
                    decoder: &mut D, tag: Tag, _: &Constraints,
                ) -> Result<Self, D::Error> {
                    if tag == Tag::EOC { Self::decode(decoder) } else { decoder.decode_explicit_prefix(tag) }
                }
            }

            impl Encode for $name {
                fn encode<'b, E: Encoder<'b>>(&self, encoder: &mut E) -> Result<(), E::Error> {
                    match self {
                        $( Self::$variant(value) => {
                            $crate::asn_members!(@encode encoder value, $mode $($number)?);
                        } )*
                        Self::Unknown(value) => value.encode(encoder)?,
                    }
                    Ok(())
                }

                fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
                    &self, encoder: &mut E, tag: Tag, _: &Constraints, identifier: Identifier,
                ) -> Result<(), E::Error> {
                    if tag == Tag::EOC {
                        self.encode(encoder)
                    } else {
                        encoder.encode_explicit_prefix(tag, self, identifier).map(drop)
                    }
                }
            }
        };
    };
}

/// An ENUMERATED or INTEGER with named values, which keeps values it has no name for.
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub struct $name:ident: $kind:ident {
            $( $(#[$value_meta:meta])* $constant:ident = $value:literal => $label:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub i64);

        impl $name {
            $( $(#[$value_meta])* pub const $constant: Self = Self($value); )*

            /// The standard's name of the value, if it has one.
            #[must_use]
            pub const fn label(self) -> Option<&'static str> {
                match self.0 {
                    $( $value => Some($label), )*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.label() {
                    Some(label) => write!(f, "{label}({})", self.0),
                    None => write!(f, "({})", self.0),
                }
            }
        }

        impl rasn::AsnType for $name {
            const TAG: rasn::types::Tag = rasn::types::Tag::$kind;
        }

        impl rasn::Decode for $name {
            fn decode_with_tag_and_constraints<D: rasn::Decoder>(
                decoder: &mut D, tag: rasn::types::Tag, constraints: &rasn::types::Constraints,
            ) -> Result<Self, D::Error> {
                decoder.decode_integer::<i64>(tag, constraints).map(Self)
            }
        }

        impl rasn::Encode for $name {
            fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
                &self, encoder: &mut E, tag: rasn::types::Tag, constraints: &rasn::types::Constraints,
                identifier: rasn::types::Identifier,
            ) -> Result<(), E::Error> {
                encoder.encode_integer(tag, constraints, &self.0, identifier).map(drop)
            }
        }
    };
}

/// A BIT STRING with named bits: a newtype over [`NamedBits`](crate::prim::NamedBits).
#[macro_export]
macro_rules! named_bits {
    (
        $(#[$meta:meta])*
        pub struct $name:ident(minimum $minimum:literal) {
            $( $(#[$bit_meta:meta])* $constant:ident = $bit:literal => $label:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name(pub $crate::prim::NamedBits);

        impl $name {
            $( $(#[$bit_meta])* pub const $constant: usize = $bit; )*

            /// The given bits set, all others clear; trailing zero bits are left out down to the standard's minimum.
            #[must_use]
            pub fn with(bits: &[usize]) -> Self {
                Self($crate::prim::NamedBits::with(bits, $minimum))
            }

            /// Whether a bit is set; bits beyond the end are clear.
            #[must_use]
            pub fn has(&self, bit: usize) -> bool {
                self.0.has(bit)
            }

            /// Names of the bits that are set, in order; `None` for a bit without a name.
            pub fn labels(&self) -> impl Iterator<Item = (usize, Option<&'static str>)> + '_ {
                self.0.set_bits().map(|bit| (bit, match bit { $( $bit => Some($label), )* _ => None }))
            }
        }

        impl rasn::AsnType for $name {
            const TAG: rasn::types::Tag = rasn::types::Tag::BIT_STRING;
        }

        impl rasn::Decode for $name {
            fn decode_with_tag_and_constraints<D: rasn::Decoder>(
                decoder: &mut D, tag: rasn::types::Tag, _: &rasn::types::Constraints,
            ) -> Result<Self, D::Error> {
                <$crate::prim::NamedBits as rasn::Decode>::decode_with_tag(decoder, tag).map(Self)
            }
        }

        impl rasn::Encode for $name {
            fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
                &self, encoder: &mut E, tag: rasn::types::Tag, _: &rasn::types::Constraints,
                _: rasn::types::Identifier,
            ) -> Result<(), E::Error> {
                rasn::Encode::encode_with_tag(&self.0, encoder, tag)
            }
        }
    };
}
