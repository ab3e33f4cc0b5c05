/** The survey on the installer's phone: walk, stand still, next. */
import { useEffect, useState } from "preact/hooks";
import type { Peer } from "../api";
import { Icon } from "../design/icons";
import { Bar, Loading } from "../design/parts";
import { Outside } from "../design/outside";
import { Preferences } from "../design/preferences";
import { Joining, useGuest } from "../guest";
import { useSpeech } from "../i18n";
import { show } from "../page";
import { Floor } from "./floor";
import { Ears, Lacking, Now, Recorded } from "./panel";
import { apart, isDone, type Plan, type Spot, type State, useSurvey, wasThere } from "./survey";
import "./survey.css";
import { WORDS } from "./words";

/**
 * The nearest suggested spot where nobody has stood; after the last of them the nearest that was
 * not recorded well. The first one before anybody stands anywhere.
 */
function nextSpot(plan: Plan, state: State, from: Spot | null): Spot {
  const fresh = plan.suggested.filter((spot) => !wasThere(spot, state.spots));
  const poor = plan.suggested.filter((spot) => !isDone(spot, state.spots));
  const left = fresh.length > 0 ? fresh : poor;
  const middle: Spot = [plan.width_m / 2, plan.height_m / 2];
  if (from === null || left.length === 0) return left[0] ?? from ?? middle;
  return left.reduce((best, spot) => (apart(spot, from) < apart(best, from) ? spot : best));
}

function Surveying({ peer, leave }: { peer: Peer; leave(): void }) {
  const { say, number } = useSpeech();
  const { plan, state, silent, take } = useSurvey(peer, leave);
  const [chosen, setChosen] = useState<Spot | null>(null);
  const [awaited, setAwaited] = useState<Spot | null>(null);
  const running = state?.running ?? null;
  useEffect(() => {
    if (running) setAwaited(running.at);
  }, [running?.at[0], running?.at[1]]);
  if (!plan || !state) {
    return (
      <main class="survey">
        <Loading height="60vh" />
      </main>
    );
  }
  const last =
    awaited && !running
      ? state.spots.findLast(({ at }) => apart(at, awaited) < 0.01)
      : undefined;
  const aim = running?.at ?? last?.at ?? chosen ?? nextSpot(plan, state, null);
  const done = plan.suggested.filter((spot) => isDone(spot, state.spots)).length;
  return (
    <>
      <Bar of={say(WORDS.title)} end={<Preferences />} />
      <main class="survey">
        {silent && (
          <p class="silent" role="alert">
            <Icon name="cloudOff" /> {say(WORDS.silent)}
          </p>
        )}
        <div class="walked">
          <progress
            max={plan.suggested.length}
            value={done}
            aria-label={say(WORDS.spots)}
          />
          <span class="figures small soft">
            {number(done)} / {number(plan.suggested.length)}
          </span>
        </div>
        <Floor
          plan={plan}
          state={state}
          aim={aim}
          onAim={(spot) => {
            setAwaited(null);
            setChosen(spot);
          }}
        />
        <div class="side">
          <Now
            plan={plan}
            state={state}
            aim={aim}
            last={last}
            peer={peer}
            take={take}
            onNext={() => {
              setAwaited(null);
              setChosen(nextSpot(plan, state, aim));
            }}
          />
          <Ears plan={plan} state={state} />
          <Lacking plan={plan} state={state} peer={peer} take={take} />
          <Recorded state={state} peer={peer} take={take} />
        </div>
      </main>
    </>
  );
}

function Page() {
  const { guest, leave } = useGuest("survey");
  return (
    <Joining guest={guest} outside={(refusal) => <Outside title={WORDS.outside} how={WORDS.outsideHow} refusal={refusal} />}>
      {(peer) => <Surveying peer={peer} leave={leave} />}
    </Joining>
  );
}

show(<Page />);
