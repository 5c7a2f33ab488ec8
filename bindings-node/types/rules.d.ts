/// <reference types="node" />

// What the engine answers about mapping rules: what is in force, what was, and what others would change.

import type { Problem } from "./catalogue.js";
import type { Reason } from "./conversion.js";
import type { Provenance } from "./explained.js";
import type { Invoice } from "./invoice.js";
import type { Amount, TimeText } from "./values.js";

/** A rule file in force. */
export interface RuleFile {
  /** SHA-256 of the text: what set a field names its first twelve characters, `rules@1f3a…`. */
  readonly hash: string;
  readonly text: string;
  /** Of this connection alone; null: of all the tenant's sales. */
  readonly connectionId: string | null;
}

/** A rule file that is or was in force. */
export interface RuleVersion {
  readonly connectionId: string | null;
  /** Null: from then on there were no rules in this layer. */
  readonly hash: string | null;
  readonly reason: string | null;
  readonly setAt: TimeText;
}

/** A value and what it becomes. */
export interface ValueChange {
  /** Null: it was not there. */
  readonly before: string | null;
  /** Null: it is gone. */
  readonly after: string | null;
  /** How often; a field of lines counts once a line. */
  readonly count: number;
}

/** A field that changes. */
export interface FieldChange {
  /** Of which document of a sale: `invoice`, `credit_note`. */
  readonly purpose: string;
  /** `lines[].tax.category`. */
  readonly field: string;
  /** Sales on which it changes. */
  readonly sales: number;
  /** Most frequent first; at most 20. */
  readonly values: readonly ValueChange[];
  /** Changes of values that are not listed. */
  readonly more: number;
  /** Of an amount: what it comes to on all these sales, by currency. */
  readonly sums: readonly SumChange[];
  /** Some of these sales, by the platform's id. */
  readonly examples: readonly string[];
}

/** Sales with one thing in common. */
export interface SaleGroup {
  /** A reason's code. */
  readonly what: string;
  /** One of the sentences that say why. */
  readonly message: string;
  readonly sales: number;
  /** What their documents come to, on the side where they have some. */
  readonly totals: readonly GroupTotal[];
  readonly examples: readonly string[];
}

/** What an amount comes to on several sales. */
export interface SumChange {
  readonly currency: string;
  readonly amount: Moved;
}

/** What documents come to in one currency; credit notes count against it. */
export interface GroupTotal {
  readonly currency: string;
  readonly payable: Amount;
}

/** An amount on both sides. */
export interface Moved {
  readonly before: Amount;
  readonly after: Amount;
}

/** What all documents come to; credit notes count against it. */
export interface TotalChange {
  readonly currency: string;
  readonly payable: Moved;
  readonly tax: Moved;
}

/** How many documents of sales end one way. */
export interface OutcomeChange {
  /** `document`, `approval_required`, `refused`, or the code they wait with, such as `deal_not_won`. */
  readonly what: string;
  readonly before: number;
  readonly after: number;
}

/** What would become of stored sales under other rules. */
export interface Preview {
  readonly seen: number;
  readonly same: number;
  readonly changed: number;
  /** Of those that change: sales that have a document already, which stays as it is. */
  readonly issued: number;
  /** What becomes of sales; most first. */
  readonly outcomes: readonly OutcomeChange[];
  /** What changes on documents; most sales first. */
  readonly fields: readonly FieldChange[];
  /** Invoiced now, would be held. */
  readonly held: readonly SaleGroup[];
  /** Held now, would be invoiced. */
  readonly released: readonly SaleGroup[];
  /** Held either way, for another reason. */
  readonly heldOtherwise: readonly SaleGroup[];
  /** Refused on one side, or for another reason. */
  readonly refused: readonly SaleGroup[];
  readonly totals: readonly TotalChange[];
  /** It in plain text, to print or to mail. */
  readonly table: string;
}

/** What one document of a stored record would become, but for the document. */
export interface ForeseenFields {
  readonly outcome: "document" | "approval" | "held";
  /** The rule of `[trigger]` that decides; null where no rule holds. */
  readonly rule: string | null;
  /** Why it would wait. */
  readonly held: Reason | null;
  /** Which rule and which source set which field. */
  readonly fields: readonly Provenance[];
}

/** What one document of a stored record would become. */
export class Foreseen {
  private constructor();
  /** The document, without number and IRN; null where it would be held. */
  get invoice(): Invoice | null;
}
export interface Foreseen extends ForeseenFields {}

/** An approval without its draft. */
export interface ApprovalFields {
  readonly id: string;
  readonly tenantId: string;
  readonly recordId: string;
  /** The platform's id of the record. */
  readonly sourceId: string;
  /** Which document of it: `invoice`. */
  readonly purpose: string;
  /** The rule that asks for it. */
  readonly rule: string;
  readonly currency: string;
  readonly payableAmount: Amount;
  readonly state: ApprovalState;
  readonly askedAt: TimeText;
  readonly decidedAt: TimeText | null;
  readonly decidedBy: string | null;
  readonly note: string | null;
}

/** A draft that a person approves before it is sent, and what was decided about it. */
export class Approval {
  private constructor();
  /** What it says, without number and IRN. */
  get invoice(): Invoice;
}
export interface Approval extends ApprovalFields {}

/** Where an approval stands; `outdated`: the record says something else by now. */
export type ApprovalState = "waiting" | "approved" | "refused" | "outdated";

/** What setting a table came to. */
export interface TableReport {
  /** Whether it is in force now and was not before. */
  readonly changed: boolean;
  /** SHA-256 of the file; null where there is no such table now, or the file was refused. */
  readonly hash: string | null;
  readonly rows: number;
  /** The first is the key. */
  readonly columns: readonly string[];
  /** Everything that is wrong with the file. Any, and nothing has changed. */
  readonly problems: readonly Problem[];
}

/** A lookup table in force. */
export interface Table {
  readonly name: string;
  readonly hash: string;
  readonly rows: number;
  /** The first is the key. */
  readonly columns: readonly string[];
}

/** A lookup table that is or was in force. */
export interface TableVersion {
  readonly name: string;
  /** Null: from then on there was no such table. */
  readonly hash: string | null;
  readonly reason: string | null;
  readonly setAt: TimeText;
}
