/** Who stands here and waits, and for how long. The strip that staff look up at. */
import { useNow } from "../clock";
import { Icon } from "../design/icons";
import { stopwatch, useSpeech } from "../i18n";
import type { Order } from "../model";
import { canBeCollected, slotText } from "../orders";
import { HandOver } from "./actions";
import { ARRIVED_BY, WORDS } from "./words";

/** After this long at the pickup point a wait is drawn as too long; a shop's own promise. */
const LONG_WAIT_MS = 3 * 60 * 1000;

export function hasArrived(order: Order): boolean {
  return order.arrived_at !== null && canBeCollected(order.state);
}

function Arrival({ order, since }: { order: Order; since: string }) {
  const { say } = useSpeech();
  const waited = useNow() - Date.parse(since);
  const slot = slotText(order.slot);
  return (
    <li
      class={waited > LONG_WAIT_MS ? "arrival long" : "arrival"}
      data-testid="arrival"
      data-order={order.order}
    >
      <div class="arrival-who">
        <strong>{order.collector}</strong>
        <span class="figures soft">
          {order.order} · {order.phone_last4}
        </span>
        <span class="small soft">{order.arrived_by && say(ARRIVED_BY[order.arrived_by])}</span>
      </div>
      <time class="figures wait" role="timer" dateTime={since}>
        {stopwatch(waited)}
      </time>
      {slot && (
        <span class="where">
          <Icon name="pin" size={16} /> {say(slot)}
        </span>
      )}
      <HandOver order={order} />
    </li>
  );
}

export function Arrivals({ orders }: { orders: Order[] }) {
  const { say } = useSpeech();
  const here = orders
    .flatMap((order) => (hasArrived(order) && order.arrived_at ? [{ order, since: order.arrived_at }] : []))
    .sort((a, b) => a.since.localeCompare(b.since));
  return (
    <section class="arrivals" aria-label={say(WORDS.arrivals)}>
      <h2>{say(WORDS.arrivals)}</h2>
      <p class="unseen" aria-live="polite">
        {here.map(({ order }) => `${order.collector} ${order.order}`).join(", ")}
      </p>
      {here.length === 0 && <p class="soft nobody">{say(WORDS.nobody)}</p>}
      <ul>
        {here.map(({ order, since }) => (
          <Arrival key={order.order} order={order} since={since} />
        ))}
      </ul>
    </section>
  );
}
