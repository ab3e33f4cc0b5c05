import { post } from "../api";
import { Deed } from "../design/button";
import { OrderStateBadge } from "../design/order-state";
import { Card, Empty, Loading } from "../design/parts";
import { toast } from "../design/toasts";
import { useSpeech } from "../i18n";
import type { HubOrder } from "../model";
import { titleCase } from "../names";
import { evidenceText, isOver } from "../orders";
import { WORDS } from "./words";

function OrderRow({ order }: { order: HubOrder }) {
  const { say, day } = useSpeech();
  const goods = order.lines.map((line) => `${line.quantity}× ${say(line.name)} ${line.size}`.trim());
  const cancel = async () => {
    const path = `/v1/stores/${order.store}/orders/${encodeURIComponent(order.order)}/cancel`;
    await post(path, { reason: "operator" });
    toast(WORDS.cancelSent);
  };
  return (
    <li class="order-row" data-testid="order" data-order={order.order}>
      <div class="order-words">
        <p>
          <strong class="figures">{order.order}</strong> <span class="soft">{order.collector}</span>
        </p>
        <p class="small soft">{goods.join(", ")}</p>
        <p class="small faint">
          {titleCase(order.store)} · {day(order.placed_at)}
          {order.evidence && ` · ${say(evidenceText(order.evidence))}`}
        </p>
      </div>
      <OrderStateBadge state={order.state} />
      {!isOver(order.state) && (
        <Deed kind="quiet" testid="cancel-order" deed={cancel}>
          {say(WORDS.cancel)}
        </Deed>
      )}
    </li>
  );
}

export function Orders({ orders }: { orders: HubOrder[] | undefined }) {
  const { say } = useSpeech();
  return (
    <Card title={say(WORDS.orders)}>
      <div class="card-body">
        {!orders && <Loading height="160px" />}
        {orders?.length === 0 && <Empty icon="bag" title={say(WORDS.noOrders)} />}
        <ul class="rows">
          {orders?.map((order) => (
            <OrderRow key={`${order.store}/${order.order}`} order={order} />
          ))}
        </ul>
      </div>
    </Card>
  );
}
