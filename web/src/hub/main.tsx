import { useMemo, useState } from "preact/hooks";
import { SERVER } from "../api";
import { Button } from "../design/button";
import "../design/feed.css";
import { Icon } from "../design/icons";
import { LinkBadge } from "../design/link-badge";
import { Bar } from "../design/parts";
import { Preferences } from "../design/preferences";
import { Sheet } from "../design/sheet";
import { SignedIn, SignOut } from "../design/sign-in";
import { useSpeech } from "../i18n";
import { useLatest } from "../live";
import type { Article, HubNames } from "../model";
import { catalogueNames } from "../names";
import { show } from "../page";
import { useLive } from "../use-live";
import { Alarms } from "./alarms";
import { CampaignForm } from "./campaign-form";
import { Campaigns } from "./campaigns";
import "./care.css";
import { Facts } from "./facts";
import { Gateways } from "./gateways";
import "./hub.css";
import { OrderForm } from "./order-form";
import { Orders } from "./orders";
import { heldApart, Quarantine, QuarantineButton } from "./quarantine";
import { Stores } from "./stores";
import { WORDS } from "./words";
import { CARE } from "./words-care";

const NO_ARTICLES: Article[] = [];

function Hub({ leave }: { leave(): void }) {
  const { say } = useSpeech();
  const live = useLive<HubNames>("/v1/live", SERVER, leave);
  const stores = useLatest(live, "stores")?.stores;
  const facts = useLatest(live, "facts")?.facts;
  const orders = useLatest(live, "orders")?.orders;
  const published = useLatest(live, "campaigns");
  const gateways = useLatest(live, "gateways");
  const configurations = useLatest(live, "configurations")?.configurations;
  const ids = stores?.map(({ id }) => id) ?? [];
  const articles = published?.articles ?? NO_ARTICLES;
  const [sheet, setSheet] = useState<"order" | "campaign" | "quarantine" | null>(null);
  const names = useMemo(() => catalogueNames(articles), [articles]);
  const close = () => setSheet(null);
  return (
    <>
      <Bar
        of={say(WORDS.title)}
        end={
          <>
            <LinkBadge connection={live.connection} link={undefined} />
            <Preferences />
            <SignOut leave={leave} />
          </>
        }
      />
      <main class="hub">
        <section class="hub-head" aria-label={say(WORDS.stores)}>
          <h2>{say(WORDS.stores)}</h2>
          <div class="deeds">
            <QuarantineButton held={heldApart(stores)} onClick={() => setSheet("quarantine")} />
            <Button testid="open-campaign-form" onClick={() => setSheet("campaign")}>
              <Icon name="ticket" /> {say(WORDS.publish)}
            </Button>
            <Button kind="primary" testid="open-order-form" onClick={() => setSheet("order")}>
              <Icon name="bag" /> {say(WORDS.placeOrder)}
            </Button>
          </div>
          <Alarms stores={stores} />
          <Stores stores={stores} configurations={configurations} />
        </section>
        <div class="hub-main">
          <Orders orders={orders} />
          <Campaigns campaigns={published?.campaigns} />
          <Gateways known={gateways} stores={ids} />
        </div>
        <Facts facts={facts} names={names} />
      </main>
      {sheet === "order" && (
        <Sheet title={say(WORDS.placeOrder)} onClose={close}>
          <OrderForm stores={ids} articles={articles} onPlaced={close} />
        </Sheet>
      )}
      {sheet === "quarantine" && (
        <Sheet title={say(CARE.quarantine)} onClose={close}>
          <Quarantine held={heldApart(stores)} />
        </Sheet>
      )}
      {sheet === "campaign" && (
        <Sheet title={say(WORDS.publish)} onClose={close}>
          <CampaignForm zones={published?.zones ?? []} articles={articles} onPublished={close} />
        </Sheet>
      )}
    </>
  );
}

show(
  <SignedIn title={{ ko: "클라우드 허브", en: "Cloud hub" }}>{(leave) => <Hub leave={leave} />}</SignedIn>,
);
