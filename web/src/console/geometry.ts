/** Plan geometry in metres: x to the right, y down, as in store.toml. */

export interface Point {
  x: number;
  y: number;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** `point` moved inside a floor of `width` by `height`, a step away from its edge. */
export function inside(point: Point, width: number, height: number): Point {
  const margin = 0.3; // a person's own half width
  const keep = (value: number, size: number) =>
    Math.round(Math.min(size - margin, Math.max(margin, value)) * 100) / 100;
  return { x: keep(point.x, width), y: keep(point.y, height) };
}

function toward(from: Point, to: Point, by: number): Point {
  const whole = distance(from, to);
  const part = whole === 0 ? 0 : Math.min(by, whole / 2) / whole;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** A closed path through `corners`, each rounded by `radius`. */
export function roundedPath(corners: readonly [number, number][], radius: number): string {
  const points = corners.map(([x, y]) => ({ x, y }));
  const parts = points.map((corner, index) => {
    const before = points.at(index - 1) ?? corner;
    const after = points[(index + 1) % points.length] ?? corner;
    const enter = toward(corner, before, radius);
    const leave = toward(corner, after, radius);
    const start = index === 0 ? "M" : "L";
    return `${start}${enter.x} ${enter.y}Q${corner.x} ${corner.y} ${leave.x} ${leave.y}`;
  });
  return `${parts.join("")}Z`;
}

/** The bottom left corner of a polygon's box: where its name stands, away from walls and mirrors. */
export function nameplate(polygon: readonly [number, number][]): Point {
  return {
    x: Math.min(...polygon.map(([x]) => x)),
    y: Math.max(...polygon.map(([, y]) => y)),
  };
}

/** Whether a point lies in a polygon, by the crossings of a ray to the right. */
export function within({ x, y }: Point, corners: readonly [number, number][]): boolean {
  const crossings = corners.filter(([x1, y1], index) => {
    const [x2, y2] = corners[(index + 1) % corners.length] ?? [x1, y1];
    return y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1);
  });
  return crossings.length % 2 === 1;
}
