//! What stands in our own documents beyond what the model says: texts the standard wants where the document has none,
//! and what UBL has no element for. The writer puts it in, the reader takes it out.

use super::names::{
    BUYER, CUSTOMIZATION, DEFAULT_COUNTRY, DUE_NOW, GENERAL_NOTE, IN_WORDS, IRN, KIND, MEANS_IN_WORDS, PAID,
    PLAIN_ALLOWANCE, PLAIN_CHARGE, PROFILE, SOURCE, STATUS, TIN_SCHEME, WALK_IN, vat_prefix,
};
use super::out::is_blank;
use super::read_party::{tin_of, tin_position};
use crate::calculate::needs_reason;
use crate::codes::default_reason;
use crate::rules::code_lists::{NOTE_SUBJECTS, PAYMENT_MEANS};
use crate::{
    Address, Identifier, Invoice, InvoiceKind, Irn, Party, PaymentMeans, PaymentStatus, SupportingDocument,
    Tax, TaxCategory, TaxRegistration, amount_decimals, round_half_up,
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// The parts of a document as they are written.
#[derive(PartialEq)]
pub(super) struct Written<'i> {
    pub(super) customization: Option<&'i str>,
    pub(super) profile: Option<&'i str>,
    pub(super) note: Option<Cow<'i, str>>,
    pub(super) buyer_reference: Option<&'i str>,
    pub(super) payment_terms: Option<&'i str>,
    pub(super) supplier: WrittenParty<'i>,
    pub(super) customer: Option<WrittenParty<'i>>,
    pub(super) payment_means: Cow<'i, [PaymentMeans]>,
    pub(super) documents: Cow<'i, [SupportingDocument]>,
}

/// A party as it is written.
#[derive(PartialEq)]
pub(super) struct WrittenParty<'i> {
    /// None for a walk-in.
    pub(super) party: Option<&'i Party>,
    pub(super) identifiers: Cow<'i, [Identifier]>,
    pub(super) registrations: Cow<'i, [TaxRegistration]>,
    pub(super) country: Option<&'i str>,
}

/// Whether a part of the document is outside the scope of VAT: then no VAT identifier may be named (BR-O-02 to BR-O-04).
fn outside_vat(invoice: &Invoice) -> bool {
    let document = invoice.allowances.iter().chain(&invoice.charges).filter_map(|a| a.tax.as_ref());
    let mut taxes = invoice.lines.iter().map(|l| &l.tax).chain(document);
    taxes.any(|t| t.category == TaxCategory::O)
}

/// How `invoice` is written.
pub(super) fn written(invoice: &Invoice) -> Written<'_> {
    let outside_vat = outside_vat(invoice);
    let own = !invoice.as_received;
    let payment_terms = invoice.payment_terms.as_deref().filter(|t| !is_blank(t));
    Written {
        customization: invoice.customization_id.as_deref().or(own.then_some(CUSTOMIZATION)),
        profile: invoice.profile_id.as_deref().or(own.then_some(PROFILE)),
        note: invoice.note.as_deref().map(|note| if own { own_note(note) } else { Cow::Borrowed(note) }),
        buyer_reference: own_reference(invoice).or(own.then(|| stand_in_reference(invoice))),
        payment_terms: payment_terms.or(stand_in_terms(invoice).filter(|_| own)),
        supplier: supplier(invoice, outside_vat),
        customer: customer(invoice, outside_vat),
        payment_means: payment_means(invoice),
        documents: documents(invoice),
    }
}

/// A note whose own `#` signs would be read as a subject code gets one (BR-CL-08).
fn own_note(note: &str) -> Cow<'_, str> {
    if subject(note).is_some_and(|s| !NOTE_SUBJECTS.contains(s)) || note.starts_with(GENERAL_NOTE) {
        Cow::Owned(format!("{GENERAL_NOTE}{note}"))
    } else {
        Cow::Borrowed(note)
    }
}

/// What a reader takes for a subject code in a note: three characters between its first two `#` (BR-CL-08).
fn subject(note: &str) -> Option<&str> {
    let subject = note.split('#').nth(1).filter(|_| note.matches('#').count() > 1)?;
    (subject.chars().count() == 3).then_some(subject)
}

/// A buyer's reference is required (PEPPOL-EN16931-R003), so the next best thing the buyer may know stands in.
fn stand_in_reference(invoice: &Invoice) -> &str {
    let known = [&invoice.order_reference, &invoice.source_id];
    known.into_iter().flatten().map(String::as_str).find(|r| !is_blank(r)).unwrap_or(&invoice.number)
}

