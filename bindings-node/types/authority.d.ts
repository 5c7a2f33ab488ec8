/// <reference types="node" />

// The tax authority: deadlines, received documents, what follows acceptance.

import type { Reason } from "./conversion.js";
import type { Amount, DateText, TimeText } from "./values.js";

/** Waiting documents with deadlines near each other. */
export interface SlotForecast {
  /** The earliest deadline among them. */
  readonly first: TimeText;
  readonly last: TimeText;
  readonly waiting: number;
  readonly willMiss: number;
  /** When the last that can be in time is signed; null where none can, or nobody can say. */
  readonly doneAt: TimeText | null;
}

/** How the waiting documents will fare at the present speed. Only B2C documents have a deadline. */
export interface Forecast {
  readonly at: TimeText;
  /** It in one or two sentences for an operator. */
  readonly message: string;
  /** Since when the authority has not answered; null while it does. */
  readonly outSince: TimeText | null;
  readonly pace: "keeps_up" | "measured" | "stopped";
  /** Null where there is no backlog to measure it by. */
  readonly documentsPerHour: number | null;
  /** Documents with a deadline ahead. */
  readonly waiting: number;
  readonly willMiss: number;
  /** The earliest deadline that will be missed. */
  readonly firstMissed: TimeText | null;
  readonly lastMissed: TimeText | null;
  /** By how many seconds the first of them will miss it at most; null where nobody can say. */
  readonly worstSeconds: number | null;
  /** Documents whose deadline has passed. */
  readonly late: number;
  /** Documents to be cleared before their buyers get them. */
  readonly clearances: number;
  /** Documents without a deadline. */
  readonly unhurried: number;
  /** Refused or given up with a deadline ahead: a person must see to them. */
  readonly stuck: number;
  /** The earliest deadline among the stuck. */
  readonly stuckFirst: TimeText | null;
  /** In an outage: how many will miss their deadline even if the authority comes back this minute. */
  readonly evenIfBack: number | null;
  /** By deadline, earliest first. */
  readonly slots: readonly SlotForecast[];
}

/** An alarm about deadlines, as it was told. */
export interface Alarm {
  /** Its place in the order of all alarms, from 1. */
  readonly seq: number;
  readonly at: TimeText;
  readonly change: "raised" | "worse" | "cleared";
  readonly willMiss: number;
  /** The earliest deadline that will be missed. */
  readonly first: TimeText | null;
  readonly last: TimeText | null;
  /** The sentence for an operator. */
  readonly message: string;
}

/** A stored credential that no listed key opens. */
export interface LostValue {
  /** `connections.sealed`, `tenants.sealed`, … */
  readonly place: string;
  /** Of its row: the connection's, the tenant's. */
  readonly id: string;
}

/** How far the stored credentials are under the newest key. */
export interface KeyReport {
  /** Stored credentials. */
  readonly of: number;
  /** Under the newest key. */
  readonly done: number;
  /** Under older keys. At 0 these may go from the list. */
  readonly left: number;
  /** Opened by no listed key: list it, or store them again. */
  readonly failed: number;
  /** Under each listed key, newest first. */
  readonly byKey: readonly number[];
  /** How many this rotation has sealed anew. */
  readonly resealed: number;
  /** Where the first hundred of `failed` are. */
  readonly lost: readonly LostValue[];
}

/** What a listing of received documents gave. */
export interface InboundReport {
  readonly seen: number;
  readonly new: number;
  readonly known: number;
  /** Rows that name no document; each is kept as it came. */
  readonly failed: number;
}

/** Where a received document is. */
export type InboundState =
  | "announced"
  | "downloaded"
  | "checked"
  | "acknowledged"
  | "held"
  | "unreadable"
  | "refused";

/** One thing to know about a received document. */
export interface Finding {
  /** `IN-SUM-01`, `BR-CO-10`. */
  readonly id: string;
  /** Whether it speaks against taking the document as it is. */
  readonly fatal: boolean;
  readonly path: string;
  readonly message: string;
}

/** A row of the received documents. */
export interface InboundFields {
  readonly id: string;
  readonly tenantId: string;
  readonly irn: string;
  /** How it was first heard of. */
  readonly origin: "pull" | "webhook" | "host";
  readonly state: InboundState;
  /** Why it waits or ended; stable: `faulty`, `not_readable`, `pdf_only`. */
  readonly code: string | null;
  /** The same in one sentence. */
  readonly message: string | null;
  /** Whether something speaks against taking it as it is. */
  readonly faulty: boolean;
  readonly supplierName: string | null;
  readonly supplierTin: string | null;
  /** The supplier's number of it. */
  readonly number: string | null;
  readonly issueDate: DateText | null;
  readonly type: "invoice" | "credit_note" | "debit_note" | null;
  readonly currency: string | null;
  readonly payableAmount: Amount | null;
  readonly findings: readonly Finding[];
  readonly announcedAt: TimeText;
  readonly downloadedAt: TimeText | null;
  readonly checkedAt: TimeText | null;
  readonly acknowledgedAt: TimeText | null;
  /** What came, sealed as it came. */
  readonly rawText: string | null;
  /** The authority's JSON, opened, with every digit. */
  readonly mbsText: string | null;
  readonly ublText: string | null;
}

/** A document that others sent to a tenant. Its content is there when it was asked for alone. */
export class Inbound {
  private constructor();
  /** It as UBL XML, for `ubl.parse`. */
  get ubl(): Buffer | null;
  /** The PDF, where that is what came. */
  get pdf(): Buffer | null;
}
export interface Inbound extends InboundFields {}

/** What ends a payment. */
export type FinalPayment = "PAID" | "REJECTED";

/** The payment of a document, as far as it was reported to the authority. */
export interface Payment {
  readonly documentId: string;
  readonly status: FinalPayment;
  /** The payment's own reference. */
  readonly reference: string | null;
  /** Who said so first: the platform's record, or the host. */
  readonly origin: "record" | "host";
  /** How far its report got. */
  readonly state: "wanted" | "sending" | "done" | "refused";
  /** What the authority said, one sentence. */
  readonly message: string | null;
  readonly requestedAt: TimeText;
  readonly sentAt: TimeText | null;
  readonly settledAt: TimeText | null;
}

/** The sending of a document to its buyer, as last read from the authority. */
export interface Transmission {
  readonly documentId: string;
  readonly state: "transmitting" | "transmitted" | "acknowledged" | "transmit_failed";
  readonly transmittedAt: TimeText | null;
  readonly acknowledgedAt: TimeText | null;
  readonly failedAt: TimeText | null;
  /** How often it was sent again. */
  readonly resent: number;
  readonly message: string | null;
}

/** What was posted to us in the authority's name about a document: a hint, never proof. */
export interface Notice {
  readonly irn: string;
  /** `TRANSMITTED`, `FAILED`, … */
  readonly event: string;
  /** How often it came. */
  readonly seen: number;
  readonly receivedAt: TimeText;
  /** When the document was read again because of it. */
  readonly handledAt: TimeText | null;
  /** The first body that said so. */
  readonly bodyText: string;
}

/** Whether a tenant is set up at the authority as its settings say. */
export interface AuthorityCheck {
  readonly ok: boolean;
  /** What is wrong, the first thing to mend first; `code` is stable. */
  readonly findings: readonly Reason[];
}
