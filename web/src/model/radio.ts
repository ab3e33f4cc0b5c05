/** What receivers hear, and what the store’s own beacons say of themselves. */
import type { BeaconRole } from "./store";
import type { Time } from "./text";

export type ReceiverState = "hearing" | "blind" | "starting";

export interface Receiver {
  id: string;
  state: ReceiverState;
  /** Why it is blind. */
  reason: string | null;
  since: Time;
  /** Sightings per second. */
  rate: number;
  /** Age of its last packet. */
  heard_age_s: number | null;
  /** In the radio's own words. */
  detail: string;
  /** What is wrong with one that hears. */
  concern: string | null;
  /** What is tried to make it hear again, and for which time. */
  step: string | null;
  attempt: number;
  /** Counted since the agent started. */
  troubles: Record<string, number>;
}

export interface RadioView {
  receivers: Receiver[];
  /** Transmitters that are nobody's: a number, and nothing else. */
  strangers: { today: number; hours: { from: Time; count: number }[] };
  /** Sightings that gave way to newer ones while there were too many. */
  shed: number;
  heard: number;
  decoded: Record<string, number>;
  ignored: { reason: string; format: string | null; count: number }[];
}

export interface Beacon {
  id: string;
  role: BeaconRole;
  heard_s: number | null;
  /** A reference that no receiver hears any more. */
  gone: boolean;
  /** How receivers hear a reference, in dBm; `usual` is null until an hour was learned. */
  heard: { receiver: string; level: number; usual: number | null; silent: boolean }[];
  battery_low: boolean;
  battery_v: number | null;
  battery_percent: number | null;
  temperature_c: number | null;
  humidity_percent: number | null;
  place: { x: number; y: number; zone: string | null; confidence: number } | null;
}
