// Where everything on a document came from, why a sale waits, why a document was refused.

import { given, list, maybe, otherwise, shape } from "./shape.js";

export const Provenance = shape({ target: given, rule: given, source: maybe, value: given });

const SourceRead = shape({ path: given, value: maybe, record: maybe });

const TransformStep = shape({ transform: given, value: maybe });

const Origin = shape({
  kind: given,
  target: maybe,
  set: maybe,
  version: maybe,
  line: maybe,
  name: maybe,
  sources: list(SourceRead),
  when: list(SourceRead),
  steps: list(TransformStep),
  value: maybe,
  field: maybe,
  how: maybe,
  step: maybe,
  series: maybe,
  sequence: maybe,
  number: maybe,
  what: maybe,
  entry: maybe,
  foundBy: maybe,
  why: maybe,
  of: maybe,
  givenBy: maybe,
});

const Element = shape({
  path: given,
  term: maybe,
  words: given,
  value: maybe,
  origin: Origin,
  written: maybe,
  sentence: given,
});

const RuleEnd = shape({ kind: given, value: maybe, why: maybe });

const LookedAt = shape({
  layer: given,
  line: given,
  name: maybe,
  sources: list(SourceRead),
  when: list(SourceRead),
  steps: list(TransformStep),
  end: RuleEnd,
});

const WhyHeld = shape({ code: given, message: given, target: maybe, rules: list(LookedAt), remedy: given });

const WhyRejected = shape({ id: given, field: given, message: given, elements: list(Element) });

export const Explained = shape({
  number: otherwise(""),
  sourceId: given,
  fields: list(Provenance),
  elements: list(Element),
  held: list(WhyHeld),
  rejected: list(WhyRejected),
  notes: list(given),
  table: given,
});

/** For `types/check.js`. */
export const shapes = {
  Element,
  Explained,
  LookedAt,
  Origin,
  Provenance,
  RuleEnd,
  SourceRead,
  TransformStep,
  WhyHeld,
  WhyRejected,
};
