// A tenant's catalogue and the authority's code lists.

import type { Goods, Service } from "./invoice.js";
import type { Amount, DateText, TimeText } from "./values.js";

/** What is wrong with an entry or a row of a file. */
export interface Problem {
  /** The line of the file, from 1; null for what came from no file. */
  readonly line: number | null;
  readonly column: string | null;
  readonly severity: "fatal" | "warning";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** What an import of a catalogue came to. */
export interface ImportReport {
  readonly imported: boolean;
  /** Rows of the file, header and empty ones apart. */
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Sales that waited for one of the entries and move on. */
  readonly released: number;
  /** Everything that is wrong with the file, in the order of lines. */
  readonly problems: readonly Problem[];
}

/** One entry of a catalogue, found by the first of item id, SKU, name, pattern and category that it has. */
export interface CatalogueEntry {
  readonly key: string;
  /** The platform it holds for; null: for any. */
  readonly platform: string | null;
  readonly itemId: string | null;
  readonly sku: string | null;
  readonly name: string | null;
  /** A name with `*` for any text. */
  readonly namePattern: string | null;
  readonly category: string | null;
  readonly classification: Goods | Service;
}

/** A classification that may fit. A person decides. */
export interface Suggestion {
  readonly classification: Goods | Service;
  /** Where it is from, in words. */
  readonly why: string;
}

/** An item that nothing classifies, and the sales that wait for it. */
export interface UnclassifiedItem {
  /** What `Engine.classify` takes. */
  readonly key: string;
  /** The platform it was first seen on. */
  readonly platform: string;
  readonly itemId: string | null;
  readonly sku: string | null;
  readonly name: string;
  readonly category: string | null;
  /** When a sale first waited for it. */
  readonly firstSeen: TimeText;
  /** Sales that wait for it. */
  readonly waiting: number;
  /** What it comes to in all of them by currency, without tax. */
  readonly amounts: { readonly [currency: string]: Amount };
  readonly suggestions: readonly Suggestion[];
}

/** What an answer for an item came to. */
export interface Classified {
  /** The entry that is in the catalogue now. */
  readonly entry: CatalogueEntry;
  /** Sales that waited for it and move on. */
  readonly released: number;
  /** What a person should look at: a code that is not on the authority's list. */
  readonly problems: readonly Problem[];
}

/** The authority's code lists. */
export type ListName =
  | "tax_categories"
  | "payment_means"
  | "document_types"
  | "states"
  | "lgas"
  | "hs_codes"
  | "service_codes"
  | "currencies"
  | "countries";

/** One row of a code list. */
export interface Code {
  readonly code: string;
  /** What it means; empty where the list says no more than the code. */
  readonly name: string;
  /** Of an LGA: the code of its state. */
  readonly state: string | null;
}

/** One of the authority's code lists. One without codes is not known: codes are then checked by their form alone. */
export interface CodeList {
  readonly name: ListName;
  /** Built into this version, as the list stood on that day; null where it was read from the authority. */
  readonly shippedOn: DateText | null;
  /** When it was read from the authority. */
  readonly refreshedAt: TimeText | null;
  readonly codes: readonly Code[];
}

/** What became of a code list. */
export interface RefreshedList {
  readonly name: ListName;
  /** Built into this version, as the list stood on that day; null where it was read from the authority. */
  readonly shippedOn: DateText | null;
  /** When it was read from the authority. */
  readonly refreshedAt: TimeText | null;
  readonly rows: number;
  /** Codes that the refresh brought. */
  readonly added: readonly string[];
  /** Codes that are gone with it. */
  readonly removed: readonly string[];
  /** Why the list before it was kept; null where the new one was taken. */
  readonly kept: string | null;
}
