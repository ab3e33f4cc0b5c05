import { useState } from "preact/hooks";
import { SERVER } from "../api";
import { Held } from "../design/held";
import { Invite } from "../design/invitation";
import { LinkBadge } from "../design/link-badge";
import { Bar, Choice, Loading } from "../design/parts";
import { Preferences } from "../design/preferences";
import { SignedIn, SignOut } from "../design/sign-in";
import { useSpeech } from "../i18n";
import { useLatest } from "../live";
import type { StaffNames } from "../model";
import { show } from "../page";
import { useLive } from "../use-live";
import { Arrivals } from "./arrivals";
import { Board } from "./board";
import { Doors } from "./doors";
import "./staff.css";
import { Sight } from "./sight";
import { Stock } from "./stock";
import { WORDS } from "./words";

type View = "orders" | "stock";

function Staff({ leave }: { leave(): void }) {
  const { say } = useSpeech();
  const live = useLive<StaffNames>("/v1/live/staff", SERVER, leave);
  const link = useLatest(live, "link");
  const handover = useLatest(live, "handover");
  const orders = useLatest(live, "orders")?.orders;
  const stock = useLatest(live, "stock")?.stock;
  const banks = useLatest(live, "lockers")?.banks;
  const [view, setView] = useState<View>("orders");
  return (
    <>
      <Bar
        of={say(WORDS.title)}
        middle={
          <Choice
            label={say(WORDS.title)}
            value={view}
            onChange={setView}
            options={[
              { value: "orders", text: say(WORDS.orders), testid: "show-orders" },
              { value: "stock", text: say(WORDS.stock), testid: "show-stock" },
            ]}
          />
        }
        end={
          <>
            <LinkBadge connection={live.connection} link={link} />
            <Invite />
            <Preferences />
            <SignOut leave={leave} />
          </>
        }
      />
      <main class="staff">
        <Held handover={handover} link={link} />
        <Arrivals orders={orders ?? []} />
        <Sight live={live} />
        <Doors banks={banks ?? []} />
        {view === "stock" && <Stock stock={stock} />}
        {view === "orders" && (orders ? <Board orders={orders} banks={banks ?? []} /> : <Loading height="420px" />)}
      </main>
    </>
  );
}

show(
  <SignedIn title={{ ko: "직원 페이지", en: "Staff" }}>{(leave) => <Staff leave={leave} />}</SignedIn>,
);
