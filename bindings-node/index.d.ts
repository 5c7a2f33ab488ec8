/// <reference types="node" />

// The TaxPoynt engine for Node.
//
// Amounts are decimal strings in major units (naira, not kobo): never calculate with them as numbers. Dates are
// `YYYY-MM-DD` in the seller's time zone; times are ISO 8601 with their zone. What is refused or fails is a
// `TaxpoyntError` whose message is one sentence. Every object that is handed out is frozen.

export * from "./types/values.js";
export * from "./types/conversion.js";
export * from "./types/explained.js";
export * from "./types/invoice.js";
export * from "./types/ubl.js";
export * from "./types/webhooks.js";
export * from "./types/secrets.js";
export * from "./types/options.js";
export * from "./types/engine.js";
export * from "./types/rows.js";
export * from "./types/sync.js";
export * from "./types/rules.js";
export * from "./types/catalogue.js";
export * from "./types/authority.js";
export * from "./types/operations.js";
export * from "./types/errors.js";
