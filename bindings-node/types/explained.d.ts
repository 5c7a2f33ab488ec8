/// <reference types="node" />

// Where everything on a document came from, why a sale waits, why a document was refused.

/** Where a field of a document came from. */
export interface Provenance {
  /** The field of the document: `buyer.address.city`, `lines[0].tax`. */
  readonly target: string;
  /** The rule that set it: its layer, and its line or name (`tenant:tax.by_field`). */
  readonly rule: string;
  /** The path it was read from, with indexes filled in; null for a fixed value. */
  readonly source: string | null;
  /** What it was set to. */
  readonly value: string;
}

/** A source that was read. */
export interface SourceRead {
  /** With indexes filled in: `raw.order.line_items[0].name`. */
  readonly path: string;
  /** What it holds; null where there is nothing. */
  readonly value: string | null;
  /** Of a field of the model where the connector reads it in the record, where it says so. */
  readonly record: string | null;
}

/** A transform of a rule. */
export interface TransformStep {
  /** As written: `max_len 35`. */
  readonly transform: string;
  /** What it gave; null: nothing. */
  readonly value: string | null;
}

/** Where a value came from. `kind` says how, and which of the other members are there. */
export interface Origin {
  /**
   * `rule`, `catalogue`, `copied`, `calculated`, `setting`, `numbering`, `fixed`, `clock`, `original`, `asked`, `rate`,
   * `holds` (an element that holds others), `unknown` (it cannot be told any more).
   */
  readonly kind: string;
  /** Of a rule: what it set, `lines[0].name`. */
  readonly target: string | null;
  /** Of a rule: the rule set, `base`, `tenant` (the settings), `rules@1f3a5c7e9b2d`. */
  readonly set: string | null;
  /** Of a rule: the SHA-256 of the rule set, which `ruleText` gives back for a tenant's own. */
  readonly version: string | null;
  /** Of a rule: its line in the rule set. */
  readonly line: number | null;
  /** Of a rule its own name, of a setting the setting's: `address.city`. */
  readonly name: string | null;
  /** Of a rule, or of what was copied: what was read, in its order. */
  readonly sources: readonly SourceRead[];
  /** Of a rule: what its `when` looked at, and found to hold. */
  readonly when: readonly SourceRead[];
  /** Of a rule: what each transform made of it, in order. */
  readonly steps: readonly TransformStep[];
  /** Of a rule: what it set the target to. */
  readonly value: string | null;
  /** Of what was copied: the field of the sale, `item.net_amount`. */
  readonly field: string | null;
  /** Of what was copied: what the connector makes of it; null where it takes it as it is. */
  readonly how: string | null;
  /** Of what was worked out: with its figures, `100.00 + 50.00 = 150.00`. */
  readonly step: string | null;
  /** Of a number: the series. */
  readonly series: string | null;
  /** Of a number: which in the series. */
  readonly sequence: number | null;
  /** Of what another document says: its number. */
  readonly number: string | null;
  /** Of what another document says, or a person asked for: what. */
  readonly what: string | null;
  /** Of the catalogue: the entry. */
  readonly entry: string | null;
  /** Of the catalogue: what the item was found by. */
  readonly foundBy: string | null;
  /** Of a fixed value, with the rule that asks for it; or why it cannot be told. */
  readonly why: string | null;
  /** Of a time: which clock. */
  readonly of: string | null;
  /** Of a rate of exchange: who gave it. */
  readonly givenBy: string | null;
}

/** An element or attribute of the UBL document. */
export interface Element {
  /** `/Invoice/cac:InvoiceLine[1]/cac:Item/cbc:Name`; an attribute's ends with `/@currencyID`. */
  readonly path: string;
  /** The business term of EN 16931, `BT-153`. */
  readonly term: string | null;
  /** What it is: `Name of the first item`. */
  readonly words: string;
  /** Its text; null for an element that holds others. */
  readonly value: string | null;
  readonly origin: Origin;
  /** What was done to the value to write it, where it is not written as it came. */
  readonly written: string | null;
  /** Everything about where it came from, in one sentence. */
  readonly sentence: string;
}

/** How a rule ended. */
export interface RuleEnd {
  /** `set`, `does_not_apply`, `nothing`, `skipped`, `failed`. */
  readonly kind: string;
  /** What it set the target to. */
  readonly value: string | null;
  /** Why it failed. */
  readonly why: string | null;
}

/** A rule that was looked at. */
export interface LookedAt {
  readonly layer: string;
  readonly line: number;
  readonly name: string | null;
  readonly sources: readonly SourceRead[];
  /** What its `when` looks at. */
  readonly when: readonly SourceRead[];
  readonly steps: readonly TransformStep[];
  readonly end: RuleEnd;
}

/** One reason why a sale waits. */
export interface WhyHeld {
  readonly code: string;
  readonly message: string;
  /** What could not be decided: `lines[0].tax`; null where no single field is at fault. */
  readonly target: string | null;
  /** The rules that were looked at for it, in the order they were tried. */
  readonly rules: readonly LookedAt[];
  /** What a person can do. */
  readonly remedy: string;
}

/** One complaint about a document. */
export interface WhyRejected {
  /** `authority`, or the id of the rule that is broken. */
  readonly id: string;
  /** The field as the complaint names it. */
  readonly field: string;
  readonly message: string;
  /** The elements that the field is written in, with where their values came from. */
  readonly elements: readonly Element[];
}

/** Where everything on a document came from, or why there is none. */
export interface Explained {
  /** Empty where there is no document. */
  readonly number: string;
  readonly sourceId: string;
  /** For every mapped field: the rule and the source that set it. */
  readonly fields: readonly Provenance[];
  /** Every element and attribute of the UBL document, in its order. */
  readonly elements: readonly Element[];
  /** Why the sale waits. */
  readonly held: readonly WhyHeld[];
  /** Why the document was refused. */
  readonly rejected: readonly WhyRejected[];
  /** Differences that held nothing back, or why something cannot be told any more. */
  readonly notes: readonly string[];
  /** It in plain text, to print or to mail. */
  readonly table: string;
}
