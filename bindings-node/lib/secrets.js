// The stamp's keys and the vault. What they hold stays in the native module.

import { config } from "./errors.js";
import { data } from "./json.js";
import { call, native } from "./native.js";
import { options, text, texts } from "./options.js";
import { moment } from "./time.js";

export class CryptoKeys {
  #native;

  constructor(handle) {
    if (!(handle instanceof native.CryptoKeys)) throw new TypeError("keys are made by CryptoKeys.parse");
    this.#native = handle;
  }

  static parse(keyFile) {
    const read = text("stamp.keys", "text", keyFile);
    return new CryptoKeys(call("stamp.keys", () => native.CryptoKeys.parse(read)));
  }

  stamp(irn, at, time) {
    const when = moment("stamp.stamp", "at", at);
    const number = text("stamp.stamp", "irn", irn);
    const written = time == null ? undefined : text("stamp.stamp", "time", time);
    return new Stamp(call("stamp.stamp", () => this.#native.stamp(number, when, written)));
  }
}

export class Stamp {
  #native;

  constructor(handle) {
    if (!(handle instanceof native.Stamp)) throw new TypeError("a stamp is made by CryptoKeys.stamp or Stamp.of");
    this.#native = handle;
  }

  static of(payload) {
    const held = text("stamp.of", "payload", payload);
    return new Stamp(call("stamp.of", () => native.Stamp.of(held)));
  }

  get payload() {
    return this.#native.payload();
  }

  qrSvg() {
    return call("stamp.qr_svg", () => this.#native.qrSvg());
  }

  qrPng() {
    return call("stamp.qr_png", () => this.#native.qrPng());
  }

  qrPngForRoll(dots) {
    if (!Number.isInteger(dots) || dots < 1) {
      throw config("stamp.png", "dots is the width of the print head: a whole number such as 384", "dots");
    }
    return call("stamp.png", () => this.#native.qrPngForRoll(dots));
  }
}

export class Vault {
  #native;

  constructor(keys) {
    const list = texts("vault.open", "keys", keys);
    this.#native = call("vault.open", () => native.Vault.of(list));
  }

  static generateKey() {
    return native.Vault.generateKey();
  }

  seal(value, given) {
    const context = place("vault.seal", given);
    const plain = data(value, "vault.seal");
    return call("vault.seal", () => this.#native.seal(plain, context));
  }

  open(token, given) {
    const context = place("vault.open", given);
    const sealed = text("vault.open", "token", token);
    return JSON.parse(call("vault.open", () => this.#native.open(sealed, context)));
  }

  rotate(token) {
    const sealed = text("vault.rotate", "token", token);
    return call("vault.rotate", () => this.#native.rotate(sealed));
  }
}

function place(operation, given) {
  const { context } = options(operation, given, ["context"]);
  if (typeof context === "string") return context;
  throw config(operation, "a sealed value belongs to a place: give its name as { context }", "context");
}
