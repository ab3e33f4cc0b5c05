/** The store's own beacons on the plan: fixed references where they hang, things where they are. */
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { Beacon, ConsoleNames, StoreView, Text } from "../model";

interface Props {
  store: StoreView;
  live: Live<ConsoleNames>;
  /** What moves is drawn too. */
  moving: boolean;
  /** Metres per CSS pixel. */
  unit: number;
}

function referenceText(id: string, gone: boolean): Text {
  return gone
    ? { ko: `기준 비콘 ${id}: 들리지 않음`, en: `Reference beacon ${id}: heard nowhere` }
    : { ko: `기준 비콘 ${id}`, en: `Reference beacon ${id}` };
}

function thingText({ id, role }: Beacon): Text {
  return role === "staff" ? { ko: `직원 ${id}`, en: `Staff ${id}` } : { ko: `비품 ${id}`, en: `Thing ${id}` };
}

/** A diamond where a reference hangs. */
function References({ store, beacons, unit }: Pick<Props, "store" | "unit"> & { beacons: Beacon[] }) {
  const { say } = useSpeech();
  const half = 6 * unit;
  return (
    <>
      {store.beacons.map(({ id, x, y }) => {
        const gone = beacons.some((beacon) => beacon.id === id && beacon.gone);
        const text = say(referenceText(id, gone));
        return (
          <g
            key={id}
            class={gone ? "reference gone" : "reference"}
            transform={`translate(${x} ${y})`}
            role="img"
            aria-label={text}
            data-testid={`plan-beacon-${id}`}
            data-gone={gone}
          >
            <title>{text}</title>
            <path d={`M0 ${-half}L${half} 0L0 ${half}L${-half} 0Z`} />
            {gone && <path class="cross" d={`M${-half} ${-half}L${half} ${half}`} />}
          </g>
        );
      })}
    </>
  );
}

/** A square for a trolley or another thing, a round badge for a member of staff who agreed. */
function Things({ beacons, unit }: { beacons: Beacon[]; unit: number }) {
  const { say } = useSpeech();
  const half = 6.5 * unit;
  return (
    <>
      {beacons.map((beacon) => {
        if (!beacon.place) return null;
        const text = say(thingText(beacon));
        const { x, y } = beacon.place;
        return (
          <g
            key={beacon.id}
            class={`thing gliding ${beacon.role}`}
            style={{ transform: `translate(${x}px, ${y}px)` }}
            role="img"
            aria-label={text}
            data-testid={`plan-beacon-${beacon.id}`}
          >
            <title>{text}</title>
            <rect
              x={-half}
              y={-half}
              width={2 * half}
              height={2 * half}
              rx={beacon.role === "staff" ? half : 2.5 * unit}
            />
            <text y={20 * unit} font-size={10.5 * unit} text-anchor="middle">
              {beacon.id}
            </text>
          </g>
        );
      })}
    </>
  );
}

export function BeaconSymbols({ store, live, moving, unit }: Props) {
  const beacons = useLatest(live, "beacons")?.beacons ?? [];
  return (
    <>
      <References store={store} beacons={beacons} unit={unit} />
      {moving && <Things beacons={beacons} unit={unit} />}
    </>
  );
}
