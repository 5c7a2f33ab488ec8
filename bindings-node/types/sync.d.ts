/// <reference types="node" />

// What the engine answers about pulls: imports, the health of a connection's pulls, and counted days.

import type { RecordKey } from "./rows.js";
import type { Amount, DateText, TimeText } from "./values.js";

/** What an import found so far. */
export interface SyncCounts {
  readonly pages: number;
  /** Records read. */
  readonly seen: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Could not be read; each is fetched on its own. */
  readonly failed: number;
}

/** How far an import got. */
export interface Progress {
  /** Records read. */
  readonly seen: number;
  /** Records to read, where the platform says so. */
  readonly total: number | null;
  /** Records an hour since it began; null before the first second. */
  readonly perHour: number | null;
  /** When it will be done at this speed; null where nobody can tell. */
  readonly doneAt: TimeText | null;
}

/** An import of what a platform had before, in the slow lane. */
export interface Backfill {
  readonly id: string;
  readonly connectionId: string;
  /** `running` also between attempts: `error` then says why it waits. */
  readonly state: "running" | "done" | "cancelled" | "paused";
  readonly since: TimeText | null;
  readonly until: TimeText | null;
  readonly counts: SyncCounts;
  readonly progress: Progress;
  readonly error: string | null;
  readonly startedAt: TimeText;
  readonly finishedAt: TimeText | null;
}

/** How the pulls of a connection get on. */
export interface SyncHealth {
  /** How often it is pulled; null: as the engine is set; 0: never by itself. */
  readonly everySeconds: number | null;
  /** When it is due next; null before the first pull. */
  readonly nextAt: TimeText | null;
  /** Pulls that failed one after the other. */
  readonly failures: number;
  /** Three in a row have failed: somebody should look. */
  readonly failing: boolean;
  /** Why the last one failed. */
  readonly error: string | null;
  /** Everything that changed before this time was read. */
  readonly watermark: TimeText | null;
  /** The latest change seen. */
  readonly seenUntil: TimeText | null;
  /** When a pull last read further back. */
  readonly deepAt: TimeText | null;
  /** When deleted records were last listed. */
  readonly sweptAt: TimeText | null;
  /** When its days are counted next. */
  readonly countAt: TimeText | null;
}

/** How many records count on a day, and what they come to. */
export interface Tally {
  readonly count: number;
  /** By currency; `-` for records that name none. */
  readonly sums: { readonly [currency: string]: Amount };
}

/** What one side counts of one record. */
export interface TallyEntry {
  readonly key: RecordKey;
  /** When it was closed: the day it counts on. */
  readonly at: TimeText;
  readonly amount: Amount | null;
  readonly currency: string | null;
}

/** A record that does not count for the same on both sides. */
export interface Difference {
  readonly key: RecordKey;
  /** Null where it does not count on this day at the platform. */
  readonly theirs: TallyEntry | null;
  /** Null where it does not count on any day here. */
  readonly ours: TallyEntry | null;
}

/** A day of the seller's calendar, counted at the platform and here. */
export interface Reconciliation {
  readonly connectionId: string;
  readonly platform: string;
  readonly day: DateText;
  /** When it was counted. */
  readonly at: TimeText;
  /** Whether both sides have the same records at the same amounts. */
  readonly proved: boolean;
  readonly theirs: Tally;
  /** How many the platform said it has, where it says so beside the list. */
  readonly claimed: number | null;
  readonly ours: Tally;
  /** The platform has them, we have not. */
  readonly missing: readonly TallyEntry[];
  /** We have them, the platform has not. */
  readonly extra: readonly TallyEntry[];
  readonly different: readonly Difference[];
  /** How many of these are being fetched. */
  readonly fetched: number;
  /** It in plain text, to print or to mail. */
  readonly table: string;
}
