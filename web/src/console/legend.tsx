import { useSpeech } from "../i18n";
import type { StoreView, Text } from "../model";

interface Props {
  demo: boolean;
  beacons: StoreView["beacons"];
}

/** What the marks of the plan mean. */
export function FloorLegend({ demo, beacons }: Props) {
  const { say } = useSpeech();
  const marks: [string, Text, boolean][] = [
    ["truth", { ko: "실제 위치", en: "Where they are" }, demo],
    ["belief", { ko: "에이전트의 추정 (2/3가 원 안)", en: "Where the agent believes them (two in three: in the circle)" }, true],
    ["receiver", { ko: "수신기", en: "Receiver" }, true],
    ["reference", { ko: "기준 비콘", en: "Reference beacon" }, beacons.length > 0],
  ];
  return (
    <ul class="legend small soft">
      {marks
        .filter(([, , shown]) => shown)
        .map(([mark, text]) => (
          <li key={mark}>
            <span class={`sample ${mark}`} /> {say(text)}
          </li>
        ))}
    </ul>
  );
}
