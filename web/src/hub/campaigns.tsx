import { remove } from "../api";
import { Deed } from "../design/button";
import { Card, Empty, Loading } from "../design/parts";
import { useSpeech } from "../i18n";
import type { Campaign } from "../model";
import { titleCase } from "../names";
import { WORDS } from "./words";

function CampaignRow({ campaign }: { campaign: Campaign }) {
  const { say, money, number, day } = useSpeech();
  const discount = money(campaign.discount, campaign.currency);
  return (
    <li class="order-row" data-testid="campaign" data-campaign={campaign.id}>
      <div class="order-words">
        <p>
          <strong>{say(campaign.title)}</strong>
        </p>
        <p class="small soft">
          {say({ ko: `${discount} 할인`, en: `${discount} off` })} · {titleCase(campaign.zone)} ·{" "}
          {say({ ko: `${day(campaign.ends)}까지`, en: `until ${day(campaign.ends)}` })}
        </p>
        <p class="small faint figures">
          {say({
            ko: `발급 ${number(campaign.offered)} · 사용 ${number(campaign.redeemed)}`,
            en: `${number(campaign.offered)} offered · ${number(campaign.redeemed)} redeemed`,
          })}
        </p>
      </div>
      <Deed
        kind="quiet"
        testid="withdraw-campaign"
        deed={() => remove(`/v1/campaigns/${encodeURIComponent(campaign.id)}`)}
      >
        {say(WORDS.withdraw)}
      </Deed>
    </li>
  );
}

export function Campaigns({ campaigns }: { campaigns: Campaign[] | undefined }) {
  const { say } = useSpeech();
  return (
    <Card title={say(WORDS.campaigns)}>
      <div class="card-body">
        {!campaigns && <Loading height="120px" />}
        {campaigns?.length === 0 && <Empty icon="ticket" title={say(WORDS.noCampaigns)} />}
        <ul class="rows">
          {campaigns?.map((campaign) => (
            <CampaignRow key={campaign.id} campaign={campaign} />
          ))}
        </ul>
      </div>
    </Card>
  );
}
