// What the engine answers about the tax authority: deadlines, lists, catalogue, received documents, what follows
// acceptance.

import { Classification } from "./invoice.js";
import { Reason } from "./rows.js";
import { given, list, maybe, shape } from "./shape.js";

const SlotForecast = shape({ first: given, last: given, waiting: given, willMiss: given, doneAt: maybe });

export const Forecast = shape({
  at: given,
  message: given,
  outSince: maybe,
  pace: given,
  documentsPerHour: maybe,
  waiting: given,
  willMiss: given,
  firstMissed: maybe,
  lastMissed: maybe,
  worstSeconds: maybe,
  late: given,
  clearances: given,
  unhurried: given,
  stuck: given,
  stuckFirst: maybe,
  evenIfBack: maybe,
  slots: list(SlotForecast),
});

export const Alarm = shape({
  seq: given,
  at: given,
  change: given,
  willMiss: given,
  first: maybe,
  last: maybe,
  message: given,
});

const LostValue = shape({ place: given, id: given });

export const KeyReport = shape({
  of: given,
  done: given,
  left: given,
  failed: given,
  byKey: given,
  resealed: given,
  lost: list(LostValue),
});

const Code = shape({ code: given, name: given, state: maybe });

export const CodeList = shape({ name: given, shippedOn: maybe, refreshedAt: maybe, codes: list(Code) });

export const RefreshedList = shape({
  name: given,
  shippedOn: maybe,
  refreshedAt: maybe,
  rows: given,
  added: list(given),
  removed: list(given),
  kept: maybe,
});

export const Problem = shape({ line: maybe, column: maybe, severity: given, message: given });

export const ImportReport = shape({
  imported: given,
  rows: given,
  added: given,
  changed: given,
  unchanged: given,
  removed: given,
  released: given,
  problems: list(Problem),
});

const CatalogueEntry = shape({
  key: given,
  platform: maybe,
  itemId: maybe,
  sku: maybe,
  name: maybe,
  namePattern: maybe,
  category: maybe,
  classification: Classification,
});

const Suggestion = shape({ classification: Classification, why: given });

/** Amounts by currency code, which is no name of ours. */
const amounts = (value) => Object.freeze({ ...value });

export const UnclassifiedItem = shape({
  key: given,
  platform: given,
  itemId: maybe,
  sku: maybe,
  name: given,
  category: maybe,
  firstSeen: given,
  waiting: given,
  amounts,
  suggestions: list(Suggestion),
});

export const Classified = shape({ entry: CatalogueEntry, released: given, problems: list(Problem) });

export const InboundReport = shape({ seen: given, new: given, known: given, failed: given });

const Finding = shape({ id: given, fatal: given, path: given, message: given });

const InboundFields = shape({
  id: given,
  tenantId: given,
  irn: given,
  origin: given,
  state: given,
  code: maybe,
  message: maybe,
  faulty: given,
  supplierName: maybe,
  supplierTin: maybe,
  number: maybe,
  issueDate: maybe,
  type: maybe,
  currency: maybe,
  payableAmount: maybe,
  findings: list(Finding),
  announcedAt: given,
  downloadedAt: maybe,
  checkedAt: maybe,
  acknowledgedAt: maybe,
  rawText: maybe,
  mbsText: maybe,
  ublText: maybe,
});

export class Inbound {
  #pdf;

  constructor(row) {
    this.#pdf = row.pdf_base64;
    Object.assign(this, InboundFields(row, "inbound"));
    Object.freeze(this);
  }

  get ubl() {
    return this.ublText === null ? null : Buffer.from(this.ublText);
  }

  get pdf() {
    return this.#pdf === null ? null : Buffer.from(this.#pdf, "base64");
  }
}

export const Payment = shape({
  documentId: given,
  status: given,
  reference: maybe,
  origin: given,
  state: given,
  message: maybe,
  requestedAt: given,
  sentAt: maybe,
  settledAt: maybe,
});

export const Transmission = shape({
  documentId: given,
  state: given,
  transmittedAt: maybe,
  acknowledgedAt: maybe,
  failedAt: maybe,
  resent: given,
  message: maybe,
});

export const Notice = shape({
  irn: given,
  event: given,
  seen: given,
  receivedAt: given,
  handledAt: maybe,
  bodyText: given,
});

export const AuthorityCheck = shape({ ok: given, findings: list(Reason) });

/** For `types/check.js`. */
export const shapes = {
  Alarm,
  AuthorityCheck,
  CatalogueEntry,
  Classified,
  Code,
  CodeList,
  Finding,
  Forecast,
  ImportReport,
  InboundFields,
  InboundReport,
  KeyReport,
  LostValue,
  Notice,
  Payment,
  Problem,
  RefreshedList,
  SlotForecast,
  Suggestion,
  Transmission,
  UnclassifiedItem,
};
