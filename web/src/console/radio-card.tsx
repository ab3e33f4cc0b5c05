/** What the receivers hear, and what is done about those that do not. Counts, never an address. */
import { useNow } from "../clock";
import { Icon } from "../design/icons";
import { Badge, Card, Loading, type Tone } from "../design/parts";
import { duration, useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, RadioView, Receiver, ReceiverKind, ReceiverState } from "../model";
import {
  concernOf,
  KINDS,
  passedOverText,
  reasonText,
  RECEIVER_STATES,
  stepText,
  troubleText,
} from "./radio-words";

const TONES: Record<ReceiverState, Tone> = { hearing: "good", blind: "bad", starting: "info" };

function Trouble({ receiver }: { receiver: Receiver }) {
  const { say } = useSpeech();
  const concern = receiver.concern === null ? null : concernOf(receiver.concern);
  if (receiver.state === "blind") {
    return (
      <div class="receiver-trouble bad">
        {receiver.reason !== null && <p>{say(reasonText(receiver.reason))}</p>}
        {receiver.step !== null && <p>{say(stepText(receiver.step, receiver.attempt))}</p>}
        {receiver.detail !== "" && <p class="code">{receiver.detail}</p>}
      </div>
    );
  }
  if (!concern) return null;
  return (
    <div class="receiver-trouble warn" data-testid={`concern-${receiver.id}`}>
      <p>
        <strong>{say(concern.what)}.</strong> {say(concern.remedy)}
      </p>
    </div>
  );
}

function ReceiverRow({ receiver, kind }: { receiver: Receiver; kind: ReceiverKind | undefined }) {
  const { say, number } = useSpeech();
  const since = duration(useNow() - Date.parse(receiver.since));
  const age = receiver.heard_age_s;
  const heard = age === null ? null : duration(age * 1000);
  const troubles = Object.entries(receiver.troubles);
  const concerned = receiver.concern !== null;
  return (
    <li data-testid={`receiver-${receiver.id}`} data-state={receiver.state}>
      <div class="receiver-row">
        <div class="receiver-words">
          <span class="name">{receiver.id}</span>
          <span class="small soft">{kind && say(KINDS[kind])}</span>
        </div>
        <div class="receiver-figures small soft figures">
          <span>{number(receiver.rate, 1)}/s</span>
          <span>
            {heard
              ? say({ ko: `${heard.ko} 전 마지막 신호`, en: `last heard ${heard.en} ago` })
              : say({ ko: "아직 신호 없음", en: "never heard" })}
          </span>
        </div>
        <Badge
          tone={receiver.state === "hearing" && concerned ? "warn" : TONES[receiver.state]}
          dot={receiver.state === "hearing" ? "still" : "pulse"}
        >
          {say(RECEIVER_STATES[receiver.state])} · {say(since)}
        </Badge>
      </div>
      <Trouble receiver={receiver} />
      {troubles.length > 0 && (
        <p class="small faint figures">
          {troubles.map(([what, count]) => `${say(troubleText(what))} ${number(count)}`).join(" · ")}
        </p>
      )}
    </li>
  );
}

function Count(props: { label: string; count: number; of: number; tone: "accent" | "faint" }) {
  const { number } = useSpeech();
  return (
    <li class="count">
      <span class="name">{props.label}</span>
      <span class="figures">{number(props.count)}</span>
      <span class="meter">
        <span
          class={`fill ${props.tone}`}
          style={{ transform: `scaleX(${props.of > 0 ? props.count / props.of : 0})` }}
        />
      </span>
    </li>
  );
}

function Counts({ radio }: { radio: RadioView }) {
  const { say } = useSpeech();
  return (
    <ul class="counts">
      {Object.entries(radio.decoded).map(([format, count]) => (
        <Count key={format} label={format} count={count} of={radio.heard} tone="accent" />
      ))}
      {radio.ignored.map(({ reason, format, count }) => (
        <Count
          key={`${reason}/${format}`}
          label={say(passedOverText(reason, format))}
          count={count}
          of={radio.heard}
          tone="faint"
        />
      ))}
    </ul>
  );
}

/** Who is about and was never enrolled: counted, and forgotten. And what was too much. */
function Others({ radio }: { radio: RadioView }) {
  const { say, number } = useSpeech();
  const today = number(radio.strangers.today);
  const shed = number(radio.shed);
  return (
    <div class="others small">
      <p class="soft" data-testid="strangers">
        <Icon name="person" size={16} />{" "}
        {say({
          ko: `오늘 모르는 기기 약 ${today}대. 개수만 세고 아무것도 남기지 않습니다.`,
          en: `About ${today} devices today that nobody knows: counted, and nothing else kept.`,
        })}
      </p>
      {radio.shed > 0 && (
        <p class="warn-words" data-testid="shed">
          <Icon name="alert" size={16} />{" "}
          {say({
            ko: `신호가 너무 많아 더 새로운 신호로 대신한 것: ${shed}건`,
            en: `Too much at once: ${shed} sightings gave way to newer ones`,
          })}
        </p>
      )}
    </div>
  );
}

export function RadioCard({ live }: { live: Live<ConsoleNames> }) {
  const { say, number } = useSpeech();
  const radio = useLatest(live, "radio");
  const places = useLatest(live, "store")?.receivers;
  const heard = radio && (
    <span class="small soft figures">
      {say({ ko: `광고 ${number(radio.heard)}건 수신`, en: `${number(radio.heard)} adverts heard` })}
    </span>
  );
  return (
    <Card title={say({ ko: "라디오", en: "Radio" })} aside={heard} testid="radio">
      <div class="card-body">
        {!radio && <Loading height="160px" />}
        {radio && (
          <>
            <ul class="receivers">
              {radio.receivers.map((receiver) => (
                <ReceiverRow
                  key={receiver.id}
                  receiver={receiver}
                  kind={places?.find(({ id }) => id === receiver.id)?.kind}
                />
              ))}
            </ul>
            <Others radio={radio} />
            <Counts radio={radio} />
          </>
        )}
      </div>
    </Card>
  );
}
