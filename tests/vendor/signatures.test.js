// Our verification of webhooks agrees with the vendors' own packages, both ways: what theirs accepts ours accepts, what
// theirs refuses ours refuses, and what the simulators sign passes at both.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { Signature } from "@hubspot/api-client/lib/src/utils/signature.js";
import { PayloadError, Replayed, SignatureInvalid, verifyWebhook } from "@taxpoynt/engine";
import { WebhooksHelper } from "square";
import { Chance, recorded, seed } from "./support.js";

const COUNT = 3000;
const NOW = Date.parse("2026-11-20T10:00:00Z");

const PIECES = [
  "", " ", "{}", "[]", "null", '{"a":1}', '{"name":"Adébáyọ̀ & Sọ́n"}', "ẹ̀kọ́", "日本語", "\u0000", "\ufeff", "\r\n", "\u2028",
  "👩🏾‍🍳", "é", "e\u0301", "\\u00e9", '"', "'", "<b>", "%3A%2f", "+", "=", "\u{10ffff}", "ß", "\ud7ff", "x".repeat(500),
];
const PATHS = ["", "/", "/hooks", "/hooks/", "/a%3Ab", "/a%2fb", "/q?x=1&y=2", "/q?x=%20&y=%3D", "/q?u=https%3A%2F%2Fx%40y", "/é/ẹ", "/%E1%BA%B9", "//", "/a;b,c!d$e'f(g)h*i", "/a%3bb%2Cc%21d%24e%27f%28g%29h%2Ai", "/?", "/%", "/%4", "/%zz", "/#part"];
const HOSTS = ["https://hooks.example.com", "https://hooks.example.com:8443", "http://127.0.0.1:9", "https://xn--rdsmrgs-p1a.example"];
const SECRETS = ["s", "simulated-secret", "ключ", "a b", "k".repeat(200), "\u0001"];

function body(chance) {
  let text = "";
  for (let n = chance.below(6); n > 0; n -= 1) text += chance.of(PIECES);
  return text;
}

// The escapes that HubSpot decodes before it signs (its page on request validation). Its package leaves that to the caller.
const DECODED = { "3A": ":", "2F": "/", "3F": "?", 40: "@", 21: "!", 24: "$", 27: "'", 28: "(", 29: ")", "2A": "*", "2C": ",", "3B": ";" };
const decoded = (url) => url.replace(/%([0-9a-fA-F]{2})/g, (whole, code) => DECODED[code.toUpperCase()] ?? whole);

/** Whether ours accepts the signature; a body that is signed and not what the platform documents counts as accepted. */
function ours(platform, request) {
  try {
    verifyWebhook(platform, { method: "POST", now: new Date(NOW), ...request });
    return true;
  } catch (error) {
    if (error instanceof PayloadError && error.field !== "headers") return true;
    assert.ok(error instanceof SignatureInvalid || error instanceof Replayed, String(error));
    return false;
  }
}

const square = {
  sign: (secret, url, text) => ({ "x-square-hmacsha256-signature": createHmac("sha256", secret).update(url + text).digest("base64") }),
  vendor: (secret, url, text, headers) =>
    WebhooksHelper.verifySignature({ requestBody: text, signatureHeader: headers["x-square-hmacsha256-signature"], signatureKey: secret, notificationUrl: url }),
};

const hubspot = {
  sign: (secret, url, text) => {
    const timestamp = NOW;
    const options = { clientSecret: secret, requestBody: text, url: decoded(url), timestamp };
    return { "x-hubspot-signature-v3": Signature.getSignature("POST", "v3", options), "x-hubspot-request-timestamp": String(timestamp) };
  },
  // Not `isValid`: it throws where the simulated time is not the machine's.
  vendor: async (secret, url, text, headers) => {
    const timestamp = headers["x-hubspot-request-timestamp"];
    const options = { clientSecret: secret, requestBody: text, url: decoded(url), timestamp };
    return Signature.getSignature("POST", "v3", options) === headers["x-hubspot-signature-v3"];
  },
};

/** One thing altered; never nothing. */
function altered(chance, given) {
  const header = Object.keys(given.headers)[0];
  switch (chance.below(5)) {
    case 0: return { ...given, text: given.text + " " };
    case 1: return { ...given, text: given.text === "" ? "x" : given.text.slice(1) + given.text[0] + "x" };
    case 2: return { ...given, url: `${given.url}/` };
    case 3: return { ...given, secret: `${given.secret}x` };
    default: {
      const signature = Buffer.from(given.headers[header], "base64");
      signature[chance.below(signature.length)] ^= 1 << chance.below(8);
      return { ...given, headers: { ...given.headers, [header]: signature.toString("base64") } };
    }
  }
}

for (const [platform, scheme] of Object.entries({ square, hubspot })) {
  test(`${platform}: ${COUNT} seeded webhooks are judged as the vendor's package judges them (seed ${seed})`, async () => {
    const chance = new Chance(seed);
    const counts = { accepted: 0, refused: 0 };
    for (let nth = 0; nth < COUNT; nth += 1) {
      const [secret, url, text] = [chance.of(SECRETS), chance.of(HOSTS) + chance.of(PATHS), body(chance)];
      const good = { secret, url, text, headers: scheme.sign(secret, url, text) };
      for (const given of [good, altered(chance, good)]) {
        const theirs = await scheme.vendor(given.secret, given.url, given.text, given.headers);
        const own = ours(platform, { url: given.url, headers: given.headers, body: Buffer.from(given.text), secret: given.secret });
        assert.equal(own, theirs, `seed ${seed}, webhook ${nth}: ${JSON.stringify(given)}`);
        assert.equal(theirs, given === good, `seed ${seed}, webhook ${nth}: ${JSON.stringify(given)}`);
        counts[theirs ? "accepted" : "refused"] += 1;
      }
    }
    assert.deepEqual(counts, { accepted: COUNT, refused: COUNT });
  });

  test(`${platform}: what the simulator signs passes at the vendor's package and here`, async () => {
    const deliveries = recorded("deliveries.jsonl").filter((delivery) => delivery.platform === platform);
    assert.ok(deliveries.length > 5, `only ${deliveries.length} deliveries were recorded`);
    let compared = 0;
    for (const { secret, url, headers, body: text } of deliveries) {
      assert.ok(await scheme.vendor(secret, url, text, headers), `the vendor's package refuses ${url} ${text}`);
      const stamp = headers["x-hubspot-request-timestamp"];
      const now = new Date(Number(stamp ?? NOW));
      assert.ok(ours(platform, { url, headers, body: Buffer.from(text), secret, now }), `we refuse ${url} ${text}`);
      compared += 1;
    }
    assert.equal(compared, deliveries.length);
  });
}
