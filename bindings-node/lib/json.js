// JavaScript data → JSON text: a number is written as it reads, and what has no exact form is refused by path.

import { payload } from "./errors.js";

/** The most digits at which the shortest form of a double is always the decimal its author meant. */
const EXACT_DIGITS = 15;

/** Deeper than any record; a structure that contains itself ends here. */
const DEEPEST = 100;

/** JSON bytes or text as they are, JavaScript data as JSON text. */
export function json(value, operation) {
  if (typeof value === "string") return text(value, "", operation);
  return buffer(value) ?? data(value, operation);
}

/** JavaScript data as JSON text; a string is a value like any other. */
export function data(value, operation) {
  const written = write(value, "", 0, operation);
  if (written === undefined) throw refused(operation, "", `is ${typeof value}, which JSON does not have`);
  return written;
}

/** A Buffer over the same bytes; undefined for what holds none. */
export function buffer(value) {
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return Buffer.from(value);
  return undefined;
}

function write(given, path, depth, operation) {
  if (depth > DEEPEST) throw refused(operation, path, "is nested too deeply, or contains itself");
  const value = unwrapped(given);
  switch (typeof value) {
    case "string":
      return JSON.stringify(text(value, path, operation));
    case "number":
      return number(value, path, operation);
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return undefined;
    case "object":
      break;
    default:
      throw refused(operation, path, `is a ${typeof value}, which JSON does not have`);
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return list(value, path, depth, operation);
  if (buffer(value) || value instanceof Map || value instanceof Set) {
    throw refused(operation, path, `is a ${value.constructor.name}; JSON has objects, arrays, strings and numbers`);
  }
  return members(value, path, depth, operation);
}

/** As `JSON.stringify` takes it: what an object says of itself, or the value in a box. */
function unwrapped(value) {
  if (typeof value?.toJSON === "function") return value.toJSON();
  const boxed = value instanceof Number || value instanceof String || value instanceof Boolean;
  return boxed ? value.valueOf() : value;
}

function list(items, path, depth, operation) {
  const written = Array.from(items, (item, index) => {
    const at = `${path}[${index}]`;
    const one = write(item, at, depth + 1, operation);
    if (one === undefined) throw refused(operation, at, "is undefined, which JSON does not have");
    return one;
  });
  return `[${written.join(",")}]`;
}

function members(object, path, depth, operation) {
  const written = [];
  for (const [name, value] of Object.entries(object)) {
    const one = write(value, path === "" ? name : `${path}.${name}`, depth + 1, operation);
    // As everywhere in JavaScript, a member that is undefined is not there.
    if (one !== undefined) written.push(`${JSON.stringify(text(name, path, operation))}:${one}`);
  }
  return `{${written.join(",")}}`;
}

function text(value, path, operation) {
  if (value.isWellFormed()) return value;
  throw refused(operation, path, "holds half of a surrogate pair");
}

/** A number counts by its shortest form. Past 15 digits that form is no longer what its author meant. */
function number(value, path, operation) {
  if (!Number.isFinite(value)) throw refused(operation, path, `is ${value}, a number neither JSON nor money has`);
  const shortest = String(value);
  const digits = shortest.split("e")[0].replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
  if (digits.length > EXACT_DIGITS) {
    const what = `is the number ${shortest}: over ${EXACT_DIGITS} digits are not exact; give it as text`;
    throw refused(operation, path, what);
  }
  return shortest;
}

function refused(operation, path, what) {
  return payload(operation, path, `${path === "" ? "the value" : path} ${what}`);
}
