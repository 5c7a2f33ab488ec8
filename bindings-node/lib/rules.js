// What the engine answers about mapping rules: what is in force, what was, and what others would change.

import { Problem } from "./authority.js";
import { Provenance } from "./explained.js";
import { Invoice } from "./invoice.js";
import { Reason } from "./rows.js";
import { given, list, maybe, optional, shape } from "./shape.js";

export const RuleFile = shape({ hash: given, text: given, connectionId: maybe });

export const RuleVersion = shape({ connectionId: maybe, hash: maybe, reason: maybe, setAt: given });

const ValueChange = shape({ before: maybe, after: maybe, count: given });

const Moved = shape({ before: given, after: given });

const SumChange = shape({ currency: given, amount: Moved });

const FieldChange = shape({
  purpose: given,
  field: given,
  sales: given,
  values: list(ValueChange),
  more: given,
  sums: list(SumChange),
  examples: list(given),
});

const GroupTotal = shape({ currency: given, payable: given });

const SaleGroup = shape({
  what: given,
  message: given,
  sales: given,
  totals: list(GroupTotal),
  examples: list(given),
});

const TotalChange = shape({ currency: given, payable: Moved, tax: Moved });

const OutcomeChange = shape({ what: given, before: given, after: given });

export const Preview = shape({
  seen: given,
  same: given,
  changed: given,
  issued: given,
  outcomes: list(OutcomeChange),
  fields: list(FieldChange),
  held: list(SaleGroup),
  released: list(SaleGroup),
  heldOtherwise: list(SaleGroup),
  refused: list(SaleGroup),
  totals: list(TotalChange),
  table: given,
});

export const Table = shape({ name: given, hash: given, rows: given, columns: list(given) });

export const TableReport = shape({
  changed: given,
  hash: maybe,
  rows: given,
  columns: list(given),
  problems: list(Problem),
});

export const TableVersion = shape({ name: given, hash: maybe, reason: maybe, setAt: given });

const ForeseenFields = shape({
  outcome: given,
  rule: maybe,
  held: optional(Reason),
  fields: list(Provenance),
});

export class Foreseen {
  #row;

  constructor(row) {
    this.#row = row;
    Object.assign(this, ForeseenFields(row, "foreseen"));
    Object.freeze(this);
  }

  get invoice() {
    const text = this.#row.invoice_json ?? null;
    return text === null ? null : Invoice.fromDict(JSON.parse(text));
  }
}

const ApprovalFields = shape({
  id: given,
  tenantId: given,
  recordId: given,
  sourceId: given,
  purpose: given,
  rule: given,
  currency: given,
  payableAmount: given,
  state: given,
  askedAt: given,
  decidedAt: maybe,
  decidedBy: maybe,
  note: maybe,
});

export class Approval {
  #row;

  constructor(row) {
    this.#row = row;
    Object.assign(this, ApprovalFields(row, "approval"));
    Object.freeze(this);
  }

  get invoice() {
    return Invoice.fromDict(JSON.parse(this.#row.invoice_json));
  }
}

/** For `types/check.js`. */
export const shapes = {
  ApprovalFields,
  FieldChange,
  ForeseenFields,
  GroupTotal,
  Moved,
  OutcomeChange,
  Preview,
  RuleFile,
  RuleVersion,
  SaleGroup,
  SumChange,
  Table,
  TableReport,
  TableVersion,
  TotalChange,
  ValueChange,
};
