/** What can be made to go wrong in the simulated store: switches beside the plan, by what they break. */
import { Button, Deed, useAct } from "../design/button";
import { Icon } from "../design/icons";
import { Empty, Loading, Switch } from "../design/parts";
import { useSpeech } from "../i18n";
import type { FaultSwitch, Person, Text } from "../model";
import { type Simulator, useSimulated } from "./simulator";

interface Group {
  name: Text;
  faults: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    name: { ko: "모든 수신기", en: "Any receiver" },
    faults: ["receiver-dead", "receiver-offline", "receiver-deaf", "receiver-screened", "scan-starved", "rssi-drift"],
  },
  {
    name: { ko: "게이트웨이의 블루투스", en: "Bluetooth of the gateway" },
    faults: [
      "unplugged",
      "powered-off",
      "stalled",
      "stalled-until-power-cycle",
      "start-in-progress",
      "start-unanswered",
      "duplicates-filtered",
      "bluetoothd-killed",
      "bluetoothd-hung",
      "bus-lost",
    ],
  },
  { name: { ko: "전파와 비콘", en: "Air and beacons" }, faults: ["air-crowded", "beacon-battery", "beacon-gone"] },
  { name: { ko: "네트워크", en: "Network" }, faults: ["store-broker-dead", "cloud-dead"] },
];

const OTHERS: Text = { ko: "그 밖", en: "Others" };

/** A fault that this page does not know stands in a group of its own. */
function grouped(faults: readonly FaultSwitch[]): { name: Text; faults: FaultSwitch[] }[] {
  const known = new Set(GROUPS.flatMap((group) => group.faults));
  return [
    ...GROUPS.map(({ name, faults: ids }) => ({
      name,
      faults: ids.flatMap((id) => faults.filter((fault) => fault.id === id)),
    })),
    { name: OTHERS, faults: faults.filter(({ id }) => !known.has(id)) },
  ].filter((group) => group.faults.length > 0);
}

interface OneProps {
  fault: FaultSwitch;
  simulator: Simulator;
  nameOf(target: string): string;
}

/** A fault that is there once: on or off. */
function Single({ fault, simulator }: OneProps) {
  const { say } = useSpeech();
  const { busy, act } = useAct();
  return (
    <Switch
      on={fault.on.length > 0}
      title={say(fault.name)}
      note={say(fault.hint)}
      busy={busy}
      testid={`fault-${fault.id}`}
      onChange={(on) => void act(() => simulator.setFault(fault.id, on))}
    />
  );
}

/** A fault that each of several may have. */
function Several({ fault, simulator, nameOf }: OneProps) {
  const { say } = useSpeech();
  const on = fault.on.length;
  return (
    <details class="fault" data-testid={`fault-${fault.id}`}>
      <summary>
        <span class="words">
          {say(fault.name)}
          <small>{say(fault.hint)}</small>
        </span>
        {on > 0 && (
          <span class="badge bad figures">{say({ ko: `${on}곳`, en: `${on} on` })}</span>
        )}
      </summary>
      <div class="fault-targets">
        {fault.targets.map((target) => (
          <Deed
            key={target}
            pressed={fault.on.includes(target)}
            testid={`fault-${fault.id}-${target}`}
            deed={() => simulator.setFault(fault.id, !fault.on.includes(target), target)}
          >
            {nameOf(target)}
          </Deed>
        ))}
      </div>
    </details>
  );
}

/** All that is on, to be ended by a tap. */
function Now({ faults, simulator, nameOf }: Omit<OneProps, "fault"> & { faults: FaultSwitch[] }) {
  const { say } = useSpeech();
  const on = faults.flatMap((fault) => fault.on.map((target) => ({ fault, target })));
  if (on.length === 0) {
    return (
      <p class="soft small faults-now" role="status" data-testid="faults-on" data-count={0}>
        <Icon name="check" size={16} />{" "}
        {say({ ko: "지금은 모두 정상입니다.", en: "Nothing is broken now." })}
      </p>
    );
  }
  return (
    <div class="faults-now" role="status" data-testid="faults-on" data-count={on.length}>
      {on.map(({ fault, target }) => (
        <Deed
          key={`${fault.id}/${target}`}
          kind="danger"
          testid={`end-${fault.id}-${target}`}
          deed={() => simulator.setFault(fault.id, false, target)}
        >
          {say(fault.name)}
          {target !== "" && ` · ${nameOf(target)}`} <Icon name="close" size={16} />
          <span class="unseen">{say({ ko: "끝내기", en: "End it" })}</span>
        </Deed>
      ))}
    </div>
  );
}

export function Faults(props: { simulator: Simulator; people: Person[]; onClose(): void }) {
  const { simulator, people, onClose } = props;
  const { say } = useSpeech();
  const faults = useSimulated(simulator, "switches");
  const title = say({ ko: "고장 내 보기", en: "Break something" });
  const nameOf = (target: string) => {
    const person = people.find(({ id }) => id === target);
    return person ? say(person.name) : target;
  };
  return (
    <aside class="dock faults card" aria-label={title} data-testid="faults">
      <header>
        <strong>{title}</strong>
        <Button kind="quiet" label={say({ ko: "닫기", en: "Close" })} testid="close-faults" onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      <div class="faults-body">
        {!faults && <Loading height="240px" />}
        {faults?.length === 0 && (
          <Empty icon="check" title={say({ ko: "고장 낼 것이 없습니다", en: "There is nothing to break" })} />
        )}
        {faults && faults.length > 0 && <Now faults={faults} simulator={simulator} nameOf={nameOf} />}
        {faults &&
          grouped(faults).map((group) => (
            <section key={group.name.en}>
              <h3>{say(group.name)}</h3>
              {group.faults.map((fault) =>
                fault.targets.length === 1 && fault.targets[0] === "" ? (
                  <Single key={fault.id} fault={fault} simulator={simulator} nameOf={nameOf} />
                ) : (
                  <Several key={fault.id} fault={fault} simulator={simulator} nameOf={nameOf} />
                ),
              )}
            </section>
          ))}
      </div>
    </aside>
  );
}
