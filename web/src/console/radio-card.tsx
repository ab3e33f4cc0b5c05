/** What the receivers hear. Counts only: an address that is nobody's is never shown. */
import { Badge, Card, Loading, type Tone } from "../design/parts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, RadioView, ReceiverState } from "../model";
import { RECEIVER_STATES } from "./machines";

const TONES: Record<ReceiverState, Tone> = { hearing: "good", blind: "bad", starting: "info" };

function Receivers({ receivers }: Pick<RadioView, "receivers">) {
  const { say, number } = useSpeech();
  return (
    <ul class="receivers">
      {receivers.map((receiver) => (
        <li key={receiver.id} data-testid={`receiver-${receiver.id}`} data-state={receiver.state}>
          <span class="name">{receiver.id}</span>
          <span class="figures small soft">{number(receiver.rate, 1)}/s</span>
          <Badge tone={TONES[receiver.state]} dot={receiver.state === "hearing" ? "still" : "pulse"}>
            <span title={receiver.reason ?? undefined}>{say(RECEIVER_STATES[receiver.state])}</span>
          </Badge>
        </li>
      ))}
    </ul>
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

export function RadioCard({ live }: { live: Live<ConsoleNames> }) {
  const { say, number } = useSpeech();
  const radio = useLatest(live, "radio");
  const heard = radio && (
    <span class="small soft figures">
      {say({ ko: `광고 ${number(radio.heard)}건 수신`, en: `${number(radio.heard)} adverts heard` })}
    </span>
  );
  return (
    <Card title={say({ ko: "라디오", en: "Radio" })} aside={heard} testid="radio">
      <div class="card-body">
        {!radio && <Loading height="160px" />}
        {radio && <Receivers receivers={radio.receivers} />}
        {radio && (
          <ul class="counts">
            {Object.entries(radio.decoded).map(([format, count]) => (
              <Count key={format} label={format} count={count} of={radio.heard} tone="accent" />
            ))}
            {radio.ignored.map(({ reason, format, count }) => (
              <Count
                key={`${reason}/${format}`}
                label={format ? `${reason} · ${format}` : reason}
                count={count}
                of={radio.heard}
                tone="faint"
              />
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
