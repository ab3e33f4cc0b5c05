import type { ComponentChildren } from "preact";
import { useSpeech } from "../i18n";
import type { Believed, StoreView, Text, Zone, ZoneSight } from "../model";
import { hearNothing } from "../sight";
import { nameplate, roundedPath } from "./geometry";

interface Props {
  store: Pick<StoreView, "width_m" | "height_m" | "zones" | "walls">;
  shoppers: Believed[];
  /** Zones that are not listed are known. */
  sights?: ZoneSight[];
  unit: number;
  /** Lies on the zones and under their names. */
  children?: ComponentChildren;
}

const UNKNOWN: Text = { ko: "알 수 없음", en: "unknown" };

function Patterns({ unit, width, height }: { unit: number; width: number; height: number }) {
  return (
    <defs>
      <pattern id="metres" width="1" height="1" patternUnits="userSpaceOnUse">
        <circle cx="0.5" cy="0.5" r={1.1 * unit} class="metre" />
      </pattern>
      <clipPath id="inside">
        <rect width={width} height={height} rx="0.35" />
      </clipPath>
      <pattern
        id="unknown"
        width={9 * unit}
        height={9 * unit}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect class="hatch" width={3 * unit} height={9 * unit} />
      </pattern>
    </defs>
  );
}

/** What a screen reader says of a zone: who is there, or why nobody can tell. */
function zoneText(zone: Zone, here: number, unknown: ZoneSight | undefined): Text {
  const why = unknown && hearNothing(unknown.blind);
  return why
    ? { ko: `${zone.name.ko}: ${UNKNOWN.ko}. ${why.ko}`, en: `${zone.name.en}: ${UNKNOWN.en}, ${why.en}` }
    : { ko: `${zone.name.ko}: ${here}명`, en: `${zone.name.en}: ${here} shoppers` };
}

interface NameProps {
  zone: Zone;
  here: number;
  unknown: ZoneSight | undefined;
  unit: number;
}

function ZoneName({ zone, here, unknown, unit }: NameProps) {
  const { say } = useSpeech();
  const at = nameplate(zone.polygon);
  const text = say(zoneText(zone, here, unknown));
  return (
    <g
      class={`zone-name ${unknown ? "unknown" : ""}`}
      role="img"
      aria-label={text}
      data-testid={`zone-${zone.id}`}
      data-state={unknown ? "unknown" : "known"}
    >
      <title>{text}</title>
      <text x={at.x + 12 * unit} y={at.y - 13 * unit} font-size={13 * unit}>
        {say(zone.name)}
        {unknown && <tspan dx={6 * unit}>{say(UNKNOWN)}</tspan>}
        {!unknown && here > 0 && <tspan dx={6 * unit}>{here}</tspan>}
      </text>
    </g>
  );
}

/** The floor, its zones with the number of shoppers believed there, and the walls. */
export function Ground({ store, shoppers, sights, unit, children }: Props) {
  const zones = store.zones.map((zone) => ({
    zone,
    here: shoppers.filter((shopper) => shopper.zone === zone.id).length,
    unknown: sights?.find(({ id, state }) => id === zone.id && state === "unknown"),
  }));
  return (
    <>
      <Patterns unit={unit} width={store.width_m} height={store.height_m} />
      <rect class="floor" width={store.width_m} height={store.height_m} rx="0.35" />
      <rect width={store.width_m} height={store.height_m} rx="0.35" fill="url(#metres)" />
      {zones.map(({ zone, here }) => (
        <g key={zone.id} class={`zone ${zone.kind} ${here > 0 ? "visited" : ""}`}>
          <path d={roundedPath(zone.polygon, 0.4)} />
        </g>
      ))}
      {zones.map(
        ({ zone, unknown }) =>
          unknown && (
            <path
              key={zone.id}
              class="zone-unknown"
              d={roundedPath(zone.polygon, 0.4)}
              fill="url(#unknown)"
            />
          ),
      )}
      {children}
      {zones.map((each) => (
        <ZoneName key={each.zone.id} {...each} unit={unit} />
      ))}
      {store.walls.map(([x1, y1, x2, y2]) => (
        <line key={`${x1} ${y1} ${x2} ${y2}`} class="wall" x1={x1} y1={y1} x2={x2} y2={y2} />
      ))}
      <rect class="floor-edge" width={store.width_m} height={store.height_m} rx="0.35" />
    </>
  );
}
