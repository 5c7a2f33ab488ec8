/// <reference types="node" />

// Values as they are handed over.

/** A decimal number, exactly as it counts: `"30342.06"`. */
export type Amount = string;

/** A calendar date, `"2026-11-02"`. */
export type DateText = string;

/** A time with its zone, `"2026-11-02T09:30:00Z"`. */
export type TimeText = string;

/** A JSON object as data. */
export type JsonObject = { [name: string]: any };

/**
 * JSON bytes, JSON text, or data. In data a number counts by its shortest form, up to 15 digits; one with more, NaN and
 * Infinity are refused by path. A `bigint` is exact.
 */
export type JsonInput = Uint8Array | ArrayBuffer | string | object;
