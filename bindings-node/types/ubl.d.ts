/// <reference types="node" />

// UBL documents of anyone.

import type { Invoice } from "./invoice.js";

/** UBL 2.1: read a document, list the rules it breaks, and say what a rule wants. */
export namespace ubl {
  /** Reads an Invoice or CreditNote. Throws `PayloadError` with the path of what is missing or malformed. */
  function parse(xml: Uint8Array | ArrayBuffer | string): Invoice;
  /**
   * The rules a document breaks, none for a valid one. Rule sets are judged independently: a partial document, or one
   * of a wrong structure, still gets the ids of the others.
   *
   * Throws `PayloadError` for what is no XML, `ConfigError` for a rule set this build does not have: it lists them.
   */
  function validate(
    xml: Uint8Array | ArrayBuffer | string,
    options?: {
      /** `["ubl21", "en16931", "peppol"]` unless given; `"nigeria"` is asked by name. */
      rulesets?: string | Iterable<string>;
    },
  ): Fault[];
  /** The rule sets of this build. */
  function rulesets(): string[];
  /** The ids of the rules of a set, sorted. Throws `ConfigError` for one this build does not have: it lists them. */
  function ruleIds(ruleset: string): string[];
  /** What the rule of an id wants, `explain("BR-CO-16")`; null where no rule set has that id. */
  function explain(id: string): Explanation | null;
}

/** What a rule is about. */
export interface Explanation {
  /** Permanent id: `BR-CO-17`. */
  readonly id: string;
  /** `ubl21`, `en16931`, `peppol`, `nigeria`. */
  readonly ruleset: string;
  readonly severity: "fatal" | "warning";
  /** The element the rule looks at. */
  readonly concerns: string;
  /** What satisfies it, in words. */
  readonly wants: string;
}

/** One broken rule of a document. */
export interface Fault {
  /** Permanent id of the rule: `BR-CO-17`. */
  readonly id: string;
  readonly severity: "fatal" | "warning";
  /** `ubl21`, `en16931`, `peppol`, `nigeria`; empty where the authority named the fault. */
  readonly ruleset: string;
  /** Where: an element path or a field path. */
  readonly path: string;
  /** What is wrong and what would satisfy the rule. */
  readonly message: string;
}
