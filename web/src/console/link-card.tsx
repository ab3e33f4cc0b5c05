/** The line to the cloud: its state, what waits on it, and in the demo the scissors. */
import { useCell } from "../cell";
import { useSpeech } from "../i18n";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { Card } from "../design/parts";
import { laneText } from "../lanes";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, LanesView, LinkView, Text } from "../model";
import { type Simulator, useSimulated } from "./simulator";

/** The bar of a lane is full here; more waits unseen but is counted beside it. */
const FULL_BAR = 40;

function Lane({ lane }: { lane: LanesView["lanes"][number] }) {
  const { say, number } = useSpeech();
  const fill = Math.min(1, lane.waiting / FULL_BAR);
  return (
    <li class="lane" data-testid={`lane-${lane.lane}`} data-waiting={lane.waiting}>
      <span class={`lane-dot ${lane.lane}`} />
      <span>{say(laneText(lane.lane))}</span>
      <span class="meter">
        <span class={`fill ${lane.lane}`} style={{ transform: `scaleX(${fill})` }} />
      </span>
      <span class="figures waiting">{number(lane.waiting)}</span>
      <span class="figures faint sequence">
        {number(lane.cursor)}/{number(lane.sequence)}
      </span>
    </li>
  );
}

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

const CLOUD: Record<LinkView["cloud"], Text> = {
  online: { ko: "클라우드와 연결되어 있습니다", en: "In step with the cloud" },
  connecting: { ko: "클라우드에 연결하는 중입니다", en: "Connecting to the cloud" },
  offline: { ko: "클라우드 없이 영업 중입니다", en: "Open without the cloud" },
};

export function LinkCard({ live, simulator }: { live: Live<ConsoleNames>; simulator: Simulator | null }) {
  const link = useLatest(live, "link");
  const lanes = useLatest(live, "lanes");
  const lost = useCell(live.connection) === "lost";
  if (!link) return null;
  return (
    <Card class="link-card">
      {lost ? <Lost /> : <Known link={link} lanes={lanes} />}
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

function Known({ link, lanes }: { link: LinkView; lanes: LanesView | undefined }) {
  const { say, number, time } = useSpeech();
  const waiting: Text = {
    ko: `미확인 사실 ${number(link.waiting)}건`,
    en: `${number(link.waiting)} ${link.waiting === 1 ? "fact" : "facts"} waiting`,
  };
  return (
    <>
      <div class="link-top">
        <Wire cloud={link.cloud} />
        <h2>{say(CLOUD[link.cloud])}</h2>
        <p class="small soft">
          <span data-testid="facts-waiting" data-waiting={link.waiting}>
            {say(waiting)}
          </span>
          {" · "}
          {say({ ko: `${time(link.since)}부터`, en: `since ${time(link.since)}` })}
        </p>
        {link.fenced && (
          <p class="small bad-words" role="alert">
            {say({
              ko: "다른 게이트웨이가 이 매장을 이끌고 있습니다.",
              en: "Another gateway leads this store.",
            })}
          </p>
        )}
      </div>
      <ul class="lanes">
        {lanes?.lanes.map((lane) => (
          <Lane key={lane.lane} lane={lane} />
        ))}
      </ul>
      {lanes && lanes.parked > 0 && (
        <p class="small parked">
          {say({ ko: `보류된 사실 ${lanes.parked}건`, en: `${lanes.parked} parked` })}
        </p>
      )}
    </>
  );
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
