import { useSpeech } from "../i18n";
import type { Believed, StoreView } from "../model";
import { nameplate, roundedPath } from "./geometry";

interface Props {
  store: Pick<StoreView, "width_m" | "height_m" | "zones" | "walls">;
  shoppers: Believed[];
  unit: number;
}

/** The floor, its zones with the number of shoppers believed there, and the walls. */
export function Ground({ store, shoppers, unit }: Props) {
  const { say } = useSpeech();
  return (
    <>
      <defs>
        <pattern id="metres" width="1" height="1" patternUnits="userSpaceOnUse">
          <circle cx="0.5" cy="0.5" r={1.1 * unit} class="metre" />
        </pattern>
      </defs>
      <rect class="floor" width={store.width_m} height={store.height_m} rx="0.35" />
      <rect width={store.width_m} height={store.height_m} rx="0.35" fill="url(#metres)" />
      {store.zones.map((zone) => {
        const here = shoppers.filter((shopper) => shopper.zone === zone.id).length;
        const at = nameplate(zone.polygon);
        return (
          <g key={zone.id} class={`zone ${zone.kind} ${here > 0 ? "visited" : ""}`}>
            <path d={roundedPath(zone.polygon, 0.4)} />
            <text x={at.x + 12 * unit} y={at.y - 13 * unit} font-size={13 * unit}>
              {say(zone.name)}
              {here > 0 && <tspan dx={6 * unit}>{here}</tspan>}
            </text>
          </g>
        );
      })}
      {store.walls.map(([x1, y1, x2, y2]) => (
        <line key={`${x1} ${y1} ${x2} ${y2}`} class="wall" x1={x1} y1={y1} x2={x2} y2={y2} />
      ))}
      <rect class="floor-edge" width={store.width_m} height={store.height_m} rx="0.35" />
    </>
  );
}
