import { useSpeech } from "../i18n";
import type { HubOrderState, OrderState } from "../model";
import { ORDER_STATES } from "../orders";

export function OrderStateBadge({ state }: { state: OrderState | HubOrderState }) {
  const { say } = useSpeech();
  const { tone, text } = ORDER_STATES[state];
  return (
    <span class={`badge ${tone}`} data-testid="order-state" data-state={state}>
      {say(text)}
    </span>
  );
}
