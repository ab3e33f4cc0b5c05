/** The fact log and the line to the cloud, as the agent says them. */
import type { Time } from "./text";

export interface LinkView {
  cloud: "online" | "offline" | "connecting";
  since: Time;
  /** Facts that the hub has not acknowledged. */
  waiting: number;
  last_error: string | null;
  fenced: boolean;
}

/** The store's computer, as the cloud knows it. */
export interface GatewayView {
  /** How often the line was lost since the agent started. */
  outages: number;
  /** Facts that the hub took since then, and keeps apart. */
  quarantined: number;
  /** `saved`: where it stood when the computer was switched off; `unset`: nobody knows the time. */
  clock: "synced" | "saved" | "unset";
  /** Null where none was provisioned. */
  certificate_until: Time | null;
}

export interface DiskView {
  state: "ok" | "low" | "full";
  /** While it is scarce. */
  free_mb: number | null;
}

/** Why a database is not the one that the hub has followed. */
export type RestoredFrom = "backup" | "copied" | "recovered" | "granted";

export interface HandoverView {
  /** While this is said, nothing is handed over. */
  held: RestoredFrom | null;
}

/** `acknowledged` and what stands beside it are counted since the database was made. */
export interface LaneView {
  lane: string;
  waiting: number;
  /** Since when the first of them waits. */
  oldest: Time | null;
  sequence: number;
  cursor: number;
  recorded: number;
  acknowledged: number;
  /** Facts that became part of a sum, for want of room. */
  rolled_up: number;
  /** Facts of which only the number is left. */
  dropped: number;
}

export interface LanesView {
  lanes: LaneView[];
  epoch: number;
  parked: number;
}

/** `GET /v1/parked`: a fact that a flow has refused; `position` and `flow` name it. */
export interface Parked {
  position: number;
  flow: string;
  fact: string;
  type: string;
  subject: string;
  /** What the flow said. */
  reason: string;
  time: Time;
  parked_at: Time;
}

/** Whether a fact says something sealed with its person's key: nothing, opened, or closed for want of the key. */
export type Seal = "none" | "opened" | "closed";

export interface FactView {
  position: number;
  lane: string;
  sequence: number;
  type: string;
  subject: string;
  time: Time;
  data: Record<string, unknown>;
  seal: Seal;
  acknowledged: boolean;
}
