/** The store's own beacons: the fixed ones as its receivers hear them, sensors, trolleys, batteries. */
import { Icon } from "../design/icons";
import { Badge, Card, Loading } from "../design/parts";
import { duration, type Speech, useSpeech } from "../i18n";
import { type Live, useLatest } from "../live";
import type { Beacon, BeaconRole, ConsoleNames, Text } from "../model";
import type { Names } from "../names";

const ROLES: Record<BeaconRole, Text> = {
  reference: { ko: "기준 비콘", en: "Reference" },
  sensor: { ko: "센서", en: "Sensor" },
  asset: { ko: "카트·비품", en: "Trolley or thing" },
  staff: { ko: "직원 배지", en: "Staff badge" },
};

/** In this order on the card. */
const ORDER = Object.keys(ROLES);

/** What is louder or weaker by this much, in dB, is worth a colour: the agent's own limit. */
const DRIFTED_DB = 6;

function Hearing({ heard }: { heard: Beacon["heard"][number] }) {
  const { say, number } = useSpeech();
  const drift = heard.usual === null ? null : heard.level - heard.usual;
  const drifted = drift !== null && Math.abs(drift) >= DRIFTED_DB;
  return (
    <li class={heard.silent ? "hearing silent" : drifted ? "hearing drifted" : "hearing"}>
      <span class="one-line">{heard.receiver}</span>
      <span class="figures">
        {heard.silent ? (
          say({ ko: "들리지 않음", en: "not heard" })
        ) : (
          <>
            {number(heard.level)} dBm
            {heard.usual !== null && drift !== 0 && (
              <span class="faint">
                {say({ ko: `, 평소 ${number(heard.usual)}`, en: `, usually ${number(heard.usual)}` })}
              </span>
            )}
          </>
        )}
      </span>
    </li>
  );
}

const HUMIDITY: Text = { ko: "습도", en: "humidity" };
const BATTERY: Text = { ko: "배터리", en: "battery" };

function readings(beacon: Beacon, { say, number }: Speech): string {
  const { temperature_c, humidity_percent, battery_v, battery_percent } = beacon;
  return [
    temperature_c !== null && `${number(temperature_c, 1)} °C`,
    humidity_percent !== null && `${say(HUMIDITY)} ${number(humidity_percent)} %`,
    battery_v !== null && `${say(BATTERY)} ${number(battery_v, 2)} V`,
    battery_percent !== null && `${say(BATTERY)} ${number(battery_percent)} %`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function Row({ beacon, names }: { beacon: Beacon; names: Names }) {
  const speech = useSpeech();
  const { say } = speech;
  const age = beacon.heard_s === null ? null : duration(beacon.heard_s * 1000);
  const zone = beacon.place?.zone;
  const says = readings(beacon, speech);
  return (
    <li data-testid={`beacon-${beacon.id}`} data-role={beacon.role} data-gone={beacon.gone}>
      <div class="receiver-row">
        <div class="receiver-words">
          <span class="name">{beacon.id}</span>
          <span class="small soft">
            {say(ROLES[beacon.role])}
            {zone != null && ` · ${say(names.zone(zone))}`}
            {says && <span class="figures"> · {says}</span>}
          </span>
        </div>
        {beacon.battery_low && (
          <Badge tone="warn" testid={`battery-${beacon.id}`}>
            {say({ ko: "배터리 교체", en: "Change its battery" })}
          </Badge>
        )}
        {beacon.gone ? (
          <Badge tone="bad" dot="pulse">
            {say({ ko: "어디서도 들리지 않음", en: "heard nowhere" })}
          </Badge>
        ) : (
          <span class="small soft figures">
            {age
              ? say({ ko: `${age.ko} 전`, en: `${age.en} ago` })
              : say({ ko: "아직 들리지 않음", en: "not heard yet" })}
          </span>
        )}
      </div>
      {beacon.heard.length > 0 && (
        <ul class="hearings small">
          {beacon.heard.map((heard) => (
            <Hearing key={heard.receiver} heard={heard} />
          ))}
        </ul>
      )}
    </li>
  );
}

export function BeaconsCard({ live, names }: { live: Live<ConsoleNames>; names: Names }) {
  const { say } = useSpeech();
  const beacons = useLatest(live, "beacons")?.beacons;
  if (beacons?.length === 0) return null;
  const shown = beacons?.toSorted((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  const tired = beacons?.filter((beacon) => beacon.battery_low).length ?? 0;
  return (
    <Card
      title={say({ ko: "매장 비콘", en: "The store’s own beacons" })}
      aside={
        tired > 0 && (
          <span class="warn-words small">
            <Icon name="alert" size={16} />{" "}
            {say({ ko: `배터리 ${tired}개 교체`, en: tired === 1 ? "1 battery to change" : `${tired} batteries to change` })}
          </span>
        )
      }
      testid="beacons"
    >
      <div class="card-body">
        {!shown && <Loading height="120px" />}
        <ul class="receivers">
          {shown?.map((beacon) => (
            <Row key={beacon.id} beacon={beacon} names={names} />
          ))}
        </ul>
      </div>
    </Card>
  );
}
