/** The floor plan: what the store is (zones, walls, machines) and who is in it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useSpeech } from "../i18n";
import type { ConsoleNames, HeatMap, Person, StoreView } from "../model";
import { type Live, useLatest } from "../live";
import { inside, type Point } from "./geometry";
import { BeaconSymbols } from "./beacon-symbols";
import { HeatLayer } from "./heat";
import type { Hour } from "./heat-scale";
import { LockerSymbols, MirrorSymbols, ReceiverSymbols } from "./machines";
import { Beliefs, stillWalking, type Target, Targets, Truths } from "./people";
import { Ground } from "./ground";

export type Selection = { kind: "person" | "mirror"; id: string } | null;

interface Props {
  store: StoreView;
  live: Live<ConsoleNames>;
  people: Person[];
  /** Shown instead of people: what is drawn is of an hour, not of now. */
  heat: { map: HeatMap; hour: Hour } | null;
  selection: Selection;
  onSelect(selection: Selection): void;
  /** Undefined outside the demo: then nobody can be sent anywhere. */
  onSend: ((person: string, to: Point) => void) | undefined;
}

/** How far one arrow key moves the aim, in metres; with Shift four times as far. */
const STEP_M = 0.5;
/** At 3 m/s this crosses any floor of ours; a target that is still there was given up. */
const LONGEST_WALK_MS = 12_000;
const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** A plan at least this wide, in CSS pixels, has room for names at full size. */
const ROOMY_PX = 620;
/** On a phone names and dots shrink to this part of their size and no further: 9 px type. */
const SMALLEST = 0.72;

const NOBODY: Person[] = [];

/** Metres per CSS pixel, so that names and dots keep their size on every screen. */
function useMetresPerPixel(width: number) {
  const svg = useRef<SVGSVGElement>(null);
  const [unit, setUnit] = useState(width / 900);
  useEffect(() => {
    if (!svg.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const pixels = entry?.contentRect.width ?? 0;
      if (pixels > 0) setUnit((width / pixels) * Math.min(1, Math.max(SMALLEST, pixels / ROOMY_PX)));
    });
    observer.observe(svg.current);
    return () => observer.disconnect();
  }, [width]);
  return { svg, unit };
}

function pointAt(svg: SVGSVGElement, event: { clientX: number; clientY: number }): Point {
  const toPlan = svg.getScreenCTM()?.inverse();
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(toPlan);
  return { x, y };
}

export function Plan({ store, live, people: everybody, heat, selection, onSelect, onSend }: Props) {
  const { say } = useSpeech();
  const floor = useLatest(live, "floor");
  const people = heat ? NOBODY : everybody;
  const { svg, unit } = useMetresPerPixel(store.width_m + 1);
  const [aim, setAim] = useState<Point | null>(null);
  const [targets, setTargets] = useState<Target[]>([]);
  const selected = selection?.kind === "person" ? selection.id : null;
  const person = people.find(({ id }) => id === selected);
  useEffect(() => setAim(null), [selected]);
  useEffect(() => setTargets((before) => stillWalking(before, people)), [people]);

  const send = (id: string, to: Point) => {
    const target = inside(to, store.width_m, store.height_m);
    const errand = { person: id, to: target, until: Date.now() + LONGEST_WALK_MS };
    setTargets((before) => [...before.filter((other) => other.person !== id), errand]);
    setAim(null);
    onSend?.(id, target);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") onSelect(null);
    const arrow = ARROWS[event.key];
    if (!person || !onSend) return;
    if (arrow) {
      event.preventDefault();
      const from = aim ?? person;
      const step = event.shiftKey ? 4 * STEP_M : STEP_M;
      const next = { x: from.x + arrow.x * step, y: from.y + arrow.y * step };
      setAim(inside(next, store.width_m, store.height_m));
    } else if (event.key === "Enter" && aim) {
      event.preventDefault();
      send(person.id, aim);
    }
  };
  return (
    <svg
      ref={svg}
      class={person && onSend ? "plan aiming" : "plan"}
      viewBox={`-0.5 -0.5 ${store.width_m + 1} ${store.height_m + 1}`}
      role="group"
      aria-label={say({ ko: "매장 평면도", en: "Floor plan" })}
      data-testid="floor-plan"
      tabindex={person ? 0 : -1}
      onKeyDown={onKey}
      onClick={(click) => {
        if (person && onSend && svg.current) send(person.id, pointAt(svg.current, click));
      }}
    >
      <Ground
        store={store}
        shoppers={heat ? [] : (floor?.shoppers ?? [])}
        sights={heat ? [] : (floor?.zones ?? [])}
        unit={unit}
      >
        {heat && <HeatLayer {...heat} unit={unit} />}
      </Ground>
      <BeaconSymbols store={store} live={live} moving={heat === null} unit={unit} />
      <ReceiverSymbols store={store} live={live} unit={unit} />
      <LockerSymbols store={store} live={live} unit={unit} />
      <MirrorSymbols
        store={store}
        live={live}
        unit={unit}
        selection={selection}
        onSelect={onSelect}
      />
      <g clip-path="url(#inside)">
        {!heat && <Beliefs shoppers={floor?.shoppers ?? []} people={people} unit={unit} />}
      </g>
      <Targets targets={targets} people={people} aim={aim} aiming={person} unit={unit} />
      <Truths
        people={people}
        selected={selected}
        width={store.width_m}
        unit={unit}
        onSelect={(id) => onSelect(id === selected ? null : { kind: "person", id })}
        onDrop={onSend ? send : undefined}
        locate={(event) => (svg.current ? pointAt(svg.current, event) : { x: 0, y: 0 })}
      />
    </svg>
  );
}
