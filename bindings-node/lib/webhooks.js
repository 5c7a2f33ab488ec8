// Webhooks: who sent it, what it announces, and what the engine keeps of them.

import { config, payload } from "./errors.js";
import { buffer } from "./json.js";
import { call, native } from "./native.js";
import { options, text, texts } from "./options.js";
import { given, list, maybe, shape } from "./shape.js";
import { moment } from "./time.js";

const WebhookEvent = shape({
  eventId: given,
  kind: given,
  account: maybe,
  recordKind: maybe,
  recordId: maybe,
  occurredAt: maybe,
});

export const Subscription = shape({
  id: given,
  platform: given,
  connectionId: maybe,
  externalId: given,
  baseUrl: maybe,
  url: given,
  events: list(given),
  state: given,
  message: maybe,
  createdAt: given,
  checkedAt: given,
  checkAt: given,
});

export const SubscriptionCheck = shape({
  platform: given,
  connectionId: maybe,
  outcome: given,
  drift: list(given),
  message: maybe,
});

export const WebhookSecret = shape({ id: maybe, origin: given, addedAt: maybe, retiredAt: maybe });

const GuideStep = shape({ text: given, paste: list(given) });

const GuideEvent = shape({ name: given, why: given });

const GuideFile = shape({ name: given, content: given });

export const WebhookGuide = shape({
  platform: given,
  title: given,
  before: given,
  steps: list(GuideStep),
  url: given,
  events: list(GuideEvent),
  secret: given,
  check: given,
  files: list(GuideFile),
  automatic: given,
  text: given,
});

const DeliveryEvent = shape({ eventId: given, kind: given, recordId: maybe });

export const Delivery = shape({
  id: given,
  connectionId: given,
  tenantId: given,
  receivedAt: given,
  bytes: given,
  events: list(DeliveryEvent),
  faults: list(given),
  shared: given,
  replays: given,
  replayedAt: maybe,
});

export const ReplayReport = shape({ deliveries: given, queued: given, faulty: given });

/** For `types/check.js`. */
export const shapes = {
  Delivery,
  DeliveryEvent,
  GuideEvent,
  GuideFile,
  GuideStep,
  ReplayReport,
  Subscription,
  SubscriptionCheck,
  WebhookEvent,
  WebhookGuide,
  WebhookSecret,
};

const VERIFY = ["method", "url", "headers", "body", "secret", "now"];

export function verifyWebhook(platform, given) {
  const { secret, now, ...rest } = options("webhook.verify", given, VERIFY);
  const asked = request("webhook.verify", rest);
  const secrets = texts("webhook.verify", "secret", secret ?? []);
  const name = text("webhook.verify", "platform", platform);
  const at = moment("webhook.verify", "now", now);
  const events = JSON.parse(call("webhook.verify", () => native.verifyWebhook(name, asked, secrets, at)));
  return events.map((row) => WebhookEvent(row));
}

/** A request for the native module. */
export function request(operation, { method, url, headers, body }) {
  return {
    method: text(operation, "method", method),
    url: text(operation, "url", url),
    headers: pairs(operation, headers),
    body: raw(operation, body),
  };
}

/** Names and values behind each other, from whatever a framework has. */
function pairs(operation, headers) {
  if (headers === undefined || headers === null || typeof headers !== "object") {
    throw config(operation, "headers are an object, a Headers, or pairs of name and value", "headers");
  }
  const entries = typeof headers[Symbol.iterator] === "function" ? Array.from(headers) : Object.entries(headers);
  return entries.flatMap((entry) => {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw payload(operation, "headers", "headers that are a list hold pairs of name and value");
    }
    const [name, value] = entry;
    // Node lists a repeated header under one name, and some of its own as undefined.
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return values.flatMap((one) => [character(name), character(one)]);
  });
}

/** Node gives each byte of a header as one character. */
function character(text) {
  return buffer(text)?.toString("latin1") ?? String(text);
}

function raw(operation, body) {
  if (typeof body === "string") return Buffer.from(body);
  const bytes = buffer(body);
  if (bytes) return bytes;
  const message =
    "body is not the raw bytes: signatures cover what arrived, so take it before any parser, " +
    "as with express.raw() or Buffer.from(await request.arrayBuffer())";
  throw payload(operation, "body", message);
}
