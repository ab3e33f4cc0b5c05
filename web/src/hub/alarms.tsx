/** What looks wrong at a store and waits for a person: two machines with one identity, and such. */
import { remove } from "../api";
import { useNow } from "../clock";
import { Deed } from "../design/button";
import { Icon } from "../design/icons";
import { toast } from "../design/toasts";
import { duration, useSpeech } from "../i18n";
import type { Alarm, HubStore } from "../model";
import { titleCase } from "../names";
import { alarmText, CARE } from "./words-care";

function Sounding({ alarm }: { alarm: Alarm }) {
  const { say, number } = useSpeech();
  const now = useNow();
  const since = duration(now - Date.parse(alarm.since));
  const last = duration(now - Date.parse(alarm.last));
  const clear = async () => {
    await remove(`/v1/alarms/${encodeURIComponent(alarm.store)}/${encodeURIComponent(alarm.kind)}`);
    toast(CARE.cleared);
  };
  return (
    <li class="alarm" data-testid={`alarm-${alarm.store}-${alarm.kind}`}>
      <Icon name="alert" size={24} />
      <div>
        <p>
          <strong>{titleCase(alarm.store)}</strong> · {say(alarmText(alarm.kind))}
        </p>
        <p class="small detail">{alarm.detail}</p>
        <p class="small figures">
          {say({
            ko: `${number(alarm.times)}회 · ${since.ko} 전부터 · 마지막 ${last.ko} 전`,
            en: `seen ${number(alarm.times)} ${alarm.times === 1 ? "time" : "times"} · for ${since.en} · last ${last.en} ago`,
          })}
        </p>
      </div>
      <Deed testid="clear-alarm" deed={clear}>
        {say(CARE.seen)}
      </Deed>
    </li>
  );
}

export function Alarms({ stores }: { stores: readonly HubStore[] | undefined }) {
  const alarms = stores?.flatMap((store) => store.alarms) ?? [];
  return (
    <ul class="alarms" role="alert">
      {alarms.map((alarm) => (
        <Sounding key={`${alarm.store}/${alarm.kind}`} alarm={alarm} />
      ))}
    </ul>
  );
}
