/** What a clerk does with an order next: one large button, seldom two. */
import { post } from "../api";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { Bank, Order, Text } from "../model";
import { compartmentOf, doorName } from "../orders";
import { openingText, WORDS } from "./words";

function orderPath(order: Order, act: string): string {
  return `/v1/orders/${encodeURIComponent(order.order)}/${act}`;
}

/** At the desk, and for a bag whose door failed; other goods leave through their door, by the pass. */
export function HandOver({ order }: { order: Order }) {
  const { say } = useSpeech();
  if (!order.by_hand) return null;
  return (
    <Deed
      kind="primary"
      size="large"
      testid="handover"
      deed={() => post(orderPath(order, "handover"), { proof: "staff" })}
    >
      <Icon name="hand" /> {say(WORDS.handOver)}
    </Deed>
  );
}

/** The order's own words are for its customer; where a clerk must act, what the clerk does. */
export function staffProblem(order: Order, banks: readonly Bank[]): Text | null {
  if (order.problem === null) return null;
  if (order.state === "picked") return WORDS.notPutAway;
  if (order.by_hand && doorName(order.slot)) return WORDS.doorFailed;
  if (order.state === "cancelled" && compartmentOf(order.slot, banks)?.out_of_service) return WORDS.takeOutByKey;
  return order.problem;
}

function Waiting({ order }: { order: Order }) {
  const { say } = useSpeech();
  const byPass = doorName(order.slot) !== null && !order.by_hand;
  return (
    <>
      {byPass && <p class="soft small">{say(WORDS.inLocker)}</p>}
      <HandOver order={order} />
    </>
  );
}

/** The door is said to be open when its sensor says so: a jammed one was asked for just the same. */
function Staging({ order, banks }: { order: Order; banks: readonly Bank[] }) {
  const { say } = useSpeech();
  const open = compartmentOf(order.slot, banks)?.door === "open";
  return (
    <p class={open ? "hint" : "hint asked"} role="status" data-testid="staging" data-door={open ? "open" : "asked"}>
      {say(open ? WORDS.putIn : openingText(doorName(order.slot) ?? ""))}
    </p>
  );
}

export function NextStep({ order, banks }: { order: Order; banks: readonly Bank[] }) {
  const { say } = useSpeech();
  switch (order.state) {
    case "accepted":
      return (
        <Deed kind="primary" size="large" wide testid="pick" deed={() => post(orderPath(order, "pick"))}>
          {say(WORDS.startPicking)}
        </Deed>
      );
    case "picking":
      return (
        <Deed kind="primary" size="large" wide testid="picked" deed={() => post(orderPath(order, "picked"))}>
          <Icon name="check" /> {say(WORDS.picked)}
        </Deed>
      );
    case "picked":
      return (
        <div class="two-ways">
          <Deed kind="primary" size="large" testid="stage-locker" deed={() => post(orderPath(order, "stage"))}>
            <Icon name="door" /> {say(WORDS.intoLocker)}
          </Deed>
          <Deed size="large" testid="stage-desk" deed={() => post(orderPath(order, "stage"), { bank: "desk" })}>
            {say(WORDS.keepAtDesk)}
          </Deed>
        </div>
      );
    case "staging":
      return <Staging order={order} banks={banks} />;
    case "ready":
    case "arrived":
    case "opening":
    case "open":
      return <Waiting order={order} />;
    case "cancelled":
      return order.slot === null ? null : (
        <Deed kind="primary" size="large" wide testid="take-out" deed={() => post(orderPath(order, "remove"))}>
          <Icon name="door" /> {say(WORDS.takeOut)}
        </Deed>
      );
    case "collected":
    case "rejected":
      return null;
  }
}
