// What the engine answers an operator: its health, and its feature switches.

import { given, list, maybe, optional, shape } from "./shape.js";

const HealthCheck = shape({ name: given, state: given, sentence: given });

export const Health = shape({ state: given, checks: list(HealthCheck) });

const Rollout = shape({ percent: given, spread: given });

export const SwitchSetting = shape({
  switch: given,
  tenant: maybe,
  platform: maybe,
  percent: given,
  spread: given,
  setBy: given,
  reason: given,
  setAt: given,
});

export const SwitchEntry = shape({
  seq: given,
  at: given,
  switch: given,
  tenant: maybe,
  platform: maybe,
  before: optional(Rollout),
  after: optional(Rollout),
  who: given,
  reason: given,
});

/** For `types/check.js`. */
export const shapes = { Health, HealthCheck, Rollout, SwitchEntry, SwitchSetting };
