// The document: what an invoice, credit note or debit note says.

import { inspect } from "node:util";
import { json } from "./json.js";
import { inside } from "./names.js";
import { call, native } from "./native.js";
import { given, list, maybe, optional, otherwise, shape } from "./shape.js";

const Address = shape({ street: maybe, city: maybe, postalCode: maybe, lga: maybe, state: maybe, country: maybe });

const Contact = shape({ name: maybe, email: maybe, phone: maybe });

const ElectronicAddress = shape({ scheme: given, id: given });

const Party = shape({
  name: given,
  tradingName: maybe,
  tin: maybe,
  registrationNumber: maybe,
  email: maybe,
  phone: maybe,
  businessDescription: maybe,
  endpoint: optional(ElectronicAddress),
  contact: optional(Contact),
  address: Address,
});

const Tax = shape({ category: given, percent: given, reason: maybe, amount: maybe });

const AllowanceCharge = shape({ amount: given, reason: maybe, tax: optional(Tax) });

const Goods = shape({ hsnCode: given, productCategory: given });
const Service = shape({ isicCode: given, serviceCategory: given });
export const Classification = (value, at) => (value.hsn_code === undefined ? Service : Goods)(value, at);

const InvoiceLine = shape({
  id: given,
  name: given,
  description: maybe,
  sku: maybe,
  quantity: given,
  unit: given,
  unitPrice: given,
  baseQuantity: otherwise("1"),
  netAmount: given,
  tax: Tax,
  allowances: list(AllowanceCharge),
  charges: list(AllowanceCharge),
  classification: optional(Classification),
  note: maybe,
});

const PaymentMeans = shape({ code: given, name: maybe, paymentId: maybe });

const DocumentReference = shape({ number: given, irn: maybe, issueDate: maybe });

const TaxSubtotal = shape({ category: given, percent: given, taxableAmount: given, taxAmount: given, reason: maybe });

const Totals = shape({
  lineExtensionAmount: given,
  allowanceTotal: given,
  chargeTotal: given,
  taxExclusiveAmount: given,
  taxAmount: given,
  taxInclusiveAmount: given,
  prepaidAmount: given,
  roundingAmount: given,
  payableAmount: given,
});

const InvoiceFields = shape({
  type: given,
  kind: given,
  number: given,
  irn: maybe,
  businessId: maybe,
  issueDate: given,
  issueTime: maybe,
  dueDate: maybe,
  taxPointDate: maybe,
  currency: given,
  sourceId: maybe,
  paymentStatus: given,
  note: maybe,
  buyerReference: maybe,
  orderReference: maybe,
  paymentTerms: maybe,
  supplier: Party,
  customer: optional(Party),
  lines: list(InvoiceLine),
  allowances: list(AllowanceCharge),
  charges: list(AllowanceCharge),
  paymentMeans: list(PaymentMeans),
  totals: Totals,
  taxSubtotals: list(TaxSubtotal),
  references: list(DocumentReference),
});

/** For `types/check.js`. */
export const shapes = {
  Address,
  AllowanceCharge,
  Contact,
  DocumentReference,
  ElectronicAddress,
  Goods,
  InvoiceFields,
  InvoiceLine,
  Party,
  PaymentMeans,
  Service,
  Tax,
  TaxSubtotal,
  Totals,
};

export class Invoice {
  #native;

  constructor(handle) {
    if (!(handle instanceof native.Invoice)) {
      throw new TypeError("an invoice is made by convert, ubl.parse, Invoice.fromDict or an engine");
    }
    this.#native = handle;
    Object.assign(this, InvoiceFields(JSON.parse(call("invoice.json", () => handle.json()))));
    Object.freeze(this);
  }

  static fromDict(data) {
    const text = json(inside(data), "invoice.from_dict");
    return new Invoice(call("invoice.from_dict", () => native.Invoice.fromJson(text.toString())));
  }

  toUbl() {
    return call("invoice.to_ubl", () => this.#native.toUbl());
  }

  toMbs() {
    return JSON.parse(this.toMbsJson());
  }

  toMbsJson() {
    return call("invoice.to_mbs", () => this.#native.toMbs());
  }

  toDict() {
    return structuredClone({ ...this });
  }

  toJSON() {
    return this.toDict();
  }

  [inspect.custom](depth, options) {
    const short = `Invoice ${this.type} ${this.number}: ${this.totals.payableAmount} ${this.currency}`;
    return depth < 0 ? `[${short}]` : `${short} ${inspect({ ...this }, options)}`;
  }
}
