// `tax_amount` inside is `taxAmount` here.

/** `taxAmount` → `tax_amount`. */
export function snake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Deeper than anything a host is asked for; what contains itself ends here and is refused where it is written. */
const DEEPEST = 100;

/** Data with every name as it is inside. Names below a member `values` are the host's own. */
export function inside(value, depth = 0) {
  if (value === null || typeof value !== "object" || depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((item) => inside(item, depth + 1));
  if (typeof value.toJSON === "function") return inside(value.toJSON(), depth + 1);
  if (!plain(value)) return value;
  const read = (member, name) => (name === "values" ? table(member, depth) : inside(member, depth + 1));
  return renamed(value, snake, read);
}

function table(value, depth) {
  return plain(value) ? renamed(value, (key) => key, (member) => inside(member, depth + 1)) : value;
}

function renamed(object, rename, read) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), read(value, name)]));
}

function plain(value) {
  if (value === null || typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
