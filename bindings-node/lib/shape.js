// Objects of the public surface from the JSON of the native module: every member is there, and none can be changed.

import { snake } from "./names.js";

/** A member that is always there. */
export const given = (value, at) => {
  if (value === undefined || value === null) throw new TypeError(`the native module did not give ${at}`);
  return value;
};

/** A member that may be null. */
export const maybe = (value) => value ?? null;
maybe.nullable = true;

/** A member with a value of its own where nothing is said. */
export const otherwise = (fallback) => (value) => value ?? fallback;

/** A member that may be null, read as `kind`. */
export function optional(kind) {
  const read = (value, at) => (value === undefined || value === null ? null : kind(value, at));
  read.nullable = true;
  return read;
}

/** A list of `kind`. */
export const list = (kind) => (value, at) => Object.freeze((value ?? []).map((item) => kind(item, at)));

/** An object of these members. */
export function shape(members) {
  const plan = Object.entries(members).map(([name, kind]) => [name, snake(name), kind]);
  const read = (value, at = "it") =>
    Object.freeze(Object.fromEntries(plan.map(([name, there, kind]) => [name, kind(value[there], `${at}.${name}`)])));
  // What `types/check.js` compares with the declarations: each member, and whether it may be null.
  read.members = new Map(plan.map(([name, , kind]) => [name, kind.nullable === true]));
  return read;
}

/** What was found, read as `kind`; null where there is nothing. */
export function perhaps(kind, found) {
  return found === null ? null : kind(found);
}

/** Reads a row as an instance of a class. */
export const instance = (Kind) => (row) => new Kind(row);

/** Each row, read as `kind`. */
export function each(kind, found) {
  return found.map((row) => kind(row));
}
