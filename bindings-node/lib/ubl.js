// UBL 2.1: read a document, list the rules it breaks, and say what a rule wants.

import { payload } from "./errors.js";
import { Explanation, Fault } from "./fault.js";
import { Invoice } from "./invoice.js";
import { buffer } from "./json.js";
import { call, native } from "./native.js";
import { options, text, texts } from "./options.js";

export function parse(xml) {
  const read = bytes(xml, "ubl.parse");
  return new Invoice(call("ubl.parse", () => native.Invoice.fromUbl(read)));
}

export function validate(xml, given) {
  const { rulesets: wanted = ["ubl21", "en16931", "peppol"] } = options("ubl.validate", given, ["rulesets"]);
  const names = texts("ubl.validate", "rulesets", wanted);
  const read = bytes(xml, "ubl.validate");
  return JSON.parse(call("ubl.validate", () => native.validate(read, names))).map((fault) => Fault(fault));
}

export function rulesets() {
  return native.rulesets();
}

export function ruleIds(ruleset) {
  const name = text("ubl.ruleIds", "ruleset", ruleset);
  return call("ubl.ruleIds", () => native.ruleIds(name));
}

export function explain(id) {
  const asked = text("ubl.explain", "id", id);
  const rule = JSON.parse(call("ubl.explain", () => native.explain(asked)));
  return rule === null ? null : Explanation(rule);
}

function bytes(xml, operation) {
  if (typeof xml === "string") return Buffer.from(xml);
  const read = buffer(xml);
  if (read === undefined) throw payload(operation, "xml", `xml is a Buffer, a Uint8Array or text, found ${typeof xml}`);
  return read;
}
