// Stamps decrypt with the authority's key, and sealed values open only where they belong.

import assert from "node:assert/strict";
import { constants, createDecipheriv, createHmac, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError, CryptoKeys, Engine, PayloadError, Stamp, Vault } from "@taxpoynt/engine";
import { reference } from "./support.js";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = publicKey.export({ type: "spki", format: "pem" });
const twice = (bytes) => Buffer.from(Buffer.from(bytes).toString("base64")).toString("base64");
const CERTIFICATE = twice(Uint8Array.from({ length: 32 }, (_, i) => i));
const FORMS = {
  json: JSON.stringify({ public_key: Buffer.from(PEM).toString("base64"), certificate: CERTIFICATE }),
  pem: `${PEM}${CERTIFICATE}\n`,
};

/** PKCS#1 v1.5 by hand: Node refuses that padding in `privateDecrypt` unless OpenSSL rejects implicitly. */
function decrypted(payload) {
  const padded = privateDecrypt(
    { key: privateKey, padding: constants.RSA_NO_PADDING },
    Buffer.from(payload, "base64"),
  );
  assert.deepEqual([...padded.subarray(0, 2)], [0, 2]);
  const end = padded.indexOf(0, 2);
  assert.ok(end >= 10, "at least 8 bytes of padding");
  return padded.subarray(end + 1).toString();
}

for (const [form, text] of Object.entries(FORMS)) {
  test(`a stamp of keys in ${form} form decrypts to what the authority expects`, () => {
    const vectors = JSON.parse(reference("firs", "vectors", "stamp-vectors.json"));
    const keys = CryptoKeys.parse(text);
    const inSeconds = vectors.cases.filter((one) => !("timestamp_style" in one));
    assert.ok(inSeconds.length > 0);
    for (const one of inSeconds) {
      const at = new Date(Number(one.timestamp) * 1000);
      for (const stamp of [keys.stamp(one.irn, at), keys.stamp(one.irn, at.toISOString())]) {
        assert.equal(stamp.payload.length, vectors.base64_len);
        assert.equal(decrypted(stamp.payload), one.plaintext);
      }
    }
  });
}

test("a stamp has pictures and can be made from its text", () => {
  const stamp = CryptoKeys.parse(FORMS.json).stamp("INV001-94ND90NR-20240611");
  assert.match(stamp.qrSvg(), /^<svg/);
  assert.deepEqual(stamp.qrPng().subarray(0, 4), Buffer.from("\x89PNG", "latin1"));
  const again = Stamp.of(stamp.payload);
  assert.deepEqual([again.payload, again.qrSvg()], [stamp.payload, stamp.qrSvg()]);
});

test("a stamp writes its time as it is told, and an unknown way is refused by name", () => {
  const vectors = JSON.parse(reference("firs", "vectors", "stamp-vectors.json"));
  const one = vectors.cases.find((one) => "timestamp_style" in one);
  const keys = CryptoKeys.parse(FORMS.json);
  assert.equal(decrypted(keys.stamp(one.irn, "2024-11-14T16:59:04.007Z", "local_time_of_day").payload), one.plaintext);
  assert.throws(() => keys.stamp(one.irn, null, "minutes"), (error) => {
    return error instanceof ConfigError && error.context.field === "time" && error.message.includes("unix_seconds");
  });
});

test("a picture is as wide as the print head, or is refused", () => {
  const stamp = CryptoKeys.parse(FORMS.json).stamp("INV001-94ND90NR-20240611");
  const width = (png) => png.readUInt32BE(16);
  assert.deepEqual([width(stamp.qrPngForRoll(384)), width(stamp.qrPngForRoll(576))], [384, 576]);
  for (const dots of [242, 0, -1, 384.5, "384", undefined]) {
    assert.throws(() => stamp.qrPngForRoll(dots), (error) => error instanceof ConfigError && error.context.field === "dots");
  }
});

test("without a time the stamp says now", () => {
  const before = Math.floor(Date.now() / 1000);
  const stamp = CryptoKeys.parse(FORMS.pem).stamp("INV001-94ND90NR-20240611");
  const seconds = Number(JSON.parse(decrypted(stamp.payload)).irn.split(".")[1]);
  assert.ok(before <= seconds && seconds <= Date.now() / 1000, String(seconds));
});

test("an unusable key file is refused without showing it", () => {
  const text = JSON.stringify({ public_key: "c2VjcmV0LXRoaW5n", certificate: CERTIFICATE });
  assert.throws(
    () => CryptoKeys.parse(text),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.context.field, "public_key");
      assert.ok(!inspect(error).includes("c2VjcmV0") && !inspect(error).includes(CERTIFICATE));
      return true;
    },
  );
  const keys = CryptoKeys.parse(FORMS.json);
  assert.ok(!inspect(keys, { showHidden: true }).includes(CERTIFICATE));
  assert.throws(() => keys.stamp("not an irn"), PayloadError);
});

