// The engine: stores what platforms send, prepares documents, and submits them.

import { PayloadError, config } from "./errors.js";
import { buffer, json } from "./json.js";
import { inside } from "./names.js";
import { answer, call, native } from "./native.js";
import { flag, listing, options, text, texts, whole } from "./options.js";
import * as authority from "./authority.js";
import * as operations from "./operations.js";
import * as rows from "./rows.js";
import { Explained } from "./explained.js";
import * as rules from "./rules.js";
import { each, instance, perhaps } from "./shape.js";
import * as sync from "./sync.js";
import { moment } from "./time.js";
import * as webhooks from "./webhooks.js";
import { Workers } from "./workers.js";

/** Engines whose workers run: they are in use even where the host holds no reference. */
const working = new Set();

/** The longest time the native module takes: 49 days. */
const LONGEST = 2 ** 32 - 1;

const OPEN = [
  "keys",
  "authority",
  "apps",
  "allowHosts",
  "redis",
  "breaker",
  "deadlines",
  "metrics",
  "webhooks",
  "sync",
  "sideBySide",
  "keysLost",
];
const REQUEST = ["method", "url", "headers", "body"];
const SWITCH = ["percent", "spread", "tenant", "platform", "who", "reason"];
const DELIVERIES = ["connection", "faulty", "ignored"];
const PAGE = ["tenant", "cursor", "limit"];

export class Engine {
  #native;
  #closing;
  #teams = 0;

  constructor(handle) {
    if (!(handle instanceof native.Engine)) throw new TypeError("an engine is made by Engine.open");
    this.#native = handle;
  }

