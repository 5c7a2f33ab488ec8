/// <reference types="node" />

// Webhooks as the host's web framework received them, and what the engine keeps of them.

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

/** A subscription that the engine made at a platform, or took over. */
export interface Subscription {
  readonly id: string;
  readonly platform: string;
  /** Null for that of the host's app. */
  readonly connectionId: string | null;
  /** The platform's id of it. */
  readonly externalId: string;
  /** Where the platform's API was, if not where it usually is. */
  readonly baseUrl: string | null;
  /** Where it sends to. */
  readonly url: string;
  /** What it sends. */
  readonly events: readonly string[];
  readonly state: "active" | "failing";
  /** Why the last check failed, one sentence. */
  readonly message: string | null;
  readonly createdAt: TimeText;
  readonly checkedAt: TimeText;
  /** When it is compared with the platform's again. */
  readonly checkAt: TimeText;
}

/** What a subscription was found to be, and what was done about it. */
export interface SubscriptionCheck {
  readonly platform: string;
  /** Null for that of the host's app. */
  readonly connectionId: string | null;
  readonly outcome: "created" | "adopted" | "unchanged" | "amended" | "recreated" | "failed";
  /** What had drifted: `url`, `events`, `disabled`, `version`. */
  readonly drift: readonly string[];
  /** Why it failed, one sentence. */
  readonly message: string | null;
}

/** A webhook secret, without it. */
export interface WebhookSecret {
  /** Null for one that stands in the credentials or in `apps`. */
  readonly id: string | null;
  /** Who gave it. */
  readonly origin: "host" | "platform" | "configured";
  readonly addedAt: TimeText | null;
  /** Since when it opens nothing. */
  readonly retiredAt: TimeText | null;
}

/** One step of a guide. */
export interface GuideStep {
  /** What to do. */
  readonly text: string;
  /** What to type or paste, one line each. */
  readonly paste: readonly string[];
}

/** A kind of event to ask for. */
export interface GuideEvent {
  /** As the platform names it. */
  readonly name: string;
  readonly why: string;
}

/** A file to be handed to the platform. */
export interface GuideFile {
  readonly name: string;
  readonly content: string;
}

/** How to set up a webhook by hand. */
export interface WebhookGuide {
  readonly platform: string;
  readonly title: string;
  /** What a person needs before the first step. */
  readonly before: string;
  readonly steps: readonly GuideStep[];
  /** The public URL, byte for byte. */
  readonly url: string;
  readonly events: readonly GuideEvent[];
  /** Where the secret is shown, and where it goes. */
  readonly secret: string;
  /** How to see that it works. */
  readonly check: string;
  readonly files: readonly GuideFile[];
  /** Whether `subscribe` can do all of this. */
  readonly automatic: boolean;
  /** All of it as a page to print. */
  readonly text: string;
}

/** An event that a stored webhook brought first. */
export interface DeliveryEvent {
  readonly eventId: string;
  /** The platform's name of what happened. */
  readonly kind: string;
  /** The platform's id of the record that was fetched; null where the event is none of ours and was ignored. */
  readonly recordId: string | null;
}

/** A stored webhook, without its body. */
export interface Delivery {
  readonly id: string;
  readonly connectionId: string;
  readonly tenantId: string;
  readonly receivedAt: TimeText;
  /** How long its body is. */
  readonly bytes: number;
  readonly events: readonly DeliveryEvent[];
  /** Why parts of it could not be read, one sentence each. */
  readonly faults: readonly string[];
  /** Whether its body may hold events of others. */
  readonly shared: boolean;
  readonly replays: number;
  readonly replayedAt: TimeText | null;
}

/** Which stored webhooks. */
export interface DeliveryFilter {
  /** Those of a connection. */
  connection?: string;
  /** Those of which parts could not be read. */
  faulty?: boolean;
  /** Those with an event that is none of ours. */
  ignored?: boolean;
}

/** What replaying came to. */
export interface ReplayReport {
  /** Deliveries that were read again. */
  readonly deliveries: number;
  /** Fetches that were queued. */
  readonly queued: number;
  /** Deliveries of which parts still cannot be read. */
  readonly faulty: number;
}