test("a sealed value opens only where it belongs", () => {
  const vault = new Vault([Vault.generateKey()]);
  const value = { token: "t", rate: 7.5, n: 1, of: [null, true] };
  const sealed = vault.seal(value, { context: "connection:1" });
  assert.deepEqual(vault.open(sealed, { context: "connection:1" }), value);
  for (const [token, context] of [
    [sealed, "connection:2"],
    [`${sealed.slice(0, -4)}AAAA`, "connection:1"],
    ["", "connection:1"],
  ]) {
    assert.throws(() => vault.open(token, { context }), ConfigError);
  }
  assert.equal(vault.open(vault.seal("just text", { context: "c" }), { context: "c" }), "just text");
  assert.throws(() => vault.seal(value), ConfigError);
  assert.throws(() => vault.seal(undefined, { context: "c" }), PayloadError);
});

test("what the vault sealed is Fernet, which other hosts read", () => {
  const key = Vault.generateKey();
  const token = Buffer.from(new Vault(key).seal({ a: 1 }, { context: "here" }), "base64url");
  const [signing, encryption] = [0, 16].map((from) => Buffer.from(key, "base64url").subarray(from, from + 16));
  const [signed, mac] = [token.subarray(0, -32), token.subarray(-32)];
  assert.deepEqual(createHmac("sha256", signing).update(signed).digest(), mac);
  const decipher = createDecipheriv("aes-128-cbc", encryption, signed.subarray(9, 25));
  const plain = Buffer.concat([decipher.update(signed.subarray(25)), decipher.final()]);
  assert.deepEqual(JSON.parse(plain), { context: "here", value: { a: 1 } });
});

test("after rotation the old key is not needed", () => {
  const [old, young] = [Vault.generateKey(), Vault.generateKey()];
  const sealed = new Vault([old]).seal({ a: 1 }, { context: "c" });
  const rotated = new Vault([young, old]).rotate(sealed);
  assert.deepEqual(new Vault([young]).open(rotated, { context: "c" }), { a: 1 });
  assert.throws(() => new Vault([young]).open(sealed, { context: "c" }), ConfigError);
});

test("without a good key there is no vault", () => {
  for (const keys of [[], ["short"], [""], undefined, [5]]) {
    assert.throws(
      () => new Vault(keys),
      (error) => error instanceof ConfigError && !error.message.includes("short"),
    );
  }
});

const CANARY = "canary-secret-that-no-exception-shows";

/** Everything an error shows to whoever looks; its stack holds the source's lines of nobody. */
function shown(error) {
  const seen = [error.message, String(error), inspect(error, { depth: null, showHidden: true }), JSON.stringify(error)];
  return error.cause ? [...seen, ...shown(error.cause)] : seen;
}

test("no exception shows a secret", async () => {
  const vault = new Vault(Vault.generateKey());
  const sealed = vault.seal(CANARY, { context: "here" });
  const open = async (changed) => (await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()], ...changed })).close();
  const tenant = async (authority) => {
    const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()] });
    try {
      await engine.addTenant({ name: "Ada Foods", tin: "1", authority });
    } finally {
      await engine.close();
    }
  };
  const attempts = [
    async () => new Vault([CANARY]),
    async () => vault.open(CANARY, { context: "here" }),
    async () => vault.open(sealed, { context: "elsewhere" }),
    async () => vault.rotate(CANARY),
    async () => CryptoKeys.parse(CANARY),
    () => open({ keys: [CANARY] }),
    () => open({ authority: { baseUrl: `https://user:${CANARY}@authority.example` } }),
    () => open({ authority: { baseUrl: `https://user:${CANARY}@no host` } }),
    () => open({ authority: { baseUrl: "https://a.example", apiKey: [CANARY], apiSecret: CANARY } }),
    () => open({ apps: { square: { webhookSecret: { value: CANARY } } } }),
    () => tenant(CANARY),
    () => tenant({ apiKey: [CANARY], apiSecret: CANARY }),
    () => tenant({ apiKey: CANARY, apiSecret: CANARY, baseUrl: `https://user:${CANARY}@a.example` }),
    () => tenant({ cryptoKeys: CANARY }),
  ];
  for (const [number, attempt] of attempts.entries()) {
    await assert.rejects(attempt, (error) => {
      for (const text of shown(error)) assert.ok(!text?.includes(CANARY), `${number}: ${text}`);
      return true;
    });
  }
});

test("keys are rotated while the engine is open", async () => {
  const folder = await mkdtemp(join(tmpdir(), "taxpoynt-keys-"));
  const url = `sqlite://${folder}/keys.db`;
  const [old, young] = [Vault.generateKey(), Vault.generateKey()];
  const first = await Engine.open(url, { keys: [old] });
  await first.addTenant({ name: "Ada Foods", tin: "1", authority: { apiKey: CANARY, apiSecret: CANARY } });
  await first.close();
  await assert.rejects(Engine.open(url, { keys: [young] }), ConfigError);
  const lost = await Engine.open(url, { keys: [young], keysLost: true });
  assert.deepEqual((await lost.keyReport()).lost.map((value) => value.place), ["tenants.sealed"]);
  await lost.close();
  const both = await Engine.open(url, { keys: [young, old] });
  const report = await both.rotateKeys();
  assert.deepEqual([report.of, report.done, report.left, report.byKey], [1, 1, 0, [1, 0]]);
  await both.close();
  await rm(folder, { recursive: true });
});
