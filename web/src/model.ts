/** What the agent, the hub and the simulator say to pages: the names of their live views. */

export interface Text {
  ko: string;
  en: string;
}

/** ISO 8601, UTC. */
export type Time = string;

export interface LinkView {
  cloud: "online" | "offline" | "connecting";
  since: Time;
  /** Facts that the hub has not acknowledged. */
  waiting: number;
  last_error: string | null;
  fenced: boolean;
}

export type ZoneKind = "shelf" | "fitting" | "pickup" | "till" | "entrance" | "floor";

export interface Zone {
  id: string;
  name: Text;
  /** Metres, from the plan's top left corner. */
  polygon: [number, number][];
  kind: ZoneKind;
}

export interface Article {
  gtin: string;
  name: Text;
  style: string;
  size: string;
  colour: Text;
  /** In the minor unit of `currency`. */
  price: number;
  currency: string;
  zone: string;
}

export interface Place {
  id: string;
  x: number;
  y: number;
}

export type ReceiverKind = "bluez" | "omg" | "espresense" | "esphome" | "gateway";

export type BeaconRole = "staff" | "asset" | "reference" | "sensor";

export interface StoreView {
  id: string;
  name: Text;
  width_m: number;
  height_m: number;
  zones: Zone[];
  walls: [number, number, number, number][];
  receivers: (Place & { kind: ReceiverKind })[];
  /** Those that hang at a place. */
  beacons: (Place & { role: BeaconRole })[];
  mirrors: (Place & { zone: string })[];
  lockers: Place[];
  articles: Article[];
  /** Only in the demo. */
  simulator: { url: string; key: string } | null;
}

export interface Believed {
  /** Pseudonym. */
  shopper: string;
  x: number;
  y: number;
  /** Two thirds of the probability lie within this radius, in metres. */
  spread_m: number;
  zone: string | null;
  /** That `zone` is right, 0 to 1. */
  confidence: number;
  dwelled_s: number;
  /** Age of the last sighting, in seconds. */
  heard_s: number;
}

export interface ZoneSight {
  id: string;
  /** `unknown`: the receivers that hear cannot tell it from its neighbours. */
  state: "known" | "unknown";
  /** Receivers that would hear it, and hear nothing. */
  blind: string[];
}

export interface FloorView {
  at: Time;
  shoppers: Believed[];
  zones: ZoneSight[];
}

/** `GET /v1/floor/heat`: shopper-seconds per cell by row and column, the present hour first. */
export interface HeatMap {
  cell_m: number;
  columns: number;
  rows: number;
  /** A cell that fewer people visited within the hour is null. */
  at_least: number;
  hours: { from: Time; seconds: (number | null)[][] }[];
}

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

