// Errors.

import type { Fault } from "./ubl.js";

/** What an error is made with. */
export interface ErrorFacts {
  kind?: string;
  operation?: string;
  retryable?: boolean;
  retryAfter?: number | null;
  context?: { [name: string]: string };
  faults?: Fault[];
  cause?: unknown;
}

/** Anything the engine refuses or fails at. `message` is one sentence; no secret is ever in it. */
export class TaxpoyntError extends Error {
  constructor(message: string, facts?: ErrorFacts);
  /** The name of its class. */
  get name(): string;
  /** What happened, `rate_limited`; finer than the class where a class covers several. */
  readonly kind: string;
  /** A dotted name: `square.fetch`. */
  readonly operation: string;
  /** Whether repeating the same call can succeed. False where it may have taken effect: ask first. */
  readonly retryable: boolean;
  /** Seconds to wait before repeating, where the other side said so. */
  readonly retryAfter: number | null;
  /** Facts such as ids, a field, a status. */
  readonly context: { readonly [name: string]: string };
  /** Every broken rule, where a document was refused for them. */
  readonly faults: readonly Fault[];
}

/** The host configured something wrong; `context.field` names it where there is one. */
export class ConfigError extends TaxpoyntError {}

/** A mapping rule does not load or cannot be applied. Mend the rule and replay. */
export class MappingError extends TaxpoyntError {
  /** Line in the rules, from 1. */
  get line(): number | null;
  /** Column in the line, from 1. */
  get column(): number | null;
}

/** A record or value from outside is malformed. */
export class PayloadError extends TaxpoyntError {
  /** Its path: `order.line_items[0].total_money.currency`. */
  get field(): string;
}

/** A webhook could not be taken. */
export class WebhookError extends TaxpoyntError {}

/** Its signature or credentials do not verify. */
export class SignatureInvalid extends WebhookError {}

/** Its timestamp is outside the tolerance. */
export class Replayed extends WebhookError {}

/** The other side answered what the connector does not understand, or cannot do what was asked. */
export class PlatformError extends TaxpoyntError {}

/** The platform refuses the credentials; the connection needs a new authorization. */
export class Unauthenticated extends PlatformError {}

/** The credentials lack a permission. */
export class PermissionDenied extends PlatformError {}

/** The thing does not exist, or belongs to another tenant. */
export class NotFound extends PlatformError {}

/** Too many calls; `retryAfter` says how long to wait. */
export class RateLimited extends PlatformError {}

/** The other side cannot be reached or answered 5xx. */
export class Unavailable extends PlatformError {}

/** No answer within the deadline. */
export class TimedOut extends PlatformError {}

/** The document breaks rules; `faults` lists them. */
export class ValidationError extends TaxpoyntError {}

/** Trouble with the tax authority. */
export class AuthorityError extends TaxpoyntError {}

/** The authority refused the document as it is. */
export class Rejected extends AuthorityError {}

/** The document may have been registered: ask for its status before sending it again. */
export class Ambiguous extends AuthorityError {}

/** The store failed, or another writer was first (`kind` is `conflict` or `fenced`). */
export class StoreError extends TaxpoyntError {}
