/** What a clerk does with an order next: one large button, seldom two. */
import { post } from "../api";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { Order } from "../model";
import { WORDS } from "./words";

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

function Waiting({ order }: { order: Order }) {
  const { say } = useSpeech();
  const locked = order.slot !== null && "bank" in order.slot;
  return (
    <>
      {locked && <p class="soft small">{say(order.by_hand ? WORDS.doorFailed : WORDS.inLocker)}</p>}
      <HandOver order={order} />
    </>
  );
}

export function NextStep({ order }: { order: Order }) {
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
      return <p class="hint">{say(WORDS.stagingHint)}</p>;
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