export interface LanesView {
  lanes: { lane: string; waiting: number; sequence: number; cursor: number }[];
  epoch: number;
  parked: number;
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

export type OrderState =
  | "accepted"
  | "picking"
  | "picked"
  | "staging"
  | "ready"
  | "arrived"
  | "opening"
  | "open"
  | "collected"
  | "cancelled"
  | "rejected";

export interface OrderLine {
  gtin: string;
  quantity: number;
  name: Text;
  size: string;
  zone?: string | null;
}

export type Slot = { bank: string; compartment: number } | { desk: true };

export interface Order {
  order: string;
  state: OrderState;
  collector: string;
  phone_last4: string;
  lines: OrderLine[];
  slot: Slot | null;
  placed_at: Time;
  collect_by: Time;
  arrived_at: Time | null;
  arrived_by: "presence" | "button" | "pass" | null;
  collected_at: Time | null;
  evidence: string[];
  /** A clerk gives it over, not a door: it lies at the desk, or its door has failed. */
  by_hand: boolean;
  /** What went wrong and what happens next. */
  problem: Text | null;
}

export interface Compartment {
  n: number;
  door: "closed" | "open" | "unknown";
  occupied: boolean | null;
  order: string | null;
  out_of_service: boolean;
}

export interface Bank {
  id: string;
  device: "present" | "silent";
  compartments: Compartment[];
}

export interface OfferView {
  /** Null on the mirror: the code belongs to the shopper. */
  code: string | null;
  campaign: string;
  title: Text;
  text: Text;
  discount: number;
  currency: string;
  expires: Time;
}

export type CouponState = "offered" | "redeemed" | "expired";

export interface MirrorState {
  id: string;
  present: boolean;
  session: string | null;
  /** GTINs. */
  items: string[];
  offer: OfferView | null;
}

export interface IssuedCoupon {
  code: string;
  campaign: string;
  title: Text;
  shopper: string;
  zone: string;
  state: CouponState;
  offered_at: Time;
  expires: Time;
}

export interface ConsoleNames {
  link: LinkView;
  store: StoreView;
  floor: FloorView;
  radio: RadioView;
  beacons: { beacons: Beacon[] };
  lanes: LanesView;
  facts: { facts: FactView[] };
  orders: { orders: Order[] };
  lockers: { banks: Bank[] };
  mirrors: { mirrors: MirrorState[] };
  coupons: { coupons: IssuedCoupon[] };
}

export type Purpose = "location" | "advertising" | "night_advertising";

export interface Me {
  /** Pseudonym. */
  shopper: string;
  language: "ko" | "en";
  /** Not located and offered nothing until they go on. */
  paused: boolean;
  consents: Record<Purpose, boolean>;
  /** Since when and until when those that are given hold. */
  given_at: Partial<Record<Purpose, Time>>;
  until: Partial<Record<Purpose, Time>>;
  /** Those that ended by themselves: to be asked again. */
  lapsed: Purpose[];
}

export interface MyCoupon extends OfferView {
  state: CouponState;
  offered_at: Time;
}

/** `pass` is the text of the QR; null when there is nothing to show. */
export type MyOrder = Order & { pass: string | null };

export interface ShopperNames {
  link: LinkView;
  /** What the zones of the person's own record are called. */
  store: Pick<StoreView, "id" | "name" | "zones">;
  /** Null when the store has forgotten this person. */
  me: Me | null;
  coupons: { coupons: MyCoupon[] };
  orders: { orders: MyOrder[] };
}

export interface StockLine {
  gtin: string;
  name: Text;
  size: string;
  on_hand: number;
  reserved: number;
  available: number;
}

export interface StaffNames {
  link: LinkView;
  store: Pick<StoreView, "id" | "name" | "zones">;
  zones: { zones: ZoneSight[] };
  /** Ids of beacons whose battery is to be changed. */
  batteries: { low: string[] };
  orders: { orders: Order[] };
  lockers: { banks: Bank[] };
  stock: { stock: StockLine[] };
}

export interface MirrorItem {
  gtin: string;
  name: Text;
  colour: Text;
  price: number;
  currency: string;
  size: string;
  sizes: { gtin: string; size: string; available: number }[];
}

export interface MirrorNames {
  link: LinkView;
  /** Only what an idle mirror says about where it hangs. */
  store: Pick<StoreView, "id" | "name">;
  mirror: {
    id: string;
    session: string | null;
    items: MirrorItem[];
    offer: OfferView | null;
  };
}

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
  campaigns: { version: number; campaigns: Campaign[]; zones?: string[]; articles?: Article[] };
}

export interface Person {
  id: string;
  name: Text;
  /** Pseudonym, once enrolled. */
  shopper: string | null;
  x: number;
  y: number;
  consented: boolean;
  colour: string;
  activity: string;
}

/** Something that can be made to go wrong, at each of `targets` (one empty string: at all). */
export interface FaultSwitch {
  id: string;
  name: Text;
  /** What the store is expected to make of it. */
  hint: Text;
  targets: string[];
  on: string[];
}

export interface SimulatorNames {
  switches: FaultSwitch[];
  truth: { at: Time; speed: number; people: Person[] };
  faults: {
    cloud: "up" | "down";
    store_broker: "up" | "down";
    doors: { bank: string; compartment: number; jammed: boolean }[];
  };
  story: { headline: Text; steps: { id: string; text: Text; done: boolean }[] };
}
