//! What a platform sold, in the engine's words: deals, transactions and refunds, and who bought.

mod customer;
mod record;
mod sale;

pub use customer::{ContactRole, Customer, CustomerKind, Organization, Person, TaxId};
pub use record::{RawRecord, RecordKind, SourceKey};
pub use sale::{
    AppliedTax, Charge, Deal, Disagreement, Discount, Item, ItemTax, Location, Refund, Sale, SaleState,
    SourceDocument, Tender, TenderMethod, Transaction,
};
