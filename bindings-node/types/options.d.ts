/// <reference types="node" />

// What an engine is opened with.

import type { StampTime } from "./secrets.js";

/** Where an engine finds the world. */
export interface EngineOptions {
  /** They seal credentials: Fernet keys (`Vault.generateKey`), the first seals, all open. */
  keys: string | Iterable<string>;
  /** Start although no key opens any stored credential: theirs is lost, and they will be stored again. */
  keysLost?: boolean;
  /**
   * Where the tax authority is; the pair serves tenants without one of their own. Without an authority documents are
   * prepared and wait.
   */
  authority?: AuthorityOptions | null;
  /** Our registration at each platform, by its id. */
  apps?: {
    [platform: string]: {
      clientId?: string;
      clientSecret?: string;
      /** Where the platform may send a person back to; where there are any, `authorizeUrl` takes no other. */
      redirectUris?: readonly string[];
      webhookSecret?: string;
      webhookUrl?: string;
      /** With it `subscribe` makes the app's own subscription, for all its accounts. */
      managementToken?: string;
    };
  };
  /** Hosts that may be private addresses, which are refused otherwise. */
  allowHosts?: readonly string[];
  /** Not in this build: refused unless null. */
  redis?: null;
  /** When the authority counts as out: after so many failed calls in a row (5) it is left alone for so long (30 s). */
  breaker?: { failures?: number; pauseSeconds?: number };
  /**
   * How often workers look at deadlines (60 s), how long before a missed one an alarm is raised (14,400 s), and how many
   * percent are taken off the measured speed (15).
   */
  deadlines?: { everySeconds?: number; aheadSeconds?: number; marginPercent?: number };
  /** Whether sales, invoices and submissions are counted by tenant too: some fifty series for each. Not unless given. */
  metrics?: { perTenant?: boolean };
  /**
   * For how many days a webhook whose work is done is kept, at least 7 (90); how often workers compare each subscription
   * with what the platform has (21,600 s); the longest body that is taken, in bytes (2,097,152).
   */
  webhooks?: { keepDays?: number; checkEverySeconds?: number; bodyLimit?: number };
  /**
   * How often workers pull each connection, 0 for only those with a schedule of their own (600 s); how many at once (4);
   * whether days are counted at night and what is missing is fetched (true).
   */
  sync?: { everySeconds?: number; sideBySide?: number; reconcile?: boolean };
  /** How many jobs a worker claims at once (16); their calls go side by side. */
  sideBySide?: number;
}

/** Where the tax authority is. */
export interface AuthorityOptions {
  /** Up to and excluding `api/v1`. */
  baseUrl: string;
  apiKey?: string;
  apiSecret?: string;
  stampTime?: StampTime;
  /** Signs what `receiveAuthority` takes; without one, give its URL a long random path. */
  webhookSecret?: string;
  /** What the body of an acknowledgement says to this authority; `message` unless given. */
  acknowledgeBody?: "message" | "empty";
  /**
   * Texts, in lower case, by which answers say that a document is not there (`notFound`), or may be there already
   * (`duplicate` in the details, `unclear` anywhere). What is left out stays as recorded.
   */
  wording?: { notFound?: string[]; duplicate?: string[]; unclear?: string[] };
}
