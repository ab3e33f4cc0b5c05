/** The plan to stand on: where to go, where it was recorded, what is still a hole. */
import { useRef } from "preact/hooks";
import { Ground } from "../console/ground";
import "../console/floor.css";
import { inside } from "../console/geometry";
import { useSpeech } from "../i18n";
import { isDone, type Plan, type Spot, type State } from "./survey";
import { WORDS } from "./words";

interface Props {
  plan: Plan;
  state: State;
  aim: Spot;
  onAim(spot: Spot): void;
}

/** How far one arrow key moves the aim, in metres; with Shift four times as far. */
const STEP_M = 0.25;
const ARROWS: Record<string, Spot> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Marks keep their size on a floor of any width: metres per CSS pixel on a phone. */
const PHONE_PX = 358;

export function Floor({ plan, state, aim, onAim }: Props) {
  const { say } = useSpeech();
  const svg = useRef<SVGSVGElement>(null);
  const unit = Math.max(plan.width_m / PHONE_PX, 0.02);
  const aimAt = (x: number, y: number) => {
    const place = inside({ x, y }, plan.width_m, plan.height_m);
    onAim([place.x, place.y]);
  };
  const onKey = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow || state.running) return;
    event.preventDefault();
    const step = event.shiftKey ? 4 * STEP_M : STEP_M;
    aimAt(aim[0] + arrow[0] * step, aim[1] + arrow[1] * step);
  };
  const onClick = (event: MouseEvent) => {
    if (!svg.current || state.running) return;
    const toPlan = svg.current.getScreenCTM()?.inverse();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(toPlan);
    aimAt(x, y);
  };
  return (
    <svg
      ref={svg}
      class="plan survey-plan"
      viewBox={`-0.5 -0.5 ${plan.width_m + 1} ${plan.height_m + 1}`}
      role="group"
      aria-label={say(WORDS.plan)}
      aria-describedby="aim"
      tabindex={0}
      data-testid="floor"
      onKeyDown={onKey}
      onClick={onClick}
    >
      <Ground store={plan} shoppers={[]} unit={unit} />
      {state.lacking.holes.map(([x, y]) => (
        <rect key={`${x} ${y}`} class="hole" x={x - 0.5} y={y - 0.5} width="1" height="1" />
      ))}
      {Object.entries(plan.receivers).map(([id, [x, y]]) => (
        <g key={id} transform={`translate(${x} ${y})`} class={id in state.hearing ? "ear on" : "ear"}>
          <title>{id}</title>
          <rect x={-4 * unit} y={-4 * unit} width={8 * unit} height={8 * unit} rx={2 * unit} />
        </g>
      ))}
      {plan.suggested
        .filter((spot) => !isDone(spot, state.spots))
        .map(([x, y]) => (
          <circle key={`${x} ${y}`} class="wanted" cx={x} cy={y} r={4 * unit} />
        ))}
      {state.spots.map(({ id, at: [x, y], verdict }) => (
        <circle key={id} class={verdict.good ? "done" : "done poor"} cx={x} cy={y} r={5 * unit} />
      ))}
      <g
        class={state.running ? "aim running" : "aim"}
        transform={`translate(${aim[0]} ${aim[1]})`}
        data-testid="aim"
        data-x={aim[0]}
        data-y={aim[1]}
      >
        <circle class="around" r={14 * unit} />
        <circle class="middle" r={4.5 * unit} />
      </g>
    </svg>
  );
}
