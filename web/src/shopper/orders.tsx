import { useEffect, useState } from "preact/hooks";
import { get, type Peer, post } from "../api";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { OrderStateBadge } from "../design/order-state";
import { useSpeech } from "../i18n";
import type { MyOrder, OrderState, Text } from "../model";
import { canBeCollected, isOver, slotText } from "../orders";
import { Problem } from "../problem";
import { WORDS } from "./words";

const STEPS: { text: Text; states: readonly OrderState[] }[] = [
  { text: { ko: "접수", en: "Received" }, states: ["accepted"] },
  { text: { ko: "준비", en: "Picking" }, states: ["picking", "picked", "staging"] },
  { text: { ko: "픽업 대기", en: "Ready" }, states: ["ready", "arrived", "opening", "open"] },
  { text: { ko: "수령", en: "Collected" }, states: ["collected"] },
];

function Timeline({ state }: { state: OrderState }) {
  const { say } = useSpeech();
  const at = STEPS.findIndex((step) => step.states.includes(state));
  return (
    <ol class="timeline">
      {STEPS.map((step, index) => (
        <li
          key={index}
          class={index < at ? "past" : index === at ? "now" : ""}
          aria-current={index === at ? "step" : undefined}
        >
          {say(step.text)}
        </li>
      ))}
    </ol>
  );
}

/** The QR of the pass. It needs the bearer, so it is fetched and shown as a blob of our own. */
function Pass({ order, peer, text }: { order: string; peer: Peer; text: string }) {
  const { say } = useSpeech();
  const [picture, setPicture] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let url: string | null = null;
    let gone = false;
    const load = async () => {
      const answer = await get(`/v1/me/orders/${encodeURIComponent(order)}/pass.svg`, peer);
      const blob = await answer.blob();
      if (gone) return;
      url = URL.createObjectURL(blob);
      setPicture(url);
    };
    load().catch((failure: unknown) => {
      if (!(failure instanceof Problem)) throw failure;
      setFailed(true);
    });
    return () => {
      gone = true;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [order, text, peer]);
  return (
    <figure class="pass" data-testid="pass">
      {picture && <img src={picture} alt={say(WORDS.passLabel)} />}
      {!picture && !failed && <span class="skeleton" />}
      {failed && <p class="code pass-text">{text}</p>}
      <figcaption class="small">{say(WORDS.passHint)}</figcaption>
    </figure>
  );
}

function presence(order: MyOrder): Text | null {
  if (order.state === "opening") return WORDS.opening;
  if (order.state === "open") return WORDS.open;
  return order.arrived_at !== null && order.state === "arrived" ? WORDS.known : null;
}

function OpenOrder({ order, peer }: { order: MyOrder; peer: Peer }) {
  const { say, day } = useSpeech();
  const slot = slotText(order.slot);
  const news = presence(order);
  return (
    <article class="card order" data-testid="order" data-order={order.order}>
      <header>
        <h3 class="figures">{order.order}</h3>
        <OrderStateBadge state={order.state} />
      </header>
      <Timeline state={order.state} />
      {order.problem && (
        <p class="problem" role="alert">
          <Icon name="alert" /> {say(order.problem)}
        </p>
      )}
      {slot && (
        <p class="slot">
          <Icon name="pin" /> <strong>{say(slot)}</strong>
        </p>
      )}
      {order.pass !== null && <Pass order={order.order} peer={peer} text={order.pass} />}
      {news && (
        <p class={news === WORDS.opening ? "news asked" : "news"} role="status">
          <Icon name={news === WORDS.opening ? "clock" : "check"} /> {say(news)}
        </p>
      )}
      {order.state === "ready" && (
        <Deed
          kind="primary"
          size="large"
          wide
          testid="i-am-here"
          deed={() => post("/v1/me/arrive", { order: order.order }, peer)}
        >
          <Icon name="hand" /> {say(WORDS.here)}
        </Deed>
      )}
      <ul class="rows lines">
        {order.lines.map((line) => (
          <li key={line.gtin}>
            <span>{say(line.name)}</span>
            <span class="soft">{line.size}</span>
            <span class="figures">×{line.quantity}</span>
          </li>
        ))}
      </ul>
      <p class="small faint">
        {say({ ko: `${day(order.collect_by)}까지 찾아가세요`, en: `Collect by ${day(order.collect_by)}` })}
      </p>
    </article>
  );
}

function PastOrder({ order }: { order: MyOrder }) {
  const { day } = useSpeech();
  return (
    <li class="spent" data-testid="order" data-order={order.order}>
      <span>
        <strong class="figures">{order.order}</strong>{" "}
        <span class="small faint">{day(order.collected_at ?? order.placed_at)}</span>
      </span>
      <OrderStateBadge state={order.state} />
    </li>
  );
}

/** Nothing at all without an order: a person who has none is not told about it. */
export function Orders({ orders, peer }: { orders: MyOrder[]; peer: Peer }) {
  const { say } = useSpeech();
  const open = orders
    .filter((order) => !isOver(order.state))
    .sort((a, b) => Number(canBeCollected(b.state)) - Number(canBeCollected(a.state)));
  const past = orders.filter((order) => isOver(order.state));
  if (orders.length === 0) return null;
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">{say(WORDS.orders)}</h2>
      {open.map((order) => (
        <OpenOrder key={order.order} order={order} peer={peer} />
      ))}
      {past.length > 0 && (
        <ul class="card rows spent-list">
          {past.map((order) => (
            <PastOrder key={order.order} order={order} />
          ))}
        </ul>
      )}
    </section>
  );
}
