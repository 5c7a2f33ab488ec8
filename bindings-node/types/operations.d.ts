/// <reference types="node" />

// What the engine answers an operator: its health, and its feature switches.

/** One thing that was looked at. */
export interface HealthCheck {
  /** `store`, `queue`, `oldest_job`, `breakers`, `connections`, `syncs`, `dead_letters`, `deadlines`, `switches`. */
  readonly name: string;
  readonly state: "ok" | "warning" | "failing";
  /** What is, and what to do about it. */
  readonly sentence: string;
}

/** How well the engine is. */
export interface Health {
  /** The worst of the checks. */
  readonly state: "ok" | "warning" | "failing";
  readonly checks: readonly HealthCheck[];
}

/** What can be switched; docs/operations/switches.md says what each one keeps back. */
export type SwitchName = "webhooks.process" | "sync" | "ingest.prepare" | "submit";

/** Whether each sale is drawn by itself, or a tenant with all it sells. */
export type Spread = "record" | "tenant";

/** How much goes on. */
export interface Rollout {
  /** 0 to 100. */
  readonly percent: number;
  readonly spread: Spread;
}

/** A switch as it is set. */
export interface SwitchSetting {
  readonly switch: SwitchName;
  /** For this tenant; null: for all. */
  readonly tenant: string | null;
  /** For this platform; null: for all. */
  readonly platform: string | null;
  readonly percent: number;
  readonly spread: Spread;
  readonly setBy: string;
  readonly reason: string;
  readonly setAt: string;
}

/** A change of a switch. */
export interface SwitchEntry {
  /** Its place among all changes, from 1. */
  readonly seq: number;
  readonly at: string;
  readonly switch: SwitchName;
  readonly tenant: string | null;
  readonly platform: string | null;
  /** What was set there; null: nothing. */
  readonly before: Rollout | null;
  readonly after: Rollout | null;
  readonly who: string;
  readonly reason: string;
}

/** What to switch, how far, and why. */
export interface SwitchOptions {
  /** 0: off, 100: on; null takes the setting away. */
  percent: number | null;
  who: string;
  /** One sentence: whoever finds a sale waiting will read it. */
  reason: string;
  /** `record` unless given. */
  spread?: Spread;
  /** For this tenant; absent: for all. */
  tenant?: string;
  /** For this platform; absent: for all. */
  platform?: string;
}