  static async open(url, given) {
    const { keys = [], redis, ...told } = options("engine.open", given, OPEN);
    if (redis !== undefined && redis !== null) {
      const message = "redis is not in this build; leave it out: the queue then lives in the database";
      throw config("engine.open", message, "redis");
    }
    const path = text("engine.open", "url", url);
    const read = json(inside({ keys: texts("engine.open", "keys", keys), ...told }), "engine.open");
    const handle = call("engine.open", () => native.Engine.start());
    try {
      await answer("engine.open", () => handle.open(path, read));
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new Engine(handle);
  }

  async close() {
    this.#closing ??= answer("engine.close", () => this.#native.close()).finally(() => working.delete(this));
    await this.#closing;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  async addTenant(tenant) {
    const read = json(inside(tenant), "engine.add_tenant");
    return rows.Tenant(await answer("engine.add_tenant", () => this.#native.addTenant(read)), "tenant");
  }

  async tenant(id) {
    const of = text("engine.tenant", "id", id);
    return rows.Tenant(await answer("engine.tenant", () => this.#native.tenant(of)), "tenant");
  }

  async connect(platform, tenantId, given) {
    const { credentials, settings = {} } = options("engine.connect", given, ["credentials", "settings"]);
    const names = Object.entries({ platform, tenantId }).map(([name, value]) => text("engine.connect", name, value));
    const told = [credentials ?? {}, settings].map((one) => json(inside(one), "engine.connect"));
    const made = await answer("engine.connect", () => this.#native.connect(...names, ...told));
    return rows.Connection(made, "connection");
  }

  async authorizeUrl(platform, tenantId, given) {
    const operation = "engine.authorize_url";
    const told = options(operation, given, ["redirectUri", "settings"]);
    return this.#for(operation, tenantId, { ...told, platform: text(operation, "platform", platform) });
  }

  async exchange(platform, tenantId, given) {
    const operation = "engine.exchange";
    const told = options(operation, given, ["code", "state", "iss", "query"]);
    const made = await this.#for(operation, tenantId, { ...told, platform: text(operation, "platform", platform) });
    return rows.Connection(made, "connection");
  }

  async remove(connectionId, given) {
    return rows.Removal(await this.#on("engine.remove", connectionId, given), "removal");
  }

  async testConnection(connectionId, given) {
    return rows.Account(await this.#on("engine.test_connection", connectionId, given), "account");
  }

  async connectionLog(connectionId, given) {
    return each(rows.AuditEntry, await this.#on("engine.connection_log", connectionId, given));
  }

  async receive(target, given) {
    const asked = webhooks.request("engine.receive", options("engine.receive", given, REQUEST));
    const to = text("engine.receive", "target", target);
    return rows.Receipt(await answer("engine.receive", () => this.#native.receive(to, asked)), "receipt");
  }

  async receiveAuthority(given) {
    const asked = webhooks.request("engine.receive_authority", options("engine.receive_authority", given, REQUEST));
    const taken = await answer("engine.receive_authority", () => this.#native.receiveAuthority(asked));
    return rows.Receipt(taken, "receipt");
  }

  async ingest(connectionId, record, given) {
    const { tenant } = options("engine.ingest", given, ["tenant"]);
    const id = text("engine.ingest", "connectionId", connectionId);
    const read = json(record, "engine.ingest");
    return rows.RecordKey(await answer("engine.ingest", () => this.#native.ingest(id, read, tenant)), "key");
  }

  async sync(connectionId, given) {
    const { tenant, since } = options("engine.sync", given, ["since", "tenant"]);
    const id = text("engine.sync", "connectionId", connectionId);
    const from = moment("engine.sync", "since", since);
    return rows.SyncReport(await answer("engine.sync", () => this.#native.sync(id, tenant, from)), "report");
  }

  async invoice(connectionId, recordId, given) {
    const { tenant } = options("engine.invoice", given, ["tenant"]);
    const id = text("engine.invoice", "connectionId", connectionId);
    const of = text("engine.invoice", "recordId", recordId);
    const made = await answer("engine.invoice", () => this.#native.invoice(id, of, tenant));
    return new rows.Prepared(made);
  }

  workers(count = 2) {
    const workers = whole("engine.workers", "count", count);
    const name = call("engine.workers", () => this.#native.startWorkers(workers));
    this.#teams += 1;
    working.add(this);
    return new Workers(() => this.#stop(name));
  }

  /** A closed engine has stopped its workers. */
  async #stop(name) {
    if (this.#closing) return this.#closing;
    this.#teams -= 1;
    if (this.#teams === 0) working.delete(this);
    return answer("engine.workers", () => this.#native.stopWorkers(name));
  }

  async drain(given) {
    const { timeoutMs = 60_000 } = options("engine.drain", given, ["timeoutMs"]);
    const timeout = Math.min(whole("engine.drain", "timeoutMs", timeoutMs), LONGEST);
    return rows.Drained(await answer("engine.drain", () => this.#native.drain(timeout)), "drained");
  }

  async invoices(given) {
    const filter = listing("engine.invoices", given, ["state", "code", "record", ...PAGE]);
    return new rows.Page(await this.#ask("engine.invoices", filter), instance(rows.Document));
  }

  async document(id, given) {
    const { tenant } = options("engine.document", given, ["tenant"]);
    const of = text("engine.document", "id", id);
    return new rows.Document(await answer("engine.document", () => this.#native.document(of, tenant)));
  }

  async records(given) {
    const filter = listing("engine.records", given, ["kind", "held", ...PAGE]);
    return new rows.Page(await answer("engine.records", () => this.#native.records(filter)), instance(rows.Record));
  }

  async deals(given) {
    return this.records({ ...options("engine.deals", given, ["held", ...PAGE]), kind: "deal" });
  }

  async transactions(given) {
    return this.records({ ...options("engine.transactions", given, ["held", ...PAGE]), kind: "order" });
  }

  async connections(given) {
    const { tenant } = options("engine.connections", given, ["tenant"]);
    return each(rows.Connection, await answer("engine.connections", () => this.#native.connections(tenant)));
  }

  async deadLetters(given) {
    const { tenant } = options("engine.dead_letters", given, ["tenant"]);
    return each(rows.DeadLetter, await answer("engine.dead_letters", () => this.#native.deadLetters(tenant)));
  }

  async replay(id, given) {
    const { tenant } = options("engine.replay", given, ["tenant"]);
    const of = text("engine.replay", "id", id);
    await answer("engine.replay", () => this.#native.replay(of, tenant));
  }

  async replayRecord(id, given) {
    const { tenant } = options("engine.replay_record", given, ["tenant"]);
    const of = text("engine.replay_record", "id", id);
    await answer("engine.replay_record", () => this.#native.replayRecord(of, tenant));
  }

  async discard(id, given) {
    const { reason, tenant } = options("engine.discard", given, ["reason", "tenant"]);
    const of = text("engine.discard", "id", id);
    const why = text("engine.discard", "reason", reason);
    await answer("engine.discard", () => this.#native.discard(of, why, tenant));
  }

  async explain(id, given) {
    const { tenant } = options("engine.explain", given, ["tenant"]);
    const of = text("engine.explain", "id", id);
    return Explained(await answer("engine.explain", () => this.#native.explain(of, tenant)), "explained");
  }

  async audit(id, given) {
    const { tenant } = options("engine.audit", given, ["tenant"]);
    const of = text("engine.audit", "id", id);
    return each(rows.AuditEntry, await answer("engine.audit", () => this.#native.audit(of, tenant)));
  }

  async syncLog(connectionId, given) {
    const { tenant } = options("engine.sync_log", given, ["tenant"]);
    const id = text("engine.sync_log", "connectionId", connectionId);
    return each(rows.SyncEntry, await answer("engine.sync_log", () => this.#native.syncLog(id, tenant)));
  }

  async checkAuthority(tenantId) {
    return authority.AuthorityCheck(await this.#for("engine.check_authority", tenantId), "check");
  }

  async resubmit(id, given) {
    await this.#on("engine.resubmit", id, given);
  }

  async updatePayment(id, status, given) {
    const told = { status: text("engine.update_payment", "status", status) };
    return authority.Payment(await this.#on("engine.update_payment", id, given, ["reference"], told), "payment");
  }

  async payment(id, given) {
    return perhaps(authority.Payment, await this.#on("engine.payment", id, given));
  }

  async transmission(id, given) {
    return perhaps(authority.Transmission, await this.#on("engine.transmission", id, given));
  }

  async lookAgain(id, given) {
    await this.#on("engine.look_again", id, given);
  }

  async notices(id, given) {
    return each(authority.Notice, await this.#on("engine.notices", id, given));
  }

  async correct(id, how, given) {
    const told = { how: text("engine.correct", "how", how) };
    const made = await this.#on("engine.correct", id, given, ["reason"], told);
    return made.map(instance(rows.Document));
  }

  async debitNote(id, given) {
    return new rows.Document(await this.#on("engine.debit_note", id, given, ["key", "reason", "lines", "amount"]));
  }

  async forecast(given) {
    return authority.Forecast(await this.#ask("engine.forecast", options("engine.forecast", given, ["tenant"])), "forecast");
  }

  async alarms(given) {
    const { limit = 100 } = options("engine.alarms", given, ["limit"]);
    return each(authority.Alarm, await this.#ask("engine.alarms", { limit: whole("engine.alarms", "limit", limit) }));
  }

  async metrics() {
    return this.#ask("engine.metrics", {});
  }

  async health() {
    return operations.Health(await this.#ask("engine.health", {}), "health");
  }

  async switch(name, given) {
    const { percent = null, ...told } = options("engine.switch", given, SWITCH);
    const share = percent === null ? {} : { percent: whole("engine.switch", "percent", percent) };
    const asked = { switch: text("engine.switch", "switch", name), ...share, ...told };
    return (await this.#ask("engine.switch", asked)).released;
  }

  async switches(given) {
    const asked = options("engine.switches", given, ["tenant"]);
    return each(operations.SwitchSetting, await this.#ask("engine.switches", asked));
  }

  async switchLog(given) {
    const { limit = 100, ...told } = options("engine.switch_log", given, ["tenant", "limit"]);
    const asked = { limit: whole("engine.switch_log", "limit", limit), ...told };
    return each(operations.SwitchEntry, await this.#ask("engine.switch_log", asked));
  }

  async keyReport() {
    return authority.KeyReport(await this.#ask("engine.key_report", {}), "key report");
  }

  async rotateKeys() {
    return authority.KeyReport(await this.#ask("engine.rotate_keys", {}), "key report");
  }

  async codeLists(tenantId) {
    return each(authority.CodeList, await this.#for("engine.code_lists", tenantId));
  }

  async refreshLists(tenantId) {
    return each(authority.RefreshedList, await this.#for("engine.refresh_lists", tenantId));
  }

  async importCatalogue(tenantId, csv, given) {
    const operation = "engine.import_catalogue";
    const { partial = false, replace = false } = options(operation, given, ["partial", "replace"]);
    const tenant = text(operation, "tenantId", tenantId);
    const asked = [flag(operation, "partial", partial), flag(operation, "replace", replace)];
    const file = buffer(csv) ?? text(operation, "csv", csv);
    const report = await answer(operation, () => this.#native.importCatalogue(tenant, file, ...asked));
    return authority.ImportReport(report, "report");
  }

  async exportCatalogue(tenantId) {
    return this.#for("engine.export_catalogue", tenantId);
  }

  async unclassified(tenantId) {
    return each(authority.UnclassifiedItem, await this.#for("engine.unclassified", tenantId));
  }

  async classify(tenantId, item, classification) {
    const told = { item: text("engine.classify", "item", item), classification };
    return authority.Classified(await this.#for("engine.classify", tenantId, told), "classified");
  }

  async pullInbound(tenantId, given) {
    const days = options("engine.pull_inbound", given, ["fromDate", "toDate"]);
    return authority.InboundReport(await this.#for("engine.pull_inbound", tenantId, days), "report");
  }

  async announceInbound(irn, given) {
    const { tenant } = options("engine.announce_inbound", given, ["tenant"]);
    const told = { irn: text("engine.announce_inbound", "irn", irn), tenant };
    return this.#ask("engine.announce_inbound", told);
  }

  async inbound(given) {
    const filter = listing("engine.inbound", given, ["state", "faulty", ...PAGE]);
    return new rows.Page(await this.#ask("engine.inbound", filter), instance(authority.Inbound));
  }

  async inboundDocument(id, given) {
    return new authority.Inbound(await this.#on("engine.inbound_document", id, given));
  }

  async inboundAudit(id, given) {
    return each(rows.AuditEntry, await this.#on("engine.inbound_audit", id, given));
  }

  async acknowledgeInbound(id, given) {
    await this.#on("engine.acknowledge_inbound", id, given);
  }

  async retryInbound(id, given) {
    await this.#on("engine.retry_inbound", id, given);
  }

  async subscribe(connectionId, given) {
    return webhooks.SubscriptionCheck(await this.#on("engine.subscribe", connectionId, given), "check");
  }

  async unsubscribe(connectionId, given) {
    return this.#on("engine.unsubscribe", connectionId, given);
  }

  async subscriptions() {
    return each(webhooks.Subscription, await this.#ask("engine.subscriptions", {}));
  }

  async checkSubscriptions() {
    return each(webhooks.SubscriptionCheck, await this.#ask("engine.check_subscriptions", {}));
  }

  async webhookGuide(target, given) {
    return webhooks.WebhookGuide(await this.#at("engine.webhook_guide", target, given), "guide");
  }

  async webhookSecrets(target, given) {
    return each(webhooks.WebhookSecret, await this.#at("engine.webhook_secrets", target, given));
  }

  async addWebhookSecret(target, secret, given) {
    const told = { secret: text("engine.add_webhook_secret", "secret", secret) };
    return webhooks.WebhookSecret(await this.#at("engine.add_webhook_secret", target, given, told), "secret");
  }

  async retireOldWebhookSecrets(target, given) {
    return this.#at("engine.retire_old_webhook_secrets", target, given);
  }

  async renewWebhookSecret(connectionId, given) {
    await this.#on("engine.renew_webhook_secret", connectionId, given);
  }

  async deliveries(given) {
    const filter = listing("engine.deliveries", given, [...DELIVERIES, ...PAGE]);
    return new rows.Page(await this.#ask("engine.deliveries", filter), webhooks.Delivery);
  }

  async replayDelivery(id, given) {
    return this.#on("engine.replay_delivery", id, given);
  }

  async replayDeliveries(given) {
    const filter = listing("engine.replay_deliveries", given, [...DELIVERIES, "tenant"]);
    return webhooks.ReplayReport(await this.#ask("engine.replay_deliveries", filter), "report");
  }

  async backfill(connectionId, given) {
    const { since, until, ...told } = options("engine.backfill", given, ["since", "until", "tenant"]);
    const [from, to] = Object.entries({ since, until }).map((at) => moment("engine.backfill", ...at));
    return this.#on("engine.backfill", connectionId, told, [], { since: from, until: to });
  }

  async backfills(connectionId, given) {
    return each(sync.Backfill, await this.#on("engine.backfills", connectionId, given));
  }

  async backfillProgress(id, given) {
    return sync.Backfill(await this.#on("engine.backfill_progress", id, given), "backfill");
  }

  async pauseBackfill(id, given) {
    await this.#on("engine.pause_backfill", id, given);
  }

  async resumeBackfill(id, given) {
    await this.#on("engine.resume_backfill", id, given);
  }

  async cancelBackfill(id, given) {
    await this.#on("engine.cancel_backfill", id, given);
  }

  async syncHealth(connectionId, given) {
    return sync.SyncHealth(await this.#on("engine.sync_health", connectionId, given), "health");
  }

  async setSyncSchedule(connectionId, seconds, given) {
    const every = seconds === null ? {} : { seconds: whole("engine.set_sync_schedule", "seconds", seconds) };
    await this.#on("engine.set_sync_schedule", connectionId, given, [], every);
  }

  async reconcile(connectionId, day, given) {
    const { fetch = false, ...told } = options("engine.reconcile", given, ["fetch", "tenant"]);
    const asked = { day: text("engine.reconcile", "day", day), fetch: flag("engine.reconcile", "fetch", fetch) };
    const counted = await this.#on("engine.reconcile", connectionId, told, [], asked);
    return sync.Reconciliation(counted, "reconciliation");
  }

  async reconciliations(connectionId, given) {
    const operation = "engine.reconciliations";
    const { unequal = false, limit = 100, ...told } = options(operation, given, ["unequal", "limit", "tenant"]);
    const only = { unequal: flag(operation, "unequal", unequal), limit: whole(operation, "limit", limit) };
    return each(sync.Reconciliation, await this.#on(operation, connectionId, told, [], only));
  }

  async setRules(tenantId, text, given) {
    return this.#ofTenant("engine.set_rules", tenantId, { text }, given, ["connection", "reason"]);
  }

  async rulesInForce(tenantId, given) {
    return each(rules.RuleFile, await this.#ofTenant("engine.rules_in_force", tenantId, {}, given, ["connection"]));
  }

  async ruleHistory(tenantId) {
    return each(rules.RuleVersion, await this.#ofTenant("engine.rule_history", tenantId));
  }

  async ruleText(tenantId, hash) {
    const named = { hash: text("engine.rule_text", "hash", hash) };
    return this.#ofTenant("engine.rule_text", tenantId, named);
  }

  async dryRun(tenantId, text, given) {
    const operation = "engine.dry_run";
    const { since, ...told } = options(operation, given, ["settings", "tables", "connection", "since"]);
    const asked = { text, since: moment(operation, "since", since), ...told };
    return rules.Preview(await this.#ofTenant(operation, tenantId, asked), "preview");
  }

  async preview(connectionId, recordId, given) {
    const operation = "engine.preview";
    const told = { connection: text(operation, "connectionId", connectionId), record: text(operation, "recordId", recordId) };
    const asked = { ...told, ...options(operation, given, ["tenant"]) };
    return each(instance(rules.Foreseen), await this.#ask(operation, asked));
  }

  async approvals(given) {
    const filter = listing("engine.approvals", given, ["state", ...PAGE]);
    return new rows.Page(await this.#ask("engine.approvals", filter), instance(rules.Approval));
  }

  async approve(id, given) {
    return new rules.Approval(await this.#on("engine.approve", id, given, ["by", "note"]));
  }

  async refuse(id, given) {
    return new rules.Approval(await this.#on("engine.refuse", id, given, ["by", "note"]));
  }

  async setTable(tenantId, name, csv, given) {
    const operation = "engine.set_table";
    const told = { name: text(operation, "name", name), csv: csv instanceof Uint8Array ? utf8(operation, csv) : csv };
    return rules.TableReport(await this.#ofTenant(operation, tenantId, told, given, ["reason"]), "report");
  }

  async tablesInForce(tenantId) {
    return each(rules.Table, await this.#ofTenant("engine.tables_in_force", tenantId));
  }

  async tableHistory(tenantId) {
    return each(rules.TableVersion, await this.#ofTenant("engine.table_history", tenantId));
  }

  async tableText(tenantId, hash) {
    const named = { hash: text("engine.table_text", "hash", hash) };
    return this.#ofTenant("engine.table_text", tenantId, named);
  }

  /** A call about a tenant's rules. */
  #ofTenant(operation, tenantId, told = {}, given = undefined, allowed = []) {
    const tenant = text(operation, "tenantId", tenantId);
    return this.#ask(operation, { tenant, ...told, ...options(operation, given, allowed) });
  }

  /** A call that core knows by its name. */
  #ask(operation, told) {
    const read = json(inside(told), operation);
    return answer(operation, () => this.#native.ask(operation, read));
  }

  /** A call for a tenant. */
  async #for(operation, tenantId, told = {}) {
    return this.#ask(operation, { ...told, tenant: text(operation, "tenantId", tenantId) });
  }

  /** A call on a connection or on the host's app at a platform. */
  async #at(operation, target, given, told = {}) {
    const more = options(operation, given, ["tenant"]);
    return this.#ask(operation, { ...more, ...told, target: text(operation, "target", target) });
  }

  /** A call on an id, with options of these names beside the tenant. */
  async #on(operation, id, given, names = [], told = {}) {
    const more = options(operation, given, [...names, "tenant"]);
    return this.#ask(operation, { ...more, ...told, id: text(operation, "id", id) });
  }
}

/** A file's text. */
function utf8(operation, bytes) {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const line = String(brokenLine(bytes));
    const message = `line ${line}: this is not UTF-8 text; save the file as "CSV UTF-8" from the spreadsheet`;
    throw new PayloadError(message, { kind: "payload", operation, context: { field: "csv", line } });
  }
}

/** The first line that is no UTF-8. No line break is part of a letter. */
function brokenLine(bytes) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let line = 1, from = 0; ; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    try {
      decoder.decode(bytes.subarray(from, end < 0 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    from = end + 1;
  }
}
