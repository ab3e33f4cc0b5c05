/** What the installer does now: go, stand still, see whether it was enough. */
import { type Peer, post, remove, send } from "../api";
import { Badge, Empty } from "../design/parts";
import { reasonText } from "../console/radio-words";
import { Button, Deed } from "../design/button";
import { Icon } from "../design/icons";
import { duration, useSpeech } from "../i18n";
import type { Plan, RecordedSpot, Spot, State } from "./survey";
import { WORDS } from "./words";

interface Props {
  plan: Plan;
  state: State;
  aim: Spot;
  last: RecordedSpot | undefined;
  peer: Peer;
  take(state: State): void;
  onNext(): void;
}

/** A bar is empty at the weakest that radios hear and full beside one. */
const WEAKEST_DBM = -100;
const STRONGEST_DBM = -40;

function strength(rssi: number | undefined): number {
  if (rssi === undefined) return 0;
  return Math.min(1, Math.max(0.02, (rssi - WEAKEST_DBM) / (STRONGEST_DBM - WEAKEST_DBM)));
}

export function Ears({ plan, state }: Pick<Props, "plan" | "state">) {
  const { say, number } = useSpeech();
  const heard = state.running?.heard;
  return (
    <section class="ears" aria-label={say(WORDS.hearing)}>
      <h2 class="small soft">{say(WORDS.hearing)}</h2>
      <ul>
        {Object.keys(plan.receivers).map((id) => {
          const rssi = state.hearing[id];
          const blind = state.receivers[id]?.state === "blind" ? state.receivers[id] : null;
          return (
            <li key={id} data-testid={`ear-${id}`}>
              <span class="name">{id}</span>
              <span class="meter">
                <span class="fill accent" style={{ transform: `scaleX(${strength(rssi)})` }} />
              </span>
              <span class="figures small soft">
                {rssi === undefined ? "—" : `${number(Math.round(rssi))} dBm`}
                {heard && ` · ${number(heard[id] ?? 0)}`}
              </span>
              {blind && (
                <p class="small blind" title={blind.detail}>
                  <Icon name="alert" size={16} /> {say(reasonText(blind.reason ?? ""))}
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Now({ plan, state, aim, last, peer, take, onNext }: Props) {
  const { say, number } = useSpeech();
  const start = async () => {
    take(await post<State>("/v1/survey/spots", { x: aim[0], y: aim[1] }, peer));
  };
  if (state.running) {
    const left = Math.max(0, Math.ceil(state.running.left_s));
    const part = 1 - state.running.left_s / plan.seconds;
    return (
      <section class="now running" aria-live="polite">
        <div class="countdown" role="timer" data-testid="countdown">
          <svg viewBox="0 0 100 100" aria-hidden="true">
            <circle class="way" cx="50" cy="50" r="44" />
            <circle class="gone" cx="50" cy="50" r="44" pathLength="1" stroke-dasharray={`${part} 1`} />
          </svg>
          <strong class="figures">{number(left)}</strong>
        </div>
        <div>
          <h2>{say(WORDS.recording)}</h2>
          <Deed
            testid="cancel"
            deed={async () => take(await send<State>("DELETE", "/v1/survey/spots/running", {}, peer))}
          >
            {say(WORDS.cancel)}
          </Deed>
        </div>
      </section>
    );
  }
  if (last) return <Verdict last={last} start={start} onNext={onNext} peer={peer} />;
  const heardNow = Object.keys(state.hearing).length > 0;
  return (
    <section class="now">
      <h2>
        {say(WORDS.goThere)}{" "}
        <span class="soft figures place" id="aim">
          {place(aim, number)}
        </span>
      </h2>
      <p class="soft">{say(heardNow ? WORDS.hold : WORDS.nothing)}</p>
      <Deed kind="primary" size="large" wide testid="start" deed={start}>
        <Icon name="radio" /> {say(WORDS.start)} · {say(duration(plan.seconds * 1000))}
      </Deed>
    </section>
  );
}

function Verdict(props: {
  last: RecordedSpot;
  start(): Promise<void>;
  onNext(): void;
  peer: Peer;
}) {
  const { say, number } = useSpeech();
  const { packets, deaf, good } = props.last.verdict;
  const again = async () => {
    await remove(`/v1/survey/spots/${props.last.id}`, props.peer);
    await props.start();
  };
  return (
    <section class="now" data-testid="verdict" aria-live="polite">
      <h2>
        <Badge tone={good ? "good" : "warn"} dot="still">
          {say(good ? WORDS.good : WORDS.poor)}
        </Badge>
      </h2>
      <p class="soft">
        {say({ ko: `패킷 ${number(packets)}개`, en: `${number(packets)} packets` })}
        {deaf.length > 0 &&
          say({
            ko: `. 가까운데 듣지 못한 수신기: ${deaf.join(", ")}`,
            en: `. Near, and heard nothing: ${deaf.join(", ")}`,
          })}
      </p>
      <div class="pair">
        <Deed testid="again" size="large" kind={good ? "plain" : "primary"} deed={again}>
          {say(WORDS.again)}
        </Deed>
        <Button testid="next" size="large" kind={good ? "primary" : "plain"} onClick={props.onNext}>
          {say(WORDS.next)} <Icon name="arrow" />
        </Button>
      </div>
    </section>
  );
}

export function Lacking({ plan, state, peer, take }: Omit<Props, "aim" | "last" | "onNext">) {
  const { say, number } = useSpeech();
  const { thin, holes, unheard } = state.lacking;
  const names = Object.fromEntries(plan.zones.map((zone) => [zone.id, zone.name]));
  const complete = Object.keys(thin).length + holes.length + unheard.length === 0;
  if (state.written !== null) {
    return (
      <section class="card lacking" data-testid="written" aria-live="polite">
        <Empty icon="check" title={`${say(WORDS.written)}: ${state.written}`}>
          {say(WORDS.writtenNext)}
        </Empty>
      </section>
    );
  }
  return (
    <section class="card lacking" data-testid="lacking">
      <h2>{say(complete ? WORDS.complete : WORDS.lacking)}</h2>
      <ul>
        {Object.entries(thin).map(([zone, lack]) => (
          <li key={zone}>
            {say({
              ko: `${names[zone] ? say(names[zone]) : zone}: ${number(lack)}곳 더`,
              en: `${names[zone] ? say(names[zone]) : zone}: ${number(lack)} more`,
            })}
          </li>
        ))}
        {holes.length > 0 && (
          <li>
            {say({
              ko: `3 m 안에 기록이 없는 곳: ${number(holes.length)} m² (평면도의 노란 칸)`,
              en: `Nothing recorded within 3 m: ${number(holes.length)} m² (shaded on the plan)`,
            })}
          </li>
        )}
        {(state.spots.length > 0 ? unheard : []).map((id) => (
          <li key={id}>
            {say({
              ko: `수신기 ${id}: 아직 비콘을 듣지 못함`,
              en: `Receiver ${id}: has not heard the beacon yet`,
            })}
          </li>
        ))}
      </ul>
      <Deed
        wide
        testid="finish"
        kind={complete ? "primary" : "plain"}
        deed={async () => take(await post<State>("/v1/survey/finish", {}, peer))}
      >
        {say(complete ? WORDS.finish : WORDS.finishAnyway)}
      </Deed>
    </section>
  );
}

export function Recorded({ state, peer, take }: Pick<Props, "state" | "peer" | "take">) {
  const { say, number } = useSpeech();
  if (state.spots.length === 0) return null;
  return (
    <details class="card recorded">
      <summary>
        {say(WORDS.spots)} <span class="figures soft">{number(state.spots.length)}</span>
      </summary>
      <ul class="rows">
        {state.spots.toReversed().map(({ id, at, verdict }) => (
          <li key={id}>
            <span class="figures">{place(at, number)}</span>
            <Badge tone={verdict.good ? "good" : "warn"}>{number(verdict.packets)}</Badge>
            <Deed
              kind="quiet"
              label={`${say(WORDS.remove)} ${place(at, number)}`}
              deed={async () => take(await send<State>("DELETE", `/v1/survey/spots/${id}`, {}, peer))}
            >
              <Icon name="close" />
            </Deed>
          </li>
        ))}
      </ul>
    </details>
  );
}

function place([x, y]: Spot, number: (value: number, digits?: number) => string): string {
  return `${number(x, 1)} m, ${number(y, 1)} m`;
}
