// A platform's API descriptions, cut down to what is called: Prism reads the whole of Square's for many seconds.

import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reference } from "./support.js";

/** The descriptions of a platform among the reference data; one of a version, `…-v2-…`, is of what lies below `/api/v2`. */
export function descriptions(platform) {
  const folder = join(reference, "platforms", platform, "openapi");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  if (files.length < 2) return files.map((name) => ({ file: join(folder, name), below: "" }));
  return files.sort().map((name) => {
    const version = /-v(\d+)-/.exec(name);
    if (!version) throw new Error(`${name}: of several descriptions each says its version`);
    return { file: join(folder, name), below: `/api/v${version[1]}` };
  });
}

/** Which of a platform's descriptions a call is judged by, and its path there; null where none holds it. */
export function judged(platform, path) {
  const all = descriptions(platform).map(({ file, below }) => ({ file, spec: specification(file), below }));
  const fits = all.map(({ file, spec, below }) => {
    const inside = path.startsWith(`${below}/`) ? path.slice(below.length) : path;
    return template(spec, inside) ? { file, path: inside } : null;
  });
  // The more particular folder first: what lies below it is not looked for elsewhere.
  return all.map(({ below }, nth) => (below !== "" && path.startsWith(`${below}/`) ? fits[nth] : null)).find(Boolean) ?? fits.find(Boolean) ?? null;
}

const read = new Map();
function specification(file) {
  if (!read.has(file)) read.set(file, JSON.parse(readFileSync(file, "utf8")));
  return read.get(file);
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

/**
 * The description of the called paths alone, with whatever they refer to, in a file of its own. Unaltered but for
 * `listed` and what `amend` does to it.
 */
export function reduced(file, paths, amend = () => {}) {
  const spec = specification(file);
  const undescribed = paths.filter((path) => !template(spec, path));
  if (undescribed.length > 0) throw new Error(`not in the platform's own API description: ${undescribed.join(", ")}`);
  const kept = new Set(paths.map((path) => template(spec, path)));
  const small = structuredClone({ ...spec, paths: Object.fromEntries(Object.entries(spec.paths).filter(([path]) => kept.has(path))) });
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
  listed(small);
  amend(small);
  const path = join(mkdtempSync(join(tmpdir(), "taxpoynt-description-")), "openapi.json");
  writeFileSync(path, JSON.stringify(small));
  return path;
}

/** A parameter whose words say that it is a list joined by commas, and whose schema knows only single values, is one. */
function listed(spec) {
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    for (const parameter of operation.parameters ?? []) {
      if (!/comma separated (string )?array/.test(parameter.description ?? "") || !parameter.schema?.enum) continue;
      parameter.schema = { type: "array", items: parameter.schema };
      Object.assign(parameter, { style: "form", explode: false });
    }
  }
}
