/** Per lane of the fact log: what waits and since when, what comes in, what the cloud has, what was lost. */
import { useNow } from "../clock";
import { duration, useSpeech } from "../i18n";
import { laneText } from "../lanes";
import type { LaneView, Text } from "../model";
import { COLUMNS } from "./link-words";
import { useRates } from "./rates";

interface RowProps {
  lane: LaneView;
  /** The most that waits in any lane: its bar is full. */
  most: number;
  rate: number | null;
}

function Row({ lane, most, rate }: RowProps) {
  const { say, number, count } = useSpeech();
  const now = useNow();
  const rateText = (perSecond: number | null) => {
    if (perSecond === null) return "–";
    return perSecond > 0 && perSecond < 10 ? number(perSecond, 1) : count(Math.round(perSecond));
  };
  const oldest = lane.oldest === null ? null : duration(now - Date.parse(lane.oldest));
  const share = most > 0 ? lane.waiting / most : 0;
  return (
    <tr
      class="lane"
      data-testid={`lane-${lane.lane}`}
      data-waiting={lane.waiting}
      data-acknowledged={lane.acknowledged}
    >
      <th scope="row">
        <span class={`lane-dot ${lane.lane}`} />
        {say(laneText(lane.lane))}
        <span class="meter" aria-hidden="true">
          <span class={`fill ${lane.lane}`} style={{ transform: `scaleX(${share})` }} />
        </span>
      </th>
      <td class="waiting">{count(lane.waiting)}</td>
      <td>{oldest ? say(oldest) : "–"}</td>
      <td>{rateText(rate)}</td>
      <td title={number(lane.acknowledged)}>{count(lane.acknowledged)}</td>
    </tr>
  );
}

/** What a lane had to give up for want of room; it was told to the cloud as such. */
function Thinned({ lane }: { lane: LaneView }) {
  const { say, number } = useSpeech();
  const parts: Text[] = [];
  if (lane.rolled_up > 0) {
    const facts = number(lane.rolled_up);
    parts.push({ ko: `${facts}건을 합계로 줄임`, en: `${facts} kept as sums` });
  }
  if (lane.dropped > 0) {
    const facts = number(lane.dropped);
    parts.push({ ko: `${facts}건은 개수만 남음`, en: `${facts} dropped, counted` });
  }
  if (parts.length === 0) return null;
  return (
    <li data-testid={`thinned-${lane.lane}`}>
      <strong>{say(laneText(lane.lane))}</strong> {parts.map(say).join(", ")}
    </li>
  );
}

export function LanesTable({ lanes }: { lanes: readonly LaneView[] }) {
  const { say } = useSpeech();
  const rateOf = useRates(lanes);
  const most = Math.max(...lanes.map(({ waiting }) => waiting), 0);
  return (
    <>
      <table class="lanes figures">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">{say(COLUMNS.lane)}</span>
            </th>
            {[COLUMNS.waiting, COLUMNS.oldest, COLUMNS.rate, COLUMNS.acknowledged].map((column) => (
              <th key={column.en} scope="col">
                {say(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <Row key={lane.lane} lane={lane} most={most} rate={rateOf(lane)} />
          ))}
        </tbody>
      </table>
      <ul class="thinned small warn-words">
        {lanes.map((lane) => (
          <Thinned key={lane.lane} lane={lane} />
        ))}
      </ul>
    </>
  );
}
