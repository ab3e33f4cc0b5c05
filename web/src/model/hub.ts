/** What the hub says. */
import type { Seal } from "./log";
import type { OrderLine } from "./orders";
import type { Article } from "./store";
import type { Text, Time } from "./text";

export interface HubStore {
  id: string;
  online: boolean;
  since: Time | null;
  gateway: string | null;
  agent_version: string | null;
  epoch: number;
  facts: number;
  lanes: Record<string, { cursor: number }>;
  last_fact_at: Time | null;
  open_orders: number;
  /** Receivers that hear nothing. */
  blind: string[];
  /** Zones of which nobody can tell who is in them. */
  unknown: string[];
  /** Facts that the hub could not take. */
  quarantined: number;
  alarms: Alarm[];
}

/** What looks wrong at a store, until somebody has seen to it. */
export interface Alarm {
  store: string;
  kind: string;
  detail: string;
  since: Time;
  last: Time;
  /** How often it was seen. */
  times: number;
}

/** `claimed`: before its first certificate; `expired`: may still renew. */
export type GatewayState = "claimed" | "active" | "expired" | "revoked";

export interface Gateway {
  gateway: string;
  store: string;
  state: GatewayState;
  /** While a claim of it waits to be spent. */
  claim_until: Time | null;
  serial: string | null;
  issued_at: Time | null;
  /** When its certificate ends. */
  until: Time | null;
  revoked_at: Time | null;
  reason: string | null;
}

/** `GET /v1/quarantine`: a fact that the hub could not take; `store` and `id` name it. */
export interface Quarantined {
  store: string;
  id: string;
  source: string;
  epoch: number;
  lane: string;
  sequence: number;
  reason: string;
  at: Time;
  /** As it came. */
  raw: string;
}

/** `tried`: the store runs on them, and gives them up unless all is well. */
export type ConfigurationState = "published" | "tried" | "applied" | "refused" | "rolled_back";

export interface Configuration {
  store: string;
  version: number;
  published_at: Time;
  state: ConfigurationState;
  /** Why, in the store's words. */
  detail: string;
}

export interface HubFact {
  store: string;
  lane: string;
  epoch: number;
  sequence: number;
  type: string;
  subject: string;
  time: Time;
  received_at: Time;
  data: Record<string, unknown>;
  seal: Seal;
}

export type HubOrderState =
  | "placed"
  | "accepted"
  | "rejected"
  | "picking"
  | "ready"
  | "arrived"
  | "collected"
  | "cancelled"
  | "cancel_refused";

export interface HubOrder {
  store: string;
  order: string;
  state: HubOrderState;
  collector: string;
  lines: OrderLine[];
  placed_at: Time;
  updated_at: Time;
  evidence: string[] | null;
}

export interface Campaign {
  id: string;
  title: Text;
  text: Text;
  zone: string;
  gtins: string[];
  discount: number;
  currency: string;
  starts: Time;
  ends: Time;
  offered: number;
  redeemed: number;
}

export interface HubNames {
  stores: { stores: HubStore[] };
  facts: { facts: HubFact[] };
  orders: { orders: HubOrder[] };
  /** `ca`: whether this hub can sign for gateways. */
  gateways: { gateways: Gateway[]; ca: boolean };
  /** Of each store, the newest. */
  configurations: { configurations: Configuration[] };
  campaigns: { version: number; campaigns: Campaign[]; zones?: string[]; articles?: Article[] };
}