fn own_reference(invoice: &Invoice) -> Option<&str> {
    invoice.buyer_reference.as_deref().filter(|r| !is_blank(r))
}

/// An amount to pay needs a due date or terms (BR-CO-25).
fn stand_in_terms(invoice: &Invoice) -> Option<&'static str> {
    let payable = round_half_up(invoice.totals.payable_amount, amount_decimals(invoice.currency));
    let open = payable > Decimal::ZERO && invoice.due_date.is_none();
    open.then_some(if invoice.payment_status == PaymentStatus::Paid { PAID } else { DUE_NOW })
}

/// What the kind of a document is by its buyer alone: an organisation is known by a TIN or a registration number.
fn derived_kind(customer: Option<&Party>) -> InvoiceKind {
    match customer {
        Some(party) if party.tin.is_some() || party.registration_number.is_some() => InvoiceKind::B2B,
        _ => InvoiceKind::B2C,
    }
}

fn supplier(invoice: &Invoice, outside_vat: bool) -> WrittenParty<'_> {
    let party = &invoice.supplier;
    let country = party.address.country.as_deref();
    let registrations = registrations(party, country, outside_vat);
    WrittenParty { party: Some(party), identifiers: seller_ids(invoice, outside_vat), registrations, country }
}

/// The seller's id at the authority comes first. Without a VAT identifier another one must identify the seller (BR-CO-26).
fn seller_ids(invoice: &Invoice, outside_vat: bool) -> Cow<'_, [Identifier]> {
    let party = &invoice.supplier;
    let business_id = invoice.business_id.as_deref().filter(|id| !is_blank(id));
    if invoice.as_received {
        let at = business_id_position(party);
        let told = at.and_then(|at| party.identifiers.get(at)).map(|i| i.id.as_str());
        if told == business_id {
            return Cow::Borrowed(&party.identifiers);
        }
        let mut ids = party.identifiers.clone();
        match (at.and_then(|at| ids.get_mut(at)), business_id) {
            (Some(slot), Some(id)) => slot.id = id.to_owned(),
            (None, Some(id)) => ids.insert(0, unschemed(id)),
            (_, None) => drop(at.map(|at| ids.remove(at))),
        }
        return Cow::Owned(ids);
    }
    let bare = business_id.is_none() && party.registration_number.is_none() && party.identifiers.is_empty();
    let first = business_id.or(party.tin.as_deref().filter(|tin| outside_vat && bare && !is_blank(tin)));
    match first {
        Some(first) => {
            Cow::Owned(std::iter::once(unschemed(first)).chain(party.identifiers.iter().cloned()).collect())
        }
        None => Cow::Borrowed(&party.identifiers),
    }
}

fn unschemed(id: &str) -> Identifier {
    Identifier { id: id.to_owned(), ..Identifier::default() }
}

/// The seller's id at the authority: the first identification without a scheme that does not repeat the TIN.
fn business_id_position(party: &Party) -> Option<usize> {
    let repeated = party.tax_registrations.iter().find(|r| r.scheme == TIN_SCHEME).map(|r| &r.id);
    party.identifiers.iter().position(|i| i.scheme.is_none() && Some(&i.id) != repeated)
}

/// A walk-in is the buyer `Consumer` in the seller's country; a buyer whose country nobody knows is taken to be there
/// too, since EN 16931 wants one (BR-07, BR-10, BR-11).
fn customer(invoice: &Invoice, outside_vat: bool) -> Option<WrittenParty<'_>> {
    let here = invoice.supplier.address.country.as_deref().unwrap_or(DEFAULT_COUNTRY);
    match &invoice.customer {
        None if invoice.as_received => None,
        None => Some(WrittenParty {
            party: None,
            identifiers: Cow::Borrowed(&[]),
            registrations: Cow::Borrowed(&[]),
            country: Some(here),
        }),
        Some(party) => {
            let stated = party.address.country.as_deref().filter(|c| !is_blank(c));
            let country = stated.or((!invoice.as_received).then_some(here));
            Some(WrittenParty {
                party: Some(party),
                identifiers: Cow::Borrowed(&party.identifiers),
                registrations: registrations(party, country, outside_vat),
                country,
            })
        }
    }
}

