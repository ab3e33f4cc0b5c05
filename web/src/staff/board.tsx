/** Orders by what has to be done with them. */
import { Icon } from "../design/icons";
import { OrderStateBadge } from "../design/order-state";
import { useSpeech } from "../i18n";
import type { Bank, Order, OrderState, Text } from "../model";
import { evidenceText, isOver, slotText } from "../orders";
import { NextStep, staffProblem } from "./actions";
import { COLUMNS, WORDS } from "./words";

const BOARD: { id: string; title: Text; states: readonly OrderState[] }[] = [
  { id: "pick", title: COLUMNS.pick, states: ["accepted", "picking"] },
  { id: "put-away", title: COLUMNS.putAway, states: ["picked", "staging"] },
  { id: "waiting", title: COLUMNS.waiting, states: ["ready", "arrived", "opening", "open"] },
];

/** A cancelled order keeps its compartment until a clerk has emptied it. */
function mustBeTakenOut(order: Order): boolean {
  return order.state === "cancelled" && order.slot !== null;
}

function Line({ line }: { line: Order["lines"][number] }) {
  const { say } = useSpeech();
  return (
    <li>
      <span class="figures quantity">{line.quantity}</span>
      <span class="name">{say(line.name)}</span>
      <span class="size">{line.size}</span>
    </li>
  );
}

function OrderCard({ order, banks }: { order: Order; banks: readonly Bank[] }) {
  const { say, time } = useSpeech();
  const slot = slotText(order.slot);
  const problem = staffProblem(order, banks);
  return (
    <article class="card job" data-testid="order" data-order={order.order}>
      <header>
        <h3 class="figures">{order.order}</h3>
        <OrderStateBadge state={order.state} />
      </header>
      <p class="soft">
        {order.collector} <span class="figures faint">{order.phone_last4}</span>
        <span class="faint"> · {time(order.placed_at)}</span>
      </p>
      {problem && (
        <p class="problem" role="alert" data-testid="problem">
          <Icon name="alert" /> <span>{say(problem)}</span>
        </p>
      )}
      <ul class="lines">
        {order.lines.map((line) => (
          <Line key={line.gtin} line={line} />
        ))}
      </ul>
      {slot && (
        <p class="where">
          <Icon name="pin" size={18} /> <strong>{say(slot)}</strong>
        </p>
      )}
      <NextStep order={order} banks={banks} />
    </article>
  );
}

function Over({ orders }: { orders: Order[] }) {
  const { say } = useSpeech();
  if (orders.length === 0) return null;
  return (
    <details class="over">
      <summary>
        {say(COLUMNS.over)} <span class="figures faint">{orders.length}</span>
      </summary>
      <ul class="rows card">
        {orders.map((order) => (
          <li key={order.order} data-testid="order" data-order={order.order}>
            <strong class="figures">{order.order}</strong>
            <span class="soft">{order.collector}</span>
            <span class="small faint evidence">{say(evidenceText(order.evidence))}</span>
            <OrderStateBadge state={order.state} />
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Board({ orders, banks }: { orders: Order[]; banks: readonly Bank[] }) {
  const { say } = useSpeech();
  return (
    <>
      <div class="board">
        {BOARD.map(({ id, title, states }) => {
          const here = orders.filter(
            (order) => states.includes(order.state) || (id === "put-away" && mustBeTakenOut(order)),
          );
          return (
            <section key={id} aria-labelledby={`board-${id}`} data-testid={`board-${id}`}>
              <h2 id={`board-${id}`}>
                {say(title)} <span class="figures faint">{here.length}</span>
              </h2>
              {here.length === 0 && <p class="faint none">{say(WORDS.noOrders)}</p>}
              {here.map((order) => (
                <OrderCard key={order.order} order={order} banks={banks} />
              ))}
            </section>
          );
        })}
      </div>
      <Over orders={orders.filter((order) => isOver(order.state) && !mustBeTakenOut(order))} />
    </>
  );
}
