/** The names of the agent’s live views. */
import type { DiskView, FactView, GatewayView, HandoverView, LanesView, LinkView } from "./log";
import type { Bank, IssuedCoupon, MirrorItem, MirrorState, OfferView, Order, StockLine } from "./orders";
import type { Beacon, RadioView } from "./radio";
import type { Me, MyCoupon, MyOrder } from "./shopper";
import type { FloorView, StoreView, ZoneSight } from "./store";

export interface ConsoleNames {
  link: LinkView;
  gateway: GatewayView;
  handover: HandoverView;
  disk: DiskView;
  store: StoreView;
  floor: FloorView;
  radio: RadioView;
  beacons: { beacons: Beacon[] };
  lanes: LanesView;
  facts: { facts: FactView[] };
  orders: { orders: Order[] };
  lockers: { banks: Bank[] };
  mirrors: { mirrors: MirrorState[] };
  coupons: { coupons: IssuedCoupon[] };
}

export interface ShopperNames {
  link: LinkView;
  /** What the zones of the person's own record are called. */
  store: Pick<StoreView, "id" | "name" | "zones">;
  /** Null when the store has forgotten this person. */
  me: Me | null;
  coupons: { coupons: MyCoupon[] };
  orders: { orders: MyOrder[] };
}

export interface StaffNames {
  link: LinkView;
  handover: HandoverView;
  disk: DiskView;
  store: Pick<StoreView, "id" | "name" | "zones">;
  zones: { zones: ZoneSight[] };
  /** Ids of beacons whose battery is to be changed. */
  batteries: { low: string[] };
  orders: { orders: Order[] };
  lockers: { banks: Bank[] };
  stock: { stock: StockLine[] };
}

export interface MirrorNames {
  link: LinkView;
  /** Only what an idle mirror says about where it hangs. */
  store: Pick<StoreView, "id" | "name">;
  mirror: {
    id: string;
    session: string | null;
    items: MirrorItem[];
    offer: OfferView | null;
  };
}
