/** What an order's state and place are called, in the store and to its customer. */
import type { Tone } from "./design/parts";
import type { Bank, Compartment, HubOrderState, OrderState, Slot, Text } from "./model";

interface StateWords {
  tone: Tone;
  text: Text;
}

export const ORDER_STATES: Record<OrderState | HubOrderState, StateWords> = {
  placed: { tone: "plain", text: { ko: "전송됨", en: "Placed" } },
  accepted: { tone: "info", text: { ko: "접수", en: "To pick" } },
  picking: { tone: "info", text: { ko: "상품 준비", en: "Picking" } },
  picked: { tone: "info", text: { ko: "포장 완료", en: "Picked" } },
  staging: { tone: "warn", text: { ko: "보관 중", en: "Putting away" } },
  ready: { tone: "accent", text: { ko: "픽업 대기", en: "Ready" } },
  arrived: { tone: "offer", text: { ko: "고객 도착", en: "Arrived" } },
  opening: { tone: "offer", text: { ko: "문 여는 중", en: "Opening" } },
  open: { tone: "offer", text: { ko: "문 열림", en: "Door open" } },
  collected: { tone: "good", text: { ko: "수령 완료", en: "Collected" } },
  cancelled: { tone: "plain", text: { ko: "취소됨", en: "Cancelled" } },
  rejected: { tone: "bad", text: { ko: "거절됨", en: "Rejected" } },
  cancel_refused: { tone: "warn", text: { ko: "취소 불가", en: "Not cancelled" } },
};

const OVER: ReadonlySet<string> = new Set(["collected", "cancelled", "rejected"]);

export function isOver(state: OrderState | HubOrderState): boolean {
  return OVER.has(state);
}

const WAITING: ReadonlySet<string> = new Set(["ready", "arrived", "opening", "open"]);

/** The bag lies ready for its customer. */
export function canBeCollected(state: OrderState | HubOrderState): boolean {
  return WAITING.has(state);
}

/** `A-7`, as written on the door; null where a bag lies behind none. */
export function doorName(slot: Slot | null): string | null {
  return slot !== null && "bank" in slot ? `${slot.bank}-${slot.compartment}` : null;
}

/** What the bank itself says of the door; undefined while it has said nothing. */
export function compartmentOf(slot: Slot | null, banks: readonly Bank[]): Compartment | undefined {
  if (slot === null || !("bank" in slot)) return undefined;
  const bank = banks.find(({ id }) => id === slot.bank);
  return bank?.compartments.find(({ n }) => n === slot.compartment);
}

export function slotText(slot: Slot | null): Text | null {
  if (slot === null) return null;
  const door = doorName(slot);
  if (door === null) return { ko: "데스크", en: "Desk" };
  return { ko: `보관함 ${door}`, en: `Locker ${door}` };
}

const EVIDENCE: Record<string, Text> = {
  pass_verified: { ko: "패스 확인", en: "pass checked" },
  door_opened: { ko: "문 열림", en: "door opened" },
  goods_taken: { ko: "상품 수령", en: "goods taken" },
  door_closed: { ko: "문 닫힘", en: "door closed" },
  staff_confirmed: { ko: "직원 확인", en: "confirmed by staff" },
};

export function evidenceText(evidence: readonly string[]): Text {
  const known = evidence.map((seen) => EVIDENCE[seen] ?? { ko: seen, en: seen });
  return {
    ko: known.map((text) => text.ko).join(" → "),
    en: known.map((text) => text.en).join(" → "),
  };
}
