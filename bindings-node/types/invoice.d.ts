/// <reference types="node" />

// Documents.

import type { Amount, DateText, JsonObject } from "./values.js";

/** A VAT category of UNCL 5305, as EN 16931 uses it. */
export type TaxCategory = "S" | "Z" | "E" | "AE" | "K" | "G" | "O" | "L" | "M" | "B";

/** What an invoice, credit note or debit note says. Amounts are always positive. */
export interface InvoiceFields {
  readonly type: "invoice" | "credit_note" | "debit_note";
  /** B2G for a government buyer, B2B for an organisation or a TIN, else B2C. */
  readonly kind: "B2B" | "B2C" | "B2G";
  readonly number: string;
  /** Invoice reference number; null for a seller without a service id. */
  readonly irn: string | null;
  readonly businessId: string | null;
  readonly issueDate: DateText;
  readonly issueTime: string | null;
  readonly dueDate: DateText | null;
  /** The day of the sale in the time zone of its location, else the tenant's. */
  readonly taxPointDate: DateText | null;
  /** ISO 4217. */
  readonly currency: string;
  /** The platform's id of the record. */
  readonly sourceId: string | null;
  readonly paymentStatus: "PENDING" | "PAID" | "REJECTED";
  readonly note: string | null;
  readonly buyerReference: string | null;
  readonly orderReference: string | null;
  readonly paymentTerms: string | null;
  readonly supplier: Party;
  /** Null for a walk-in. */
  readonly customer: Party | null;
  readonly lines: readonly InvoiceLine[];
  readonly allowances: readonly AllowanceCharge[];
  readonly charges: readonly AllowanceCharge[];
  readonly paymentMeans: readonly PaymentMeans[];
  readonly totals: Totals;
  readonly taxSubtotals: readonly TaxSubtotal[];
  /** Of a credit note: what it corrects. */
  readonly references: readonly DocumentReference[];
}

/**
 * An invoice, credit note or debit note. It never changes: a correction is a new document.
 *
 * Made by `convert`, `ubl.parse`, `fromDict` or an `Engine`.
 */
export class Invoice {
  private constructor();
  /** The document that `toDict` gave; also as Python's `to_dict` wrote it. Throws `PayloadError` naming the field. */
  static fromDict(data: object): Invoice;
  /** UBL 2.1 XML, UTF-8. Throws `ValidationError` for what XML cannot hold. */
  toUbl(): Buffer;
  /**
   * The tax authority's JSON as data. Its amounts are numbers there, and so they are here: send `toMbsJson`, which
   * keeps every digit.
   *
   * Throws `ValidationError` or `PayloadError` for what the authority's JSON cannot say.
   */
  toMbs(): JsonObject;
  /** The tax authority's JSON, exactly as it is sent. Throws as `toMbs`. */
  toMbsJson(): string;
  /** Its fields as plain data. */
  toDict(): InvoiceFields;
  /** For `JSON.stringify`: `toDict`. */
  toJSON(): InvoiceFields;
}
export interface Invoice extends InvoiceFields {}

/** The seller or the buyer. */
export interface Party {
  /** Legal name. */
  readonly name: string;
  readonly tradingName: string | null;
  /** Tax identification number without country prefix: `12345678-0001`. */
  readonly tin: string | null;
  /** Company registration number (CAC RC). */
  readonly registrationNumber: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly businessDescription: string | null;
  readonly endpoint: ElectronicAddress | null;
  /** The person to ask. */
  readonly contact: Contact | null;
  readonly address: Address;
}

/** A postal address. */
export interface Address {
  readonly street: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  /** Local government area: `NG-LA-IKJ`. */
  readonly lga: string | null;
  /** ISO 3166-2 for Nigeria (`NG-LA`), else as written. */
  readonly state: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

/** A person who can be asked. */
export interface Contact {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

/** Where a party receives electronic documents (BT-34, BT-49). */
export interface ElectronicAddress {
  readonly scheme: string;
  readonly id: string;
}

/** One thing sold. */
export interface InvoiceLine {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly sku: string | null;
  readonly quantity: Amount;
  /** UN/ECE recommendation 20: `C62` one, `KGM` kilogram. */
  readonly unit: string;
  /** Price of `baseQuantity` units, without tax. */
  readonly unitPrice: Amount;
  readonly baseQuantity: Amount;
  /** quantity × price ÷ base quantity − allowances + charges, without tax. */
  readonly netAmount: Amount;
  readonly tax: Tax;
  readonly allowances: readonly AllowanceCharge[];
  readonly charges: readonly AllowanceCharge[];
  /** What the authority wants to know about it: exactly one pair. */
  readonly classification: Goods | Service | null;
  readonly note: string | null;
}

/** Goods: an HS code and its category. */
export interface Goods {
  readonly hsnCode: string;
  readonly productCategory: string;
}

/** A service: an ISIC class and its category. */
export interface Service {
  readonly isicCode: string;
  readonly serviceCategory: string;
}

/** A tax as it applies to a line, an allowance or a charge. */
export interface Tax {
  readonly category: TaxCategory;
  readonly percent: Amount;
  /** Why none is charged. */
  readonly reason: string | null;
  /** What the platform itself applied here; not part of UBL. */
  readonly amount: Amount | null;
}

/** An amount taken off or put on, at a line or at the document. */
export interface AllowanceCharge {
  readonly amount: Amount;
  readonly reason: string | null;
  /** Only at the document: a line's allowance is taxed as the line. */
  readonly tax: Tax | null;
}

/** How the document is or was paid. */
export interface PaymentMeans {
  /** UNTDID 4461: `10` cash, `30` credit transfer, `48` bank card, `ZZZ` agreed between the parties. */
  readonly code: string;
  readonly name: string | null;
  readonly paymentId: string | null;
}

/** A document this one corrects. */
export interface DocumentReference {
  readonly number: string;
  readonly irn: string | null;
  readonly issueDate: DateText | null;
}

/** One row of the VAT breakdown: one per category and rate. */
export interface TaxSubtotal {
  readonly category: TaxCategory;
  readonly percent: Amount;
  readonly taxableAmount: Amount;
  readonly taxAmount: Amount;
  readonly reason: string | null;
}

/** The totals of EN 16931 (BG-22). */
export interface Totals {
  /** Sum of line net amounts (BT-106). */
  readonly lineExtensionAmount: Amount;
  readonly allowanceTotal: Amount;
  readonly chargeTotal: Amount;
  readonly taxExclusiveAmount: Amount;
  readonly taxAmount: Amount;
  readonly taxInclusiveAmount: Amount;
  readonly prepaidAmount: Amount;
  readonly roundingAmount: Amount;
  /** To pay (BT-115). */
  readonly payableAmount: Amount;
}
