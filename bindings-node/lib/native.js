// The native module beside this folder, and the way into it.

import { createRequire } from "node:module";
import { ConfigError, raised } from "./errors.js";

const require = createRequire(import.meta.url);

function load() {
  try {
    return require("../taxpoynt.node");
  } catch (cause) {
    const message =
      `the native module of @taxpoynt/engine does not load on ${process.platform}-${process.arch}: ` +
      "install the package that was built for this system, or build it with `npm run build`";
    throw new ConfigError(message, { kind: "config", operation: "load", cause });
  }
}

export const native = load();

/** Calls into the native module; what it throws leaves as an error of ours. */
export function call(operation, work) {
  try {
    return work();
  } catch (error) {
    throw raised(operation, error);
  }
}

/** The JSON answer of a promise of the native module. */
export async function answer(operation, work) {
  try {
    return JSON.parse(await work());
  } catch (error) {
    throw raised(operation, error);
  }
}
