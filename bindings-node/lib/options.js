// What a method is told beside its arguments.

import { config } from "./errors.js";

/**
 * Options a method was given. A name it does not have is refused: a misspelt `tenant` would show every tenant's rows,
 * and so would one that came out undefined.
 */
export function options(operation, given, names) {
  if (given === undefined) return {};
  if (given === null || typeof given !== "object") throw config(operation, `${operation}: the options are an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!names.includes(name)) {
      throw config(operation, `there is no option ${JSON.stringify(name)}; there is ${names.join(", ")}`, name);
    }
    if (name === "tenant" && typeof value !== "string" && operation.startsWith("engine.")) {
      throw config(operation, "tenant is no id: leave the option out for every tenant's", name);
    }
  }
  return given;
}

/** Text. What is none is named by its type alone: it may be a secret in a wrong place. */
export function text(operation, field, value) {
  if (typeof value === "string") return value;
  throw config(operation, `${field} is text, found ${typeOf(value)}`, field);
}

/** One text or several. */
export function texts(operation, field, value) {
  if (typeof value === "string") return [value];
  if (typeof value?.[Symbol.iterator] === "function") return Array.from(value, (one) => text(operation, field, one));
  throw config(operation, `${field} is text or a list of texts, found ${typeOf(value)}`, field);
}

function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** A whole number from 0, for the native module. */
export function whole(operation, field, value) {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const found = typeof value === "number" ? value : typeOf(value);
  throw config(operation, `${field} is a whole number from 0, found ${found}`, field);
}

/** Options of listings that are no text. */
const FLAGS = ["held", "faulty", "ignored"];

/** A filter for the native module. */
export function listing(operation, given, names) {
  const { limit, ...filter } = options(operation, given, names);
  // The cursor of a last page is null: there is nothing after it, and it must not mean "from the start".
  if (filter.cursor === null) throw config(operation, "cursor is null: that page was the last one", "cursor");
  const told = Object.entries(filter).filter(([, value]) => value !== undefined);
  const read = (name, value) => (FLAGS.includes(name) ? flag : text)(operation, name, value);
  return {
    ...Object.fromEntries(told.map(([name, value]) => [name, read(name, value)])),
    limit: limit === undefined ? undefined : whole(operation, "limit", limit),
  };
}

/** Yes or no. */
export function flag(operation, field, value) {
  if (typeof value === "boolean") return value;
  throw config(operation, `${field} is true or false`, field);
}
