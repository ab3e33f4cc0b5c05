import { freshKey, type Peer, post } from "../api";
import { Button, Deed } from "../design/button";
import { Icon } from "../design/icons";
import { useSpeech } from "../i18n";
import type { Me, MyOrder, Text } from "../model";
import { isOver } from "../orders";
import { Problem, UNREACHABLE } from "../problem";
import { LEAVING_WORDS as WORDS } from "./leaving-words";
import type { Receipt } from "./receipt";

interface Props {
  me: Me;
  orders: MyOrder[];
  peer: Peer;
  onBack(): void;
  onLeft(receipt: Receipt): void;
  /** They have left, and there is no receipt to show. */
  onGone(why: Text): void;
}

type Given = Omit<Receipt, "shopper">;

const TRIES = 6;
const WAIT_MS = 1000;

/** The answer is the only receipt: one that the network swallows is asked for again, by its key. */
async function leave(peer: Peer): Promise<Given> {
  const key = freshKey();
  for (let tries = 1; ; tries += 1) {
    try {
      return await post<Given>("/v1/me/leave", {}, peer, key);
    } catch (failure) {
      if (failure !== UNREACHABLE || tries === TRIES) throw failure;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS * tries));
    }
  }
}

/** The second step of leaving: what is destroyed, what stays, and the button. */
export function Leaving({ me, orders, peer, onBack, onLeft, onGone }: Props) {
  const { say } = useSpeech();
  const open = orders.filter((order) => !isOver(order.state));
  const go = async () => {
    try {
      onLeft({ ...(await leave(peer)), shopper: me.shopper });
    } catch (failure) {
      if (!(failure instanceof Problem) || failure.status !== 401) throw failure;
      onGone(WORDS.noReceipt); // they left before, and nobody has the key of that request any more
    }
  };
  return (
    <div class="leaving" data-testid="leaving">
      <h3>{say(WORDS.destroyedTitle)}</h3>
      <ul class="points">
        <li>{say(WORDS.destroyed1)}</li>
        <li>{say(WORDS.destroyed2)}</li>
        <li>{say(WORDS.destroyed3)}</li>
        <li>{say(WORDS.destroyed4)}</li>
      </ul>
      <h3>{say(WORDS.keptTitle)}</h3>
      <ul class="points">
        {open.map(({ order }) => (
          <li key={order} class="open-order">
            {say({
              ko: `주문 ${order}: 찾아가실 때까지 성함과 전화번호 뒷자리를 보관합니다. 픽업 패스는 더 보이지 않으니 직원에게 성함을 말씀해 주세요.`,
              en: `Order ${order}: your name and last digits, until you have collected it. Its pass is no longer shown: give staff your name.`,
            })}
          </li>
        ))}
        <li>{say(WORDS.keptCoupons)}</li>
        <li>{say(WORDS.keptReceipt)}</li>
      </ul>
      <p class="small soft">
        <Icon name="alert" size={16} /> {say(WORDS.offline)}
      </p>
      <Deed kind="danger" size="large" wide testid="leave-now" deed={go}>
        {say(WORDS.leave)}
      </Deed>
      <Button kind="quiet" wide onClick={onBack}>
        {say(WORDS.back)}
      </Button>
    </div>
  );
}
