// One tree of errors. Each says what happened (`kind`), where (`operation`), and whether it may be repeated.

import { Fault } from "./fault.js";

export class TaxpoyntError extends Error {
  constructor(message, facts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = facts.kind ?? "other";
    this.operation = facts.operation ?? "";
    this.retryable = facts.retryable ?? false;
    this.retryAfter = facts.retryAfter ?? null;
    this.context = facts.context ?? {};
    this.faults = facts.faults ?? [];
  }

  get name() {
    return this.constructor.name;
  }
}

export class ConfigError extends TaxpoyntError {}

export class MappingError extends TaxpoyntError {
  get line() {
    return number(this.context.line);
  }

  get column() {
    return number(this.context.column);
  }
}

export class PayloadError extends TaxpoyntError {
  get field() {
    return this.context.field ?? "";
  }
}

export class WebhookError extends TaxpoyntError {}
export class SignatureInvalid extends WebhookError {}
export class Replayed extends WebhookError {}

export class PlatformError extends TaxpoyntError {}
export class Unauthenticated extends PlatformError {}
export class PermissionDenied extends PlatformError {}
export class NotFound extends PlatformError {}
export class RateLimited extends PlatformError {}
export class Unavailable extends PlatformError {}
export class TimedOut extends PlatformError {}

export class ValidationError extends TaxpoyntError {}

export class AuthorityError extends TaxpoyntError {}
export class Rejected extends AuthorityError {}
export class Ambiguous extends AuthorityError {}

export class StoreError extends TaxpoyntError {}

/** Kind → class; a kind that is not here is a plain `TaxpoyntError`. */
export const classes = {
  config: ConfigError,
  mapping: MappingError,
  payload: PayloadError,
  webhook: WebhookError,
  signature_invalid: SignatureInvalid,
  replayed: Replayed,
  unauthenticated: Unauthenticated,
  permission_denied: PermissionDenied,
  not_found: NotFound,
  rate_limited: RateLimited,
  unavailable: Unavailable,
  timed_out: TimedOut,
  platform: PlatformError,
  unsupported: PlatformError,
  validation: ValidationError,
  rejected: Rejected,
  ambiguous: Ambiguous,
  authority: AuthorityError,
  store: StoreError,
  fenced: StoreError,
  conflict: StoreError,
};

/** The error for what the native module threw; `retryAfter` is in milliseconds there. */
export function raised(operation, thrown) {
  if (thrown instanceof TaxpoyntError) return thrown;
  const facts = described(thrown);
  if (facts === null) return typeof thrown?.code === "string" ? mistyped(operation, thrown.code) : thrown;
  const Kind = classes[facts.kind] ?? TaxpoyntError;
  return new Kind(facts.message, {
    ...facts,
    retryAfter: facts.retryAfter === null ? null : facts.retryAfter / 1000,
    context: Object.fromEntries(facts.context),
    faults: facts.faults.map((fault) => Fault(fault)),
  });
}

/** An argument that napi itself refuses. Its message repeats the value, which may be a secret, and is not passed on. */
function mistyped(operation, code) {
  const wanted = code === "StringExpected" ? "text" : code === "NumberExpected" ? "a number" : "what is declared";
  return config(operation, `${operation}: an argument is not ${wanted}`);
}

function described(thrown) {
  try {
    return JSON.parse(thrown.message).taxpoynt ?? null;
  } catch {
    return null;
  }
}

/** What a host wrote cannot be used. */
export function config(operation, message, field) {
  return new ConfigError(message, { kind: "config", operation, context: field ? { field } : {} });
}

/** A malformed value of a record, or of whatever else was handed in. */
export function payload(operation, field, message) {
  return new PayloadError(message, { kind: "payload", operation, context: { field } });
}

function number(text) {
  return /^\d+$/.test(text ?? "") ? Number(text) : null;
}
