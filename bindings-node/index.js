// The TaxPoynt engine for Node. What each name does is said in `index.d.ts`.

export { convert, irn, Outcome, PlatformInfo, platforms, registerTemplate, Rules } from "./lib/conversion.js";
export { Engine } from "./lib/engine.js";
export {
  Ambiguous,
  AuthorityError,
  ConfigError,
  MappingError,
  NotFound,
  PayloadError,
  PermissionDenied,
  PlatformError,
  RateLimited,
  Rejected,
  Replayed,
  SignatureInvalid,
  StoreError,
  TaxpoyntError,
  TimedOut,
  Unauthenticated,
  Unavailable,
  ValidationError,
  WebhookError,
} from "./lib/errors.js";
export { Inbound } from "./lib/authority.js";
export { Invoice } from "./lib/invoice.js";
export { Document, Page, Prepared, Record } from "./lib/rows.js";
export { Approval, Foreseen } from "./lib/rules.js";
export { CryptoKeys, Stamp, Vault } from "./lib/secrets.js";
export { verifyWebhook } from "./lib/webhooks.js";
export { Workers } from "./lib/workers.js";
export * as ubl from "./lib/ubl.js";
