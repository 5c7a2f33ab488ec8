/// <reference types="node" />

// What the engine answers about mapping rules: what is in force, what was, and what others would change.

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
  readonly examples: readonly string[];
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

/** What would become of stored sales under other rules. */
export interface Preview {
  readonly seen: number;
  readonly same: number;
  readonly changed: number;
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
