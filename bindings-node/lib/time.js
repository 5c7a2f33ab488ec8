// Times for the native module, as ISO 8601 text.

import { payload } from "./errors.js";

/** A `Date`, or text with its zone, which is read inside. */
export function moment(operation, field, at) {
  if (at === undefined || at === null || typeof at === "string") return at ?? undefined;
  if (at instanceof Date && !Number.isNaN(at.getTime())) return at.toISOString();
  throw payload(operation, field, `${field} is neither a valid Date nor text such as "2026-11-02T09:30:00Z"`);
}
