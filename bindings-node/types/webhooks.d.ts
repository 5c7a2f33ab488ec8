/// <reference types="node" />

// Webhooks as the host's web framework received them.

import type { TimeText } from "./values.js";

/** Headers as any framework has them; case does not matter. */
export type HeadersInput =
  | { readonly [name: string]: string | readonly string[] | undefined }
  | Iterable<readonly [string, string]>;

/** A request as it arrived. */
export interface WebhookRequest {
  method: string;
  /** The public URL the platform was told, byte for byte. */
  url: string;
  headers: HeadersInput;
  /** The raw bytes as they arrived, before any parser; text counts as UTF-8. */
  body: Uint8Array | ArrayBuffer | string;
}

/**
 * Checks that the platform sent this and lists its events.
 *
 * Throws `SignatureInvalid` or `Replayed`, `PayloadError` for a body the platform does not document, `ConfigError` for
 * a platform without webhooks.
 */
export function verifyWebhook(
  platform: string,
  request: WebhookRequest & {
    /** Several while one is being rotated. */
    secret: string | Iterable<string>;
    /** The time to judge timestamps by, else the machine's. */
    now?: Date | TimeText | null;
  },
): WebhookEvent[];

/** What a webhook announces. */
export interface WebhookEvent {
  /** The platform's identity of the event: equal for every repetition, different for every other event. */
  readonly eventId: string;
  /** The platform's name of what happened: `payment.updated`. */
  readonly kind: string;
  /** The platform's id of the account it happened in. */
  readonly account: string | null;
  /** Null where the event is none of ours. */
  readonly recordKind: "deal" | "order" | null;
  /** The platform's id of the record to fetch. */
  readonly recordId: string | null;
  readonly occurredAt: TimeText | null;
}
