/// <reference types="node" />

// What the engine answers.

import type { Reason } from "./conversion.js";
import type { Invoice } from "./invoice.js";
import type { Stamp } from "./secrets.js";
import type { Amount, DateText, TimeText } from "./values.js";

/** A stored seller. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly tin: string | null;
  readonly businessId: string | null;
  readonly serviceId: string | null;
  /** All it was stored with, without its credentials; names as in its JSON file. */
  readonly settings: { readonly [name: string]: unknown };
}

/** A connected account of a platform. */
export interface Connection {
  readonly id: string;
  readonly tenantId: string;
  readonly platform: string;
  /** The platform's id of the account. */
  readonly account: string;
  readonly accountName: string | null;
  /** By the names of `platforms()`. */
  readonly settings: { readonly [name: string]: string };
  readonly state: "active" | "paused" | "needs_reauth" | "removed";
  readonly createdAt: TimeText;
}

/** What became of a removed connection's tokens. */
export interface Removal {
  /** Whether the platform has revoked them. */
  readonly revoked: boolean;
  /** What was done there or why nothing was, one sentence. */
  readonly how: string;
}

/** The account a connection is for. */
export interface Account {
  /** The platform's id: merchant id, portal id. */
  readonly id: string;
  readonly name: string | null;
}

/** What to answer the sender of a webhook. */
export interface Receipt {
  /** HTTP status: 200 stored, 401 not verified. */
  readonly status: number;
  /** Body of the answer. */
  readonly reply: string;
  /** Events stored for the first time. */
  readonly new: number;
  /** Events seen before. */
  readonly duplicates: number;
}

/** Identifies a record within its connection. */
export interface RecordKey {
  readonly kind: "deal" | "order";
  readonly id: string;
}

/** What a pull found. */
export interface SyncReport {
  readonly seen: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
}

/** One pull of a connection's history. */
export interface SyncEntry extends SyncReport {
  readonly connectionId: string;
  readonly startedAt: TimeText;
  readonly finishedAt: TimeText;
  /** Why it ended early. */
  readonly error: string | null;
}

/** What was left when `drain` ended. */
export interface Drained {
  /** Whether nothing is due any more. */
  readonly empty: boolean;
  readonly due: number;
  /** Jobs waiting for a later attempt. */
  readonly later: number;
}

/** Where a document is in its life. */
export type DocumentState = "prepared" | "submitted" | "accepted" | "rejected" | "dead";

/** When a document reached a stage of its submission. */
export interface StageReached {
  readonly stage: string;
  readonly at: TimeText;
}

/** A row of the documents. */
export interface DocumentFields {
  readonly id: string;
  readonly tenantId: string;
  readonly recordId: string;
  readonly platform: string;
  /** The platform's id of the record it was made from. */
  readonly sourceId: string;
  /** Unique within the record: `invoice`, `credit_note`. */
  readonly purpose: string;
  readonly type: "invoice" | "credit_note" | "debit_note";
  readonly kind: "B2B" | "B2C" | "B2G";
  readonly number: string;
  readonly irn: string;
  readonly issueDate: DateText;
  readonly currency: string;
  readonly payableAmount: Amount;
  readonly state: DocumentState;
  /** How far its submission got: `draft`, `validated`, `signed`, `transmitted`, `confirmed`, … */
  readonly stage: string;
  /**
   * Stage and state in one word: `draft`, `validated`, `signing`, `signed`, `transmitting`, `acknowledged`,
   * `transmitted`, or where it stopped: `validation_failed`, `sign_failed`, `transmit_failed`, `quarantined`, `given_up`.
   */
  readonly phase: string;
  /** What the authority last said. */
  readonly message: string | null;
  /** Why it stopped or waits, stable: `validation_failed`, `sign_failed`, `quarantined`, `keys_refused`, … */
  readonly code: string | null;
  readonly createdAt: TimeText;
  readonly stages: readonly StageReached[];
  /** What the QR code holds, base64. */
  readonly stampPayload: string;
  /** The cryptographic stamp identifier that an access point supplied; never one of our making. */
  readonly csid: string | null;
}

/** A stored invoice or credit note, with exactly what was sent. */
export class Document {
  private constructor();
  /** What it says. */
  get invoice(): Invoice;
  /** The UBL XML that was stored. */
  get ubl(): Buffer;
  /** The bytes sent to the authority, every time. */
  get mbs(): Buffer;
  /** *The* stamp: print this one again, never make another. */
  get stamp(): Stamp;
}
export interface Document extends DocumentFields {}

/** A row of the records. */
export interface RecordFields {
  readonly id: string;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly platform: string;
  readonly account: string;
  readonly kind: "deal" | "order";
  /** The platform's id of the record. */
  readonly sourceId: string;
  readonly modifiedAt: TimeText | null;
  /** Why nothing more happens to it for now. */
  readonly held: Reason | null;
  readonly firstSeen: TimeText;
  readonly lastSeen: TimeText;
  /** What the platform sent, as it sent it. */
  readonly bodyText: string;
}

/** A deal or sale as its platform holds it, newest version. */
export class Record {
  private constructor();
  /** `bodyText` as data. */
  get body(): any;
}
export interface Record extends RecordFields {}

/** What became of a record that was converted now. */
export class Prepared {
  private constructor();
  readonly record: Record;
  readonly documents: readonly Document[];
  /** The first document's type, or `held`. */
  get kind(): "invoice" | "credit_note" | "debit_note" | "held";
  /** Why it waits, wholly or in part. */
  get reason(): Reason | null;
  /** The first document. */
  get invoice(): Invoice | null;
}

/** A job given up. */
export interface DeadLetter {
  readonly id: string;
  readonly kind: "fetch" | "prepare" | "submit" | "payment" | "confirm";
  /** `order/<platform id>` to fetch, else the id of the record or document. */
  readonly subject: string;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly attempts: number;
  readonly errorKind: string;
  /** The last error, one sentence. */
  readonly error: string;
  readonly at: TimeText;
}

/** One line of a history. */
export interface AuditEntry {
  readonly at: TimeText;
  /** `record.stored`, `document.prepared`, `document.signed`, … */
  readonly event: string;
  readonly detail: string;
}

/** A page of a listing; iterate it, and go on with `cursor: page.next`. */
export class Page<T> implements Iterable<T> {
  private constructor();
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly next: string | null;
  get length(): number;
  [Symbol.iterator](): Iterator<T>;
}
