import { useMemo, useState } from "preact/hooks";
import { SERVER } from "../api";
import { useAct } from "../design/button";
import "../design/feed.css";
import { LinkBadge } from "../design/link-badge";
import { Bar, Loading } from "../design/parts";
import { Preferences } from "../design/preferences";
import { SignedIn, SignOut } from "../design/sign-in";
import { useSpeech } from "../i18n";
import { useLatest } from "../live";
import type { ConsoleNames } from "../model";
import { namesOf } from "../names";
import { show } from "../page";
import { useLive } from "../use-live";
import "./cards.css";
import "./console.css";
import "./floor.css";
import { Dock, type DockedPage } from "./dock";
import { Feed } from "./feed";
import { Hand } from "./hand";
import { LinkCard } from "./link-card";
import { LockersCard } from "./lockers-card";
import { CouponsCard, OrdersCard } from "./orders-card";
import { Plan, type Selection } from "./plan";
import { RadioCard } from "./radio-card";
import { useSimulated, useSimulator } from "./simulator";
import { Story } from "./story";

function Console({ leave }: { leave(): void }) {
  const { say } = useSpeech();
  const live = useLive<ConsoleNames>("/v1/live/console", SERVER, leave);
  const link = useLatest(live, "link");
  const store = useLatest(live, "store");
  const simulator = useSimulator(store?.simulator);
  const people = useSimulated(simulator, "truth")?.people ?? [];
  const [selection, setSelection] = useState<Selection>(null);
  const [docked, setDocked] = useState<DockedPage | null>(null);
  const { act } = useAct();
  const who = people.map((person) => `${person.id}/${person.shopper}`).join();
  const names = useMemo(() => namesOf(store, people), [store, who]);
  return (
    <>
      <Bar
        of={store && say(store.name)}
        end={
          <>
            <LinkBadge connection={live.connection} link={link} />
            <Preferences />
            <SignOut leave={leave} />
          </>
        }
      />
      <main class={docked ? "console with-dock" : "console"}>
        <div class="stage">
          {simulator && <Story simulator={simulator} />}
          <section class="card floor-card" aria-label={say({ ko: "매장", en: "The floor" })}>
            {store ? (
              <Plan
                store={store}
                live={live}
                people={people}
                selection={selection}
                onSelect={setSelection}
                onSend={
                  simulator
                    ? (person, to) => void act(() => simulator.walk(person, to.x, to.y))
                    : undefined
                }
              />
            ) : (
              <Loading height="min(58vh, 540px)" />
            )}
            <Legend demo={simulator !== null} />
            {simulator && (
              <Hand
                simulator={simulator}
                live={live}
                people={people}
                selection={selection}
                onSelect={setSelection}
                onDock={setDocked}
              />
            )}
          </section>
        </div>
        {docked && <Dock page={docked} onClose={() => setDocked(null)} />}
        <div class="rail">
          <LinkCard live={live} simulator={simulator} />
          <Feed live={live} names={names} />
        </div>
        <div class="shelf">
          <OrdersCard live={live} />
          <LockersCard live={live} simulator={simulator} />
          <CouponsCard live={live} names={names} />
          <RadioCard live={live} />
        </div>
      </main>
    </>
  );
}

function Legend({ demo }: { demo: boolean }) {
  const { say } = useSpeech();
  return (
    <ul class="legend small soft">
      {demo && (
        <li>
          <span class="sample truth" /> {say({ ko: "실제 위치", en: "Where they are" })}
        </li>
      )}
      <li>
        <span class="sample belief" />{" "}
        {say({ ko: "에이전트의 추정", en: "Where the agent believes them" })}
      </li>
      <li>
        <span class="sample receiver" /> {say({ ko: "수신기", en: "Receiver" })}
      </li>
    </ul>
  );
}

show(
  <SignedIn title={{ ko: "매장 콘솔", en: "Store console" }}>
    {(leave) => <Console leave={leave} />}
  </SignedIn>,
);
