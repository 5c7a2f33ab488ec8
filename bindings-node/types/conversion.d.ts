// A record straight to documents, without storage or network.

import type { Explained, Provenance } from "./explained.js";
import type { Invoice, InvoiceFields } from "./invoice.js";
import type { DateText, JsonInput, JsonObject } from "./values.js";

/**
 * Turns a record of a platform into its documents: usually one, two for an exchange, or a held one that says why.
 *
 * `record` is one JSON object whose members are the platform's own resources (`order`, `payments`, …; a bare order or
 * deal will do).
 *
 * Throws `PayloadError` naming the field of a malformed record, `MappingError` for rules that do not load or apply,
 * `ConfigError` naming the setting of a tenant that cannot be used, or an unknown platform.
 */
export function convert(platform: string, record: JsonInput, options: ConvertOptions): Outcome[];

/** What `convert` is told. */
export interface ConvertOptions {
  /** The seller and what its bookkeeper decided. Names as in its JSON file (`business_id`) or in camelCase. */
  tenant: JsonInput;
  /** Rules on top of the platform's and the tenant's, or their text. */
  rules?: Rules | string | null;
  /** What was invoiced before, so that a refund finds its original. */
  issued?: Iterable<Issued>;
  /** The first number of each series; 1 unless given. */
  sequence?: number;
  /** The day of the sale unless given. */
  issueDate?: DateText | null;
  /** Whether a person approved what the rules say a person approves; else it is held as `approval_required`. */
  approved?: boolean;
}

/** An invoice issued before. */
export interface Issued {
  /** The platform's id of the record it was made from. */
  sourceId: string;
  number: string;
  issueDate: DateText;
  irn?: string | null;
  /** The document itself, where it is at hand: a credit note takes its buyer over. */
  invoice?: Invoice | InvoiceFields;
}

/** What one document of a record became. */
export class Outcome {
  private constructor();
  readonly kind: "invoice" | "credit_note" | "debit_note" | "held";
  /** Why it waits; only when held. */
  readonly reason: Reason | null;
  /** The document; null when held. */
  readonly invoice: Invoice | null;
  /** Differences that were recorded and held nothing back, one sentence each. */
  readonly remarks: readonly string[];
  /** For every mapped field: the rule and the source that set it. */
  explain(): Provenance[];
  /** Where every element of the document came from, or why there is none; `table` is it in plain text. */
  explanation(): Explained;
}

/** Why a sale waits. */
export interface Reason {
  /** Stable: `deal_not_won`, `totals_disagree`. */
  readonly code: string;
  /** One sentence a bookkeeper understands. */
  readonly message: string;
}

/** Mapping rules: which source fills which field of an invoice, on top of the platform's own and the tenant's. */
export class Rules {
  private constructor();
  /**
   * Reads rules written as TOML or as the same in JSON.
   *
   * `tables` are the CSV files that lookups name, by name. Throws `MappingError` with `line` and `column`; it names the
   * nearest valid name for one that is unknown, also a table or column.
   */
  static parse(text: string, tables?: Record<string, string> | null): Rules;
  /** Rule files to start from. */
  static templates(): RuleTemplate[];
  /** The JSON Schema of the rules, for an editor form. */
  static jsonSchema(): JsonObject;
}

/** A rule file to start from. */
export interface RuleTemplate {
  readonly name: string;
  /** What it is for, in one sentence. */
  readonly about: string;
  /** The file; its comments say what to fill in. */
  readonly text: string;
}

/**
 * The invoice reference number `<number>-<service id>-<YYYYMMDD>`, which the taxpayer makes.
 *
 * Other characters of `number` than letters and digits are dropped. Throws `PayloadError` naming the argument that
 * cannot be used.
 */
export function irn(number: string, serviceId: string, issueDate: DateText): string;

/** Every platform of this build and of the templates that were registered, by id. */
export function platforms(): PlatformInfo[];

/**
 * Adds a platform that a template describes (docs/templates.md), for this process; `name` is the file errors name.
 *
 * Call it at the start, before `Engine.open`: an engine keeps the platforms it was opened with. Throws `MappingError`
 * with `line` and `column` for a template that does not load, `ConfigError` for the id of a platform of this build.
 */
export function registerTemplate(text: string, options?: { readonly name?: string }): PlatformInfo;

/** Who a connector is and what it can do. */
export interface PlatformFields {
  readonly id: string;
  readonly name: string;
  readonly family: "crm" | "pos";
  readonly auth: readonly string[];
  readonly capabilities: readonly string[];
  readonly settings: readonly Setting[];
  readonly baseUrl: string;
  /** JSON Schema of what `connect` takes: `credentials` and `settings`. A host draws its form from it. */
  readonly setupForm: JsonObject;
}

/** Who a connector is and what it can do. */
export class PlatformInfo {
  private constructor();
  /** JSON Schema of `connect`'s `settings`, for a form. */
  settingsSchema(): JsonObject;
}
export interface PlatformInfo extends PlatformFields {}

/** A setting of a connection. */
export interface Setting {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}
