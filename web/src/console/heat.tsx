/** Where time was spent, hour by hour: a layer of the plan, and what stands below it. */
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { Empty, Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import type { HeatMap, Text, Zone } from "../model";
import { cellsOf, type Hour, levelOf, STEPS, stepOf, zoneTimes } from "./heat-scale";
import type { Heat } from "./use-heat";

const HOUR_MS = 3_600_000;

const HARDLY: Text = { ko: "1분 미만", en: "under 1 min" };

/** Zones that are named in the summary; the plan shows the rest. */
const MOST_NAMED = 4;

interface LayerProps {
  map: HeatMap;
  hour: Hour;
  /** Metres per CSS pixel. */
  unit: number;
}

/** Cells with a colour; where there is a point only, fewer people than may be shown. */
export function HeatLayer({ map, hour, unit }: LayerProps) {
  const { say, number } = useSpeech();
  const step = stepOf(map);
  const size = map.cell_m;
  return (
    <g class="heat" data-testid="heat-layer" shape-rendering="crispEdges" aria-hidden="true">
      <defs>
        <pattern id="too-few" width={size} height={size} patternUnits="userSpaceOnUse">
          <circle cx={size / 2} cy={size / 2} r={1.4 * unit} class="too-few" />
        </pattern>
      </defs>
      <rect width={map.columns * size} height={map.rows * size} fill="url(#too-few)" />
      {cellsOf(map, hour).map(({ x, y, seconds }) => (
        <rect
          key={`${x} ${y}`}
          class={`heat-${levelOf(seconds, step)}`}
          x={x}
          y={y}
          width={size}
          height={size}
        >
          <title>
            {say({ ko: `${number(seconds / 60, 1)}분`, en: `${number(seconds / 60, 1)} min` })}
          </title>
        </rect>
      ))}
    </g>
  );
}

function Legend({ map }: { map: HeatMap }) {
  const { say, number } = useSpeech();
  const step = stepOf(map);
  const digits = step < 1 ? 1 : 0;
  const steps = Array.from({ length: STEPS }, (_, index) => index + 1);
  const least = number(map.at_least);
  return (
    <ul class="heat-legend small soft figures">
      {steps.map((level) => {
        const from = number((level - 1) * step, digits);
        const to = number(level * step, digits);
        const text =
          level === STEPS
            ? { ko: `${from}분 이상`, en: `${from} min and more` }
            : { ko: `${from}–${to}분`, en: `${from}–${to} min` };
        return (
          <li key={level}>
            <span class={`heat-sample heat-${level}`} /> {say(text)}
          </li>
        );
      })}
      <li>
        <span class="heat-sample none" />{" "}
        {say({ ko: `${least}명 미만, 표시하지 않음`, en: `fewer than ${least} people: not shown` })}
      </li>
    </ul>
  );
}

function Summary({ map, hour, zones }: { map: HeatMap; hour: Hour; zones: readonly Zone[] }) {
  const { say, number } = useSpeech();
  const times = zoneTimes(zones, map, hour).slice(0, MOST_NAMED);
  const least = number(map.at_least);
  return (
    <p class="small" role="status" data-testid="heat-summary">
      {times.length === 0
        ? say({
            ko: `이 시간에는 ${least}명 이상 머문 자리가 없습니다.`,
            en: `In this hour no place was visited by ${least} people.`,
          })
        : times.map(({ zone, minutes }) => (
            <span key={zone.id} class="heat-zone">
              {say(zone.name)}{" "}
              <strong class="figures">
                {say(minutes < 1 ? HARDLY : { ko: `${number(minutes)}분`, en: `${number(minutes)} min` })}
              </strong>
            </span>
          ))}
    </p>
  );
}

interface ControlProps {
  heat: Heat;
  /** How many hours ago; 0 is the present one. */
  back: number;
  zones: readonly Zone[];
  onBack(back: number): void;
}

function Slider({ map, back, onBack }: { map: HeatMap; back: number; onBack(back: number): void }) {
  const { say, time, day } = useSpeech();
  const hour = map.hours[back];
  const oldest = map.hours.length - 1;
  if (!hour) return null;
  const until = new Date(Date.parse(hour.from) + HOUR_MS).toISOString();
  const words =
    back === 0
      ? say({ ko: `${time(hour.from)}부터 지금까지`, en: `${time(hour.from)} until now` })
      : `${day(hour.from)} – ${time(until)}`;
  return (
    <div class="heat-slider">
      <label hidden={oldest === 0}>
        <span class="unseen">{say({ ko: "시간", en: "Hour" })}</span>
        <input
          type="range"
          min={-oldest}
          max={0}
          step={1}
          value={-back}
          aria-valuetext={words}
          data-testid="heat-hour"
          onInput={(event) => onBack(-event.currentTarget.valueAsNumber)}
        />
      </label>
      <output class="figures small" data-testid="heat-words">
        {words}
      </output>
    </div>
  );
}

export function HeatControls({ heat, back, zones, onBack }: ControlProps) {
  const { say } = useSpeech();
  if (heat.state === "loading") return <Loading height="96px" />;
  if (heat.state === "failed") {
    return (
      <div class="heat-controls">
        <Empty icon="alert" title={say(heat.problem.detail)} />
        <Button onClick={heat.again}>{say({ ko: "다시 시도", en: "Try again" })}</Button>
      </div>
    );
  }
  const hour = heat.map.hours[back];
  return (
    <div class="heat-controls">
      <Slider map={heat.map} back={back} onBack={onBack} />
      {hour && <Summary map={heat.map} hour={hour} zones={zones} />}
      <Legend map={heat.map} />
      <p class="small faint">
        <Icon name="shield" size={15} />{" "}
        {say({
          ko: "위치 이용에 동의한 고객만, 합계로만, 메모리에만 하루 동안 둡니다.",
          en: "Only of customers who agreed to it, only as sums, in memory for a day.",
        })}
      </p>
    </div>
  );
}
