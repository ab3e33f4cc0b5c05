/** The banks as they stand in the shop: a wall of doors. In the demo a click jams one. */
import { Icon } from "../design/icons";
import { useAct } from "../design/button";
import { Badge, Card, Empty, Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { Bank, Compartment, ConsoleNames, Text } from "../model";
import { type Simulator, useSimulated } from "./simulator";

function doorText(door: Compartment, jammed: boolean): Text {
  const parts: Text[] = [{ ko: `${door.n}번 문`, en: `Door ${door.n}` }];
  if (jammed) parts.push({ ko: "걸림", en: "jammed" });
  if (door.out_of_service) parts.push({ ko: "사용 중지", en: "out of service" });
  if (door.door === "open") parts.push({ ko: "열림", en: "open" });
  if (door.order) parts.push({ ko: door.order, en: door.order });
  return {
    ko: parts.map((part) => part.ko).join(" · "),
    en: parts.map((part) => part.en).join(" · "),
  };
}

interface DoorProps {
  bank: Bank;
  door: Compartment;
  jammed: boolean;
  simulator: Simulator | null;
}

function Door({ bank, door, jammed, simulator }: DoorProps) {
  const { say } = useSpeech();
  const { act } = useAct();
  const classes = [
    "door",
    door.door,
    (door.occupied || door.order) && "full",
    door.out_of_service && "out",
    jammed && "jammed",
  ];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(" ")}
      title={say(doorText(door, jammed))}
      aria-label={say(doorText(door, jammed))}
      disabled={!simulator}
      data-testid={`door-${bank.id}-${door.n}`}
      data-door={door.door}
      onClick={() => void act(async () => simulator?.setDoor(bank.id, door.n, !jammed))}
    >
      <span class="leaf">
        <span class="figures">{door.n}</span>
        {jammed && <Icon name="alert" size={13} />}
      </span>
      {(door.occupied || door.order) && <Icon name="bag" size={17} />}
    </button>
  );
}

export function LockersCard({ live, simulator }: { live: Live<ConsoleNames>; simulator: Simulator | null }) {
  const { say } = useSpeech();
  const banks = useLatest(live, "lockers")?.banks;
  const jams = useSimulated(simulator, "faults")?.doors ?? [];
  const isJammed = (bank: string, n: number) =>
    jams.some((jam) => jam.bank === bank && jam.compartment === n && jam.jammed);
  return (
    <Card
      title={say({ ko: "보관함", en: "Lockers" })}
      aside={
        simulator && (
          <span class="small faint">
            {say({ ko: "문을 누르면 걸립니다", en: "Click a door to jam it" })}
          </span>
        )
      }
    >
      <div class="card-body">
        {!banks && <Loading height="160px" />}
        {banks?.length === 0 && (
          <Empty icon="door" title={say({ ko: "보관함이 없습니다", en: "No lockers here" })} />
        )}
        {banks?.map((bank) => (
          <section key={bank.id} class={`bank ${bank.device}`}>
            <h3 class="small soft">
              {say({ ko: `보관함 ${bank.id}`, en: `Bank ${bank.id}` })}
              {bank.device === "silent" && (
                <Badge tone="bad" dot="pulse">
                  {say({ ko: "응답 없음", en: "Silent" })}
                </Badge>
              )}
            </h3>
            <div class="doors">
              {bank.compartments.map((door) => (
                <Door
                  key={door.n}
                  bank={bank}
                  door={door}
                  jammed={isJammed(bank.id, door.n)}
                  simulator={simulator}
                />
              ))}
            </div>
          </section>
        ))}
      </div>
    </Card>
  );
}
