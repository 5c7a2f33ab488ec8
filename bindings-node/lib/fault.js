// One broken rule of a document, and what a rule wants.

import { given, otherwise, shape } from "./shape.js";

export const Fault = shape({
  id: given,
  severity: given,
  // Empty where the authority named the fault.
  ruleset: otherwise(""),
  path: given,
  message: given,
});

export const Explanation = shape({
  id: given,
  ruleset: given,
  severity: given,
  concerns: given,
  wants: given,
});

/** For `types/check.js`. */
export const shapes = { Explanation, Fault };
