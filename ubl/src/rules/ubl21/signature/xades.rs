//! The parts of XAdES 1.3.2 and 1.4.1.

use super::super::component::{may, must};
use super::super::form::Form;
use super::Content::{Anything, Elements, Mixed, Nothing, Text};
use super::Home::{Ds, Xades, Xades141};
use super::model::Model::{self, Any, Choice, Many, Maybe, One, Other, Sequence, Some};
use super::types::{
    BASE64, CANONICALIZATION_METHOD, DIGEST_METHOD, ID, INTEGER, SIGNATURE, STRING, TRANSFORMS,
    X509_ISSUER_SERIAL, plain, with, with_id,
};
use super::{Home, Type};

/// The elements that are declared on their own.
pub(super) const GLOBALS: &[(Home, &str, &Type)] = &[
    (Xades, "Any", &ANY),
    (Xades, "ObjectIdentifier", &OBJECT_IDENTIFIER),
    (Xades, "EncapsulatedPKIData", &ENCAPSULATED_PKI_DATA),
    (Xades, "Include", &INCLUDE),
    (Xades, "ReferenceInfo", &REFERENCE_INFO),
    (Xades, "XAdESTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades, "OtherTimeStamp", &OTHER_TIME_STAMP),
    (Xades, "QualifyingProperties", &QUALIFYING_PROPERTIES),
    (Xades, "SignedProperties", &SIGNED_PROPERTIES),
    (Xades, "UnsignedProperties", &UNSIGNED_PROPERTIES),
    (Xades, "SignedSignatureProperties", &SIGNED_SIGNATURE_PROPERTIES),
    (Xades, "SignedDataObjectProperties", &SIGNED_DATA_OBJECT_PROPERTIES),
    (Xades, "UnsignedSignatureProperties", &UNSIGNED_SIGNATURE_PROPERTIES),
    (Xades, "UnsignedDataObjectProperties", &UNSIGNED_DATA_OBJECT_PROPERTIES),
    (Xades, "QualifyingPropertiesReference", &QUALIFYING_PROPERTIES_REFERENCE),
    (Xades, "SigningTime", &DATE_TIME),
    (Xades, "SigningCertificate", &CERT_ID_LIST),
    (Xades, "SignaturePolicyIdentifier", &SIGNATURE_POLICY_IDENTIFIER),
    (Xades, "SPURI", &URI),
    (Xades, "SPUserNotice", &SP_USER_NOTICE),
    (Xades, "CounterSignature", &COUNTER_SIGNATURE),
    (Xades, "DataObjectFormat", &DATA_OBJECT_FORMAT),
    (Xades, "CommitmentTypeIndication", &COMMITMENT_TYPE_INDICATION),
    (Xades, "SignatureProductionPlace", &SIGNATURE_PRODUCTION_PLACE),
    (Xades, "SignerRole", &SIGNER_ROLE),
    (Xades, "AllDataObjectsTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades, "IndividualDataObjectsTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades, "SignatureTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades, "CompleteCertificateRefs", &COMPLETE_CERTIFICATE_REFS),
    (Xades, "CompleteRevocationRefs", &COMPLETE_REVOCATION_REFS),
    (Xades, "AttributeCertificateRefs", &COMPLETE_CERTIFICATE_REFS),
    (Xades, "AttributeRevocationRefs", &COMPLETE_REVOCATION_REFS),
    (Xades, "SigAndRefsTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades, "RefsOnlyTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades, "CertificateValues", &CERTIFICATE_VALUES),
    (Xades, "RevocationValues", &REVOCATION_VALUES),
    (Xades, "AttrAuthoritiesCertValues", &CERTIFICATE_VALUES),
    (Xades, "AttributeRevocationValues", &REVOCATION_VALUES),
    (Xades, "ArchiveTimeStamp", &X_AD_ES_TIME_STAMP),
    (Xades141, "TimeStampValidationData", &VALIDATION_DATA),
    (Xades141, "ArchiveTimeStampV2", &X_AD_ES_TIME_STAMP),
];

const fn own(name: &'static str, of: &'static Type) -> Model {
    One(Xades, name, of)
}

static URI: Type = plain(Text(Form::Uri));
static DATE_TIME: Type = plain(Text(Form::DateTime));
static ANYTHING: Type = plain(Anything);

static ANY: Type = plain(Mixed(Many(&Any { strict: false })));

static OBJECT_IDENTIFIER: Type = plain(Elements(Sequence(&[
    own("Identifier", &IDENTIFIER),
    Maybe(&own("Description", &STRING)),
    Maybe(&own("DocumentationReferences", &DOCUMENTATION_REFERENCES)),
])));

static IDENTIFIER: Type = with(Text(Form::Uri), &[may("Qualifier", Form::Qualifier)]);

static DOCUMENTATION_REFERENCES: Type = plain(Elements(Some(&own("DocumentationReference", &URI))));

static ENCAPSULATED_PKI_DATA: Type = with(Text(Form::Base64), &[ID, may("Encoding", Form::Uri)]);

static INCLUDE: Type = with(Nothing, &[must("URI", Form::Uri), may("referencedData", Form::Boolean)]);

static REFERENCE_INFO: Type = with(
    Elements(Sequence(&[One(Ds, "DigestMethod", &DIGEST_METHOD), One(Ds, "DigestValue", &BASE64)])),
    &[ID, may("URI", Form::Uri)],
);

static X_AD_ES_TIME_STAMP: Type = with_id(Elements(Sequence(&[
    Many(&own("Include", &INCLUDE)),
    Maybe(&One(Ds, "CanonicalizationMethod", &CANONICALIZATION_METHOD)),
    Some(&Choice(&[own("EncapsulatedTimeStamp", &ENCAPSULATED_PKI_DATA), own("XMLTimeStamp", &ANY)])),
])));

static OTHER_TIME_STAMP: Type = with_id(Elements(Sequence(&[
    Some(&own("ReferenceInfo", &REFERENCE_INFO)),
    Maybe(&One(Ds, "CanonicalizationMethod", &CANONICALIZATION_METHOD)),
    Choice(&[own("EncapsulatedTimeStamp", &ENCAPSULATED_PKI_DATA), own("XMLTimeStamp", &ANY)]),
])));

static QUALIFYING_PROPERTIES: Type = with(
    Elements(Sequence(&[
        Maybe(&own("SignedProperties", &SIGNED_PROPERTIES)),
        Maybe(&own("UnsignedProperties", &UNSIGNED_PROPERTIES)),
    ])),
    &[must("Target", Form::Uri), ID],
);

static SIGNED_PROPERTIES: Type = with_id(Elements(Sequence(&[
    Maybe(&own("SignedSignatureProperties", &SIGNED_SIGNATURE_PROPERTIES)),
    Maybe(&own("SignedDataObjectProperties", &SIGNED_DATA_OBJECT_PROPERTIES)),
])));

static UNSIGNED_PROPERTIES: Type = with_id(Elements(Sequence(&[
    Maybe(&own("UnsignedSignatureProperties", &UNSIGNED_SIGNATURE_PROPERTIES)),
    Maybe(&own("UnsignedDataObjectProperties", &UNSIGNED_DATA_OBJECT_PROPERTIES)),
])));

static SIGNED_SIGNATURE_PROPERTIES: Type = with_id(Elements(Sequence(&[
    Maybe(&own("SigningTime", &DATE_TIME)),
    Maybe(&own("SigningCertificate", &CERT_ID_LIST)),
    Maybe(&own("SignaturePolicyIdentifier", &SIGNATURE_POLICY_IDENTIFIER)),
    Maybe(&own("SignatureProductionPlace", &SIGNATURE_PRODUCTION_PLACE)),
    Maybe(&own("SignerRole", &SIGNER_ROLE)),
])));

static SIGNED_DATA_OBJECT_PROPERTIES: Type = with_id(Elements(Sequence(&[
    Many(&own("DataObjectFormat", &DATA_OBJECT_FORMAT)),
    Many(&own("CommitmentTypeIndication", &COMMITMENT_TYPE_INDICATION)),
    Many(&own("AllDataObjectsTimeStamp", &X_AD_ES_TIME_STAMP)),
    Many(&own("IndividualDataObjectsTimeStamp", &X_AD_ES_TIME_STAMP)),
])));

static UNSIGNED_SIGNATURE_PROPERTIES: Type = with_id(Elements(Some(&Choice(&[
    own("CounterSignature", &COUNTER_SIGNATURE),
    own("SignatureTimeStamp", &X_AD_ES_TIME_STAMP),
    own("CompleteCertificateRefs", &COMPLETE_CERTIFICATE_REFS),
    own("CompleteRevocationRefs", &COMPLETE_REVOCATION_REFS),
    own("AttributeCertificateRefs", &COMPLETE_CERTIFICATE_REFS),
    own("AttributeRevocationRefs", &COMPLETE_REVOCATION_REFS),
    own("SigAndRefsTimeStamp", &X_AD_ES_TIME_STAMP),
    own("RefsOnlyTimeStamp", &X_AD_ES_TIME_STAMP),
    own("CertificateValues", &CERTIFICATE_VALUES),
    own("RevocationValues", &REVOCATION_VALUES),
    own("AttrAuthoritiesCertValues", &CERTIFICATE_VALUES),
    own("AttributeRevocationValues", &REVOCATION_VALUES),
    own("ArchiveTimeStamp", &X_AD_ES_TIME_STAMP),
    Other { than: Xades, strict: true },
]))));

static UNSIGNED_DATA_OBJECT_PROPERTIES: Type =
    with_id(Elements(Some(&own("UnsignedDataObjectProperty", &ANY))));

static QUALIFYING_PROPERTIES_REFERENCE: Type = with(Nothing, &[must("URI", Form::Uri), ID]);

static CERT_ID_LIST: Type = plain(Elements(Some(&own("Cert", &CERT_ID))));

static CERT_ID: Type = with(
    Elements(Sequence(&[own("CertDigest", &DIGEST_ALG_AND_VALUE), own("IssuerSerial", &X509_ISSUER_SERIAL)])),
    &[may("URI", Form::Uri)],
);

static DIGEST_ALG_AND_VALUE: Type =
    plain(Elements(Sequence(&[One(Ds, "DigestMethod", &DIGEST_METHOD), One(Ds, "DigestValue", &BASE64)])));

static SIGNATURE_POLICY_IDENTIFIER: Type = plain(Elements(Choice(&[
    own("SignaturePolicyId", &SIGNATURE_POLICY_ID),
    own("SignaturePolicyImplied", &ANYTHING),
])));

static SIGNATURE_POLICY_ID: Type = plain(Elements(Sequence(&[
    own("SigPolicyId", &OBJECT_IDENTIFIER),
    Maybe(&One(Ds, "Transforms", &TRANSFORMS)),
    own("SigPolicyHash", &DIGEST_ALG_AND_VALUE),
    Maybe(&own("SigPolicyQualifiers", &SIG_POLICY_QUALIFIERS_LIST)),
])));

static SIG_POLICY_QUALIFIERS_LIST: Type = plain(Elements(Some(&own("SigPolicyQualifier", &ANY))));

static SP_USER_NOTICE: Type = plain(Elements(Sequence(&[
    Maybe(&own("NoticeRef", &NOTICE_REFERENCE)),
    Maybe(&own("ExplicitText", &STRING)),
])));

static NOTICE_REFERENCE: Type =
    plain(Elements(Sequence(&[own("Organization", &STRING), own("NoticeNumbers", &INTEGER_LIST)])));

static INTEGER_LIST: Type = plain(Elements(Many(&own("int", &INTEGER))));

static COUNTER_SIGNATURE: Type = plain(Elements(One(Ds, "Signature", &SIGNATURE)));

static DATA_OBJECT_FORMAT: Type = with(
    Elements(Sequence(&[
        Maybe(&own("Description", &STRING)),
        Maybe(&own("ObjectIdentifier", &OBJECT_IDENTIFIER)),
        Maybe(&own("MimeType", &STRING)),
        Maybe(&own("Encoding", &URI)),
    ])),
    &[must("ObjectReference", Form::Uri)],
);

static COMMITMENT_TYPE_INDICATION: Type = plain(Elements(Sequence(&[
    own("CommitmentTypeId", &OBJECT_IDENTIFIER),
    Choice(&[Some(&own("ObjectReference", &URI)), own("AllSignedDataObjects", &ANYTHING)]),
    Maybe(&own("CommitmentTypeQualifiers", &COMMITMENT_TYPE_QUALIFIERS_LIST)),
])));

static COMMITMENT_TYPE_QUALIFIERS_LIST: Type = plain(Elements(Many(&own("CommitmentTypeQualifier", &ANY))));

static SIGNATURE_PRODUCTION_PLACE: Type = plain(Elements(Sequence(&[
    Maybe(&own("City", &STRING)),
    Maybe(&own("StateOrProvince", &STRING)),
    Maybe(&own("PostalCode", &STRING)),
    Maybe(&own("CountryName", &STRING)),
])));

static SIGNER_ROLE: Type = plain(Elements(Sequence(&[
    Maybe(&own("ClaimedRoles", &CLAIMED_ROLES_LIST)),
    Maybe(&own("CertifiedRoles", &CERTIFIED_ROLES_LIST)),
])));

static CLAIMED_ROLES_LIST: Type = plain(Elements(Some(&own("ClaimedRole", &ANY))));

static CERTIFIED_ROLES_LIST: Type = plain(Elements(Some(&own("CertifiedRole", &ENCAPSULATED_PKI_DATA))));

static COMPLETE_CERTIFICATE_REFS: Type = with_id(Elements(own("CertRefs", &CERT_ID_LIST)));

static COMPLETE_REVOCATION_REFS: Type = with_id(Elements(Sequence(&[
    Maybe(&own("CRLRefs", &CRL_REFS)),
    Maybe(&own("OCSPRefs", &OCSP_REFS)),
    Maybe(&own("OtherRefs", &OTHER_CERT_STATUS_REFS)),
])));

static CRL_REFS: Type = plain(Elements(Some(&own("CRLRef", &CRL_REF))));

static CRL_REF: Type = plain(Elements(Sequence(&[
    own("DigestAlgAndValue", &DIGEST_ALG_AND_VALUE),
    Maybe(&own("CRLIdentifier", &CRL_IDENTIFIER)),
])));

static CRL_IDENTIFIER: Type = with(
    Elements(Sequence(&[
        own("Issuer", &STRING),
        own("IssueTime", &DATE_TIME),
        Maybe(&own("Number", &INTEGER)),
    ])),
    &[may("URI", Form::Uri)],
);

static OCSP_REFS: Type = plain(Elements(Some(&own("OCSPRef", &OCSP_REF))));

static OCSP_REF: Type = plain(Elements(Sequence(&[
    own("OCSPIdentifier", &OCSP_IDENTIFIER),
    Maybe(&own("DigestAlgAndValue", &DIGEST_ALG_AND_VALUE)),
])));

static RESPONDER_ID: Type = plain(Elements(Choice(&[own("ByName", &STRING), own("ByKey", &BASE64)])));

static OCSP_IDENTIFIER: Type = with(
    Elements(Sequence(&[own("ResponderID", &RESPONDER_ID), own("ProducedAt", &DATE_TIME)])),
    &[may("URI", Form::Uri)],
);

static OTHER_CERT_STATUS_REFS: Type = plain(Elements(Some(&own("OtherRef", &ANY))));

static CERTIFICATE_VALUES: Type = with_id(Elements(Many(&Choice(&[
    own("EncapsulatedX509Certificate", &ENCAPSULATED_PKI_DATA),
    own("OtherCertificate", &ANY),
]))));

static REVOCATION_VALUES: Type = with_id(Elements(Sequence(&[
    Maybe(&own("CRLValues", &CRL_VALUES)),
    Maybe(&own("OCSPValues", &OCSP_VALUES)),
    Maybe(&own("OtherValues", &OTHER_CERT_STATUS_VALUES)),
])));

static CRL_VALUES: Type = plain(Elements(Some(&own("EncapsulatedCRLValue", &ENCAPSULATED_PKI_DATA))));

static OCSP_VALUES: Type = plain(Elements(Some(&own("EncapsulatedOCSPValue", &ENCAPSULATED_PKI_DATA))));

static OTHER_CERT_STATUS_VALUES: Type = plain(Elements(Some(&own("OtherValue", &ANY))));

static VALIDATION_DATA: Type = with(
    Elements(Sequence(&[
        Maybe(&One(Xades, "CertificateValues", &CERTIFICATE_VALUES)),
        Maybe(&One(Xades, "RevocationValues", &REVOCATION_VALUES)),
    ])),
    &[ID, may("UR", Form::Uri)],
);
