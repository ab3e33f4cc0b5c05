/** Orders, the doors they wait behind, coupons and mirrors. */
import type { Text, Time } from "./text";

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

export interface StockLine {
  gtin: string;
  name: Text;
  size: string;
  on_hand: number;
  reserved: number;
  available: number;
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
