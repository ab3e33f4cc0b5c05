import { useNow } from "../clock";
import { Icon } from "../design/icons";
import { Badge, Empty, Loading, type Tone } from "../design/parts";
import { duration, useSpeech } from "../i18n";
import { LANES, laneText } from "../lanes";
import type { Configuration, ConfigurationState, HubStore } from "../model";
import { titleCase } from "../names";
import { hearNothing } from "../sight";
import { WORDS } from "./words";
import { CARE, CONFIGURATION_STATES } from "./words-care";

const TONES: Record<ConfigurationState, Tone> = {
  published: "info",
  tried: "info",
  applied: "good",
  refused: "bad",
  rolled_back: "bad",
};

/** The newest settings that were published for a store, and what it made of them. */
function Settings({ configuration }: { configuration: Configuration }) {
  const { say } = useSpeech();
  const { store, version, state, detail } = configuration;
  return (
    <div class="configuration small" data-testid={`configuration-${store}`} data-state={state}>
      <span class="soft figures">
        {say(CARE.settings)} {version}
      </span>
      <Badge tone={TONES[state]}>{say(CONFIGURATION_STATES[state])}</Badge>
      {detail !== "" && <p class="why soft">{detail}</p>}
    </div>
  );
}

/** How far the hub has come with each lane. */
function Lanes({ store }: { store: HubStore }) {
  const { say, count } = useSpeech();
  const known = Object.keys(LANES).filter((lane) => store.lanes[lane]);
  return (
    <ul class="store-lanes small soft figures">
      {known.map((lane) => (
        <li key={lane}>
          <span class={`lane-dot ${lane}`} />
          {say(laneText(lane))} {count(store.lanes[lane]?.cursor ?? 0)}
        </li>
      ))}
    </ul>
  );
}

interface StoreProps {
  store: HubStore;
  configuration: Configuration | undefined;
}

function StoreCard({ store, configuration }: StoreProps) {
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
      {store.quarantined > 0 && (
        <p class="unseen-there small" data-testid={`quarantined-${store.id}`}>
          <Icon name="alert" size={16} />
          <span>
            {say({
              ko: `격리된 사실 ${number(store.quarantined)}건`,
              en: `${number(store.quarantined)} ${store.quarantined === 1 ? "fact" : "facts"} in quarantine`,
            })}
          </span>
        </p>
      )}
      {configuration && <Settings configuration={configuration} />}
      <Lanes store={store} />
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

interface Props {
  stores: HubStore[] | undefined;
  configurations: Configuration[] | undefined;
}

export function Stores({ stores, configurations }: Props) {
  const { say } = useSpeech();
  if (!stores) return <Loading height="150px" />;
  if (stores.length === 0) return <Empty icon="shop" title={say(WORDS.never)} />;
  return (
    <ul class="stores">
      {stores.map((store) => (
        <StoreCard
          key={store.id}
          store={store}
          configuration={configurations?.find((each) => each.store === store.id)}
        />
      ))}
    </ul>
  );
}
