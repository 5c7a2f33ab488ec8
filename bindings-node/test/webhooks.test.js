// Webhooks verify by published vectors, and nothing else does.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { ConfigError, PayloadError, Replayed, SignatureInvalid, verifyWebhook } from "@taxpoynt/engine";
import { reference } from "./support.js";

const URL = "https://host.example/hooks/square";
const square = (key, body, url = URL) => ({
  "X-Square-HmacSha256-Signature": createHmac("sha256", key).update(url).update(body).digest("base64"),
});
const updated = () => reference("peer-inputs", "square_webhook_payment_updated.json");

test("published Square vectors verify as they should", () => {
  const { vectors } = JSON.parse(reference("platforms", "square", "signature_vectors.json"));
  assert.deepEqual(new Set(vectors.map((vector) => vector.valid)), new Set([true, false]));
  for (const vector of vectors) {
    const request = {
      method: "POST",
      url: vector.notification_url,
      headers: { "x-square-hmacsha256-signature": vector.signature },
      body: vector.body,
      secret: vector.signature_key,
    };
    let verified = true;
    try {
      verifyWebhook("square", request);
    } catch (error) {
      // A PayloadError: signed, but not a body Square documents.
      assert.ok(error instanceof SignatureInvalid || error instanceof PayloadError, String(error));
      verified = error instanceof PayloadError;
    }
    assert.equal(verified, vector.valid, vector.source);
  }
});

test("an event says what happened, where and when", () => {
  const body = updated();
  const request = { method: "POST", url: URL, headers: square("key", body), body, secret: "key" };
  const [event] = verifyWebhook("square", request);
  assert.deepEqual({ ...event, occurredAt: new Date(event.occurredAt).toISOString() }, {
    eventId: "6a8f5f28-54a1-4eb0-a98a-3111513fd4fc",
    kind: "payment.updated",
    account: "MLEXAMPLE01",
    recordKind: "order",
    recordId: "CAISENgvlJ6jLWAzERDzjyHVybY",
    occurredAt: "2026-10-14T11:03:03.100Z",
  });
});

test("headers come in any form and case, the body as bytes or text", () => {
  const body = updated();
  const signed = square("key", body);
  const [[name, value]] = Object.entries(signed);
  for (const headers of [
    { [name.toUpperCase()]: value },
    { [name]: [value], cookie: undefined },
    new Headers(signed),
    new Map(Object.entries(signed)),
    [[name.toLowerCase(), value]],
    new Headers(signed).entries(),
  ]) {
    const events = verifyWebhook("square", { method: "POST", url: URL, headers, body, secret: "key" });
    assert.equal(events.length, 1);
  }
  for (const form of [body.toString(), new Uint8Array(body), new Uint8Array(body).buffer]) {
    const request = { method: "POST", url: URL, headers: signed, body: form, secret: "key" };
    assert.equal(verifyWebhook("square", request).length, 1);
  }
});

test("while a secret is rotated both verify", () => {
  const body = updated();
  for (const key of ["old", "new"]) {
    const request = { method: "POST", url: URL, headers: square(key, body), body };
    assert.equal(verifyWebhook("square", { ...request, secret: ["new", "old"] }).length, 1);
    assert.throws(
      () => verifyWebhook("square", { ...request, secret: "another" }),
      (error) => {
        assert.ok(error instanceof SignatureInvalid, String(error));
        assert.equal(error.kind, "signature_invalid");
        assert.ok(!error.stack.includes('"another"') && !JSON.stringify(error.context).includes("another"));
        return true;
      },
    );
  }
});

test("a signature header that is there twice is nobody's", () => {
  const body = updated();
  const [[name, value]] = Object.entries(square("key", body));
  for (const headers of [{ [name]: [value, value] }, [[name, value], [name.toLowerCase(), value]]]) {
    assert.throws(
      () => verifyWebhook("square", { method: "POST", url: URL, headers, body, secret: "key" }),
      SignatureInvalid,
    );
  }
});

const HUBSPOT = "https://host.example/hooks/hubspot";

function hubspot(secret, body, at) {
  const stamp = String(at.getTime());
  const signed = Buffer.concat([Buffer.from(`POST${HUBSPOT}`), body, Buffer.from(stamp)]);
  const signature = createHmac("sha256", secret).update(signed).digest("base64");
  return { "X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp };
}

test("a repeated delivery is refused after its time", () => {
  const body = reference("peer-inputs", "hubspot_webhook_batch.json");
  const at = new Date("2026-10-03T12:00:00+01:00");
  const request = { method: "POST", url: HUBSPOT, headers: hubspot("s", body, at), body, secret: "s" };
  for (const now of [new Date(at.getTime() + 60_000), "2026-10-03T12:01:00+01:00", "2026-10-03T11:01:00Z"]) {
    const events = verifyWebhook("hubspot", { ...request, now });
    assert.deepEqual(events.map((event) => [event.recordKind, event.recordId, event.account]), [
      ["deal", "9823451207", "33"],
      ["deal", "9823451208", "33"],
    ]);
  }
  assert.throws(() => verifyWebhook("hubspot", { ...request, now: new Date(at.getTime() + 600_000) }), Replayed);
});

test("a time without a zone or a date that is none is refused", () => {
  const request = { method: "POST", url: URL, headers: {}, body: "{}", secret: "s" };
  for (const now of ["2026-01-01T00:00:00", "yesterday", new Date(NaN), 5]) {
    assert.throws(
      () => verifyWebhook("square", { ...request, now }),
      (error) => error instanceof PayloadError && error.field === "now",
    );
  }
});

test("a header that is none is refused", () => {
  for (const headers of [{ "bad name": "x" }, { x: "a\nb" }, ["x"]]) {
    assert.throws(
      () => verifyWebhook("square", { method: "POST", url: URL, headers, body: "{}", secret: "s" }),
      (error) => error instanceof PayloadError && error.field === "headers",
    );
  }
});

test("a character no wire carries does not become another", () => {
  // U+0131 shares its low byte with "1".
  const body = updated();
  const [[name, value]] = Object.entries(square("key", body));
  const forged = [...value].map((c) => String.fromCharCode(c.charCodeAt(0) + 0x100)).join("");
  assert.throws(
    () => verifyWebhook("square", { method: "POST", url: URL, headers: { [name]: forged }, body, secret: "key" }),
    SignatureInvalid,
  );
});

test("a body that was parsed already is refused with what to do", () => {
  for (const body of [{ type: "payment.updated" }, undefined, null]) {
    assert.throws(
      () => verifyWebhook("square", { method: "POST", url: URL, headers: {}, body, secret: "s" }),
      (error) => error instanceof PayloadError && error.field === "body" && /raw bytes/.test(error.message),
    );
  }
});

test("without a secret nothing verifies", () => {
  const body = updated();
  for (const secret of ["", [], [""], undefined]) {
    const request = { method: "POST", url: URL, headers: square("", body), body, secret };
    assert.throws(() => verifyWebhook("square", request), SignatureInvalid);
  }
  const request = { method: "POST", url: URL, headers: {}, body, secret: [5] };
  assert.throws(() => verifyWebhook("square", request), ConfigError);
});
