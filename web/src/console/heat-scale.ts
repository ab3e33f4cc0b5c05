/** Five steps of minutes for a heat map, the same for all of its hours, and sums by zone. */
import type { HeatMap, Zone } from "../model";
import { within } from "./geometry";

export const STEPS = 5;

/** Sizes of a step, in minutes, that people count in. */
const ROUND_MIN = [0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240, 480];

export type Hour = HeatMap["hours"][number];

/** The smallest round step of which five reach the busiest cell of all hours. */
export function stepOf(map: HeatMap): number {
  const cells = map.hours.flatMap(({ seconds }) => seconds.flat());
  const busiest = cells.reduce<number>((most, cell) => Math.max(most, cell ?? 0), 0) / 60;
  return ROUND_MIN.find((step) => step * STEPS >= busiest) ?? Math.ceil(busiest / STEPS);
}

/** 1 to 5. */
export function levelOf(seconds: number, step: number): number {
  return Math.min(STEPS, 1 + Math.floor(seconds / 60 / step));
}

export interface Cell {
  x: number;
  y: number;
  seconds: number;
}

/** The cells that say something, by their top left corner in metres. */
export function cellsOf(map: HeatMap, hour: Hour): Cell[] {
  return hour.seconds.flatMap((row, down) =>
    row.flatMap((seconds, along) =>
      seconds === null ? [] : [{ x: along * map.cell_m, y: down * map.cell_m, seconds }],
    ),
  );
}

export interface ZoneTime {
  zone: Zone;
  minutes: number;
}

/** Minutes by zone, the busiest first; what was kept back is in none of them. */
export function zoneTimes(zones: readonly Zone[], map: HeatMap, hour: Hour): ZoneTime[] {
  const half = map.cell_m / 2;
  const cells = cellsOf(map, hour);
  return zones
    .map((zone) => {
      const own = cells.filter(({ x, y }) => within({ x: x + half, y: y + half }, zone.polygon));
      return { zone, minutes: own.reduce((sum, { seconds }) => sum + seconds, 0) / 60 };
    })
    .filter(({ minutes }) => minutes > 0)
    .sort((a, b) => b.minutes - a.minutes);
}
