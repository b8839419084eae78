// Where endpoints are, and how requests are shared among these places: one model for regions that clients come from, regions that
// fail over, and zones with a capacity. Written once for the gateway; `resolve-locality.ts` gives every backend its part.
import type { Origin } from './origin.ts';

/** So many of the last windows. */
export interface Quorum {
  readonly count: number;
  readonly of: number;
}

export interface GeoRegion {
  readonly name: string;
  /** Lower is used first where neither client nor latency decides. */
  readonly priority: number;
  /** Values of the client's field that mean this region, beside its name. */
  readonly clients: readonly string[];
}

/** The client's region picks. */
export interface GeoSettings {
  readonly origin: Origin;
  readonly regions: readonly GeoRegion[];
  /** What follows the client's region: the one measured nearest, or the priorities alone. */
  readonly fallback: 'nearest' | 'priority';
  /** A region slower than this is used only where no other is left. */
  readonly latencyThresholdMs?: number;
  /** Field that names the client's region; believed from `trusted_proxies` only. Lower case. */
  readonly header: string;
  /** Of clients that nobody speaks for; undefined = by priority. */
  readonly defaultRegion?: string;
}

export interface FailoverConditions {
  /** Part of the region's endpoints, by weight, that can take requests. */
  readonly healthBelow?: number;
  /** Mean time to first byte. */
  readonly responseTimeAboveMs?: number;
  /** Part of the attempts of one window that failed. */
  readonly errorRateAbove?: number;
}

/** A region that fails its conditions is left, for the next in order, and taken back when it keeps them again. */
export interface FailoverSettings {
  readonly origin: Origin;
  /** The primary one first. */
  readonly regions: readonly string[];
  readonly conditions: FailoverConditions;
  readonly windowMs: number;
  /** Windows in which a condition held, before the region is left. */
  readonly leaveAfter: Quorum;
  /** Good windows before it is taken back. */
  readonly returnAfter: Quorum;
  /** At least so long is it left; doubles each time it fails again within this after its return. */
  readonly holdDownMs: number;
  /** Attempts in a window before response time and error rate are judged. */
  readonly minRequests: number;
  /** After its return the region takes its load little by little. */
  readonly rampMs: number;
  readonly dns?: DnsFailover;
}

/** The answer that a DNS server may give for the regions; exported by the admin API. */
export interface DnsFailover {
  readonly ttlMs: number;
  /** Every region has an answer of its own, for clients there. */
  readonly geographic: boolean;
  /** Backends in these regions without a health check of their own get one that connects, at this interval. */
  readonly healthCheckIntervalMs?: number;
}

export interface ZoneShare {
  readonly name: string;
  /** Part of all capacity; undefined = by the weights of its endpoints. */
  readonly capacity?: number;
  /** Above it a zone gets less, in proportion. */
  readonly latencyTargetMs?: number;
}

export interface CrossZone {
  readonly enabled: boolean;
  /** What a request to another zone costs, of one that stays. */
  readonly penaltyFactor: number;
  /** At most this part of the requests leaves the gateway's own zone while that is healthy. */
  readonly maxRatio: number;
  /** The own zone is healthy while at least this part of it, by weight, is up. */
  readonly healthFloor: number;
}

/** Zones of a region, or of everything. */
export interface ZoneSettings {
  readonly origin: Origin;
  readonly zones: readonly ZoneShare[];
  /** The gateway's own; undefined = not known, then no zone is another. */
  readonly ownZone?: string;
  readonly crossZone: CrossZone;
}

export interface Locality {
  readonly geo?: GeoSettings;
  readonly failover?: FailoverSettings;
  readonly zones?: ZoneSettings;
}

/** A region as the endpoints of one backend are chosen by it. */
export interface RegionPlace {
  readonly name: string;
  readonly priority: number;
  /** Lower case; what of the client's field means it. */
  readonly clients: readonly string[];
}

export interface BackendRegions {
  /** The last one, without a name, is for endpoints of no listed region. */
  readonly places: readonly RegionPlace[];
  /** Undefined = the client's region plays no part. */
  readonly client?: { readonly header: string; readonly defaultRegion?: string };
  readonly fallback: 'nearest' | 'priority';
  readonly latencyThresholdMs?: number;
  readonly rampMs: number;
}

export interface BackendZones {
  /** The last one, without a name, is for endpoints of no listed zone. */
  readonly places: readonly ZoneShare[];
  readonly ownZone?: string;
  readonly crossZone: CrossZone;
}

/** Resolved for one backend. */
export interface BackendLocality {
  readonly regions?: BackendRegions;
  readonly zones?: BackendZones;
}
