import { useState } from "preact/hooks";
import type { Peer } from "../api";
import { Icon, Mark } from "../design/icons";
import { OfflineBadge } from "../design/link-badge";
import { Loading } from "../design/parts";
import { Outside } from "../design/outside";
import { Preferences } from "../design/preferences";
import { Joining, useGuest } from "../guest";
import { useSpeech } from "../i18n";
import { useLatest } from "../live";
import type { Me, ShopperNames, Text } from "../model";
import { isOver } from "../orders";
import { show } from "../page";
import { useLive } from "../use-live";
import { CONSENT_WORDS } from "./consent-words";
import { Coupons } from "./coupons";
import { Join } from "./join";
import { MySheet, type MyView } from "./me";
import { Orders } from "./orders";
import { Farewell, keepReceipt, keptReceipt, type Receipt } from "./receipt";
import "./shopper.css";
import "./mine.css";
import { Strip } from "./strip";
import { WORDS } from "./words";

function Head({ me, store, onMe }: { me: Me | undefined; store: Text | undefined; onMe(): void }) {
  const { say } = useSpeech();
  const on = me !== undefined && me.consents.location && !me.paused;
  return (
    <header>
      <h1>
        <Mark size={30} />
        <span class={store ? "of" : "unseen"}>{say(store ?? WORDS.hello)}</span>
      </h1>
      {me && (
        <button type="button" class="me-chip" data-testid="consents" onClick={onMe}>
          <Icon name="person" size={18} />
          {say(CONSENT_WORDS.me)}
          <span class="unseen">, {say(on ? WORDS.locationOn : WORDS.locationOff)}</span>
        </button>
      )}
      <span class="preferences">
        <Preferences />
      </span>
    </header>
  );
}

/** Why no coupon can come to somebody who has these consents. */
function neverCoupons(me: Me | undefined): Text | null {
  if (me === undefined) return null;
  if (me.paused) return WORDS.pausedCoupons;
  return me.consents.location && me.consents.advertising ? null : WORDS.couponsOff;
}

interface ShopperProps {
  peer: Peer;
  leave(refusal?: Text): void;
  onLeft(receipt: Receipt): void;
}

function Shopper({ peer, leave, onLeft }: ShopperProps) {
  const live = useLive<ShopperNames>("/v1/live/shopper", peer, leave);
  const link = useLatest(live, "link");
  const store = useLatest(live, "store");
  const told = useLatest(live, "me");
  const me = told ?? undefined;
  const coupons = useLatest(live, "coupons")?.coupons;
  const orders = useLatest(live, "orders")?.orders ?? [];
  const [view, setView] = useState<MyView | null>(null);
  if (told === null) return <Outside title={WORDS.outside} how={WORDS.outsideHow} refusal={WORDS.forgotten} />;
  const waiting = orders.some((order) => order.pass !== null && !isOver(order.state));
  const couponList = <Coupons key="coupons" coupons={coupons} never={neverCoupons(me)} />;
  const orderList = <Orders key="orders" orders={orders} peer={peer} />;
  return (
    <main class="shopper">
      <Head me={me} store={store?.name} onMe={() => setView("consents")} />
      <OfflineBadge connection={live.connection} link={link} />
      {me ? (
        <Strip me={me} peer={peer} onConsents={() => setView("consents")} />
      ) : (
        <Loading height="56px" />
      )}
      {waiting ? [orderList, couponList] : [couponList, orderList]}
      {me && view && (
        <MySheet
          me={me}
          orders={orders}
          zones={store?.zones ?? []}
          peer={peer}
          view={view}
          onView={setView}
          onLeft={onLeft}
          onGone={leave}
        />
      )}
    </main>
  );
}

function Page() {
  const { guest, leave, become } = useGuest("shopper", { lasts: true });
  const [receipt, setReceipt] = useState(keptReceipt);
  const hold = (held: Receipt | null) => {
    keepReceipt(held);
    setReceipt(held);
  };
  const left = (given: Receipt) => {
    hold(given);
    leave();
  };
  if (receipt) return <Farewell receipt={receipt} onDone={() => hold(null)} />;
  return (
    <Joining guest={guest} outside={(refusal) => <Outside title={WORDS.outside} how={WORDS.outsideHow} refusal={refusal} />}>
      {(peer, role) =>
        role === "guest" ? (
          <Join peer={peer} onJoined={() => become("shopper")} onRefused={leave} />
        ) : (
          <Shopper peer={peer} leave={leave} onLeft={left} />
        )
      }
    </Joining>
  );
}

show(<Page />);
