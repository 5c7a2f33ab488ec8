// What the judges share: the reference data, what the behaviour suite recorded, and a seeded source of chance.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

function folder(variable, what) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: it names ${what}`);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${variable}=${path} is no folder: it names ${what}`);
  return path;
}

/** The folder of the reference data. Its absence is a failure, not a reason to skip. */
export const reference = folder("TAXPOYNT_REFERENCE", "the folder of the reference data");

/** Lines that `cargo test -p taxpoynt-tests --test behavior` wrote to `target/behavior`. */
export function recorded(name) {
  const path = join(folder("TAXPOYNT_BEHAVIOR", "target/behavior, which the behaviour suite writes"), name);
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  if (lines.length === 0) throw new Error(`${path} is empty: run the behaviour suite as a whole`);
  return lines;
}

/** The seed of this run; another one with SEED=n. */
export const seed = Number(process.env.SEED ?? 20261121) >>> 0;

/** Mulberry32: the same numbers for the same seed. */
export class Chance {
  constructor(start) {
    this.state = start >>> 0;
  }

  below(n) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  of(list) {
    return list[this.below(list.length)];
  }
}
