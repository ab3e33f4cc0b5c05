import type { Peer } from "../api";
import { Icon, Mark } from "../design/icons";
import { OfflineBadge } from "../design/link-badge";
import { Preferences } from "../design/preferences";
import { Joining, useGuest } from "../guest";
import { useSpeech } from "../i18n";
import { useLatest } from "../live";
import type { ShopperNames, Text } from "../model";
import { isOver } from "../orders";
import { show } from "../page";
import { useLive } from "../use-live";
import { Consents } from "./consents";
import { Coupons } from "./coupons";
import { Orders } from "./orders";
import "./shopper.css";
import { WORDS } from "./words";

function Outside({ refusal }: { refusal: Text | null }) {
  const { say } = useSpeech();
  return (
    <main class="outside" data-testid="outside">
      <header>
        <Preferences />
      </header>
      <div>
        <Mark size={64} />
        <h1>{say(WORDS.outside)}</h1>
        {refusal && (
          <p class="problem" role="alert">
            <Icon name="alert" /> {say(refusal)}
          </p>
        )}
        <p class="soft">{say(WORDS.outsideHow)}</p>
      </div>
    </main>
  );
}

function Shopper({ peer, leave }: { peer: Peer; leave(): void }) {
  const { say } = useSpeech();
  const live = useLive<ShopperNames>("/v1/live/shopper", peer, leave);
  const link = useLatest(live, "link");
  const me = useLatest(live, "me");
  const coupons = useLatest(live, "coupons")?.coupons;
  const orders = useLatest(live, "orders")?.orders ?? [];
  const waiting = orders.some((order) => order.pass !== null && !isOver(order.state));
  const couponList = (
    <Coupons
      coupons={coupons}
      possible={!me || (me.consents.location && me.consents.advertising)}
    />
  );
  const orderList = <Orders orders={orders} peer={peer} />;
  return (
    <main class="shopper">
      <header>
        <h1>
          <Mark size={30} />
          <span class="unseen">{say(WORDS.hello)}</span>
        </h1>
        {me && <Consents consents={me.consents} peer={peer} />}
        <span class="preferences">
          <Preferences />
        </span>
      </header>
      <OfflineBadge connection={live.connection} link={link} />
      {waiting ? (
        <>
          {orderList}
          {couponList}
        </>
      ) : (
        <>
          {couponList}
          {orderList}
        </>
      )}
    </main>
  );
}

function Page() {
  const [guest, leave] = useGuest("shopper");
  return (
    <Joining guest={guest} outside={(refusal) => <Outside refusal={refusal} />}>
      {(peer) => <Shopper peer={peer} leave={leave} />}
    </Joining>
  );
}

show(<Page />);