/// The prefix makes the TIN a VAT identifier (BR-CO-09). A document outside the scope of VAT may not have one
/// (BR-O-02), so there the TIN stands under a scheme of its own.
pub(super) fn registrations<'i>(
    party: &'i Party,
    country: Option<&str>,
    outside_vat: bool,
) -> Cow<'i, [TaxRegistration]> {
    let tin = party.tin.as_deref().filter(|tin| !is_blank(tin));
    let all = &party.tax_registrations;
    if !all.is_empty() && tin_of(all, party.address.country.as_deref()).as_deref() == tin {
        return Cow::Borrowed(all);
    }
    let written = tin.map(|tin| {
        let (id, scheme) = if outside_vat {
            (tin.to_owned(), TIN_SCHEME)
        } else {
            (format!("{}{tin}", vat_prefix(country.unwrap_or(DEFAULT_COUNTRY))), "VAT")
        };
        TaxRegistration { id, scheme: scheme.to_owned(), ..TaxRegistration::default() }
    });
    let mut changed = all.clone();
    match (tin_position(all), written) {
        (Some(at), Some(written)) => {
            if let Some(slot) = changed.get_mut(at) {
                *slot = written;
            }
        }
        (Some(at), None) => drop(changed.remove(at)),
        (None, written) => changed.extend(written),
    }
    Cow::Owned(changed)
}

/// What a means of payment needs beside its code: an account (BR-61) or a mandate (PEPPOL-EN16931-R061).
fn complete(code: &str, means: &PaymentMeans) -> bool {
    match code {
        "30" | "58" => means.account.is_some(),
        "49" | "59" => means.mandate.as_ref().is_some_and(|m| m.id.is_some()),
        _ => true,
    }
}

/// All payment means of a document must share one code and one payment id (UBL-SR-44, UBL-SR-47), so of several the
/// first is written in codes and what the others differ in is written in words.
fn payment_means(invoice: &Invoice) -> Cow<'_, [PaymentMeans]> {
    let all = &invoice.payment_means;
    let credit = invoice.document_type == crate::DocumentType::CreditNote;
    let due = invoice.due_date.filter(|_| credit);
    if invoice.as_received {
        let told = all.iter().find_map(|m| m.due_date);
        if !credit || told.is_none() || told == due {
            return Cow::Borrowed(all);
        }
        let mut changed = all.clone();
        for means in changed.iter_mut().filter(|m| m.due_date.is_some()) {
            means.due_date = due;
        }
        return Cow::Owned(changed);
    }
    let Some(first) = all.first() else { return Cow::Borrowed(all) };
    let writable = PAYMENT_MEANS.contains(&first.code) && all.iter().all(|m| complete(&first.code, m));
    let shared = if writable { first.code.as_str() } else { MEANS_IN_WORDS };
    let as_is = |(index, means): (usize, &PaymentMeans)| {
        means.code == shared
            && (index == 0 || (means.name.is_none() && means.payment_id == first.payment_id))
            && (index > 0 || due.is_none() || means.due_date.is_some())
    };
    if all.iter().enumerate().all(as_is) {
        return Cow::Borrowed(all);
    }
    let in_words = |(index, means): (usize, &PaymentMeans)| {
        let mut written = means.clone();
        if means.code != shared || (index > 0 && means.name.is_some()) {
            written.note = Some(words(means));
            written.code = shared.to_owned();
            written.name = None;
        }
        if means.payment_id != first.payment_id && means.instruction_id.is_none() {
            written.instruction_id = written.payment_id.take();
        }
        if index == 0 && written.due_date.is_none() {
            written.due_date = due;
        }
        written
    };
    Cow::Owned(all.iter().enumerate().map(in_words).collect())
}

fn words(means: &PaymentMeans) -> String {
    let mut words = format!("{IN_WORDS}{}", means.code);
    for (before, text) in [(": ", &means.name), ("\n", &means.note)] {
        if let Some(text) = text {
            words.push_str(before);
            words.push_str(text);
        }
    }
    words
}

/// Undoes [`payment_means`].
fn means_from_words(invoice: &mut Invoice) {
    for means in &mut invoice.payment_means {
        if means.payment_id.is_none() {
            means.payment_id = means.instruction_id.take();
        }
        let Some(words) = means.note.as_deref().and_then(|note| note.strip_prefix(IN_WORDS)) else {
            continue;
        };
        let (words, note) = words.split_once('\n').map_or((words, None), |(w, n)| (w, Some(n.to_owned())));
        let (code, name) = words.split_once(": ").map_or((words, None), |(c, n)| (c, Some(n.to_owned())));
        (means.code, means.name, means.note) = (code.to_owned(), name, note);
    }
    if invoice.document_type == crate::DocumentType::CreditNote
        && let Some(first) = invoice.payment_means.first_mut()
    {
        first.due_date = None;
    }
}

