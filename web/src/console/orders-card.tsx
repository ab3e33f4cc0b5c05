/** Orders, the doors they wait behind, and the coupons that were offered. */
import { Icon } from "../design/icons";
import { OrderStateBadge } from "../design/order-state";
import { Badge, Card, Empty, Loading, type Tone } from "../design/parts";
import { duration, useSpeech } from "../i18n";
import { useNow } from "../clock";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, CouponState, IssuedCoupon, Order, Text } from "../model";
import type { Names } from "../names";
import { slotText } from "../orders";

function OrderRow({ order }: { order: Order }) {
  const { say } = useSpeech();
  const slot = slotText(order.slot);
  const goods = order.lines.map((line) => `${say(line.name)} ${line.size}`.trim()).join(", ");
  return (
    <li class="order-row" data-testid={`order-${order.order}`}>
      <div class="order-words">
        <p>
          <strong class="figures">{order.order}</strong> <span class="soft">{order.collector}</span>
          {slot && <span class="faint small"> · {say(slot)}</span>}
        </p>
        <p class="small soft one-line">{goods}</p>
        {order.problem && (
          <p class="small bad-words">
            <Icon name="alert" size={14} /> {say(order.problem)}
          </p>
        )}
      </div>
      <OrderStateBadge state={order.state} />
    </li>
  );
}

export function OrdersCard({ live }: { live: Live<ConsoleNames> }) {
  const { say } = useSpeech();
  const orders = useLatest(live, "orders")?.orders;
  return (
    <Card title={say({ ko: "주문", en: "Orders" })}>
      <div class="card-body">
        {!orders && <Loading height="120px" />}
        {orders?.length === 0 && (
          <Empty icon="bag" title={say({ ko: "주문이 없습니다", en: "No orders yet" })}>
            {say({
              ko: "사람을 선택하고 ‘주문하기’를 누르거나 허브에서 주문을 넣으세요.",
              en: "Choose a person and place one for them, or place it in the hub.",
            })}
          </Empty>
        )}
        <ul class="rows">
          {orders?.map((order) => (
            <OrderRow key={order.order} order={order} />
          ))}
        </ul>
      </div>
    </Card>
  );
}

const COUPON_STATES: Record<CouponState, { tone: Tone; text: Text }> = {
  offered: { tone: "offer", text: { ko: "발급", en: "Offered" } },
  redeemed: { tone: "good", text: { ko: "사용", en: "Redeemed" } },
  expired: { tone: "plain", text: { ko: "만료", en: "Expired" } },
};

function CouponRow({ coupon, names }: { coupon: IssuedCoupon; names: Names }) {
  const { say } = useSpeech();
  const ago = duration(useNow() - Date.parse(coupon.offered_at));
  const { tone, text } = COUPON_STATES[coupon.state];
  return (
    <li class="order-row" data-testid="issued-coupon" data-state={coupon.state}>
      <div class="order-words">
        <p class="one-line">{say(coupon.title)}</p>
        <p class="small soft">
          {say(names.shopper(coupon.shopper))} · {say(names.zone(coupon.zone))} ·{" "}
          {say({ ko: `${ago.ko} 전`, en: `${ago.en} ago` })}
        </p>
      </div>
      <Badge tone={tone}>{say(text)}</Badge>
    </li>
  );
}

export function CouponsCard({ live, names }: { live: Live<ConsoleNames>; names: Names }) {
  const { say } = useSpeech();
  const coupons = useLatest(live, "coupons")?.coupons;
  return (
    <Card title={say({ ko: "쿠폰", en: "Coupons" })}>
      <div class="card-body">
        {!coupons && <Loading height="120px" />}
        {coupons?.length === 0 && (
          <Empty icon="ticket" title={say({ ko: "발급된 쿠폰이 없습니다", en: "None offered yet" })}>
            {say({
              ko: "동의한 고객을 신발 구역으로 보내고 잠시 머물게 해 보세요.",
              en: "Send someone who agreed to the shoe shelf and let them stay a while.",
            })}
          </Empty>
        )}
        <ul class="rows">
          {coupons?.map((coupon) => (
            <CouponRow key={coupon.code} coupon={coupon} names={names} />
          ))}
        </ul>
      </div>
    </Card>
  );
}
