/// <reference types="node" />

// Keys, stamps and sealed credentials.

import type { TimeText } from "./values.js";

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
