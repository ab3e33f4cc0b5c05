/** The line to the cloud: its state, what waits on it, and in the demo the scissors. */
import { useCell } from "../cell";
import { useNow } from "../clock";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { Card, Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, GatewayView, LinkView, Text } from "../model";
import { LanesTable } from "./lanes-table";
import { CLOCKS, CLOUD, signsOf, STANDS_BACK } from "./link-words";
import { ParkedFacts } from "./parked";
import { type Simulator, useSimulated } from "./simulator";

function Wire({ cloud }: { cloud: string }) {
  return (
    <div class={`wire ${cloud}`} aria-hidden="true">
      <span class="end">
        <Icon name="shop" />
      </span>
      <span class="strand" />
      <span class="end">
        <Icon name={cloud === "offline" ? "cloudOff" : "cloud"} />
      </span>
    </div>
  );
}

export function LinkCard({ live, simulator }: { live: Live<ConsoleNames>; simulator: Simulator | null }) {
  const { say } = useSpeech();
  const link = useLatest(live, "link");
  const lost = useCell(live.connection) === "lost";
  if (!link) return <Loading height="420px" />;
  return (
    <Card class="link-card" label={say({ ko: "클라우드 연결", en: "Cloud link" })} testid="cloud-link">
      {lost ? <Lost /> : <Known link={link} live={live} />}
      {simulator && <Scissors simulator={simulator} />}
    </Card>
  );
}

/** What the agent said last may be long past: nothing of it is shown. */
function Lost() {
  const { say } = useSpeech();
  return (
    <div class="link-top" role="status" data-testid="agent-lost">
      <Wire cloud="lost" />
      <h2>{say({ ko: "매장 컴퓨터가 응답하지 않습니다", en: "The store’s computer does not answer" })}</h2>
      <p class="small soft">
        {say({
          ko: "클라우드 연결과 미확인 사실은 지금 알 수 없습니다.",
          en: "Whether it reaches the cloud and what waits is not known.",
        })}
      </p>
    </div>
  );
}

function Known({ link, live }: { link: LinkView; live: Live<ConsoleNames> }) {
  const { say, number, time } = useSpeech();
  const now = useNow();
  const lanes = useLatest(live, "lanes");
  const gateway = useLatest(live, "gateway");
  const signs = signsOf(link, useLatest(live, "disk"), gateway, now);
  const waiting: Text = {
    ko: `미확인 사실 ${number(link.waiting)}건`,
    en: `${number(link.waiting)} ${link.waiting === 1 ? "fact" : "facts"} waiting`,
  };
  return (
    <>
      <div class="link-top">
        <Wire cloud={link.fenced ? "offline" : link.cloud} />
        <h2>{say(link.fenced ? STANDS_BACK : CLOUD[link.cloud])}</h2>
        <p class="small soft">
          <span data-testid="facts-waiting" data-waiting={link.waiting}>
            {say(waiting)}
          </span>
          {" · "}
          {say({ ko: `${time(link.since)}부터`, en: `since ${time(link.since)}` })}
        </p>
        {link.cloud !== "online" && link.last_error !== null && (
          <p class="link-error code" data-testid="link-error">
            {link.last_error}
          </p>
        )}
      </div>
      <ul class="signs small" role="status">
        {signs.map(({ id, tone, text }) => (
          <li key={id} class={tone} data-testid={`sign-${id}`}>
            <Icon name="alert" size={16} /> <span>{say(text)}</span>
          </li>
        ))}
      </ul>
      {lanes ? <LanesTable lanes={lanes.lanes} /> : <Loading height="200px" />}
      <div class="link-foot">
        {lanes && gateway && <Details epoch={lanes.epoch} gateway={gateway} />}
        <ParkedFacts live={live} />
      </div>
    </>
  );
}

function Details({ epoch, gateway }: { epoch: number; gateway: GatewayView }) {
  const { say, number, date } = useSpeech();
  const until = gateway.certificate_until;
  const details: Text[] = [
    { ko: `에포크 ${epoch}`, en: `Epoch ${epoch}` },
    {
      ko: `끊김 ${number(gateway.outages)}회`,
      en: `${number(gateway.outages)} ${gateway.outages === 1 ? "outage" : "outages"}`,
    },
    CLOCKS[gateway.clock],
  ];
  if (until !== null) {
    details.push({ ko: `인증서 ${date(until)}까지`, en: `certificate until ${date(until)}` });
  }
  return <p class="faint figures">{details.map(say).join(" · ")}</p>;
}

function Scissors({ simulator }: { simulator: Simulator }) {
  const { say } = useSpeech();
  const faults = useSimulated(simulator, "faults");
  if (!faults) return null;
  const cloudUp = faults.cloud === "up";
  const brokerUp = faults.store_broker === "up";
  return (
    <div class="scissors">
      <Deed
        kind={cloudUp ? "danger" : "primary"}
        testid={cloudUp ? "cut-cloud" : "restore-cloud"}
        deed={() => simulator.setCloud(!cloudUp)}
      >
        <Icon name={cloudUp ? "cloudOff" : "cloud"} />
        {say(
          cloudUp
            ? { ko: "클라우드 끊기", en: "Cut the cloud" }
            : { ko: "클라우드 복구", en: "Restore the cloud" },
        )}
      </Deed>
      <Deed
        kind={brokerUp ? "danger" : "primary"}
        testid={brokerUp ? "stop-store-broker" : "restart-store-broker"}
        deed={() => simulator.setStoreBroker(!brokerUp)}
      >
        <Icon name="radio" />
        {say(
          brokerUp
            ? { ko: "매장 브로커 끄기", en: "Kill the store broker" }
            : { ko: "매장 브로커 켜기", en: "Restart store broker" },
        )}
      </Deed>
    </div>
  );
}
