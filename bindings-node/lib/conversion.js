// A record straight to documents, without storage or network.

import { config } from "./errors.js";
import { Explained, Provenance } from "./explained.js";
import { Invoice } from "./invoice.js";
import { json } from "./json.js";
import { inside } from "./names.js";
import { call, native } from "./native.js";
import { flag, options, text, whole } from "./options.js";
import { given, list, otherwise, shape } from "./shape.js";

const RuleTemplate = shape({ name: given, about: given, text: given });

const Setting = shape({ name: given, description: given, required: given });

const PlatformFields = shape({
  id: given,
  name: given,
  family: given,
  auth: list(given),
  capabilities: list(given),
  settings: list(Setting),
  baseUrl: otherwise(""),
  setupForm: given,
});

/** For `types/check.js`. */
export const shapes = { PlatformFields, RuleTemplate, Setting };

export class Rules {
  #native;

  constructor(handle) {
    if (!(handle instanceof native.Rules)) throw new TypeError("rules are made by Rules.parse");
    this.#native = handle;
  }

  static parse(rules, tables = undefined) {
    const read = text("rules.parse", "text", rules);
    const files = Object.entries(tables ?? {}).map(([name, csv]) => [name, text("rules.parse", `tables.${name}`, csv)]);
    const given = tables === undefined || tables === null ? undefined : Object.fromEntries(files);
    return new Rules(call("rules.parse", () => native.Rules.parse(read, given)));
  }

  static templates() {
    return JSON.parse(call("rules.templates", () => native.Rules.templates())).map((row) => RuleTemplate(row));
  }

  static jsonSchema() {
    return JSON.parse(call("rules.json_schema", () => native.Rules.jsonSchema()));
  }

  /** The native rules of `rules`, its text, or nothing. */
  static handle(rules) {
    if (rules === undefined || rules === null) return undefined;
    if (typeof rules === "string") return Rules.parse(rules).#native;
    if (typeof rules === "object" && #native in rules) return rules.#native;
    throw config("convert", "rules are made by Rules.parse, or their text", "rules");
  }
}

// Private to the package: a handle is of no use to a host.
const handleOf = Rules.handle;
delete Rules.handle;

export class Outcome {
  #provenance;
  #explainer;

  constructor({ invoice, held, remarks, provenance, explainer }) {
    const document = invoice ? new Invoice(invoice) : null;
    this.#provenance = provenance;
    this.#explainer = explainer;
    this.kind = document?.type ?? "held";
    this.reason = held ? Object.freeze({ code: held[0], message: held[1] }) : null;
    this.invoice = document;
    this.remarks = Object.freeze(remarks);
    Object.freeze(this);
  }

  explain() {
    return JSON.parse(this.#provenance).map((row) => Provenance(row));
  }

  explanation() {
    return Explained(JSON.parse(call("convert.explain", () => this.#explainer.json())), "explained");
  }
}

const CONVERT = ["tenant", "rules", "issued", "sequence", "issueDate", "approved"];

export function convert(platform, record, given) {
  const { tenant, rules, issued = [], sequence = 1, issueDate, approved = false } = options("convert", given, CONVERT);
  if (tenant === undefined || tenant === null) throw config("convert", "convert needs the seller: tenant", "tenant");
  const name = text("convert", "platform", platform);
  const read = json(record, "convert.record");
  const told = {
    tenant: json(inside(tenant), "convert.tenant"),
    issued: json(inside(listed(issued)), "convert.issued"),
    sequence: whole("convert", "sequence", sequence),
    issueDate: day("convert", "issueDate", issueDate),
    approved: flag("convert", "approved", approved),
  };
  const layer = handleOf(rules);
  return call("convert", () => native.convert(name, read, told, layer)).map((row) => new Outcome(row));
}

function listed(issued) {
  if (typeof issued?.[Symbol.iterator] === "function" && typeof issued !== "string") return Array.from(issued);
  throw config("convert", "issued is a list of what was invoiced before", "issued");
}

/** A calendar date; a `Date` is a time, and which day that is depends on the zone. */
function day(operation, field, date) {
  return date === undefined || date === null ? undefined : text(operation, field, date);
}

export function irn(number, serviceId, issueDate) {
  const given = Object.entries({ number, serviceId, issueDate }).map(([name, value]) => text("irn", name, value));
  return call("irn", () => native.irn(...given));
}

export class PlatformInfo {
  constructor(fields) {
    Object.assign(this, fields);
    Object.freeze(this);
  }

  settingsSchema() {
    return this.setupForm.properties.settings;
  }
}

export function platforms() {
  return JSON.parse(call("platforms", () => native.platforms())).map((info) => new PlatformInfo(PlatformFields(info)));
}

export function registerTemplate(content, { name = "template.toml" } = {}) {
  const given = [text("template.register", "text", content), text("template.register", "name", name)];
  const id = call("template.register", () => native.registerTemplate(...given));
  return platforms().find((info) => info.id === id);
}
