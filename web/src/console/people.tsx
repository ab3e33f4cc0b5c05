/** Two views of the same people: where the simulator walks them, and where the agent believes them. */
import { useRef, useState } from "preact/hooks";
import { useSpeech } from "../i18n";
import type { Believed, Person } from "../model";
import { shortPseudonym } from "../names";
import { distance, type Point } from "./geometry";

function at({ x, y }: Point) {
  return { transform: `translate(${x}px, ${y}px)` };
}

interface BeliefProps {
  shoppers: Believed[];
  people: Person[];
  /** Metres per CSS pixel. */
  unit: number;
}

/** Past this age, in seconds, a belief is drawn as a memory. */
const OLD_S = 8;

/** Wider than a person's dot, in CSS pixels, so that it shows around it. */
const HALO_PX = 13;

/** A halo per shopper, fainter the less sure of the zone, in a circle of two thirds of the probability. */
export function Beliefs({ shoppers, people, unit }: BeliefProps) {
  const { say, number } = useSpeech();
  return (
    <>
      {shoppers.map((believed) => {
        const person = people.find(({ shopper }) => shopper === believed.shopper);
        const old = believed.heard_s > OLD_S;
        const who = person ? say(person.name) : shortPseudonym(believed.shopper);
        const sure = number(believed.confidence * 100);
        const within = number(believed.spread_m, 1);
        return (
          <g
            key={believed.shopper}
            class={old ? "belief old" : "belief"}
            style={{ "--colour": person?.colour ?? "var(--accent)", "--sure": believed.confidence }}
            data-testid="believed"
            data-shopper={believed.shopper}
          >
            <title>
              {say({
                ko: `${who}: ${within}m 이내, 구역 확신도 ${sure}%`,
                en: `${who}: within ${within} m, ${sure} % sure of the zone`,
              })}
            </title>
            {person && (
              <g class="gliding" style={at(person)}>
                <path class="tie" d={`M0 0L${believed.x - person.x} ${believed.y - person.y}`} />
              </g>
            )}
            <g class="gliding" style={at(believed)}>
              <circle class="spread" r={Math.max(HALO_PX * unit, believed.spread_m)} />
              <circle class="halo" r={HALO_PX * unit} />
              <circle class="heart" r={2.5 * unit} />
              {!person && (
                <text x={18 * unit} y={4 * unit} font-size={11.5 * unit}>
                  {shortPseudonym(believed.shopper)}
                </text>
              )}
            </g>
          </g>
        );
      })}
    </>
  );
}

/** Where a person was sent, and until when that is worth showing (milliseconds since 1970). */
export interface Target {
  person: string;
  to: Point;
  until: number;
}

/** Nearer than this, in metres, a person has arrived. */
const ARRIVED_M = 0.5;

/** The same array when nothing changed, so that nothing is drawn anew. */
export function stillWalking(targets: Target[], people: Person[]): Target[] {
  const now = Date.now();
  const left = targets.filter(({ person, to, until }) => {
    const walker = people.find(({ id }) => id === person);
    return walker !== undefined && now < until && distance(walker, to) > ARRIVED_M;
  });
  return left.length === targets.length ? targets : left;
}

interface TargetProps {
  targets: Target[];
  people: Person[];
  aim: Point | null;
  aiming: Person | undefined;
  unit: number;
}

/** Where people were sent, until they are there, and where the arrow keys aim. */
export function Targets({ targets, people, aim, aiming, unit }: TargetProps) {
  const open = people.flatMap((person) =>
    targets.filter((target) => target.person === person.id).map(({ to }) => ({ person, target: to })),
  );
  if (aim && aiming) open.push({ person: aiming, target: aim });
  return (
    <>
      {open.map(({ person, target }) => (
        <g key={person.id} class="target" style={{ "--colour": person.colour }}>
          <path d={`M${person.x} ${person.y}L${target.x} ${target.y}`} />
          <circle cx={target.x} cy={target.y} r={7 * unit} />
          <circle class="core" cx={target.x} cy={target.y} r={2 * unit} />
        </g>
      ))}
    </>
  );
}

interface TruthProps {
  people: Person[];
  selected: string | null;
  /** Of the floor, in metres. */
  width: number;
  unit: number;
  onSelect(person: string): void;
  onDrop: ((person: string, to: Point) => void) | undefined;
  locate(event: PointerEvent): Point;
}

/** Less than this is a click with a trembling hand, in metres. */
const DRAG_M = 0.35;

/** Half of a long name, in CSS pixels: nearer to a side the name stands beside its dot. */
const HALF_NAME_PX = 48;

function label(x: number, width: number, unit: number) {
  const room = HALF_NAME_PX * unit;
  if (x < room) return { "text-anchor": "start", x: -9 * unit } as const;
  if (x > width - room) return { "text-anchor": "end", x: 9 * unit } as const;
  return { "text-anchor": "middle", x: 0 } as const;
}

interface Drag {
  id: string;
  from: Point;
  to: Point;
}

/** Everybody in the simulated store, to be taken by mouse, finger or keyboard. */
export function Truths({ people, selected, width, unit, onSelect, onDrop, locate }: TruthProps) {
  const { say } = useSpeech();
  const [drag, setDrag] = useState<Drag | null>(null);
  const dragged = drag && people.find(({ id }) => id === drag.id);
  const moved = drag !== null && distance(drag.from, drag.to) > DRAG_M;
  const dropped = useRef(false); // the click that ends a drag selects nobody
  const release = (id: string) => {
    dropped.current = moved;
    if (drag && moved && onDrop) onDrop(id, drag.to);
    setDrag(null);
  };
  return (
    <>
      {dragged && moved && (
        <g class="target" style={{ "--colour": dragged.colour }}>
          <path d={`M${dragged.x} ${dragged.y}L${drag.to.x} ${drag.to.y}`} />
          <circle cx={drag.to.x} cy={drag.to.y} r={11 * unit} />
          <circle class="core" cx={drag.to.x} cy={drag.to.y} r={3 * unit} />
        </g>
      )}
      {people.map((person) => (
        <g
          key={person.id}
          class={`truth gliding ${person.consented ? "" : "unknown"}`}
          style={{ ...at(person), "--colour": person.colour }}
          role="button"
          tabindex={0}
          aria-label={say(person.name)}
          aria-pressed={person.id === selected}
          data-testid={`person-${person.id}`}
          onPointerDown={(event) => {
            dropped.current = false;
            if (!onDrop) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            const from = locate(event);
            setDrag({ id: person.id, from, to: from });
          }}
          onPointerMove={(event) => drag && setDrag({ ...drag, to: locate(event) })}
          onPointerUp={() => release(person.id)}
          onPointerCancel={() => setDrag(null)}
          onClick={(event) => {
            event.stopPropagation();
            if (!dropped.current) onSelect(person.id);
          }}
          onKeyDown={(event) => {
            if (!["Enter", " "].includes(event.key) || person.id === selected) return;
            event.preventDefault();
            event.stopPropagation();
            onSelect(person.id);
          }}
        >
          <circle class="touch" r={22 * unit} />
          {person.id === selected && <circle class="chosen" r={14 * unit} />}
          <circle class="body" r={8.5 * unit} />
          <text y={-15 * unit} font-size={12 * unit} {...label(person.x, width, unit)}>
            {say(person.name)}
          </text>
        </g>
      ))}
    </>
  );
}
