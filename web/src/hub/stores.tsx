import { useNow } from "../clock";
import { Icon } from "../design/icons";
import { Badge, Empty, Loading } from "../design/parts";
import { duration, useSpeech } from "../i18n";
import type { HubStore } from "../model";
import { titleCase } from "../names";
import { hearNothing } from "../sight";
import { WORDS } from "./words";

function StoreCard({ store }: { store: HubStore }) {
  const { say, number } = useSpeech();
  const now = useNow();
  const ago = store.last_fact_at && duration(now - Date.parse(store.last_fact_at));
  const since = store.since && duration(now - Date.parse(store.since));
  return (
    <li class="card store" data-testid={`store-${store.id}`} data-online={store.online}>
      <header>
        <h3>{titleCase(store.id)}</h3>
        <Badge tone={store.online ? "good" : "warn"} dot={store.online ? "still" : "pulse"}>
          {say(store.online ? WORDS.online : WORDS.offline)}
          {since && ` · ${say(since)}`}
        </Badge>
      </header>
      <p class="small soft">
        {store.gateway === null
          ? say(WORDS.never)
          : `${store.gateway} · ${store.agent_version ?? "–"} · ${say({ ko: `에포크 ${store.epoch}`, en: `epoch ${store.epoch}` })}`}
      </p>
      {(store.blind.length > 0 || store.unknown.length > 0) && (
        <p class="unseen-there small" data-testid={`unseen-${store.id}`}>
          <Icon name="alert" size={16} />
          <span>
            {store.unknown.length > 0 && (
              <>
                <strong>{store.unknown.map(titleCase).join(", ")}</strong>
                {say(WORDS.unknownZones)}{" "}
              </>
            )}
            {store.blind.length > 0 && `${say(hearNothing(store.blind))}.`}
          </span>
        </p>
      )}
      <dl>
        <div>
          <dt>{say({ ko: "사실", en: "Facts" })}</dt>
          <dd class="figures">{number(store.facts)}</dd>
        </div>
        <div>
          <dt>{say({ ko: "열린 주문", en: "Open orders" })}</dt>
          <dd class="figures">{number(store.open_orders)}</dd>
        </div>
        <div>
          <dt>{say({ ko: "마지막 사실", en: "Last fact" })}</dt>
          <dd class="figures">{ago ? say({ ko: `${ago.ko} 전`, en: `${ago.en} ago` }) : "–"}</dd>
        </div>
      </dl>
    </li>
  );
}

export function Stores({ stores }: { stores: HubStore[] | undefined }) {
  const { say } = useSpeech();
  if (!stores) return <Loading height="150px" />;
  if (stores.length === 0) return <Empty icon="shop" title={say(WORDS.never)} />;
  return (
    <ul class="stores">
      {stores.map((store) => (
        <StoreCard key={store.id} store={store} />
      ))}
    </ul>
  );
}
