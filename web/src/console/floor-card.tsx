/** The plan with what stands around it: now or an hour of the last day, and who is chosen. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useAct } from "../design/button";
import { Choice, Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { ConsoleNames, Person } from "../model";
import type { DockedPage } from "./dock";
import { Hand } from "./hand";
import { HeatControls } from "./heat";
import { FloorLegend } from "./legend";
import { Plan, type Selection } from "./plan";
import { Sight } from "./sight";
import type { Simulator } from "./simulator";
import { useHeat } from "./use-heat";

type View = "now" | "heat";

interface Props {
  live: Live<ConsoleNames>;
  simulator: Simulator | null;
  people: Person[];
  onDock(page: DockedPage): void;
  /** Beside the choice of what is shown. */
  tools: ComponentChildren;
}

export function FloorCard({ live, simulator, people, onDock, tools }: Props) {
  const { say } = useSpeech();
  const store = useLatest(live, "store");
  const [view, setView] = useState<View>("now");
  const [back, setBack] = useState(0);
  const [selection, setSelection] = useState<Selection>(null);
  const { act } = useAct();
  const heat = useHeat(view === "heat");
  const hour = heat.state === "ready" ? heat.map.hours[back] : undefined;
  const shown = view === "heat" && heat.state === "ready" && hour ? { map: heat.map, hour } : null;
  return (
    <section class="card floor-card" aria-label={say({ ko: "매장", en: "The floor" })}>
      <div class="floor-tools">
        <Choice
          label={say({ ko: "보기", en: "View" })}
          value={view}
          onChange={setView}
          options={[
            { value: "now", text: say({ ko: "지금", en: "Now" }), testid: "show-now" },
            { value: "heat", text: say({ ko: "히트맵", en: "Heat map" }), testid: "show-heat" },
          ]}
        />
        {tools}
      </div>
      {store ? (
        <Plan
          store={store}
          live={live}
          people={people}
          heat={shown}
          selection={selection}
          onSelect={setSelection}
          onSend={
            simulator ? (person, to) => void act(() => simulator.walk(person, to.x, to.y)) : undefined
          }
        />
      ) : (
        <Loading height="min(58vh, 540px)" />
      )}
      {view === "heat" ? (
        <HeatControls heat={heat} back={back} zones={store?.zones ?? []} onBack={setBack} />
      ) : (
        <>
          <Sight live={live} />
          <FloorLegend demo={simulator !== null} beacons={store?.beacons ?? []} />
        </>
      )}
      {simulator && view === "now" && (
        <Hand
          simulator={simulator}
          live={live}
          people={people}
          selection={selection}
          onSelect={setSelection}
          onDock={onDock}
        />
      )}
    </section>
  );
}
