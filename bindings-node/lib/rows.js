// What the engine answers.

import { Invoice } from "./invoice.js";
import { Stamp } from "./secrets.js";
import { given, list, maybe, optional, shape } from "./shape.js";

/** What a host or a platform wrote stays as it was written. */
const untouched = given;

export const Tenant = shape({
  id: given,
  name: given,
  tin: maybe,
  businessId: maybe,
  serviceId: maybe,
  settings: untouched,
});

export const Connection = shape({
  id: given,
  tenantId: given,
  platform: given,
  account: given,
  accountName: maybe,
  settings: untouched,
  state: given,
  createdAt: given,
});

/** What became of a removed connection's tokens. */
export const Removal = shape({ revoked: given, how: given });

/** The account a connection is for. */
export const Account = shape({ id: given, name: maybe });

export const Receipt = shape({ status: given, reply: given, new: given, duplicates: given });

export const RecordKey = shape({ kind: given, id: given });

export const SyncReport = shape({ seen: given, new: given, changed: given, unchanged: given, failed: given });

export const SyncEntry = shape({
  connectionId: given,
  startedAt: given,
  finishedAt: given,
  seen: given,
  new: given,
  changed: given,
  unchanged: given,
  failed: given,
  error: maybe,
});

export const Drained = shape({ empty: given, due: given, later: given });

export const DeadLetter = shape({
  id: given,
  kind: given,
  subject: given,
  tenantId: given,
  connectionId: given,
  attempts: given,
  errorKind: given,
  error: given,
  at: given,
});

export const AuditEntry = shape({ at: given, event: given, detail: given });

export const Reason = shape({ code: given, message: given });

const StageReached = shape({ stage: given, at: given });

const DocumentFields = shape({
  id: given,
  tenantId: given,
  recordId: given,
  platform: given,
  sourceId: given,
  purpose: given,
  type: given,
  kind: given,
  number: given,
  irn: given,
  issueDate: given,
  currency: given,
  payableAmount: given,
  state: given,
  stage: given,
  phase: given,
  message: maybe,
  code: maybe,
  createdAt: given,
  stages: list(StageReached),
  stampPayload: given,
  csid: maybe,
});

const RecordFields = shape({
  id: given,
  tenantId: given,
  connectionId: given,
  platform: given,
  account: given,
  kind: given,
  sourceId: given,
  modifiedAt: maybe,
  held: optional(Reason),
  firstSeen: given,
  lastSeen: given,
  bodyText: given,
});

/** For `types/check.js`. */
export const shapes = {
  Account,
  AuditEntry,
  Connection,
  DeadLetter,
  DocumentFields,
  Drained,
  Reason,
  Receipt,
  RecordFields,
  RecordKey,
  Removal,
  StageReached,
  SyncEntry,
  SyncReport,
  Tenant,
};

export class Document {
  #row;

  constructor(row) {
    this.#row = row;
    Object.assign(this, DocumentFields(row, "document"));
    Object.freeze(this);
  }

  get invoice() {
    return Invoice.fromDict(JSON.parse(this.#row.invoice_json));
  }

  get ubl() {
    return Buffer.from(this.#row.ubl_text);
  }

  get mbs() {
    return Buffer.from(this.#row.mbs_text);
  }

  get stamp() {
    return Stamp.of(this.stampPayload);
  }
}

export class Record {
  constructor(row) {
    Object.assign(this, RecordFields(row, "record"));
    Object.freeze(this);
  }

  get body() {
    return JSON.parse(this.bodyText);
  }
}

export class Prepared {
  constructor({ record, documents }) {
    this.record = new Record(record);
    this.documents = Object.freeze(documents.map((row) => new Document(row)));
    Object.freeze(this);
  }

  get kind() {
    return this.documents[0]?.type ?? "held";
  }

  get reason() {
    return this.record.held;
  }

  get invoice() {
    return this.documents[0]?.invoice ?? null;
  }
}

export class Page {
  constructor({ items, next }, kind) {
    this.items = Object.freeze(items.map((row) => kind(row)));
    this.next = next ?? null;
    Object.freeze(this);
  }

  get length() {
    return this.items.length;
  }

  [Symbol.iterator]() {
    return this.items[Symbol.iterator]();
  }
}
