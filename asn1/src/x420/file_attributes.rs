//! What FTAM knows of a file (X.420 Annex on file transfer, ISO 8571-2 and 8571-4; ledger A-34).

use rasn::{AsnType, Decode, Decoder, Encode};

use super::file_transfer::Pathname;
use crate::prim::{External, GraphicString, Null, Octets, Oid, RawTlv, X400Time};

crate::asn_seq! {
    /// What FTAM knows of a file.
    pub struct FileAttributes default {
        /// The name, possibly without its path.
        incomplete_pathname: Pathname = imp(0) opt,
        /// The whole name.
        complete_pathname: Pathname = imp(23) opt,
        /// What may be done with it.
        permitted_actions: PermittedActions = imp(1) opt,
        /// Who pays.
        storage_account: TextAttribute = exp(3) opt,
        /// When it was made.
        created: DateAttribute = exp(4) opt,
        /// When it was last changed.
        modified: DateAttribute = exp(5) opt,
        /// When it was last read.
        read: DateAttribute = exp(6) opt,
        /// When its attributes were last changed.
        attributes_modified: DateAttribute = exp(7) opt,
        /// Who made it.
        creator: TextAttribute = exp(8) opt,
        /// Who last changed it.
        modifier: TextAttribute = exp(9) opt,
        /// Who last read it.
        reader: TextAttribute = exp(10) opt,
        /// Who last changed its attributes.
        attribute_modifier: TextAttribute = exp(11) opt,
        /// Whether it can be had at once.
        availability: AvailabilityAttribute = exp(12) opt,
        /// Octets in it.
        object_size: SizeAttribute = exp(13) opt,
        /// Octets it may come to have.
        future_object_size: SizeAttribute = exp(14) opt,
        /// Who may do what.
        access_control: AccessControlAttribute = exp(15) opt,
        /// Legal qualifications.
        legal_qualification: LegalQualificationAttribute = exp(16) opt,
        /// Private use.
        private_use: PrivateUseAttribute = exp(17) opt,
        /// Extensions of FTAM.
        attribute_extensions: Vec<AttributeExtensionSet> = imp(22) opt,
    }
}

crate::named_bits! {
    /// What may be done with a file.
    pub struct PermittedActions(minimum 0) {
        /// Read it.
        READ = 0 => "read",
        /// Insert into it.
        INSERT = 1 => "insert",
        /// Replace it or parts of it.
        REPLACE = 2 => "replace",
        /// Extend it.
        EXTEND = 3 => "extend",
        /// Erase it or parts of it.
        ERASE = 4 => "erase",
        /// Read its attributes.
        READ_ATTRIBUTE = 5 => "read-attribute",
        /// Change its attributes.
        CHANGE_ATTRIBUTE = 6 => "change-attribute",
        /// Delete it.
        DELETE_OBJECT = 7 => "delete-object",
        /// Go through it.
        TRAVERSAL = 8 => "traversal",
        /// Go through it backwards.
        REVERSE_TRAVERSAL = 9 => "reverse-traversal",
        /// Go to any place in it.
        RANDOM_ORDER = 10 => "random-order",
    }
}

crate::asn_choice! {
    /// An account or a user, or that there is none. X.420 defines these two for itself: the text has no context tag.
    pub enum TextAttribute {
        /// None.
        NoValueAvailable(Null) = imp(0),
        /// The text.
        Actual(GraphicString) = bare,
    }
}

crate::asn_choice! {
    /// A date, or that there is none.
    pub enum DateAttribute {
        /// None.
        NoValueAvailable(Null) = imp(0),
        /// A GeneralizedTime.
        Actual(X400Time) = imp(1),
    }
}

crate::asn_choice! {
    /// A size, or that there is none.
    pub enum SizeAttribute {
        /// None.
        NoValueAvailable(Null) = imp(0),
        /// Octets.
        Actual(i64) = imp(1),
    }
}

crate::asn_choice! {
    /// Whether a file can be had at once, or that nobody knows.
    pub enum AvailabilityAttribute {
        /// Not known.
        NoValueAvailable(Null) = imp(0),
        /// Whether.
        Actual(ObjectAvailability) = imp(1),
    }
}

crate::open_enum! {
    /// Whether a file can be had at once.
    pub struct ObjectAvailability: INTEGER {
        /// At once.
        IMMEDIATE = 0 => "immediate-availability",
        /// Later.
        DEFERRED = 1 => "deferred-availability",
    }
}

