/** Receivers, lockers and mirrors on the plan, each with its state. */
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { Compartment, ConsoleNames, StoreView } from "../model";
import { mirrorText } from "../names";
import type { Selection } from "./plan";
import { reasonText, RECEIVER_STATES } from "./radio-words";

interface Props {
  store: StoreView;
  live: Live<ConsoleNames>;
  /** Metres per CSS pixel. */
  unit: number;
}

export function ReceiverSymbols({ store, live, unit }: Props) {
  const { say } = useSpeech();
  const radio = useLatest(live, "radio");
  return (
    <>
      {store.receivers.map(({ id, x, y }) => {
        const heard = radio?.receivers.find((receiver) => receiver.id === id);
        const state = heard?.state ?? "starting";
        const pulsing = state === "hearing" && (heard?.rate ?? 0) > 0;
        const why = heard?.reason ? `. ${say(reasonText(heard.reason))}` : "";
        const text = `${id} · ${say(RECEIVER_STATES[state])}${why}`;
        return (
          <g
            key={id}
            class={`receiver ${state} ${heard?.concern ? "concerned" : ""}`}
            transform={`translate(${x} ${y})`}
            role="img"
            aria-label={text}
            data-testid={`plan-receiver-${id}`}
            data-state={state}
          >
            <title>{text}</title>
            {pulsing && <circle class="wave" r={24 * unit} />}
            {pulsing && <circle class="wave late" r={24 * unit} />}
            <circle class="case" r={8 * unit} />
            <circle class="core" r={3 * unit} />
            {state === "blind" && (
              <>
                <path d={`M${-6 * unit} ${-6 * unit}L${6 * unit} ${6 * unit}`} />
                <text y={-13 * unit} font-size={11 * unit} text-anchor="middle">
                  {say(RECEIVER_STATES.blind)}
                </text>
              </>
            )}
          </g>
        );
      })}
    </>
  );
}

const COLUMNS = 2;

function doorClass(door: Compartment): string {
  if (door.out_of_service) return "tiny-door out";
  if (door.door === "open") return "tiny-door open";
  return door.occupied || door.order ? "tiny-door full" : "tiny-door";
}

export function LockerSymbols({ store, live, unit }: Props) {
  const { say } = useSpeech();
  const banks = useLatest(live, "lockers")?.banks;
  return (
    <>
      {store.lockers.map(({ id, x, y }) => {
        const bank = banks?.find((each) => each.id === id);
        const compartments = bank?.compartments ?? [];
        const rows = Math.max(1, Math.ceil(compartments.length / COLUMNS));
        const width = 0.9;
        const height = rows * 0.3;
        const left = Math.min(x - width / 2, store.width_m - width - 0.1);
        return (
          <g key={id} class="locker" transform={`translate(${left} ${y - height / 2})`}>
            <title>{say({ ko: `보관함 ${id}`, en: `Locker bank ${id}` })}</title>
            <rect class="frame" x="-0.1" y="-0.1" width={width + 0.2} height={height + 0.2} rx="0.12" />
            {compartments.map((door, index) => (
              <rect
                key={door.n}
                class={bank?.device === "silent" ? "tiny-door unknown" : doorClass(door)}
                x={(index % COLUMNS) * (width / COLUMNS) + 0.03}
                y={Math.floor(index / COLUMNS) * 0.3 + 0.03}
                width={width / COLUMNS - 0.06}
                height="0.24"
                rx="0.04"
              />
            ))}
            <text x={width} y={-10 * unit} font-size={11.5 * unit} text-anchor="end">
              {say({ ko: `보관함 ${id}`, en: `Locker ${id}` })}
            </text>
          </g>
        );
      })}
    </>
  );
}

interface MirrorProps extends Props {
  selection: Selection;
  onSelect(selection: Selection): void;
}

export function MirrorSymbols({ store, live, unit, selection, onSelect }: MirrorProps) {
  const { say } = useSpeech();
  const mirrors = useLatest(live, "mirrors")?.mirrors;
  return (
    <>
      {store.mirrors.map(({ id, x, y }) => {
        const mirror = mirrors?.find((each) => each.id === id);
        const busy = mirror?.session != null;
        const select = (event: Event) => {
          event.stopPropagation();
          onSelect({ kind: "mirror", id });
        };
        return (
          <g
            key={id}
            class={`mirror ${busy ? "busy" : ""} ${mirror?.present ? "" : "absent"}`}
            transform={`translate(${x} ${y})`}
            role="button"
            tabindex={0}
            aria-label={say(mirrorText(id))}
            aria-pressed={selection?.kind === "mirror" && selection.id === id}
            data-testid={`plan-mirror-${id}`}
            onClick={select}
            onKeyDown={(event) => ["Enter", " "].includes(event.key) && select(event)}
          >
            <title>{id}</title>
            <circle class="touch" r={22 * unit} />
            <rect
              class="glass"
              x={-7 * unit}
              y={-13 * unit}
              width={14 * unit}
              height={26 * unit}
              rx={4 * unit}
            />
            <path class="gleam" d={`M${-2.5 * unit} ${2 * unit}L${3 * unit} ${-5 * unit}`} />
            {mirror?.offer && <circle class="offer" cx={8 * unit} cy={-13 * unit} r={5.5 * unit} />}
          </g>
        );
      })}
    </>
  );
}
