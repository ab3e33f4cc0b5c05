import type { Text } from "./model";

/** The lanes of facts, in the order in which the link serves them. */
export const LANES: Record<string, Text> = {
  pickup: { ko: "픽업", en: "Pickup" },
  coupon: { ko: "쿠폰", en: "Coupon" },
  stock: { ko: "재고", en: "Stock" },
  record: { ko: "기록", en: "Record" },
  mirror: { ko: "미러", en: "Mirror" },
  presence: { ko: "위치", en: "Presence" },
  telemetry: { ko: "측정", en: "Telemetry" },
};

export function laneText(lane: string): Text {
  return LANES[lane] ?? { ko: lane, en: lane };
}
