/** What a shopper sees of themselves. */
import type { CouponState, OfferView, Order } from "./orders";
import type { Time } from "./text";

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
