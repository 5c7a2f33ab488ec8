//! The parts of XML Signature, and of the signature components of UBL around it.

use super::super::component::{Attribute, may, must};
use super::super::form::Form;
use super::Content::{Basic, Elements, Mixed, Text};
use super::Home::{Aggregate, Basic as BasicHome, Ds, Signatures};
use super::model::Model::{self, Any, Choice, Component, Many, Maybe, One, Other, Sequence, Some};
use super::{Content, Home, Type};
use crate::vocabulary::{Kind, name};

/// The elements that are declared on their own.
pub(super) const GLOBALS: &[(Home, &str, &Type)] = &[
    (Signatures, "UBLDocumentSignatures", &DOCUMENT_SIGNATURES),
    (Aggregate, "SignatureInformation", &SIGNATURE_INFORMATION),
    (BasicHome, "ReferencedSignatureID", &REFERENCED_SIGNATURE_ID),
    (Ds, "Signature", &SIGNATURE),
    (Ds, "SignatureValue", &SIGNATURE_VALUE),
    (Ds, "SignedInfo", &SIGNED_INFO),
    (Ds, "CanonicalizationMethod", &CANONICALIZATION_METHOD),
    (Ds, "SignatureMethod", &SIGNATURE_METHOD),
    (Ds, "Reference", &REFERENCE),
    (Ds, "Transforms", &TRANSFORMS),
    (Ds, "Transform", &TRANSFORM),
    (Ds, "DigestMethod", &DIGEST_METHOD),
    (Ds, "DigestValue", &BASE64),
    (Ds, "KeyInfo", &KEY_INFO),
    (Ds, "KeyName", &STRING),
    (Ds, "MgmtData", &STRING),
    (Ds, "KeyValue", &KEY_VALUE),
    (Ds, "RetrievalMethod", &RETRIEVAL_METHOD),
    (Ds, "X509Data", &X509_DATA),
    (Ds, "PGPData", &PGP_DATA),
    (Ds, "SPKIData", &SPKI_DATA),
    (Ds, "Object", &OBJECT),
    (Ds, "Manifest", &MANIFEST),
    (Ds, "SignatureProperties", &SIGNATURE_PROPERTIES),
    (Ds, "SignatureProperty", &SIGNATURE_PROPERTY),
    (Ds, "DSAKeyValue", &DSA_KEY_VALUE),
    (Ds, "RSAKeyValue", &RSA_KEY_VALUE),
];

pub(super) const ID: Attribute = may("Id", Form::Id);
const ALGORITHM: &[Attribute] = &[must("Algorithm", Form::Uri)];

pub(super) const fn plain(content: Content) -> Type {
    Type { content, attributes: &[] }
}

pub(super) const fn with_id(content: Content) -> Type {
    Type { content, attributes: &[ID] }
}

pub(super) const fn with(content: Content, attributes: &'static [Attribute]) -> Type {
    Type { content, attributes }
}

const fn ds(name: &'static str, of: &'static Type) -> Model {
    One(Ds, name, of)
}

pub(super) static STRING: Type = plain(Text(Form::Any));
pub(super) static BASE64: Type = plain(Text(Form::Base64));
pub(super) static INTEGER: Type = plain(Text(Form::Integer));

static DOCUMENT_SIGNATURES: Type =
    plain(Elements(Some(&One(Aggregate, "SignatureInformation", &SIGNATURE_INFORMATION))));

static SIGNATURE_INFORMATION: Type = plain(Elements(Sequence(&[
    Maybe(&Component(name!("cbc:ID"))),
    Maybe(&One(BasicHome, "ReferencedSignatureID", &REFERENCED_SIGNATURE_ID)),
    Maybe(&ds("Signature", &SIGNATURE)),
])));

static REFERENCED_SIGNATURE_ID: Type = plain(Basic(Kind::Identifier));

pub(super) static SIGNATURE: Type = with_id(Elements(Sequence(&[
    ds("SignedInfo", &SIGNED_INFO),
    ds("SignatureValue", &SIGNATURE_VALUE),
    Maybe(&ds("KeyInfo", &KEY_INFO)),
    Many(&ds("Object", &OBJECT)),
])));

static SIGNATURE_VALUE: Type = with_id(Text(Form::Base64));

