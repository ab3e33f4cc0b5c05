import { useMemo, useState } from "preact/hooks";
import { SERVER } from "../api";
import { Button } from "../design/button";
import "../design/feed.css";
import { Held } from "../design/held";
import { Icon } from "../design/icons";
import { LinkBadge } from "../design/link-badge";
import { Bar } from "../design/parts";
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
import "./faults.css";
import "./floor.css";
import "./heat.css";
import { BeaconsCard } from "./beacons-card";
import { Dock, type DockedPage } from "./dock";
import { Faults } from "./faults";
import { Feed } from "./feed";
import { FloorCard } from "./floor-card";
import { LinkCard } from "./link-card";
import { LockersCard } from "./lockers-card";
import { CouponsCard, OrdersCard } from "./orders-card";
import { RadioCard } from "./radio-card";
import { type Simulator, useSimulated, useSimulator } from "./simulator";
import { Story } from "./story";

type Docked = DockedPage | "faults";

function FaultsButton(props: { simulator: Simulator; open: boolean; onClick(): void }) {
  const { say } = useSpeech();
  const faults = useSimulated(props.simulator, "switches");
  const on = faults?.reduce((count, fault) => count + fault.on.length, 0) ?? 0;
  return (
    <Button testid="open-faults" pressed={props.open} onClick={props.onClick}>
      <Icon name="bolt" size={18} /> {say({ ko: "고장 내 보기", en: "Break something" })}
      {on > 0 && (
        <span class="badge bad figures">{say({ ko: `${on}개`, en: `${on} on` })}</span>
      )}
    </Button>
  );
}

function Console({ leave }: { leave(): void }) {
  const { say } = useSpeech();
  const live = useLive<ConsoleNames>("/v1/live/console", SERVER, leave);
  const link = useLatest(live, "link");
  const store = useLatest(live, "store");
  const handover = useLatest(live, "handover");
  const simulator = useSimulator(store?.simulator);
  const people = useSimulated(simulator, "truth")?.people ?? [];
  const [docked, setDocked] = useState<Docked | null>(null);
  const who = people.map((person) => `${person.id}/${person.shopper}`).join();
  const names = useMemo(() => namesOf(store, people), [store, who]);
  const undock = () => setDocked(null);
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
          <Held handover={handover} link={link} />
          {simulator && <Story simulator={simulator} />}
          <FloorCard
            live={live}
            simulator={simulator}
            people={people}
            onDock={setDocked}
            tools={
              simulator && (
                <FaultsButton
                  simulator={simulator}
                  open={docked === "faults"}
                  onClick={() => setDocked(docked === "faults" ? null : "faults")}
                />
              )
            }
          />
        </div>
        {docked === "faults" && simulator && (
          <Faults simulator={simulator} people={people} onClose={undock} />
        )}
        {docked && docked !== "faults" && <Dock page={docked} onClose={undock} />}
        <div class="rail">
          <LinkCard live={live} simulator={simulator} />
          <Feed live={live} names={names} />
        </div>
        <div class="shelf">
          <OrdersCard live={live} />
          <LockersCard live={live} simulator={simulator} />
          <CouponsCard live={live} names={names} />
          <RadioCard live={live} />
          <BeaconsCard live={live} names={names} />
        </div>
      </main>
    </>
  );
}

show(
  <SignedIn title={{ ko: "매장 콘솔", en: "Store console" }}>
    {(leave) => <Console leave={leave} />}
  </SignedIn>,
);