crate::asn_choice! {
    /// Legal qualifications, or that there are none. As in ISO 8571-4: the text has a context tag.
    pub enum LegalQualificationAttribute {
        /// None.
        NoValueAvailable(Null) = imp(0),
        /// The text.
        Actual(GraphicString) = imp(1),
    }
}

crate::asn_choice! {
    /// Private use, or that there is none.
    pub enum PrivateUseAttribute {
        /// None.
        NoValueAvailable(Null) = imp(0),
        /// Some, in an abstract syntax that is not supported.
        AbstractSyntaxNotSupported(Null) = imp(1),
        /// The value.
        Actual(External) = imp(2),
    }
}

crate::asn_choice! {
    /// Who may do what, or that nothing is said.
    pub enum AccessControlAttribute {
        /// Nothing is said.
        NoValueAvailable(Null) = imp(0),
        /// One element for each permission.
        Actual(Vec<AccessControlElement>) = imp(1),
    }
}

crate::asn_seq! {
    /// Who may do what.
    pub struct AccessControlElement {
        /// What.
        action_list: PermittedActions = imp(0) req,
        /// What others may do at the same time.
        concurrency_access: ConcurrencyAccess = imp(1) opt,
        /// Who.
        identity: GraphicString = imp(2) opt,
        /// Passwords, one for each action.
        passwords: AccessPasswords = imp(3) opt,
        /// From which application entity: its title, as it came.
        location: Vec<RawTlv> = imp(4) opt,
    }
}

crate::asn_seq! {
    /// What others may do while somebody does one thing.
    pub struct ConcurrencyAccess default {
        /// While it is read.
        read: ConcurrencyKey = imp(0) opt,
        /// While something is inserted.
        insert: ConcurrencyKey = imp(1) opt,
        /// While something is replaced.
        replace: ConcurrencyKey = imp(2) opt,
        /// While it is extended.
        extend: ConcurrencyKey = imp(3) opt,
        /// While something is erased.
        erase: ConcurrencyKey = imp(4) opt,
        /// While attributes are read.
        read_attribute: ConcurrencyKey = imp(5) opt,
        /// While attributes are changed.
        change_attribute: ConcurrencyKey = imp(6) opt,
        /// While it is deleted.
        delete_object: ConcurrencyKey = imp(7) opt,
    }
}

crate::named_bits! {
    /// Which locks are possible.
    pub struct ConcurrencyKey(minimum 0) {
        /// None is needed.
        NOT_REQUIRED = 0 => "not-required",
        /// Others may do the same.
        SHARED = 1 => "shared",
        /// Others may not.
        EXCLUSIVE = 2 => "exclusive",
        /// Nobody may.
        NO_ACCESS = 3 => "no-access",
    }
}

crate::asn_seq! {
    /// A password for each action.
    pub struct AccessPasswords default {
        /// To read.
        read: Password = exp(0) opt,
        /// To insert.
        insert: Password = exp(1) opt,
        /// To replace.
        replace: Password = exp(2) opt,
        /// To extend.
        extend: Password = exp(3) opt,
        /// To erase.
        erase: Password = exp(4) opt,
        /// To read attributes.
        read_attribute: Password = exp(5) opt,
        /// To change attributes.
        change_attribute: Password = exp(6) opt,
        /// To delete.
        delete: Password = exp(7) opt,
        /// To pass through directories.
        pass: Vec<Password> = imp(8) opt,
        /// To link.
        link: Password = exp(9) opt,
    }
}

crate::asn_choice! {
    /// A password.
    pub enum Password {
        /// As text.
        Text(GraphicString) = bare,
        /// As octets.
        Octets(Octets) = bare,
    }
}

crate::asn_seq! {
    /// Attributes that somebody added to FTAM.
    pub struct AttributeExtensionSet {
        /// Which set of attributes.
        identifier: Oid = imp(0) req,
        /// The attributes; ISO 8571-4 tags explicitly.
        attributes: Vec<ExtensionAttribute> = exp(1) req,
    }
}

/// One attribute that somebody added to FTAM.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct ExtensionAttribute {
    /// Which.
    pub identifier: Oid,
    /// Its value, as it came.
    pub value: RawTlv,
}
