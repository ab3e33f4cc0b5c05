/** The store as it stands: its floor, goods, and where people are believed to be. */
import type { Text, Time } from "./text";

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
