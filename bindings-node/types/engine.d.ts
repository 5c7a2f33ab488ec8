/// <reference types="node" />

// The engine.

import type {
  Alarm,
  AuthorityCheck,
  FinalPayment,
  Forecast,
  Inbound,
  InboundReport,
  InboundState,
  KeyReport,
  Notice,
  Payment,
  Transmission,
} from "./authority.js";
import type { Classified, CodeList, ImportReport, RefreshedList, UnclassifiedItem } from "./catalogue.js";
import type { Explained } from "./explained.js";
import type { Goods, Service } from "./invoice.js";
import type { Health, SwitchEntry, SwitchName, SwitchOptions, SwitchSetting } from "./operations.js";
import type { EngineOptions } from "./options.js";
import type {
  Approval,
  ApprovalState,
  Foreseen,
  Preview,
  RuleFile,
  RuleVersion,
  Table,
  TableReport,
  TableVersion,
} from "./rules.js";
import type {
  Account,
  AuditEntry,
  Connection,
  DeadLetter,
  Document,
  DocumentState,
  Drained,
  Page,
  Prepared,
  Receipt,
  Record,
  RecordKey,
  Removal,
  SyncEntry,
  SyncReport,
  Tenant,
} from "./rows.js";
import type { Backfill, Reconciliation, SyncHealth } from "./sync.js";
import type { Amount, DateText, JsonInput, TimeText } from "./values.js";
import type {
  Delivery,
  DeliveryFilter,
  ReplayReport,
  Subscription,
  SubscriptionCheck,
  WebhookGuide,
  WebhookRequest,
  WebhookSecret,
} from "./webhooks.js";

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
   * Connects an account, after the cheapest authenticated call: with a pasted token or key, with an id and secret of the
   * account, or with an RSA key in PEM that signs assertions, as the platform takes it. Connecting it again updates the connection and keeps
   * its id. `settings` are those of `platforms()`, by their names there or in camelCase.
   *
   * Throws `ConfigError` for an unknown platform or setting, `NotFound` for the tenant, `PlatformError` as the platform
   * answers: `Unauthenticated` for refused credentials.
   */
  connect(
    platform: string,
    tenantId: string,
    options: {
      credentials:
        | { accessToken: string; webhookSecret?: string }
        | { clientId: string; clientSecret: string; webhookSecret?: string }
        | { clientId: string; subject: string; privateKey: string; webhookSecret?: string };
      settings?: { [name: string]: string };
    },
  ): Promise<Connection>;
  /**
   * Where to send the account's owner, so that an account of theirs is connected to the tenant. PKCE and a state are in
   * it; the state counts once, for fifteen minutes, for this tenant, platform and redirect. `redirectUri` is compared
   * letter by letter with `apps[platform].redirectUris`, where there are any.
   *
   * Throws `ConfigError` naming the field, `NotFound` for the tenant.
   */
  authorizeUrl(
    platform: string,
    tenantId: string,
    options: { redirectUri: string; settings?: { [name: string]: string } },
  ): Promise<string>;
  /**
   * Ends what `authorizeUrl` began. Give what the platform's redirect brought: `code`, `state` and, where it is there,
   * `iss`; or its whole `query`, which also says where the owner declined. An account connected before keeps its id, and
   * what waited for it goes on.
   *
   * Throws `PermissionDenied` where the state is unknown, used, too old or another tenant's, or the owner declined;
   * `Unauthenticated` where the platform refuses the code.
   */
  exchange(
    platform: string,
    tenantId: string,
    callback: { code: string; state: string; iss?: string } | { query: string },
  ): Promise<Connection>;
  /**
   * Ends a connection: revokes its tokens at the platform, where that has a way to, and forgets its credentials. Records
   * and documents stay. Throws `NotFound`.
   */
  remove(connectionId: string, options?: OfTenant): Promise<Removal>;
  /**
   * Makes the cheapest authenticated call. A connection that needed a new authorization tries what it has once more.
   *
   * Throws `NotFound`, `PlatformError` as the platform answers.
   */
  testConnection(connectionId: string, options?: OfTenant): Promise<Account>;
  /** What happened to a connection, oldest first: `connection.needs_reauth`, …. Throws `NotFound`. */
  connectionLog(connectionId: string, options?: OfTenant): Promise<AuditEntry[]>;
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
   * Takes what was posted to the URL that is set on the authority's dashboard; settles after the commit.
   *
   * Nobody can prove that it was the authority, so it is a hint: the document is then read at the authority. Give the URL
   * a long random path, or set `authority.webhookSecret`; then a failed check is `status` 401 and stores nothing. On
   * `StoreError` answer 5xx, so that the sender repeats.
   */
  receiveAuthority(request: WebhookRequest): Promise<Receipt>;
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
  /** Invoices, credit and debit notes, newest first; `code`: those that stopped or wait with it. */
  invoices(options?: Paged & { state?: DocumentState; code?: string; record?: string }): Promise<Page<Document>>;
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
  /**
   * Of a document: where every element of its UBL came from, and where it was refused, each complaint with where the value
   * it is about came from; the same whenever it is asked. Of a record's id: why the sale waits. `table` is all of it in
   * plain text. Throws `NotFound`.
   */
  explain(id: string, options?: OfTenant): Promise<Explained>;
  /** What happened to a record or document, oldest first. Throws `NotFound`. */
  audit(id: string, options?: OfTenant): Promise<AuditEntry[]>;
  /** Pulls of a connection, newest first. Throws `NotFound`. */
  syncLog(connectionId: string, options?: OfTenant): Promise<SyncEntry[]>;
  /**
   * Asks the authority whether it is up, takes the seller's keys, and knows the business, service id, TIN and webhook of
   * its settings. The last question makes the authority send a test notice.
   *
   * Throws `NotFound`. What is wrong at the authority is in the findings.
   */
  checkAuthority(tenantId: string): Promise<AuthorityCheck>;
  /**
   * Sends a document on that stopped, from its stage with the same bytes; what is signed is never signed again.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) where the authority has accepted it.
   */
  resubmit(id: string, options?: OfTenant): Promise<void>;
  /**
   * Notes that a document is paid, or that its buyer rejected it, and reports it once it is signed. Where a platform says
   * that a sale is paid, the engine does this by itself. The same status again does nothing.
   *
   * Throws `NotFound`, `ConfigError` for another status, `StoreError` (`kind` is `conflict`) where another final status
   * was reported.
   */
  updatePayment(id: string, status: FinalPayment, options?: OfTenant & { reference?: string }): Promise<Payment>;
  /** The payment of a document as far as it was reported or is to be; null: nothing to report. Throws `NotFound`. */
  payment(id: string, options?: OfTenant): Promise<Payment | null>;
  /** How the sending of a document to its buyer goes; null before it was looked at. Throws `NotFound`. */
  transmission(id: string, options?: OfTenant): Promise<Transmission | null>;
  /** Has a worker read a document's state at the authority, as after a notice. Throws `NotFound`. */
  lookAgain(id: string, options?: OfTenant): Promise<void>;
  /** What was announced about a document, oldest first, whoever did. Throws `NotFound`. */
  notices(id: string, options?: OfTenant): Promise<Notice[]>;
  /**
   * Takes an accepted invoice back with a credit note and, where `how` says so, makes a new invoice of what the record
   * says now. Gives the documents made, the credit note first; asked again, the same ones.
   *
   * Throws `NotFound`, `ConfigError` without a reason, `StoreError` (`kind` is `conflict`) where it cannot be.
   */
  correct(id: string, how: Correction, options: OfTenant & { reason: string }): Promise<Document[]>;
  /**
   * Charges the buyer of an accepted invoice more.
   *
   * Throws `PayloadError` naming the field, `ValidationError`, `NotFound`, `StoreError` (`kind` is `conflict`) where the
   * document is no signed invoice, was taken back, or the key stands for another debit note.
   */
  debitNote(id: string, options: OfTenant & DebitNoteOptions): Promise<Document>;
  /** How the waiting documents will fare at the present speed: who will miss a deadline. Throws `NotFound`. */
  forecast(options?: OfTenant): Promise<Forecast>;
  /** Alarms about deadlines of all tenants, newest first; 100 unless given. Workers raise them. */
  alarms(options?: { limit?: number }): Promise<Alarm[]>;
  /**
   * The engine's metrics as OpenMetrics text, for Prometheus: serve it as
   * `application/openmetrics-text; version=1.0.0; charset=utf-8`.
   */
  metrics(): Promise<string>;
  /** How well the engine is, one sentence a thing. Never throws: what cannot be looked at is failing. */
  health(): Promise<Health>;
  /**
   * Switches a feature off (0), on (100), or on for a percentage; null takes the setting away. What is off is not lost: it
   * is stored, waits with the code `switched_off`, and goes on when it is switched on. Gives how many jobs were made due.
   *
   * Throws `ConfigError` naming the field, `NotFound` for the tenant.
   */
  switch(name: SwitchName, options: SwitchOptions): Promise<number>;
  /** The switches that are set; of a tenant: its own and those for all. */
  switches(options?: OfTenant): Promise<SwitchSetting[]>;
  /** Who changed which switch, when and why, newest first; 100 unless given. */
  switchLog(options?: OfTenant & { limit?: number }): Promise<SwitchEntry[]>;
  /** Under which of the keys the stored credentials are. Reads all of them, changes none. */
  keyReport(): Promise<KeyReport>;
  /**
   * Seals every stored credential anew under the first key, while they are read and refreshed as ever. It can be stopped
   * and called again. When `left` of the report is 0, the older keys may go.
   */
  rotateKeys(): Promise<KeyReport>;
  /** The authority's code lists in force for a seller. Throws `NotFound`. */
  codeLists(tenantId: string): Promise<CodeList[]>;
  /**
   * Reads every code list from the authority with the seller's keys. One that cannot be used leaves the list before it
   * in force, and says why.
   *
   * Throws `NotFound`, `ConfigError` without an authority or keys, `Unauthenticated`.
   */
  refreshLists(tenantId: string): Promise<RefreshedList[]>;
  /**
   * Imports a seller's catalogue from CSV. A file with a wrong row changes nothing, unless `partial` is asked; `replace`
   * removes entries that the file does not name. Sales that waited for an entry move on.
   *
   * Throws `NotFound`. What is wrong with the file is in the report.
   */
  importCatalogue(
    tenantId: string,
    csv: Uint8Array | ArrayBuffer | string,
    options?: { partial?: boolean; replace?: boolean },
  ): Promise<ImportReport>;
  /** A seller's catalogue as CSV, which imports again as it is. Throws `NotFound`. */
  exportCatalogue(tenantId: string): Promise<string>;
  /** Items that nothing classifies, those that most sales wait for first. Throws `NotFound`. */
  unclassified(tenantId: string): Promise<UnclassifiedItem[]>;
  /**
   * Answers for an item (`UnclassifiedItem.key`). The answer goes into the catalogue, and every sale that waited for the
   * item moves on.
   *
   * Throws `NotFound`, `PayloadError` naming the field.
   */
  classify(tenantId: string, item: string, classification: Goods | Service): Promise<Classified>;
  /**
   * Lists what others sent to a seller and queues what is new: without days, from 31 days before the last listing until
   * today. Workers then download, check and acknowledge by `policy.inbound`.
   *
   * Throws `NotFound`, `ConfigError` without an authority or keys, `PlatformError` as the authority answers.
   */
  pullInbound(tenantId: string, options?: { fromDate?: DateText; toDate?: DateText }): Promise<InboundReport>;
  /**
   * Has workers look for a received document that the host heard of; gives its id, null where it is a tenant's own or
   * nobody can look. An operator's move: with `tenant` the caller vouches that the document is that tenant's.
   *
   * Throws `PayloadError` for what cannot be an IRN, `NotFound` for the tenant.
   */
  announceInbound(irn: string, options?: OfTenant): Promise<string | null>;
  /** Received documents, newest first, without their content; `faulty`: those something speaks against. */
  inbound(options?: Paged & { state?: InboundState; faulty?: boolean }): Promise<Page<Inbound>>;
  /** One received document with its content. Throws `NotFound`. */
  inboundDocument(id: string, options?: OfTenant): Promise<Inbound>;
  /** What happened to a received document, oldest first. Throws `NotFound`. */
  inboundAudit(id: string, options?: OfTenant): Promise<AuditEntry[]>;
  /**
   * Has a worker tell the authority that a document arrived and was taken: a person has looked.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) where nothing was downloaded or a worker has it.
   */
  acknowledgeInbound(id: string, options?: OfTenant): Promise<void>;
  /**
   * Has a worker download and check a received document anew.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) where it was acknowledged or a worker has it.
   */
  retryInbound(id: string, options?: OfTenant): Promise<void>;
  /**
   * Has the platform send its webhooks to the configured URL: makes the subscription by its API, takes over one that is
   * there, or puts right what has drifted. The secret it signs with is live when this settles. With `managementToken` in
   * `apps` it is the app's, for all its accounts. Can be called again at any time.
   *
   * Throws `PlatformError` (`kind` is `unsupported`) where the platform has no such API: see `webhookGuide`;
   * `ConfigError` without a URL, `NotFound`; `Ambiguous`: call it again.
   */
  subscribe(connectionId: string, options?: OfTenant): Promise<SubscriptionCheck>;
  /**
   * Ends the subscription of a connection; that of the host's app stays while another connection needs it. Gives whether
   * one was ended. Throws `NotFound`, `PlatformError`.
   */
  unsubscribe(connectionId: string, options?: OfTenant): Promise<boolean>;
  /** The subscriptions that the engine keeps, of all tenants. */
  subscriptions(): Promise<Subscription[]>;
  /**
   * Compares every subscription with what its platform has, and puts right what has drifted: another URL, other events,
   * switched off, or gone. Workers do so by themselves every few hours.
   */
  checkSubscriptions(): Promise<SubscriptionCheck[]>;
  /**
   * How to set up by hand the webhook of a connection (its id) or of the host's app at a platform (`"hubspot"`): print its
   * `text`.
   *
   * Throws `NotFound`, `ConfigError` where the platform has no webhooks, or no public URL is configured.
   */
  webhookGuide(target: string, options?: OfTenant): Promise<WebhookGuide>;
  /** The webhook secrets of a connection or app, oldest first, without what they are. Throws `NotFound`. */
  webhookSecrets(target: string, options?: OfTenant): Promise<WebhookSecret[]>;
  /**
   * Sets the next webhook secret beside the one in use: from when this settles both are taken, in every process. Then have
   * the platform use it, and call `retireOldWebhookSecrets`.
   *
   * Throws `NotFound`, `ConfigError` for an empty one, `StoreError` (`kind` is `conflict`) where an old one is still live
   * beside the one in use.
   */
  addWebhookSecret(target: string, secret: string, options?: OfTenant): Promise<WebhookSecret>;
  /**
   * Retires every webhook secret but the newest: what the others signed is refused from when this settles, in every
   * process. Gives how many.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) where there is no other one.
   */
  retireOldWebhookSecrets(target: string, options?: OfTenant): Promise<number>;
  /**
   * Has the platform sign with a new secret; the old one is taken too until `retireOldWebhookSecrets`.
   *
   * Throws `NotFound` where there is no subscription, `PlatformError` as the platform answers: its `kind` is `unsupported`
   * where the platform has no such API.
   */
  renewWebhookSecret(connectionId: string, options?: OfTenant): Promise<void>;
  /** Stored webhooks, newest first, without their bodies. */
  deliveries(options?: Paged & DeliveryFilter): Promise<Page<Delivery>>;
  /**
   * Reads a stored webhook again and fetches every record that it announces once more. Gives how many fetches.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) where its connection was removed.
   */
  replayDelivery(id: string, options?: OfTenant): Promise<number>;
  /**
   * `replayDelivery` for every delivery that `deliveries` lists. Throws as that one does, for the first that fails; the
   * ones before it stay replayed.
   */
  replayDeliveries(options?: OfTenant & DeliveryFilter): Promise<ReplayReport>;
  /**
   * Imports what changed since `since` in the slow lane: workers read it a page at a time, live sales go first, and one
   * that stopped goes on where it stopped. Where one is under way already, that one is meant; it begins anew where this one
   * reaches further back. Gives its id for `backfillProgress`.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) where one is read at this moment, or paused.
   */
  backfill(
    connectionId: string,
    options: OfTenant & { since: Date | TimeText; until?: Date | TimeText | null },
  ): Promise<string>;
  /** The imports of a connection, newest first. Throws `NotFound`. */
  backfills(connectionId: string, options?: OfTenant): Promise<Backfill[]>;
  /** How far an import got, how fast it is, and when it will be done. Throws `NotFound`. */
  backfillProgress(id: string, options?: OfTenant): Promise<Backfill>;
  /** Stops an import until it is resumed. Throws `NotFound`, `StoreError` (`kind` is `conflict`) once it ended. */
  pauseBackfill(id: string, options?: OfTenant): Promise<void>;
  /**
   * Goes on with an import that was paused or waits for another attempt.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) once it ended.
   */
  resumeBackfill(id: string, options?: OfTenant): Promise<void>;
  /**
   * Stops an import for good; what was imported stays.
   *
   * Throws `NotFound`, `StoreError` (`kind` is `conflict`) once it ended.
   */
  cancelBackfill(id: string, options?: OfTenant): Promise<void>;
  /** How the pulls of a connection get on: when the next is due, what failed. Throws `NotFound`. */
  syncHealth(connectionId: string, options?: OfTenant): Promise<SyncHealth>;
  /** Sets how often workers pull a connection: null as the engine is set, 0 never by itself. Throws `NotFound`. */
  setSyncSchedule(connectionId: string, seconds: number | null, options?: OfTenant): Promise<void>;
  /**
   * Counts a day of the seller's calendar at the platform and here, and keeps what came of it. Workers do so every night.
   * With `fetch`, every record on which both disagree is fetched; count again after that.
   *
   * Throws `NotFound`, `PlatformError` as the platform answers: its `kind` is `unsupported` where the platform cannot be
   * counted.
   */
  reconcile(connectionId: string, day: DateText, options?: OfTenant & { fetch?: boolean }): Promise<Reconciliation>;
  /**
   * Counted days of a connection, newest first, 100 unless given; `unequal`: only those that are not proved. Throws
   * `NotFound`.
   */
  reconciliations(
    connectionId: string,
    options?: OfTenant & { unequal?: boolean; limit?: number },
  ): Promise<Reconciliation[]>;
  /**
   * Puts a rule file in force for a tenant's sales, or for those of one connection; null takes the rules of this layer
   * away. Every version is kept. Sales that are held or were refused are looked at again; what was sent stays. Gives
   * whether anything changed; `dryRun` shows beforehand what would. Throws `MappingError` with line and column,
   * `NotFound`.
   */
  setRules(
    tenantId: string,
    text: string | null,
    options?: { connection?: string; reason?: string },
  ): Promise<boolean>;
  /** The rule files in force, lowest first: the tenant's, then the connection's. Throws `NotFound`. */
  rulesInForce(tenantId: string, options?: { connection?: string }): Promise<RuleFile[]>;
  /** What a tenant's rules were, newest first. Throws `NotFound`. */
  ruleHistory(tenantId: string): Promise<RuleVersion[]>;
  /** A rule file that is or was in force, by its hash or what an explanation names. Throws `NotFound`. */
  ruleText(tenantId: string, hash: string): Promise<string>;
  /**
   * Drafts every stored sale under the rules in force and under `rules`, in place of the tenant's own (with `connection`:
   * of that connection's own, and only its sales), or under other `settings` of the tenant, or with other lookup `tables`
   * (CSV by name; null for no such table); says what would differ.
   * Nothing is stored, nothing is sent. Throws `MappingError` with line and column, `ConfigError` naming the setting,
   * `NotFound`.
   */
  dryRun(
    tenantId: string,
    rules?: string | null,
    options?: {
      settings?: object;
      tables?: { readonly [name: string]: string | null };
      connection?: string;
      since?: Date | TimeText;
    },
  ): Promise<Preview>;
  /**
   * What a stored deal or sale, by the platform's id, would become under the rules in force: a document, a draft for a
   * person to approve, or one that is held. Nothing is stored. Throws `NotFound`, `PayloadError`, `MappingError`.
   */
  preview(connectionId: string, recordId: string, options?: OfTenant): Promise<Foreseen[]>;
  /** Drafts that a person approves before they are sent, newest first, with what was decided about them. */
  approvals(options?: Paged & { state?: ApprovalState }): Promise<Page<Approval>>;
  /**
   * Approves a draft: what it says is sent. Where the record says something else before that, it asks again. Throws
   * `ConfigError` where nobody says who, `TaxpoyntError` of kind `conflict` where it was refused or the record says
   * something else by now, `NotFound`.
   */
  approve(id: string, options: OfTenant & { by: string; note?: string }): Promise<Approval>;
  /** Refuses a draft: its record is held as `approval_refused` until it says something else. Throws as `approve`. */
  refuse(id: string, options: OfTenant & { by: string; note?: string }): Promise<Approval>;
  /**
   * Puts a lookup table in force, from CSV (bytes: UTF-8); null takes it away. What is wrong with the file is in the
   * report, and then nothing changes. Sales that are held or were refused are looked at again. Throws `MappingError` with
   * line and column where rules in force look up what it would no longer have, `ConfigError` for a name that is none,
   * `PayloadError` for bytes that are not UTF-8, `NotFound`.
   */
  setTable(
    tenantId: string,
    name: string,
    csv: string | Uint8Array | null,
    options?: { reason?: string },
  ): Promise<TableReport>;
  /** The lookup tables in force, by name. Throws `NotFound`. */
  tablesInForce(tenantId: string): Promise<Table[]>;
  /** What a tenant's tables were, newest first. Throws `NotFound`. */
  tableHistory(tenantId: string): Promise<TableVersion[]>;
  /**
   * A table's file that is or was in force, by its hash or what an explanation names, `customer_tins@1f3a…`. Throws
   * `NotFound`.
   */
  tableText(tenantId: string, hash: string): Promise<string>;
}

/** Running background workers. */
export class Workers {
  private constructor();
  /** Lets them finish the job at hand. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What an accepted document may be corrected by. */
export type Correction = "credit_note_and_new_invoice" | "credit_note_only";

/** What is charged in addition: lines, or an amount without tax where the invoice has one tax and one classification. */
export interface DebitNoteOptions {
  /** The host's own key: the same key for the same invoice is the same debit note, however often it is asked for. */
  key: string;
  /** Why, for the buyer and the authority. */
  reason: string;
  /** Lines as on an invoice, with tax and classification; `netAmount` counts. */
  lines?: readonly object[];
  amount?: Amount;
}