/// What the model has no element for stands in additional document references: description and value.
fn annotations(invoice: &Invoice) -> [(&'static str, Option<&str>); 4] {
    let derived = derived_kind(invoice.customer.as_ref());
    let kind = match invoice.kind {
        InvoiceKind::B2B => "B2B",
        InvoiceKind::B2C => "B2C",
        InvoiceKind::B2G => "B2G",
    };
    let status = match invoice.payment_status {
        PaymentStatus::Pending => None,
        PaymentStatus::Paid => Some("PAID"),
        PaymentStatus::Rejected => Some("REJECTED"),
    };
    [
        (IRN, invoice.irn.as_ref().map(Irn::as_str)),
        (SOURCE, invoice.source_id.as_deref().filter(|id| !is_blank(id))),
        (KIND, (invoice.kind != derived).then_some(kind)),
        (STATUS, status),
    ]
}

fn annotation(description: &str, id: &str) -> SupportingDocument {
    SupportingDocument {
        id: id.to_owned(),
        description: Some(description.to_owned()),
        ..SupportingDocument::default()
    }
}

fn documents(invoice: &Invoice) -> Cow<'_, [SupportingDocument]> {
    let annotations = annotations(invoice);
    if invoice.as_received {
        return received_documents(invoice, &annotations);
    }
    let repeated = own_reference(invoice).filter(|own| *own == stand_in_reference(invoice));
    let ours = annotations.into_iter().chain([(BUYER, repeated)]);
    let ours: Vec<_> = ours.filter_map(|(what, id)| Some(annotation(what, id?))).collect();
    if ours.is_empty() {
        return Cow::Borrowed(&invoice.documents);
    }
    Cow::Owned(ours.into_iter().chain(invoice.documents.iter().cloned()).collect())
}

/// Those that came, with what was changed since.
fn received_documents<'i>(
    invoice: &'i Invoice,
    annotations: &[(&'static str, Option<&str>); 4],
) -> Cow<'i, [SupportingDocument]> {
    let mut told = invoice.clone_annotations();
    read_annotations(&mut told);
    let mut all = Cow::Borrowed(&invoice.documents[..]);
    let changed = [
        told.irn != invoice.irn,
        told.source_id != invoice.source_id,
        told.kind != invoice.kind,
        told.payment_status != invoice.payment_status,
    ];
    for ((description, id), _) in annotations.iter().zip(changed).filter(|(_, changed)| *changed) {
        let list = all.to_mut();
        let at = list.iter().position(|d| d.description.as_deref() == Some(description));
        match (at, id) {
            (Some(at), Some(id)) => {
                if let Some(document) = list.get_mut(at) {
                    document.id = (*id).to_owned();
                }
            }
            (Some(at), None) => drop(list.remove(at)),
            (None, Some(id)) => list.push(annotation(description, id)),
            (None, None) => {}
        }
    }
    all
}

impl Invoice {
    /// As much of it as the annotations are read from.
    fn clone_annotations(&self) -> Self {
        let ours = |d: &&SupportingDocument| {
            d.description.as_deref().is_some_and(|d| [IRN, SOURCE, KIND, STATUS].contains(&d))
        };
        let buyer = |party: &Party| Party {
            tin: party.tin.clone(),
            registration_number: party.registration_number.clone(),
            ..Party::default()
        };
        Self {
            documents: self.documents.iter().filter(ours).cloned().collect(),
            customer: self.customer.as_ref().map(buyer),
            ..Self::default()
        }
    }
}

fn read_annotations(invoice: &mut Invoice) {
    let find = |description: &str| {
        let mut all = invoice.documents.iter();
        all.find(|d| d.description.as_deref() == Some(description)).map(|d| d.id.clone())
    };
    let irn = find(IRN).and_then(|irn| Irn::parse(irn.trim()).ok());
    let source_id = find(SOURCE);
    let kind = match find(KIND).as_deref() {
        Some("B2B") => InvoiceKind::B2B,
        Some("B2C") => InvoiceKind::B2C,
        Some("B2G") => InvoiceKind::B2G,
        _ => derived_kind(invoice.customer.as_ref()),
    };
    let payment_status = match find(STATUS).as_deref() {
        Some("PAID") => PaymentStatus::Paid,
        Some("REJECTED") => PaymentStatus::Rejected,
        _ => PaymentStatus::Pending,
    };
    (invoice.irn, invoice.source_id, invoice.kind, invoice.payment_status) =
        (irn, source_id, kind, payment_status);
}

