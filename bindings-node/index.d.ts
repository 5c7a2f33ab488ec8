/// <reference types="node" />

// The TaxPoynt engine for Node.
//
// Amounts are decimal strings in major units (naira, not kobo): never calculate with them as numbers. Dates are
// `YYYY-MM-DD` in the seller's time zone; times are ISO 8601 with their zone. What is refused or fails is a
// `TaxpoyntError` whose message is one sentence. Every object that is handed out is frozen.

/** A decimal number, exactly as it counts: `"30342.06"`. */
export type Amount = string;

/** A calendar date, `"2026-11-02"`. */
export type DateText = string;

/** A time with its zone, `"2026-11-02T09:30:00Z"`. */
export type TimeText = string;

/** A JSON object as data. */
export type JsonObject = { [name: string]: any };

/**
 * JSON bytes, JSON text, or data. In data a number counts by its shortest form, up to 15 digits; one with more, NaN and
 * Infinity are refused by path. A `bigint` is exact.
 */
export type JsonInput = Uint8Array | ArrayBuffer | string | object;

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
}

/** Why a sale waits. */
export interface Reason {
  /** Stable: `deal_not_won`, `totals_disagree`. */
  readonly code: string;
  /** One sentence a bookkeeper understands. */
  readonly message: string;
}

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

/** Mapping rules: which source fills which field of an invoice, on top of the platform's own and the tenant's. */
export class Rules {
  private constructor();
  /**
   * Reads rules written as TOML or as the same in JSON.
   *
   * Throws `MappingError` with `line` and `column`; it names the nearest valid name for one that is unknown.
   */
  static parse(text: string): Rules;
  /** The JSON Schema of the rules, for an editor form. */
  static jsonSchema(): JsonObject;
}

/**
 * The invoice reference number `<number>-<service id>-<YYYYMMDD>`, which the taxpayer makes.
 *
 * Other characters of `number` than letters and digits are dropped. Throws `PayloadError` naming the argument that
 * cannot be used.
 */
export function irn(number: string, serviceId: string, issueDate: DateText): string;

/** Every platform of this build, by id. */
export function platforms(): PlatformInfo[];

