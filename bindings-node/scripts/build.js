// Builds the native module with cargo and puts it beside `index.js`. The profile is `dist`, which hosts ship,
// or with `--debug` that of development.

import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const debug = process.argv.includes("--debug");
const args = ["build", "--locked", "--package", "taxpoynt-node", "--message-format", "json-render-diagnostics"];
if (!debug) args.push("--profile", "dist");

// Cargo itself says where it put the library: CARGO_TARGET_DIR, a configuration file and the platform all count.
const told = execFileSync("cargo", args, { cwd: here, stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 28 });
const artifact = told
  .toString()
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line))
  .find((message) => message.reason === "compiler-artifact" && message.target.name === "taxpoynt_node");
const library = artifact?.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
if (!library) throw new Error("cargo built no library named taxpoynt_node");

const module = join(here, "taxpoynt.node");
// Unlinked first: overwriting a library that some process has loaded would crash it.
rmSync(module, { force: true });
copyFileSync(library, module);
