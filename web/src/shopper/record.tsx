import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, type Peer } from "../api";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { Loading } from "../design/parts";
import { download } from "../download";
import { useSpeech } from "../i18n";
import type { Purpose, Text, Time, Zone } from "../model";
import { Problem } from "../problem";
import { CONSENT_WORDS } from "./consent-words";
import { ENDED, ORIGINS, RECORD_WORDS as WORDS } from "./record-words";

/** `GET /v1/me/record`. */
interface Held {
  shopper: string;
  origin: "desk" | "page" | "cloud";
  joined_at: Time;
  paused_since: Time | null;
  beacons: string[];
  consents: {
    purpose: Purpose;
    text_version: string;
    language: string;
    given_at: Time;
    until: Time;
    ended_at: Time | null;
    ended_by: "withdrawn" | "lapsed" | "renewed" | null;
  }[];
  /** Hours of days on the store's calendar. */
  visits: { day: string; hours: { hour: number; visits: number; zones: Record<string, number> }[] }[];
  offers: { campaign: string; title: Text; state: string; offered_at: Time }[];
  orders: { order: string; placed_at: Time; collector: string; phone_last4: string }[];
}

type Named = Pick<Zone, "id" | "name">;

/** What the store holds of this person, readable; the file has it as the store told it. */
export function Record({ peer, zones }: { peer: Peer; zones: Named[] }) {
  const { say } = useSpeech();
  const [held, setHeld] = useState<Held>();
  const [failure, setFailure] = useState<Problem>();
  const ask = async () => {
    setFailure(undefined);
    try {
      setHeld((await (await get("/v1/me/record", peer)).json()) as Held);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFailure(problem);
    }
  };
  useEffect(() => void ask(), []);
  if (failure) {
    return (
      <div class="state" role="alert">
        <Icon name="alert" size={30} />
        <p>{say(failure.detail)}</p>
        <Button onClick={() => void ask()}>{say(CONSENT_WORDS.tryAgain)}</Button>
      </div>
    );
  }
  if (!held) return <Loading height="320px" />;
  const file = () =>
    download(`aisle-record-${held.shopper}.json`, JSON.stringify(held, null, 2), "application/json");
  return (
    <div class="held" data-testid="held">
      <p class="small soft">{say(WORDS.nothingElse)}</p>
      <Button wide testid="record-save" onClick={file}>
        {say(WORDS.save)}
      </Button>
      <About held={held} />
      <Given held={held} />
      <Visits held={held} zones={zones} />
      <Bought held={held} />
    </div>
  );
}

function Part(props: { title: Text; empty: boolean; children: ComponentChildren }) {
  const { say } = useSpeech();
  return (
    <section>
      <h3>{say(props.title)}</h3>
      {props.empty ? <p class="small faint">{say(WORDS.none)}</p> : <ul class="rows">{props.children}</ul>}
    </section>
  );
}

function About({ held }: { held: Held }) {
  const { say, day } = useSpeech();
  return (
    <Part title={WORDS.about} empty={false}>
      <li>
        {say(WORDS.pseudonym)} <span class="code">{held.shopper}</span>
      </li>
      <li>
        {day(held.joined_at)} <span class="soft">{say(ORIGINS[held.origin])}</span>
      </li>
      {held.beacons.map((beacon) => (
        <li key={beacon}>
          {say(WORDS.beacon)} <span class="code">{beacon}</span>
        </li>
      ))}
    </Part>
  );
}

function Given({ held }: { held: Held }) {
  const { say, day } = useSpeech();
  return (
    <Part title={WORDS.consents} empty={held.consents.length === 0}>
      {held.consents.map((one) => (
        <li key={one.purpose + one.given_at}>
          {say(CONSENT_WORDS[one.purpose])}
          <small>
            {day(one.given_at)} · {say(CONSENT_WORDS.version)} {one.text_version} ({one.language})
            {one.ended_at !== null && one.ended_by !== null && (
              <>
                {" → "}
                {day(one.ended_at)} {say(ENDED[one.ended_by])}
              </>
            )}
          </small>
        </li>
      ))}
    </Part>
  );
}

function Visits({ held, zones }: { held: Held; zones: Named[] }) {
  const { say } = useSpeech();
  const called = (id: string) => {
    const zone = zones.find((one) => one.id === id);
    return zone ? say(zone.name) : id;
  };
  const hours = held.visits.flatMap(({ day, hours }) => hours.map((hour) => ({ day, ...hour })));
  return (
    <Part title={WORDS.visits} empty={hours.length === 0}>
      {hours.map(({ day, hour, zones }) => (
        <li key={`${day} ${hour}`}>
          <span class="figures">{say({ ko: `${day} ${hour}시`, en: `${day}, ${hour}:00` })}</span>
          <small>
            {Object.entries(zones)
              .map(([zone, times]) => `${called(zone)} ×${times}`)
              .join(", ")}
          </small>
        </li>
      ))}
    </Part>
  );
}

function Bought({ held }: { held: Held }) {
  const { say, day } = useSpeech();
  return (
    <>
      <Part title={WORDS.offers} empty={held.offers.length === 0}>
        {held.offers.map((offer) => (
          <li key={offer.campaign + offer.offered_at}>
            {say(offer.title)}
            <small>{day(offer.offered_at)}</small>
          </li>
        ))}
      </Part>
      <Part title={WORDS.orders} empty={held.orders.length === 0}>
        {held.orders.map((one) => (
          <li key={one.order}>
            {one.order} {one.collector} {one.phone_last4}
            <small>{day(one.placed_at)}</small>
          </li>
        ))}
      </Part>
    </>
  );
}
