/** Gateways: whose certificate ends when, which claim waits to be spent, and revocation. */
import { useState } from "preact/hooks";
import { post } from "../api";
import { useNow } from "../clock";
import { Button, useAct } from "../design/button";
import { Icon } from "../design/icons";
import { Badge, Card, Empty, Field, Loading, type Tone } from "../design/parts";
import { Sheet } from "../design/sheet";
import { toast } from "../design/toasts";
import { duration, useSpeech } from "../i18n";
import type { Gateway, GatewayState, HubNames, Text } from "../model";
import { titleCase } from "../names";
import { ClaimForm } from "./claim-form";
import { CARE, GATEWAY_STATES } from "./words-care";

const TONES: Record<GatewayState, Tone> = {
  claimed: "info",
  active: "good",
  expired: "bad",
  revoked: "plain",
};

/** Certificates are renewed when 30 days are left: with fewer than these, a gateway has failed to for days. */
const OVERDUE_MS = 25 * 24 * 60 * 60 * 1000;

function isOverdue({ state, until }: Gateway, now: number): boolean {
  return state === "active" && until !== null && Date.parse(until) - now < OVERDUE_MS;
}

function useStanding(gateway: Gateway, now: number): Text[] {
  const { date } = useSpeech();
  const standing: Text[] = [];
  if (gateway.until !== null) {
    const left = Date.parse(gateway.until) - now;
    const day = date(gateway.until);
    standing.push(
      left > 0
        ? { ko: `인증서 ${day}까지`, en: `certificate until ${day}` }
        : { ko: `인증서가 ${day}에 끝남`, en: `certificate ended ${day}` },
    );
  }
  if (gateway.claim_until !== null) {
    const left = Date.parse(gateway.claim_until) - now;
    const time = duration(left);
    standing.push(
      left > 0
        ? { ko: `등록 코드 ${time.ko} 남음`, en: `its claim is good for ${time.en}` }
        : { ko: "등록 코드가 만료됨", en: "its claim has run out" },
    );
  }
  if (gateway.revoked_at !== null) {
    const day = date(gateway.revoked_at);
    standing.push({ ko: `${day} 폐기`, en: `revoked ${day}` });
  }
  return standing;
}

function Row({ gateway, onRevoke }: { gateway: Gateway; onRevoke(): void }) {
  const { say } = useSpeech();
  const now = useNow();
  const standing = useStanding(gateway, now);
  const overdue = isOverdue(gateway, now);
  return (
    <li class="order-row" data-testid={`gateway-${gateway.gateway}`} data-state={gateway.state}>
      <div class="order-words">
        <p>
          <strong>{gateway.gateway}</strong> <span class="soft">{titleCase(gateway.store)}</span>
        </p>
        {standing.length > 0 && <p class="small soft figures">{standing.map(say).join(" · ")}</p>}
        {gateway.reason !== null && <p class="small faint">{gateway.reason}</p>}
      </div>
      <Badge tone={overdue ? "warn" : TONES[gateway.state]}>
        {say(overdue ? CARE.overdue : GATEWAY_STATES[gateway.state])}
      </Badge>
      {gateway.state !== "revoked" && (
        <Button kind="quiet" testid="revoke-gateway" onClick={onRevoke}>
          {say(CARE.revoke)}
        </Button>
      )}
    </li>
  );
}

function RevokeForm({ gateway, onRevoked }: { gateway: string; onRevoked(): void }) {
  const { say } = useSpeech();
  const [reason, setReason] = useState("");
  const { busy, act } = useAct();
  const revoke = async () => {
    await post(`/v1/gateways/${encodeURIComponent(gateway)}/revoke`, { reason: reason.trim() });
    toast(CARE.revoked);
    onRevoked();
  };
  return (
    <form
      class="form"
      data-testid="revoke-form"
      onSubmit={(event) => {
        event.preventDefault();
        void act(revoke);
      }}
    >
      <p class="soft">{say(CARE.revokeHow)}</p>
      <Field label={say(CARE.reason)}>
        <input
          class="input"
          required
          maxLength={200}
          pattern=".*\S.*"
          placeholder={say(CARE.reasonHint)}
          value={reason}
          data-testid="revoke-reason"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <Button kind="danger" size="large" type="submit" busy={busy} testid="revoke-now">
        {say(CARE.revokeNow)}
      </Button>
    </form>
  );
}

type Open = "claim" | { revoke: string } | null;

export function Gateways(props: { known: HubNames["gateways"] | undefined; stores: string[] }) {
  const { say } = useSpeech();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { known } = props;
  return (
    <Card
      title={say(CARE.gateways)}
      testid="gateways"
      aside={
        known?.ca && (
          <Button testid="open-claim-form" onClick={() => setOpen("claim")}>
            <Icon name="plus" size={18} /> {say(CARE.makeClaim)}
          </Button>
        )
      }
    >
      <div class="card-body">
        {!known && <Loading height="80px" />}
        {known && !known.ca && (
          <Empty icon="lock" title={say(CARE.noCa)}>
            {say(CARE.noCaHow)}
          </Empty>
        )}
        {known?.ca && known.gateways.length === 0 && (
          <Empty icon="shield" title={say(CARE.noGateways)}>
            {say(CARE.noGatewaysHow)}
          </Empty>
        )}
        <ul class="rows">
          {known?.gateways.map((gateway) => (
            <Row
              key={gateway.gateway}
              gateway={gateway}
              onRevoke={() => setOpen({ revoke: gateway.gateway })}
            />
          ))}
        </ul>
      </div>
      {open === "claim" && (
        <Sheet title={say(CARE.makeClaim)} onClose={close}>
          <ClaimForm stores={props.stores} onDone={close} />
        </Sheet>
      )}
      {open !== null && open !== "claim" && (
        <Sheet title={`${say(CARE.revoke)}: ${open.revoke}`} onClose={close}>
          <RevokeForm gateway={open.revoke} onRevoked={close} />
        </Sheet>
      )}
    </Card>
  );
}
