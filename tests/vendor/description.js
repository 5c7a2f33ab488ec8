// A platform's API description, cut down to what is called: Prism reads the whole of Square's for many seconds.

import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reference } from "./support.js";

/** The one description of a platform among the reference data, or null. */
export function description(platform) {
  const folder = join(reference, "platforms", platform, "openapi");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return files.length === 1 ? join(folder, files[0]) : null;
}

/** The described path that a called one is an instance of; one without a parameter goes first. */
export function template(spec, path) {
  const called = path.split("?")[0];
  const matches = (described) =>
    new RegExp(`^${described.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+")}$`).test(called);
  return Object.keys(spec.paths).filter(matches).sort((a, b) => a.split("{").length - b.split("{").length)[0];
}

/** Everything below `node` that says where else to look. */
function references(node, found) {
  if (Array.isArray(node)) node.forEach((child) => references(child, found));
  else if (node && typeof node === "object") {
    if (typeof node.$ref === "string") found.push(node.$ref);
    Object.values(node).forEach((child) => references(child, found));
  }
  return found;
}

/** The description of the called paths alone, with whatever they refer to, unaltered, in a file of its own. */
export function reduced(file, paths) {
  const spec = JSON.parse(readFileSync(file, "utf8"));
  const undescribed = paths.filter((path) => !template(spec, path));
  if (undescribed.length > 0) throw new Error(`not in the platform's own API description: ${undescribed.join(", ")}`);
  const kept = new Set(paths.map((path) => template(spec, path)));
  const small = { ...spec, paths: Object.fromEntries(Object.entries(spec.paths).filter(([path]) => kept.has(path))) };
  small.components = { securitySchemes: spec.components.securitySchemes };
  const open = references(small, []);
  while (open.length > 0) {
    const [kind, name] = open.pop().replace("#/components/", "").split("/");
    small.components[kind] ??= {};
    if (small.components[kind][name] !== undefined) continue;
    const part = spec.components[kind]?.[name];
    if (part === undefined) throw new Error(`the description refers to ${kind}/${name} and does not hold it`);
    small.components[kind][name] = part;
    open.push(...references(part, []));
  }
  const path = join(mkdtempSync(join(tmpdir(), "taxpoynt-description-")), "openapi.json");
  writeFileSync(path, JSON.stringify(small));
  return path;
}
