// What the engine answers about mapping rules: what is in force, what was, and what others would change.

import { given, list, maybe, shape } from "./shape.js";

export const RuleFile = shape({ hash: given, text: given, connectionId: maybe });

export const RuleVersion = shape({ connectionId: maybe, hash: maybe, reason: maybe, setAt: given });

const ValueChange = shape({ before: maybe, after: maybe, count: given });

const FieldChange = shape({
  purpose: given,
  field: given,
  sales: given,
  values: list(ValueChange),
  more: given,
  examples: list(given),
});

const SaleGroup = shape({ what: given, message: given, sales: given, examples: list(given) });

const Moved = shape({ before: given, after: given });

const TotalChange = shape({ currency: given, payable: Moved, tax: Moved });

export const Preview = shape({
  seen: given,
  same: given,
  changed: given,
  fields: list(FieldChange),
  held: list(SaleGroup),
  released: list(SaleGroup),
  heldOtherwise: list(SaleGroup),
  refused: list(SaleGroup),
  totals: list(TotalChange),
  table: given,
});

/** For `types/check.js`. */
export const shapes = {
  FieldChange,
  Moved,
  Preview,
  RuleFile,
  RuleVersion,
  SaleGroup,
  TotalChange,
  ValueChange,
};