/// Finds out whether a document just read is one of ours, and takes out of it what the writer would put in again.
/// `ours`: nothing was met while reading that speaks against it.
pub(super) fn recognise(invoice: &mut Invoice, ours: bool) {
    read_annotations(invoice);
    invoice.payee.iter_mut().chain(&mut invoice.tax_representative).for_each(told_by_tin);
    invoice.business_id = business_id_position(&invoice.supplier)
        .and_then(|at| invoice.supplier.identifiers.get(at))
        .map(|i| i.id.clone());
    invoice.as_received = true;
    let plausible = ours
        && invoice.customization_id.as_deref() == Some(CUSTOMIZATION)
        && invoice.profile_id.as_deref() == Some(PROFILE)
        && invoice.buyer_reference.is_some()
        && invoice.customer.is_some()
        && taxes_are_ours(invoice);
    if plausible && parts_are_ours(invoice) {
        share_reasons(invoice);
        invoice.as_received = false;
    }
}

/// Leaves out the tax registrations of a party that stands alone where its TIN tells them.
fn told_by_tin(party: &mut Party) {
    let all = std::mem::take(&mut party.tax_registrations);
    let told = registrations(party, party.address.country.as_deref(), false)[..] == all[..];
    if !told {
        party.tax_registrations = all;
    }
}

/// Replaces the parts by what they were made from, unless they would not be made from it again.
fn parts_are_ours(invoice: &mut Invoice) -> bool {
    let parts = Parts::take(invoice);
    parts.strip(invoice);
    invoice.as_received = false;
    let same = parts.are(&written(invoice));
    invoice.as_received = !same;
    if !same {
        parts.put_back(invoice);
    }
    same
}

/// The parts of a document as they were read.
struct Parts {
    note: Option<String>,
    buyer_reference: Option<String>,
    payment_terms: Option<String>,
    supplier_ids: Vec<Identifier>,
    supplier_registrations: Vec<TaxRegistration>,
    customer: Option<Party>,
    payment_means: Vec<PaymentMeans>,
    documents: Vec<SupportingDocument>,
    customization: Option<String>,
    profile: Option<String>,
}

impl Parts {
    fn take(invoice: &mut Invoice) -> Self {
        Self {
            note: invoice.note.take(),
            buyer_reference: invoice.buyer_reference.take(),
            payment_terms: invoice.payment_terms.take(),
            supplier_ids: std::mem::take(&mut invoice.supplier.identifiers),
            supplier_registrations: std::mem::take(&mut invoice.supplier.tax_registrations),
            customer: invoice.customer.take(),
            payment_means: std::mem::take(&mut invoice.payment_means),
            documents: std::mem::take(&mut invoice.documents),
            customization: invoice.customization_id.take(),
            profile: invoice.profile_id.take(),
        }
    }

    fn put_back(self, invoice: &mut Invoice) {
        invoice.note = self.note;
        invoice.buyer_reference = self.buyer_reference;
        invoice.payment_terms = self.payment_terms;
        invoice.supplier.identifiers = self.supplier_ids;
        invoice.supplier.tax_registrations = self.supplier_registrations;
        invoice.customer = self.customer;
        invoice.payment_means = self.payment_means;
        invoice.documents = self.documents;
        invoice.customization_id = self.customization;
        invoice.profile_id = self.profile;
    }

    /// Fills `invoice` with what these parts would have been made from.
    fn strip(&self, invoice: &mut Invoice) {
        let stripped = |note: &String| note.strip_prefix(GENERAL_NOTE).unwrap_or(note).to_owned();
        invoice.note = self.note.as_ref().map(stripped);
        invoice.payment_terms = self.payment_terms.clone().filter(|t| t != DUE_NOW && t != PAID);
        invoice.documents = self.documents.iter().filter(|d| !is_annotation(d)).cloned().collect();
        let told = |id: &&Identifier| invoice.business_id.as_ref() != Some(&id.id) || id.scheme.is_some();
        let repeated = self.supplier_registrations.iter().find(|r| r.scheme == TIN_SCHEME).map(|r| &r.id);
        let ids = self.supplier_ids.iter().filter(told);
        invoice.supplier.identifiers =
            ids.filter(|id| id.scheme.is_some() || Some(&id.id) != repeated).cloned().collect();
        let ours = |registrations: &[TaxRegistration]| {
            matches!(registrations, [one] if one.rest.is_empty()) || registrations.is_empty()
        };
        if !ours(&self.supplier_registrations) {
            invoice.supplier.tax_registrations.clone_from(&self.supplier_registrations);
        }
        invoice.customer = self.customer.clone().map(|mut customer| {
            if ours(&customer.tax_registrations) {
                customer.tax_registrations.clear();
            }
            customer
        });
        invoice.customer = invoice.customer.take().filter(|c| !is_walk_in(c));
        invoice.payment_means.clone_from(&self.payment_means);
        means_from_words(invoice);
        let marked = self.documents.iter().any(|d| d.description.as_deref() == Some(BUYER));
        let stand_in = stand_in_reference(invoice).to_owned();
        invoice.buyer_reference =
            self.buyer_reference.clone().filter(|reference| marked || *reference != stand_in);
    }

