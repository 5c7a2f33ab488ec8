//! The parts of an extension, as the schema of UBL's extension components has them.

use crate::vocabulary::{Child, Ext, Kind, Name, Occurs, name};

const ONCE: Occurs = Occurs { required: true, repeats: false };
const MAYBE: Occurs = Occurs { required: false, repeats: false };
const SOME: Occurs = Occurs { required: true, repeats: true };

/// What a part of an extension holds.
pub(super) enum Part {
    Children(&'static [Child]),
    Text(Kind),
    /// One element of another namespace.
    Foreign,
}

pub(super) const fn part(name: Ext) -> Part {
    match name {
        Ext::UBLExtensions => Part::Children(EXTENSIONS),
        Ext::UBLExtension => Part::Children(EXTENSION),
        Ext::ExtensionContent => Part::Foreign,
        Ext::ExtensionAgencyID | Ext::ExtensionVersionID | Ext::ExtensionAgencyURI | Ext::ExtensionURI => {
            Part::Text(Kind::Identifier)
        }
        Ext::ExtensionReasonCode => Part::Text(Kind::Code),
        Ext::ExtensionAgencyName | Ext::ExtensionReason => Part::Text(Kind::Text),
    }
}

const fn child(name: Name, occurs: Occurs) -> Child {
    Child { name, occurs }
}

const EXTENSIONS: &[Child] = &[child(name!("ext:UBLExtension"), SOME)];

const EXTENSION: &[Child] = &[
    child(name!("cbc:ID"), MAYBE),
    child(name!("cbc:Name"), MAYBE),
    child(name!("ext:ExtensionAgencyID"), MAYBE),
    child(name!("ext:ExtensionAgencyName"), MAYBE),
    child(name!("ext:ExtensionVersionID"), MAYBE),
    child(name!("ext:ExtensionAgencyURI"), MAYBE),
    child(name!("ext:ExtensionURI"), MAYBE),
    child(name!("ext:ExtensionReasonCode"), MAYBE),
    child(name!("ext:ExtensionReason"), MAYBE),
    child(name!("ext:ExtensionContent"), ONCE),
];