/** Who a connector is and what it can do. */
export interface PlatformFields {
  readonly id: string;
  readonly name: string;
  readonly family: "crm" | "pos";
  readonly auth: readonly string[];
  readonly capabilities: readonly string[];
  readonly settings: readonly Setting[];
  readonly baseUrl: string;
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

// Documents

/** A VAT category of UNCL 5305, as EN 16931 uses it. */
export type TaxCategory = "S" | "Z" | "E" | "AE" | "K" | "G" | "O" | "L" | "M" | "B";

/** What an invoice, credit note or debit note says. Amounts are always positive. */
export interface InvoiceFields {
  readonly type: "invoice" | "credit_note" | "debit_note";
  /** B2G for a government buyer, B2B for an organisation or a TIN, else B2C. */
  readonly kind: "B2B" | "B2C" | "B2G";
  readonly number: string;
  /** Invoice reference number; null for a seller without a service id. */
  readonly irn: string | null;
  readonly businessId: string | null;
  readonly issueDate: DateText;
  readonly issueTime: string | null;
  readonly dueDate: DateText | null;
  /** The day of the sale in the time zone of its location, else the tenant's. */
  readonly taxPointDate: DateText | null;
  /** ISO 4217. */
  readonly currency: string;
  /** The platform's id of the record. */
  readonly sourceId: string | null;
  readonly paymentStatus: "PENDING" | "PAID" | "REJECTED";
  readonly note: string | null;
  readonly buyerReference: string | null;
  readonly orderReference: string | null;
  readonly paymentTerms: string | null;
  readonly supplier: Party;
  /** Null for a walk-in. */
  readonly customer: Party | null;
  readonly lines: readonly InvoiceLine[];
  readonly allowances: readonly AllowanceCharge[];
  readonly charges: readonly AllowanceCharge[];
  readonly paymentMeans: readonly PaymentMeans[];
  readonly totals: Totals;
  readonly taxSubtotals: readonly TaxSubtotal[];
  /** Of a credit note: what it corrects. */
  readonly references: readonly DocumentReference[];
}

/**
 * An invoice, credit note or debit note. It never changes: a correction is a new document.
 *
 * Made by `convert`, `ubl.parse`, `fromDict` or an `Engine`.
 */
export class Invoice {
  private constructor();
  /** The document that `toDict` gave; also as Python's `to_dict` wrote it. Throws `PayloadError` naming the field. */
  static fromDict(data: object): Invoice;
  /** UBL 2.1 XML, UTF-8. Throws `ValidationError` for what XML cannot hold. */
  toUbl(): Buffer;
  /**
   * The tax authority's JSON as data. Its amounts are numbers there, and so they are here: send `toMbsJson`, which
   * keeps every digit.
   *
   * Throws `ValidationError` or `PayloadError` for what the authority's JSON cannot say.
   */
  toMbs(): JsonObject;
  /** The tax authority's JSON, exactly as it is sent. Throws as `toMbs`. */
  toMbsJson(): string;
  /** Its fields as plain data. */
  toDict(): InvoiceFields;
  /** For `JSON.stringify`: `toDict`. */
  toJSON(): InvoiceFields;
}
export interface Invoice extends InvoiceFields {}

/** The seller or the buyer. */
export interface Party {
  /** Legal name. */
  readonly name: string;
  readonly tradingName: string | null;
  /** Tax identification number without country prefix: `12345678-0001`. */
  readonly tin: string | null;
  /** Company registration number (CAC RC). */
  readonly registrationNumber: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly businessDescription: string | null;
  readonly endpoint: ElectronicAddress | null;
  /** The person to ask. */
  readonly contact: Contact | null;
  readonly address: Address;
}

/** A postal address. */
export interface Address {
  readonly street: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  /** Local government area: `NG-LA-IKJ`. */
  readonly lga: string | null;
  /** ISO 3166-2 for Nigeria (`NG-LA`), else as written. */
  readonly state: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

/** A person who can be asked. */
export interface Contact {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

/** Where a party receives electronic documents (BT-34, BT-49). */
export interface ElectronicAddress {
  readonly scheme: string;
  readonly id: string;
}

/** One thing sold. */
export interface InvoiceLine {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly sku: string | null;
  readonly quantity: Amount;
  /** UN/ECE recommendation 20: `C62` one, `KGM` kilogram. */
  readonly unit: string;
  /** Price of `baseQuantity` units, without tax. */
  readonly unitPrice: Amount;
  readonly baseQuantity: Amount;
  /** quantity × price ÷ base quantity − allowances + charges, without tax. */
  readonly netAmount: Amount;
  readonly tax: Tax;
  readonly allowances: readonly AllowanceCharge[];
  readonly charges: readonly AllowanceCharge[];
  /** What the authority wants to know about it: exactly one pair. */
  readonly classification: Goods | Service | null;
  readonly note: string | null;
}

/** Goods: an HS code and its category. */
export interface Goods {
  readonly hsnCode: string;
  readonly productCategory: string;
}

/** A service: an ISIC class and its category. */
export interface Service {
  readonly isicCode: string;
  readonly serviceCategory: string;
}

/** A tax as it applies to a line, an allowance or a charge. */
export interface Tax {
  readonly category: TaxCategory;
  readonly percent: Amount;
  /** Why none is charged. */
  readonly reason: string | null;
  /** What the platform itself applied here; not part of UBL. */
  readonly amount: Amount | null;
}

/** An amount taken off or put on, at a line or at the document. */
export interface AllowanceCharge {
  readonly amount: Amount;
  readonly reason: string | null;
  /** Only at the document: a line's allowance is taxed as the line. */
  readonly tax: Tax | null;
}

/** How the document is or was paid. */
export interface PaymentMeans {
  /** UNTDID 4461: `10` cash, `30` credit transfer, `48` bank card, `ZZZ` agreed between the parties. */
  readonly code: string;
  readonly name: string | null;
  readonly paymentId: string | null;
}

/** A document this one corrects. */
export interface DocumentReference {
  readonly number: string;
  readonly irn: string | null;
  readonly issueDate: DateText | null;
}

/** One row of the VAT breakdown: one per category and rate. */
export interface TaxSubtotal {
  readonly category: TaxCategory;
  readonly percent: Amount;
  readonly taxableAmount: Amount;
  readonly taxAmount: Amount;
  readonly reason: string | null;
}

/** The totals of EN 16931 (BG-22). */
export interface Totals {
  /** Sum of line net amounts (BT-106). */
  readonly lineExtensionAmount: Amount;
  readonly allowanceTotal: Amount;
  readonly chargeTotal: Amount;
  readonly taxExclusiveAmount: Amount;
  readonly taxAmount: Amount;
  readonly taxInclusiveAmount: Amount;
  readonly prepaidAmount: Amount;
  readonly roundingAmount: Amount;
  /** To pay (BT-115). */
  readonly payableAmount: Amount;
}

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

// Webhooks

/** Headers as any framework has them; case does not matter. */
export type HeadersInput =
  | { readonly [name: string]: string | readonly string[] | undefined }
  | Iterable<readonly [string, string]>;

/** A request as it arrived. */
export interface WebhookRequest {
  method: string;
  /** The public URL the platform was told, byte for byte. */
  url: string;
  headers: HeadersInput;
  /** The raw bytes as they arrived, before any parser; text counts as UTF-8. */
  body: Uint8Array | ArrayBuffer | string;
}

/**
 * Checks that the platform sent this and lists its events.
 *
 * Throws `SignatureInvalid` or `Replayed`, `PayloadError` for a body the platform does not document, `ConfigError` for
 * a platform without webhooks.
 */
export function verifyWebhook(
  platform: string,
  request: WebhookRequest & {
    /** Several while one is being rotated. */
    secret: string | Iterable<string>;
    /** The time to judge timestamps by, else the machine's. */
    now?: Date | TimeText | null;
  },
): WebhookEvent[];

/** What a webhook announces. */
export interface WebhookEvent {
  /** The platform's identity of the event: equal for every repetition, different for every other event. */
  readonly eventId: string;
  /** The platform's name of what happened: `payment.updated`. */
  readonly kind: string;
  /** The platform's id of the account it happened in. */
  readonly account: string | null;
  /** Null where the event is none of ours. */
  readonly recordKind: "deal" | "order" | null;
  /** The platform's id of the record to fetch. */
  readonly recordId: string | null;
  readonly occurredAt: TimeText | null;
}

// Secrets

/**
 * The key file of a taxpayer, which the authority's dashboard gives out. Makes the QR stamp of a document.
 *
 * What it holds acts as a secret and is never shown.
 */
export class CryptoKeys {
  private constructor();
  /**
   * Reads the text of `crypto_keys.txt`: JSON with `public_key` and `certificate`, or a PEM block followed by the
   * certificate on a line of its own.
   *
   * Throws `ConfigError` with `field` in its context; what was found is never repeated.
   */
  static parse(text: string): CryptoKeys;
  /**
   * Stamps an IRN at the time `at`, else now, written as `time` says. The ciphertext is random: keep the stamp, never
   * make it again.
   *
   * Throws `PayloadError` for what is no IRN, `ConfigError` where the certificate is too long for the key or `time` is
   * unknown.
   */
  stamp(irn: string, at?: Date | TimeText | null, time?: StampTime | null): Stamp;
}

/**
 * How a stamp writes its time: Unix seconds, as the official text has it, unless said; or the local time of day,
 * `HHmmssSSS` in Lagos.
 */
export type StampTime = "unix_seconds" | "local_time_of_day";

/** A QR stamp and its pictures. */
export class Stamp {
  private constructor();
  /** A stamp that was made before and stored as text. Throws `PayloadError` for what no QR code can hold. */
  static of(payload: string): Stamp;
  /** What the QR code holds, base64. */
  get payload(): string;
  /** An SVG image of error correction level M, quiet zone included. */
  qrSvg(): string;
  /** A PNG image of error correction level M, at least 300 pixels wide, quiet zone included. */
  qrPng(): Buffer;
  /**
   * A PNG image exactly as wide as a till's print head, so that the printer scales nothing: 384 dots on paper of 58 mm,
   * 576 on 80 mm. Throws `ConfigError` where it is too narrow for three dots a module.
   */
  qrPngForRoll(dots: number): Buffer;
}

/**
 * Seals credentials for storage: Fernet under a list of keys, of which the first seals and all open. A sealed value
 * opens only for the context it was sealed for, so a row that was copied elsewhere does not open there.
 *
 * Throws `ConfigError` where there is no key, one is malformed, or none opens a value.
 */
export class Vault {
  constructor(keys: string | Iterable<string>);
  /** A new random key. Keep it where the database is not. */
  static generateKey(): string;
  /** Seals a value (object, array, text, numbers) for the place `context` names. */
  seal(value: unknown, options: { context: string }): string;
  /** Opens what was sealed for that place. Numbers come back as JavaScript's. */
  open(token: string, options: { context: string }): any;
  /** The same value under the first key. */
  rotate(token: string): string;
}

// The engine

/** Whose rows a call is about. */
export interface OfTenant {
  /**
   * A tenant's id: what belongs to another tenant is `NotFound`. Left out, the call is the host's own and sees every
   * tenant's; present but undefined, it is refused.
   */
  tenant?: string;
}

/** Which part of a listing. */
export interface Paged extends OfTenant {
  /** `next` of the page before. */
  cursor?: string;
  /** Rows of a page; 100 unless given, at most 1,000. */
  limit?: number;
}

/** Where an engine finds the world. */
export interface EngineOptions {
  /** They seal credentials: Fernet keys (`Vault.generateKey`), the first seals, all open. */
  keys: string | Iterable<string>;
  /**
   * Where the tax authority is; the pair serves tenants without one of their own. Without an authority documents are
   * prepared and wait.
   */
  authority?: { baseUrl: string; apiKey?: string; apiSecret?: string; stampTime?: StampTime } | null;
  /** Our registration at each platform, by its id. */
  apps?: {
    [platform: string]: { clientId?: string; clientSecret?: string; webhookSecret?: string; webhookUrl?: string };
  };
  /** Hosts that may be private addresses, which are refused otherwise. */
  allowHosts?: readonly string[];
  /** Not in this build: refused unless null. */
  redis?: null;
}

/**
 * The engine: stores what platforms send before it reads it, prepares documents, and sends each once.
 *
 * Its threads start at `open`. A pending call keeps the process alive, running workers alone do not. Any call may
 * throw `StoreError`; other errors are named.
 */
export class Engine {
  private constructor();
  /**
   * Opens `sqlite:///path/to/file.db` or `sqlite::memory:`, creating and migrating it.
   *
   * Throws `ConfigError` naming what cannot be used, `StoreError`.
   */
  static open(url: string, options: EngineOptions): Promise<Engine>;
  /** Lets workers finish the job at hand and calls come to their end, then stops the threads. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Stores a seller; one with the same `business_id`, else TIN, is updated and keeps its id. Sales of it that are held
   * or were refused are looked at again.
   *
   * Throws `ConfigError` naming the setting that cannot be used.
   */
  addTenant(tenant: JsonInput): Promise<Tenant>;
  /** A stored seller. Throws `NotFound`. */
  tenant(id: string): Promise<Tenant>;
  /**
   * Connects an account, after the cheapest authenticated call. Connecting it again updates the connection and keeps
   * its id. `settings` are those of `platforms()`, by their names there or in camelCase.
   *
   * Throws `ConfigError` for an unknown platform or setting, `NotFound` for the tenant, `PlatformError` as the platform
   * answers: `Unauthenticated` for refused credentials.
   */
  connect(
    platform: string,
    tenantId: string,
    options: {
      credentials: { accessToken: string; webhookSecret?: string };
      settings?: { [name: string]: string };
    },
  ): Promise<Connection>;
  /**
   * Takes a webhook for a connection (its id) or a platform (`"hubspot"`); settles after the commit.
   *
   * The signature is checked against the configured URL. A failed check is `status` 401 and stores nothing.
   *
   * Throws `NotFound` for an unknown connection, `ConfigError` for an unknown platform or one without webhooks. On any
   * error answer 5xx, so that the sender repeats.
   */
  receive(target: string, request: WebhookRequest): Promise<Receipt>;
  /**
   * Takes a record the host already has (offline till, file, migration) and queues it.
   *
   * Throws `NotFound`, `PayloadError` naming the field where the record has no id.
   */
  ingest(connectionId: string, record: JsonInput, options?: OfTenant): Promise<RecordKey>;
  /**
   * Pulls what changed since `since`, else since the last pull less an overlap, and queues it.
   *
   * Throws `NotFound`, `PlatformError`; what was stored before an error stays.
   */
  sync(connectionId: string, options?: OfTenant & { since?: Date | TimeText | null }): Promise<SyncReport>;
  /**
   * Fetches and prepares one deal or sale now, under the platform's id of the record.
   *
   * Throws `NotFound`, `PlatformError`, `PayloadError`.
   */
  invoice(connectionId: string, recordId: string, options?: OfTenant): Promise<Prepared>;
  /** Starts background workers that fetch, prepare, submit and confirm, until they are stopped; 2 unless given. */
  workers(count?: number): Workers;
  /**
   * Works the queue until nothing is due, or for `timeoutMs` milliseconds (60,000). Can run beside workers.
   *
   * A job that fails is no error here: it is repeated later or becomes a dead letter.
   */
  drain(options?: { timeoutMs?: number }): Promise<Drained>;
  /** Invoices and credit notes, newest first. */
  invoices(options?: Paged & { state?: DocumentState; record?: string }): Promise<Page<Document>>;
  /** One invoice or credit note. Throws `NotFound`. */
  document(id: string, options?: OfTenant): Promise<Document>;
  /** Deals and sales as their platforms hold them, newest first; with `held`, only those that wait. */
  records(options?: Paged & { kind?: "deal" | "order"; held?: boolean }): Promise<Page<Record>>;
  /** `records` of CRMs. */
  deals(options?: Paged & { held?: boolean }): Promise<Page<Record>>;
  /** `records` of tills. */
  transactions(options?: Paged & { held?: boolean }): Promise<Page<Record>>;
  /** Connected accounts, oldest first. */
  connections(options?: OfTenant): Promise<Connection[]>;
  /** Jobs given up, newest first. */
  deadLetters(options?: OfTenant): Promise<DeadLetter[]>;
  /** Queues a dead letter again. Throws `NotFound`. */
  replay(id: string, options?: OfTenant): Promise<void>;
  /** Prepares a held record again, after its data, the tenant or a rule changed. Throws `NotFound`. */
  replayRecord(id: string, options?: OfTenant): Promise<void>;
  /** Ends a dead letter for a reason. Throws `NotFound`. */
  discard(id: string, options: OfTenant & { reason: string }): Promise<void>;
  /** For every mapped field of a document: the rule and the source that set it. Throws `NotFound`. */
  explain(id: string, options?: OfTenant): Promise<Explained>;
  /** What happened to a record or document, oldest first. Throws `NotFound`. */
  audit(id: string, options?: OfTenant): Promise<AuditEntry[]>;
  /** Pulls of a connection, newest first. Throws `NotFound`. */
  syncLog(connectionId: string, options?: OfTenant): Promise<SyncEntry[]>;
}

/** Running background workers. */
export class Workers {
  private constructor();
  /** Lets them finish the job at hand. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

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
  /** What the authority last said. */
  readonly message: string | null;
  /** Why it stopped or waits, stable: `quarantined`, `sign_failed`, `transmit_refused`, `keys_refused`, … */
  readonly code: string | null;
  /** Where it is in its life, in one word: `draft`, `signed`, `transmitted`, `quarantined`, … */
  readonly phase: string;
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
  readonly kind: "fetch" | "prepare" | "submit" | "other";
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

/** Where each field of a document came from. */
export interface Explained {
  readonly number: string;
  readonly sourceId: string;
  readonly fields: readonly Provenance[];
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

// Errors

/** What an error is made with. */
export interface ErrorFacts {
  kind?: string;
  operation?: string;
  retryable?: boolean;
  retryAfter?: number | null;
  context?: { [name: string]: string };
  faults?: Fault[];
  cause?: unknown;
}

/** Anything the engine refuses or fails at. `message` is one sentence; no secret is ever in it. */
export class TaxpoyntError extends Error {
  constructor(message: string, facts?: ErrorFacts);
  /** The name of its class. */
  get name(): string;
  /** What happened, `rate_limited`; finer than the class where a class covers several. */
  readonly kind: string;
  /** A dotted name: `square.fetch`. */
  readonly operation: string;
  /** Whether repeating the same call can succeed. False where it may have taken effect: ask first. */
  readonly retryable: boolean;
  /** Seconds to wait before repeating, where the other side said so. */
  readonly retryAfter: number | null;
  /** Facts such as ids, a field, a status. */
  readonly context: { readonly [name: string]: string };
  /** Every broken rule, where a document was refused for them. */
  readonly faults: readonly Fault[];
}

/** The host configured something wrong; `context.field` names it where there is one. */
export class ConfigError extends TaxpoyntError {}

/** A mapping rule does not load or cannot be applied. Mend the rule and replay. */
export class MappingError extends TaxpoyntError {
  /** Line in the rules, from 1. */
  get line(): number | null;
  /** Column in the line, from 1. */
  get column(): number | null;
}

/** A record or value from outside is malformed. */
export class PayloadError extends TaxpoyntError {
  /** Its path: `order.line_items[0].total_money.currency`. */
  get field(): string;
}

/** A webhook could not be taken. */
export class WebhookError extends TaxpoyntError {}

/** Its signature or credentials do not verify. */
export class SignatureInvalid extends WebhookError {}

/** Its timestamp is outside the tolerance. */
export class Replayed extends WebhookError {}

/** The other side answered what the connector does not understand, or cannot do what was asked. */
export class PlatformError extends TaxpoyntError {}

/** The platform refuses the credentials; the connection needs a new authorization. */
export class Unauthenticated extends PlatformError {}

/** The credentials lack a permission. */
export class PermissionDenied extends PlatformError {}

/** The thing does not exist, or belongs to another tenant. */
export class NotFound extends PlatformError {}

/** Too many calls; `retryAfter` says how long to wait. */
export class RateLimited extends PlatformError {}

/** The other side cannot be reached or answered 5xx. */
export class Unavailable extends PlatformError {}

/** No answer within the deadline. */
export class TimedOut extends PlatformError {}

/** The document breaks rules; `faults` lists them. */
export class ValidationError extends TaxpoyntError {}

/** Trouble with the tax authority. */
export class AuthorityError extends TaxpoyntError {}

/** The authority refused the document as it is. */
export class Rejected extends AuthorityError {}

/** The document may have been registered: ask for its status before sending it again. */
export class Ambiguous extends AuthorityError {}

/** The store failed, or another writer was first (`kind` is `conflict` or `fenced`). */
export class StoreError extends TaxpoyntError {}