    fn are(&self, written: &Written<'_>) -> bool {
        let customer = match (&self.customer, &written.customer) {
            (Some(read), Some(written)) => {
                written.country == read.address.country.as_deref()
                    && written.identifiers[..] == read.identifiers[..]
                    && written.registrations[..] == read.tax_registrations[..]
            }
            _ => false,
        };
        customer
            && written.note.as_deref() == self.note.as_deref()
            && written.buyer_reference == self.buyer_reference.as_deref()
            && written.payment_terms == self.payment_terms.as_deref()
            && written.supplier.identifiers[..] == self.supplier_ids[..]
            && written.supplier.registrations[..] == self.supplier_registrations[..]
            && written.payment_means[..] == self.payment_means[..]
            && written.documents[..] == self.documents[..]
    }
}

fn is_annotation(document: &SupportingDocument) -> bool {
    document.description.as_deref().is_some_and(|d| [IRN, SOURCE, KIND, STATUS, BUYER].contains(&d))
}

fn is_walk_in(customer: &Party) -> bool {
    let country = customer.address.country.clone();
    let address = Address { country, ..Address::default() };
    *customer == Party { name: WALK_IN.to_owned(), address, ..Party::default() }
}

/// The reason of a category, as its subtotal has it.
pub(super) fn known_reason(invoice: &Invoice, category: TaxCategory) -> Option<&str> {
    if !needs_reason(category) {
        return None;
    }
    invoice.tax_subtotals.iter().find(|s| s.category == category).and_then(|s| s.reason.as_deref())
}

/// Whether reasons stand where the writer puts them: at the subtotals of the categories that need one, and at no member
/// that has the same.
fn taxes_are_ours(invoice: &Invoice) -> bool {
    let stated = |s: &crate::TaxSubtotal| s.reason.is_some() || s.reason_code.is_some();
    if !invoice.tax_subtotals.iter().all(|s| stated(s) == needs_reason(s.category)) {
        return false;
    }
    let document = invoice.allowances.iter().chain(&invoice.charges).filter_map(|a| a.tax.as_ref());
    let mut taxes = invoice.lines.iter().map(|l| &l.tax).chain(document);
    taxes.all(|t| t.reason.is_none() || t.reason.as_deref() != known_reason(invoice, t.category))
}

/// The reason of a tax stands once, in the subtotal: every member without one of its own has it too. A reason or a reason
/// code that the writer would put in is none.
fn share_reasons(invoice: &mut Invoice) {
    for subtotal in &mut invoice.tax_subtotals {
        if subtotal.reason_code.is_none() && subtotal.reason.as_deref() == default_reason(subtotal.category) {
            subtotal.reason = None;
        }
    }
    let parts = [(&mut invoice.allowances, &mut invoice.charges)].into_iter();
    let lines = invoice.lines.iter_mut().map(|l| (&mut l.allowances, &mut l.charges));
    for (allowances, charges) in parts.chain(lines) {
        for (list, plain) in [(allowances, PLAIN_ALLOWANCE), (charges, PLAIN_CHARGE)] {
            for part in list.iter_mut().filter(|p| p.reason.is_none()) {
                part.reason_code = part.reason_code.take().filter(|code| code != plain);
            }
        }
    }
    let subtotals = &invoice.tax_subtotals;
    let share = |tax: &mut Tax| {
        if tax.reason.is_none() && needs_reason(tax.category) {
            let first = subtotals.iter().find(|s| s.category == tax.category);
            tax.reason = first.and_then(|s| s.reason.clone());
        }
    };
    let document = invoice.allowances.iter_mut().chain(&mut invoice.charges).filter_map(|a| a.tax.as_mut());
    invoice.lines.iter_mut().map(|l| &mut l.tax).chain(document).for_each(share);
}
