// One broken rule of a document.

import { given, otherwise, shape } from "./shape.js";

export const Fault = shape({
  id: given,
  severity: given,
  // Empty where the authority named the fault.
  ruleset: otherwise(""),
  path: given,
  message: given,
});

/** For `types/check.js`. */
export const shapes = { Fault };