static SIGNED_INFO: Type = with_id(Elements(Sequence(&[
    ds("CanonicalizationMethod", &CANONICALIZATION_METHOD),
    ds("SignatureMethod", &SIGNATURE_METHOD),
    Some(&ds("Reference", &REFERENCE)),
])));

pub(super) static CANONICALIZATION_METHOD: Type = with(Mixed(Many(&Any { strict: true })), ALGORITHM);

static SIGNATURE_METHOD: Type = with(
    Mixed(Sequence(&[Maybe(&ds("HMACOutputLength", &INTEGER)), Many(&Other { than: Ds, strict: true })])),
    ALGORITHM,
);

static REFERENCE: Type = with(
    Elements(Sequence(&[
        Maybe(&ds("Transforms", &TRANSFORMS)),
        ds("DigestMethod", &DIGEST_METHOD),
        ds("DigestValue", &BASE64),
    ])),
    &[ID, may("URI", Form::Uri), may("Type", Form::Uri)],
);

pub(super) static TRANSFORMS: Type = plain(Elements(Some(&ds("Transform", &TRANSFORM))));

static TRANSFORM: Type = with(Mixed(Many(&Choice(&[OTHERS, ds("XPath", &STRING)]))), ALGORITHM);

pub(super) static DIGEST_METHOD: Type = with(Mixed(Many(&OTHERS)), ALGORITHM);

const OTHERS: Model = Other { than: Ds, strict: false };

static KEY_INFO: Type = with_id(Mixed(Some(&Choice(&[
    ds("KeyName", &STRING),
    ds("KeyValue", &KEY_VALUE),
    ds("RetrievalMethod", &RETRIEVAL_METHOD),
    ds("X509Data", &X509_DATA),
    ds("PGPData", &PGP_DATA),
    ds("SPKIData", &SPKI_DATA),
    ds("MgmtData", &STRING),
    OTHERS,
]))));

static KEY_VALUE: Type =
    plain(Mixed(Choice(&[ds("DSAKeyValue", &DSA_KEY_VALUE), ds("RSAKeyValue", &RSA_KEY_VALUE), OTHERS])));

static RETRIEVAL_METHOD: Type =
    with(Elements(Maybe(&ds("Transforms", &TRANSFORMS))), &[may("URI", Form::Uri), may("Type", Form::Uri)]);

static X509_DATA: Type = plain(Elements(Some(&Choice(&[
    ds("X509IssuerSerial", &X509_ISSUER_SERIAL),
    ds("X509SKI", &BASE64),
    ds("X509SubjectName", &STRING),
    ds("X509Certificate", &BASE64),
    ds("X509CRL", &BASE64),
    OTHERS,
]))));

pub(super) static X509_ISSUER_SERIAL: Type =
    plain(Elements(Sequence(&[ds("X509IssuerName", &STRING), ds("X509SerialNumber", &INTEGER)])));

static PGP_DATA: Type = plain(Elements(Choice(&[
    Sequence(&[ds("PGPKeyID", &BASE64), Maybe(&ds("PGPKeyPacket", &BASE64)), Many(&OTHERS)]),
    Sequence(&[ds("PGPKeyPacket", &BASE64), Many(&OTHERS)]),
])));

static SPKI_DATA: Type = plain(Elements(Some(&Sequence(&[ds("SPKISexp", &BASE64), Maybe(&OTHERS)]))));

static OBJECT: Type =
    with(Mixed(Many(&Any { strict: false })), &[ID, may("MimeType", Form::Any), may("Encoding", Form::Uri)]);

static MANIFEST: Type = with_id(Elements(Some(&ds("Reference", &REFERENCE))));

static SIGNATURE_PROPERTIES: Type = with_id(Elements(Some(&ds("SignatureProperty", &SIGNATURE_PROPERTY))));

static SIGNATURE_PROPERTY: Type = with(Mixed(Some(&OTHERS)), &[must("Target", Form::Uri), ID]);

static DSA_KEY_VALUE: Type = plain(Elements(Sequence(&[
    Maybe(&Sequence(&[ds("P", &BASE64), ds("Q", &BASE64)])),
    Maybe(&ds("G", &BASE64)),
    ds("Y", &BASE64),
    Maybe(&ds("J", &BASE64)),
    Maybe(&Sequence(&[ds("Seed", &BASE64), ds("PgenCounter", &BASE64)])),
])));

static RSA_KEY_VALUE: Type = plain(Elements(Sequence(&[ds("Modulus", &BASE64), ds("Exponent", &BASE64)])));
