// What the engine answers about pulls: imports, the health of a connection's pulls, and counted days.

import { RecordKey } from "./rows.js";
import { given, list, maybe, optional, shape } from "./shape.js";

const SyncCounts = shape({ pages: given, seen: given, new: given, changed: given, unchanged: given, failed: given });

const Progress = shape({ seen: given, total: maybe, perHour: maybe, doneAt: maybe });

export const Backfill = shape({
  id: given,
  connectionId: given,
  state: given,
  since: maybe,
  until: maybe,
  counts: SyncCounts,
  progress: Progress,
  error: maybe,
  startedAt: given,
  finishedAt: maybe,
});

export const SyncHealth = shape({
  everySeconds: maybe,
  nextAt: maybe,
  failures: given,
  failing: given,
  error: maybe,
  watermark: maybe,
  seenUntil: maybe,
  deepAt: maybe,
  sweptAt: maybe,
  countAt: maybe,
});

/** Sums by currency code, which is no name of ours. */
const sums = (value) => Object.freeze({ ...value });

const Tally = shape({ count: given, sums });

const TallyEntry = shape({ key: RecordKey, at: given, amount: maybe, currency: maybe });

const Difference = shape({ key: RecordKey, theirs: optional(TallyEntry), ours: optional(TallyEntry) });

export const Reconciliation = shape({
  connectionId: given,
  platform: given,
  day: given,
  at: given,
  proved: given,
  theirs: Tally,
  claimed: maybe,
  ours: Tally,
  missing: list(TallyEntry),
  extra: list(TallyEntry),
  different: list(Difference),
  fetched: given,
  table: given,
});

/** For `types/check.js`. */
export const shapes = {
  Backfill,
  Difference,
  Progress,
  Reconciliation,
  SyncCounts,
  SyncHealth,
  Tally,
  TallyEntry,
};
